//! (being written)
use crate::casework::{Error, House};
use crate::domain::actor::Role;
use crate::store::Db;
use std::sync::Arc;
pub struct Order {
    pub cases: usize,
    pub seed: u64,
    pub today: chrono::NaiveDate,
}
pub struct Person {
    pub role: Role,
    pub name: String,
    pub email: String,
    pub password: String,
}
pub fn demo_people() -> Vec<Person> {
    Role::ALL
        .iter()
        .map(|r| Person {
            role: *r,
            name: format!("Sample {}", r.label()),
            email: format!("{}@cdr.example", r.as_str()),
            password: "synthetic-words-only".into(),
        })
        .collect()
}
pub fn add_people(db: &Db, house: &Arc<House>) -> Result<bool, Error> {
    let ctx = crate::casework::Context::new(
        house,
        chrono::DateTime::UNIX_EPOCH,
        crate::domain::actor::Actor::operator(),
        "seed",
    );
    for p in demo_people() {
        let ctx = ctx.clone();
        let new = crate::casework::people::NewUser {
            email: p.email,
            name: p.name,
            role: p.role,
            organisation: None,
            password: p.password,
        };
        db.write(move |tx| crate::casework::people::add_user(tx, &ctx, &new).map(|_| ()))?;
    }
    Ok(true)
}
pub fn run(_: &Db, _: &Arc<House>, _: &Order) -> Result<String, Error> {
    Ok("nothing yet".into())
}

//! One synthetic account for each role, for the demonstration. Must not be used in a live installation: the
//! passwords are the same everywhere.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

use crate::casework::people::{NewUser, add_user};
use crate::casework::{Context, Error, House, Ids, factors};
use crate::domain::actor::{Actor, Role};
use crate::store::{Db, accounts};

/// An account of the demonstration.
#[derive(Debug, Clone)]
pub struct Person {
    pub role: Role,
    pub name: String,
    pub email: String,
    pub password: String,
}

/// One password for all, shown by the demonstration: long enough, and easy to type.
const PASSWORD: &str = "Synthetic-Walnut-Ferry-62";

/// One person for each role.
pub fn demo_people() -> Vec<Person> {
    Role::ALL
        .iter()
        .map(|role| Person {
            role: *role,
            name: format!("Sample {}", capitals(role.as_str())),
            email: format!("{}@cdr.example", role.as_str().replace('_', ".")),
            password: PASSWORD.to_owned(),
        })
        .collect()
}

/// The other members of the demonstration's panel: name, and the agency each speaks for.
pub const MEMBERS: [(&str, &str); 3] = [
    ("Sample Panel Doctor", "hospital_paeds"),
    ("Sample Panel Social Worker", "social_care"),
    ("Sample Panel Police Officer", "police"),
];

/// The accounts of the other members of the panel.
pub fn demo_members() -> Vec<Person> {
    MEMBERS
        .iter()
        .map(|(name, _)| Person {
            role: Role::PanelMember,
            name: (*name).to_owned(),
            email: member_email(name),
            password: PASSWORD.to_owned(),
        })
        .collect()
}

/// The address of a member of the panel.
pub fn member_email(name: &str) -> String {
    let words: Vec<String> = name.split(' ').skip(1).map(str::to_lowercase).collect();
    format!("{}@cdr.example", words.join("."))
}

/// `designated_doctor` as "Designated Doctor".
fn capitals(code: &str) -> String {
    code.split('_')
        .map(|word| {
            let mut letters = word.chars();
            letters.next().map_or_else(String::new, |first| {
                first.to_uppercase().chain(letters).collect()
            })
        })
        .collect::<Vec<_>>()
        .join(" ")
}

/// Adds the accounts that are not there yet; says whether all of them were new.
pub fn add_people(db: &Db, house: &Arc<House>) -> Result<bool, Error> {
    let people = demo_people().into_iter().chain(demo_members());
    let house = Arc::clone(house);
    db.write(move |tx| {
        let mut all_new = true;
        for (place, person) in people.enumerate() {
            if accounts::by_email(tx.conn(), &person.email)?.is_some() {
                all_new = false;
                continue;
            }
            let new = NewUser {
                email: person.email,
                name: person.name,
                role: person.role,
                organisation: None,
                password: person.password,
            };
            let ctx = context(&house, person.role, place);
            let shared = factors::demo_secret(&new.email);
            let id = add_user(tx, &ctx, &new)?;
            factors::give(tx, &ctx, &id, &shared, 0)?;
        }
        tx.unchanged();
        Ok(all_new)
    })
}

fn context(house: &Arc<House>, role: Role, place: usize) -> Context {
    let further = place >= Role::ALL.len();
    Context {
        ids: if further {
            Ids::sequence(u64::try_from(place).unwrap_or(0).wrapping_add(0xCE00))
        } else {
            ids_of(role)
        },
        ..Context::new(house, began(), Actor::operator(), "seed")
    }
}

/// When the accounts were made: before any case.
fn began() -> DateTime<Utc> {
    NaiveDate::from_ymd_opt(2020, 1, 6)
        .and_then(|day| day.and_hms_opt(9, 0, 0))
        .unwrap_or_default()
        .and_utc()
}

fn ids_of(role: Role) -> Ids {
    let place = Role::ALL.iter().position(|r| *r == role).unwrap_or(0);
    Ids::sequence(u64::try_from(place).unwrap_or(0).wrapping_add(0xCD12))
}

/// Who acts in a synthetic case: the same person whose account the demonstration has.
pub fn actor(role: Role) -> Actor {
    let id = ids_of(role).id(began());
    Actor::staff(
        &id,
        &format!("Sample {}", capitals(role.as_str())),
        role,
        None,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_for_each_role() {
        let people = demo_people();
        assert_eq!(people.len(), Role::ALL.len());
        assert!(people.iter().all(|p| p.email.ends_with("@cdr.example")));
        assert!(people.iter().all(|p| p.password.len() >= 15));
    }
}

//! The caseload as a whole.

use std::sync::Arc;
use std::time::Instant;

use chrono::NaiveDate;

use super::*;
use crate::casework::secrets::Secrets;
use crate::store::Target;

fn start(folder: &std::path::Path) -> (Db, Arc<House>) {
    let secrets = Secrets::random();
    let target = Target::Sqlite {
        path: folder.join("cdr.db"),
        key_hex: secrets.database_key(),
    };
    let mut house = House::load(secrets, "http://localhost", None).unwrap();
    house.live = false;
    (Db::start(&target).unwrap(), Arc::new(house))
}

fn order(cases: usize, seed: u64) -> Order {
    Order {
        cases,
        seed,
        today: NaiveDate::from_ymd_opt(2026, 7, 1).unwrap(),
    }
}

#[test]
fn a_caseload_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let (db, house) = start(folder.path());
    let began = Instant::now();
    let report = run(&db, &house, &order(30, 1)).unwrap();
    eprintln!("{report} in {:?}", began.elapsed());
    assert_eq!(report.cases, 30);
}

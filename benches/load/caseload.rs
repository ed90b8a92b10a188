//! Synthetic caseloads, made once by `cdr seed` and kept between runs; what is measured is a copy.

use std::path::Path;

use cdr::store::schema::cases;
use diesel::prelude::*;

use super::options::Options;
use super::service::Place;

/// Written when a caseload is whole.
const WHOLE: &str = "whole";

/// A copy of the caseload of this size, with an account that looks at pages.
pub fn copy(options: &Options, cases: usize) -> Place {
    let kept = kept(options, cases);
    let place = Place::fresh(&options.folder.join(format!("run-{cases}")));
    for file in ["cdr.db", "cdr.key"] {
        std::fs::copy(kept.join(file), place.folder().join(file)).unwrap();
    }
    place
}

fn kept(options: &Options, cases: usize) -> std::path::PathBuf {
    let folder = options.folder.join(format!("cases-{cases}"));
    if options.fresh || !folder.join(WHOLE).is_file() {
        println!("seeding {cases} cases");
        let place = Place::fresh(&folder);
        let (count, seed) = (cases.to_string(), "1");
        place.run(&["seed", "--cases", &count, "--seed", seed], "");
        place.add_coordinator();
        fold(&place);
        let made = references(&place).len();
        assert_eq!(made, cases, "cdr seed made another number of cases");
        std::fs::write(folder.join(WHOLE), "").unwrap();
    }
    folder
}

/// Folds the log into the database file, so that the file alone is the caseload.
fn fold(place: &Place) {
    drop(place.run(&["migrate"], ""));
    let log = place.folder().join("cdr.db-wal");
    assert!(
        std::fs::metadata(&log).map_or(0, |m| m.len()) == 0,
        "{} is not folded in",
        log.display()
    );
}

/// The references of all cases.
pub fn references(place: &Place) -> Vec<String> {
    cases::table
        .order(cases::id)
        .select(cases::reference)
        .load(place.conn().engine())
        .unwrap()
}

/// Takes a copy away.
pub fn done(place: &Place) {
    let folder: &Path = place.folder();
    drop(std::fs::remove_dir_all(folder));
}

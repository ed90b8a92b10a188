//! The real dictionaries, for tests.

use std::fs;
use std::path::Path;

use super::{Library, Surroundings};
use chrono::NaiveDate;

pub(super) const VERSION: &str = "2022-04-r1";

/// Every dictionary file as (name, text).
pub(super) fn files() -> Vec<(String, String)> {
    let here = Path::new(file!());
    // `file!()` is relative to the package when this is built as part of it.
    let roots = [
        Path::new(env!("CARGO_MANIFEST_DIR")).join(here),
        here.to_owned(),
    ];
    let source = roots.iter().find(|path| path.exists()).unwrap();
    let folder = source
        .ancestors()
        .nth(4)
        .unwrap()
        .join("fixtures/forms")
        .join(VERSION);
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (
                format!("{VERSION}/{name}"),
                fs::read_to_string(path).unwrap(),
            )
        })
        .collect();
    files.sort();
    files
}

pub(super) fn library() -> Library {
    let files = files();
    Library::load(
        files
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str())),
    )
    .unwrap()
}

pub(super) fn d(y: i32, m: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(y, m, day).unwrap()
}

/// Noon on 27 March 2026, with nothing on other forms.
pub(super) fn nowhere() -> Surroundings<'static> {
    Surroundings {
        today: d(2026, 3, 27),
        now: d(2026, 3, 27).and_hms_opt(12, 0, 0).unwrap(),
        elsewhere: &|_| None,
    }
}

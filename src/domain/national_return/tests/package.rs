//! The package itself: what is in it, that it streams, and what happens when it is cut off.

use std::cell::Cell;
use std::io::{Cursor, Write};
use std::rc::Rc;

use sha2::{Digest, Sha256};

use super::sample::{all, at, order};
use super::*;

#[test]
fn each_kind_holds_its_files() {
    for kind in Kind::ALL {
        let (summary, files) = write(&order(kind), &all());
        let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
        let mut expected: Vec<&str> = kind.files().iter().map(|file| file.name()).collect();
        expected.push("datapackage.json");
        assert_eq!(names, expected, "{kind:?}");
        assert_eq!(summary.files.len(), kind.files().len());
        assert_eq!(Kind::of(kind.code()), Some(kind));
    }
}

#[test]
fn the_same_state_gives_the_same_bytes_but_for_the_stamp() {
    let bytes = |stamp: &str| {
        let mut bytes = Vec::new();
        let order = Order {
            stamp: at(stamp),
            ..order(Kind::YearEnd)
        };
        exporter()
            .zip(&order, &mut Held(all()), &mut bytes)
            .unwrap();
        bytes
    };
    let first = bytes("2026-04-02T08:30:00Z");
    assert_eq!(first, bytes("2026-04-02T08:30:00Z"));
    let later = unpack(&bytes("2026-04-03T08:30:00Z"));
    for ((name, text), (_, held)) in unpack(&first).into_iter().zip(later) {
        if name == "datapackage.json" {
            let blank = |text: &str| {
                text.replace("20260402", "20260403")
                    .replace("04-02T", "04-03T")
            };
            assert_eq!(blank(&text).to_lowercase(), blank(&held).to_lowercase());
        } else {
            assert_eq!(text, held, "{name}");
        }
    }
}

#[test]
fn a_folder_holds_the_same_files() {
    let directory = tempfile::tempdir().unwrap();
    let order = order(Kind::YearEnd);
    let summary = exporter()
        .folder(&order, &mut Held(all()), directory.path())
        .unwrap();
    let (zipped, files) = write(&order, &all());
    assert_eq!(summary, zipped);
    for (name, text) in files {
        assert_eq!(
            fs::read_to_string(directory.path().join(&name)).unwrap(),
            text,
            "{name}"
        );
    }
}

#[test]
fn lines_end_as_the_standard_says_and_quotes_are_few() {
    let (_, files) = write(&order(Kind::YearEnd), &all());
    let text = file(&files, "case.csv");
    assert!(text.starts_with("case_id,cdop_code,") && text.ends_with("\r\n"));
    assert!(text.contains("\"1 Example Street, \"\"Old Mill\"\"\nMadeup Town\""));
    assert!(text.contains(",Testcase,Sample,"));
}

#[test]
fn the_manifest_sums_what_was_written() {
    let (summary, files) = write(&order(Kind::YearEnd), &all());
    for row in rows(&files, "manifest.csv") {
        let text = file(&files, &row["name"]);
        let sum = super::super::sheet::hex(&Sha256::digest(text));
        assert_eq!(row["sha256"], sum);
        assert_eq!(row["kind"], "identified");
        assert_eq!(row["period"], "2025-04-01/2026-03-31");
    }
    assert_eq!(summary.cases, 5);
}

#[test]
fn what_is_not_national_or_not_verified_stays_in() {
    let (_, files) = write(&order(Kind::YearEnd), &all());
    let fields: Vec<String> = rows(&files, "answer.csv")
        .into_iter()
        .map(|row| row["field_id"].clone())
        .collect();
    for (field, goes) in [
        ("usual_position", true),
        ("found_position", false),
        ("toxicology", false),
        ("attendees", false),
        ("notification_route", false),
        ("child_surname", true),
    ] {
        assert_eq!(fields.iter().any(|held| held == field), goes, "{field}");
    }
    assert!(
        rows(&files, "case.csv")
            .iter()
            .all(|row| row["gender_identity"].is_empty())
    );
}

#[test]
fn a_verified_field_goes_out() {
    let mut verified = Verified::default();
    let key = ("2022-04-r1", "sudden_unexpected_death", "found_position");
    verified
        .0
        .insert((key.0.to_owned(), key.1.to_owned(), key.2.to_owned()));
    let exporter = Exporter::new(&LIBRARY, &LAYOUT, &verified);
    let (_, files) = write_with(&exporter, &order(Kind::YearEnd), &all());
    let rows = rows(&files, "answer.csv");
    let row = rows
        .iter()
        .find(|row| row["field_id"] == "found_position")
        .unwrap();
    assert_eq!(
        (row["value_code"].as_str(), row["confidence_tag"].as_str()),
        ("prone", "inferred")
    );
}

#[test]
fn originals_go_only_when_asked_for() {
    let mut case = sample::neonatal();
    let mut own = case.agreed[1].clone();
    own.agency = Some("gp".to_owned());
    own.response_id = Some("response-1".to_owned());
    case.originals.push(own);
    let collated = |originals| {
        let order = Order {
            originals,
            ..order(Kind::Final)
        };
        let (_, files) = write(&order, std::slice::from_ref(&case));
        rows(&files, "answer.csv")
            .iter()
            .filter(|row| row["is_collated"] == "false")
            .count()
    };
    assert_eq!(collated(false), 0);
    assert_eq!(collated(true), 15);
}

/// Notes that something came out before the first case was asked for.
struct Watched {
    came: Rc<Cell<bool>>,
    asked: bool,
}

impl Source for Watched {
    fn each(
        &mut self,
        _: &Needs,
        _: &mut dyn FnMut(&ReturnCase) -> io::Result<()>,
    ) -> io::Result<()> {
        assert!(self.came.get(), "the first bytes wait for the first case");
        self.asked = true;
        Ok(())
    }
}

struct Noting(Rc<Cell<bool>>);

impl Write for Noting {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        self.0.set(true);
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn the_first_bytes_go_at_once() {
    let came = Rc::new(Cell::new(false));
    let mut source = Watched {
        came: Rc::clone(&came),
        asked: false,
    };
    exporter()
        .zip(&order(Kind::YearEnd), &mut source, Noting(came))
        .unwrap();
    assert!(source.asked);
}

/// Takes so many bytes, then the line goes dead.
struct Short<'b>(&'b mut Vec<u8>, usize);

impl Write for Short<'_> {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        if self.0.len() + piece.len() > self.1 {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        self.0.extend_from_slice(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_reader_who_goes_away_ends_the_export() {
    for room in [0, 40, 500, 3_000, 9_000] {
        let mut bytes = Vec::new();
        let written = exporter().zip(
            &order(Kind::YearEnd),
            &mut Held(all()),
            Short(&mut bytes, room),
        );
        assert_eq!(
            written.unwrap_err().kind(),
            io::ErrorKind::BrokenPipe,
            "{room}"
        );
        assert!(zip::ZipArchive::new(Cursor::new(bytes)).is_err());
    }
}

/// Fails in its third pass.
struct Failing(u32);

impl Source for Failing {
    fn each(
        &mut self,
        _: &Needs,
        _: &mut dyn FnMut(&ReturnCase) -> io::Result<()>,
    ) -> io::Result<()> {
        self.0 += 1;
        if self.0 == 3 {
            Err(io::Error::other("the store is gone"))
        } else {
            Ok(())
        }
    }
}

#[test]
fn a_store_that_fails_leaves_no_package_that_looks_whole() {
    let mut bytes = Vec::new();
    let written = exporter().zip(&order(Kind::YearEnd), &mut Failing(0), &mut bytes);
    assert_eq!(written.unwrap_err().to_string(), "the store is gone");
    assert!(zip::ZipArchive::new(Cursor::new(bytes)).is_err());
}

#[test]
fn the_description_names_every_column() {
    let (summary, files) = write(&order(Kind::YearEnd), &all());
    let package: serde_json::Value =
        serde_json::from_str(file(&files, "datapackage.json")).unwrap();
    let resources = package["resources"].as_array().unwrap();
    assert_eq!(resources.len(), summary.files.len());
    for (resource, part) in resources.iter().zip(&summary.files) {
        assert_eq!(resource["path"], part.file.name());
        let names: Vec<&str> = resource["schema"]["fields"]
            .as_array()
            .unwrap()
            .iter()
            .map(|field| field["name"].as_str().unwrap())
            .collect();
        let columns: Vec<&str> = LAYOUT
            .columns(part.file)
            .iter()
            .map(|column| column.name.as_str())
            .collect();
        assert_eq!(names, columns);
    }
}

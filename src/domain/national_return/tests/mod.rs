//! Tests of the return as a whole; small rules have theirs beside them.

mod extent;
mod golden;
mod layout;
mod package;
mod properties;
mod refusals;
mod sample;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use super::*;
use crate::domain::form::Library;

static LIBRARY: LazyLock<Library> = LazyLock::new(|| {
    let mut files = Vec::new();
    for version in fs::read_dir(fixtures("forms")).unwrap() {
        for file in fs::read_dir(version.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            let folder = path
                .parent()
                .unwrap()
                .file_name()
                .unwrap()
                .to_str()
                .unwrap();
            let name = path.file_name().unwrap().to_str().unwrap();
            files.push((format!("{folder}/{name}"), text));
        }
    }
    files.sort();
    Library::load(
        files
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str())),
    )
    .unwrap()
});

static LAYOUT: LazyLock<Layout> = LazyLock::new(|| Layout::shipped(&LIBRARY).unwrap());

fn fixtures(under: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(under)
}

fn exporter() -> Exporter<'static> {
    Exporter::new(&LIBRARY, &LAYOUT, &Verified::default())
}

/// Cases in memory.
struct Held(Vec<ReturnCase>);

impl Source for Held {
    fn each(
        &mut self,
        needs: &Needs,
        f: &mut dyn FnMut(&ReturnCase) -> io::Result<()>,
    ) -> io::Result<()> {
        for case in &self.0 {
            // Only what is asked for, so that a pass that says too little shows.
            let mut lean = case.clone();
            lean.agreed.retain(|record| needs.forms.wants(&record.form));
            if !needs.originals {
                lean.originals.clear();
            }
            if !needs.requests {
                lean.requests.clear();
            }
            if !needs.milestones {
                lean.milestones.clear();
            }
            f(&lean)?;
        }
        Ok(())
    }
}

/// The files of a package by name.
type Files = Vec<(String, String)>;

fn write(order: &Order, cases: &[ReturnCase]) -> (Summary, Files) {
    write_with(&exporter(), order, cases)
}

fn write_with(exporter: &Exporter, order: &Order, cases: &[ReturnCase]) -> (Summary, Files) {
    let mut bytes = Vec::new();
    let summary = exporter
        .zip(order, &mut Held(cases.to_vec()), &mut bytes)
        .unwrap();
    (summary, unpack(&bytes))
}

fn unpack(bytes: &[u8]) -> Files {
    let mut archive = zip::ZipArchive::new(io::Cursor::new(bytes)).unwrap();
    (0..archive.len())
        .map(|at| {
            let entry = archive.by_index(at).unwrap();
            (
                entry.name().unwrap().into_owned(),
                io::read_to_string(entry).unwrap(),
            )
        })
        .collect()
}

fn file<'f>(files: &'f Files, name: &str) -> &'f str {
    &files.iter().find(|(held, _)| held == name).unwrap().1
}

/// A file's rows as maps from column to value.
fn rows(files: &Files, name: &str) -> Vec<std::collections::BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(file(files, name).as_bytes());
    reader.deserialize().map(|row| row.unwrap()).collect()
}

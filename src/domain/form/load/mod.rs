//! Reads dictionary files and reports every fault in them at once.
//!
//! `table` splits a file into named cells, `codes` and `forms` read the two lists, `fields` one
//! form's questions, `cross` what can only be judged when all forms are there.

mod codes;
mod cross;
mod fault;
mod fields;
mod forms;
mod table;

use std::collections::BTreeMap;

use super::{Dictionary, Form, Library};
pub use fault::Fault;
use fault::Faults;

/// The files of one version: name without its folder, path as given, text.
type Files<'a> = Vec<(&'a str, &'a str, &'a str)>;

pub(super) fn library<'a>(
    files: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<Library, Vec<Fault>> {
    let mut versions: BTreeMap<&str, Files> = BTreeMap::new();
    for (path, text) in files {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let version = folder
            .rsplit_once('/')
            .map_or(folder, |(_, version)| version);
        if name.rsplit_once('.').is_some_and(|(_, end)| end == "csv") && !version.is_empty() {
            versions
                .entry(version)
                .or_default()
                .push((name, path, text));
        }
    }
    let mut faults = Faults::default();
    let mut loaded = BTreeMap::new();
    for (version, mut files) in versions {
        files.sort_unstable();
        loaded.insert(version.to_owned(), dictionary(version, &files, &mut faults));
    }
    let library = Library::of(loaded);
    if library.is_none() {
        faults.at("forms", 0, "", "there is no version of the forms here");
    }
    match library {
        Some(library) if faults.0.is_empty() => Ok(library),
        _ => Err(faults.0),
    }
}

fn dictionary(version: &str, files: &Files, faults: &mut Faults) -> Dictionary {
    let mut file = |wanted: &str| {
        let found = files.iter().find(|(name, ..)| *name == wanted).copied();
        if found.is_none() {
            faults.at(&format!("{version}/{wanted}"), 0, "", "the file is missing");
        }
        found
    };
    let (codes, forms) = (file("codes.csv"), file("forms.csv"));
    let lists = codes.map_or_else(Default::default, |(_, path, text)| {
        codes::read(path, text, faults)
    });
    let heads = forms.map_or_else(Vec::new, |(_, path, text)| forms::read(path, text, faults));
    let mut loaded = Vec::new();
    let mut lines = cross::Lines::default();
    for head in heads {
        let wanted = format!("{}.csv", head.code);
        let Some((_, path, text)) = files.iter().find(|(name, ..)| *name == wanted) else {
            let words = format!("there is no file {wanted} for this form");
            faults.at(&head.path, head.line, "form", words);
            continue;
        };
        let sections = fields::read(path, text, &lists, &mut lines, faults);
        loaded.push(Form::of(head.code, head.label, head.kind, sections));
    }
    for (name, path, _) in files {
        let code = name.trim_end_matches(".csv");
        let listed = loaded.iter().any(|form| form.code == code);
        if !listed && !matches!(*name, "codes.csv" | "forms.csv") {
            faults.at(path, 0, "", "forms.csv does not name this form");
        }
    }
    let dictionary = Dictionary::of(version.to_owned(), loaded, lists);
    cross::check(&dictionary, &lines, faults);
    dictionary
}

#[cfg(test)]
mod tests;

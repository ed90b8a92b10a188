//! Reads `codes.csv`: every code list of a version.

use std::collections::HashMap;

use super::fault::Faults;
use super::table;
use crate::domain::form::{Basis, Code};

const COLUMNS: [&str; 8] = [
    "list",
    "list_label",
    "order",
    "code",
    "label",
    "parent",
    "basis",
    "note",
];

pub(super) fn read(path: &str, text: &str, faults: &mut Faults) -> HashMap<String, Vec<Code>> {
    let mut lists: HashMap<String, Vec<(u32, Code)>> = HashMap::new();
    for line in table::lines(path, text, &COLUMNS, faults) {
        let list = line.filled("list", path, faults);
        let order = line.cell("order").parse().unwrap_or_else(|_| {
            faults.at(path, line.number, "order", "must be a whole number");
            0
        });
        let basis = basis(line.cell("basis")).unwrap_or_else(|| {
            let words = format!(
                "“{}” is none of seen, recalled, inferred, local",
                line.cell("basis")
            );
            faults.at(path, line.number, "basis", words);
            Basis::Inferred
        });
        let parent = line.cell("parent");
        let code = Code {
            code: line.filled("code", path, faults),
            label: line.filled("label", path, faults),
            parent: (!parent.is_empty()).then(|| parent.to_owned()),
            basis,
            note: line.cell("note").to_owned(),
        };
        let held = lists.entry(list).or_default();
        if held.iter().any(|(_, other)| other.code == code.code) {
            let words = format!("“{}” is in this list already", code.code);
            faults.at(path, line.number, "code", words);
            continue;
        }
        held.push((order, code));
    }
    let sorted = |(list, mut codes): (String, Vec<(u32, Code)>)| {
        codes.sort_by_key(|(order, _)| *order);
        (list, codes.into_iter().map(|(_, code)| code).collect())
    };
    lists.into_iter().map(sorted).collect()
}

/// Codes say more closely where they were seen ("seen on an old form"); a `local` code is our own.
fn basis(text: &str) -> Option<Basis> {
    match text.split_whitespace().next()? {
        "seen" => Some(Basis::Seen),
        "recalled" => Some(Basis::Recalled),
        "inferred" | "local" => Some(Basis::Inferred),
        _ => None,
    }
}

//! `person.csv`: the people around the child. Professionals are left out: that the national
//! database needs them is unproven, so the return keeps to the least.

use std::io;

use crate::domain::form::Answer;
use crate::domain::national_return::layout::{Column, ColumnKind, File, Place};
use crate::domain::national_return::sheet::Sheet;
use crate::domain::national_return::value;
use crate::domain::national_return::view::{RowView, View};

/// The tables that name people, in the order in which a role wins.
const TABLES: [(&str, &str, &str); 5] = [
    (
        "notification",
        "parental_responsibility",
        "parental_responsibility",
    ),
    ("notification", "household_members", "household"),
    ("notification", "other_children_affected", "other_child"),
    ("reporting", "parents_carers", "carer"),
    ("reporting", "siblings", "sibling"),
];

/// One person, with the row of each table that names them.
struct Person<'c> {
    role: &'static str,
    rows: Vec<(&'static str, RowView<'c>)>,
}

pub(in super::super) fn write(view: &View, sheet: &mut Sheet, cell: &mut String) -> io::Result<()> {
    for (at, person) in people(view).iter().enumerate() {
        for column in view.context.layout.columns(File::Person) {
            cell.clear();
            fill(view, person, at + 1, column, cell);
            if column.kind == ColumnKind::String && column.codes.is_none() {
                sheet.text(cell)?;
            } else {
                sheet.value(cell)?;
            }
        }
        sheet.end()?;
    }
    Ok(())
}

/// The people of the case; one whom two tables name by the same name is one person.
fn people<'c>(view: &View<'c>) -> Vec<Person<'c>> {
    let mut people: Vec<Person<'c>> = Vec::new();
    for (form, table, role) in TABLES {
        for row in view.rows(form, table).iter() {
            let known = people
                .iter_mut()
                .filter(|person| person.rows.iter().all(|(held, _)| *held != table))
                .find(|person| person.rows.iter().any(|(_, held)| is_same(held, &row)));
            match known {
                Some(person) => person.rows.push((table, row)),
                None => people.push(Person {
                    role,
                    rows: vec![(table, row)],
                }),
            }
        }
    }
    people
}

/// Same name, and neither the date of birth nor the relationship speaks against it.
fn is_same(one: &RowView, other: &RowView) -> bool {
    let born = one.day("date_of_birth").zip(other.day("date_of_birth"));
    let related = one.code("relationship").zip(other.code("relationship"));
    folded(one).is_some_and(|name| Some(name) == folded(other))
        && born.is_none_or(|(a, b)| a == b)
        && related.is_none_or(|(a, b)| a == b)
}

fn folded(row: &RowView) -> Option<String> {
    match row.get("name")? {
        Answer::Text(name) => Some(fold(name)).filter(|name| !name.is_empty()),
        _ => None,
    }
}

fn fold(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

fn fill(view: &View, person: &Person, number: usize, column: &Column, into: &mut String) {
    let mut not_known = None;
    for place in &column.places {
        match place {
            Place::Cell {
                table,
                column: name,
                ..
            } => {
                let mut rows = person.rows.iter().filter(|(held, _)| held == table);
                match rows.next().and_then(|(_, row)| row.get(name)) {
                    Some(answer) if answer.is_not_known() => not_known = not_known.or(Some(answer)),
                    Some(answer) => {
                        value::cell(answer, column, into);
                    }
                    None => {}
                }
            }
            Place::Fact(_) => view.fill(column, into),
            Place::Answer { .. } => {}
            Place::Own => own(view, person, number, &column.name, into),
        }
        if !into.is_empty() {
            return;
        }
    }
    if let Some(answer) = not_known {
        value::cell(answer, column, into);
    }
}

fn own(view: &View, person: &Person, number: usize, column: &str, into: &mut String) {
    match column {
        "person_no" => value::push(into, number),
        "role" => into.push_str(person.role),
        "lives_with_child"
            if person
                .rows
                .iter()
                .any(|(held, _)| *held == "household_members") =>
        {
            into.push_str("yes");
        }
        "address_same_as_child" => {
            if let Some(same) = is_address_same(view, person) {
                value::push(into, same);
            }
        }
        _ => {}
    }
}

/// Compares the address given with the child's, with or without its postcode.
fn is_address_same(view: &View, person: &Person) -> Option<bool> {
    let given = person
        .rows
        .iter()
        .find_map(|(_, row)| match row.get("address")? {
            Answer::Text(address) => Some(fold(address)),
            _ => None,
        })?;
    let part = |field| match view.answer("notification", field) {
        Some(Answer::Text(text)) => fold(text),
        _ => String::new(),
    };
    let (child, postcode) = (part("address_line_1"), part("postcode"));
    let said = matches!(
        given.as_str(),
        "same" | "sameaddress" | "aschild" | "sameaschild"
    );
    let alike = given == child || given == child.clone() + &postcode;
    (said || !child.is_empty()).then_some(said || alike)
}

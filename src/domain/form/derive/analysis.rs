//! What follows on the analysis form: categories (AN-4), sums over the factors.

use super::Follows;
use crate::domain::form::answer::Row;
use crate::domain::form::check::{Rule, carries};
use crate::domain::form::visible::Sight;
use crate::domain::form::{Answer, Dictionary, Field};

/// The lowest-numbered category.
pub(in crate::domain::form) fn lowest(ticked: &[String]) -> Option<&str> {
    ticked
        .iter()
        .map(String::as_str)
        .min_by_key(|code| code.parse::<u32>().unwrap_or(u32::MAX))
}

fn ticked(sight: &Sight) -> Vec<String> {
    match sight.value("categories_all").as_deref() {
        Some(Answer::Choices(codes)) => codes.clone(),
        _ => Vec::new(),
    }
}

pub(super) fn primary(sight: &Sight) -> Option<Answer> {
    sight.form.field("categories_all")?;
    lowest(&ticked(sight)).map(|code| Answer::Choice(code.to_owned()))
}

pub(super) fn secondary(sight: &Sight) -> Follows {
    let ticked = ticked(sight);
    let Some(primary) = lowest(&ticked) else {
        return Follows::Nothing;
    };
    let others: Vec<String> = ticked
        .iter()
        .filter(|code| *code != primary)
        .cloned()
        .collect();
    Follows::value_or_nothing((!others.is_empty()).then_some(Answer::Choices(others)))
}

/// The tables of contributory factors: those that AN-1 governs.
fn factor_tables<'a>(sight: &Sight<'a>) -> impl Iterator<Item = &'a Field> {
    sight
        .form
        .fields()
        .filter(|field| carries(field, Rule::An1))
}

fn influence(row: &Row) -> Option<i64> {
    match row.get("influence")? {
        Answer::Choice(code) => code.parse().ok(),
        _ => None,
    }
}

/// The highest influence in a domain. A domain said to have no factors counts 1, which is that
/// code's meaning ("no factor identified, or … unlikely to have contributed").
pub(super) fn summary(sight: &Sight, domain: &str) -> Follows {
    let rows = sight.answers.rows(&format!("factors_{domain}"));
    let none = sight.answers.boolean(&format!("no_factors_{domain}")) == Some(true);
    let highest = rows.iter().filter_map(influence).max();
    let highest = if rows.is_empty() && none {
        Some(1)
    } else {
        highest
    };
    Follows::value_or_nothing(highest.map(Answer::Integer))
}

/// How many factors have influence 2, once any domain has been answered.
pub(super) fn contributory(sight: &Sight) -> Follows {
    let mut answered = false;
    let mut contributing = 0;
    for table in factor_tables(sight) {
        let rows = sight.answers.rows(&table.id);
        answered |=
            !rows.is_empty() || sight.answers.boolean(&format!("no_{}", table.id)) == Some(true);
        contributing += rows.iter().filter(|row| influence(row) == Some(2)).count();
    }
    let count = i64::try_from(contributing).ok().filter(|_| answered);
    Follows::value_or_nothing(count.map(Answer::Integer))
}

/// Starts the list of modifiable factors with those marked so; from then on it is the panel's.
pub(super) fn modifiable_listed(dict: &Dictionary, sight: &Sight, list: &Field) -> Follows {
    if sight.answers.is_answered(&list.id) || list.column("factor_ref").is_none() {
        return Follows::Unsaid;
    }
    let rows: Vec<Row> = factor_tables(sight)
        .flat_map(|table| {
            sight
                .answers
                .rows(&table.id)
                .iter()
                .map(move |row| (table, row))
        })
        .filter(|(_, row)| row.get("modifiable") == Some(&Answer::Choice("yes".to_owned())))
        .filter_map(|(table, row)| reference(dict, table, row))
        .map(|name| Row::from([("factor_ref".to_owned(), Answer::Text(name))]))
        .collect();
    if rows.is_empty() {
        Follows::Unsaid
    } else {
        Follows::Value(Answer::Rows(rows))
    }
}

/// A factor's name: its code's label, or the start of its description.
fn reference(dict: &Dictionary, table: &Field, row: &Row) -> Option<String> {
    let list = table
        .column("factor_code")
        .and_then(|column| column.codes.as_deref());
    match (row.get("factor_code"), row.get("description")) {
        (Some(Answer::Choice(code)), _) => Some(dict.label(list?, code).unwrap_or(code).to_owned()),
        (_, Some(Answer::Text(text))) => Some(
            text.lines()
                .next()
                .unwrap_or_default()
                .chars()
                .take(200)
                .collect(),
        ),
        _ => None,
    }
}

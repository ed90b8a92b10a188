//! `factor.csv`: one row for every contributory factor, graded 0 to 2 (rule AN-1).

use std::io;

use crate::domain::form::Answer;
use crate::domain::national_return::sheet::Sheet;
use crate::domain::national_return::view::{RowView, View};

/// The four domains of the analysis form and their tables.
pub(in super::super) const DOMAINS: [(&str, &str); 4] = [
    ("a", "factors_a"),
    ("b", "factors_b"),
    ("c", "factors_c"),
    ("d", "factors_d"),
];

pub(in super::super) fn write(view: &View, sheet: &mut Sheet) -> io::Result<()> {
    let mut number = 0_u32;
    for (domain, table) in DOMAINS {
        for row in view.rows("analysis", table).iter() {
            number += 1;
            view.write_id(sheet)?;
            sheet.show(number)?;
            sheet.value(domain)?;
            write_factor(view, &row, sheet)?;
        }
    }
    Ok(())
}

fn write_factor(view: &View, row: &RowView, sheet: &mut Sheet) -> io::Result<()> {
    let (now, legacy) = influence(row);
    let told = row
        .text("description")
        .filter(|_| !view.context.order.is_pseudonymised());
    sheet.value(row.code("factor_code").unwrap_or_default())?;
    sheet.text(told.unwrap_or_default())?;
    sheet.value(now)?;
    sheet.value(row.code("modifiable").unwrap_or_default())?;
    sheet.value(legacy)?;
    sheet.end()
}

/// The grade on the scale 0 to 2, or else on the scale of an imported case.
fn influence<'c>(row: &RowView<'c>) -> (&'c str, &'c str) {
    match row.get("influence") {
        Some(Answer::Choice(code)) if matches!(code.as_str(), "1star" | "3") => ("", code),
        Some(Answer::Choice(code)) => (code, ""),
        Some(Answer::NotKnown) => ("not_known", ""),
        _ => ("", ""),
    }
}

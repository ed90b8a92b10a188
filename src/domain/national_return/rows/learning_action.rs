//! `learning_action.csv`: learning points, recommendations and actions of the analysis form.

use std::io;

use crate::domain::national_return::sheet::Sheet;
use crate::domain::national_return::view::{RowView, View};

/// A table of the analysis form and what its columns are called there.
struct Item {
    kind: &'static str,
    table: &'static str,
    text: &'static str,
    lead: &'static str,
}

const ITEMS: [Item; 3] = [
    Item {
        kind: "learning",
        table: "learning_points",
        text: "learning",
        lead: "",
    },
    Item {
        kind: "recommendation",
        table: "recommendations",
        text: "recommendation",
        lead: "for_agency",
    },
    Item {
        kind: "action",
        table: "actions",
        text: "action",
        lead: "lead_agency",
    },
];

pub(in super::super) fn write(view: &View, sheet: &mut Sheet) -> io::Result<()> {
    let share = view
        .code(&[("analysis", "national_learning")])
        .unwrap_or_default();
    let mut number = 0_u32;
    for item in &ITEMS {
        for row in view.rows("analysis", item.table).iter() {
            number += 1;
            sheet.value(&view.case.reference)?;
            sheet.show(number)?;
            write_item(item, &row, sheet)?;
            sheet.value(share)?;
            sheet.end()?;
        }
    }
    Ok(())
}

fn write_item(item: &Item, row: &RowView, sheet: &mut Sheet) -> io::Result<()> {
    sheet.value(item.kind)?;
    sheet.text(row.text(item.text).unwrap_or_default())?;
    sheet.value(row.code("theme").unwrap_or_default())?;
    sheet.value(row.code("level").unwrap_or_default())?;
    sheet.value(row.code(item.lead).unwrap_or_default())?;
    sheet.maybe(row.day("due_date"))?;
    sheet.value(row.code("status").unwrap_or_default())?;
    sheet.maybe(row.day("completed_date"))
}

//! `category.csv`: a row for every category of death that was ticked.

use std::io;

use crate::domain::form::Answer;
use crate::domain::national_return::layout::File;
use crate::domain::national_return::sheet::Sheet;
use crate::domain::national_return::view::View;

pub(in super::super) fn write(view: &View, sheet: &mut Sheet) -> io::Result<()> {
    let ticked = ticked(view);
    let primary = view
        .code(&[("analysis", "primary_category")])
        .or(ticked.first().copied());
    let sub_category = view.code(&[("analysis", "sub_category")]);
    for category in ticked {
        view.write_id(sheet)?;
        sheet.value(category)?;
        sheet.show(primary == Some(category))?;
        let below = sub_category.filter(|sub| parent(sub) == category);
        sheet.value(below.unwrap_or_default())?;
        sheet.end()?;
    }
    Ok(())
}

/// The categories in the list's order, so that the first is the primary one (rule AN-4).
fn ticked<'c>(view: &View<'c>) -> Vec<&'c str> {
    let mut held: Vec<&str> = Vec::new();
    for field in ["categories_all", "secondary_categories", "primary_category"] {
        match view.answer("analysis", field) {
            Some(Answer::Choices(codes)) => held.extend(codes.iter().map(String::as_str)),
            Some(Answer::Choice(code)) => held.push(code),
            _ => {}
        }
    }
    let column = view.context.layout.column(File::Category, "category");
    let order = |code: &str| {
        let values = column.map_or(&[][..], |column| &column.values);
        values
            .iter()
            .position(|value| value == code)
            .unwrap_or(usize::MAX)
    };
    held.sort_by_key(|code| order(code));
    held.dedup();
    held
}

/// The category a sub-category such as `10a` belongs to (rule AN-5).
fn parent(sub_category: &str) -> &str {
    sub_category.trim_end_matches(|c: char| c.is_ascii_lowercase())
}

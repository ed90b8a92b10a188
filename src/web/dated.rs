//! A date in three boxes on a page that is no form of the dictionary. Must not know what the date is for, nor how
//! people type dates (`domain::form` does).

use chrono::{Datelike, NaiveDate};
use serde_json::Value;

use crate::domain::form::{Problem, Severity, date_of_boxes};
use crate::web::Post;

/// A date's boxes as they were typed, or as a date fills them.
pub fn boxes(post: Option<&Post>, name: &str, held: Option<NaiveDate>) -> Value {
    let typed = |part: &str| post.map(|p| p.text(&format!("{name}-{part}")).to_owned());
    let whole = |of: fn(&NaiveDate) -> String| held.as_ref().map(of).unwrap_or_default();
    let any = ["day", "month", "year"]
        .iter()
        .any(|part| typed(part).is_some_and(|text| !text.trim().is_empty()));
    if any || (post.is_some() && held.is_none()) {
        return context! { day => typed("day"), month => typed("month"), year => typed("year") };
    }
    context! {
        day => whole(|d| d.day().to_string()), month => whole(|d| d.month().to_string()),
        year => whole(|d| d.year().to_string()),
    }
}

/// A date in three boxes, or in one piece with the year first.
pub fn day(post: &Post, name: &str, label: &str, problems: &mut Vec<Problem>) -> Option<NaiveDate> {
    let part = |part: &str| post.text(&format!("{name}-{part}")).trim().to_owned();
    let [day, month, year] = ["day", "month", "year"].map(part);
    let whole = post.text(name).trim();
    if day.is_empty() && month.is_empty() && year.is_empty() && whole.is_empty() {
        return None;
    }
    let read = if day.is_empty() && month.is_empty() && year.is_empty() {
        whole
            .parse()
            .map_err(|_| format!("{label} must be a date, for example 2026-03-27"))
    } else {
        date_of_boxes(label, &day, &month, &year)
    };
    match read {
        Ok(date) => Some(date),
        Err(message) => {
            problems.push(Problem {
                field: name.to_owned(),
                row: None,
                column: None,
                rule: "date".to_owned(),
                severity: Severity::Stop,
                message,
            });
            None
        }
    }
}

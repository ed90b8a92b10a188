//! `event.csv`: each event known of the death, and each supplementary form that was opened.

use std::io;

use crate::domain::form::Answer;
use crate::domain::national_return::case::FormRequest;
use crate::domain::national_return::order::Extent;
use crate::domain::national_return::sheet::Sheet;
use crate::domain::national_return::view::{EVENTS, View};

/// Forms every case has; asking for one is no event.
const ALWAYS: [&str; 4] = ["notification", "reporting", "cdrm_jar", "analysis"];

pub(in super::super) fn write(view: &View, sheet: &mut Sheet) -> io::Result<()> {
    let opened = || {
        let full = view.extent == Extent::Full;
        let forms = view.case.requests.iter().filter(move |_| full);
        forms.filter(|request| !ALWAYS.contains(&request.form.as_str()))
    };
    let events = events(view);
    for event in &events {
        let mut forms = opened()
            .filter(|request| request.incident.as_deref() == Some(event))
            .peekable();
        if forms.peek().is_none() {
            write_row(view, event, None, sheet)?;
        }
        forms.try_for_each(|request| write_row(view, event, Some(request), sheet))?;
    }
    // A form may be opened by something that is no event, such as where the child died.
    for request in opened() {
        let incident = request.incident.as_deref().unwrap_or_default();
        if !events.contains(&incident) {
            write_row(view, incident, Some(request), sheet)?;
        }
    }
    Ok(())
}

fn events<'c>(view: &View<'c>) -> Vec<&'c str> {
    match view.first(EVENTS) {
        Some(Answer::Choices(codes)) => codes.iter().map(String::as_str).collect(),
        Some(Answer::NotKnown) => vec!["not_known"],
        _ => Vec::new(),
    }
}

fn write_row(
    view: &View,
    event: &str,
    form: Option<&FormRequest>,
    sheet: &mut Sheet,
) -> io::Result<()> {
    sheet.value(&view.case.reference)?;
    sheet.value(event)?;
    let Some(form) = form else {
        (0..6).try_for_each(|_| sheet.blank())?;
        return sheet.end();
    };
    sheet.value(&form.form)?;
    sheet.value(form.status.code())?;
    sheet.text(form.agency.as_deref().unwrap_or_default())?;
    sheet.maybe(form.requested_on)?;
    sheet.maybe(form.returned_on)?;
    sheet.text(form.waive_reason.as_deref().unwrap_or_default())?;
    sheet.end()
}

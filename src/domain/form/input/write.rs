//! A stored answer as the inputs of a page show it: what a post of that page would carry.

use chrono::Timelike;

use crate::domain::form::{Answer, Field, parse};

/// Names and values, so that `read` of them gives the answer again. A time comes under its own
/// name and as hour and minute, for pages with one box and with two.
pub fn write(field: &Field, answer: &Answer) -> Vec<(String, String)> {
    let mut names = Vec::new();
    cell(&field.id, answer, &mut names);
    if let Answer::Rows(rows) = answer {
        for (number, row) in rows.iter().enumerate() {
            for column in &field.columns {
                if let Some(answer) = row.get(&column.id) {
                    cell(
                        &format!("{}-{number}-{}", field.id, column.id),
                        answer,
                        &mut names,
                    );
                }
            }
        }
    }
    names
}

fn cell(name: &str, answer: &Answer, names: &mut Vec<(String, String)>) {
    let mut put = |part: &str, value: String| {
        let name = if part.is_empty() {
            name.to_owned()
        } else {
            format!("{name}-{part}")
        };
        names.push((name, value));
    };
    match answer {
        Answer::Text(text) => put("", text.clone()),
        Answer::Choice(code) => put("", code.clone()),
        Answer::Choices(codes) => codes.iter().for_each(|code| put("", code.clone())),
        Answer::Boolean(yes) => put("", if *yes { "yes" } else { "no" }.to_owned()),
        Answer::Integer(number) => put("", number.to_string()),
        Answer::Decimal(number) => put("", number.to_string()),
        Answer::NotKnown => put("not_known", "yes".to_owned()),
        Answer::Date(date) => {
            for (part, value) in parse::boxes(*date) {
                put(part, value);
            }
        }
        Answer::DateTime(moment) => {
            for (part, value) in parse::boxes(moment.date()) {
                put(part, value);
            }
            put("hour", moment.hour().to_string());
            put("minute", format!("{:02}", moment.minute()));
        }
        Answer::Time(time) => {
            put("", time.format("%H:%M").to_string());
            put("hour", time.hour().to_string());
            put("minute", format!("{:02}", time.minute()));
        }
        Answer::Rows(_) => {}
    }
}

//! An answer as a person reads it.

use super::{Answer, Dictionary, Field, Kind, phrase};

/// "27 March 2026", "Yes", "Not known", a code's label, "3,200 g", "2 rows".
pub fn words(dict: &Dictionary, field: &Field, answer: &Answer) -> String {
    match answer {
        Answer::Text(text) => text.clone(),
        Answer::Date(date) => phrase::date(*date),
        Answer::DateTime(moment) => phrase::moment(*moment),
        Answer::Time(time) => phrase::time(*time),
        Answer::Boolean(yes) => if *yes { "Yes" } else { "No" }.to_owned(),
        Answer::Integer(_) | Answer::Decimal(_) => {
            phrase::measure(answer.number().unwrap_or_default(), field.unit.as_deref())
        }
        Answer::Choice(code) => code_words(dict, field, code),
        Answer::Choices(codes) => {
            let labels: Vec<String> = codes.iter().map(|c| code_words(dict, field, c)).collect();
            labels.join("; ")
        }
        Answer::Rows(rows) => phrase::count(rows.len(), "row"),
        Answer::NotKnown => "Not known".to_owned(),
    }
}

/// The code's label; the code itself when its list has lost it.
fn code_words(dict: &Dictionary, field: &Field, code: &str) -> String {
    if field.kind == Kind::YesNoUnknown {
        match code {
            "not_known" => return "Not known".to_owned(),
            "not_applicable" => return "Not applicable".to_owned(),
            _ => {}
        }
    }
    let list = field.codes.as_deref().unwrap_or_default();
    dict.label(list, code).unwrap_or(code).to_owned()
}

//! How complete answers are, over a year of deaths: by question and by agency, each figure opening its cases. Must not
//! show any answer.

use std::sync::Arc;

use actix_web::web;
use chrono::{Datelike, NaiveDate};
use serde::Deserialize;
use serde_json::Value;

use super::{App, Fault, Page, Visit};
use crate::casework::quality::{self, Counted};
use crate::casework::{Context, Error, gather};
use crate::domain::form::FormKind;
use crate::domain::quality::{Agency, Cases, Fared, Fault as Wrong};

type Data = web::Data<Arc<App>>;

/// Years that can be chosen, this one included.
const YEARS: i32 = 8;
/// The figures of a question: name in the address, and what is counted.
const WRONG: [(&str, Wrong); 3] = [
    ("missing", Wrong::Missing),
    ("not_known", Wrong::NotKnown),
    ("contradictory", Wrong::Contradictory),
];
/// The figures of an agency.
const FARED: [(&str, Fared); 7] = [
    ("asked", Fared::Asked),
    ("answered", Fared::Answered),
    ("late", Fared::Late),
    ("nil", Fared::Nil),
    ("not_known", Fared::NotKnown),
    ("contradictory", Fared::Contradictory),
    ("thin", Fared::Thin),
];

/// What is looked at: a year from April, and one figure of it.
#[derive(Deserialize, Default)]
pub struct Asked {
    #[serde(default)]
    year: String,
    #[serde(default)]
    question: String,
    #[serde(default)]
    agency: String,
    #[serde(default)]
    what: String,
}

/// The year in which a day lies, from April.
fn year_of(day: NaiveDate) -> i32 {
    if day.month() < 4 {
        day.year() - 1
    } else {
        day.year()
    }
}

fn span(year: i32) -> Option<(NaiveDate, NaiveDate)> {
    let from = NaiveDate::from_ymd_opt(year, 4, 1)?;
    let to = NaiveDate::from_ymd_opt(year + 1, 3, 31)?;
    Some((from, to))
}

/// The figures of a year; with the cases of one of them, when it was opened.
pub async fn page(app: Data, visit: Visit, query: web::Query<Asked>) -> Page {
    let asked = query.into_inner();
    let year = asked.year.clone();
    let (counted, year, now, ctx) = app
        .read(&visit, move |conn, ctx| {
            let now = year_of(ctx.today());
            let year = match year.as_str() {
                "" => now,
                text => text.parse().map_err(|_| Error::NotFound)?,
            };
            if !(now - YEARS < year && year <= now) {
                return Err(Error::NotFound);
            }
            let (from, to) = span(year).ok_or(Error::NotFound)?;
            let counted = quality::count(conn, ctx, from, to)?;
            ctx.note_page()?;
            Ok((counted, year, now, ctx.clone()))
        })
        .await?;
    let opened = opened(&counted, &ctx, &asked)?;
    let years: Vec<Value> = (0..YEARS)
        .map(|back| now - back)
        .map(|year| context! { value => year.to_string(), text => format!("April {year} to March {}", year + 1) })
        .collect();
    let page = context! {
        title => "Quality of answers", year => year.to_string(), years, cases => counted.cases, more => counted.more,
        most => quality::MOST, questions => questions(&counted, &ctx), agencies => agencies(&counted, &ctx), opened,
    };
    app.ok(&visit, "cases/quality.html", page)
}

/// A question in words: of the reporting form by itself, of another with the form's name.
fn label(ctx: &Context, (form, field): (&str, &str)) -> String {
    let found = ctx.house.dictionary().form(form);
    let Some((asked, label)) = found.and_then(|f| Some((f, f.field(field)?.label.clone()))) else {
        return field.to_owned();
    };
    if asked.kind == FormKind::Reporting {
        label
    } else {
        format!("{label} ({})", asked.label)
    }
}

fn questions(counted: &Counted, ctx: &Context) -> Vec<Value> {
    let worst = counted.quality.worst().into_iter();
    worst
        .map(|((form, field), question)| {
            let figures =
                WRONG.map(|(what, wrong)| context! { what, count => question.with(wrong) });
            context! { field => format!("{form}.{field}"), label => label(ctx, (form, field)), open => question.open.len(), figures }
        })
        .collect()
}

fn agencies(counted: &Counted, ctx: &Context) -> Vec<Value> {
    let row = |(code, fared): (&String, &Agency)| {
        let count = |one| fared.get(&one).map_or(0, Cases::len);
        let figures = FARED.map(|(what, one)| context! { what, count => count(one) });
        context! { code, label => gather::agency_label(ctx, code), figures }
    };
    counted.quality.agencies.iter().map(row).collect()
}

/// The cases behind one figure.
fn opened(counted: &Counted, ctx: &Context, asked: &Asked) -> Result<Option<Value>, Fault> {
    let there = || Fault::Work(Error::NotFound);
    let place = asked.question.split_once('.');
    let (name, cases) = if !asked.question.is_empty() {
        let (form, field) = place.ok_or_else(there)?;
        let at = (form.to_owned(), field.to_owned());
        let question = counted.quality.questions.get(&at);
        let wrong = WRONG.iter().find(|(what, _)| *what == asked.what);
        let (_, wrong) = wrong.ok_or_else(there)?;
        let cases = question.ok_or_else(there)?.faults.get(wrong);
        (label(ctx, (form, field)), cases.cloned())
    } else if !asked.agency.is_empty() {
        let agency = counted.quality.agencies.get(&asked.agency);
        let fared = FARED.iter().find(|(what, _)| *what == asked.what);
        let (_, fared) = fared.ok_or_else(there)?;
        let cases = agency.ok_or_else(there)?.get(fared);
        (gather::agency_label(ctx, &asked.agency), cases.cloned())
    } else {
        return Ok(None);
    };
    let to = place.map_or_else(
        || "requests".to_owned(),
        |(form, _)| format!("record/{form}"),
    );
    Ok(Some(context! {
        name, what => &asked.what, cases => cases.unwrap_or_default(), to,
    }))
}

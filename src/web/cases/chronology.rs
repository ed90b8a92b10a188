//! The timeline of a child's life and contacts, by agency and period, to read and on a page to print, which is noted. Must
//! not know where an entry comes from.

use std::collections::BTreeSet;
use std::sync::Arc;

use actix_web::web;
use serde::Deserialize;
use serde_json::Value;
use url::form_urlencoded;

use super::head::head;
use crate::casework::chronology::From;
use crate::casework::picture::Picture;
use crate::casework::{Context, Error, Outcome, access, chronology as work};
use crate::domain::chronology::{Entry, Period};
use crate::domain::permission::Verb;
use crate::store::Conn;
use crate::web::{App, Page, Visit};

type Data = web::Data<Arc<App>>;

/// How a chronology is to be handled, on each printed page.
const CLASSIFICATION: &str =
    "OFFICIAL – SENSITIVE. It tells who a child was. Do not copy or pass on.";

/// What is looked at.
#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    source: String,
    #[serde(default)]
    period: String,
}

/// `GET /cases/{reference}/chronology`.
pub async fn chronology(
    app: Data,
    visit: Visit,
    path: web::Path<String>,
    query: web::Query<Asked>,
) -> Page {
    show(&app, &visit, path, query, false).await
}

/// `GET /cases/{reference}/chronology/print`.
pub async fn print_chronology(
    app: Data,
    visit: Visit,
    path: web::Path<String>,
    query: web::Query<Asked>,
) -> Page {
    show(&app, &visit, path, query, true).await
}

async fn show(
    app: &Data,
    visit: &Visit,
    path: web::Path<String>,
    query: web::Query<Asked>,
    printed: bool,
) -> Page {
    let (reference, asked) = (path.into_inner(), query.into_inner());
    let page = app
        .read(visit, move |conn, ctx| {
            view(conn, ctx, &reference, &asked, printed)
        })
        .await?;
    let template = if printed {
        "cases/chronology-print.html"
    } else {
        "cases/chronology.html"
    };
    app.ok(visit, template, page)
}

/// The same lines at another address.
fn narrowed(path: &str, asked: &Asked) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("source", &asked.source);
    query.append_pair("period", &asked.period);
    format!("{path}?{}", query.finish())
}

/// Everybody who said something at an entry.
fn named(from: &From) -> impl Iterator<Item = &String> {
    from.who
        .iter()
        .chain(from.instead.iter().map(|(who, _)| who))
}

/// What an agency had said in the place of what stands there.
fn instead(now: &Entry, who: &str, was: &Entry) -> Value {
    context! {
        who, day => was.day.to_string(), time => was.time.map(|time| time.format("%H:%M").to_string()),
        what => (was.what != now.what).then_some(&was.what), gone => was == now,
    }
}

fn view(
    conn: &mut Conn,
    ctx: &Context,
    reference: &str,
    asked: &Asked,
    printed: bool,
) -> Outcome<Value> {
    let (case, facts) = access::reach(conn, ctx, reference, Verb::ReadCase)?;
    let known = Picture::shown(conn, ctx, &case, facts)?;
    let period = match asked.period.as_str() {
        "" => Period::All,
        text => Period::ALL
            .into_iter()
            .find(|period| period.as_str() == text)
            .ok_or(Error::NotFound)?,
    };
    let told = if printed {
        work::printed(conn, ctx, &case, &facts)?
    } else {
        work::told(conn, ctx, &case, &facts)?
    };
    let sources: BTreeSet<&String> = told.values().flat_map(named).collect();
    let rows: Vec<Value> = told
        .iter()
        .filter(|(entry, _)| period.holds(entry.day, case.date_of_death))
        .filter(|(_, from)| asked.source.is_empty() || named(from).any(|who| *who == asked.source))
        .map(|(entry, from)| {
            context! {
                day => entry.day.to_string(), time => entry.time.map(|time| time.format("%H:%M").to_string()),
                what => &entry.what, from => &from.who,
                instead => from.instead.iter().map(|(who, was)| instead(entry, who, was)).collect::<Vec<Value>>(),
            }
        })
        .collect();
    let periods = Period::ALL.map(|p| context! { value => p.as_str(), text => p.words() });
    let here = format!("/cases/{}/chronology", case.reference);
    Ok(context! {
        title => "Chronology", case => head(ctx, facts, &case, &known), rows, sources, periods,
        source => &asked.source, period => period.as_str(), period_words => period.words(), all => told.len(),
        print => narrowed(&format!("{here}/print"), asked), back => narrowed(&here, asked),
        classification => CLASSIFICATION, reader => ctx.actor.label(), printed_on => ctx.today().to_string(),
    })
}

//! Versions of an analysis that a chair signed, beside what stands there now. Must not know how one is signed.

use std::collections::BTreeMap;

use actix_web::web;
use serde_json::Value;

use super::Data;
use crate::casework::panels::{self as work, Version};
use crate::casework::picture::Picture;
use crate::casework::{Context, Error, access};
use crate::domain::form::{Answer, Dictionary, Field, Form, words};
use crate::domain::permission::Verb;
use crate::web::{Fault, Page, Visit, cases};

/// An answer in words; of a table each row on a line.
fn said(dict: &Dictionary, field: &Field, answer: &Answer) -> String {
    let Answer::Rows(rows) = answer else {
        return words(dict, field, answer);
    };
    let cells = |row: &BTreeMap<String, Answer>| -> String {
        let told = field.columns.iter().filter_map(|column| {
            let answer = row.get(&column.id).filter(|answer| !answer.is_blank())?;
            Some(format!("{}: {}", column.label, words(dict, column, answer)))
        });
        told.collect::<Vec<_>>().join("; ")
    };
    rows.iter().map(cells).collect::<Vec<_>>().join("\n")
}

/// A question in which the two differ, or that was answered.
fn line(ctx: &Context, version: &Version, field: &Field) -> Option<Value> {
    let dict = ctx.house.dictionary_of(&version.signed.form_version);
    let say = |answer: Option<&Answer>| answer.map(|answer| said(dict, field, answer));
    let (then, now) = (version.then.get(&field.id), version.now.get(&field.id));
    if then.is_none() && now.is_none() {
        return None;
    }
    Some(
        context! { label => &field.label, then => say(then), now => say(now), differs => then != now },
    )
}

fn lines(ctx: &Context, version: &Version) -> Vec<Value> {
    let dict = ctx.house.dictionary_of(&version.signed.form_version);
    let fields = dict.form("analysis").map(Form::fields);
    fields
        .into_iter()
        .flatten()
        .filter(|field| !work::is_mark(&field.id))
        .filter_map(|field| line(ctx, version, field))
        .collect()
}

fn head(ctx: &Context, version: &Version) -> Value {
    let lines = lines(ctx, version);
    let differs = |line: &&Value| line.get("differs").and_then(Value::as_bool) == Some(true);
    context! {
        number => version.signed.number, by => &version.signed.signed_by,
        on => version.signed.signed_at.date().to_string(), changed => lines.iter().filter(differs).count(),
    }
}

/// The signed versions of a case, for the page of its analysis, and whether what stands there is signed.
pub async fn versions(
    app: &Data,
    visit: &Visit,
    reference: &str,
) -> Result<(Vec<Value>, bool), Fault> {
    let reference = reference.to_owned();
    app.read(visit, move |conn, ctx| {
        let (case, _) = access::reach(conn, ctx, &reference, Verb::EditAnalysis)?;
        let all = work::versions(conn, ctx, &case)?;
        let all = all.iter().map(|version| head(ctx, version)).collect();
        Ok((all, work::is_signed(conn, ctx, &case)?))
    })
    .await
}

/// `GET /cases/{reference}/analysis/signed/{number}`.
pub async fn page(app: Data, visit: Visit, path: web::Path<(String, i32)>) -> Page {
    let (reference, number) = path.into_inner();
    let page = app
        .read(&visit, move |conn, ctx| {
            let (case, facts) = access::reach(conn, ctx, &reference, Verb::EditAnalysis)?;
            let known = Picture::shown(conn, ctx, &case, facts)?;
            let all = work::versions(conn, ctx, &case)?;
            let version = all.iter().find(|v| v.signed.number == number);
            let version = version.ok_or(Error::NotFound)?;
            Ok(context! {
                title => format!("Analysis, signed version {number}"), case => cases::head(ctx, facts, &case, &known),
                signed => head(ctx, version), lines => lines(ctx, version),
            })
        })
        .await?;
    app.ok(&visit, "panels/signed.html", page)
}

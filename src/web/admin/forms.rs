//! The forms as data: how many questions each has, how sure we are of them, and marking a question as checked
//! against the official form. Must not decide what may leave in the return.

use std::collections::BTreeMap;

use actix_web::web;
use chrono::NaiveDateTime;
use serde_json::Value;

use super::Data;
use crate::casework::forms::{self as work, Place};
use crate::casework::{Context, Error};
use crate::domain::form::{Basis, Dictionary, Field, Form, Identifies, Kind};
use crate::domain::permission::{Facts, Verb, may};
use crate::store::returns;
use crate::web::app::see_other;
use crate::web::{Fault, Page, Post, Visit, letter};

/// Every form of every version, the newest version first.
pub async fn forms(app: Data, visit: Visit) -> Page {
    let verified = app
        .read(&visit, |conn, ctx| {
            ctx.allow(Verb::SeeForms, &Facts::default())?;
            Ok(returns::verified(conn)?)
        })
        .await?;
    let count = |dict: &Dictionary, form: &Form| {
        let marked = verified
            .iter()
            .filter(|(v, f, _)| *v == dict.version && *f == form.code)
            .count();
        let all = questions(form);
        let of = |basis: Basis| all.iter().filter(|(_, f)| f.basis == basis).count();
        context! {
            label => &form.label, href => format!("/admin/forms/{}/{}", dict.version, form.code), fields => all.len(),
            seen => of(Basis::Seen), recalled => of(Basis::Recalled), inferred => of(Basis::Inferred), verified => marked,
        }
    };
    let mut versions: Vec<Value> = app
        .house
        .library
        .versions()
        .map(|dict| {
            let forms: Vec<Value> = dict.forms.iter().map(|form| count(dict, form)).collect();
            context! { version => &dict.version, forms, current => dict.version == app.house.dictionary().version }
        })
        .collect();
    versions.reverse();
    app.ok(
        &visit,
        "admin/forms.html",
        context! { title => "Forms", versions },
    )
}

/// Every question with its key; a table's columns stand after it as `table.column`.
fn questions(form: &Form) -> Vec<(String, &Field)> {
    let mut all = Vec::new();
    for field in form.fields() {
        all.push((field.id.clone(), field));
        let columns = field.columns.iter();
        all.extend(columns.map(|column| (format!("{}.{}", field.id, column.id), column)));
    }
    all
}

/// Who marked a question, and when.
type Marks = BTreeMap<String, (String, NaiveDateTime)>;

/// Every question of one form.
pub async fn form(app: Data, visit: Visit, path: web::Path<(String, String)>) -> Page {
    let (version, code) = path.into_inner();
    let (v, f) = (version.clone(), code.clone());
    let (marks, ctx) = app
        .read(&visit, move |conn, ctx| {
            ctx.allow(Verb::SeeForms, &Facts::default())?;
            let marks: Marks = returns::verifications(conn, &v, &f)?
                .into_iter()
                .map(|(field, by, at)| (field, (by, at)))
                .collect();
            Ok((marks, ctx.clone()))
        })
        .await?;
    let (dict, form) = work::find(&ctx, &version, &code)?;
    let sections: Vec<Value> = form
        .sections
        .iter()
        .map(|section| {
            let lines: Vec<Value> = questions(form)
                .iter()
                .filter(|(key, _)| {
                    let top = key.split('.').next().unwrap_or_default();
                    section.fields.iter().any(|held| held.id == top)
                })
                .map(|(key, field)| line(dict, key, field, &marks))
                .collect();
            context! { label => &section.label, lines }
        })
        .collect();
    let page = context! {
        title => &form.label, version => &version, sections, action => format!("/admin/forms/{version}/{code}"),
        may_verify => may(&ctx.actor, Verb::VerifyField, &Facts::default()),
    };
    app.ok(&visit, "admin/form.html", page)
}

fn line(dict: &Dictionary, key: &str, field: &Field, marks: &Marks) -> Value {
    let mark = marks.get(key);
    context! {
        key => key, anchor => key.replace('.', "-"), label => &field.label, column => key.contains('.'),
        kind => kind(field.kind), codes => field.codes.as_ref().map(|list| dict.codes(list).len()),
        basis => basis(field.basis), open => field.basis != Basis::Seen, identifies => identifies(field.identifies),
        national => field.national, required => field.required, note => &field.note, source => &field.source,
        by => mark.map(|(by, _)| by), at => mark.map(|(_, at)| letter::moment(*at)),
    }
}

fn kind(kind: Kind) -> String {
    match kind {
        Kind::DateTime => "date and time".to_owned(),
        Kind::YesNoUnknown => "yes, no or not known".to_owned(),
        other => other.name().replace('_', " "),
    }
}

fn basis(basis: Basis) -> &'static str {
    match basis {
        Basis::Seen => "Seen",
        Basis::Recalled => "Recalled",
        Basis::Inferred => "Inferred",
    }
}

fn identifies(identifies: Identifies) -> &'static str {
    match identifies {
        Identifies::Direct => "Directly",
        Identifies::Indirect => "Indirectly",
        Identifies::FreeText => "Free text",
        Identifies::None => "No",
    }
}

/// Marks a question as checked, or takes the mark back.
pub async fn verify(
    app: Data,
    visit: Visit,
    path: web::Path<(String, String)>,
    post: Post,
) -> Page {
    let (version, form) = path.into_inner();
    let place = Place {
        version: version.clone(),
        form: form.clone(),
        field: post.text("field").to_owned(),
    };
    let back = format!(
        "/admin/forms/{version}/{form}#{}",
        place.field.replace('.', "-")
    );
    let unmark = match post.text("action") {
        "verify" => false,
        "unverify" => true,
        _ => return Err(Fault::Unreadable),
    };
    app.write(&visit, move |tx, ctx: &Context| -> Result<(), Error> {
        if unmark {
            work::unverify(tx, ctx, &place)
        } else {
            work::verify(tx, ctx, &place)
        }
    })
    .await?;
    Ok(see_other(&back))
}

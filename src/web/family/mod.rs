//! The family's part of a case on one page: the key worker, each parent or carer, their questions, others affected, and
//! every contact. Must not know who may see what of it.

mod edit;
mod outcome;

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web;
use chrono::NaiveDate;
use serde_json::Value;

pub use edit::{page, save};
pub use outcome::outcome;

use crate::casework::family::{self as work, Entry};
use crate::casework::picture::Picture;
use crate::casework::{Context, Outcome, access, closing};
use crate::domain::family::{Asked, Kind, Part, Safe, fields, is_about, is_kept_apart, is_over};
use crate::domain::form::{Problem, words};
use crate::domain::permission::{Facts, Verb, may};
use crate::store::Conn;
use crate::store::cases::Case;
use crate::web::said::said;
use crate::web::{App, Page, Post, Visit, cases, dated};

type Data = web::Data<Arc<App>>;

/// Questions of the national form that this part of a case speaks to: form and field.
const NATIONAL: &[(&str, &str)] = &[
    ("notification", "family_key_worker_name"),
    ("notification", "family_leaflet_given"),
    ("notification", "other_children_affected"),
    ("cdrm_jar", "family_invited_questions"),
    ("cdrm_jar", "bereavement_referral"),
    ("analysis", "bereavement_support"),
    ("analysis", "family_informed"),
];

/// `GET /cases/{reference}/family`.
pub async fn family(app: Data, visit: Visit, path: web::Path<String>) -> Page {
    show(&app, &visit, path.into_inner(), Typed::default()).await
}

/// What was typed of the outcome, and what is wrong with it.
#[derive(Clone, Default)]
struct Typed {
    post: Option<Post>,
    problems: Vec<Problem>,
    refused: Option<String>,
    status: StatusCode,
}

async fn show(app: &Data, visit: &Visit, reference: String, typed: Typed) -> Page {
    let status = typed.status;
    let page = app
        .read(visit, move |conn, ctx| view(conn, ctx, &reference, &typed))
        .await?;
    app.page(visit, status, "family/family.html", page)
}

/// Whether the family was told what came of the review, and the form on which it is recorded.
fn told(conn: &mut Conn, case: &Case, typed: &Typed) -> Outcome<Value> {
    let decided = case.state.parse().is_ok_and(closing::has_outcome);
    let sentence = closing::outcome_told(conn, case)?;
    let (errors, at) = said(&typed.problems);
    let post = typed.post.as_ref();
    Ok(context! {
        decided, sentence, errors, at, refused => &typed.refused,
        told => post.map(|post| post.text("told")), boxes => dated::boxes(post, "told_on", None),
    })
}

fn view(conn: &mut Conn, ctx: &Context, reference: &str, typed: &Typed) -> Outcome<Value> {
    let (case, facts) = access::reach(conn, ctx, reference, Verb::ReadFamily)?;
    let known = picture(conn, ctx, facts, &case)?;
    let entries = work::of_case(conn, ctx, &case)?;
    let names = work::names(&entries);
    let base = format!("/cases/{}/family", case.reference);
    let parts: Vec<Value> = Part::ALL
        .iter()
        .map(|part| {
            let own = entries.iter().filter(|e| e.part == *part);
            let rows: Vec<Value> = own.map(|e| described(ctx, e, &names, &base)).collect();
            context! {
                code => part.as_str(), heading => heading(*part), none => none(*part), add => add(*part), rows,
                href => format!("{base}/{}/new", part.as_str()), changes => part.can_change(),
            }
        })
        .collect();
    let of_others = entries.iter().filter(|e| e.part == Part::Others);
    let lines: Vec<&String> = of_others.filter_map(|e| e.said.get("name")).collect();
    let mut unrecorded: Vec<String> = Vec::new();
    for name in work::children_named(&known).into_iter().flatten() {
        let there = |other: &String| is_about(other, &name);
        let recorded = lines.iter().any(|line| there(line)) || unrecorded.iter().any(there);
        if !name.is_empty() && !recorded {
            unrecorded.push(name);
        }
    }
    let worker = entries
        .iter()
        .any(|e| e.part == Part::KeyWorker && !is_over(&e.state));
    let said_of = work::key_worker_named(&known).filter(|_| !worker);
    let quiet = work::quiet_on(&entries, ctx.today());
    let apart = entries
        .iter()
        .any(|e| e.part == Part::People && is_kept_apart(&e.said));
    Ok(context! {
        quiet => (!quiet.is_empty()).then(|| quiet.join(" and ")),
        title => "Family", case => cases::head(ctx, facts, &case, &known), parts, apart, unrecorded, named => said_of, national => national(ctx, facts, &case, &known),
        outcome => told(conn, &case, typed)?,
    })
}

/// The record, for who reads it; nothing of it for who does not.
fn picture(conn: &mut Conn, ctx: &Context, facts: Facts, case: &Case) -> Outcome<Picture> {
    if may(&ctx.actor, Verb::ReadCase, &facts) {
        Picture::shown(conn, ctx, case, facts)
    } else {
        Ok(Picture::default())
    }
}

/// One line as the page shows it.
fn described(ctx: &Context, entry: &Entry, names: &BTreeMap<String, String>, base: &str) -> Value {
    let said = |name: &str| entry.said.get(name).map(String::as_str);
    let title = match entry.part {
        Part::Questions => said("words").unwrap_or("A question").to_owned(),
        Part::Contacts => said("day").map_or_else(String::new, day),
        part => said("name").unwrap_or(part.label()).to_owned(),
    };
    let lines: Vec<Value> = fields(entry.part)
        .iter()
        .filter(|field| !matches!(field.name, "name" | "words" | "day"))
        .filter_map(|field| {
            let value = value(ctx, field.kind, said(field.name)?, names);
            Some(context! { label => field.label, value })
        })
        .collect();
    let (state, colour) = tag(entry);
    context! {
        id => &entry.id, title, lines, state, colour, by => &entry.saved_by, apart => is_kept_apart(&entry.said),
        href => format!("{base}/{}/{}", entry.part.as_str(), entry.id),
    }
}

/// An answer in words.
fn value(ctx: &Context, kind: Kind, said: &str, names: &BTreeMap<String, String>) -> String {
    match kind {
        Kind::Line | Kind::Lines | Kind::Days => said.to_owned(),
        Kind::Day => day(said),
        Kind::One(codes) => {
            let found = codes.iter().find(|(code, _)| *code == said);
            found.map_or(said, |(_, label)| label).to_owned()
        }
        Kind::Relation => {
            let dict = ctx.house.dictionary();
            dict.label("relationship", said).unwrap_or(said).to_owned()
        }
        Kind::Person => names
            .get(said)
            .cloned()
            .unwrap_or_else(|| "Not recorded any more".to_owned()),
    }
}

fn day(text: &str) -> String {
    text.parse::<NaiveDate>().map_or_else(
        |_| text.to_owned(),
        |day| day.format("%-d %B %Y").to_string(),
    )
}

/// How far a line is, where that is counted.
fn tag(entry: &Entry) -> (Option<&'static str>, &'static str) {
    match entry.part {
        Part::Others => match entry.state.parse() {
            Ok(Safe::Yes) => (Some("Safe"), "govuk-tag--green"),
            Ok(Safe::Referred) => (Some("Not safe: referred"), "govuk-tag--orange"),
            Ok(Safe::NotKnown) => (Some("Safe? Not known"), "govuk-tag--red"),
            _ => (Some("Safe? Not answered"), "govuk-tag--red"),
        },
        Part::Questions => match entry.state.parse::<Asked>() {
            Ok(state) if state.is_settled() => (Some(state.label()), "govuk-tag--green"),
            Ok(state) => (Some(state.label()), "govuk-tag--yellow"),
            Err(_) => (None, ""),
        },
        Part::KeyWorker => match entry.state.as_str() {
            "accepted" => (Some("Accepted"), "govuk-tag--green"),
            "ended" => (Some("Ended"), "govuk-tag--grey"),
            "declined" => (Some("Did not accept"), "govuk-tag--red"),
            _ => (Some("Named, not accepted yet"), "govuk-tag--yellow"),
        },
        Part::People | Part::Contacts => (None, ""),
    }
}

const fn heading(part: Part) -> &'static str {
    match part {
        Part::People => "Parents and carers",
        Part::Others => "Siblings and others affected",
        Part::Questions => "Their questions",
        Part::Contacts => "Contacts",
        Part::KeyWorker => "Key worker",
    }
}

const fn none(part: Part) -> &'static str {
    match part {
        Part::People => "No parent or carer is recorded.",
        Part::Others => "Nobody else affected is recorded.",
        Part::Questions => "No question is recorded.",
        Part::Contacts => "No contact is logged.",
        Part::KeyWorker => "No key worker is named.",
    }
}

const fn add(part: Part) -> &'static str {
    match part {
        Part::People => "Add a parent or carer",
        Part::Others => "Add somebody else affected",
        Part::Questions => "Add a question",
        Part::Contacts => "Log a contact",
        Part::KeyWorker => "Name a key worker",
    }
}

/// What the forms say of the same, for who reads them.
fn national(ctx: &Context, facts: Facts, case: &Case, known: &Picture) -> Vec<Value> {
    if !may(&ctx.actor, Verb::ReadCase, &facts) {
        return Vec::new();
    }
    let base = format!("/cases/{}", case.reference);
    let dict = ctx.house.dictionary();
    NATIONAL
        .iter()
        .filter_map(|(form, id)| {
            let field = dict.form(form)?.field(id)?;
            let said = known.answers(form).and_then(|a| a.get(id));
            let value = said.map(|answer| words(dict, field, answer));
            let href = cases::question_at(ctx, facts, &base, form, id);
            Some(context! { label => &field.label, value, href })
        })
        .collect()
}

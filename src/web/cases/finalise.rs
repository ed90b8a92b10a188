//! Finalising a case: everything that is missing, each with a link to its place, and the button once nothing
//! is. Must not know the rules.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web;
use serde_json::Value;

use super::head::head;
use super::page::question_at;
use crate::casework::picture::Picture;
use crate::casework::{Context, Error, Outcome, access, family, panels, processes, review};
use crate::domain::case::{Move, State};
use crate::domain::finalise::{Missing, Place, can_finalise};
use crate::domain::form::{Problem, Severity};
use crate::domain::permission::{Facts, Verb, may};
use crate::store::Conn;
use crate::store::cases::Case;
use crate::web::app::see_other;
use crate::web::question::error_summary;
use crate::web::{App, Fault, Page, Post, Visit};

type Data = web::Data<Arc<App>>;

/// `GET /cases/{reference}/finalise`.
pub async fn finalise_page(app: Data, visit: Visit, path: web::Path<String>) -> Page {
    show(&app, &visit, &path, StatusCode::OK, None).await
}

async fn show(
    app: &Data,
    visit: &Visit,
    reference: &str,
    status: StatusCode,
    refused: Option<String>,
) -> Page {
    let reference = reference.to_owned();
    let page = app
        .read(visit, move |conn, ctx| view(conn, ctx, &reference, refused))
        .await?;
    app.page(visit, status, "cases/finalise.html", page)
}

fn view(
    conn: &mut Conn,
    ctx: &Context,
    reference: &str,
    refused: Option<String>,
) -> Outcome<Value> {
    let (case, facts) = access::reach(conn, ctx, reference, Verb::ReadCase)?;
    let known = Picture::shown(conn, ctx, &case, facts)?;
    let state = case.state.parse::<State>().ok();
    let open = state.is_some_and(State::is_open);
    let missing = if open {
        review::missing(conn, ctx, &case)?
    } else {
        Vec::new()
    };
    let groups = groups(ctx, facts, &case, &missing);
    let stops = missing
        .iter()
        .filter(|m| m.severity == Severity::Stop)
        .count();
    // Finalising records the panel's review on the way when nobody did.
    let from_here = state.is_some_and(|s| {
        s.moves()
            .iter()
            .any(|m| matches!(m, Move::Finalise | Move::RecordComplete))
    });
    let errors = refused.map(|why| {
        if stops == 0 {
            return vec![context! { text => why, href => "#finalise" }];
        }
        let stop = |m: &&Missing| m.severity == Severity::Stop;
        missing
            .iter()
            .filter(stop)
            .map(|m| item(ctx, facts, &case, m))
            .collect()
    });
    let unsigned = open && !panels::is_signed(conn, ctx, &case)?;
    Ok(context! {
        unsigned, title => "Finalise", case => head(ctx, facts, &case, &known), open, groups, stops, from_here, errors,
        warnings => missing.len() - stops, ready => can_finalise(&missing) && from_here,
        finalised => case.finalised_at.map(|t| t.and_utc().to_rfc3339()), version => case.return_version,
        questions => family::open_questions(conn, &case)?, held => processes::held(conn, &case.id)?.words(),
    })
}

/// What is missing, form by form in the order of the rules.
fn groups(ctx: &Context, facts: Facts, case: &Case, missing: &[Missing]) -> Vec<Value> {
    let mut forms: Vec<&str> = Vec::new();
    for m in missing {
        if !forms.contains(&m.form.as_str()) {
            forms.push(&m.form);
        }
    }
    let of = |form: &str, severity: Severity| -> Vec<Value> {
        let here = missing
            .iter()
            .filter(|m| m.form == form && m.severity == severity);
        here.map(|m| item(ctx, facts, case, m)).collect()
    };
    forms
        .into_iter()
        .map(|form| {
            let label = ctx.house.dictionary().form(form).map_or("The case", |f| f.label.as_str());
            context! { form, label, stops => of(form, Severity::Stop), warnings => of(form, Severity::Warn) }
        })
        .collect()
}

fn item(ctx: &Context, facts: Facts, case: &Case, missing: &Missing) -> Value {
    // A rule has a name such as AN-2; a form's own check has none that says anything to a reader.
    let named = missing.rule.starts_with(|c: char| c.is_ascii_uppercase());
    let rule = named.then_some(&missing.rule);
    context! { text => &missing.message, rule, href => place(ctx, facts, case, missing) }
}

/// The address at which something is put right.
fn place(ctx: &Context, facts: Facts, case: &Case, missing: &Missing) -> Option<String> {
    let base = format!("/cases/{}", case.reference);
    match &missing.place {
        Place::Question { form, field, .. } => {
            let address = question_at(ctx, facts, &base, form, field)?;
            let anchor = anchor(ctx, form, field, missing).filter(|_| may_change(ctx, facts, form));
            Some(match (anchor, address.split_once('#')) {
                (Some(anchor), Some((page, _))) => format!("{page}{anchor}"),
                _ => address,
            })
        }
        Place::Form(form) if form == "analysis" => Some(format!("{base}/analysis")),
        Place::Form(form) => Some(format!("{base}/record/{form}")),
        Place::Requests => Some(format!("{base}/requests")),
        Place::Conflicts => Some(format!("{base}/differences")),
        Place::Duplicates => may(&ctx.actor, Verb::ReadNotification, &facts)
            .then(|| format!("/cases/notifications/{}", case.notification_id)),
    }
}

fn may_change(ctx: &Context, facts: Facts, form: &str) -> bool {
    let verb = if form == "analysis" {
        Verb::EditAnalysis
    } else {
        Verb::EditRecord
    };
    may(&ctx.actor, verb, &facts)
}

/// The id of the input, down to the row and box of a table, as the error summary would link it.
fn anchor(ctx: &Context, form: &str, field: &str, missing: &Missing) -> Option<String> {
    let form = ctx.house.dictionary().form(form)?;
    let problem = Problem {
        field: field.to_owned(),
        row: missing.row,
        column: missing.column.clone(),
        rule: missing.rule.clone(),
        severity: missing.severity,
        message: missing.message.clone(),
    };
    error_summary(form, &[problem])?
        .items
        .into_iter()
        .next()
        .map(|i| i.href)
}

/// `POST /cases/{reference}/finalise` with `version`.
pub async fn finalise(app: Data, visit: Visit, path: web::Path<String>, post: Post) -> Page {
    let reference = path.into_inner();
    let (of, version) = (reference.clone(), post.number("version"));
    let done = app
        .write(&visit, move |tx, ctx| {
            review::finalise(tx, ctx, &of, version)
        })
        .await;
    match done {
        Ok(()) => Ok(see_other(&format!("/cases/{reference}"))),
        Err(Fault::Work(Error::Rule(why))) => {
            show(
                &app,
                &visit,
                &reference,
                StatusCode::UNPROCESSABLE_ENTITY,
                Some(why),
            )
            .await
        }
        Err(Fault::Work(Error::Stale)) => {
            let why = "The case was changed while you had this page open. Read it again, then finalise it";
            show(
                &app,
                &visit,
                &reference,
                StatusCode::CONFLICT,
                Some(why.to_owned()),
            )
            .await
        }
        Err(fault) => Err(fault),
    }
}

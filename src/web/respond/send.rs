//! Every form read back, with what is missing, and sending them all.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::web;

use super::{Data, Held, held, write};
use crate::casework::respond::{self, Sent, Tick};
use crate::casework::typing::Unsaved;
use crate::casework::{Error, typing};
use crate::web::app::see_other;
use crate::web::notify::links;
use crate::web::question::why_name;
use crate::web::{Fault, Page, Post, Visit};

/// Every form read back before sending.
pub async fn check(app: Data, visit: Visit, path: web::Path<String>) -> Page {
    let held = held(&app, &visit, &path).await?;
    let unsaved = unsaved(&app, &visit, &held).await?;
    check_page(&app, &visit, &held, &unsaved, StatusCode::OK, None)
}

/// The sections in which this browser left words that were not saved.
async fn unsaved(app: &Data, visit: &Visit, held: &Held) -> Result<Vec<Unsaved>, Fault> {
    let claim = visit.caller.claim.clone().unwrap_or_default();
    let responses = held.work.responses.clone();
    app.open_read(visit, move |conn, ctx| {
        typing::unsaved(conn, ctx, &responses, &claim)
    })
    .await
}

/// What was posted stands in its boxes again.
fn check_page(
    app: &Data,
    visit: &Visit,
    held: &Held,
    unsaved: &[Unsaved],
    status: StatusCode,
    post: Option<&Post>,
) -> Page {
    let mut forms = Vec::new();
    let mut errors = Vec::new();
    let mut missing = 0;
    for response in held.work.responses.iter().filter(|r| respond::open(r)) {
        forms.push(held.with(response, |j| {
            let found = j.faults();
            missing += found.len();
            errors.extend(links(j, &found));
            context! {
                label => held.label(&response.form), form => &response.form, sections => j.read_back(&found, false),
                to_confirm => j.to_confirm(&found),
            }
        })?);
    }
    let unsaved: Vec<_> = unsaved
        .iter()
        .map(|left| {
            let href = format!("{}/forms/{}/{}", held.home(), left.form, left.section);
            context! { href, label => &left.label, at => crate::web::letter::moment(left.at) }
        })
        .collect();
    let errors = (status != StatusCode::OK).then_some(errors);
    let send = format!("{}/send", held.home());
    let ticked = post.map(|post| post.all("confirm")).unwrap_or_default();
    let reasons: BTreeMap<&str, &str> = post
        .iter()
        .flat_map(|post| &post.0.0)
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .filter(|(name, _)| name.starts_with("why-"))
        .collect();
    let page = context! { title => "Check your answers", shut => held.shut(), forms, missing, errors, ticked, reasons, unsaved, home => held.home(), send };
    app.page(visit, status, "requests/check.html", page)
}

/// Sends every form, or says what is missing.
pub async fn send(app: Data, visit: Visit, path: web::Path<String>, post: Post) -> Page {
    let id = path.into_inner();
    let request = id.clone();
    // One tick is `form/key`, since one button sends every form.
    let ticks: Vec<Tick> = post
        .all("confirm")
        .iter()
        .filter_map(|tick| {
            let (form, key) = tick.split_once('/')?;
            Some(Tick {
                form: form.to_owned(),
                key: key.to_owned(),
                why: post.text(&why_name(tick)).trim().to_owned(),
            })
        })
        .collect();
    // Kept on its own, so that a tick stays when something else is still missing.
    if !ticks.is_empty() {
        let of = id.clone();
        write(&app, &visit, &id, move |tx, ctx| {
            respond::confirm(tx, ctx, &of, &ticks)
        })
        .await?;
    }
    match write(&app, &visit, &id, move |tx, ctx| {
        respond::send(tx, ctx, &request)
    })
    .await
    {
        Ok(Sent::Answered) => Ok(see_other(&format!("/requests/{id}/sent"))),
        Ok(Sent::WentBack) => {
            let page = context! { title => "The parts were given back", parts => true };
            app.ok(&visit, "requests/handed-on.html", page)
        }
        Err(Fault::Work(Error::Invalid(_))) => {
            let held = held(&app, &visit, &id).await?;
            let unsaved = unsaved(&app, &visit, &held).await?;
            check_page(
                &app,
                &visit,
                &held,
                &unsaved,
                StatusCode::UNPROCESSABLE_ENTITY,
                Some(&post),
            )
        }
        Err(fault) => Err(fault),
    }
}

/// What happens next.
pub async fn sent(app: Data, visit: Visit, path: web::Path<String>) -> Page {
    let held = held(&app, &visit, &path).await?;
    let spared: i32 = held.work.responses.iter().filter_map(|r| r.spared).sum();
    let page = context! {
        title => "Your answers were sent", nil => held.work.request.nil_return, spared, home => held.home(),
    };
    app.ok(&visit, "requests/sent.html", page)
}

//! What runs beside reviews: the board of one case, the board over all cases, and the pages on which a process is
//! recorded, changed and concluded. Must not know what follows from one.

mod board;
mod edit;
mod typed;

use std::sync::Arc;

use actix_web::web;
use chrono::NaiveDate;
use serde_json::Value;

pub use board::board;
pub use edit::{add, add_page, conclude, conclude_page, page, save};

use crate::casework::picture::Picture;
use crate::casework::processes::{self as work, Shown};
use crate::casework::{Context, Outcome, access};
use crate::domain::permission::Verb;
use crate::domain::process::State;
use crate::store::Conn;
use crate::web::app::see_other;
use crate::web::{App, Page, Post, Visit, cases};

type Data = web::Data<Arc<App>>;

/// `GET /cases/{reference}/processes`.
pub async fn list(app: Data, visit: Visit, path: web::Path<String>) -> Page {
    let reference = path.into_inner();
    let page = app
        .read(&visit, move |conn, ctx| view(conn, ctx, &reference))
        .await?;
    app.ok(&visit, "processes/list.html", page)
}

fn view(conn: &mut Conn, ctx: &Context, reference: &str) -> Outcome<Value> {
    let (case, facts) = access::reach(conn, ctx, reference, Verb::ReadProcesses)?;
    let known = Picture::shown(conn, ctx, &case, facts)?;
    let all = work::of_case(conn, ctx, &case)?;
    let base = format!("/cases/{}", case.reference);
    let (open, over): (Vec<&Shown>, Vec<&Shown>) = all.iter().partition(|p| p.state.is_open());
    let rows = |list: Vec<&Shown>| -> Vec<Value> {
        list.into_iter().map(|p| described(p, &base)).collect()
    };
    let unrecorded: Vec<Value> = work::unrecorded(conn, ctx, &case.id, &known)?
        .into_iter()
        .map(|one| {
            let href = format!("{base}/processes/add?kind={}", one.kind);
            context! { label => one.label, words => one.words, holds => one.holds.words(), href }
        })
        .collect();
    Ok(context! {
        title => "Parallel processes", case => cases::head(ctx, facts, &case, &known), open => rows(open), over => rows(over),
        unrecorded,
    })
}

/// One process for a list; `base` is the address of its case.
fn described(process: &Shown, base: &str) -> Value {
    let row = &process.row;
    let said = |day: Option<NaiveDate>| day.map(|day| day.to_string());
    context! {
        id => &row.id, version => row.version, label => process.label(), state => process.state.label(),
        colour => colour(process.state), holds => process.holds.words(), reference => &row.reference,
        lead_body => &row.lead_body, began => said(row.began_on), checked => said(row.checked_on),
        next_check => said(row.next_check), late => process.late, expected_end => said(row.expected_end),
        ended => said(row.over_on), outcome => &row.outcome, note => &row.note, document => row.document,
        step => process.kind.as_ref().and_then(|kind| kind.step.clone()), step_on => said(row.step_on),
        href => format!("{base}/processes/{}", row.id), open => process.state.is_open(),
    }
}

const fn colour(state: State) -> &'static str {
    match state {
        State::Expected => "govuk-tag--yellow",
        State::UnderWay => "govuk-tag--blue",
        State::Suspended => "govuk-tag--orange",
        State::Concluded => "govuk-tag--green",
        State::NotPursued | State::Mistaken => "govuk-tag--grey",
    }
}

/// `POST /cases/{reference}/processes/{id}/looked` with `version`: there was nothing new.
pub async fn looked(
    app: Data,
    visit: Visit,
    path: web::Path<(String, String)>,
    post: Post,
) -> Page {
    let (reference, id) = path.into_inner();
    let (of, version) = (reference.clone(), post.number("version"));
    app.write(&visit, move |tx, ctx| {
        work::looked(tx, ctx, &of, &id, version)
    })
    .await?;
    Ok(see_other(&format!("/cases/{reference}/processes")))
}

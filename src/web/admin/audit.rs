//! The audit trail as an auditor reads it: narrowed by case, person, kind and month, page by page, and as a file.
//! Must not show an answer or a child's name.

use std::io::Write;
use std::sync::Arc;

use actix_web::{HttpRequest, web};
use chrono::{Datelike, Months, NaiveDate};
use serde_json::Value;
use url::form_urlencoded;

use crate::casework::audit::{self, Checkpoint, Export, Line, STRETCH, Standing, Wanted};
use crate::casework::{Context, openings};
use crate::domain::actor::Role;
use crate::domain::calendar::london;
use crate::domain::event::Group;
use crate::store::accounts;
use crate::web::cases::moment;
use crate::web::pieces::{self, Named, Pieces};
use crate::web::{App, Page, Visit};

type Data = web::Data<Arc<App>>;

/// Months to choose from.
const MONTHS: u32 = 36;

/// What the address asks. What cannot be read does not narrow.
fn read(req: &HttpRequest) -> Wanted {
    let mut wanted = Wanted::default();
    for (name, value) in form_urlencoded::parse(req.query_string().as_bytes()) {
        match name.as_ref() {
            "case" => wanted.case = value.trim().chars().take(30).collect(),
            "person" => wanted.person = value.chars().take(64).collect(),
            "kind" => wanted.group = value.parse().ok(),
            "month" => wanted.month = format!("{value}-01").parse().ok(),
            "before" => wanted.before = value.parse().ok(),
            _ => {}
        }
    }
    wanted
}

/// The part of an address that asks the same.
fn asked(wanted: &Wanted, before: Option<i64>) -> String {
    let mut out = form_urlencoded::Serializer::new(String::new());
    let parts = [
        ("case", Some(wanted.case.clone())),
        ("person", Some(wanted.person.clone())),
        ("kind", wanted.group.map(|group| group.as_str().to_owned())),
        ("month", wanted.month.map(month_code)),
        ("before", before.map(|seq| seq.to_string())),
    ];
    for (name, value) in parts {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            out.append_pair(name, &value);
        }
    }
    out.finish()
}

fn month_code(day: NaiveDate) -> String {
    day.format("%Y-%m").to_string()
}

/// `GET /admin/audit`.
pub async fn audit(app: Data, visit: Visit, req: HttpRequest) -> Page {
    let wanted = read(&req);
    let kept = std::fs::read_to_string(&app.checkpoint).ok();
    let page = app
        .read(&visit, move |conn, ctx| {
            let (lines, next) = audit::look(conn, ctx, &wanted)?;
            let standing = audit::standing(conn, ctx, kept.as_deref())?;
            let people: Vec<Value> = accounts::list(conn)?
                .iter()
                .map(|user| {
                    let role = user.role.parse::<Role>().map_or("", Role::label);
                    let text = format!("{}, {role}", user.name);
                    context! { value => &user.id, text, selected => user.id == wanted.person }
                })
                .collect();
            let rows: Vec<Value> = lines.iter().map(row).collect();
            let file = format!("/admin/audit/download?{}", asked(&wanted, None));
            Ok(context! {
                title => "Audit", rows, people, kinds => kinds(&wanted), months => months(ctx, &wanted),
                case => &wanted.case, file, standing => stands(&standing), waiting => openings::waiting(conn, ctx)?,
                next => next.map(|seq| format!("/admin/audit?{}", asked(&wanted, Some(seq)))),
                first => wanted.before.is_some().then(|| format!("/admin/audit?{}", asked(&wanted, None))),
            })
        })
        .await?;
    app.ok(&visit, "admin/audit.html", page)
}

fn row(line: &Line) -> Value {
    context! {
        seq => line.seq, at => moment(london(line.at.and_utc())), who => &line.who, role => &line.role,
        what => &line.what, field => &line.field, case => &line.case, page => &line.page,
        source => &line.source, request => &line.correlation,
    }
}

fn kinds(wanted: &Wanted) -> Vec<Value> {
    Group::ALL
        .iter()
        .map(|group| {
            context! { value => group.as_str(), text => group.label(), selected => wanted.group == Some(*group) }
        })
        .collect()
}

fn months(ctx: &Context, wanted: &Wanted) -> Vec<Value> {
    let first = ctx.today().with_day(1).unwrap_or_default();
    (0..MONTHS)
        .filter_map(|ago| first.checked_sub_months(Months::new(ago)))
        .map(|month| {
            let text = month.format("%B %Y").to_string();
            context! { value => month_code(month), text, selected => wanted.month == Some(month) }
        })
        .collect()
}

fn stands(standing: &Standing) -> Value {
    let (checkpoint, sound) = match standing.checkpoint {
        Checkpoint::None => (
            "There is no checkpoint, so a cut end of the trail could not be seen. Whoever runs the service finds out \
             why and begins one (cdr audit verify --begin)."
                .to_owned(),
            standing.rows == 0,
        ),
        Checkpoint::Foreign => (
            "The last checkpoint was not signed with this service’s key.".to_owned(),
            false,
        ),
        Checkpoint::Holds { seq, at } => (
            format!(
                "The last checkpoint is of line {seq}, {}, and the trail holds that line as it was signed.",
                moment(london(at))
            ),
            true,
        ),
        Checkpoint::Broken { seq } => (
            format!("The trail does not hold line {seq} as the last checkpoint signed it."),
            false,
        ),
    };
    let walked = match standing.walked {
        None => "The whole trail was not verified yet.".to_owned(),
        Some((at, holds)) => format!(
            "The whole trail was last verified on {} and {}.",
            moment(london(at.and_utc())),
            if holds { "held" } else { "did not hold" }
        ),
    };
    let sound = sound && standing.walked.is_none_or(|(_, holds)| holds);
    context! { lines => standing.rows, checkpoint, walked, sound }
}

/// `GET /admin/audit/download`: what is narrowed to, as CSV.
pub async fn export(app: Data, visit: Visit, req: HttpRequest) -> Page {
    let wanted = read(&req);
    let (export, ctx) = app
        .read(&visit, move |conn, ctx| {
            Ok((audit::export(conn, ctx, &wanted)?, ctx.clone()))
        })
        .await?;
    let named = Named {
        name: "audit.csv",
        media: "text/csv; charset=utf-8; header=present",
        packed: false,
        lines: Some(export.lines),
    };
    let app = Arc::clone(&app);
    pieces::start(named, move |pieces| fill(&app, &ctx, export, pieces)).await
}

/// Writes stretch after stretch; a connection is held no longer than one takes.
fn fill(app: &App, ctx: &Context, mut export: Export, mut pieces: Pieces) {
    loop {
        match app.db.read(|conn| export.next(conn, STRETCH)) {
            Ok(Some(bytes)) if pieces.write_all(&bytes).is_ok() => {}
            // The browser has gone.
            Ok(Some(_)) => return,
            Ok(None) => return pieces.end(),
            Err(error) => {
                app.came_upon(ctx, &error);
                return pieces.fail(error);
            }
        }
    }
}

//! The page on which an authenticator app is set up, at the first sign-in and when it is changed, and the page
//! that shows the recovery codes once. Must not know what comes before or after.

use std::fmt::Write as _;
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use qrcode::{Color, EcLevel, QrCode};

use super::sign_in::{self, WRONG_CODE, attempt, told, too_soon};
use super::{App, Fault, Page, Post, Visit};
use crate::casework::factors::{self, Pending};
use crate::domain::one_time_code::Shared;

type Data = web::Data<Arc<App>>;

/// For whom, where the form leads, and where the person goes afterwards.
#[derive(Clone)]
pub struct Setting {
    pub action: &'static str,
    pub next: String,
    pub user_id: String,
    pub email: String,
}

/// A fresh secret, shown as picture and text.
pub async fn begin(app: &Data, visit: &Visit, setting: Setting) -> Page {
    let pending = fresh(app, visit, &setting.user_id).await?;
    show(app, visit, StatusCode::OK, &setting, &pending, None)
}

async fn fresh(app: &Data, visit: &Visit, user_id: &str) -> Result<Pending, Fault> {
    let id = user_id.to_owned();
    app.open_read(visit, move |_, ctx| factors::begin(ctx, &id))
        .await
}

fn show(
    app: &App,
    visit: &Visit,
    status: StatusCode,
    setting: &Setting,
    pending: &Pending,
    error: Option<&str>,
) -> Page {
    let text = pending.shared.text();
    let grouped: Vec<&str> = (0..text.len())
        .step_by(4)
        .filter_map(|at| text.get(at..at + 4))
        .collect();
    let issuer = format!("Child death review, {}", app.house.area.name);
    let address = pending.shared.address(&issuer, &setting.email);
    let page = context! {
        title => "Set up your authenticator app", action => setting.action, next => &setting.next,
        sealed => &pending.sealed, secret => grouped.join(" "), picture => picture(&address),
        errors => error.map(|text| vec![told("code", text)]),
    };
    app.page(visit, status, "account/enrol.html", page)
}

/// What came of the posted page.
pub enum Read {
    /// The secret that the browser carried; its code is still to be checked.
    Shared(Shared),
    /// The page again, with what was wrong.
    Again(HttpResponse),
}

/// The secret that the browser brings back, when another try is allowed now.
pub async fn read(app: &Data, visit: &Visit, setting: Setting, post: &Post) -> Result<Read, Fault> {
    let (id, sealed) = (setting.user_id.clone(), post.text("sealed").to_owned());
    let pending = app
        .open_read(visit, move |_, ctx| Ok(factors::pending(ctx, &id, &sealed)))
        .await?;
    let Some(pending) = pending else {
        let pending = fresh(app, visit, &setting.user_id).await?;
        let text = "The page was too old. Scan the new picture and enter the code it gives";
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return show(app, visit, status, &setting, &pending, Some(text)).map(Read::Again);
    };
    let attempt = attempt(app, visit, "enrol", &setting.email);
    let now = (app.clock)();
    if let Some(left) = sign_in::begin(app, visit, &attempt).await? {
        let status = StatusCode::TOO_MANY_REQUESTS;
        return show(
            app,
            visit,
            status,
            &setting,
            &pending,
            Some(&too_soon(left)),
        )
        .map(Read::Again);
    }
    let seconds = u64::try_from(now.timestamp()).unwrap_or(0);
    if pending.shared.step(post.text("code"), seconds, 0).is_some() {
        sign_in::undo(app, visit, &attempt).await?;
        return Ok(Read::Shared(pending.shared));
    }
    let id = setting.user_id.clone();
    app.open_write(visit, move |tx, ctx| factors::wrong(tx, ctx, &id))
        .await?;
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    show(app, visit, status, &setting, &pending, Some(WRONG_CODE)).map(Read::Again)
}

/// The recovery codes, shown this once.
pub fn codes(app: &App, visit: &Visit, codes: &[String], next: &str) -> Page {
    let page = context! { title => "Your recovery codes", codes, next };
    app.ok(visit, "account/recovery-codes.html", page)
}

/// The address as a picture for the app's camera: black squares as one path, with no style of its own.
fn picture(address: &str) -> String {
    let Ok(code) = QrCode::with_error_correction_level(address, EcLevel::M) else {
        return String::new();
    };
    let width = code.width();
    // The standard asks for four squares of quiet on each side.
    let whole = width + 8;
    let mut path = String::new();
    for (at, color) in code.to_colors().into_iter().enumerate() {
        if color == Color::Dark {
            // Writing to a string cannot fail.
            let _infallible = write!(path, "M{} {}h1v1h-1z", at % width + 4, at / width + 4);
        }
    }
    format!(
        "<svg class=\"cdr-picture\" viewBox=\"0 0 {whole} {whole}\" width=\"240\" height=\"240\" role=\"img\" \
         aria-label=\"Picture for your authenticator app; the same as the text below\" shape-rendering=\"crispEdges\">\
         <rect width=\"{whole}\" height=\"{whole}\" fill=\"#ffffff\"/><path fill=\"#000000\" d=\"{path}\"/></svg>"
    )
}

//! The pages behind links that are mailed to a person: making an account from an invitation, and a new password.
//! Looking at a page uses nothing up; the form does. Must not tell whether an address has an account.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web;
use serde_json::Value;

use super::app::see_other;
use super::sign_in::{self, half_way, told, too_soon};
use super::{App, Fault, Page, Post, Visit};
use crate::casework::delays::Try;
use crate::casework::{Error, invitations, passwords};
use crate::domain::form::Problem;

type Data = web::Data<Arc<App>>;
type Token = web::Path<String>;

/// One page with a password in it.
struct Choosing<'a> {
    title: &'a str,
    action: String,
    button: &'a str,
    name: String,
    email: String,
}

fn choose(app: &App, visit: &Visit, page: &Choosing<'_>, problems: &[Problem]) -> Page {
    let status = if problems.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let Choosing {
        title,
        action,
        button,
        name,
        email,
    } = page;
    // Only the password can be put right here: anything else is said at it too.
    let errors: Vec<Value> = problems
        .iter()
        .map(|p| told("password", &p.message))
        .collect();
    let errors = Some(errors).filter(|e| !e.is_empty());
    let page = context! { title, action, button, name, email, errors };
    app.page(visit, status, "account/choose-password.html", page)
}

/// A link that was used, taken back, replaced, is too old or never was: all look the same.
fn dead(app: &App, visit: &Visit) -> Page {
    let page = context! { title => "This link does not work" };
    app.page(visit, StatusCode::NOT_FOUND, "account/dead-link.html", page)
}

/// What an invited person sees.
pub async fn invited(app: Data, visit: Visit, path: Token) -> Page {
    join_page(&app, &visit, &path, &[]).await
}

async fn join_page(app: &Data, visit: &Visit, path: &Token, problems: &[Problem]) -> Page {
    let token = path.to_string();
    let found = app
        .open_read(visit, move |conn, ctx| invitations::find(conn, ctx, &token))
        .await;
    match found {
        Ok(row) => {
            let page = Choosing {
                title: "Make your account",
                action: format!("/join/{path}"),
                button: "Make account",
                name: row.name,
                email: row.email,
            };
            choose(app, visit, &page, problems)
        }
        Err(Fault::Work(Error::NotFound)) => dead(app, visit),
        Err(other) => Err(other),
    }
}

/// Makes the account and goes on to the second factor.
pub async fn join(app: Data, visit: Visit, path: Token, post: Post) -> Page {
    let (token, password) = (path.to_string(), post.text("password").to_owned());
    let made = app
        .open_write(&visit, move |tx, ctx| {
            invitations::join(tx, ctx, &token, &password)
        })
        .await;
    match made {
        Ok(user) => half_way(&app, &visit, user, "/cases").await,
        Err(Fault::Work(Error::Invalid(found))) => join_page(&app, &visit, &path, &found).await,
        Err(Fault::Work(Error::NotFound)) => dead(&app, &visit),
        Err(other) => Err(other),
    }
}

/// Where a new password is asked for.
pub async fn forgotten(app: Data, visit: Visit) -> Page {
    show_forgotten(&app, &visit, StatusCode::OK, "", None)
}

fn show_forgotten(
    app: &App,
    visit: &Visit,
    status: StatusCode,
    email: &str,
    text: Option<&str>,
) -> Page {
    let errors = text.map(|text| vec![told("email", text)]);
    let page = context! { title => "Get a new password", email, errors };
    app.page(visit, status, "account/forgotten.html", page)
}

/// Answers at once, the same whatever the address: the work is done after the answer, so that its time tells
/// nothing either.
pub async fn ask(app: Data, visit: Visit, post: Post) -> Page {
    let email = post.text("email").trim().to_owned();
    if email.is_empty() {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        let text = "Enter your email address";
        return show_forgotten(&app, &visit, status, "", Some(text));
    }
    // Every ask counts: a mailbox is not filled, and whoever asks for many accounts waits.
    let attempt = Try {
        account: app.house.secrets.hash("reset-asked", &email.to_lowercase()),
        source: format!("reset {}", visit.origin.source),
        known: false,
    };
    if let Some(left) = sign_in::begin(&app, &visit, &attempt).await? {
        let status = StatusCode::TOO_MANY_REQUESTS;
        return show_forgotten(&app, &visit, status, &email, Some(&too_soon(left)));
    }
    let (doing, later) = (Arc::clone(&app), visit.clone());
    actix_web::rt::spawn(async move {
        let done = doing
            .open_write(&later, move |tx, ctx| passwords::ask_reset(tx, ctx, &email))
            .await;
        if done.is_err() {
            tracing::error!("a new password that was asked for could not be prepared");
        }
    });
    let page = context! { title => "Look for an email from us" };
    app.ok(&visit, "account/asked.html", page)
}

/// What is behind a link to a new password.
pub async fn reset_page(app: Data, visit: Visit, path: Token) -> Page {
    show_reset(&app, &visit, &path, &[]).await
}

async fn show_reset(app: &Data, visit: &Visit, path: &Token, problems: &[Problem]) -> Page {
    let token = path.to_string();
    let found = app
        .open_read(visit, move |conn, ctx| {
            passwords::reset_for(conn, ctx, &token)
        })
        .await;
    match found {
        Ok(user) => {
            let page = Choosing {
                title: "Choose a new password",
                action: format!("/sign-in/reset/{path}"),
                button: "Save password",
                name: user.name,
                email: user.email,
            };
            choose(app, visit, &page, problems)
        }
        Err(Fault::Work(Error::NotFound)) => dead(app, visit),
        Err(other) => Err(other),
    }
}

/// Sets the new password; the person then signs in with it and with a code, as always.
pub async fn reset(app: Data, visit: Visit, path: Token, post: Post) -> Page {
    let (token, password) = (path.to_string(), post.text("password").to_owned());
    let done = app
        .open_write(&visit, move |tx, ctx| {
            passwords::reset(tx, ctx, &token, &password)
        })
        .await;
    match done {
        Ok(()) => Ok(see_other("/sign-in")),
        Err(Fault::Work(Error::Invalid(found))) => show_reset(&app, &visit, &path, &found).await,
        Err(Fault::Work(Error::NotFound)) => dead(&app, &visit),
        Err(other) => Err(other),
    }
}

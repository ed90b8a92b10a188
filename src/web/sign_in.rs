//! Signing in, in two steps: the password, then a code; whoever has no second factor yet sets one up in its
//! place. The session does not exist before the second step. Must not know what an account may do.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use chrono::Duration;
use serde_json::Value;

use super::app::see_other;
use super::enrol;
use super::resume::{Next, leading, safe};
use super::visit::{Jar, with_cookie};
use super::{App, Fault, Page, Post, Visit};
use crate::casework::delays::{self, Try};
use crate::casework::{Error, factors, passwords, sessions};
use crate::domain::actor::Actor;
use crate::domain::address::fold;
use crate::domain::permission::{Facts, Verb, may};
use crate::store::accounts::User;

type Data = web::Data<Arc<App>>;

/// A message, and at which input.
pub fn told(field: &str, text: &str) -> Value {
    context! { text, href => format!("#{field}"), field }
}

/// The sign-in page.
pub async fn page(app: Data, visit: Visit, query: web::Query<Next>) -> Page {
    let next = safe(&query.next).to_owned();
    show(
        &app,
        &visit,
        StatusCode::OK,
        &Shown {
            next,
            ..Shown::default()
        },
    )
}

/// What the sign-in page shows.
#[derive(Default)]
struct Shown {
    next: String,
    email: String,
    errors: Vec<Value>,
    kept: bool,
}

fn show(app: &App, visit: &Visit, status: StatusCode, shown: &Shown) -> Page {
    let Shown {
        next,
        email,
        errors,
        kept,
    } = shown;
    let demo = app.demo.is_some();
    let errors = Some(errors).filter(|e| !e.is_empty());
    let page = context! { title => "Sign in", next, email, errors, kept, demo };
    app.page(visit, status, "account/sign-in.html", page)
}

/// The sign-in page in answer to a post that came after the session had ended.
pub fn interrupted(app: &App, visit: &Visit, next: &str) -> Page {
    let shown = Shown {
        next: next.to_owned(),
        kept: true,
        ..Shown::default()
    };
    show(app, visit, StatusCode::UNAUTHORIZED, &shown)
}

/// Checks address and password; the code comes next.
pub async fn password(app: Data, visit: Visit, post: Post) -> Page {
    let (email, password) = (post.text("email"), post.text("password"));
    let mut shown = Shown {
        next: safe(post.text("next")).to_owned(),
        email: email.to_owned(),
        ..Shown::default()
    };
    if email.trim().is_empty() {
        shown.errors.push(told("email", "Enter your email address"));
    }
    if password.is_empty() {
        shown.errors.push(told("password", "Enter your password"));
    }
    if !shown.errors.is_empty() {
        return show(&app, &visit, StatusCode::UNPROCESSABLE_ENTITY, &shown);
    }
    let attempt = attempt(&app, &visit, "password", email);
    if let Some(left) = begin(&app, &visit, &attempt).await? {
        shown.errors.push(told("email", &too_soon(left)));
        return show(&app, &visit, StatusCode::TOO_MANY_REQUESTS, &shown);
    }
    let (given, typed) = (email.to_owned(), password.to_owned());
    let checked = app
        .open_read(&visit, move |conn, _| {
            passwords::check(conn, &given, &typed)
        })
        .await?;
    match checked {
        Ok(user) => {
            undo(&app, &visit, &attempt).await?;
            half_way(&app, &visit, user, &shown.next).await
        }
        Err(user_id) => {
            app.open_write(&visit, move |tx, ctx| passwords::failed(tx, ctx, user_id))
                .await?;
            let text = "The email address or the password is not right";
            shown.errors.push(told("email", text));
            show(&app, &visit, StatusCode::UNPROCESSABLE_ENTITY, &shown)
        }
    }
}

/// What this try counts against: the address that was typed and the source. Whether there is such an account is not
/// asked, so that no answer can depend on it.
pub fn attempt(app: &App, visit: &Visit, what: &str, email: &str) -> Try {
    let secrets = &app.house.secrets;
    let device = sessions::device(secrets, email);
    Try {
        account: secrets.hash(what, &fold(email)),
        source: visit.origin.source.clone(),
        known: visit.caller.device.as_ref() == Some(&device),
    }
}

/// Begins a try, which counts as wrong until it is undone; gives how long to wait when it may not be made.
pub async fn begin(app: &Data, visit: &Visit, attempt: &Try) -> Result<Option<Duration>, Fault> {
    let (attempt, asked) = (attempt.clone(), attempt.clone());
    let waits = app
        .open_read(visit, move |conn, ctx| delays::waits(conn, ctx, &asked))
        .await?;
    if waits.is_some() {
        return Ok(waits);
    }
    app.open_write(visit, move |tx, ctx| delays::begin(tx, ctx, &attempt))
        .await
}

/// A try was right.
pub async fn undo(app: &Data, visit: &Visit, attempt: &Try) -> Result<(), Fault> {
    let attempt = attempt.clone();
    app.open_write(visit, move |tx, ctx| delays::undo(tx, ctx, &attempt))
        .await
}

/// Somebody is who they say: their own wrong tries are forgotten.
pub async fn right(app: &Data, visit: &Visit, attempt: &Try) -> Result<(), Fault> {
    let attempt = attempt.clone();
    app.open_write(visit, move |tx, ctx| delays::right(tx, ctx, &attempt))
        .await
}

/// How long to wait, in words.
pub fn too_soon(left: Duration) -> String {
    let seconds = left.num_seconds() + 1;
    let time = match seconds {
        1 => "1 second".to_owned(),
        2..=90 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds / 60 + 1),
    };
    format!("There were too many wrong attempts. Wait {time} and try again")
}

/// Sends a browser on whose password was right: to type a code, or to set up the factor.
pub async fn half_way(app: &Data, visit: &Visit, user: User, next: &str) -> Page {
    let (half, has) = app
        .open_read(visit, move |conn, ctx| {
            Ok((sessions::half(ctx, &user)?, factors::has(conn, &user.id)?))
        })
        .await?;
    let way = if has {
        "/sign-in/code"
    } else {
        "/sign-in/factor"
    };
    with_cookie(app, see_other(&leading(way, next)), Jar::Half, Some(&half))
}

/// The account whose password this browser gave, and whether it has a factor. Without one: back to the start.
pub async fn half(app: &Data, visit: &Visit) -> Result<Option<(User, bool)>, Fault> {
    let Some(carried) = visit.caller.half.clone() else {
        return Ok(None);
    };
    app.open_read(visit, move |conn, ctx| {
        let Some(user) = sessions::half_signed_in(conn, ctx, &carried)? else {
            return Ok(None);
        };
        let has = factors::has(conn, &user.id)?;
        Ok(Some((user, has)))
    })
    .await
}

/// Asks for the code.
pub async fn code_page(app: Data, visit: Visit, query: web::Query<Next>) -> Page {
    let next = safe(&query.next);
    match half(&app, &visit).await? {
        Some((_, true)) => show_code(&app, &visit, StatusCode::OK, next, None),
        Some(_) => Ok(see_other(&leading("/sign-in/factor", next))),
        None => Ok(see_other(&leading("/sign-in", next))),
    }
}

fn show_code(app: &App, visit: &Visit, status: StatusCode, next: &str, text: Option<&str>) -> Page {
    let errors = text.map(|text| vec![told("code", text)]);
    let page = context! {
        title => "Enter your code", next, errors, demo => app.demo.is_some(), action => "/sign-in/code",
        why => Value::Null,
    };
    app.page(visit, status, "account/code.html", page)
}

/// Checks the code and opens the session.
pub async fn code(app: Data, visit: Visit, post: Post) -> Page {
    let next = safe(post.text("next")).to_owned();
    let user = match half(&app, &visit).await? {
        Some((user, true)) => user,
        Some(_) => return Ok(see_other(&leading("/sign-in/factor", &next))),
        None => return Ok(see_other(&leading("/sign-in", &next))),
    };
    let attempt = attempt(&app, &visit, "code", &user.email);
    if let Some(left) = begin(&app, &visit, &attempt).await? {
        let status = StatusCode::TOO_MANY_REQUESTS;
        return show_code(&app, &visit, status, &next, Some(&too_soon(left)));
    }
    let (typed, role) = (post.text("code").to_owned(), user.role.clone());
    let email = user.email.clone();
    let origin = visit.origin.clone();
    let token = app
        .open_write(&visit, move |tx, ctx| {
            sessions::sign_in(tx, ctx, &user, &typed, &origin)
        })
        .await?;
    let Some(token) = token else {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return show_code(&app, &visit, status, &next, Some(WRONG_CODE));
    };
    right(&app, &visit, &attempt).await?;
    signed_in(&app, see_other(landing(&next, &role)), &token, &email)
}

/// Said of a wrong code, wherever one is typed.
pub const WRONG_CODE: &str =
    "The code is not right, or it was used before. Wait for the next one in your app";

/// An answer that carries the new session and by what the account knows this browser again, and no longer what stood
/// between password and code.
fn signed_in(app: &App, response: HttpResponse, token: &str, email: &str) -> Page {
    let device = sessions::device(&app.house.secrets, email);
    let response = with_cookie(app, response, Jar::Session, Some(token))?;
    let response = with_cookie(app, response, Jar::Device, Some(&device))?;
    with_cookie(app, response, Jar::Half, None)
}

/// Whoever has no worklist begins at the requests to their organisation, or at the own account.
fn landing<'a>(next: &'a str, role: &str) -> &'a str {
    let actor = role.parse().map(|role| Actor::staff("", "", role, None));
    let begins = |verb| {
        actor
            .as_ref()
            .is_ok_and(|actor| may(actor, verb, &Facts::default()))
    };
    if next != "/cases" || begins(Verb::SeeWorklist) {
        next
    } else if begins(Verb::SeeAgencyRequests) {
        "/agency"
    } else {
        "/account"
    }
}

/// Setting up the factor at the first sign-in.
pub async fn factor_page(app: Data, visit: Visit, query: web::Query<Next>) -> Page {
    let next = safe(&query.next);
    let user = match half(&app, &visit).await? {
        Some((user, false)) => user,
        Some(_) => return Ok(see_other(&leading("/sign-in/code", next))),
        None => return Ok(see_other(&leading("/sign-in", next))),
    };
    let setting = enrol::Setting {
        action: "/sign-in/factor",
        next: next.to_owned(),
        user_id: user.id,
        email: user.email,
    };
    enrol::begin(&app, &visit, setting).await
}

/// The first code of the app: the factor is set up and the session opened in one transaction.
pub async fn factor(app: Data, visit: Visit, post: Post) -> Page {
    let next = safe(post.text("next")).to_owned();
    let user = match half(&app, &visit).await? {
        Some((user, false)) => user,
        Some(_) => return Ok(see_other(&leading("/sign-in/code", &next))),
        None => return Ok(see_other(&leading("/sign-in", &next))),
    };
    let setting = enrol::Setting {
        action: "/sign-in/factor",
        next: next.clone(),
        user_id: user.id.clone(),
        email: user.email.clone(),
    };
    let shared = match enrol::read(&app, &visit, setting, &post).await? {
        enrol::Read::Shared(shared) => shared,
        enrol::Read::Again(page) => return Ok(page),
    };
    let (after, email) = (landing(&next, &user.role).to_owned(), user.email.clone());
    let (typed, id, origin) = (
        post.text("code").to_owned(),
        user.id.clone(),
        visit.origin.clone(),
    );
    let done = app
        .open_write(&visit, move |tx, ctx| {
            if factors::has(tx.conn(), &id)? {
                return Err(Error::Stale);
            }
            let codes = factors::enrol(tx, ctx, &id, &shared, &typed)?;
            Ok((codes, sessions::open(tx, ctx, &user, &origin)?))
        })
        .await?;
    let page = enrol::codes(&app, &visit, &done.0, &after)?;
    signed_in(&app, page, &done.1, &email)
}

/// Asks before signing out, since a link must not do it.
pub async fn out_page(app: Data, visit: Visit) -> Page {
    app.session(&visit).await?;
    let page = context! { title => "Sign out" };
    app.ok(&visit, "account/sign-out.html", page)
}

/// Ends this browser's session.
pub async fn out(app: Data, visit: Visit, _: Post) -> Page {
    let token = visit.caller.session.clone().unwrap_or_default();
    app.write(&visit, move |tx, ctx| sessions::sign_out(tx, ctx, &token))
        .await?;
    with_cookie(&app, see_other("/sign-in"), Jar::Session, None)
}

/// The accounts of the demonstration with their codes of this moment; nowhere else.
pub async fn demo_accounts(app: Data, visit: Visit) -> Page {
    let Some(accounts) = &app.demo else {
        return Err(Fault::Work(Error::NotFound));
    };
    let now = u64::try_from((app.clock)().timestamp()).unwrap_or(0);
    let accounts: Vec<Value> = accounts
        .iter()
        .map(|account| {
            let shared = factors::demo_secret(&account.email);
            context! {
                role => &account.role, name => &account.name, email => &account.email,
                password => &account.password, code => shared.code(now), later => shared.code(now + 30),
            }
        })
        .collect();
    let page = context! { title => "Accounts of this demonstration", accounts };
    app.ok(&visit, "account/demo.html", page)
}

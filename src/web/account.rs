//! One's own account: who one is, where one is signed in, password, authenticator app, recovery codes, and typing
//! a code again before what asks for it. Must not show anybody else's account.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde_json::Value;

use super::app::see_other;
use super::resume::{Next, safe};
use super::sign_in::{self, WRONG_CODE, attempt, told, too_soon};
use super::visit::{Jar, with_cookie};
use super::{App, Fault, Page, Post, Visit, enrol, letter};
use crate::casework::{Error, factors, passwords, sessions};
use crate::domain::actor::ActorKind;
use crate::domain::permission::{Facts, Verb, may};
use crate::store::factors as codes;

type Data = web::Data<Arc<App>>;

/// Who is signed in, and where.
pub async fn account(app: Data, visit: Visit) -> Page {
    let present = app.session(&visit).await?;
    let (own, left, actor) = app
        .read(&visit, |conn, ctx| {
            let own = sessions::own(conn, ctx)?;
            let id = ctx.actor.user_id().unwrap_or_default();
            Ok((own, codes::codes_left(conn, id)?, ctx.actor.clone()))
        })
        .await?;
    let calendar = actor.clone();
    let any = Facts {
        assigned: true,
        ..Facts::default()
    };
    let ActorKind::Staff {
        name,
        role,
        organisation,
        ..
    } = actor.kind
    else {
        return Err(Fault::SignIn);
    };
    let organisation = organisation.map(|code| {
        app.house
            .organisation_name(&code)
            .map_or(code.clone(), str::to_owned)
    });
    let list: Vec<Value> = own
        .iter()
        .map(|session| {
            context! {
                id => &session.id, here => session.id == present.session_id,
                browser => session.browser.as_deref().unwrap_or("Another browser"),
                since => letter::moment(session.created_at), seen => letter::moment(session.last_seen_at),
            }
        })
        .collect();
    let page = context! {
        title => "Your account", name, role => role.label(), organisation, email => present.email,
        sessions => list, left, calendar => may(&calendar, Verb::SeeWorklist, &any),
    };
    app.ok(&visit, "account/account.html", page)
}

/// Ends one of one's own sessions.
pub async fn end_session(app: Data, visit: Visit, path: web::Path<String>, _: Post) -> Page {
    let id = path.into_inner();
    app.write(&visit, move |tx, ctx| sessions::end_own(tx, ctx, &id))
        .await?;
    Ok(see_other("/account"))
}

/// Says that the person is still there; the session goes on. For the script that warns before the time is up.
pub async fn stay(app: Data, visit: Visit) -> Page {
    app.read(&visit, |_, _| Ok(())).await?;
    let lasts = visit.caller.known.get().map_or(0, |known| known.lasts);
    Ok(HttpResponse::NoContent()
        .insert_header(("X-Session-Lasts", lasts))
        .finish())
}

/// The page for a new password.
pub async fn password_page(app: Data, visit: Visit) -> Page {
    let present = app.session(&visit).await?;
    show_password(&app, &visit, StatusCode::OK, &present.email, &[])
}

fn show_password(
    app: &App,
    visit: &Visit,
    status: StatusCode,
    email: &str,
    errors: &[Value],
) -> Page {
    let errors = Some(errors).filter(|e| !e.is_empty());
    let page = context! { title => "Change your password", email, errors };
    app.page(visit, status, "account/password.html", page)
}

/// Changes the password; every other session ends, and this one has a new token.
pub async fn password(app: Data, visit: Visit, post: Post) -> Page {
    let present = app.session(&visit).await?;
    let attempt = attempt(&app, &visit, "password", &present.email);
    if let Some(left) = sign_in::begin(&app, &visit, &attempt).await? {
        let told = [told("current", &too_soon(left))];
        let status = StatusCode::TOO_MANY_REQUESTS;
        return show_password(&app, &visit, status, &present.email, &told);
    }
    let (old, new) = (
        post.text("current").to_owned(),
        post.text("password").to_owned(),
    );
    // A password is no code: when one was last typed stays as it was.
    let (id, checked) = (present.session_id, present.factor_at);
    let done = app
        .write(&visit, move |tx, ctx| {
            passwords::change(tx, ctx, &id, &old, &new)?;
            sessions::renew(tx, ctx, &id, checked)
        })
        .await;
    match done {
        Ok(token) => {
            sign_in::right(&app, &visit, &attempt).await?;
            with_cookie(&app, see_other("/account"), Jar::Session, Some(&token))
        }
        Err(Fault::Work(Error::Invalid(found))) => {
            if found.iter().all(|p| p.field != "current") {
                sign_in::undo(&app, &visit, &attempt).await?;
            }
            let told: Vec<Value> = found.iter().map(|p| told(&p.field, &p.message)).collect();
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            show_password(&app, &visit, status, &present.email, &told)
        }
        Err(other) => Err(other),
    }
}

/// Who sets up another app.
async fn setting(app: &Data, visit: &Visit) -> Result<enrol::Setting, Fault> {
    app.step_up(visit).await?;
    let present = app.session(visit).await?;
    Ok(enrol::Setting {
        action: "/account/factor",
        next: "/account".into(),
        user_id: present.actor.user_id().unwrap_or_default().to_owned(),
        email: present.email,
    })
}

/// Setting up another authenticator app in place of the one there is.
pub async fn factor_page(app: Data, visit: Visit) -> Page {
    let setting = setting(&app, &visit).await?;
    enrol::begin(&app, &visit, setting).await
}

/// The first code of the other app.
pub async fn factor(app: Data, visit: Visit, post: Post) -> Page {
    let setting = setting(&app, &visit).await?;
    let user_id = setting.user_id.clone();
    let shared = match enrol::read(&app, &visit, setting, &post).await? {
        enrol::Read::Shared(shared) => shared,
        enrol::Read::Again(page) => return Ok(page),
    };
    let typed = post.text("code").to_owned();
    let list = app
        .write(&visit, move |tx, ctx| {
            factors::enrol(tx, ctx, &user_id, &shared, &typed)
        })
        .await?;
    enrol::codes(&app, &visit, &list, "/account")
}

/// Asks before the old recovery codes are replaced.
pub async fn recovery_page(app: Data, visit: Visit) -> Page {
    app.step_up(&visit).await?;
    let page = context! { title => "Make new recovery codes" };
    app.ok(&visit, "account/recovery.html", page)
}

/// New recovery codes in place of the old.
pub async fn recovery(app: Data, visit: Visit, _: Post) -> Page {
    app.step_up(&visit).await?;
    let list = app
        .write(&visit, |tx, ctx| {
            let id = ctx.actor.user_id().ok_or(Error::Forbidden)?.to_owned();
            factors::make_codes(tx, ctx, &id)
        })
        .await?;
    enrol::codes(&app, &visit, &list, "/account")
}

/// Asks for a code before what needs one that is fresh.
pub async fn check_page(app: Data, visit: Visit, query: web::Query<Next>) -> Page {
    app.session(&visit).await?;
    show_check(&app, &visit, StatusCode::OK, safe(&query.next), None)
}

fn show_check(
    app: &App,
    visit: &Visit,
    status: StatusCode,
    next: &str,
    text: Option<&str>,
) -> Page {
    let errors = text.map(|text| vec![told("code", text)]);
    let why = "What you are about to do needs a code that is not older than five minutes.";
    let page = context! {
        title => "Enter a code again", next, errors, demo => app.demo.is_some(), action => "/account/check", why,
    };
    app.page(visit, status, "account/code.html", page)
}

/// Checks the code and goes back.
pub async fn check(app: Data, visit: Visit, post: Post) -> Page {
    let next = safe(post.text("next")).to_owned();
    let present = app.session(&visit).await?;
    let attempt = attempt(&app, &visit, "code", &present.email);
    if let Some(left) = sign_in::begin(&app, &visit, &attempt).await? {
        let status = StatusCode::TOO_MANY_REQUESTS;
        return show_check(&app, &visit, status, &next, Some(&too_soon(left)));
    }
    let token = visit.caller.session.clone().unwrap_or_default();
    let typed = post.text("code").to_owned();
    let token = app
        .write(&visit, move |tx, ctx| {
            sessions::step_up(tx, ctx, &token, &typed)
        })
        .await?;
    let Some(token) = token else {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return show_check(&app, &visit, status, &next, Some(WRONG_CODE));
    };
    sign_in::right(&app, &visit, &attempt).await?;
    with_cookie(&app, see_other(&next), Jar::Session, Some(&token))
}

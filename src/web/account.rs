//! Signing in and out, and one's own account.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};

use super::app::see_other;
use super::visit::{Jar, cookie};
use super::{App, Fault, Page, Post, Visit};
use crate::casework::people;
use crate::domain::actor::{Actor, ActorKind};
use crate::domain::permission::{Facts, Verb, may};

/// The sign-in page.
pub async fn sign_in_page(app: web::Data<Arc<App>>, visit: Visit, query: web::Query<Next>) -> Page {
    app.ok(
        &visit,
        "account/sign-in.html",
        context! { title => "Sign in", next => safe(&query.next), accounts => &app.demo },
    )
}

/// Where to go afterwards.
#[derive(serde::Deserialize)]
pub struct Next {
    #[serde(default)]
    next: String,
}

/// Only an address of this service; anything else would let a link send people away after signing in. A
/// browser drops control characters, so `/` and `/` with one between them would be another site's address.
fn safe(next: &str) -> &str {
    let ours = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains(|c: char| c == '\\' || c.is_control());
    if ours && next != "/sign-in" {
        next
    } else {
        "/cases"
    }
}

/// Whoever has no worklist begins at the own account.
fn landing<'a>(next: &'a str, role: &str) -> &'a str {
    let actor = role.parse().map(|role| Actor::staff("", "", role, None));
    let worklist = actor.is_ok_and(|actor| may(&actor, Verb::SeeWorklist, &Facts::default()));
    if next == "/cases" && !worklist {
        "/account"
    } else {
        next
    }
}

/// Checks address and password.
pub async fn sign_in(app: web::Data<Arc<App>>, visit: Visit, post: Post) -> Page {
    let (email, password) = (
        post.text("email").to_owned(),
        post.text("password").to_owned(),
    );
    let next = safe(post.text("next")).to_owned();
    let mut problems = Vec::new();
    if email.trim().is_empty() {
        problems.push(
            context! { text => "Enter your email address", href => "#email", field => "email" },
        );
    }
    if password.is_empty() {
        problems.push(
            context! { text => "Enter your password", href => "#password", field => "password" },
        );
    }
    if problems.is_empty() {
        let given = email.clone();
        match app
            .open_read(&visit, move |conn, _| {
                people::check_password(conn, &given, &password)
            })
            .await?
        {
            Ok(user) => {
                let role = user.role.clone();
                let token = app
                    .open_write(&visit, move |tx, ctx| people::sign_in(tx, ctx, &user))
                    .await?;
                let mut response = see_other(landing(&next, &role));
                response
                    .add_cookie(&cookie(
                        &app,
                        Jar::Session,
                        Some(&format!("{token}:{role}")),
                    ))
                    .map_err(|_| Fault::Unreadable)?;
                return Ok(response);
            }
            Err(user_id) => {
                app.open_write(&visit, move |tx, ctx| {
                    people::sign_in_failed(tx, ctx, user_id)
                })
                .await?;
                let text = "The email address or the password is not right";
                problems.push(context! { text => text, href => "#email", field => "email" });
            }
        }
    }
    let page =
        context! { title => "Sign in", next, email, errors => problems, accounts => &app.demo };
    app.page(
        &visit,
        StatusCode::UNPROCESSABLE_ENTITY,
        "account/sign-in.html",
        page,
    )
}

/// Asks before signing out, since a link must not do it.
pub async fn sign_out_page(app: web::Data<Arc<App>>, visit: Visit) -> Page {
    app.ok(
        &visit,
        "account/sign-out.html",
        context! { title => "Sign out" },
    )
}

/// Ends this browser's session.
pub async fn sign_out(app: web::Data<Arc<App>>, visit: Visit, _: Post) -> Page {
    let token = visit.caller.session.clone().unwrap_or_default();
    app.write(&visit, move |tx, ctx| {
        if let Some(present) = people::present(tx.conn(), ctx, &token)? {
            people::sign_out(tx, ctx, &present.session_id)?;
        }
        Ok(())
    })
    .await?;
    let mut response: HttpResponse = see_other("/sign-in");
    response
        .add_cookie(&cookie(&app, Jar::Session, None))
        .map_err(|_| Fault::Unreadable)?;
    Ok(response)
}

/// Who is signed in.
pub async fn account(app: web::Data<Arc<App>>, visit: Visit) -> Page {
    let actor = app.read(&visit, |_, ctx| Ok(ctx.actor.clone())).await?;
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
    app.ok(
        &visit,
        "account/account.html",
        context! { title => "Your account", name, role => role.label(), organisation },
    )
}

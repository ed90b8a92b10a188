//! The accounts: who can sign in, as what, and changing that. Must not show a password, nor anything of a case.

use actix_web::http::StatusCode;
use actix_web::web;
use serde_json::Value;

use super::Data;
use crate::casework::people::{self, Change};
use crate::casework::{Context, Error};
use crate::domain::actor::Role;
use crate::domain::permission::{Facts, Verb};
use crate::store::accounts::User;
use crate::store::{accounts, factors};
use crate::web::app::see_other;
use crate::web::sign_in::told;
use crate::web::{App, Fault, Page, Post, Visit, letter};

/// Everybody with an account.
pub async fn users(app: Data, visit: Visit) -> Page {
    let (list, holders) = app
        .read(&visit, |conn, ctx| {
            ctx.allow(Verb::ManageUsers, &Facts::default())?;
            ctx.note_page()?;
            Ok((accounts::list(conn)?, factors::holders(conn)?))
        })
        .await?;
    let users: Vec<Value> = list
        .iter()
        .map(|user| described(&app, user, holders.contains(&user.id)))
        .collect();
    let page = context! { title => "Accounts", users };
    app.ok(&visit, "admin/users.html", page)
}

fn described(app: &App, user: &User, factor: bool) -> Value {
    let organisation = user.organisation.as_deref();
    context! {
        id => &user.id, name => &user.name, email => &user.email, active => user.active, factor,
        since => letter::moment(user.created_at), version => user.version,
        role => role_label(&user.role), role_code => &user.role, organisation_code => organisation,
        organisation => organisation.map(|code| app.house.organisation_name(code).unwrap_or(code).to_owned()),
    }
}

/// The role in words.
pub fn role_label(code: &str) -> String {
    code.parse::<Role>()
        .map_or_else(|_| code.to_owned(), |role| role.label().to_owned())
}

/// The organisations that a person may belong to.
pub fn organisations(app: &App) -> Vec<Value> {
    app.house
        .organisations
        .iter()
        .filter(|o| o.kind != "district")
        .map(|o| context! { value => &o.code, text => &o.name })
        .collect()
}

/// One account.
pub async fn user(app: Data, visit: Visit, path: web::Path<String>) -> Page {
    show(&app, &visit, path.into_inner(), StatusCode::OK, None, None).await
}

async fn show(
    app: &Data,
    visit: &Visit,
    id: String,
    status: StatusCode,
    typed: Option<&Post>,
    fault: Option<Value>,
) -> Page {
    let (user, factor, ctx) = app
        .read(visit, move |conn, ctx| {
            ctx.allow(Verb::ManageUsers, &Facts::default())?;
            ctx.note_page()?;
            let user = accounts::by_id(conn, &id)?.ok_or(Error::NotFound)?;
            let factor = factors::holders(conn)?.contains(&user.id);
            Ok((user, factor, ctx.clone()))
        })
        .await?;
    let own = ctx.actor.user_id() == Some(user.id.as_str());
    let roles: Vec<Value> = Role::ALL
        .iter()
        .map(|role| context! { value => role.as_str(), text => role.label() })
        .collect();
    let chosen = |name: &str, kept: &str| {
        typed.map_or_else(|| kept.to_owned(), |post| post.text(name).to_owned())
    };
    let organisation = user.organisation.clone().unwrap_or_default();
    let standing = if user.active { "active" } else { "stopped" };
    let page = context! {
        title => &user.name, person => described(app, &user, factor), own, roles,
        organisations => organisations(app), errors => fault.map(|f| vec![f]),
        role => chosen("role", &user.role), organisation => chosen("organisation", &organisation),
        standing => chosen("standing", standing),
    };
    app.page(visit, status, "admin/user.html", page)
}

/// Changes an account, ends its sessions or takes its factor away, as the button says.
pub async fn change(app: Data, visit: Visit, path: web::Path<String>, post: Post) -> Page {
    let id = path.into_inner();
    if weighs(&app, &visit, &id, &post).await? {
        app.step_up(&visit).await?;
    }
    let asked = post.clone();
    let user_id = id.clone();
    let done = app
        .write(&visit, move |tx, ctx| {
            let version = asked.number("version");
            match asked.text("do") {
                "sessions" => people::end_sessions(tx, ctx, &user_id),
                "factor" => people::reset_factor(tx, ctx, &user_id, version),
                _ => people::change(tx, ctx, &user_id, &read(ctx, &asked)?),
            }
        })
        .await;
    match done {
        Ok(()) => Ok(see_other(&format!("/admin/users/{id}"))),
        Err(Fault::Work(Error::Invalid(found))) => {
            let fault = found.first().map(|p| told(&p.field, &p.message));
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            show(&app, &visit, id, status, Some(&post), fault).await
        }
        Err(other) => Err(other),
    }
}

/// Whether what is asked gives somebody another role or a way around their second factor: then a fresh code is asked for.
async fn weighs(app: &Data, visit: &Visit, id: &str, post: &Post) -> Result<bool, Fault> {
    let (id, role) = (id.to_owned(), post.text("role").to_owned());
    let deed = post.text("do").to_owned();
    app.read(visit, move |conn, ctx| {
        ctx.allow(Verb::ManageUsers, &Facts::default())?;
        Ok(match deed.as_str() {
            "sessions" => false,
            "factor" => true,
            _ => accounts::by_id(conn, &id)?.is_some_and(|user| user.role != role),
        })
    })
    .await
}

fn read(ctx: &Context, post: &Post) -> Result<Change, Error> {
    ctx.allow(Verb::ManageUsers, &Facts::default())?;
    let role = post.text("role").parse().map_err(|_| {
        let words = "Choose what the person does";
        Error::Invalid(vec![people::problem("role", "required", words)])
    })?;
    Ok(Change {
        role,
        organisation: Some(post.text("organisation").to_owned()).filter(|code| !code.is_empty()),
        active: post.text("standing") == "active",
        version: post.number("version"),
    })
}

//! Inviting people: who waits to join, sending a link again, taking it back, and inviting one more. Must not show
//! a link.

use actix_web::http::StatusCode;
use actix_web::web;
use serde_json::Value;

use super::Data;
use super::users::{organisations, role_label};
use crate::casework::Error;
use crate::casework::invitations::{self as work, Invited};
use crate::casework::people::problem;
use crate::domain::actor::Role;
use crate::domain::form::Problem;
use crate::domain::permission::{Facts, Verb, may_invite};
use crate::web::app::see_other;
use crate::web::sign_in::told;
use crate::web::{Fault, Page, Post, Visit, letter};

/// Who waits, and the form for one more.
pub async fn invitations(app: Data, visit: Visit) -> Page {
    page(&app, &visit, StatusCode::OK, &Typed::default(), &[]).await
}

/// What was typed.
#[derive(Clone, Default, serde::Serialize)]
struct Typed {
    email: String,
    name: String,
    role: String,
    organisation: String,
}

/// The inputs in the order of the page.
const ORDER: [&str; 4] = ["name", "email", "role", "organisation"];

async fn page(
    app: &Data,
    visit: &Visit,
    status: StatusCode,
    typed: &Typed,
    problems: &[Problem],
) -> Page {
    let (rows, ctx) = app
        .read(visit, |conn, ctx| {
            let waiting = work::waiting(conn, ctx)?;
            ctx.note_page()?;
            Ok((waiting, ctx.clone()))
        })
        .await?;
    let waiting: Vec<Value> = rows
        .iter()
        .map(|row| {
            context! {
                id => &row.id, name => &row.name, email => &row.email, role => role_label(&row.role),
                until => letter::moment(row.expires_at), over => row.expires_at <= ctx.stamp(),
                version => row.version,
            }
        })
        .collect();
    let roles: Vec<Value> = Role::ALL
        .iter()
        .filter(|role| may_invite(&ctx.actor, **role))
        .map(|role| context! { value => role.as_str(), text => role.label() })
        .collect();
    let faults: std::collections::BTreeMap<&str, Value> = problems
        .iter()
        .map(|p| (p.field.as_str(), context! { text => &p.message }))
        .collect();
    let errors: Vec<Value> = problems
        .iter()
        .map(|p| told(&p.field, &p.message))
        .collect();
    let page = context! {
        title => "Invitations", waiting, roles, organisations => organisations(app), typed, faults,
        errors => Some(errors).filter(|e| !e.is_empty()),
    };
    app.page(visit, status, "admin/invitations.html", page)
}

/// Invites somebody.
pub async fn invite(app: Data, visit: Visit, post: Post) -> Page {
    let text = |name: &str| post.text(name).trim().to_owned();
    let typed = Typed {
        email: text("email"),
        name: text("name"),
        role: text("role"),
        organisation: text("organisation"),
    };
    let role = typed.role.parse::<Role>();
    let no_role = role.is_err();
    let who = Invited {
        email: typed.email.clone(),
        name: typed.name.clone(),
        // Never used when no role was chosen: nobody is then invited.
        role: role.unwrap_or(Role::Respondent),
        organisation: Some(typed.organisation.clone()).filter(|code| !code.is_empty()),
    };
    let done = app
        .write(&visit, move |tx, ctx| {
            ctx.allow(Verb::Invite, &Facts::default())?;
            let unchosen = || problem("role", "required", "Choose what the person does");
            match work::invite(tx, ctx, &who) {
                Err(Error::Invalid(mut found)) if no_role => {
                    found.push(unchosen());
                    Err(Error::Invalid(found))
                }
                Ok(_) if no_role => Err(Error::Invalid(vec![unchosen()])),
                other => other.map(drop),
            }
        })
        .await;
    match done {
        Ok(()) => Ok(see_other("/admin/invitations")),
        Err(Fault::Work(Error::Invalid(mut found))) => {
            found.sort_by_key(|p| ORDER.iter().position(|field| *field == p.field));
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            page(&app, &visit, status, &typed, &found).await
        }
        Err(fault) => Err(fault),
    }
}

/// Sends an invitation again, or takes it back.
pub async fn change(app: Data, visit: Visit, path: web::Path<String>, post: Post) -> Page {
    let id = path.into_inner();
    app.write(&visit, move |tx, ctx| {
        let version = post.number("version");
        match post.text("do") {
            "again" => work::send_again(tx, ctx, &id, version),
            "withdraw" => work::withdraw(tx, ctx, &id, version),
            _ => {
                ctx.allow(Verb::Invite, &Facts::default())?;
                Err(Error::NotFound)
            }
        }
    })
    .await?;
    Ok(see_other("/admin/invitations"))
}

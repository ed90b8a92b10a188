//! The accounts: who can sign in, and making one more. Must not show or keep a password.

use actix_web::http::StatusCode;
use serde_json::Value;

use super::Data;
use crate::casework::Error;
use crate::casework::people::{self, NewUser};
use crate::domain::actor::Role;
use crate::domain::form::Problem;
use crate::domain::permission::{Facts, Verb};
use crate::store::accounts;
use crate::web::app::see_other;
use crate::web::{Fault, Page, Post, Visit, letter};

/// The accounts and the form for one more.
pub async fn users(app: Data, visit: Visit) -> Page {
    page(&app, &visit, StatusCode::OK, &Typed::default(), &[]).await
}

/// What was typed; the password is never shown again.
#[derive(Clone, Default, serde::Serialize)]
struct Typed {
    email: String,
    name: String,
    role: String,
    organisation: String,
}

/// Which input shows a message.
struct Told {
    field: &'static str,
    text: String,
}

async fn page(app: &Data, visit: &Visit, status: StatusCode, typed: &Typed, told: &[Told]) -> Page {
    let list = app
        .read(visit, |conn, ctx| {
            ctx.allow(Verb::ManageUsers, &Facts::default())?;
            Ok(accounts::list(conn)?)
        })
        .await?;
    let users: Vec<Value> = list
        .iter()
        .map(|user| {
            let organisation = user.organisation.as_deref();
            context! {
                name => &user.name, email => &user.email, active => user.active, since => letter::moment(user.created_at),
                role => user.role.parse::<Role>().map_or(user.role.clone(), |r| r.label().to_owned()),
                organisation => organisation.map(|code| app.house.organisation_name(code).unwrap_or(code).to_owned()),
            }
        })
        .collect();
    let roles: Vec<Value> = Role::ALL
        .iter()
        .map(|role| context! { value => role.as_str(), text => role.label() })
        .collect();
    let organisations: Vec<Value> = app
        .house
        .organisations
        .iter()
        .filter(|o| o.kind != "district")
        .map(|o| context! { value => &o.code, text => &o.name })
        .collect();
    let faults: std::collections::BTreeMap<&str, Value> = told
        .iter()
        .map(|t| (t.field, context! { text => &t.text }))
        .collect();
    let errors: Vec<Value> = told
        .iter()
        .map(|t| context! { text => &t.text, href => format!("#{}", t.field) })
        .collect();
    let page = context! {
        title => "Accounts", users, roles, organisations, typed, faults,
        errors => Some(errors).filter(|e| !e.is_empty()),
    };
    app.page(visit, status, "admin/users.html", page)
}

/// Makes an account.
pub async fn add_user(app: Data, visit: Visit, post: Post) -> Page {
    let text = |name: &str| post.text(name).trim().to_owned();
    let typed = Typed {
        email: text("email"),
        name: text("name"),
        role: text("role"),
        organisation: text("organisation"),
    };
    let mut told = Vec::new();
    let role = typed.role.parse::<Role>();
    if role.is_err() {
        told.push(Told {
            field: "role",
            text: "Choose what the person does".into(),
        });
    }
    let organisation = Some(typed.organisation.clone()).filter(|code| !code.is_empty());
    let known = |code: &String| app.house.organisation_name(code).is_some();
    if organisation.as_ref().is_some_and(|code| !known(code)) {
        told.push(Told {
            field: "organisation",
            text: "Choose the organisation from the list".into(),
        });
    }
    let new = NewUser {
        email: typed.email.clone(),
        name: typed.name.clone(),
        // Never used when no role was chosen: the account is then not made.
        role: role.unwrap_or(Role::Respondent),
        organisation,
        password: post.text("password").to_owned(),
    };
    let refused = !told.is_empty();
    let done = app
        .write(&visit, move |tx, ctx| {
            ctx.allow(Verb::ManageUsers, &Facts::default())?;
            people::add_user(tx, ctx, &new)?;
            // Every fault is told at once, so those of the page are looked at only after the work's own.
            if refused {
                return Err(Error::Invalid(Vec::new()));
            }
            Ok(())
        })
        .await;
    match done {
        Ok(()) => Ok(see_other("/admin/users")),
        Err(Fault::Work(Error::Invalid(problems))) => {
            told.extend(problems.into_iter().map(at_input));
            told.sort_by_key(|t| ORDER.iter().position(|field| *field == t.field));
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            page(&app, &visit, status, &typed, &told).await
        }
        Err(fault) => Err(fault),
    }
}

/// The inputs in the order of the page.
const ORDER: [&str; 5] = ["name", "email", "role", "organisation", "password"];

fn at_input(problem: Problem) -> Told {
    let field = ORDER
        .into_iter()
        .find(|field| *field == problem.field)
        .unwrap_or("name");
    Told {
        field,
        text: problem.message,
    }
}

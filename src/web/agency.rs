//! The pages of an agency's lead: what the organisation is still to answer, and handing one of it on. Must not show
//! anything of a child.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web;
use serde_json::Value;

use super::app::see_other;
use super::requests::standing;
use super::said::said;
use super::{App, Fault, Page, Post, Visit};
use crate::casework::agency::{self as work, Open};
use crate::casework::asked::Colleague;
use crate::casework::{Context, Error};
use crate::domain::form::Problem;

type Data = web::Data<Arc<App>>;

fn described(ctx: &Context, open: &Open) -> Value {
    let dict = ctx.house.dictionary();
    let kind = open.professional_type.as_deref();
    let (state, colour) = standing(&open.state);
    context! {
        href => format!("/agency/{}/hand-on", open.id), agency => &open.agency, recipient => &open.recipient,
        email => &open.email, agreed_date => open.agreed_date.to_string(), state, colour, part => open.is_part,
        profession => kind.map(|code| dict.label("professional_type", code).unwrap_or(code)),
        late => open.agreed_date < ctx.today(),
    }
}

/// `GET /agency`.
pub async fn list(app: Data, visit: Visit) -> Page {
    let page = app
        .read(&visit, |conn, ctx| {
            let all = work::open_requests(conn, ctx)?;
            let own = work::own_organisation(ctx);
            let name = own.as_deref().map(|own| {
                let known = ctx.house.organisation_name(own);
                known.unwrap_or(own).to_owned()
            });
            let rows: Vec<Value> = all.iter().map(|open| described(ctx, open)).collect();
            Ok(context! { title => "Requests to your organisation", organisation => name, rows })
        })
        .await?;
    app.ok(&visit, "agency/list.html", page)
}

/// `GET /agency/{id}/hand-on`.
pub async fn hand_on_page(app: Data, visit: Visit, path: web::Path<String>) -> Page {
    show(&app, &visit, &path, Colleague::default(), Vec::new()).await
}

async fn show(app: &Data, visit: &Visit, id: &str, to: Colleague, found: Vec<Problem>) -> Page {
    let id = id.to_owned();
    let status = if found.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let page = app
        .read(visit, move |conn, ctx| {
            let open = work::one(conn, ctx, &id)?;
            let (errors, at) = said(&found);
            Ok(context! {
                title => "Hand a request on to a colleague", request => described(ctx, &open), errors, at,
                typed => context! { name => &to.name, email => &to.email },
            })
        })
        .await?;
    app.page(visit, status, "agency/hand-on.html", page)
}

/// `POST /agency/{id}/hand-on` with `name` and `email`.
pub async fn hand_on(app: Data, visit: Visit, path: web::Path<String>, post: Post) -> Page {
    let to = Colleague {
        name: post.text("name").to_owned(),
        email: post.text("email").to_owned(),
    };
    let (of, colleague) = (path.to_string(), to.clone());
    let done = app
        .write(&visit, move |tx, ctx| {
            work::hand_on(tx, ctx, &of, &colleague)
        })
        .await;
    match done {
        Ok(()) => Ok(see_other("/agency")),
        Err(Fault::Work(Error::Invalid(found))) => show(&app, &visit, &path, to, found).await,
        Err(fault) => Err(fault),
    }
}

//! An agency's link: the page behind it, the button that opens it for this browser, the code that another browser
//! needs, and asking for a new link. A GET never uses a link up, and no page after it has the link in its address.
//! Must not know what is asked behind it.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};

use super::app::see_other;
use super::respond::{held, work_page};
use super::visit::{self, Jar, with_cookie};
use super::{App, Fault, Page, Post, Visit};
use crate::casework::links::{self, Claimed, Typed};
use crate::casework::{Error, respond};

type Data = web::Data<Arc<App>>;

/// Either the page behind a link not yet opened in this browser, or the request it opened.
pub async fn open(app: Data, visit: Visit, path: web::Path<String>, req: HttpRequest) -> Page {
    match held(&app, &visit, &path).await {
        Ok(held) => return work_page(&app, &visit, &held, None),
        Err(Fault::Work(Error::NotFound)) => {}
        Err(fault) => return Err(fault),
    }
    let token = path.into_inner();
    let given = token.clone();
    let found = app
        .open_read(&visit, move |conn, ctx| {
            respond::by_link(conn, ctx, &given).map(|_| ())
        })
        .await;
    match found {
        Ok(()) => {
            let page = context! { title => "A request for information", token };
            app.ok(&visit, "requests/landing.html", page)
        }
        Err(Fault::Work(Error::NotFound)) => dead(&app, &visit, token, &req).await,
        Err(fault) => Err(fault),
    }
}

/// The page of a link that does not work, whatever the reason. That it was opened is kept, as long as that is not
/// done over and over.
async fn dead(app: &Data, visit: &Visit, token: String, req: &HttpRequest) -> Page {
    let few = visit::address(req, app).is_some_and(|from| app.limits.few_dead(from));
    if few {
        let opened = token.clone();
        app.open_write(visit, move |tx, ctx| links::opened_wrong(tx, ctx, &opened))
            .await?;
    }
    let page = context! { title => "This link does not work", token };
    app.page(visit, StatusCode::NOT_FOUND, "requests/dead.html", page)
}

/// The button: this browser now holds the request, or must type a code first.
pub async fn claim(
    app: Data,
    visit: Visit,
    path: web::Path<String>,
    req: HttpRequest,
    _: Post,
) -> Page {
    let token = path.into_inner();
    let (given, secret) = (token.clone(), visit.caller.claim.clone());
    let claimed = app
        .open_write(&visit, move |tx, ctx| {
            links::claim(tx, ctx, &given, secret.as_deref())
        })
        .await;
    match claimed {
        Ok(Claimed::Held { request_id, secret }) => {
            let on = see_other(&format!("/requests/{request_id}"));
            match secret {
                Some(secret) => with_cookie(&app, on, Jar::Claim, Some(&secret)),
                None => Ok(on),
            }
        }
        Ok(Claimed::CodeSent {
            request_id,
            challenge,
        }) => {
            let on = see_other(&format!("/requests/{request_id}/code"));
            with_cookie(&app, on, Jar::LinkCode, Some(&challenge))
        }
        Err(Fault::Work(Error::NotFound)) => dead(&app, &visit, token, &req).await,
        Err(fault) => Err(fault),
    }
}

/// Where the code is typed.
pub async fn code_page(app: Data, visit: Visit, path: web::Path<String>) -> Page {
    if visit.caller.challenge.is_none() {
        return Err(Fault::Work(Error::NotFound));
    }
    show_code(&app, &visit, &path, StatusCode::OK, None)
}

fn show_code(app: &App, visit: &Visit, id: &str, status: StatusCode, text: Option<&str>) -> Page {
    let errors = text.map(|text| vec![context! { text, href => "#code" }]);
    let page = context! { title => "Enter the code we sent", id, errors };
    app.page(visit, status, "requests/code.html", page)
}

/// Checks the code.
pub async fn code(app: Data, visit: Visit, path: web::Path<String>, post: Post) -> Page {
    let challenge = visit.caller.challenge.clone();
    let challenge = challenge.ok_or(Fault::Work(Error::NotFound))?;
    let typed = post.text("code").to_owned();
    let done = app
        .open_write(&visit, move |tx, ctx| {
            links::confirm(tx, ctx, &challenge, &typed)
        })
        .await?;
    let text = match done {
        Typed::Right { request_id, secret } => {
            let on = see_other(&format!("/requests/{request_id}"));
            let on = with_cookie(&app, on, Jar::Claim, Some(&secret))?;
            return with_cookie(&app, on, Jar::LinkCode, None);
        }
        Typed::Wrong => "The code is not right. Use the newest one we sent",
        Typed::Over => "This code can no longer be used. Open your link again to get another",
    };
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    show_code(&app, &visit, &path, status, Some(text))
}

/// Sends a new link to the address on file; the answer is the same whether or not there is one.
pub async fn ask(app: Data, visit: Visit, path: web::Path<String>, _: Post) -> Page {
    let token = path.into_inner();
    app.open_write(&visit, move |tx, ctx| links::ask(tx, ctx, &token))
        .await?;
    let page = context! { title => "Look for an email from us" };
    app.ok(&visit, "requests/asked.html", page)
}

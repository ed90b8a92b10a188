//! Coming back: a page that needs a signed-in person or a fresh code sends the browser there and afterwards back,
//! and what was typed meanwhile is kept and shown again. Nothing is ever sent again by itself. Must not know any
//! form.

use std::sync::Arc;

use actix_web::http::{Method, StatusCode};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};
use serde_json::Value;

use super::app::see_other;
use super::error::{Again, First};
use super::visit::{self, Jar};
use super::{App, Fault, Page, Post, Visit, sign_in};
use crate::casework::kept;

type Data = web::Data<Arc<App>>;

/// Where what was kept is read.
pub const KEPT: &str = "/account/kept/";

/// Only an address of this service; anything else would let a link send people away after signing in. A
/// browser drops control characters, so `/` and `/` with one between them would be another site's address.
pub fn safe(next: &str) -> &str {
    if ours(next) && !next.starts_with("/sign-in") {
        next
    } else {
        "/cases"
    }
}

/// Whether this is an address on this service.
pub fn ours(address: &str) -> bool {
    address.starts_with('/')
        && !address.starts_with("//")
        && !address.contains(|c: char| c == '\\' || c.is_control())
}

/// Where to go afterwards.
#[derive(serde::Deserialize)]
pub struct Next {
    #[serde(default)]
    pub next: String,
}

/// `path` with the place to come back to.
pub fn leading(path: &str, next: &str) -> String {
    let next: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
    format!("{path}?next={next}")
}

/// The answer for somebody who must do something first; none where the error page says enough.
pub async fn first(request: &HttpRequest, what: First, correlation: &str) -> Option<HttpResponse> {
    let here = request.uri().path_and_query().map_or("/", |p| p.as_str());
    let door;
    let way = match &what {
        First::SignIn => "/sign-in",
        First::StepUp => "/account/check",
        // Only what this browser says was sent from a page of ours is kept.
        First::Reopen if from_here(request) => "",
        First::Reopen => return None,
        First::Door(reference) => {
            door = format!("/cases/{reference}/open");
            &door
        }
    };
    if request.method() != Method::POST {
        let there = match what {
            First::Door(_) => way.to_owned(),
            _ => leading(way, here),
        };
        return Some(see_other(&there));
    }
    // A search that led to the door is nothing to send again.
    if matches!(&what, First::Door(of) if !here.starts_with(&format!("/cases/{of}/"))) {
        return Some(see_other(way));
    }
    // What a page's script sends while somebody types is kept where it belongs; here it would push out what they sent.
    if here.ends_with("/typing") {
        return None;
    }
    let kept = keep(request, here, correlation).await;
    let next = kept.map(|(visit, id)| (visit, format!("{KEPT}{id}")));
    let app = request.app_data::<Data>()?;
    match (what, next) {
        (First::SignIn, Some((visit, next))) => sign_in::interrupted(app, &visit, &next).ok(),
        (First::Reopen, Some((visit, next))) => reopen(app, &visit, &next).ok(),
        (First::StepUp, next) => {
            let next = next.map_or_else(|| "/account".to_owned(), |(_, next)| next);
            Some(see_other(&leading(way, &next)))
        }
        (First::Door(_), Some((_, next))) => Some(see_other(&leading(way, &next))),
        (First::Door(_), None) => Some(see_other(way)),
        (First::SignIn | First::Reopen, None) => None,
    }
}

/// Keeps what was posted for the person whose session it was; its id, and the visit.
async fn keep(request: &HttpRequest, here: &str, correlation: &str) -> Option<(Visit, String)> {
    let app = request.app_data::<Data>()?;
    let post = request.extensions().get::<Post>().cloned()?;
    let token = request.cookie(&visit::name(app, Jar::Session))?;
    let (token, path) = (token.value().to_owned(), here.to_owned());
    let visit = Visit {
        correlation: correlation.to_owned(),
        path: request.path().to_owned(),
        caller: visit::caller(request, app),
        ..Visit::default()
    };
    let kept = app
        .open_write(&visit, move |tx, ctx| {
            kept::keep(tx, ctx, &token, &path, &post.0)
        })
        .await;
    Some((visit, kept.ok()??))
}

/// Where what was posted can be read again, when words were and nothing came of them: the page that it came from may be
/// shut to the person by now. Nothing is kept of a post that held no words, nor of one that nobody signed in sent.
pub async fn give_back(request: &HttpRequest, again: Again, correlation: &str) -> Option<String> {
    let here = request.uri().path_and_query().map_or("/", |p| p.as_str());
    if request.method() != Method::POST || here.ends_with("/typing") || here.starts_with(KEPT) {
        return None;
    }
    let words = |post: &Post| {
        let mut typed = post.0.0.iter().filter(|(name, _)| is_typed(name));
        typed.any(|(_, value)| value.trim().contains(char::is_whitespace))
    };
    request
        .extensions()
        .get::<Post>()
        .filter(|post| words(post))?;
    // Without a place to go to it is only read.
    let to = if again == Again::Yes { here } else { "" };
    let (_, id) = keep(request, to, correlation).await?;
    Some(format!("{KEPT}{id}"))
}

/// Ids and versions that the page itself put into the form are no words of the person.
fn is_typed(name: &str) -> bool {
    !["version", "base", "left"].contains(&name) && kept::may_be_kept(name)
}

fn from_here(request: &HttpRequest) -> bool {
    let said = request.headers().get("sec-fetch-site");
    said.is_some_and(|site| site == "same-origin")
}

/// The page was made for an earlier session: what was typed is kept, and sent again only by the person.
fn reopen(app: &App, visit: &Visit, kept: &str) -> Page {
    let page = context! {
        title => "This page is out of date", request_id => &visit.correlation,
        explanation => "It was opened before you signed in again, so nothing was changed. What you typed was kept.",
        way => context! { href => kept, text => "Read what you typed, and send it again" },
    };
    app.page(visit, StatusCode::FORBIDDEN, "error.html", page)
}

/// What was kept, to be read and sent again.
pub async fn kept(app: Data, visit: Visit, path: web::Path<String>) -> Page {
    let id = path.into_inner();
    let address = format!("{KEPT}{id}");
    let (action, posted) = app
        .read(&visit, move |conn, ctx| kept::find(conn, ctx, &id))
        .await?;
    let fields: Vec<Value> = posted
        .0
        .iter()
        .map(|(name, value)| {
            let label = name.replace(['_', '-'], " ");
            let typed = !value.is_empty() && is_typed(name);
            context! { name, value, label, typed }
        })
        .collect();
    let action = (!action.is_empty()).then_some(action);
    let page = context! { title => "What you typed was kept", fields, action, address };
    app.page(&visit, StatusCode::OK, "account/kept.html", page)
}

/// Throws it away.
pub async fn forget(app: Data, visit: Visit, path: web::Path<String>, _: Post) -> Page {
    let id = path.into_inner();
    app.write(&visit, move |tx, ctx| kept::forget(tx, ctx, &id))
        .await?;
    Ok::<_, Fault>(see_other("/account"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_back_is_an_address_of_ours() {
        for ours in ["/", "/cases?view=new", "/account/kept/0198-aa"] {
            assert_eq!(safe(ours), ours);
        }
        for other in [
            "",
            "cases",
            "//x.example",
            "/\\x.example",
            "https://x.example",
            "/\t/x.example",
            "/sign-in",
            "/sign-in/code",
            "javascript:alert(1)",
        ] {
            assert_eq!(safe(other), "/cases", "{other:?}");
        }
    }
}

//! The outermost step of every request: a request id, the security headers, the log line without identity,
//! and a designed page for every fault, whoever made it. Must not know any route.

use std::sync::Arc;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest, HttpResponse, web};

use super::app::App;
use super::error::{Unmade, html, of_status};
use super::visit::Correlation;
use super::{Fault, Post, Visit, closed, headers, resume, visit};
use crate::casework::kept;
use crate::casework::secrets::random_letters;

/// Bytes of all headers together.
const LARGEST_HEAD: usize = 32 * 1024;

/// Wraps everything else.
pub async fn finish(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let correlation = random_letters(12);
    req.extensions_mut()
        .insert(Correlation(correlation.clone()));
    let started = std::time::Instant::now();
    // The request must not be held here: routing needs it for itself. A handler's fault is a response by now.
    let response = if too_heavy(req.headers()) {
        req.into_response(HttpResponse::from_error(Fault::HeadersTooLarge))
    } else {
        next.call(req).await?.map_into_boxed_body()
    };
    let request = response.request().clone();
    let mut response = present(response, &correlation).await;
    let under_tls = request
        .app_data::<web::Data<Arc<App>>>()
        .is_some_and(|app| app.secure_cookies);
    headers::secure(response.headers_mut(), under_tls);
    // The pattern of the route, never the address: an address may hold a link's secret.
    let route = request.match_pattern().unwrap_or_else(|| "none".into());
    tracing::info!(
        %correlation,
        method = %request.method(),
        %route,
        status = response.status().as_u16(),
        micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
        "answered"
    );
    Ok(response)
}

/// Whether the headers are longer than any browser of ours needs. Past 128 KiB the framework answers 431 by itself,
/// without a page, as it answers 400 to what is no HTTP and 408 to headers that do not arrive.
fn too_heavy(headers: &HeaderMap) -> bool {
    let bytes: usize = headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum();
    bytes > LARGEST_HEAD
}

/// Makes a page of a fault that has none yet.
async fn present(
    response: ServiceResponse<BoxBody>,
    correlation: &str,
) -> ServiceResponse<BoxBody> {
    let status = response.status();
    let made = response.headers().contains_key(CONTENT_TYPE)
        && response.response().extensions().get::<Unmade>().is_none()
        && !is_plain(response.headers());
    if !(status.is_client_error() || status.is_server_error()) || made {
        return response;
    }
    let request = response.request().clone();
    let unmade = response.response().extensions().get::<Unmade>().cloned();
    let words = of_status(status);
    let unmade = unmade.unwrap_or_else(|| Unmade {
        title: words.title.to_owned(),
        text: words.text.to_owned(),
        first: None,
        retry_after: None,
        given_back: None,
    });
    let mut answer = made_of(&request, status, &unmade, correlation).await;
    if let Some(seconds) = unmade.retry_after {
        answer
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    ServiceResponse::new(request, answer)
}

async fn made_of(
    request: &HttpRequest,
    status: StatusCode,
    unmade: &Unmade,
    correlation: &str,
) -> HttpResponse {
    if request.path().starts_with("/api/") {
        return problem(status, &unmade.title, &unmade.text, correlation);
    }
    if let Some(first) = unmade.first.clone()
        && let Some(page) = resume::first(request, first, correlation).await
    {
        return page;
    }
    if unmade.given_back.is_some()
        && status == StatusCode::NOT_FOUND
        && let Some(page) = closed::page(request, correlation)
    {
        return page;
    }
    let kept = match unmade.given_back {
        Some(again) => resume::give_back(request, again, correlation).await,
        None => None,
    };
    error_page(request, status, unmade, (correlation, kept))
}

/// The framework's own short answers are plain text; they are replaced.
fn is_plain(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .is_some_and(|v| v.starts_with("text/plain"))
}

fn error_page(
    request: &HttpRequest,
    status: StatusCode,
    unmade: &Unmade,
    (correlation, kept): (&str, Option<String>),
) -> HttpResponse {
    let Some(app) = request.app_data::<web::Data<Arc<App>>>() else {
        return HttpResponse::new(status);
    };
    let visit = Visit {
        correlation: correlation.to_owned(),
        path: request.path().to_owned(),
        caller: visit::caller(request, app),
        ..Visit::default()
    };
    let title = &unmade.title;
    let context = context! {
        title, explanation => &unmade.text, request_id => correlation, status => status.as_u16(),
        telephone => unmade.retry_after.is_some(), again => again(request, unmade),
        way => kept.map(|href| context! { href, text => "Read what you typed: it was not saved, and is kept for you for one day" }),
    };
    app.page(&visit, status, "error.html", context)
        .unwrap_or_else(|_| {
            html(
                status,
                format!("<!DOCTYPE html><html lang=\"en\"><title>{title}</title><h1>{title}</h1>"),
            )
        })
}

/// What was typed, to be sent again when waiting helps: nothing is lost by it. It was posted by a page of ours, and
/// goes back to the same browser alone.
fn again(request: &HttpRequest, unmade: &Unmade) -> Option<serde_json::Value> {
    unmade.retry_after?;
    let extensions = request.extensions();
    let post = extensions.get::<Post>()?;
    let fields: Vec<_> = post
        .0
        .0
        .iter()
        .filter(|(name, _)| kept::may_be_kept(name))
        .map(|(name, value)| context! { name, value })
        .collect();
    Some(context! { action => request.path(), fields })
}

/// RFC 9457.
fn problem(status: StatusCode, title: &str, text: &str, correlation: &str) -> HttpResponse {
    HttpResponse::build(status).content_type("application/problem+json").json(serde_json::json!({
        "type": "about:blank", "title": title, "status": status.as_u16(), "detail": text, "instance": correlation,
    }))
}

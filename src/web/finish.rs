//! The outermost step of every request: a request id, the security headers, the log line without identity,
//! and a designed page for every fault, whoever made it. Must not know any route.

use std::sync::Arc;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpResponse, web};

use super::app::App;
use super::error::{Unmade, html, of_status};
use super::visit::Correlation;
use super::{Visit, assets, resume};
use crate::casework::secrets::random_letters;

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
    let response = next.call(req).await?.map_into_boxed_body();
    let request = response.request().clone();
    let mut response = present(response, &correlation).await;
    secure(response.headers_mut());
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
    let first = unmade.as_ref().and_then(|u| u.first);
    let words = of_status(status);
    let (title, text) = unmade.map_or_else(
        || (words.title.to_owned(), words.text.to_owned()),
        |u| (u.title, u.text),
    );
    if request.path().starts_with("/api/") {
        return ServiceResponse::new(request, problem(status, &title, &text, correlation));
    }
    if let Some(first) = first
        && let Some(page) = resume::first(&request, first, correlation).await
    {
        return ServiceResponse::new(request, page);
    }
    let page = error_page(&request, status, &title, &text, correlation);
    ServiceResponse::new(request, page)
}

/// The framework's own short answers are plain text; they are replaced.
fn is_plain(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .is_some_and(|v| v.starts_with("text/plain"))
}

fn error_page(
    request: &actix_web::HttpRequest,
    status: StatusCode,
    title: &str,
    text: &str,
    correlation: &str,
) -> HttpResponse {
    let Some(app) = request.app_data::<web::Data<Arc<App>>>() else {
        return HttpResponse::new(status);
    };
    let visit = Visit {
        correlation: correlation.to_owned(),
        path: request.path().to_owned(),
        ..Visit::default()
    };
    let context = context! { title, explanation => text, request_id => correlation, status => status.as_u16() };
    app.page(&visit, status, "error.html", context)
        .unwrap_or_else(|_| {
            html(
                status,
                format!("<!DOCTYPE html><html lang=\"en\"><title>{title}</title><h1>{title}</h1>"),
            )
        })
}

/// RFC 9457.
fn problem(status: StatusCode, title: &str, text: &str, correlation: &str) -> HttpResponse {
    HttpResponse::build(status).content_type("application/problem+json").json(serde_json::json!({
        "type": "about:blank", "title": title, "status": status.as_u16(), "detail": text, "instance": correlation,
    }))
}

fn secure(headers: &mut HeaderMap) {
    let policy = format!(
        "default-src 'none'; script-src 'self' {}; style-src 'self'; img-src 'self' data:; \
         connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'",
        assets::INLINE_SCRIPT_HASH
    );
    let fixed = [
        ("content-security-policy", policy.as_str()),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("x-frame-options", "DENY"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        (
            "permissions-policy",
            "camera=(), geolocation=(), microphone=()",
        ),
    ];
    for (name, value) in fixed {
        // A document that is downloaded says for itself that it may do even less than a page.
        if name == "content-security-policy" && headers.contains_key(name) {
            continue;
        }
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
}

//! A handler that panics is a fault of ours like any other: logged with the request id and answered with the
//! error page, where the connection would otherwise close without a word. Must not know any route.

use std::panic::AssertUnwindSafe;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpResponse};
use futures_util::FutureExt;

use super::Fault;
use super::visit::Correlation;

/// Wraps one resource: only after routing may the request be kept for the answer.
pub async fn catch(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let request = req.request().clone();
    if let Ok(answer) = AssertUnwindSafe(next.call(req)).catch_unwind().await {
        return Ok(answer?.map_into_boxed_body());
    }
    let correlation = request
        .extensions()
        .get::<Correlation>()
        .map(|c| c.0.clone());
    tracing::error!(
        correlation = correlation.unwrap_or_default(),
        "a handler panicked"
    );
    let fault = Fault::Work(crate::casework::Error::Internal(
        "a handler panicked".into(),
    ));
    Ok(ServiceResponse::new(
        request,
        HttpResponse::from_error(fault),
    ))
}

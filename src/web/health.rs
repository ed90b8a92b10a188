//! For whoever runs the service: is it up, can it work, a few figures. Must not tell of any case.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};

use super::{App, Fault, Page, Visit, visit};
use crate::casework::{Error, audit};
use crate::store::counts;

/// The process answers.
pub async fn live(_: Visit) -> Page {
    Ok(HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body("live\n"))
}

/// The database answers too. Says no more than that: what asks it (a load balancer) may stand anywhere.
pub async fn ready(app: web::Data<Arc<App>>, visit: Visit) -> Page {
    app.open_read(&visit, |conn, _| Ok(counts::all(conn)?))
        .await?;
    Ok(HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body("ready\n"))
}

/// Counts in the Prometheus text format, for whoever runs the service: to anybody else they are not there.
pub async fn metrics(app: web::Data<Arc<App>>, visit: Visit, request: HttpRequest) -> Page {
    if !visit::is_operator(&request, &app) {
        return Err(Error::NotFound.into());
    }
    let kept = std::fs::read_to_string(&app.checkpoint).ok();
    let (buckets, reaches) = app
        .open_read(&visit, move |conn, ctx| {
            let reaches = audit::reaches(conn, &ctx.house, kept.as_deref())?;
            Ok((counts::all(conn)?, reaches))
        })
        .await?;
    let mut text = String::from("# HELP cdr_rows Rows by kind and state.\n# TYPE cdr_rows gauge\n");
    for (bucket, n) in buckets {
        let Some((kind, state)) = bucket.split_once(':') else {
            continue;
        };
        let line = format!("cdr_rows{{kind=\"{kind}\",state=\"{state}\"}} {n}\n");
        text.push_str(&line);
    }
    let reaches = u8::from(reaches);
    text.push_str("# HELP cdr_audit_checkpoint 1 while the audit trail holds the row of its last checkpoint.\n");
    let line = format!("# TYPE cdr_audit_checkpoint gauge\ncdr_audit_checkpoint {reaches}\n");
    text.push_str(&line);
    Ok::<_, Fault>(
        HttpResponse::Ok()
            .content_type("text/plain; version=0.0.4; charset=utf-8")
            .body(text),
    )
}

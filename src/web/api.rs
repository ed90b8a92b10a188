//! What other systems call: a notification in; the state of a case, the ledger of returns and the forms out.
//! Every answer that is no success is a problem document (RFC 9457). Must not give out anything that tells who
//! a child is.

mod dictionary;
mod openapi;
mod reply;

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, CONTENT_TYPE};
use actix_web::{HttpRequest, HttpResponse, ResponseError, web};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::patience::Patience;
use super::post::LARGEST;
use super::{App, Fault, Page, Visit, visit};
use crate::casework::notify::Received;
use crate::casework::tokens::Refused;
use crate::casework::{Context, Error, access, notify as work, tokens, triage};
use crate::domain::actor::{Actor, ActorKind};
use crate::domain::case::State;
use crate::domain::event::Event;
use crate::domain::permission::{Facts, Verb};
use crate::store::{Conn, returns as ledger};
use reply::Refusal;

type Data = web::Data<Arc<App>>;

/// How many packages the ledger gives.
const MOST_ENTRIES: i64 = 500;
/// The longest `Idempotency-Key`, in characters.
const LONGEST_KEY: usize = 255;

fn bearer(request: &HttpRequest) -> Option<String> {
    let held = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (kind, token) = held.split_once(' ')?;
    kind.eq_ignore_ascii_case("bearer")
        .then(|| token.trim().to_owned())
}

/// The system behind the token, which must be allowed the verb; why not when the token does not hold.
fn holder(
    conn: &mut Conn,
    ctx: &Context,
    token: &str,
    verb: Verb,
) -> Result<Result<Context, Refused>, Error> {
    let actor = match tokens::holder(conn, ctx, token)? {
        Ok(actor) => actor,
        Err(refused) => return Ok(Err(refused)),
    };
    let ctx = Context {
        actor,
        ..ctx.clone()
    };
    ctx.allow(verb, &Facts::default())?;
    Ok(Ok(ctx))
}

/// The answer to a token that does not hold. That it came is kept, for each source and reason once a minute: a flood
/// must not fill the trail.
async fn refuse(app: &Data, visit: &Visit, request: &HttpRequest, refused: Refused) -> Refusal {
    let from = visit::address(request, app);
    if from.is_some_and(|from| app.limits.first_refused(from, refused.why)) {
        let kept = app
            .open_write(visit, move |tx, ctx| tokens::refused(tx, ctx, &refused))
            .await;
        if let Err(fault) = kept {
            return Refusal::Other(fault.status_code());
        }
    }
    Refusal::NoToken { given: true }
}

/// Reads as the system behind the token.
async fn read<T, F>(
    app: &Data,
    visit: &Visit,
    request: &HttpRequest,
    verb: Verb,
    f: F,
) -> Result<T, Refusal>
where
    T: Send + 'static,
    F: FnOnce(&mut Conn, &Context) -> Result<T, Error> + Send + 'static,
{
    let token = bearer(request).ok_or(Refusal::NoToken { given: false })?;
    let found = app
        .open_read(visit, move |conn, ctx| {
            match holder(conn, ctx, &token, verb)? {
                Ok(ctx) => f(conn, &ctx).map(Ok),
                Err(refused) => Ok(Err(refused)),
            }
        })
        .await;
    match found {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(refused)) => Err(refuse(app, visit, request, refused).await),
        Err(fault) => Err(Refusal::of(fault, verb)),
    }
}

/// Takes a notification from another system.
pub async fn notify(
    app: Data,
    visit: Visit,
    request: HttpRequest,
    payload: web::Payload,
) -> HttpResponse {
    match take(&app, &visit, &request, payload).await {
        Ok(reference) => HttpResponse::Created().json(json!({ "reference": reference })),
        Err(refusal) => refusal.answer(&visit),
    }
}

/// Who sends is looked up in the transaction that keeps the notification, so that an accepted one costs one
/// visit to the database. Whatever else is wrong, a token that does not hold is said first.
async fn take(
    app: &Data,
    visit: &Visit,
    request: &HttpRequest,
    payload: web::Payload,
) -> Result<String, Refusal> {
    let verb = Verb::ApiNotify;
    let token = bearer(request).ok_or(Refusal::NoToken { given: false })?;
    if let Err(refused) = tokens::signed_id(&app.context(visit, Actor::public()), &token) {
        return Err(refuse(app, visit, request, refused).await);
    }
    let told = match key(request) {
        Ok(key) => body(request, payload).await.map(|body| (key, body)),
        Err(refusal) => Err(refusal),
    };
    let received = match told {
        Ok((key, body)) => Arc::new((key, body)),
        Err(refusal) => {
            read(app, visit, request, verb, |_, _| Ok(())).await?;
            return Err(refusal);
        }
    };
    let kept = match store(app, visit, &token, &received).await {
        // Two posts with one key at one moment: the later one now finds the earlier one's answer.
        Err(Fault::Work(Error::Internal(_))) => store(app, visit, &token, &received).await,
        other => other,
    };
    match kept.map_err(|fault| Refusal::of(fault, verb))? {
        Ok(reference) => Ok(reference),
        Err(refused) => Err(refuse(app, visit, request, refused).await),
    }
}

/// The reference; why not when the token was revoked.
async fn store(
    app: &Data,
    visit: &Visit,
    token: &str,
    received: &Arc<(String, Value)>,
) -> Result<Result<String, Refused>, Fault> {
    let (token, received) = (token.to_owned(), Arc::clone(received));
    app.open_write(visit, move |tx, ctx| {
        let ctx = match holder(tx.conn(), ctx, &token, Verb::ApiNotify)? {
            Ok(ctx) => ctx,
            Err(refused) => {
                tx.unchanged();
                return Ok(Err(refused));
            }
        };
        let ActorKind::System { name, .. } = &ctx.actor.kind else {
            return Err(Error::Forbidden);
        };
        let (key, body) = &*received;
        work::receive(
            tx,
            &ctx,
            &Received {
                system: name,
                key,
                body,
            },
        )
        .map(Ok)
    })
    .await
}

fn key(request: &HttpRequest) -> Result<String, Refusal> {
    let held = request
        .headers()
        .get("Idempotency-Key")
        .and_then(|v| v.to_str().ok())
        .map(str::trim)
        .filter(|key| !key.is_empty());
    match held {
        Some(key) if key.len() <= LONGEST_KEY => Ok(key.to_owned()),
        Some(_) => Err(Refusal::Request(
            StatusCode::BAD_REQUEST,
            "The Idempotency-Key header must have 255 characters or fewer.",
        )),
        None => Err(Refusal::Request(
            StatusCode::BAD_REQUEST,
            "Give an Idempotency-Key header: a value of your own that is the same when you send the same notification again.",
        )),
    }
}

async fn body(request: &HttpRequest, payload: web::Payload) -> Result<Value, Refusal> {
    let kind = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|v| v.to_str().ok());
    let json = kind.is_none_or(|kind| {
        let kind = kind.split(';').next().unwrap_or_default().trim();
        kind.eq_ignore_ascii_case("application/json") || kind.to_lowercase().ends_with("+json")
    });
    if !json {
        return Err(Refusal::Request(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "Send the notification as application/json.",
        ));
    }
    let whole = payload.to_bytes_limited(LARGEST);
    let Ok(whole) = timeout(Patience::of(request).body, whole).await else {
        return Err(Refusal::Request(
            StatusCode::REQUEST_TIMEOUT,
            "The body took too long to arrive.",
        ));
    };
    let bytes = match whole {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(_)) => {
            return Err(Refusal::Request(
                StatusCode::BAD_REQUEST,
                "The body could not be read.",
            ));
        }
        Err(_) => {
            return Err(Refusal::Request(
                StatusCode::PAYLOAD_TOO_LARGE,
                "The body must be 1 MiB or smaller.",
            ));
        }
    };
    serde_json::from_slice(&bytes)
        .map_err(|_| Refusal::Request(StatusCode::BAD_REQUEST, "The body is not JSON."))
}

/// Where a case stands, without anything that tells who the child is.
pub async fn case_status(
    app: Data,
    visit: Visit,
    request: HttpRequest,
    path: web::Path<String>,
) -> HttpResponse {
    let reference = path.into_inner();
    let verb = Verb::ApiReadCases;
    let found = read(&app, &visit, &request, verb, move |conn, ctx| {
        access::reach(conn, ctx, &reference, verb).map(|(case, _)| case)
    })
    .await;
    reply::answer(&visit, found.map(|case| status(&case)))
}

fn status(case: &crate::store::cases::Case) -> Value {
    let state = case.state.parse::<State>().ok();
    let group = state.map(State::stage);
    let owed = case.next_due_at != triage::never();
    json!({
        "reference": case.reference,
        "state": case.state,
        "state_label": state.map(State::label),
        "stage": group.map(crate::domain::case::Stage::as_str),
        "stage_label": group.map(crate::domain::case::Stage::label),
        "open": case.open,
        "due": owed.then(|| case.next_due_at.and_utc().to_rfc3339()),
        "due_what": case.next_due_what.as_ref().filter(|_| owed),
        "requests_sent": case.requests_out,
        "requests_answered": case.requests_back,
        "return_version": case.return_version,
        "updated_at": case.updated_at.and_utc().to_rfc3339(),
    })
}

/// The ledger of packages for the national database, the newest first.
pub async fn returns(app: Data, visit: Visit, request: HttpRequest) -> HttpResponse {
    let verb = Verb::ApiReadReturns;
    let found = read(&app, &visit, &request, verb, |conn, ctx| {
        ctx.note(None, None, &Event::ReturnsRead {})?;
        Ok(ledger::latest(conn, MOST_ENTRIES)?)
    })
    .await;
    let entry = |e: &ledger::Entry| {
        json!({
            "id": e.id, "kind": e.kind, "from": e.period_from.to_string(), "to": e.period_to.to_string(),
            "created_at": e.created_at.and_utc().to_rfc3339(), "file": e.file_name, "sha256": e.sha256,
            "rows": e.row_count, "cases": e.case_count, "identified": e.identified,
            "receiver_answer": e.receiver_answer, "answered_at": e.answered_at.map(|at| at.and_utc().to_rfc3339()),
        })
    };
    let found =
        found.map(|entries| json!({ "returns": entries.iter().map(entry).collect::<Vec<_>>() }));
    reply::answer(&visit, found)
}

/// One form of one version, as data.
pub async fn form(
    app: Data,
    visit: Visit,
    request: HttpRequest,
    path: web::Path<(String, String)>,
) -> HttpResponse {
    let (version, code) = path.into_inner();
    let verb = Verb::ApiReadReference;
    let found = read(&app, &visit, &request, verb, move |_, ctx| {
        let dict = ctx.house.library.version(&version).ok_or(Error::NotFound)?;
        let form = dict.form(&code).ok_or(Error::NotFound)?;
        Ok(dictionary::form(dict, form))
    })
    .await;
    reply::answer(&visit, found)
}

/// The description of all this, made from the forms in use.
pub async fn openapi(app: Data, _: Visit) -> Page {
    let document = openapi::document(app.house.dictionary(), &app.house.base_url);
    Ok(HttpResponse::Ok().json(document))
}

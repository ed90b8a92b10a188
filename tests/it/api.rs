//! What other systems send and read.

use cdr::casework::tokens;
use cdr::domain::actor::{Actor, ApiScope};
use reqwest::Method;
use serde_json::{Value, json};

use super::support::{Page, Service, given, logs};
use crate::both_engines;

/// A token for another system.
fn token(service: &Service, scopes: &[ApiScope]) -> String {
    let scopes = scopes.to_vec();
    let token = service
        .write(Actor::operator(), move |tx, ctx| {
            tokens::issue(tx, ctx, "Sample system", &scopes, 30)
        })
        .unwrap();
    logs::never(&token);
    token
}

async fn send(service: &Service, token: &str, key: &str, body: &Value) -> Page {
    let browser = service.browser();
    let post = browser
        .request(Method::POST, "/api/v1/notifications")
        .bearer_auth(token);
    let post = if key.is_empty() {
        post
    } else {
        post.header("idempotency-key", key)
    };
    browser.send(post.json(body)).await
}

fn notification(answers: &Value) -> Value {
    json!({ "form": "notification", "version": "2022-04-r1", "answers": answers })
}

fn body(page: &Page) -> Value {
    serde_json::from_str(&page.text).unwrap_or_else(|e| panic!("{e}: {}", page.text))
}

both_engines! {
    async fn a_notification_is_taken_once_however_often_it_is_sent(service) {
        let token = token(service, &[ApiScope::NotificationsWrite]);
        let whole = notification(&given::answers(1));
        let first = send(service, &token, "key-1", &whole).await.is(201);
        let again = send(service, &token, "key-1", &whole).await.is(201);
        assert_eq!(body(&first)["reference"], body(&again)["reference"]);
        assert!(body(&first)["reference"].as_str().unwrap().starts_with("NKM-"));
        let other = send(service, &token, "key-1", &notification(&given::answers(2))).await;
        assert!(matches!(other.status, 409 | 422), "{}", other.status);
        let sent = service.read(|conn| Ok(cdr::store::notifications::in_state(conn, "received", None, 10)?));
        assert_eq!(sent.len(), 1);
    }

    async fn many_at_once_with_one_key_make_one(service) {
        let token = token(service, &[ApiScope::NotificationsWrite]);
        let whole = notification(&given::answers(1));
        let all = futures_util::future::join_all((0..6).map(|_| send(service, &token, "key-1", &whole))).await;
        let references: std::collections::BTreeSet<String> = all.into_iter().map(|p| body(&p.is(201))["reference"].to_string()).collect();
        assert_eq!(references.len(), 1, "{references:?}");
    }

    async fn every_fault_is_told_field_by_field(service) {
        let token = token(service, &[ApiScope::NotificationsWrite]);
        let mut answers = given::answers(1);
        answers["nhs_number"] = json!("9990000019");
        answers["date_of_death"] = json!("2026-02-31");
        answers["sex"] = json!("neither");
        answers["circumstances"] = Value::Null;
        let page = send(service, &token, "key-1", &notification(&answers)).await.is(422);
        assert!(page.header("content-type").starts_with("application/problem+json"));
        let said = body(&page);
        let fields: Vec<&str> = said["errors"].as_array().unwrap().iter().map(|e| e["field"].as_str().unwrap()).collect();
        for field in ["nhs_number", "date_of_death", "sex", "circumstances"] {
            assert!(fields.contains(&field), "{field} is not told: {said:#}");
        }
        for error in said["errors"].as_array().unwrap() {
            assert!(error["rule"].is_string() && error["message"].is_string(), "{error}");
        }
    }

    async fn what_is_no_notification_is_a_problem_document(service) {
        let token = token(service, &[ApiScope::NotificationsWrite]);
        let browser = service.browser();
        let post = |kind: &str, text: &str| {
            browser.request(Method::POST, "/api/v1/notifications").bearer_auth(&token).header("idempotency-key", "k")
                .header("content-type", kind.to_owned()).body(text.to_owned())
        };
        for (kind, text) in [
            ("application/json", "{"), ("application/json", ""), ("application/json", "[]"), ("application/json", "null"),
            ("application/json", "{\"form\":1}"), ("application/json", "{\"form\":\"analysis\"}"), ("text/plain", "{}"),
            ("application/json", "{\"form\":\"notification\",\"version\":\"9999\",\"answers\":{}}"),
            ("application/json", "{\"form\":\"notification\",\"answers\":[]}"), ("application/x-www-form-urlencoded", "a=b"),
        ] {
            let page = browser.send(post(kind, text)).await;
            assert!((400..500).contains(&page.status), "{kind} {text:?}: {}", page.status);
            assert!(page.header("content-type").starts_with("application/problem+json"), "{kind} {text:?}: {}", page.header("content-type"));
            let said = body(&page);
            assert_eq!(said["status"], page.status, "{said}");
            for word in ["serde", "line 1", "column", "EOF", "deserialize"] {
                assert!(!page.text.contains(word), "{text:?} says {word}: {}", page.text);
            }
        }
        let deep = format!("{{\"form\":\"notification\",\"answers\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        browser.send(post("application/json", &deep)).await.is(400);
        browser.send(post("application/json", &"x".repeat(1024 * 1024 + 1))).await.is(413);
        send(service, &token, "", &notification(&given::answers(1))).await.is(400);
    }

    async fn a_token_opens_what_it_names_while_it_holds(service) {
        let whole = notification(&given::answers(1));
        let reader = token(service, &[ApiScope::CasesRead]);
        let refused = send(service, &reader, "key-1", &whole).await;
        assert!(matches!(refused.status, 401 | 403), "{}", refused.status);
        for wrong in ["", "x", "a.b.c", "eyJhbGciOiJub25lIn0.e30."] {
            send(service, wrong, "key-1", &whole).await.is(401);
        }
        let writer = token(service, &[ApiScope::NotificationsWrite]);
        let mut tampered = writer.clone();
        tampered.pop();
        tampered.push(if writer.ends_with('A') { 'Q' } else { 'A' });
        send(service, &tampered, "key-1", &whole).await.is(401);
        let all = service.read(|conn| {
            use diesel::prelude::*;
            use cdr::store::schema::api_tokens;
            Ok(api_tokens::table.filter(api_tokens::scopes.eq("notifications:write")).select(api_tokens::id).load::<String>(conn.engine()).map_err(cdr::store::StoreError::from)?)
        });
        send(service, &writer, "key-1", &whole).await.is(201);
        let id = all[0].clone();
        service.write(Actor::operator(), move |tx, ctx| tokens::revoke(tx, ctx, &id)).unwrap();
        send(service, &writer, "key-2", &whole).await.is(401);
    }

    async fn a_token_that_does_not_hold_is_kept_once_a_minute(service) {
        let refusals = || service.read(|conn| Ok(cdr::store::events::latest(conn, "token_refused", 99)?));
        let browser = service.browser();
        let get = async |token: &str| {
            let call = browser.request(Method::GET, "/api/v1/returns").bearer_auth(token);
            browser.send(call).await.is(401);
        };
        let whole = notification(&given::answers(1));
        for _ in 0..5 {
            get("a.b.c").await;
            send(service, "a.b.c", "key-1", &whole).await.is(401);
        }
        assert_eq!(refusals().len(), 1, "both ways in count together");
        let held = token(service, &[ApiScope::NotificationsWrite, ApiScope::ReturnsRead]);
        let id = service.read(|conn| Ok(cdr::store::tokens::list(conn)?))[0].id.clone();
        let revoked = id.clone();
        service.write(Actor::operator(), move |tx, ctx| tokens::revoke(tx, ctx, &revoked)).unwrap();
        send(service, &held, "key-1", &whole).await.is(401);
        get(&held).await;
        service.pass(chrono::Duration::days(31));
        get(&held).await;
        let kept: Vec<(bool, Value)> = refusals().iter().map(|event| {
            let detail: Value = serde_json::from_str(&event.detail).unwrap();
            assert!(!event.detail.contains(&held));
            (event.subject_id.as_deref() == Some(id.as_str()), detail["why"].clone())
        }).collect();
        let wanted = [(true, json!("out_of_time")), (true, json!("revoked")), (false, json!("forged"))];
        assert_eq!(kept, wanted, "the newest first");
        get("").await;
        assert_eq!(refusals().len(), 3);
    }

    async fn the_state_of_a_case_tells_nothing_of_the_child(service) {
        let case = given::case(service, 1);
        let token = token(service, &[ApiScope::CasesRead, ApiScope::ReturnsRead, ApiScope::ReferenceRead]);
        let browser = service.browser();
        let get = |path: String| browser.request(Method::GET, &path).bearer_auth(&token);
        let page = browser.send(get(format!("/api/v1/cases/{}", case.reference))).await.is(200);
        for secret in ["Testfamily1", "Samplechild1", "9990000018", "2024-02-09", "ME14"] {
            assert!(!page.text.contains(secret), "{}", page.text);
        }
        browser.send(get("/api/v1/cases/KM-2026-9999".into())).await.is(404);
        browser.send(get("/api/v1/cases/x".into())).await.is(404);
        browser.send(get("/api/v1/returns".into())).await.is(200);
        let read = service.read(|conn| Ok(cdr::store::events::latest(conn, "returns_read", 9)?));
        assert_eq!(read.iter().map(|e| e.actor_kind.as_str()).collect::<Vec<_>>(), ["system"]);
        browser.send(get("/api/v1/forms/2022-04-r1/notification".into())).await.is(200);
        browser.send(get("/api/v1/forms/1999/notification".into())).await.is(404);
        browser.send(get("/api/v1/forms/2022-04-r1/nothing".into())).await.is(404);
    }

    async fn the_description_names_every_address_of_the_list(service) {
        let page = service.browser().get("/api/openapi.json").await.is(200);
        let said = body(&page);
        assert!(said["openapi"].as_str().unwrap().starts_with("3.1"));
        for route in cdr::web::routes::all().into_iter().filter(|r| r.path.starts_with("/api/v1")) {
            let method = route.method.as_str().to_lowercase();
            assert!(said["paths"][route.path][&method].is_object(), "{method} {} is not described", route.path);
        }
    }
}

//! The door: what every answer tells the browser, who may write, and who is believed about where they come from.

use std::io::{Read, Write};

use cdr::config::PublicPosts;
use cdr::domain::actor::Role;
use cdr::web::limits::Limits;
use cdr::web::patience::Patience;
use cdr::web::routes::{Access, all};
use diesel::connection::SimpleConnection;
use reqwest::Method;

use super::support::journey::{
    begin_notification, fill_notification, notify_a_death, open_notification, reference,
    send_notification,
};
use super::support::service::PASSWORD;
use super::support::{Browser, Engine, Page, Sample, Service, given, on_with};
use crate::both_engines;

const FORM: &str = "application/x-www-form-urlencoded";
const NAME: &str = "/notify/section/name";

/// The headers that every answer carries, whoever made it.
const ALWAYS: &[(&str, &str)] = &[
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
];

fn guarded(what: &str, page: &Page, status: u16, under_tls: bool) {
    assert_eq!(page.status, status, "{what}: {}", page.words());
    for (name, value) in ALWAYS {
        assert_eq!(page.header(name), *value, "{what}: {name}");
    }
    let policy = page.header("content-security-policy");
    for part in [
        "default-src 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action",
    ] {
        assert!(policy.contains(part), "{what}: {part} is not in {policy}");
    }
    assert!(
        !policy.contains("unsafe-") && !policy.contains('*') && !policy.contains("http"),
        "{what}: {policy}"
    );
    let denied = page.header("permissions-policy");
    assert!(
        denied.split(", ").all(|f| f.ends_with("=()")) && denied.contains("geolocation=()"),
        "{what}: {denied}"
    );
    let stored = page.header("cache-control");
    assert_eq!(
        stored.contains("no-store"),
        what != "asset",
        "{what}: {stored}"
    );
    assert!(
        page.headers.get("server").is_none() && page.headers.get("x-powered-by").is_none(),
        "{what}"
    );
    let tls = page.header("strict-transport-security");
    assert_eq!(tls.contains("max-age=63072000"), under_tls, "{what}: {tls}");
}

/// One answer of each kind that a browser without an account can be given.
async fn each_kind(browser: &Browser, under_tls: bool) {
    let page = browser.get("/notify").await;
    guarded("page", &page, 200, under_tls);
    let style = page
        .text
        .split("/assets/")
        .nth(1)
        .or_else(|| page.text.split("assets&#x2f;").nth(1))
        .unwrap();
    let style = style.split('"').next().unwrap();
    guarded(
        "asset",
        &browser.get(&format!("/assets/{style}")).await,
        200,
        under_tls,
    );
    guarded("redirect", &browser.get("/cases").await, 303, under_tls);
    guarded(
        "nothing there",
        &browser.get("/nothing").await,
        404,
        under_tls,
    );
    guarded(
        "no asset",
        &browser.get("/assets/nothing.css").await,
        404,
        under_tls,
    );
    guarded(
        "wrong method",
        &browser
            .send(browser.request(Method::DELETE, "/notify"))
            .await,
        405,
        under_tls,
    );
    guarded("health", &browser.get("/health/live").await, 200, under_tls);
    guarded("figures", &browser.get("/metrics").await, 200, under_tls);
    guarded(
        "interface",
        &browser.get("/api/openapi.json").await,
        200,
        under_tls,
    );
    guarded(
        "interface without a token",
        &browser.get("/api/v1/returns").await,
        401,
        under_tls,
    );
    guarded(
        "no token",
        &browser.bare_post("/notify", &[]).await,
        403,
        under_tls,
    );
    let raw = |body: String| {
        browser
            .request(Method::POST, "/notify")
            .header("content-type", FORM)
            .body(body)
    };
    let text = browser
        .request(Method::POST, "/notify")
        .header("content-type", "text/plain")
        .body("a=b");
    guarded("unreadable", &browser.send(text).await, 400, under_tls);
    guarded(
        "too large",
        &browser.send(raw("x".repeat(1024 * 1024 + 1))).await,
        413,
        under_tls,
    );
    let heavy = browser
        .request(Method::GET, "/notify")
        .header("x-sample", "x".repeat(40_000));
    guarded(
        "too many headers",
        &browser.send(heavy).await,
        431,
        under_tls,
    );
}

both_engines! {
    async fn every_kind_of_answer_tells_the_browser_the_same(service) {
        let browser = service.browser();
        each_kind(&browser, false).await;
        let token = browser.token().await;
        guarded("nothing typed", &browser.post("/notify/continue", &[("csrf", &token)]).await, 422, false);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let (sender, _) = notify_a_death(service, &Sample::child(1)).await;
        guarded("download", &sender.get("/notify/copy/download").await, 200, false);
        guarded("worklist", &coordinator.get("/cases").await, 200, false);
        guarded("without content", &coordinator.get("/account/stay").await, 204, false);
        let gone = "ALTER TABLE kept_counts RENAME TO gone";
        match service.database.conn() {
            cdr::store::Engine::Sqlite(mut c) => c.batch_execute(gone).unwrap(),
            cdr::store::Engine::Postgres(mut c) => c.batch_execute(gone).unwrap(),
        }
        guarded("a fault of ours", &coordinator.get("/cases").await, 500, false);
    }

    async fn no_write_without_the_token_of_this_very_browser(service) {
        let case = given::case(service, 1);
        let before = events(service);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let other = service.signed_in(Role::DesignatedDoctor).await;
        let stranger = service.browser();
        let wrong = [String::new(), "x".repeat(80), other.token().await, stranger.token().await];
        let signed_in = events(service);
        for route in all().iter().filter(|r| r.method.as_str() == "POST") {
            // A meeting that is not there is refused before a file is read; `papers` tries the token on one that is.
            if matches!(route.access, Access::Bearer(_)) || route.path.ends_with("/papers") {
                continue;
            }
            let path = route.path.replace("{reference}", &case.reference).replace("{number}", "1").replace("{version}", "v");
            let path = path.split('/').map(|part| if part.starts_with('{') { "x" } else { part }).collect::<Vec<_>>().join("/");
            for token in wrong.iter().map(Some).chain([None]) {
                let page = if ["/documents", "/files", "/directory/import", "/imports", "/registered-deaths", "/transfers"].iter().any(|end| path.ends_with(end)) {
                    upload(&coordinator, &path, token.map(String::as_str)).await
                } else {
                    let pairs: Vec<(&str, &str)> = token.map(|t| ("csrf", t.as_str())).into_iter().collect();
                    // As another site could make a browser send it that does not say where from.
                    let post = coordinator.request(Method::POST, &path).form(&pairs);
                    coordinator.send(post.header("content-type", FORM)).await
                };
                // Whose request it is, is asked before a file is read; `attachments` tries the token there.
                let wanted = if path.ends_with("/files") { 404 } else { 403 };
                assert_eq!(page.status, wanted, "{path}: {}", page.words());
                if wanted == 404 {
                    continue;
                }
                assert!(page.text.contains("govuk-"), "{path}");
                page.says("nothing was changed").says("give the number");
            }
        }
        let after = events(service);
        assert!(before.len() < signed_in.len());
        assert_eq!(signed_in, after, "something was done");
        coordinator.get("/account").await.is(200);
    }

    async fn a_page_from_before_signing_in_again_loses_nothing(service) {
        let email = "twice@cdr.example";
        service.add_user(email, Role::Coordinator);
        let browser = service.browser();
        browser.sign_in(service, email, PASSWORD).await.is(303);
        let mut form = browser.get("/cases").await.is(200).form_to("/cases");
        // In another tab of the same browser.
        browser.sign_in(service, email, PASSWORD).await.is(303);
        form.set("q", "Words");
        let page = browser.submit(&form).await.is(403).says("What you typed was kept");
        let (_, kept) = page.links().into_iter().find(|(text, _)| text.starts_with("Read what you typed")).unwrap();
        let again = browser.get(&kept).await.is(200).form_with("Send it again");
        assert_eq!((again.action.as_str(), again.value("q").as_str()), ("/cases", "Words"));
        browser.submit(&again).await.is(200);
        // The same from elsewhere is not kept.
        let from = browser.request(Method::POST, "/cases").form(&form.pairs());
        browser.send(from).await.is(403).says("Go back");
    }

    async fn the_back_button_breaks_no_form(service) {
        let browser = begin_notification(service).await;
        let first = browser.get(NAME).await.is(200).form_to(NAME);
        browser.get("/sign-in").await.is(200);
        browser.get("/notify").await.is(200);
        service.pass(chrono::Duration::hours(20));
        browser.submit(&first).await.is(303);
    }
}

async fn upload(browser: &Browser, path: &str, token: Option<&str>) -> Page {
    let fields: Vec<(&str, &str)> = token.into_iter().map(|token| ("csrf", token)).collect();
    browser
        .bare_upload(path, &fields, ("a.txt", b"Sample"))
        .await
}

#[test]
fn under_tls_every_answer_asks_for_tls_again() {
    on_with(
        Engine::Sqlite,
        |app| app.secure_cookies = true,
        async |service: &Service| {
            each_kind(&service.browser(), true).await;
            let page = service.browser().get("/notify").await;
            let cookie = page.header("set-cookie");
            for part in [
                "__Host-cdr_form=",
                "Secure",
                "HttpOnly",
                "SameSite=Lax",
                "Path=/",
            ] {
                assert!(cookie.contains(part), "{part} is not in {cookie}");
            }
        },
    );
}

fn events(service: &Service) -> Vec<String> {
    use cdr::store::schema::events;
    use diesel::prelude::*;
    service.read(|conn| {
        // That a case was looked up, to see whose it is, is not a change.
        let all = events::table
            .filter(events::what.ne("case_read"))
            .order(events::seq)
            .select(events::what)
            .load(conn.engine());
        Ok(all.map_err(cdr::store::StoreError::from)?)
    })
}

/// Posts a form of our own as a browser that is told of another host would.
async fn told_of_another_host(service: &Service) -> Page {
    let browser = service.browser();
    let token = browser.token().await;
    let post = browser
        .request(Method::POST, "/notify")
        .header("origin", "https://elsewhere.example")
        .header("x-forwarded-host", "elsewhere.example")
        .form(&[("csrf", token)]);
    browser.send(post).await
}

#[test]
fn only_a_proxy_of_ours_says_how_we_were_addressed() {
    on_with(
        Engine::Sqlite,
        |_| {},
        async |service: &Service| {
            told_of_another_host(service).await.is(403);
        },
    );
    let proxy = || vec!["127.0.0.0/8".parse().unwrap()];
    on_with(
        Engine::Sqlite,
        |app| app.proxies = proxy(),
        async |service: &Service| {
            told_of_another_host(service).await.is(303);
        },
    );
}

/// Figures tell how many cases there are; whether the service is up is told to anybody.
#[test]
fn figures_are_for_whoever_runs_the_service() {
    let set = |app: &mut cdr::web::App| app.metrics_from = vec!["127.0.0.0/8".parse().unwrap()];
    on_with(Engine::Sqlite, set, async |service: &Service| {
        let browser = service.browser();
        let told = |path: &str, name: &str| {
            let call = browser.request(Method::GET, path);
            browser.send(call.header(name, "203.0.113.9"))
        };
        browser.get("/metrics").await.is(200).says("cdr_rows");
        for name in ["x-forwarded-for", "forwarded", "via", "x-real-ip"] {
            told("/metrics", name).await.is(404).never_says("cdr_rows");
            assert_eq!(told("/health/ready", name).await.is(200).text, "ready\n");
            assert_eq!(told("/health/live", name).await.is(200).text, "live\n");
        }
    });
}

fn set(per_source: u32, overall: u32) -> Limits {
    Limits::new(&PublicPosts {
        per_source,
        overall,
        at_once: 2,
        quickest: 0,
    })
}

#[test]
fn too_many_posts_from_one_source_wait_and_lose_nothing() {
    let set = |app: &mut cdr::web::App| {
        app.limits = set(3, 1_000);
        app.proxies = vec!["127.0.0.1".parse().unwrap()];
    };
    on_with(Engine::Sqlite, set, async |service: &Service| {
        let browser = begin_notification(service).await;
        let mut form = browser.get(NAME).await.is(200).form_to(NAME);
        form.set("child_surname", "Testfamily1");
        let coordinator = service.signed_in(Role::Coordinator).await;
        for _ in 0..2 {
            browser
                .post("/notify/continue", &[("code", "x")])
                .await
                .is(422);
        }
        let page = browser
            .submit(&form)
            .await
            .is(429)
            .says("Nothing that you saved is lost");
        assert!(page.header("retry-after").parse::<u32>().unwrap() > 0);
        let page = page.says(&service.app.house.area.telephone);
        let again = page.form_with("Send it again");
        assert_eq!(
            (again.action.as_str(), again.value("child_surname").as_str()),
            (NAME, "Testfamily1")
        );
        browser.submit(&again).await.is(429);
        // Signing in is counted apart. A password is not shown again, a page without a token is given nothing back.
        let words = [("email", "a@cdr.example"), ("password", "Sample words")];
        for _ in 0..3 {
            browser.post("/sign-in", &words).await.is(422);
        }
        let page = browser.post("/sign-in", &words).await.is(429);
        page.never_says("Sample words");
        let page = browser
            .bare_post("/sign-in", &[("email", "a@cdr.example")])
            .await
            .is(403);
        page.never_says("a@cdr.example");
        // Pages are not counted, nor what signed-in people post.
        for _ in 0..5 {
            browser.get("/notify").await.is(200);
            coordinator.post("/cases", &[("q", "x")]).await.is(200);
        }
        // Another source is not kept waiting; one that only says so of itself behind our proxy is its own.
        let token = browser.token().await;
        let from = |address: &str| {
            let post = browser
                .request(Method::POST, "/notify/continue")
                .header("x-forwarded-for", address.to_owned());
            post.form(&[("csrf", token.clone()), ("code", "x".to_owned())])
        };
        browser.send(from("198.51.100.7")).await.is(422);
        for _ in 0..3 {
            browser.send(from("2001:db8::1")).await;
        }
        browser.send(from("2001:db8::2")).await.is(429);
        browser.send(from("2001:db8:0:1::2")).await.is(422);
    });
}

#[test]
fn all_together_have_a_limit_too() {
    on_with(
        Engine::Sqlite,
        |app| app.limits = set(100, 2),
        async |service: &Service| {
            let browser = service.browser();
            for wanted in [422, 422, 429] {
                browser
                    .post("/notify/continue", &[("code", "x")])
                    .await
                    .is(wanted);
            }
            let coordinator = service.signed_in(Role::Coordinator).await;
            coordinator.post("/cases", &[("q", "x")]).await.is(200);
        },
    );
}

both_engines! {
    async fn what_a_program_sends_is_held_and_never_lost(service) {
        let browser = begin_notification(service).await;
        fill_notification(&browser, &Sample::child(1)).await;
        let mut form = browser.get("/notify/check").await.is(200).form_with("Send notification");
        form.set("subject", "Buy now");
        let sent = browser.submit_on(&form).await.is(200).says("Notification sent");
        let reference = reference(&sent);
        let told = service.mails();
        let to: Vec<&str> = told.iter().map(|mail| mail.recipient.as_str()).collect();
        assert_eq!(to, [service.app.house.area.email.as_str()], "the team alone is told");
        assert!(told[0].body.contains("/cases?view=held") && !told[0].body.contains(&reference));
        let coordinator = service.signed_in(Role::Coordinator).await;
        coordinator.get("/cases?view=new").await.is(200).never_says(&reference);
        let list = coordinator.get("/cases?view=held").await.is(200).says("Held (1)").says(&reference);
        let (_, to) = list.links().into_iter().find(|(_, to)| to.starts_with("/cases/notifications/")).unwrap();
        let page = coordinator.get(&to).await.is(200).says("a box that people do not see was filled in");
        // It cannot be decided on before it was looked at, and only by whoever decides.
        coordinator.post(&to, &[("version", "9"), ("decision", "in_scope_resident")]).await.is(409);
        let analyst = service.signed_in(Role::Analyst).await;
        analyst.post(&format!("{to}/held"), &[("version", "9"), ("decision", "release")]).await.is(403);
        analyst.get("/cases?view=held").await.never_says(&reference);
        coordinator.submit(&page.form_with("Set it aside")).await.is(422).faults("Say why", "#reason");
        let sent_at = row(service, &reference).sent_at;
        service.pass(chrono::Duration::minutes(20));
        let page = coordinator.get(&to).await.is(200);
        coordinator.submit(&page.form_with("Release it")).await.is(303).moved_to(&to);
        coordinator.submit(&page.form_with("Release it")).await.is(409);
        let released = row(service, &reference);
        assert_eq!((released.state.as_str(), released.sent_at), ("received", sent_at), "its clocks count from when it was sent");
        let newest = service.mail_to(&service.app.house.area.email);
        assert!(newest.body.contains(&reference));
        open_notification(&coordinator, &reference).await.form_with("Save the decision");
    }
}

fn row(service: &Service, reference: &str) -> cdr::store::notifications::Notification {
    let found = service.read(|conn| Ok(cdr::store::notifications::by_reference(conn, reference)?));
    found.unwrap()
}

#[test]
fn what_is_sent_too_quickly_is_held_and_can_be_set_aside() {
    on_with(
        Engine::Sqlite,
        |app| app.quickest = 60,
        async |service: &Service| {
            let (_, quick) = notify_a_death(service, &Sample::child(1)).await;
            let slow = begin_notification(service).await;
            fill_notification(&slow, &Sample::child(2)).await;
            service.pass(chrono::Duration::minutes(2));
            let slow = reference(&send_notification(&slow).await);
            let coordinator = service.signed_in(Role::Coordinator).await;
            coordinator
                .get("/cases?view=new")
                .await
                .says(&slow)
                .never_says(&quick);
            let to = format!("/cases/notifications/{}", row(service, &quick).id);
            let mut form = coordinator
                .get(&to)
                .await
                .is(200)
                .says("sooner than a person can type it")
                .form_with("Set it aside");
            form.set("reason", "Sample words of a program");
            coordinator
                .submit(&form)
                .await
                .is(303)
                .moved_to("/cases?view=held");
            coordinator
                .get("/cases?view=held")
                .await
                .is(200)
                .says("Held (0)")
                .never_says(&quick);
            coordinator
                .get(&to)
                .await
                .is(200)
                .says("It was set aside")
                .says("Sample words of a program");
        },
    );
}

/// Writes this to the service and nothing more; gives all it answers until it closes.
fn half(service: &Service, text: &str) -> impl Future<Output = String> + use<> {
    let address = service.address.trim_start_matches("http://").to_owned();
    let text = text.to_owned();
    let talk = actix_web::rt::task::spawn_blocking(move || {
        let mut line = std::net::TcpStream::connect(address).unwrap();
        line.set_read_timeout(Some(std::time::Duration::from_secs(20)))
            .unwrap();
        line.write_all(text.as_bytes()).unwrap();
        let mut answer = Vec::new();
        line.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    });
    async move { talk.await.unwrap() }
}

#[test]
fn whoever_sends_too_slowly_is_told_so_and_holds_no_place() {
    let short = std::time::Duration::from_millis(1_500);
    let set = |app: &mut cdr::web::App| {
        app.patience = Patience {
            head: short,
            body: short,
            file: short,
        };
        app.limits = Limits::new(&PublicPosts {
            at_once: 1,
            ..PublicPosts::default()
        });
    };
    on_with(Engine::Sqlite, set, async |service: &Service| {
        let head = half(service, "GET /notify HTTP/1.1\r\nHost: local").await;
        assert!(head.starts_with("HTTP/1.1 408 "), "{head}");
        let ours = format!(
            "Host: local\r\nOrigin: {}\r\nSec-Fetch-Site: same-origin\r\nConnection: close\r\nContent-Length: 500\r\n",
            service.address
        );
        let form = format!(
            "POST /notify/continue HTTP/1.1\r\n{ours}Content-Type: {FORM}\r\n\r\nreference="
        );
        let begun: Vec<_> = (0..4).map(|_| half(service, &form)).collect();
        // While four are slow, with one place for all, others are served.
        begin_notification(service).await;
        for answer in begun {
            let answer = answer.await;
            assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
            assert!(answer.contains("took too long"), "{answer}");
        }
        let json = format!(
            "POST /api/v1/notifications HTTP/1.1\r\n{ours}Content-Type: application/json\r\nAuthorization: Bearer x\r\n\r\n{{"
        );
        let answer = half(service, &json).await;
        assert!(
            answer.starts_with("HTTP/1.1 401 "),
            "nothing is read for nobody: {answer}"
        );
    });
}

//! What should not be sent, sent: a designed page with the right status each time, and nothing falls over.

use reqwest::Method;

use super::support::journey::begin_notification;
use super::support::{Browser, Page, Service};
use crate::both_engines;

const FORM: &str = "application/x-www-form-urlencoded";
const NAME: &str = "/notify/section/name";

/// A page of ours: a heading, a way to ask about it, and no words of programs (every page is checked for those).
fn designed(page: Page) -> Page {
    assert!(
        page.is_html(),
        "{}: {} {}",
        page.path,
        page.header("content-type"),
        page.text
    );
    assert!(page.text.contains("govuk-"), "{}", page.text);
    page.says("give the number")
}

async fn raw(browser: &Browser, path: &str, kind: &str, body: impl Into<reqwest::Body>) -> Page {
    browser
        .send(
            browser
                .request(Method::POST, path)
                .header("content-type", kind)
                .body(body),
        )
        .await
}

both_engines! {
    async fn malformed_bodies_are_refused_with_a_page(service) {
        let browser = begin_notification(service).await;
        for body in [&b"\xff\xfe=1"[..], b"child_surname=\xc3\x28"] {
            designed(raw(&browser, NAME, FORM, body.to_vec()).await.is(400));
        }
        for kind in ["application/json", "multipart/form-data; boundary=x", "text/plain", "", "x"] {
            designed(raw(&browser, NAME, kind, "child_surname=Testfamily1").await.is(400));
        }
        let none = browser.send(browser.request(Method::POST, NAME).body("a=b")).await;
        designed(none.is(400));
        // What can be read is read, however odd.
        let token = browser.token().await;
        for body in ["", "&&&", "=", "%", "%zz=%00", "version=1&child_surname=%F0%9F%91%B6", "version=1&version=2", "version=99999999999999999999"] {
            let page = raw(&browser, NAME, FORM, format!("csrf={token}&{body}")).await;
            assert!(page.status < 500, "{body:?}: {}", page.status);
        }
    }

    async fn too_much_at_once_is_refused_with_a_page(service) {
        let browser = begin_notification(service).await;
        let large = format!("child_surname={}", "x".repeat(1024 * 1024));
        designed(raw(&browser, NAME, FORM, large.clone()).await.is(413));
        designed(raw(&browser, "/sign-in", FORM, large.clone()).await.is(413));
        // Without a length, piece by piece.
        let answer = in_pieces(&service.address, NAME, 40);
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 413"), "{answer}");
        let many = "n=&".repeat(6000);
        designed(raw(&browser, NAME, FORM, many).await.is(413));
        // Just under is read.
        let token = browser.token().await;
        let page = raw(&browser, NAME, FORM, format!("csrf={token}&version=1&child_surname={}", "x".repeat(1_000_000))).await;
        page.is(422);
        browser.get("/health/live").await.is(200);
    }

    async fn addresses_that_are_not_there_look_alike(service) {
        let browser = begin_notification(service).await;
        for path in [
            "/nothing", "/notify/section/nothing", "/notify/section/%00", "/notify/section/..%2f..%2fetc", "/assets/nothing.css",
            "/notify/section/%F0%28%8C%28", "/requests/x/forms/reporting", "/requests/x/check",  "//", "/notify/", "/requests/",
        ] {
            let page = browser.get(path).await;
            assert!(matches!(page.status, 400 | 404), "{path}: {}", page.status);
            if path != "/assets/nothing.css" {
                designed(page);
            }
        }
        browser.get(&format!("/{}", "a".repeat(5_000))).await.is(404);
    }

    async fn a_wrong_method_is_not_there_either(service) {
        let browser = begin_notification(service).await;
        for (method, path) in [
            (Method::POST, "/notify/check"), (Method::PUT, "/notify"), (Method::DELETE, NAME), (Method::PATCH, "/sign-in"),
            (Method::GET, "/notify/send"), (Method::GET, "/notify/leave"), (Method::OPTIONS, "/notify"), (Method::TRACE, "/notify"),
        ] {
            let page = browser.send(browser.request(method.clone(), path)).await;
            assert!(matches!(page.status, 404 | 405), "{method} {path}: {}", page.status);
        }
        let head = browser.send(browser.request(Method::HEAD, "/notify")).await;
        assert!(head.status == 200 && head.text.is_empty(), "HEAD: {}", head.status);
    }

    async fn a_post_from_another_site_changes_nothing(service) {
        let browser = begin_notification(service).await;
        let form = browser.get(NAME).await.form_to(NAME);
        let (version, token) = (form.value("version"), form.value("csrf"));
        for (name, value) in [
            ("origin", "https://elsewhere.example"), ("origin", "http://127.0.0.1.elsewhere.example"), ("origin", "http://127.0.0.1:1"),
            ("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"),
        ] {
            let body = format!("csrf={token}&version={version}&child_surname=Testfamily1");
            let post = browser.request(Method::POST, NAME).header("content-type", FORM).header(name, value).body(body);
            designed(browser.send(post).await.is(403));
        }
        assert_eq!(browser.get(NAME).await.form_to(NAME).value("child_surname"), "");
    }

    async fn junk_in_every_control_is_answered_with_the_page_again(service) {
        // What a form makes of junk does not touch the engine, so one of them is enough.
        if service.engine == super::support::Engine::Sqlite {
            let browser = begin_notification(service).await;
            junk_everywhere(&browser, "/notify/tasks", "/notify/section/").await;
        }
    }

    async fn names_that_no_form_has_are_ignored(service) {
        let browser = begin_notification(service).await;
        let mut pairs: Vec<(&str, &str)> = vec![
            ("version", "1"), ("child_surname", "Testfamily1"), ("age_band", "1_4y"), ("record_status", "accepted"),
            ("notification_reference", "stolen"), ("state", "accepted"), ("case_id", "x"), ("__proto__", "x"),
            ("agencies_involved-0-nothing", "x"), ("agencies_involved-999999999-name", "x"), ("agencies_involved--name", "x"),
        ];
        browser.post(NAME, &pairs).await.is(303);
        pairs.retain(|(name, _)| *name != "child_surname");
        let stored = service.read(|conn| {
            use diesel::prelude::*;
            use cdr::store::schema::notifications;
            let id: String = notifications::table
                .select(notifications::id)
                .first(conn.engine())
                .map_err(cdr::store::StoreError::from)?;
            Ok(cdr::store::notifications::get(conn, &id)?.unwrap().answers)
        });
        let kept: serde_json::Value = serde_json::from_str(&stored).unwrap();
        let names: Vec<&String> = kept.as_object().unwrap().keys().collect();
        assert!(names.iter().all(|n| !["age_band", "record_status", "notification_reference", "state", "agencies_involved"].contains(&n.as_str())), "{names:?}");
    }
}

/// Posts pieces of 64 KiB without saying how many there will be; gives what is answered, if the connection
/// lives to tell.
fn in_pieces(address: &str, path: &str, pieces: usize) -> String {
    use std::io::{Read, Write};
    let host = address.trim_start_matches("http://");
    let mut stream = std::net::TcpStream::connect(host).unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: {FORM}\r\ntransfer-encoding: chunked\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let piece = format!("10000\r\n{}\r\n", "x".repeat(64 * 1024));
    for _ in 0..pieces {
        if stream.write_all(piece.as_bytes()).is_err() {
            break;
        }
    }
    drop(stream.write_all(b"0\r\n\r\n"));
    let mut answer = [0; 512];
    let n = stream.read(&mut answer).unwrap_or(0);
    String::from_utf8_lossy(&answer[..n]).into_owned()
}

/// Wrong values for every control of every section of a task list: never a fault of ours, and every
/// refusal says where, in the summary and at the field, and keeps what was typed.
pub async fn junk_everywhere(browser: &Browser, tasks: &str, under: &str) {
    const JUNK: &[&str] = &[
        "",
        " ",
        "0",
        "-1",
        "99999999999999999999999",
        "1e309",
        "NaN",
        "\u{0}",
        "\u{202e}abc",
        "' OR 1=1 --",
        "<script>x</script>",
        "{{ 7 * 7 }}",
        "../../etc/passwd",
        "👶",
        "ﷺ",
        "31",
        "not_known",
        "yes",
        "\r\n",
        "a\tb",
    ];
    let list = browser.get(tasks).await.is(200);
    let mut asked = 0;
    for section in super::support::journey::sections(&list, under) {
        let names: Vec<String> = browser
            .get(&section)
            .await
            .is(200)
            .form_to(&section)
            .names()
            .iter()
            .map(ToString::to_string)
            .collect();
        for junk in JUNK {
            let version = browser
                .get(&section)
                .await
                .is(200)
                .form_to(&section)
                .value("version");
            let pairs: Vec<(&str, &str)> = names
                .iter()
                .map(|n| {
                    (
                        n.as_str(),
                        if n == "version" {
                            version.as_str()
                        } else {
                            junk
                        },
                    )
                })
                .collect();
            let page = browser.post(&section, &pairs).await;
            assert!(
                matches!(page.status, 200 | 303 | 422),
                "{section} with {junk:?} everywhere: {}",
                page.status
            );
            if page.status == 422 {
                let faults = page.errors();
                assert!(
                    !faults.is_empty(),
                    "{section} with {junk:?}: refused, and nothing said"
                );
                for (words, _) in &faults {
                    assert!(!words.to_lowercase().contains("invalid"), "{words}");
                    assert!(
                        !words.contains("<script>") && !words.contains("{{"),
                        "{words}"
                    );
                }
            }
            assert!(
                !page.text.contains("<script>x</script>"),
                "{section} lets a script through"
            );
            assert!(!page.text.contains(">49<"), "{section} ran a template");
            asked += 1;
        }
        // One too long for any field.
        let long = "x".repeat(20_001);
        let pairs: Vec<(&str, &str)> = names
            .iter()
            .filter(|n| *n != "version")
            .take(12)
            .map(|n| (n.as_str(), long.as_str()))
            .collect();
        let page = browser.post(&section, &pairs).await;
        assert!(
            matches!(page.status, 409 | 422),
            "{section} with far too much: {}",
            page.status
        );
    }
    assert!(asked > JUNK.len(), "no section was found");
}

/// A panic in a handler is answered with the error page; the service goes on. Checked where one can be caused.
#[test]
fn a_service_that_met_junk_still_answers() {
    let Some(database) = super::support::Database::fresh(super::support::Engine::Sqlite) else {
        return;
    };
    actix_web::rt::System::new().block_on(async {
        let service = Service::start(database);
        let address = service.address.trim_start_matches("http://").to_owned();
        for bytes in [
            &b"\0\0\0\0"[..],
            b"GET\r\n\r\n",
            b"GET / HTTP/9.9\r\n\r\n",
            b"POST /notify HTTP/1.1\r\ncontent-length: -1\r\n\r\n",
            b"GET /\xff HTTP/1.1\r\nhost: x\r\n\r\n",
        ] {
            use std::io::Write;
            let mut stream = std::net::TcpStream::connect(&address).unwrap();
            stream.write_all(bytes).unwrap();
        }
        service.browser().get("/notify").await.is(200);
        service.stop().await;
    });
}

//! The matrix of permissions: the committed text is what the code says, and what answers is what the text says.

use cdr::domain::actor::Role;
use cdr::domain::permission::{When, Who, granted};
use cdr::web::matrix::markdown;
use cdr::web::routes::{Access, Route, all};
use reqwest::Method;

use super::support::{Browser, Database, Engine, Page, Service, given};

#[test]
fn the_committed_matrix_is_what_the_code_says() {
    let place = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/permissions.md");
    let committed = std::fs::read_to_string(place).unwrap_or_default();
    assert!(
        committed == markdown(),
        "docs/permissions.md is out of date: cargo run -- routes --markdown > docs/permissions.md"
    );
}

#[test]
fn an_address_that_is_not_in_the_list_has_no_access() {
    use cdr::web::routes::access_of;
    let get = actix_web::http::Method::GET;
    assert!(access_of(&get, Some("/cases/{reference}")).is_some());
    assert!(access_of(&get, Some("/cases/{reference}/nothing")).is_none());
    assert!(access_of(&get, None).is_none());
}

/// The status and body of an answer, without what differs from answer to answer.
fn plain(page: &Page, reference: &str) -> (u16, String, String) {
    let numbers = page.texts("main .cdr-request-id");
    let text = numbers
        .iter()
        .fold(page.text.clone(), |text, n| text.replace(n, "NUMBER"));
    let to = page.location().unwrap_or_default();
    (
        page.status,
        to.replace(reference, "CASE"),
        text.replace(reference, "CASE"),
    )
}

async fn call(browser: &Browser, route: &Route, reference: &str) -> Page {
    let path = route
        .path
        .replace("{reference}", reference)
        .replace("response/{form}/{section}", "response/first_hours/jar")
        .replace("response/{form}", "response/first_hours")
        .replace("{form}", "notification")
        .replace("{purpose}", "review")
        .replace("{kind}", "action")
        .replace("{letter}", "parent-first")
        .replace("{section}", "child")
        .replace("{part}", "people")
        .replace("{number}", "1")
        .replace("{id}", "nothing");
    let method: Method = route.method.as_str().parse().unwrap();
    let mut request = browser.request(method.clone(), &path);
    if method == Method::POST {
        request = request.form(&[("csrf", browser.token().await)]);
    }
    browser.send(request).await
}

/// What the matrix says of a role and a route, against what three cases answer: one's own, another's, and one
/// that is not there.
async fn judged(
    browser: &Browser,
    route: &Route,
    when: Option<When>,
    own: &str,
    other: &str,
) -> Vec<String> {
    let nowhere = "KM-2026-9999";
    let theirs = call(browser, route, other).await;
    let none = call(browser, route, nowhere).await;
    let alike = plain(&theirs, other) == plain(&none, nowhere);
    let mut faults = Vec::new();
    let mut fault = |what: &str| {
        faults.push(format!(
            "{} {}: {what} ({}, {})",
            route.method, route.path, theirs.status, none.status
        ));
    };
    match when {
        None if theirs.status != 403 || !alike => fault("it is not granted and answers"),
        Some(When::Always) if none.status != 404 => fault("a case that is not there answers"),
        Some(When::Always) if theirs.status == 403 => fault("it is granted and refused"),
        Some(When::Assigned) if theirs.status != 404 || !alike => {
            fault("another’s case and none at all answer differently");
        }
        Some(When::Assigned) if call(browser, route, own).await.status == 403 => {
            fault("one’s own case is refused");
        }
        _ => {}
    }
    if theirs.text.contains("Testfamily") && when != Some(When::Always) {
        fault("it tells a name");
    }
    faults
}

#[test]
fn every_address_of_a_case_answers_each_role_as_the_matrix_says() {
    let Some(database) = Database::fresh(Engine::Sqlite) else {
        return;
    };
    actix_web::rt::System::new().block_on(async {
        let service = Service::start(database);
        let (own, other) = (given::case(&service, 1), given::case(&service, 2));
        let mut faults = Vec::new();
        for role in Role::ALL {
            let email = format!("{}@cdr.example", role.as_str());
            let id = service.add_user(&email, *role);
            if cdr::casework::assign::ROLES.contains(role) {
                let (reference, version) = (
                    own.reference.clone(),
                    given::find(&service, &own.reference).version,
                );
                service
                    .write(Service::coordinator(), move |tx, ctx| {
                        cdr::casework::assign::assign(tx, ctx, &reference, &id, version)
                    })
                    .unwrap();
            }
            let browser = service.signed_in_as(&email);
            for route in all().iter().filter(|r| r.path.contains("{reference}")) {
                let Access::Staff(verb) = route.access else {
                    continue;
                };
                let when = granted(verb, Who::Staff(*role));
                let found = judged(&browser, route, when, &own.reference, &other.reference).await;
                faults.extend(found.into_iter().map(|f| format!("{role}: {f}")));
            }
        }
        let nobody = service.browser();
        for route in all().iter().filter(|r| r.path.contains("{reference}")) {
            let answers = [&own.reference, "KM-2026-9999"];
            let one = call(&nobody, route, answers[0]).await;
            let none = call(&nobody, route, answers[1]).await;
            let same = (
                one.status,
                one.location().map(|to| to.replace(answers[0], "")),
            ) == (
                none.status,
                none.location().map(|to| to.replace(answers[1], "")),
            );
            if !same || !matches!(one.status, 303 | 401) {
                faults.push(format!(
                    "signed out: {} {} {}",
                    route.method, route.path, one.status
                ));
            }
        }
        assert!(
            faults.is_empty(),
            "{} faults:\n{}",
            faults.len(),
            faults.join("\n")
        );
        service.stop().await;
    });
}

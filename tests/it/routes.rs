//! Every route of the one list: who may call it is asked, whoever calls.

use cdr::domain::actor::{Actor, Role};
use cdr::domain::permission::{Facts, may};
use cdr::web::routes::{Access, Route, all};
use reqwest::Method;

use super::support::{Browser, Page, Service, given};
use crate::both_engines;

/// An address of the route, with things that are there where it names any.
fn address(route: &Route, case: &str, notification: &str, request: &str) -> String {
    let id = match route.path {
        path if path.starts_with("/cases/notifications") => notification,
        path if path.contains("/requests/{id}") => request,
        _ => "nothing",
    };
    let version = cdr_version();
    let parts = [
        ("{reference}", case),
        ("{id}", id),
        ("{item}", "nothing"),
        ("{token}", "NOTOKEN"),
        ("response/{form}/{section}", "response/first_hours/jar"),
        ("response/{form}", "response/first_hours"),
        ("{form}", "notification"),
        ("{purpose}", "review"),
        ("{kind}", "action"),
        ("{letter}", "parent-first"),
        ("{number}", "1"),
        ("{section}", "child"),
        ("{part}", "people"),
        ("{name}", "nothing.css"),
        ("{version}", version.as_str()),
    ];
    let path = parts
        .iter()
        .fold(route.path.to_owned(), |path, (name, value)| {
            path.replace(name, value)
        });
    if path.ends_with("/analysis/child") {
        path.replace("/child", "/header")
    } else {
        path
    }
}

fn cdr_version() -> String {
    "2022-04-r1".to_owned()
}

async fn call(browser: &Browser, route: &Route, path: &str) -> Page {
    let method: Method = route.method.as_str().parse().unwrap();
    let mut request = browser.request(method.clone(), path);
    if method == Method::POST {
        request = request
            .header("content-type", "application/x-www-form-urlencoded")
            .form(&[("csrf", browser.token().await)]);
    }
    browser.send(request).await
}

both_engines! {
    async fn without_an_account_only_what_is_open_to_all_answers(service) {
        let case = given::case(service, 1);
        let row = given::notification(service, &given::answers(2));
        let request = given::request(service, &case, "gp", &["reporting"]);
        for route in all() {
            let path = address(&route, &case.reference, &row.id, &request.id);
            let page = call(&service.browser(), &route, &path).await;
            let about = format!("{} {}: {}", route.method, route.path, page.status);
            assert!(page.status < 500, "{about}");
            assert!(!page.text.contains("Testfamily"), "{about} tells a name");
            match route.access {
                Access::Staff(_) if route.method.as_str() == "GET" => {
                    let to = page.location().unwrap_or_default();
                    assert!(page.status == 303 && to.starts_with("/sign-in?next="), "{about} {to}");
                }
                Access::Staff(_) => assert_eq!(page.status, 401, "{about}"),
                // Asking for a new link is answered the same whatever the link.
                Access::Link if route.path.ends_with("/new") => assert_eq!(page.status, 200, "{about}"),
                Access::Link => assert_eq!(page.status, 404, "{about}"),
                Access::Bearer(_) => {
                    assert_eq!(page.status, 401, "{about}");
                    assert!(page.header("content-type").starts_with("application/problem+json"), "{about}");
                }
                Access::Anyone | Access::Operator => assert_ne!(page.status, 401, "{about}"),
            }
        }
    }

    async fn each_role_reaches_what_the_table_grants_and_nothing_else(service) {
        let case = given::case(service, 1);
        let row = given::notification(service, &given::answers(2));
        let request = given::request(service, &case, "gp", &["reporting"]);
        let mut faults = Vec::new();
        for role in Role::ALL {
            let email = format!("{}@cdr.example", role.as_str());
            service.add_user(&email, *role);
            let browser = service.signed_in_as(&email);
            let actor = Actor::staff("x", "x", *role, None);
            for route in all() {
                let Access::Staff(verb) = route.access else { continue };
                if route.path == "/sign-out" {
                    continue;
                }
                let path = address(&route, &case.reference, &row.id, &request.id);
                let page = call(&browser, &route, &path).await;
                let about = format!("{role}: {} {} gave {}", route.method, route.path, page.status);
                let granted = may(&actor, verb, &Facts::default());
                let refused = matches!(page.status, 403 | 404);
                if page.status >= 500 {
                    faults.push(format!("{about}: a fault of ours"));
                } else if !granted && !refused {
                    faults.push(format!("{about}: it is not granted"));
                } else if granted && page.status == 403 {
                    faults.push(format!("{about}: it is granted"));
                } else if refused && page.text.contains("Testfamily") {
                    faults.push(format!("{about}: it tells a name"));
                }
            }
        }
        assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    }
}

#[test]
fn every_address_stands_once_for_each_method_and_reads_like_one_of_ours() {
    let mut seen = std::collections::BTreeSet::new();
    for route in all() {
        assert!(
            seen.insert((route.method.to_string(), route.path)),
            "{} {} stands twice",
            route.method,
            route.path
        );
        assert!(
            route.path.starts_with('/') && (route.path == "/" || !route.path.ends_with('/')),
            "{}",
            route.path
        );
        // What only reads is a GET; nothing is changed by one.
        assert!(
            matches!(route.method.as_str(), "GET" | "POST"),
            "{} {}",
            route.method,
            route.path
        );
    }
}

#[test]
fn what_is_printed_says_who_may() {
    for line in cdr::web::routes::described() {
        let open = matches!(line.access.as_str(), "anyone" | "link" | "operator")
            || line.access.contains(':');
        assert!(
            open || !line.roles.is_empty(),
            "{} {}: nobody may",
            line.method,
            line.path
        );
    }
}

/// A restricted look: an administrator keeps accounts and never reads a case.
#[test]
fn an_administrator_is_not_thereby_a_reader_of_cases() {
    let Some(database) = super::support::Database::fresh(super::support::Engine::Sqlite) else {
        return;
    };
    actix_web::rt::System::new().block_on(async {
        let service = Service::start(database);
        let case = given::case(&service, 1);
        let administrator = service.signed_in(Role::Administrator).await;
        administrator.get("/admin").await.is(200);
        for path in [
            "",
            "/record",
            "/record/notification",
            "/requests",
            "/analysis",
            "/finalise",
        ] {
            let page = administrator
                .get(&format!("/cases/{}{path}", case.reference))
                .await;
            assert!(matches!(page.status, 403 | 404), "{path}: {}", page.status);
            assert!(!page.text.contains("Testfamily1"));
        }
        service.stop().await;
    });
}

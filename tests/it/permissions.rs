//! The matrix of permissions: the committed text is what the code says, and what answers is what the text says.

use cdr::domain::actor::Role;
use cdr::domain::permission::{When, Who, granted};
use cdr::store;
use cdr::web::matrix::markdown;
use cdr::web::routes::{Access, Route, all};
use reqwest::Method;

use super::documents::Posted;
use super::support::{Browser, Database, Engine, Page, Service, given};
use super::{panels, transfers};

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

/// A case with something of everything that has an address of its own.
#[derive(Clone)]
struct Made {
    reference: String,
    notification: String,
    request: String,
    process: String,
    line: String,
    clock: String,
    transfer: String,
    meeting: String,
    action: String,
    number: String,
    panel: String,
    item: String,
}

impl Made {
    /// What is nowhere.
    fn nowhere() -> Self {
        let nothing = || "nothing".to_owned();
        Self {
            reference: "KM-2026-9999".into(),
            notification: nothing(),
            request: nothing(),
            process: nothing(),
            line: nothing(),
            clock: nothing(),
            transfer: nothing(),
            meeting: nothing(),
            action: nothing(),
            number: "99".into(),
            panel: nothing(),
            item: nothing(),
        }
    }

    /// Everything of a case made and furnished, and listed for a panel to which nobody was put down yet.
    async fn new(service: &Service, coordinator: &Browser, n: u32, documents: usize) -> Self {
        let case = given::case(service, n);
        let request = given::request(service, &case, "gp", &["reporting"]);
        // What runs beside the review would hold it back from the panel.
        let panel = panels::arrange(coordinator, service, 30 + i64::from(n)).await;
        let (item, _) = panels::list(service, &panel, &case);
        transfers::furnished(service, coordinator, &case).await;
        for _ in 1..documents {
            let more = Posted::new("more.txt", format!("Sample text {n}").as_bytes());
            more.to(coordinator, &case.reference).await.is(303);
        }
        transfers::made(coordinator, &case.reference).await;
        let id = case.id.as_str();
        service.read(|conn| {
            Ok(Self {
                reference: case.reference.clone(),
                notification: case.notification_id.clone(),
                request: request.id,
                process: store::processes::of_case(conn, id)?.remove(0).id,
                line: store::family::of_case(conn, id)?.remove(0).id,
                clock: store::clocks::of_case(conn, id)?.remove(0).id,
                transfer: store::transfers::of_case(conn, id)?.remove(0).id,
                meeting: store::meetings::of_case(conn, id)?.remove(0).id,
                action: store::actions::of_case(conn, id)?.remove(0).id,
                number: documents.to_string(),
                panel: panels::id_of(&panel),
                item: item.id,
            })
        })
    }

    /// The address of a route, with everything of this in it.
    fn at(&self, route: &Route) -> String {
        let id = |under: &str| route.path.contains(under);
        let child = match () {
            () if id("/requests/{id}") => &self.request,
            () if id("/processes/{id}") => &self.process,
            () if id("/family/{part}/{id}") => &self.line,
            () if id("/clocks/{id}") => &self.clock,
            () if id("/transfer/{id}") => &self.transfer,
            () if id("/meetings/{id}") => &self.meeting,
            () if id("/actions/{id}") => &self.action,
            () if id("/notifications/{id}") => &self.notification,
            () if id("/panels/{id}") => &self.panel,
            () => "",
        };
        assert!(
            !id("{id}") || !child.is_empty(),
            "{} has an id that this does not know",
            route.path
        );
        let in_analysis = if id("/analysis/") || id("/room/") {
            "category"
        } else {
            "child"
        };
        route
            .path
            .replace("{reference}", &self.reference)
            .replace("{item}", &self.item)
            .replace("{number}", &self.number)
            .replace("{id}", child)
            .replace("response/{form}/{section}", "response/first_hours/jar")
            .replace("response/{form}", "response/first_hours")
            .replace("{form}", "notification")
            .replace("{purpose}", "review")
            .replace("{kind}", "action")
            .replace("{letter}", "parent-first")
            .replace("{section}", in_analysis)
            .replace("{part}", "people")
    }

    /// Another's child object under one's own: what a changed address asks for. None where a route names only one thing.
    fn with_anothers(&self, other: &Self, route: &Route) -> Option<String> {
        let mixed = if route.path.starts_with("/panels/") {
            Self {
                item: other.item.clone(),
                ..self.clone()
            }
        } else {
            Self {
                reference: self.reference.clone(),
                ..other.clone()
            }
        };
        let path = mixed.at(route);
        (path != self.at(route) && path != other.at(route)).then_some(path)
    }
}

/// Whether a route is of one case, or of something that belongs to one.
fn of_a_case(route: &Route) -> bool {
    let under = [
        "/actions/{id}",
        "/meetings/{id}",
        "/panels/{id}",
        "/cases/notifications/{id}",
    ];
    let named =
        route.path.contains("{reference}") || under.iter().any(|at| route.path.starts_with(at));
    named && matches!(route.access, Access::Staff(_))
}

/// What of a case that stands as this one does not answer anybody, and why.
const NOT_NOW: [(&str, &str); 7] = [
    (
        "/cases/{reference}/analysis/signed/{number}",
        "no panel signed anything yet",
    ),
    (
        "/panels/{id}/pack/{item}",
        "a pack that is not released is shut, in words: packs.rs opens one",
    ),
    ("/panels/{id}/pack/{item}/print", "the same"),
    ("/panels/{id}/pack/{item}/source/{form}", "the same"),
    ("/panels/{id}/pack/{item}/note", "the same"),
    ("/panels/{id}/pack/{item}/read", "the same"),
    ("/panels/{id}/pack/{item}/question", "the same"),
];

/// What only whoever chairs the item has, which the table does not know: a member who does not is told of nothing there.
fn asks_who_chairs(route: &Route, role: Role) -> bool {
    let rooms = ["/room/{item}", "/screen/{item}"];
    role == Role::PanelMember && rooms.iter().any(|room| route.path.contains(room))
}

async fn call(browser: &Browser, route: &Route, path: &str) -> Page {
    let method: Method = route.method.as_str().parse().unwrap();
    let mut request = browser.request(method.clone(), path);
    if method == Method::POST {
        request = request.form(&[("csrf", browser.token().await)]);
    }
    browser.send(request).await
}

/// What the matrix says of a role and a route, against what three cases answer: one's own, another's, and one
/// that is not there; and another's things under one's own.
async fn judged(
    browser: &Browser,
    route: &Route,
    (role, when): (Role, Option<When>),
    own: &Made,
    other: &Made,
) -> Vec<String> {
    let nowhere = Made::nowhere();
    let theirs = call(browser, route, &other.at(route)).await;
    let none = call(browser, route, &nowhere.at(route)).await;
    let alike = plain(&theirs, &other.reference) == plain(&none, &nowhere.reference);
    let mut faults = Vec::new();
    let mut fault = |what: &str, own: u16| {
        faults.push(format!(
            "{} {}: {what} ({}, {}, {own})",
            route.method, route.path, theirs.status, none.status
        ));
    };
    let not_now =
        NOT_NOW.iter().any(|(path, _)| *path == route.path) || asks_who_chairs(route, role);
    // What is posted to a page of several deeds names one of them; without it, it asks for nothing that is there.
    let nothing_asked =
        route.method == "POST" && route.path.starts_with("/panels/") && theirs.status == 404;
    match when {
        None if (theirs.status != 403 && !nothing_asked) || !alike => {
            fault("it is not granted and answers", 0);
        }
        Some(When::Always) if none.status != 404 => fault("a case that is not there answers", 0),
        Some(When::Always) if theirs.status == 403 && !not_now => {
            fault("it is granted and refused", 0);
        }
        Some(When::Assigned | When::ListedWithoutConflict | When::HoldsRequest)
            if theirs.status != 404 || !alike =>
        {
            fault("another’s case and none at all answer differently", 0);
        }
        _ => {}
    }
    if theirs.text.contains("Testfamily") && when != Some(When::Always) {
        fault("it tells a name", 0);
    }
    // Who holds a request has no own case here: the holder of a link is walked below.
    let holds = matches!(role, Role::AgencyLead | Role::Respondent);
    let Some(_) = when.filter(|_| !holds) else {
        return faults;
    };
    let mine = call(browser, route, &own.at(route)).await;
    if !not_now && (mine.status == 403 || (mine.status == 404 && route.method == "GET")) {
        fault("one’s own case is refused", mine.status);
    }
    if let Some(path) = own.with_anothers(other, route) {
        let mixed = call(browser, route, &path).await;
        if mixed.status != 404 {
            fault("another’s thing answers under one’s own case", mixed.status);
        }
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
        let coordinator = service.signed_in_as(&{
            service.add_user("first@cdr.example", Role::Coordinator);
            "first@cdr.example".to_owned()
        });
        let own = Made::new(&service, &coordinator, 1, 1).await;
        let other = Made::new(&service, &coordinator, 2, 2).await;
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
            } else if matches!(role, Role::PanelMember | Role::PanelChair) {
                let panel = format!("/panels/{}", own.panel);
                panels::put_down(&coordinator, &panel, &[(&id, "public_health")])
                    .await
                    .is(303);
            }
            let browser = service.signed_in_as(&email);
            for route in all().iter().filter(|route| of_a_case(route)) {
                let Access::Staff(verb) = route.access else {
                    continue;
                };
                let when = granted(verb, Who::Staff(*role));
                let found = judged(&browser, route, (*role, when), &own, &other).await;
                faults.extend(found.into_iter().map(|f| format!("{role}: {f}")));
            }
        }
        let (nobody, nowhere) = (service.browser(), Made::nowhere());
        for route in all().iter().filter(|route| of_a_case(route)) {
            let answers = [own.at(route), nowhere.at(route)];
            let one = call(&nobody, route, &answers[0]).await;
            let none = call(&nobody, route, &answers[1]).await;
            let signs_in = |page: &Page| {
                page.location()
                    .is_none_or(|to| to.starts_with("/sign-in?next="))
            };
            let same = one.status == none.status && signs_in(&one) && signs_in(&none);
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

/// An id as ids are, of nothing. The browser that claimed the link needs no code, and a whole request is not given back.
const NOWHERE: &str = "019ae000-0000-7000-8000-000000000000";

/// A holder walks every address of links: the own request answers, another’s does as one that is not there.
#[test]
fn the_holder_of_a_link_reaches_one_request_and_no_other() {
    let Some(database) = Database::fresh(Engine::Sqlite) else {
        return;
    };
    actix_web::rt::System::new().block_on(async {
        let service = Service::start(database);
        let case = given::case(&service, 1);
        let own = given::request(&service, &case, "gp", &["reporting"]).id;
        let other = given::request(
            &service,
            &given::case(&service, 2),
            "police",
            &["reporting"],
        )
        .id;
        let (holder, home) = given::knowing(&service, "gp@cdr.example").await;
        assert!(home.ends_with(&own), "the address holds the request’s id");
        let mut faults = Vec::new();
        for route in all()
            .iter()
            .filter(|r| r.path.starts_with("/requests/{token}"))
        {
            let at = |token: &str| {
                route
                    .path
                    .replace("{token}", token)
                    .replace("{form}", "reporting")
                    .replace("{section}", "reporting_agency")
                    .replace("{id}", "nothing")
                    .replace("{part}", "nothing")
            };
            let [theirs, none] = [
                call(&holder, route, &at(&other)).await,
                call(&holder, route, &at(NOWHERE)).await,
            ];
            // Each form on these pages has another token, so the words are compared.
            let shown = |page: &Page, token: &str| {
                let to = page.location().unwrap_or_default().replace(token, "CASE");
                let numbers = page.texts("main .cdr-request-id");
                let words = numbers
                    .iter()
                    .fold(page.words(), |words, n| words.replace(n, "NUMBER"));
                (page.status, to, words.replace(token, "CASE"))
            };
            if shown(&theirs, &other) != shown(&none, NOWHERE) || theirs.text.contains("Testfamily")
            {
                faults.push(format!(
                    "{} {}: another’s and none answer differently ({}, {})",
                    route.method, route.path, theirs.status, none.status
                ));
            }
            if route.method == "GET" {
                let mine = call(&holder, route, &at(&own)).await;
                let not_now = ["/code", "/give-back"]
                    .iter()
                    .any(|end| route.path.ends_with(end));
                if matches!(mine.status, 401 | 403 | 404) && !not_now {
                    faults.push(format!(
                        "{}: the own request is refused ({})",
                        route.path, mine.status
                    ));
                }
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

//! The whole path in a real browser, by keyboard alone, with scripts and without, and axe on every page.

use std::collections::BTreeSet;

use cdr::domain::actor::Role;
use cdr::store::cases::Case;
use fantoccini::Locator;
use futures_util::FutureExt;

use super::agency;
use super::support::chrome::Chrome;
use super::support::given::{self, opened_link};
use super::support::journey::fill_form;
use super::support::service::PASSWORD;
use super::support::{Database, Engine, Sample, Service};

const REQUESTS: &str = "/cases/KM-2026-0001/requests";

/// Runs a journey in a window of its own, which is closed whatever happens.
fn in_chrome(scripts: bool, journey: impl AsyncFnOnce(&Service, &Chrome)) {
    let Some(database) = Database::fresh(Engine::Sqlite) else {
        return;
    };
    actix_web::rt::System::new().block_on(async {
        let service = Service::start(database);
        let Some(chrome) = Chrome::open(&service.address, scripts).await else {
            return;
        };
        let run = std::panic::AssertUnwindSafe(journey(&service, &chrome))
            .catch_unwind()
            .await;
        let judged = *chrome.judged.lock().unwrap();
        chrome.close().await;
        service.stop().await;
        match run {
            Ok(()) => println!("axe judged {judged} pages"),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    });
}

/// Fills in each page of a form until the way leads out of it.
async fn through(chrome: &Chrome, under: &str, sample: &Sample) {
    for _ in 0..60 {
        if !chrome.path().await.starts_with(under) {
            return;
        }
        chrome.judge().await;
        chrome.fill_and_press(sample, "Save and continue").await;
    }
    panic!("{under} has no end");
}

/// A notification from the start page to the copy.
async fn notify(chrome: &Chrome) {
    let marked = "return document.body.classList.contains('js-enabled')";
    chrome.go("/notify").await;
    assert_eq!(
        chrome.script(marked).await,
        chrome.scripts(),
        "scripts run, or do not"
    );
    chrome.go("/notify").await;
    chrome.judge().await;
    chrome.press("Start now").await;
    chrome.judge().await;
    chrome.press("About you").await;
    through(chrome, "/notify/section/", &Sample::expected(1)).await;
    assert_eq!(chrome.path().await, "/notify/check");
    chrome.judge().await;
    chrome.press("Send notification").await;
    assert_eq!(
        chrome.path().await,
        "/notify/sent",
        "{}",
        chrome.words().await
    );
    chrome.judge().await;
    chrome.press("Open a copy to print").await;
    chrome.judge().await;
}

/// Decides on it, and asks the agency.
async fn accept_and_ask(service: &Service, chrome: &Chrome) {
    service.add_user("coordinator@cdr.example", Role::Coordinator);
    chrome.go("/cases").await;
    assert_eq!(chrome.path().await, "/sign-in");
    let account = Sample::empty()
        .with("email", "coordinator@cdr.example")
        .with("password", PASSWORD);
    chrome.judge().await;
    chrome.fill_and_press(&account, "Sign in").await;
    assert_eq!(chrome.path().await, "/sign-in/code");
    chrome.judge().await;
    let code = Sample::empty().with("code", &service.code("coordinator@cdr.example"));
    chrome.fill_and_press(&code, "Continue").await;
    assert_eq!(chrome.path().await, "/cases", "{}", chrome.words().await);
    chrome.judge().await;
    chrome.go("/cases?view=new").await;
    chrome.judge().await;
    chrome.press("Samplechild1 Testfamily1").await;
    chrome.judge().await;
    chrome
        .fill_and_press(
            &Sample::empty().with("decision", "in_scope_resident"),
            "Save the decision",
        )
        .await;
    let requests = chrome.path().await;
    assert_eq!(
        requests,
        "/cases/KM-2026-0001/requests",
        "{}",
        chrome.words().await
    );
    chrome.judge().await;
    chrome.press("Send requests").await;
    chrome.judge().await;
}

/// The agency answers.
async fn answer(service: &Service, chrome: &Chrome) {
    chrome.go(&service.link_to("gp1@cdr.example")).await;
    chrome.judge().await;
    chrome.press("Open the request").await;
    chrome.judge().await;
    let home = chrome.path().await;
    chrome.press("Files with your answer").await;
    chrome.judge().await;
    chrome.press("Add the file").await;
    chrome.judge().await;
    chrome.go(&home).await;
    let label = service
        .app
        .house
        .dictionary()
        .form("reporting")
        .unwrap()
        .label
        .clone();
    chrome.press(&label).await;
    chrome.judge().await;
    let first = chrome
        .script("return document.querySelector('.govuk-task-list a').textContent.trim()")
        .await;
    chrome.press(first.as_str().unwrap()).await;
    through(
        chrome,
        &format!("{home}/forms/reporting/"),
        &Sample::answer(),
    )
    .await;
    chrome.go(&home).await;
    chrome.press("Check and send").await;
    chrome.judge().await;
    chrome.press("Send your answers").await;
    assert!(
        chrome.words().await.contains("Your answers were sent"),
        "{}",
        chrome.words().await
    );
    chrome.judge().await;
}

/// Takes the answer into the record, analyses and finalises.
async fn conclude(service: &Service, chrome: &Chrome) {
    chrome.go(REQUESTS).await;
    chrome.judge().await;
    chrome.press("GP").await;
    chrome.judge().await;
    chrome.press("Accept").await;
    chrome.judge().await;
    let analysis = "/cases/KM-2026-0001/analysis";
    chrome.go(analysis).await;
    chrome.judge().await;
    let first = chrome
        .script("return document.querySelector('.govuk-task-list a').textContent.trim()")
        .await;
    chrome.press(first.as_str().unwrap()).await;
    through(chrome, &format!("{analysis}/"), &Sample::analysis()).await;
    chrome.go("/cases/KM-2026-0001/finalise").await;
    chrome.judge().await;
    chrome.press("Finalise the case").await;
    let case = given::find(service, "KM-2026-0001");
    assert!(case.finalised_at.is_some(), "{}", chrome.words().await);
    chrome.judge().await;
    chrome.go("/returns").await;
    chrome.judge().await;
}

/// What runs beside the review, and the family.
async fn beside(chrome: &Chrome) {
    let base = "/cases/KM-2026-0001";
    chrome.go(&format!("{base}/processes/add")).await;
    chrome.judge().await;
    chrome
        .go(&format!("{base}/processes/add?kind=inquest"))
        .await;
    chrome.press("Save").await;
    chrome.judge().await;
    let began = Sample::empty().with("began_on", "27 3 2026");
    chrome.fill_and_press(&began, "Save").await;
    assert_eq!(chrome.path().await, format!("{base}/processes"));
    chrome.judge().await;
    chrome.press("Conclude").await;
    chrome.judge().await;
    chrome.go("/processes").await;
    chrome.judge().await;
    chrome.go(&format!("{base}/transfer")).await;
    chrome.press("Make the file").await;
    chrome.judge().await;
    chrome.go(&format!("{base}/family/people/new")).await;
    chrome.press("Save").await;
    chrome.judge().await;
    let person = Sample::empty()
        .with("name", "Sample Mother")
        .with("relation", "mother")
        .with("responsibility", "yes")
        .with("apart", "yes");
    chrome.fill_and_press(&person, "Save").await;
    assert_eq!(chrome.path().await, format!("{base}/family"));
    chrome.judge().await;
}

async fn the_whole_path(service: &Service, chrome: &Chrome) {
    notify(chrome).await;
    accept_and_ask(service, chrome).await;
    beside(chrome).await;
    answer(service, chrome).await;
    conclude(service, chrome).await;
}

#[test]
fn the_whole_path_by_keyboard() {
    in_chrome(true, the_whole_path);
}

#[test]
fn the_whole_path_by_keyboard_without_scripts() {
    in_chrome(false, the_whole_path);
}

#[test]
fn a_refused_page_puts_the_focus_in_its_summary() {
    in_chrome(true, async |_, chrome| {
        chrome.go("/sign-in").await;
        chrome.press("Sign in").await;
        chrome.judge().await;
        assert!(
            chrome.focus().await.class.contains("govuk-error-summary"),
            "{:?}",
            chrome.focus().await
        );
        chrome.press("Enter your password").await;
        assert_eq!(chrome.focus().await.name, "password");
    });
}

/// Pages that look alike are judged once: numbers and ids in an address make no new page.
fn shape(path: &str) -> String {
    path.split('/')
        .map(|part| {
            if part.contains("KM-") || part.len() > 30 {
                "…"
            } else {
                part
            }
        })
        .collect::<Vec<_>>()
        .join("/")
}

/// Letters share one page: one with somebody to choose and one without are judged.
fn is_another_letter(path: &str) -> bool {
    path.contains("/letters/")
        && !["/parent-first", "/coroner-review"]
            .iter()
            .any(|l| path.ends_with(l))
}

/// Follows every link from here, and has axe judge each page.
async fn crawl(chrome: &Chrome, from: &[&str], seen: &mut BTreeSet<String>) {
    let mut open: Vec<String> = from.iter().map(ToString::to_string).collect();
    while let Some(path) = open.pop() {
        let plain = path.split(['?', '#']).next().unwrap().to_owned();
        let part = path
            .split('?')
            .nth(1)
            .filter(|q| q.starts_with("view="))
            .unwrap_or_default();
        let page = format!("{} {part}", shape(&plain));
        let skipped = plain.starts_with("/assets")
            || plain.contains("download")
            || plain.starts_with("/api")
            || plain.starts_with("/admin/forms/")
            || plain.contains(".docx")
            || is_another_letter(&plain);
        if (skipped && !page.contains("notification")) || !seen.insert(page) {
            continue;
        }
        chrome.go(&path).await;
        chrome.judge().await;
        let links = chrome.script("return [...document.querySelectorAll('a[href]')].map(a => a.getAttribute('href')).filter(h => h.startsWith('/'))").await;
        let links: Vec<String> = serde_json::from_value(links).unwrap();
        open.extend(links.into_iter().rev().filter(|l| !l.contains("download")));
    }
}

#[test]
fn axe_finds_nothing_on_any_public_page() {
    in_chrome(true, async |_, chrome| {
        let mut seen = BTreeSet::new();
        crawl(
            chrome,
            &[
                "/",
                "/notify",
                "/notify/continue",
                "/sign-in",
                "/nothing",
                "/requests/nothing",
            ],
            &mut seen,
        )
        .await;
        chrome.go("/requests/nothing").await;
        chrome.press("Send me a new link").await;
        chrome.judge().await;
        chrome.go("/notify/continue").await;
        chrome.press("Continue").await;
        chrome.judge().await;
        chrome.go("/notify").await;
        chrome.press("Start now").await;
        crawl(chrome, &["/notify/tasks"], &mut seen).await;
        refuse_each(chrome, "/notify/tasks", "/notify/section/").await;
        chrome.go("/notify/check").await;
        chrome.press("Send notification").await;
        chrome.judge().await;
        chrome.go("/notify/saved").await;
        chrome.judge().await;
        // The judge can see it: a picture from elsewhere is stopped, and told.
        chrome.script("const i = new Image(); i.src = 'https://elsewhere.invalid/x.png'; document.body.append(i)").await;
        wait_until(
            chrome,
            "return (window.stoppedByPolicy || []).length > 0",
            true,
        )
        .await;
        let strayed = chrome.strayed().await;
        assert!(
            strayed.iter().any(|what| what.contains("img-src")),
            "{strayed:?}"
        );
    });
}

/// Types nonsense into every box of every section, so that each shows all its faults.
async fn refuse_each(chrome: &Chrome, tasks: &str, under: &str) {
    chrome.go(tasks).await;
    let links = chrome.script("return [...document.querySelectorAll('main a[href]')].map(a => a.getAttribute('href').split('#')[0])").await;
    let links: BTreeSet<String> = serde_json::from_value(links).unwrap();
    for section in links.iter().filter(|l| l.starts_with(under)) {
        chrome.go(section).await;
        chrome.script("for (const e of document.querySelectorAll('main input[type=text], main input:not([type]), main input[type=tel]')) e.value = '?'; window.before = true; document.querySelector('main form').requestSubmit()").await;
        let begun = std::time::Instant::now();
        while chrome
            .script("return !!window.before || document.readyState !== 'complete'")
            .await
            == serde_json::json!(true)
        {
            assert!(
                begun.elapsed() < std::time::Duration::from_secs(20),
                "{section}"
            );
            actix_web::rt::time::sleep(std::time::Duration::from_millis(15)).await;
        }
        chrome.judge().await;
    }
}

/// A form of which others answered some: its list, and a page that tells what they said.
async fn known_already(service: &Service, chrome: &Chrome) {
    chrome.go(&service.link_to("ambulance@cdr.example")).await;
    chrome.press("Open the request").await;
    let home = chrome.path().await;
    // Others' answers are shown to a service that knew the child.
    chrome
        .fill_and_press(&Sample::empty().with("knew", "yes"), "Continue")
        .await;
    chrome.go(&format!("{home}/forms/reporting")).await;
    chrome.judge().await;
    let links = chrome.script("return [...document.querySelectorAll('.govuk-task-list a')].map(a => a.getAttribute('href'))").await;
    let links: Vec<String> = serde_json::from_value(links).unwrap();
    for section in links {
        chrome.go(&section).await;
        if chrome.words().await.contains("Known already") {
            return chrome.judge().await;
        }
    }
    panic!("nothing of the form is known");
}

/// A panel with somebody put down and a case on its list.
fn panel(service: &Service, case: &Case) {
    use cdr::casework::{meetings, panels};
    let reference = case.reference.clone();
    service.add_user("member@cdr.example", Role::PanelMember);
    let done = service.write(Service::coordinator(), move |tx, ctx| {
        let given = meetings::Given {
            day: Some(ctx.today()),
            time: chrono::NaiveTime::from_hms_opt(9, 0, 0),
            minutes_long: 240,
            place: "Sample room".into(),
            ..meetings::Given::default()
        };
        let panel = panels::plan(tx, ctx, &given)?;
        let person = meetings::Person {
            name: "Sample Doctor".into(),
            role: "Doctor".into(),
            is_chair: true,
            ..meetings::Person::default()
        };
        meetings::put_down(tx, ctx, &panel, 1, &person)?;
        let why = |code: &str| (code.to_owned(), "Sample reason.".to_owned());
        let listing = panels::Listing {
            reference,
            route: "expected".into(),
            waived: ["answers", "meeting", "draft"].map(why).into(),
            ..panels::Listing::default()
        };
        panels::list(tx, ctx, &panel, &listing)
    });
    done.unwrap();
}

async fn signs_in(chrome: &Chrome, service: &Service, email: &str) {
    chrome.go("/sign-in").await;
    let account = Sample::empty()
        .with("email", email)
        .with("password", PASSWORD);
    chrome.fill_and_press(&account, "Sign in").await;
    let code = Sample::empty().with("code", &service.code(email));
    chrome.fill_and_press(&code, "Continue").await;
}

#[test]
fn axe_finds_nothing_on_any_page_of_staff() {
    in_chrome(true, async |service, chrome| {
        let case = given::case(service, 1);
        given::notification(service, &given::answers(1));
        for agency in ["gp", "police"] {
            let request = given::request(service, &case, agency, &["reporting"]);
            let (browser, home) = opened_link(service, &format!("{agency}@cdr.example")).await;
            let sex = if agency == "gp" { "female" } else { "male" };
            fill_form(
                &browser,
                &format!("{home}/forms/reporting"),
                &Sample::answer()
                    .with("agency", agency)
                    .with("child_sex", sex),
            )
            .await;
            let form = browser
                .get(&format!("{home}/check"))
                .await
                .form_with("Send your answers");
            browser.submit(&form).await.is(303);
            let of = case.reference.clone();
            service
                .write(Service::coordinator(), move |tx, ctx| {
                    cdr::casework::gather::accept(tx, ctx, &of, &request.id)
                })
                .unwrap();
        }
        given::request(service, &case, "ambulance", &["reporting"]);
        panel(service, &given::case(service, 3));
        let mut seen = BTreeSet::new();
        for (role, from) in [
            (
                Role::Coordinator,
                vec![
                    "/cases",
                    "/cases?view=new",
                    "/meetings/new/panel",
                    "/quality?year=2025",
                    "/directory/new",
                    "/directory/import",
                    "/imports",
                    "/transfers",
                    "/registered-deaths",
                    "/returns",
                    "/returns/check",
                    "/admin",
                    "/account",
                    "/account/password",
                    "/account/factor",
                    "/account/recovery",
                    "/account/check",
                    "/admin/invitations",
                    "/sign-out",
                ],
            ),
            (
                Role::Administrator,
                vec!["/admin", "/admin/users", "/admin/forms"],
            ),
            (
                Role::Auditor,
                vec![
                    "/admin/audit",
                    "/admin/audit/openings",
                    "/admin/permissions",
                ],
            ),
            (Role::AgencyLead, vec!["/agency"]),
        ] {
            let email = format!("{}@cdr.example", role.as_str());
            if role == Role::AgencyLead {
                agency::ask(service, &case, "NHS Ashford CCG", "one@nhs.example");
                agency::add_lead(service, &email, Some("QKS"));
            } else {
                service.add_user(&email, role);
            }
            signs_in(chrome, service, &email).await;
            crawl(chrome, &from, &mut seen).await;
            if role == Role::Coordinator {
                let analysis = format!("/cases/{}/analysis", case.reference);
                refuse_each(chrome, &analysis, &format!("{analysis}/")).await;
                chrome.go("/cases/nothing").await;
                chrome.judge().await;
            }
            chrome.client.delete_all_cookies().await.unwrap();
        }
        assert!(seen.len() > 40, "{seen:#?}");
        for page in ["/agency ", "/years ", "/admin/organisations "] {
            assert!(seen.contains(page), "{page}: {seen:#?}");
        }
        known_already(service, chrome).await;
    });
}

/// Two minutes before a session ends the page says so; whoever stays goes on.
#[test]
fn a_session_about_to_end_says_so_and_can_go_on() {
    in_chrome(true, async |service, chrome| {
        service.add_user("auditor@cdr.example", Role::Auditor);
        let open = "return document.getElementById('cdr-timeout').open";
        signs_in(chrome, service, "auditor@cdr.example").await;
        assert_eq!(chrome.script(open).await, false);
        // The browser's clock goes on by 29 minutes.
        chrome
            .script("const now = Date.now; Date.now = () => now() + 29 * 60 * 1000")
            .await;
        wait_until(chrome, open, true).await;
        let said = chrome
            .script("return document.getElementById('cdr-timeout').innerText")
            .await;
        let said = said.as_str().unwrap_or_default().to_owned();
        assert!(
            said.contains("60 seconds") || said.contains("90 seconds"),
            "{said}"
        );
        chrome.judge().await;
        chrome
            .script("document.querySelector('[data-stay]').click()")
            .await;
        wait_until(chrome, open, false).await;
    });
}

/// Notes what the page's script sent while somebody typed, once the service took it.
const WATCHED: &str = "const send = window.fetch; window.kept = []; window.fetch = async (to, what) => { \
    const answer = await send(to, what); \
    if (answer.ok && String(to).endsWith('/typing')) window.kept.push([...what.body.values()].join('|')); \
    return answer; }";

/// Opens a page of the analysis on which there is a box for words; gives the box's name.
async fn a_box(chrome: &Chrome, analysis: &str) -> String {
    chrome.go(analysis).await;
    let links = chrome.script("return [...document.querySelectorAll('.govuk-task-list a')].map(a => a.getAttribute('href').split('#')[0])").await;
    let links: Vec<String> = serde_json::from_value(links).unwrap();
    for link in links {
        chrome.go(&link).await;
        let seen = "const all = [...document.querySelectorAll('form[data-typing] textarea')]; \
            const one = all.find(e => e.offsetParent !== null); return one ? one.name : ''";
        let name = chrome.script(seen).await;
        if let Some(name) = name.as_str().filter(|name| !name.is_empty()) {
            return name.to_owned();
        }
    }
    panic!("no page of {analysis} has a box for words")
}

async fn types(chrome: &Chrome, name: &str, words: &str) {
    let at = format!("textarea[name='{name}']");
    let found = chrome.client.find(Locator::Css(&at)).await.unwrap();
    found.send_keys(words).await.unwrap();
}

async fn value(chrome: &Chrome, name: &str) -> String {
    let text = format!("return document.querySelector(\"textarea[name='{name}']\").value");
    chrome.script(&text).await.as_str().unwrap().to_owned()
}

/// What is typed is kept without pressing anything, and two people on one page are told of each other.
#[test]
fn words_that_were_typed_are_there_after_a_reload_and_another_person_is_seen() {
    in_chrome(true, async |service, chrome| {
        let case = given::case(service, 1);
        let analysis = format!("/cases/{}/analysis", case.reference);
        for email in ["one@cdr.example", "two@cdr.example"] {
            service.add_user(email, Role::Coordinator);
        }
        signs_in(chrome, service, "one@cdr.example").await;
        let name = a_box(chrome, &analysis).await;
        let path = chrome.path().await;
        chrome.script(WATCHED).await;
        types(chrome, &name, "Words that nobody saved.").await;
        let kept = "return window.kept.some(sent => sent.includes('Words that nobody saved.'))";
        wait_until(chrome, kept, true).await;
        chrome.go(&path).await;
        assert_eq!(value(chrome, &name).await, "Words that nobody saved.");
        assert!(chrome.words().await.contains("did not save it"));
        chrome.judge().await;

        let seen = "Somebody else has this page open now.";
        assert!(!chrome.words().await.contains(seen));
        let Some(other) = Chrome::open(&service.address, true).await else {
            return;
        };
        signs_in(&other, service, "two@cdr.example").await;
        other.go(&path).await;
        other.script(WATCHED).await;
        assert!(
            other.words().await.contains(seen),
            "{}",
            other.words().await
        );
        assert_eq!(value(&other, &name).await, "", "each has their own words");
        other.judge().await;
        wait_until(&other, "return window.kept.length > 0", true).await;
        // The page of the first says so as well, without being opened anew.
        types(chrome, &name, " And more.").await;
        let told = format!(
            "const at = document.querySelector('[data-typing-notice]'); return !at.hidden && at.textContent === '{seen}'"
        );
        wait_until(chrome, &told, true).await;
        other.close().await;
    });
}

async fn wait_until(chrome: &Chrome, what: &str, is: bool) {
    let begun = std::time::Instant::now();
    while chrome.script(what).await != is {
        assert!(
            begun.elapsed() < std::time::Duration::from_secs(20),
            "{what}"
        );
        actix_web::rt::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

//! How things stand before a test begins, made by the same verbs as the pages call, without the pages.

use cdr::casework::assign;
use cdr::casework::gather::{self, NewRequest};
use cdr::casework::notify::{self, Received};
use cdr::casework::transfer::{self, Answer, Asked};
use cdr::casework::triage::{self, Decision};
use cdr::domain::actor::{Actor, ApiScope, Role};
use cdr::domain::calendar::london;
use cdr::store::accounts;
use cdr::store::cases::{self, Case};
use cdr::store::notifications::{self, Notification};
use cdr::store::requests::{self, Request};
use serde_json::{Value, json};

use super::sample::nhs_number;
use super::{Browser, Service};

/// The answers of a whole notification of child number `n`.
pub fn answers(n: u32) -> Value {
    json!({
        "ncmd_alert": "no", "referrer_name": "Sample Notifier", "referrer_agency": "hospital_paeds",
        "referrer_email": "sample.notifier@nhs.net", "nhs_number": nhs_number(n),
        "child_surname": format!("Testfamily{n}"), "child_forenames": format!("Samplechild{n}"),
        "date_of_birth": "2024-02-09", "date_of_death": "2026-03-27", "time_of_death": "14:05", "sex": "female",
        "ethnicity": "A", "address_line_1": "1 Sample Street", "postcode": "ME14 1AA",
        "normally_resident_la": "E10000016", "parental_responsibility": [{"name": format!("Parent Testfamily{n}"), "relationship": "mother"}],
        "place_of_death_type": "home", "place_of_death_name": "The child’s home", "expected_death": "expected",
        "circumstances": "A synthetic account.", "mccd_issued": "yes", "mccd_type": "standard", "cause_1a": "Sample cause",
        "coroner_informed": "no", "post_mortem_required": "no", "jar_required": "no",
        "agencies_involved": [{"agency": "gp", "professional_type": "gp", "name": "Sample Practitioner", "email": format!("gp{n}@cdr.example"), "send_reporting_form": true}],
        "known_to_social_care": "no",
    })
}

/// A notification from another system, waiting to be decided.
pub fn notification(service: &Service, answers: &Value) -> Notification {
    let body = json!({ "form": "notification", "answers": answers });
    let key = format!("key-{}", service.now().timestamp_nanos_opt().unwrap());
    let system = Actor::system("sample", &[ApiScope::NotificationsWrite]);
    let reference = service
        .write(system, move |tx, ctx| {
            let received = Received {
                system: "sample",
                key: &key,
                body: &body,
            };
            notify::receive(tx, ctx, &received)
        })
        .unwrap();
    service
        .read(|conn| Ok(notifications::by_reference(conn, &reference)?))
        .unwrap()
}

/// A case that was accepted.
pub fn case(service: &Service, n: u32) -> Case {
    case_of(service, &answers(n))
}

/// A case made from these answers.
pub fn case_of(service: &Service, answers: &Value) -> Case {
    let row = notification(service, answers);
    let done = service.write(Service::coordinator(), move |tx, ctx| {
        let decision = Decision::Accept {
            outcome: triage::assess(ctx, &row).proposed,
            reason: "Sample reason".into(),
        };
        triage::decide(tx, ctx, &row.id, row.version, &decision)
    });
    let reference = done.unwrap().unwrap();
    find(service, &reference)
}

/// Hands a case over to “Sample panel”, which takes it.
pub fn transferred(service: &Service, case: &Case) {
    let ctx = service.context(Service::coordinator());
    let today = london(service.now()).date();
    let asked = Asked {
        to: "Sample panel".into(),
        reason: "A synthetic reason.".into(),
        agreed_by: "Sample Manager".into(),
        agreed_on: Some(today),
        learning: "By letter".into(),
        learning_due: Some(today + chrono::Duration::days(365)),
        problems: Vec::new(),
    };
    let gathered = service.read(|conn| transfer::gather(conn, &ctx, &case.reference, &asked));
    // The file is made where a thread may wait.
    let vault = &service.app.vault;
    let built = std::thread::scope(|s| s.spawn(move || transfer::build(gathered, vault)).join());
    let made = built.unwrap().unwrap();
    let (reference, id) = (case.reference.clone(), made.id().to_owned());
    let done = service.write(Service::coordinator(), move |tx, ctx| {
        transfer::made(tx, ctx, &made)?;
        let taken = Answer {
            accepted: Some(true),
            ..Answer::default()
        };
        transfer::answer(tx, ctx, &reference, &id, 1, &taken)
    });
    done.unwrap();
}

/// A case as it stands now.
pub fn find(service: &Service, reference: &str) -> Case {
    service
        .read(|conn| Ok(cases::by_reference(conn, reference)?))
        .unwrap()
}

/// The state of a notification now.
pub fn state_of(service: &Service, notification: &str) -> String {
    service
        .read(|conn| Ok(notifications::get(conn, notification)?))
        .unwrap()
        .state
}

/// A request for these forms, sent to `agency@cdr.example`.
pub fn request(service: &Service, case: &Case, agency: &str, forms: &[&str]) -> Request {
    let new = NewRequest {
        agency: agency.into(),
        recipient: format!("Sample {agency}"),
        email: format!("{agency}@cdr.example"),
        forms: forms.iter().map(ToString::to_string).collect(),
        ..NewRequest::default()
    };
    let reference = case.reference.clone();
    let ids = service.write(Service::coordinator(), move |tx, ctx| {
        gather::send_requests(tx, ctx, &reference, &[new])
    });
    request_now(service, &ids.unwrap()[0])
}

/// A request as it stands now.
pub fn request_now(service: &Service, id: &str) -> Request {
    service.read(|conn| Ok(requests::get(conn, id)?)).unwrap()
}

/// Somebody of this role, signed in and put down for the case.
pub async fn assigned(service: &Service, case: &Case, role: Role) -> Browser {
    let browser = service.signed_in(role).await;
    let email = format!("{}@cdr.example", role.as_str().replace('_', "."));
    let user = service.read(|conn| Ok(accounts::by_email(conn, &email)?));
    let (reference, id) = (case.reference.clone(), user.unwrap().id);
    let version = find(service, &case.reference).version;
    service
        .write(Service::coordinator(), move |tx, ctx| {
            assign::assign(tx, ctx, &reference, &id, version)
        })
        .unwrap();
    browser
}

/// The code in the newest mail to an address.
pub fn code_to(service: &Service, email: &str) -> String {
    let mail = service.mail_to(email);
    let line = mail
        .body
        .lines()
        .find(|l| l.len() == 9 && l.chars().all(|c| c.is_ascii_digit() || c == ' '));
    line.unwrap_or_else(|| panic!("no code in {:?}", mail.body))
        .to_owned()
}

/// The agency opens its link and says that it knew the child, so that it sees what others told.
pub async fn knowing(service: &Service, email: &str) -> (Browser, String) {
    let (browser, home) = opened_link(service, email).await;
    browser
        .post(&format!("{home}/knew"), &[("knew", "yes")])
        .await
        .is(303);
    (browser, home)
}

/// The agency opens its link in a fresh browser; gives the browser and the request's own address.
pub async fn opened_link(service: &Service, email: &str) -> (Browser, String) {
    let link = service.link_to(email);
    let browser = service.browser();
    let form = browser
        .get(&link)
        .await
        .is(200)
        .form_with("Open the request");
    let mut page = browser.submit_on(&form).await.is(200);
    // Another browser opened it before: the code is in the newest mail.
    if page.path.ends_with("/code") {
        let mut form = page.form();
        form.set("code", &code_to(service, email));
        page = browser.submit_on(&form).await.is(200);
    }
    (browser, page.path)
}

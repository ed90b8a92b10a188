//! A case goes to another panel as an encrypted file and is taken over there whole, or refused and nothing has changed. Here
//! stands what these journeys share.

mod who;
mod whole;

use cdr::casework::{actions as set, meetings as work};
use cdr::domain::action::Kind;
use cdr::domain::calendar::london;
use cdr::domain::meeting::{Attendance, Purpose};
use cdr::store::cases::Case;
use cdr::store::meetings;
use reqwest::Method;

use crate::support::files::WORD;
use crate::support::{Browser, Form, Page, Service};

/// A case gets a line of the family, a process, a meeting with an action, and a document.
pub(super) async fn furnished(service: &Service, coordinator: &Browser, case: &Case) {
    let at = |rest: &str| format!("/cases/{}/{rest}", case.reference);
    let mut form = coordinator
        .get(&at("family/people/new"))
        .await
        .is(200)
        .form_to(&at("family/people/new"));
    form.set("name", "Sample Mother")
        .set("relation", "mother")
        .set("responsibility", "yes");
    coordinator.submit(&form).await.is(303);
    let why = [("reason", "A synthetic reason.")];
    coordinator
        .post(&at("waive/asthma_anaphylaxis"), &why)
        .await
        .is(303);
    let page = coordinator
        .get(&at("processes/add?kind=inquest"))
        .await
        .is(200);
    let mut form = page.form_to(&at("processes/add"));
    form.date("began_on", "30 3 2026");
    coordinator.submit(&form).await.is(303);
    met(service, case);
    let fields = [("title", "A synthetic report")];
    let text = format!("A note about {WORD}.\n");
    coordinator
        .upload(&at("documents"), &fields, ("note.txt", text.as_bytes()))
        .await
        .is(303);
}

/// A meeting that was held, and an action that came of it.
fn met(service: &Service, case: &Case) {
    let (reference, now) = (case.reference.clone(), service.now());
    service
        .write(Service::coordinator(), move |tx, ctx| {
            let given = work::Given {
                day: Some(london(now).date()),
                time: chrono::NaiveTime::from_hms_opt(9, 0, 0),
                minutes_long: 60,
                place: "Sample room".into(),
                ..work::Given::default()
            };
            let id = work::plan(tx, ctx, &reference, Purpose::Response, &given)?;
            let person = work::Person {
                name: "Sample Officer".into(),
                role: "Police".into(),
                ..work::Person::default()
            };
            work::put_down(tx, ctx, &id, 1, &person)?;
            let there = meetings::people_of(tx.conn(), &id)?.remove(0).id;
            let said = work::Said {
                parts: [("shared".to_owned(), "What each agency knew.".to_owned())].into(),
                attendance: [(there, Attendance::Attended)].into(),
                reason: String::new(),
            };
            work::hold(tx, ctx, &id, 2, &said)?;
            let action = [
                ("what", "Sample"),
                ("owner", "Sample"),
                ("owner_email", "owner@cdr.example"),
            ];
            let action = action.map(|(name, text)| (name.to_owned(), text.to_owned()));
            let given = set::Given {
                said: action.into(),
                due_on: Some(london(now).date() + chrono::Duration::days(9)),
                meeting_id: Some(id),
                ..set::Given::default()
            };
            set::set(tx, ctx, &reference, Kind::Action, &given).map(drop)
        })
        .unwrap();
}

/// The form that makes the file, filled in.
async fn asking(browser: &Browser, reference: &str) -> Form {
    let path = format!("/cases/{reference}/transfer");
    let page = browser.get(&path).await.is(200).never_says(": to . .");
    let mut form = page.form_to(&path);
    form.set("to", "other")
        .set("to_other", "Sample Panel")
        .set("reason", "The child lived there.");
    form.set("agreed_by", "Sample Manager")
        .date("agreed_on", "31 3 2026");
    form.set("learning", "By letter")
        .date("learning_due", "31 3 2027");
    form
}

/// Makes the file: its passphrase and its bytes.
pub(super) async fn made(browser: &Browser, reference: &str) -> (String, Vec<u8>) {
    let form = asking(browser, reference).await;
    let page = browser
        .submit(&form)
        .await
        .is(200)
        .says("shown once and kept nowhere");
    let passphrase = page.texts("#passphrase").remove(0);
    browser
        .get(&format!("/cases/{reference}/transfer"))
        .await
        .is(200)
        .never_says(&passphrase);
    let links = page.links();
    let to = links
        .iter()
        .find(|(words, _)| words.starts_with("Download the file"))
        .unwrap();
    let answer = browser.request(Method::GET, &to.1).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let name = answer
        .headers()
        .get("content-disposition")
        .unwrap()
        .to_str()
        .unwrap()
        .to_owned();
    assert!(
        name.contains(&format!("{reference}-transfer.age")),
        "{name}"
    );
    (passphrase, answer.bytes().await.unwrap().to_vec())
}

async fn opened(browser: &Browser, passphrase: &str, file: &[u8]) -> Page {
    browser
        .upload(
            "/transfers",
            &[("passphrase", passphrase)],
            ("case.age", file),
        )
        .await
}

async fn decided(browser: &Browser, at: &str, what: &str, reason: &str) -> Page {
    let mut form = browser.get(at).await.is(200).form_to(at);
    form.set("do", what).set("reason", reason);
    browser.submit(&form).await
}

/// Records the other panel's answer.
async fn answered(browser: &Browser, reference: &str, what: &str, reason: &str) -> Page {
    let page = browser
        .get(&format!("/cases/{reference}/transfer"))
        .await
        .is(200);
    let mut form = page.form_with("Record the answer");
    form.set("answer", what).set("reason", reason);
    browser.submit(&form).await
}

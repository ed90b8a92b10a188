//! What an agency's lead sees of the requests to their organisation, and does about them.

use cdr::casework::gather::{self, NewRequest};
use cdr::casework::people::{self, NewUser};
use cdr::casework::{factors, restrict};
use cdr::domain::actor::{Actor, Role};
use cdr::jobs::remind::remind_due;
use cdr::store::cases::Case;
use cdr::store::events;
use chrono::{DateTime, Utc};

use super::support::given::{self, opened_link};
use super::support::service::PASSWORD;
use super::support::{Browser, Service};
use crate::both_engines;

/// Somebody who leads an organisation, by its code, and is signed in.
fn lead(service: &Service, email: &str, organisation: Option<&str>) -> Browser {
    add_lead(service, email, organisation);
    service.signed_in_as(email)
}

/// An account of somebody who leads an organisation.
pub fn add_lead(service: &Service, email: &str, organisation: Option<&str>) {
    let new = NewUser {
        email: email.to_owned(),
        name: "Sample Lead".to_owned(),
        role: Role::AgencyLead,
        organisation: organisation.map(str::to_owned),
        password: PASSWORD.into(),
    };
    let shared = Service::app_of(email);
    service
        .write(Actor::operator(), move |tx, ctx| {
            let id = people::add_user(tx, ctx, &new)?;
            factors::give(tx, ctx, &id, &shared, 0)
        })
        .unwrap();
}

/// Somebody of an organisation is asked; gives the id of the request.
pub fn ask(service: &Service, case: &Case, organisation: &str, email: &str) -> String {
    let new = NewRequest {
        agency: "gp".into(),
        recipient: format!("Sample {email}"),
        organisation: Some(organisation.to_owned()),
        email: email.to_owned(),
        forms: vec!["reporting".into()],
        ..NewRequest::default()
    };
    let reference = case.reference.clone();
    let ids = service.write(Service::coordinator(), move |tx, ctx| {
        gather::send_requests(tx, ctx, &reference, &[new])
    });
    ids.unwrap().remove(0)
}

both_engines! {
    async fn a_lead_sees_what_the_organisation_owes_and_nothing_of_the_child(service) {
        let case = given::case(service, 1);
        let own = ask(service, &case, "NHS Ashford CCG", "one@nhs.example");
        let other = ask(service, &case, "Sample Surgery", "two@nhs.example");
        let lead = lead(service, "lead@nhs.example", Some("QKS"));
        // The integrated care board answers for the groups that it came after.
        let page = lead.get("/agency").await.is(200).says("one@nhs.example").says("NHS Kent and Medway Integrated Care Board").never_says("two@nhs.example");
        for word in ["Testfamily1", "Samplechild1", case.reference.as_str()] {
            assert!(!page.text.contains(word), "{word}");
        }
        lead.get(&format!("/agency/{own}/hand-on")).await.is(200).never_says(&case.reference);
        lead.get(&format!("/agency/{other}/hand-on")).await.is(404);
        lead.get("/agency/nothing/hand-on").await.is(404);
        lead.post(&format!("/agency/{other}/hand-on"), &[("name", "Sample"), ("email", "x@nhs.example")]).await.is(404);
        assert_eq!(given::request_now(service, &other).email, "two@nhs.example");
        lead.get(&format!("/cases/{}", case.reference)).await.is(403);
        lead.get("/cases").await.is(403);
        // What was let off is gone from the list.
        let reference = case.reference.clone();
        let of = own.clone();
        service.write(Service::coordinator(), move |tx, ctx| gather::withdraw(tx, ctx, &reference, &of, "Synthetic.")).unwrap();
        lead.get("/agency").await.is(200).says("Nothing is open");
        lead.get(&format!("/agency/{own}/hand-on")).await.is(404);
        for role in [Role::Coordinator, Role::Respondent, Role::Administrator] {
            service.signed_in(role).await.get("/agency").await.is(403);
        }
    }

    async fn a_lead_hands_a_request_on_like_whoever_it_was_sent_to(service) {
        let case = given::case(service, 1);
        let id = ask(service, &case, "QKS", "one@nhs.example");
        let (browser, home) = opened_link(service, "one@nhs.example").await;
        let lead = lead(service, "lead@nhs.example", Some("QKS"));
        let path = format!("/agency/{id}/hand-on");
        let mut form = lead.get(&path).await.is(200).form_to(&path);
        lead.submit(&form).await.is(422).faults("Enter the name", "#name").faults("Enter an email address", "#email");
        form.set("name", "Sample Colleague").set("email", "someone@elsewhere.example");
        let page = lead.submit(&form).await.is(422).faults("not an address of your own organisation", "#email");
        assert_eq!(page.form_to(&path).value("name"), "Sample Colleague");
        form.set("email", "two@nhs.example");
        lead.submit(&form).await.is(303).moved_to("/agency");
        lead.get("/agency").await.is(200).says("two@nhs.example").never_says("one@nhs.example");
        browser.get(&home).await.is(404);
        assert!(service.mail_to("one@nhs.example").body.contains("handed on to a colleague"));
        let (theirs, home) = opened_link(service, "two@nhs.example").await;
        theirs.get(&home).await.is(200).says("Samplechild1");
        let rows = service.read(|conn| Ok(events::latest(conn, "request_handed_on", 9)?));
        assert_eq!(rows.len(), 1);
    }

    async fn a_restricted_case_is_not_there_for_a_lead(service) {
        let case = given::case(service, 1);
        let id = ask(service, &case, "QKS", "one@nhs.example");
        let lead = lead(service, "lead@nhs.example", Some("QKS"));
        let own = service.add_user("named@cdr.example", Role::Coordinator);
        let (reference, version) = (case.reference.clone(), given::find(service, &case.reference).version);
        service.write(Service::coordinator(), move |tx, ctx| {
            restrict::restrict(tx, ctx, &reference, version, &[own], "A synthetic reason.")
        }).unwrap();
        lead.get("/agency").await.is(200).never_says("one@nhs.example").says("Nothing is open");
        lead.get(&format!("/agency/{id}/hand-on")).await.is(404);
        lead.post(&format!("/agency/{id}/hand-on"), &[("name", "Sample"), ("email", "two@nhs.example")]).await.is(404);
        assert_eq!(given::request_now(service, &id).email, "one@nhs.example");
    }

    async fn the_lead_of_the_organisation_asked_is_reminded_and_led_to_the_list(service) {
        let case = given::case(service, 1);
        ask(service, &case, "NHS Ashford CCG", "one@nhs.example");
        lead(service, "lead@nhs.example", Some("QKS"));
        lead(service, "other@nhs.example", Some("E10000016"));
        let without = lead(service, "without@nhs.example", None);
        without.get("/agency").await.is(200).says("Your account names no organisation").never_says("one@nhs.example");
        let to: DateTime<Utc> = "2026-05-01T09:00:00Z".parse().unwrap();
        service.pass(to - service.now());
        remind_due(&service.app.db, &service.app.house, service.now()).unwrap();
        let told = service.mail_to("lead@nhs.example");
        assert!(told.body.contains("/agency") && told.body.contains("section 16N"), "{}", told.body);
        for word in ["Testfamily1", "Samplechild1", case.reference.as_str(), "/cases"] {
            assert!(!told.body.contains(word), "{word}");
        }
        assert!(service.mails().iter().all(|m| m.recipient != "other@nhs.example" && m.recipient != "without@nhs.example"));
    }
}

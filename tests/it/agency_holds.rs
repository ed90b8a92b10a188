//! Reminders to a whole agency, held over all its cases: with a last day, by hand, for one organisation and those that
//! came after it.

use cdr::casework::gather::{self, NewRequest};
use cdr::domain::actor::Role;
use cdr::jobs::remind::remind_due;
use cdr::store::cases::Case;
use cdr::store::events;
use chrono::{DateTime, Utc};

use super::support::Service;
use super::support::given;
use crate::both_engines;

const POLICE: &str = "/directory/agencies/police";

fn remind_at(service: &Service, moment: &str) {
    let to: DateTime<Utc> = moment.parse().unwrap();
    service.pass(to - service.now());
    remind_due(&service.app.db, &service.app.house, service.now()).unwrap();
}

fn mails(service: &Service, address: &str) -> usize {
    let all = service.mails();
    all.iter().filter(|m| m.recipient == address).count()
}

/// Asks somebody of an organisation; gives the address of the request's page.
fn ask(service: &Service, case: &Case, agency: &str, organisation: &str, email: &str) -> String {
    let new = NewRequest {
        agency: agency.into(),
        recipient: format!("Sample {agency}"),
        organisation: Some(organisation.to_owned()).filter(|name| !name.is_empty()),
        email: email.into(),
        forms: vec!["reporting".into()],
        ..NewRequest::default()
    };
    let reference = case.reference.clone();
    let ids = service.write(Service::coordinator(), move |tx, ctx| {
        gather::send_requests(tx, ctx, &reference, &[new])
    });
    let id = ids.unwrap().remove(0);
    format!("/cases/{}/requests/{id}", case.reference)
}

both_engines! {
    async fn an_agency_is_held_over_all_cases_until_its_last_day(service) {
        let first = given::case(service, 1);
        let page = ask(service, &first, "police", "", "one@police.example");
        ask(service, &first, "gp", "", "one@gp.example");
        let coordinator = service.signed_in(Role::Coordinator).await;
        let mut form = coordinator.get(POLICE).await.is(200).says("None. Each request reminds").form_to(POLICE);
        form.set("last_day-day", "31").set("last_day-month", "2");
        let again = coordinator.submit(&form).await.is(422).faults("Last day", "#last_day-day");
        assert_eq!(again.form_to(POLICE).value("last_day-day"), "31");
        form.set("last_day-day", "1").set("last_day-month", "1").set("last_day-year", "2020").set("reason", " ");
        coordinator.submit(&form).await.is(422).faults("Say why the agency", "#reason").faults("today or later", "#last_day-day");
        form.set("last_day-day", "26").set("last_day-month", "4").set("last_day-year", "2026").set("reason", "Their system is down; synthetic.");
        coordinator.submit(&form).await.is(303).moved_to(POLICE);
        coordinator.get(POLICE).await.is(200).says("last day 26 April 2026").says("Their system is down");
        // One that is asked afterwards is held like the first.
        let second = given::case(service, 2);
        ask(service, &second, "police", "Sample Force", "two@police.example");
        coordinator.get(&page).await.is(200).says("No reminder goes out").says("Their system is down");
        coordinator.get(&format!("/cases/{}/requests", first.reference)).await.is(200).says("Reminders held");
        coordinator.get(&format!("/cases/{}/clocks", first.reference)).await.is(200).says("For all of this agency, on every case");
        remind_at(service, "2026-04-26T20:00:00Z");
        assert_eq!((mails(service, "one@police.example"), mails(service, "two@police.example")), (1, 1), "nothing but the requests");
        assert_eq!(mails(service, "one@gp.example"), 2, "another agency is reminded");
        // The day after, whoever waits gets one reminder for the two that were reached.
        remind_at(service, "2026-04-27T08:00:00Z");
        assert_eq!((mails(service, "one@police.example"), mails(service, "two@police.example")), (2, 2));
        let coordinator = service.signed_in_as("coordinator@cdr.example");
        coordinator.get(POLICE).await.is(200).says("Over, last day was 26 April 2026").never_says("Let the reminders go");
        coordinator.get(&page).await.is(200).never_says("No reminder goes out");
    }

    async fn a_hold_is_changed_and_let_go_by_hand(service) {
        let case = given::case(service, 1);
        let page = ask(service, &case, "police", "", "one@police.example");
        let coordinator = service.signed_in(Role::Coordinator).await;
        coordinator.post(POLICE, &[("do", "hold"), ("reason", "First reason.")]).await.is(303);
        coordinator.post(POLICE, &[("do", "hold"), ("reason", "Second reason."), ("last_day", "2026-12-01")]).await.is(303);
        let changed = service.read(|conn| Ok(events::latest(conn, "agency_hold_changed", 9)?));
        assert_eq!(changed.len(), 1);
        for words in ["First reason.", "Second reason.", "2026-12-01"] {
            assert!(changed[0].detail.contains(words), "{}", changed[0].detail);
        }
        let shown = coordinator.get(POLICE).await.is(200).says("Second reason.").never_says("First reason.");
        // An answer of the agency itself is not touched, and nothing else rests.
        remind_at(service, "2026-04-20T09:00:00Z");
        assert_eq!(mails(service, "one@police.example"), 1);
        let coordinator = service.signed_in_as("coordinator@cdr.example");
        let mut form = shown.form_with("Let the reminders go");
        form.set("csrf", &coordinator.token().await);
        coordinator.submit(&form).await.is(303);
        coordinator.submit(&form).await.is(303);
        let released = service.read(|conn| Ok(events::latest(conn, "agency_released", 9)?));
        assert_eq!(released.len(), 1, "twice is once");
        coordinator.get(&page).await.is(200).never_says("No reminder goes out");
        remind_at(service, "2026-04-20T09:01:00Z");
        assert_eq!(mails(service, "one@police.example"), 2);
    }

    async fn an_organisation_is_held_with_those_before_and_after_it(service) {
        let case = given::case(service, 1);
        let path = "/directory/agencies/gp";
        let coordinator = service.signed_in(Role::Coordinator).await;
        coordinator.post(path, &[("do", "hold"), ("organisation", "NHS Ashford CCG"), ("reason", "Synthetic.")]).await.is(303);
        coordinator.get(path).await.is(200).says("so this holds nothing now");
        let held = [("NHS Ashford CCG", "a@nhs.example"), ("09c", "b@nhs.example"), ("91Q", "c@nhs.example")];
        let free = [("NHS Medway CCG", "d@nhs.example"), ("Sample Surgery", "e@nhs.example"), ("", "f@nhs.example")];
        for (organisation, email) in held {
            let page = ask(service, &case, "gp", organisation, email);
            coordinator.get(&page).await.is(200).says("No reminder goes out").says("NHS Ashford CCG");
        }
        for (organisation, email) in free {
            let page = ask(service, &case, "gp", organisation, email);
            coordinator.get(&page).await.is(200).never_says("No reminder goes out");
        }
        coordinator.get(path).await.is(200).never_says("so this holds nothing now");
        remind_at(service, "2026-04-20T09:00:00Z");
        assert!(held.iter().all(|(_, email)| mails(service, email) == 1));
        assert!(free.iter().all(|(_, email)| mails(service, email) == 2));
    }

    async fn who_may_hold_an_agency_and_who_may_only_see_it(service) {
        service.signed_in(Role::Coordinator).await.post(POLICE, &[("do", "hold"), ("reason", "Synthetic reason.")]).await.is(303);
        for role in [Role::DesignatedDoctor, Role::Administrator] {
            let other = service.signed_in(role).await;
            let page = other.get(POLICE).await.is(200);
            // A reason may tell of a case, and an administrator reads none.
            assert_eq!(page.text.contains("Synthetic reason."), role == Role::DesignatedDoctor);
            page.never_says("Hold the reminders").never_says("Let the reminders go");
            other.post(POLICE, &[("do", "hold"), ("reason", "Another.")]).await.is(403);
            other.post(POLICE, &[("do", "release"), ("hold", "x")]).await.is(403);
        }
        let auditor = service.signed_in(Role::Auditor).await;
        auditor.get(POLICE).await.is(403);
        let coordinator = service.signed_in_as("coordinator@cdr.example");
        coordinator.get("/directory/agencies/nobody").await.is(404);
        coordinator.post("/directory/agencies/nobody", &[("do", "hold"), ("reason", "Synthetic.")]).await.is(404);
        coordinator.post(POLICE, &[("do", "release"), ("hold", "nothing")]).await.is(404);
        assert_eq!(service.read(|conn| Ok(events::latest(conn, "agency_held", 9)?)).len(), 1);
    }
}

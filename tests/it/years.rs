//! What the area owes for each year: the year's end and its report, reminded of once, recorded, and put right.

use cdr::casework::years;
use cdr::domain::actor::Role;
use cdr::domain::clock::Outcome;
use cdr::jobs::remind::remind_due;
use cdr::store::outbox::Mail;
use chrono::{DateTime, Utc};

use super::panels::{ALL_THERE, decides, fill, members, sitting, there};
use super::support::{Service, given};
use crate::both_engines;

fn until(service: &Service, moment: &str) {
    let to: DateTime<Utc> = moment.parse().unwrap();
    service.pass(to - service.now());
}

fn remind(service: &Service) {
    remind_due(&service.app.db, &service.app.house, service.now()).unwrap();
}

fn yearly(service: &Service) -> Vec<Mail> {
    let mut mails = service.mails();
    mails.retain(|m| m.dedupe_key.starts_with("year:"));
    mails
}

/// How one of them stands, and the day on which it is due.
fn stands(service: &Service, id: &str) -> (Outcome, String) {
    let all = service.write(Service::coordinator(), years::list).unwrap();
    let year = all.into_iter().find(|y| y.row.id == id).unwrap();
    (year.stands, year.due.unwrap().to_string())
}

const YEAR: &str = "c32-2027-03-31";
const REPORT: &str = "c42-2027-03-31";

both_engines! {
    async fn the_year_s_end_and_its_report_are_reminded_of_once(service) {
        service.add_user("executive@cdr.example", Role::Executive);
        given::case(service, 1);
        remind(service);
        assert!(yearly(service).is_empty(), "nothing is near");
        until(service, "2027-02-01T08:01:00Z");
        remind(service);
        remind(service);
        let mails = yearly(service);
        assert_eq!(mails.len(), 1, "58 days before the end of March, and once");
        assert!(mails[0].body.contains("National year end") && mails[0].body.contains("31 March 2027"), "{}", mails[0].body);
        until(service, "2027-03-17T08:01:00Z");
        remind(service);
        assert_eq!(yearly(service).len(), 2);
        assert_eq!(stands(service, YEAR), (Outcome::Running, "2027-03-31".into()));
        assert_eq!(stands(service, REPORT), (Outcome::Running, "2027-09-30".into()));
        until(service, "2027-09-30T08:01:00Z");
        remind(service);
        let mails = yearly(service);
        assert_eq!(mails.iter().filter(|m| m.recipient == "executive@cdr.example").count(), 1);
        assert!(mails.iter().all(|m| !m.body.contains("Testfamily1")));
    }

    async fn what_was_missed_long_ago_is_not_reminded_of(service) {
        given::case(service, 1);
        until(service, "2027-06-01T08:00:00Z");
        remind(service);
        assert!(yearly(service).is_empty(), "both days of the year’s end are more than a month past");
        assert_eq!(stands(service, YEAR).0, Outcome::Running);
        let coordinator = service.signed_in(Role::Coordinator).await;
        coordinator.get("/years").await.is(200).says("Late").says("31 March 2027").says("30 September 2027");
    }

    async fn a_last_day_is_set_and_what_was_done_is_recorded_and_put_right(service) {
        given::case(service, 1);
        until(service, "2027-04-02T10:00:00Z");
        let coordinator = service.signed_in(Role::Coordinator).await;
        let path = format!("/years/{YEAR}");
        let page = coordinator.get(&path).await.is(200).says("National year end, year to 31 March 2027").says("Late");
        let mut form = page.form_with("Save the last day");
        coordinator.submit(&form).await.is(422).faults("Enter the last day on which data are taken", "#cut_off-day");
        form.set("cut_off-day", "1").set("cut_off-month", "3").set("cut_off-year", "2027");
        let again = coordinator.submit(&form).await.is(422).faults("must not be before the year ends", "#cut_off-day");
        assert_eq!(again.form_with("Save the last day").value("cut_off-month"), "3", "nothing typed is lost");
        form.set("cut_off-day", "23").set("cut_off-month", "4");
        coordinator.submit(&form).await.is(303);
        assert_eq!(stands(service, YEAR), (Outcome::Running, "2027-04-23".into()));
        coordinator.get(&path).await.is(200).never_says("Late").says("23 April 2027");
        // Who opened the page before that is told, and loses nothing.
        let mut stale = page.form_with("Record that it is done");
        stale.set("on-day", "2").set("on-month", "4").set("on-year", "2027").set("reason", "Their portal says so.");
        let clash = coordinator.submit(&stale).await.is(409).says("Somebody else recorded something");
        assert_eq!(clash.form_with("Record that it is done").value("reason"), "Their portal says so.");
        let mut form = coordinator.get(&path).await.is(200).form_with("Record that it is done");
        form.set("on-day", "9").set("on-month", "4").set("on-year", "2027").set("reason", " ");
        coordinator.submit(&form).await.is(422).faults("must not be in the future", "#on-day").faults("Say how it is known", "#reason");
        form.set("on-day", "2").set("reason", "Their portal says so.");
        coordinator.submit(&form).await.is(303);
        assert_eq!(stands(service, YEAR).0, Outcome::Met);
        let page = coordinator.get(&path).await.is(200).says("Their portal says so.");
        coordinator.submit(&page.form_with("It is not done after all")).await.is(303);
        assert_eq!(stands(service, YEAR).0, Outcome::Running);
        // A report is published on a day, and has no last day that others set.
        let report = coordinator.get(&format!("/years/{REPORT}")).await.is(200).never_says("Until when data are taken");
        coordinator.submit(&report.form_with("Record that it is done")).await.is(422).faults("Say where the report was published", "#reason");
    }

    async fn a_year_that_has_not_ended_takes_a_changed_clock_over_and_one_that_has_keeps_its_own(service) {
        given::case(service, 1);
        let held = |service: &Service| service.read(|conn| Ok(cdr::store::years::get(conn, YEAR)?)).unwrap().definition;
        stands(service, YEAR);
        let shipped = held(service);
        let changed = |service: &Service| {
            let (was, is) = ("\"name\":\"National year end", "\"name\":\"Another name");
            let text = held(service).replace(was, is);
            assert_ne!(text, shipped);
            service.write(Service::coordinator(), move |tx, _| {
                tx.unchanged();
                let row = cdr::store::years::get(tx.conn(), YEAR)?.unwrap();
                cdr::store::years::save(tx, &cdr::store::years::Year { definition: text, ..row })?;
                Ok(())
            }).unwrap();
        };
        changed(service);
        stands(service, YEAR);
        assert_eq!(held(service), shipped, "it had not begun");
        changed(service);
        until(service, "2027-04-02T10:00:00Z");
        stands(service, YEAR);
        assert!(held(service).contains("Another name"), "it runs by what it began with");
    }

    async fn a_reviewed_case_is_counted_to_the_year_in_which_a_panel_reviewed_it(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let case = given::case(service, 1);
        let (panel, room) = sitting(service, &coordinator, &case, &members(service)).await;
        there(&coordinator, service, &panel, &ALL_THERE).await;
        for (section, pair) in [("category", ("categories_all", "5")), ("modifiability", ("modifiable", "none"))] {
            fill(&coordinator, &room, section, &[pair]).await.is(303);
        }
        decides(&coordinator, &room).await;
        let left = |service: &Service| -> Vec<(String, usize)> {
            let all = service.write(Service::coordinator(), years::list).unwrap();
            all.into_iter().filter_map(|y| Some((y.row.id, y.left?))).collect()
        };
        assert_eq!(left(service), [(YEAR.to_owned(), 1)]);
        until(service, "2027-04-02T10:00:00Z");
        assert_eq!(left(service), [("c32-2028-03-31".to_owned(), 0), (YEAR.to_owned(), 1)]);
        let coordinator = service.signed_in_as("coordinator@cdr.example");
        let page = coordinator.get("/years").await.is(200);
        assert_eq!(page.words().matches("1 reviewed case is not with the national database yet").count(), 1);
        // Once its own year is done, the next one waits for it.
        let mut form = coordinator.get(&format!("/years/{YEAR}")).await.is(200).form_with("Record that it is done");
        form.set("on-day", "1").set("on-month", "4").set("on-year", "2027").set("reason", "Their portal says so.");
        coordinator.submit(&form).await.is(303);
        assert_eq!(left(service), [("c32-2028-03-31".to_owned(), 1)]);
    }

    async fn only_a_coordinator_records_and_only_some_see(service) {
        given::case(service, 1);
        for role in [Role::Executive, Role::DesignatedDoctor] {
            let browser = service.signed_in(role).await;
            browser.get("/years").await.is(200).says("National year end").says("Annual report published");
            browser.get("/years/c32-2027-03-31").await.is(200).never_says("Record that it is done");
            browser.post("/years/c32-2027-03-31", &[("action", "not_done"), ("version", "1")]).await.is(403);
        }
        for role in [Role::PanelMember, Role::Administrator, Role::KeyWorker] {
            service.signed_in(role).await.get("/years").await.is(403);
        }
        service.browser().get("/years").await.is(303);
        let coordinator = service.signed_in(Role::Coordinator).await;
        coordinator.get("/years/c32-1999-03-31").await.is(404);
    }
}

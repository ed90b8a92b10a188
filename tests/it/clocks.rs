//! The clocks of cases: they start, stop and move with their cause, and a coordinator pauses, excuses and holds them.

use cdr::casework::clocks::{self, Shown};
use cdr::casework::gather::{accept, send_back, withdraw};
use cdr::domain::actor::Role;
use cdr::domain::calendar::london;
use cdr::domain::clock::{Clocks, Outcome};
use cdr::store::cases::Case;
use chrono::Duration;
use serde_json::json;

use super::support::given::{self, opened_link};
use super::support::journey::{fill_form, send_answers};
use super::support::{Browser, Page, Sample, Service};
use crate::both_engines;

const GP: &str = "gp@cdr.example";

/// The clocks of a case as they stand now.
fn all(service: &Service, case: &Case) -> Vec<Shown> {
    let ctx = service.context(Service::coordinator());
    service.read(|conn| clocks::list(conn, &ctx, case))
}

/// The newest run of one clock.
fn one(service: &Service, case: &Case, id: &str) -> Shown {
    let of = all(service, case)
        .into_iter()
        .filter(|c| c.definition.id == id);
    of.max_by_key(|c| c.started_at)
        .unwrap_or_else(|| panic!("no clock {id}"))
}

/// How it stands, and the day on which it is due.
fn stands(service: &Service, case: &Case, id: &str) -> (Outcome, String) {
    let clock = one(service, case, id);
    let due = clock
        .due_at
        .map(|at| london(at.and_utc()).date().to_string());
    (clock.stands, due.unwrap_or_default())
}

fn by(outcome: Outcome, due: &str) -> (Outcome, String) {
    (outcome, due.to_owned())
}

async fn change(browser: &Browser, case: &Case, clock: &Shown, pairs: &[(&str, &str)]) -> Page {
    let path = format!("/cases/{}/clocks/{}", case.reference, clock.id);
    browser.post(&path, pairs).await
}

/// Puts one answer of the record right, through its page.
async fn correct(browser: &Browser, case: &Case, section: &str, sample: &Sample) {
    let path = format!("/cases/{}/record/{section}", case.reference);
    let mut form = browser.get(&path).await.is(200).form_to(&path);
    sample.fill(&mut form);
    browser.submit(&form).await.is(303);
}

both_engines! {
    async fn a_case_begins_with_its_clocks(service) {
        let case = given::case(service, 1);
        assert_eq!(stands(service, &case, "C03"), by(Outcome::Running, "2026-03-29"));
        assert_eq!(stands(service, &case, "C20"), by(Outcome::Running, "2026-04-07"), "over Easter");
        assert_eq!(stands(service, &case, "C25"), by(Outcome::Running, "2026-06-27"));
        assert_eq!(stands(service, &case, "C05").0, Outcome::Running, "that none is needed is for the team to say");
        assert_eq!(stands(service, &case, "C01").0, Outcome::Missed, "five days after the death");
        assert_eq!(stands(service, &case, "C04"), by(Outcome::Running, "2026-04-02"), "the decisions of the first hours");
        assert!(all(service, &case).iter().all(|c| c.definition.id != "C32"), "what is not of a case is not started");
        let coordinator = service.signed_in(Role::Coordinator).await;
        coordinator.get(&format!("/cases/{}", case.reference)).await.is(200).says("Every clock of this case");
        coordinator.get(&format!("/cases/{}/clocks", case.reference)).await.is(200)
            .says("Child death review meeting held").says("Due 27 June 2026").says("Late: was due 29 March 2026").says("Over");
    }

    async fn correcting_the_date_of_death_moves_the_clocks_and_keeps_the_old_dates(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        correct(&coordinator, &case, "notification/child", &Sample::empty().with("date_of_death", "20 3 2026")).await;
        let clock = one(service, &case, "C25");
        assert_eq!(stands(service, &case, "C25"), by(Outcome::Running, "2026-06-20"));
        let earlier: Vec<String> = clock.earlier.iter().map(|at| london(at.and_utc()).date().to_string()).collect();
        assert_eq!(earlier, ["2026-06-27"]);
        coordinator.get(&format!("/cases/{}/clocks", case.reference)).await.is(200).says("Due before");
        coordinator.get(&format!("/cases/{}", case.reference)).await.is(200)
            .says("is due on 20 June 2026 and no longer on 27 June 2026");
        // What is written again without a change moves nothing.
        correct(&coordinator, &case, "notification/child", &Sample::empty()).await;
        assert_eq!(one(service, &case, "C25").earlier.len(), 1);
    }

    async fn an_answer_counts_from_when_it_was_sent(service) {
        let case = given::case(service, 1);
        let request = given::request(service, &case, "gp", &["reporting"]);
        assert_eq!(stands(service, &case, "C20").0, Outcome::Met);
        assert_eq!(stands(service, &case, "C21"), by(Outcome::Running, "2026-04-24"), "15 working days, over Easter");
        assert_eq!(request.agreed_date.to_string(), "2026-04-24");
        let (browser, home) = opened_link(service, GP).await;
        fill_form(&browser, &format!("{home}/forms/reporting"), &Sample::answer()).await;
        send_answers(&browser, &home).await.is(200);
        assert_eq!(stands(service, &case, "C21").0, Outcome::Met);
        let of = (case.reference.clone(), request.id.clone());
        service.write(Service::coordinator(), move |tx, ctx| send_back(tx, ctx, &of.0, &of.1, &"A synthetic reason.".into())).unwrap();
        assert_eq!(stands(service, &case, "C21"), by(Outcome::Running, "2026-04-24"), "it runs on");
        service.pass(Duration::days(30));
        let (browser, home) = opened_link(service, GP).await;
        send_answers(&browser, &home).await.is(200);
        assert_eq!(stands(service, &case, "C21").0, Outcome::Missed);
        let of = (case.reference.clone(), request.id);
        service.write(Service::coordinator(), move |tx, ctx| accept(tx, ctx, &of.0, &of.1)).unwrap();
        assert_eq!(stands(service, &case, "C21").0, Outcome::Missed);
        assert!(all(service, &case).iter().all(|c| c.definition.id != "C22"), "a request has one clock");
    }

    async fn a_supplementary_form_has_its_own_clock_and_a_withdrawn_request_none(service) {
        let case = given::case(service, 1);
        let request = given::request(service, &case, "gp", &["drowning"]);
        assert_eq!(stands(service, &case, "C22").0, Outcome::Running);
        let of = (case.reference.clone(), request.id);
        service.write(Service::coordinator(), move |tx, ctx| withdraw(tx, ctx, &of.0, &of.1, "A synthetic reason.")).unwrap();
        assert_eq!(stands(service, &case, "C22").0, Outcome::Cancelled);
    }

    async fn a_clock_pauses_for_a_named_reason_and_goes_on(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let path = format!("/cases/{}/clocks", case.reference);
        let clock = one(service, &case, "C25");
        for (pause, words) in [("", "Choose why the clock stands still"), ("rain", "Choose why"), ("police_embargo", "Choose why")] {
            let said = [("do", "pause"), ("pause", pause), ("reason", "Typed before.")];
            let page = change(&coordinator, &case, &clock, &said).await.is(422).faults(words, &format!("#pause-{}", clock.id));
            assert!(page.text.contains("Typed before."), "what was typed is kept");
        }
        let pause = [("do", "pause"), ("pause", "post_mortem_outstanding"), ("reason", "A synthetic reason.")];
        change(&coordinator, &case, &clock, &pause).await.is(303).moved_to(&path);
        change(&coordinator, &case, &clock, &pause).await.is(422);
        coordinator.get(&path).await.is(200).says("It stands still").says("The post-mortem report is outstanding").says("A synthetic reason.");
        // What stands still is not late, and nothing sets its date.
        service.pass(Duration::days(100));
        assert!(!one(service, &case, "C25").late);
        let coordinator = service.signed_in_as("coordinator@cdr.example");
        let open = one(service, &case, "C25").pauses[0].id.clone();
        change(&coordinator, &case, &clock, &[("do", "resume"), ("of", "nothing")]).await.is(404);
        change(&coordinator, &case, &clock, &[("do", "resume"), ("of", &open)]).await.is(303);
        let clock = one(service, &case, "C25");
        assert_eq!(stands(service, &case, "C25"), by(Outcome::Running, "2026-10-05"), "a hundred days later");
        assert_eq!((clock.spent.gross, clock.spent.net), (105, 5));
        coordinator.get(&path).await.is(200).says("105 days gross, 5 days net of pauses");
        coordinator.get(&format!("/cases/{}", case.reference)).await.is(200).says("goes on").says("Due 5 October 2026");
    }

    async fn the_day_agreed_moves_by_as_much_as_its_clock_stood_still(service) {
        let case = given::case(service, 1);
        let request = given::request(service, &case, "gp", &["reporting"]);
        assert_eq!(request.agreed_date.to_string(), "2026-04-24");
        drop(service.signed_in(Role::Coordinator).await);
        let clock = one(service, &case, "C21");
        let pause = [("do", "pause"), ("pause", "police_embargo"), ("reason", "A synthetic reason.")];
        service.pass(Duration::days(6));
        let coordinator = service.signed_in_as("coordinator@cdr.example");
        change(&coordinator, &case, &clock, &pause).await.is(303);
        service.pass(Duration::days(7));
        let coordinator = service.signed_in_as("coordinator@cdr.example");
        let list = format!("/cases/{}/requests", case.reference);
        let open = one(service, &case, "C21").pauses[0].id.clone();
        change(&coordinator, &case, &clock, &[("do", "resume"), ("of", &open)]).await.is(303);
        let day = given::request_now(service, &request.id).agreed_date;
        assert_eq!(day.to_string(), "2026-05-01", "five working days later");
        assert_eq!(stands(service, &case, "C21"), by(Outcome::Running, "2026-05-01"), "and the clock says the same");
        let told = service.mail_to(GP);
        assert!(told.body.contains("now 1 May 2026"), "{}", told.body);
        coordinator.get(&list).await.is(200).says("1 May 2026");
        // Somebody agrees to another day afterwards: the old pause is not counted again.
        let (browser, home) = opened_link(service, GP).await;
        browser.post(&format!("{home}/time"), &[("until", "2026-05-15"), ("reason", "Sample reason")]).await.is(303);
        let file = format!("/cases/{}/requests/{}", case.reference, request.id);
        coordinator.post(&file, &[("action", "agree_time")]).await.is(303);
        assert_eq!(stands(service, &case, "C21"), by(Outcome::Running, "2026-05-15"));
    }

    async fn a_pause_after_the_day_agreed_is_not_counted_on_a_later_day(service) {
        let case = given::case(service, 1);
        let request = given::request(service, &case, "gp", &["reporting"]);
        assert_eq!(request.agreed_date.to_string(), "2026-04-24");
        service.pass(Duration::days(32));
        let coordinator = service.signed_in(Role::Coordinator).await;
        let clock = one(service, &case, "C21");
        let pause = [("do", "pause"), ("pause", "police_embargo"), ("reason", "A synthetic reason.")];
        change(&coordinator, &case, &clock, &pause).await.is(303);
        service.pass(Duration::days(6));
        let coordinator = service.signed_in_as("coordinator@cdr.example");
        let open = one(service, &case, "C21").pauses[0].id.clone();
        change(&coordinator, &case, &clock, &[("do", "resume"), ("of", &open)]).await.is(303);
        assert_eq!(given::request_now(service, &request.id).agreed_date, request.agreed_date, "it had passed before");
        let (browser, home) = opened_link(service, GP).await;
        browser.post(&format!("{home}/time"), &[("until", "2026-06-12"), ("reason", "Sample reason")]).await.is(303);
        let file = format!("/cases/{}/requests/{}", case.reference, request.id);
        coordinator.post(&file, &[("action", "agree_time")]).await.is(303);
        assert_eq!(stands(service, &case, "C21"), by(Outcome::Running, "2026-06-12"), "the day that was agreed");
    }

    async fn an_answer_while_the_clock_stands_still_is_not_late(service) {
        let case = given::case(service, 1);
        given::request(service, &case, "gp", &["reporting"]);
        drop(service.signed_in(Role::Coordinator).await);
        let (browser, home) = opened_link(service, GP).await;
        fill_form(&browser, &format!("{home}/forms/reporting"), &Sample::answer()).await;
        service.pass(Duration::days(19));
        let coordinator = service.signed_in_as("coordinator@cdr.example");
        let pause = [("do", "pause"), ("pause", "police_embargo"), ("reason", "A synthetic reason.")];
        change(&coordinator, &case, &one(service, &case, "C21"), &pause).await.is(303);
        service.pass(Duration::days(14));
        let (browser, home) = opened_link(service, GP).await;
        send_answers(&browser, &home).await.is(200);
        assert_eq!(stands(service, &case, "C21").0, Outcome::Met);
    }

    async fn an_agency_is_not_late_for_the_days_its_answer_lay_with_the_team(service) {
        let case = given::case(service, 1);
        let request = given::request(service, &case, "gp", &["reporting"]);
        let (browser, home) = opened_link(service, GP).await;
        fill_form(&browser, &format!("{home}/forms/reporting"), &Sample::answer()).await;
        service.pass(Duration::days(5));
        send_answers(&browser, &home).await.is(200);
        service.pass(Duration::days(21));
        let of = (case.reference.clone(), request.id.clone());
        service.write(Service::coordinator(), move |tx, ctx| send_back(tx, ctx, &of.0, &of.1, &"A synthetic reason.".into())).unwrap();
        assert_eq!(stands(service, &case, "C21"), by(Outcome::Running, "2026-05-15"), "three weeks after 24 April");
        service.pass(Duration::days(2));
        let (browser, home) = opened_link(service, GP).await;
        send_answers(&browser, &home).await.is(200);
        assert_eq!(stands(service, &case, "C21").0, Outcome::Met);
    }

    async fn the_coroner_the_registrar_and_the_registration_have_clocks(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let add = async |kind: &str, pairs: &[(&str, &str)]| {
            let path = format!("/cases/{}/processes/add", case.reference);
            let mut form = coordinator.get(&format!("{path}?kind={kind}")).await.is(200).form_to(&path);
            for (name, value) in pairs {
                form.set(name, value);
            }
            coordinator.submit(&form).await.is(303);
        };
        add("inquest", &[("state", "under_way"), ("began_on-day", "28"), ("began_on-month", "3"), ("began_on-year", "2026")]).await;
        assert_eq!(stands(service, &case, "C12"), by(Outcome::Running, "2026-03-31"), "the coroner tells within three days");
        add("registration", &[("state", "under_way"), ("began_on-day", "30"), ("began_on-month", "3"), ("began_on-year", "2026")]).await;
        assert_eq!(stands(service, &case, "C14").0, Outcome::Running);
        assert!(one(service, &case, "C14").paused, "while the coroner investigates");
        add("registrar_notice", &[("state", "under_way"), ("began_on-day", "31"), ("began_on-month", "3"), ("began_on-year", "2026")]).await;
        assert_eq!(stands(service, &case, "C13"), by(Outcome::Running, "2026-04-07"));
    }

    async fn only_a_coordinator_keeps_clocks(service) {
        let case = given::case(service, 1);
        let clock = one(service, &case, "C25");
        let doctor = service.signed_in(Role::DesignatedDoctor).await;
        doctor.get(&format!("/cases/{}/clocks", case.reference)).await.is(200).never_says("Pause the clock").never_says("Excuse it");
        for what in ["pause", "resume", "excuse", "hold", "release"] {
            change(&doctor, &case, &clock, &[("do", what), ("pause", "psii"), ("reason", "x")]).await.is(403);
        }
        let administrator = service.signed_in(Role::Administrator).await;
        administrator.get(&format!("/cases/{}/clocks", case.reference)).await.is(403);
        administrator.get("/admin/clocks").await.is(200).says("31 December 2028").says("Reporting form returned").never_says("ends within a year");
        doctor.get("/admin/clocks").await.is(403);
        let coordinator = service.signed_in(Role::Coordinator).await;
        change(&coordinator, &case, &clock, &[("do", "burn")]).await.is(404);
        let other = given::case(service, 2);
        change(&coordinator, &other, &clock, &[("do", "excuse"), ("reason", "x")]).await.is(404);
    }

    async fn a_late_clock_is_excused_with_who_and_why(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let clock = one(service, &case, "C03");
        assert!(clock.late);
        let page = change(&coordinator, &case, &clock, &[("do", "excuse"), ("reason", " ")]).await;
        page.is(422).faults("Say why it is excused", &format!("#excuse-{}", clock.id));
        let before = given::find(service, &case.reference).next_due_at;
        change(&coordinator, &case, &clock, &[("do", "excuse"), ("reason", "A synthetic excuse.")]).await.is(303);
        let clock = one(service, &case, "C03");
        assert_eq!((clock.stands, clock.late), (Outcome::Excused, false));
        assert!(clock.excused_by.unwrap().contains("Sample Coordinator"));
        assert!(given::find(service, &case.reference).next_due_at > before, "the worklist follows");
        let mut answers = given::answers(2);
        answers["family_key_worker_name"] = "Sample Worker".into();
        let other = given::case_of(service, &answers);
        change(&coordinator, &other, &one(service, &other, "C10"), &[("do", "excuse"), ("reason", "x")]).await.is(422);
    }

    async fn what_ends_here_is_no_longer_expected_and_comes_back(service) {
        let case = given::case(service, 1);
        given::request(service, &case, "gp", &["reporting"]);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let base = format!("/cases/{}", case.reference);
        given::transferred(service, &case);
        assert!(all(service, &case).iter().all(|c| c.stands != Outcome::Running));
        assert_eq!(stands(service, &case, "C21").0, Outcome::Cancelled, "its requests too");
        let mut form = coordinator.get(&base).await.is(200).form_with("Move the case");
        form.set("move", "take_back").set("reason", "A synthetic reason.");
        coordinator.submit(&form).await.is(303);
        assert_eq!(stands(service, &case, "C25"), by(Outcome::Running, "2026-06-27"));
        assert_eq!(stands(service, &case, "C21").0, Outcome::Cancelled, "who was told that the answer is not needed is asked anew");
    }

    async fn a_changed_definition_touches_only_clocks_that_start_later(service) {
        use cdr::casework::{Context, House, secrets::Secrets};
        let case = given::case(service, 1);
        let mut house = House::load(Secrets::random(), "http://localhost", None).unwrap();
        let text = cdr::casework::house::shipped("clocks.csv").unwrap().replace("cdrm_held,post", "cdrm_held,mnsi;post");
        let text = text.replace("death,3,months,after,guidance,cdrm_chair", "death,4,months,after,guidance,cdrm_chair");
        house.clocks = Clocks::load(&text, &cdr::casework::house::shipped("bank_holidays.csv").unwrap()).unwrap();
        house.live = false;
        let ctx = Context::new(&std::sync::Arc::new(house), service.now(), Service::coordinator(), "test");
        let clock = one(service, &case, "C25");
        let (of, id) = (case.reference.clone(), clock.id);
        let held = ctx.clone();
        service.app.db.write(move |tx| clocks::hold(tx, &held, &of, &id, "A synthetic reason.")).unwrap();
        assert_eq!(stands(service, &case, "C25"), by(Outcome::Running, "2026-06-27"), "it keeps its own");
        let row = given::notification(service, &{ let mut a = given::answers(2); a["date_of_death"] = json!("2026-03-27"); a });
        let reference = service.app.db.write(move |tx| {
            let outcome = cdr::casework::triage::assess(&ctx, &row).proposed;
            let decision = cdr::casework::triage::Decision::Accept { outcome, reason: "Sample reason".into() };
            cdr::casework::triage::decide(tx, &ctx, &row.id, row.version, &decision)
        }).unwrap().unwrap();
        let later = given::find(service, &reference);
        assert_eq!(stands(service, &later, "C25"), by(Outcome::Running, "2026-07-27"));
    }

    async fn a_definition_changed_since_a_day_leaves_what_started_before_it_alone(service) {
        use cdr::casework::{Context, House, secrets::Secrets};
        let shipped = |name: &str| cdr::casework::house::shipped(name).unwrap();
        let mut text = String::new();
        for row in shipped("clocks.csv").lines() {
            text.extend([row, if row.starts_with("id,") { ",since\n" } else { ",\n" }]);
        }
        let c25 = shipped("clocks.csv").lines().find(|row| row.starts_with("C25,")).unwrap().replacen(",3,months,", ",4,months,", 1);
        text.extend([c25.as_str(), ",2026-03-28\n"]);
        let mut house = House::counting(Secrets::random(), "http://localhost", None, (&text, &shipped("bank_holidays.csv"))).unwrap();
        house.live = false;
        let ctx = Context::new(&std::sync::Arc::new(house), service.now(), Service::coordinator(), "test");
        // Both are accepted after the change; one child died before it.
        for (n, died, due) in [(1, "2026-03-27", "2026-06-27"), (2, "2026-03-28", "2026-07-28")] {
            let mut answers = given::answers(n);
            answers["date_of_death"] = json!(died);
            let row = given::notification(service, &answers);
            let by_then = ctx.clone();
            let reference = service.app.db.write(move |tx| {
                let outcome = cdr::casework::triage::assess(&by_then, &row).proposed;
                let decision = cdr::casework::triage::Decision::Accept { outcome, reason: "Sample reason".into() };
                cdr::casework::triage::decide(tx, &by_then, &row.id, row.version, &decision)
            }).unwrap().unwrap();
            assert_eq!(stands(service, &given::find(service, &reference), "C25"), by(Outcome::Running, due), "{died}");
        }
    }

    async fn a_calendar_gives_dates_and_nothing_else(service) {
        let case = given::case(service, 1);
        given::request(service, &case, "gp", &["reporting"]);
        let coordinator = service.signed_in(Role::Coordinator).await;
        coordinator.get("/account").await.is(200).says("your calendar’s address");
        let form = coordinator.get("/account/calendar").await.is(200).says("You have no address now").form_with("Make an address");
        let page = coordinator.submit(&form).await.is(200).says("It is not shown again");
        let address = page.texts("code").remove(0);
        let path = address.strip_prefix(&service.address).unwrap().to_owned();
        coordinator.get("/account/calendar").await.is(200).never_says("/calendar/").says("It has not been fetched yet");
        // A calendar program has no session.
        let feed = service.browser().get(&path).await.is(200);
        assert_eq!(feed.header("content-type"), "text/calendar; charset=utf-8");
        let text = feed.text.replace("\r\n ", "");
        assert!(text.starts_with("BEGIN:VCALENDAR\r\n") && text.ends_with("END:VCALENDAR\r\n"), "{text}");
        for wanted in ["SUMMARY:A date is due (C25)", "DTSTART;VALUE=DATE:20260627", "SUMMARY:A date is due (C21)", "DTSTART;VALUE=DATE:20260424"] {
            assert!(text.contains(wanted), "{wanted}: {text}");
        }
        let clock = one(service, &case, "C25");
        for word in ["Testfamily1", "Samplechild1", case.reference.as_str(), "gp", "Practi", clock.id.as_str(), "Maidstone"] {
            assert!(!text.to_lowercase().contains(&word.to_lowercase()), "{word}: {text}");
        }
        // Pausing takes the date out of it.
        change(&coordinator, &case, &clock, &[("do", "pause"), ("pause", "psii")]).await.is(303);
        assert!(!service.browser().get(&path).await.is(200).text.contains("(C25)"));
        let form = coordinator.get("/account/calendar").await.is(200).says("It was last fetched").form_with("Make a new address");
        let other = coordinator.submit(&form).await.is(200).texts("code").remove(0);
        let other = other.strip_prefix(&service.address).unwrap().to_owned();
        service.browser().get(&path).await.is(404);
        service.browser().get(&other).await.is(200);
        let form = coordinator.get("/account/calendar").await.is(200).form_with("Revoke the address");
        coordinator.submit(&form).await.is(303);
        service.browser().get(&other).await.is(404);
        service.browser().get("/calendar/x.ics").await.is(404);
    }

    async fn a_calendar_shows_what_its_person_may_see_now(service) {
        let case = given::case(service, 1);
        let worker = service.signed_in(Role::KeyWorker).await;
        let form = worker.get("/account/calendar").await.is(200).form_with("Make an address");
        let address = worker.submit(&form).await.is(200).texts("code").remove(0);
        let path = address.strip_prefix(&service.address).unwrap().to_owned();
        let entries = async || service.browser().get(&path).await.is(200).text.matches("BEGIN:VEVENT").count();
        assert_eq!(entries().await, 0, "not assigned");
        let coordinator = service.signed_in(Role::Coordinator).await;
        let people = format!("/cases/{}/people", case.reference);
        let id = service.read(|conn| Ok(cdr::store::accounts::by_email(conn, "key.worker@cdr.example")?)).unwrap().id;
        let (of, user) = (case.reference.clone(), id);
        let version = given::find(service, &case.reference).version;
        service.write(Service::coordinator(), move |tx, ctx| cdr::casework::assign::assign(tx, ctx, &of, &user, version)).unwrap();
        coordinator.get(&people).await.is(200);
        assert_eq!(stands(service, &case, "C10").0, Outcome::Met, "a key worker is named");
        // The leaflet is the key worker's; what agencies and the panel owe is not.
        let text = service.browser().get(&path).await.is(200).text;
        assert!(text.contains("(C11)") && !text.contains("(C25)"), "{text}");
        let administrator = service.signed_in(Role::Administrator).await;
        administrator.get("/account/calendar").await.is(403);
        administrator.get("/account").await.is(200).never_says("your calendar’s address");
    }
}

/// What the start does with a clock file that holds a word nobody knows.
#[test]
fn a_clock_file_with_an_unknown_word_stops_the_start_and_is_named() {
    use cdr::casework::house::shipped;
    use cdr::casework::{House, secrets::Secrets};
    let clocks = shipped("clocks.csv").unwrap();
    let holidays = shipped("bank_holidays.csv").unwrap();
    let load = |clocks: &str, holidays: &str| {
        House::counting(
            Secrets::random(),
            "http://localhost",
            None,
            (clocks, holidays),
        )
        .map(|_| ())
    };
    assert_eq!(load(&clocks, &holidays), Ok(()));
    for (line, from, to, said) in [
        (
            2,
            ",death,24,hours,",
            ",moonrise,24,hours,",
            "column starts_on: “moonrise” must be one of death,",
        ),
        (
            3,
            ",notification_received,,",
            ",full_moon,,",
            "column stops_on: “full_moon” must be one of",
        ),
        (
            4,
            ",48,hours,",
            ",48,fortnights,",
            "column unit: “fortnights” must be one of hours,",
        ),
    ] {
        let changed: Vec<String> = clocks
            .lines()
            .zip(1..)
            .map(|(row, n)| {
                if n == line {
                    row.replacen(from, to, 1)
                } else {
                    row.to_owned()
                }
            })
            .collect();
        let faults = load(&changed.join("\n"), &holidays).unwrap_err();
        assert_eq!(faults.len(), 1, "{faults:?}");
        let wanted = format!("clocks.csv:{line}: {said}");
        assert!(faults[0].starts_with(&wanted), "{wanted}: {faults:?}");
    }
    let faults = load(&clocks, &holidays.replacen("2026-12-25", "Christmas", 1)).unwrap_err();
    assert!(
        faults[0].starts_with("bank_holidays.csv:") && faults[0].contains("column date"),
        "{faults:?}"
    );
}

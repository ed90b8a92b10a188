//! What runs beside reviews: recorded on a case, seen over all cases, followed by clocks, and what happens when nothing
//! holds a case back any more.

use cdr::casework::clocks::{self, Shown};
use cdr::casework::{assign, restrict, triage};
use cdr::domain::actor::Role;
use cdr::domain::calendar::london;
use cdr::domain::case::Move;
use cdr::domain::clock::Outcome;
use cdr::store::cases::Case;
use cdr::store::processes::{self, Process};
use chrono::Duration;

use super::support::{Browser, Page, Service, given};
use crate::both_engines;

/// Records a process through its page, as under way since 30 March 2026 unless the pairs say otherwise.
async fn add(browser: &Browser, case: &Case, kind: &str, pairs: &[(&str, &str)]) -> Page {
    let path = format!("/cases/{}/processes/add", case.reference);
    let page = browser.get(&format!("{path}?kind={kind}")).await.is(200);
    let mut form = page.form_to(&path);
    form.set("began_on-day", "30")
        .set("began_on-month", "3")
        .set("began_on-year", "2026");
    for (name, value) in pairs {
        form.set(name, value);
    }
    browser.submit(&form).await
}

async fn add_to(browser: &Browser, case: &Case, kind: &str, pairs: &[(&str, &str)]) {
    add(browser, case, kind, pairs).await.is(303);
}

/// Concludes a process through its page.
async fn conclude(
    browser: &Browser,
    service: &Service,
    case: &Case,
    kind: &str,
    state: &str,
) -> Page {
    let path = format!(
        "/cases/{}/processes/{}/conclude",
        case.reference,
        one(service, case, kind).id
    );
    let mut form = browser.get(&path).await.is(200).form_to(&path);
    let now = london(service.now());
    form.set("state", state)
        .set("outcome", "A synthetic outcome.");
    form.set("over_on-day", &now.format("%-d").to_string());
    form.set("over_on-month", &now.format("%-m").to_string());
    form.set("over_on-year", &now.format("%Y").to_string());
    browser.submit(&form).await
}

fn all(service: &Service, case: &Case) -> Vec<Process> {
    service.read(|conn| Ok(processes::of_case(conn, &case.id)?))
}

fn one(service: &Service, case: &Case, kind: &str) -> Process {
    all(service, case)
        .into_iter()
        .find(|p| p.kind == kind)
        .unwrap()
}

fn clock(service: &Service, case: &Case, id: &str) -> Option<Shown> {
    let ctx = service.context(Service::coordinator());
    let all = service.read(|conn| clocks::list(conn, &ctx, case));
    all.into_iter().find(|c| c.definition.id == id)
}

fn stands(service: &Service, case: &Case, id: &str) -> (Outcome, String) {
    let clock = clock(service, case, id).unwrap_or_else(|| panic!("no clock {id}"));
    let due = clock
        .due_at
        .map(|at| london(at.and_utc()).date().to_string());
    (clock.stands, due.unwrap_or_default())
}

fn moved(service: &Service, case: &Case, moves: &[Move]) {
    for mv in moves {
        let (reference, mv) = (case.reference.clone(), *mv);
        let done = service.write(Service::coordinator(), move |tx, ctx| {
            triage::move_case(tx, ctx, &reference, mv, "A synthetic reason.")
        });
        done.unwrap();
    }
}

fn state(service: &Service, case: &Case) -> String {
    given::find(service, &case.reference).state
}

/// The mails that say that nothing holds a case back any more.
fn told(service: &Service) -> Vec<String> {
    let mails = service.mails();
    let of = mails
        .iter()
        .filter(|m| m.dedupe_key.starts_with("holds_lifted:"));
    of.map(|m| format!("{}\n{}", m.subject, m.body)).collect()
}

both_engines! {
    async fn a_process_is_recorded_looked_at_and_changed(service) {
        let case = given::case(service, 1);
        let base = format!("/cases/{}/processes", case.reference);
        let coordinator = service.signed_in(Role::Coordinator).await;
        coordinator.get(&base).await.is(200).says("Nothing is recorded that runs beside this review");
        let page = coordinator.get(&format!("{base}/add")).await.is(200).says("Coroner’s investigation and inquest");
        let mut form = page.form_with("Continue");
        coordinator.submit(&form).await.is(200).faults("Choose what runs", "#kind");
        form.set("kind", "inquest");
        coordinator.submit(&form).await.is(200).says("Usually: the panel");
        add(&coordinator, &case, "inquest", &[("lead_body", "Sample coroner"), ("reference", "S-1")]).await.is(303).moved_to(&base);
        coordinator.get(&base).await.is(200).says("Sample coroner").says("S-1").says("Under way").says("Holds the panel back")
            .says("30 March 2026").says("29 April 2026");
        coordinator.get(&format!("/cases/{}", case.reference)).await.is(200)
            .says("Look how far this is: Coroner’s investigation and inquest").says("was recorded beside the review");

        let row = one(service, &case, "inquest");
        let path = format!("{base}/{}", row.id);
        service.pass(Duration::days(29));
        let coordinator = service.signed_in_as("coordinator@cdr.example");
        let page = coordinator.get(&base).await.is(200).says("Overdue");
        coordinator.submit(&page.form_with("Looked today, nothing new : Coroner’s investigation and inquest")).await.is(303).moved_to(&base);
        let row = one(service, &case, "inquest");
        assert_eq!((row.checked_on.unwrap().to_string(), row.next_check.unwrap().to_string()), ("2026-04-30".into(), "2026-05-28".into()));
        let mut form = coordinator.get(&path).await.is(200).form_to(&path);
        assert_eq!(form.value("lead_body"), "Sample coroner");
        form.set("state", "suspended").set("expected_end-day", "1").set("expected_end-month", "9").set("expected_end-year", "2026");
        coordinator.submit(&form).await.is(303).moved_to(&base);
        coordinator.get(&base).await.is(200).says("Suspended").says("1 September 2026").says("30 March 2026");
        coordinator.get(&format!("/cases/{}", case.reference)).await.is(200).says("was changed: state, expected end");
    }

    async fn what_the_record_speaks_of_is_asked_for_until_it_is_recorded(service) {
        let mut answers = given::answers(1);
        for (field, answer) in [("coroner_informed", "yes"), ("post_mortem_required", "yes"), ("inquest", "yes")] {
            answers[field] = answer.into();
        }
        let case = given::case_of(service, &answers);
        let base = format!("/cases/{}", case.reference);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let owed = "Record whether this runs beside the review: Post-mortem examination";
        coordinator.get(&base).await.is(200).says(owed).says("Record whether this runs beside the review: Coroner’s investigation and inquest");
        let meeting = super::meetings::arrange(&coordinator, service, &case, "review", 40).await.is(303).location().unwrap();
        let required = "The notification says that a post-mortem examination is required.";
        coordinator.get(&meeting).await.is(200).says(required).says("Nobody has recorded yet whether it runs");
        let page = coordinator.get(&format!("{base}/processes")).await.is(200).says("Not recorded yet").says(required)
            .says("The notification says that an inquest is to be held.").says("It usually holds the panel back.");
        let links = page.links();
        let (_, add) = links.iter().find(|(words, _)| words == "Record it : Post-mortem examination").unwrap_or_else(|| panic!("{links:?}"));
        // It turns out that there is none: recorded as such, with how that is known.
        let path = format!("{base}/processes/add");
        let mut form = coordinator.get(add).await.is(200).says("What does not run is “Not pursued”").form_to(&path);
        form.set("state", "not_pursued");
        coordinator.submit(&form).await.is(422).faults("Say in the note how it is known that it does not run", "#note");
        form.set("note", "The coroner’s officer said so.");
        coordinator.submit(&form).await.is(303);
        let row = one(service, &case, "post_mortem");
        assert_eq!((row.state.as_str(), row.over_on), ("not_pursued", Some(london(service.now()).date())));
        coordinator.get(&base).await.is(200).never_says(owed);
        coordinator.get(&meeting).await.is(200).never_says(required);
        add_to(&coordinator, &case, "inquest", &[("state", "expected")]).await;
        coordinator.get(&format!("{base}/processes")).await.is(200).never_says("Not recorded yet").says("Holds the panel back");
        // What was entered by mistake is not recorded.
        let path = format!("{base}/processes/{}", one(service, &case, "inquest").id);
        let mut form = coordinator.get(&path).await.is(200).form_to(&path);
        form.set("state", "mistaken");
        coordinator.submit(&form).await.is(303);
        coordinator.get(&format!("{base}/processes")).await.is(200).says("Not recorded yet").says("an inquest is to be held");
    }

    async fn the_days_of_a_post_mortem_stand_on_the_form(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let days = |service: &Service| {
            let ctx = service.context(Service::coordinator());
            let known = service.read(|conn| cdr::casework::picture::Picture::load(conn, &ctx, &case.id));
            let form = known.answers("cdrm_jar").cloned().unwrap_or_default();
            ["pm_date", "final_pm_date"].map(|field| form.date(field).map(|day| day.to_string()))
        };
        add_to(&coordinator, &case, "post_mortem", &[("state", "expected")]).await;
        assert_eq!(days(service), [None, None], "it is to come");
        let path = format!("/cases/{}/processes/{}", case.reference, one(service, &case, "post_mortem").id);
        let mut form = coordinator.get(&path).await.is(200).form_to(&path);
        form.set("state", "under_way");
        coordinator.submit(&form).await.is(303);
        assert_eq!(days(service), [Some("2026-03-30".into()), None]);
        conclude(&coordinator, service, &case, "post_mortem", "concluded").await.is(303);
        let today = london(service.now()).date().to_string();
        assert_eq!(days(service), [Some("2026-03-30".into()), Some(today)]);
        coordinator.get(&format!("/cases/{}/record/cdrm_jar", case.reference)).await.is(200).says("post mortem");
    }

    async fn what_cannot_be_is_said_at_its_place_and_what_was_typed_is_kept(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let said: &[(&str, &str, &str, &str)] = &[
            ("began_on-year", "2027", "must be today or in the past", "#began_on-day"),
            ("began_on-month", "13", "The day it began", "#began_on-day"),
            ("began_on-day", "", "The day it began", "#began_on-day"),
            ("expected_end-day", "1", "The expected end must include", "#expected_end-day"),
            ("document", "7", "Choose a document of this case", "#document"),
            ("state", "concluded", "Choose where the process stands", "#state"),
        ];
        for (name, value, words, place) in said {
            let path = format!("/cases/{}/processes/add", case.reference);
            let mut pairs = vec![("kind", "inquest"), ("state", "under_way"), ("began_on-day", "30"), ("began_on-month", "3"), ("began_on-year", "2026"), ("note", "Typed before.")];
            pairs.retain(|(n, _)| n != name);
            pairs.push((name, value));
            let page = coordinator.post(&path, &pairs).await.is(422).faults(words, place);
            assert!(page.text.contains("Typed before."), "{name}: what was typed is kept");
        }
        let long = "x".repeat(201);
        add(&coordinator, &case, "inquest", &[("lead_body", &long)]).await.is(422).faults("200 characters", "#lead_body");
        assert!(all(service, &case).is_empty());
        add(&coordinator, &case, "inquest", &[]).await.is(303);
        let path = format!("/cases/{}/processes/{}/conclude", case.reference, one(service, &case, "inquest").id);
        let page = coordinator.post(&path, &[("version", "1")]).await.is(422);
        page.faults("Choose how the process ended", "#state")
            .faults("Enter the day on which it ended", "#over_on-day").faults("Say what came out of it", "#outcome");
        let early = [("version", "1"), ("state", "concluded"), ("outcome", "Typed before."), ("over_on", "2026-03-29")];
        coordinator.post(&path, &early).await.is(422).faults("must not be before the process began", "#over_on-day").says("Conclude");
        let nothing = format!("/cases/{}/processes/nothing", case.reference);
        coordinator.get(&nothing).await.is(404);
        coordinator.post(&nothing, &[("version", "1")]).await.is(404);
    }

    async fn of_two_who_change_one_process_the_second_sees_both(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let doctor = service.signed_in(Role::DesignatedDoctor).await;
        add(&coordinator, &case, "psii", &[]).await.is(303);
        let path = format!("/cases/{}/processes/{}", case.reference, one(service, &case, "psii").id);
        let (mut first, mut second) = (coordinator.get(&path).await.is(200).form_to(&path), doctor.get(&path).await.is(200).form_to(&path));
        first.set("lead_body", "Sample trust");
        second.set("lead_body", "Other trust").set("note", "Typed by the second.");
        coordinator.submit(&first).await.is(303);
        let page = doctor.submit(&second).await.is(409).says("Somebody else saved this").says("Sample trust").says("Other trust");
        let form = page.form_to(&path);
        assert_eq!(form.value("lead_body"), "Other trust", "nothing typed is lost");
        doctor.submit(&form).await.is(303);
        let row = one(service, &case, "psii");
        assert_eq!((row.lead_body.as_deref(), row.note.as_deref(), row.version), (Some("Other trust"), Some("Typed by the second."), 3));
    }

    async fn when_the_inquest_concludes_the_case_is_ready_and_the_team_is_told(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        add(&coordinator, &case, "inquest", &[]).await.is(303);
        add(&coordinator, &case, "practice_review", &[]).await.is(303);
        moved(service, &case, &[Move::HoldCdrm, Move::AwaitExternal]);
        conclude(&coordinator, service, &case, "practice_review", "not_pursued").await.is(303);
        assert!(clock(service, &case, "C27").is_none(), "the meeting’s output is not there");
        assert_eq!(state(service, &case), "awaiting_external", "the inquest still holds the panel");
        assert!(told(service).is_empty());
        coordinator.get("/cases?view=ready").await.is(200).never_says(&case.reference);

        conclude(&coordinator, service, &case, "inquest", "concluded").await.is(303);
        assert_eq!(state(service, &case), "ready_for_panel");
        coordinator.get("/cases?view=ready").await.is(200).says(&case.reference);
        assert_eq!(stands(service, &case, "C36").0, Outcome::Met);
        assert_eq!(stands(service, &case, "C45").0, Outcome::Met);
        assert!(clock(service, &case, "C27").is_none(), "the meeting’s output is not there");
        let draft = format!("/cases/{}/analysis/cause", case.reference);
        let mut form = coordinator.get(&draft).await.is(200).form_to(&draft);
        form.set("case_summary", "A short sample life.");
        coordinator.submit(&form).await.is(303);
        assert_eq!(stands(service, &case, "C27"), (Outcome::Running, "2026-05-13".into()), "six weeks from the inquest’s conclusion");
        let letters = told(service);
        assert_eq!(letters.len(), 1);
        assert!(letters[0].contains(&case.reference) && letters[0].contains("Ready for panel"));
        assert!(!letters[0].contains("Testfamily") && !letters[0].to_lowercase().contains("inquest"), "{}", letters[0]);
        coordinator.get(&format!("/cases/{}", case.reference)).await.is(200)
            .says("Review the death at a panel").says("Nothing holds the panel any more").says("The case is now at the stage “Ready for panel”");
        // Said again, nothing is concluded twice.
        let path = format!("/cases/{}/processes/{}", case.reference, one(service, &case, "inquest").id);
        coordinator.get(&format!("{path}/conclude")).await.is(200).says("What came out of it").says("Save");
        assert_eq!(told(service).len(), 1);
    }

    async fn a_case_without_its_meeting_goes_back_to_gathering_and_a_restricted_one_is_not_named(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        add(&coordinator, &case, "post_mortem", &[]).await.is(303);
        moved(service, &case, &[Move::AwaitExternal]);
        let me = service.read(|conn| Ok(cdr::store::accounts::by_email(conn, "coordinator@cdr.example")?)).unwrap().id;
        let (reference, named) = (case.reference.clone(), vec![me]);
        let version = given::find(service, &case.reference).version;
        service.write(Service::coordinator(), move |tx, ctx| restrict::restrict(tx, ctx, &reference, version, &named, "A synthetic reason.")).unwrap();
        conclude(&coordinator, service, &case, "post_mortem", "concluded").await.is(303);
        assert_eq!(state(service, &case), "gathering", "the review meeting can be arranged");
        assert!(!told(service)[0].contains(&case.reference));
    }

    async fn a_hold_can_be_gone_against_with_a_reason(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        add(&coordinator, &case, "post_mortem", &[]).await.is(303);
        let path = format!("/cases/{}/move", case.reference);
        coordinator.post(&path, &[("move", "hold_cdrm"), ("reason", " ")]).await.is(422)
            .faults("Another process holds the review meeting back", "#move-reason");
        coordinator.post(&path, &[("move", "hold_cdrm"), ("reason", "A synthetic reason.")]).await.is(303);
        // What holds nothing back asks for no reason.
        coordinator.post(&path, &[("move", "make_ready"), ("reason", "")]).await.is(303);
    }

    async fn a_serious_incident_and_a_rapid_review_have_their_clocks(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        add(&coordinator, &case, "serious_incident", &[]).await.is(303);
        // From Monday 30 March over Good Friday and Easter Monday.
        assert_eq!(stands(service, &case, "C15"), (Outcome::Running, "2026-04-08".into()));
        assert_eq!(stands(service, &case, "C16").0, Outcome::Running);
        assert!(clock(service, &case, "C17").is_none(), "not every child was looked after");
        assert!(clock(service, &case, "C18").is_none());
        conclude(&coordinator, service, &case, "serious_incident", "concluded").await.is(303);
        assert_eq!(stands(service, &case, "C15").0, Outcome::Met);
        assert_eq!(stands(service, &case, "C18"), (Outcome::Running, "2026-04-24".into()), "15 working days from 1 April");
        add(&coordinator, &case, "rapid_review", &[("began_on-day", "1"), ("began_on-month", "4")]).await.is(303);
        conclude(&coordinator, service, &case, "rapid_review", "concluded").await.is(303);
        assert_eq!(stands(service, &case, "C18").0, Outcome::Met);
        // What was entered by mistake takes its word back.
        let path = format!("/cases/{}/processes/{}", case.reference, one(service, &case, "serious_incident").id);
        let mut form = coordinator.get(&path).await.is(200).form_to(&path);
        form.set("state", "mistaken");
        coordinator.submit(&form).await.is(303);
        assert_eq!(stands(service, &case, "C15").0, Outcome::Cancelled);
    }

    async fn the_death_of_a_looked_after_child_has_its_own_clock_and_no_other(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        add(&coordinator, &case, "looked_after", &[]).await.is(303);
        assert_eq!(stands(service, &case, "C17"), (Outcome::Running, "2026-04-08".into()));
        for id in ["C15", "C16", "C18"] {
            assert!(clock(service, &case, id).is_none(), "{id}");
        }
        // Both beside one case count from their own days.
        add(&coordinator, &case, "serious_incident", &[("began_on-day", "27")]).await.is(303);
        assert_eq!(stands(service, &case, "C15"), (Outcome::Running, "2026-04-07".into()));
        conclude(&coordinator, service, &case, "looked_after", "concluded").await.is(303);
        assert_eq!((stands(service, &case, "C17").0, stands(service, &case, "C15").0), (Outcome::Met, Outcome::Running));
    }

    async fn the_step_of_a_process_stops_its_own_clock(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        add(&coordinator, &case, "mnsi", &[]).await.is(303);
        assert_eq!(stands(service, &case, "C19"), (Outcome::Running, "2026-04-08".into()));
        let path = format!("/cases/{}/processes/{}", case.reference, one(service, &case, "mnsi").id);
        let mut form = coordinator.get(&path).await.is(200).says("MNSI contacted the family").form_to(&path);
        form.set("step_on-day", "31").set("step_on-month", "3").set("step_on-year", "2026");
        coordinator.submit(&form).await.is(303);
        assert_eq!(stands(service, &case, "C19").0, Outcome::Met);
        let met = clock(service, &case, "C25").unwrap();
        assert!(met.paused, "the review meeting’s clock stands still for MNSI");
    }

    async fn criminal_proceedings_pause_the_clocks_that_know_them(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let before = stands(service, &case, "C25").1;
        assert_eq!(before, "2026-06-27");
        add(&coordinator, &case, "criminal", &[]).await.is(303);
        let paused = clock(service, &case, "C25").unwrap();
        assert!(paused.paused && !clock(service, &case, "C20").unwrap().paused);
        let page = coordinator.get(&format!("/cases/{}/clocks", case.reference)).await.is(200).says("Criminal proceedings").says("Ends with the process");
        assert!(!page.text.contains("End this pause"));
        let path = format!("/cases/{}/clocks/{}", case.reference, paused.id);
        coordinator.post(&path, &[("do", "resume"), ("of", &paused.pauses[0].id)]).await.is(422);

        service.pass(Duration::days(40));
        let coordinator = service.signed_in_as("coordinator@cdr.example");
        // A clock that begins meanwhile stands still too.
        add(&coordinator, &case, "inquest", &[]).await.is(303);
        assert!(clock(service, &case, "C36").unwrap().paused);
        let flag = clock(service, &case, "C45").unwrap();
        assert!(!flag.paused && flag.definition.length_words().starts_with("12 months"), "the flag counts every day");
        conclude(&coordinator, service, &case, "criminal", "concluded").await.is(303);
        let after = clock(service, &case, "C25").unwrap();
        assert!(!after.paused && !clock(service, &case, "C36").unwrap().paused);
        // From 30 March to 11 May.
        assert_eq!(stands(service, &case, "C25").1, "2026-08-08");
        assert_eq!((after.spent.gross, after.spent.net), (45, 3));
        coordinator.get(&format!("/cases/{}/clocks", case.reference)).await.is(200).says("45 days gross, 3 days net of pauses");

        // Opened again it stands still again; by mistake it never did.
        let path = format!("/cases/{}/processes/{}", case.reference, one(service, &case, "criminal").id);
        for (state, paused, due) in [("under_way", true, ""), ("mistaken", false, "2026-06-27")] {
            let mut form = coordinator.get(&path).await.is(200).form_to(&path);
            form.set("state", state);
            coordinator.submit(&form).await.is(303);
            assert_eq!(clock(service, &case, "C25").unwrap().paused, paused, "{state}");
            if !paused {
                assert_eq!(stands(service, &case, "C25").1, due);
            }
        }
    }

    async fn what_goes_on_after_a_clock_stopped_does_not_move_it(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        add(&coordinator, &case, "criminal", &[]).await.is(303);
        service.pass(Duration::days(120));
        moved(service, &case, &[Move::HoldCdrm]);
        let before = stands(service, &case, "C25");
        assert_eq!(before.0, Outcome::Met, "it stood still for most of the time");
        service.pass(Duration::days(60));
        let coordinator = service.signed_in_as("coordinator@cdr.example");
        conclude(&coordinator, service, &case, "criminal", "concluded").await.is(303);
        assert_eq!(stands(service, &case, "C25"), before);
        let clock = clock(service, &case, "C25").unwrap();
        assert_eq!((clock.spent.gross, clock.spent.net), (125, 3));
    }

    async fn of_two_who_conclude_one_process_the_second_sees_how_it_ended(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let doctor = service.signed_in(Role::DesignatedDoctor).await;
        add(&coordinator, &case, "psii", &[("lead_body", "Sample trust")]).await.is(303);
        let path = format!("/cases/{}/processes/{}/conclude", case.reference, one(service, &case, "psii").id);
        let mut second = doctor.get(&path).await.is(200).form_to(&path);
        second.set("state", "not_pursued").set("outcome", "Typed by the second.");
        second.date("over_on", "31 3 2026");
        conclude(&coordinator, service, &case, "psii", "concluded").await.is(303);
        let page = doctor.submit(&second).await.is(409).says("Typed by the second.").says("A synthetic outcome.").says("Not pursued");
        let form = page.form_with("Save");
        assert_eq!(form.value("lead_body"), "Sample trust", "what the page did not ask stays");
        coordinator.get(&format!("/cases/{}/finalise", case.reference)).await.is(200).never_says("holds this back");
    }

    async fn the_board_shows_what_its_reader_may_see_and_names_nobody(service) {
        let (first, second, third) = (given::case(service, 1), given::case(service, 2), given::case(service, 3));
        let coordinator = service.signed_in(Role::Coordinator).await;
        add(&coordinator, &first, "inquest", &[("next_check-day", "3"), ("next_check-month", "4"), ("next_check-year", "2026")]).await.is(303);
        add(&coordinator, &second, "complaint", &[]).await.is(303);
        add(&coordinator, &third, "post_mortem", &[]).await.is(303);
        let (a, b, c) = (first.reference.as_str(), second.reference.as_str(), third.reference.as_str());
        let page = coordinator.get("/processes").await.is(200).says(a).says(b).says(c).never_says("Testfamily");
        let words = page.words();
        assert!(words.find(a) < words.find(c) && words.find(c) < words.find(b), "by the next check");
        for (query, there, gone) in [
            ("kind=inquest", a, b), ("holding=review_meeting", c, a), ("holding=panel", a, c), ("due=soon", a, b), ("state=under_way", b, "Nothing fits"),
            ("kind=nonsense&sort=nonsense&after=nonsense", a, "Nothing fits"),
        ] {
            coordinator.get(&format!("/processes?{query}")).await.is(200).says(there).never_says(gone);
        }
        coordinator.get("/processes?due=late").await.is(200).says("Nothing fits these filters");
        conclude(&coordinator, service, &second, "complaint", "concluded").await.is(303);
        coordinator.get("/processes").await.is(200).never_says(b);
        coordinator.get("/processes?state=concluded").await.is(200).says(b);

        // A lead sees the cases assigned, and nobody a restricted case who is not named on it.
        let lead = service.add_user("lead@cdr.example", Role::JarLead);
        let (reference, version, id) = (first.reference.clone(), given::find(service, a).version, lead.clone());
        service.write(Service::coordinator(), move |tx, ctx| assign::assign(tx, ctx, &reference, &id, version)).unwrap();
        let lead = service.signed_in_as("lead@cdr.example");
        lead.get("/processes").await.is(200).says(a).never_says(c);
        add(&lead, &first, "psii", &[]).await.is(303);
        lead.get(&format!("/cases/{c}/processes")).await.is(404);
        let doctor = service.signed_in(Role::DesignatedDoctor).await;
        let me = service.read(|conn| Ok(cdr::store::accounts::by_email(conn, "coordinator@cdr.example")?)).unwrap().id;
        let (reference, version) = (third.reference.clone(), given::find(service, c).version);
        service.write(Service::coordinator(), move |tx, ctx| restrict::restrict(tx, ctx, &reference, version, &[me], "A synthetic reason.")).unwrap();
        doctor.get("/processes").await.is(200).says(a).never_says(c);
        coordinator.get("/processes").await.is(200).says(c);
        let worker = service.signed_in(Role::KeyWorker).await;
        worker.get("/processes").await.is(403);
        worker.post(&format!("/cases/{a}/processes/add"), &[("kind", "inquest")]).await.is(403);
    }

    async fn the_board_goes_on_page_by_page_and_shows_each_process_once(service) {
        let case = given::case(service, 1);
        let path = format!("/cases/{}/processes/add", case.reference);
        let coordinator = service.signed_in(Role::Coordinator).await;
        for n in 0..60 {
            let reference = format!("Ref-{n:02}-x");
            let day = format!("2026-05-{:02}", n % 7 + 1);
            let mut pairs = vec![("kind", "complaint"), ("state", "under_way"), ("reference", reference.as_str())];
            if n % 3 > 0 {
                pairs.push(("expected_end", day.as_str()));
            }
            coordinator.post(&path, &pairs).await.is(303);
        }
        for sort in ["check", "end"] {
            let (mut seen, mut next) = (Vec::new(), Some(format!("/processes?sort={sort}")));
            while let Some(address) = next {
                let page = coordinator.get(&address).await.is(200);
                seen.extend(page.words().split_whitespace().filter(|w| w.starts_with("Ref-")).map(str::to_owned));
                next = page.links().into_iter().find(|(text, _)| text.starts_with("Next page")).map(|(_, href)| href);
            }
            assert_eq!(seen.len(), 60, "{sort}");
            seen.sort();
            seen.dedup();
            assert_eq!(seen.len(), 60, "{sort}");
        }
    }
}

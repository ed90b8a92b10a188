//! The family's part of a case: who keeps it, what each line must say, what stays owed, and what one parent does not see.

use cdr::casework::clocks;
use cdr::casework::triage;
use cdr::domain::actor::Role;
use cdr::domain::case::Move;
use cdr::domain::clock::Outcome;
use cdr::store::cases::Case;
use cdr::store::family::{self, Line};
use serde_json::json;

use super::corrections::answered;
use super::support::{Browser, Page, Service, given};
use crate::both_engines;

const PERSON: &[(&str, &str)] = &[
    ("name", "Sample Mother"),
    ("relation", "mother"),
    ("responsibility", "yes"),
];

/// Adds or changes a line through its page.
async fn save(
    browser: &Browser,
    case: &Case,
    part: &str,
    id: &str,
    pairs: &[(&str, &str)],
) -> Page {
    let path = format!("/cases/{}/family/{part}/{id}", case.reference);
    let mut form = browser.get(&path).await.is(200).form_to(&path);
    for (name, value) in pairs {
        if form.has(name) {
            form.set(name, value);
        } else {
            form.date(name, value);
        }
    }
    browser.submit(&form).await
}

/// What is owed while nobody knows whether so many others are safe.
fn says(n: &str) -> String {
    format!("Find out whether {n} affected is safe").replace(
        "children or people affected is",
        "children or people affected are",
    )
}

fn lines(service: &Service, case: &Case, part: &str) -> Vec<Line> {
    let all = service.read(|conn| Ok(family::of_case(conn, &case.id)?));
    all.into_iter().filter(|line| line.part == part).collect()
}

fn owed(service: &Service, case: &Case) -> Vec<String> {
    let ctx = service.context(Service::coordinator());
    service.read(|conn| {
        let case = cdr::store::cases::get(conn, &case.id)?.unwrap();
        let known = cdr::casework::picture::Picture::load(conn, &ctx, &case.id)?;
        Ok(triage::owed_now(conn, &ctx, &case, &known)?
            .into_iter()
            .map(|o| o.what)
            .collect())
    })
}

fn stands(service: &Service, case: &Case, id: &str) -> Outcome {
    let ctx = service.context(Service::coordinator());
    let all = service.read(|conn| clocks::list(conn, &ctx, case));
    all.into_iter()
        .find(|c| c.definition.id == id)
        .unwrap()
        .stands
}

/// The day on which a clock stopped.
fn stopped(service: &Service, case: &Case, id: &str) -> String {
    let ctx = service.context(Service::coordinator());
    let all = service.read(|conn| clocks::list(conn, &ctx, case));
    let clock = all.into_iter().find(|c| c.definition.id == id).unwrap();
    clock.stopped_on.unwrap().to_string()
}

both_engines! {
    async fn each_parent_is_on_their_own_and_an_address_is_kept_from_the_other(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let base = format!("/cases/{}/family", case.reference);
        coordinator.get(&base).await.is(200).says("No parent or carer is recorded").says("No key worker is named").says("On the forms");
        save(&coordinator, &case, "people", "new", &[PERSON, &[("address", "1 Secret Street"), ("telephone", "000 111"), ("apart", "yes"), ("quiet_days", "9 February"), ("faith", "Sample faith")]].concat()).await.is(303).moved_to(&base);
        save(&coordinator, &case, "people", "new", &[("name", "Sample Father"), ("relation", "father"), ("responsibility", "not_known"), ("address", "2 Open Street")]).await.is(303);
        coordinator.get(&base).await.is(200).says("Sample Mother").says("1 Secret Street").says("9 February")
            .says("must not reach the other").says("The other parent must not see this address");
        let rows = lines(service, &case, "people");
        let of = |row: &Line| format!("{base}/people/{}", row.id);
        coordinator.get(&of(&rows[1])).await.is(200).says("The address and contact of Sample Mother must not reach this person")
            .never_says("1 Secret Street").never_says("000 111");
        coordinator.get(&of(&rows[0])).await.is(200).says("2 Open Street");
        // Nothing of it lies in the database as it was typed, or in the trail.
        coordinator.get(&format!("/cases/{}", case.reference)).await.is(200).says("A parent or carer was recorded").never_says("Secret Street");
        let trail = service.read(|conn| Ok(cdr::store::events::of_case(conn, &case.id, &[], 500)?));
        assert!(trail.iter().all(|e| !e.detail.contains("Secret") && !e.detail.contains("Sample Mother")));
    }

    async fn what_a_line_must_say_is_said_at_its_place_and_nothing_typed_is_lost(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let page = save(&coordinator, &case, "people", "new", &[("address", "Typed before")]).await.is(422)
            .faults("“Name”", "#name").faults("“Relationship to the child”", "#relation").faults("“Has parental responsibility”", "#responsibility");
        assert!(page.text.contains("Typed before"));
        save(&coordinator, &case, "people", "new", &[PERSON, &[("leaflet", "given")]].concat()).await.is(422).faults("leaflet was offered", "#leaflet_on-day");
        save(&coordinator, &case, "people", "new", &[PERSON, &[("leaflet_on", "31 2 2026")]].concat()).await.is(422).faults("Day of the leaflet", "#leaflet_on-day");
        save(&coordinator, &case, "others", "new", &[("name", "Sample Sibling"), ("relation", "sibling"), ("safe", "referred")]).await.is(422)
            .faults("where they were referred", "#referred_to").faults("on which they were referred", "#referred_on-day");
        assert!(lines(service, &case, "people").is_empty() && lines(service, &case, "others").is_empty());
        for path in ["people/nothing", "nothing/new", "contacts/nothing"] {
            coordinator.get(&format!("/cases/{}/family/{path}", case.reference)).await.is(404);
            coordinator.post(&format!("/cases/{}/family/{path}", case.reference), &[("version", "1")]).await.is(404);
        }
    }

    async fn of_two_who_change_one_line_the_second_sees_both(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let worker = given::assigned(service, &case, Role::KeyWorker).await;
        save(&coordinator, &case, "people", "new", PERSON).await.is(303);
        let path = format!("/cases/{}/family/people/{}", case.reference, lines(service, &case, "people")[0].id);
        let mut first = coordinator.get(&path).await.is(200).form_to(&path);
        let mut second = worker.get(&path).await.is(200).form_to(&path);
        first.set("language", "Sample language");
        second.set("language", "Other language").set("faith", "Typed by the second");
        coordinator.submit(&first).await.is(303);
        let page = worker.submit(&second).await.is(409).says("Somebody else saved this").says("Sample language").says("Other language");
        worker.submit(&page.form_to(&path)).await.is(303);
        let row = &lines(service, &case, "people")[0];
        assert!(row.body.contains("Other language") && row.body.contains("Typed by the second") && row.version == 3);
    }

    async fn a_question_goes_to_the_table_and_back_and_a_case_is_not_closed_without(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        save(&coordinator, &case, "people", "new", PERSON).await.is(303);
        let who = lines(service, &case, "people")[0].id.clone();
        let asked = [("words", "Why did nobody call us?"), ("who", who.as_str()), ("asked_on", "30 3 2026"), ("state", "asked")];
        save(&coordinator, &case, "questions", "new", &asked).await.is(303);
        assert!(owed(service, &case).contains(&"Carry 1 question of the family to the review meeting or the panel".to_owned()));
        let id = lines(service, &case, "questions")[0].id.clone();
        save(&coordinator, &case, "questions", &id, &[("state", "told"), ("told_on", "31 3 2026"), ("answer", "A synthetic answer.")]).await.is(422).faults("After “Asked” comes not", "#state");
        save(&coordinator, &case, "questions", &id, &[("state", "panel")]).await.is(303);
        save(&coordinator, &case, "questions", &id, &[("state", "answered")]).await.is(422).faults("Write the answer", "#answer");
        coordinator.get(&format!("/cases/{}/family", case.reference)).await.is(200).says("Why did nobody call us?").says("Carried to the panel").says("Sample Mother");
        coordinator.get(&format!("/cases/{}/finalise", case.reference)).await.is(200).says("1 question of the family is open").says("can be finalised and sent all the same");

        // The national return does not wait for it, and closing does.
        let reference = case.reference.clone();
        let finalised = service.write(Service::coordinator(), move |tx, ctx| {
            let mut row = cdr::casework::picture::case_by_reference(tx.conn(), &reference)?;
            let was = std::mem::replace(&mut row.state, "submitted_ncmd".to_owned());
            tx.unchanged();
            let _ = ctx;
            cdr::casework::gather::save_case(tx, &row, &was)
        });
        finalised.unwrap();
        let path = format!("/cases/{}/move", case.reference);
        coordinator.post(&path, &[("move", "close"), ("reason", "")]).await.is(422).says("A question of the family is open");
        save(&coordinator, &case, "questions", &id, &[("state", "answered"), ("answer", "A synthetic answer.")]).await.is(303);
        assert!(owed(service, &case).contains(&"Tell the family the answer to 1 question".to_owned()));
        coordinator.post(&path, &[("move", "close"), ("reason", "")]).await.is(422);
        save(&coordinator, &case, "questions", &id, &[("state", "told"), ("told_on", "31 3 2026")]).await.is(303);
        coordinator.post(&path, &[("move", "close"), ("reason", "")]).await.is(422).says("not signed").never_says("A question of the family is open");
        assert!(triage::moves_by_hand(cdr::domain::case::State::SubmittedNcmd).contains(&Move::Close));
    }

    async fn whether_others_are_safe_stays_owed_until_somebody_knows(service) {
        let mut answers = given::answers(1);
        answers["other_children_affected"] = json!([{"name": "Sample Sibling"}, {"name": "Other Sibling"}]);
        let case = given::case_of(service, &answers);
        let coordinator = service.signed_in(Role::Coordinator).await;
        assert!(owed(service, &case).contains(&says("2 other children or people")), "whom the notification names");
        coordinator.get(&format!("/cases/{}/family", case.reference)).await.is(200).says("names Sample Sibling, Other Sibling, and there is no line with those names");
        for (name, safe, left) in [("Sample Grandparent", "yes", "2 other children or people"), ("Sample Sibling", "", "2 other children or people"), ("Other Sibling", "not_known", "2 other children or people")] {
            let mut pairs = vec![("name", name), ("relation", "sibling")];
            if !safe.is_empty() {
                pairs.push(("safe", safe));
            }
            if safe == "yes" {
                pairs.push(("how_known", "A synthetic visit."));
            }
            save(&coordinator, &case, "others", "new", &pairs).await.is(303);
            assert!(owed(service, &case).contains(&says(left)), "{name}");
        }
        let rows = lines(service, &case, "others");
        save(&coordinator, &case, "others", &rows[1].id, &[("safe", "yes"), ("how_known", "A synthetic visit.")]).await.is(303);
        assert!(owed(service, &case).contains(&says("1 other child or person")));
        coordinator.get(&format!("/cases/{}", case.reference)).await.is(200).says(&says("1 other child or person")).says("Somebody else affected was found to be safe");
        save(&coordinator, &case, "others", &rows[2].id, &[("safe", "referred"), ("referred_to", "Sample team"), ("referred_on", "31 3 2026")]).await.is(303);
        assert!(owed(service, &case).iter().all(|what| !what.contains("safe")));
    }

    async fn a_key_worker_is_named_accepts_and_is_covered_and_the_leaflet_stops_its_clock(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        assert_eq!((stands(service, &case, "C10"), stands(service, &case, "C11")), (Outcome::Running, Outcome::Running));
        save(&coordinator, &case, "key-worker", "new", &[("name", "Sample Worker"), ("named_on", "1 4 2026")]).await.is(303);
        assert_eq!(stands(service, &case, "C10"), Outcome::Met);
        let base = format!("/cases/{}/family", case.reference);
        coordinator.get(&base).await.is(200).says("Sample Worker").says("Named, not accepted yet");
        save(&coordinator, &case, "key-worker", "new", &[("name", "Second Worker"), ("named_on", "1 4 2026")]).await.is(422).faults("There is a key worker already", "#name");
        let id = lines(service, &case, "key-worker")[0].id.clone();
        save(&coordinator, &case, "key-worker", &id, &[("accepted", "yes"), ("accepted_on", "1 4 2026"), ("cover", "Sample Cover"), ("cover_from", "4 5 2026"), ("cover_to", "9 5 2026")]).await.is(303);
        coordinator.get(&base).await.is(200).says("Accepted").says("Sample Cover").says("9 May 2026");
        save(&coordinator, &case, "people", "new", &[PERSON, &[("leaflet", "given"), ("leaflet_on", "1 4 2026"), ("support", "taken"), ("support_what", "Sample support")]].concat()).await.is(303);
        assert_eq!(stands(service, &case, "C11"), Outcome::Met);
        // A day that was typed wrong is put right, and the clock follows.
        assert_eq!(stopped(service, &case, "C11"), "2026-04-01");
        let mother = lines(service, &case, "people")[0].id.clone();
        save(&coordinator, &case, "people", &mother, &[("leaflet_on", "31 3 2026")]).await.is(303);
        assert_eq!(stopped(service, &case, "C11"), "2026-03-31");
        assert_eq!(stopped(service, &case, "C10"), "2026-04-01");
        save(&coordinator, &case, "key-worker", &id, &[("named_on", "30 3 2026")]).await.is(303);
        assert_eq!(stopped(service, &case, "C10"), "2026-03-30");
        // The first of two parents counts, and what was never so is taken back.
        save(&coordinator, &case, "people", "new", &[PERSON, &[("leaflet", "given"), ("leaflet_on", "1 4 2026")]].concat()).await.is(303);
        assert_eq!(stopped(service, &case, "C11"), "2026-03-31");
        save(&coordinator, &case, "people", &mother, &[("leaflet", "not_yet")]).await.is(303);
        assert_eq!(stopped(service, &case, "C11"), "2026-04-01");
        assert!(owed(service, &case).iter().all(|what| !what.contains("leaflet") && !what.contains("key worker")));
        // A contact is logged once and stays.
        save(&coordinator, &case, "contacts", "new", &[("day", "1 4 2026"), ("channel", "telephone"), ("by", "Sample Worker"), ("what", "A synthetic call.")]).await.is(303);
        coordinator.get(&base).await.is(200).says("A synthetic call.");
        let contact = format!("{base}/contacts/{}", lines(service, &case, "contacts")[0].id);
        coordinator.get(&contact).await.is(404);
        coordinator.post(&contact, &[("version", "1"), ("what", "Another.")]).await.is(422);
    }

    async fn brothers_and_sisters_of_whom_any_form_tells_are_asked_after(service) {
        let mut answers = given::answers(1);
        answers["household_members"] = json!([
            {"name": "Trialla Testfamily", "age_if_dob_unknown": 4, "relationship": "sibling"},
            {"name": "Grown Testfamily", "date_of_birth": "2001-01-05", "relationship": "half_step_sibling"},
            {"name": "Sample Grandmother", "relationship": "grandparent"},
        ]);
        let case = given::case_of(service, &answers);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let base = format!("/cases/{}/family", case.reference);
        assert!(owed(service, &case).contains(&says("1 other child or person")));
        coordinator.get(&base).await.is(200).says("The record names Trialla Testfamily").never_says("Grown Testfamily").never_says("names Sample Grandmother");
        // An agency tells of her as well, of one more, and of one who died before.
        answered(service, &case, "gp", &json!({"siblings": [
            {"name": "Trialla Testfamily", "relationship": "sibling"}, {"name": "Baby Testfamily", "relationship": "sibling"},
            {"name": "Earlier Testfamily", "relationship": "sibling", "deceased": "yes"},
        ]}));
        assert!(owed(service, &case).contains(&says("2 other children or people")));
        coordinator.get(&base).await.is(200).says("The record names Trialla Testfamily, Baby Testfamily").never_says("Earlier Testfamily");
        for name in ["Trialla", "Baby Testfamily"] {
            save(&coordinator, &case, "others", "new", &[("name", name), ("relation", "sibling"), ("safe", "yes"), ("how_known", "A synthetic visit.")]).await.is(303);
        }
        assert!(owed(service, &case).iter().all(|what| !what.contains("safe")));
    }

    async fn who_did_not_accept_is_no_key_worker_and_no_is_no_leaflet(service) {
        let mut answers = given::answers(1);
        answers["family_leaflet_given"] = "no".into();
        let case = given::case_of(service, &answers);
        let coordinator = service.signed_in(Role::Coordinator).await;
        assert_eq!(stands(service, &case, "C11"), Outcome::Running);
        assert!(owed(service, &case).iter().any(|what| what.contains("leaflet")));
        save(&coordinator, &case, "key-worker", "new", &[("name", "Sample Worker"), ("named_on", "1 4 2026"), ("accepted", "no")]).await.is(303);
        assert_eq!(stands(service, &case, "C10"), Outcome::Running);
        assert!(owed(service, &case).iter().any(|what| what.contains("key worker")));
        coordinator.get(&format!("/cases/{}/family", case.reference)).await.is(200).says("Did not accept");
        // Another is named without ending what never began.
        save(&coordinator, &case, "key-worker", "new", &[("name", "Second Worker"), ("named_on", "1 4 2026"), ("accepted", "yes"), ("accepted_on", "1 4 2026")]).await.is(303);
        assert_eq!(stands(service, &case, "C10"), Outcome::Met);
        // Whom the first hours name is told of where a key worker is recorded.
        let other = given::case(service, 2);
        let page = format!("/cases/{}/response/first_hours/support", other.reference);
        let mut form = coordinator.get(&page).await.is(200).form_to(&page);
        form.set("support_by_whom", "Sample Nurse").set("support_key_worker", "Sample Keyperson").set("support_by", "Sample Doctor");
        for (part, value) in [("day", "31"), ("month", "3"), ("year", "2026"), ("hour", "9"), ("minute", "30")] {
            form.set(&format!("support_at-{part}"), value);
        }
        coordinator.submit(&form).await.is(303);
        coordinator.get(&format!("/cases/{}/family", other.reference)).await.is(200).says("Decisions of the first hours: Sample Keyperson");
    }

    async fn a_day_on_which_not_to_call_is_said_before_somebody_does(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let base = format!("/cases/{}/family", case.reference);
        let typed = "4 5 2026\nhis birthday";
        let page = save(&coordinator, &case, "people", "new", &[PERSON, &[("quiet_days", "His birthday"), ("quiet_dates", typed)]].concat()).await.is(422)
            .faults("Line 2 is no date. Write one such as 4 5 2026", "#quiet_dates");
        assert_eq!(page.form_to(&format!("{base}/people/new")).value("quiet_dates").replace("\r\n", "\n"), typed);
        // Today is 1 April 2026.
        save(&coordinator, &case, "people", "new", &[PERSON, &[("quiet_days", "His birthday"), ("quiet_dates", "27 3 2026\n1 4 each year")]].concat()).await.is(303);
        coordinator.get(&base).await.is(200).says("Today is a day on which not to call Sample Mother").says("His birthday").says("1 4 each year");
        let log = format!("{base}/contacts/new");
        coordinator.get(&log).await.is(200).says("Sample Mother asked not to be called on 1 April 2026");
        let letter = format!("/cases/{}/letters/parent-first", case.reference);
        coordinator.get(&letter).await.is(200).says("Today is a day on which not to call them");
        // It was said for today, so it is logged; another such day is said first.
        let call: &[(&str, &str)] = &[("channel", "telephone"), ("by", "Sample Worker"), ("what", "A synthetic call.")];
        save(&coordinator, &case, "contacts", "new", &[call, &[("day", "1 4 2026")]].concat()).await.is(303);
        let page = save(&coordinator, &case, "contacts", "new", &[call, &[("day", "27 3 2026")]].concat()).await.is(422)
            .faults("Sample Mother asked not to be called on this day", "#day-day");
        assert_eq!(lines(service, &case, "contacts").len(), 1);
        coordinator.submit(&page.form_to(&log)).await.is(303);
        assert_eq!(lines(service, &case, "contacts").len(), 2);
        save(&coordinator, &case, "contacts", "new", &[call, &[("day", "28 3 2026")]].concat()).await.is(303);
        service.pass(chrono::Duration::days(1));
        let coordinator = service.signed_in_as("coordinator@cdr.example");
        coordinator.get(&base).await.is(200).never_says("Today is a day on which not to call");
        coordinator.get(&log).await.is(200).never_says("asked not to be called");
    }

    async fn who_may_keep_it_and_who_may_not(service) {
        let (case, other) = (given::case(service, 1), given::case(service, 2));
        let worker = given::assigned(service, &case, Role::KeyWorker).await;
        let base = format!("/cases/{}/family", case.reference);
        worker.get(&format!("/cases/{}", case.reference)).await.is(200).says("The family: its wishes, questions and contacts");
        let page = worker.get(&base).await.is(200).says("Samplechild1").never_says("Parent Testfamily1");
        assert!(!page.text.contains("On the forms") && !page.text.contains("/record"), "agencies’ answers stay with the review");
        save(&worker, &case, "people", "new", PERSON).await.is(303);
        worker.get(&format!("/cases/{}/family", other.reference)).await.is(404);
        worker.post(&format!("/cases/{}/family/people/new", other.reference), PERSON).await.is(404);
        let chair = given::assigned(service, &case, Role::CdrmChair).await;
        let page = chair.get(&base).await.is(200).says("Sample Mother");
        assert!(!page.text.contains("Add a parent or carer"));
        chair.post(&format!("{base}/people/new"), PERSON).await.is(403);
        for role in [Role::Administrator, Role::Auditor, Role::PanelMember, Role::AgencyLead] {
            let browser = service.signed_in(role).await;
            browser.get(&base).await.is(403);
            browser.post(&format!("{base}/people/new"), PERSON).await.is(403);
        }
        assert_eq!(lines(service, &case, "people").len(), 1);
    }
}

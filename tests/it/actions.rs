//! What somebody took on: set, extended, sent to who must act, closed by somebody else, looked back at, and reminded of.

use cdr::casework::{clocks, remind};
use cdr::domain::actor::{Actor, Role};
use cdr::domain::calendar::london;
use cdr::jobs::remind::remind_due;
use cdr::store::actions::{self, Action};
use cdr::store::cases::Case;
use chrono::{Duration, Months, NaiveDate};

use super::learning::finalised;
use super::sharing::learned_in;
use super::support::{Browser, Form, Page, Service, given};
use crate::both_engines;

fn dated(form: &mut Form, name: &str, day: NaiveDate) {
    for (part, pattern) in [("day", "%-d"), ("month", "%-m"), ("year", "%Y")] {
        form.set(&format!("{name}-{part}"), &day.format(pattern).to_string());
    }
}

fn today(service: &Service) -> NaiveDate {
    london(service.now()).date()
}

async fn set(
    browser: &Browser,
    service: &Service,
    case: &Case,
    kind: &str,
    pairs: &[(&str, &str)],
) -> Page {
    let path = format!("/cases/{}/actions/new/{kind}", case.reference);
    let mut form = browser.get(&path).await.is(200).form_to(&path);
    dated(&mut form, "due_on", today(service) + Duration::days(30));
    for (name, value) in pairs {
        form.set(name, value);
    }
    browser.submit(&form).await
}

const RECOMMENDATION: [(&str, &str); 6] = [
    ("problem", "Windows open wide on the third floor."),
    ("what", "Fit stops to every window."),
    ("owner", "Sample Housing"),
    ("owner_email", "owner@cdr.example"),
    ("strength", "engineering"),
    ("measure", "Windows with stops, each quarter."),
];

fn one(service: &Service, case: &Case) -> Action {
    service
        .read(|conn| Ok(actions::of_case(conn, &case.id)?))
        .remove(0)
}

async fn act(browser: &Browser, id: &str, button: &str, fill: impl FnOnce(&mut Form)) -> Page {
    let mut form = browser
        .get(&format!("/actions/{id}"))
        .await
        .is(200)
        .form_with(button);
    fill(&mut form);
    browser.submit(&form).await
}

both_engines! {
    async fn an_action_is_never_owned_by_the_family(service) {
        let (case, other) = (given::case(service, 1), given::case(service, 2));
        let coordinator = service.signed_in(Role::Coordinator).await;
        let path = format!("/cases/{}/family/people/new", case.reference);
        let mut form = coordinator.get(&path).await.is(200).form_to(&path);
        form.set("name", "Sample Mother").set("relation", "mother").set("responsibility", "yes").set("email", "Mother@home.example");
        coordinator.submit(&form).await.is(303);
        let to = |email: &'static str| {
            let mut pairs = RECOMMENDATION;
            pairs[3].1 = email;
            pairs
        };
        let said = "This is an address of the child’s family";
        for kind in ["recommendation", "action"] {
            let pairs: Vec<(&str, &str)> = to("mother@HOME.example").into_iter().filter(|(name, _)| kind == "recommendation" || !["problem", "strength", "measure"].contains(name)).collect();
            let page = set(&coordinator, service, &case, kind, &pairs).await.is(422).faults(said, "#owner_email");
            assert_eq!(page.form_to(&format!("/cases/{}/actions/new/{kind}", case.reference)).value("owner"), "Sample Housing", "what was typed stays");
        }
        assert!(service.read(|conn| Ok(actions::of_case(conn, &case.id)?)).is_empty());
        // Who is of another child's family may well have work to do here.
        set(&coordinator, service, &other, "recommendation", &to("mother@home.example")).await.is(303);
        set(&coordinator, service, &case, "recommendation", &RECOMMENDATION).await.is(303);
        let id = one(service, &case).id;
        act(&coordinator, &id, "Save", |form| { form.set("owner_email", "mother@home.example"); }).await.is(422).faults(said, "#owner_email");
        assert_eq!(one(service, &case).owner_email.as_deref(), Some("owner@cdr.example"));
    }

    async fn what_the_person_who_must_act_is_written_names_no_child(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let path = format!("/cases/{}/actions/new/recommendation", case.reference);
        let said = "it names the child or the family, or says where they live";
        for (field, words) in [("problem", "Samplechild1 fell from a window."), ("what", "Fit stops at 1 Sample Street."), ("measure", "Ask the Testfamily1 household.")] {
            let pairs = RECOMMENDATION.map(|(name, text)| (name, if name == field { words } else { text }));
            let page = set(&coordinator, service, &case, "recommendation", &pairs).await.is(422).faults(said, &format!("#{field}"));
            assert_eq!(page.form_to(&path).value(field), words, "what was typed stays");
        }
        set(&coordinator, service, &case, "recommendation", &RECOMMENDATION).await.is(303);
        let id = one(service, &case).id;
        act(&coordinator, &id, "Save", |form| { form.set("problem", "Samplechild1 fell."); }).await.is(422).faults(said, "#problem");
    }

    async fn a_recommendation_is_followed_to_its_second_look_back(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        set(&coordinator, service, &case, "recommendation", &RECOMMENDATION).await.is(303);
        let id = one(service, &case).id;
        coordinator.get("/actions").await.is(200).says("Fit stops to every window.").says(&case.reference);
        act(&coordinator, &id, "Close it", |form| { form.set("evidence", "Seen."); }).await.is(422).says("section 16M(5)");
        act(&coordinator, &id, "Record it", |_| {}).await.is(422).faults("Say how it was sent and where the proof is", "#sent_how");
        let day = today(service);
        act(&coordinator, &id, "Record it", |form| { dated(form, "sent_on", day); form.set("sent_how", "By letter; receipt in the file."); }).await.is(303);
        act(&coordinator, &id, "Agree on it", |form| { dated(form, "until", day + Duration::days(60)); form.set("reason", "The supplier is late."); }).await.is(303);
        assert_eq!(one(service, &case).due_on, day + Duration::days(60));
        let ctx = service.context(Service::coordinator());
        let clock = service.read(|conn| clocks::list(conn, &ctx, &case)).into_iter().find(|c| c.definition.id == "C35").unwrap();
        let due = london(clock.due_at.unwrap().and_utc()).date();
        assert_eq!(due, day + Duration::days(60), "the clock moves with it, and its reminders");
        assert_eq!(clock.earlier.len(), 1, "the day agreed before is kept");
        act(&coordinator, &id, "Close it", |form| { form.set("evidence", "An inspector saw all of them."); }).await.is(303);
        assert_eq!(one(service, &case).look_on, Some(day + Months::new(6)));
        let version = one(service, &case).version.to_string();
        let early = [("do", "look"), ("worked", "yes"), ("look_words", "Sure."), ("version", version.as_str())];
        coordinator.post(&format!("/actions/{id}"), &early).await.is(422).says("It is too early to know whether it worked. Look back from");
        coordinator.get("/actions?view=look_back").await.is(200).never_says("Fit stops");
        coordinator.get(&format!("/actions/{id}")).await.is(200).says("Look back on").never_says("Record the look back");
        service.pass(Duration::days(185));
        remind_due(&service.app.db, &service.app.house, service.now()).unwrap();
        let reminded = |words: &str| service.mails().iter().filter(|m| m.body.contains(words)).count();
        assert_eq!((reminded("Look back at a recommendation: did it work?"), reminded("Look back at a recommendation again")), (1, 0));
        let coordinator = service.signed_in_as("coordinator@cdr.example");
        coordinator.get("/actions?view=look_back").await.is(200).says("Fit stops");
        act(&coordinator, &id, "Record the look back", |_| {}).await.is(422).faults("Choose whether it worked", "#worked");
        act(&coordinator, &id, "Record the look back", |form| { form.set("worked", "partly").set("look_words", "Two blocks are missing."); }).await.is(303);
        assert_eq!(one(service, &case).look_on, Some(day + Months::new(12)));
        service.pass(Duration::days(185));
        remind_due(&service.app.db, &service.app.house, service.now()).unwrap();
        assert_eq!((reminded("Look back at a recommendation: did it work?"), reminded("Look back at a recommendation again")), (1, 1));
        let coordinator = service.signed_in_as("coordinator@cdr.example");
        act(&coordinator, &id, "Record the look back", |form| { form.set("worked", "yes").set("look_words", "All done."); }).await.is(303);
        assert_eq!(one(service, &case).look_on, None);
        coordinator.get(&format!("/actions/{id}")).await.is(200).says("Looked back at 6 months").says("It worked in part").says("Looked back at 12 months").says("By letter; receipt in the file.");
        coordinator.get(&format!("/cases/{}", case.reference)).await.is(200).says("looked back at after 12 months").never_says("Two blocks are missing");
    }

    async fn what_the_analysis_recommends_is_followed_up_once_or_the_case_is_not_closed(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        learned_in(&coordinator, &case, "A sofa is no place for a baby to sleep.", "Give every home a safe place to sleep.\n\nTell landlords.").await;
        finalised(service, &case);
        let (base, list) = (format!("/cases/{}", case.reference), format!("/cases/{}/actions", case.reference));
        coordinator.get(&base).await.is(200).says("Follow up 1 recommendation of the panel").says("A recommendation of the analysis is not followed up.");
        let page = coordinator.get(&list).await.is(200).says("Recommended in the analysis, not followed up yet").says("(GP or primary care)");
        let follow = page.links().into_iter().find(|(words, _)| words.starts_with("Follow it up")).unwrap().1;
        let mut form = coordinator.get(&follow).await.is(200).form_to(&format!("{list}/new/recommendation"));
        assert_eq!((form.value("what").replace("\r\n", "\n").as_str(), form.value("owner").as_str()), ("Give every home a safe place to sleep.\n\nTell landlords.", "GP or primary care"));
        let fault = coordinator.submit(&form).await.is(422).faults("Enter an answer to “How it will be measured”", "#measure");
        assert_eq!(fault.form_to(&format!("{list}/new/recommendation")).value("follows").replace("\r\n", "\n"), "Give every home a safe place to sleep.\n\nTell landlords.", "nothing is lost");
        dated(&mut form, "due_on", today(service) + Duration::days(30));
        for (name, value) in RECOMMENDATION {
            form.set(name, value);
        }
        coordinator.submit(&form).await.is(303);
        coordinator.submit(&form).await.is(422).says("This recommendation is followed up already");
        assert_eq!(service.read(|conn| Ok(actions::of_case(conn, &case.id)?)).len(), 1);
        coordinator.get(&list).await.is(200).never_says("not followed up yet").says("Fit stops to every window.");
        coordinator.get(&base).await.is(200).never_says("Follow up 1 recommendation").never_says("is not followed up");
        let strange = format!("{list}/new/recommendation?follows=7");
        let blank = coordinator.get(&strange).await.is(200).form_to(&format!("{list}/new/recommendation"));
        assert_eq!(blank.value("what"), "");
    }

    async fn a_proof_is_one_of_the_words_that_were_sent_and_to_whom(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        set(&coordinator, service, &case, "recommendation", &RECOMMENDATION).await.is(303);
        let (id, day) = (one(service, &case).id, today(service));
        let record = async || act(&coordinator, &id, "Record it", |form| { dated(form, "sent_on", day); form.set("sent_how", "By letter; receipt in the file."); }).await.is(303);
        record().await;
        act(&coordinator, &id, "Save", |form| { form.set("measure", "Windows with stops, each month."); }).await.is(303);
        coordinator.get(&format!("/actions/{id}")).await.is(200).says("By letter; receipt in the file.");
        act(&coordinator, &id, "Save", |form| { form.set("owner", "Another Housing"); }).await.is(303);
        coordinator.get(&format!("/actions/{id}")).await.is(200).never_says("By letter; receipt in the file.");
        act(&coordinator, &id, "Close it", |form| { form.set("evidence", "Seen."); }).await.is(422).says("section 16M(5)");
        record().await;
        act(&coordinator, &id, "Close it", |form| { form.set("evidence", "Seen."); }).await.is(303);
    }

    async fn the_owner_is_reminded_without_what_it_is(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        set(&coordinator, service, &case, "action", &[("what", "Ring the school about Sample Child."), ("owner", "Sample Nurse"), ("owner_email", "owner@cdr.example")]).await.is(303);
        let ctx = service.context(Service::coordinator());
        let clock = service.read(|conn| clocks::list(conn, &ctx, &case)).into_iter().find(|c| c.definition.id == "C35").unwrap();
        assert_eq!(clock.rungs.len(), 4);
        let mut later = service.context(Actor::job("remind"));
        later.now = service.now() + Duration::days(17);
        for _ in 0..2 {
            let (ctx, id) = (later.clone(), clock.id.clone());
            service.write(Actor::job("remind"), move |tx, _| remind::climb(tx, &ctx, &id)).unwrap();
        }
        let to: Vec<_> = service.mails().into_iter().filter(|m| m.recipient == "owner@cdr.example").collect();
        assert_eq!(to.len(), 1, "once");
        assert!(!to[0].body.contains("school") && !to[0].body.contains(&case.reference));
        let id = one(service, &case).id;
        act(&coordinator, &id, "Close it", |form| { form.set("evidence", "Rung."); }).await.is(303);
        let over = service.read(|conn| clocks::list(conn, &ctx, &case)).into_iter().find(|c| c.id == clock.id).unwrap();
        assert_eq!(over.stands, cdr::domain::clock::Outcome::Met);
        assert!(over.rungs.iter().all(|r| r.state != "waiting"), "nobody is reminded of what is done");
    }

    async fn an_owner_who_turns_out_to_be_of_the_family_is_not_reminded(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let set_for = async |email: &str| {
            set(&coordinator, service, &case, "action", &[("what", "Ring the school."), ("owner", "Sample Owner"), ("owner_email", email)]).await
        };
        set_for("owner@home.example").await.is(303);
        let path = format!("/cases/{}/family/people/new", case.reference);
        let mut form = coordinator.get(&path).await.is(200).form_to(&path);
        form.set("name", "Sample Father").set("relation", "father").set("responsibility", "yes").set("email", "owner@home.example");
        coordinator.submit(&form).await.is(303);
        let ctx = service.context(Service::coordinator());
        let clock = service.read(|conn| clocks::list(conn, &ctx, &case)).into_iter().find(|c| c.definition.id == "C35").unwrap();
        let mut later = service.context(Actor::job("remind"));
        later.now = service.now() + Duration::days(17);
        service.write(Actor::job("remind"), move |tx, _| remind::climb(tx, &later, &clock.id)).unwrap();
        let due: Vec<String> = service.mails().into_iter().filter(|m| m.dedupe_key.starts_with("action_due:")).map(|m| m.recipient).collect();
        assert_eq!(due, std::slice::from_ref(&service.app.house.area.email));
    }

    async fn vague_words_faults_and_a_clash_lose_nothing(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let path = format!("/cases/{}/actions/new/recommendation", case.reference);
        let form = coordinator.get(&path).await.is(200).form_to(&path);
        coordinator.submit(&form).await.is(422).faults("Enter the day by which it is done", "#due_on-day").faults("Enter an answer to “Who must act”", "#owner");
        let mut vague = RECOMMENDATION.to_vec();
        vague[1] = ("what", "Services should consider window stops.");
        let page = set(&coordinator, service, &case, "recommendation", &vague).await.is(422).says("does not say who does what");
        let mut meant = page.form_to(&path);
        assert_eq!(meant.value("what"), "Services should consider window stops.");
        meant.set("confirmed", "yes");
        coordinator.submit(&meant).await.is(303);
        let id = one(service, &case).id;
        let mut stale = coordinator.get(&format!("/actions/{id}")).await.is(200).form_with("Withdraw it");
        act(&coordinator, &id, "Save", |form| { form.set("what", "Fit stops to every window."); }).await.is(303);
        stale.set("reason", "Typed words.");
        let page = coordinator.submit(&stale).await.is(409);
        assert_eq!(page.form_with("Withdraw it").value("reason"), "Typed words.");
        assert_eq!(one(service, &case).state, "open");
    }

    async fn its_owner_does_not_close_it_and_others_do_not_see_it(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        set(&coordinator, service, &case, "action", &[("what", "Write."), ("owner", "The coordinator"), ("owner_email", "coordinator@cdr.example")]).await.is(303);
        let id = one(service, &case).id;
        act(&coordinator, &id, "Close it", |form| { form.set("evidence", "Written."); }).await.is(422).says("somebody else looks at the evidence");
        let doctor = service.signed_in(Role::DesignatedDoctor).await;
        act(&coordinator, &id, "Save", |form| { form.set("owner", "Sample Nurse").set("owner_email", "nurse@cdr.example"); }).await.is(303);
        act(&coordinator, &id, "Close it", |form| { form.set("evidence", "Written."); }).await.is(422).says("somebody else looks at the evidence");
        act(&doctor, &id, "Close it", |form| { form.set("evidence", "Seen by the doctor."); }).await.is(303);
        let lead = service.signed_in(Role::JarLead).await;
        lead.get(&format!("/actions/{id}")).await.is(404);
        lead.get("/actions?view=closed").await.is(200).never_says("Write.");
        for role in [Role::PanelMember, Role::Administrator, Role::Auditor] {
            let other = service.signed_in(role).await;
            other.get("/actions").await.is(403);
            other.get(&format!("/actions/{id}")).await.is(403);
        }
    }
}

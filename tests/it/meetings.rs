//! Meetings about a case: arranged, invited to by mail with an event for calendars, moved, held with minutes that fill the
//! forms, signed, and who may do what.

use cdr::casework::clocks;
use cdr::casework::picture::Picture;
use cdr::domain::actor::Role;
use cdr::domain::calendar::london;
use cdr::domain::clock::Outcome;
use cdr::domain::form::{Answer, Answers};
use cdr::store::cases::Case;
use cdr::store::meetings::{self, Meeting};
use chrono::Duration;
use icalendar::{Calendar, Component};

use super::support::{Browser, Page, Service, given};
use crate::both_engines;

/// Arranges a meeting `days` from now at two in the afternoon, through its page.
pub(super) async fn arrange(
    browser: &Browser,
    service: &Service,
    case: &Case,
    purpose: &str,
    days: i64,
) -> Page {
    let path = format!("/cases/{}/meetings/new/{purpose}", case.reference);
    let mut form = browser.get(&path).await.is(200).form_to(&path);
    when(&mut form, service, days);
    form.set("time", "14:00").set("place", "Sample room 3");
    browser.submit(&form).await
}

fn when(form: &mut super::support::Form, service: &Service, days: i64) {
    let day = london(service.now() + Duration::days(days));
    for (part, pattern) in [("day", "%-d"), ("month", "%-m"), ("year", "%Y")] {
        form.set(&format!("day-{part}"), &day.format(pattern).to_string());
    }
}

async fn put_down(browser: &Browser, meeting: &str, pairs: &[(&str, &str)]) -> Page {
    let mut form = browser.get(meeting).await.is(200).form_with("Put down");
    for (name, value) in pairs {
        form.set(name, value);
    }
    browser.submit(&form).await
}

const CHAIR: [(&str, &str); 4] = [
    ("name", "Sample Chair"),
    ("role", "Consultant paediatrician"),
    ("email", "chair@cdr.example"),
    ("is_chair", "yes"),
];

fn one(service: &Service, case: &Case) -> Meeting {
    service
        .read(|conn| Ok(meetings::of_case(conn, &case.id)?))
        .remove(0)
}

fn answers(service: &Service, case: &Case, form: &str) -> Answers {
    let ctx = service.context(Service::coordinator());
    let known = service.read(|conn| Picture::load(conn, &ctx, &case.id));
    known.answers(form).cloned().unwrap_or_default()
}

fn stands(service: &Service, case: &Case, id: &str) -> Option<Outcome> {
    let ctx = service.context(Service::coordinator());
    let all = service.read(|conn| clocks::list(conn, &ctx, case));
    all.into_iter()
        .find(|c| c.definition.id == id)
        .map(|c| c.stands)
}

/// A meeting of today, held with its chair. Gives its address.
async fn held(browser: &Browser, service: &Service, case: &Case, purpose: &str) -> String {
    let meeting = arrange(browser, service, case, purpose, 0)
        .await
        .is(303)
        .location()
        .unwrap();
    put_down(browser, &meeting, &CHAIR).await.is(303);
    let path = format!("{meeting}/minutes");
    let mut form = browser.get(&path).await.is(200).form_to(&path);
    let id = meeting.rsplit('/').next().unwrap().to_owned();
    let person = service
        .read(|conn| Ok(meetings::people_of(conn, &id)?))
        .remove(0)
        .id;
    form.set(&format!("attendance-{person}"), "attended");
    browser
        .submit(form.press("Save and record that it was held"))
        .await
        .is(303);
    meeting
}

/// The invitations in the outbox, as another program reads them, with the whole mail beside.
fn invitations(service: &Service) -> Vec<(Calendar, String)> {
    let mails = service.mails().into_iter();
    mails
        .filter_map(|mail| {
            let text = mail.calendar?;
            Some((
                text.parse().unwrap(),
                format!("{}\n{}\n{text}", mail.subject, mail.body),
            ))
        })
        .collect()
}

both_engines! {
    async fn a_chair_who_was_asked_about_the_child_is_pointed_out(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let case = given::case(service, 1);
        let request = given::request(service, &case, "hospital_paeds", &["reporting"]);
        let meeting = arrange(&coordinator, service, &case, "review", 20).await.is(303).location().unwrap();
        let warns = "Ask whether they were in the child’s care: they were asked about the child";
        put_down(&coordinator, &meeting, &CHAIR).await.is(303);
        coordinator.get(&meeting).await.is(200).never_says(warns);
        coordinator.submit(&coordinator.get(&meeting).await.is(200).form_with("Take off Sample Chair")).await.is(303);
        let email = request.email.to_uppercase();
        put_down(&coordinator, &meeting, &[("name", "Sample Chair"), ("role", "Consultant"), ("email", &email), ("is_chair", "yes")]).await.is(303);
        coordinator.get(&meeting).await.is(200).says(warns);
    }

    async fn a_review_meeting_is_arranged_invited_to_moved_and_called_off(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let page = arrange(&coordinator, service, &case, "review", 40).await.is(303);
        let meeting = page.location().unwrap();
        coordinator.get(&meeting).await.is(200).says("Sample room 3").says("14:00 to 15:00").says("Nobody is put down as chair");
        assert_eq!(given::find(service, &case.reference).state, "cdrm_scheduled");
        assert_eq!(stands(service, &case, "C24"), Some(Outcome::Running), "invitations are due");
        let other = arrange(&coordinator, service, &case, "review", 80).await.is(303).location().unwrap();
        let due = |service: &Service| {
            let ctx = service.context(Service::coordinator());
            let all = service.read(|conn| clocks::list(conn, &ctx, &case)).into_iter();
            all.filter(|c| c.definition.id == "C24").find_map(|c| c.due_at).unwrap()
        };
        let later = due(service);
        let mut cancel = coordinator.get(&other).await.is(200).form_with("Cancel the meeting");
        cancel.set("reason", "Not needed.");
        coordinator.submit(&cancel).await.is(303);
        assert!(due(service) < later, "the other one is still arranged");
        put_down(&coordinator, &meeting, &CHAIR).await.is(303);
        put_down(&coordinator, &meeting, &[("name", "Sample Nurse"), ("role", "Health visitor"), ("email", "nurse@cdr.example")]).await.is(303);
        put_down(&coordinator, &meeting, &[("name", "Sample Officer"), ("role", "Police")]).await.is(303);
        let page = coordinator.get(&meeting).await.is(200);
        let letters = page.form_with("Send invitations to 2 people");
        coordinator.submit(&letters).await.is(303);
        coordinator.submit(&letters).await.is(409);
        assert_eq!(stands(service, &case, "C24"), Some(Outcome::Met));
        let sent = invitations(service);
        assert_eq!(sent.len(), 2);
        let uid = sent[0].0.events().next().unwrap().get_uid().unwrap().to_owned();
        for (calendar, mail) in &sent {
            let event = calendar.events().next().unwrap();
            assert_eq!((event.get_uid(), event.get_sequence()), (Some(uid.as_str()), Some(0)));
            for word in case.display_name.split_whitespace() {
                assert!(!mail.contains(word), "{word}");
            }
            assert!(!mail.contains(case.nhs_number.as_deref().unwrap()));
        }

        let path = format!("{meeting}/change");
        let mut form = coordinator.get(&path).await.is(200).form_to(&path);
        let stale = form.clone();
        when(&mut form, service, 45);
        coordinator.submit(&form).await.is(303);
        let after = invitations(service);
        assert_eq!(after.len(), 4, "both are told of the move, and nobody twice");
        let moved: Vec<_> = after.iter().filter(|(c, _)| c.events().next().unwrap().get_sequence() == Some(1)).collect();
        assert!(moved.iter().all(|(c, _)| c.events().next().unwrap().get_uid() == Some(uid.as_str())));
        assert_eq!(moved.len(), 2);
        let mut stale = stale;
        stale.set("place", "Another room");
        coordinator.submit(&stale).await.is(409).says("Another room").says("Saved meanwhile");
        assert_eq!(one(service, &case).place, "Sample room 3");

        let mut cancel = coordinator.get(&meeting).await.is(200).form_with("Cancel the meeting");
        coordinator.submit(&cancel).await.is(422).faults("Say why it does not take place", "#reason");
        cancel.set("reason", "The post-mortem report is missing.");
        coordinator.submit(&cancel).await.is(303);
        let gone = invitations(service);
        assert_eq!(gone.iter().filter(|(_, text)| text.contains("METHOD:CANCEL")).count(), 2);
        assert!(gone.iter().all(|(_, text)| !text.contains("post-mortem")), "why is not mailed");
        coordinator.get(&meeting).await.is(200).says("The post-mortem report is missing.");
    }

    async fn who_was_invited_to_a_meeting_that_was_called_off_is_invited_anew(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let runs = |service: &Service| -> Vec<Outcome> {
            let ctx = service.context(Service::coordinator());
            let all = service.read(|conn| clocks::list(conn, &ctx, &case)).into_iter();
            let mut own: Vec<_> = all.filter(|c| c.definition.id == "C24").map(|c| (c.due_at, c.stands)).collect();
            own.sort_by_key(|(due, _)| *due);
            own.into_iter().map(|(_, stands)| stands).collect()
        };
        let call_off = async |meeting: &str| {
            let mut cancel = coordinator.get(meeting).await.is(200).form_with("Cancel the meeting");
            cancel.set("reason", "The chair is ill.");
            coordinator.submit(&cancel).await.is(303);
        };
        let first = arrange(&coordinator, service, &case, "review", 40).await.is(303).location().unwrap();
        put_down(&coordinator, &first, &CHAIR).await.is(303);
        coordinator.submit(&coordinator.get(&first).await.is(200).form_with("Send invitations to 1 person")).await.is(303);
        assert_eq!(runs(service), [Outcome::Met]);
        call_off(&first).await;
        assert_eq!(runs(service), [Outcome::Cancelled]);
        assert_eq!(given::find(service, &case.reference).state, "gathering", "as before it was arranged");
        coordinator.get(&format!("/cases/{}", case.reference)).await.is(200).never_says("Review meeting invitations sent");

        let second = arrange(&coordinator, service, &case, "review", 60).await.is(303).location().unwrap();
        assert_eq!(runs(service), [Outcome::Cancelled, Outcome::Running], "invitations to the next are due");
        coordinator.get(&format!("/cases/{}", case.reference)).await.is(200).says("Review meeting invitations sent");
        put_down(&coordinator, &second, &CHAIR).await.is(303);
        coordinator.submit(&coordinator.get(&second).await.is(200).form_with("Send invitations to 1 person")).await.is(303);
        // A third that is called off says nothing of the invitations to the second.
        let third = arrange(&coordinator, service, &case, "review", 80).await.is(303).location().unwrap();
        call_off(&third).await;
        assert_eq!(runs(service), [Outcome::Cancelled, Outcome::Met]);
        assert_eq!(given::find(service, &case.reference).state, "cdrm_scheduled");
        // The other way round: only the one that was called off had invitations.
        let fourth = arrange(&coordinator, service, &case, "review", 90).await.is(303).location().unwrap();
        call_off(&second).await;
        assert_eq!(runs(service), [Outcome::Cancelled, Outcome::Running]);
        call_off(&fourth).await;
        // A case that waited waits again.
        let of = case.reference.clone();
        service.write(Service::coordinator(), move |tx, ctx| {
            cdr::casework::triage::move_case(tx, ctx, &of, cdr::domain::case::Move::AwaitExternal, "A synthetic reason.")
        }).unwrap();
        let fifth = arrange(&coordinator, service, &case, "review", 50).await.is(303).location().unwrap();
        assert_eq!(given::find(service, &case.reference).state, "cdrm_scheduled");
        call_off(&fifth).await;
        assert_eq!(given::find(service, &case.reference).state, "awaiting_external");
    }

    async fn nobody_is_invited_to_a_meeting_that_was_held(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let owed = "Review meeting invitations sent";
        arrange(&coordinator, service, &case, "response", 0).await.is(303);
        held(&coordinator, service, &case, "review").await;
        assert_eq!(stands(service, &case, "C24"), Some(Outcome::Cancelled));
        coordinator.get(&format!("/cases/{}", case.reference)).await.is(200).never_says(owed);
        arrange(&coordinator, service, &case, "review", 60).await.is(303);
        coordinator.get(&format!("/cases/{}", case.reference)).await.is(200).says(owed);
    }

    async fn what_was_shared_asked_and_agreed_stands_on_the_form(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let family = |part: &str| format!("/cases/{}/family/{part}/new", case.reference);
        let path = family("key-worker");
        let mut form = coordinator.get(&path).await.is(200).form_to(&path);
        form.set("name", "Sample Worker").set("organisation", "Sample Trust").date("named_on", "30 3 2026");
        coordinator.submit(&form).await.is(303);
        let path = family("questions");
        let mut form = coordinator.get(&path).await.is(200).form_to(&path);
        form.set("words", "Why was it so late?").set("state", "asked").date("asked_on", "1 4 2026");
        coordinator.submit(&form).await.is(303);
        let filled = answers(service, &case, "cdrm_jar");
        assert_eq!((filled.text("keyworker"), filled.text("family_questions")), (Some("Sample Worker, Sample Trust"), Some("Why was it so late?")));

        let written = async |purpose: &str, part: &str, text: &str| {
            let meeting = arrange(&coordinator, service, &case, purpose, 0).await.is(303).location().unwrap();
            put_down(&coordinator, &meeting, &CHAIR).await.is(303);
            let path = format!("{meeting}/minutes");
            let mut form = coordinator.get(&path).await.is(200).form_to(&path);
            let id = meeting.rsplit('/').next().unwrap().to_owned();
            let person = service.read(|conn| Ok(meetings::people_of(conn, &id)?)).remove(0).id;
            form.set(part, text).set(&format!("attendance-{person}"), "attended");
            coordinator.submit(form.press("Save and record that it was held")).await.is(303);
            id
        };
        written("response", "shared", "Police: Nothing known.
Children’s social care: Known since 2024.").await;
        let filled = answers(service, &case, "cdrm_jar");
        let told: Vec<(Option<Answer>, Option<Answer>)> = filled.rows("information_shared").iter()
            .map(|row| (row.get("agency").cloned(), row.get("summary").cloned())).collect();
        let row = |agency: &str, text: &str| (Some(Answer::Choice(agency.into())), Some(Answer::Text(text.into())));
        assert_eq!(told, [row("police", "Nothing known."), row("social_care", "Known since 2024.")]);
        // The minutes have the question with its answer, and say so on the form.
        let review = written("review", "family", "Why was it so late? The ambulance was called late.").await;
        let filled = answers(service, &case, "cdrm_jar");
        assert_eq!(filled.text("family_questions"), Some("Why was it so late? The ambulance was called late."));
        let (of, due) = (case.reference.clone(), london(service.now()).date() + Duration::days(9));
        let id = service.write(Service::coordinator(), move |tx, ctx| {
            use cdr::casework::actions::{Given, set};
            let said = [("what", "Ring the school."), ("owner", "Sample Nurse"), ("owner_email", "owner@cdr.example")];
            let given = Given {
                said: said.map(|(name, text)| (name.to_owned(), text.to_owned())).into(),
                due_on: Some(due),
                meeting_id: Some(review),
                ..Given::default()
            };
            set(tx, ctx, &of, cdr::domain::action::Kind::Action, &given)
        }).unwrap();
        let agreed = answers(service, &case, "cdrm_jar").rows("actions_agreed").to_vec();
        assert_eq!(agreed.len(), 1);
        assert_eq!((agreed[0].get("owner"), agreed[0].get("due")), (Some(&Answer::Text("Sample Nurse".into())), Some(&Answer::Date(due))));
        service.write(Service::coordinator(), move |tx, ctx| cdr::casework::actions::withdraw(tx, ctx, &id, 1, "A synthetic reason.")).unwrap();
        assert!(answers(service, &case, "cdrm_jar").rows("actions_agreed").is_empty());
        // What staff typed stays.
        let path = format!("/cases/{}/record/cdrm_jar/family", case.reference);
        let mut form = coordinator.get(&path).await.is(200).form_to(&path);
        form.set("keyworker", "Typed Worker");
        coordinator.submit(&form).await.is(303);
        let path = family("questions");
        let mut form = coordinator.get(&path).await.is(200).form_to(&path);
        form.set("words", "Who decided?").set("state", "asked").date("asked_on", "1 4 2026");
        coordinator.submit(&form).await.is(303);
        let filled = answers(service, &case, "cdrm_jar");
        assert_eq!(filled.text("keyworker"), Some("Typed Worker"));
        assert_eq!(filled.text("family_questions"), Some("Why was it so late? The ambulance was called late."));
    }

    async fn minutes_of_a_review_meeting_fill_the_forms_and_leave_a_draft(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let meeting = arrange(&coordinator, service, &case, "review", 0).await.is(303).location().unwrap();
        put_down(&coordinator, &meeting, &CHAIR).await.is(303);
        let path = format!("{meeting}/minutes");
        let mut form = coordinator.get(&path).await.is(200).form_to(&path);
        form.set("cause", "Sepsis is likely.").set("learning", "Sample learning.").set("background", "A short sample life.");
        let refused = coordinator.submit(form.clone().press("Save and record that it was held")).await.is(422).says("Say who was there");
        assert_eq!(refused.form_to(&path).value("cause"), "Sepsis is likely.");
        let person = service.read(|conn| Ok(meetings::people_of(conn, &one(service, &case).id)?)).remove(0).id;
        form.set(&format!("attendance-{person}"), "attended");
        // With which other meeting it was held, and by whom.
        let version = form.value("version").clone();
        coordinator.post(&path, &[("do", "save"), ("version", &version), ("held_as", "a party")]).await.is(422).faults("Choose one of “Held as”", "#held_as");
        form.set("held_as", "perinatal").set("held_by", "Sample General Hospital");
        coordinator.submit(form.press("Save and record that it was held")).await.is(303);
        let filled = answers(service, &case, "cdrm_jar");
        assert_eq!((filled.choice("cdrm_type"), filled.text("cdrm_place")), (Some("perinatal"), Some("Sample General Hospital")));
        coordinator.get(&meeting).await.is(200).says("Perinatal mortality review");
        assert_eq!(filled.text("cause_discussed"), Some("Sepsis is likely."));
        assert_eq!(filled.text("cdrm_chair"), Some("Sample Chair"));
        assert_eq!(filled.date("cdrm_date"), Some(london(service.now()).date()));
        let Some(Answer::Rows(rows)) = filled.get("cdrm_attendees") else { panic!("no attendees") };
        assert_eq!(rows.len(), 1);
        let draft = answers(service, &case, "analysis");
        assert_eq!(draft.text("case_summary"), Some("A short sample life."));
        assert_eq!(given::find(service, &case.reference).state, "cdrm_held");
        assert_eq!(stands(service, &case, "C25"), Some(Outcome::Met));
        assert_eq!(stands(service, &case, "C26"), Some(Outcome::Running), "nobody looked at the draft yet");
        let draft = format!("/cases/{}/analysis/cause", case.reference);
        let mut form = coordinator.get(&draft).await.is(200).form_to(&draft);
        form.set("case_summary", "A short sample life, looked at.");
        coordinator.submit(&form).await.is(303);
        assert_eq!(stands(service, &case, "C26"), Some(Outcome::Met));

        coordinator.submit(&coordinator.get(&meeting).await.is(200).form_with("Sign the minutes")).await.is(303);
        let page = coordinator.get(&meeting).await.is(200).says("Minutes signed");
        assert!(!page.links().iter().any(|(_, to)| to.ends_with("/minutes")), "signed minutes stay");
        let now = one(service, &case).version.to_string();
        coordinator.post(&path, &[("version", now.as_str()), ("cause", "Another."), ("do", "save")]).await.is(422).says("These minutes are signed");
    }

    async fn the_first_response_meeting_fills_one_part_and_the_second_another(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        for (n, notes) in [(1, "Who does what."), (2, "Later words.")] {
            let path = format!("/cases/{}/meetings/new/response", case.reference);
            let mut form = coordinator.get(&path).await.is(200).form_to(&path);
            when(&mut form, service, 0);
            form.set("time", if n == 1 { "09:00" } else { "11:00" }).set("place", "Sample room 3");
            let meeting = coordinator.submit(&form).await.is(303).location().unwrap();
            put_down(&coordinator, &meeting, &CHAIR).await.is(303);
            let path = format!("{meeting}/minutes");
            let mut form = coordinator.get(&path).await.is(200).form_to(&path);
            let id = meeting.rsplit('/').next().unwrap().to_owned();
            let person = service.read(|conn| Ok(meetings::people_of(conn, &id)?)).remove(0).id;
            form.set("investigation", notes).set(&format!("attendance-{person}"), "attended");
            coordinator.submit(form.press("Save and record that it was held")).await.is(303);
            if n == 1 {
                coordinator.submit(&coordinator.get(&meeting).await.form_with("Sign the minutes")).await.is(303);
                assert_eq!(stands(service, &case, "C23"), Some(Outcome::Met), "the minutes are filed");
            }
        }
        let filled = answers(service, &case, "cdrm_jar");
        assert_eq!(filled.text("investigation_plan"), Some("Who does what."));
        assert!(filled.is_answered("meeting_date"));
        assert!(filled.is_answered("case_discussion_date"), "the second is the follow-up");
    }

    async fn each_response_meeting_has_minutes_of_its_own_to_file(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let first = held(&coordinator, service, &case, "response").await;
        coordinator.submit(&coordinator.get(&first).await.form_with("Sign the minutes")).await.is(303);
        service.pass(Duration::days(7));
        let coordinator = service.signed_in_as("coordinator@cdr.example");
        let second = held(&coordinator, service, &case, "response").await;
        let of = |meeting: &str| {
            let ctx = service.context(Service::coordinator());
            let all = service.read(|conn| clocks::list(conn, &ctx, &case));
            let found = all.into_iter().find(|c| c.definition.id == "C23" && meeting.ends_with(&c.about));
            found.map(|c| (c.stands, c.due_at.map(|at| london(at.and_utc()).date().to_string()).unwrap_or_default(), c.earlier.len()))
        };
        assert_eq!(of(&first).unwrap().0, Outcome::Met);
        let due = of(&second).unwrap();
        assert_eq!((due.0, due.2), (Outcome::Running, 0), "the minutes of the second are still to be filed");
        coordinator.get(&format!("/cases/{}", case.reference)).await.is(200).says("Joint agency response minutes filed");
        coordinator.get(&format!("/cases/{}/clocks", case.reference)).await.is(200).says("Joint agency response minutes filed");
        // Held a day earlier than was recorded: due earlier, and the old day is kept.
        coordinator.get(&second).await.is(200).says("Put right when it was held");
        let path = format!("{second}/change");
        let mut form = coordinator.get(&path).await.is(200).says("Nobody is told").form_to(&path);
        when(&mut form, service, 1);
        coordinator.submit(&form).await.is(422).faults("so its day must be today or in the past", "#day-day");
        when(&mut form, service, -1);
        coordinator.submit(&form).await.is(303);
        let now = of(&second).unwrap();
        assert!(now.1 < due.1 && now.2 == 1, "{now:?} {due:?}");
        let mut late = coordinator.get(&path).await.is(200).form_to(&path);
        coordinator.submit(&coordinator.get(&second).await.form_with("Sign the minutes")).await.is(303);
        assert_eq!(of(&second).unwrap().0, Outcome::Met);
        late.set("version", &service.read(|conn| Ok(meetings::get(conn, second.rsplit('/').next().unwrap())?)).unwrap().version.to_string());
        coordinator.submit(&late).await.is(422).says("The minutes are signed");
    }

    async fn the_day_of_a_review_meeting_is_put_right_with_its_clocks_and_forms(service) {
        let case = given::case(service, 1);
        service.signed_in(Role::Coordinator).await;
        service.pass(Duration::days(20));
        let coordinator = service.signed_in_as("coordinator@cdr.example");
        let meeting = held(&coordinator, service, &case, "review").await;
        let clock = |id: &str| {
            let ctx = service.context(Service::coordinator());
            service.read(|conn| clocks::list(conn, &ctx, &case)).into_iter().find(|c| c.definition.id == id).unwrap()
        };
        let (held_on, draft_due) = (clock("C25").stopped_on, clock("C26").due_at);
        let path = format!("{meeting}/change");
        let mut form = coordinator.get(&path).await.is(200).form_to(&path);
        when(&mut form, service, -7);
        coordinator.submit(&form).await.is(303);
        assert_eq!(clock("C25").stopped_on.unwrap() + Duration::days(7), held_on.unwrap());
        assert!(clock("C26").due_at < draft_due);
        assert_eq!(clock("C26").earlier, [draft_due.unwrap()], "the old due date is kept");
        let day = london(service.now() - Duration::days(7)).date();
        assert_eq!(answers(service, &case, "cdrm_jar").date("cdrm_date"), Some(day));
        coordinator.get(&format!("/cases/{}", case.reference)).await.is(200).says(&format!("held on {}, not on", day.format("%-d %B %Y")));
    }

    async fn what_cannot_be_is_refused_in_plain_words_and_nothing_is_lost(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let path = format!("/cases/{}/meetings/new/review", case.reference);
        let mut form = coordinator.get(&path).await.is(200).form_to(&path);
        coordinator.submit(&form).await.is(422).faults("Enter the day of the meeting", "#day-day").faults("Enter when it begins, such as 14:30", "#time").faults("Enter a room or a link", "#place");
        when(&mut form, service, 5);
        let name = case.display_name.split_whitespace().last().unwrap().to_owned();
        form.set("time", "25:99").set("place", &format!("Home of {name}")).set("minutes_long", "3");
        let page = coordinator.submit(&form).await.is(422).faults("The place is mailed: it must not hold a name, a number or an address of the child or the family", "#place")
            .faults("The time must be hours and minutes, such as 14:30", "#time").faults("Enter how many minutes it lasts, from 5 to 480", "#minutes_long");
        assert_eq!(page.form_to(&path).value("time"), "25:99");
        form.set("time", "9.30").set("place", "Sample room").set("minutes_long", "90").set("day-year", "2019");
        coordinator.submit(&form).await.is(422).faults("The meeting cannot be before the death", "#day-day");

        let meeting = arrange(&coordinator, service, &case, "review", 5).await.is(303).location().unwrap();
        put_down(&coordinator, &meeting, &[("name", "Sample Doctor"), ("role", "Doctor"), ("is_chair", "yes"), ("was_involved", "yes")]).await
            .is(422).faults("Whoever was involved in the child’s care does not chair the meeting", "#is_chair");
        put_down(&coordinator, &meeting, &CHAIR).await.is(303);
        put_down(&coordinator, &meeting, &CHAIR).await.is(422).faults("Another person chairs already. Take that person off first", "#is_chair")
            .faults("Somebody with this address is asked already", "#email");
        let path = format!("{meeting}/minutes");
        let mut early = coordinator.get(&path).await.is(200).form_to(&path);
        let person = service.read(|conn| Ok(meetings::people_of(conn, &one(service, &case).id)?)).remove(0).id;
        early.set(&format!("attendance-{person}"), "attended").set("cause", "Typed words.");
        let refused = coordinator.submit(early.press("Save and record that it was held")).await.is(422).says("still to come");
        assert_eq!(refused.form_to(&path).value("cause"), "Typed words.");
        coordinator.get(&format!("/cases/{}/meetings/new/panel", case.reference)).await.is(404);
        coordinator.get("/meetings/nothing").await.is(404);
    }

    async fn the_familys_questions_are_carried_to_the_review_meeting(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let path = format!("/cases/{}/family/questions/new", case.reference);
        let mut form = coordinator.get(&path).await.is(200).form_to(&path);
        let day = london(service.now());
        form.set("words", "Was anybody told that she was cold?").set("state", "asked");
        for (part, pattern) in [("day", "%-d"), ("month", "%-m"), ("year", "%Y")] {
            form.set(&format!("asked_on-{part}"), &day.format(pattern).to_string());
        }
        coordinator.submit(&form).await.is(303);
        let meeting = arrange(&coordinator, service, &case, "review", 10).await.is(303).location().unwrap();
        coordinator.get(&meeting).await.is(200).says("Was anybody told that she was cold?").says("Carried to the review meeting");
        coordinator.get(&format!("/cases/{}/family", case.reference)).await.is(200).says("Carried to the review meeting");
    }

    async fn who_is_taken_off_is_told_so_and_the_others_are_not(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let meeting = arrange(&coordinator, service, &case, "review", 20).await.is(303).location().unwrap();
        put_down(&coordinator, &meeting, &CHAIR).await.is(303);
        put_down(&coordinator, &meeting, &[("name", "Sample Nurse"), ("role", "Health visitor"), ("email", "nurse@cdr.example")]).await.is(303);
        coordinator.submit(&coordinator.get(&meeting).await.is(200).form_with("Send invitations")).await.is(303);
        let id = meeting.rsplit('/').next().unwrap().to_owned();
        let nurse = service.read(|conn| Ok(meetings::people_of(conn, &id)?)).remove(1);
        let version = one(service, &case).version.to_string();
        coordinator.post(&meeting, &[("do", "remove"), ("person", nurse.id.as_str()), ("version", version.as_str())]).await.is(303);
        let told = service.mail_to("nurse@cdr.example");
        assert!(told.body.contains("takes place without you") && !told.body.contains("does not take place"));
        assert_eq!(service.mails().iter().filter(|m| m.recipient == "chair@cdr.example").count(), 1);
        coordinator.get(&meeting).await.is(200).never_says("Told of an earlier time").never_says("Sample Nurse");
    }

    async fn a_meeting_that_something_holds_back_needs_a_reason_and_an_ended_case_has_none(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let add = format!("/cases/{}/processes/add", case.reference);
        let mut form = coordinator.get(&format!("{add}?kind=post_mortem")).await.is(200).form_to(&add);
        form.date("began_on", "30 3 2026");
        coordinator.submit(&form).await.is(303);
        let meeting = arrange(&coordinator, service, &case, "review", 0).await.is(303).location().unwrap();
        put_down(&coordinator, &meeting, &CHAIR).await.is(303);
        let path = format!("{meeting}/minutes");
        let mut form = coordinator.get(&path).await.is(200).form_to(&path);
        let person = service.read(|conn| Ok(meetings::people_of(conn, &one(service, &case).id)?)).remove(0).id;
        form.set(&format!("attendance-{person}"), "attended");
        coordinator.submit(form.clone().press("Save and record that it was held")).await.is(422)
            .faults("Something beside the review holds the meeting back. Say why it was held all the same", "#reason");
        form.set("reason", "The report came by telephone.");
        coordinator.submit(form.press("Save and record that it was held")).await.is(303);
        given::transferred(service, &given::find(service, &case.reference));
        let path = format!("/cases/{}/meetings/new/review", case.reference);
        let mut form = coordinator.get(&path).await.is(200).form_to(&path);
        when(&mut form, service, 5);
        form.set("time", "10:00").set("place", "Sample room");
        coordinator.submit(&form).await.is(422).says("has ended");
    }

    async fn only_those_who_read_the_case_see_its_meetings(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let meeting = arrange(&coordinator, service, &case, "review", 5).await.is(303).location().unwrap();
        coordinator.get("/meetings").await.is(200).says(&case.reference);
        let lead = service.signed_in(Role::JarLead).await;
        lead.get("/meetings").await.is(200).never_says(&case.reference);
        lead.get(&meeting).await.is(404);
        lead.post(&meeting, &[("do", "sign"), ("version", "1")]).await.is(404);
        for role in [Role::KeyWorker, Role::Administrator, Role::Executive] {
            let other = service.signed_in(role).await;
            assert!(matches!(other.get(&meeting).await.status, 403 | 404), "{role:?}");
            other.get("/meetings").await.is(403);
        }
    }
}

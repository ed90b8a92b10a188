//! Signatures of a chair: which of them the closing of a case counts, what an attendance or an interest that was put right does
//! to them, and who signs when the chair cannot.

use cdr::casework::panels as work;
use cdr::casework::review;
use cdr::domain::actor::Role;
use cdr::domain::panel::Interest;
use cdr::store::cases::Case;
use cdr::store::meetings;
use cdr::store::panels::{self as store, Signed};
use chrono::Duration;

use super::learning::{decided, finalised};
use super::panels::{
    ALL_THERE, arrange, fill, id_of, list, members, person, put_down, signs, sitting, there,
};
use super::support::journey::{a_gathered_case, analyse, finalise};
use super::support::{Browser, Form, Sample, Service, given};
use crate::both_engines;

fn signed(service: &Service, case: &Case) -> Vec<Signed> {
    service.read(|conn| Ok(store::signed_of(conn, &case.id)?))
}

/// What is said to whoever closes the case now.
async fn closes(coordinator: &Browser, case: &Case) -> String {
    let path = format!("/cases/{}/move", case.reference);
    let close = [("move", "close"), ("reason", "")];
    coordinator.post(&path, &close).await.is(422).words()
}

const UNSIGNED: &str = "The analysis is not signed, or not as it stands now";

/// The form by which the coordinator lets somebody chair or sign.
async fn hands_over(coordinator: &Browser, service: &Service, room: &str, to: &str) -> Form {
    let (panel, item) = room.split_once("/room/").unwrap();
    let row = person(service, panel, to);
    let page = coordinator
        .get(&format!("{panel}/items/{item}"))
        .await
        .is(200);
    let mut all = page.forms().into_iter();
    all.find(|form| {
        form.has("person") && form.value("do") == "hand_over" && form.value("person") == row
    })
    .unwrap_or_else(|| panic!("nobody lets {to} sign"))
}

fn declare(service: &Service, room: &str, email: &str, interest: Interest) {
    let (panel, item) = room.split_once("/room/").unwrap();
    let (row, panel, item) = (person(service, panel, email), id_of(panel), item.to_owned());
    let done = service.write(Service::coordinator(), move |tx, ctx| {
        work::declare(tx, ctx, (&panel, &item), Some(&row), Some(interest))
    });
    done.unwrap();
}

both_engines! {
    async fn what_was_signed_while_it_was_provisional_closes_nothing_and_is_signed_anew(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let reference = a_gathered_case(service, &coordinator, 1).await;
        let case = given::find(service, &reference);
        let (panel, room) = sitting(service, &coordinator, &case, &members(service)).await;
        there(&coordinator, service, &panel, &ALL_THERE).await;
        let chair = service.signed_in_as("chair@cdr.example");
        analyse(&coordinator, &reference, &Sample::analysis()).await;
        let mut decide = chair.get(&room).await.is(200).form_with("Record the decision");
        decide.set("decision", "provisional").set("reason", "The inquest is still to come.");
        chair.submit(&decide).await.is(303);
        signs(&chair, &room).await;
        let form = chair.get(&room).await.is(200).form_with("Sign the analysis");
        chair.submit(&form).await.is(422).says("This analysis is signed already.");
        // The inquest ends, and the coordinator goes on with the analysis.
        service.pass(Duration::minutes(5));
        let path = format!("/cases/{reference}/analysis/cause");
        let mut typed = coordinator.get(&path).await.is(200).form_to(&path);
        coordinator.submit(typed.set("cause_as_understood", "What the inquest found.")).await.is(303);
        coordinator.get(&format!("/cases/{reference}/finalise")).await.is(200).says("has not signed the analysis as it stands");
        finalise(&coordinator, &reference).await;
        finalised(service, &given::find(service, &reference));
        assert!(closes(&coordinator, &case).await.contains(UNSIGNED));
        // The room was shut for the chair with the first signature, and is open to them for the second.
        service.pass(Duration::days(15));
        let (coordinator, chair) = (service.signed_in_as("coordinator@cdr.example"), service.signed_in_as("chair@cdr.example"));
        signs(&chair, &room).await;
        let all = signed(service, &case);
        assert_eq!(all.iter().map(|one| one.number).collect::<Vec<_>>(), [1, 2]);
        assert!(!all[0].answers.contains("What the inquest found.") && all[1].answers.contains("What the inquest found."));
        let said = closes(&coordinator, &case).await;
        assert!(!said.contains(UNSIGNED), "{said}");
        chair.get(&room).await.is(422).says("was shut on");
    }

    async fn a_provisional_analysis_that_nobody_changed_is_still_signed_as_that_of_a_complete_review(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let case = given::case(service, 1);
        let (panel, room) = sitting(service, &coordinator, &case, &members(service)).await;
        there(&coordinator, service, &panel, &ALL_THERE).await;
        let chair = service.signed_in_as("chair@cdr.example");
        for (section, pair) in [("category", ("categories_all", "5")), ("modifiability", ("modifiable", "none"))] {
            fill(&coordinator, &room, section, &[pair]).await.is(303);
        }
        let mut decide = chair.get(&room).await.is(200).form_with("Record the decision");
        chair.submit(decide.set("decision", "provisional").set("reason", "One report is to come.")).await.is(303);
        signs(&chair, &room).await;
        service.pass(Duration::minutes(5));
        let (id, of) = (case.id.clone(), case.reference.clone());
        service.write(Service::coordinator(), move |tx, ctx| {
            cdr::casework::triage::move_case(tx, ctx, &of, cdr::domain::case::Move::RecordComplete, "The report came.")
        }).unwrap();
        let path = format!("/cases/{}/analysis/cause", case.reference);
        let stale = coordinator.get(&path).await.is(200).form_to(&path);
        signs(&chair, &room).await;
        assert_eq!(signed(service, &case).len(), 2);
        // From then on it stays as it was signed, whoever fills it in.
        coordinator.submit(&stale).await.is(422).says("The chair of the panel signed this analysis");
        let version = |service: &Service| service.read(|conn| Ok(cdr::store::records::get(conn, &id, "analysis")?)).unwrap().version;
        let before = version(service);
        let outcome = format!("/cases/{}/family/outcome", case.reference);
        let day = cdr::domain::calendar::london(service.now()).format("%-d %-m %Y").to_string();
        let mut told = coordinator.get(&format!("/cases/{}/family", case.reference)).await.is(200).form_to(&outcome);
        coordinator.submit(told.set("told", "yes").date("told_on", &day)).await.is(303);
        assert_eq!(version(service), before);
    }

    async fn a_reopened_case_is_signed_when_its_review_is_complete_again(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let case = given::case(service, 1);
        let (panel, room) = sitting(service, &coordinator, &case, &members(service)).await;
        let chair = service.signed_in_as("chair@cdr.example");
        decided(service, &coordinator, &chair, (&panel, &room)).await;
        signs(&chair, &room).await;
        let of = case.reference.clone();
        service.write(Service::coordinator(), move |tx, ctx| review::reopen(tx, ctx, &of, "A genetic result came.")).unwrap();
        service.pass(Duration::minutes(5));
        let form = chair.get(&room).await.is(200).form_with("Sign the analysis");
        chair.submit(&form).await.is(422).says("The case has gone on since this panel decided.");
        assert_eq!(signed(service, &case).len(), 1);
        let path = format!("/cases/{}/analysis/cause", case.reference);
        let mut typed = coordinator.get(&path).await.is(200).form_to(&path);
        coordinator.submit(typed.set("cause_as_understood", "What the result says.")).await.is(303);
        finalised(service, &given::find(service, &case.reference));
        assert!(closes(&coordinator, &case).await.contains(UNSIGNED));
        signs(&chair, &room).await;
        assert!(!closes(&coordinator, &case).await.contains(UNSIGNED));
        assert!(signed(service, &case)[1].answers.contains("What the result says."));
    }

    async fn a_panel_that_turns_out_not_to_have_been_quorate_signs_nothing(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let case = given::case(service, 1);
        let mut who = members(service);
        who.push((service.add_user("lay@cdr.example", Role::PanelMember), "housing"));
        let (panel, room) = sitting(service, &coordinator, &case, &who).await;
        let chair = service.signed_in_as("chair@cdr.example");
        decided(service, &coordinator, &chair, (&panel, &room)).await;
        declare(service, &room, "social@cdr.example", Interest::Professional);
        let read = chair.get(&room).await.is(200).form_with("Sign the analysis");
        chair.submit(&read).await.is(422).says("was not quorate for this case, so its analysis is not signed").says("from a local authority");
        let base = format!("/cases/{}/analysis", case.reference);
        coordinator.get(&base).await.is(200).says("Quorate for this case.").never_says("Not quorate");
        declare(service, &room, "social@cdr.example", Interest::None);
        // What was put right besides stands in the analysis first, and is read before it is signed.
        there(&coordinator, service, &panel, &[("lay@cdr.example", "attended")]).await;
        declare(service, &room, "lay@cdr.example", Interest::Professional);
        let page = chair.submit(&read).await.is(409).says("nothing was signed");
        assert!(signed(service, &case).is_empty());
        coordinator.get(&base).await.is(200).says("was involved professionally");
        chair.submit(&page.form_with("Sign the analysis")).await.is(303);
        assert!(signed(service, &case)[0].answers.contains("was involved professionally"));
    }

    async fn somebody_who_was_there_signs_in_the_place_of_a_chair_who_cannot(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let case = given::case(service, 1);
        let mut who = members(service);
        who.push((service.add_user("lay@cdr.example", Role::PanelMember), "housing"));
        let (panel, room) = sitting(service, &coordinator, &case, &who).await;
        let (chair, doctor) = (service.signed_in_as("chair@cdr.example"), service.signed_in_as("doctor@cdr.example"));
        decided(service, &coordinator, &chair, (&panel, &room)).await;
        doctor.get(&room).await.is(404);
        // Who was not there signs nothing.
        let item = room.replace("/room/", "/items/");
        let mut form = hands_over(&coordinator, service, &room, "doctor@cdr.example").await;
        let lay = person(service, &panel, "lay@cdr.example");
        let doctor_row = form.value("person");
        coordinator.submit(form.set("person", &lay)).await.is(422).says("Choose somebody who was there");
        coordinator.submit(form.set("person", &doctor_row)).await.is(303);
        coordinator.get(&item).await.is(200).says("signs in the place of the chair").says("chaired this case").says("Quorate for this case.");
        chair.post(&room, &[("do", "sign"), ("version", "1"), ("analysis", "1")]).await.is(404);
        signs(&doctor, &room).await;
        let one = signed(service, &case).remove(0);
        assert!(one.signed_by.contains("doctor") || one.signed_by.contains("Panel member"), "{}", one.signed_by);
        assert!(one.answers.contains("\"panel_chair\":\"Sample Panel chair\""), "who chaired it still did: {}", one.answers);
        let version = service.read(|conn| Ok(store::get(conn, &id_of(&room))?)).unwrap().version.to_string();
        coordinator.post(&item, &[("do", "hand_over"), ("person", &lay), ("version", &version)]).await.is(422).says("This analysis is signed already.");
        coordinator.get(&item).await.is(200).never_says("Let Sample");
    }

    async fn a_personal_interest_recorded_before_there_was_an_account_holds_for_the_account(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let (case, other) = (given::case(service, 1), given::case(service, 2));
        let first = arrange(&coordinator, service, 30).await;
        let mut form = coordinator.get(&first).await.is(200).form_with("Put down");
        form.set("name", "Sample Late").set("role", "Lay member").set("email", "Late@cdr.example");
        coordinator.submit(&form).await.is(303);
        let (item, _) = list(service, &first, &case);
        declare(service, &format!("{first}/room/{}", item.id), "Late@cdr.example", Interest::Personal);
        let (panel, of) = (id_of(&first), item.id.clone());
        service.write(Service::coordinator(), move |tx, ctx| work::take_off(tx, ctx, (&panel, &of, 1), "For another panel.")).unwrap();

        let id = service.add_user("late@cdr.example", Role::PanelMember);
        let second = arrange(&coordinator, service, 20).await;
        put_down(&coordinator, &second, &[(&id, "housing")]).await.is(303);
        let (item, address) = list(service, &second, &case);
        let (kept, _) = list(service, &second, &other);
        let member = service.signed_in_as("late@cdr.example");
        member.get(&second).await.is(200).says(&kept.pack_number).never_says(&item.pack_number);
        member.get(&address).await.is(404);
        let ctx = service.context(Service::coordinator());
        let row = service.read(|conn| Ok(meetings::get(conn, &item.meeting_id)?)).unwrap();
        let people = service.read(|conn| work::at_item(conn, &ctx, &row, &item));
        assert_eq!(people[0].interest, Some(Interest::Personal));
    }
}

//! Interests: what a member declares, what that shuts, and who is told of it.

use cdr::casework::panels as work;
use cdr::casework::people;
use cdr::domain::actor::{Actor, Role};
use cdr::domain::calendar::london;
use cdr::store::meetings;
use cdr::store::panels::Item;
use chrono::Duration;

use super::{arrange, id_of, list, now, panel, person, put_down};
use crate::both_engines;
use crate::support::{Service, given};

both_engines! {
    async fn a_personal_interest_holds_whatever_role_somebody_has_later(service) {
        use cdr::store::schema::users;
        use diesel::prelude::*;
        let coordinator = service.signed_in(Role::Coordinator).await;
        let (case, other) = (given::case(service, 1), given::case(service, 2));
        let (panel, [doctor, ..]) = panel(service, &coordinator).await;
        let (item, address) = list(service, &panel, &case);
        let (kept, _) = list(service, &panel, &other);
        let mut form = doctor.get(&address).await.is(200).form_with("Declare");
        doctor.submit(form.set("interest", "personal")).await.is(303);
        for role in ["designated_doctor", "coordinator"] {
            let conn = &mut service.database.conn();
            let id = service.read(|conn| Ok(cdr::store::accounts::by_email(conn, "doctor@cdr.example")?)).unwrap().id;
            diesel::update(users::table.find(&id)).set(users::role.eq(role)).execute(conn).unwrap();
            let page = doctor.get(&panel).await.is(200).says(&kept.pack_number).never_says(&item.pack_number);
            assert!(!page.text.contains(&case.reference));
            doctor.get(&address).await.is(404);
            doctor.post(&address, &[("do", "take_off"), ("reason", "Not wanted here."), ("version", "1")]).await.is(if role == "coordinator" { 404 } else { 403 });
            doctor.get(&format!("{}/minutes.docx", panel.replace("/panels/", "/meetings/"))).await.is(422).says("You have a personal interest");
        }
        assert_eq!(now(service, &item.id).state, "listed");
    }

    async fn a_personal_interest_leaves_no_trace_and_the_quorum_falls(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let (panel, [doctor, social, chair]) = panel(service, &coordinator).await;
        let (case, kept) = (given::case(service, 1), given::case(service, 2));
        let ((item, address), (other, _)) = (list(service, &panel, &case), list(service, &panel, &kept));
        doctor.get(&panel).await.is(200).says(&item.pack_number).says(&other.pack_number).never_says(&case.reference).never_says("Testfamily").never_says("09:10");
        coordinator.get(&address).await.is(200).says("Quorate for this case.").says("not declared yet");
        let form = doctor.get(&address).await.is(200).never_says("Testfamily").never_says(&case.reference).form_with("Declare");
        doctor.submit(&form).await.is(422).faults("Choose what the interest is, or that there is none", "#interest");
        doctor.submit(form.clone().set("interest", "personal")).await.is(303);
        let page = doctor.get(&panel).await.is(200).never_says(&item.pack_number).says(&other.pack_number);
        assert_eq!(page.links().iter().filter(|(_, to)| to.contains("/items/")).count(), 1);
        assert_eq!(doctor.get(&address).await.status, doctor.get(&format!("{panel}/items/nothing")).await.status);
        doctor.get(&address).await.is(404);
        doctor.submit(&form).await.is(404);
        doctor.get(&format!("/cases/{}", case.reference)).await.is(403);
        doctor.get("/meetings").await.is(200).never_says(&item.pack_number);
        coordinator.get(&address).await.is(200).says("Not quorate for this case").says("A lead professional from health without an interest").says("Interest: Personal");
        social.get(&address).await.is(200).never_says("Personal interest of").never_says("Sample Panel member, ");

        // At another panel it still is personal.
        let mut defer = coordinator.get(&address).await.form_with("Put it off");
        let day = london(service.now() + Duration::days(60));
        defer.set("deferral", "conflict").date("next", &day.format("%-d %-m %Y").to_string());
        coordinator.submit(&defer).await.is(303);
        doctor.get(&panel).await.is(200).never_says(&item.pack_number);
        let later = arrange(&coordinator, service, 80).await;
        let ids: Vec<String> = ["doctor@cdr.example", "social@cdr.example"].map(|email| service.read(|conn| Ok(cdr::store::accounts::by_email(conn, email)?)).unwrap().id).into();
        put_down(&coordinator, &later, &[(&ids[0], "hospital_paeds"), (&ids[1], "social_care")]).await.is(303);
        let (again, address) = list(service, &later, &case);
        doctor.get(&later).await.is(200).never_says(&again.pack_number).says("No case is on the list for you");
        doctor.get(&address).await.is(404);
        social.get(&later).await.is(200).says(&again.pack_number);
        chair.get(&later).await.is(404);
    }

    async fn a_professional_interest_reads_on_and_a_conflicted_chair_hands_over(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let (panel, [doctor, social, chair]) = panel(service, &coordinator).await;
        let case = given::case(service, 1);
        let (_, address) = list(service, &panel, &case);
        for (browser, interest) in [(&doctor, "none"), (&social, "professional"), (&chair, "line_managed")] {
            let mut form = browser.get(&address).await.is(200).form_with("Declare");
            browser.submit(form.set("interest", interest)).await.is(303);
            browser.get(&address).await.is(200);
        }
        let page = coordinator.get(&address).await.is(200).says("Another person has to chair this case.").says("A lead professional from a local authority").says("A chair without an interest");
        let social_row = person(service, &panel, "social@cdr.example");
        doctor.post(&address, &[("do", "judge"), ("person", &social_row), ("stays", "yes"), ("version", "1")]).await.is(404);
        chair.post(&address, &[("do", "judge"), ("person", &social_row), ("stays", "yes"), ("version", "1")]).await.is(404);
        assert!(!page.text.contains("Let Sample Panel chair chair"));
        let doctor_row = person(service, &panel, "doctor@cdr.example");
        let version = now(service, &id_of(&address)).version.to_string();
        let chair_row = person(service, &panel, "chair@cdr.example");
        coordinator.post(&address, &[("do", "hand_over"), ("person", &chair_row), ("version", &version)]).await.is(422).says("Whoever has an interest in a case does not chair it");
        coordinator.post(&address, &[("do", "hand_over"), ("person", &doctor_row), ("version", &version)]).await.is(303);
        doctor.get(&address).await.is(200).says("chairs this case").never_says("Testfamily");
        doctor.post(&address, &[("do", "judge"), ("person", &social_row), ("stays", "no"), ("version", "1")]).await.is(303);
        social.get(&address).await.is(200).says("The chair decided that you leave for this case");
        let mut back = social.get(&address).await.form_with("Declare");
        social.submit(back.set("interest", "none")).await.is(422).says("The chair decided on what you declared.");
        social.get(&address).await.is(200).says("The chair decided that you leave for this case");
        coordinator.get(&address).await.is(200).says("Leaves for this case, recorded by Sample Panel member");
        chair.post(&address, &[("do", "take_off"), ("reason", "x"), ("version", &version)]).await.is(403);
    }

    async fn a_personal_interest_holds_for_the_case_that_is_read_with_it_since(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let (panel, [doctor, ..]) = panel(service, &coordinator).await;
        let (case, other) = (given::case(service, 1), given::case(service, 2));
        let (_, address) = list(service, &panel, &case);
        let mut form = doctor.get(&address).await.form_with("Declare");
        doctor.submit(form.set("interest", "personal")).await.is(303);
        let mut off = coordinator.get(&address).await.form_with("Take it off the list");
        coordinator.submit(off.set("reason", "The same child as another.").press("Take it off the list")).await.is(303);
        let row = cdr::store::merges::Merge {
            id: "m-1".into(), case_id: case.id.clone(), into_id: other.id.clone(), state_before: "gathering".into(),
            since: service.now().naive_utc(), merged_by: "Sample".into(), reason: "The same child.".into(),
            kept: None,
        };
        service.write(Service::coordinator(), move |tx, _| { tx.unchanged(); Ok(cdr::store::merges::insert(tx, &row)?) }).unwrap();
        let (again, address) = list(service, &panel, &other);
        doctor.get(&address).await.is(404);
        doctor.get(&panel).await.is(200).never_says(&again.pack_number);
    }

    async fn whose_organisation_answered_is_told_by_the_organisation_and_over_merged_cases(service) {
        use cdr::casework::gather::{self, NewRequest};
        let coordinator = service.signed_in(Role::Coordinator).await;
        let (case, under, other) = (given::case(service, 1), given::case(service, 2), given::case(service, 3));
        for (at, agency, organisation) in [(&case, "social_care", Some("E06000035")), (&under, "police", None)] {
            let new = NewRequest {
                agency: agency.into(), recipient: "Sample Somebody".into(), organisation: organisation.map(str::to_owned),
                email: format!("{agency}@cdr.example"), forms: vec!["reporting".into()], ..NewRequest::default()
            };
            let reference = at.reference.clone();
            let ids = service.write(Service::coordinator(), move |tx, ctx| gather::send_requests(tx, ctx, &reference, &[new])).unwrap();
            let mut row = given::request_now(service, &ids[0]);
            row.state = "accepted".into();
            service.write(Service::coordinator(), move |tx, _| { tx.unchanged(); cdr::store::requests::save(tx, &row)?; Ok(()) }).unwrap();
        }
        crate::merge::under(service, &under, &case);
        let id = service.add_user("housing@cdr.example", Role::PanelMember);
        let user = service.read(|conn| Ok(cdr::store::accounts::by_id(conn, &id)?)).unwrap();
        let change = people::Change { role: Role::PanelMember, organisation: Some("E06000035".into()), active: true, version: user.version };
        service.write(Actor::operator(), move |tx, ctx| people::change(tx, ctx, &user.id, &change)).unwrap();
        let police = service.add_user("police@cdr.example", Role::PanelMember);
        let lay = service.add_user("lay@cdr.example", Role::PanelMember);
        let panel = arrange(&coordinator, service, 40).await;
        put_down(&coordinator, &panel, &[(&id, "housing"), (&police, "police"), (&lay, "education")]).await.is(303);
        let flagged = |item: &Item| {
            let ctx = service.context(Service::coordinator());
            let row = service.read(|conn| Ok(meetings::get(conn, &item.meeting_id)?)).unwrap();
            let all = service.read(|conn| work::at_item(conn, &ctx, &row, item));
            let mut answered: Vec<String> = all.into_iter().filter(|p| p.answered).filter_map(|p| p.person.agency).collect();
            answered.sort();
            answered
        };
        let (item, address) = list(service, &panel, &case);
        assert_eq!(flagged(&item), ["housing", "police"]);
        coordinator.get(&address).await.is(200).says("Police");
        assert!(flagged(&list(service, &panel, &other).0).is_empty());
        // Whoever contributed to either is thanked when the case is closed.
        let ctx = service.context(Service::coordinator());
        let thanked = service.read(|conn| cdr::casework::learning::contributors(conn, &ctx, &case));
        let thanked: Vec<&str> = thanked.iter().map(|one| one.email.as_str()).collect();
        assert_eq!(thanked, ["police@cdr.example", "sample.notifier@nhs.net", "social_care@cdr.example"]);
    }
}

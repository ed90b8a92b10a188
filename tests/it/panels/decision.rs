//! What a panel decides and signs: with which quorum, by whom, and until when it can be read.

use cdr::casework::panels as work;
use cdr::casework::review;
use cdr::domain::actor::Role;
use cdr::store::panels as store;
use chrono::Duration;

use super::{
    ALL_THERE, arrange, decides, fill, id_of, list, members, now, panel, put_down, sitting, there,
};
use crate::both_engines;
use crate::support::{Service, given};

both_engines! {
    async fn what_is_before_a_panel_ends_for_its_members_and_for_the_chair_with_the_signature(service) {
        let (coordinator, case) = (service.signed_in(Role::Coordinator).await, given::case(service, 1));
        let who = members(service);
        let (panel, room) = sitting(service, &coordinator, &case, &who).await;
        let item = room.replace("/room/", "/items/");
        there(&coordinator, service, &panel, &ALL_THERE).await;
        let chair = service.signed_in_as("chair@cdr.example");
        fill(&chair, &room, "category", &[("categories_all", "5")]).await.is(303);
        fill(&chair, &room, "modifiability", &[("modifiable", "none")]).await.is(303);
        decides(&chair, &room).await;
        service.pass(Duration::days(14));
        service.signed_in_as("doctor@cdr.example").get(&item).await.is(200);
        service.pass(Duration::days(1));
        let (doctor, chair) = (service.signed_in_as("doctor@cdr.example"), service.signed_in_as("chair@cdr.example"));
        doctor.get(&item).await.is(422).says("What was before this panel was shut on").never_says("Sample room");
        service.signed_in(Role::PanelMember).await.get(&item).await.is(404);
        let page = chair.get(&room).await.is(200);
        chair.submit(&page.form_with("Sign the analysis")).await.is(303);
        for path in [&item, &room] {
            chair.get(path).await.is(422).says("was shut on");
        }
        service.signed_in_as("coordinator@cdr.example").get(&item).await.is(200);
        // Listed again, it is open again.
        let reference = case.reference.clone();
        service.write(Service::coordinator(), move |tx, ctx| review::reopen(tx, ctx, &reference, "A genetic result came.")).unwrap();
        let coordinator = service.signed_in_as("coordinator@cdr.example");
        let (_, room) = sitting(service, &coordinator, &case, &who).await;
        doctor.get(&room.replace("/room/", "/items/")).await.is(200);
    }

    async fn the_panel_decides_when_it_is_quorate_and_the_chair_signs_each_version(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let case = given::case(service, 1);
        let who = members(service);
        let (panel, room) = sitting(service, &coordinator, &case, &who).await;
        let (doctor, chair) = (service.signed_in_as("doctor@cdr.example"), service.signed_in_as("chair@cdr.example"));
        let mut decide = chair.get(&room).await.is(200).form_with("Record the decision");
        chair.submit(&decide).await.is(422).says("Choose what the panel decided");
        decide.set("decision", "complete");
        chair.submit(&decide).await.is(422).says("Record who is there first");
        there(&coordinator, service, &panel, &[("doctor@cdr.example", "attended"), ("chair@cdr.example", "attended"), ("social@cdr.example", "apologies")]).await;
        chair.submit(&decide).await.is(422).says("not quorate for this case").says("from a local authority");
        there(&coordinator, service, &panel, &ALL_THERE).await;
        doctor.post(&room, &[("do", "decide"), ("decision", "complete"), ("version", "1")]).await.is(404);
        fill(&chair, &room, "category", &[("categories_all", "5")]).await.is(303);
        chair.submit(&decide).await.is(303);
        chair.submit(&decide).await.is(409);
        assert_eq!(given::find(service, &case.reference).state, "panel_complete");
        let path = format!("{room}/category");
        let version = now(service, &id_of(&room)).version.to_string();
        chair.get(&room).await.is(200).says("Signature of the chair");
        let opened = chair.get(&room).await.form_with("Sign the analysis");
        let analysis = opened.value("analysis");
        let sign = [("do", "sign"), ("version", version.as_str()), ("analysis", analysis.as_str())];
        chair.post(&room, &sign).await.is(422).says("says nothing on what could have been otherwise");
        let mut late = chair.get(&path).await.is(200).form_to(&path);
        chair.submit(late.set("categories_all", "9")).await.is(422).says("The panel has decided on this case.");
        let base = format!("/cases/{}/analysis/modifiability", case.reference);
        let mut form = coordinator.get(&base).await.is(200).form_to(&base);
        coordinator.submit(form.set("modifiable", "none")).await.is(303);
        doctor.post(&room, &sign).await.is(404);
        coordinator.post(&room, &sign).await.is(403);
        // What the chair had open was changed by then: it is shown as it stands now, and signed when it was read.
        let page = chair.submit(&opened).await.is(409).says("nothing was signed").says("No modifiable factors identified");
        assert!(service.read(|conn| Ok(store::signed_of(conn, &case.id)?)).is_empty());
        let read = page.form_with("Sign the analysis");
        let analysis = read.value("analysis");
        let sign = [("do", "sign"), ("version", version.as_str()), ("analysis", analysis.as_str())];
        chair.submit(&read).await.is(303);
        chair.post(&room, &sign).await.is(422).says("This analysis is signed already.");
        coordinator.get(&format!("/cases/{}/analysis", case.reference)).await.is(200).says("Version 1").says("signed by Sample Panel chair");
        let first = format!("/cases/{}/analysis/signed/1", case.reference);
        coordinator.get(&first).await.is(200).says("Nothing has changed since.");
        for role in [Role::JarLead, Role::PanelMember, Role::Administrator] {
            let other = service.signed_in(role).await;
            other.get(&first).await.is(403);
        }

        let reference = case.reference.clone();
        service.write(Service::coordinator(), move |tx, ctx| review::reopen(tx, ctx, &reference, "A genetic result came.")).unwrap();
        let (panel, room) = sitting(service, &coordinator, &case, &who).await;
        there(&coordinator, service, &panel, &ALL_THERE).await;
        fill(&chair, &room, "category", &[("categories_all", "7")]).await.is(303);
        coordinator.get(&first).await.is(200).says("Changed");
        decides(&chair, &room).await;
        chair.submit(&chair.get(&room).await.form_with("Sign the analysis")).await.is(303);
        coordinator.get(&format!("/cases/{}/analysis", case.reference)).await.is(200).says("Version 1").says("Version 2").says("What stands now differs in");
        let versions = service.read(|conn| Ok(store::signed_of(conn, &case.id)?));
        assert_eq!(versions.iter().map(|v| v.number).collect::<Vec<_>>(), [1, 2]);
        assert!(!versions[0].answers.contains("\"7\"") && versions[1].answers.contains("\"7\""), "the old one stays as it was");
    }

    async fn the_chair_declares_first_and_runs_the_case_from_the_day_members_read(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let (panel, [doctor, _, chair]) = panel(service, &coordinator).await;
        let case = given::case(service, 1);
        let (item, address) = list(service, &panel, &case);
        let room = format!("{panel}/room/{}", item.id);
        chair.get(&address).await.is(200).never_says("Open this case in the room");
        for path in [room.clone(), format!("{room}/category"), room.replace("/room/", "/screen/")] {
            chair.get(&path).await.is(422).says("Declare first");
        }
        let section = [("categories_all", "5"), ("version", "0")];
        chair.post(&format!("{room}/category"), &section).await.is(422).says("Declare first");
        let mut form = chair.get(&address).await.form_with("Declare");
        chair.submit(form.set("interest", "none")).await.is(303);
        chair.get(&room).await.is(422).says("This case opens to you on");
        coordinator.get(&room).await.is(200);
        doctor.get(&room).await.is(404);
        service.pass(Duration::days(13));
        let chair = service.signed_in_as("chair@cdr.example");
        chair.get(&room).await.is(200);
    }

    async fn who_declared_nothing_and_a_chair_of_no_agency_make_no_quorum(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let case = given::case(service, 1);
        let who = members(service);
        let panel = arrange(&coordinator, service, 0).await;
        let nowhere: Vec<(&str, &str)> = who.iter().map(|(id, _)| (id.as_str(), "")).collect();
        put_down(&coordinator, &panel, &nowhere).await.is(422).faults("Tick who is to come, each with an agency from the list", "#member");
        let pairs: Vec<(&str, &str)> = who.iter().map(|(id, agency)| (id.as_str(), *agency)).collect();
        put_down(&coordinator, &panel, &pairs).await.is(303);
        let (item, address) = list(service, &panel, &case);
        coordinator.get(&address).await.is(200).never_says("Record that nobody else has an interest");
        there(&coordinator, service, &panel, &ALL_THERE).await;
        let room = format!("{panel}/room/{}", item.id);
        let mut decide = coordinator.get(&room).await.is(200).form_with("Record the decision");
        decide.set("decision", "complete");
        coordinator.submit(&decide).await.is(422).says("not quorate").says("Who has declared nothing yet does not count");
        let doctor = service.signed_in_as("doctor@cdr.example");
        doctor.post(&address, &[("do", "rest"), ("version", "1")]).await.is(403);
        coordinator.submit(&coordinator.get(&address).await.is(200).form_with("Record that nobody else has an interest")).await.is(303);
        coordinator.get(&address).await.is(200).never_says("not declared yet").never_says("Record that nobody else has an interest").says("Quorate for this case.");
        let version = now(service, &item.id).version.to_string();
        coordinator.submit(decide.set("version", &version)).await.is(303);
    }

    async fn apologies_sent_beforehand_are_one_person_fewer_and_no_more(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let (panel, _) = panel(service, &coordinator).await;
        let (_, address) = list(service, &panel, &given::case(service, 1));
        let extra = service.add_user("lay@cdr.example", Role::PanelMember);
        put_down(&coordinator, &panel, &[(&extra, "gp")]).await.is(303);
        coordinator.get(&address).await.is(200).says("Quorate for this case.");
        there(&coordinator, service, &panel, &[("lay@cdr.example", "apologies")]).await;
        coordinator.get(&address).await.is(200).says("Quorate for this case.");
        there(&coordinator, service, &panel, &[("social@cdr.example", "apologies")]).await;
        coordinator.get(&address).await.is(200).says("Not quorate for this case").says("A lead professional from a local authority");
    }

    async fn two_chairs_who_sign_at_one_moment_make_one_version(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let case = given::case(service, 1);
        let who = members(service);
        let (panel, room) = sitting(service, &coordinator, &case, &who).await;
        there(&coordinator, service, &panel, &ALL_THERE).await;
        for (section, pair) in [("category", ("categories_all", "5")), ("modifiability", ("modifiable", "none"))] {
            fill(&coordinator, &room, section, &[pair]).await.is(303);
        }
        decides(&coordinator, &room).await;
        let user = service.read(|conn| Ok(cdr::store::accounts::by_email(conn, "chair@cdr.example")?)).unwrap();
        let version = now(service, &id_of(&room)).version;
        let analysis = service.read(|conn| Ok(cdr::store::records::get(conn, &case.id, "analysis")?)).unwrap().version;
        let both: Vec<_> = (0..8).map(|_| {
            let (db, of, item) = (service.app.db.clone(), id_of(&panel), id_of(&room));
            let ctx = service.context(cdr::domain::actor::Actor::staff(&user.id, &user.name, Role::PanelChair, None));
            std::thread::spawn(move || db.write(move |tx| work::sign(tx, &ctx, (&of, &item, version), analysis)).map_err(|e: cdr::casework::Error| format!("{e:?}")))
        }).collect();
        let done: Vec<_> = both.into_iter().map(|t| t.join().unwrap()).collect();
        assert_eq!(done.iter().filter(|d| d.is_ok()).count(), 1, "{done:?}");
        assert!(done.iter().filter_map(|d| d.as_ref().err()).all(|e| e.contains("signed already")), "{done:?}");
        let signed = service.read(|conn| Ok(store::signed_of(conn, &case.id)?));
        assert_eq!(signed.len(), 1);
    }
}

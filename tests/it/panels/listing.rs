//! Arranging a panel and listing cases for it.

use cdr::casework::Error;
use cdr::casework::panels::{self as work, Listing};
use cdr::domain::actor::Role;
use cdr::domain::calendar::london;
use cdr::store::{meetings, processes};
use chrono::Duration;

use super::{arrange, id_of, list, listed, panel, put_down, waived, when};
use crate::both_engines;
use crate::support::{Service, given};

both_engines! {
    async fn a_case_is_listed_when_it_is_ready_and_moves_with_its_item(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let (case, panel) = (given::case(service, 1), arrange(&coordinator, service, 40).await);
        let path = format!("{panel}/list");
        coordinator.get(&format!("{path}?reference=KM-2026-9999")).await.is(422).faults("There is no case with this reference", "#reference");
        let page = coordinator.get(&format!("{path}?reference={}", case.reference)).await.is(200)
            .says("Not asked for yet").says("The review meeting was not held.").says("Proposed: Expected and palliative. The death was expected.");
        let mut form = page.form_with("List the case");
        coordinator.submit(&form).await.is(422).says("The case is not ready. The review meeting was not held.");
        assert_eq!(given::find(service, &case.reference).state, "gathering", "nothing moved");
        form.set("waive-answers", "Nobody else knew the child.").set("waive-meeting", "Held with the hospital’s own meeting.").set("waive-draft", "Written at the panel.");
        form.set("route", "full");
        let page = coordinator.submit(&form).await.is(422).faults("Say why the route is not “Expected and palliative”, which the record speaks for", "#reason");
        let mut form = page.form_with("List the case");
        assert_eq!((form.value("route").as_str(), form.value("waive-draft").as_str()), ("full", "Written at the panel."), "nothing is lost");
        form.set("reason", "The panel asked for it.");
        coordinator.submit(&form).await.is(303);
        coordinator.submit(&form).await.is(422).says("listed for a panel already");
        assert_eq!(given::find(service, &case.reference).state, "listed");
        let page = coordinator.get(&panel).await.is(200).says(&case.reference).says("Full, 40 minutes").says("09:10").says("The last case ends at 09:50");
        let item = page.links().into_iter().find(|(_, to)| to.contains("/items/")).unwrap().1;
        coordinator.get(&item).await.is(200).says("Held with the hospital’s own meeting.").says("The panel asked for it.");

        let stale = coordinator.get(&item).await.form_with("Put it off");
        let mut route = coordinator.get(&item).await.form_with("Change the route");
        route.set("route", "expected");
        coordinator.submit(route.clone().press("Change the route")).await.is(422).faults("Say why the route is changed", "#reason");
        coordinator.submit(route.set("reason", "Shorter after all.").press("Change the route")).await.is(303);
        coordinator.submit(&stale).await.is(409);
        let mut defer = coordinator.get(&item).await.form_with("Put it off");
        coordinator.submit(&defer).await.is(422).faults("Choose why it is put off", "#deferral").faults("Enter the day on which it is looked at again", "#next");
        let day = london(service.now() + Duration::days(60));
        defer.set("deferral", "inquest").date("next", &day.format("%-d %-m %Y").to_string());
        coordinator.submit(&defer).await.is(303);
        coordinator.get(&item).await.is(200).says("Awaiting the inquest");
        assert_eq!(given::find(service, &case.reference).state, "panel_deferred");
        coordinator.get(&format!("/cases/{}/meetings", case.reference)).await.is(200).says("At panels").says("Deferred");
        coordinator.submit(&defer).await.is(409);

        let second = arrange(&coordinator, service, 80).await;
        let (_, item) = list(service, &second, &case);
        assert_eq!(given::find(service, &case.reference).state, "listed");
        let mut off = coordinator.get(&item).await.form_with("Take it off the list");
        off.set("reason", "Another panel knows more of it.");
        coordinator.submit(off.press("Take it off the list")).await.is(303);
        assert_eq!(given::find(service, &case.reference).state, "ready_for_panel");
    }

    async fn what_holds_the_panel_back_holds_the_listing_and_a_cancelled_panel_lets_go(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let (case, other, panel) = (given::case(service, 1), given::case(service, 2), arrange(&coordinator, service, 40).await);
        let path = format!("/cases/{}/processes/add", case.reference);
        let mut form = coordinator.get(&format!("{path}?kind=inquest")).await.is(200).form_to(&path);
        form.set("state", "under_way").date("began_on", "1 4 2026");
        coordinator.submit(&form).await.is(303);
        assert_eq!(service.read(|conn| Ok(processes::of_case(conn, &case.id)?)).len(), 1);
        coordinator.get(&format!("{panel}/list?reference={}", case.reference)).await.is(200).says("Held back by:");
        let (of, reference) = (id_of(&panel), case.reference.clone());
        let refused = service.write(Service::coordinator(), move |tx, ctx| {
            work::list(tx, ctx, &of, &Listing { reference, route: "expected".into(), waived: waived(), ..Listing::default() })
        });
        assert!(refused.is_err());
        let path = format!("/cases/{}/family/questions/new", other.reference);
        let mut form = coordinator.get(&path).await.is(200).form_to(&path);
        form.set("words", "Was anybody told that she was cold?").set("state", "asked").date("asked_on", "1 4 2026");
        coordinator.submit(&form).await.is(303);
        let (_, item) = list(service, &panel, &other);
        coordinator.get(&item).await.is(200).says("Was anybody told that she was cold?");
        coordinator.get(&format!("/cases/{}/family", other.reference)).await.is(200).says("Carried to the panel");
        let mut cancel = coordinator.get(&panel).await.is(200).form_with("Cancel the meeting");
        coordinator.submit(cancel.set("reason", "Too few can come.")).await.is(303);
        assert_eq!(given::find(service, &other.reference).state, "ready_for_panel");
    }

    async fn what_the_record_speaks_of_holds_the_listing_until_it_is_recorded(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let mut answers = given::answers(1);
        for (field, answer) in [("coroner_informed", "yes"), ("post_mortem_required", "yes"), ("inquest", "yes")] {
            answers[field] = answer.into();
        }
        let (case, panel) = (given::case_of(service, &answers), arrange(&coordinator, service, 40).await);
        let at = format!("{panel}/list?reference={}", case.reference);
        let (inquest, examined) = ("The notification says that an inquest is to be held. Nobody has recorded yet", "The notification says that a post-mortem examination is required. Nobody has recorded yet");
        let page = coordinator.get(&at).await.is(200).says(inquest).says(examined);
        let mut form = page.form_with("List the case");
        for must in ["answers", "meeting", "draft", "post_mortem"] {
            form.set(&format!("waive-{must}"), "A synthetic reason.");
        }
        coordinator.submit(&form).await.is(422).says(inquest);
        let path = format!("/cases/{}/processes/add", case.reference);
        let mut none = coordinator.get(&format!("{path}?kind=inquest")).await.is(200).form_to(&path);
        none.set("state", "not_pursued").set("note", "The coroner said so.");
        coordinator.submit(&none).await.is(303);
        coordinator.get(&at).await.is(200).never_says(inquest).says(examined);
        coordinator.submit(&form).await.is(303);
        assert_eq!(given::find(service, &case.reference).state, "listed");
    }

    async fn the_place_of_a_panel_is_none_that_tells_of_a_family(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let (panel, _) = panel(service, &coordinator).await;
        list(service, &panel, &given::case(service, 1));
        list(service, &panel, &given::case(service, 2));
        let change = panel.replace("/panels/", "/meetings/") + "/change";
        for (place, wrong) in [
            ("Home of Testfamily2", true), ("At Tesfamily2", true), ("1 Sample Street", true), ("Sample Street", true),
            ("Community hall, ME14 1AA", true), ("community hall ME141AA", true), ("Sample General Hospital, ME16 9QQ", false),
            ("https://meet.example/912 345 6789", false),
        ] {
            let mut form = coordinator.get(&change).await.is(200).form_to(&change);
            let page = coordinator.submit(form.set("place", place)).await;
            if wrong {
                let page = page.is(422).says("The place is mailed: it must not hold");
                assert_eq!(page.form_to(&change).value("place"), place, "what was typed stays");
            } else {
                page.is(303);
            }
        }
        // A place that was chosen before is looked at when a case is listed.
        let other = arrange(&coordinator, service, 30).await;
        let change = other.replace("/panels/", "/meetings/") + "/change";
        let mut form = coordinator.get(&change).await.is(200).form_to(&change);
        coordinator.submit(form.set("place", "1 Sample Street, ME14 1AA")).await.is(303);
        let refused = listed(service, &other, &given::case(service, 3));
        let Err(Error::Invalid(problems)) = refused else { panic!("{refused:?}") };
        assert!(problems.iter().any(|p| p.field == "reference" && p.message.contains("Change the place first")), "{problems:?}");
    }

    async fn a_panel_is_arranged_and_seen_by_those_who_are_put_down(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let member_id = service.add_user("member@cdr.example", Role::PanelMember);
        service.add_user("other@cdr.example", Role::PanelMember);
        let chair_id = service.add_user("chair@cdr.example", Role::PanelChair);
        let (member, other) = (service.signed_in_as("member@cdr.example"), service.signed_in_as("other@cdr.example"));
        let path = "/meetings/new/panel";
        let form = coordinator.get(path).await.is(200).form_to(path);
        coordinator.submit(&form).await.is(422).faults("Enter the day of the meeting", "#day-day").faults("Enter a room or a link", "#place");
        let panel = arrange(&coordinator, service, 40).await;
        coordinator.get("/meetings").await.is(200).says("Sample theme").says("Child death overview panel");
        member.get(&panel).await.is(404);
        member.get("/meetings").await.is(200).never_says("Sample theme");
        put_down(&coordinator, &panel, &[(&member_id, "police"), (&chair_id, "public_health")]).await.is(303);
        coordinator.get(&panel).await.is(200).says("Sample Panel chair, chair").says("Public health");
        member.get(&panel).await.is(200).says("Sample room 9").says("Sample theme").never_says("Sample Panel chair");
        member.get("/meetings").await.is(200).says("Sample theme").never_says("Arrange");
        other.get(&panel).await.is(404);
        other.get("/meetings").await.is(200).never_says("Sample theme");
        member.post(&panel, &[("do", "sign"), ("version", "1")]).await.is(403);
        for role in [Role::JarLead, Role::CdrmChair, Role::KeyWorker, Role::Administrator, Role::Executive] {
            let browser = service.signed_in(role).await;
            browser.get(&panel).await.is(403);
            let as_meeting = panel.replace("/panels/", "/meetings/");
            assert!(matches!(browser.get(&as_meeting).await.status, 403 | 404), "{role:?}");
            assert!(matches!(browser.post(&as_meeting, &[("do", "sign"), ("version", "1")]).await.status, 403 | 404), "{role:?}");
        }

        coordinator.submit(&coordinator.get(&panel).await.form_with("Send invitations to 2 people")).await.is(303);
        let mail = service.mail_to("member@cdr.example");
        assert!(mail.calendar.unwrap().contains("SUMMARY:Child death overview panel\r\n"));
        let change = panel.replace("/panels/", "/meetings/") + "/change";
        let mut form = coordinator.get(&change).await.is(200).form_to(&change);
        assert_eq!(form.value("theme"), "Sample theme");
        when(&mut form, service, 47);
        coordinator.submit(&form).await.is(303);
        assert!(service.mail_to("member@cdr.example").calendar.unwrap().contains("SEQUENCE:1\r\n"));
        let mut cancel = coordinator.get(&panel).await.is(200).form_with("Cancel the meeting");
        cancel.set("reason", "Too few can come.");
        coordinator.submit(&cancel).await.is(303);
        coordinator.get(&panel).await.is(200).says("Too few can come.").says("Cancelled");
        member.get(&panel).await.is(200).says("Cancelled").never_says("Too few can come.");
        let id = panel.rsplit('/').next().unwrap().to_owned();
        assert_eq!(service.read(|conn| Ok(meetings::get(conn, &id)?)).unwrap().state, "cancelled");
    }
}

//! Deciding on notifications, as the coordinator does.

use cdr::domain::actor::Role;
use cdr::store::schema::cases;
use diesel::prelude::*;
use serde_json::json;

use super::support::journey::{accept, notify_a_death, open_notification};
use super::support::{Sample, given};
use crate::both_engines;

both_engines! {
    async fn a_notification_is_accepted_as_a_case(service) {
        let (_, reference) = notify_a_death(service, &Sample::child(1)).await;
        let coordinator = service.signed_in(Role::Coordinator).await;
        coordinator.get("/cases").await.is(200).says("Worklist");
        let page = open_notification(&coordinator, &reference).await
            .says("Samplechild1 Testfamily1").says("What the rules propose").says("In scope: lived here")
            .says("Nothing else that was notified looks like this child");
        let case = accept(&coordinator, &reference).await;
        assert_eq!(case, "KM-2026-0001");
        let case_page = coordinator.get(&format!("/cases/{case}")).await.is(200)
            .says("Samplechild1 Testfamily1").says("What is owed next").says("Timeline").says("Gathering information");
        assert!(!case_page.text.contains("a_notification"), "an event without a sentence");
        coordinator.get(&page.path).await.is(200).says("What was decided").never_says("Save the decision");
        coordinator.get("/cases?view=new").await.is(200).never_says(&reference);
    }

    async fn an_address_names_nobody(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let page = coordinator.get(&format!("/cases/{}", case.reference)).await.is(200);
        for (_, href) in page.links() {
            assert!(!href.to_lowercase().contains("testfamily") && !href.contains("99900"), "{href}");
        }
        let mut form = coordinator.get("/cases").await.is(200).form_to("/cases");
        assert_eq!(form.method, "post", "a name that is looked for stands in no address");
        form.set("q", "testfamily1");
        coordinator.submit(&form).await.is(200).says(&case.reference);
        for typed in ["9990000018", "999 000 0018", &case.reference, "samplechild1 testfamily1"] {
            form.set("q", typed);
            coordinator.submit_on(&form).await.is(200).says("Testfamily1");
        }
        form.set("q", "Nobody");
        coordinator.submit(&form).await.is(200).says("Nothing was found");
    }

    async fn the_same_number_is_the_same_child_until_somebody_says_why_not(service) {
        let first = given::case(service, 1);
        let row = given::notification(service, &given::answers(1));
        let coordinator = service.signed_in(Role::Coordinator).await;
        let path = format!("/cases/notifications/{}", row.id);
        let mut form = coordinator.get(&path).await.is(200).says(&first.reference).says("This notification beside").form_with("Save the decision");
        form.set("decision", "in_scope_resident");
        coordinator.submit(&form).await.is(422);
        form.set("decision", &format!("join:{}", first.reference));
        coordinator.submit(&form).await.is(303).moved_to(&format!("/cases/{}", first.reference));
        assert_eq!(given::state_of(service, &row.id), "joined");
        coordinator.get(&format!("/cases/{}", first.reference)).await.is(200).says(&row.reference);

        let third = given::notification(service, &given::answers(1));
        let path = format!("/cases/notifications/{}", third.id);
        let mut form = coordinator.get(&path).await.is(200).form_with("Save the decision");
        form.set("decision", "in_scope_resident").set("reason", "The number was typed wrongly; a synthetic reason.");
        coordinator.submit(&form).await.is(303).moved_to("/cases/KM-2026-0002/requests");
        for reference in [first.reference.as_str(), "KM-2026-0002"] {
            let page = coordinator.get(&format!("/cases/{reference}/finalise")).await.is(200);
            assert!(!page.text.contains("has the same NHS number"), "what was said of one holds for the other");
        }
    }

    async fn another_child_can_be_explained_after_the_decision(service) {
        let (first, second) = (given::case(service, 1), given::case(service, 2));
        let coordinator = service.signed_in(Role::Coordinator).await;
        let path = format!("/cases/notifications/{}", second.notification_id);
        coordinator.post(&path, &[("explain", &first.reference), ("reason", " ")]).await.is(422);
        let said = [("explain", first.reference.as_str()), ("reason", "A synthetic reason.")];
        coordinator.post(&path, &said).await.is(303).moved_to(&path);
        coordinator.post(&path, &[("explain", &second.reference), ("reason", "Itself.")]).await.is(404);
        let reader = service.signed_in(Role::DesignatedDoctor).await;
        reader.post(&path, &said).await.is(403);
    }

    async fn twins_are_told_apart(service) {
        let mut twin = given::answers(2);
        twin["child_surname"] = json!("Testfamily1");
        twin["child_forenames"] = json!("Othertwin");
        twin["multiple_birth"] = json!("twin");
        given::case(service, 1);
        let row = given::notification(service, &twin);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let page = coordinator.get(&format!("/cases/notifications/{}", row.id)).await.is(200).says("It may be a twin");
        let mut form = page.form_with("Save the decision");
        form.set("decision", "in_scope_resident");
        coordinator.submit(&form).await.is(303);
    }

    async fn what_is_not_reviewed_here_needs_a_reason(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        for (n, decision, state) in [(1, "excluded_stillbirth", "out_of_scope"), (2, "excluded_18_or_over", "out_of_scope"), (3, "transfer_out", "transferred")] {
            let row = given::notification(service, &given::answers(n));
            let path = format!("/cases/notifications/{}", row.id);
            let mut form = coordinator.get(&path).await.is(200).form_with("Save the decision");
            form.set("decision", decision);
            if decision == "transfer_out" {
                coordinator.submit(&form).await.is(422).faults("Choose the panel", "#to");
                form.set("to", "other");
                coordinator.submit(&form).await.is(422).faults("Choose the panel", "#to_other");
                form.set("to_other", "Sample panel");
            }
            let page = coordinator.submit(&form).await.is(422);
            assert!(page.errors().iter().any(|(_, href)| href == "#reason"), "{:?}", page.errors());
            let mut form = page.form_with("Save the decision");
            assert_eq!(form.value("decision"), decision, "what was chosen is kept");
            form.set("reason", "A synthetic reason.");
            coordinator.submit(&form).await.is(303);
            assert_eq!(given::state_of(service, &row.id), state);
            coordinator.submit(&form).await.is(409);
        }
    }

    async fn the_panel_that_takes_a_death_over_is_kept(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let known = service.app.house.area.panels[0].clone();
        let row = given::notification(service, &given::answers(1));
        let path = format!("/cases/notifications/{}", row.id);
        let mut form = coordinator.get(&path).await.is(200).form_with("Save the decision");
        form.set("decision", "transfer_out").set("to", &known).set("reason", "A synthetic reason.");
        // What is in no list is no panel.
        let mut pairs: Vec<(String, String)> = form.pairs();
        for pair in &mut pairs {
            if pair.0 == "to" { pair.1 = "Made up".into(); }
        }
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        coordinator.post(&path, &pairs).await.is(422).faults("Choose the panel", "#to");
        coordinator.submit(&form).await.is(303);
        let kept = service.read(|conn| Ok(cdr::store::notifications::get(conn, &row.id)?)).unwrap();
        assert_eq!(kept.transferred_to.as_ref(), Some(&known));
        coordinator.get(&path).await.is(200).says(&format!("Taken over by {known}"));

        let case = given::case(service, 2);
        let base = format!("/cases/{}", case.reference);
        let mut form = coordinator.get(&base).await.is(200).never_says("Taken over by").form_with("Move the case");
        // A case leaves by the file and the other panel's answer alone.
        form.set("move", "transfer_out").set("reason", "A synthetic reason.");
        let transfer = format!("{base}/transfer");
        coordinator.submit(&form).await.is(303).moved_to(&transfer);
        assert_eq!(given::find(service, &case.reference).state, "gathering", "nothing moved");
        let of = case.reference.clone();
        let by_hand = service.write(crate::support::Service::coordinator(), move |tx, ctx| {
            cdr::casework::triage::move_case(tx, ctx, &of, cdr::domain::case::Move::TransferOut, "A synthetic reason.")
        });
        assert!(by_hand.is_err());
        let nobody = service.signed_in(Role::JarLead).await;
        assert!(matches!(nobody.post(&format!("{base}/move"), &[("move", "transfer_out")]).await.status, 403 | 404));
        let mut form = coordinator.get(&transfer).await.is(200).form_to(&transfer);
        form.set("to", "other").set("to_other", &"x".repeat(201));
        coordinator.submit(&form).await.is(422).faults("at most 200 characters", "#to_other");
        given::transferred(service, &given::find(service, &case.reference));
        coordinator.get(&base).await.is(200).says("Taken over by Sample panel");
        let check = format!("/returns/check?kind=notification&case={}&from-day=1&from-month=4&from-year=2026&to-day=30&to-month=4&to-year=2026", case.reference);
        coordinator.get(&check).await.is(200).never_says("SB-11");
        // A case from before the name was kept.
        diesel::update(cases::table).set(cases::transferred_to.eq(None::<String>)).execute(&mut service.database.conn()).unwrap();
        coordinator.get(&check).await.is(200).says("SB-11").says("Say which panel took the case over");
        // Taken back, it is nobody else's any more.
        let mut form = coordinator.get(&base).await.is(200).form_with("Move the case");
        form.set("move", "take_back").set("reason", "A synthetic reason.");
        coordinator.submit(&form).await.is(303);
        coordinator.get(&base).await.is(200).never_says("Taken over by");
    }

    async fn nothing_chosen_is_said_so(service) {
        let row = given::notification(service, &given::answers(1));
        let coordinator = service.signed_in(Role::Coordinator).await;
        let path = format!("/cases/notifications/{}", row.id);
        let form = coordinator.get(&path).await.is(200).form_with("Save the decision");
        coordinator.submit(&form).await.is(422).faults("Choose what you decide", "#decision");
        for wrong in ["duplicate", "pending", "x", "join:KM-2026-9999"] {
            let page = coordinator.post(&path, &[("version", &row.version.to_string()), ("decision", wrong), ("reason", "x")]).await;
            page.is(422);
        }
        assert_eq!(given::state_of(service, &row.id), "received");
    }

    async fn a_decision_other_than_proposed_needs_a_reason(service) {
        let mut answers = given::answers(1);
        answers["normally_resident_la"] = json!("other");
        let row = given::notification(service, &answers);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let path = format!("/cases/notifications/{}", row.id);
        let mut form = coordinator.get(&path).await.is(200).form_with("Save the decision");
        form.set("decision", "in_scope_resident");
        coordinator.submit(&form).await.is(422).faults("Say why you decide otherwise", "#reason");
        form.set("reason", "Agreed with the other panel; synthetic.");
        coordinator.submit(&form).await.is(303);
    }

    async fn an_early_notification_completed_later_fills_the_case(service) {
        let browser = super::support::journey::begin_notification(service).await;
        let early = Sample::child(1).without("place_of_death_name").without("circumstances");
        super::support::journey::fill_notification(&browser, &early).await;
        let form = browser.get("/notify/check").await.is(200).form_with("Send now and complete later");
        let mut form = form;
        form.press("Send now and complete later");
        let sent = browser.submit_on(&form).await.is(200).says("Complete it later");
        let reference = super::support::journey::reference(&sent);
        let coordinator = service.signed_in(Role::Coordinator).await;
        open_notification(&coordinator, &reference).await.says("More to come");
        let case = accept(&coordinator, &reference).await;
        super::support::journey::fill_notification(&browser, &Sample::child(1)).await;
        let form = browser.get("/notify/check").await.is(200).form_with("Send the rest");
        browser.submit_on(&form).await.is(200);
        coordinator.get(&format!("/cases/{case}/record/notification")).await.is(200).says("Sample General Hospital");
    }
}

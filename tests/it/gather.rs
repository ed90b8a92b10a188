//! Asking agencies and answering: the coordinator's side and the agency's.

use cdr::casework::gather::{accept, reissue, send_back, withdraw};
use cdr::domain::actor::Role;
use chrono::Duration;

use super::support::given::{self, opened_link};
use super::support::journey::{fill_form, fill_section, sections, send_answers};
use super::support::{Browser, Sample, Service};
use crate::both_engines;

const GP: &str = "gp@cdr.example";

/// Fills in and sends the reporting form.
async fn answered(service: &Service, sample: &Sample) -> (Browser, String) {
    let (browser, home) = opened_link(service, GP).await;
    fill_form(&browser, &format!("{home}/forms/reporting"), sample).await;
    send_answers(&browser, &home)
        .await
        .is(200)
        .says("Your answers were sent");
    (browser, home)
}

both_engines! {
    async fn opening_the_link_never_uses_it_up(service) {
        let case = given::case(service, 1);
        let request = given::request(service, &case, "gp", &["reporting"]);
        let link = service.link_to(GP);
        assert!(!service.mail_to(GP).body.contains("Testfamily1"), "a mail names no child");
        for _ in 0..3 {
            service.browser().get(&link).await.is(200).says("Section 16N").never_says("Testfamily1").never_says("Samplechild1");
        }
        assert_eq!(given::request_now(service, &request.id).state, "sent");
        let (browser, home) = opened_link(service, GP).await;
        assert_eq!(given::request_now(service, &request.id).state, "opened");
        browser.get(&home).await.is(200).says("Samplechild1 Testfamily1").says("Date agreed for your answer").says("Section 16N");
        // A second browser of the same holder may open it too; one without the claim sees nothing.
        opened_link(service, GP).await;
        let stranger = service.browser();
        for path in ["", "/forms/reporting", "/check", "/sent"] {
            stranger.get(&format!("{home}{path}")).await.is(404).never_says("Testfamily1");
        }
        stranger.post(&format!("{home}/send"), &[]).await.is(404);
        assert_eq!(given::request_now(service, &request.id).state, "opened");
    }

    async fn an_organisation_that_has_ended_is_named_with_what_came_after_it(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let path = format!("/cases/{}/requests", case.reference);
        let page = coordinator.get(&path).await.is(200).never_says("This organisation ended");
        let mut form = page.form_to(&path);
        let last = form.names().iter().rev().find_map(|name| name.strip_suffix("-organisation").map(str::to_owned)).unwrap();
        let at = |column: &str| format!("{last}-{column}");
        form.set(&at("agency"), "gp").set(&at("name"), "Sample Person").set(&at("email"), "person@cdr.example").set(&at("organisation"), "NHS Ashford CCG");
        let page = coordinator.submit(&form).await.is(422).faults("This organisation ended on 31 March 2020. NHS Kent and Medway Integrated Care Board came after it.", &format!("#{}", at("organisation")));
        assert!(service.read(|conn| Ok(cdr::store::requests::of_case(conn, &case.id)?)).is_empty());
        // Sent as it is, it is meant: its successor answers.
        let mut again = page.form_to(&path);
        assert_eq!(again.value(&at("organisation")), "NHS Ashford CCG");
        again.set(&at("organisation"), "NHS Medway CCG");
        let page = coordinator.submit(&again).await.is(422).says("This organisation ended");
        coordinator.submit(&page.form_to(&path)).await.is(303);
    }

    async fn drafts_are_kept_and_sent_when_complete(service) {
        let case = given::case(service, 1);
        let request = given::request(service, &case, "gp", &["reporting"]);
        let (browser, home) = opened_link(service, GP).await;
        let tasks = format!("{home}/forms/reporting");
        let first = sections(&browser.get(&tasks).await.is(200), &format!("{tasks}/")).remove(0);
        let form = browser.get(&first).await.is(200).form_to(&first);
        assert_eq!(form.value("reporter_name"), "Sample gp", "what is known is filled in");
        let page = send_answers(&browser, &home).await.is(422);
        for (words, href) in page.errors() {
            let (path, id) = href.split_once('#').unwrap_or_else(|| panic!("{words} leads to {href}"));
            let there = browser.get(path).await.is(200);
            assert!(there.html().select(&super::support::page::css("[id]")).any(|e| e.value().id() == Some(id)), "{href}");
        }
        fill_section(&browser, &first, &Sample::answer()).await;
        // The agency comes back in another browser through the same link.
        let (other, _) = opened_link(service, GP).await;
        assert_eq!(other.get(&first).await.is(200).form_to(&first).value("agency_knew_child"), "yes");
        fill_form(&other, &tasks, &Sample::answer()).await;
        send_answers(&other, &home).await.is(200).says("Your answers were sent");
        assert_eq!(given::request_now(service, &request.id).state, "answered");
        // Sent once: pressing again changes nothing, and what was sent cannot be changed.
        other.post(&format!("{home}/send"), &[]).await.is(303);
        let version = other.get(&first).await;
        assert!(matches!(version.status, 200 | 303 | 404 | 422));
        let page = other.post(&first, &[("version", "9"), ("agency_knew_child", "no")]).await;
        assert!(page.status >= 400, "{}", page.status);
        service.mail_to(&service.app.house.area.email);
    }

    async fn a_check_that_only_warns_asks_for_a_reason_that_the_coordinator_reads(service) {
        let case = given::case(service, 1);
        let request = given::request(service, &case, "gp", &["reporting"]);
        let (browser, home) = opened_link(service, GP).await;
        let tasks = format!("{home}/forms/reporting");
        fill_form(&browser, &tasks, &Sample::answer()).await;
        let section = format!("{tasks}/birth");
        let mut form = browser.get(&section).await.is(200).form_to(&section);
        form.set("birth_weight_g", "6500");
        let mut form = browser.submit(&form).await.is(422).form_to(&section);
        let key = form.offers("confirm").remove(0);
        form.set("confirm", &key);
        let page = browser.submit(&form).await.is(422).says("Say why this is right");
        let mut form = page.form_to(&section);
        assert_eq!(form.value("birth_weight_g"), "6500");
        form.set(&format!("why-{key}"), "Weighed twice, a very large baby.");
        browser.submit(&form).await.is(303);
        send_answers(&browser, &home).await.is(200).says("Your answers were sent");
        let coordinator = service.signed_in(Role::Coordinator).await;
        coordinator.get(&format!("/cases/{}/requests/{}", case.reference, request.id)).await.is(200)
            .says("What a check asked about, and why it is right").says("Weighed twice, a very large baby.");
    }

    async fn an_agency_that_did_not_know_the_child_is_asked_nothing_more(service) {
        let case = given::case(service, 1);
        let request = given::request(service, &case, "gp", &["reporting"]);
        let (browser, home) = opened_link(service, GP).await;
        let tasks = format!("{home}/forms/reporting");
        let before = sections(&browser.get(&tasks).await.is(200), &format!("{tasks}/"));
        fill_section(&browser, &before[0], &Sample::nil()).await;
        let after = sections(&browser.get(&tasks).await.is(200), &format!("{tasks}/"));
        send_answers(&browser, &home).await.is(200).says("That counts as an answer");
        assert!(after.len() <= before.len());
        assert!(given::request_now(service, &request.id).nil_return);
    }

    async fn answers_are_accepted_into_the_record(service) {
        let case = given::case(service, 1);
        let request = given::request(service, &case, "gp", &["reporting"]);
        answered(service, &Sample::answer()).await;
        let coordinator = service.signed_in(Role::Coordinator).await;
        let path = format!("/cases/{}/requests/{}", case.reference, request.id);
        let page = coordinator.get(&path).await.is(200).says("What the practice knew; synthetic.");
        let form = page.forms().into_iter().find(|f| f.has_button("Accept")).unwrap();
        coordinator.submit(&form).await.is(303).moved_to(&path);
        coordinator.get(&format!("/cases/{}/record/reporting", case.reference)).await.is(200).says("What the practice knew; synthetic.");
        let again = coordinator.submit(&form).await;
        assert!(matches!(again.status, 303 | 422), "{}", again.status);
        assert!(service.mail_to(GP).subject.contains("accepted"));
    }

    async fn a_draft_is_the_agencys_own_until_it_is_sent(service) {
        let case = given::case(service, 1);
        let request = given::request(service, &case, "gp", &["reporting"]);
        let (browser, home) = opened_link(service, GP).await;
        fill_form(&browser, &format!("{home}/forms/reporting"), &Sample::answer()).await;
        let coordinator = service.signed_in(Role::Coordinator).await;
        coordinator.get(&format!("/cases/{}/requests/{}", case.reference, request.id)).await.is(200).never_says("What the practice knew");
    }

    async fn answers_sent_back_open_again_behind_a_new_link(service) {
        let case = given::case(service, 1);
        let request = given::request(service, &case, "gp", &["reporting"]);
        let (old, home) = answered(service, &Sample::answer()).await;
        let old_link = service.link_to(GP);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let path = format!("/cases/{}/requests/{}", case.reference, request.id);
        let mut form = coordinator.get(&path).await.is(200).form_with("Send back");
        coordinator.submit(&form).await.is(422).faults("Say what should be looked at again", "#reason-send_back");
        form.set("reason", "Samplechild1: the dates differ, please look.");
        coordinator.submit(&form).await.is(303);
        assert!(!service.mail_to(GP).body.contains("Samplechild1"), "the reason stays behind the link");
        old.get(&home).await.is(404);
        service.browser().get(&old_link).await.is(404).says("This link does not work");
        let (browser, home) = opened_link(service, GP).await;
        browser.get(&home).await.is(200).says("please look");
        let narrative = Sample::empty().with("circumstances_narrative", "Looked at again; synthetic.");
        fill_form(&browser, &format!("{home}/forms/reporting"), &narrative).await;
        send_answers(&browser, &home).await.is(200);
        let of = (case.reference.clone(), request.id.clone());
        service.write(Service::coordinator(), move |tx, ctx| accept(tx, ctx, &of.0, &of.1)).unwrap();
        coordinator.get(&format!("/cases/{}/record/reporting", case.reference)).await.is(200).says("Looked at again");
    }

    async fn marked_questions_are_looked_at_again(service) {
        let case = given::case(service, 1);
        let request = given::request(service, &case, "gp", &["reporting"]);
        answered(service, &Sample::answer()).await;
        let coordinator = service.signed_in(Role::Coordinator).await;
        let path = format!("/cases/{}/requests/{}", case.reference, request.id);
        let mut form = coordinator.get(&path).await.is(200).form_with("Send back");
        form.set("mark", "reporting/circumstances_narrative");
        // Without a reason nothing goes back, and the mark stays.
        let page = coordinator.submit(&form).await.is(422);
        let again = page.form_with("Send back");
        let ticked = ("mark".to_owned(), "reporting/circumstances_narrative".to_owned());
        assert!(again.pairs().contains(&ticked));
        let mut pairs = again.pairs();
        pairs.retain(|(name, _)| name != "reason");
        // What was never asked of the agency cannot be marked.
        pairs.extend([("reason", "Synthetic."), ("mark", "reporting/child_name"), ("mark", "neonatal/x")].map(|(n, v)| (n.into(), v.into())));
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        coordinator.bare_post(&path, &pairs).await.is(303);
        let row = service.read(|conn| Ok(cdr::store::responses::get(conn, &request.id, "reporting")?)).unwrap();
        assert_eq!(row.marks, "[\"circumstances_narrative\"]");
        let (browser, home) = opened_link(service, GP).await;
        let tasks = format!("{home}/forms/reporting");
        let list = browser.get(&tasks).await.is(200).says("Look again");
        let mut marked = 0;
        for section in sections(&list, &format!("{tasks}/")) {
            let page = browser.get(&section).await.is(200);
            marked += usize::from(page.words().contains("The team asks you to look at this again."));
        }
        assert_eq!(marked, 1);
        send_answers(&browser, &home).await.is(200);
        let row = service.read(|conn| Ok(cdr::store::responses::get(conn, &request.id, "reporting")?)).unwrap();
        assert_eq!(row.marks, "[]");
    }

    async fn a_request_sent_again_kills_the_old_link(service) {
        let case = given::case(service, 1);
        let request = given::request(service, &case, "gp", &["reporting"]);
        let (browser, home) = opened_link(service, GP).await;
        let old = service.link_to(GP);
        let of = (case.reference.clone(), request.id.clone());
        service.write(Service::coordinator(), move |tx, ctx| reissue(tx, ctx, &of.0, &of.1)).unwrap();
        let new = service.link_to(GP);
        assert_ne!(old, new);
        service.browser().get(&old).await.is(404).says("This link does not work");
        service.browser().post(&old, &[]).await.is(404);
        browser.get(&home).await.is(404).never_says("Testfamily1");
        opened_link(service, GP).await.0.get(&home).await.is(200);
    }

    async fn a_withdrawn_request_is_gone_for_the_agency(service) {
        let case = given::case(service, 1);
        let request = given::request(service, &case, "gp", &["reporting"]);
        let (browser, home) = opened_link(service, GP).await;
        let link = service.link_to(GP);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let path = format!("/cases/{}/requests/{}", case.reference, request.id);
        let mut form = coordinator.get(&path).await.is(200).form_with("Withdraw");
        form.set("reason", "Not needed; synthetic.");
        coordinator.submit(&form).await.is(303);
        service.browser().get(&link).await.is(404);
        browser.get(&home).await.is(404).never_says("Testfamily1");
        let of = (case.reference, request.id);
        assert!(service.write(Service::coordinator(), move |tx, ctx| withdraw(tx, ctx, &of.0, &of.1, "again")).is_err());
    }

    async fn a_link_runs_out(service) {
        let case = given::case(service, 1);
        given::request(service, &case, "gp", &["reporting"]);
        let (browser, home) = opened_link(service, GP).await;
        let link = service.link_to(GP);
        // It works for 60 days after the date agreed.
        service.pass(Duration::days(61));
        service.browser().get(&link).await.is(200);
        service.pass(Duration::days(40));
        service.browser().get(&link).await.is(404).says("telephone");
        browser.get(&home).await.is(404);
    }

    async fn a_link_lasts_beyond_a_date_agreed_far_ahead(service) {
        let case = given::case(service, 1);
        let far = service.now().date_naive() + Duration::days(300);
        let new = cdr::casework::gather::NewRequest {
            agency: "gp".into(), recipient: "Sample gp".into(), email: GP.into(), forms: vec!["reporting".into()],
            agreed_date: Some(far), ..cdr::casework::gather::NewRequest::default()
        };
        let of = case.reference.clone();
        let id = service.write(Service::coordinator(), move |tx, ctx| cdr::casework::gather::send_requests(tx, ctx, &of, &[new])).unwrap().remove(0);
        let lasts = || given::request_now(service, &id).link_expires_at.unwrap().date();
        assert_eq!(lasts(), far + Duration::days(60));
        let (of, again) = (case.reference.clone(), id.clone());
        service.write(Service::coordinator(), move |tx, ctx| cdr::casework::gather::reissue(tx, ctx, &of, &again)).unwrap();
        assert_eq!(lasts(), far + Duration::days(60), "also behind another link");
        service.pass(Duration::days(290));
        let (browser, home) = opened_link(service, GP).await;
        fill_form(&browser, &format!("{home}/forms/reporting"), &Sample::answer()).await;
        send_answers(&browser, &home).await.is(200);
        let (of, back) = (case.reference.clone(), id.clone());
        service.write(Service::coordinator(), move |tx, ctx| cdr::casework::gather::send_back(tx, ctx, &of, &back, &"Look again.".into())).unwrap();
        assert_eq!(lasts(), far + Duration::days(60), "and when the answers came back");
    }

    async fn one_agency_never_sees_what_another_said(service) {
        let case = given::case(service, 1);
        given::request(service, &case, "gp", &["reporting"]);
        given::request(service, &case, "police", &["reporting"]);
        answered(service, &Sample::answer()).await;
        let (police, home) = opened_link(service, "police@cdr.example").await;
        let tasks = format!("{home}/forms/reporting");
        for section in sections(&police.get(&tasks).await.is(200), &format!("{tasks}/")) {
            police.get(&section).await.is(200).never_says("What the practice knew");
        }
        police.get(&format!("{home}/check")).await.is(200).never_says("What the practice knew");
    }

    async fn where_two_agencies_differ_the_coordinator_chooses(service) {
        let case = given::case(service, 1);
        for agency in ["gp", "police"] {
            let request = given::request(service, &case, agency, &["reporting"]);
            let (browser, home) = opened_link(service, &format!("{agency}@cdr.example")).await;
            let sex = if agency == "gp" { "female" } else { "male" };
            let sample = Sample::answer().with("agency", agency).with("child_sex", sex);
            fill_form(&browser, &format!("{home}/forms/reporting"), &sample).await;
            send_answers(&browser, &home).await.is(200);
            let of = case.reference.clone();
            service.write(Service::coordinator(), move |tx, ctx| accept(tx, ctx, &of, &request.id)).unwrap();
        }
        let coordinator = service.signed_in(Role::Coordinator).await;
        let path = format!("/cases/{}/differences", case.reference);
        let page = coordinator.get(&path).await.is(200).says("To be settled").says("Female").says("Male");
        let mut form = page.form_to(&path);
        coordinator.submit(&form).await.is(422).faults("Choose which answer is right", "#reporting-child_sex-0");
        // Of answers that changed meanwhile none is taken for another.
        let mut before = page.form_to(&path);
        before.set("option", "0").set("reason", "Synthetic words.").set("shown", "0000");
        let again = coordinator.submit(&before).await.is(409).faults("Another answer came while you chose", "#reporting-child_sex-0");
        assert_eq!(again.form_to(&path).value("reason"), "Synthetic words.");
        form.set("option", "0").set("reason", "Synthetic.");
        coordinator.submit(&form).await.is(303).moved_to(&path);
        coordinator.get(&path).await.is(200).says("Settled").says("Female").says("Male");
    }

    async fn the_coordinator_asks_those_whom_the_notification_names(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let path = format!("/cases/{}/requests", case.reference);
        let form = coordinator.get(&path).await.is(200).says("Sample Practitioner").form_to(&path);
        coordinator.submit(&form).await.is(303);
        coordinator.get(&path).await.is(200).says("Sample Practitioner");
        opened_link(service, "gp1@cdr.example").await;
        // The same person is not asked twice, and what is wrong is said at its row.
        let again = coordinator.submit(&form).await;
        assert!(matches!(again.status, 422), "{}", again.status);
        let mut form = coordinator.get(&path).await.is(200).form_to(&path);
        let row = form.names().iter().rev().find_map(|n| n.strip_suffix("-email")).unwrap().to_owned();
        form.set(&format!("{row}-name"), "Somebody Sample").set(&format!("{row}-email"), "not an address");
        let page = coordinator.submit(&form).await.is(422).faults("email address", &format!("#{row}-email"));
        assert_eq!(page.form_to(&path).value(&format!("{row}-email")), "not an address");
    }

    async fn every_form_opens_behind_a_link(service) {
        let case = given::case(service, 1);
        let codes: Vec<String> = service.app.house.dictionary().forms.iter().map(|f| f.code.clone())
            .filter(|c| !matches!(c.as_str(), "notification" | "analysis" | "cdrm_jar" | "first_hours")).collect();
        assert_eq!(codes.len(), 22);
        let names: Vec<&str> = codes.iter().map(String::as_str).collect();
        given::request(service, &case, "gp", &names);
        let (browser, home) = opened_link(service, GP).await;
        for code in &codes {
            let tasks = format!("{home}/forms/{code}");
            let list = browser.get(&tasks).await.is(200);
            let steps = sections(&list, &format!("{tasks}/"));
            assert!(!steps.is_empty(), "{code} asks nothing");
            for step in steps {
                let form = browser.get(&step).await.is(200).form_to(&step);
                assert!(form.names().len() > 1, "{step} asks nothing");
            }
        }
    }

    async fn a_send_back_needs_a_reason_and_an_answer(service) {
        let case = given::case(service, 1);
        let request = given::request(service, &case, "gp", &["reporting"]);
        let of = (case.reference, request.id);
        assert!(service.write(Service::coordinator(), move |tx, ctx| send_back(tx, ctx, &of.0, &of.1, &"x".into())).is_err());
    }
}

//! Restricted cases: who does not see them, how they are opened all the same, and what follows from that.

use cdr::casework::{people, restrict, tokens};
use cdr::domain::actor::{Actor, ApiScope, Role};
use cdr::store::cases::Case;
use cdr::store::{accounts, events};
use chrono::Duration;
use reqwest::Method;

use super::support::journey::{fill_form, send_answers};
use super::support::{Browser, Sample, Service, given, logs};
use crate::both_engines;

/// A case restricted to a coordinator of its own, and that coordinator's browser.
pub fn restricted(service: &Service) -> (Case, Browser) {
    let case = given::case(service, 1);
    given::request(service, &case, "gp", &["reporting"]);
    let email = "named@cdr.example";
    let id = service.add_user(email, Role::Coordinator);
    let actor = Actor::staff(&id, "Sample Named", Role::Coordinator, None);
    let case = given::find(service, &case.reference);
    let (reference, version) = (case.reference.clone(), case.version);
    service
        .write(actor, move |tx, ctx| {
            let reason = "A colleague’s child";
            restrict::restrict(tx, ctx, &reference, version, &[id], reason)
        })
        .unwrap();
    let case = given::find(service, &case.reference);
    (case, service.signed_in_as(email))
}

async fn opened(browser: &Browser, reference: &str) {
    let mut form = browser
        .get(&format!("/cases/{reference}/open"))
        .await
        .is(200)
        .form_with("Open for four hours");
    form.set("why", "deadline");
    form.set("reason", "The return is due today");
    browser
        .submit(&form)
        .await
        .is(303)
        .moved_to(&format!("/cases/{reference}"));
}

both_engines! {
    async fn a_restricted_case_is_in_no_list_count_search_or_mail_of_others(service) {
        let (case, named) = restricted(service);
        let other = given::case(service, 2).reference;
        let coordinator = service.signed_in(Role::Coordinator).await;
        named.get("/cases?view=open").await.is(200).says(&case.reference).says("All open (2)");
        let list = coordinator.get("/cases?view=open").await.is(200).says(&other).says("All open (1)");
        list.says("Gathering (1)").never_says(&case.reference).never_says("Samplechild1");
        let mut form = coordinator.get("/cases").await.is(200).form_to("/cases");
        let mut theirs = named.get("/cases").await.is(200).form_to("/cases");
        for typed in ["Testfamily1", "9990000018"] {
            form.set("q", typed);
            theirs.set("q", typed);
            coordinator.submit(&form).await.is(200).never_says(&case.reference).never_says("Samplechild1");
            named.submit(&theirs).await.is(200).says(&case.reference);
        }
        // The same child again: who is not named is not told that there is a case.
        let mut again = given::answers(1);
        again["referrer_name"] = "Sample Second".into();
        let second = given::notification(service, &again);
        let address = format!("/cases/notifications/{}", second.id);
        coordinator.get(&address).await.is(200).never_says(&case.reference);
        named.get(&address).await.is(200).says(&case.reference);
        coordinator.get(&format!("/cases/notifications/{}", case.notification_id)).await.is(404).never_says("Testfamily1");
        named.get(&format!("/cases/notifications/{}", case.notification_id)).await.is(200);
        coordinator.get("/admin/outbox").await.is(200).never_says("gp@cdr.example");
        named.get("/admin/outbox").await.is(200).says("gp@cdr.example");
        let token = service.write(Actor::operator(), |tx, ctx| tokens::issue(tx, ctx, "Sample system", &[ApiScope::CasesRead], 30)).unwrap();
        logs::never(&token);
        for (reference, status) in [(&case.reference, 404), (&other, 200)] {
            let asked = service.browser();
            let request = asked.request(Method::GET, &format!("/api/v1/cases/{reference}")).bearer_auth(&token);
            asked.send(request).await.is(status);
        }
        let check = "/returns/check?kind=notification&from-day=1&from-month=1&from-year=2026&to-day=31&to-month=12&to-year=2026";
        coordinator.get(check).await.is(200).says("1 case goes out").never_says(&case.reference);
        named.get(check).await.is(200).says("2 cases go out");
    }

    async fn the_mail_to_the_team_names_no_restricted_case(service) {
        let (case, _) = restricted(service);
        let (agency, home) = given::opened_link(service, "gp@cdr.example").await;
        fill_form(&agency, &format!("{home}/forms/reporting"), &Sample::answer()).await;
        send_answers(&agency, &home).await;
        let told: Vec<String> = service.mails().into_iter().filter(|m| m.subject == "An agency has answered").map(|m| m.body).collect();
        assert_eq!(told.len(), 1);
        assert!(!told[0].contains(&case.reference) && told[0].contains("restricted case"), "{told:?}");
    }

    async fn who_may_open_it_finds_a_door_and_everybody_else_finds_nothing(service) {
        let (case, _) = restricted(service);
        let (path, door) = (format!("/cases/{}", case.reference), format!("/cases/{}/open", case.reference));
        for role in [Role::Coordinator, Role::DesignatedDoctor] {
            let browser = service.signed_in(role).await;
            for page in ["", "/people", "/record", "/record/notification", "/documents", "/requests", "/finalise", "/seen"] {
                browser.get(&format!("{path}{page}")).await.is(303).moved_to(&door);
            }
            let page = browser.get(&door).await.is(200).says("This case is restricted");
            page.never_says("Testfamily1").never_says("Samplechild1");
            let mut form = browser.get("/cases").await.is(200).form_to("/cases");
            form.set("q", &case.reference);
            browser.submit(&form).await.is(303).moved_to(&door);
        }
        for role in [Role::JarLead, Role::KeyWorker, Role::CdrmChair] {
            let browser = service.signed_in(role).await;
            browser.get(&path).await.is(404);
            browser.get(&door).await.is(403);
        }
        let coordinator = service.signed_in_as("coordinator@cdr.example");
        coordinator.get("/cases/KM-2026-9999/open").await.is(404);
        let other = given::case(service, 2).reference;
        coordinator.get(&format!("/cases/{other}/open")).await.is(303).moved_to(&format!("/cases/{other}"));
    }

    async fn an_opening_is_for_four_hours_told_to_the_auditors_and_reviewed(service) {
        let (case, named) = restricted(service);
        let auditor = service.signed_in(Role::Auditor).await;
        let coordinator = service.signed_in(Role::Coordinator).await;
        let (path, door) = (format!("/cases/{}", case.reference), format!("/cases/{}/open", case.reference));
        coordinator.post(&door, &[]).await.is(422).faults("Choose why", "#why").faults("in your own words", "#reason");
        service.pass(Duration::minutes(6));
        coordinator.post(&door, &[("why", "deadline"), ("reason", "Due today")]).await.never_says("Testfamily1");
        coordinator.get(&path).await.is(303).moved_to(&door);
        let coordinator = service.signed_in_as("coordinator@cdr.example");
        opened(&coordinator, &case.reference).await;
        let page = coordinator.get(&path).await.is(200).says("Testfamily1").says("you are not named on it");
        page.says("Something is due").says("The restricted case was opened");
        coordinator.get(&format!("{path}/record")).await.is(200).says("you are not named on it");
        named.get(&path).await.is(200).never_says("you are not named on it");
        coordinator.get("/cases?view=open").await.is(200).never_says(&case.reference);

        let mail = service.mail_to("auditor@cdr.example");
        assert!(mail.body.contains("/admin/audit/openings"));
        for told in [case.reference.as_str(), "Testfamily1", "Sample Coordinator"] {
            assert!(!mail.body.contains(told) && !mail.subject.contains(told), "{told}");
        }
        auditor.get("/admin/audit").await.is(200).says("1 opening of restricted cases waits for a review");
        let page = auditor.get("/admin/audit/openings").await.is(200).says(&case.reference).says("The return is due today").says("To be reviewed");
        let form = page.form_with("Record the review");
        auditor.submit(&form).await.is(422).says("Choose what you find");
        let mut form = page.form_with("Record the review");
        form.set("finding", "right").set("reason", "Spoke to the coordinator");
        auditor.submit(&form).await.is(303);
        auditor.get("/admin/audit/openings").await.is(200).says("It was right to open the case").never_says("To be reviewed");
        coordinator.post("/admin/audit/openings/x", &[]).await.is(403);

        service.pass(Duration::hours(4));
        let coordinator = service.signed_in_as("coordinator@cdr.example");
        coordinator.get(&path).await.is(303).moved_to(&door);
        // What was typed on a page that was open meanwhile is kept until the case is open again.
        let typed = [("reason", "Words that were typed")];
        let page = coordinator.post(&format!("{path}/restriction"), &typed).await.is(303);
        let shut = page.location().unwrap();
        let page = coordinator.get(&shut).await.is(200).says("It was kept");
        let mut form = page.form_with("Open for four hours");
        form.set("why", "deadline").set("reason", "The return is due today");
        let page = coordinator.submit(&form).await.is(303);
        coordinator.get(&page.location().unwrap()).await.is(200).says("Words that were typed");
        let rows = service.read(|conn| Ok(events::of_case(conn, &case.id, &[], 500)?));
        for (what, times) in [("case_restricted", 1), ("case_named", 1), ("restricted_case_opened", 2), ("opening_reviewed", 1)] {
            assert_eq!(rows.iter().filter(|e| e.what == what).count(), times, "{what}");
        }
    }

    async fn nobody_reviews_what_they_opened_themselves(service) {
        let (case, _) = restricted(service);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let other = service.signed_in(Role::Auditor).await;
        opened(&coordinator, &case.reference).await;
        let user = service.read(|conn| Ok(accounts::by_email(conn, "coordinator@cdr.example")?)).unwrap();
        service.write(Actor::operator(), move |tx, ctx| {
            let to = people::Change { role: Role::Auditor, organisation: None, active: true, version: user.version };
            people::change(tx, ctx, &user.id, &to)
        }).unwrap();
        let own = service.signed_in_as("coordinator@cdr.example");
        let page = own.get("/admin/audit/openings").await.is(200).says("You opened this case yourself");
        assert!(!page.words().contains("Record the review"), "there is nothing to fill in");
        let page = other.get("/admin/audit/openings").await.is(200).never_says("You opened this case yourself");
        let mut form = page.form_with("Record the review");
        form.set("finding", "right").set("reason", "It was I who opened it");
        let page = own.submit_as_own(&form).await.is(422);
        assert!(page.errors()[0].0.contains("Another auditor reviews it"), "{:?}", page.errors());
        assert!(service.read(|conn| Ok(events::latest(conn, "opening_reviewed", 9)?)).is_empty());
        form.set("reason", "Spoke to the person");
        other.submit(&form).await.is(303);
    }

    async fn an_opening_that_no_auditor_would_hear_of_is_told_to_the_administrators(service) {
        let (case, _) = restricted(service);
        let coordinator = service.signed_in(Role::Coordinator).await;
        // Nobody at all: the team hears of it.
        opened(&coordinator, &case.reference).await;
        let team = service.app.house.area.email.clone();
        let told = |to: &str| {
            let found = service.mails().into_iter().filter(|m| m.recipient == to && m.subject.contains("no auditor"));
            found.map(|m| m.body).collect::<Vec<String>>()
        };
        assert_eq!(told(&team).len(), 1);
        service.add_user("administrator@cdr.example", Role::Administrator);
        let stopped = service.add_user("auditor@cdr.example", Role::Auditor);
        service.write(Actor::operator(), move |tx, ctx| {
            let to = people::Change { role: Role::Auditor, organisation: None, active: false, version: 1 };
            people::change(tx, ctx, &stopped, &to)
        }).unwrap();
        service.pass(Duration::hours(5));
        let coordinator = service.signed_in_as("coordinator@cdr.example");
        opened(&coordinator, &case.reference).await;
        let mails = told("administrator@cdr.example");
        assert_eq!((mails.len(), told(&team).len()), (1, 1));
        for secret in [case.reference.as_str(), "Testfamily1", "Sample Coordinator"] {
            assert!(!mails[0].contains(secret), "{secret}");
        }
        assert!(service.mails().iter().all(|mail| mail.recipient != "auditor@cdr.example"));
    }

    async fn a_coordinator_restricts_changes_the_names_and_lifts(service) {
        let case = given::case(service, 1).reference;
        let path = format!("/cases/{case}/restriction");
        let coordinator = service.signed_in(Role::Coordinator).await;
        let doctor = service.signed_in(Role::DesignatedDoctor).await;
        doctor.get(&path).await.is(403);
        let me = service.add_user("second@cdr.example", Role::Coordinator);
        let second = service.signed_in_as("second@cdr.example");
        let form = coordinator.get(&path).await.is(200).form_with("Restrict the case");
        let version = form.value("version");
        coordinator.post(&path, &[("version", &version), ("do", "restrict")]).await.is(422).faults("Say why", "#reason").faults("at least one person", "#person");
        let mut form = form;
        form.set("reason", "A colleague’s child");
        coordinator.submit(&form).await.is(303).moved_to(&path);
        coordinator.submit(&form).await.is(409);
        coordinator.get(&path).await.is(200).says("A colleague’s child").says("Restricted");
        second.get(&path).await.is(303);
        opened(&second, &case).await;
        let version = given::find(service, &case).version.to_string();
        let lift = [("version", version.as_str()), ("do", "lift"), ("reason", "Enough")];
        second.post(&path, &lift).await.is(422).says("not named on it");
        second.post(&path, &[("version", &version), ("do", "names"), ("person", &me)]).await.is(422);

        let mut pairs: Vec<(String, String)> = coordinator.get(&path).await.form_with("Save the names").pairs();
        pairs.push(("person".into(), me.clone()));
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        coordinator.post(&path, &pairs).await.is(303);
        second.get("/cases?view=open").await.is(200).says(&case);
        doctor.get(&format!("/cases/{case}")).await.is(303);
        let mut form = second.get(&path).await.is(200).form_with("Lift the restriction");
        form.set("reason", "The family agreed");
        second.submit(&form).await.is(303);
        doctor.get(&format!("/cases/{case}")).await.is(200).says("The restriction on the case was lifted");
    }
}

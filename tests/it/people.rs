//! Assigning people to cases, and what those see who see only the cases they are assigned to.

use cdr::domain::actor::Role;
use cdr::seed;
use cdr::store::events;

use super::support::{Browser, Page, Service, given};
use crate::both_engines;

/// Everything below a case that may be read.
const PAGES: [&str; 7] = [
    "",
    "/people",
    "/record",
    "/record/notification",
    "/requests",
    "/differences",
    "/finalise",
];

/// The account of this role; its id and its browser.
fn person(service: &Service, role: Role) -> (String, Browser) {
    let email = format!("{}@cdr.example", role.as_str());
    let id = service.add_user(&email, role);
    (id, service.signed_in_as(&email))
}

/// The coordinator assigns a person on the page; gives what follows.
async fn assign(coordinator: &Browser, case: &str, user: &str) -> Page {
    let path = format!("/cases/{case}/people");
    let mut form = coordinator.get(&path).await.is(200).form_with("Assign");
    form.set("person", user);
    coordinator.submit(&form).await
}

/// What an address answers, without what differs from answer to answer.
fn plain(page: &Page, case: &str) -> (u16, String) {
    let words = page.words();
    let number = page.texts("main .cdr-request-id");
    let words = number.iter().fold(words, |words, n| words.replace(n, ""));
    (page.status, words.replace(case, "CASE"))
}

both_engines! {
    async fn a_coordinator_assigns_and_takes_off(service) {
        let case = given::case(service, 1).reference;
        let coordinator = service.signed_in(Role::Coordinator).await;
        let (lead, lead_browser) = person(service, Role::JarLead);
        person(service, Role::Analyst);
        let path = format!("/cases/{case}/people");
        let page = coordinator.get(&path).await.is(200).says("Nobody is assigned");
        let form = page.form_with("Assign");
        assert_eq!(form.offers("person"), [lead.as_str()], "only roles that see assigned cases alone");
        coordinator.submit(&form).await.is(422).faults("Choose the person", "#person");
        lead_browser.get(&format!("/cases/{case}")).await.is(404);

        assign(&coordinator, &case, &lead).await.is(303).moved_to(&path);
        coordinator.get(&path).await.is(200).says("Sample Lead health professional").never_says("Nobody is assigned");
        coordinator.get(&format!("/cases/{case}")).await.is(200).says("Assigned to Sample").says("A person was assigned to the case");
        lead_browser.get(&format!("/cases/{case}")).await.is(200).says("Testfamily1");
        // An older page does nothing.
        let (other, _) = person(service, Role::CdrmChair);
        let old: Vec<(&str, &str)> = vec![("version", "1"), ("person", &other)];
        coordinator.post(&path, &old).await.is(409).says("This case changed while you had it open");
        let twice = given::find(service, &case).version.to_string();
        coordinator.post(&path, &[("version", &twice), ("person", &lead)]).await.is(422).faults("assigned to the case already", "#person");

        let mut off = coordinator.get(&path).await.is(200).form_with("Take off");
        off.press("Take off");
        coordinator.submit(&off).await.is(303).moved_to(&path);
        coordinator.submit(&off).await.is(409);
        lead_browser.get(&format!("/cases/{case}")).await.is(404);
        let id = given::find(service, &case).id;
        let rows = service.read(|conn| Ok(events::of_case(conn, &id, &[], 100)?));
        for what in ["case_assigned", "case_unassigned"] {
            assert_eq!(rows.iter().filter(|e| e.what == what).count(), 1, "{what}");
        }
    }

    async fn only_a_coordinator_changes_who_is_assigned(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let (lead, lead_browser) = person(service, Role::JarLead);
        let (worker, _) = person(service, Role::KeyWorker);
        let (analyst, _) = person(service, Role::Analyst);
        assign(&coordinator, &case.reference, &lead).await.is(303);
        let path = format!("/cases/{}/people", case.reference);
        let version = given::find(service, &case.reference).version.to_string();
        let pairs = [("version", version.as_str()), ("person", worker.as_str())];
        lead_browser.post(&path, &pairs).await.is(403);
        lead_browser.post(&path, &[("version", &version), ("remove", &lead)]).await.is(403);
        lead_browser.get(&path).await.is(200).says("Assigned to this case").never_says("Take off");
        let (_, doctor) = person(service, Role::DesignatedDoctor);
        doctor.get(&path).await.is(200).never_says("Take off");
        doctor.post(&path, &pairs).await.is(403);
        for wrong in [analyst.as_str(), "nobody"] {
            coordinator.post(&path, &[("version", &version), ("person", wrong)]).await.is(422).faults("cannot be assigned", "#person");
        }
        coordinator.post("/cases/KM-2026-9999/people", &pairs).await.is(404);
    }

    async fn a_lead_and_a_chair_see_their_cases_and_nothing_else(service) {
        let (mine, other) = (given::case(service, 1).reference, given::case(service, 2).reference);
        let coordinator = service.signed_in(Role::Coordinator).await;
        for role in [Role::JarLead, Role::CdrmChair] {
            let (id, browser) = person(service, role);
            browser.get("/cases").await.is(200).says("You are not assigned to a case").never_says(&mine);
            assign(&coordinator, &mine, &id).await.is(303);
            let list = browser.get("/cases").await.is(200).says("Samplechild1 Testfamily1").never_says("Testfamily2").never_says(&other);
            list.says("All open (1)").says("Gathering (1)").never_says("New notifications");
            browser.get("/cases?view=gathering").await.is(200).says(&mine).never_says(&other);
            browser.get("/cases?view=closed").await.is(200).never_says(&mine);

            let mut form = browser.get("/cases").await.is(200).form_to("/cases");
            for (typed, found) in [("Testfamily1", true), ("9990000018", true), ("Nobody", false), (other.as_str(), false)] {
                form.set("q", typed);
                let page = browser.submit(&form).await.is(200);
                assert_eq!(page.words().contains(&mine), found, "{typed}");
                assert!(!page.words().contains("Samplechild2"), "{typed}");
            }
            // The other child's name sounds like their own child's, and finds no other.
            form.set("q", "Testfamily2");
            browser.submit(&form).await.is(200).says(&mine).never_says("Samplechild2").never_says(&other);
            form.set("q", &mine);
            browser.submit(&form).await.is(303).moved_to(&format!("/cases/{mine}"));

            for page in PAGES {
                browser.get(&format!("/cases/{mine}{page}")).await.is(200);
                let theirs = browser.get(&format!("/cases/{other}{page}")).await.is(404);
                let nowhere = browser.get(&format!("/cases/KM-2026-9999{page}")).await.is(404);
                assert_eq!(plain(&theirs, &other), plain(&nowhere, "KM-2026-9999"), "{page}");
            }
            let analyses = role == Role::CdrmChair;
            let status = if analyses { 200 } else { 403 };
            browser.get(&format!("/cases/{mine}/analysis")).await.is(status);
            browser.get(&format!("/cases/{other}/analysis")).await.is(if analyses { 404 } else { 403 });
            if analyses {
                let path = format!("/cases/{mine}/analysis/cause");
                let mut form = browser.get(&path).await.is(200).form_to(&path);
                form.set("case_summary", "A synthetic summary.");
                browser.submit(&form).await.is(303);
                let theirs = format!("/cases/{other}/analysis/cause");
                browser.post(&theirs, &[("version", "0"), ("case_summary", "x")]).await.is(404);
            }
            browser.post(&format!("/cases/{mine}/move"), &[("move", "list")]).await.is(403);
        }
    }

    async fn a_key_worker_sees_the_stage_the_dates_and_what_happened(service) {
        let case = given::case(service, 1);
        let other = given::case(service, 2).reference;
        given::request(service, &case, "police", &["reporting"]);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let (id, worker) = person(service, Role::KeyWorker);
        let base = format!("/cases/{}", case.reference);
        worker.get(&base).await.is(404);
        assign(&coordinator, &case.reference, &id).await.is(303);
        let mut form = coordinator.get(&base).await.is(200).form_with("Move the case");
        form.set("move", "await_external").set("reason", "The police said a synthetic thing.");
        coordinator.submit(&form).await.is(303);

        let page = worker.get(&base).await.is(200).says("Samplechild1 Testfamily1").says("Waiting for another process")
            .says("Review opened").says("Timeline").says("A person was assigned");
        let page = page.never_says("synthetic thing").never_says("olice").never_says("Sample cause").never_says("A synthetic account");
        let below: Vec<String> = page.links().into_iter().map(|(_, to)| to).filter(|to| to.starts_with(&format!("{base}/"))).collect();
        assert_eq!(below, [format!("{base}/family"), format!("{base}/letters")], "the family is the key worker’s to keep and to write to, and nothing else");
        for below in PAGES.iter().skip(1).chain(&["/analysis", "/record/notification/child"]) {
            worker.get(&format!("{base}{below}")).await.is(403);
        }
        let theirs = worker.get(&format!("/cases/{other}")).await.is(404);
        let nowhere = worker.get("/cases/KM-2026-9999").await.is(404);
        assert_eq!(plain(&theirs, &other), plain(&nowhere, "KM-2026-9999"));
        worker.get("/cases").await.is(200).says(&case.reference).never_says(&other).never_says("0 of 1");
    }

    async fn the_demonstrations_people_have_cases_of_their_own(service) {
        let app = &service.app;
        seed::add_people(&app.db, &app.house).unwrap();
        let order = seed::Order { cases: 12, seed: 3, today: service.now().date_naive() };
        seed::run(&app.db, &app.house, &order).unwrap();
        let mut seen = Vec::new();
        for who in seed::demo_people().into_iter().filter(|p| cdr::casework::assign::ROLES.contains(&p.role)) {
            let browser = service.signed_in_as(&who.email);
            let list = browser.get("/cases").await.is(200).never_says("You are not assigned");
            let mine = list.links().into_iter().map(|(_, to)| to).find(|to| to.starts_with("/cases/KM-")).unwrap();
            browser.get(&mine).await.is(200);
            seen.push(list.texts("main tbody th a"));
        }
        assert_eq!(seen.len(), 3);
        assert!(seen[0] != seen[1] && seen[1] != seen[2] && seen[0] != seen[2], "{seen:?}");
    }

    async fn an_account_in_another_role_is_not_assigned_any_more(service) {
        use cdr::store::schema::users;
        use diesel::prelude::*;
        let case = given::case(service, 1).reference;
        let coordinator = service.signed_in(Role::Coordinator).await;
        let (id, browser) = person(service, Role::KeyWorker);
        assign(&coordinator, &case, &id).await.is(303);
        browser.get(&format!("/cases/{case}")).await.is(200);
        diesel::update(users::table.find(&id)).set(users::role.eq("jar_lead")).execute(&mut service.database.conn()).unwrap();
        browser.get(&format!("/cases/{case}")).await.is(404);
        browser.get("/cases").await.is(200).says("You are not assigned to a case");
    }
}

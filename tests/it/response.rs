//! The joint agency response: the decisions of the first hours with who decided and when, the national form that they
//! fill, the clocks that follow them, and who may.

use cdr::casework::assign;
use cdr::casework::clocks::{self, Shown};
use cdr::casework::picture::Picture;
use cdr::domain::actor::Role;
use cdr::domain::calendar::london;
use cdr::domain::clock::Outcome;
use cdr::store::cases::Case;
use chrono::Duration;

use super::support::form::Form;
use super::support::{Browser, Page, Service, given};
use crate::both_engines;

/// Fills in a section of the first hours; `at` names the question that was decided now.
async fn decide(
    browser: &Browser,
    service: &Service,
    case: &Case,
    section: &str,
    at: &str,
    pairs: &[(&str, &str)],
) -> Page {
    let path = format!("/cases/{}/response/first_hours/{section}", case.reference);
    let mut form = browser.get(&path).await.is(200).form_to(&path);
    form.set(&format!("{at}_by"), "Sample Doctor, paediatrician");
    let now = london(service.now() - Duration::minutes(10));
    for (part, pattern) in [
        ("day", "%-d"),
        ("month", "%-m"),
        ("year", "%Y"),
        ("hour", "%H"),
        ("minute", "%M"),
    ] {
        form.set(&format!("{at}_at-{part}"), &now.format(pattern).to_string());
    }
    answer(browser, &path, form, pairs).await
}

/// Answers the questions that are on the page, and then those that opened with these answers.
async fn answer(browser: &Browser, path: &str, mut form: Form, pairs: &[(&str, &str)]) -> Page {
    for (name, value) in pairs {
        if form.has(name) {
            form.set(name, value);
        }
    }
    let page = browser.submit(&form).await;
    let opened = page.location().filter(|to| to.ends_with("opened=yes"));
    let Some(opened) = opened else { return page };
    let mut form = browser.get(&opened).await.is(200).form_to(path);
    for (name, value) in pairs {
        form.set(name, value);
    }
    browser.submit(&form).await
}

const TRIGGERS: [(&str, &str); 5] = [
    ("trigger_external", "no"),
    ("trigger_sudden", "yes"),
    ("trigger_custody", "no"),
    ("trigger_suspicious", "yes"),
    ("trigger_stillbirth", "no"),
];

fn with<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    TRIGGERS.iter().chain(more).copied().collect()
}

fn clock(service: &Service, case: &Case, id: &str) -> Shown {
    let ctx = service.context(Service::coordinator());
    let all = service.read(|conn| clocks::list(conn, &ctx, case));
    all.into_iter()
        .find(|c| c.definition.id == id)
        .unwrap_or_else(|| panic!("no clock {id}"))
}

fn form(service: &Service, case: &Case) -> cdr::domain::form::Answers {
    let ctx = service.context(Service::coordinator());
    let known = service.read(|conn| Picture::load(conn, &ctx, &case.id));
    known.answers("cdrm_jar").cloned().unwrap_or_default()
}

both_engines! {
    async fn what_is_decided_fills_the_national_form_and_moves_the_clocks(service) {
        let case = given::case(service, 1);
        let base = format!("/cases/{}/response", case.reference);
        let coordinator = service.signed_in(Role::Coordinator).await;
        coordinator.get(&base).await.is(200).says("Not decided yet").says("Immediate decisions recorded").says("Not done yet");
        decide(&coordinator, service, &case, "jar", "jar", &with(&[("jar_met", "yes")])).await.is(303);
        let filled = form(service, &case);
        assert_eq!(filled.choice("jar_required"), Some("yes"));
        assert_eq!(filled.choices("jar_triggers"), ["sudden_no_cause", "suspicious"]);
        assert_eq!(filled.text("decision_by"), Some("Sample Doctor, paediatrician"));
        assert!(filled.is_answered("decision_datetime"));
        coordinator.get(&format!("/cases/{}/record/cdrm_jar", case.reference)).await.is(200).says("Decisions of the first hours");
        coordinator.get(&format!("/cases/{}", case.reference)).await.is(200).says("filled from what is kept elsewhere in the case");
        assert_ne!(clock(service, &case, "C05").stands, Outcome::Running, "decided");
        assert_eq!(clock(service, &case, "C07").stands, Outcome::Running, "a meeting is due");
        assert_eq!(clock(service, &case, "C04").stands, Outcome::Running, "six questions are open");

        coordinator.get(&format!("/cases/{}", case.reference)).await.is(200).says("Record the decisions of the first hours");
        for (section, pairs) in [
            ("certificate", vec![("certificate", "coroner")]),
            ("incident", vec![("incident", "none")]),
            ("siblings", vec![("siblings_concern", "no")]),
            ("serious_incident", vec![("serious_incident", "no")]),
            ("support", vec![("support_by_whom", "Sample Nurse")]),
            ("told", vec![("told", "gp")]),
        ] {
            decide(&coordinator, service, &case, section, section, &pairs).await.is(303);
        }
        assert_ne!(clock(service, &case, "C04").stands, Outcome::Running, "every question has its answer and time");
        coordinator.get(&format!("/cases/{}", case.reference)).await.is(200).never_says("Record the decisions of the first hours");
        let filled = form(service, &case);
        assert_eq!(filled.choice("coroner_informed"), Some("yes"));
        assert_eq!(filled.choice("siblings_safe"), Some("yes"));
        // Put right: it was not met after all, and what was filled in from it goes again.
        decide(&coordinator, service, &case, "jar", "jar", &with(&[("jar_met", "no"), ("trigger_sudden", "no"), ("trigger_suspicious", "no"), ("jar_reason", "Expected after a long illness.")])).await.is(303);
        let filled = form(service, &case);
        assert_eq!(filled.choice("jar_required"), Some("no"));
        assert!(filled.choices("jar_triggers").is_empty());
        assert_eq!(filled.text("decision_reason"), Some("Expected after a long illness."));
        assert_eq!(clock(service, &case, "C07").stands, Outcome::Cancelled, "no meeting is due any more");
    }

    async fn the_case_says_what_the_team_decided_before_what_the_notifier_said(service) {
        let case = given::case(service, 1);
        let at = format!("/cases/{}", case.reference);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let said = async |label: &str| -> String {
            let page = coordinator.get(&at).await.is(200);
            let rows = page.texts(".govuk-summary-list__row");
            rows.into_iter().find(|row| row.starts_with(label)).unwrap()
        };
        let jar = said("Joint agency response").await;
        assert!(jar.contains("No From the notification"), "{jar}");
        assert!(said("Key worker").await.contains("Not answered"));
        decide(&coordinator, service, &case, "jar", "jar", &with(&[("jar_met", "yes")])).await.is(303);
        decide(&coordinator, service, &case, "support", "support", &[("support_by_whom", "Sample Nurse"), ("support_key_worker", "Sample Worker")]).await.is(303);
        let jar = said("Joint agency response").await;
        assert!(jar.contains("Yes Decided in the first hours. The notification said: No"), "{jar}");
        let worker = said("Key worker").await;
        assert!(worker.contains("Sample Worker Decided in the first hours"), "{worker}");
        // The family's page knows best.
        let named = format!("/cases/{}/family/key-worker/new", case.reference);
        let mut form = coordinator.get(&named).await.is(200).form_to(&named);
        form.set("name", "Sample Keyworker").date("named_on", &london(service.now()).format("%-d %-m %Y").to_string());
        coordinator.submit(&form).await.is(303);
        let worker = said("Key worker").await;
        assert!(worker.contains("Sample Keyworker On the family’s page"), "{worker}");
    }

    async fn the_times_of_a_response_begin_with_the_notification_and_know_the_post_mortem(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let base = format!("/cases/{}/response", case.reference);
        coordinator.get(&base).await.is(200).says("Notify the child death overview panel (local target)").never_says("post-mortem examination");
        decide(&coordinator, service, &case, "jar", "jar", &with(&[("jar_met", "yes")])).await.is(303);
        assert_eq!(clock(service, &case, "C46").stands, Outcome::Running);
        let at = format!("{base}/cdrm_jar/post_mortem");
        let mut form = coordinator.get(&at).await.is(200).form_to(&at);
        form.date("pm_date", &london(service.now()).format("%-d %-m %Y").to_string());
        coordinator.submit(&form).await.is(303);
        assert_eq!(clock(service, &case, "C46").stands, Outcome::Met);
        coordinator.get(&base).await.is(200).says("post-mortem examination");
        coordinator.get("/responses").await.is(200).says("Notify the child death overview panel (outer limit)").says("post-mortem examination");
    }

    async fn the_team_can_find_that_what_the_notifier_said_is_not_so(service) {
        let mut answers = given::answers(1);
        answers["jar_required"] = "yes".into();
        answers["jar_trigger"] = serde_json::json!(["external"]);
        let case = given::case_of(service, &answers);
        assert_eq!(clock(service, &case, "C07").stands, Outcome::Running);
        let coordinator = service.signed_in(Role::Coordinator).await;
        decide(&coordinator, service, &case, "jar", "jar", &with(&[("jar_met", "no"), ("trigger_sudden", "no"), ("trigger_suspicious", "no"), ("jar_reason", "Expected.")])).await.is(303);
        for id in ["C06", "C07", "C08", "C09"] {
            assert_eq!(clock(service, &case, id).stands, Outcome::Cancelled, "{id}");
        }
        decide(&coordinator, service, &case, "jar", "jar", &with(&[("jar_met", "yes")])).await.is(303);
        assert_eq!(clock(service, &case, "C07").stands, Outcome::Running, "and find otherwise again");
    }

    async fn what_somebody_typed_on_the_national_form_stays(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let path = format!("/cases/{}/record/cdrm_jar/jar_decision", case.reference);
        let typed = coordinator.get(&path).await.is(200).form_to(&path);
        answer(&coordinator, &path, typed, &[("jar_required", "no"), ("decision_reason", "Typed here.")]).await.is(303);
        decide(&coordinator, service, &case, "jar", "jar", &with(&[("jar_met", "yes")])).await.is(303);
        let filled = form(service, &case);
        assert_eq!(filled.choice("jar_required"), Some("no"));
        assert_eq!(filled.text("decision_reason"), Some("Typed here."));
        assert_eq!(filled.text("decision_by"), Some("Sample Doctor, paediatrician"));
    }

    async fn a_decision_without_a_reason_or_before_the_death_is_refused_and_kept_on_the_page(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let before = [("jar_met", "no"), ("jar_at-year", "2019"), ("jar_by", "Typed words")];
        let page = decide(&coordinator, service, &case, "jar", "jar", &with(&before)).await.is(422);
        assert!(page.errors().iter().any(|(_, href)| href.starts_with("#jar_at")), "{:?}", page.errors());
        assert_eq!(page.form_to(&format!("/cases/{}/response/first_hours/jar", case.reference)).value("jar_by"), "Typed words");
        assert!(!form(service, &case).is_answered("jar_required"));
    }

    async fn who_leads_the_response_keeps_it_and_nobody_else(service) {
        let case = given::case(service, 1);
        let base = format!("/cases/{}/response", case.reference);
        let section = format!("{base}/first_hours/jar");
        let id = service.add_user("lead@cdr.example", Role::JarLead);
        let assigned = service.signed_in_as("lead@cdr.example");
        assigned.get(&section).await.is(404);
        let (reference, version) = (case.reference.clone(), case.version);
        service.write(Service::coordinator(), move |tx, ctx| assign::assign(tx, ctx, &reference, &id, version)).unwrap();
        decide(&assigned, service, &case, "jar", "jar", &with(&[("jar_met", "yes")])).await.is(303);
        assigned.get(&base).await.is(200).says("Times");
        assigned.get(&format!("/cases/{}/record/reporting", case.reference)).await.is(200);
        assigned.get(&format!("/cases/{}/record/cdrm_jar/jar_decision", case.reference)).await.is(403);
        for role in [Role::KeyWorker, Role::PanelMember, Role::Administrator, Role::Auditor] {
            let other = service.signed_in(role).await;
            let status = other.get(&section).await.status;
            assert!(matches!(status, 403 | 404), "{role:?}: {status}");
        }
    }

    async fn a_visit_of_which_only_the_day_is_known_was_not_at_midnight(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        decide(&coordinator, service, &case, "jar", "jar", &with(&[("jar_met", "yes")])).await.is(303);
        let path = format!("/cases/{}/response/cdrm_jar/home_visit", case.reference);
        let today = london(service.now());
        let (day, month, year) = (today.format("%-d").to_string(), today.format("%-m").to_string(), today.format("%Y").to_string());
        let form = coordinator.get(&path).await.is(200).form_to(&path);
        let pairs = [("visit_done", "yes"), ("visit_date-day", day.as_str()), ("visit_date-month", month.as_str()), ("visit_date-year", year.as_str())];
        answer(&coordinator, &path, form, &pairs).await.is(303);
        let visit = clock(service, &case, "C08");
        assert_eq!((visit.stands, visit.stopped_on), (Outcome::Met, Some(today.date())));
        let page = coordinator.get("/responses").await.is(200);
        let cells = page.texts("tbody tr");
        let row = cells.iter().find(|row| row.starts_with("Joint home or scene visit")).unwrap();
        assert!(row.contains("The same day"), "{row}");
        let page = coordinator.get(&format!("/cases/{}/response", case.reference)).await.is(200);
        let cells = page.texts("tbody tr");
        let row = cells.iter().find(|row| row.starts_with("Joint home or scene visit")).unwrap();
        assert!(!row.contains("00:00") && !row.contains("midnight"), "{row}");
    }

    async fn all_responses_are_counted_without_naming_a_case(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        decide(&coordinator, service, &case, "jar", "jar", &with(&[("jar_met", "yes")])).await.is(303);
        let page = coordinator.get("/responses").await.is(200).says("Joint agency response decided").never_says(&case.reference);
        let cells = page.texts("tbody tr");
        let decided = cells.iter().find(|row| row.starts_with("Joint agency response decided")).unwrap();
        assert!(decided.contains(" 1 ") || decided.contains(" 1"), "{decided}");
        service.signed_in(Role::Executive).await.get("/responses").await.is(200);
        service.signed_in(Role::PanelMember).await.get("/responses").await.is(403);
    }
}

//! Reading is recorded: every page of a case, every list, search and export; and who may look it up.

use cdr::domain::actor::Role;
use cdr::store::{Engine, chain, events};
use cdr::web::routes::{Access, all};
use diesel::connection::SimpleConnection;

use super::support::{Service, given};
use crate::both_engines;

fn written(service: &Service) -> i64 {
    service.read(|conn| Ok(chain::head(conn)?)).seq
}

fn sql(service: &Service, statement: &str) {
    match &mut service.database.conn() {
        Engine::Sqlite(c) => c.batch_execute(statement),
        Engine::Postgres(c) => c.batch_execute(statement),
    }
    .unwrap();
}

both_engines! {
    async fn no_page_about_a_case_a_list_or_the_trail_is_read_without_an_event(service) {
        let case = given::case(service, 1);
        let waiting = given::notification(service, &given::answers(2));
        let request = given::request(service, &case, "gp", &["reporting"]);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let auditor = service.signed_in(Role::Auditor).await;
        let mut walked = 0;
        for route in all() {
            let reads = route.method.as_str() == "GET" && matches!(route.access, Access::Staff(_));
            let about = ["/cases", "/returns", "/admin/audit"].iter().any(|start| route.path.starts_with(start));
            if !(reads && about) {
                continue;
            }
            let id = if route.path.starts_with("/cases/notifications") { &waiting.id } else { &request.id };
            let section = if route.path.contains("analysis") { "header" } else { "child" };
            let path = route.path.replace("{reference}", &case.reference).replace("{id}", id)
                .replace("{form}", "notification").replace("{section}", section).replace("{number}", "1");
            let browser = if path.starts_with("/admin") { &auditor } else { &coordinator };
            let before = written(service);
            let page = browser.get(&path).await;
            if page.status == 200 {
                walked += 1;
                assert!(written(service) > before, "{path} left no event");
            } else {
                assert!(matches!(page.status, 303 | 404), "{path}: {}", page.status);
            }
        }
        assert!(walked >= 18, "{walked}");
        let before = written(service);
        coordinator.post("/cases", &[("q", "Testfamily1")]).await.is(200).says(&case.reference);
        assert_eq!(written(service), before + 1);
        let trail = service.read(|conn| Ok(events::latest(conn, "cases_searched", 5)?));
        assert!(trail[0].detail.contains("name") && !trail[0].detail.to_lowercase().contains("testfamily1"));
        assert_eq!((trail[0].source.as_str(), trail[0].actor_role.as_deref()), ("127.0.0.1", Some("coordinator")));
        assert_eq!(trail[0].correlation.len(), 12, "the request's number");
        let refused = service.read(|conn| Ok(events::latest(conn, "access_refused", 50)?)).len();
        service.signed_in(Role::Analyst).await.get(&format!("/cases/{}", case.reference)).await.is(403);
        assert_eq!(service.read(|conn| Ok(events::latest(conn, "access_refused", 50)?)).len(), refused + 1);
    }

    async fn what_cannot_be_recorded_is_not_shown(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        coordinator.get(&format!("/cases/{}", case.reference)).await.is(200).says("Testfamily1");
        sql(service, match service.database.conn() {
            Engine::Sqlite(_) => "CREATE TRIGGER no_more BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'full'); END;",
            Engine::Postgres(_) => "ALTER TABLE events ADD CONSTRAINT no_more CHECK (false) NOT VALID;",
        });
        for path in [format!("/cases/{}", case.reference), format!("/cases/{}/record/notification", case.reference), "/cases?view=open".to_owned()] {
            coordinator.get(&path).await.is(500).never_says("Testfamily1");
        }
        for kind in ["year_end", "annual_report"] {
            let asked = [("kind", kind), ("from-day", "1"), ("from-month", "4"), ("from-year", "2025"),
                ("to-day", "30"), ("to-month", "4"), ("to-year", "2026")];
            let page = coordinator.post("/returns", &asked).await.is(500);
            assert!(!page.header("content-type").contains("zip"), "{kind}");
        }
    }

    async fn an_auditor_finds_who_opened_a_case_in_a_month_and_no_child(service) {
        let (case, other) = (given::case(service, 1), given::case(service, 2));
        let coordinator = service.signed_in(Role::Coordinator).await;
        let doctor = service.signed_in(Role::DesignatedDoctor).await;
        coordinator.get(&format!("/cases/{}/record", case.reference)).await.is(200);
        doctor.get(&format!("/cases/{}", other.reference)).await.is(200);
        let path = format!("/cases/{}/record/notification/child", case.reference);
        let mut form = coordinator.get(&path).await.is(200).form_to(&path);
        form.set("child_known_as", "Zqxanswer");
        coordinator.submit(&form).await.is(303);

        let auditor = service.signed_in(Role::Auditor).await;
        auditor.get("/").await.is(200);
        let mut form = auditor.get("/admin/audit").await.is(200).never_says("Testfamily").form_with("Show");
        form.set("case", &case.reference).set("kind", "reading").set("month", "2026-04");
        let page = auditor.submit(&form).await.is(200).says("Sample Coordinator, coordinator").says("/record").says("127.0.0.1");
        let table = page.texts("table").join(" ");
        assert!(!table.contains("Designated doctor") && !table.contains(&other.reference), "{table}");
        form.set("month", "2026-03");
        auditor.submit(&form).await.is(200).says("Nothing was found");
        // A correction shows the question, and neither what was there nor what is.
        let page = auditor.get(&format!("/admin/audit?case={}&kind=changes", case.reference)).await.is(200);
        page.says("child_known_as").never_says("Zqxanswer").never_says("Testfamily");
        let file = auditor.get(&format!("/admin/audit/download?case={}&kind=reading", case.reference)).await.is(200);
        assert!(file.header("content-type").starts_with("text/csv"), "{}", file.header("content-type"));
        let lines: Vec<&str> = file.text.split("\r\n").collect();
        assert!(lines[0].starts_with("number,at,who,role,kind,what,field,case,page,source,request"), "{}", lines[0]);
        assert!(lines.iter().any(|line| line.contains("case_read") && line.contains(&case.reference)), "{}", file.text);
        assert!(!file.text.contains("Testfamily") && !file.text.contains(&other.reference));
        let exported = service.read(|conn| Ok(events::latest(conn, "audit_exported", 5)?));
        assert_eq!(exported.len(), 1);
        let (administrator, executive) = (service.signed_in(Role::Administrator).await, service.signed_in(Role::Executive).await);
        for browser in [&coordinator, &administrator, &executive] {
            browser.get("/admin/audit").await.is(403);
            browser.get("/admin/audit/download").await.is(403);
        }
    }

    async fn a_case_shows_who_has_seen_it_to_those_who_may_see_it(service) {
        let case = given::case(service, 1);
        let doctor = service.signed_in(Role::DesignatedDoctor).await;
        let path = format!("/cases/{}/seen", case.reference);
        doctor.get(&path).await.is(200).says("Nobody has opened it yet");
        let coordinator = service.signed_in(Role::Coordinator).await;
        coordinator.get(&path).await.is(200).says("Sample Designated doctor for child deaths").says("/seen");
        service.signed_in(Role::JarLead).await.get(&path).await.is(404);
        service.signed_in(Role::Administrator).await.get(&path).await.is(403);
        // The case's own page tells what happened, and not who read it.
        coordinator.get(&format!("/cases/{}", case.reference)).await.is(200).never_says("The case was read");
    }
}

//! One timeline from everything that was answered, with its sources.

use cdr::casework::gather::accept;
use cdr::domain::actor::Role;
use cdr::store::events;

use super::support::given::{self, knowing};
use super::support::journey::{fill_form, sections, send_answers};
use super::support::{Sample, Service};
use crate::both_engines;

both_engines! {
    async fn dates_from_every_answer_stand_in_order_with_who_gave_them(service) {
        let case = given::case(service, 1);
        let path = format!("/cases/{}/chronology", case.reference);
        let coordinator = service.signed_in(Role::Coordinator).await;
        for (agency, weighed) in [("gp", "5 1 2026"), ("health_visiting", "5 1 2026"), ("maternity", "20 3 2026")] {
            let request = given::request(service, &case, agency, &["reporting"]);
            let (browser, home) = knowing(service, &format!("{agency}@cdr.example")).await;
            let sample = Sample::answer().with("agency", agency).with("last_weight_kg", "12").with("last_weight_date", weighed);
            let sample = if agency == "gp" { sample } else { sample.with("known-last_weight_kg", "right").with("known-last_weight_date", "different") };
            fill_form(&browser, &format!("{home}/forms/reporting"), &sample).await;
            send_answers(&browser, &home).await.is(200);
            if agency == "gp" {
                coordinator.get(&path).await.is(200).never_says("5 January 2026");
            }
            let of = (case.reference.clone(), request.id.clone());
            service.write(Service::coordinator(), move |tx, ctx| accept(tx, ctx, &of.0, &of.1)).unwrap();
        }
        let page = coordinator.get(&path).await.is(200).says("9 February 2024").says("5 January 2026").says("20 March 2026").says("27 March 2026");
        let words = page.words();
        let at = |text: &str| words.rfind(text).unwrap();
        assert!(at("9 February 2024") < at("5 January 2026") && at("5 January 2026") < at("20 March 2026"));
        page.says("GP or primary care, Health visiting");
        coordinator.get(&format!("{path}?period=week")).await.is(200).says("20 March 2026").never_says("5 January 2026");
        coordinator.get(&format!("{path}?source=Maternity+or+midwifery")).await.is(200).says("20 March 2026").never_says("5 January 2026");
        // Staff correct the day: it stands there, with both who said so.
        let page = coordinator.get(&format!("/cases/{}/record/reporting", case.reference)).await.is(200);
        let under = format!("/cases/{}/record/reporting/", case.reference);
        for section in sections(&page, &under) {
            let mut form = coordinator.get(&section).await.is(200).form_to(&section);
            if form.has("last_weight_date-day") {
                form.date("last_weight_date", "6 1 2026");
                coordinator.submit(&form).await.is(303);
            }
        }
        let page = coordinator.get(&path).await.is(200).says("6 January 2026").says("The review team")
            .says("GP or primary care had said 5 January 2026, which was corrected").says("Maternity or midwifery had said 20 March 2026");
        assert_eq!(page.texts("tbody th").iter().filter(|day| day.contains("5 January 2026")).count(), 0, "no entry of its own any more");
        coordinator.get(&format!("{path}?source=The+review+team")).await.is(200).says("6 January 2026");
        coordinator.get(&format!("{path}?period=century")).await.is(404);
        let administrator = service.signed_in(Role::Administrator).await;
        administrator.get(&path).await.is(403);
        administrator.get(&format!("{path}/print")).await.is(403);
    }

    async fn the_collapse_comes_before_the_death_of_the_same_day(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let lines = async |n: u32, time: Option<&str>| -> Vec<String> {
            let mut answers = given::answers(n);
            answers["event_datetime"] = "2026-03-27T02:17".into();
            match time {
                Some(time) => answers["time_of_death"] = time.into(),
                None => drop(answers.as_object_mut().unwrap().remove("time_of_death")),
            }
            let case = given::case_of(service, &answers);
            let page = coordinator.get(&format!("/cases/{}/chronology", case.reference)).await.is(200);
            let day = page.texts("tbody tr").into_iter();
            day.filter(|row| row.contains("27 March 2026")).collect()
        };
        let unknown = lines(1, None).await;
        assert!(unknown[0].contains("collapse") && unknown.last().unwrap().contains("Date of death"), "{unknown:?}");
        let known = lines(2, Some("03:40")).await;
        assert!(known[0].contains("collapse"), "{known:?}");
        assert!(known[1].contains("Date of death") && known[1].contains("03:40"), "{known:?}");
    }

    async fn printing_is_a_page_of_its_own_and_leaves_a_row(service) {
        let case = given::case(service, 1);
        let path = format!("/cases/{}/chronology", case.reference);
        let printed = || service.read(|conn| Ok(events::latest(conn, "chronology_printed", 9)?));
        let coordinator = service.signed_in(Role::Coordinator).await;
        let page = coordinator.get(&format!("{path}?source=The+notification&period=week")).await.is(200);
        assert!(!page.text.contains("data-print"), "the page itself does not print");
        assert!(printed().is_empty());
        let link = page.links().into_iter().find(|(text, _)| text == "Page to print").unwrap().1;
        let shown = coordinator.get(&link).await.is(200).says("The notification").says("OFFICIAL – SENSITIVE");
        shown.clone().says("noted in your name").says("Sample Coordinator").says(&case.reference).says("Samplechild1");
        assert_eq!(shown.texts("tbody tr"), page.texts("tbody tr"), "the same lines");
        let rows = printed();
        assert_eq!(rows.len(), 1);
        assert_eq!((rows[0].case_id.as_deref(), rows[0].actor_role.as_deref()), (Some(case.id.as_str()), Some("coordinator")));
        assert!(!rows[0].detail.contains("Sample"), "{}", rows[0].detail);
        coordinator.get(&format!("{path}/print?period=century")).await.is(404);
        coordinator.get("/cases/KM-2026-9999/chronology/print").await.is(404);
        let worker = service.signed_in(Role::KeyWorker).await;
        let status = worker.get(&path).await.status;
        worker.get(&format!("{path}/print")).await.is(status);
        service.signed_in(Role::JarLead).await.get(&format!("{path}/print")).await.is(404);
        assert_eq!(printed().len(), 1, "what was refused was not printed");
    }
}

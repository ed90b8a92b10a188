//! One timeline from everything that was answered, with its sources.

use cdr::casework::gather::accept;
use cdr::domain::actor::Role;

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
    }
}

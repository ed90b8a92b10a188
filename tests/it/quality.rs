//! How complete answers are, by question and by agency, with the cases behind each figure.

use cdr::casework::gather::{accept, send_back};
use cdr::domain::actor::Role;

use super::support::given::{self, opened_link};
use super::support::journey::{fill_form, send_answers};
use super::support::{Page, Sample, Service};
use crate::both_engines;

/// An agency answers, and the coordinator accepts.
async fn answered(service: &Service, case: &str, request: &str, agency: &str, sample: &Sample) {
    let (browser, home) = opened_link(service, &format!("{agency}@cdr.example")).await;
    let sample = sample.clone().with("agency", agency);
    fill_form(&browser, &format!("{home}/forms/reporting"), &sample).await;
    send_answers(&browser, &home).await.is(200);
    let (case, request) = (case.to_owned(), request.to_owned());
    let done = service.write(Service::coordinator(), move |tx, ctx| {
        accept(tx, ctx, &case, &request)
    });
    done.unwrap();
}

/// Where a figure of the row with these words leads.
fn figure(page: &Page, row: &str, what: &str) -> Option<String> {
    let words = format!("{what}: {row}");
    let found = page
        .links()
        .into_iter()
        .find(|(text, _)| text.ends_with(&words));
    found.map(|(_, to)| to.split('#').next().unwrap_or_default().to_owned())
}

both_engines! {
    async fn each_figure_opens_its_cases(service) {
        let case = given::case(service, 1);
        let other = given::case(service, 2);
        // Asked before what the other says is known, so that both are asked the same.
        let police = given::request(service, &case, "police", &["reporting"]);
        let gp = given::request(service, &case, "gp", &["reporting"]);
        let late = given::request(service, &other, "ambulance", &["reporting"]);
        let returned = given::request(service, &other, "maternity", &["reporting"]);
        answered(service, &case.reference, &gp.id, "gp", &Sample::answer().with("child_sex", "female").with("autism", "unknown")).await;
        answered(service, &case.reference, &police.id, "police", &Sample::answer().with("child_sex", "male")).await;
        // Answered in time, sent back, and never seen again.
        let (browser, home) = opened_link(service, "maternity@cdr.example").await;
        fill_form(&browser, &format!("{home}/forms/reporting"), &Sample::answer().with("agency", "maternity")).await;
        send_answers(&browser, &home).await.is(200);
        let of = (other.reference.clone(), returned.id.clone());
        service.write(Service::coordinator(), move |tx, ctx| send_back(tx, ctx, &of.0, &of.1, &"A synthetic reason.".into())).unwrap();
        service.pass(chrono::Duration::days(40));
        let coordinator = service.signed_in(Role::Coordinator).await;
        let page = coordinator.get("/quality?year=2025").await.is(200).says("2 cases were looked at");
        let to = figure(&page, "Ambulance service", "late").expect("late");
        coordinator.get(&to).await.is(200).says(&other.reference).never_says(&case.reference);
        assert!(figure(&page, "Maternity or midwifery", "late").is_some());
        assert!(figure(&page, "Maternity or midwifery", "answered").is_none());
        assert!(figure(&page, "Police", "late").is_none());
        assert!(figure(&page, "Police", "answered").is_some());
        let form = service.app.house.dictionary().form("reporting").unwrap();
        let label = |field: &str| form.field(field).unwrap().label.clone();
        let to = figure(&page, &label("child_sex"), "contradictory").expect("contradictory");
        coordinator.get(&to).await.is(200).says(&case.reference).never_says(&other.reference);
        let to = figure(&page, &label("autism"), "not known").expect("not known");
        coordinator.get(&to).await.is(200).says(&case.reference);
        assert!(figure(&page, &label("autism"), "missing").is_none());
        assert!(figure(&page, &label("gestation_weeks"), "missing").is_some());
        // A supplementary form is counted as well, under its name.
        let neonatal = given::request(service, &other, "neonatal", &["neonatal"]);
        let (browser, home) = opened_link(service, "neonatal@cdr.example").await;
        let sample = Sample::empty().with("completed_by", "Sample Neonatologist").with("completed_on", "1 4 2026").with("gestation_weeks", "27").with("birth_weight_g", "950").with("meconium", "not_known");
        fill_form(&browser, &format!("{home}/forms/neonatal"), &sample).await;
        send_answers(&browser, &home).await.is(200);
        let of = (other.reference.clone(), neonatal.id.clone());
        service.write(Service::coordinator(), move |tx, ctx| accept(tx, ctx, &of.0, &of.1)).unwrap();
        let now = coordinator.get("/quality?year=2025").await.is(200);
        let to = figure(&now, "Meconium (Deaths on a delivery suite, labour ward or neonatal unit)", "not known").expect("not known");
        let there = coordinator.get(&to).await.is(200).says(&other.reference);
        assert!(there.links().iter().any(|(_, to)| to.ends_with("/record/neonatal")));
        assert!(figure(&now, "Neonatal service", "not known").is_some());
        page.never_says("Samplechild1").never_says("Testfamily1");
        assert_eq!(late.agency, "ambulance");
        coordinator.get("/quality").await.is(200).says("0 cases were looked at");
        for odd in ["year=1900", "year=x", "year=2025&question=nothing&what=missing", "year=2025&agency=gp&what=x", "year=2025&question=autism&what=x"] {
            coordinator.get(&format!("/quality?{odd}")).await.is(404);
        }
    }

    async fn only_those_who_keep_reviews_see_it_and_no_restricted_case(service) {
        let case = given::case(service, 1);
        given::request(service, &case, "gp", &["reporting"]);
        service.signed_in(Role::Auditor).await.get("/quality").await.is(403);
        service.signed_in(Role::Administrator).await.get("/quality").await.is(403);
        let doctor = service.signed_in(Role::DesignatedDoctor).await;
        doctor.get("/quality?year=2025").await.is(200).says("1 case was looked at");
        let coordinator = service.signed_in(Role::Coordinator).await;
        let path = format!("/cases/{}/restriction", case.reference);
        let mut form = coordinator.get(&path).await.is(200).form_to(&path);
        form.set("reason", "A synthetic reason.");
        coordinator.submit(&form).await.is(303);
        doctor.get("/quality?year=2025").await.is(200).says("0 cases were looked at");
    }
}

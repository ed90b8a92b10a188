//! What happened when, as the anonymised account of a case tells it: what was agreed, and not what was said before.

use cdr::casework::gather::{self, accept};
use cdr::casework::packs::{self as work, Stand};
use cdr::domain::actor::Role;
use cdr::store::cases::Case;
use cdr::store::records;

use super::packs::{listed, released};
use super::support::given::{self, knowing};
use super::support::journey::{fill_form, sections, send_answers};
use super::support::{Browser, Form, Sample, Service};
use crate::both_engines;

/// The page of the agreed answers to the agencies' form that asks this.
async fn page_of(coordinator: &Browser, case: &Case, field: &str) -> Form {
    let list = format!("/cases/{}/record/reporting", case.reference);
    let page = coordinator.get(&list).await.is(200);
    for section in sections(&page, &format!("{list}/")) {
        let form = coordinator.get(&section).await.is(200).form_to(&section);
        if form.has(field) {
            return form;
        }
    }
    panic!("no page asks {field}")
}

fn stand(service: &Service, case: &Case, pack: &str) -> Stand {
    let item = pack.rsplit('/').next().unwrap().to_owned();
    let ctx = service.context(Service::coordinator());
    service.read(|conn| work::stand(conn, &ctx, case, &item))
}

both_engines! {
    async fn a_day_that_was_settled_and_a_row_that_was_put_right_stand_in_the_account_alone(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let case = given::case(service, 1);
        for (agency, weighed) in [("gp", "5 1 2026"), ("maternity", "20 3 2026")] {
            let request = given::request(service, &case, agency, &["reporting"]);
            let (browser, home) = knowing(service, &format!("{agency}@cdr.example")).await;
            let sample = Sample::answer().with("agency", agency).with("last_weight_kg", "12").with("last_weight_date", weighed);
            let sample = if agency == "gp" { sample } else { sample.with("known-last_weight_kg", "right").with("known-last_weight_date", "different") };
            fill_form(&browser, &format!("{home}/forms/reporting"), &sample).await;
            send_answers(&browser, &home).await.is(200);
            let of = (case.reference.clone(), request.id.clone());
            service.write(Service::coordinator(), move |tx, ctx| accept(tx, ctx, &of.0, &of.1)).unwrap();
        }
        // Staff add a condition that no agency named.
        let mut opens = page_of(&coordinator, &case, "known_medical_conditions").await;
        coordinator.submit(opens.set("known_medical_conditions", "yes")).await;
        let mut typed = page_of(&coordinator, &case, "medical_conditions-0-condition").await;
        typed.set("medical_conditions-0-condition", "A synthetic heart condition").date("medical_conditions-0-date_diagnosed", "22 3 2026");
        coordinator.submit(&typed).await.is(303);
        let (pack, member) = listed(service, &coordinator, &case, 10).await;
        released(service, &coordinator, &pack).await;
        let (weighed, early, late) = ("Date weighed", "About 3 months before the death", "7 days before the death");
        let page = member.get(&pack).await.is(200).says("A synthetic heart condition").says("5 days before the death");
        assert!(page.words().contains(weighed), "{}", page.words());
        page.says(early).says(late);

        let sources = service.read(|conn| Ok(records::get(conn, &case.id, "reporting")?)).unwrap().sources;
        let sources: cdr::casework::picture::Sources = serde_json::from_str(&sources).unwrap();
        let option = sources["last_weight_date"].options.iter().position(|o| o.answer == "2026-01-05").unwrap();
        let settle = gather::Settle { form: "reporting".into(), field: "last_weight_date".into(), option, shown: None, reason: "By the red book.".into() };
        let of = case.reference.clone();
        service.write(Service::coordinator(), move |tx, ctx| gather::settle(tx, ctx, &of, &settle)).unwrap();
        assert_eq!(stand(service, &case, &pack), Stand::Void, "what members read is another account");
        again(service, &coordinator, &pack).await;
        member.get(&pack).await.is(200).says(early).never_says(late);

        let mut typed = page_of(&coordinator, &case, "medical_conditions-0-condition").await;
        typed.date("medical_conditions-0-date_diagnosed", "24 3 2026");
        coordinator.submit(&typed).await.is(303);
        assert_eq!(stand(service, &case, &pack), Stand::Void);
        again(service, &coordinator, &pack).await;
        member.get(&pack).await.is(200).says("3 days before the death").never_says("5 days before the death");
    }
}

/// Written anew and signed by two again.
async fn again(service: &Service, coordinator: &Browser, pack: &str) {
    super::packs::build(coordinator, pack, "").await.is(303);
    super::packs::take_all_out(coordinator, pack).await;
    super::packs::sign(coordinator, pack, "Sign").await.is(303);
    let doctor = service.signed_in_as("designated.doctor@cdr.example");
    super::packs::sign(&doctor, pack, "Sign and release")
        .await
        .is(303);
}

//! Gathering from end to end: three agencies are asked in turn; one hands on, one did not know the child, one is late;
//! two differ, the coordinator settles it, and the record shows every source.

use cdr::casework::gather::accept;
use cdr::domain::actor::Role;
use cdr::jobs::remind::remind_due;
use cdr::store::responses;
use chrono::Duration;

use super::support::given::{self, knowing};
use super::support::journey::{fill_form, sections, send_answers};
use super::support::{Browser, Sample, Service};
use crate::both_engines;

const FORM: &str = "forms/reporting";

fn taken(service: &Service, case: &str, request: &str) {
    let of = (case.to_owned(), request.to_owned());
    let done = service.write(Service::coordinator(), move |tx, ctx| {
        accept(tx, ctx, &of.0, &of.1)
    });
    done.unwrap();
}

/// How many questions of the form the agency is asked, as its page says.
async fn asked(browser: &Browser, home: &str) -> usize {
    let words = browser.get(&format!("{home}/{FORM}")).await.is(200).words();
    let before = words.split(" questions.").next().unwrap_or_default();
    let number = before.split_whitespace().next_back();
    number.and_then(|text| text.parse().ok()).unwrap()
}

async fn says_weeks(browser: &Browser, home: &str, weeks: &str) {
    let tasks = format!("{home}/{FORM}");
    for section in sections(&browser.get(&tasks).await.is(200), &format!("{tasks}/")) {
        let page = browser.get(&section).await.is(200);
        let mut form = page.form_to(&section);
        if form.has("known-gestation_weeks") {
            form.set("known-gestation_weeks", "different");
            form = browser.submit_on(&form).await.is(200).form_to(&section);
        }
        if form.has("gestation_weeks") {
            form.set("gestation_weeks", weeks);
            browser.submit(&form).await.is(303);
            return;
        }
    }
    panic!("no page asks for the weeks");
}

both_engines! {
    async fn three_agencies_answer_and_two_differ(service) {
        let case = given::case(service, 1);
        let maternity = given::request(service, &case, "maternity", &["reporting"]);
        let police = given::request(service, &case, "police", &["reporting"]);
        let gp = given::request(service, &case, "gp", &["reporting"]);

        // The first hands the request on to a colleague, who answers.
        let (first, home) = knowing(service, "maternity@cdr.example").await;
        let mut form = first.get(&format!("{home}/hand-on")).await.is(200).form_with("Hand it on");
        form.set("name", "Sample Colleague").set("email", "colleague@cdr.example");
        first.submit(&form).await.is(200);
        let (colleague, home) = knowing(service, "colleague@cdr.example").await;
        let asked_first = asked(&colleague, &home).await;
        let sample = Sample::answer().with("agency", "maternity").with("gestation_weeks", "39").with("birth_weight_g", "3200")
            .with("smoking_in_pregnancy", "no");
        fill_form(&colleague, &format!("{home}/{FORM}"), &sample).await;
        send_answers(&colleague, &home).await.is(200);
        taken(service, &case.reference, &maternity.id);

        // The second did not know the child.
        let (second, home) = knowing(service, "police@cdr.example").await;
        let form = second.get(&format!("{home}/not-known")).await.is(200).form_with("Send: the child is not known");
        second.submit(&form).await.is(303);
        assert!(given::request_now(service, &police.id).nil_return);
        taken(service, &case.reference, &police.id);

        // The third is reminded twice, and answers late; it is asked less than the first.
        let mails = |service: &Service| service.mails().iter().filter(|m| m.recipient == "gp@cdr.example").count();
        let before = mails(service);
        let mut reminded = Vec::new();
        for _ in 0..40 {
            service.pass(Duration::days(1));
            remind_due(&service.app.db, &service.app.house, service.now()).unwrap();
            let now = mails(service) - before;
            if reminded.last() != Some(&now) && now > 0 {
                reminded.push(now);
            }
            if now >= 2 && service.now().date_naive() > gp.agreed_date {
                break;
            }
        }
        assert!(reminded.len() >= 2, "each reminder came on a day of its own: {reminded:?}");
        let (third, home) = knowing(service, "gp@cdr.example").await;
        let asked_third = asked(&third, &home).await;
        assert!(asked_third < asked_first, "{asked_third} of {asked_first}");
        says_weeks(&third, &home, "38").await;
        fill_form(&third, &format!("{home}/{FORM}"), &Sample::answer()).await;
        send_answers(&third, &home).await.is(200);
        taken(service, &case.reference, &gp.id);
        let spared = |id: &str| {
            let id = id.to_owned();
            service.read(move |conn| Ok(responses::get(conn, &id, "reporting")?)).and_then(|row| row.spared)
        };
        assert!(spared(&gp.id) > spared(&maternity.id));

        // Two differ: the coordinator chooses, and every source stays.
        let coordinator = service.signed_in(Role::Coordinator).await;
        let path = format!("/cases/{}/differences", case.reference);
        let page = coordinator.get(&path).await.is(200).says("To be settled").says("39").says("38");
        let mut form = page.form_to(&path);
        form.set("option", "0").set("reason", "The maternity record was made at the time.");
        coordinator.submit(&form).await.is(303);
        coordinator.get(&path).await.is(200).says("Settled").says("Maternity or midwifery").says("GP or primary care");
        let record = coordinator.get(&format!("/cases/{}/record/reporting", case.reference)).await.is(200);
        record.says("39").says("Maternity or midwifery").says("GP or primary care");
        coordinator.get("/quality?year=2025").await.is(200).says("late: GP or primary care");
    }
}

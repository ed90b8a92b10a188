//! Only what is new is asked: what others answered already is shown to those who may know it, and an agency confirms
//! it, corrects it or leaves it.

use cdr::casework::gather::accept;
use cdr::domain::actor::Role;
use cdr::store::responses;

use super::support::given::{self, knowing};
use super::support::journey::{fill_form, sections, send_answers};
use super::support::{Browser, Page, Sample, Service};
use crate::both_engines;

const FORM: &str = "forms/reporting";

/// A hospital that knew the birth.
fn birth() -> Sample {
    Sample::answer()
        .with("gestation_weeks", "39")
        .with("birth_weight_g", "3200")
        .with("smoking_in_pregnancy", "no")
        .with("known_medical_conditions", "no")
        .with("looked_after", "never")
}

/// An agency answers, and the coordinator accepts; gives its browser and the request's address.
async fn answered(
    service: &Service,
    case: &str,
    request: &str,
    agency: &str,
    sample: &Sample,
) -> (Browser, String) {
    let (browser, home) = knowing(service, &format!("{agency}@cdr.example")).await;
    let sample = sample.clone().with("agency", agency);
    fill_form(&browser, &format!("{home}/{FORM}"), &sample).await;
    send_answers(&browser, &home)
        .await
        .is(200)
        .says("Your answers were sent");
    let (case, request) = (case.to_owned(), request.to_owned());
    service
        .write(Service::coordinator(), move |tx, ctx| {
            accept(tx, ctx, &case, &request)
        })
        .unwrap();
    (browser, home)
}

/// The page that tells of this question as known, or asks it.
async fn page_of(browser: &Browser, home: &str, field: &str) -> Page {
    let tasks = format!("{home}/{FORM}");
    for section in sections(&browser.get(&tasks).await.is(200), &format!("{tasks}/")) {
        let page = browser.get(&section).await.is(200);
        let form = page.form_to(&section);
        if form
            .names()
            .iter()
            .any(|name| *name == field || *name == format!("known-{field}"))
        {
            return page;
        }
    }
    panic!("no page of {home} has {field}")
}

/// How many questions the agency is asked, and how many others answered.
async fn counts(browser: &Browser, home: &str) -> (usize, usize) {
    let page = browser.get(&format!("{home}/{FORM}")).await.is(200);
    let words = page.words();
    let number_before = |mark: &str| -> usize {
        let before = words.split(mark).next().unwrap_or_default();
        before
            .split_whitespace()
            .next_back()
            .and_then(|n| n.parse().ok())
            .unwrap_or(0)
    };
    (
        number_before(" questions."),
        number_before(" more are not asked"),
    )
}

fn spared(service: &Service, request: &str) -> Option<i32> {
    let of = request.to_owned();
    service
        .read(move |conn| Ok(responses::get(conn, &of, "reporting")?))
        .unwrap()
        .spared
}

both_engines! {
    async fn each_agency_is_asked_less_than_the_one_before(service) {
        let case = given::case(service, 1);
        let maternity = given::request(service, &case, "maternity", &["reporting"]);
        let gp = given::request(service, &case, "gp", &["reporting"]);
        let (first, home) = knowing(service, "maternity@cdr.example").await;
        let (asked_first, spared_first) = counts(&first, &home).await;
        // The notifier had said where the child died.
        let told = page_of(&first, &home, "place_of_death").await.says("Known already").says("The notification");
        assert!(told.form().names().contains(&"known-place_of_death"));
        answered(service, &case.reference, &maternity.id, "maternity", &birth()).await;
        let (second, home) = knowing(service, "gp@cdr.example").await;
        let (asked_second, spared_second) = counts(&second, &home).await;
        assert!(asked_second < asked_first && spared_second > spared_first, "{asked_first} {asked_second} {spared_first} {spared_second}");
        page_of(&second, &home, "gestation_weeks").await.says("39").says("Maternity or midwifery");
        // What is left needs no answer, and the record holds it with its source.
        fill_form(&second, &format!("{home}/{FORM}"), &Sample::answer()).await;
        send_answers(&second, &home).await.is(200).says("not asked of you, because others had answered");
        assert!(spared(service, &gp.id) > spared(service, &maternity.id));
        let coordinator = service.signed_in(Role::Coordinator).await;
        let file = format!("/cases/{}/requests/{}", case.reference, gp.id);
        coordinator.get(&file).await.is(200).says("not asked, because others had answered");
    }

    async fn what_a_colleague_was_spared_is_counted_once(service) {
        let case = given::case(service, 1);
        let maternity = given::request(service, &case, "maternity", &["reporting"]);
        let gp = given::request(service, &case, "gp", &["reporting"]);
        answered(service, &case.reference, &maternity.id, "maternity", &birth()).await;
        let (browser, home) = knowing(service, "gp@cdr.example").await;
        fill_form(&browser, &format!("{home}/{FORM}"), &Sample::answer()).await;
        let (_, in_all) = counts(&browser, &home).await;
        let path = format!("{home}/parts");
        let mut form = browser.get(&path).await.is(200).form_to(&path);
        form.set("name", "Sample Midwife").set("email", "midwife@cdr.example").set("page", "reporting/birth");
        browser.submit(&form).await.is(303);
        let (colleague, theirs) = given::opened_link(service, "midwife@cdr.example").await;
        page_of(&colleague, &theirs, "gestation_weeks").await.says("Known already");
        send_answers(&colleague, &theirs).await.is(200).says("Your answers were sent");
        send_answers(&browser, &home).await.is(200).says("Your answers were sent");
        let rows = service.read(|conn| Ok(cdr::store::requests::of_case(conn, &case.id)?));
        let part = rows.iter().find(|row| row.part_of.as_deref() == Some(&gp.id)).unwrap();
        let (own, parted) = (spared(service, &gp.id).unwrap(), spared(service, &part.id).unwrap());
        assert!(own > 0 && parted > 0, "{own} {parted}");
        assert_eq!(usize::try_from(own + parted).unwrap(), in_all);
    }

    async fn who_may_not_know_it_is_asked_and_told_nothing(service) {
        let case = given::case(service, 1);
        let maternity = given::request(service, &case, "maternity", &["reporting"]);
        answered(service, &case.reference, &maternity.id, "maternity", &birth()).await;
        given::request(service, &case, "police", &["reporting"]);
        let (police, home) = knowing(service, "police@cdr.example").await;
        let page = page_of(&police, &home, "gestation_weeks").await.never_says("Maternity or midwifery").never_says("3200");
        assert!(page.form().names().contains(&"gestation_weeks"));
        assert_eq!(page.form().value("gestation_weeks"), "");
    }

    async fn nothing_is_shown_before_the_agency_says_that_it_knew_the_child(service) {
        let case = given::case(service, 1);
        let maternity = given::request(service, &case, "maternity", &["reporting"]);
        answered(service, &case.reference, &maternity.id, "maternity", &birth()).await;
        let gp = given::request(service, &case, "gp", &["reporting"]);
        let (browser, home) = given::opened_link(service, "gp@cdr.example").await;
        browser.get(&home).await.is(200).says("Did your service know the child?");
        assert_eq!(counts(&browser, &home).await.1, 0);
        let page = page_of(&browser, &home, "gestation_weeks").await.never_says("Maternity or midwifery").never_says("Known already");
        assert!(page.form().names().contains(&"gestation_weeks"));
        browser.post(&format!("{home}/knew"), &[]).await.is(422).faults("Choose whether your service knew the child", "#knew");
        // Not known: a nil return, and nothing was shown.
        browser.post(&format!("{home}/knew"), &[("knew", "no")]).await.is(303).moved_to(&format!("{home}/not-known"));
        assert_eq!(counts(&browser, &home).await.1, 0);
        browser.post(&format!("{home}/knew"), &[("knew", "yes")]).await.is(303).moved_to(&home);
        browser.get(&home).await.is(200).never_says("Did your service know the child?");
        let known = counts(&browser, &home).await.1;
        assert!(known > 0);
        page_of(&browser, &home, "gestation_weeks").await.says("39").says("Maternity or midwifery");
        let coordinator = service.signed_in(Role::Coordinator).await;
        coordinator.get(&format!("/cases/{}", case.reference)).await.is(200).says("said that it knew the child");
        let form = browser.get(&format!("{home}/not-known")).await.is(200).form_with("Send: the child is not known");
        browser.submit(&form).await.is(303);
        assert!(given::request_now(service, &gp.id).nil_return);
        browser.post(&format!("{home}/knew"), &[("knew", "yes")]).await.is(422);

        // A part of a request, and a form that asks no such question, ask before they show anything.
        let police = given::request(service, &case, "ambulance", &["care_pathway"]);
        let (browser, home) = given::opened_link(service, "ambulance@cdr.example").await;
        browser.get(&home).await.is(200).says("Did your service know the child?");
        browser.post(&format!("{home}/knew"), &[("knew", "yes")]).await.is(303);
        assert!(given::request_now(service, &police.id).knew_child);
    }

    async fn an_answer_is_confirmed_or_left(service) {
        let case = given::case(service, 1);
        let maternity = given::request(service, &case, "maternity", &["reporting"]);
        answered(service, &case.reference, &maternity.id, "maternity", &birth()).await;
        let gp = given::request(service, &case, "gp", &["reporting"]);
        let (browser, home) = knowing(service, "gp@cdr.example").await;
        let mut form = page_of(&browser, &home, "gestation_weeks").await.form();
        form.set("known-gestation_weeks", "right").set("known-birth_weight_g", "cannot_say");
        browser.submit(&form).await.is(303);
        let again = page_of(&browser, &home, "gestation_weeks").await.form();
        assert_eq!((again.value("known-gestation_weeks").as_str(), again.value("known-birth_weight_g").as_str()), ("right", "cannot_say"));
        // What is not offered changes nothing.
        let version = again.value("version");
        let odd = [("version", version.as_str()), ("known-gestation_weeks", "made up"), ("known-nothing", "right")];
        browser.post(&again.action, &odd).await.is(303);
        fill_form(&browser, &format!("{home}/{FORM}"), &Sample::answer()).await;
        send_answers(&browser, &home).await.is(200);
        let (of, who) = (case.reference.clone(), gp.id.clone());
        service.write(Service::coordinator(), move |tx, ctx| accept(tx, ctx, &of, &who)).unwrap();
        let coordinator = service.signed_in(Role::Coordinator).await;
        coordinator.get(&format!("/cases/{}/differences", case.reference)).await.is(200).never_says("Gestation");
        let row = service.read(|conn| Ok(responses::get(conn, &gp.id, "reporting")?)).unwrap();
        assert!(row.answers.contains("\"gestation_weeks\":39") && !row.answers.contains("birth_weight_g"), "{}", row.answers);
    }

    async fn a_correction_stands_beside_what_was_known(service) {
        let case = given::case(service, 1);
        let maternity = given::request(service, &case, "maternity", &["reporting"]);
        answered(service, &case.reference, &maternity.id, "maternity", &birth()).await;
        let gp = given::request(service, &case, "gp", &["reporting"]);
        let (browser, home) = knowing(service, "gp@cdr.example").await;
        let page = page_of(&browser, &home, "gestation_weeks").await;
        let mut form = page.form();
        form.set("known-gestation_weeks", "different");
        // The question opens on the same page, with what is known beside it.
        let page = browser.submit_on(&form).await.is(200).says("opened more questions").says("Known already: 39");
        let mut form = page.form();
        form.set("gestation_weeks", "99");
        let page = browser.submit(&form).await.is(422);
        assert_eq!(page.form().value("gestation_weeks"), "99");
        form.set("gestation_weeks", "");
        browser.submit(&form).await.is(303);
        // Left empty, it is known again.
        let mut form = page_of(&browser, &home, "gestation_weeks").await.form();
        assert!(form.names().contains(&"known-gestation_weeks"));
        form.set("known-gestation_weeks", "different");
        let mut form = browser.submit_on(&form).await.is(200).form();
        form.set("gestation_weeks", "38");
        browser.submit(&form).await.is(303);
        fill_form(&browser, &format!("{home}/{FORM}"), &Sample::answer()).await;
        send_answers(&browser, &home).await.is(200);
        let (of, who) = (case.reference.clone(), gp.id.clone());
        service.write(Service::coordinator(), move |tx, ctx| accept(tx, ctx, &of, &who)).unwrap();
        let coordinator = service.signed_in(Role::Coordinator).await;
        let path = format!("/cases/{}/differences", case.reference);
        let page = coordinator.get(&path).await.is(200).says("To be settled").says("39").says("38");
        let mut form = page.form_to(&path);
        form.set("option", "1").set("reason", "Synthetic.");
        coordinator.submit(&form).await.is(303);
        coordinator.get(&path).await.is(200).says("Settled").says("Maternity or midwifery").says("GP or primary care");
    }

    async fn what_is_confirmed_is_what_was_shown(service) {
        let case = given::case(service, 1);
        let maternity = given::request(service, &case, "maternity", &["reporting"]);
        answered(service, &case.reference, &maternity.id, "maternity", &birth()).await;
        given::request(service, &case, "gp", &["reporting"]);
        let (browser, home) = knowing(service, "gp@cdr.example").await;
        let mut form = page_of(&browser, &home, "gestation_weeks").await.form();
        form.set("known-gestation_weeks", "right");
        // While the page is open the coordinator corrects the record.
        let coordinator = service.signed_in(Role::Coordinator).await;
        let path = format!("/cases/{}/record/reporting/child_birth", case.reference);
        let mut correction = coordinator.get(&path).await.is(200).form_to(&path);
        correction.set("gestation_weeks", "40");
        coordinator.submit(&correction).await.is(303);
        let again = browser.submit_on(&form).await.is(200).says("something known has changed").says("40");
        assert_eq!(again.form().value("known-gestation_weeks"), "");
        // What staff corrected stays when the notification is saved again.
        let notified = format!("/cases/{}/record/notification", case.reference);
        for section in sections(&coordinator.get(&notified).await.is(200), &format!("{notified}/")).iter().take(2) {
            let form = coordinator.get(section).await.is(200).form_to(section);
            coordinator.submit(&form).await;
        }
        assert_eq!(coordinator.get(&path).await.is(200).form_to(&path).value("gestation_weeks"), "40");
    }

    async fn what_the_notifier_said_otherwise_waits_for_the_coordinator(service) {
        let mut answers = given::answers(1);
        answers["gestation_weeks"] = 40.into();
        let case = given::case_of(service, &answers);
        let maternity = given::request(service, &case, "maternity", &["reporting"]);
        let (browser, home) = knowing(service, "maternity@cdr.example").await;
        let mut form = page_of(&browser, &home, "gestation_weeks").await.says("The notification").form();
        form.set("known-gestation_weeks", "different");
        let mut form = browser.submit_on(&form).await.is(200).form();
        form.set("gestation_weeks", "39");
        browser.submit(&form).await.is(303);
        answered(service, &case.reference, &maternity.id, "maternity", &Sample::answer()).await;
        let coordinator = service.signed_in(Role::Coordinator).await;
        let path = format!("/cases/{}/differences", case.reference);
        coordinator.get(&path).await.is(200).says("40").says("39").says("the notification");
    }
}

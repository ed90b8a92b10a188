//! What is learned across cases: points shared with those who contributed, themes, cases that are alike, and counts that are
//! higher than before.

use cdr::casework::clusters;
use cdr::casework::likeness::alike;
use cdr::domain::actor::{Actor, Role};
use cdr::jobs::clusters::count_now;
use cdr::store::cases::Case;
use cdr::store::learning::{self as store, Features};
use chrono::{Days, NaiveDate};

use super::learning::finalised;
use super::panels::{members, sitting};
use super::support::{Browser, Service, given};
use crate::both_engines;

/// Puts the codes of a case past the record, with another day of death.
fn codes(service: &Service, case: &Case, died: NaiveDate, pairs: &[(&str, &str)]) {
    let mut body = serde_json::Map::new();
    for (dimension, code) in pairs {
        body.insert((*dimension).to_owned(), serde_json::json!([code]));
    }
    let row = Features {
        id: format!("f-{}", case.id),
        case_id: case.id.clone(),
        died,
        body: serde_json::Value::Object(body).to_string(),
    };
    service
        .write(Service::coordinator(), move |tx, _| {
            tx.unchanged();
            Ok(store::put_features(tx, &row)?)
        })
        .unwrap();
}

const ALIKE: [(&str, &str); 4] = [
    ("age", "age_band:1_4_years"),
    ("category", "category_of_death:3"),
    ("product", "sleep_place:sofa"),
    ("factors", "factor_code:C12"),
];

/// Writes a learning point and a recommendation into the analysis.
async fn learned(coordinator: &Browser, case: &Case, point: &str) {
    learned_in(
        coordinator,
        case,
        point,
        "Give every home a safe place to sleep.",
    )
    .await;
}

pub(super) async fn learned_in(coordinator: &Browser, case: &Case, point: &str, recommended: &str) {
    let path = format!("/cases/{}/analysis/learning", case.reference);
    let mut form = coordinator.get(&path).await.is(200).form_to(&path);
    form.set("learning_points-0-learning", point)
        .set("recommendations-0-recommendation", recommended)
        .set("recommendations-0-for_agency", "gp");
    coordinator.submit(&form).await.is(303);
}

fn closed(service: &Service, case: &Case) {
    finalised(service, case);
    let reference = case.reference.clone();
    let done = service.write(Service::coordinator(), move |tx, _| {
        let mut row = cdr::casework::picture::case_by_reference(tx.conn(), &reference)?;
        let was = std::mem::replace(&mut row.state, "closed".to_owned());
        tx.unchanged();
        cdr::casework::gather::save_case(tx, &row, &was)
    });
    done.unwrap();
}

fn count(service: &Service) -> usize {
    count_now(&service.app.db, &service.app.house, service.now()).unwrap()
}

both_engines! {
    async fn those_who_contributed_get_what_a_person_found_safe_once_and_no_more(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let case = given::case(service, 1);
        learned(&coordinator, &case, "Samplechild1’s cot was a sofa.").await;
        let page = format!("/cases/{}/learning", case.reference);
        let mut form = coordinator.get(&page).await.is(200).says("it could tell who somebody is (name in the record)").says("The note can be sent when the case is closed.").form_with("Save what is safe to share");
        form.set("share-0", "yes").set("share-1", "yes");
        let refused = coordinator.submit(&form).await.is(422).faults("It could tell who somebody is (name in the record). Write it without", "#words-0").faults("Confirm that none of the points could tell which child it was", "#confirmed");
        let mut form = refused.form_with("Save what is safe to share");
        assert_eq!(form.value("words-0"), "Samplechild1’s cot was a sofa.", "nothing is lost");
        form.set("words-0", "A sofa is no place for a baby to sleep.").set("confirmed", "yes");
        coordinator.submit(&form).await.is(303);
        coordinator.post(&page, &[("do", "thank")]).await.is(422).says("Those who contributed are thanked when the case is closed.");

        let asked = given::request(service, &case, "gp", &["reporting"]);
        given::request(service, &case, "police", &["reporting"]);
        let done = service.write(Service::coordinator(), move |tx, _| {
            tx.unchanged();
            let row = cdr::store::requests::Request { state: "accepted".into(), ..asked };
            Ok(cdr::store::requests::save(tx, &row)?)
        });
        assert!(done.unwrap());
        closed(service, &case);
        coordinator.get(&format!("/cases/{}", case.reference)).await.is(200).says("Tell those who contributed what was learned");
        let form = coordinator.get(&page).await.is(200).form_with("Send the note to 2 people");
        for role in [Role::DesignatedDoctor, Role::PanelChair, Role::Executive] {
            service.signed_in(role).await.post(&page, &[("do", "thank")]).await.is(403);
        }
        coordinator.submit(&form).await.is(303);
        coordinator.submit(&form).await.is(422).says("was written to already");
        let thanked = |to: &str| service.mails().into_iter().filter(|m| m.recipient == to && m.subject == "Thank you for contributing to a review").collect::<Vec<_>>();
        let (gp, notifier) = (thanked("gp@cdr.example"), thanked("sample.notifier@nhs.net"));
        assert_eq!((gp.len(), notifier.len(), thanked("police@cdr.example").len()), (1, 1, 0), "who did not answer is not thanked");
        assert!(gp[0].body.contains("- A sofa is no place for a baby to sleep.") && gp[0].body.contains("What was recommended to your service:\n- Give every home"));
        assert!(!notifier[0].body.contains("Give every home"), "it was recommended to another service");
        for mail in gp.iter().chain(&notifier) {
            for secret in [&case.reference, "Samplechild", "Testfamily", "2026", "KM-"] {
                assert!(!mail.body.contains(secret), "{secret}: {}", mail.body);
            }
        }
        coordinator.get(&page).await.is(200).says("Waits to be sent").says("gp@cdr.example");
        coordinator.get(&format!("/cases/{}", case.reference)).await.is(200).never_says("Tell those who contributed what was learned");
        coordinator.post(&page, &[("do", "agree"), ("words-0", "Another."), ("share-0", "yes"), ("confirmed", "yes")]).await.is(422).says("The note has been sent");
    }

    async fn initials_an_age_and_a_strange_name_in_a_point_are_confirmed_by_a_person(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let case = given::case(service, 1);
        learned(&coordinator, &case, "ST, aged 11 weeks, was found by Jaydon.").await;
        let page = format!("/cases/{}/learning", case.reference);
        let shown = coordinator.get(&page).await.is(200).says("These words tell nobody: “ST” (initials), “aged 11 weeks” (age), “Jaydon” (perhaps a name)");
        let mut form = shown.form_with("Save what is safe to share");
        form.set("share-0", "yes").set("confirmed", "yes");
        let refused = coordinator.submit(&form).await.is(422);
        refused.clone().faults("It may tell who somebody is: “ST” (initials), “aged 11 weeks” (age), “Jaydon” (perhaps a name). Write it without, or tick that these words tell nobody", "#words-0");
        // What was said of these words does not hold for others.
        let mut form = refused.form_with("Save what is safe to share");
        let guessed = form.offers("meant-0").remove(0);
        form.set("meant-0", &guessed).set("words-0", "ST, aged 11 weeks, was found by Jaydon and Kiefer.");
        let refused = coordinator.submit(&form).await.is(422).says("“Kiefer” (perhaps a name)");
        let mut form = refused.form_with("Save what is safe to share");
        let guessed = form.offers("meant-0").remove(0);
        coordinator.submit(form.set("meant-0", &guessed).set("confirmed", "yes")).await.is(303);
        let kept = service.read(|conn| Ok(store::points_of(conn, &case.id)?));
        assert_eq!(kept[0].words, "ST, aged 11 weeks, was found by Jaydon and Kiefer.");
    }

    async fn cases_like_this_one_are_shown_by_codes_and_a_restricted_one_is_not(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let all: Vec<Case> = (1..=4).map(|n| given::case(service, n)).collect();
        let day = all[0].date_of_death;
        for case in &all[..3] {
            codes(service, case, day - Days::new(400), &ALIKE);
        }
        codes(service, &all[3], day, &[("category", "category_of_death:2"), ("age", "age_band:15_17_years")]);
        let page = format!("/cases/{}/learning", all[0].reference);
        coordinator.get(&page).await.is(200).says(&all[1].reference).says(&all[2].reference).never_says(&all[3].reference).says("Product or surface").says("100% alike");
        let ctx = service.context(Service::coordinator());
        let found = service.read(|conn| alike(conn, &ctx, &all[0], true));
        assert!(found.iter().all(|one| one.reference.as_ref() != Some(&all[0].reference)) && found.len() == 2, "never itself");
        let restricted = all[2].reference.clone();
        let (named, version) = (service.add_user("named@cdr.example", Role::DesignatedDoctor), given::find(service, &restricted).version);
        service.write(Service::coordinator(), move |tx, ctx| cdr::casework::restrict::restrict(tx, ctx, &restricted, version, &[named], "A member of staff’s child.")).unwrap();
        let doctor = service.signed_in(Role::DesignatedDoctor).await;
        doctor.get(&page).await.is(200).says(&all[1].reference).never_says(&all[2].reference);

        // In the room nothing tells which it is.
        let who = members(service);
        let (_, room) = sitting(service, &coordinator, &all[0], &who).await;
        codes(service, &all[0], day, &ALIKE);
        let chair = service.signed_in_as("chair@cdr.example");
        let shown = chair.get(&room).await.is(200).says("Has this happened before?").says("A case of 2025, 100% alike");
        for case in &all {
            assert!(!shown.text.contains(&case.reference) && !shown.text.contains(&case.display_name));
        }
        let mut form = shown.form_with("Save the themes");
        form.set("themes", "safe_sleep|product_safety");
        chair.submit(&form).await.is(303);
        service.signed_in_as("doctor@cdr.example").post(&room, &[("do", "themes"), ("themes", "smoking"), ("version", "1")]).await.is(404);
        // By its reference a case is for who reads cases; a chair is told the same of one that is not there.
        for reference in [all[0].reference.as_str(), "KM-2026-9999"] {
            chair.post(&format!("/cases/{reference}/themes"), &[("themes", "smoking")]).await.is(403);
        }

        coordinator.get("/themes").await.is(200).says("Safer sleep").says(&all[0].reference).says("0, 0 done");
        let executive = service.signed_in(Role::Executive).await;
        executive.get("/themes").await.is(200).says("Fewer than 5").never_says(&all[0].reference);
        service.signed_in(Role::PanelMember).await.get("/themes").await.is(403);
        coordinator.post(&format!("/cases/{}/themes", all[0].reference), &[("do", "save")]).await.is(303);
        executive.get("/themes").await.is(200).never_says("Fewer than 5");
    }

    async fn a_count_that_is_higher_than_before_is_judged_by_a_person(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let all: Vec<Case> = (1..=6).map(|n| given::case(service, n)).collect();
        let today = service.now().date_naive();
        for (n, case) in all.iter().enumerate() {
            let back = if n == 0 { 900 } else { 10 * n as u64 };
            codes(service, case, today - Days::new(back), &[("mechanism", "poisoning.substance_group:opioid")]);
        }
        assert_eq!(count(service), 5, "the mechanism over three, six and twelve months, the district over three and six");
        assert_eq!(count(service), 0, "the same count twice is no news");
        coordinator.get("/cases").await.is(200).says("5 counts are higher than the years before");
        service.signed_in(Role::JarLead).await.get("/cases").await.is(200).never_says("higher than the years before");
        let page = coordinator.get("/clusters").await.is(200).says("5 deaths in 3 months").says(&all[1].reference).never_says(&all[0].reference);
        let form = page.form_with("Record it");
        coordinator.submit(&form).await.is(422).says("Choose what you found");
        let mut form = page.form_with("Record it");
        form.set("judgement", "look").set("reason", "");
        let said = coordinator.submit(&form).await.is(422).says("Say why, for whoever looks at it later");
        let mut form = said.form_with("Record it");
        form.set("judgement", "look").set("reason", "The same substance; public health is asked.");
        coordinator.submit(&form).await.is(303);
        coordinator.submit(&form).await.is(409);
        coordinator.get("/clusters").await.is(200).says("To be looked into.").says("The same substance; public health is asked.");
        assert_eq!(count(service), 0, "what was judged is quiet");
        let ctx = service.context(Actor::job("x"));
        assert!(service.read(|conn| clusters::waiting(conn, &ctx)) == 0, "no one else is told");
        for role in [Role::PanelChair, Role::Executive, Role::Administrator, Role::KeyWorker] {
            service.signed_in(role).await.get("/clusters").await.is(403);
        }
        assert!(service.mails().iter().all(|m| !m.body.contains("deaths in")), "nobody is written to");
    }

    async fn a_count_of_cases_that_somebody_may_not_know_of_is_neither_told_nor_judged(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let all: Vec<Case> = (1..=6).map(|n| given::case(service, n)).collect();
        let today = service.now().date_naive();
        for (n, case) in all.iter().enumerate() {
            let back = if n == 0 { 900 } else { 10 * n as u64 };
            codes(service, case, today - Days::new(back), &[("mechanism", "poisoning.substance_group:opioid")]);
        }
        assert_eq!(count(service), 5);
        let named = service.add_user("named@cdr.example", Role::DesignatedDoctor);
        for case in &all[1..5] {
            let (reference, who, version) = (case.reference.clone(), named.clone(), given::find(service, &case.reference).version);
            service.write(Service::coordinator(), move |tx, ctx| cdr::casework::restrict::restrict(tx, ctx, &reference, version, &[who], "Children of one colleague.")).unwrap();
        }
        coordinator.get("/cases").await.is(200).never_says("higher than the years before");
        coordinator.get("/clusters").await.is(200).never_says(&all[5].reference);
        let row = service.read(|conn| Ok(cdr::store::clusters::all(conn, 9)?)).remove(0);
        let (path, version) = (format!("/clusters/{}", row.id), row.version.to_string());
        let judged = [("judgement", "look"), ("reason", "A synthetic reason."), ("version", version.as_str())];
        coordinator.post(&path, &judged).await.is(404);
        let doctor = service.signed_in_as("named@cdr.example");
        doctor.get("/cases").await.is(200).says("5 counts are higher than the years before");
        doctor.get("/clusters").await.is(200).says(&all[1].reference);
        doctor.post(&path, &judged).await.is(303);
    }
}

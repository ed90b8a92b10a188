//! What stands on one form is not asked on another: neither of an agency that answered it itself, nor of one that may know
//! what others answered; and the record holds it on both forms, with who said it.

use cdr::casework::gather::{self, Settle};
use cdr::casework::picture::Picture;
use cdr::domain::actor::Role;
use cdr::store::cases::Case;
use cdr::store::{records, responses};
use serde_json::{Value, json};

use super::corrections::answered;
use super::merge::{merge, undo};
use super::support::given::{self, knowing};
use super::support::journey::{fill_section, send_answers};
use super::support::{Browser, Page, Sample, Service};
use crate::both_engines;

const BOTH: [&str; 2] = ["reporting", "neonatal"];

/// The page of a form that asks this question, or tells that it is known.
async fn page_of(browser: &Browser, home: &str, form: &str, words: &str) -> Page {
    let tasks = format!("{home}/forms/{form}");
    let list = browser.get(&tasks).await.is(200);
    for section in super::support::journey::sections(&list, &format!("{tasks}/")) {
        let page = browser.get(&section).await.is(200);
        if page.words().contains(words) {
            return page;
        }
    }
    panic!("no page of {form} says {words}")
}

/// Whether a page asks a question, rather than telling its answer.
fn asks(page: &Page, field: &str) -> bool {
    page.form_to(&page.path).names().contains(&field)
}

async fn fill(browser: &Browser, home: &str, form: &str, sample: &Sample) {
    let tasks = format!("{home}/forms/{form}");
    let list = browser.get(&tasks).await.is(200);
    for section in super::support::journey::sections(&list, &format!("{tasks}/")) {
        fill_section(browser, &section, sample).await;
    }
}

fn neonatal() -> Sample {
    Sample::empty()
        .with("completed_by", "Sample Neonatologist")
        .with("completed_on", "1 4 2026")
}

async fn accepted(service: &Service, case: &Case, request: &str, browser: &Browser, home: &str) {
    send_answers(browser, home)
        .await
        .is(200)
        .says("Your answers were sent");
    accept(service, case, request);
}

fn accept(service: &Service, case: &Case, request: &str) {
    let (case, request) = (case.reference.clone(), request.to_owned());
    let done = service.write(Service::coordinator(), move |tx, ctx| {
        gather::accept(tx, ctx, &case, &request)
    });
    done.unwrap();
}

/// An answer of the record, and the agencies whose answers it rests on.
fn stands(service: &Service, case: &Case, form: &str, field: &str) -> (Value, Vec<String>) {
    let ctx = service.context(Service::coordinator());
    let (picture, voices) = service.read(|conn| {
        let ids = vec![case.id.clone()];
        Ok((
            Picture::load(conn, &ctx, &case.id)?,
            responses::agencies(conn, &ids)?,
        ))
    });
    let Some(agreed) = picture.forms.get(form) else {
        return (Value::Null, Vec::new());
    };
    let answer = agreed.answers.to_json().get(field).cloned();
    let from = agreed.sources.get(field).map(|source| source.from.clone());
    let name = |id: String| {
        let voice = voices.iter().find(|(of, _)| *of == id);
        voice.map_or(id.clone(), |(_, agency)| agency.clone())
    };
    let from = from.unwrap_or_default().into_iter().map(name).collect();
    (answer.unwrap_or_default(), from)
}

/// The coordinator settles the one difference there is with this answer, and gives a reason.
fn settle(service: &Service, case: &Case, answer: &Value) {
    let (case, answer) = (case.clone(), answer.clone());
    let done = service.write(Service::coordinator(), move |tx, ctx| {
        let picture = Picture::load(tx.conn(), ctx, &case.id)?;
        let [(form, field)] = &picture.unsettled()[..] else {
            panic!("{:?}", picture.unsettled());
        };
        let options = &picture.forms[form].sources[field].options;
        let settle = Settle {
            form: form.clone(),
            field: field.clone(),
            option: options.iter().position(|o| o.answer == answer).unwrap(),
            reason: "Synthetic.".into(),
            shown: None,
        };
        gather::settle(tx, ctx, &case.reference, &settle)
    });
    done.unwrap();
}

both_engines! {
    async fn what_others_answered_on_one_form_is_not_asked_on_another(service) {
        let case = given::case(service, 1);
        answered(service, &case, "maternity", &json!({"gestation_weeks": 27, "birth_weight_g": 950, "apgar_1": 4}));
        let request = given::request(service, &case, "neonatal", &["neonatal"]);
        let (browser, home) = knowing(service, "neonatal@cdr.example").await;
        let page = page_of(&browser, &home, "neonatal", "Gestation at birth").await.says("Known already").says("27").says("Maternity or midwifery");
        assert!(!asks(&page, "gestation_weeks") && asks(&page, "cord_ph"));
        browser.get(&format!("{home}/forms/neonatal")).await.is(200).says("more are not asked, because others have answered them");
        fill(&browser, &home, "neonatal", &neonatal()).await;
        accepted(service, &case, &request.id, &browser, &home).await;
        // A question that the form requires is answered in the record, though this agency never was asked it.
        assert_eq!(stands(service, &case, "neonatal", "gestation_weeks"), (json!(27), vec!["maternity".to_owned()]));
        assert_eq!(stands(service, &case, "neonatal", "birth_weight_g").0, json!(950.0));
        let coordinator = service.signed_in(Role::Coordinator).await;
        coordinator.get(&format!("/cases/{}/record/neonatal", case.reference)).await.is(200).says("27").says("Maternity or midwifery");
        let row = service.read(|conn| Ok(responses::get(conn, &request.id, "neonatal")?)).unwrap();
        assert!(row.spared.is_some_and(|n| n >= 3), "{:?}", row.spared);
    }

    async fn an_agency_is_not_asked_twice_by_the_forms_of_one_request(service) {
        let case = given::case(service, 1);
        let request = given::request(service, &case, "neonatal", &BOTH);
        let (browser, home) = knowing(service, "neonatal@cdr.example").await;
        let before = page_of(&browser, &home, "neonatal", "Gestation at birth").await;
        assert!(asks(&before, "gestation_weeks"));
        let sample = Sample::answer().with("agency", "neonatal").with("gestation_weeks", "27").with("birth_weight_g", "950").with("apgar_5", "6");
        fill(&browser, &home, "reporting", &sample).await;
        let page = page_of(&browser, &home, "neonatal", "Gestation at birth").await
            .says("Answered on another form of this request").says("27").says("Reporting form");
        assert!(!asks(&page, "gestation_weeks") && !asks(&page, "known-gestation_weeks"));
        // Others said nothing of it, so nobody is told that others spared a question.
        browser.get(&format!("{home}/forms/neonatal")).await.is(200).never_says("because others have answered");
        // A change where it was answered is seen at once.
        let at = page_of(&browser, &home, "reporting", "Gestation at birth, weeks").await;
        let mut form = at.form_to(&at.path);
        form.set("gestation_weeks", "28");
        browser.submit(&form).await.is(303);
        page_of(&browser, &home, "neonatal", "Gestation at birth").await.says("28");
        fill(&browser, &home, "neonatal", &neonatal()).await;
        accepted(service, &case, &request.id, &browser, &home).await;
        assert_eq!(stands(service, &case, "neonatal", "gestation_weeks"), (json!(28), vec!["neonatal".to_owned()]));
        assert_eq!(stands(service, &case, "neonatal", "apgar_5").0, json!(6));
        let coordinator = service.signed_in(Role::Coordinator).await;
        coordinator.get(&format!("/cases/{}/requests/{}", case.reference, request.id)).await.is(200)
            .says("Answered on another form of this request").says("Gestation at birth (Reporting form)");
        let row = service.read(|conn| Ok(responses::get(conn, &request.id, "neonatal")?)).unwrap();
        assert_eq!(row.spared, Some(0));
    }

    async fn it_does_not_matter_which_form_comes_first(service) {
        let case = given::case(service, 1);
        let request = given::request(service, &case, "neonatal", &BOTH);
        let (browser, home) = knowing(service, "neonatal@cdr.example").await;
        fill(&browser, &home, "neonatal", &neonatal().with("gestation_weeks", "27").with("birth_weight_g", "950")).await;
        let page = page_of(&browser, &home, "reporting", "Gestation at birth, weeks").await.says("Answered on another form of this request");
        assert!(!asks(&page, "gestation_weeks") && asks(&page, "gestation_days"));
        fill(&browser, &home, "reporting", &Sample::answer().with("agency", "neonatal")).await;
        accepted(service, &case, &request.id, &browser, &home).await;
        assert_eq!(stands(service, &case, "reporting", "gestation_weeks"), (json!(27), vec!["neonatal".to_owned()]));
        // The next agency is told of it on the reporting form.
        given::request(service, &case, "gp", &["reporting"]);
        let (gp, home) = knowing(service, "gp@cdr.example").await;
        page_of(&gp, &home, "reporting", "Gestation at birth, weeks").await.says("Known already").says("27");
    }

    async fn what_one_agency_said_on_a_supplementary_form_is_not_asked_of_the_next(service) {
        let case = given::case(service, 1);
        let first = given::request(service, &case, "hospital_paeds", &["sudden_unexpected_death"]);
        let (browser, home) = knowing(service, "hospital_paeds@cdr.example").await;
        let said = neonatal().with("age_group", "infant").with("put_down_position", "back").with("room_shared", "yes")
            .with("found_position", "side").with("carer_alcohol_24h", "yes").with("gestation_weeks", "34");
        fill(&browser, &home, "sudden_unexpected_death", &said).await;
        accepted(service, &case, &first.id, &browser, &home).await;
        given::request(service, &case, "police", &["sudden_unexpected_death"]);
        let (police, home) = knowing(service, "police@cdr.example").await;
        let page = page_of(&police, &home, "sudden_unexpected_death", "Position put down").await.says("Known already").says("Hospital paediatrics");
        assert!(!asks(&page, "put_down_position"));
        // What is for fewer eyes, or each agency's own view, is asked, and nothing told of it.
        let page = page_of(&police, &home, "sudden_unexpected_death", "Carer alcohol in last 24 hours").await;
        assert!(asks(&page, "carer_alcohol_24h"));
        let page = page_of(&police, &home, "sudden_unexpected_death", "Gestation").await.never_says("34 weeks");
        assert!(asks(&page, "gestation_weeks"));
    }

    async fn what_is_in_dispute_is_asked_and_settled_once(service) {
        let case = given::case(service, 1);
        answered(service, &case, "maternity", &json!({"gestation_weeks": 27, "birth_weight_g": 950}));
        let request = given::request(service, &case, "neonatal", &["neonatal"]);
        let (browser, home) = knowing(service, "neonatal@cdr.example").await;
        fill(&browser, &home, "neonatal", &neonatal()).await;
        accepted(service, &case, &request.id, &browser, &home).await;
        answered(service, &case, "gp", &json!({"gestation_weeks": 29, "birth_weight_g": 950}));
        // Neither counts on either form, and whoever is asked now is asked.
        assert_eq!(stands(service, &case, "reporting", "gestation_weeks").0, Value::Null);
        assert_eq!(stands(service, &case, "neonatal", "gestation_weeks").0, Value::Null);
        given::request(service, &case, "tertiary", &["neonatal"]);
        let (tertiary, home) = knowing(service, "tertiary@cdr.example").await;
        assert!(asks(&page_of(&tertiary, &home, "neonatal", "Gestation at birth").await, "gestation_weeks"));
        let coordinator = service.signed_in(Role::Coordinator).await;
        let path = format!("/cases/{}/differences", case.reference);
        let mut form = coordinator.get(&path).await.is(200).says("To be settled").form_to(&path);
        form.set("option", "1").set("reason", "The booking scan says so; synthetic.");
        coordinator.submit(&form).await.is(303);
        assert_eq!(stands(service, &case, "reporting", "gestation_weeks").0, json!(29));
        assert_eq!(stands(service, &case, "neonatal", "gestation_weeks"), (json!(29), vec!["gp".to_owned()]));
        coordinator.get(&path).await.is(200).never_says("To be settled");
        // What staff correct on the one form stands on the other.
        let section = format!("/cases/{}/record/reporting/child_birth", case.reference);
        let mut form = coordinator.get(&section).await.is(200).form_to(&section);
        form.set("gestation_weeks", "30");
        coordinator.submit(&form).await.is(303);
        assert_eq!(stands(service, &case, "neonatal", "gestation_weeks"), (json!(30), vec!["part:reporting".to_owned()]));
        coordinator.get(&format!("/cases/{}/record/neonatal", case.reference)).await.is(200).says("Reporting form");
    }

    async fn a_difference_that_was_settled_is_not_settled_again_on_the_other_form(service) {
        let case = given::case(service, 1);
        let request = given::request(service, &case, "neonatal", &BOTH);
        let (browser, home) = knowing(service, "neonatal@cdr.example").await;
        // Its answer stands on both forms, because the neonatal form came first.
        fill(&browser, &home, "neonatal", &neonatal().with("gestation_weeks", "27").with("birth_weight_g", "950")).await;
        fill(&browser, &home, "reporting", &Sample::answer().with("agency", "neonatal")).await;
        accepted(service, &case, &request.id, &browser, &home).await;
        answered(service, &case, "gp", &json!({"gestation_weeks": 29}));
        let coordinator = service.signed_in(Role::Coordinator).await;
        settle(service, &case, &json!(29));
        assert_eq!(stands(service, &case, "neonatal", "gestation_weeks"), (json!(29), vec!["gp".to_owned()]));
        coordinator.get(&format!("/cases/{}/differences", case.reference)).await.is(200).never_says("To be settled");
    }

    async fn what_was_decided_on_one_form_outlives_a_dispute_on_the_other(service) {
        let case = given::case(service, 1);
        answered(service, &case, "maternity", &json!({"gestation_weeks": 27, "birth_weight_g": 950}));
        let request = given::request(service, &case, "neonatal", &["neonatal"]);
        let (browser, home) = knowing(service, "neonatal@cdr.example").await;
        let mut form = page_of(&browser, &home, "neonatal", "Gestation at birth").await.form();
        form.set("known-gestation_weeks", "different");
        let mut form = browser.submit_on(&form).await.is(200).form();
        form.set("gestation_weeks", "26");
        browser.submit(&form).await.is(303);
        fill(&browser, &home, "neonatal", &neonatal()).await;
        accepted(service, &case, &request.id, &browser, &home).await;
        settle(service, &case, &json!(26));
        let decided = |service: &Service| {
            let ctx = service.context(Service::coordinator());
            let picture = service.read(|conn| Picture::load(conn, &ctx, &case.id));
            let source = picture.forms["neonatal"].sources["gestation_weeks"].clone();
            (stands(service, &case, "neonatal", "gestation_weeks").0, source.settled_why, source.options.len())
        };
        let before = decided(service);
        assert_eq!(before, (json!(26), Some("Synthetic.".to_owned()), 2));
        answered(service, &case, "gp", &json!({"gestation_weeks": 29}));
        assert_eq!(decided(service), before, "while the reporting form is in dispute");
        settle(service, &case, &json!(27));
        assert_eq!(decided(service), before, "nothing came that was not looked at");
    }

    async fn answers_sent_back_are_told_of_in_one_place(service) {
        let case = given::case(service, 1);
        let request = given::request(service, &case, "neonatal", &BOTH);
        let (browser, home) = knowing(service, "neonatal@cdr.example").await;
        fill(&browser, &home, "neonatal", &neonatal().with("gestation_weeks", "27").with("birth_weight_g", "950")).await;
        fill(&browser, &home, "reporting", &Sample::answer().with("agency", "neonatal")).await;
        send_answers(&browser, &home).await.is(200).says("Your answers were sent");
        let (of, id) = (case.reference.clone(), request.id.clone());
        let back = gather::Back { reason: "Synthetic.".into(), marks: vec![("reporting".into(), "gestation_weeks".into())] };
        service.write(Service::coordinator(), move |tx, ctx| gather::send_back(tx, ctx, &of, &id, &back)).unwrap();
        let (browser, home) = given::opened_link(service, "neonatal@cdr.example").await;
        // The question that is marked says where its answer is.
        let page = page_of(&browser, &home, "reporting", "Gestation at birth, weeks").await
            .says("Answered on another form of this request").says("The team asks you to look at this again. 27 weeks");
        assert!(!asks(&page, "gestation_weeks"));
        let at = page_of(&browser, &home, "neonatal", "Gestation at birth").await;
        let mut form = at.form_to(&at.path);
        form.set("gestation_weeks", "28");
        browser.submit(&form).await.is(303);
        accepted(service, &case, &request.id, &browser, &home).await;
        assert_eq!(stands(service, &case, "reporting", "gestation_weeks").0, json!(28));
        assert_eq!(stands(service, &case, "neonatal", "gestation_weeks").0, json!(28));
    }

    async fn what_was_typed_while_the_answer_became_known_is_kept_and_shown(service) {
        let case = given::case(service, 1);
        given::request(service, &case, "neonatal", &BOTH);
        let (browser, home) = knowing(service, "neonatal@cdr.example").await;
        let open = page_of(&browser, &home, "neonatal", "Gestation at birth").await;
        let mut form = open.form_to(&open.path);
        // In another tab the reporting form is answered.
        let at = page_of(&browser, &home, "reporting", "Gestation at birth, weeks").await;
        let mut other = at.form_to(&at.path);
        other.set("gestation_weeks", "27");
        browser.submit(&other).await.is(303);
        form.set("gestation_weeks", "28").set("cord_ph", "7.1");
        let page = browser.submit_on(&form).await.is(200)
            .says("something known has changed").says("You answered 27 weeks on another form (Reporting form)");
        let again = page.form_to(&page.path);
        assert_eq!((again.value("gestation_weeks").as_str(), again.value("cord_ph").as_str()), ("28", "7.1"));
    }

    async fn a_second_notification_that_differs_reaches_every_form_that_rests_on_it(service) {
        let mut answers = given::answers(1);
        answers["birth_weight_g"] = 3200.into();
        let case = given::case_of(service, &answers);
        answered(service, &case, "gp", &json!({"gestation_weeks": 38}));
        assert_eq!(stands(service, &case, "reporting", "birth_weight_g").0, json!(3200.0));
        answers["birth_weight_g"] = 3500.into();
        let second = given::notification(service, &answers);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let mut form = coordinator.get(&format!("/cases/notifications/{}", second.id)).await.is(200).form_with("Save the decision");
        form.set("decision", &format!("join:{}", case.reference)).set("reason", "The same child; synthetic.");
        coordinator.submit(&form).await.is(303);
        assert_eq!(stands(service, &case, "reporting", "birth_weight_g").0, Value::Null);
        settle(service, &case, &json!(3500.0));
        assert_eq!(stands(service, &case, "reporting", "birth_weight_g").0, json!(3500.0));
    }

    async fn an_answer_that_the_other_form_would_refuse_is_asked(service) {
        let case = given::case(service, 1);
        // The reporting form takes a gestation of 17 weeks, the neonatal form does not.
        answered(service, &case, "maternity", &json!({"gestation_weeks": 17, "birth_weight_g": 950}));
        given::request(service, &case, "neonatal", &["neonatal"]);
        let (browser, home) = knowing(service, "neonatal@cdr.example").await;
        let page = page_of(&browser, &home, "neonatal", "Gestation at birth").await.says("Known already");
        assert!(asks(&page, "gestation_weeks") && !asks(&page, "birth_weight_g"));
    }

    async fn a_merge_brings_both_forms_together_and_its_undoing_puts_both_back(service) {
        let (first, second) = (given::case(service, 1), given::case(service, 2));
        answered(service, &first, "maternity", &json!({"birth_weight_g": 950}));
        let request = given::request(service, &first, "neonatal", &["neonatal"]);
        let (browser, home) = knowing(service, "neonatal@cdr.example").await;
        fill(&browser, &home, "neonatal", &neonatal().with("gestation_weeks", "27")).await;
        accepted(service, &first, &request.id, &browser, &home).await;
        answered(service, &second, "gp", &json!({"gestation_weeks": 29, "apgar_1": 4}));
        let record = |case: &Case| {
            let id = case.id.clone();
            let rows = service.read(move |conn| Ok(records::of_case(conn, &id)?));
            rows.into_iter().map(|row| (row.form, row.answers, row.sources, row.updated_at)).collect::<Vec<_>>()
        };
        let before = (record(&first), record(&second));
        let coordinator = service.signed_in(Role::Coordinator).await;
        merge(&coordinator, &second.reference, &first.reference, "Both are of the same child; a synthetic reason.").await.is(303);
        assert_eq!(stands(service, &first, "neonatal", "apgar_1").0, json!(4));
        coordinator.get(&format!("/cases/{}/differences", first.reference)).await.is(200).says("27").says("29");
        undo(&coordinator, &second.reference).await.is(303);
        assert_eq!((record(&first), record(&second)), before);
        // Changed meanwhile, it is brought together anew, without what went.
        merge(&coordinator, &second.reference, &first.reference, "A synthetic reason.").await.is(303);
        answered(service, &first, "health_visiting", &json!({"breastfed": "yes"}));
        undo(&coordinator, &second.reference).await.is(303);
        assert_eq!(stands(service, &first, "neonatal", "apgar_1").0, Value::Null);
        assert_eq!(stands(service, &first, "neonatal", "gestation_weeks").0, json!(27));
        assert_eq!(stands(service, &first, "neonatal", "birth_weight_g").0, json!(950.0));
    }
}

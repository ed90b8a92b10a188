//! What staff type in the record beside what agencies say, before and after: nothing of either is lost.

use cdr::casework::gather::{self, Correct};
use cdr::casework::picture::Picture;
use cdr::domain::actor::Role;
use cdr::domain::form::Answers;
use cdr::store::cases::Case;
use cdr::store::{records, requests, responses};
use serde_json::{Value, json};

use super::merge::{merge, undo};
use super::support::{Browser, Service, given};
use crate::both_engines;

const FORM: &str = "reporting";

/// An agency is asked, and what it answers is accepted. Gives the id of its answer.
pub(super) fn answered(service: &Service, case: &Case, agency: &str, said: &Value) -> String {
    let request = given::request(service, case, agency, &[FORM]);
    sent(service, &request.id, said);
    let (of, id) = (case.reference.clone(), request.id.clone());
    let done = service.write(Service::coordinator(), move |tx, ctx| {
        gather::accept(tx, ctx, &of, &id)
    });
    done.unwrap();
    let row = service.read(|conn| Ok(responses::get(conn, &request.id, FORM)?));
    row.unwrap().id
}

/// An agency's answer as its sending leaves it.
pub(super) fn sent(service: &Service, request: &str, said: &Value) {
    let (id, said) = (request.to_owned(), said.clone());
    let done = service.write(Service::coordinator(), move |tx, ctx| {
        tx.unchanged();
        let mut row = responses::get(tx.conn(), &id, FORM)?.unwrap();
        let mut all: Value = serde_json::from_str(&row.answers).unwrap();
        all["agency_knew_child"] = "yes".into();
        for (field, answer) in said.as_object().unwrap() {
            all[field] = answer.clone();
        }
        (row.state, row.answers) = ("sent".into(), all.to_string());
        row.sent_at = Some(ctx.stamp());
        responses::save(tx, &row)?;
        let mut request = requests::get(tx.conn(), &id)?.unwrap();
        (request.state, request.answered_at) = ("answered".into(), Some(ctx.stamp()));
        requests::save(tx, &request)?;
        Ok(())
    });
    done.unwrap();
}

/// Staff type an answer in the record; null takes it away.
fn typed(service: &Service, case: &Case, field: &str, answer: &Value) {
    let (case, field, answer) = (case.clone(), field.to_owned(), answer.clone());
    let done = service.write(Service::coordinator(), move |tx, ctx| {
        let row = records::get(tx.conn(), &case.id, FORM)?;
        let mut all = row
            .as_ref()
            .map_or(json!({}), |row| serde_json::from_str(&row.answers).unwrap());
        all[field] = answer;
        let dict = ctx.house.dictionary();
        let form = dict.form(FORM).unwrap();
        let correct = Correct {
            form: FORM.into(),
            section: "child_birth".into(),
            version: row.map_or(0, |row| row.version),
            answers: Answers::from_json(form, dict, &all).0,
            confirmed: std::collections::BTreeMap::default(),
        };
        gather::correct(tx, ctx, &case.reference, &correct)
    });
    done.unwrap();
}

/// What stands in the record, and whether a person still has to choose.
fn stands(service: &Service, case: &Case, field: &str) -> (Value, bool) {
    let ctx = service.context(Service::coordinator());
    let picture = service.read(|conn| Picture::load(conn, &ctx, &case.id));
    let agreed = &picture.forms[FORM];
    let answer = agreed.answers.to_json().get(field).cloned();
    let unsettled = agreed
        .sources
        .get(field)
        .is_some_and(cdr::casework::picture::FieldSource::unsettled);
    (answer.unwrap_or_default(), unsettled)
}

/// The coordinator takes the answer that reads like this.
async fn chosen(browser: &Browser, case: &Case, words: &str) {
    let path = format!("/cases/{}/differences", case.reference);
    let page = browser.get(&path).await.is(200);
    let all = page.texts(".govuk-radios__label");
    let at = all.iter().position(|text| text.contains(words)).unwrap();
    let mut form = page.form_to(&path);
    form.set("option", &at.to_string())
        .set("reason", "Synthetic.");
    browser.submit(&form).await.is(303);
}

both_engines! {
    async fn an_answer_that_staff_had_not_seen_is_offered_beside_theirs(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let path = format!("/cases/{}/differences", case.reference);
        typed(service, &case, "gestation_weeks", &json!(40));
        answered(service, &case, "gp", &json!({"gestation_weeks": 38, "birth_weight_g": 3200}));
        assert_eq!(stands(service, &case, "gestation_weeks"), (json!(40), true), "what was typed stands until somebody chooses");
        coordinator.get(&path).await.is(200).says("To be settled").says("40").says("38").says("From the team").says("From GP or primary care");
        chosen(&coordinator, &case, "38").await;
        assert_eq!(stands(service, &case, "gestation_weeks"), (json!(38), false));
        // Who says one of the answers that were chosen from opens nothing; who says another does.
        answered(service, &case, "police", &json!({"gestation_weeks": 40}));
        assert_eq!(stands(service, &case, "gestation_weeks"), (json!(38), false));
        answered(service, &case, "maternity", &json!({"gestation_weeks": 37}));
        assert!(stands(service, &case, "gestation_weeks").1);
        chosen(&coordinator, &case, "40").await;
        answered(service, &case, "education", &json!({"gestation_weeks": "not_known", "birth_weight_g": 3300}));
        assert_eq!(stands(service, &case, "gestation_weeks"), (json!(40), false));

        // Where agencies differ among themselves and staff say a third thing, a fourth is a choice again.
        assert!(stands(service, &case, "birth_weight_g").1);
        typed(service, &case, "birth_weight_g", &json!(3250));
        answered(service, &case, "health_visiting", &json!({"birth_weight_g": 3300}));
        assert_eq!(stands(service, &case, "birth_weight_g"), (json!(3250.0), false));
        answered(service, &case, "hospital_paeds", &json!({"birth_weight_g": 3400}));
        assert_eq!(stands(service, &case, "birth_weight_g"), (json!(3250.0), true));
        coordinator.get(&path).await.is(200).says("3,200 g").says("3,250 g").says("3,300 g").says("3,400 g");
        // What staff took away does not come back by itself, and what nobody had said before does come.
        typed(service, &case, "place_of_birth", &json!("Sample hospital"));
        typed(service, &case, "place_of_birth", &Value::Null);
        answered(service, &case, "ambulance", &json!({"place_of_birth": "At home"}));
        assert_eq!(stands(service, &case, "place_of_birth"), (json!("At home"), false));
        typed(service, &case, "place_of_birth", &Value::Null);
        answered(service, &case, "housing", &json!({"gestation_weeks": 40}));
        assert_eq!(stands(service, &case, "place_of_birth").0, Value::Null);
    }

    async fn what_staff_corrected_stays_and_what_comes_later_is_added(service) {
        let case = given::case(service, 1);
        let row = |name: &str, on: &str| json!({"condition": name, "date_diagnosed": on});
        let (asthma, eczema) = (row("Astma", "2025-01-05"), row("Eczema", "2025-02-06"));
        answered(service, &case, "gp", &json!({
            "health_narrative": "Wel child.", "internal_review": ["police"], "known_medical_conditions": "yes",
            "medical_conditions": [asthma, eczema],
        }));
        typed(service, &case, "health_narrative", &json!("Well child."));
        typed(service, &case, "internal_review", &json!(["police", "coroner"]));
        typed(service, &case, "medical_conditions", &json!([row("Asthma", "2025-01-07"), eczema]));
        let reflux = row("Reflux", "2025-03-09");
        answered(service, &case, "police", &json!({
            "health_narrative": "Called in May.", "internal_review": ["leder"], "known_medical_conditions": "yes",
            "medical_conditions": [reflux],
        }));
        let narrative = stands(service, &case, "health_narrative");
        assert_eq!(narrative, (json!("The review team:\nWell child.\n\nPolice:\nCalled in May."), false));
        let (codes, _) = stands(service, &case, "internal_review");
        for code in ["police", "coroner", "leder"] {
            assert!(codes.as_array().unwrap().contains(&json!(code)), "{codes}");
        }
        assert_eq!(stands(service, &case, "medical_conditions").0, json!([row("Asthma", "2025-01-07"), eczema, reflux]));
        // A third agency adds to both, once.
        answered(service, &case, "education", &json!({"health_narrative": "Absent often."}));
        let (text, _) = stands(service, &case, "health_narrative");
        let text = text.as_str().unwrap();
        assert!(text.contains("Well child.") && text.contains("Called in May.") && text.contains("Absent often.") && !text.contains("Wel child."), "{text}");
        assert_eq!(stands(service, &case, "medical_conditions").0.as_array().unwrap().len(), 3);

        // The timeline: what staff changed with what the agency had said, and every other day with who told of it.
        let coordinator = service.signed_in(Role::Coordinator).await;
        let page = coordinator.get(&format!("/cases/{}/chronology", case.reference)).await.is(200);
        let lines: Vec<String> = page.texts("tbody tr").into_iter().filter(|line| line.contains("2025")).collect();
        assert_eq!(lines.len(), 3, "{lines:?}");
        assert!(lines[0].contains("7 January 2025") && lines[0].contains("GP or primary care had said") && lines[0].contains("5 January 2025, which was corrected"), "{lines:?}");
        assert!(lines[1].contains("6 February 2025") && lines[1].contains("GP or primary care") && !lines[1].contains("had said"), "{lines:?}");
        assert!(lines[2].contains("9 March 2025") && lines[2].contains("Police") && !lines[2].contains("review team") && !lines[2].contains("had said"), "{lines:?}");
    }

    async fn after_a_merge_is_undone_nothing_of_the_other_child_stays(service) {
        let (first, second) = (given::case(service, 1), given::case(service, 2));
        answered(service, &first, "gp", &json!({"birth_weight_g": 3200, "gestation_weeks": 38}));
        answered(service, &second, "police", &json!({"birth_weight_g": 3300, "gestation_weeks": 39}));
        let coordinator = service.signed_in(Role::Coordinator).await;
        merge(&coordinator, &second.reference, &first.reference, "A synthetic reason.").await.is(303);
        assert!(stands(service, &first, "birth_weight_g").1);
        typed(service, &first, "birth_weight_g", &json!(3250));
        undo(&coordinator, &second.reference).await.is(303);
        assert_eq!(stands(service, &first, "birth_weight_g"), (json!(3250.0), false), "what staff typed stays");
        assert_eq!(stands(service, &first, "gestation_weeks"), (json!(38), false));
        let row = service.read(|conn| Ok(records::get(conn, &first.id, FORM)?)).unwrap();
        assert!(!row.sources.contains("3300") && !row.sources.contains(":39"), "{}", row.sources);
        coordinator.get(&format!("/cases/{}/differences", first.reference)).await.is(200).never_says("3,300 g").never_says("To be settled");
    }
}

//! Everything that follows from a synthetic child and its story, as answers to the questions that ask for it.
//! Must not know when anything was done, nor by whom.

use std::collections::BTreeMap;

use chrono::{Duration, NaiveTime};

use super::chance::Chance;
use super::child::Child;
use super::known::Known;
use super::names;
use super::story::Story;
use crate::casework::House;
use crate::domain::age::Age;
use crate::domain::form::{Answer, Dictionary};

type Row = BTreeMap<String, Answer>;

fn text(value: &str) -> Answer {
    Answer::Text(value.to_owned())
}

fn choice(code: &str) -> Answer {
    Answer::Choice(code.to_owned())
}

fn row<const N: usize>(cells: [(&str, Answer); N]) -> Row {
    cells
        .into_iter()
        .map(|(column, answer)| (column.to_owned(), answer))
        .collect()
}

/// What is known of a child.
pub fn of(house: &House, child: &Child, story: &Story, chance: &Chance) -> Known {
    let mut known = Known::of_story(story);
    let chance = &mut chance.branch("facts");
    who(&mut known, child);
    family(&mut known, child, chance);
    birth(&mut known, child, chance);
    death(&mut known, house.dictionary(), child, story, chance);
    certificate(&mut known, house, child, story);
    services(&mut known, house.dictionary(), story, chance);
    life(&mut known, child, story, chance);
    known
}

fn who(known: &mut Known, child: &Child) {
    if let Some(number) = &child.nhs_number {
        known.set("nhs_number", text(number));
    } else {
        known.set("nhs_number", Answer::NotKnown);
        known.put("nhs_number_missing_reason", "not_available");
    }
    for (id, value) in [
        ("child_surname", child.surname.as_str()),
        ("child_forenames", child.forenames.as_str()),
        ("address_line_1", child.street.as_str()),
        ("child_address", child.street.as_str()),
        ("postcode", child.postcode.as_str()),
        ("country_of_normal_residence", "England"),
        ("gp_name_practice", "Sample Surgery"),
        ("main_language", "English"),
    ] {
        known.set(id, text(value));
    }
    known.date("date_of_birth", child.born);
    known.date("date_of_death", child.died);
    known.set("time_of_death", Answer::Time(child.time));
    known.put("sex", child.sex);
    known.put("ethnicity", child.ethnicity);
    known.put("maternal_ethnicity", child.ethnicity);
    known.put("gender_identity", "same");
    known.put("normally_resident_la", &child.authority);
    if child.days() == 0 {
        known.put("live_birth_confirmed", "yes");
        known.put("suspected_stillbirth_at_home", "no");
    }
    if child.years() >= 3 {
        known.set("school_nursery_name", text("Example School"));
    }
}

fn family(known: &mut Known, child: &Child, chance: &mut Chance) {
    let father_born = child.mother_born - Duration::days(chance.between(-900, 2_000));
    let parent = |name: &str, born, sex: &str, relationship: &str| {
        row([
            ("name", text(name)),
            ("date_of_birth", Answer::Date(born)),
            ("sex", choice(sex)),
            ("relationship", choice(relationship)),
        ])
    };
    let parents = vec![
        parent(&child.mother, child.mother_born, "female", "mother"),
        parent(&child.father, father_born, "male", "father"),
    ];
    known.set("parental_responsibility", Answer::Rows(parents));
    if chance.percent(45) {
        let sibling = row([
            (
                "name",
                text(&format!("{} {}", names::forename(chance), child.surname)),
            ),
            ("age_if_dob_unknown", Answer::Integer(chance.between(1, 16))),
            ("relationship", choice("sibling")),
        ]);
        known.set("household_members", Answer::Rows(vec![sibling]));
    }
    known.date("mother_date_of_birth", child.mother_born);
    if let Some(age) = Age::at(child.mother_born, child.born) {
        known.set("mother_age_at_birth", Answer::Integer(age.years));
        known.set("maternal_age", Answer::Integer(age.years));
    }
    let related = chance.percent(4);
    known.put("parents_related", if related { "yes" } else { "no" });
    known.put("parents_relationship", "first_cousin");
    known.put("relationship", "first_cousin");
    known.set("carer_at_time_of_death", text("Both parents"));
    known.put(
        "housing_tenure",
        chance.word(&["owned", "private", "social", "social"]),
    );
    known.suppose("smoke_co_alarm", "both");
    known.suppose("housing_condition", "none");
    known.suppose("social_care_known", "never");
    known.put("asylum_seeker", "no");
    known.put("poverty_indicators", "income|food");
    known.put("sibling_deaths", "0");
    known.suppose("domestic_abuse", "never");
}

fn birth(known: &mut Known, child: &Child, chance: &mut Chance) {
    let multiple = if child.twin { "twin" } else { "singleton" };
    known.put("multiple_birth", multiple);
    known.suppose("antenatal_care", "full");
    known.suppose("mode_of_delivery", "spontaneous");
    let parity = chance.between(0, 3);
    known.put("parity", &parity.to_string());
    known.put("gravidity", &(parity + 1).to_string());
    known.put("booking_gestation", &chance.between(8, 12).to_string());
    known.put(
        "maternal_bmi",
        &format!("{}.{}", chance.between(20, 36), chance.below(10)),
    );
    known.set("place_of_birth", text("Sample General Hospital"));
    known.put("neonatal.place_of_birth", "obstetric");
    if child.days() >= 365 {
        return;
    }
    known.set("gestation_weeks", Answer::Integer(child.gestation));
    known.set("gestation_days", Answer::Integer(chance.between(0, 6)));
    #[expect(clippy::cast_precision_loss, reason = "a few thousand grams")]
    known.set("birth_weight_g", Answer::Decimal(child.weight as f64));
    let first = if child.gestation < 30 { 3 } else { 7 };
    known.put("apgar_1", &first.to_string());
    known.put("apgar_5", &(first + 2).to_string());
    known.put(
        "feeding_at_death",
        if child.days() < 28 { "tube" } else { "formula" },
    );
}

fn death(known: &mut Known, dict: &Dictionary, child: &Child, story: &Story, chance: &mut Chance) {
    let (place, name) = (child.place.0.as_str(), child.place.1.as_str());
    known.put("place_of_death_type", place);
    known.put("place_of_death", place);
    known.set("place_of_death_name", text(name));
    let began = story.event_place.as_deref().unwrap_or(place);
    for id in [
        "event_location_type",
        "event_location",
        "location",
        "place_of_collapse",
    ] {
        known.put(id, began);
    }
    let event = child.died.and_time(child.time) - Duration::minutes(chance.between(5, 60));
    if event.date() == child.died {
        known.set("event_datetime", Answer::DateTime(event));
        known.set("incident_datetime", Answer::DateTime(event));
    }
    known.put(
        "expected_death",
        if story.expected {
            "expected"
        } else {
            "unexpected"
        },
    );
    let told = chance.pick(&story.told).cloned().unwrap_or_default();
    known.set("circumstances", text(&told));
    known.set("circumstances_narrative", text(&told));
    known.set("case_summary", text(&told));
    let events = story.events.join("|");
    known.put("suspected_event", &events);
    known.put("events_known", &events);
    known.put("suspected_category", &story.category);
    known.put("mode_of_death", &story.mode);
    let forms: Vec<&str> = forms(dict, story);
    known.put("supplementary_forms", &forms.join("|"));
    known.put("stages_used", stages(place));
    known.put(
        "hospital_death",
        if place.starts_with("hosp_") {
            "yes"
        } else {
            "no"
        },
    );
    known.put(
        "other_investigations",
        if story.inquest.is_some() {
            "coroner|police"
        } else {
            "none"
        },
    );
}

/// The supplementary forms that the story's events open.
pub fn forms<'a>(dict: &'a Dictionary, story: &Story) -> Vec<&'a str> {
    story
        .events
        .iter()
        .filter_map(|event| dict.label("incident_to_form", event))
        .collect()
}

fn stages(place: &str) -> &'static str {
    match place {
        "hosp_ed" => "pre_hospital|emergency",
        "hosp_icu" => "ward|critical_care",
        "hosp_neonatal" => "critical_care",
        _ => "ward",
    }
}

fn certificate(known: &mut Known, house: &House, child: &Child, story: &Story) {
    let coroner = story.is_for_coroner();
    let yes = |holds: bool| if holds { "yes" } else { "no" };
    known.put("mccd_issued", yes(!coroner));
    known.put(
        "mccd_type",
        if story.is_newborn() {
            "neonatal"
        } else {
            "standard"
        },
    );
    known.set(
        if story.is_newborn() {
            "neonatal_cause_a"
        } else {
            "cause_1a"
        },
        text(&story.cause),
    );
    if !story.underlying.is_empty() && !story.is_newborn() {
        known.set("cause_1b", text(&story.underlying));
    }
    known.put(
        "medical_examiner_scrutiny",
        if coroner { "na_coroner" } else { "done" },
    );
    known.put("coroner_informed", yes(coroner || !story.expected));
    known.set("coroner_name_area", text(&house.area.coroner));
    known.date("coroner_informed_date", child.died);
    known.put("coroner_accepted", yes(coroner));
    known.put("post_mortem_required", yes(coroner));
    known.put("post_mortem_type", "coronial");
    known.put("inquest", yes(story.inquest.is_some()));
    known.put("jar_required", yes(story.trigger.is_some()));
    if let Some(trigger) = &story.trigger {
        known.put("jar_trigger", trigger);
        known.put("jar_triggers", trigger);
        known.date("jar_meeting_date", child.died + Duration::days(3));
        known.set("jar_lead", text("Dr Sample Lead"));
        known.put("unexpected_confirmed_by_designated_doctor", "yes");
    }
}

fn services(known: &mut Known, dict: &Dictionary, story: &Story, chance: &mut Chance) {
    let agencies: Vec<Row> = asked(story)
        .map(|(agency, professional)| {
            let label = dict.label("agency", agency).unwrap_or(agency);
            row([
                ("agency", choice(agency)),
                ("professional_type", choice(professional)),
                ("name", text(&format!("Sample {label}"))),
                ("email", text(&names::email(label))),
                ("informed_of_death", choice("yes")),
                ("send_reporting_form", Answer::Boolean(true)),
            ])
        })
        .collect();
    known.set("agencies_involved", Answer::Rows(agencies));
    let codes: Vec<&str> = asked(story).map(|(agency, _)| agency).collect();
    known.put("services_involved", &codes.join("|"));
    if chance.percent(88) {
        known.set("family_key_worker_name", text("Sample Key Worker"));
        known.set("family_key_worker_contact", text("01632 960456"));
    }
    if chance.percent(92) {
        known.put("family_leaflet_given", "yes");
    }
}

/// Every agency of a story with its professional: who knows most first.
pub fn asked(story: &Story) -> impl Iterator<Item = (&str, &str)> {
    std::iter::once(&story.lead)
        .chain(&story.others)
        .map(|(agency, professional)| (agency.as_str(), professional.as_str()))
}

fn life(known: &mut Known, child: &Child, story: &Story, chance: &mut Chance) {
    let setting = match child.years() {
        0..=2 => "none",
        3 => "nursery",
        4..=10 => "primary",
        11..=15 => "secondary",
        _ => "college",
    };
    known.suppose("education_setting", setting);
    known.suppose(
        "immunisations_up_to_date",
        if child.days() < 56 { "not_due" } else { "yes" },
    );
    known.suppose("learning_disability", "none");
    known.suppose("autism", "none");
    known.suppose("life_limiting_condition", "no");
    known.suppose("known_medical_conditions", "no");
    let noon = NaiveTime::from_hms_opt(12, 0, 0).unwrap_or_default();
    known.set("last_contact", text("In the month before the death"));
    known.suppose("diagnosis", &story.cause);
    known.date("onset", child.died.max(child.born));
    known.set(
        "decision_datetime",
        Answer::DateTime((child.died + Duration::days(1)).and_time(noon)),
    );
    if chance.percent(70) {
        known.set("involvement_dates", text("From birth"));
    }
    let condition = row([("condition", text(&story.cause))]);
    known.set("medical_conditions", Answer::Rows(vec![condition]));
}

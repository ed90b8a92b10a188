//! A case that can be finalised, then each rule broken once; and both lists of rules against
//! `validation.md`.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::domain::form::{Answers, Library, Surroundings, derive};
use crate::domain::sample::{answers, library, put};

/// A made-up child of five years, drowned.
const NOTIFICATION: &str = "
    notification_datetime = 2025-06-02T09:00
    date_of_referral = 2025-06-02
    notification_route = portal
    record_status = accepted
    ncmd_alert = no
    referrer_name = Sample Notifier
    referrer_agency = acute_trust
    referrer_email = notifier@example.nhs.net
    nhs_number = 9990000018
    child_surname = Sample
    child_forenames = Alba
    date_of_birth = 2020-02-01
    date_of_death = 2025-06-01
    sex = female
    ethnicity = A
    address_line_1 = 1 Sample Street
    postcode = ME1 1AA
    normally_resident_la = E06000035
    country_of_normal_residence = England
    parental_responsibility.name = Sample Parent
    place_of_death_type = hosp_ed
    place_of_death_name = Sample Hospital
    place_of_death_country = England
    expected_death = unexpected
    circumstances = Found in water.
    mccd_issued = yes
    mccd_type = standard
    cause_1a = Drowning
    coroner_informed = yes
    post_mortem_required = no
    jar_required = yes
    jar_trigger = external
    agencies_involved.name = Sample Practice
";

const REPORTING: &str = "
    child_name = Alba Sample
    child_sex = female
    place_of_death = hosp_ed
    events_known = drowning
    circumstances_narrative = Found in water.
    gestation_weeks = 39
    birth_weight_g = 3200
    mother_age_at_birth = 30
";

const DROWNING: &str = "
    drown_location = sea
";

const ANALYSIS: &str = "
    cdop_identifier = KM-2025-0001
    child_sex = female
    date_of_review = 2025-11-03
    cdop_area = Kent and Medway
    drafted_at_cdrm = yes
    cdrm_date = 2025-09-01
    form_stage = final
    agencies_represented = primary_care|paediatrics|police
    cause_as_understood = Drowning
    case_summary = A made-up summary.
    factors_a.description = Could not swim
    factors_a.influence = 2
    factors_a.modifiable = yes
    no_factors_b = true
    no_factors_c = true
    no_factors_d = true
    categories_all = 3
    modifiable = modifiable
    panel_satisfied = yes
    completed_by = Sample Coordinator
    date_completed = 2025-11-10
";

const OPENINGS: &str = include_str!("../../../fixtures/openings.csv");
const TODAY: &str = "2026-01-05";
const NOW: &str = "2026-01-05T12:00:00";
const FOOTPRINT: &[&str] = &["E10000016", "E06000035"];

/// All of a case, to be broken and looked at.
struct Sample {
    library: &'static Library,
    forms: BTreeMap<&'static str, Answers>,
    requests: Vec<Requested>,
    waived: Vec<String>,
    conflicts: Vec<Unsettled>,
    duplicates: Vec<Lookalike>,
    live: bool,
}

/// Answers as they are stored: what follows from them is filled in.
fn saved(dict: &Dictionary, code: &str, lines: &str) -> Answers {
    let mut held = answers(dict, code, lines);
    let around = Surroundings {
        today: TODAY.parse().unwrap(),
        now: NOW.parse().unwrap(),
        elsewhere: &|_| None,
    };
    derive(dict, dict.form(code).unwrap(), &mut held, &around);
    held
}

impl Sample {
    fn whole() -> Self {
        let library = library();
        let dict = library.current();
        let shipped = [
            ("notification", NOTIFICATION),
            ("reporting", REPORTING),
            ("drowning", DROWNING),
            ("analysis", ANALYSIS),
        ];
        let forms = shipped
            .into_iter()
            .map(|(form, lines)| (form, saved(dict, form, lines)))
            .collect();
        let waived = vec!["care_pathway".to_owned()];
        Self {
            library,
            forms,
            requests: Vec::new(),
            waived,
            conflicts: Vec::new(),
            duplicates: Vec::new(),
            live: false,
        }
    }

    /// Gives answers, `form.field = value`, one a line; a blank value clears.
    fn with(mut self, lines: &'static str) -> Self {
        for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (name, value) = line.split_once(" =").unwrap();
            let (form, field) = name.split_once('.').unwrap();
            let held = self.forms.entry(form).or_default();
            put(self.library.current(), form, held, field, value.trim());
        }
        self
    }

    fn without(mut self, form: &str) -> Self {
        self.forms.remove(form);
        self
    }

    fn missing(&self) -> Vec<Missing> {
        let dict = self.library.current();
        let openings = Openings::load(dict, OPENINGS).unwrap();
        let record = self
            .forms
            .iter()
            .fold(CaseRecord::default(), |record, (form, held)| {
                record.with(form, held)
            });
        let case = WholeCase {
            dict,
            openings: &openings,
            record,
            requests: self.requests.clone(),
            waived: self.waived.clone(),
            conflicts: self.conflicts.clone(),
            duplicates: self.duplicates.clone(),
            footprint: FOOTPRINT,
            notified_on: "2025-06-02".parse().unwrap(),
            live: self.live,
        };
        missing(&case, TODAY.parse().unwrap(), NOW.parse().unwrap())
    }

    /// Rule, severity and place of all that is missing.
    fn told(&self) -> Vec<String> {
        let all = self.missing();
        for missing in &all {
            let message = &missing.message;
            assert!(
                message
                    .chars()
                    .next()
                    .is_some_and(|c| c.is_uppercase() || c == '“' || c.is_ascii_digit()),
                "{message}"
            );
            assert!(
                !message.ends_with('.') && !message.contains("invalid") && !message.contains("“”"),
                "{message}"
            );
        }
        all.iter()
            .map(|missing| {
                let severity = if missing.severity == Severity::Stop {
                    "stop"
                } else {
                    "warn"
                };
                let field = missing.field.as_deref().unwrap_or("-");
                format!("{} {severity} {}.{field}", missing.rule, missing.form)
            })
            .collect()
    }
}

#[test]
fn a_whole_case_lacks_nothing() {
    assert_eq!(Sample::whole().told(), Vec::<String>::new());
    assert!(can_finalise(&Sample::whole().missing()));
}

#[test]
fn an_empty_case_says_what_every_form_lacks() {
    let mut bare = Sample::whole();
    bare.forms.clear();
    bare.forms.insert("notification", Answers::default());
    let all = bare.missing();
    assert!(!can_finalise(&all));
    let forms: BTreeSet<&str> = all.iter().map(|missing| missing.form.as_str()).collect();
    assert_eq!(
        forms,
        BTreeSet::from(["analysis", "notification", "reporting"])
    );
    assert!(
        all.iter()
            .any(|missing| missing.message == "Enter the date of death, for example 27 3 2026")
    );
    let place = Place::Question {
        form: "notification".into(),
        section: "child".into(),
        field: "date_of_death".into(),
    };
    assert!(all.iter().any(|missing| missing.place == place));
}

/// What is changed in the whole case, and what is then told. Each line breaks one rule.
const BROKEN: &[(&str, &str)] = &[
    (
        "notification.nhs_number = 9990000019",
        "nhs_number stop notification.nhs_number",
    ),
    (
        "notification.nhs_number = 1111111111",
        "nhs_number stop notification.nhs_number",
    ),
    (
        "notification.nhs_number =",
        "required stop notification.nhs_number",
    ),
    (
        "notification.nhs_number_missing_reason = not_available",
        "ID-5 stop notification.nhs_number_missing_reason",
    ),
    (
        "notification.nhs_number =
         notification.nhs_number_missing_reason = not_available",
        "ID-6 warn notification.nhs_number",
    ),
    (
        "notification.child_forenames = Baby",
        "ID-10 stop notification.child_forenames",
    ),
    (
        "notification.child_surname =",
        "required stop notification.child_surname",
    ),
    (
        "reporting.last_height_date = 2026-02-01",
        "DT-1 stop reporting.last_height_date",
    ),
    (
        "notification.date_of_birth = 2007-06-01",
        "before_18th_birthday stop notification.date_of_death",
    ),
    (
        "notification.date_of_birth = 2025-06-02",
        "on_or_before:date_of_death stop notification.date_of_birth",
    ),
    (
        "notification.event_datetime = 2024-05-01T10:00",
        "DT-6 warn notification.event_datetime",
    ),
    (
        "notification.event_datetime = 2025-06-02T10:00",
        "on_or_before:date_of_death stop notification.event_datetime",
    ),
    (
        "notification.date_of_referral = 2025-05-31",
        "on_or_after:date_of_death stop notification.date_of_referral",
    ),
    (
        "notification.coroner_informed_date = 2025-05-31",
        "on_or_after:date_of_death stop notification.coroner_informed_date",
    ),
    (
        "cdrm_jar.pm_date = 2025-05-31",
        "DT-8 stop cdrm_jar.pm_date",
    ),
    (
        "cdrm_jar.cdrm_date = 2025-12-01",
        "DT-9 stop cdrm_jar.cdrm_date",
    ),
    (
        "cdrm_jar.meeting_date = 2025-09-02",
        "DT-9 warn analysis.cdrm_date",
    ),
    (
        "analysis.date_of_review = 2025-05-31",
        "on_or_after:date_of_death stop analysis.date_of_review",
    ),
    (
        "analysis.date_completed = 2025-11-02",
        "on_or_after:date_of_review stop analysis.date_completed",
    ),
    (
        "notification.date_of_birth = 2025-06-01
         notification.live_birth_confirmed = no
         notification.gestation_weeks = 39",
        "DT-10 stop notification.live_birth_confirmed",
    ),
    (
        "notification.date_of_birth = 2025-06-01
         notification.live_birth_confirmed = no",
        "DT-13 stop notification.live_birth_confirmed",
    ),
    (
        "notification.date_of_birth = 2025-06-01
         notification.live_birth_confirmed = no
         notification.suspected_stillbirth_at_home = yes",
        "DT-11 warn notification.suspected_stillbirth_at_home",
    ),
    (
        "notification.date_of_birth = 2025-06-01",
        "DT-5 warn notification.time_of_death",
    ),
    (
        "reporting.birth_weight_g = 450",
        "ME-2 warn reporting.birth_weight_g",
    ),
    (
        "reporting.birth_weight_g = 3.2",
        "range stop reporting.birth_weight_g",
    ),
    (
        "reporting.gestation_weeks = 50",
        "range stop reporting.gestation_weeks",
    ),
    ("reporting.apgar_1 = 11", "range stop reporting.apgar_1"),
    (
        "reporting.maternal_bmi = 90",
        "range stop reporting.maternal_bmi",
    ),
    (
        "reporting.mother_age_at_birth = 61",
        "range stop reporting.mother_age_at_birth",
    ),
    (
        "reporting.last_height_cm = 10",
        "range stop reporting.last_height_cm",
    ),
    (
        "reporting.gravidity = 2
         reporting.parity = 3",
        "at_most:gravidity stop reporting.parity",
    ),
    (
        "notification.mother_date_of_birth = 2015-01-01",
        "ME-1 stop notification.mother_date_of_birth",
    ),
    (
        "notification.mother_date_of_birth = 1995-03-01",
        "ME-5 warn reporting.mother_age_at_birth",
    ),
    (
        "reporting.last_weight_date = 2025-06-02",
        "ME-3 warn reporting.last_weight_date",
    ),
    (
        "reporting.last_weight_kg = 2.5",
        "ME-3 warn reporting.last_weight_kg",
    ),
    (
        "notification.date_of_birth = 2025-06-01
         reporting.gestation_weeks = 21",
        "ME-4 warn notification.live_birth_confirmed",
    ),
    (
        "notification.postcode = 12345",
        "postcode stop notification.postcode",
    ),
    (
        "notification.normally_resident_la = other",
        "PL-4 warn notification.normally_resident_la",
    ),
    (
        "notification.place_of_death_type = abroad",
        "PL-5 warn notification.place_of_death_country",
    ),
    (
        "notification.place_of_death_type = abroad",
        "PL-5 warn death_abroad.-",
    ),
    (
        "notification.place_of_death_type = hosp_neonatal
         reporting.place_of_death = hosp_neonatal",
        "PL-7 warn reporting.place_of_death",
    ),
    (
        "reporting.events_known = drowning|epilepsy",
        "X-1 stop epilepsy.-",
    ),
    (
        "reporting.supplementary_forms = cardiac",
        "X-1 stop cardiac.-",
    ),
    (
        "notification.suspected_event = infection",
        "X-1 warn infection.-",
    ),
    (
        "notification.date_of_birth = 2025-05-20",
        "X-2 warn neonatal.-",
    ),
    ("reporting.child_sex = male", "X-4 stop reporting.child_sex"),
    (
        "notification.gestation_weeks = 38",
        "X-4 stop reporting.gestation_weeks",
    ),
    (
        "analysis.place_of_death = home",
        "X-4 stop analysis.place_of_death",
    ),
    (
        "notification.jar_required = not_known",
        "X-5 warn notification.jar_required",
    ),
    (
        "notification.jar_required = no",
        "X-5 stop cdrm_jar.decision_reason",
    ),
    (
        "notification.coroner_informed = no",
        "X-6 warn notification.coroner_informed",
    ),
    ("notification.cause_1a =", "X-7 stop notification.cause_1a"),
    (
        "notification.cause_1c = Immersion",
        "X-7 stop notification.cause_1b",
    ),
    (
        "analysis.registered_cause_1b = Immersion",
        "X-7 stop analysis.registered_cause_1a",
    ),
    (
        "notification.parents_related = yes",
        "X-8 warn notification.parents_relationship",
    ),
    (
        "reporting.learning_disability = severe",
        "SB-12 warn learning_disability.-",
    ),
    (
        "drowning.drown_location =",
        "required stop drowning.drown_location",
    ),
    (
        "analysis.factors_a.influence =",
        "AN-1 stop analysis.factors_a",
    ),
    (
        "analysis.no_factors_a = true",
        "AN-2 stop analysis.factors_a",
    ),
    ("analysis.no_factors_b =", "AN-2 stop analysis.factors_b"),
    (
        "analysis.factors_a.influence = 1",
        "AN-3 warn analysis.factors_a",
    ),
    (
        "analysis.secondary_categories = 3",
        "AN-4 stop analysis.secondary_categories",
    ),
    (
        "analysis.categories_all =",
        "required stop analysis.categories_all",
    ),
    (
        "analysis.sub_category = 1a",
        "AN-5 stop analysis.sub_category",
    ),
    (
        "analysis.categories_all = 5|10
         analysis.sudep = yes",
        "AN-6 warn analysis.categories_all",
    ),
    (
        "analysis.categories_all = 2",
        "AN-7 warn suicide_self_harm.-",
    ),
    (
        "analysis.categories_all = 1",
        "AN-8 warn analysis.child_protection_review_status",
    ),
    (
        "analysis.inquest_conclusion = suicide",
        "AN-8 warn analysis.categories_all",
    ),
    (
        "analysis.modifiable = none",
        "AN-9 stop analysis.modifiable",
    ),
    ("analysis.modifiable =", "required stop analysis.modifiable"),
    (
        "analysis.date_of_review =",
        "required stop analysis.date_of_review",
    ),
];

#[test]
fn each_rule_tells_when_it_is_broken() {
    for (change, told) in BROKEN {
        let all = Sample::whole().with(change).told();
        assert!(
            all.contains(&(*told).to_owned()),
            "{change}\nwanted {told}\ngot {all:#?}"
        );
    }
}

#[test]
fn what_stands_beside_the_forms_is_told_too() {
    let lookalike = |strength| Lookalike {
        reference: "KM-2025-0002".into(),
        strength,
        explained: false,
    };
    let mut sample = Sample::whole();
    sample.duplicates = vec![lookalike(Strength::Certain), lookalike(Strength::Possible)];
    assert_eq!(
        sample.told(),
        ["ID-8 stop notification.-", "ID-9 warn notification.-"]
    );
    sample
        .duplicates
        .iter_mut()
        .for_each(|other| other.explained = true);
    assert!(sample.told().is_empty());

    sample.live = true;
    assert_eq!(sample.told(), ["ID-3 warn notification.nhs_number"]);
    sample.live = false;

    sample.conflicts = vec![Unsettled {
        form: "reporting".into(),
        field: "mode_of_death".into(),
    }];
    assert_eq!(sample.told(), ["X-4 stop reporting.mode_of_death"]);
    assert_eq!(sample.missing().first().unwrap().place, Place::Conflicts);
    sample.conflicts.clear();

    let requested = |standing| Requested {
        form: "reporting".into(),
        agency: "Police".into(),
        standing,
    };
    sample.requests = vec![
        requested(RequestStanding::Waiting),
        requested(RequestStanding::Answered),
        requested(RequestStanding::Done),
    ];
    assert_eq!(
        sample.told(),
        ["SB-4 stop reporting.-", "SB-4 warn reporting.-"]
    );
}

#[test]
fn a_form_is_got_or_waived() {
    let mut sample = Sample::whole().without("drowning");
    assert_eq!(sample.told(), ["X-1 stop drowning.-"]);
    sample.waived.push("drowning".into());
    assert!(sample.told().is_empty());
    sample.waived.retain(|form| form == "drowning");
    assert_eq!(sample.told(), ["X-3 warn care_pathway.-"]);
    assert_eq!(
        Sample::whole().without("reporting").told().first().unwrap(),
        "SB-4 stop reporting.-"
    );
}

#[test]
fn a_nil_return_beside_an_answer_hides_nothing() {
    let sample = Sample::whole()
        .with("reporting.agency_knew_child = no\nreporting.circumstances_narrative =");
    assert!(
        sample
            .told()
            .contains(&"required stop reporting.circumstances_narrative".to_owned())
    );
    let mut nil = Sample::whole();
    nil.forms.insert("reporting", Answers::default());
    let nil = nil.with("reporting.agency_knew_child = no\nreporting.child_sex = female\nreporting.child_name = Alba Sample");
    assert!(can_finalise(&nil.missing()), "{:?}", nil.told());
}

/// Every rule of sections 1 to 7 of `validation.md`, with its severity there in short: `s` stop,
/// `w` warn, `-` neither.
const DOCUMENT: &str = "
    ID-1 s, ID-2 s, ID-3 sw, ID-4 s, ID-5 s, ID-6 w, ID-7 s, ID-8 s, ID-9 w, ID-10 s,
    DT-1 s, DT-2 s, DT-3 -, DT-4 -, DT-5 sw, DT-6 sw, DT-7 s, DT-8 s, DT-9 sw, DT-10 s, DT-11 w, DT-12 -, DT-13 s,
    DT-14 s, ME-1 s, PL-1 s, PL-2 -, PL-3 -, PL-4 w, PL-5 w, PL-6 -, PL-7 w,
    X-1 s, X-2 w, X-3 w, X-4 s, X-5 sw, X-6 w, X-7 s, X-8 w, X-9 -, X-10 -, X-11 -,
    AN-1 sw, AN-2 s, AN-3 w, AN-4 s, AN-5 s, AN-6 w, AN-7 w, AN-8 w, AN-9 s, AN-10 s, AN-11 s,
    SB-1 -, SB-2 -, SB-3 -, SB-4 s, SB-5 -, SB-6 -, SB-7 -, SB-8 -, SB-9 -, SB-10 -, SB-11 -, SB-12 -, SB-13 -
";

/// Rules that one form tells: the form, the question, and the words of its `check` (or `show_when`)
/// that run it here.
const ON_A_FORM: &[(&str, &str, &str, &str)] = &[
    ("ID-1", "notification", "nhs_number", "nhs_number"),
    ("ID-2", "notification", "nhs_number", "nhs_number"),
    ("ID-3", "notification", "nhs_number", "nhs_number"),
    (
        "ID-4",
        "notification",
        "nhs_number_missing_reason",
        "required",
    ),
    (
        "ID-5",
        "notification",
        "nhs_number_missing_reason",
        "nhs_number is empty",
    ),
    ("DT-1", "notification", "date_of_death", "<= today"),
    (
        "DT-2",
        "notification",
        "date_of_death",
        "before 18th_birthday",
    ),
    ("DT-5", "notification", "time_of_death", "rule DT-5"),
    ("DT-6", "notification", "event_datetime", "<= date_of_death"),
    (
        "DT-7",
        "notification",
        "notification_datetime",
        ">= date_of_death",
    ),
    (
        "DT-8",
        "notification",
        "coroner_informed_date",
        ">= date_of_death",
    ),
    ("DT-9", "analysis", "date_of_review", ">= date_of_death"),
    ("DT-9", "analysis", "date_completed", ">= date_of_review"),
    (
        "DT-12",
        "notification",
        "suspected_stillbirth_at_home",
        "age_at_death_days < 1",
    ),
    ("ME-1", "notification", "mother_date_of_birth", "rule ME-1"),
    ("PL-1", "notification", "postcode", "postcode"),
    ("PL-2", "notification", "postcode", "postcode"),
    ("PL-3", "notification", "normally_resident_la", "rule PL-3"),
    (
        "X-9",
        "reporting",
        "bereavement_support_detail",
        "bereavement_support_offered = yes",
    ),
    ("X-10", "reporting", "agency_knew_child", "rule X-10"),
    (
        "X-11",
        "reporting",
        "child_smokes",
        "age_at_death_years >= 8",
    ),
    ("AN-1", "analysis", "factors_a", "rule AN-1"),
    ("AN-2", "analysis", "factors_a", "rule AN-2"),
    ("AN-3", "analysis", "factors_a", "rule AN-1"),
    ("AN-4", "analysis", "primary_category", "rule AN-4"),
    ("AN-5", "analysis", "sub_category", "rule AN-5"),
    ("AN-9", "analysis", "modifiable", "rule AN-9"),
];

/// Rules that live elsewhere, and why.
const ELSEWHERE: &[(&str, &str)] = &[
    (
        "ID-7",
        "no form of this version asks for the NHS number of the mother or of a sibling",
    ),
    ("DT-3", "domain::age works out the eighteenth birthday"),
    ("DT-4", "domain::age works out the age and its band"),
    (
        "DT-14",
        "domain::national_return leaves out deaths reviewed before 1 April 2019",
    ),
    ("PL-6", "help beside the question"),
    ("AN-10", "this module as a whole"),
    (
        "AN-11",
        "casework asks for the reason and domain::case makes the new version",
    ),
    ("SB-1", "DT-2 and DT-10"),
    ("SB-2", "clock C03"),
    ("SB-3", "domain::national_return"),
    ("SB-5", "clock C32"),
    ("SB-6", "the return's own check at the year's end"),
    ("SB-7", "says how returns travel"),
    ("SB-8", "says on what power"),
    ("SB-9", "domain::duplicate and the return's withdrawal"),
    ("SB-10", "domain::duplicate, before a case is made"),
    ("SB-11", "domain::case, move transfer_out"),
    ("SB-13", "domain::national_return"),
];

#[test]
fn every_rule_of_the_document_is_run_or_lives_where_it_is_said_to() {
    let library = library();
    let dict = library.current();
    let held_by = |id: &str, severity| {
        RULES
            .iter()
            .any(|(rule, held, _)| *rule == id && *held == severity)
    };
    let on_a_form = |id: &str| ON_A_FORM.iter().any(|(rule, ..)| *rule == id);
    let elsewhere = |id: &str| ELSEWHERE.iter().any(|(rule, _)| *rule == id);
    let mut known = BTreeSet::new();
    for line in DOCUMENT.split(',').map(str::trim) {
        let (id, severities) = line.split_once(' ').unwrap();
        known.insert(id);
        for severity in severities.chars() {
            let run = match severity {
                's' => held_by(id, Severity::Stop),
                'w' => held_by(id, Severity::Warn),
                _ => held_by(id, Severity::Stop) || held_by(id, Severity::Warn),
            };
            assert!(
                run || on_a_form(id) || elsewhere(id),
                "{id} {severity} is not run"
            );
        }
    }
    // What this module adds to the document is named in `measure`.
    known.extend(["ME-2", "ME-3", "ME-4", "ME-5"]);
    for id in RULES
        .iter()
        .map(|(id, ..)| *id)
        .chain(ON_A_FORM.iter().map(|(id, ..)| *id))
        .chain(ELSEWHERE.iter().map(|(id, _)| *id))
    {
        assert!(known.contains(id), "{id} is no rule of the document");
    }
    for (id, form, field, words) in ON_A_FORM {
        let field = dict.form(form).and_then(|form| form.field(field)).unwrap();
        let checked = field.checks.iter().any(|check| check.text == *words);
        let shown = field
            .show_when
            .as_ref()
            .is_some_and(|when| when.text == *words);
        assert!(
            checked || shown,
            "{id}: {form}.{} does not say “{words}”",
            field.id
        );
    }
}

#[test]
fn every_rule_that_is_run_here_is_broken_by_a_test() {
    let broken: BTreeSet<&str> = BROKEN
        .iter()
        .filter_map(|(_, told)| told.split(' ').next())
        .collect();
    let beside = ["ID-3", "ID-8", "ID-9", "SB-4", "X-3"];
    for (id, ..) in RULES {
        assert!(broken.contains(id) || beside.contains(id), "{id}");
    }
}

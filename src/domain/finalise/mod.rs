//! What stands between a case and being finalised: every rule of `validation.md` that looks at the
//! whole case, and every form's own checks, each with the place to put it right (AN-10).
//! Must not know who finalises, nor how the national return is written.
//!
//! [`RULES`] holds the rules that need more than one form or more than the forms. Rules that one
//! form can tell stand in the dictionary and are run here through [`check_where`](super::form::check_where); a test
//! holds both lists to `validation.md`.

mod across;
mod analysis;
mod dates;
mod forms;
mod identity;
mod look;
mod measure;
mod place;

use chrono::{NaiveDate, NaiveDateTime};

use super::case::RequestStanding;
use super::duplicate::Strength;
use super::form::{Dictionary, Severity};
use super::record::CaseRecord;
use super::supplementary::Openings;
use look::{Found, Look};

/// Everything that finalising looks at.
#[derive(Debug, Clone)]
pub struct WholeCase<'a> {
    /// The version of the forms in which the case's answers are held.
    pub dict: &'a Dictionary,
    pub openings: &'a Openings,
    /// The agreed answers of every form: `notification`, `reporting`, `analysis`, `cdrm_jar`, and
    /// each supplementary form that was accepted.
    pub record: CaseRecord<'a>,
    /// Every request for a form that has not been withdrawn.
    pub requests: Vec<Requested>,
    /// Codes of the forms recorded as not needed, with a reason.
    pub waived: Vec<String>,
    /// Questions on which agencies disagree and nobody has chosen yet.
    pub conflicts: Vec<Unsettled>,
    /// Other cases and notifications that may be of the same child.
    pub duplicates: Vec<Lookalike>,
    /// The area's local authorities (GSS codes).
    pub footprint: &'a [&'a str],
    /// The day the notification arrived, in London.
    pub notified_on: NaiveDate,
    /// In live use, where a test NHS number is a mistake.
    pub live: bool,
}

/// One form asked of one agency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requested {
    /// The form's code.
    pub form: String,
    /// The agency, as the case page names it.
    pub agency: String,
    pub standing: RequestStanding,
}

/// A question on which agencies disagree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsettled {
    pub form: String,
    pub field: String,
}

/// Another record that may be of the same child.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookalike {
    /// How the case page names it; says nothing about the child.
    pub reference: String,
    pub strength: Strength,
    /// It was recorded why it is another child.
    pub explained: bool,
}

/// Where something is put right.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Place {
    /// A question of a form.
    Question {
        form: String,
        section: String,
        field: String,
    },
    /// A form as a whole.
    Form(String),
    /// The requests to agencies.
    Requests,
    /// The answers on which agencies disagree.
    Conflicts,
    /// The possible duplicates.
    Duplicates,
}

/// One thing that is missing, wrong or worth a second look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The rule: an id of `validation.md`, or the name of a form's own check such as `required`.
    pub rule: String,
    pub severity: Severity,
    /// The code of the form it belongs to.
    pub form: String,
    pub field: Option<String>,
    /// The table's row, from 0.
    pub row: Option<usize>,
    pub column: Option<String>,
    /// Says exactly what is missing, without a full stop.
    pub message: String,
    pub place: Place,
}

type Rule = fn(&Look) -> Vec<Found>;

/// Every rule that looks at the whole case.
#[rustfmt::skip]
const RULES: &[(&str, Severity, Rule)] = &[
    ("ID-3", Severity::Warn, identity::test_range),
    ("ID-6", Severity::Warn, identity::number_long_awaited),
    ("ID-8", Severity::Stop, identity::same_number),
    ("ID-9", Severity::Warn, identity::lookalike),
    ("ID-10", Severity::Stop, identity::unnamed),
    ("DT-1", Severity::Stop, dates::in_the_future),
    ("DT-6", Severity::Warn, dates::long_after_the_event),
    ("DT-8", Severity::Stop, dates::before_the_death),
    ("DT-9", Severity::Stop, dates::panel_order),
    ("DT-9", Severity::Warn, dates::meeting_order),
    ("DT-10", Severity::Stop, dates::not_born_alive),
    ("DT-11", Severity::Warn, dates::stillbirth_at_home),
    ("DT-13", Severity::Stop, dates::no_signs_of_life),
    ("ME-2", Severity::Warn, measure::weight_for_gestation),
    ("ME-3", Severity::Warn, measure::last_measured),
    ("ME-4", Severity::Warn, measure::early_birth),
    ("ME-5", Severity::Warn, measure::mothers_age),
    ("PL-4", Severity::Warn, place::lived_elsewhere),
    ("PL-5", Severity::Warn, place::abroad_in_england),
    ("PL-5", Severity::Warn, |look| across::offered(look, "PL-5")),
    ("PL-7", Severity::Warn, place::ward_for_age),
    ("SB-4", Severity::Stop, across::no_reporting_form),
    ("SB-4", Severity::Stop, across::answer_not_read),
    ("SB-4", Severity::Warn, across::answer_awaited),
    ("SB-12", Severity::Warn, |look| across::offered(look, "SB-12")),
    ("X-1", Severity::Stop, across::form_missing),
    ("X-1", Severity::Warn, |look| across::offered(look, "X-1")),
    ("X-2", Severity::Warn, |look| across::offered(look, "X-2")),
    ("X-3", Severity::Warn, |look| across::offered(look, "X-3")),
    ("X-4", Severity::Stop, across::unsettled),
    ("X-4", Severity::Stop, across::forms_disagree),
    ("X-5", Severity::Warn, across::response_undecided),
    ("X-5", Severity::Stop, across::no_response_unexplained),
    ("X-6", Severity::Warn, across::coroner_not_told),
    ("X-7", Severity::Stop, across::certificate_gaps),
    ("X-8", Severity::Warn, across::degree_of_relation),
    ("AN-6", Severity::Warn, analysis::sudep_unexplained),
    ("AN-7", Severity::Warn, |look| across::offered(look, "AN-7")),
    ("AN-8", Severity::Warn, analysis::category_and_inquest),
];

/// What is missing before the case can be finalised, and what is worth a second look: the
/// notification first, then the other forms in the dictionary's order.
pub fn missing(case: &WholeCase, today: NaiveDate, now: NaiveDateTime) -> Vec<Missing> {
    let look = Look::new(case, today, now);
    let mut all = forms::problems(&look);
    let of_forms = all.len();
    for (id, severity, rule) in RULES {
        for found in rule(&look) {
            let told = all
                .iter()
                .take(of_forms)
                .any(|held| held.severity == *severity && found.is_at(held));
            // A date that its own form already refuses need not be told twice.
            if *id != "DT-1" || !told {
                all.push(found.into_missing(id, *severity, case.dict));
            }
        }
    }
    let order = |missing: &Missing| {
        case.dict
            .forms
            .iter()
            .position(|form| form.code == missing.form)
    };
    all.sort_by_key(order);
    all
}

/// Whether nothing stands in the way: warnings do not.
pub fn can_finalise(missing: &[Missing]) -> bool {
    missing
        .iter()
        .all(|missing| missing.severity == Severity::Warn)
}

#[cfg(test)]
mod tests;

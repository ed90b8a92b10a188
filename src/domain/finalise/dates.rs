//! What can lie before what, and whether there was a live birth: rules DT-1, DT-6, DT-8 to DT-11
//! and DT-13.

use chrono::NaiveDate;

use super::look::{Found, Look, when};
use crate::domain::form::Answer;
use crate::domain::scope;

/// Questions that may well be answered with a day to come (DT-1).
const PLANNED: &[&str] = &["next_meeting", "due", "due_date", "jar_meeting_date"];

pub(super) fn in_the_future(look: &Look) -> Vec<Found> {
    let mut found = Vec::new();
    for code in look.case.record.codes() {
        let (Some(form), Some(answers)) = (look.dict().form(code), look.form(code)) else {
            continue;
        };
        for field in form
            .fields()
            .filter(|field| !PLANNED.contains(&field.id.as_str()))
        {
            let message = |label: &str| format!("“{label}” is a date in the future");
            if answers
                .get(&field.id)
                .is_some_and(|answer| is_after(answer, look))
            {
                found.push(Found::at(code, &field.id, message(&field.label)));
            }
            for (number, row) in answers.rows(&field.id).iter().enumerate() {
                let columns = field
                    .columns
                    .iter()
                    .filter(|column| !PLANNED.contains(&column.id.as_str()));
                let later = columns.filter(|column| {
                    row.get(&column.id)
                        .is_some_and(|answer| is_after(answer, look))
                });
                found.extend(later.map(|column| {
                    Found::in_cell(code, &field.id, number, &column.id, message(&column.label))
                }));
            }
        }
    }
    found
}

fn is_after(answer: &Answer, look: &Look) -> bool {
    match answer {
        Answer::DateTime(moment) => *moment > look.now,
        other => other.day().is_some_and(|day| day > look.today),
    }
}

pub(super) fn long_after_the_event(look: &Look) -> Vec<Found> {
    let dates = look
        .date("notification", "event_datetime")
        .zip(look.death());
    when(
        dates.is_some_and(|(event, death)| (death - event).num_days() > 365),
        || {
            Found::at(
                "notification",
                "event_datetime",
                "The event that led to the death was more than a year before it. Check both dates",
            )
        },
    )
}

/// Dates of the coroner on the notification are held to this by its own checks.
pub(super) fn before_the_death(look: &Look) -> Vec<Found> {
    let Some(death) = look.death() else {
        return Vec::new();
    };
    ["pm_date", "final_pm_date"]
        .into_iter()
        .filter(|field| look.date("cdrm_jar", field).is_some_and(|day| day < death))
        .map(|field| {
            let message = format!(
                "{} must be on or after the date of death",
                look.quoted("cdrm_jar", field)
            );
            Found::at("cdrm_jar", field, message)
        })
        .collect()
}

/// The review meeting, as the analysis form or the meeting's own form dates it.
fn review_meeting(look: &Look) -> Option<(&'static str, NaiveDate)> {
    ["analysis", "cdrm_jar"]
        .into_iter()
        .find_map(|form| Some((form, look.date(form, "cdrm_date")?)))
}

/// The analysis form holds its own dates in order; the meeting's form is held to them here.
pub(super) fn panel_order(look: &Look) -> Vec<Found> {
    let dates = look
        .date("cdrm_jar", "cdrm_date")
        .zip(look.date("analysis", "date_of_review"));
    when(
        dates.is_some_and(|(meeting, panel)| meeting > panel),
        || {
            Found::at(
                "cdrm_jar",
                "cdrm_date",
                "The child death review meeting must be on or before the day of the panel’s review",
            )
        },
    )
}

pub(super) fn meeting_order(look: &Look) -> Vec<Found> {
    let Some((form, meeting)) = review_meeting(look) else {
        return Vec::new();
    };
    let planning = look
        .date("cdrm_jar", "meeting_date")
        .or_else(|| look.date("notification", "jar_meeting_date"));
    let mut found = when(planning.is_some_and(|planning| planning > meeting), || {
        Found::at(
            form,
            "cdrm_date",
            "The child death review meeting is before the joint agency response meeting. Check both dates",
        )
    });
    found.extend(when(
        look.death().is_some_and(|death| meeting < death),
        || {
            Found::at(
                form,
                "cdrm_date",
                "The child death review meeting is before the death. Check both dates",
            )
        },
    ));
    found
}

fn no_signs(look: &Look) -> bool {
    let under_a_day = look.age().is_some_and(|age| age.days == 0);
    let exception = look
        .form("notification")
        .is_some_and(scope::is_suspected_stillbirth_at_home);
    under_a_day && look.says("notification", "live_birth_confirmed", "no") && !exception
}

/// What the assessment of scope leaves out: stillbirth and late fetal loss.
pub(super) fn not_born_alive(look: &Look) -> Vec<Found> {
    let assessed = look
        .form("notification")
        .map(|answers| scope::assess(answers, look.case.footprint, look.today));
    let excluded = assessed.filter(|assessment| {
        matches!(
            assessment.proposed,
            scope::Outcome::ExcludedStillbirth | scope::Outcome::ExcludedLateFetalLoss
        )
    });
    excluded
        .map(|_| {
            let message = "No signs of life were seen, so this is not a death that is reviewed. Record it as out \
                           of scope, or correct the answer";
            Found::at("notification", "live_birth_confirmed", message)
        })
        .into_iter()
        .collect()
}

pub(super) fn no_signs_of_life(look: &Look) -> Vec<Found> {
    let unmeasured = look.number("notification", "gestation_weeks").is_none();
    when(no_signs(look) && unmeasured, || {
        Found::at(
            "notification",
            "live_birth_confirmed",
            "Signs of life were not seen. Only a live birth is reviewed: correct the answer, or record the \
             death as out of scope",
        )
    })
}

pub(super) fn stillbirth_at_home(look: &Look) -> Vec<Found> {
    let home = look
        .form("notification")
        .is_some_and(scope::is_suspected_stillbirth_at_home);
    when(home, || {
        Found::at(
            "notification",
            "suspected_stillbirth_at_home",
            "This is a suspected stillbirth at home. It is kept, outside the counts of live-born children",
        )
    })
}

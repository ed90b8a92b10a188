//! One form against another, and forms against requests: rules, SB-4, and the forms that
//! rules, PL-5, AN-7 and SB-12 offer.

use super::Place;
use super::look::{Found, Look, when};
use crate::domain::case::RequestStanding;
use crate::domain::form::{Answer, Severity, words};
use crate::domain::supplementary::Opened;

/// Forms that are neither answered nor waived.
fn wanting<'a>(look: &'a Look) -> impl Iterator<Item = &'a Opened> {
    look.opened.iter().filter(|opened| {
        look.form(&opened.form).is_none() && !look.case.waived.contains(&opened.form)
    })
}

fn want(look: &Look, opened: &Opened) -> Found {
    let label = look.form_label(&opened.form);
    let asked = look
        .case
        .requests
        .iter()
        .any(|request| request.form == opened.form);
    let what = if asked {
        "has been asked for and is not accepted yet"
    } else {
        "is needed"
    };
    let message = format!(
        "The form “{label}” {what}. {} Get it, or record why it is not needed",
        opened.reason
    );
    Found::in_place(&opened.form, Place::Requests, message)
}

/// a form that an event opened is completed, or waived with a reason.
pub(super) fn form_missing(look: &Look) -> Vec<Found> {
    let must = wanting(look).filter(|opened| opened.severity == Severity::Stop);
    must.map(|opened| want(look, opened)).collect()
}

/// A form that the circumstances suggest.
pub(super) fn offered(look: &Look, rule: &str) -> Vec<Found> {
    let may =
        wanting(look).filter(|opened| opened.severity == Severity::Warn && opened.rule == rule);
    may.map(|opened| want(look, opened)).collect()
}

/// SB-4: a reviewed case has at least one reporting form, if only one that says nothing is held.
pub(super) fn no_reporting_form(look: &Look) -> Vec<Found> {
    when(look.form("reporting").is_none(), || {
        Found::in_place(
            "reporting",
            Place::Requests,
            "No agency’s reporting form has been accepted yet",
        )
    })
}

/// SB-4: what an agency sent is part of the record only once it is accepted.
pub(super) fn answer_not_read(look: &Look) -> Vec<Found> {
    by_standing(look, RequestStanding::Answered, |label, agency| {
        format!("{agency} has sent the form “{label}”. Accept it or send it back")
    })
}

pub(super) fn answer_awaited(look: &Look) -> Vec<Found> {
    by_standing(look, RequestStanding::Waiting, |label, agency| {
        format!("{agency} has not sent the form “{label}”. Wait for it, or withdraw the request")
    })
}

fn by_standing(
    look: &Look,
    standing: RequestStanding,
    message: fn(&str, &str) -> String,
) -> Vec<Found> {
    let open = look
        .case
        .requests
        .iter()
        .filter(|request| request.standing == standing);
    let waived = |form: &String| look.case.waived.contains(form);
    open.filter(|request| !waived(&request.form))
        .map(|request| {
            let message = message(look.form_label(&request.form), &request.agency);
            Found::in_place(&request.form, Place::Requests, message)
        })
        .collect()
}

/// agencies disagree and nobody has chosen.
pub(super) fn unsettled(look: &Look) -> Vec<Found> {
    look.case
        .conflicts
        .iter()
        .map(|open| {
            let message = format!(
                "Agencies disagree on {}. Choose the answer",
                look.quoted(&open.form, &open.field)
            );
            Found::at(&open.form, &open.field, message).put_right_at(Place::Conflicts)
        })
        .collect()
}

/// What several forms ask, which must agree. The first form that holds an answer is compared
/// with the others.
const SAME: &[&[(&str, &str)]] = &[
    &[
        ("notification", "date_of_birth"),
        ("reporting", "child_date_of_birth"),
    ],
    &[
        ("notification", "date_of_death"),
        ("reporting", "child_date_of_death"),
    ],
    &[
        ("notification", "sex"),
        ("reporting", "child_sex"),
        ("analysis", "child_sex"),
    ],
    &[
        ("notification", "gestation_weeks"),
        ("reporting", "gestation_weeks"),
        ("neonatal", "gestation_weeks"),
        ("sudden_unexpected_death", "gestation_weeks"),
    ],
    &[
        ("notification", "birth_weight_g"),
        ("reporting", "birth_weight_g"),
        ("neonatal", "birth_weight_g"),
        ("sudden_unexpected_death", "birth_weight_g"),
    ],
    &[
        ("notification", "place_of_death_type"),
        ("reporting", "place_of_death"),
        ("analysis", "place_of_death"),
    ],
];

pub(super) fn forms_disagree(look: &Look) -> Vec<Found> {
    SAME.iter()
        .flat_map(|asked| disagreement(look, asked))
        .collect()
}

fn disagreement(look: &Look, asked: &[(&str, &str)]) -> Vec<Found> {
    let known = |form: &str, field: &str| {
        look.get(form, field)
            .filter(|answer| !answer.is_not_known())
    };
    let mut given = asked
        .iter()
        .filter_map(|(form, field)| Some((*form, *field, known(form, field)?)));
    let Some((first_form, first_field, first)) = given.next() else {
        return Vec::new();
    };
    given
        .filter(|(_, _, answer)| !same(&first, answer))
        .map(|(form, field, answer)| {
            let message = format!(
                "{} on the form “{}” is {}, but on the form “{}” it is {}. Correct whichever is wrong",
                look.quoted(form, field),
                look.form_label(form),
                in_words(look, form, field, &answer),
                look.form_label(first_form),
                in_words(look, first_form, first_field, &first),
            );
            Found::at(form, field, message)
        })
        .collect()
}

fn same(a: &Answer, b: &Answer) -> bool {
    match (a.number(), b.number()) {
        (Some(a), Some(b)) => (a - b).abs() < 0.5,
        _ => a == b,
    }
}

fn in_words(look: &Look, form: &str, field: &str, answer: &Answer) -> String {
    let field = look.dict().form(form).and_then(|form| form.field(field));
    field.map_or_else(String::new, |field| words(look.dict(), field, answer))
}

fn unexpected(look: &Look) -> bool {
    ["notification", "reporting"]
        .into_iter()
        .any(|form| look.says(form, "expected_death", "unexpected"))
}

/// What was decided on a joint agency response, and where: the response's own form, where there is
/// one, outweighs the notifier.
fn response<'a>(look: &Look<'a>) -> Option<&'a str> {
    ["cdrm_jar", "notification"].into_iter().find_map(|form| {
        look.choice(form, "jar_required")
            .filter(|code| matches!(*code, "yes" | "no"))
    })
}

/// an unexpected death without a decision.
pub(super) fn response_undecided(look: &Look) -> Vec<Found> {
    when(unexpected(look) && response(look).is_none(), || {
        Found::at(
            "notification",
            "jar_required",
            "The death was unexpected. Record whether there was a joint agency response",
        )
    })
}

/// Events that could be due to an external cause, or sudden without one: triggers (a) and (b).
const TRIGGERING: &[&str] = &[
    "sudi",
    "vehicle",
    "drowning",
    "fire_burns",
    "poisoning",
    "other_accident",
    "substance",
    "homicide",
    "suicide",
];

fn triggered(look: &Look) -> bool {
    let events = [
        ("reporting", "events_known"),
        ("notification", "suspected_event"),
    ];
    let by_event = events
        .into_iter()
        .flat_map(|(form, field)| look.choices(form, field))
        .any(|event| TRIGGERING.contains(&event.as_str()));
    by_event
        || look.says("notification", "in_custody_or_detained", "yes")
        || look.says("notification", "suspected_stillbirth_at_home", "yes")
        || !look.choices("notification", "jar_trigger").is_empty()
        || !look.choices("cdrm_jar", "jar_triggers").is_empty()
}

/// a trigger is there and no response was made, so the reason is recorded.
pub(super) fn no_response_unexplained(look: &Look) -> Vec<Found> {
    let unexplained = response(look) == Some("no") && !look.answered("cdrm_jar", "decision_reason");
    when(unexplained && triggered(look), || {
        Found::at(
            "cdrm_jar",
            "decision_reason",
            "The circumstances call for a joint agency response and there was none. Record the reason",
        )
    })
}

/// deaths that a coroner is normally told of.
pub(super) fn coroner_not_told(look: &Look) -> Vec<Found> {
    let owed = unexpected(look)
        || look.says("notification", "in_custody_or_detained", "yes")
        || look.says("notification", "mccd_issued", "no");
    when(
        owed && look.says("notification", "coroner_informed", "no"),
        || {
            Found::at(
                "notification",
                "coroner_informed",
                "The death was not reported to the coroner, though it was unexpected, in custody or without a \
             certificate. Check that this is right",
            )
        },
    )
}

/// the lines of the certificate follow each other without a gap.
pub(super) fn certificate_gaps(look: &Look) -> Vec<Found> {
    let first = if look.says("notification", "mccd_type", "neonatal") {
        "neonatal_cause_a"
    } else {
        "cause_1a"
    };
    let issued = look.says("notification", "mccd_issued", "yes");
    let certified = ["cause_1a", "neonatal_cause_a"]
        .into_iter()
        .any(|field| look.answered("notification", field));
    let mut found = when(issued && !certified, || {
        let message = format!(
            "A certificate was issued. Enter {}",
            look.quoted("notification", first)
        );
        Found::at("notification", first, message)
    });
    let lines = [
        (
            "notification",
            ["cause_1a", "cause_1b", "cause_1c", "cause_1d"],
        ),
        (
            "analysis",
            [
                "registered_cause_1a",
                "registered_cause_1b",
                "registered_cause_1c",
                "registered_cause_1d",
            ],
        ),
    ];
    for (form, fields) in lines {
        let pairs = fields.iter().zip(fields.iter().skip(1));
        let gaps =
            pairs.filter(|(above, line)| look.answered(form, line) && !look.answered(form, above));
        found.extend(gaps.map(|(above, line)| {
            let message = format!(
                "{} is given without {}. Enter it, or move the cause up",
                look.quoted(form, line),
                look.quoted(form, above)
            );
            Found::at(form, above, message)
        }));
    }
    found
}

/// parents who are related are asked how; the degree may be unknown.
pub(super) fn degree_of_relation(look: &Look) -> Vec<Found> {
    ["notification", "reporting"]
        .into_iter()
        .filter(|form| {
            look.says(form, "parents_related", "yes")
                && !look.answered(form, "parents_relationship")
        })
        .map(|form| {
            let message =
                "The parents are related by blood. Record how, or that the degree is not known";
            Found::at(form, "parents_relationship", message)
        })
        .collect()
}

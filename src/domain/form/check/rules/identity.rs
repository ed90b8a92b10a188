//! Named rules about the child, the mother and the home: DT-5, ME-1, PL-3 and SU-1.

use super::super::judge::Judge;
use crate::domain::age::months_later;
use crate::domain::form::{Answer, Field, Problem, Severity, Stage, derive, words};

/// DT-5: born and died on one day, so the time of death is asked for.
pub(super) fn time_on_one_day(
    judge: &Judge,
    field: &Field,
    answer: Option<&Answer>,
) -> Option<Problem> {
    let (born, died) = (
        judge.sight.day("date_of_birth")?,
        judge.sight.day("date_of_death")?,
    );
    (judge.stage == Stage::Final && answer.is_none() && born == died).then(|| {
        warn(
            field,
            "DT-5",
            "Enter the time of death if it is known: birth and death were on one day",
        )
    })
}

/// ME-1: a mother is born 10 to 60 years before her child, nearly always 13 to 50.
pub(super) fn mothers_age(
    judge: &Judge,
    field: &Field,
    answer: Option<&Answer>,
) -> Option<Problem> {
    let mother = answer?.day()?;
    let child = judge.sight.day("date_of_birth")?;
    let between = |low: u32, high: u32| {
        (months_later(mother, low * 12)..=months_later(mother, high * 12)).contains(&child)
    };
    if !between(10, 60) {
        let words = "Mother’s date of birth must be 10 to 60 years before the child’s";
        return Some(Problem::stop(&field.id, "ME-1", words));
    }
    (!between(13, 50)).then(|| {
        let words = "Mother’s date of birth is usually 13 to 50 years before the child’s. Check that it is right";
        warn(field, "ME-1", words)
    })
}

/// PL-3, as far as one form can tell: the local authority and the country of residence agree.
/// Finding the authority from the postcode needs reference data, which this module has not.
pub(super) fn residence(judge: &Judge, field: &Field, answer: Option<&Answer>) -> Option<Problem> {
    const ENGLAND: [&str; 5] = ["england", "uk", "united kingdom", "great britain", "gb"];
    let Some(Answer::Choice(code)) = answer else {
        return None;
    };
    let country = judge.sight.value("country_of_normal_residence")?;
    let Answer::Text(country) = country.as_ref() else {
        return None;
    };
    let in_england = ENGLAND.contains(&country.trim().to_lowercase().as_str());
    let certainly_england = country.trim().eq_ignore_ascii_case("england");
    let clash = if code == "outside" {
        certainly_england
    } else {
        !in_england
    };
    clash.then(|| {
        let chosen = words(judge.dict, field, &Answer::Choice(code.clone()));
        let words = format!(
            "The local authority of normal residence is “{chosen}”, but the country is {country}. Check that both are right"
        );
        warn(field, "PL-3", words)
    })
}

/// ID-10: words that stand for a name are for a child under 28 days. They may be the name after
/// all, so the notifier is asked rather than stopped.
pub(in super::super) fn placeholder_name(
    judge: &Judge,
    field: &Field,
    answer: Option<&Answer>,
) -> Option<Problem> {
    const STANDING: [&str; 8] = [
        "baby",
        "baby boy",
        "baby girl",
        "boy",
        "girl",
        "infant",
        "unnamed",
        "unknown",
    ];
    let Some(Answer::Text(name)) = answer.filter(|_| field.id == "child_forenames") else {
        return None;
    };
    let lower = name.to_lowercase();
    let numbered = ["twin", "triplet", "baby"].iter().any(|word| {
        lower
            .strip_prefix(word)
            .is_some_and(|n| n.trim().parse::<u8>().is_ok())
    });
    let (born, died) = (
        judge.sight.day("date_of_birth")?,
        judge.sight.day("date_of_death")?,
    );
    let older = (died - born).num_days() >= 28;
    ((numbered || STANDING.contains(&lower.as_str())) && older).then(|| {
        let words =
            format!("“{name}” stands for a name. Enter the child’s own name if there is one");
        warn(field, "ID-10", words)
    })
}

/// SU-1: hazardous co-sleeping is what the answers say it is.
pub(super) fn hazardous_sleep(
    judge: &Judge,
    field: &Field,
    answer: Option<&Answer>,
) -> Option<Problem> {
    let Some(Answer::Boolean(given)) = answer else {
        return None;
    };
    let follows = derive::hazardous_cosleep(judge.sight)?;
    (follows != *given).then(|| {
        let words = if follows {
            "The answers on sharing a sleep surface make this hazardous co-sleeping"
        } else {
            "The answers on sharing a sleep surface do not make this hazardous co-sleeping"
        };
        Problem::stop(&field.id, "SU-1", words)
    })
}

fn warn(field: &Field, rule: &str, words: impl Into<String>) -> Problem {
    Problem {
        severity: Severity::Warn,
        ..Problem::stop(&field.id, rule, words)
    }
}

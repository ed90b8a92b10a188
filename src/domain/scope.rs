//! Whether a death is reviewed here: what the notification says, and what follows.
//! Must not decide: a coordinator does, and this only proposes, with its reasons.
//!
//! Source: `process.md`, 1.3 and 1.4; rules DT-2, DT-3, DT-10, DT-11, DT-13, PL-4 and PL-5.

use chrono::NaiveDate;

use super::age::{Age, eighteenth_birthday};
use super::case::Move;
use super::code::coded;
use super::form::Answers;

coded! {
    /// What triage can find.
    pub enum Outcome {
        InScopeResident = "in_scope_resident", "In scope: lived here";
        InScopeNonresident = "in_scope_nonresident_discretionary", "In scope: lived elsewhere, reviewed here by choice";
        TransferOut = "transfer_out", "Transfer to another panel";
        TransferIn = "transfer_in", "In scope: transferred from another panel";
        ExcludedStillbirth = "excluded_stillbirth", "Not in scope: stillbirth";
        ExcludedLateFetalLoss = "excluded_late_fetal_loss", "Not in scope: late fetal loss";
        ExcludedLawfulTermination = "excluded_lawful_termination", "Not in scope: lawful termination of pregnancy";
        Excluded18OrOver = "excluded_18_or_over", "Not in scope: 18 or over";
        Duplicate = "duplicate", "The same child was notified before";
        Pending = "pending", "More must be known to decide";
    }
}

coded! {
    /// Where the child normally lived, as the duty to review counts it (Children Act 2004, 16M).
    pub enum Residence {
        Here = "here", "In this area";
        ElsewhereInEngland = "elsewhere_in_england", "Elsewhere in England";
        OutsideEngland = "outside_england", "Outside England";
        NotKnown = "not_known", "Not known";
    }
}

/// What the notification suggests, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessment {
    pub proposed: Outcome,
    /// In whole sentences, the deciding one first.
    pub reasons: Vec<String>,
}

/// Weeks of pregnancy from which a birth without signs of life is a stillbirth.
const STILLBIRTH_WEEKS: i64 = 24;

impl Outcome {
    /// A review is owed or chosen here.
    pub const fn is_in_scope(self) -> bool {
        matches!(
            self,
            Self::InScopeResident | Self::InScopeNonresident | Self::TransferIn
        )
    }

    /// No review is owed anywhere. The notification is kept, with the reason.
    pub const fn is_excluded(self) -> bool {
        matches!(
            self,
            Self::ExcludedStillbirth
                | Self::ExcludedLateFetalLoss
                | Self::ExcludedLawfulTermination
                | Self::Excluded18OrOver
        )
    }

    /// The move that deciding so makes; none while it cannot be decided.
    pub const fn case_move(self) -> Option<Move> {
        match self {
            Self::InScopeResident | Self::InScopeNonresident | Self::TransferIn => {
                Some(Move::Accept)
            }
            Self::TransferOut => Some(Move::TransferOut),
            Self::Duplicate => Some(Move::Join),
            Self::Pending => None,
            _ => Some(Move::FindOutOfScope),
        }
    }
}

/// Where the child normally lived. `footprint` holds the area's local authorities (GSS codes).
pub fn residence(notification: &Answers, footprint: &[&str]) -> Residence {
    match notification.choice("normally_resident_la") {
        None | Some("not_known" | "unknown") => Residence::NotKnown,
        Some("outside") => Residence::OutsideEngland,
        Some(authority) if footprint.contains(&authority) => Residence::Here,
        Some(_) => Residence::ElsewhereInEngland,
    }
}

/// A suspected stillbirth at home with no professional present: kept and flagged, outside the
/// counts of live-born children (DT-11).
pub fn is_suspected_stillbirth_at_home(notification: &Answers) -> bool {
    notification.choice("suspected_stillbirth_at_home") == Some("yes")
        && notification.choice("live_birth_confirmed") != Some("yes")
        && under_a_day(notification)
}

/// What the notification suggests. `today` is the day in London.
pub fn assess(notification: &Answers, footprint: &[&str], today: NaiveDate) -> Assessment {
    let mut assessment = by_dates(notification, today)
        .or_else(|| by_live_birth(notification))
        .or_else(|| by_termination(notification))
        .unwrap_or_else(|| by_residence(notification, footprint));
    assessment
        .reasons
        .extend(remarks(notification, assessment.proposed));
    assessment
}

fn found(proposed: Outcome, reason: &str) -> Assessment {
    Assessment {
        proposed,
        reasons: vec![reason.to_owned()],
    }
}

fn under_a_day(notification: &Answers) -> bool {
    let dates = notification
        .date("date_of_birth")
        .zip(notification.date("date_of_death"));
    dates.is_some_and(|(born, died)| born == died)
}

fn by_dates(notification: &Answers, today: NaiveDate) -> Option<Assessment> {
    let pending = |reason| Some(found(Outcome::Pending, reason));
    let Some(died) = notification.date("date_of_death") else {
        return pending("The date of death is not known.");
    };
    let Some(born) = notification.date("date_of_birth") else {
        return pending("The date of birth is not known, so the age is not known.");
    };
    if died > today {
        return pending("The date of death is in the future. Check it with the notifier.");
    }
    if Age::at(born, died).is_none() {
        return pending(
            "The date of death is before the date of birth. Check both with the notifier.",
        );
    }
    if died >= eighteenth_birthday(born) {
        let reason =
            "The person died on or after their 18th birthday. Only deaths before it are reviewed.";
        return Some(found(Outcome::Excluded18OrOver, reason));
    }
    None
}

/// Signs of life are asked about only where birth and death were on one day.
fn by_live_birth(notification: &Answers) -> Option<Assessment> {
    let none_seen =
        notification.choice("live_birth_confirmed") == Some("no") && under_a_day(notification);
    if !none_seen || is_suspected_stillbirth_at_home(notification) {
        return None;
    }
    Some(match notification.integer("gestation_weeks") {
        Some(weeks) if weeks >= STILLBIRTH_WEEKS => found(
            Outcome::ExcludedStillbirth,
            "No signs of life were seen, at 24 weeks or more. A stillbirth is not reviewed.",
        ),
        Some(_) => found(
            Outcome::ExcludedLateFetalLoss,
            "No signs of life were seen, before 24 weeks. A late fetal loss is not reviewed.",
        ),
        None => found(
            Outcome::Pending,
            "No signs of life were seen, and the length of the pregnancy is not known. From 24 weeks it is a \
             stillbirth, before that a late fetal loss. Neither is reviewed.",
        ),
    })
}

/// The form has no question on termination, so its words are only a prompt to look.
fn by_termination(notification: &Answers) -> Option<Assessment> {
    let texts = [
        "circumstances",
        "cause_1a",
        "cause_1b",
        "neonatal_cause_a",
        "neonatal_cause_c",
    ];
    let said = texts
        .iter()
        .filter_map(|id| notification.text(id))
        .any(|text| {
            let text = text.to_lowercase();
            text.contains("termination of pregnancy") || text.contains("terminated pregnancy")
        });
    (said && newborn(notification)).then(|| {
        found(
            Outcome::Pending,
            "The notification speaks of a termination of pregnancy. A lawful termination is not reviewed, even \
             after a live birth. Check with the notifier.",
        )
    })
}

fn newborn(notification: &Answers) -> bool {
    let dates = notification
        .date("date_of_birth")
        .zip(notification.date("date_of_death"));
    dates
        .and_then(|(born, died)| Age::at(born, died))
        .is_some_and(|age| age.days < 28)
}

fn by_residence(notification: &Answers, footprint: &[&str]) -> Assessment {
    if notification.choice("notification_route") == Some("other_cdop") {
        return found(
            Outcome::TransferIn,
            "Another panel transferred this death here.",
        );
    }
    let abroad = died_abroad(notification);
    match residence(notification, footprint) {
        Residence::Here => found(
            Outcome::InScopeResident,
            "The child normally lived in this area, so the review is owed here, wherever the child died.",
        ),
        Residence::ElsewhereInEngland => found(
            Outcome::TransferOut,
            "The child normally lived elsewhere in England. The panel of that area reviews the death, unless both \
             panels agree otherwise.",
        ),
        Residence::OutsideEngland if abroad => found(
            Outcome::Pending,
            "The child neither lived here nor died here. Check why the death was notified here.",
        ),
        Residence::OutsideEngland => found(
            Outcome::InScopeNonresident,
            "The child normally lived outside England and died here. The partners may review the death; record why \
             they do.",
        ),
        Residence::NotKnown => found(
            Outcome::Pending,
            "It is not known where the child normally lived.",
        ),
    }
}

/// The child died abroad (PL-5).
pub fn died_abroad(notification: &Answers) -> bool {
    notification.choice("place_of_death_type") == Some("abroad")
}

fn remarks(notification: &Answers, proposed: Outcome) -> Vec<String> {
    let mut remarks = Vec::new();
    if !proposed.is_excluded() && is_suspected_stillbirth_at_home(notification) {
        remarks.push(
            "This may be a stillbirth at home with no professional present. It is kept and flagged, outside the \
             counts of live-born children, and a joint agency response is to be considered."
                .to_owned(),
        );
    }
    if proposed.is_in_scope() && died_abroad(notification) {
        remarks.push("The child died abroad, so the form on deaths abroad is needed.".to_owned());
    }
    let early = notification
        .integer("gestation_weeks")
        .is_some_and(|weeks| weeks < 22);
    if proposed.is_in_scope() && early && notification.choice("live_birth_confirmed") != Some("yes")
    {
        remarks.push(
            "The pregnancy was shorter than 22 weeks. Check that signs of life were seen."
                .to_owned(),
        );
    }
    remarks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::form::Answer;
    use proptest::prelude::*;

    const FOOTPRINT: &[&str] = &["E10000016", "E06000035"];

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn choice(code: &str) -> Answer {
        Answer::Choice(code.to_owned())
    }

    fn child(born: &str, died: &str, lived: &str) -> Answers {
        let mut answers = Answers::default();
        answers.set("date_of_birth", Answer::Date(day(born)));
        answers.set("date_of_death", Answer::Date(day(died)));
        answers.set("normally_resident_la", choice(lived));
        answers
    }

    fn proposed(answers: &Answers) -> Outcome {
        let assessment = assess(answers, FOOTPRINT, day("2026-06-30"));
        assert!(!assessment.reasons.is_empty());
        assessment.proposed
    }

    #[test]
    fn residence_decides_who_reviews() {
        for (lived, outcome) in [
            ("E10000016", Outcome::InScopeResident),
            ("E06000035", Outcome::InScopeResident),
            ("other", Outcome::TransferOut),
            ("E09000001", Outcome::TransferOut),
            ("outside", Outcome::InScopeNonresident),
            ("not_known", Outcome::Pending),
        ] {
            assert_eq!(
                proposed(&child("2020-01-01", "2026-06-01", lived)),
                outcome,
                "{lived}"
            );
        }
    }

    #[test]
    fn a_resident_who_died_abroad_is_in_scope_and_a_stranger_is_not() {
        let mut answers = child("2020-01-01", "2026-06-01", "E10000016");
        answers.set("place_of_death_type", choice("abroad"));
        let assessment = assess(&answers, FOOTPRINT, day("2026-06-30"));
        assert_eq!(assessment.proposed, Outcome::InScopeResident);
        assert!(
            assessment
                .reasons
                .iter()
                .any(|reason| reason.contains("died abroad"))
        );
        answers.set("normally_resident_la", choice("outside"));
        assert_eq!(proposed(&answers), Outcome::Pending);
    }

    #[test]
    fn births_without_signs_of_life_are_out_but_for_a_suspected_stillbirth_at_home() {
        let mut answers = child("2026-06-01", "2026-06-01", "E10000016");
        answers.set("live_birth_confirmed", choice("no"));
        assert_eq!(proposed(&answers), Outcome::Pending);
        answers.set("gestation_weeks", Answer::Integer(24));
        assert_eq!(proposed(&answers), Outcome::ExcludedStillbirth);
        answers.set("gestation_weeks", Answer::Integer(23));
        assert_eq!(proposed(&answers), Outcome::ExcludedLateFetalLoss);
        answers.set("suspected_stillbirth_at_home", choice("yes"));
        let assessment = assess(&answers, FOOTPRINT, day("2026-06-30"));
        assert_eq!(assessment.proposed, Outcome::InScopeResident);
        assert!(
            assessment
                .reasons
                .iter()
                .any(|reason| reason.contains("kept and flagged"))
        );
        answers.set("live_birth_confirmed", choice("yes"));
        assert!(!is_suspected_stillbirth_at_home(&answers));
    }

    #[test]
    fn an_answer_about_signs_of_life_counts_only_on_the_day_of_birth() {
        let mut answers = child("2026-06-01", "2026-06-02", "E10000016");
        answers.set("live_birth_confirmed", choice("no"));
        answers.set("gestation_weeks", Answer::Integer(30));
        assert_eq!(proposed(&answers), Outcome::InScopeResident);
    }

    #[test]
    fn a_termination_is_looked_at_by_a_person() {
        let mut answers = child("2026-06-01", "2026-06-01", "E10000016");
        let text = "Live birth after planned termination of pregnancy";
        answers.set("circumstances", Answer::Text(text.to_owned()));
        assert_eq!(proposed(&answers), Outcome::Pending);
        answers.set("date_of_birth", Answer::Date(day("2014-06-01")));
        assert_eq!(proposed(&answers), Outcome::InScopeResident);
    }

    #[test]
    fn what_cannot_be_decided_says_so() {
        assert_eq!(proposed(&Answers::default()), Outcome::Pending);
        assert_eq!(
            proposed(&child("2026-06-02", "2026-06-01", "E10000016")),
            Outcome::Pending
        );
        assert_eq!(
            proposed(&child("2026-06-02", "2026-07-01", "E10000016")),
            Outcome::Pending
        );
    }

    #[test]
    fn every_outcome_but_pending_is_a_move() {
        for outcome in Outcome::ALL {
            assert_eq!(
                outcome.case_move().is_none(),
                *outcome == Outcome::Pending,
                "{outcome}"
            );
            assert!(!(outcome.is_in_scope() && outcome.is_excluded()));
        }
    }

    proptest! {
        #[test]
        fn eighteen_is_the_edge(days in 0_u64..20_000, over in 0_u64..3_000) {
            let born = day("1990-01-01") + chrono::Days::new(days);
            let birthday = eighteenth_birthday(born);
            let today = day("2080-01-01");
            let mut answers = child("2000-01-01", "2000-01-01", "E10000016");
            answers.set("date_of_birth", Answer::Date(born));
            answers.set("date_of_death", Answer::Date(birthday + chrono::Days::new(over)));
            prop_assert_eq!(assess(&answers, FOOTPRINT, today).proposed, Outcome::Excluded18OrOver);
            answers.set("date_of_death", Answer::Date(birthday.pred_opt().unwrap()));
            prop_assert_eq!(assess(&answers, FOOTPRINT, today).proposed, Outcome::InScopeResident);
        }

        #[test]
        fn never_in_scope_without_both_dates_and_always_with_a_reason(
            born in proptest::option::of(0_u64..14_000), died in proptest::option::of(0_u64..14_000),
            lived in proptest::sample::select(vec!["E10000016", "other", "outside", "not_known"]),
            signs in proptest::sample::select(vec!["yes", "no", "not_known"]),
            home in proptest::sample::select(vec!["yes", "no", "not_known"]),
            weeks in proptest::option::of(15_i64..45),
        ) {
            let mut answers = Answers::default();
            let from = |days: u64| Answer::Date(day("1990-01-01") + chrono::Days::new(days));
            if let Some(days) = born { answers.set("date_of_birth", from(days)); }
            if let Some(days) = died { answers.set("date_of_death", from(days)); }
            if let Some(weeks) = weeks { answers.set("gestation_weeks", Answer::Integer(weeks)); }
            answers.set("normally_resident_la", choice(lived));
            answers.set("live_birth_confirmed", choice(signs));
            answers.set("suspected_stillbirth_at_home", choice(home));
            let assessment = assess(&answers, FOOTPRINT, day("2030-01-01"));
            prop_assert!(!assessment.reasons.is_empty());
            if assessment.proposed.is_in_scope() {
                let (born, died) = (born.unwrap(), died.unwrap());
                prop_assert!(born <= died);
                let exception = is_suspected_stillbirth_at_home(&answers);
                prop_assert!(born != died || signs != "no" || exception);
            }
        }
    }
}

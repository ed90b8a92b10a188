//! What is known to have happened to a case or a request, as far as clocks look at it: how a new word goes together
//! with an older one, and what follows from several. Must not know where it is kept.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::cause::{Told, When};
use super::due::Start;
use super::names::{Asked, Occasion};

/// One thing that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    pub at: Start,
    /// The time was given, and is not only that of the note.
    pub given: bool,
    /// Who said so: `event`, what it happened at, or `record:` and the form.
    pub source: String,
    pub asked: Option<Asked>,
}

/// Everything that is known of a case, or of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts(pub BTreeMap<Occasion, Known>);

/// What a new word changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    Nothing,
    Put(Known),
    Drop,
}

/// How a new word changes an older one. What can be put right is put right by its own source: a record, a family, a
/// meeting. Of several events of one kind the first stands; a time that was given is better than that of a note.
pub fn change(
    old: Option<&Known>,
    told: &Told,
    source: &str,
    asked: Option<Asked>,
    now: DateTime<Utc>,
) -> Change {
    let Some(when) = told.when else {
        return match old {
            Some(old) if old.source == source => Change::Drop,
            _ => Change::Nothing,
        };
    };
    let (at, given) = match when {
        When::Noted => (Start::Moment(now), false),
        When::Given(at) => (at, true),
    };
    let fresh = Known {
        at,
        given,
        source: source.to_owned(),
        asked,
    };
    let better = match old {
        None => true,
        Some(old) if old.at == fresh.at && old.given == given => false,
        Some(_) if told.occasion.replaces() => true,
        Some(old) if !old.given => given,
        Some(old) => given && old.source == source && puts_right(told.occasion, source),
    };
    if better {
        Change::Put(fresh)
    } else {
        Change::Nothing
    }
}

/// The source of what an event told.
pub const EVENT: &str = "event";

/// The source of what an event told that happened at something which can put it right.
pub fn event_at(id: &str) -> String {
    format!("{EVENT}:{id}")
}

/// Whether a second day from the same source puts the first one right. Without saying at what it happened, it could be
/// another of the kind.
fn puts_right(occasion: Occasion, source: &str) -> bool {
    source != EVENT || occasion.told_anew()
}

impl Facts {
    /// When it was, where several things together make it so.
    pub fn at(&self, occasion: Occasion) -> Option<Start> {
        let of = |occasion: Occasion| self.0.get(&occasion).map(|known| known.at);
        match occasion {
            Occasion::JarTriggered if of(Occasion::JarNotNeeded).is_some() => None,
            // To a meeting that was held on its day, or later, nobody is invited any more.
            Occasion::CdrmDate if of(Occasion::CdrmInvitationsSent).is_none() => {
                let date = of(occasion)?;
                let held =
                    of(Occasion::CdrmHeld).is_some_and(|held| held.begins() >= date.begins());
                (!held).then_some(date)
            }
            // On the later of the two, the meeting's output and the inquest's conclusion, and not before an inquest that
            // is expected is concluded (`process.md`, C27).
            Occasion::CdrmOutputAndInquest => {
                let output = of(Occasion::DraftAnalysisReceived)?;
                let concluded = of(Occasion::InquestConcluded);
                if of(Occasion::CoronerDecision).is_some() && concluded.is_none() {
                    return None;
                }
                Some(match concluded {
                    Some(concluded) if concluded.begins() > output.begins() => concluded,
                    _ => output,
                })
            }
            // The panel's day is in the analysis; that it is complete is noted, perhaps later.
            Occasion::PanelCompleted => {
                let completed = of(occasion)?;
                let day = of(Occasion::ReviewDay).or_else(|| of(Occasion::PanelHeld));
                Some(day.unwrap_or(completed))
            }
            _ => of(occasion),
        }
    }

    /// Which of a request's two clocks it has.
    pub fn asked(&self) -> Option<Asked> {
        self.0.get(&Occasion::RequestSent)?.asked
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn day(text: &str) -> Start {
        Start::Day(text.parse().unwrap())
    }

    fn told(occasion: Occasion, when: Option<When>) -> Told {
        Told { occasion, when }
    }

    fn put(old: Option<&Known>, word: &Told, source: &str) -> Option<Known> {
        match change(old, word, source, None, at("2026-04-01T09:00:00Z")) {
            Change::Put(known) => Some(known),
            _ => None,
        }
    }

    #[test]
    fn a_record_is_put_right_by_itself_and_the_first_event_stands() {
        let given = |text| told(Occasion::CdrmHeld, Some(When::Given(day(text))));
        let noted = told(Occasion::CdrmHeld, Some(When::Noted));
        let first = put(None, &noted, EVENT).unwrap();
        assert!(put(Some(&first), &noted, EVENT).is_none());
        let typed = put(Some(&first), &given("2026-03-30"), "record:cdrm_jar").unwrap();
        assert!(put(Some(&typed), &noted, EVENT).is_none());
        assert!(put(Some(&typed), &given("2026-03-29"), "record:analysis").is_none());
        assert!(put(Some(&typed), &given("2026-03-30"), "record:cdrm_jar").is_none());
        let right = put(Some(&typed), &given("2026-03-29"), "record:cdrm_jar").unwrap();
        assert_eq!(right.at, day("2026-03-29"));
        let now = at("2026-04-01T09:00:00Z");
        let gone = told(Occasion::CdrmHeld, None);
        assert_eq!(
            change(Some(&right), &gone, "record:cdrm_jar", None, now),
            Change::Drop
        );
        assert_eq!(
            change(Some(&right), &gone, "record:analysis", None, now),
            Change::Nothing
        );
    }

    #[test]
    fn a_meeting_puts_its_own_day_right_and_a_second_one_does_not() {
        let on = |occasion, text| told(occasion, Some(When::Given(day(text))));
        let (one, two) = (event_at("one"), event_at("two"));
        let first = put(None, &on(Occasion::CdrmHeld, "2026-03-30"), &one).unwrap();
        let later = on(Occasion::CdrmHeld, "2026-05-04");
        assert!(put(Some(&first), &later, &two).is_none());
        assert_eq!(
            put(Some(&first), &later, &one).unwrap().at,
            day("2026-05-04")
        );
        // Of an event that says nothing of where it happened, only what is told anew puts right.
        let told_family = on(Occasion::FamilyToldOrDeclined, "2026-03-30");
        let first = put(None, &told_family, EVENT).unwrap();
        let right = on(Occasion::FamilyToldOrDeclined, "2026-03-20");
        assert_eq!(
            put(Some(&first), &right, EVENT).unwrap().at,
            day("2026-03-20")
        );
        let first = put(None, &on(Occasion::RequestSent, "2026-03-30"), EVENT).unwrap();
        assert!(
            put(
                Some(&first),
                &on(Occasion::RequestSent, "2026-03-20"),
                EVENT
            )
            .is_none()
        );
    }

    fn known(at: Start) -> Known {
        Known {
            at,
            given: true,
            source: EVENT.into(),
            asked: None,
        }
    }

    #[test]
    fn nobody_is_invited_to_a_meeting_that_was_held() {
        let mut facts = Facts::default();
        let date = Some(day("2026-06-01"));
        facts.0.insert(Occasion::CdrmDate, known(day("2026-06-01")));
        assert_eq!(facts.at(Occasion::CdrmDate), date);
        facts.0.insert(Occasion::CdrmHeld, known(day("2026-06-01")));
        assert_eq!(facts.at(Occasion::CdrmDate), None);
        facts
            .0
            .insert(Occasion::CdrmInvitationsSent, known(day("2026-04-01")));
        assert_eq!(facts.at(Occasion::CdrmDate), date, "what was met stays met");
        facts.0.remove(&Occasion::CdrmInvitationsSent);
        facts.0.insert(Occasion::CdrmDate, known(day("2026-07-01")));
        assert!(
            facts.at(Occasion::CdrmDate).is_some(),
            "there is another to come"
        );
    }

    #[test]
    fn the_panel_waits_for_an_inquest_that_is_expected() {
        let mut facts = Facts::default();
        assert_eq!(facts.at(Occasion::CdrmOutputAndInquest), None);
        facts.0.insert(Occasion::CdrmHeld, known(day("2026-05-20")));
        assert_eq!(facts.at(Occasion::CdrmOutputAndInquest), None);
        facts
            .0
            .insert(Occasion::DraftAnalysisReceived, known(day("2026-06-01")));
        assert_eq!(
            facts.at(Occasion::CdrmOutputAndInquest),
            Some(day("2026-06-01"))
        );
        facts
            .0
            .insert(Occasion::CoronerDecision, known(day("2026-01-01")));
        assert_eq!(facts.at(Occasion::CdrmOutputAndInquest), None);
        facts
            .0
            .insert(Occasion::InquestConcluded, known(day("2026-07-01")));
        assert_eq!(
            facts.at(Occasion::CdrmOutputAndInquest),
            Some(day("2026-07-01"))
        );
    }
}

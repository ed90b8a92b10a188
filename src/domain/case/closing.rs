//! When a review may be closed: everything it needs, and how each stands. Must not know where any of it is kept.
//!
//! Source: `process.md`, section 2 (stage 6) and section 8; the order of the needs is that of a review.

use crate::domain::code::coded;

coded! {
    /// What a review needs before it is closed.
    pub enum Need {
        Signed = "signed", "The analysis is signed by the chair of the panel";
        Accepted = "accepted", "The national database has accepted the return";
        Family = "family", "The family was told the outcome, or did not wish to be told";
        Questions = "questions", "Every question of the family is answered or explained";
        Recommendations = "recommendations", "Somebody follows up every recommendation of the analysis";
        Safe = "safe", "Of every other child and person affected it is known whether they are safe";
        Processes = "processes", "No process beside the review holds it back";
    }
}

/// What is known of a review that may be closed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Closing {
    /// The analysis was signed as it stands, when the review was complete, and the case not reopened since.
    pub signed: bool,
    pub accepted: bool,
    /// The family was told, or did not wish it.
    pub family: bool,
    pub open_questions: usize,
    /// Recommendations of the analysis that nobody follows up.
    pub unfollowed: usize,
    /// Others affected of whom it is not known whether they are safe.
    pub unsafe_or_unknown: usize,
    /// Names of the processes that hold something back.
    pub holding: Vec<String>,
}

impl Closing {
    /// Everything it needs, each with what is missing; nothing where it is met.
    pub fn needs(&self) -> Vec<(Need, Option<String>)> {
        Need::ALL
            .iter()
            .map(|need| (*need, self.missing(*need)))
            .collect()
    }

    /// What is missing, in words that follow the need.
    fn missing(&self, need: Need) -> Option<String> {
        let unless = |met: bool, words: &str| (!met).then(|| words.to_owned());
        match need {
            Need::Signed => unless(
                self.signed,
                "The analysis is not signed, or not as it stands now: the review was provisional then, or the analysis was changed or the case reopened since.",
            ),
            Need::Accepted => unless(
                self.accepted,
                "No acceptance of the finalised case is recorded.",
            ),
            Need::Family => unless(
                self.family,
                "It is not recorded that the family was told, or did not wish it.",
            ),
            Need::Questions => match self.open_questions {
                0 => None,
                1 => Some("A question of the family is open.".to_owned()),
                several => Some(format!("{several} questions of the family are open.")),
            },
            Need::Recommendations => match self.unfollowed {
                0 => None,
                1 => Some("A recommendation of the analysis is not followed up.".to_owned()),
                several => Some(format!(
                    "{several} recommendations of the analysis are not followed up."
                )),
            },
            Need::Safe => match self.unsafe_or_unknown {
                0 => None,
                1 => Some(
                    "Of 1 other child or person affected it is not known that they are safe."
                        .to_owned(),
                ),
                several => Some(format!(
                    "Of {several} other children or people affected it is not known that they are safe."
                )),
            },
            Need::Processes => (!self.holding.is_empty())
                .then(|| format!("Held back by: {}.", self.holding.join(", "))),
        }
    }

    /// Why it is not closed, in one text; nothing where it may be.
    pub fn refusal(&self) -> Option<String> {
        let missing: Vec<String> = self.needs().into_iter().filter_map(|(_, m)| m).collect();
        (!missing.is_empty())
            .then(|| format!("The case cannot be closed yet. {}", missing.join(" ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_case_that_has_everything_is_closed_and_the_refusal_says_all_that_is_missing() {
        let all = Closing {
            signed: true,
            accepted: true,
            family: true,
            ..Closing::default()
        };
        assert_eq!(all.refusal(), None);
        let none = Closing {
            open_questions: 2,
            unfollowed: 1,
            unsafe_or_unknown: 1,
            holding: vec!["Inquest".into()],
            ..Closing::default()
        };
        let words = none.refusal().unwrap();
        for said in [
            "not signed",
            "No acceptance",
            "not recorded that the family",
            "2 questions",
            "A recommendation of the analysis is not followed up.",
            "Of 1 other child",
            "Held back by: Inquest.",
        ] {
            assert!(words.contains(said), "{said}: {words}");
        }
    }

    proptest! {
        #[test]
        fn it_is_refused_exactly_while_something_is_missing(signed: bool, accepted: bool, family: bool, open_questions in 0_usize..4, unfollowed in 0_usize..3, unsafe_or_unknown in 0_usize..3, held: bool) {
            let holding = if held { vec!["Inquest".to_owned()] } else { Vec::new() };
            let closing = Closing { signed, accepted, family, open_questions, unfollowed, unsafe_or_unknown, holding };
            let met = signed && accepted && family && open_questions == 0 && unfollowed == 0 && unsafe_or_unknown == 0 && !held;
            prop_assert_eq!(closing.refusal().is_none(), met);
            prop_assert_eq!(closing.needs().len(), Need::ALL.len());
        }
    }
}

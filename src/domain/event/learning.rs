//! The sentences of what concerns learning across cases. Holds nothing of what was learned.

use super::Event;

impl Event {
    pub(super) fn of_learning(&self) -> Option<String> {
        Some(match self {
            Self::LearningAgreed { points: 0 } => {
                "Nothing of what was learned is shared with those who contributed.".to_owned()
            }
            Self::LearningAgreed { points: 1 } => {
                "One point of what was learned was found safe to share.".to_owned()
            }
            Self::LearningAgreed { points } => {
                format!("{points} points of what was learned were found safe to share.")
            }
            Self::ContributorsThanked { letters: 1 } => {
                "One who contributed was thanked and told what was learned.".to_owned()
            }
            Self::ContributorsThanked { letters } => {
                format!("{letters} who contributed were thanked and told what was learned.")
            }
            Self::ThemesSet { themes } if themes.is_empty() => {
                "No theme is on the case any more.".to_owned()
            }
            Self::ThemesSet { themes } => format!("Themes of the case: {}.", themes.join(", ")),
            Self::ClusterFound { months, count, .. } => {
                format!("{count} deaths in {months} months: more than the years before let expect.")
            }
            Self::ClusterJudged { judgement, .. } => format!(
                "A count that was higher than before was judged: {}.",
                judgement.label().to_lowercase()
            ),
            _ => return None,
        })
    }
}

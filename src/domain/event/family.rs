//! The sentences of what concerns a family. Holds no name, no question and no answer.

use super::Event;
use crate::domain::family::{Asked, Safe};

impl Event {
    pub(super) fn of_family(&self) -> Option<String> {
        Some(match self {
            Self::FamilyAdded { label, .. } => format!("{label} was recorded."),
            Self::FamilyChanged { label, fields, .. } if fields.is_empty() => {
                format!("{label} was saved without a change.")
            }
            Self::FamilyChanged { label, fields, .. } => {
                format!("{label} was changed: {}.", fields.join(", ").to_lowercase())
            }
            Self::KeyWorkerNamed { on } => {
                format!(
                    "The family’s key worker was named on {}.",
                    on.format("%-d %B %Y")
                )
            }
            Self::LeafletOffered { on } => {
                format!("The leaflet was offered on {}.", on.format("%-d %B %Y"))
            }
            Self::SafetyAnswered { answer, .. } => match answer {
                Safe::Yes => "Somebody else affected was found to be safe.".to_owned(),
                Safe::Referred => "Somebody else affected was referred, as not safe.".to_owned(),
                _ => "It is not known whether somebody else affected is safe.".to_owned(),
            },
            Self::QuestionMoved { to, .. } => match to {
                Asked::Asked => "A question of the family is open again.".to_owned(),
                other => format!(
                    "A question of the family: {}.",
                    other.label().to_lowercase()
                ),
            },
            Self::FamilyOutcome { on, told } => {
                let day = on.format("%-d %B %Y");
                if *told {
                    format!("The family was told the outcome on {day}.")
                } else {
                    format!("The family did not wish to be told the outcome, recorded on {day}.")
                }
            }
            _ => return None,
        })
    }
}

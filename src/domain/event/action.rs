//! The sentences of what concerns actions and recommendations. Holds no person and nothing of what is to be done.

use super::Event;

impl Event {
    pub(super) fn of_action(&self) -> Option<String> {
        Some(match self {
            Self::ActionSet { kind, due, .. } => {
                format!("{kind}: set, due on {}.", due.format("%-d %B %Y"))
            }
            Self::ActionChanged { kind, fields, .. } if fields.is_empty() => {
                format!("{kind}: saved without a change.")
            }
            Self::ActionChanged { kind, fields, .. } => {
                format!("{kind}: changed: {}.", fields.join(", ").to_lowercase())
            }
            Self::ActionExtended { kind, due, .. } => {
                format!("{kind}: more time until {}.", due.format("%-d %B %Y"))
            }
            Self::RecommendationSent { on, .. } => {
                format!(
                    "A recommendation was sent to the person who must act on {}.",
                    on.format("%-d %B %Y")
                )
            }
            Self::ActionClosed { kind, .. } => format!("{kind}: closed."),
            Self::ActionWithdrawn { kind, .. } => format!("{kind}: withdrawn."),
            Self::LookedBack { months, worked, .. } => {
                format!(
                    "A recommendation was looked back at after {months} months: {}.",
                    worked.label().to_lowercase()
                )
            }
            _ => return None,
        })
    }
}

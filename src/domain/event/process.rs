//! The sentences of what runs beside a review. Holds no person and no answer.

use super::Event;
use crate::domain::process::Holds;

impl Event {
    pub(super) fn of_process(&self) -> Option<String> {
        Some(match self {
            Self::ProcessAdded { label, .. } => {
                format!("“{label}” was recorded beside the review.")
            }
            Self::ProcessChanged { label, fields, .. } if fields.is_empty() => {
                format!("“{label}” was saved without a change.")
            }
            Self::ProcessChanged { label, fields, .. } => {
                format!(
                    "“{label}” was changed: {}.",
                    fields.join(", ").to_lowercase()
                )
            }
            Self::ProcessChecked { label, .. } => {
                format!("Somebody looked how far “{label}” is; there was nothing new.")
            }
            Self::ProcessOver {
                label, state, on, ..
            } => format!(
                "“{label}”: {} ({}).",
                state.label().to_lowercase(),
                on.format("%-d %B %Y")
            ),
            Self::HoldsLifted {
                label,
                meeting,
                panel,
                ..
            } => {
                let holds = Holds {
                    meeting: *meeting,
                    panel: *panel,
                };
                let what = holds.words().unwrap_or("The case").to_lowercase();
                format!("Nothing holds {what} any more, after “{label}”.")
            }
            _ => return None,
        })
    }
}

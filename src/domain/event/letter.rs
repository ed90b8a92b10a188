//! The sentences of what concerns letters. Holds no person, only the title of a template and for whom that is.

use super::Event;

impl Event {
    pub(super) fn of_letter(&self) -> Option<String> {
        Some(match self {
            Self::LetterMade { letter } => format!("“{letter}” was written as a file."),
            Self::LetterSent { letter, to, on } => {
                format!(
                    "“{letter}” was sent on {}. To: {}.",
                    on.format("%-d %B %Y"),
                    to.to_lowercase()
                )
            }
            _ => return None,
        })
    }
}

//! The sentences of what concerns an anonymised pack. Holds nothing of what stands in one.

use super::Event;

impl Event {
    pub(super) fn of_pack(&self) -> Option<String> {
        Some(match self {
            Self::PackBuilt { documents, .. } if documents.is_empty() => {
                "An anonymised account was written for the panel.".to_owned()
            }
            Self::PackBuilt { documents, .. } => {
                let numbers: Vec<String> = documents.iter().map(ToString::to_string).collect();
                format!(
                    "An anonymised account was written for the panel, with words of document {}.",
                    numbers.join(", ")
                )
            }
            Self::PackDecided { cut, left, .. } => {
                format!("Decided on the anonymised account: {cut} taken out, {left} left.")
            }
            Self::PackNoted { .. } => "A note was put before a part of the account.".to_owned(),
            Self::PackSigned { second: false, .. } => {
                "The anonymised account was signed by a first person.".to_owned()
            }
            Self::PackSigned { second: true, .. } => {
                "The anonymised account was signed by a second person.".to_owned()
            }
            Self::PackReleased { number, .. } => {
                format!("The anonymised account was released to the panel, version {number}.")
            }
            Self::PackRead { number, .. } => {
                format!("The anonymised account was opened, version {number}.")
            }
            Self::PackPrinted { number, .. } => {
                format!("The anonymised account was opened for printing, version {number}.")
            }
            Self::PackMarkedRead { number, .. } => {
                format!("A member marked the anonymised account as read, version {number}.")
            }
            Self::PackNoteKept { .. } => "A reader kept a private note.".to_owned(),
            Self::PackQuestionAsked { .. } => "A member of the panel asked a question.".to_owned(),
            Self::PackQuestionSent { agency, .. } => {
                format!("A question of the panel was sent to {agency}.")
            }
            Self::PackQuestionAnswered { agency, .. } => {
                format!("{agency} answered a question of the panel.")
            }
            Self::PackQuestionSettled { .. } => "A question of the panel was settled.".to_owned(),
            _ => return None,
        })
    }
}

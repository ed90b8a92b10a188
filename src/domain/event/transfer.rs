//! The sentences of cases that go to another panel or come from one. Holds no person and no answer.

use super::Event;

impl Event {
    pub(super) fn of_transfer(&self) -> Option<String> {
        Some(match self {
            Self::TransferMade { to, .. } => {
                format!("A file was made to transfer the case to {to}.")
            }
            Self::TransferDownloaded { .. } => {
                "The file for the other panel was downloaded.".to_owned()
            }
            Self::TransferAccepted { to, .. } => format!("{to} took the case over."),
            Self::TransferRefused { to, .. } => {
                format!("{to} did not take the case over. The review goes on here.")
            }
            Self::TransferLooked { from, .. } => format!("A file from {from} was opened."),
            Self::TransferTakenUp { from, .. } => format!(
                "A file from {from} that somebody else had opened was opened again, and goes on from here."
            ),
            Self::TransferTaken { from, theirs, .. } => {
                format!("The case was taken over from {from}, where it was {theirs}.")
            }
            Self::TransferTurnedDown { from, .. } => {
                format!("A case from {from} was not taken over, and nothing of it was kept.")
            }
            _ => return None,
        })
    }
}

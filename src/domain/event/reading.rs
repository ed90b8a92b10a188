//! The sentences of what was looked at, and of restricted cases. Holds no person and no answer.

use super::Event;

impl Event {
    pub(super) fn of_reading(&self) -> Option<String> {
        Some(match self {
            Self::CaseRead { .. } => "The case was read.".to_owned(),
            Self::ChronologyPrinted { entries } => {
                format!(
                    "The chronology was opened for printing: {}.",
                    lines(*entries)
                )
            }
            Self::NotificationRead {} => "The notification was read.".to_owned(),
            Self::RequestRead { .. } => "The request was read through its link.".to_owned(),
            Self::PageRead { .. } => "A page of the administration was read.".to_owned(),
            Self::WorklistRead { filters, rows, .. } => {
                format!("The worklist was read{}: {}.", by(filters), lines(*rows))
            }
            Self::CasesSearched { by, rows } => {
                format!("Cases were searched by {by}: {} found.", lines(*rows))
            }
            Self::ReturnsRead {} => "The returns were read.".to_owned(),
            Self::AccessRefused { .. } => "What was asked for was refused.".to_owned(),
            Self::AuditRead { filters, rows } => {
                format!("The audit trail was read{}: {}.", by(filters), lines(*rows))
            }
            Self::CalendarRead { rows, .. } => format!("A calendar was fetched: {}.", lines(*rows)),
            Self::AuditExported { filters, rows } => {
                format!(
                    "The audit trail was exported{}: {}.",
                    by(filters),
                    lines(*rows)
                )
            }
            _ => return None,
        })
    }

    pub(super) fn of_restriction(&self) -> Option<String> {
        Some(match self {
            Self::CaseMerged { into, .. } => format!("The case was merged into {into}."),
            Self::CaseTakenUnder { reference, .. } => {
                format!("Case {reference} was merged into this one.")
            }
            Self::CaseUnmerged { reference, .. } => {
                format!("The merge with {reference} was undone.")
            }
            Self::CaseRestricted { .. } => "The case was restricted to named people.".to_owned(),
            Self::CaseUnrestricted { .. } => "The restriction on the case was lifted.".to_owned(),
            Self::CaseNamed { .. } => "A person was named on the restricted case.".to_owned(),
            Self::CaseUnnamed { .. } => {
                "A person is no longer named on the restricted case.".to_owned()
            }
            Self::RestrictedCaseOpened { why, .. } => format!(
                "The restricted case was opened by a person who is not named on it. {}.",
                why.label()
            ),
            Self::OpeningReviewed { finding, .. } => {
                format!(
                    "The opening of the restricted case was reviewed. {}.",
                    finding.label()
                )
            }
            _ => return None,
        })
    }
}

impl Event {
    /// The address that was read or asked for.
    pub fn page(&self) -> Option<&str> {
        match self {
            Self::CaseRead { page }
            | Self::RequestRead { page }
            | Self::PageRead { page }
            | Self::AccessRefused { page } => Some(page.as_str()).filter(|page| !page.is_empty()),
            _ => None,
        }
    }

    /// The question that was changed, by its id: all that a reader learns who may not read answers.
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::RecordCorrected { field, .. }
            | Self::ConflictSettled { field, .. }
            | Self::FieldVerified { field, .. }
            | Self::FieldUnverified { field, .. } => Some(field),
            _ => None,
        }
    }
}

fn by(filters: &[String]) -> String {
    if filters.is_empty() {
        String::new()
    } else {
        format!(", narrowed by {}", filters.join(", "))
    }
}

fn lines(rows: usize) -> String {
    if rows == 1 {
        "1 line".to_owned()
    } else {
        format!("{rows} lines")
    }
}

//! The sentences of what concerns meetings. Holds no name and nothing that was said.

use chrono::NaiveDate;

use super::Event;

impl Event {
    pub(super) fn of_meeting(&self) -> Option<String> {
        let day = |on: &NaiveDate| on.format("%-d %B %Y").to_string();
        Some(match self {
            Self::MeetingPlanned { purpose, on, .. } => {
                format!("{purpose}: arranged for {}.", day(on))
            }
            Self::MeetingMoved { purpose, on, .. } => {
                format!("{purpose}: changed, now on {}.", day(on))
            }
            Self::MeetingCancelled { purpose, .. } => format!("{purpose}: cancelled."),
            Self::MeetingInvited {
                purpose, letters, ..
            } => {
                format!(
                    "{purpose}: {letters} {} sent.",
                    if *letters == 1 {
                        "invitation was"
                    } else {
                        "invitations were"
                    }
                )
            }
            Self::MeetingPeopleChanged { purpose, .. } => {
                format!("{purpose}: who is asked was changed.")
            }
            Self::MinutesSaved { purpose, .. } => format!("{purpose}: the minutes were saved."),
            Self::MeetingHeld { purpose, on, .. } => {
                format!("{purpose}: held on {}.", day(on))
            }
            Self::MeetingCorrected {
                purpose,
                on,
                before,
                ..
            } => {
                if on == before {
                    return Some(format!("{purpose}: its time or place was put right."));
                }
                let (on, before) = (day(on), day(before));
                format!("{purpose}: held on {on}, not on {before} as was recorded.")
            }
            Self::MinutesSigned { purpose, .. } => format!("{purpose}: the minutes were signed."),
            _ => return None,
        })
    }
}

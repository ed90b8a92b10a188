//! The sentences of what concerns a case at a panel. Holds no name and nothing that was said.

use super::Event;
use crate::domain::panel::{Interest, Must};

impl Event {
    pub(super) fn of_panel(&self) -> Option<String> {
        Some(match self {
            Self::PanelListed {
                on, pack, waived, ..
            } => {
                let day = on.format("%-d %B %Y");
                let without = waived.iter().map(|must| Must::label(*must));
                let without: Vec<String> = without.map(str::to_lowercase).collect();
                if without.is_empty() {
                    format!("Listed for the panel of {day} as {pack}.")
                } else {
                    let without = without.join("; ");
                    format!("Listed for the panel of {day} as {pack}, going on without: {without}.")
                }
            }
            Self::PanelRouteChanged { route, .. } => {
                format!("The route to the panel was changed to: {route}.")
            }
            Self::PanelReordered { .. } => "The order of a panel was changed.".to_owned(),
            Self::PanelTakenOff { .. } => "Taken off the list of a panel.".to_owned(),
            Self::PanelDeferred { deferral, next, .. } => format!(
                "Deferred at a panel until {}: {}.",
                next.format("%-d %B %Y"),
                deferral.label().to_lowercase()
            ),
            Self::InterestDeclared { interest, .. } => match interest {
                Interest::None => "A member of the panel declared no interest.".to_owned(),
                Interest::Professional => {
                    "A member of the panel declared a professional interest.".to_owned()
                }
                Interest::LineManaged => {
                    "A member of the panel declared to manage somebody who was involved.".to_owned()
                }
                Interest::Personal => {
                    "A member of the panel declared a personal interest.".to_owned()
                }
            },
            Self::InterestJudged { stays: true, .. } => {
                "A member of the panel with an interest stays.".to_owned()
            }
            Self::InterestJudged { stays: false, .. } => {
                "A member of the panel with an interest leaves.".to_owned()
            }
            Self::PanelHandedOver { .. } => "The chair handed over to another member.".to_owned(),
            Self::PanelDecided { decision, .. } => {
                format!("The panel decided: {}.", decision.label().to_lowercase())
            }
            Self::AnalysisSigned { number, .. } => {
                format!("The analysis was signed, version {number}.")
            }
            _ => return None,
        })
    }
}

//! What the panels of a case tell its clocks: worked out anew from how the case stands on their lists.

use chrono::NaiveDate;

use super::{Told, When};
use crate::domain::clock::{Occasion, Start};
use crate::domain::event::Event;
use crate::domain::panel::ItemState;

/// Whether an event changes how a case stands at a panel: its clocks are then worked out anew from the list, from who
/// declared what and from what was signed.
pub const fn is_of_panel(event: &Event) -> bool {
    matches!(
        event,
        Event::PanelListed { .. }
            | Event::PanelTakenOff { .. }
            | Event::PanelDeferred { .. }
            | Event::PanelDecided { .. }
            | Event::InterestDeclared { .. }
            | Event::AnalysisSigned { .. }
            | Event::PackReleased { .. }
            | Event::ActionSet { .. }
            | Event::ActionWithdrawn { .. }
    )
}

/// One case on the list of one panel, as far as its clocks look at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AtPanel {
    pub state: ItemState,
    pub on: NaiveDate,
    /// Everybody who is put down and comes has declared.
    pub declared: bool,
    /// The members could read an account of it.
    pub released: bool,
    pub signed: bool,
}

/// What the panels of a case tell its clocks; `all` in the order in which it was listed, without what was taken off or
/// called off.
pub fn told_by_panels(all: &[AtPanel], recommends: bool) -> Vec<Told> {
    let last = all.last();
    let reviewed = all.iter().rfind(|at| at.state == ItemState::Reviewed);
    // Of what was put off before everybody had declared nothing is expected any more.
    let expected = last.filter(|at| at.state != ItemState::Deferred || at.declared);
    let signed = reviewed.is_some_and(|at| at.signed);
    let given = |occasion, at: Option<&AtPanel>| Told {
        occasion,
        when: at.map(|at| When::Given(Start::Day(at.on))),
    };
    let so = |occasion, so: bool| Told {
        occasion,
        when: so.then_some(When::Noted),
    };
    vec![
        given(Occasion::PanelDate, expected),
        so(
            Occasion::InterestsDeclared,
            last.is_some_and(|at| at.declared),
        ),
        so(Occasion::PackReleased, last.is_some_and(|at| at.released)),
        given(Occasion::PanelHeld, reviewed),
        so(Occasion::PanelMinutesSigned, signed),
        so(Occasion::RecommendationAgreed, signed && recommends),
    ]
}

//! What runs beside a review: an inquest, a criminal case, another body's investigation. What each kind is stands in
//! `processes.csv`; the states and the one table of moves between them stand here, with what follows for the case when
//! nothing holds it any more. Must not know where a process is kept.
//!
//! | from | to |
//! |---|---|
//! | expected | under_way, concluded, not_pursued, mistaken |
//! | under_way | suspended, concluded, not_pursued, mistaken |
//! | suspended | under_way, concluded, not_pursued, mistaken |
//! | concluded | under_way, mistaken |
//! | not_pursued | expected, under_way, mistaken |
//! | mistaken | |

mod kind;
mod load;
mod sign;
#[cfg(test)]
mod tests;

pub use kind::{Days, Kind, Kinds};
pub use sign::{Says, Signs, Spoken};

use super::case::{Move, State as CaseState};
use super::code::coded;

coded! {
    /// Where a process stands.
    pub enum State {
        Expected = "expected", "Expected";
        UnderWay = "under_way", "Under way";
        Suspended = "suspended", "Suspended";
        Concluded = "concluded", "Concluded";
        NotPursued = "not_pursued", "Not pursued";
        Mistaken = "mistaken", "Entered by mistake";
    }
}

/// The table of moves: from where, to where.
#[rustfmt::skip]
const MOVES: &[(State, &[State])] = &[
    (State::Expected, &[State::UnderWay, State::Concluded, State::NotPursued, State::Mistaken]),
    (State::UnderWay, &[State::Suspended, State::Concluded, State::NotPursued, State::Mistaken]),
    (State::Suspended, &[State::UnderWay, State::Concluded, State::NotPursued, State::Mistaken]),
    (State::Concluded, &[State::UnderWay, State::Mistaken]),
    (State::NotPursued, &[State::Expected, State::UnderWay, State::Mistaken]),
    (State::Mistaken, &[]),
];

impl State {
    /// The states in which one begins to be recorded. What the record speaks of and does not run is recorded as such.
    pub const FIRST: &'static [Self] = &[
        Self::UnderWay,
        Self::Expected,
        Self::Suspended,
        Self::NotPursued,
    ];

    /// Where it may go from here, itself left out.
    pub fn next(self) -> &'static [Self] {
        let found = MOVES.iter().find(|(from, _)| *from == self);
        found.map_or(&[], |(_, to)| to)
    }

    /// Whether it may stand so after having stood as `before`.
    pub fn may_follow(self, before: Self) -> bool {
        self == before || before.next().contains(&self)
    }

    /// It is to come or goes on, so that it may hold something back.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Expected | Self::UnderWay | Self::Suspended)
    }

    /// It began and goes on, so that clocks may stand still for it.
    pub const fn goes_on(self) -> bool {
        matches!(self, Self::UnderWay | Self::Suspended)
    }

    /// It came to an end, with a day.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Concluded | Self::NotPursued)
    }
}

coded! {
    /// What waits for a process.
    pub enum Held {
        Meeting = "review_meeting", "The review meeting";
        Panel = "panel", "The panel";
    }
}

/// What is held back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Holds {
    pub meeting: bool,
    pub panel: bool,
}

impl Holds {
    /// Those of a list.
    pub fn of(held: &[Held]) -> Self {
        Self {
            meeting: held.contains(&Held::Meeting),
            panel: held.contains(&Held::Panel),
        }
    }

    /// What several hold together.
    pub fn all(each: impl IntoIterator<Item = Self>) -> Self {
        each.into_iter().fold(Self::default(), |a, b| Self {
            meeting: a.meeting || b.meeting,
            panel: a.panel || b.panel,
        })
    }

    pub const fn any(self) -> bool {
        self.meeting || self.panel
    }

    pub const fn holds(self, held: Held) -> bool {
        match held {
            Held::Meeting => self.meeting,
            Held::Panel => self.panel,
        }
    }

    /// In words; nothing where nothing is held.
    pub const fn words(self) -> Option<&'static str> {
        match (self.meeting, self.panel) {
            (true, true) => Some("The review meeting and the panel"),
            (true, false) => Some(Held::Meeting.label()),
            (false, true) => Some(Held::Panel.label()),
            (false, false) => None,
        }
    }

    /// What `before` held and these do not any more.
    #[must_use]
    pub const fn lifted_since(self, before: Self) -> Self {
        Self {
            meeting: before.meeting && !self.meeting,
            panel: before.panel && !self.panel,
        }
    }
}

/// The move that a case makes by itself when holds were lifted and `left` are what still holds it: to the panel once
/// the review meeting was held and nothing is in the way, or back to gathering when it waited and the meeting can
/// now be arranged. A case that does not wait stays where it is.
pub fn move_after(
    state: CaseState,
    meeting_held: bool,
    lifted: Holds,
    left: Holds,
) -> Option<Move> {
    if meeting_held {
        let waits = matches!(
            state,
            CaseState::AwaitingExternal
                | CaseState::CdrmHeld
                | CaseState::PanelProvisional
                | CaseState::PanelDeferred
        );
        return (waits && lifted.any() && !left.any()).then_some(Move::MakeReady);
    }
    let free = (lifted.meeting && !left.meeting) || (lifted.panel && !left.any());
    (state == CaseState::AwaitingExternal && free).then_some(Move::ResumeGathering)
}

/// Which hold speaks against a move that is made by hand: it can still be made, with a reason.
pub const fn held_against(mv: Move, holds: Holds) -> Option<Held> {
    match mv {
        Move::HoldCdrm if holds.meeting => Some(Held::Meeting),
        Move::MakeReady
        | Move::List
        | Move::RecordComplete
        | Move::RecordProvisional
        | Move::RecordInsufficient
            if holds.panel =>
        {
            Some(Held::Panel)
        }
        _ => None,
    }
}

//! What a case is: its reference, its states, and the one table of moves between them.
//! Must not know who asks, nor where a case is kept.
//!
//! A state is never decided by hand: [`replay`] computes it from the moves that were made, and the
//! store keeps it only as an index. A move that is not in the table is refused. The states are
//! those of `process.md`, section 2. Undoing a merge takes a case back to where it stood, which the merge keeps.
//!
//! | move | from | to |
//! |---|---|---|
//! | begin_triage | notified | triage |
//! | accept | notified, triage | gathering |
//! | find_out_of_scope | notified, triage, gathering, awaiting_external, cdrm_scheduled, cdrm_held, ready_for_panel, listed, panel_provisional, panel_deferred, reopened | out_of_scope |
//! | transfer_out | notified, triage, gathering, awaiting_external, cdrm_scheduled, cdrm_held, ready_for_panel, listed, panel_provisional, panel_deferred, reopened | transferred_out |
//! | join | notified, triage, gathering, awaiting_external, cdrm_scheduled, cdrm_held, ready_for_panel, listed, panel_provisional, panel_deferred, reopened | joined |
//! | take_back | out_of_scope, transferred_out, joined | triage |
//! | await_external | gathering, cdrm_scheduled, cdrm_held, ready_for_panel, listed, panel_provisional, panel_deferred, reopened | awaiting_external |
//! | resume_gathering | awaiting_external, cdrm_scheduled, cdrm_held, ready_for_panel, listed, panel_provisional, panel_deferred, reopened | gathering |
//! | schedule_cdrm | gathering, awaiting_external, cdrm_scheduled | cdrm_scheduled |
//! | hold_cdrm | gathering, awaiting_external, cdrm_scheduled | cdrm_held |
//! | make_ready | gathering, awaiting_external, cdrm_held, listed, panel_provisional, panel_deferred, reopened | ready_for_panel |
//! | list | ready_for_panel, listed, panel_provisional, panel_deferred | listed |
//! | record_complete | gathering, cdrm_held, ready_for_panel, listed, panel_provisional, panel_deferred, reopened | panel_complete |
//! | record_provisional | gathering, cdrm_held, ready_for_panel, listed, panel_deferred, reopened | panel_provisional |
//! | record_deferred | gathering, cdrm_held, ready_for_panel, listed, panel_provisional, reopened | panel_deferred |
//! | record_insufficient | gathering, cdrm_held, ready_for_panel, listed, panel_provisional, panel_deferred, reopened | panel_insufficient |
//! | finalise | panel_complete, panel_insufficient, reopened | signed_off |
//! | submit | signed_off | submitted_ncmd |
//! | close | submitted_ncmd | closed |
//! | reopen | panel_complete, panel_insufficient, signed_off, submitted_ncmd, closed | reopened |

mod closing;
mod owed;
mod reference;

pub use closing::{Closing, Need};
pub use owed::{CaseFacts, Owed, ProcessFacts, RequestFacts, RequestStanding, RunningClock, owed};
pub use reference::{NotAReference, Reference};

use super::code::coded;

coded! {
    /// Where a notification or case stands.
    pub enum State {
        Notified = "notified", "New notification";
        Triage = "triage", "Being decided";
        OutOfScope = "out_of_scope", "Not in scope";
        TransferredOut = "transferred_out", "Transferred to another panel";
        Joined = "joined", "Joined to another case";
        Gathering = "gathering", "Gathering information";
        AwaitingExternal = "awaiting_external", "Waiting for another process";
        CdrmScheduled = "cdrm_scheduled", "Review meeting arranged";
        CdrmHeld = "cdrm_held", "Review meeting held";
        ReadyForPanel = "ready_for_panel", "Ready for panel";
        Listed = "listed", "Listed for panel";
        PanelComplete = "panel_complete", "Panel review complete";
        PanelProvisional = "panel_provisional", "Panel review provisional";
        PanelDeferred = "panel_deferred", "Deferred by the panel";
        PanelInsufficient = "panel_insufficient", "Panel found too little information";
        SignedOff = "signed_off", "Finalised";
        SubmittedNcmd = "submitted_ncmd", "Sent to the national database";
        Closed = "closed", "Closed";
        Reopened = "reopened", "Reopened";
    }
}

coded! {
    /// The stage a state belongs to: what the worklist groups by.
    pub enum Stage {
        New = "new", "New";
        Gathering = "gathering", "Gathering information";
        Waiting = "waiting", "Waiting for another process";
        ReviewMeeting = "review_meeting", "Child death review meeting";
        Panel = "panel", "Panel";
        Finalised = "finalised", "Finalised";
        Closed = "closed", "Closed";
        Ended = "ended", "Not reviewed here";
    }
}

coded! {
    /// What can be done to a case to bring it to another state.
    pub enum Move {
        BeginTriage = "begin_triage", "Begin to decide";
        Accept = "accept", "Accept as a case";
        FindOutOfScope = "find_out_of_scope", "Record that it is not in scope";
        TransferOut = "transfer_out", "Transfer to another panel";
        Join = "join", "Join to another case";
        TakeBack = "take_back", "Decide again";
        AwaitExternal = "await_external", "Wait for another process";
        ResumeGathering = "resume_gathering", "Go back to gathering information";
        ScheduleCdrm = "schedule_cdrm", "Arrange the review meeting";
        HoldCdrm = "hold_cdrm", "Record the review meeting";
        MakeReady = "make_ready", "Mark as ready for panel";
        List = "list", "List for a panel";
        RecordComplete = "record_complete", "Record the panel's review as complete";
        RecordProvisional = "record_provisional", "Record the panel's review as provisional";
        RecordDeferred = "record_deferred", "Record that the panel deferred it";
        RecordInsufficient = "record_insufficient", "Record that there was too little information";
        Finalise = "finalise", "Finalise";
        Submit = "submit", "Record as sent to the national database";
        Close = "close", "Close";
        Reopen = "reopen", "Reopen";
    }
}

/// States a case is in while its review is open here.
const OPEN: &[State] = &[
    State::Notified,
    State::Triage,
    State::Gathering,
    State::AwaitingExternal,
    State::CdrmScheduled,
    State::CdrmHeld,
    State::ReadyForPanel,
    State::Listed,
    State::PanelProvisional,
    State::PanelDeferred,
    State::Reopened,
];

/// The table of moves: what, from where, to where.
#[rustfmt::skip]
const MOVES: &[(Move, &[State], State)] = &[
    (Move::BeginTriage, &[State::Notified], State::Triage),
    (Move::Accept, &[State::Notified, State::Triage], State::Gathering),
    (Move::FindOutOfScope, OPEN, State::OutOfScope),
    (Move::TransferOut, OPEN, State::TransferredOut),
    (Move::Join, OPEN, State::Joined),
    (Move::TakeBack, &[State::OutOfScope, State::TransferredOut, State::Joined], State::Triage),
    (Move::AwaitExternal, &[State::Gathering, State::CdrmScheduled, State::CdrmHeld, State::ReadyForPanel, State::Listed, State::PanelProvisional, State::PanelDeferred, State::Reopened], State::AwaitingExternal),
    (Move::ResumeGathering, &[State::AwaitingExternal, State::CdrmScheduled, State::CdrmHeld, State::ReadyForPanel, State::Listed, State::PanelProvisional, State::PanelDeferred, State::Reopened], State::Gathering),
    (Move::ScheduleCdrm, &[State::Gathering, State::AwaitingExternal, State::CdrmScheduled], State::CdrmScheduled),
    (Move::HoldCdrm, &[State::Gathering, State::AwaitingExternal, State::CdrmScheduled], State::CdrmHeld),
    (Move::MakeReady, &[State::Gathering, State::AwaitingExternal, State::CdrmHeld, State::Listed, State::PanelProvisional, State::PanelDeferred, State::Reopened], State::ReadyForPanel),
    (Move::List, &[State::ReadyForPanel, State::Listed, State::PanelProvisional, State::PanelDeferred], State::Listed),
    (Move::RecordComplete, &[State::Gathering, State::CdrmHeld, State::ReadyForPanel, State::Listed, State::PanelProvisional, State::PanelDeferred, State::Reopened], State::PanelComplete),
    (Move::RecordProvisional, &[State::Gathering, State::CdrmHeld, State::ReadyForPanel, State::Listed, State::PanelDeferred, State::Reopened], State::PanelProvisional),
    (Move::RecordDeferred, &[State::Gathering, State::CdrmHeld, State::ReadyForPanel, State::Listed, State::PanelProvisional, State::Reopened], State::PanelDeferred),
    (Move::RecordInsufficient, &[State::Gathering, State::CdrmHeld, State::ReadyForPanel, State::Listed, State::PanelProvisional, State::PanelDeferred, State::Reopened], State::PanelInsufficient),
    (Move::Finalise, &[State::PanelComplete, State::PanelInsufficient, State::Reopened], State::SignedOff),
    (Move::Submit, &[State::SignedOff], State::SubmittedNcmd),
    (Move::Close, &[State::SubmittedNcmd], State::Closed),
    (Move::Reopen, &[State::PanelComplete, State::PanelInsufficient, State::SignedOff, State::SubmittedNcmd, State::Closed], State::Reopened),
];

impl State {
    /// The stage this state belongs to.
    pub const fn stage(self) -> Stage {
        match self {
            Self::Notified | Self::Triage => Stage::New,
            Self::Gathering | Self::Reopened => Stage::Gathering,
            Self::AwaitingExternal => Stage::Waiting,
            Self::CdrmScheduled | Self::CdrmHeld => Stage::ReviewMeeting,
            Self::ReadyForPanel
            | Self::Listed
            | Self::PanelComplete
            | Self::PanelProvisional
            | Self::PanelDeferred
            | Self::PanelInsufficient => Stage::Panel,
            Self::SignedOff | Self::SubmittedNcmd => Stage::Finalised,
            Self::Closed => Stage::Closed,
            Self::OutOfScope | Self::TransferredOut | Self::Joined => Stage::Ended,
        }
    }

    /// Whether the review is still owed here.
    pub const fn is_open(self) -> bool {
        !matches!(
            self.stage(),
            Stage::Finalised | Stage::Closed | Stage::Ended
        )
    }

    /// Whether the record and the analysis may still be changed. A finalised case is reopened first.
    pub const fn is_editable(self) -> bool {
        self.is_open()
    }

    /// The moves that may be made from here, in the order of the table.
    pub fn moves(self) -> Vec<Move> {
        MOVES
            .iter()
            .filter(|(_, from, _)| from.contains(&self))
            .map(|(mv, _, _)| *mv)
            .collect()
    }
}

/// A move that the table does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    /// Where the case stands.
    pub from: State,
    /// What was tried.
    pub mv: Move,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "This case is at the stage “{}”, so you cannot do this now: {}.",
            self.from, self.mv
        )
    }
}

impl std::error::Error for Refused {}

/// The state after `mv`, or a refusal that says where the case stands.
pub fn next(state: State, mv: Move) -> Result<State, Refused> {
    MOVES
        .iter()
        .find(|(listed, from, _)| *listed == mv && from.contains(&state))
        .map(|(_, _, to)| *to)
        .ok_or(Refused { from: state, mv })
}

/// The state that follows from the moves that were made since the notification arrived.
pub fn replay(moves: impl IntoIterator<Item = Move>) -> Result<State, Refused> {
    moves.into_iter().try_fold(State::Notified, next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_table_in_the_comment_is_the_table_in_the_code() {
        let written: Vec<String> = include_str!("mod.rs")
            .lines()
            .filter_map(|line| line.strip_prefix("//! | "))
            .filter(|line| !line.starts_with("move |"))
            .map(|line| line.trim_end_matches(" |").to_owned())
            .collect();
        let coded: Vec<String> = MOVES
            .iter()
            .map(|(mv, from, to)| {
                let from: Vec<&str> = from.iter().map(|state| state.as_str()).collect();
                format!("{} | {} | {}", mv.as_str(), from.join(", "), to.as_str())
            })
            .collect();
        assert_eq!(written, coded);
    }

    #[test]
    fn every_move_stands_in_the_table_once_and_every_state_is_reached_and_left() {
        for mv in Move::ALL {
            assert_eq!(
                MOVES.iter().filter(|(listed, _, _)| listed == mv).count(),
                1,
                "{mv}"
            );
        }
        for state in State::ALL {
            let reached = *state == State::Notified || MOVES.iter().any(|(_, _, to)| to == state);
            assert!(reached, "{state} is never reached");
            assert!(!state.moves().is_empty(), "{state} cannot be left");
        }
    }

    #[test]
    fn the_whole_path_of_a_case() {
        let path = [
            Move::BeginTriage,
            Move::Accept,
            Move::AwaitExternal,
            Move::ResumeGathering,
            Move::ScheduleCdrm,
            Move::HoldCdrm,
            Move::MakeReady,
            Move::List,
            Move::RecordComplete,
            Move::Finalise,
            Move::Submit,
            Move::Close,
        ];
        assert_eq!(replay(path), Ok(State::Closed));
        let short = [Move::Accept, Move::RecordComplete, Move::Finalise];
        assert_eq!(replay(short), Ok(State::SignedOff));
    }

    #[test]
    fn a_closed_case_is_only_reopened() {
        assert_eq!(State::Closed.moves(), [Move::Reopen]);
        let refused = next(State::Closed, Move::List).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "This case is at the stage “Closed”, so you cannot do this now: List for a panel."
        );
    }

    proptest! {
        #[test]
        fn only_what_the_table_has_is_allowed(state in proptest::sample::select(State::ALL), mv in proptest::sample::select(Move::ALL)) {
            prop_assert_eq!(next(state, mv).is_ok(), state.moves().contains(&mv));
        }

        #[test]
        fn nothing_finalised_changes_without_being_reopened(mv in proptest::sample::select(Move::ALL)) {
            for state in State::ALL.iter().filter(|state| matches!(state.stage(), Stage::Finalised | Stage::Closed)) {
                if let Ok(to) = next(*state, mv) {
                    prop_assert!(to == State::Reopened || !to.is_editable());
                }
            }
        }
    }
}

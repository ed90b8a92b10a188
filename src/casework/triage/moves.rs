//! Moving a case from one state to another, by hand and for other verbs. Must not know which moves there are: the table in
//! `domain/case` does.

use super::given_panel;
use super::keep::refresh;
use crate::casework::gather::{given_reason, save_case, withdraw_waiting};
use crate::casework::{
    Context, Error, Outcome, access, closing, merge, picture, processes, record,
};
use crate::domain::case::{Move, Refused, State, next};
use crate::domain::event::Event;
use crate::domain::permission::Verb;
use crate::domain::process::held_against;
use crate::store::Tx;
use crate::store::cases::Case;

/// The moves that a coordinator may make by hand from a state. The others are made by verbs of their own,
/// which look at more than the table: finalising, reopening, joining, and handing over, which waits for the other panel's
/// answer. Sending can be recorded by hand, for a case
/// that was keyed into the national database's own pages.
pub fn moves_by_hand(state: State) -> Vec<Move> {
    let own_verb = |mv: &Move| {
        matches!(
            mv,
            Move::BeginTriage | Move::TransferOut | Move::Join | Move::Finalise | Move::Reopen
        )
    };
    let mut moves = state.moves();
    moves.retain(|mv| !own_verb(mv));
    moves
}

/// What a reader of the case will want to know the reason of.
const fn wants_reason(mv: Move) -> bool {
    matches!(
        mv,
        Move::FindOutOfScope
            | Move::TakeBack
            | Move::AwaitExternal
            | Move::RecordProvisional
            | Move::RecordDeferred
            | Move::RecordInsufficient
    )
}

/// Moves a case by hand, for example to waiting for an inquest.
pub fn move_case(
    tx: &mut Tx<'_>,
    ctx: &Context,
    reference: &str,
    mv: Move,
    reason: &str,
) -> Outcome<()> {
    let (mut case, _) = access::reach(tx.conn(), ctx, reference, Verb::MoveCase)?;
    let from: State = case
        .state
        .parse()
        .map_err(|_| Error::Internal("an unknown state is stored".into()))?;
    if !moves_by_hand(from).contains(&mv) {
        return Err(Refused { from, mv }.into());
    }
    merge::not_merged(tx.conn(), &case)?;
    // Taken back, it is nobody else's any more.
    case.transferred_to = None;
    if wants_reason(mv) {
        given_reason(reason, "Say why, for whoever reads the case later")?;
    }
    let holds = processes::held(tx.conn(), &case.id)?;
    if let Some(held) = held_against(mv, holds) {
        let what = held.label().to_lowercase();
        let words = format!("Another process holds {what} back. Say why it goes on all the same");
        given_reason(reason, &words)?;
    }
    if mv == Move::Close {
        closing::may_close(tx.conn(), ctx, &case)?;
    }
    if mv == Move::FindOutOfScope {
        // Nobody is to answer what is not read here any more.
        withdraw_waiting(tx, ctx, &case)?;
    }
    step(tx, ctx, &case, mv, reason)?;
    if mv == Move::Submit {
        keyed_in(tx, ctx, reference)?;
    }
    refresh(tx, ctx, &case.id)
}

/// A case leaves for another panel, which said that it takes it over.
pub(in crate::casework) fn hand_over(
    tx: &mut Tx<'_>,
    ctx: &Context,
    case: &Case,
    reason: &str,
    to: &str,
) -> Outcome<()> {
    merge::not_merged(tx.conn(), case)?;
    let case = Case {
        transferred_to: Some(given_panel(to)?),
        ..case.clone()
    };
    // Nobody is to answer what is not read here any more.
    withdraw_waiting(tx, ctx, &case)?;
    step(tx, ctx, &case, Move::TransferOut, reason)?;
    refresh(tx, ctx, &case.id)
}

/// What was keyed in there by hand has arrived there.
fn keyed_in(tx: &mut Tx<'_>, ctx: &Context, reference: &str) -> Outcome<()> {
    let mut case = picture::case_by_reference(tx.conn(), reference)?;
    case.national_notified_at = case.national_notified_at.or(Some(ctx.stamp()));
    case.national_accepted_at = Some(ctx.stamp());
    let was = case.state.clone();
    save_case(tx, &case, &was)?;
    let event = Event::NationalAcceptanceRecorded {
        submission: "final".into(),
        version: u32::try_from(case.return_version).unwrap_or(1),
        on: ctx.today(),
    };
    record(tx, ctx, Some(&case.id), None, &event)
}

/// One move from the table, with its event.
pub(crate) fn step(
    tx: &mut Tx<'_>,
    ctx: &Context,
    case: &Case,
    mv: Move,
    reason: &str,
) -> Outcome<State> {
    let from: State = case
        .state
        .parse()
        .map_err(|_| Error::Internal("an unknown state is stored".into()))?;
    let to = next(from, mv)?;
    let mut moved = case.clone();
    to.as_str().clone_into(&mut moved.state);
    moved.open = to.is_open();
    moved.updated_at = ctx.stamp();
    save_case(tx, &moved, &case.state)?;
    let event = Event::CaseMoved {
        mv,
        from,
        to,
        on: Some(ctx.today()),
        reason: reason.trim().to_owned(),
    };
    record(tx, ctx, Some(&case.id), None, &event)?;
    Ok(to)
}

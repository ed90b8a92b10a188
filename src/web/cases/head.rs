//! What stands at the top of every page of a case: who the child was, where the case stands, and what this
//! reader may do with it. Must not know which page it is.

use serde_json::Value;

use super::tag;
use crate::casework::Context;
use crate::casework::picture::Picture;
use crate::domain::age::Age;
use crate::domain::case::{Move, State};
use crate::domain::permission::{Facts, Verb, may};
use crate::store::cases::Case;

/// The head of a case's pages, for `cases/parts.html`.
pub fn head(ctx: &Context, facts: Facts, case: &Case, known: &Picture) -> Value {
    let state = case.state.parse::<State>().ok();
    let notified = known.answers("notification");
    let age = case
        .date_of_birth
        .and_then(|born| Age::at(born, case.date_of_death));
    context! {
        reference => &case.reference, base => format!("/cases/{}", case.reference), version => case.version,
        name => if case.display_name.is_empty() { "Child not named" } else { &case.display_name },
        known_as => notified.and_then(|n| n.text("child_known_as")), nhs_number => &case.nhs_number,
        born => case.date_of_birth, died => case.date_of_death, age => age.map(|a| a.words()),
        residence => residence(ctx, &case.residence), state => state.map_or("", State::label),
        transferred_to => &case.transferred_to, tag => state.map_or("", tag), editable => state.is_some_and(State::is_editable),
        differences => known.unsettled().len(), restricted => facts.restricted, may => allowed(ctx, facts, state),
    }
}

/// What this reader may do to a case in this state; templates hide the rest.
fn allowed(ctx: &Context, facts: Facts, state: Option<State>) -> Value {
    let editable = state.is_some_and(State::is_editable);
    let can = |verb| may(&ctx.actor, verb, &facts);
    let reopens = state.is_some_and(|s| s.moves().contains(&Move::Reopen));
    context! {
        edit_record => editable && can(Verb::EditRecord), settle => editable && can(Verb::SettleConflict),
        send => editable && can(Verb::SendRequest), waive => editable && can(Verb::WaiveRequest),
        read_documents => can(Verb::ReadDocuments), add_document => can(Verb::AddDocument),
        withdraw_document => can(Verb::WithdrawDocument),
        see_analysis => can(Verb::EditAnalysis), edit_analysis => editable && can(Verb::EditAnalysis),
        move_case => can(Verb::MoveCase), keep_clock => can(Verb::KeepClock),
        read_case => can(Verb::ReadCase), keep_response => editable && can(Verb::KeepResponse), read_family => can(Verb::ReadFamily), write_letter => can(Verb::WriteFamilyLetter), keep_family => can(Verb::KeepFamily),
        read_processes => can(Verb::ReadProcesses), keep_process => can(Verb::KeepProcess), finalise => can(Verb::Finalise), reopen => reopens && can(Verb::Reopen),
        assign => can(Verb::AssignCase), restrict => can(Verb::RestrictCase),
        merge => can(Verb::MergeCases), transfer => can(Verb::TransferCase),
    }
}

/// The authority a child lived in, as people call it.
pub(super) fn residence(ctx: &Context, code: &str) -> String {
    ctx.house
        .dictionary()
        .label("local_authority", code)
        .unwrap_or("Not known")
        .to_owned()
}

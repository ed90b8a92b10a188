//! What is owed from the review meeting to the note of thanks.

use super::{CaseFacts, Item, one};
use crate::domain::case::{Stage, State};
use crate::domain::clock::{Clocks, Start};

pub(super) fn hold_cdrm(facts: &CaseFacts, clocks: &Clocks) -> Vec<Item> {
    let wanted = facts.before_panel()
        && facts.state != State::Reopened
        && facts.cdrm_held_on.is_none()
        && !facts.held().meeting;
    let due = facts.due(clocks, "C25", facts.date_of_death.map(Start::Day));
    one(wanted, "C25", "Hold the child death review meeting", due)
}

pub(super) fn send_draft(facts: &CaseFacts, clocks: &Clocks) -> Vec<Item> {
    let wanted =
        facts.before_panel() && facts.cdrm_held_on.is_some() && !facts.draft_analysis_received;
    let due = facts.due(clocks, "C26", facts.cdrm_held_on.map(Start::Day));
    one(
        wanted,
        "C26",
        "Get the draft analysis form from the review meeting",
        due,
    )
}

/// The clock starts on the later of the review meeting's output and the end of the inquest (`process.md`, C27). Where it was
/// not started the day of the meeting is the nearest that is known of its output.
pub(super) fn hold_panel(facts: &CaseFacts, clocks: &Clocks) -> Vec<Item> {
    // A case that was made ready waits for its panel, whether or not a form gives the day of the meeting.
    let ready = matches!(facts.state, State::ReadyForPanel | State::Listed);
    let wanted = facts.under_review()
        && (ready || facts.cdrm_held_on.is_some())
        && !facts.inquest_open
        && !facts.held().panel
        && !facts.panel_done()
        && facts.state != State::PanelDeferred;
    let output = facts.cdrm_held_on.filter(|_| facts.draft_analysis_received);
    let start = output.map(|day| facts.inquest_concluded_on.map_or(day, |end| end.max(day)));
    let due = facts.due(clocks, "C27", start.map(Start::Day));
    one(wanted, "C27", "Review the death at a panel", due)
}

pub(super) fn look_again(facts: &CaseFacts, clocks: &Clocks) -> Vec<Item> {
    let due = facts.due(clocks, "C41", facts.deferred_on.map(Start::Day));
    one(
        facts.state == State::PanelDeferred,
        "C41",
        "Look again at this deferred case",
        due,
    )
}

pub(super) fn finalise(facts: &CaseFacts, clocks: &Clocks) -> Vec<Item> {
    let due = facts.due(clocks, "C31", facts.panel_on.map(Start::Day));
    one(
        facts.panel_done() || facts.state == State::Reopened,
        "C31",
        "Finalise the case",
        due,
    )
}

pub(super) fn tell_family(facts: &CaseFacts, clocks: &Clocks) -> Vec<Item> {
    let done = facts.panel_done() || facts.state.stage() == Stage::Finalised;
    let due = facts.due(clocks, "C33", facts.panel_on.map(Start::Day));
    one(
        done && !facts.family_told,
        "C33",
        "Record that the family was told the outcome, or did not wish it",
        due,
    )
}

/// What a panel recommends is given to somebody who acts, or decided against.
pub(super) fn follow_up(facts: &CaseFacts, _: &Clocks) -> Vec<Item> {
    let done = facts.panel_done() || facts.state.stage() == Stage::Finalised;
    let what = match facts.unfollowed {
        1 => "Follow up 1 recommendation of the panel".to_owned(),
        several => format!("Follow up {several} recommendations of the panel"),
    };
    one(done && facts.unfollowed > 0, "FOLLOW", &what, None)
}

/// Whoever contributed to a review hears what was learned.
pub(super) fn thank(facts: &CaseFacts, _: &Clocks) -> Vec<Item> {
    let wanted = facts.state == State::Closed && !facts.thanked;
    let what = "Tell those who contributed what was learned";
    one(wanted, "THANKS", what, None)
}

pub(super) fn confirm_final(facts: &CaseFacts, clocks: &Clocks) -> Vec<Item> {
    let due = facts.due(clocks, "C31", facts.panel_on.map(Start::Day));
    let wanted = facts.state.stage() == Stage::Finalised && !facts.final_accepted;
    one(
        wanted,
        "C31",
        "Send the finalised case in a return and record that it was accepted",
        due,
    )
}

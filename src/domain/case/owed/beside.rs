//! What is owed beside the review, at any stage of it: other bodies, other children, the family's questions, and clocks that
//! no other rule speaks for.

use super::{CaseFacts, Item, ProcessFacts, SPOKEN_FOR, one};
use crate::domain::case::Stage;
use crate::domain::clock::{Clocks, end_of};
use crate::domain::process::Spoken;

/// Nobody tells the team how far another body is, so somebody looks.
pub(super) fn look_beside(facts: &CaseFacts, _: &Clocks) -> Vec<Item> {
    if !facts.state.is_open() {
        return Vec::new();
    }
    let open = facts.processes.iter().filter(|process| process.open);
    let look = |process: &ProcessFacts| {
        let what = format!("Look how far this is: {}", process.name);
        Item("BESIDE".to_owned(), what, process.next_check.map(end_of))
    };
    open.map(look).collect()
}

/// What the record speaks of is recorded beside the review, or found not to run: what it holds back is known only then.
pub(super) fn record_beside(facts: &CaseFacts, _: &Clocks) -> Vec<Item> {
    if !facts.under_review() || facts.panel_done() {
        return Vec::new();
    }
    let record = |spoken: &Spoken| {
        let label = &spoken.label;
        let what = format!("Record whether this runs beside the review: {label}");
        Item("BESIDE".to_owned(), what, None)
    };
    facts.unrecorded.iter().map(record).collect()
}

/// Whether another child is safe is asked until somebody knows, also after the panel.
pub(super) fn keep_others_safe(facts: &CaseFacts, _: &Clocks) -> Vec<Item> {
    let over = matches!(facts.state.stage(), Stage::Closed | Stage::Ended);
    let what = match facts.family.to_find_out(facts.others_unrecorded) {
        1 => "Find out whether 1 other child or person affected is safe".to_owned(),
        several => format!("Find out whether {several} other children or people affected are safe"),
    };
    let wanted = !over && facts.family.to_find_out(facts.others_unrecorded) > 0;
    one(wanted, "SAFE", &what, None)
}

/// What a family asked is carried to the table, answered, and told.
pub(super) fn answer_family(facts: &CaseFacts, _: &Clocks) -> Vec<Item> {
    if matches!(facts.state.stage(), Stage::Closed | Stage::Ended) {
        return Vec::new();
    }
    let questions = |n: usize| format!("{n} question{}", if n == 1 { "" } else { "s" });
    let family = &facts.family;
    let reviewed = facts.panel_done() || facts.state.stage() == Stage::Finalised;
    let carry = format!(
        "Carry {} of the family to the review meeting or the panel",
        questions(family.asked)
    );
    let answer = format!("Answer {} of the family", questions(family.carried));
    let tell = format!(
        "Tell the family the answer to {}",
        questions(family.answered)
    );
    let mut items = one(family.asked > 0, "FAMILY", &carry, None);
    items.extend(one(reviewed && family.carried > 0, "FAMILY", &answer, None));
    items.extend(one(family.answered > 0, "FAMILY", &tell, None));
    items
}

/// Whatever else was started and somebody is to see to.
pub(super) fn other_clocks(facts: &CaseFacts, _: &Clocks) -> Vec<Item> {
    if !facts.under_review() {
        return Vec::new();
    }
    let others = facts
        .clocks
        .iter()
        .filter(|clock| clock.runs && clock.task && !SPOKEN_FOR.contains(&clock.clock.as_str()));
    others
        .map(|clock| Item(clock.clock.clone(), clock.name.clone(), clock.due))
        .collect()
}

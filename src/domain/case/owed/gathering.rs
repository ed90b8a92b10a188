//! What is owed until everything is known: deciding, the first days, requests, answers and where they differ.

use super::{CaseFacts, Item, RequestFacts, RequestStanding, one};
use crate::domain::case::Stage;
use crate::domain::clock::{Clocks, Start, end_of};

pub(super) fn decide(facts: &CaseFacts, clocks: &Clocks) -> Vec<Item> {
    let due = facts.due(clocks, "C04", Some(Start::shown(facts.notified_at)));
    one(
        facts.state.stage() == Stage::New,
        "C04",
        "Decide whether this death is reviewed here",
        due,
    )
}

pub(super) fn notify_nationally(facts: &CaseFacts, clocks: &Clocks) -> Vec<Item> {
    let wanted = facts.under_review() && !facts.notification_accepted;
    let due = facts.due(clocks, "C03", facts.death());
    one(
        wanted,
        "C03",
        "Send the notification to the national database",
        due,
    )
}

pub(super) fn first_days(facts: &CaseFacts, clocks: &Clocks) -> Vec<Item> {
    let due = |id| facts.due(clocks, id, Some(Start::shown(facts.notified_at)));
    let open = facts.under_review();
    let first_hours = facts.clocks.iter().find(|c| c.clock == "C04" && c.runs);
    let mut items = one(
        open && first_hours.is_some(),
        "C04",
        "Record the decisions of the first hours",
        first_hours.and_then(|clock| clock.due),
    );
    items.extend(one(
        open && !facts.jar_decided,
        "C05",
        "Record whether a joint agency response is needed",
        due("C05"),
    ));
    items.extend(one(
        open && !facts.key_worker_named,
        "C10",
        "Name the family's key worker",
        due("C10"),
    ));
    items.extend(one(
        open && !facts.leaflet_recorded,
        "C11",
        "Record that the bereavement leaflet was offered",
        due("C11"),
    ));
    items
}

pub(super) fn send_requests(facts: &CaseFacts, clocks: &Clocks) -> Vec<Item> {
    let due = facts.due(clocks, "C20", facts.triaged_at.map(Start::shown));
    if !facts.before_panel() {
        return Vec::new();
    }
    if facts.requests.is_empty() {
        return one(true, "C20", "Send requests for reporting forms", due);
    }
    let ask = |form: &String| {
        Item(
            "C20".to_owned(),
            format!("Ask an agency for the form “{form}”, or record why it is not needed"),
            due,
        )
    };
    facts.forms_to_request.iter().map(ask).collect()
}

pub(super) fn chase_answers(facts: &CaseFacts, _: &Clocks) -> Vec<Item> {
    let waiting = facts
        .requests
        .iter()
        .filter(|request| request.standing == RequestStanding::Waiting);
    if !facts.under_review() {
        return Vec::new();
    }
    let chase = |request: &RequestFacts| {
        let what = format!("{} from {}", request.forms.join(", "), request.agency);
        Item("C21".to_owned(), what, request.due.map(end_of))
    };
    waiting.map(chase).collect()
}

pub(super) fn read_answers(facts: &CaseFacts, _: &Clocks) -> Vec<Item> {
    let answered = facts
        .requests
        .iter()
        .filter(|request| request.standing == RequestStanding::Answered);
    if !facts.under_review() {
        return Vec::new();
    }
    let read = |request: &RequestFacts| {
        Item(
            "C21".to_owned(),
            format!("Accept or send back what {} sent", request.agency),
            None,
        )
    };
    answered.map(read).collect()
}

pub(super) fn settle_conflicts(facts: &CaseFacts, _: &Clocks) -> Vec<Item> {
    let what = match facts.conflicts {
        1 => "Settle 1 answer on which agencies disagree".to_owned(),
        several => format!("Settle {several} answers on which agencies disagree"),
    };
    one(
        facts.under_review() && facts.conflicts > 0,
        "X-4",
        &what,
        None,
    )
}

//! What is owed next on a case, and when. Must not know who is to do it, nor how long a clock runs:
//! lengths come from the area's [`Clocks`].

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use super::{Stage, State};
use crate::domain::clock::{Clocks, Start, end_of};

/// What is known of a case that decides what is owed. Times are London's.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each stops or holds back one clock, on its own"
)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseFacts {
    pub state: State,
    pub date_of_death: Option<NaiveDate>,
    pub time_of_death: Option<NaiveTime>,
    pub notified_at: NaiveDateTime,
    /// When it was accepted as a case.
    pub triaged_at: Option<NaiveDateTime>,
    /// The national database has the notification.
    pub notification_accepted: bool,
    /// Whether a joint agency response is needed has been decided, either way.
    pub jar_decided: bool,
    pub key_worker_named: bool,
    pub leaflet_recorded: bool,
    /// Labels of forms that the circumstances open and nobody has been asked for.
    pub forms_to_request: Vec<String>,
    pub requests: Vec<RequestFacts>,
    /// Questions on which agencies disagree, not yet settled.
    pub conflicts: usize,
    pub cdrm_held_on: Option<NaiveDate>,
    pub draft_analysis_received: bool,
    /// An inquest is open: the panel waits for its conclusion.
    pub inquest_open: bool,
    pub inquest_concluded_on: Option<NaiveDate>,
    pub panel_on: Option<NaiveDate>,
    pub deferred_on: Option<NaiveDate>,
    pub family_told: bool,
    /// The national database has the finalised case.
    pub final_accepted: bool,
}

/// What is known of one request to an agency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestFacts {
    /// The agency, as the case page names it.
    pub agency: String,
    /// The forms asked for, as the case page names them.
    pub forms: Vec<String>,
    pub due: NaiveDate,
    pub standing: RequestStanding,
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestStanding {
    /// Sent, not answered, or sent back.
    Waiting,
    /// Answered, to be accepted or sent back.
    Answered,
    /// Accepted, withdrawn or waived.
    Done,
}

/// One thing that is owed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owed {
    /// What, as an instruction.
    pub what: String,
    /// By when, in London time; none where nothing sets a time.
    pub due: Option<NaiveDateTime>,
    /// The clock (`C21`) or rule that asks for it.
    pub rule: &'static str,
    /// The time has passed.
    pub late: bool,
}

type Rule = fn(&CaseFacts, &Clocks) -> Vec<Item>;

/// A thing owed, before it is known whether it is late.
struct Item(&'static str, String, Option<NaiveDateTime>);

/// The rules, in the order of a case's life.
const RULES: &[Rule] = &[
    decide,
    notify_nationally,
    first_days,
    send_requests,
    chase_answers,
    read_answers,
    settle_conflicts,
    hold_cdrm,
    send_draft,
    hold_panel,
    look_again,
    finalise,
    tell_family,
    confirm_final,
];

/// What is owed on a case at `now` (London time), the most pressing first.
pub fn owed(facts: &CaseFacts, clocks: &Clocks, now: NaiveDateTime) -> Vec<Owed> {
    let mut all: Vec<Owed> = RULES
        .iter()
        .flat_map(|rule| rule(facts, clocks))
        .map(|Item(rule, what, due)| Owed {
            what,
            due,
            rule,
            late: due.is_some_and(|due| due < now),
        })
        .collect();
    all.sort_by_key(|owed| (owed.due.is_none(), owed.due));
    all
}

impl CaseFacts {
    fn death(&self) -> Option<Start> {
        let day = self.date_of_death?;
        Some(
            self.time_of_death
                .map_or(Start::Day(day), |time| Start::Moment(day.and_time(time))),
        )
    }

    /// The review is being made here: accepted, and neither finished nor ended.
    fn under_review(&self) -> bool {
        self.state.is_open() && self.state.stage() != Stage::New
    }

    fn before_panel(&self) -> bool {
        matches!(
            self.state.stage(),
            Stage::Gathering | Stage::Waiting | Stage::ReviewMeeting
        )
    }

    fn panel_done(&self) -> bool {
        matches!(self.state, State::PanelComplete | State::PanelInsufficient)
    }
}

fn one(wanted: bool, rule: &'static str, what: &str, due: Option<NaiveDateTime>) -> Vec<Item> {
    if wanted {
        vec![Item(rule, what.to_owned(), due)]
    } else {
        Vec::new()
    }
}

fn decide(facts: &CaseFacts, clocks: &Clocks) -> Vec<Item> {
    let due = clocks.due("C04", Start::Moment(facts.notified_at));
    one(
        facts.state.stage() == Stage::New,
        "C04",
        "Decide whether this death is reviewed here",
        due,
    )
}

fn notify_nationally(facts: &CaseFacts, clocks: &Clocks) -> Vec<Item> {
    let wanted = facts.under_review() && !facts.notification_accepted;
    let due = facts.death().and_then(|death| clocks.due("C03", death));
    one(
        wanted,
        "C03",
        "Send the notification to the national database",
        due,
    )
}

fn first_days(facts: &CaseFacts, clocks: &Clocks) -> Vec<Item> {
    let due = |id| clocks.due(id, Start::Moment(facts.notified_at));
    let open = facts.under_review();
    let mut items = one(
        open && !facts.jar_decided,
        "C05",
        "Record whether a joint agency response is needed",
        due("C05"),
    );
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

fn send_requests(facts: &CaseFacts, clocks: &Clocks) -> Vec<Item> {
    let due = facts
        .triaged_at
        .and_then(|at| clocks.due("C20", Start::Moment(at)));
    if !facts.before_panel() {
        return Vec::new();
    }
    if facts.requests.is_empty() {
        return one(true, "C20", "Send requests for reporting forms", due);
    }
    let ask = |form: &String| {
        Item(
            "C20",
            format!("Ask an agency for the form “{form}”, or record why it is not needed"),
            due,
        )
    };
    facts.forms_to_request.iter().map(ask).collect()
}

fn chase_answers(facts: &CaseFacts, _: &Clocks) -> Vec<Item> {
    let waiting = facts
        .requests
        .iter()
        .filter(|request| request.standing == RequestStanding::Waiting);
    if !facts.under_review() {
        return Vec::new();
    }
    let chase = |request: &RequestFacts| {
        let what = format!("{} from {}", request.forms.join(", "), request.agency);
        Item("C21", what, Some(end_of(request.due)))
    };
    waiting.map(chase).collect()
}

fn read_answers(facts: &CaseFacts, _: &Clocks) -> Vec<Item> {
    let answered = facts
        .requests
        .iter()
        .filter(|request| request.standing == RequestStanding::Answered);
    if !facts.under_review() {
        return Vec::new();
    }
    let read = |request: &RequestFacts| {
        Item(
            "C21",
            format!("Accept or send back what {} sent", request.agency),
            None,
        )
    };
    answered.map(read).collect()
}

fn settle_conflicts(facts: &CaseFacts, _: &Clocks) -> Vec<Item> {
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

fn hold_cdrm(facts: &CaseFacts, clocks: &Clocks) -> Vec<Item> {
    let wanted =
        facts.before_panel() && facts.state != State::Reopened && facts.cdrm_held_on.is_none();
    let due = facts
        .date_of_death
        .and_then(|day| clocks.due("C25", Start::Day(day)));
    one(wanted, "C25", "Hold the child death review meeting", due)
}

fn send_draft(facts: &CaseFacts, clocks: &Clocks) -> Vec<Item> {
    let wanted =
        facts.before_panel() && facts.cdrm_held_on.is_some() && !facts.draft_analysis_received;
    let due = facts
        .cdrm_held_on
        .and_then(|day| clocks.due("C26", Start::Day(day)));
    one(
        wanted,
        "C26",
        "Get the draft analysis form from the review meeting",
        due,
    )
}

/// The clock starts on the later of the review meeting and the end of the inquest.
fn hold_panel(facts: &CaseFacts, clocks: &Clocks) -> Vec<Item> {
    let wanted = facts.under_review()
        && facts.cdrm_held_on.is_some()
        && !facts.inquest_open
        && !facts.panel_done()
        && facts.state != State::PanelDeferred;
    let start = facts.cdrm_held_on.max(facts.inquest_concluded_on);
    let due = start.and_then(|day| clocks.due("C27", Start::Day(day)));
    one(wanted, "C27", "Review the death at a panel", due)
}

fn look_again(facts: &CaseFacts, clocks: &Clocks) -> Vec<Item> {
    let due = facts
        .deferred_on
        .and_then(|day| clocks.due("C41", Start::Day(day)));
    one(
        facts.state == State::PanelDeferred,
        "C41",
        "Look again at this deferred case",
        due,
    )
}

fn finalise(facts: &CaseFacts, clocks: &Clocks) -> Vec<Item> {
    let due = facts
        .panel_on
        .and_then(|day| clocks.due("C31", Start::Day(day)));
    one(
        facts.panel_done() || facts.state == State::Reopened,
        "C31",
        "Finalise the case",
        due,
    )
}

fn tell_family(facts: &CaseFacts, clocks: &Clocks) -> Vec<Item> {
    let done = facts.panel_done() || facts.state.stage() == Stage::Finalised;
    let due = facts
        .panel_on
        .and_then(|day| clocks.due("C33", Start::Day(day)));
    one(
        done && !facts.family_told,
        "C33",
        "Record that the family was told the outcome, or did not wish it",
        due,
    )
}

fn confirm_final(facts: &CaseFacts, clocks: &Clocks) -> Vec<Item> {
    let due = facts
        .panel_on
        .and_then(|day| clocks.due("C31", Start::Day(day)));
    let wanted = facts.state.stage() == Stage::Finalised && !facts.final_accepted;
    one(
        wanted,
        "C31",
        "Send the finalised case in a return and record that it was accepted",
        due,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> NaiveDateTime {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").unwrap()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn facts(state: State) -> CaseFacts {
        CaseFacts {
            state,
            date_of_death: Some(day("2026-06-01")),
            time_of_death: None,
            notified_at: at("2026-06-02T09:00"),
            triaged_at: Some(at("2026-06-02T11:00")),
            notification_accepted: true,
            jar_decided: true,
            key_worker_named: true,
            leaflet_recorded: true,
            forms_to_request: Vec::new(),
            requests: Vec::new(),
            conflicts: 0,
            cdrm_held_on: None,
            draft_analysis_received: false,
            inquest_open: false,
            inquest_concluded_on: None,
            panel_on: None,
            deferred_on: None,
            family_told: true,
            final_accepted: true,
        }
    }

    fn rules(facts: &CaseFacts) -> Vec<String> {
        let clocks = Clocks::load(include_str!("../../../fixtures/clocks.csv")).unwrap();
        owed(facts, &clocks, at("2026-06-20T12:00"))
            .iter()
            .map(|owed| {
                let due = owed
                    .due
                    .map_or_else(|| "-".to_owned(), |due| due.date().to_string());
                format!(
                    "{} {due}{}",
                    owed.rule,
                    if owed.late { " late" } else { "" }
                )
            })
            .collect()
    }

    #[test]
    fn a_new_notification_is_decided() {
        assert_eq!(rules(&facts(State::Notified)), ["C04 2026-06-03 late"]);
    }

    #[test]
    fn an_accepted_case_is_notified_and_asked_about() {
        let mut case = facts(State::Gathering);
        case.notification_accepted = false;
        assert_eq!(
            rules(&case),
            [
                "C03 2026-06-03 late",
                "C20 2026-06-04 late",
                "C25 2026-09-01"
            ]
        );
        case.requests = vec![
            RequestFacts {
                agency: "Police".into(),
                forms: vec!["Reporting form".into()],
                due: day("2026-06-19"),
                standing: RequestStanding::Waiting,
            },
            RequestFacts {
                agency: "GP".into(),
                forms: vec!["Reporting form".into()],
                due: day("2026-06-29"),
                standing: RequestStanding::Answered,
            },
        ];
        case.conflicts = 2;
        assert_eq!(
            rules(&case),
            [
                "C03 2026-06-03 late",
                "C21 2026-06-19 late",
                "C25 2026-09-01",
                "C21 -",
                "X-4 -"
            ]
        );
    }

    #[test]
    fn the_panel_waits_for_the_inquest() {
        let mut case = facts(State::CdrmHeld);
        case.requests = vec![RequestFacts {
            agency: "GP".into(),
            forms: Vec::new(),
            due: day("2026-06-05"),
            standing: RequestStanding::Done,
        }];
        case.cdrm_held_on = Some(day("2026-06-08"));
        case.draft_analysis_received = true;
        assert_eq!(rules(&case), ["C27 2026-07-20"]);
        case.inquest_open = true;
        assert!(rules(&case).is_empty());
        case.inquest_open = false;
        case.inquest_concluded_on = Some(day("2026-06-15"));
        assert_eq!(rules(&case), ["C27 2026-07-27"]);
    }

    #[test]
    fn after_the_panel_it_is_finalised_and_sent() {
        let mut case = facts(State::PanelComplete);
        case.panel_on = Some(day("2026-06-10"));
        assert_eq!(rules(&case), ["C31 2026-06-24"]);
        case.state = State::SignedOff;
        case.final_accepted = false;
        assert_eq!(rules(&case), ["C31 2026-06-24"]);
        case.state = State::Closed;
        assert!(rules(&case).is_empty());
    }

    #[test]
    fn nothing_is_owed_on_a_case_that_ended_elsewhere() {
        for state in [
            State::OutOfScope,
            State::TransferredOut,
            State::Joined,
            State::Closed,
        ] {
            let mut case = facts(state);
            case.notification_accepted = false;
            case.final_accepted = false;
            assert!(rules(&case).is_empty(), "{state}");
        }
    }
}

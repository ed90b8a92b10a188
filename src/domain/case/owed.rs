//! What is owed next on a case, and when. Must not know who is to do it, nor how long a clock runs:
//! lengths come from the area's [`Clocks`].

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use super::{Stage, State};
use crate::domain::calendar::london;
use crate::domain::clock::{Clocks, Start, end_of};
use crate::domain::family::Counted;
use crate::domain::process::Holds;

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
    /// Recommendations of the analysis that nobody follows up yet.
    pub unfollowed: usize,
    /// Those who contributed were told what was learned, or there is nobody to tell.
    pub thanked: bool,
    /// The national database has the finalised case.
    pub final_accepted: bool,
    /// What runs or ran beside the review.
    pub processes: Vec<ProcessFacts>,
    pub family: Counted,
    /// Other children of the household, or affected, whom the notification names.
    pub others_notified: usize,
    /// The clocks that were started on the case and its requests. Where there is one, it says when something is due.
    pub clocks: Vec<RunningClock>,
}

/// What is known of one clock that was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunningClock {
    /// Its id, such as `C21`.
    pub clock: String,
    /// Id of the request whose clock it is.
    pub request: Option<String>,
    /// What must have happened.
    pub name: String,
    /// In London time; none where it stopped or stands still.
    pub due: Option<NaiveDateTime>,
    pub runs: bool,
    /// Somebody here is to see to it; it is not only watched.
    pub task: bool,
}

/// What is known of one request to an agency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestFacts {
    /// The agency, as the case page names it.
    pub agency: String,
    /// The forms asked for, as the case page names them.
    pub forms: Vec<String>,
    /// None while its clock stands still.
    pub due: Option<NaiveDate>,
    pub standing: RequestStanding,
}

/// What is known of one process that runs, or ran, beside the review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcessFacts {
    /// What it is.
    pub name: String,
    /// It is to come or goes on.
    pub open: bool,
    pub next_check: Option<NaiveDate>,
    /// What it holds back now.
    pub holds: Holds,
    /// Its end is that of the inquest.
    pub inquest: bool,
    pub over_on: Option<NaiveDate>,
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
    pub rule: String,
    /// The time has passed.
    pub late: bool,
}

type Rule = fn(&CaseFacts, &Clocks) -> Vec<Item>;

/// A thing owed, before it is known whether it is late.
struct Item(String, String, Option<NaiveDateTime>);

/// The rules, in the order of a case's life.
const RULES: &[Rule] = &[
    decide,
    notify_nationally,
    first_days,
    send_requests,
    chase_answers,
    read_answers,
    settle_conflicts,
    look_beside,
    keep_others_safe,
    answer_family,
    hold_cdrm,
    send_draft,
    hold_panel,
    look_again,
    finalise,
    tell_family,
    follow_up,
    confirm_final,
    thank,
    other_clocks,
];

/// The clocks that a rule above speaks for.
const SPOKEN_FOR: &[&str] = &[
    "C03", "C04", "C05", "C10", "C11", "C20", "C21", "C22", "C25", "C26", "C27", "C31", "C33",
    "C41",
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
                .map_or(Start::Day(day), |time| Start::shown(day.and_time(time))),
        )
    }

    /// When a clock is due: by the one that was started, or by what its definition says.
    fn due(&self, clocks: &Clocks, id: &str, start: Option<Start>) -> Option<NaiveDateTime> {
        let of_case = |clock: &&RunningClock| clock.clock == id && clock.request.is_none();
        match self.clocks.iter().rfind(of_case) {
            Some(clock) => clock.due,
            None => clocks.due(id, start?).map(london),
        }
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

    /// What other processes hold back.
    fn held(&self) -> Holds {
        Holds::all(self.processes.iter().map(|process| process.holds))
    }

    fn panel_done(&self) -> bool {
        matches!(self.state, State::PanelComplete | State::PanelInsufficient)
    }
}

fn one(wanted: bool, rule: &'static str, what: &str, due: Option<NaiveDateTime>) -> Vec<Item> {
    if wanted {
        vec![Item(rule.to_owned(), what.to_owned(), due)]
    } else {
        Vec::new()
    }
}

fn decide(facts: &CaseFacts, clocks: &Clocks) -> Vec<Item> {
    let due = facts.due(clocks, "C04", Some(Start::shown(facts.notified_at)));
    one(
        facts.state.stage() == Stage::New,
        "C04",
        "Decide whether this death is reviewed here",
        due,
    )
}

fn notify_nationally(facts: &CaseFacts, clocks: &Clocks) -> Vec<Item> {
    let wanted = facts.under_review() && !facts.notification_accepted;
    let due = facts.due(clocks, "C03", facts.death());
    one(
        wanted,
        "C03",
        "Send the notification to the national database",
        due,
    )
}

fn first_days(facts: &CaseFacts, clocks: &Clocks) -> Vec<Item> {
    let due = |id| facts.due(clocks, id, Some(Start::shown(facts.notified_at)));
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
        Item("C21".to_owned(), what, request.due.map(end_of))
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
            "C21".to_owned(),
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

/// Nobody tells the team how far another body is, so somebody looks.
fn look_beside(facts: &CaseFacts, _: &Clocks) -> Vec<Item> {
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

/// Whether another child is safe is asked until somebody knows, also after the panel.
fn keep_others_safe(facts: &CaseFacts, _: &Clocks) -> Vec<Item> {
    let over = matches!(facts.state.stage(), Stage::Closed | Stage::Ended);
    let what = match facts.family.to_find_out(facts.others_notified) {
        1 => "Find out whether 1 other child or person affected is safe".to_owned(),
        several => format!("Find out whether {several} other children or people affected are safe"),
    };
    let wanted = !over && facts.family.to_find_out(facts.others_notified) > 0;
    one(wanted, "SAFE", &what, None)
}

/// What a family asked is carried to the table, answered, and told.
fn answer_family(facts: &CaseFacts, _: &Clocks) -> Vec<Item> {
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

fn hold_cdrm(facts: &CaseFacts, clocks: &Clocks) -> Vec<Item> {
    let wanted = facts.before_panel()
        && facts.state != State::Reopened
        && facts.cdrm_held_on.is_none()
        && !facts.held().meeting;
    let due = facts.due(clocks, "C25", facts.date_of_death.map(Start::Day));
    one(wanted, "C25", "Hold the child death review meeting", due)
}

fn send_draft(facts: &CaseFacts, clocks: &Clocks) -> Vec<Item> {
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

/// The clock starts on the later of the review meeting and the end of the inquest.
fn hold_panel(facts: &CaseFacts, clocks: &Clocks) -> Vec<Item> {
    // A case that was made ready waits for its panel, whether or not a form gives the day of the meeting.
    let ready = matches!(facts.state, State::ReadyForPanel | State::Listed);
    let wanted = facts.under_review()
        && (ready || facts.cdrm_held_on.is_some())
        && !facts.inquest_open
        && !facts.held().panel
        && !facts.panel_done()
        && facts.state != State::PanelDeferred;
    let start = facts.cdrm_held_on.max(facts.inquest_concluded_on);
    let due = facts.due(clocks, "C27", start.map(Start::Day));
    one(wanted, "C27", "Review the death at a panel", due)
}

fn look_again(facts: &CaseFacts, clocks: &Clocks) -> Vec<Item> {
    let due = facts.due(clocks, "C41", facts.deferred_on.map(Start::Day));
    one(
        facts.state == State::PanelDeferred,
        "C41",
        "Look again at this deferred case",
        due,
    )
}

fn finalise(facts: &CaseFacts, clocks: &Clocks) -> Vec<Item> {
    let due = facts.due(clocks, "C31", facts.panel_on.map(Start::Day));
    one(
        facts.panel_done() || facts.state == State::Reopened,
        "C31",
        "Finalise the case",
        due,
    )
}

fn tell_family(facts: &CaseFacts, clocks: &Clocks) -> Vec<Item> {
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
fn follow_up(facts: &CaseFacts, _: &Clocks) -> Vec<Item> {
    let done = facts.panel_done() || facts.state.stage() == Stage::Finalised;
    let what = match facts.unfollowed {
        1 => "Follow up 1 recommendation of the panel".to_owned(),
        several => format!("Follow up {several} recommendations of the panel"),
    };
    one(done && facts.unfollowed > 0, "FOLLOW", &what, None)
}

/// Whoever contributed to a review hears what was learned.
fn thank(facts: &CaseFacts, _: &Clocks) -> Vec<Item> {
    let wanted = facts.state == State::Closed && !facts.thanked;
    let what = "Tell those who contributed what was learned";
    one(wanted, "THANKS", what, None)
}

fn confirm_final(facts: &CaseFacts, clocks: &Clocks) -> Vec<Item> {
    let due = facts.due(clocks, "C31", facts.panel_on.map(Start::Day));
    let wanted = facts.state.stage() == Stage::Finalised && !facts.final_accepted;
    one(
        wanted,
        "C31",
        "Send the finalised case in a return and record that it was accepted",
        due,
    )
}

/// Whatever else was started and somebody is to see to.
fn other_clocks(facts: &CaseFacts, _: &Clocks) -> Vec<Item> {
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
            unfollowed: 0,
            thanked: true,
            final_accepted: true,
            processes: Vec::new(),
            family: Counted::default(),
            others_notified: 0,
            clocks: Vec::new(),
        }
    }

    fn rules(facts: &CaseFacts) -> Vec<String> {
        let clocks = Clocks::load(
            include_str!("../../../fixtures/clocks.csv"),
            include_str!("../../../fixtures/bank_holidays.csv"),
        )
        .unwrap();
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
    fn what_runs_beside_is_looked_at_and_holds_back_what_waits_for_it() {
        let beside = |holds, open| ProcessFacts {
            name: "Inquest".into(),
            open,
            next_check: Some(day("2026-06-10")),
            holds,
            inquest: true,
            over_on: None,
        };
        let meeting = Holds {
            meeting: true,
            panel: false,
        };
        let mut case = facts(State::AwaitingExternal);
        case.requests.push(RequestFacts {
            agency: "GP".into(),
            forms: vec!["Reporting form".into()],
            due: None,
            standing: RequestStanding::Done,
        });
        case.processes = vec![beside(meeting, true)];
        assert_eq!(rules(&case), ["BESIDE 2026-06-10 late"]);
        case.processes = vec![beside(Holds::default(), false)];
        assert_eq!(rules(&case), ["C25 2026-09-01"]);
        case.state = State::ReadyForPanel;
        assert_eq!(rules(&case), ["C27 -"], "it waits for its panel");
        case.processes = vec![beside(
            Holds {
                meeting: false,
                panel: true,
            },
            true,
        )];
        assert_eq!(rules(&case), ["BESIDE 2026-06-10 late"]);
    }

    #[test]
    fn what_concerns_the_family_is_owed_until_it_is_answered() {
        let mut case = facts(State::SubmittedNcmd);
        case.family = Counted {
            others: 1,
            unsafe_or_unknown: 1,
            asked: 1,
            carried: 2,
            answered: 1,
            ..Counted::default()
        };
        case.others_notified = 2;
        assert_eq!(rules(&case), ["SAFE -", "FAMILY -", "FAMILY -", "FAMILY -"]);
        case.state = State::Closed;
        assert!(rules(&case).is_empty());
        case.state = State::SubmittedNcmd;
        case.family = Counted {
            others: 2,
            ..Counted::default()
        };
        assert!(rules(&case).is_empty());
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
                due: Some(day("2026-06-19")),
                standing: RequestStanding::Waiting,
            },
            RequestFacts {
                agency: "GP".into(),
                forms: vec!["Reporting form".into()],
                due: Some(day("2026-06-29")),
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
            due: Some(day("2026-06-05")),
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
    fn a_clock_that_was_started_says_when_it_is_due() {
        let mut case = facts(State::Gathering);
        case.forms_to_request = vec!["Drowning".into()];
        let clock = |id: &str, due: Option<&str>| RunningClock {
            clock: id.into(),
            request: None,
            name: "Sample".into(),
            due: due.map(at),
            runs: due.is_some(),
            task: true,
        };
        case.clocks = vec![
            clock("C25", Some("2026-10-01T23:59")),
            clock("C20", None),
            clock("C08", Some("2026-06-05T23:59")),
        ];
        assert_eq!(
            rules(&case),
            ["C08 2026-06-05 late", "C25 2026-10-01", "C20 -"]
        );
        case.state = State::TransferredOut;
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

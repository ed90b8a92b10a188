//! What is owed on made-up cases, rule by rule.

use chrono::{NaiveDate, NaiveDateTime};

use super::{CaseFacts, ProcessFacts, RequestFacts, RequestStanding, RunningClock, owed};
use crate::domain::case::State;
use crate::domain::clock::Clocks;
use crate::domain::family::Counted;
use crate::domain::process::{Holds, Spoken};

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
        unrecorded: Vec::new(),
        family: Counted::default(),
        others_unrecorded: 0,
        clocks: Vec::new(),
    }
}

fn rules(facts: &CaseFacts) -> Vec<String> {
    let clocks = Clocks::load(
        include_str!("../../../../fixtures/clocks.csv"),
        include_str!("../../../../fixtures/bank_holidays.csv"),
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
fn what_the_record_speaks_of_is_recorded_until_the_panel_is_done() {
    let mut case = facts(State::CdrmHeld);
    case.requests.push(RequestFacts {
        agency: "GP".into(),
        forms: Vec::new(),
        due: None,
        standing: RequestStanding::Done,
    });
    case.cdrm_held_on = Some(day("2026-06-08"));
    case.draft_analysis_received = true;
    case.unrecorded.push(Spoken {
        kind: "inquest".into(),
        label: "Inquest".into(),
        words: "A form says so.".into(),
        holds: Holds::default(),
    });
    assert_eq!(rules(&case), ["C27 2026-07-20", "BESIDE -"]);
    case.state = State::PanelComplete;
    assert!(!rules(&case).contains(&"BESIDE -".to_owned()));
}

#[test]
fn what_concerns_the_family_is_owed_until_it_is_answered() {
    let mut case = facts(State::SubmittedNcmd);
    case.family = Counted {
        unsafe_or_unknown: 1,
        asked: 1,
        carried: 2,
        answered: 1,
        ..Counted::default()
    };
    case.others_unrecorded = 2;
    assert_eq!(rules(&case), ["SAFE -", "FAMILY -", "FAMILY -", "FAMILY -"]);
    case.state = State::Closed;
    assert!(rules(&case).is_empty());
    case.state = State::SubmittedNcmd;
    case.family = Counted::default();
    case.others_unrecorded = 0;
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

//! The engine against hand-made cases, and what must hold of every clock.

use chrono::{DateTime, Duration, NaiveDate, NaiveDateTime, Utc};
use proptest::prelude::*;
use serde::Deserialize;

use super::*;
use crate::domain::actor::Role;
use crate::domain::calendar::{london, utc_of_london};
use crate::domain::case::{Move, State};
use crate::domain::event::Event;
use crate::domain::form::{Answer, Answers};
use crate::domain::holiday::tests::shipped as holidays;
use crate::domain::panel::ItemState;

const FILE: &str = include_str!("../../../fixtures/clocks.csv");
const HOLIDAYS: &str = include_str!("../../../fixtures/bank_holidays.csv");

fn clocks() -> &'static Clocks {
    static ALL: std::sync::LazyLock<Clocks> =
        std::sync::LazyLock::new(|| Clocks::load(FILE, HOLIDAYS).unwrap());
    &ALL
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A moment as a clock in London showed it.
fn shown(text: &str) -> DateTime<Utc> {
    utc_of_london(NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").unwrap())
}

fn start(text: &str) -> Start {
    if let Some(utc) = text.strip_suffix('Z') {
        let at = NaiveDateTime::parse_from_str(utc, "%Y-%m-%dT%H:%M").unwrap();
        Start::Moment(at.and_utc())
    } else if text.contains('T') {
        Start::Moment(shown(text))
    } else {
        Start::Day(day(text))
    }
}

fn pause(text: &str) -> Pause {
    let (from, to) = text.split_once('/').unwrap();
    Pause {
        from: shown(from),
        to: (!to.is_empty()).then(|| shown(to)),
    }
}

fn clock(length: u32, unit: Unit, direction: Direction) -> Clock {
    Clock {
        length,
        unit,
        direction,
        ..clocks().get("C25").unwrap().clone()
    }
}

#[derive(Deserialize)]
struct Case {
    n: u32,
    length: u32,
    unit: Unit,
    direction: Direction,
    start: String,
    pauses: String,
    due: String,
    why: String,
}

#[test]
fn the_hand_made_cases() {
    let text = include_str!("../../../tests/clock_cases.csv");
    let cases: Vec<Case> = csv::Reader::from_reader(text.as_bytes())
        .deserialize()
        .map(Result::unwrap)
        .collect();
    assert!(cases.len() >= 60);
    let mut wrong = Vec::new();
    for case in &cases {
        let clock = clock(case.length, case.unit, case.direction);
        let began = start(&case.start);
        let pauses: Vec<Pause> = case
            .pauses
            .split(';')
            .filter(|p| !p.is_empty())
            .map(pause)
            .collect();
        let due = clock.due(began, holidays()).unwrap();
        let due = london(clock.moved(due, began, &pauses, holidays()))
            .format("%Y-%m-%dT%H:%M")
            .to_string();
        if due != case.due {
            wrong.push(format!(
                "{}: {} ({}) gave {due}",
                case.n, case.due, case.why
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_shipped_file_loads_whole() {
    assert_eq!(clocks().all().len(), 46);
    for number in 1..=46 {
        let id = format!("C{number:02}");
        let clock = clocks().get(&id).unwrap().clone();
        assert!(!clock.name.is_empty(), "{id}");
        let text = serde_json::to_string(&clock).unwrap();
        assert_eq!(serde_json::from_str::<Clock>(&text).unwrap(), clock);
    }
    let c21 = clocks().get("C21").unwrap().clone();
    assert_eq!(c21.remind.len(), 4);
    assert_eq!(c21.pauses_on, [PauseReason::PoliceEmbargo]);
    assert_eq!(c21.length_words(), "15 working days after the request");
    assert!(c21.is_task() && !clocks().get("C39").unwrap().is_task());
    assert!(!clocks().get("C36").unwrap().is_task());
}

/// The shipped file with one cell of C21 changed.
fn with(column: &str, value: &str) -> Vec<String> {
    let mut reader = csv::Reader::from_reader(FILE.as_bytes());
    let names = reader.headers().unwrap().clone();
    let at = names.iter().position(|n| n == column).unwrap();
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&names).unwrap();
    for row in reader.records().map(Result::unwrap) {
        let mut cells: Vec<&str> = row.iter().collect();
        if cells[0] == "C21" {
            cells[at] = value;
        }
        writer.write_record(&cells).unwrap();
    }
    let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
    Clocks::load(&text, HOLIDAYS).unwrap_err()
}

#[test]
fn whatever_is_not_known_is_named_by_file_line_and_column() {
    for (column, value, said) in [
        ("starts_on", "moonrise", "“moonrise” must be one of death,"),
        ("starts_on", "ended", "“ended” starts and stops no clock"),
        ("stops_on", "", "“” must be one of"),
        ("unit", "fortnights", "“fortnights” must be one of hours,"),
        (
            "direction",
            "sideways",
            "“sideways” must be one of after, before",
        ),
        ("force", "hope", "“hope” must be one of statute,"),
        ("basis", "guess", "“guess” must be one of seen,"),
        ("length", "soon", "must be a whole number"),
        ("length", "-1", "must be a whole number"),
        (
            "remind",
            "mother@0",
            "the recipient of mother@0 must be one of manager,",
        ),
        (
            "remind",
            "manager@soon",
            "manager@soon must be a recipient and a time",
        ),
        (
            "pauses_on",
            "police_embargo;rain",
            "“rain” must be one of police_scene_hold,",
        ),
        ("direction", "before", ""),
        ("asked", "perhaps", "“perhaps” must be one of reporting,"),
        ("id", "C20", "C20 stands in an earlier line"),
        ("id", "21", "must be a letter and two digits"),
        ("name", " ", "must say what must have happened"),
    ] {
        let faults = with(column, value);
        assert_eq!(faults.len(), 1, "{column} {value}: {faults:?}");
        let column = if said.is_empty() { "pauses_on" } else { column };
        let begin = format!("clocks.csv:22: column {column}: {said}");
        assert!(faults[0].starts_with(&begin), "{begin}: {faults:?}");
    }
}

/// The shipped file with a column for days, and lines for C25 added.
fn dated(lines: &[(&str, &str)]) -> Result<Clocks, Vec<String>> {
    let mut rows = FILE.trim_end().lines();
    let mut text = format!("{},since\n", rows.next().unwrap());
    for row in rows {
        text.extend([row, ",\n"]);
    }
    let c25 = FILE.lines().find(|row| row.starts_with("C25,")).unwrap();
    for (months, since) in lines {
        text += &c25.replacen(",3,months,", &format!(",{months},months,"), 1);
        text.extend([",", since, "\n"]);
    }
    Clocks::load(&text, HOLIDAYS)
}

#[test]
fn a_changed_definition_counts_for_what_starts_since_its_day() {
    let clocks = dated(&[("4", "2026-04-01"), ("6", "2027-04-01")]).unwrap();
    for (start, due) in [
        ("2026-03-31", "2026-06-30"),
        ("2026-04-01", "2026-08-01"),
        ("2027-03-31", "2027-07-31"),
        ("2027-04-01", "2027-10-01"),
    ] {
        let due_on = clocks.due("C25", Start::Day(day(start))).unwrap();
        let shown = london(due_on).date();
        // The due time is the end of the day, or the midnight after it.
        let wanted = day(due);
        assert!(
            shown == wanted || shown == wanted.succ_opt().unwrap(),
            "{start}: {shown}"
        );
        let counting: Vec<&Clock> = clocks
            .all()
            .iter()
            .filter(|d| d.id == "C25" && clocks.counts(d, day(start)))
            .collect();
        assert_eq!(counting.len(), 1, "{start}: one and no other");
    }
    assert_eq!(clocks.get("C25").unwrap().length, 6, "the newest");
    assert_eq!(clocks.at("C21", day("2026-04-01")), clocks.get("C21"));
    // A clock that runs keeps its definition as it was before there were days.
    let stored = serde_json::to_string(clocks.at("C25", day("2026-01-01")).unwrap()).unwrap();
    assert!(!stored.contains("since"), "{stored}");
}

#[test]
fn a_changed_definition_that_cannot_be_right_is_named() {
    let said = |lines: &[(&str, &str)]| dated(lines).unwrap_err().join("; ");
    assert_eq!(
        said(&[("4", "")]),
        "clocks.csv:48: column id: C25 stands in an earlier line"
    );
    assert_eq!(
        said(&[("4", "2026-04-01"), ("6", "2026-04-01")]),
        "clocks.csv:49: column since: must be after the day of the earlier line of C25"
    );
    assert!(said(&[("4", "soon")]).contains("clocks.csv:48: column since: “soon” must be a day"));
    let text = format!("{},since\n", FILE.lines().next().unwrap())
        + &FILE
            .lines()
            .skip(1)
            .fold(String::new(), |all, row| all + row + ",\n")
        + "C25,x,registration,3,months,after,guidance,,cdrm_held,,seen,,,2027-04-01\n";
    let fault = Clocks::load(&text, HOLIDAYS).unwrap_err().join("; ");
    assert!(
        fault.starts_with("clocks.csv:48: column starts_on: must be as in the earlier line"),
        "{fault}"
    );
}

#[test]
fn every_fault_of_both_files_is_told_at_once() {
    let text = "id,name,starts_on\nC01,x\nC02,x,y,z\n";
    let faults = Clocks::load(text, "date,name,basis,note\nsoon,x,statute,\n").unwrap_err();
    let has = |begin: &str| faults.iter().any(|f| f.starts_with(begin));
    assert!(has("bank_holidays.csv:2: column date"), "{faults:?}");
    assert!(has("clocks.csv:2: column unit: is missing"), "{faults:?}");
    assert!(
        has("clocks.csv:2: column starts_on: is missing"),
        "{faults:?}"
    );
    assert!(has("clocks.csv:3: has 4 cells for 3 columns"), "{faults:?}");
    assert_eq!(
        Clocks::load("id\n", HOLIDAYS).unwrap_err(),
        ["clocks.csv: holds no clock"]
    );
}

fn stands(clock: &str, happened: &Happened<'_>) -> (Outcome, Option<String>) {
    let standing = clocks().get(clock).unwrap().standing(happened, holidays());
    let due = standing.due.map(|due| london(due).date().to_string());
    (standing.outcome, due)
}

#[test]
fn a_clock_stands_by_what_happened() {
    let began = Happened {
        started: Some(start("2026-03-27")),
        ..Happened::default()
    };
    let due = Some("2026-06-27".to_owned());
    assert_eq!(
        stands("C25", &Happened::default()),
        (Outcome::Cancelled, None)
    );
    assert_eq!(stands("C25", &began), (Outcome::Running, due.clone()));
    let stopped = |text: &str| Happened {
        stopped: Some(start(text)),
        ..began
    };
    assert_eq!(
        stands("C25", &stopped("2026-06-27")),
        (Outcome::Met, due.clone())
    );
    assert_eq!(
        stands("C25", &stopped("2026-06-27T23:59")),
        (Outcome::Met, due.clone())
    );
    assert_eq!(
        stands("C25", &stopped("2026-06-28")),
        (Outcome::Missed, due.clone())
    );
    let excused = Happened {
        excused: true,
        ..stopped("2026-06-28")
    };
    assert_eq!(stands("C25", &excused), (Outcome::Excused, due.clone()));
    let ended = Happened {
        ended: Some(shown("2026-05-01T12:00")),
        ..began
    };
    assert_eq!(stands("C25", &ended), (Outcome::Cancelled, due));
    let agreed = Happened {
        agreed: Some(day("2026-05-29")),
        started: Some(start("2026-04-01T10:00")),
        ..Happened::default()
    };
    assert_eq!(
        stands("C21", &agreed),
        (Outcome::Running, Some("2026-05-29".into()))
    );
}

#[test]
fn a_stop_of_which_only_the_day_is_known_is_no_midnight() {
    let (noon, day_after) = (start("2026-04-01T12:00"), start("2026-04-02"));
    let stood = |stop: Start| {
        let happened = Happened {
            started: Some(noon),
            stopped: Some(stop),
            ..Happened::default()
        };
        let clock = clocks().get("C07").unwrap();
        clock.standing(&happened, clocks().holidays())
    };
    assert!(stood(day_after).stopped_day);
    assert!(!stood(start("2026-04-02T09:00")).stopped_day);
    for (from, to, took) in [
        (noon, start("2026-04-02T09:30"), Took::Hours(21)),
        (noon, day_after, Took::Days(1)),
        (noon, start("2026-04-01"), Took::Days(0)),
        (start("2026-03-31"), noon, Took::Days(1)),
        (start("2026-04-03"), noon, Took::Days(0)),
    ] {
        assert_eq!(Took::between(from, to), took);
    }
    let exact = |text: &str| (noon, start(text));
    let timed = [
        exact("2026-04-01T14:00"),
        exact("2026-04-01T13:00"),
        exact("2026-04-03T12:00"),
    ];
    assert_eq!(Took::median(&timed), Some(Took::Hours(2)));
    let mixed = [
        timed[0],
        timed[1],
        timed[2],
        (noon, day_after),
        (noon, day_after),
    ];
    assert_eq!(
        Took::median(&mixed),
        Some(Took::Days(1)),
        "compared by the day"
    );
    assert_eq!(Took::median(&[]), None);
}

#[test]
fn a_pause_moves_the_due_time_and_ends_with_the_clock() {
    let open = [pause("2026-06-01T09:00/")];
    let paused = Happened {
        started: Some(start("2026-03-27")),
        pauses: &open,
        ..Happened::default()
    };
    let clock = clocks().get("C25").unwrap().clone();
    let standing = clock.standing(&paused, holidays());
    assert!(standing.paused);
    // Stopped while it stood still, ten days after it began to: those ten days count for nothing.
    let stopped = Happened {
        stopped: Some(start("2026-07-05T09:00")),
        ..paused
    };
    let standing = clock.standing(&stopped, holidays());
    assert_eq!((standing.outcome, standing.paused), (Outcome::Met, false));
    let spent = clock.spent(
        start("2026-03-27"),
        shown("2026-07-05T09:00"),
        &open,
        holidays(),
    );
    assert_eq!(
        spent,
        Spent {
            gross: 100,
            net: 66
        }
    );
}

#[test]
fn what_comes_again_is_not_stopped_by_what_was_before() {
    let relisted = start("2026-04-10T10:00");
    let again = Happened {
        started: Some(start("2026-05-10T10:00")),
        stopped: Some(relisted),
        ..Happened::default()
    };
    assert_eq!(stands("C41", &again).0, Outcome::Running);
    let first = Happened {
        started: Some(start("2026-04-01T10:00")),
        ..again
    };
    assert_eq!(stands("C41", &first).0, Outcome::Met);
}

fn occasions(causes: &[Cause]) -> Vec<(&'static str, bool)> {
    causes
        .iter()
        .map(|c| (c.told.occasion.as_str(), c.told.when.is_some()))
        .collect()
}

#[test]
fn events_tell_clocks_what_happened() {
    let moved = |mv, from| Event::CaseMoved {
        mv,
        from,
        to: State::Gathering,
        on: None,
        reason: String::new(),
    };
    let sent = |forms: &[&str]| Event::RequestSent {
        request_id: "r1".into(),
        agency: "GP".into(),
        forms: forms.iter().map(ToString::to_string).collect(),
        due: day("2026-04-24"),
    };
    let table: &[(Event, &[(&str, bool)])] = &[
        (
            Event::NotificationAccepted {
                reference: "KM-2026-0001".into(),
            },
            &[("triage_completed", true)],
        ),
        (
            Event::CaseAssigned {
                user_id: "u".into(),
                role: Role::KeyWorker,
            },
            &[("key_worker_named", true)],
        ),
        (
            Event::CaseAssigned {
                user_id: "u".into(),
                role: Role::JarLead,
            },
            &[],
        ),
        (
            moved(Move::RecordComplete, State::PanelDeferred),
            &[("panel_completed", true), ("case_relisted", true)],
        ),
        (
            moved(Move::TransferOut, State::Gathering),
            &[("ended", true)],
        ),
        (
            moved(Move::TakeBack, State::TransferredOut),
            &[("ended", false)],
        ),
        (moved(Move::AwaitExternal, State::Gathering), &[]),
        (
            sent(&["reporting"]),
            &[
                ("agreed_date", true),
                ("request_sent", true),
                ("requests_sent", true),
            ],
        ),
        (
            Event::ResponseNil {
                request_id: "r1".into(),
                agency: "GP".into(),
            },
            &[("response_accepted", true)],
        ),
        (
            Event::CaseReopened {
                version: 2,
                reason: "x".into(),
            },
            &[("national_final_accepted", false)],
        ),
        (Event::SignedIn {}, &[]),
    ];
    for (event, wanted) in table {
        assert_eq!(occasions(&causes(event)), *wanted, "{}", event.name());
    }
    let asked = |event: &Event| causes(event).into_iter().find_map(|c| c.asked);
    assert_eq!(
        asked(&sent(&["reporting", "drowning"])),
        Some(Asked::Reporting)
    );
    assert_eq!(asked(&sent(&["drowning"])), Some(Asked::Supplementary));
}

#[test]
fn the_record_tells_clocks_what_it_says() {
    let mut answers = Answers::default();
    answers.set("date_of_death", Answer::Date(day("2026-03-27")));
    answers.set("jar_required", Answer::Choice("yes".into()));
    answers.set("jar_meeting_date", Answer::Date(day("2026-05-01")));
    let of = |answers: &Answers, occasion| {
        let all = told("notification", answers, day("2026-04-01"));
        all.into_iter()
            .find(|t| t.occasion == occasion)
            .unwrap()
            .when
    };
    assert_eq!(
        of(&answers, Occasion::Death),
        Some(When::Given(start("2026-03-27")))
    );
    assert_eq!(of(&answers, Occasion::JarTriggered), Some(When::Noted));
    assert_eq!(
        of(&answers, Occasion::JarInitialMeetingHeld),
        None,
        "a day to come is a plan"
    );
    answers.set("jar_required", Answer::Choice("no".into()));
    answers.set("time_of_death", Answer::Time("14:05:00".parse().unwrap()));
    assert_eq!(
        of(&answers, Occasion::Death),
        Some(When::Given(start("2026-03-27T14:05")))
    );
    assert_eq!(of(&answers, Occasion::JarTriggered), None);
    // That there is none is for the team to say.
    assert_eq!(of(&answers, Occasion::JarDecided), None);
    answers.set("family_leaflet_given", Answer::Choice("no".into()));
    assert_eq!(of(&answers, Occasion::LeafletRecorded), None);
    answers.set("family_leaflet_given", Answer::Choice("yes".into()));
    assert_eq!(of(&answers, Occasion::LeafletRecorded), Some(When::Noted));
    for form in ["notification", "cdrm_jar", "analysis"] {
        for told in told(form, &Answers::default(), day("2026-04-01")) {
            assert!(
                is_recorded(told.occasion) || told.occasion == Occasion::JarMeetingHeld,
                "{:?}",
                told.occasion
            );
        }
    }
    assert!(told("reporting", &answers, day("2026-04-01")).is_empty());
}

fn unit() -> impl Strategy<Value = Unit> {
    proptest::sample::select(Unit::ALL)
}

fn moment() -> impl Strategy<Value = DateTime<Utc>> {
    // 2012 to 2027, by the minute.
    (0_i64..8_000_000).prop_map(|m| shown("2012-01-01T00:00") + Duration::minutes(m))
}

proptest! {
    #[test]
    fn a_longer_clock_is_never_due_sooner(unit in unit(), at in moment(), n in 0_u32..200, more in 0_u32..20) {
        let due = |n| clock(n, unit, Direction::After).due(Start::Moment(at), holidays()).unwrap();
        prop_assert!(due(n) <= due(n + more));
        prop_assert!(unit == Unit::Hours || london(due(n)).time() == end_of(day("2026-01-01")).time());
    }

    #[test]
    fn a_later_start_is_never_due_sooner(unit in unit(), at in moment(), n in 0_u32..200, later in 0_i64..5_000) {
        let due = |at| clock(n, unit, Direction::After).due(Start::Moment(at), holidays()).unwrap();
        prop_assert!(due(at) <= due(at + Duration::minutes(later)));
    }

    #[test]
    fn working_days_end_on_a_working_day_and_count_back(at in moment(), n in 1_u32..60) {
        let forward = clock(n, Unit::WorkingDays, Direction::After).due(Start::Moment(at), holidays()).unwrap();
        let last = london(forward).date();
        prop_assert!(holidays().works(last));
        let first = london(at).date();
        let whole = holidays().between(first.succ_opt().unwrap(), last.succ_opt().unwrap());
        prop_assert_eq!(whole, n);
        if holidays().works(first) {
            prop_assert_eq!(holidays().before(last, n), Some(first));
        }
    }

    #[test]
    fn hours_are_hours_whatever_londons_clocks_do(at in moment(), n in 0_u32..500) {
        let due = clock(n, Unit::Hours, Direction::After).due(Start::Moment(at), holidays()).unwrap();
        prop_assert_eq!((due - at).num_hours(), i64::from(n));
    }

    #[test]
    fn a_pause_never_brings_the_due_time_forward_and_net_is_within_gross(
        unit in unit(), at in moment(), n in 0_u32..100,
        spans in proptest::collection::vec((0_i64..200_000, 0_i64..50_000, any::<bool>()), 0..5), end in 0_i64..400_000,
    ) {
        let clock = clock(n, unit, Direction::After);
        let began = Start::Moment(at);
        let pauses: Vec<Pause> = spans.iter().map(|(from, long, open)| {
            let from = at + Duration::minutes(*from);
            Pause { from, to: (!open).then(|| from + Duration::minutes(*long)) }
        }).collect();
        let due = clock.due(began, holidays()).unwrap();
        let moved = clock.moved(due, began, &pauses, holidays());
        prop_assert!(moved >= due);
        let mut turned = pauses.clone();
        turned.reverse();
        prop_assert_eq!(clock.moved(due, began, &turned, holidays()), moved);
        let spent = clock.spent(began, at + Duration::minutes(end), &pauses, holidays());
        prop_assert!(0 <= spent.net && spent.net <= spent.gross);
        if pauses.is_empty() {
            prop_assert_eq!(spent.net, spent.gross);
            prop_assert_eq!(moved, due);
        }
    }

    #[test]
    fn a_clock_stopped_in_time_is_met_and_one_stopped_late_is_missed(unit in unit(), at in moment(), n in 0_u32..60, off in -3_000_i64..3_000) {
        let clock = clock(n, unit, Direction::After);
        let due = clock.due(Start::Moment(at), holidays()).unwrap();
        let stop = due + Duration::minutes(off);
        let happened = Happened { started: Some(Start::Moment(at)), stopped: Some(Start::Moment(stop)), ..Happened::default() };
        let outcome = clock.standing(&happened, holidays()).outcome;
        prop_assert_eq!(outcome == Outcome::Missed, clock.is_late(due, stop));
        if off <= 0 { prop_assert_eq!(outcome, Outcome::Met); }
        if off > 24 * 60 + 60 { prop_assert_eq!(outcome, Outcome::Missed); }
    }
}

#[test]
fn a_panel_tells_its_clocks_by_how_the_case_stands_there() {
    let at = |state, on: &str, declared, signed| AtPanel {
        state,
        on: day(on),
        declared,
        released: declared,
        signed,
    };
    let says = |all: &[AtPanel], occasion| {
        let told = told_by_panels(all, true);
        told.into_iter()
            .find(|told| told.occasion == occasion)
            .unwrap()
            .when
    };
    let on = |text: &str| Some(When::Given(Start::Day(day(text))));
    assert_eq!(says(&[], Occasion::PanelDate), None);
    let listed = at(ItemState::Listed, "2026-05-11", false, false);
    assert_eq!(says(&[listed], Occasion::PanelDate), on("2026-05-11"));
    assert_eq!(says(&[listed], Occasion::PanelHeld), None);
    let off = at(ItemState::Deferred, "2026-05-11", false, false);
    assert_eq!(says(&[off], Occasion::PanelDate), None);
    let declared = AtPanel {
        declared: true,
        ..off
    };
    assert_eq!(says(&[declared], Occasion::PanelDate), on("2026-05-11"));
    let held = at(ItemState::Reviewed, "2026-05-11", true, true);
    let again = at(ItemState::Listed, "2026-09-07", false, false);
    let both = [held, again];
    assert_eq!(says(&both, Occasion::PanelDate), on("2026-09-07"));
    assert_eq!(says(&both, Occasion::InterestsDeclared), None);
    assert_eq!(says(&both, Occasion::PackReleased), None);
    assert_eq!(says(&[held], Occasion::PackReleased), Some(When::Noted));
    assert_eq!(says(&both, Occasion::PanelHeld), on("2026-05-11"));
    assert_eq!(
        says(&both, Occasion::RecommendationAgreed),
        Some(When::Noted)
    );
    let none = told_by_panels(&both, false);
    assert!(
        none.iter()
            .all(|t| t.occasion != Occasion::RecommendationAgreed || t.when.is_none())
    );
    assert!(
        told_by_panels(&both, true)
            .iter()
            .all(|t| is_recorded(t.occasion))
    );
}

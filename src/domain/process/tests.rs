//! The shipped kinds, what a wrong file is told, the table of moves, and what follows when holds are lifted.

use proptest::prelude::*;

use super::*;
use crate::domain::case::next;
use crate::domain::clock::{Clocks, Occasion, PauseReason, When};

const HEAD: &str =
    "code,label,holds,may_change,check_every,clock,step,step_clock,next_clock,pauses,basis,note";

fn clocks() -> Clocks {
    Clocks::load(
        include_str!("../../../fixtures/clocks.csv"),
        include_str!("../../../fixtures/bank_holidays.csv"),
    )
    .unwrap()
}

fn kinds() -> Kinds {
    Kinds::load(include_str!("../../../fixtures/processes.csv"), &clocks()).unwrap()
}

#[test]
fn the_table_in_the_comment_is_the_table_in_the_code() {
    let written: Vec<String> = include_str!("mod.rs")
        .lines()
        .filter_map(|line| line.strip_prefix("//! | "))
        .filter(|line| !line.starts_with("from |"))
        .map(|line| line.trim_end_matches('|').trim_end().to_owned())
        .collect();
    let coded: Vec<String> = MOVES
        .iter()
        .map(|(from, to)| {
            let to: Vec<&str> = to.iter().map(|state| state.as_str()).collect();
            format!("{} | {}", from.as_str(), to.join(", "))
                .trim_end()
                .to_owned()
        })
        .collect();
    assert_eq!(written, coded);
}

#[test]
fn every_state_has_its_line_and_only_a_mistake_cannot_be_left() {
    for state in State::ALL {
        assert_eq!(MOVES.iter().filter(|(from, _)| from == state).count(), 1);
        assert_eq!(state.next().is_empty(), *state == State::Mistaken);
        assert!(state.may_follow(*state) && !state.next().contains(state));
        assert!(*state == State::Mistaken || State::Mistaken.may_follow(*state));
    }
}

#[test]
fn the_shipped_kinds_hold_what_the_process_says() {
    let kinds = kinds();
    let holds = |code: &str| kinds.get(code).unwrap().holds;
    assert_eq!(holds("inquest"), Holds::of(&[Held::Panel]));
    assert_eq!(holds("post_mortem"), Holds::of(&[Held::Meeting]));
    assert_eq!(holds("complaint"), Holds::default());
    assert!(kinds.all().len() >= 15);
    let criminal = kinds.get("criminal").unwrap();
    assert_eq!(criminal.pauses, Some(PauseReason::CriminalProceedings));
    assert_eq!(kinds.label("gone"), "gone");
    let inquests = kinds.that_stop(&clocks(), Occasion::InquestConcluded);
    assert_eq!(inquests.len(), 1);
    // What a kind names must be what clocks can be started and stopped by.
    for kind in kinds.all() {
        for id in [&kind.clock, &kind.step_clock, &kind.next_clock]
            .into_iter()
            .flatten()
        {
            let clock = clocks().get(id).unwrap().clone();
            for occasion in [clock.starts_on, clock.stops_on] {
                assert!(
                    crate::domain::clock::is_recorded(occasion),
                    "{id} {occasion}"
                );
            }
        }
    }
}

#[test]
fn processes_of_one_kind_speak_together() {
    let day = |text: &str| text.parse().ok();
    let of = |state, began, over| Days {
        state,
        began: day(began),
        step: None,
        over: day(over),
    };
    let first = of(State::UnderWay, "2026-05-01", "");
    let second = of(State::UnderWay, "2026-06-01", "");
    assert_eq!(Days::together(&[second, first]), first);
    let over = of(State::Concluded, "2026-05-01", "2026-06-20");
    // The one that is over does not end the one that goes on, nor lend it its day.
    assert_eq!(Days::together(&[over, second]), second);
    let last = of(State::Concluded, "2026-06-01", "2026-07-01");
    assert_eq!(Days::together(&[last, over]), last);
    let mistaken = of(State::Mistaken, "2026-04-01", "");
    assert_eq!(Days::together(&[mistaken, second]), second);
    assert_eq!(Days::together(&[mistaken]).began, None);
    assert_eq!(Days::together(&[]).state, State::Mistaken);
}

#[test]
fn a_wrong_line_is_named_by_file_line_and_column() {
    for (line, said) in [
        ("Inquest,A,,yes,28,,,,,,seen,", "column code: must be small"),
        ("a,,,yes,28,,,,,,seen,", "column label: must say"),
        (
            "a,A,tea,yes,28,,,,,,seen,",
            "column holds: “tea” must be one of",
        ),
        (
            "a,A,,perhaps,28,,,,,,seen,",
            "column may_change: must be yes",
        ),
        ("a,A,,yes,0,,,,,,seen,", "column check_every: must be"),
        (
            "a,A,,yes,28,C99,,,,,seen,",
            "column clock: there is no clock C99",
        ),
        (
            "a,A,,yes,28,C21,,,,,seen,",
            "column clock: C21 is a clock of requests",
        ),
        ("a,A,,yes,28,,,C16,,,seen,", "column step: must say"),
        (
            "a,A,,yes,28,,,,,rain,seen,",
            "column pauses: “rain” must be",
        ),
        ("a,A,,yes,28,,,,,,heard,", "column basis: “heard” must be"),
        ("a,A,,yes,28", "column basis: is missing"),
    ] {
        let faults = Kinds::load(&format!("{HEAD}\n{line}\n"), &clocks()).unwrap_err();
        let found = faults
            .iter()
            .any(|f| f.starts_with("processes.csv:2: ") && f.contains(said));
        assert!(found, "{line}: {faults:?}");
    }
    let twice = format!("{HEAD}\na,A,,yes,28,,,,,,seen,\na,A,,yes,28,,,,,,seen,\n");
    assert_eq!(
        Kinds::load(&twice, &clocks()).unwrap_err(),
        ["processes.csv:3: column code: a stands in an earlier line"]
    );
    assert!(Kinds::load(HEAD, &clocks()).is_err());
}

#[test]
fn a_process_tells_the_clocks_and_takes_its_word_back() {
    let (kinds, clocks) = (kinds(), clocks());
    let kind = kinds.get("serious_incident").unwrap();
    let day = |text: &str| Some(text.parse().unwrap());
    let said = |state, over: &str| {
        let days = Days {
            state,
            began: day("2026-04-01"),
            step: None,
            over: day(over),
        };
        kind.told(days, &clocks)
            .into_iter()
            .map(|told| (told.occasion, matches!(told.when, Some(When::Given(_)))))
            .collect::<Vec<_>>()
    };
    let expect = |aware, over, sent| {
        vec![
            (Occasion::AuthorityAware, aware),
            (Occasion::SeriousIncidentSentOrNotMet, over),
            (Occasion::SafeguardingPartnersTold, false),
            (Occasion::SeriousIncidentSent, sent),
        ]
    };
    assert_eq!(
        said(State::UnderWay, "2026-04-03"),
        expect(true, false, false)
    );
    assert_eq!(
        said(State::Concluded, "2026-04-03"),
        expect(true, true, true)
    );
    assert_eq!(
        said(State::NotPursued, "2026-04-03"),
        expect(true, true, false)
    );
    assert_eq!(
        said(State::Mistaken, "2026-04-03"),
        expect(false, false, false)
    );
}

#[test]
fn no_kind_starts_a_clock_of_another() {
    let told = |code: &str| -> Vec<Occasion> {
        let days = Days {
            state: State::UnderWay,
            began: "2026-04-01".parse().ok(),
            step: None,
            over: None,
        };
        let all = kinds().get(code).unwrap().told(days, &clocks());
        let so = all.into_iter().filter(|told| told.when.is_some());
        so.map(|told| told.occasion).collect()
    };
    assert_eq!(told("serious_incident"), [Occasion::AuthorityAware]);
    assert_eq!(told("looked_after"), [Occasion::LookedAfterDeathKnown]);
    // C15 and C16 begin with the same event, so a kind that carried one of them alone would start both.
    let wrong = format!("{HEAD}\na,A,,yes,28,C15,,,,,seen,\nb,B,,yes,28,C16,,,,,seen,\n");
    assert_eq!(
        Kinds::load(&wrong, &clocks()).unwrap_err(),
        [
            "processes.csv: a process of the kind a would start C16, which it does not carry",
            "processes.csv: a process of the kind b would start C15, which it does not carry",
        ]
    );
}

#[test]
fn a_case_that_waits_goes_on_when_nothing_holds_it() {
    let (none, panel, meeting) = (
        Holds::default(),
        Holds::of(&[Held::Panel]),
        Holds::of(&[Held::Meeting]),
    );
    let waiting = CaseState::AwaitingExternal;
    for (state, held, lifted, left, said) in [
        (waiting, true, panel, none, Some(Move::MakeReady)),
        (
            CaseState::CdrmHeld,
            true,
            panel,
            none,
            Some(Move::MakeReady),
        ),
        (
            CaseState::PanelDeferred,
            true,
            panel,
            none,
            Some(Move::MakeReady),
        ),
        (waiting, true, panel, panel, None),
        (waiting, true, none, none, None),
        (CaseState::Listed, true, panel, none, None),
        (waiting, false, meeting, panel, Some(Move::ResumeGathering)),
        (waiting, false, panel, none, Some(Move::ResumeGathering)),
        (waiting, false, panel, meeting, None),
        (CaseState::Gathering, false, meeting, none, None),
    ] {
        assert_eq!(
            move_after(state, held, lifted, left),
            said,
            "{state} {lifted:?} {left:?}"
        );
    }
}

fn holds() -> impl Strategy<Value = Holds> {
    (any::<bool>(), any::<bool>()).prop_map(|(meeting, panel)| Holds { meeting, panel })
}

proptest! {
    #[test]
    fn what_follows_by_itself_is_a_move_of_the_table(
        state in proptest::sample::select(CaseState::ALL), held in any::<bool>(), lifted in holds(), left in holds(),
    ) {
        if let Some(mv) = move_after(state, held, lifted, left) {
            prop_assert!(next(state, mv).is_ok());
            prop_assert!(lifted.any() && !(left.meeting && left.panel));
            prop_assert!(mv != Move::MakeReady || !left.any());
        }
    }

    #[test]
    fn what_is_lifted_was_held_and_is_not_any_more(before in holds(), after in holds()) {
        let lifted = after.lifted_since(before);
        for held in Held::ALL {
            prop_assert_eq!(lifted.holds(*held), before.holds(*held) && !after.holds(*held));
        }
        prop_assert_eq!(Holds::all([before, after]).any(), before.any() || after.any());
    }
}

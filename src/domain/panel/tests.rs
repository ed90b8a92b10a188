//! Routes, quorum, agenda and pack numbers.

use chrono::{Duration, NaiveDate, NaiveDateTime};
use proptest::prelude::*;

use super::{Counting, Interest, Member, Prompts, Represented, Routes, agenda, pack_number};
use crate::domain::sample::library;

const ROUTES: &str = include_str!("../../../fixtures/panel_routes.csv");
const QUORUM: &str = include_str!("../../../fixtures/quorum.csv");

const PROMPTS: &str = include_str!("../../../fixtures/panel_prompts.csv");

fn starts() -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2026, 5, 6)
        .unwrap()
        .and_hms_opt(9, 0, 0)
        .unwrap()
}

fn counting() -> Counting {
    Counting::load(library().current(), QUORUM).unwrap()
}

fn member(agency: &str, chairs: bool, interest: Interest) -> Member<'_> {
    Member {
        agency: Some(agency),
        there: true,
        chairs,
        interest: Some(interest),
    }
}

#[test]
fn the_shipped_routes_load_and_a_bad_line_is_named() {
    let routes = Routes::load(library().current(), ROUTES).unwrap();
    let codes: Vec<&str> = routes.all().iter().map(|r| r.code.as_str()).collect();
    assert_eq!(codes, ["full", "neonatal", "expected"]);
    let head = "route,label,minutes,on,condition,reason,basis\n";
    let last = "full,Full,45,,,,proposed\n";
    for (line, column) in [
        ("short,Short,0,,,,x", "minutes"),
        (
            "short,Short,20,notification,no_such_question = yes,,x",
            "condition",
        ),
        (",Short,20,,,,x", "route"),
        ("short,Short,20,,,,", "basis"),
    ] {
        let faults =
            Routes::load(library().current(), &format!("{head}{line}\n{last}")).unwrap_err();
        let wanted = format!("panel_routes.csv:2: column {column}:");
        assert!(faults[0].starts_with(&wanted), "{faults:?}");
    }
    assert!(Routes::load(library().current(), head).is_err());
}

#[test]
fn quorum_falls_with_the_interests_of_those_who_make_it() {
    let all = counting();
    let people = |doctor: Interest, chair: Interest| {
        vec![
            member("hospital_paeds", false, doctor),
            member("social_care", false, Interest::None),
            member("public_health", true, chair),
        ]
    };
    assert!(all.quorum(&people(Interest::None, Interest::None)).is_met());
    for interest in [
        Interest::Professional,
        Interest::LineManaged,
        Interest::Personal,
    ] {
        let fallen = all.quorum(&people(interest, Interest::None));
        assert!(
            !fallen.health && fallen.authority && fallen.chair,
            "{interest}"
        );
        assert!(
            !all.quorum(&people(Interest::None, interest)).chair,
            "{interest}"
        );
    }
    let police = [member("police", true, Interest::None)];
    assert!(
        !all.quorum(&police).chair,
        "not independent of a main provider"
    );
    let alone = [
        member("hospital_paeds", false, Interest::None),
        member("public_health", true, Interest::None),
    ];
    assert!(
        !all.quorum(&alone).authority,
        "the chair speaks for no agency"
    );
    assert_eq!(all.quorum(&[]).missing().len(), 3);
}

#[test]
fn the_shipped_prompts_load_and_a_bad_line_is_named() {
    Prompts::load(library().current(), PROMPTS).unwrap();
    let head = "section,on,condition,words,basis\n";
    for (line, column) in [
        ("nowhere,notification,sex = male,Look.,x", "section"),
        ("category,notification,nothing = male,Look.,x", "condition"),
        ("category,notification,sex = male,,x", "words"),
        ("category,notification,sex = male,Look.,", "basis"),
    ] {
        let faults = Prompts::load(library().current(), &format!("{head}{line}\n")).unwrap_err();
        let wanted = format!("panel_prompts.csv:2: column {column}:");
        assert!(faults[0].starts_with(&wanted), "{faults:?}");
    }
}

#[test]
fn a_bad_line_of_the_quorum_is_named() {
    let head = "counts_as,agency,source\n";
    for (line, column) in [
        ("wealth,gp,x", "counts_as"),
        ("health,nobody,x", "agency"),
        ("health,gp,", "source"),
    ] {
        let faults = Counting::load(library().current(), &format!("{head}{line}\n")).unwrap_err();
        assert!(
            faults[0].starts_with(&format!("quorum.csv:2: column {column}:")),
            "{faults:?}"
        );
    }
}

proptest! {
    #[test]
    fn nobody_sits_long_without_a_break_and_nothing_overlaps(items in prop::collection::vec(5_i64..=60, 0..14), lasts in 30_i32..480) {
        let plan = agenda(starts(), lasts, &items);
        prop_assert_eq!(plan.slots.len(), items.len());
        let mut at = starts();
        let mut rested = starts();
        for slot in &plan.slots {
            prop_assert!(slot.begins >= at);
            if slot.after_break {
                prop_assert!(slot.begins >= at + Duration::minutes(15));
                rested = slot.begins;
            }
            at = slot.begins + Duration::minutes(slot.minutes);
            prop_assert!(at - rested <= Duration::minutes(90));
        }
        prop_assert_eq!(plan.over == 0, plan.ends <= starts() + Duration::minutes(i64::from(lasts)));
    }

    #[test]
    fn a_pack_number_is_new_and_says_nothing_of_how_many_there_are(drawn in prop::collection::vec(0_u32..1000, 200)) {
        let mut taken: Vec<String> = Vec::new();
        let mut draws = drawn.into_iter().chain(0..);
        for _ in 0..20 {
            let number = pack_number(&taken, || draws.next().unwrap());
            prop_assert!(!taken.contains(&number));
            taken.push(number);
        }
    }
}

#[test]
fn every_agency_ticks_a_box_and_each_box_once() {
    let library = library();
    let dict = library.current();
    let text = include_str!("../../../fixtures/represented.csv");
    let all = Represented::load(dict, text).unwrap();
    for agency in dict.codes("agency") {
        assert_eq!(all.boxes(&[&agency.code]).len(), 1, "{}", agency.code);
    }
    assert_eq!(
        all.boxes(&["police", "gp", "health_visiting", "nobody"]),
        ["primary_care", "police"]
    );
    let head = "agency,represented,basis\n";
    for (line, column) in [
        ("nobody,police,x", "agency"),
        ("gp,nothing,x", "represented"),
        ("gp,primary_care,", "basis"),
    ] {
        let faults = Represented::load(dict, &format!("{head}{line}\n")).unwrap_err();
        assert!(
            faults[0].starts_with(&format!("represented.csv:2: column {column}:")),
            "{faults:?}"
        );
    }
}

//! Invitations as another program's reader understands them, and the outline of minutes.

use chrono::{DateTime, Utc};
use icalendar::{Calendar, CalendarDateTime, Component, DatePerhapsTime, EventLike};
use proptest::prelude::*;

use super::{Invitation, Outlines, Purpose, calendar};
use crate::domain::sample::library;

const SHIPPED: &str = include_str!("../../../fixtures/minutes.csv");

fn invitation(starts: &str) -> Invitation {
    Invitation {
        uid: "0190@cdr".into(),
        sequence: 3,
        cancelled: false,
        starts: starts.parse().unwrap(),
        minutes_long: 90,
        title: "Child death review meeting".into(),
        place: "Room 1; first floor, by video".into(),
        text: "Sign in to read more.\nNothing is attached.".into(),
        organiser: "team@cdr.example".into(),
        attendee: "sample@cdr.example".into(),
    }
}

fn now() -> DateTime<Utc> {
    "2026-03-01T09:00:00Z".parse().unwrap()
}

fn read(of: &Invitation) -> Calendar {
    calendar(of, now()).parse().unwrap()
}

fn local(of: &Invitation) -> (String, String) {
    let read = read(of);
    let event = read.events().next().unwrap();
    match event.get_start().unwrap() {
        DatePerhapsTime::DateTime(CalendarDateTime::WithTimezone { date_time, tzid }) => {
            (date_time.to_string(), tzid)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn another_reader_understands_it_on_both_sides_of_a_clock_change() {
    let winter = local(&invitation("2026-03-27T14:00:00Z"));
    assert_eq!(
        winter,
        ("2026-03-27 14:00:00".to_owned(), "Europe/London".to_owned())
    );
    let summer = local(&invitation("2026-03-30T13:00:00Z"));
    assert_eq!(
        summer.0, "2026-03-30 14:00:00",
        "two in the afternoon either way"
    );
}

#[test]
fn a_move_and_a_cancellation_are_of_the_same_event() {
    let before = invitation("2026-03-27T14:00:00Z");
    let gone = Invitation {
        sequence: 4,
        cancelled: true,
        ..before.clone()
    };
    let (one, other) = (read(&before), read(&gone));
    let (a, b) = (one.events().next().unwrap(), other.events().next().unwrap());
    assert_eq!(a.get_uid(), b.get_uid());
    assert_eq!((a.get_sequence(), b.get_sequence()), (Some(3), Some(4)));
    assert_eq!(b.property_value("STATUS"), Some("CANCELLED"));
    assert!(calendar(&gone, now()).contains("METHOD:CANCEL\r\n"));
    assert_eq!(a.get_location(), Some("Room 1; first floor, by video"));
}

#[test]
fn the_shipped_outline_loads_and_a_bad_line_is_named() {
    let outlines = Outlines::load(library().current(), SHIPPED).unwrap();
    assert!(
        Purpose::ALL
            .iter()
            .all(|purpose| outlines.of(*purpose).count() >= 5)
    );
    let head = "purpose,part,label,hint,to_form,to_field,basis\n";
    for (line, column) in [
        ("party,a,A,,,,x", "purpose"),
        ("review,,A,,,,x", "part"),
        ("review,a,A,,cdrm_jar,cdrm_date,x", "to_field"),
        ("review,a,A,,cdrm_jar,nothing,x", "to_field"),
        ("review,a,A,,,,", "basis"),
    ] {
        let faults = Outlines::load(library().current(), &format!("{head}{line}\n")).unwrap_err();
        assert!(
            faults[0].starts_with(&format!("minutes.csv:2: column {column}:")),
            "{faults:?}"
        );
    }
}

#[test]
fn a_part_that_fills_a_choice_takes_its_codes_alone() {
    let outlines = Outlines::load(library().current(), SHIPPED).unwrap();
    let part = |code: &str| {
        let mut all = outlines.of(Purpose::Review);
        all.find(|part| part.code == code).unwrap()
    };
    let held_as = part("held_as");
    assert_eq!(held_as.shown("perinatal"), "Perinatal mortality review");
    assert!(held_as.fault("perinatal").is_none() && held_as.fault("").is_none());
    assert!(held_as.fault("a party").is_some());
    let held_by = part("held_by");
    assert!(held_by.fault("Sample hospital").is_none());
    assert!(held_by.fault("Two\nlines").is_some() && held_by.fault(&"x".repeat(301)).is_some());
    assert!(part("cause").fault("Two\nlines").is_none());
}

proptest! {
    #[test]
    fn whatever_is_typed_stays_one_event_with_one_attendee(place in "\\PC{0,120}", attendee in "[a-z]{1,9}\\PC{0,20}") {
        let of = Invitation { place, attendee, ..invitation("2026-07-01T09:00:00Z") };
        let text = calendar(&of, now());
        let lines: Vec<String> = text.replace("\r\n ", "").split("\r\n").map(str::to_owned).collect();
        prop_assert_eq!(lines.iter().filter(|line| line.starts_with("BEGIN:VEVENT")).count(), 1);
        prop_assert_eq!(lines.iter().filter(|line| line.starts_with("ATTENDEE")).count(), 1);
    }
}

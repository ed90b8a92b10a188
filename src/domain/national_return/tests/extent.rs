//! Which cases a return holds, and how much of them.

use super::sample::{at, day, order};
use super::*;

fn finalised(on: &str) -> ReturnCase {
    ReturnCase {
        status: Status::Finalised,
        notified_at: at("2024-06-01T10:00:00Z"),
        finalised_at: Some(at(on)),
        ..ReturnCase::default()
    }
}

fn withdrawn(status: Status, sent_before: bool) -> ReturnCase {
    ReturnCase {
        status,
        sent_before,
        notified_at: at("2025-06-01T10:00:00Z"),
        withdrawn_at: Some(at("2025-06-02T10:00:00Z")),
        ..ReturnCase::default()
    }
}

fn open(notified: &str) -> ReturnCase {
    ReturnCase {
        notified_at: at(notified),
        ..ReturnCase::default()
    }
}

#[test]
fn a_year_end_is_drawn_as_at_its_last_day() {
    use Extent::{Full, Notification, Tombstone};
    let transferred = |on: &str| ReturnCase {
        status: Status::Transferred,
        transfer: Some(Transfer {
            to_cdop: "XX".to_owned(),
            on: day(on),
        }),
        ..open("2024-05-01T10:00:00Z")
    };
    let legacy = ReturnCase {
        reviewed_on: Some(day("2019-03-31")),
        ..finalised("2025-06-01T10:00:00Z")
    };
    let reopened = ReturnCase {
        status: Status::Reopened,
        ..open("2023-05-01T10:00:00Z")
    };
    for (case, year_end, annual) in [
        (finalised("2025-04-01T00:30:00Z"), Some(Full), Some(Full)),
        // Half past eleven in the evening in London is still the day before.
        (finalised("2025-03-31T22:30:00Z"), None, None),
        // Twenty to midnight London time on the last day.
        (finalised("2026-03-31T22:40:00Z"), Some(Full), Some(Full)),
        (
            finalised("2026-04-01T10:00:00Z"),
            Some(Notification),
            Some(Notification),
        ),
        (
            open("2019-05-01T10:00:00Z"),
            Some(Notification),
            Some(Notification),
        ),
        (open("2026-04-01T10:00:00Z"), None, None),
        (reopened, Some(Notification), Some(Notification)),
        (
            transferred("2025-05-01"),
            Some(Notification),
            Some(Notification),
        ),
        (transferred("2025-03-31"), None, None),
        (withdrawn(Status::Duplicate, false), Some(Tombstone), None),
        (withdrawn(Status::OutOfScope, true), Some(Tombstone), None),
        (withdrawn(Status::OutOfScope, false), None, None),
        (legacy, None, None),
    ] {
        assert_eq!(extent(&order(Kind::YearEnd), &case), year_end, "{case:?}");
        assert_eq!(
            extent(&order(Kind::AnnualReport), &case),
            annual,
            "{case:?}"
        );
    }
}

#[test]
fn each_kind_takes_its_own() {
    let cases = [
        finalised("2025-06-01T10:00:00Z"),
        open("2025-06-01T10:00:00Z"),
        withdrawn(Status::OutOfScope, false),
    ];
    for (kind, expected) in [
        (Kind::Notification, [None, Some(Extent::Notification), None]),
        (Kind::Final, [Some(Extent::Full), None, None]),
        (Kind::Withdrawal, [None, None, Some(Extent::Tombstone)]),
    ] {
        assert_eq!(
            cases.each_ref().map(|case| extent(&order(kind), case)),
            expected,
            "{kind:?}"
        );
    }
}

#[test]
fn one_case_is_taken_whatever_the_period() {
    let wanted = ReturnCase {
        id: "a".to_owned(),
        ..finalised("2021-06-01T10:00:00Z")
    };
    let other = ReturnCase {
        id: "b".to_owned(),
        ..finalised("2025-06-01T10:00:00Z")
    };
    let order = Order {
        case: Some("a".to_owned()),
        ..order(Kind::Final)
    };
    assert_eq!(extent(&order, &wanted), Some(Extent::Full));
    assert_eq!(extent(&order, &other), None);
}

#[test]
fn the_file_name_says_nothing_of_a_child() {
    let order = Order {
        cdop: "K&M/..".to_owned(),
        ..order(Kind::YearEnd)
    };
    let name = "cdr_return_K-M---_2025-04-01_2026-03-31_20260402T083000Z.zip";
    assert_eq!(order.file_name(), name);
}

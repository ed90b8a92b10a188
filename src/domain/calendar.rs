//! London time, and working days. Times are stored in UTC and shown and typed in London's.

use chrono::{
    DateTime, Datelike, Duration, LocalResult, NaiveDate, NaiveDateTime, TimeZone, Utc, Weekday,
};
use chrono_tz::Europe::London;

/// The time on a London clock.
pub fn london(moment: DateTime<Utc>) -> NaiveDateTime {
    moment.with_timezone(&London).naive_local()
}

/// The moment a London clock shows a time. In October's repeated hour the first is meant; a time
/// in March's missing hour, which no clock showed, is read as if it had not been put forward.
pub fn utc_of_london(shown: NaiveDateTime) -> DateTime<Utc> {
    match London.from_local_datetime(&shown) {
        LocalResult::Single(moment) | LocalResult::Ambiguous(moment, _) => {
            moment.with_timezone(&Utc)
        }
        // The gap begins and ends on UTC's own hour: before it London is on UTC.
        LocalResult::None => shown.and_utc(),
    }
}

/// The working day `n` working days after a date; weekends and the given holidays do not count.
/// With `n` of 0 the date itself, or the next working day where it is none.
pub fn add_working_days(date: NaiveDate, n: u32, holidays: &[NaiveDate]) -> NaiveDate {
    let works = |day: NaiveDate| {
        !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) && !holidays.contains(&day)
    };
    let mut day = date;
    let mut left = n;
    while left > 0 || !works(day) {
        let Some(next) = day.checked_add_signed(Duration::days(1)) else {
            return day;
        };
        day = next;
        if left > 0 && works(day) {
            left -= 1;
        }
    }
    day
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> NaiveDateTime {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").unwrap()
    }

    #[test]
    fn crosses_both_clock_changes() {
        for (utc, shown) in [
            ("2026-03-29T00:59", "2026-03-29T00:59"),
            ("2026-03-29T01:00", "2026-03-29T02:00"),
            ("2026-07-01T12:00", "2026-07-01T13:00"),
            ("2026-10-25T00:30", "2026-10-25T01:30"),
            ("2026-10-25T01:30", "2026-10-25T01:30"),
            ("2026-10-25T02:00", "2026-10-25T02:00"),
        ] {
            assert_eq!(london(at(utc).and_utc()), at(shown), "{utc}");
        }
        assert_eq!(
            utc_of_london(at("2026-10-25T01:30")),
            at("2026-10-25T00:30").and_utc()
        );
        assert_eq!(
            utc_of_london(at("2026-03-29T01:30")),
            at("2026-03-29T01:30").and_utc()
        );
        assert_eq!(
            london(utc_of_london(at("2026-03-29T01:30"))),
            at("2026-03-29T02:30")
        );
    }

    #[test]
    fn steps_over_weekends_and_holidays() {
        let d = |day| NaiveDate::from_ymd_opt(2026, 4, day).unwrap();
        let easter = [d(3), d(6)];
        assert_eq!(add_working_days(d(2), 1, &easter), d(7));
        assert_eq!(add_working_days(d(2), 1, &[]), d(3));
        assert_eq!(add_working_days(d(4), 0, &easter), d(7));
        assert_eq!(add_working_days(d(7), 0, &easter), d(7));
        assert_eq!(add_working_days(d(7), 15, &easter), d(28));
        assert_eq!(add_working_days(NaiveDate::MAX, 3, &[]), NaiveDate::MAX);
    }

    proptest! {
        #[test]
        fn there_and_back(minutes in 0_i64..20_000_000) {
            let moment = DateTime::from_timestamp(1_000_000_000 + minutes * 60, 0).unwrap();
            let back = utc_of_london(london(moment));
            // In the repeated hour the first of the two comes back.
            prop_assert!(back == moment || back == moment - Duration::hours(1));
        }
    }
}

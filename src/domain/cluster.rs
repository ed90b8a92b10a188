//! Counts that are higher than the years before: over so many months, of one value of one dimension, how many there were,
//! how many were to be expected, and how unlikely so many are by chance. It says that a person should look, and no more.
//! Must not know which cases there are.

use std::collections::BTreeMap;

use chrono::{Days, Months, NaiveDate};

use super::code::coded;
use super::table::{Line, lines};

const FILE: &str = "clusters.csv";
/// What is counted beside the dimensions by which cases are alike.
const PLACES: [&str; 2] = ["district", "provider"];
/// Years before the window with which it is compared, and the least days of them without which nothing is said.
const YEARS: u32 = 3;
const LEAST_DAYS: i64 = 365;
/// What is expected where there was none before: half a case in all that time.
const NEVER_SEEN: f64 = 0.5;

coded! {
    /// What a person found of one.
    pub enum Judgement {
        Open = "open", "To be looked at";
        Chance = "chance", "By chance";
        Look = "look", "To be looked into";
        Known = "known", "The cause is known";
    }
}

/// One rule: a dimension, a window, and what is unusual in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    pub dimension: String,
    pub label: String,
    pub months: u32,
    pub least: u32,
    pub unlikely: f64,
}

/// Every rule.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rules(Vec<Rule>);

/// One death as it is counted: its day and the values it has in each dimension.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Death {
    pub on: NaiveDate,
    pub values: BTreeMap<String, Vec<String>>,
}

/// A count that is unusual.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    pub dimension: String,
    pub value: String,
    pub months: u32,
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub count: u32,
    pub expected: f64,
    /// How likely so many or more are by chance.
    pub chance: f64,
}

/// How likely `count` or more are when `expected` are expected (Poisson).
pub fn tail(count: u32, expected: f64) -> f64 {
    if count == 0 {
        return 1.0;
    }
    // Each of the cases below `count`, from the first on, and what is left of 1.
    let mut one = (-expected).exp();
    let mut below = one;
    for n in 1..count {
        one *= expected / f64::from(n);
        below += one;
    }
    (1.0 - below).clamp(0.0, 1.0)
}

impl Rules {
    /// Reads the data file. `known` are the dimensions by which cases are alike.
    ///
    /// # Errors
    /// Everything that cannot be right, as `clusters.csv:5: column months: …`.
    pub fn load(known: &[&str], text: &str) -> Result<Self, Vec<String>> {
        let mut all = Vec::new();
        let faults = lines(FILE, text, |line| all.extend(line.rule(known)));
        if faults.is_empty() {
            Ok(Self(all))
        } else {
            Err(faults)
        }
    }

    /// The label of a dimension.
    pub fn label(&self, dimension: &str) -> Option<&str> {
        let of = self.0.iter().find(|rule| rule.dimension == dimension);
        of.map(|rule| rule.label.as_str())
    }

    /// The first day that any rule looks at.
    pub fn since(&self, today: NaiveDate) -> NaiveDate {
        let longest = self.0.iter().map(|rule| rule.months).max().unwrap_or(0);
        today - Months::new(longest + YEARS * 12)
    }

    /// Every count that is unusual as of a day.
    pub fn look(&self, deaths: &[Death], today: NaiveDate) -> Vec<Found> {
        let first = deaths.iter().map(|death| death.on).min();
        let Some(first) = first else {
            return Vec::new();
        };
        self.0
            .iter()
            .flat_map(|rule| rule.look(deaths, first, today))
            .collect()
    }
}

impl Rule {
    fn look(&self, deaths: &[Death], first: NaiveDate, today: NaiveDate) -> Vec<Found> {
        // The window ends today, and the years before it end the day before it begins.
        let from = today - Months::new(self.months) + Days::new(1);
        let before = (from - Months::new(YEARS * 12)).max(first);
        let days = (from - before).num_days();
        if days < LEAST_DAYS {
            return Vec::new();
        }
        let (mut now, mut then) = (BTreeMap::new(), BTreeMap::new());
        for death in deaths.iter().filter(|d| d.on >= before && d.on <= today) {
            let into = if death.on >= from {
                &mut now
            } else {
                &mut then
            };
            for value in death.values.get(&self.dimension).into_iter().flatten() {
                *into.entry(value.as_str()).or_insert(0_u32) += 1;
            }
        }
        let share = length(from, today) / days_of(days);
        let unusual = |(value, count): (&str, u32)| {
            let seen = then.get(value).copied().unwrap_or(0);
            let expected = f64::from(seen).max(NEVER_SEEN) * share;
            let chance = tail(count, expected);
            (count >= self.least && chance < self.unlikely).then(|| Found {
                dimension: self.dimension.clone(),
                value: value.to_owned(),
                months: self.months,
                from,
                to: today,
                count,
                expected,
                chance,
            })
        };
        now.into_iter().filter_map(unusual).collect()
    }
}

fn length(from: NaiveDate, to: NaiveDate) -> f64 {
    days_of((to - from).num_days() + 1)
}

fn days_of(days: i64) -> f64 {
    f64::from(i32::try_from(days).unwrap_or(i32::MAX))
}

impl Line<'_> {
    fn rule(&mut self, known: &[&str]) -> Option<Rule> {
        let (dimension, label) = (self.text("dimension"), self.text("label"));
        let months = self.text("months").parse().ok();
        let least = self.text("least").parse().ok();
        let unlikely = self.text("unlikely").parse::<f64>().ok();
        if !known.contains(&dimension.as_str()) && !PLACES.contains(&dimension.as_str()) {
            self.wrong("dimension", "is nothing that is counted");
        }
        if label.is_empty() {
            self.wrong("label", "is empty");
        }
        if months.is_none_or(|months: u32| !(1..=24).contains(&months)) {
            self.wrong("months", "must be a whole number from 1 to 24");
        }
        if least.is_none_or(|least: u32| least < 2) {
            self.wrong("least", "must be 2 or more: one case is no cluster");
        }
        if unlikely.is_none_or(|unlikely| unlikely <= 0.0 || unlikely >= 0.2) {
            self.wrong("unlikely", "must be between 0 and 0.2");
        }
        if self.text("basis").is_empty() {
            self.wrong("basis", "is empty");
        }
        self.is_sound().then_some(Rule {
            dimension,
            label,
            months: months?,
            least: least?,
            unlikely: unlikely?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn shipped() -> Rules {
        let text = include_str!("../../fixtures/clusters.csv");
        Rules::load(&["category", "mechanism", "product"], text).unwrap()
    }

    fn one(on: NaiveDate, dimension: &str, value: &str) -> Death {
        Death {
            on,
            values: BTreeMap::from([(dimension.to_owned(), vec![value.to_owned()])]),
        }
    }

    /// Worked out by hand: for 1 expected, P(≥1) = 1 − e⁻¹; P(≥3) = 1 − 2.5 e⁻¹; for 2, P(≥2) = 1 − 3 e⁻².
    #[test]
    fn the_tail_is_what_a_table_says() {
        for (count, expected, wanted) in [
            (0, 1.0, 1.0),
            (1, 1.0, 0.632_120_558_8),
            (3, 1.0, 0.080_301_397_1),
            (2, 2.0, 0.593_994_150_3),
            (5, 1.0, 0.003_659_846_8),
            (10, 4.0, 0.008_132_242_8),
        ] {
            let found = tail(count, expected);
            assert!(
                (found - wanted).abs() < 1e-9,
                "{count} of {expected}: {found}"
            );
        }
    }

    #[test]
    fn four_of_a_kind_where_there_was_none_are_found_and_a_steady_count_is_not() {
        let today = day("2026-06-30");
        let steady: Vec<Death> = (0..48_u32)
            .map(|month| one(day("2022-07-15") + Months::new(month), "district", "steady"))
            .collect();
        assert_eq!(shipped().look(&steady, today), []);
        let mut all = steady;
        all.extend((1..=4).map(|n| one(today - Days::new(10 * n), "mechanism", "blind_cord")));
        let found = shipped().look(&all, today);
        let months: Vec<u32> = found.iter().map(|f| f.months).collect();
        assert_eq!(months, [3, 6, 12]);
        let first = &found[0];
        assert_eq!(
            (first.value.as_str(), first.count, first.from),
            ("blind_cord", 4, day("2026-03-31"))
        );
        assert!(first.expected < 0.05 && first.chance < 0.000_1, "{first:?}");
        all.retain(|death| death.on > day("2026-01-01"));
        assert_eq!(
            shipped().look(&all, today),
            [],
            "without a year before nothing is said"
        );
    }

    #[test]
    fn a_line_that_cannot_be_right_is_named() {
        let head = "dimension,label,months,least,unlikely,basis\n";
        for (line, column) in [
            ("weather,Weather,3,4,0.01,x", "dimension"),
            ("district,District,0,4,0.01,x", "months"),
            ("district,District,3,1,0.01,x", "least"),
            ("district,District,3,4,1,x", "unlikely"),
            ("district,District,3,4,0.01,", "basis"),
        ] {
            let faults = Rules::load(&[], &format!("{head}{line}\n")).unwrap_err();
            assert!(
                faults[0].starts_with(&format!("clusters.csv:2: column {column}:")),
                "{faults:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn more_are_never_likelier_and_more_expected_never_less(count in 0_u32..60, expected in 0.01_f64..40.0, more in 0.0_f64..5.0) {
            let here = tail(count, expected);
            prop_assert!((0.0..=1.0).contains(&here));
            prop_assert!(tail(count + 1, expected) <= here + 1e-12);
            prop_assert!(tail(count, expected + more) >= here - 1e-9);
        }

        #[test]
        fn what_is_found_is_at_least_what_the_rule_asks(days in proptest::collection::vec(0_u64..1_400, 0..60)) {
            let today = day("2026-06-30");
            let all: Vec<Death> = days.iter().map(|back| one(today - Days::new(*back), "category", "5")).collect();
            for found in shipped().look(&all, today) {
                prop_assert!(found.count >= 5 && found.chance < 0.005 && f64::from(found.count) > found.expected);
                prop_assert_eq!(all.iter().filter(|d| d.on >= found.from).count(), found.count as usize);
            }
        }
    }
}

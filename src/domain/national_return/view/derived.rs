//! What is worked out from answers: ages, groups, bands. Nothing here is typed by anyone.

use chrono::NaiveDate;

use super::{BIRTH, DEATH, View};
use crate::domain::age::Age;
use crate::domain::form::Answer;
use crate::domain::national_return::fact::Fact;
use crate::domain::national_return::order::{Extent, Period, finalised_on};
use crate::domain::national_return::value::push;

impl View<'_> {
    pub(super) fn derived(&self, fact: Fact, into: &mut String) {
        match fact {
            Fact::AgeYears => show(self.age().map(|age| age.years), into),
            Fact::AgeDays => show(self.age().map(|age| age.days), into),
            Fact::AgeBand => show(self.age().map(|age| age.band()), into),
            Fact::EthnicityGroup => show(self.ethnicity_group(), into),
            Fact::ImdDecile => self.imd_decile(into),
            Fact::FinalisedOn => {
                let full = self.extent == Extent::Full;
                show(finalised_on(self.case).filter(|_| full), into);
            }
            Fact::FinancialYearOfDeath => show(self.day(DEATH).and_then(financial_year), into),
            Fact::ReviewBand => {
                show(
                    self.completed_on().and_then(|day| self.duration_band(day)),
                    into,
                );
            }
            Fact::ResidentInArea => show(self.resident_in_area(), into),
            Fact::DiedOutOfArea => show(self.died_out_of_area(), into),
            _ => {}
        }
    }

    fn age(&self) -> Option<Age> {
        Age::at(self.day(BIRTH)?, self.day(DEATH)?)
    }

    fn ethnicity_group(&self) -> Option<&str> {
        match self.answer("notification", "ethnicity")? {
            Answer::Choice(code) => self.context.layout.label("ethnicity_to_group", code),
            _ => Some("unknown"),
        }
    }

    fn imd_decile(&self, into: &mut String) {
        match self.answer("notification", "imd_decile") {
            Some(Answer::Integer(decile @ 1..=10)) => push(into, format_args!("d{decile}")),
            Some(Answer::NotKnown) => into.push_str("unknown"),
            _ => {}
        }
    }

    /// The code of list `review_duration_band` for the whole months from the death to `day`.
    pub(in crate::domain::national_return) fn duration_band(
        &self,
        day: NaiveDate,
    ) -> Option<&'static str> {
        let span = Age::at(self.day(DEATH)?, day)?;
        Some(match span.years * 12 + span.months {
            ..6 => "lt6",
            6..=7 => "6_7",
            8..=9 => "8_9",
            10..=11 => "10_11",
            12 => "12",
            _ => "gt12",
        })
    }

    pub(in crate::domain::national_return) fn resident_in_area(&self) -> Option<bool> {
        if self.case.resident_in_area.is_some() {
            return self.case.resident_in_area;
        }
        match self.answer("notification", "normally_resident_la")? {
            Answer::Choice(code) => Some(!matches!(code.as_str(), "other" | "outside")),
            _ => None,
        }
    }

    /// What the area file says, or true where the child died abroad.
    pub(in crate::domain::national_return) fn died_out_of_area(&self) -> Option<bool> {
        let abroad = self.code(&[("notification", "place_of_death_type")]) == Some("abroad");
        self.case.died_out_of_area.or(abroad.then_some(true))
    }
}

/// The year to 31 March that a day falls in, as `2025-26`.
pub(in crate::domain::national_return) fn financial_year(day: NaiveDate) -> Option<String> {
    use chrono::Datelike;
    let first = Period::year_of(day)?.from.year();
    Some(format!("{first}-{:02}", (first + 1) % 100))
}

fn show(value: Option<impl std::fmt::Display>, into: &mut String) {
    if let Some(value) = value {
        push(into, value);
    }
}

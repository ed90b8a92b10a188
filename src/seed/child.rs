//! One synthetic child: who it was, where it lived, when it was born and died. Must not know of forms.

use chrono::{Days, NaiveDate, NaiveTime};

use super::chance::Chance;
use super::names::{self, NhsNumbers};
use super::story::Story;
use crate::casework::House;
use crate::domain::age::{Age, eighteenth_birthday};

/// A child that never lived.
#[derive(Debug, Clone)]
pub struct Child {
    pub forenames: String,
    pub surname: String,
    pub nhs_number: Option<String>,
    pub sex: &'static str,
    pub ethnicity: &'static str,
    pub born: NaiveDate,
    pub died: NaiveDate,
    pub time: NaiveTime,
    pub street: String,
    pub postcode: String,
    pub authority: String,
    pub twin: bool,
    pub gestation: i64,
    /// Grams.
    pub weight: i64,
    pub mother: String,
    pub mother_born: NaiveDate,
    pub father: String,
    /// Code and name of the place of death.
    pub place: (String, String),
}

/// How often a district is drawn, in proportion to how many live there; the others eight times.
const DISTRICTS: &[(&str, u64)] = &[
    ("E06000035", 18),
    ("E07000110", 11),
    ("E07000113", 10),
    ("E07000106", 9),
    ("E07000114", 9),
    ("E07000107", 8),
    ("E07000105", 8),
    ("E07000115", 8),
];

const ETHNICITIES: &[(&str, u64)] = &[
    ("A", 66),
    ("C", 8),
    ("N", 5),
    ("G", 3),
    ("H", 3),
    ("L", 3),
    ("J", 2),
    ("K", 2),
    ("D", 2),
    ("F", 2),
    ("M", 1),
    ("P", 1),
    ("S", 1),
    ("Z", 1),
];

impl Child {
    /// A child whose death follows a story.
    pub fn any(
        house: &House,
        story: &Story,
        died: NaiveDate,
        numbers: &mut NhsNumbers,
        chance: &mut Chance,
    ) -> Self {
        let days = chance.between(story.days.0, story.days.1);
        let born = day_before(died, days);
        let gestation = chance.between(story.gestation.0, story.gestation.1);
        let surname = names::surname(chance);
        let mother = format!("{} {surname}", names::forename(chance));
        let father = format!("{} {surname}", names::forename(chance));
        let (authority, postcode) = home(house, chance);
        let unnamed = days < 14 && chance.percent(12);
        let mut child = Self {
            forenames: if unnamed {
                "Baby".to_owned()
            } else {
                names::forename(chance)
            },
            surname,
            nhs_number: numbers.next().filter(|_| days > 2 || !chance.percent(30)),
            sex: if chance.percent(56) { "male" } else { "female" },
            ethnicity: chance.weighted(ETHNICITIES, |e| e.1).map_or("Z", |e| e.0),
            born,
            died,
            time: time(chance),
            street: names::street(chance),
            postcode,
            authority,
            twin: false,
            gestation,
            weight: weight(gestation, chance),
            mother,
            mother_born: day_before(born, chance.between(19 * 365, 41 * 365)),
            father,
            place: chance.pick(&story.places).cloned().unwrap_or_default(),
        };
        child.keep_clear_of_birthdays();
        child
    }

    /// The other of two, born on the same day to the same parents.
    #[must_use]
    pub fn twin_of(&mut self, numbers: &mut NhsNumbers, chance: &mut Chance) -> Self {
        self.twin = true;
        let mut other = self.clone();
        let names = ["Alphatwin", "Betatwin"];
        [&mut self.forenames, &mut other.forenames]
            .into_iter()
            .zip(names)
            .for_each(|(held, name)| name.clone_into(held));
        self.nhs_number = self.nhs_number.take().or_else(|| numbers.next());
        other.nhs_number = numbers.next();
        other.weight -= chance.between(20, 90);
        other.time = time(chance);
        other
    }

    /// Moves the birth a little, so that the same child some weeks earlier has the same age in years.
    fn keep_clear_of_birthdays(&mut self) {
        let near = |age: Age, later: Option<Age>| later.is_some_and(|l| l.years != age.years);
        let shift = |died: NaiveDate| Age::at(self.born, died + Days::new(3));
        if let Some(age) = self.age().filter(|a| a.years > 0)
            && (near(age, shift(self.died))
                || near(age, Age::at(self.born, self.died - Days::new(3))))
        {
            self.born = day_before(self.born, 10);
        }
        if self.died >= eighteenth_birthday(self.born) {
            self.born = self.died - Days::new(6_400);
        }
    }

    /// The age at death.
    pub fn age(&self) -> Option<Age> {
        Age::at(self.born, self.died)
    }

    /// Days from birth to death.
    pub fn days(&self) -> i64 {
        self.age().map_or(0, |age| age.days)
    }

    /// Whole years from birth to death.
    pub fn years(&self) -> i64 {
        self.age().map_or(0, |age| age.years)
    }
}

/// So many days before another.
pub fn day_before(day: NaiveDate, days: i64) -> NaiveDate {
    day - Days::new(u64::try_from(days).unwrap_or(0))
}

fn time(chance: &mut Chance) -> NaiveTime {
    let minute = u32::try_from(chance.between(65, 1_430)).unwrap_or(600);
    NaiveTime::from_num_seconds_from_midnight_opt(minute * 60, 0).unwrap_or_default()
}

/// About the middle of the usual weights for the length of the pregnancy, in grams.
fn weight(weeks: i64, chance: &mut Chance) -> i64 {
    let middle = match weeks {
        ..=23 => 540,
        24..=25 => 720,
        26..=27 => 950,
        28..=30 => 1_350,
        31..=33 => 1_900,
        34..=36 => 2_450,
        _ => 3_250,
    };
    middle + chance.between(-9, 9) * middle / 100
}

/// A local authority of the area and a postcode in it.
fn home(house: &House, chance: &mut Chance) -> (String, String) {
    let districts: Vec<(&String, &Vec<String>)> = house.area.districts.iter().collect();
    let often = |of: &(&String, &Vec<String>)| {
        let listed = DISTRICTS.iter().find(|(code, _)| code == of.0);
        listed.map_or(7, |(_, n)| *n)
    };
    let found = chance.weighted(&districts, often).copied();
    let Some((district, outwards)) = found else {
        return ("not_known".to_owned(), "ZZ99 3CZ".to_owned());
    };
    let outward = chance.pick(outwards).cloned().unwrap_or_default();
    let authority = if house.area.footprint.contains(district) {
        district.clone()
    } else {
        house.area.footprint.first().cloned().unwrap_or_default()
    };
    (authority, names::postcode(chance, &outward))
}

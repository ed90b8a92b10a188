//! A form being answered: sets fields, opens what hides them, and asks the engine.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveTime};

use crate::domain::form::answer::Row;
use crate::domain::form::condition::{Order, Term as When, Test};
use crate::domain::form::{
    Answer, Answers, Check, Dictionary, Field, Form, Kind, Problem, Shape, Stage, Surroundings,
    Term, check, derive, fixture, prune, visible,
};

pub struct World<'d> {
    pub dict: &'d Dictionary,
    pub form: &'d Form,
    pub answers: Answers,
    pub elsewhere: BTreeMap<String, Answer>,
}

impl<'d> World<'d> {
    pub fn new(dict: &'d Dictionary, form: &str) -> World<'d> {
        let form = dict.form(form).unwrap();
        World {
            dict,
            form,
            answers: Answers::default(),
            elsewhere: BTreeMap::new(),
        }
    }

    pub fn field(&self, id: &str) -> &'d Field {
        self.form.field(id).unwrap()
    }

    /// Sets an answer here, or on another form where this one has no such field.
    pub fn set(&mut self, id: &str, answer: Answer) -> &mut Self {
        if self.form.field(id).is_some() {
            self.answers.set(id, answer);
        } else {
            self.elsewhere.insert(id.to_owned(), answer);
        }
        self
    }

    pub fn unset(&mut self, id: &str) -> &mut Self {
        self.answers.remove(id);
        self.elsewhere.remove(id);
        self
    }

    fn around<T>(&self, run: impl FnOnce(&Surroundings) -> T) -> T {
        let elsewhere = |id: &str| self.elsewhere.get(id).cloned();
        run(&Surroundings {
            elsewhere: &elsewhere,
            ..fixture::nowhere()
        })
    }

    pub fn check(&self, stage: Stage) -> Vec<Problem> {
        self.around(|around| check(self.dict, self.form, &self.answers, around, stage))
    }

    /// The problems of one field, by rule.
    pub fn rules(&self, stage: Stage, field: &str) -> Vec<String> {
        self.check(stage)
            .into_iter()
            .filter(|p| p.field == field)
            .map(|p| p.rule)
            .collect()
    }

    pub fn shows(&self, field: &str) -> bool {
        self.around(|around| visible(self.form, &self.answers, around))
            .contains(field)
    }

    pub fn derive(&mut self) -> &mut Self {
        let mut answers = self.answers.clone();
        self.around(|around| derive(self.dict, self.form, &mut answers, around));
        self.answers = answers;
        self
    }

    pub fn prune(&mut self) -> &mut Self {
        let mut answers = self.answers.clone();
        self.around(|around| prune(self.form, &mut answers, around));
        self.answers = answers;
        self
    }

    /// Answers whatever must be answered for a field to show.
    pub fn open(&mut self, field: &Field) {
        for term in field.show_when.iter().flat_map(|when| &when.terms) {
            if let Some(other) = self.form.field(&term.field) {
                self.open(other);
            }
            self.satisfy(term);
        }
    }

    pub fn satisfy(&mut self, term: &When) {
        let held = match &term.test {
            Test::OneOf(codes) => self.coded(&term.field, &codes[0]),
            Test::Contains(code) => self.coded(&term.field, code),
            Test::Number(Order::AtLeast | Order::AtMost, bound) => whole(*bound),
            Test::Number(Order::Above, bound) => whole(bound + 1.0),
            Test::Number(Order::Below, bound) => whole(bound - 1.0),
            Test::Answered => valid(self.dict, self.any(&term.field)),
            Test::Empty => {
                self.unset(&term.field);
                return;
            }
        };
        self.set(&term.field, held);
    }

    pub fn violate(&mut self, term: &When) {
        let held = match &term.test {
            Test::Number(Order::AtLeast, bound) => whole(bound - 1.0),
            Test::Number(Order::AtMost, bound) => whole(bound + 1.0),
            Test::Number(Order::Above | Order::Below, bound) => whole(*bound),
            Test::Empty => valid(self.dict, self.any(&term.field)),
            Test::OneOf(_) | Test::Contains(_) | Test::Answered => {
                self.unset(&term.field);
                return;
            }
        };
        self.set(&term.field, held);
    }

    pub fn any(&self, id: &str) -> &'d Field {
        let elsewhere = || self.dict.forms.iter().find_map(|form| form.field(id));
        self.form.field(id).or_else(elsewhere).unwrap()
    }

    pub fn coded(&self, id: &str, code: &str) -> Answer {
        match self.any(id).kind {
            Kind::Boolean => Answer::Boolean(code == "yes"),
            Kind::MultiChoice => Answer::Choices(vec![code.to_owned()]),
            _ => Answer::Choice(code.to_owned()),
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "bounds in the dictionaries are small"
)]
pub fn whole(number: f64) -> Answer {
    Answer::Integer(number as i64)
}

pub fn text(text: &str) -> Answer {
    Answer::Text(text.to_owned())
}

pub fn code(code: &str) -> Answer {
    Answer::Choice(code.to_owned())
}

pub fn codes(codes: &[&str]) -> Answer {
    Answer::Choices(codes.iter().map(|code| (*code).to_owned()).collect())
}

pub fn day(y: i32, m: u32, d: u32) -> Answer {
    Answer::Date(fixture::d(y, m, d))
}

pub fn row(cells: &[(&str, Answer)]) -> Row {
    cells
        .iter()
        .map(|(id, answer)| ((*id).to_owned(), answer.clone()))
        .collect()
}

/// An answer that passes the field's own checks, on its own.
pub fn valid(dict: &Dictionary, field: &Field) -> Answer {
    let on = match field.id.as_str() {
        "date_of_birth" => fixture::d(2015, 5, 5),
        "mother_date_of_birth" => fixture::d(1990, 5, 5),
        "date_of_death" => fixture::d(2026, 3, 2),
        "event_datetime" => fixture::d(2026, 3, 1),
        _ => fixture::d(2026, 3, 3),
    };
    match field.kind {
        Kind::Text | Kind::LongText => text(&valid_text(field)),
        Kind::Date => Answer::Date(on),
        Kind::DateTime => Answer::DateTime(on.and_hms_opt(14, 5, 0).unwrap()),
        Kind::Time => Answer::Time(NaiveTime::from_hms_opt(14, 5, 0).unwrap()),
        Kind::Boolean => Answer::Boolean(true),
        Kind::Integer => whole(middle(field).floor()),
        Kind::Decimal => Answer::Decimal(middle(field)),
        Kind::SingleChoice | Kind::YesNoUnknown => code(&first(dict, field, 1)[0]),
        Kind::MultiChoice => Answer::Choices(first(dict, field, 3)),
        Kind::Table => {
            let cell = |column: &Field| (column.id.clone(), valid(dict, column));
            Answer::Rows(vec![field.columns.iter().map(cell).collect()])
        }
    }
}

fn first(dict: &Dictionary, field: &Field, n: usize) -> Vec<String> {
    let codes = dict.codes(field.codes.as_deref().unwrap());
    codes.iter().take(n).map(|code| code.code.clone()).collect()
}

fn middle(field: &Field) -> f64 {
    let range = |check: &Check| match check.term {
        Term::Range(low, high) => Some(f64::midpoint(low, high)),
        _ => None,
    };
    field.checks.iter().find_map(range).unwrap_or(3.0)
}

fn valid_text(field: &Field) -> String {
    let known = |check: &Check| match &check.term {
        Term::NhsNumber => Some("9990000018"),
        Term::Postcode => Some("ME1 1AA"),
        Term::Shape(Shape::Email | Shape::SecureEmail) => Some("example@nhs.net"),
        Term::Shape(Shape::Phone) => Some("01634 000000"),
        Term::Shape(Shape::OdsCode) => Some("Example Trust (RVV)"),
        Term::Shape(Shape::Icd10) => Some("Q91.3"),
        Term::Shape(Shape::Lsoa) => Some("E01024123"),
        _ => None,
    };
    field
        .checks
        .iter()
        .find_map(known)
        .unwrap_or("Example")
        .to_owned()
}

/// A day as an answer of a field's kind.
pub fn on(field: &Field, date: NaiveDate) -> Answer {
    match field.kind {
        Kind::DateTime => Answer::DateTime(date.and_hms_opt(12, 0, 0).unwrap()),
        _ => Answer::Date(date),
    }
}

//! Weighs one answer against the terms of its field.

use chrono::NaiveDateTime;

use super::term::{Other, Side, Span, Term};
use super::{Check, message, rules, shapes};
use crate::domain::age::{eighteenth_birthday, months_later};
use crate::domain::form::answer::Row;
use crate::domain::form::condition::Test;
use crate::domain::form::visible::Sight;
use crate::domain::form::{Answer, AnsweredBy, Dictionary, Field, Problem, Severity, Stage, words};
use crate::domain::nhs_number::NhsNumber;
use crate::domain::postcode::Postcode;

pub(super) struct Judge<'j, 'a> {
    pub dict: &'j Dictionary,
    pub sight: &'j Sight<'a>,
    pub stage: Stage,
}

impl<'a> Judge<'_, 'a> {
    /// A question that is shown.
    pub fn field(&self, field: &'a Field, problems: &mut Vec<Problem>) {
        let answer = self
            .sight
            .answers
            .get(&field.id)
            .filter(|answer| !answer.is_blank());
        if answer.is_none() && field.answered_by == AnsweredBy::System {
            return;
        }
        let mut found = Vec::new();
        if answer.is_none() && self.asks_for(field) {
            found.push(self.missing(field));
        } else {
            for check in &field.checks {
                self.weigh(field, check, answer, &mut found);
            }
            found.extend(rules::placeholder_name(self, field, answer));
        }
        keep_worst(&mut found);
        problems.append(&mut found);
        for (number, row) in answer.map_or(&[][..], Answer::rows).iter().enumerate() {
            self.row(field, number, row, problems);
        }
    }

    /// A question that is not shown: an answer left there matters only for ID-5, a reason for
    /// wanting what is there after all.
    pub fn hidden(&self, field: &'a Field, problems: &mut Vec<Problem>) {
        if self.stage != Stage::Final || !self.sight.answers.is_answered(&field.id) {
            return;
        }
        let explained = explained_by(field).and_then(|id| self.sight.form.field(id));
        if let Some(number) = explained
            && self.sight.answers.is_answered(&number.id)
        {
            let words = message::needless_reason(number);
            problems.push(Problem::stop(&field.id, "ID-5", words));
        }
    }

    fn row(&self, table: &'a Field, number: usize, row: &Row, problems: &mut Vec<Problem>) {
        for column in &table.columns {
            if !self.sight.shows_column(table, column, row) {
                continue;
            }
            let answer = row.get(&column.id).filter(|answer| !answer.is_blank());
            let mut found = Vec::new();
            if answer.is_none() && self.asks_for(column) {
                found.push(self.missing(column));
            } else {
                for check in &column.checks {
                    self.weigh(column, check, answer, &mut found);
                }
            }
            keep_worst(&mut found);
            problems.extend(
                found
                    .into_iter()
                    .map(|p| p.in_cell(&table.id, number, &column.id)),
            );
        }
    }

    /// Whether an unanswered question must be answered now. A domain's factors are asked for by
    /// AN-2, in its own words.
    fn asks_for(&self, field: &Field) -> bool {
        let required = field.required
            || field
                .checks
                .iter()
                .any(|check| check.term == Term::Required);
        self.stage == Stage::Final
            && required
            && !super::carries(field, super::Rule::An2)
            && self
                .reason_for(field)
                .is_none_or(|r| !self.sight.answers.is_answered(&r.id))
    }

    fn missing(&self, field: &Field) -> Problem {
        let explained = explained_by(field).and_then(|id| self.sight.form.field(id));
        let words = match explained {
            Some(explained) => message::reason_required(explained),
            None if self.reason_for(field).is_some() => message::required_or_reason(field),
            None => message::required(field),
        };
        Problem::stop(&field.id, "required", words)
    }

    /// The field that says why this one has no answer: it is shown while this one is empty (ID-4).
    fn reason_for(&self, field: &Field) -> Option<&'a Field> {
        self.sight
            .form
            .fields()
            .find(|other| explained_by(other) == Some(field.id.as_str()))
    }

    /// One term. Terms that look at what was given pass where nothing, or "not known", was given.
    fn weigh(
        &self,
        field: &'a Field,
        check: &Check,
        answer: Option<&Answer>,
        found: &mut Vec<Problem>,
    ) {
        if let Term::Rule(rule) = check.term {
            let before = found.len();
            rules::weigh(rule, self, field, answer, found);
            if check.severity == Severity::Warn {
                found
                    .iter_mut()
                    .skip(before)
                    .for_each(|p| p.severity = Severity::Warn);
            }
            return;
        }
        let fault = match answer {
            None => self.weigh_nothing(field, check),
            Some(answer) if answer.is_not_known() => None,
            Some(answer) => self
                .weigh_number(field, check, answer)
                .or_else(|| self.weigh_day(field, check, answer))
                .or_else(|| self.weigh_rest(field, check, answer)),
        };
        if let Some((rule, words)) = fault {
            let mut problem = Problem::stop(&field.id, rule, words);
            problem.severity = check.severity;
            found.push(problem);
        }
    }

    fn weigh_nothing(&self, field: &Field, check: &Check) -> Fault {
        if self.stage == Stage::Draft {
            return None;
        }
        match check.term {
            Term::Rows(least) if least > 0 => told("rows", message::rows(field, least)),
            Term::Choices(least) if least > 0 => {
                let warn = check.severity == Severity::Warn;
                told("choices", message::choices(field, least, 0, warn))
            }
            _ => None,
        }
    }

    fn weigh_number(&self, field: &Field, check: &Check, answer: &Answer) -> Fault {
        let given = answer.number()?;
        match &check.term {
            Term::Range(low, high) if (*low..=*high).contains(&given) => None,
            Term::Range(low, high) if check.severity == Severity::Warn => told(
                "usual_range",
                message::usual_range(field, *low, *high, given),
            ),
            Term::Range(low, high) => told("range", message::range(field, *low, *high)),
            Term::Compare(side, other @ Other::Field(id)) => {
                let bound = self.sight.value(id)?.number()?;
                let holds = match side {
                    Side::AtLeast => given >= bound,
                    Side::AtMost => given <= bound,
                };
                (!holds).then(|| message::compare(self.dict, self.sight.form, field, *side, other))
            }
            _ => None,
        }
    }

    fn weigh_day(&self, field: &Field, check: &Check, answer: &Answer) -> Fault {
        let given = answer.day()?;
        let form = self.sight.form;
        match &check.term {
            Term::Compare(side, other) => {
                let order = self.against(field, answer, other)?;
                let holds = match side {
                    Side::AtLeast => order.is_ge(),
                    Side::AtMost => order.is_le(),
                };
                (!holds).then(|| message::compare(self.dict, form, field, *side, other))
            }
            Term::BeforeEighteen => {
                let birthday = eighteenth_birthday(self.sight.day("date_of_birth")?);
                if given < birthday {
                    return None;
                }
                told(
                    "before_18th_birthday",
                    message::before_eighteen(field, birthday),
                )
            }
            Term::Within(n, span, other) => {
                let anchor = self.sight.day(other)?;
                let (first, last) = (given.min(anchor), given.max(anchor));
                let holds = match span {
                    Span::Days => (last - first).num_days() <= i64::from(*n),
                    Span::Months => last <= months_later(first, *n),
                };
                let warn = check.severity == Severity::Warn;
                (!holds).then(|| {
                    let words = message::within(self.dict, form, field, (*n, *span), other, warn);
                    (format!("within:{other}"), words)
                })
            }
            _ => None,
        }
    }

    /// How a day or moment lies to another. Days alone count, unless both sides tell the time.
    fn against(&self, field: &Field, answer: &Answer, other: &Other) -> Option<std::cmp::Ordering> {
        let around = self.sight.around;
        let day = answer.day()?;
        let (other_day, other_moment) = match other {
            Other::Today => (around.today, None),
            Other::Now => (around.now.date(), Some(around.now)),
            Other::Field(id) => (self.sight.day(id)?, self.moment(id)),
        };
        let moment = match answer {
            Answer::DateTime(moment) => Some(*moment),
            _ => self.moment(&field.id),
        };
        Some(match (moment, other_moment) {
            (Some(moment), Some(other)) => moment.cmp(&other),
            _ => day.cmp(&other_day),
        })
    }

    /// The moment of a date-time, or of a `date_of_…` whose `time_of_…` is known (DT-6).
    fn moment(&self, id: &str) -> Option<NaiveDateTime> {
        match self.sight.value(id)?.as_ref() {
            Answer::DateTime(moment) => Some(*moment),
            Answer::Date(day) => {
                let time = format!("time_of_{}", id.strip_prefix("date_of_")?);
                match self.sight.value(&time)?.as_ref() {
                    Answer::Time(time) => Some(day.and_time(*time)),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn weigh_rest(&self, field: &Field, check: &Check, answer: &Answer) -> Fault {
        let warn = check.severity == Severity::Warn;
        match (&check.term, answer) {
            (Term::Length(low, high), Answer::Text(text)) => {
                let given = text.chars().count();
                let holds = (*low..=*high).contains(&given);
                if holds {
                    None
                } else {
                    told("length", message::length(field, *low, *high, given))
                }
            }
            (Term::NhsNumber, Answer::Text(text)) => {
                let fault = NhsNumber::parse(text).err()?;
                told("nhs_number", format!("{} {fault}", field.label))
            }
            (Term::Postcode, Answer::Text(text)) => {
                let fault = Postcode::parse(text).err()?;
                told("postcode", format!("{} {fault}", field.label))
            }
            (Term::Shape(shape), Answer::Text(text)) if !shapes::has(*shape, text) => {
                told(shape.name(), message::shape(field, *shape))
            }
            (Term::Rows(least), Answer::Rows(rows))
                if rows.len() < *least && self.stage == Stage::Final =>
            {
                told("rows", message::rows(field, *least))
            }
            (Term::Choices(least), Answer::Choices(codes))
                if codes.len() < *least && self.stage == Stage::Final =>
            {
                told(
                    "choices",
                    message::choices(field, *least, codes.len(), warn),
                )
            }
            (Term::Equals(value), answer) => self.weigh_equal(field, value, answer, warn),
            _ => None,
        }
    }

    fn weigh_equal(&self, field: &Field, value: &str, answer: &Answer, warn: bool) -> Fault {
        if Test::OneOf(vec![value.to_owned()]).holds(Some(answer)) {
            return None;
        }
        let list = field.codes.as_deref().unwrap_or_default();
        let expected = self.dict.label(list, value).unwrap_or(value);
        let given = words(self.dict, field, answer);
        let words = if warn {
            message::equals(field, expected, &given)
        } else {
            message::must_equal(field, expected)
        };
        told("equals", words)
    }
}

/// The rule's name and the words.
type Fault = Option<(String, String)>;

#[expect(
    clippy::unnecessary_wraps,
    reason = "reads as the arm of a match on faults"
)]
fn told(rule: &str, words: String) -> Fault {
    Some((rule.to_owned(), words))
}

/// The field whose want this one explains: `show_when` is exactly `… is empty`, and it is required.
fn explained_by(field: &Field) -> Option<&str> {
    let required = field
        .checks
        .iter()
        .any(|check| check.term == Term::Required);
    match field.show_when.as_ref()?.terms.as_slice() {
        [only] if only.test == Test::Empty && required => Some(&only.field),
        _ => None,
    }
}

/// Where something stops, a warning about the same answer only adds noise.
fn keep_worst(found: &mut Vec<Problem>) {
    let stopped: Vec<(Option<usize>, Option<String>)> = found
        .iter()
        .filter(|p| p.severity == Severity::Stop)
        .map(|p| (p.row, p.column.clone()))
        .collect();
    found.retain(|p| {
        p.severity == Severity::Stop || !stopped.iter().any(|(r, c)| (*r, c) == (p.row, &p.column))
    });
}

//! A case through the eyes of the return: the one way by which row functions reach answers, so
//! that nothing goes out beyond the case's extent (SB-3, SB-4) or against the dictionary (SB-13).

pub(super) mod derived;

use chrono::NaiveDate;
use sha2::{Digest, Sha256};

use super::case::{Record, ReturnCase, Status};
use super::fact::Fact;
use super::layout::{Column, Layout, Place};
use super::order::{Extent, Kind, Order, finalised_on, notified_on};
use super::policy::{FormPlan, Policy};
use super::sheet::{Sheet, hex};
use super::value::{self, push};
use crate::domain::form::Answer;

/// A row of a table, by column.
type Row = std::collections::BTreeMap<String, Answer>;

/// What holds for every case of one return.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) order: &'a Order,
    pub(super) layout: &'a Layout,
    pub(super) policy: &'a Policy<'a>,
}

/// One case in one return.
#[derive(Clone, Copy)]
pub(super) struct View<'c> {
    pub(super) context: Context<'c>,
    pub(super) case: &'c ReturnCase,
    pub(super) extent: Extent,
}

/// A place on a form, for rules that look for a fixed fact.
type At = (&'static str, &'static str);
pub(super) const BIRTH: &[At] = &[
    ("notification", "date_of_birth"),
    ("reporting", "child_date_of_birth"),
];
pub(super) const DEATH: &[At] = &[
    ("notification", "date_of_death"),
    ("reporting", "child_date_of_death"),
];
pub(super) const REVIEW: &[At] = &[("analysis", "date_of_review")];
pub(super) const EVENTS: &[At] = &[
    ("reporting", "events_known"),
    ("notification", "suspected_event"),
];

impl<'c> View<'c> {
    pub(super) fn new(context: Context<'c>, case: &'c ReturnCase, extent: Extent) -> View<'c> {
        View {
            context,
            case,
            extent,
        }
    }

    /// Whether this case's extent covers a form.
    pub(super) fn covers(&self, form: &str) -> bool {
        match self.extent {
            Extent::Full => true,
            Extent::Notification => form == "notification",
            Extent::Tombstone => false,
        }
    }

    /// The panel's agreed record of a form, where it is covered and its version is known.
    pub(super) fn record(&self, form: &str) -> Option<(&'c Record, &'c FormPlan<'c>)> {
        if !self.covers(form) {
            return None;
        }
        let record = self.case.agreed.iter().find(|record| record.form == form)?;
        Some((
            record,
            self.context.policy.form(&record.version, &record.form)?,
        ))
    }

    /// An answer that may go out.
    pub(super) fn answer(&self, form: &str, field: &str) -> Option<&'c Answer> {
        let (record, plan) = self.record(form)?;
        let answer = record.answers.get(field)?;
        let goes = plan.field(field).is_some_and(|field| field.goes);
        (goes && !answer.is_blank()).then_some(answer)
    }

    /// The first known answer of several places, or the first "not known".
    pub(super) fn first(&self, places: &[At]) -> Option<&'c Answer> {
        let answers = || {
            places
                .iter()
                .filter_map(|(form, field)| self.answer(form, field))
        };
        answers()
            .find(|answer| !answer.is_not_known())
            .or_else(|| answers().next())
    }

    pub(super) fn day(&self, places: &[At]) -> Option<NaiveDate> {
        self.first(places)?.day()
    }

    /// The code chosen in the first place that has one.
    pub(super) fn code(&self, places: &[At]) -> Option<&'c str> {
        match self.first(places)? {
            Answer::Choice(code) => Some(code),
            _ => None,
        }
    }

    /// The rows of a form's table with its plan, where the table goes out.
    pub(super) fn rows(&self, form: &str, table: &str) -> Rows<'c> {
        let found = self.record(form).and_then(|(record, plan)| {
            let plan = plan.field(table).filter(|field| field.goes)?;
            Some((record.answers.get(table)?.rows(), plan))
        });
        match found {
            Some((rows, plan)) => Rows {
                rows,
                plan: Some(plan),
            },
            None => Rows {
                rows: &[],
                plan: None,
            },
        }
    }

    /// Puts into `into` what a column of `case.csv` or `lscb1_child.csv` holds for this case.
    pub(super) fn fill(&self, column: &Column, into: &mut String) {
        let mut not_known = None;
        for place in &column.places {
            match place {
                Place::Fact(fact) => self.fact(*fact, into),
                Place::Answer { form, field } => match self.answer(form, field) {
                    Some(answer) if answer.is_not_known() => not_known = not_known.or(Some(answer)),
                    Some(answer) => {
                        value::cell(answer, column, into);
                    }
                    None => {}
                },
                Place::Cell { .. } | Place::Own => {}
            }
            if !into.is_empty() {
                return;
            }
        }
        if let Some(answer) = not_known {
            value::cell(answer, column, into);
        }
    }

    /// The first cell of every file: the reference, or the pseudonym.
    pub(super) fn write_id(&self, sheet: &mut Sheet) -> std::io::Result<()> {
        if self.context.order.is_pseudonymised() {
            return sheet.value(&self.pseudonym());
        }
        sheet.value(&self.case.reference)
    }

    /// Stands for the case in what carries no identity. It holds for one panel and period, so
    /// that two returns cannot be laid side by side.
    pub(super) fn pseudonym(&self) -> String {
        let order = self.context.order;
        let mut hash = Sha256::new();
        let (from, to) = (order.period.from, order.period.to);
        hash.update(format!(
            "cdr pseudonym|{}|{from}|{to}|{}",
            order.cdop, self.case.id
        ));
        let digest = hash.finalize();
        let (start, _) = digest.split_at(8);
        hex(start)
    }

    /// The day the review was completed: the panel's, or that of finalising.
    pub(super) fn completed_on(&self) -> Option<NaiveDate> {
        let finalised = finalised_on(self.case).filter(|_| self.extent == Extent::Full);
        self.day(REVIEW).or(finalised)
    }

    pub(super) fn notified_on(&self) -> NaiveDate {
        notified_on(self.case)
    }

    /// As at the end of the period a case finalised since was still open.
    pub(super) fn status(&self) -> Status {
        let drawn_up = matches!(self.context.order.kind, Kind::YearEnd | Kind::AnnualReport);
        let later = drawn_up && self.extent == Extent::Notification;
        if later && self.case.status == Status::Finalised {
            Status::Open
        } else {
            self.case.status
        }
    }

    fn submission(&self) -> &'static str {
        match self.extent {
            Extent::Tombstone => "withdrawal",
            Extent::Notification => "notification",
            Extent::Full if self.case.corrects_a_final => "correction",
            Extent::Full => "final",
        }
    }

    fn fact(&self, fact: Fact, into: &mut String) {
        let (case, order) = (self.case, self.context.order);
        if self.extent == Extent::Tombstone && !fact.is_of_tombstone() {
            return;
        }
        match fact {
            Fact::CaseId if order.is_pseudonymised() => into.push_str(&self.pseudonym()),
            Fact::Reference | Fact::CaseId => into.push_str(&case.reference),
            Fact::Pseudonym => into.push_str(&self.pseudonym()),
            Fact::CdopCode => into.push_str(&order.cdop),
            Fact::NcmdId => maybe(case.ncmd_id.as_ref(), into),
            Fact::Version => push(into, case.version),
            Fact::SubmissionType => into.push_str(self.submission()),
            Fact::CaseStatus => into.push_str(self.status().code()),
            Fact::DuplicateOf => maybe(case.duplicate_of.as_ref(), into),
            Fact::TransferredTo => maybe(case.transfer.as_ref().map(|t| &t.to_cdop), into),
            Fact::TransferredOn => maybe(case.transfer.as_ref().map(|t| t.on), into),
            Fact::NotifiedAt => value::moment(case.notified_at, into),
            Fact::Route => maybe(case.route.as_ref(), into),
            Fact::IcbCode => maybe(case.icb_code.as_ref(), into),
            Fact::ImdYear => maybe(case.imd_year, into),
            Fact::Finalised => push(into, self.extent == Extent::Full),
            Fact::FinalisedAt => {
                if let Some(at) = case.finalised_at.filter(|_| self.extent == Extent::Full) {
                    value::moment(at, into);
                }
            }
            _ => self.derived(fact, into),
        }
    }
}

fn maybe(value: Option<impl std::fmt::Display>, into: &mut String) {
    if let Some(value) = value {
        push(into, value);
    }
}

/// A table's rows, each cell under the dictionary's say.
#[derive(Clone, Copy)]
pub(super) struct Rows<'c> {
    rows: &'c [Row],
    plan: Option<&'c super::policy::FieldPlan<'c>>,
}

impl<'c> Rows<'c> {
    pub(super) fn iter(self) -> impl Iterator<Item = RowView<'c>> {
        let plan = self.plan;
        self.rows
            .iter()
            .filter_map(move |row| Some(RowView { row, plan: plan? }))
    }
}

#[derive(Clone, Copy)]
pub(super) struct RowView<'c> {
    row: &'c Row,
    plan: &'c super::policy::FieldPlan<'c>,
}

impl<'c> RowView<'c> {
    pub(super) fn get(&self, column: &str) -> Option<&'c Answer> {
        let answer = self.row.get(column)?;
        self.plan.column(column)?;
        (!answer.is_blank()).then_some(answer)
    }

    pub(super) fn code(&self, column: &str) -> Option<&'c str> {
        match self.get(column)? {
            Answer::Choice(code) => Some(code),
            Answer::NotKnown => Some("not_known"),
            _ => None,
        }
    }

    pub(super) fn text(&self, column: &str) -> Option<&'c str> {
        match self.get(column)? {
            Answer::Text(text) => Some(text),
            Answer::NotKnown => Some("not_known"),
            _ => None,
        }
    }

    pub(super) fn day(&self, column: &str) -> Option<NaiveDate> {
        self.get(column)?.day()
    }
}

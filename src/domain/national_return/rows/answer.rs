//! `answer.csv`: a row for every answered field, table cell and chosen code. It carries each form
//! without a column per question, so a form's next version needs no new layout.

use std::io;

use crate::domain::form::{Answer, Field};
use crate::domain::national_return::case::Record;
use crate::domain::national_return::order::Extent;
use crate::domain::national_return::policy::{FieldPlan, FormPlan, confidence};
use crate::domain::national_return::sheet::Sheet;
use crate::domain::national_return::value;
use crate::domain::national_return::view::View;

/// Writes the agreed answers and, where the order asks for them, each agency's own.
pub(in super::super) fn write(
    view: &View,
    sheet: &mut Sheet,
    scratch: &mut Scratch,
) -> io::Result<()> {
    for record in &view.case.agreed {
        if let Some((record, plan)) = view.record(&record.form) {
            write_record(view, record, plan, true, sheet, scratch)?;
        }
    }
    if !view.context.order.originals || view.extent != Extent::Full {
        return Ok(());
    }
    for record in &view.case.originals {
        if let Some(plan) = view.context.policy.form(&record.version, &record.form) {
            write_record(view, record, plan, false, sheet, scratch)?;
        }
    }
    Ok(())
}

/// Kept from row to row, so that a row costs no memory of its own.
#[derive(Default)]
pub(in super::super) struct Scratch {
    answered_at: String,
    cell: String,
}

fn write_record(
    view: &View,
    record: &Record,
    plan: &FormPlan,
    collated: bool,
    sheet: &mut Sheet,
    scratch: &mut Scratch,
) -> io::Result<()> {
    scratch.answered_at.clear();
    if let Some(at) = record.answered_at {
        value::moment(at, &mut scratch.answered_at);
    }
    let mut found: Vec<(usize, &Answer)> = record
        .answers
        .0
        .iter()
        .filter_map(|(id, answer)| Some((plan.at(id)?, answer)))
        .collect();
    found.sort_unstable_by_key(|(at, _)| *at);
    let mut line = Line {
        view,
        record,
        collated,
        sheet,
        scratch,
    };
    for (at, answer) in found {
        if let Some(field) = plan.fields.get(at).filter(|field| field.goes) {
            line.field(field, answer)?;
        }
    }
    Ok(())
}

/// What all rows of one record share.
struct Line<'l, 'w> {
    view: &'l View<'l>,
    record: &'l Record,
    collated: bool,
    sheet: &'l mut Sheet<'w>,
    scratch: &'l mut Scratch,
}

impl Line<'_, '_> {
    fn field(&mut self, plan: &FieldPlan, answer: &Answer) -> io::Result<()> {
        let Answer::Rows(rows) = answer else {
            return self.answer(plan, plan.field, None, answer);
        };
        for (at, row) in rows.iter().enumerate() {
            for (column, _) in plan.columns.iter().filter(|(_, goes)| *goes) {
                if let Some(answer) = row.get(&column.id) {
                    self.answer(plan, column, Some(at + 1), answer)?;
                }
            }
        }
        Ok(())
    }

    fn answer(
        &mut self,
        plan: &FieldPlan,
        field: &Field,
        row: Option<usize>,
        answer: &Answer,
    ) -> io::Result<()> {
        if answer.is_blank() {
            return Ok(());
        }
        let Answer::Choices(codes) = answer else {
            self.place(plan, field, row, None)?;
            self.value(answer)?;
            return self.tail(field);
        };
        for (at, code) in codes.iter().enumerate() {
            self.place(plan, field, row, Some(at + 1))?;
            self.sheet.value(code)?;
            self.blanks(3)?;
            self.tail(field)?;
        }
        Ok(())
    }

    fn place(
        &mut self,
        plan: &FieldPlan,
        field: &Field,
        row: Option<usize>,
        seq: Option<usize>,
    ) -> io::Result<()> {
        let sheet = &mut *self.sheet;
        self.view.write_id(sheet)?;
        sheet.value(&self.record.form)?;
        sheet.value(&self.record.version)?;
        sheet.value(self.record.response_id.as_deref().unwrap_or_default())?;
        sheet.text(self.record.agency.as_deref().unwrap_or_default())?;
        sheet.value(if self.collated { "true" } else { "false" })?;
        sheet.value(plan.section)?;
        sheet.value(&plan.field.id)?;
        sheet.maybe(row)?;
        sheet.value(if row.is_some() { &field.id } else { "" })?;
        sheet.maybe(seq)
    }

    /// `value_code, value_text, value_number, value_date`: exactly one is filled.
    fn value(&mut self, answer: &Answer) -> io::Result<()> {
        let cell = &mut self.scratch.cell;
        cell.clear();
        if let Answer::Text(text) = answer {
            self.sheet.blank()?;
            self.sheet.text(text)?;
            return self.blanks(2);
        }
        value::plain(answer, cell);
        let before = match answer {
            Answer::Time(_) => 1,
            Answer::Integer(_) | Answer::Decimal(_) => 2,
            Answer::Date(_) | Answer::DateTime(_) => 3,
            _ => 0,
        };
        for at in 0..4 {
            self.sheet
                .value(if at == before { &self.scratch.cell } else { "" })?;
        }
        Ok(())
    }

    fn tail(&mut self, field: &Field) -> io::Result<()> {
        let sheet = &mut *self.sheet;
        sheet.value(field.unit.as_deref().unwrap_or_default())?;
        sheet.value(confidence(field.basis))?;
        sheet.value(&self.scratch.answered_at)?;
        sheet.end()
    }

    fn blanks(&mut self, count: usize) -> io::Result<()> {
        (0..count).try_for_each(|_| self.sheet.blank())
    }
}

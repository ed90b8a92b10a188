//! Which questions a person sees.
//!
//! A question is shown when its `show_when` holds. A test of a hidden question fails, except
//! `is empty`. A nil return (X-10: the agency held no information) hides everything after the
//! section that says so.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use super::answer::Row;
use super::check::{Rule, carries};
use super::condition::Term;
use super::{Answer, Answers, Condition, Field, Form, Surroundings, derive};

/// The ids of the questions that the answers so far open. A table's columns go with their table.
pub fn visible(form: &Form, answers: &Answers, around: &Surroundings) -> BTreeSet<String> {
    let sight = Sight::new(form, answers, around);
    form.fields()
        .filter(|field| sight.shows(field))
        .map(|field| field.id.clone())
        .collect()
}

/// One form's answers with what lies around them, seen through the conditions.
pub(super) struct Sight<'a> {
    pub form: &'a Form,
    pub answers: &'a Answers,
    pub around: &'a Surroundings<'a>,
    /// The last section shown, when this is a nil return.
    nil_after: Option<usize>,
    known: RefCell<HashMap<&'a str, bool>>,
}

impl<'a> Sight<'a> {
    pub fn new(form: &'a Form, answers: &'a Answers, around: &'a Surroundings<'a>) -> Sight<'a> {
        let nil_after = form
            .fields()
            .find(|field| carries(field, Rule::X10))
            .filter(|field| answers.choice(&field.id) == Some("no"))
            .and_then(|field| form.place(&field.id))
            .map(|(section, _)| section);
        Sight {
            form,
            answers,
            around,
            nil_after,
            known: RefCell::default(),
        }
    }

    /// Whether a question of the form is shown.
    pub fn shows(&self, field: &'a Field) -> bool {
        if let Some(known) = self.known.borrow().get(field.id.as_str()) {
            return *known;
        }
        // A loaded dictionary has no circles; should one come, it ends here.
        self.known.borrow_mut().insert(&field.id, true);
        let shown = !self.beyond_nil(field)
            && field
                .show_when
                .as_ref()
                .is_none_or(|when| self.holds(when, None));
        self.known.borrow_mut().insert(&field.id, shown);
        shown
    }

    /// Whether a column of a shown table is shown in one row. Its condition may name another
    /// column of the row, or any field.
    pub fn shows_column(&self, table: &Field, column: &Field, row: &Row) -> bool {
        column
            .show_when
            .as_ref()
            .is_none_or(|when| self.holds(when, Some((table, row))))
    }

    fn beyond_nil(&self, field: &Field) -> bool {
        match (self.nil_after, self.form.place(&field.id)) {
            (Some(last), Some((section, _))) => section > last,
            _ => false,
        }
    }

    fn holds(&self, condition: &Condition, row: Option<(&Field, &Row)>) -> bool {
        condition.terms.iter().all(|term| self.term(term, row))
    }

    fn term(&self, term: &Term, row: Option<(&Field, &Row)>) -> bool {
        if let Some((table, row)) = row
            && table.column(&term.field).is_some()
        {
            return term.test.holds(row.get(&term.field));
        }
        term.test.holds(self.value(&term.field).as_deref())
    }

    /// The answer to a field of this form that is shown, or else of the case's other forms.
    /// What follows from answers goes before what was stored of it.
    pub fn value(&self, id: &str) -> Option<Cow<'a, Answer>> {
        let Some(field) = self.form.field(id) else {
            return (self.around.elsewhere)(id)
                .filter(|answer| !answer.is_blank())
                .or_else(|| derive::looked_up(self, id))
                .map(Cow::Owned);
        };
        if !self.shows(field) {
            return None;
        }
        if let Some(derived) = derive::looked_up(self, id) {
            return Some(Cow::Owned(derived));
        }
        self.answers
            .get(id)
            .filter(|answer| !answer.is_blank())
            .map(Cow::Borrowed)
    }

    /// The day of a date or date-time, known and shown.
    pub fn day(&self, id: &str) -> Option<chrono::NaiveDate> {
        self.value(id)?.day()
    }
}

//! Which questions a person sees.
//!
//! A question is shown when its `show_when` holds. A test of a hidden question fails, except
//! `is empty`. A nil return (X-10: the agency held no information) hides everything after the
//! section that says so.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeSet;

use super::answer::Row;
use super::condition::Term;
use super::dictionary::Place;
use super::{Answer, Answers, Condition, Field, Form, Surroundings, derive};

/// The ids of the questions that the answers so far open. A table's columns go with their table.
pub fn visible(form: &Form, answers: &Answers, around: &Surroundings) -> BTreeSet<String> {
    let sight = Sight::new(form, answers, around);
    sight.shown().map(|field| field.id.clone()).collect()
}

/// One form's answers with what lies around them, seen through the conditions.
pub(super) struct Sight<'a> {
    pub form: &'a Form,
    pub answers: &'a Answers,
    pub around: &'a Surroundings<'a>,
    /// The last section shown, when this is a nil return.
    nil_after: Option<usize>,
    /// By the question's order in the form.
    known: RefCell<Vec<Option<bool>>>,
}

impl<'a> Sight<'a> {
    pub fn new(form: &'a Form, answers: &'a Answers, around: &'a Surroundings<'a>) -> Sight<'a> {
        let nil_after = form
            .gate()
            .filter(|(id, _)| answers.choice(id) == Some("no"))
            .map(|(_, place)| place.section);
        Sight {
            form,
            answers,
            around,
            nil_after,
            known: RefCell::new(vec![None; form.count()]),
        }
    }

    /// The questions that are shown, in the form's order.
    pub fn shown(&self) -> impl Iterator<Item = &'a Field> {
        self.each()
            .filter(|(_, shown)| *shown)
            .map(|(field, _)| field)
    }

    /// Every question in the form's order, and whether it is shown.
    pub fn each(&self) -> impl Iterator<Item = (&'a Field, bool)> {
        let placed = self.form.placed();
        placed.map(|(place, field)| (field, self.shows_at(place, field)))
    }

    /// Whether a question of the form is shown.
    pub fn shows(&self, field: &Field) -> bool {
        let place = self.form.place(&field.id);
        place.is_some_and(|place| self.shows_at(place, field))
    }

    fn shows_at(&self, place: Place, field: &Field) -> bool {
        if let Some(Some(known)) = self.known.borrow().get(place.order) {
            return *known;
        }
        // A loaded dictionary has no circles; should one come, it ends here.
        self.learn(place, true);
        let shown = self.nil_after.is_none_or(|last| place.section <= last)
            && field
                .show_when
                .as_ref()
                .is_none_or(|when| self.holds(when, None));
        self.learn(place, shown);
        shown
    }

    fn learn(&self, place: Place, shown: bool) {
        if let Some(known) = self.known.borrow_mut().get_mut(place.order) {
            *known = Some(shown);
        }
    }

    /// Whether a column of a shown table is shown in one row. Its condition may name another
    /// column of the row, or any field.
    pub fn shows_column(&self, table: &Field, column: &Field, row: &Row) -> bool {
        column
            .show_when
            .as_ref()
            .is_none_or(|when| self.holds(when, Some((table, row))))
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
        let place = self.form.place(id);
        let Some((place, field)) = place.and_then(|p| Some((p, self.form.at(p)?))) else {
            return (self.around.elsewhere)(id)
                .filter(|answer| !answer.is_blank())
                .or_else(|| derive::looked_up(self, id))
                .map(Cow::Owned);
        };
        if !self.shows_at(place, field) {
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

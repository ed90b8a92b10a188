//! What is known already when an agency is asked: which answers of others it may see, as data (`shared_answers.csv`),
//! and what it says of each. A question whose answer is known is not asked again; the agency may confirm it, correct
//! it, or leave it. Must not know where answers are kept, nor who gave them.

mod load;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::form::{Answer, Answers};

/// Where a question stands: form and field.
pub type Place = (String, String);

/// Who may see which known answers.
#[derive(Debug, Clone, Default)]
pub struct Shares {
    rows: Vec<Share>,
    /// Places that ask the same, however far apart the data links them.
    alike: Vec<BTreeSet<Place>>,
}

/// One question whose answer some agencies may see when others gave it.
#[derive(Debug, Clone)]
pub struct Share {
    pub form: String,
    pub field: String,
    /// Agencies, by the code list `agency`.
    readers: BTreeSet<String>,
    /// Where else the same is answered, the place that counts first before the others.
    pub also: Vec<Place>,
}

impl Share {
    /// Every place where the answer may stand, the form's own first.
    pub fn places(&self) -> impl Iterator<Item = (&str, &str)> {
        let own = std::iter::once((self.form.as_str(), self.field.as_str()));
        let also = self
            .also
            .iter()
            .map(|(form, field)| (form.as_str(), field.as_str()));
        own.chain(also)
    }
}

impl Shares {
    /// What an agency may see of a form that it is asked to fill in. Nothing, unless the data says so.
    pub fn of<'a>(&'a self, form: &'a str, agency: &'a str) -> impl Iterator<Item = &'a Share> {
        self.of_form(form)
            .filter(move |share| share.readers.contains(agency))
    }

    /// The questions of a form that others may have answered already.
    pub fn of_form<'a>(&'a self, form: &'a str) -> impl Iterator<Item = &'a Share> {
        self.rows.iter().filter(move |share| share.form == form)
    }

    /// The other places that ask the same as this one.
    pub fn alike(&self, form: &str, field: &str) -> Vec<&Place> {
        let here = |place: &&Place| place.0 == form && place.1 == field;
        self.alike
            .iter()
            .filter(|group| group.iter().any(|place| here(&place)))
            .flatten()
            .filter(|place| !here(place))
            .collect()
    }

    /// Whether the record takes the answer to a question from another place, where that has one.
    pub fn rests(&self, form: &str, field: &str, on: &Place) -> bool {
        self.of_form(form)
            .any(|share| share.field == field && share.also.contains(on))
    }

    /// The forms whose record takes answers from another form.
    pub fn resting_on(&self, there: &str) -> BTreeSet<&str> {
        self.rows
            .iter()
            .filter(|share| share.also.iter().any(|(form, _)| form == there))
            .map(|share| share.form.as_str())
            .collect()
    }

    /// These forms with every one whose record takes answers from them, also by way of others.
    pub fn with_resting(&self, forms: BTreeSet<String>) -> BTreeSet<String> {
        let mut all = forms;
        loop {
            let more: Vec<String> = all
                .iter()
                .flat_map(|form| self.resting_on(form))
                .filter(|form| !all.contains(*form))
                .map(str::to_owned)
                .collect();
            if more.is_empty() {
                return all;
            }
            all.extend(more);
        }
    }
}

/// What an agency says of an answer that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Say {
    /// Its own records say the same.
    Right,
    /// Its own records say something else, or more.
    Different,
    /// It cannot tell.
    CannotSay,
    /// It said it on another form of the request, and the answer went along with this one when it was sent. No page asks
    /// for this.
    Elsewhere,
}

impl Say {
    /// What a page offers.
    pub const ALL: [Self; 3] = [Self::Right, Self::Different, Self::CannotSay];

    /// As it is posted and stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::Different => "different",
            Self::CannotSay => "cannot_say",
            Self::Elsewhere => "elsewhere",
        }
    }

    pub fn words(self) -> &'static str {
        match self {
            Self::Right => "Our records agree",
            Self::Different => "Our records differ",
            Self::CannotSay => "We cannot say",
            Self::Elsewhere => "Answered on another form",
        }
    }
}

/// What an agency says of known answers, by field.
pub type Says = BTreeMap<String, Say>;

/// What is known of one form before an agency answers it, and what the agency says of that.
#[derive(Debug, Clone, Default)]
pub struct Known {
    pub answers: Answers,
    /// Who said so, in words, by field.
    pub from: BTreeMap<String, String>,
    pub says: Says,
    /// What the agency itself answered on another form of the same request, by field: nobody else's word, and nothing
    /// to confirm.
    pub own: BTreeMap<String, Own>,
}

/// An answer of the agency itself that stands on another form of the same request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Own {
    /// The record takes it from there.
    Rests,
    /// It goes along with this form too when that is sent, because the record would not have it otherwise.
    Goes,
}

/// Nothing is known: everything is asked.
pub static NOTHING: Known = Known {
    answers: Answers(BTreeMap::new()),
    from: BTreeMap::new(),
    says: BTreeMap::new(),
    own: BTreeMap::new(),
};

impl Known {
    /// What is known with the agency's own answers over it: what conditions look at.
    #[must_use]
    pub fn under(&self, own: &Answers) -> Answers {
        let mut whole = self.answers.clone();
        whole.0.extend(
            own.0
                .iter()
                .map(|(id, answer)| (id.clone(), answer.clone())),
        );
        whole
    }

    /// Whether a question is not asked, because its answer is known: until the agency says that its own records say
    /// something else, or answers it.
    pub fn spares(&self, field: &str, own: &Answers) -> bool {
        let Some(known) = self.answers.get(field) else {
            return false;
        };
        if self.own.contains_key(field) {
            return !own.is_answered(field);
        }
        match (own.get(field), self.says.get(field)) {
            (None, say) => say != Some(&Say::Different),
            (Some(ours), Some(Say::Right)) => ours == known,
            (Some(_), _) => false,
        }
    }

    /// Takes what an agency says of a known answer into what it answers.
    pub fn say(&mut self, field: &str, say: Say, own: &mut Answers) {
        let Some(known) = self.answers.get(field) else {
            return;
        };
        if self.own.contains_key(field) {
            return;
        }
        match say {
            Say::Right => own.set(field, known.clone()),
            Say::CannotSay => drop(own.remove(field)),
            Say::Different | Say::Elsewhere => {}
        }
        self.says.insert(field.to_owned(), say);
    }

    /// Forgets that a question was to be answered otherwise when nothing was answered: it is known again.
    pub fn forget_unanswered(&mut self, asked: &BTreeSet<&str>, own: &Answers) {
        self.says.retain(|field, say| {
            let open = *say == Say::Different && asked.contains(field.as_str());
            !open || own.is_answered(field)
        });
    }

    /// The answer to a question that is not asked, because the agency gave it on another form of the same request.
    pub fn own_elsewhere(&self, field: &str, own: &Answers) -> Option<&Answer> {
        let there = self.own.contains_key(field) && self.spares(field, own);
        self.answers.get(field).filter(|_| there)
    }

    /// How many of these questions are spared, because others answered them.
    pub fn spared<'f>(&self, fields: impl Iterator<Item = &'f str>, own: &Answers) -> usize {
        fields
            .filter(|field| self.spares(field, own) && !self.own.contains_key(*field))
            .count()
    }
}

/// Takes out again what went along from another form, so that it is asked, and told of, in one place alone.
pub fn leave_elsewhere(says: &mut Says, own: &mut Answers) {
    says.retain(|field, say| {
        let went_along = *say == Say::Elsewhere;
        if went_along {
            own.remove(field);
        }
        !went_along
    });
}

/// Whether an answer tells anything: "not known" spares nobody a question.
pub fn tells(answer: &Answer) -> bool {
    !answer.is_blank() && !answer.is_not_known()
}

#[cfg(test)]
mod tests;

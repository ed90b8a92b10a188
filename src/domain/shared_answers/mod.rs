//! What is known already when an agency is asked: which answers of others it may see, as data (`shared_answers.csv`),
//! and what it says of each. A question whose answer is known is not asked again; the agency may confirm it, correct
//! it, or leave it. Must not know where answers are kept, nor who gave them.

mod load;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::form::{Answer, Answers};

/// Who may see which known answers.
#[derive(Debug, Clone, Default)]
pub struct Shares(Vec<Share>);

/// One question whose answer some agencies may see when others gave it.
#[derive(Debug, Clone)]
pub struct Share {
    pub form: String,
    pub field: String,
    /// Agencies, by the code list `agency`.
    readers: BTreeSet<String>,
    /// Where else the same is answered: form and field.
    pub also: Vec<(String, String)>,
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
        self.0
            .iter()
            .filter(move |share| share.form == form && share.readers.contains(agency))
    }
}

impl Shares {
    /// The questions of a form that another form answers too: the field here, and the field there.
    pub fn from<'a>(
        &'a self,
        form: &'a str,
        there: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0
            .iter()
            .filter(move |share| share.form == form)
            .flat_map(|share| {
                share
                    .also
                    .iter()
                    .map(|(f, id)| (share.field.as_str(), f, id))
            })
            .filter(move |(_, form, _)| form.as_str() == there)
            .map(|(field, _, id)| (field, id.as_str()))
    }

    /// The forms whose record takes answers from another form.
    pub fn resting_on(&self, there: &str) -> BTreeSet<&str> {
        self.0
            .iter()
            .filter(|share| share.also.iter().any(|(form, _)| form == there))
            .map(|share| share.form.as_str())
            .collect()
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
}

impl Say {
    pub const ALL: [Self; 3] = [Self::Right, Self::Different, Self::CannotSay];

    /// As it is posted and stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::Different => "different",
            Self::CannotSay => "cannot_say",
        }
    }

    pub fn words(self) -> &'static str {
        match self {
            Self::Right => "Our records agree",
            Self::Different => "Our records differ",
            Self::CannotSay => "We cannot say",
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
}

/// Nothing is known: everything is asked.
pub static NOTHING: Known = Known {
    answers: Answers(BTreeMap::new()),
    from: BTreeMap::new(),
    says: BTreeMap::new(),
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
        match say {
            Say::Right => own.set(field, known.clone()),
            Say::CannotSay => drop(own.remove(field)),
            Say::Different => {}
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

    /// How many of these questions are spared.
    pub fn spared<'f>(&self, fields: impl Iterator<Item = &'f str>, own: &Answers) -> usize {
        fields.filter(|field| self.spares(field, own)).count()
    }
}

/// Whether an answer tells anything: "not known" spares nobody a question.
pub fn tells(answer: &Answer) -> bool {
    !answer.is_blank() && !answer.is_not_known()
}

#[cfg(test)]
mod tests;

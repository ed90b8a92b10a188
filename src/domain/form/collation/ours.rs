//! What staff typed in the record beside what agencies say. It takes the place of the answers that they had looked at; what
//! came since stands beside it. Must not know where a correction is kept, nor who made it.

use super::{Given, Said, same, unites};
use crate::domain::form::{Answer, Answers, Field};

/// How an answer that staff gave is told from others.
pub const STAFF: &str = "staff";
/// Under which name their words stand beside those of agencies.
const TEAM: &str = "The review team";

/// What staff typed to one question.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ours {
    /// None where they took an answer away.
    pub answer: Option<Answer>,
    /// The answers that they had looked at, each with who had given it.
    pub over: Vec<(Answer, Vec<String>)>,
}

impl Ours {
    /// Whether staff had looked at this answer of somebody.
    pub fn looked_at(&self, source: &str, answer: &Answer) -> bool {
        self.over
            .iter()
            .any(|(seen, from)| same(seen, answer) || from.iter().any(|of| of == source))
    }

    /// What staff said, as one more who was asked.
    pub(super) fn given(&self, id: &str) -> Option<Given> {
        let answer = self.answer.clone()?;
        // Words of several agencies have their names in them already.
        let of_several = self.over.iter().any(|(_, from)| from.len() > 1);
        Some(Given {
            source: STAFF.to_owned(),
            agency: if of_several { "" } else { TEAM }.to_owned(),
            answers: Answers([(id.to_owned(), answer)].into()),
        })
    }

    /// Puts what staff said first among what is said to a question. Where answers stand together, where staff took one away
    /// and where they said that it is not known, theirs is said instead of what they had looked at.
    pub(super) fn join<'g>(&self, field: &Field, all: &mut Vec<Said<'g>>, mine: Option<&'g Given>) {
        let instead = self.answer.as_ref().is_none_or(Answer::is_not_known);
        if instead || unites(field) {
            all.retain(|said| !self.looked_at(&said.given.source, said.answer));
        }
        if let Some(mine) = mine.and_then(|given| Said::of(given, &field.id)) {
            all.insert(0, mine);
        }
    }
}

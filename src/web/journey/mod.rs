//! Filling in a form, whoever does it: the task list, one section, checking the answers. The notifier's page,
//! the agency's and the staff's record all come through here. Knows the form engine; must not know whose
//! form it is, nor where it is kept.

mod read_back;
mod take;

use std::collections::BTreeSet;

use serde::Serialize;

use super::Post;
use super::question::{ErrorSummary, Options, Question, confirm_key, error_summary, questions};
use crate::casework::secrets::digest;
use crate::domain::form::{
    Answer, Answers, Dictionary, Field, Form, Posted, Problem, Reasons, Section, Severity, Stage,
    Surroundings, check_where, derive, visible, words,
};
use crate::domain::shared_answers::{Known, Say};

pub use read_back::{Line, Read, table_words};
pub use take::Taken;

/// One form as one kind of person fills it in.
pub struct Journey<'a> {
    pub dict: &'a Dictionary,
    pub form: &'a Form,
    /// The pages on which the form is asked: its sections, or shorter steps.
    pub outline: &'a [Section],
    pub answers: &'a Answers,
    pub around: Surroundings<'a>,
    /// Which questions are this person's.
    pub wanted: &'a dyn Fn(&Field) -> bool,
    /// Address under which the sections stand, without a slash at the end.
    pub base: String,
    /// Warnings that were confirmed before, with the reasons.
    pub confirmed: &'a Reasons,
    /// Whether confirming one takes a reason.
    pub asks_why: bool,
    /// What others answered already and this person need not; nothing for most.
    pub known: &'a Known,
}

/// A question that is not asked, because its answer is known.
#[derive(Clone, Debug, Serialize)]
pub struct Told {
    pub field: String,
    pub label: String,
    pub value: String,
    /// Who said so, in words.
    pub from: String,
    /// What is said of it, when something is.
    pub say: Option<&'static str>,
    /// The answer as it is shown now: what is said holds for this one alone.
    pub shown: String,
}

/// A section in the task list.
#[derive(Clone, Debug, Serialize)]
pub struct Task {
    pub id: String,
    pub label: String,
    pub href: String,
    /// `done`, `started`, `todo`, `optional`, or `known` when nothing of it is asked.
    pub status: &'static str,
    pub status_words: &'static str,
}

impl<'a> Journey<'a> {
    /// The questions of a section that this person is asked now.
    pub fn fields(&self, section: &'a Section) -> Vec<&'a Field> {
        self.shown(section, &self.open())
            .into_iter()
            .filter(|f| !self.spared(f))
            .collect()
    }

    /// The questions that are open by what is answered and by what is known.
    fn open(&self) -> BTreeSet<String> {
        visible(self.form, &self.known.under(self.answers), &self.around)
    }

    fn spared(&self, field: &Field) -> bool {
        self.known.spares(&field.id, self.answers)
    }

    /// The questions of a section that are not asked, because their answers are known; with what is said of them, as
    /// posted or as held.
    pub fn told(&self, section: &'a Section, posted: Option<&Post>) -> Vec<Told> {
        self.shown(section, &self.open())
            .into_iter()
            .filter(|f| self.spared(f) && !self.known.own.contains_key(&f.id))
            .filter_map(|f| {
                let answer = self.known.answers.get(&f.id)?;
                let held = self.known.says.get(&f.id).copied();
                let say = posted.and_then(|post| said_of(post, &f.id)).or(held);
                Some(Told {
                    field: f.id.clone(),
                    label: f.label.clone(),
                    value: words(self.dict, f, answer),
                    from: self.known.from.get(&f.id).cloned().unwrap_or_default(),
                    say: say.map(Say::as_str),
                    shown: shown(&f.id, answer),
                })
            })
            .collect()
    }

    /// The questions of a section that are not asked, because the same was answered on another form of theirs: label,
    /// answer, the name of that form, and the question's id.
    pub fn said_elsewhere(&self, section: &'a Section) -> Vec<[String; 4]> {
        self.shown(section, &self.open())
            .into_iter()
            .filter_map(|f| {
                let answer = self.known.own_elsewhere(&f.id, self.answers)?;
                let from = self.known.from.get(&f.id).cloned().unwrap_or_default();
                Some([
                    f.label.clone(),
                    words(self.dict, f, answer),
                    from,
                    f.id.clone(),
                ])
            })
            .collect()
    }

    /// How many questions this person is asked, and how many not, because others answered them.
    pub fn counts(&self) -> (usize, usize) {
        let open = self.open();
        let all: Vec<&Field> = self
            .outline
            .iter()
            .flat_map(|s| self.shown(s, &open))
            .collect();
        let asked = all.iter().filter(|f| !self.spared(f)).count();
        let all = all.iter().map(|f| f.id.as_str());
        (asked, self.known.spared(all, self.answers))
    }

    fn shown(&self, section: &'a Section, open: &BTreeSet<String>) -> Vec<&'a Field> {
        section
            .fields
            .iter()
            .filter(|f| (self.wanted)(f) && open.contains(&f.id))
            .collect()
    }

    /// A page by its id.
    pub fn section(&self, id: &str) -> Option<&'a Section> {
        self.outline.iter().find(|s| s.id == id)
    }

    /// The page that asks a question.
    pub fn section_of(&self, field: &str) -> Option<&'a Section> {
        self.outline
            .iter()
            .find(|s| s.fields.iter().any(|f| f.id == field))
    }

    /// The sections that hold a question for this person now.
    pub fn sections(&self) -> Vec<&'a Section> {
        let open = self.open();
        self.outline
            .iter()
            .filter(|s| !self.shown(s, &open).is_empty())
            .collect()
    }

    /// What stops the form from being sent, and what asks for confirmation.
    pub fn faults(&self) -> Vec<Problem> {
        let mut given = self.known.under(self.answers);
        derive(self.dict, self.form, &mut given, &self.around);
        let mut found = check_where(
            self.dict,
            self.form,
            &given,
            &self.around,
            Stage::Final,
            &|f| (self.wanted)(f) && !self.spared(f),
        );
        found.retain(|p| {
            p.severity == Severity::Stop || !self.confirmed.contains_key(&confirm_key(p))
        });
        self.in_order(found)
    }

    /// The sections with how far each is.
    pub fn tasks(&self) -> Vec<Task> {
        let faults = self.faults();
        let open = self.open();
        self.sections()
            .into_iter()
            .map(|section| {
                let fields = self.shown(section, &open);
                let answered = fields.iter().any(|f| self.answers.is_answered(&f.id));
                let lacking = faults
                    .iter()
                    .any(|p| fields.iter().any(|f| f.id == p.field));
                let (status, status_words) = match (answered, lacking) {
                    _ if fields.iter().all(|f| self.spared(f)) => ("known", "Known already"),
                    (true, false) => ("done", "Completed"),
                    (true, true) => ("started", "In progress"),
                    (false, true) => ("todo", "Not yet started"),
                    (false, false) => ("optional", "Optional"),
                };
                Task {
                    id: section.id.clone(),
                    label: section.label.clone(),
                    href: format!("{}/{}", self.base, section.id),
                    status,
                    status_words,
                }
            })
            .collect()
    }

    /// The section after this one that this person sees.
    pub fn after(&self, section: &str) -> Option<&'a Section> {
        let all = self.sections();
        let at = all.iter().position(|s| s.id == section)?;
        all.get(at + 1).copied()
    }

    /// The questions of a section, as typed or as held.
    pub fn questions(
        &self,
        section: &'a Section,
        posted: Option<&Posted>,
        problems: &[Problem],
    ) -> Vec<Question> {
        let options = Options {
            confirmed: Some(self.confirmed),
            asks_why: self.asks_why,
            add: None,
            mark_optional: true,
        };
        let mut all = questions(
            self.dict,
            self.form,
            &self.fields(section),
            self.answers,
            posted,
            problems,
            &options,
        );
        for question in &mut all {
            if let Some(said) = self.said_before(&question.id) {
                let hint = question.hint.take().map(|hint| format!(" {hint}"));
                question.hint = Some(said + &hint.unwrap_or_default());
            }
        }
        all
    }

    /// What others answered to a question that is asked all the same.
    fn said_before(&self, field: &str) -> Option<String> {
        let answer = self.known.answers.get(field)?;
        let value = words(self.dict, self.form.field(field)?, answer);
        let from = self.known.from.get(field)?;
        if self.known.own.contains_key(field) {
            return Some(format!("You answered {value} on another form ({from})."));
        }
        Some(format!("Known already: {value} ({from})."))
    }

    /// The error summary of some problems.
    pub fn summary(&self, problems: &[Problem]) -> Option<ErrorSummary> {
        error_summary(self.form, problems)
    }

    /// The problems in the order in which the pages ask.
    pub fn in_order(&self, mut problems: Vec<Problem>) -> Vec<Problem> {
        let place = |p: &Problem| {
            let ids = self
                .outline
                .iter()
                .flat_map(|s| s.fields.iter().map(|f| f.id.as_str()));
            ids.enumerate()
                .find(|(_, id)| *id == p.field)
                .map_or(usize::MAX, |(at, _)| at)
        };
        problems.sort_by_key(place);
        problems
    }

    /// What only asks for confirmation, so that it can be confirmed where the form is sent.
    pub fn to_confirm(&self, problems: &[Problem]) -> Vec<serde_json::Value> {
        problems
            .iter()
            .filter(|p| p.severity == Severity::Warn)
            .map(|p| context! { key => confirm_key(p), asks_why => self.asks_why, message => &p.message, label => self.form.field(&p.field).map(|f| f.label.clone()) })
            .collect()
    }

    /// What is held of a section, in short: to tell whether it changed while a page was open.
    pub fn base_of(&self, section: &Section) -> String {
        let held = section.fields.iter().filter_map(|f| {
            let answer = self.answers.get(&f.id)?.clone();
            Some((f.id.clone(), answer))
        });
        digest(Answers(held.collect()).to_json().to_string().as_bytes())
    }

    /// Where what was typed and what is held now say different things: label, typed, held.
    pub fn differences(
        &self,
        section: &'a Section,
        typed: &Answers,
    ) -> Vec<(String, String, String)> {
        self.fields(section)
            .into_iter()
            .filter(|f| typed.get(&f.id) != self.answers.get(&f.id))
            .map(|f| {
                let say = |a: Option<&Answer>| {
                    a.map_or_else(|| "Not answered".into(), |a| words(self.dict, f, a))
                };
                (
                    f.label.clone(),
                    say(typed.get(&f.id)),
                    say(self.answers.get(&f.id)),
                )
            })
            .collect()
    }
}

/// A known answer as a page carries it, to be told from another that came meanwhile.
fn shown(field: &str, answer: &Answer) -> String {
    Answers([(field.to_owned(), answer.clone())].into())
        .to_json()
        .to_string()
}

/// What a post says of a known answer.
fn said_of(post: &Post, field: &str) -> Option<Say> {
    let word = post.get(&format!("known-{field}"))?;
    Say::ALL.into_iter().find(|say| say.as_str() == word)
}

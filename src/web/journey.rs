//! Filling in a form, whoever does it: the task list, one section, checking the answers. The notifier's page,
//! the agency's and the staff's record all come through here. Knows the form engine; must not know whose
//! form it is, nor where it is kept.

use std::collections::BTreeSet;

use serde::Serialize;

use super::Post;
use super::question::{
    ErrorSummary, Options, Question, confirm_key, error_summary, questions, why_name,
};
use crate::casework::secrets::digest;
use crate::domain::form::{
    Answer, Answers, Dictionary, Field, Form, Kind, LONGEST_REASON, Posted, Problem, Reasons,
    Section, Severity, Stage, Surroundings, check_where, derive, read, visible, words,
};
use crate::domain::shared_answers::{Known, Say, Says};

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

/// One answer as it is read back.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    pub field: String,
    pub label: String,
    pub value: String,
    /// For a table: each row as label and words.
    pub rows: Vec<Vec<(String, String)>>,
    pub answered: bool,
    pub required: bool,
    pub problems: Vec<String>,
    pub href: String,
}

/// A section as it is read back.
#[derive(Clone, Debug, Serialize)]
pub struct Read {
    pub id: String,
    pub label: String,
    pub href: String,
    pub lines: Vec<Line>,
}

/// What a post of one section came to.
pub struct Taken {
    pub answers: Answers,
    pub confirmed: Reasons,
    /// What is said of answers that were known.
    pub says: Says,
    pub problems: Vec<Problem>,
    /// A row was added or taken away: the page is shown again.
    pub reshaped: bool,
    /// Questions opened in this same section that were not on the page.
    pub opened: bool,
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
            .filter(|f| self.spared(f))
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

    /// How many questions this person is asked, and how many not, because their answers are known.
    pub fn counts(&self) -> (usize, usize) {
        let open = self.open();
        let all: Vec<&Field> = self
            .outline
            .iter()
            .flat_map(|s| self.shown(s, &open))
            .collect();
        let spared = all.iter().filter(|f| self.spared(f)).count();
        (all.len() - spared, spared)
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

    /// Every section read back, with what is missing or to be looked at.
    pub fn read_back(&self, problems: &[Problem], only_answered: bool) -> Vec<Read> {
        let open = self.open();
        self.sections()
            .into_iter()
            .map(|section| {
                let href = format!("{}/{}", self.base, section.id);
                let lines = self
                    .shown(section, &open)
                    .into_iter()
                    .filter(|f| {
                        self.answers.is_answered(&f.id) || !(only_answered || self.spared(f))
                    })
                    .map(|f| self.line(f, &href, problems))
                    .collect();
                Read {
                    id: section.id.clone(),
                    label: section.label.clone(),
                    href,
                    lines,
                }
            })
            .collect()
    }

    /// Every answer of a form that was sent, section by section. What was not asked was taken out when it was sent.
    pub fn sent(&self) -> Vec<Read> {
        let section = |section: &Section| Read {
            id: section.id.clone(),
            label: section.label.clone(),
            href: String::new(),
            lines: section
                .fields
                .iter()
                .filter(|f| (self.wanted)(f) && self.answers.is_answered(&f.id))
                .map(|f| self.line(f, "", &[]))
                .collect(),
        };
        self.outline.iter().map(section).collect()
    }

    fn line(&self, field: &Field, href: &str, problems: &[Problem]) -> Line {
        let answer = self.answers.get(&field.id);
        let target = match field.kind {
            Kind::Date | Kind::DateTime => format!("{href}#{}-day", field.id),
            _ => format!("{href}#{}", field.id),
        };
        Line {
            field: field.id.clone(),
            label: field.label.clone(),
            value: answer
                .map(|a| words(self.dict, field, a))
                .unwrap_or_default(),
            rows: answer
                .map(|a| table_words(self.dict, field, a))
                .unwrap_or_default(),
            answered: answer.is_some(),
            required: field.required,
            problems: problems
                .iter()
                .filter(|p| p.field == field.id)
                .map(|p| p.message.clone())
                .collect(),
            href: target,
        }
    }

    /// Reads the post of one section into the answers.
    pub fn take(&self, section: &'a Section, post: &Post) -> Taken {
        let removed = post.get("remove").and_then(row_of);
        let shaped = removed.map(|(table, row)| without_row(&post.0, table, row));
        let given = shaped.as_ref().unwrap_or(&post.0);
        let fields = self.fields(section);
        let mut answers = self.answers.clone();
        let mut problems = read(self.dict, self.form, &fields, given, &mut answers);
        let on_page: BTreeSet<&str> = fields.iter().map(|f| f.id.as_str()).collect();
        let known = self.said(section, post, &on_page, &mut answers);
        derive(self.dict, self.form, &mut answers, &self.around);
        let shown_here = |f: &Field| on_page.contains(f.id.as_str());
        for found in check_where(
            self.dict,
            self.form,
            &known.under(&answers),
            &self.around,
            Stage::Draft,
            &shown_here,
        ) {
            let told = problems
                .iter()
                .any(|p| p.field == found.field && p.row == found.row && p.column == found.column);
            if !told {
                problems.push(found);
            }
        }
        let confirmed = self.confirmations(&on_page, post);
        problems
            .retain(|p| p.severity == Severity::Stop || !confirmed.contains_key(&confirm_key(p)));
        let open = visible(self.form, &known.under(&answers), &self.around);
        let changed = self.told(section, None).iter().any(|told| {
            let was = post.get(&format!("shown-{}", told.field));
            said_of(post, &told.field).is_some() && was.is_some_and(|was| was != told.shown)
        });
        let opened = changed
            || self.shown(section, &open).iter().any(|f| {
                let asked_now = !on_page.contains(f.id.as_str()) && !known.spares(&f.id, &answers);
                asked_now && (!answers.is_answered(&f.id) || self.spared(f))
            });
        let reshaped = post.get("add").is_some() || post.get("remove").is_some();
        Taken {
            answers,
            confirmed,
            says: known.says,
            problems,
            reshaped,
            opened,
        }
    }

    /// What a post of one section says of what is known.
    fn said(
        &self,
        section: &'a Section,
        post: &Post,
        on_page: &BTreeSet<&str>,
        answers: &mut Answers,
    ) -> Known {
        let mut known = self.known.clone();
        known.forget_unanswered(on_page, answers);
        for told in self.told(section, None) {
            let same = post.get(&format!("shown-{}", told.field)) == Some(&told.shown);
            if let Some(say) = said_of(post, &told.field).filter(|_| same) {
                known.say(&told.field, say, answers);
            }
        }
        known
    }

    /// What was confirmed on other pages, and what is ticked on this one. Where a reason is asked for, one that is
    /// missing confirms nothing.
    fn confirmations(&self, on_page: &BTreeSet<&str>, post: &Post) -> Reasons {
        let field_of = |key: &str| key.split([':', '.']).next().unwrap_or_default().to_owned();
        let mut all: Reasons = self
            .confirmed
            .iter()
            .filter(|(key, _)| !on_page.contains(field_of(key).as_str()))
            .map(|(key, why)| (key.clone(), why.clone()))
            .collect();
        for key in post.all("confirm") {
            let why = post.text(&why_name(&key)).trim().to_owned();
            let fits = why.chars().count() <= LONGEST_REASON;
            if !self.asks_why || (!why.is_empty() && fits) {
                all.insert(key, why);
            }
        }
        all
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

/// The rows of a table's answer: label and words of each answered cell.
pub fn table_words(
    dict: &Dictionary,
    field: &Field,
    answer: &Answer,
) -> Vec<Vec<(String, String)>> {
    let Answer::Rows(rows) = answer else {
        return Vec::new();
    };
    rows.iter()
        .map(|row| {
            field
                .columns
                .iter()
                .filter_map(|c| Some((c.label.clone(), words(dict, c, row.get(&c.id)?))))
                .collect()
        })
        .collect()
}

fn row_of(value: &str) -> Option<(&str, usize)> {
    let (table, row) = value.rsplit_once('-')?;
    Some((table, row.parse().ok()?))
}

/// The post as it would be without one row of a table; the rows after it move up.
fn without_row(posted: &Posted, table: &str, gone: usize) -> Posted {
    let prefix = format!("{table}-");
    let moved = posted.0.iter().filter_map(|(name, value)| {
        let Some((row, rest)) = name.strip_prefix(&prefix).and_then(|r| r.split_once('-')) else {
            return Some((name.clone(), value.clone()));
        };
        let Ok(row) = row.parse::<usize>() else {
            return Some((name.clone(), value.clone()));
        };
        match row.cmp(&gone) {
            std::cmp::Ordering::Less => Some((name.clone(), value.clone())),
            std::cmp::Ordering::Equal => None,
            std::cmp::Ordering::Greater => {
                Some((format!("{prefix}{}-{rest}", row - 1), value.clone()))
            }
        }
    });
    Posted(moved.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taking_a_row_away_moves_the_later_ones_up() {
        let pair = |n: &str, v: &str| (n.to_owned(), v.to_owned());
        let posted = Posted(vec![
            pair("t-0-a", "1"),
            pair("t-1-a", "2"),
            pair("t-2-a", "3"),
            pair("other", "x"),
        ]);
        let left = without_row(&posted, "t", 1);
        assert_eq!(
            left.0,
            vec![pair("t-0-a", "1"), pair("t-1-a", "3"), pair("other", "x")]
        );
    }
}

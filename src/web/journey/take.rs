//! What was posted of one section, read into the answers.

use std::collections::BTreeSet;

use super::{Journey, said_of};
use crate::domain::form::{
    Answers, Field, LONGEST_REASON, Posted, Problem, Reasons, Section, Severity, Stage,
    check_where, derive, read, visible,
};
use crate::domain::shared_answers::{Known, Says};
use crate::web::Post;
use crate::web::question::{confirm_key, why_name};

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
    /// Reads the post of one section into the answers.
    pub fn take(&self, section: &'a Section, post: &Post) -> Taken {
        let removed = post.get("remove").and_then(row_of);
        let shaped = removed.map(|(table, row)| without_row(&post.0, table, row));
        let given = shaped.as_ref().unwrap_or(&post.0);
        let fields = self.fields(section);
        let mut answers = self.answers.clone();
        let mut problems = read(self.dict, self.form, &fields, given, &mut answers);
        let overtaken = self.overtaken(section, given, &mut answers);
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
            || overtaken
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

    /// Takes what was typed to questions whose answers became known while the page was open: it is the person's own word.
    /// Says whether there was any.
    fn overtaken(&self, section: &'a Section, given: &Posted, answers: &mut Answers) -> bool {
        let open = self.open();
        let known = self.shown(section, &open);
        let mut any = false;
        for field in known.into_iter().filter(|f| self.spared(f)) {
            let mut typed = Answers::default();
            let faults = read(self.dict, self.form, &[field], given, &mut typed);
            any |= !faults.is_empty() || typed.is_answered(&field.id);
            if let Some(answer) = typed.remove(&field.id) {
                answers.set(field.id.clone(), answer);
            }
        }
        any
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
    use super::{Posted, without_row};

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

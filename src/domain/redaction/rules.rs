//! The data that proposals rest on, from `fixtures/redaction/`: patterns, words that are no names, given names, words that
//! every place may have in its name, and what stands instead of the answer to each question that identifies.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use regex::Regex;

use super::days::{offset, read};
use super::{Finding, What};
use crate::domain::duplicate::fold;
use crate::domain::form::{Dictionary, Field, Identifies, Kind};
use crate::domain::table::{Line, lines};

const PATTERNS: &str = "redaction/patterns.csv";
const BECOMES: &str = "redaction/becomes.csv";

/// What stands instead of the answer to one question.
#[derive(Debug, Clone)]
pub struct Becomes {
    /// Code of the form; `*` for every form that asks the question.
    form: String,
    /// A field, or a column as `table.column`.
    pub field: String,
    /// `Name`, `Place`, `Address` or another reason for which its words are proposed wherever they stand.
    pub what: What,
    pub words: String,
    /// The column of the same table whose answer says it better, such as the relationship.
    pub role: Option<String>,
}

impl Becomes {
    /// Whether it is about this question.
    pub fn is_about(&self, form: &str, field: &str) -> bool {
        (self.form == "*" || self.form == form) && self.field == field
    }
}

struct Pattern {
    what: What,
    regex: Regex,
    becomes: String,
}

/// Everything that was read.
#[derive(Default)]
pub struct Rules {
    patterns: Vec<Pattern>,
    ordinary: BTreeSet<String>,
    given: BTreeSet<String>,
    general: BTreeSet<String>,
    roles: BTreeSet<String>,
    also_words: BTreeSet<String>,
    /// Lines in order.
    english: &'static str,
    becomes: Vec<Becomes>,
}

/// The texts of the data files.
pub struct Files<'a> {
    pub patterns: &'a str,
    pub becomes: &'a str,
    pub ordinary: &'a str,
    pub given: &'a str,
    pub general: &'a str,
    pub roles: &'a str,
    pub also_words: &'a str,
    /// One small word a line, in order.
    pub english: &'static str,
}

impl Rules {
    /// Reads the data files against a dictionary: every text that identifies directly must have a line in `becomes.csv`.
    ///
    /// # Errors
    /// Everything that cannot be right, by file, line and column.
    pub fn load(dict: &Dictionary, files: &Files<'_>) -> Result<Self, Vec<String>> {
        let mut patterns = Vec::new();
        let mut faults = lines(PATTERNS, files.patterns, |line| {
            patterns.extend(line.pattern());
        });
        let mut becomes = Vec::new();
        faults.extend(lines(BECOMES, files.becomes, |line| {
            becomes.extend(line.becomes(dict));
        }));
        let rules = Self {
            patterns,
            ordinary: list(files.ordinary),
            given: list(files.given),
            general: list(files.general),
            roles: list(files.roles),
            also_words: list(files.also_words),
            english: files.english,
            becomes,
        };
        if faults.is_empty() {
            faults = rules.uncovered(dict);
        }
        if faults.is_empty() {
            Ok(rules)
        } else {
            Err(faults)
        }
    }

    /// Questions for words that identify directly and have no line.
    fn uncovered(&self, dict: &Dictionary) -> Vec<String> {
        let mut faults = Vec::new();
        for form in &dict.forms {
            let own = form.fields().map(|field| (field.id.clone(), field));
            let columns = form.fields().flat_map(|table| {
                let key = |column: &Field| format!("{}.{}", table.id, column.id);
                table.columns.iter().map(move |c| (key(c), c))
            });
            for (key, field) in own.chain(columns) {
                let words = matches!(field.kind, Kind::Text | Kind::LongText);
                let direct = field.identifies == Identifies::Direct;
                if words && direct && self.of(&form.code, &key).is_none() {
                    faults.push(format!("{BECOMES}: no line for {key} of {}", form.code));
                }
            }
        }
        faults
    }

    /// What stands instead of the answer to a question, if it is never shown.
    pub fn of(&self, form: &str, field: &str) -> Option<&Becomes> {
        self.becomes.iter().find(|line| line.is_about(form, field))
    }

    pub(super) fn is_ordinary(&self, folded: &str) -> bool {
        self.ordinary.contains(folded) || self.general.contains(folded)
    }

    /// A word that says what somebody is.
    pub(super) fn is_role(&self, folded: &str) -> bool {
        self.roles.contains(folded)
    }

    /// A name only with a capital.
    pub(super) fn is_word_too(&self, folded: &str) -> bool {
        self.also_words.contains(folded) || self.is_ordinary(folded)
    }

    /// A word of the language. Looked up in the text as it is, which is long and loaded often.
    pub(super) fn is_english(&self, folded: &str) -> bool {
        has_line(self.english, folded)
            || folded
                .strip_suffix('s')
                .is_some_and(|one| has_line(self.english, one))
    }

    pub(super) fn is_given_name(&self, folded: &str) -> bool {
        self.given.contains(folded)
    }

    /// Words that many places have in their names.
    pub(super) fn is_general(&self, folded: &str) -> bool {
        self.general.contains(folded) || folded.chars().all(char::is_numeric)
    }

    pub(super) fn patterns(&self, text: &str, died: Option<NaiveDate>) -> Vec<Finding> {
        let mut found = Vec::new();
        for pattern in &self.patterns {
            for hit in pattern.regex.find_iter(text) {
                let trimmed = hit.as_str().trim_end();
                let told = (pattern.what == What::Date)
                    .then(|| died.and_then(|died| Some(offset(read(trimmed, died)?, died))))
                    .flatten();
                found.push(Finding {
                    start: hit.start(),
                    end: hit.start() + trimmed.len(),
                    what: pattern.what,
                    becomes: told.unwrap_or_else(|| pattern.becomes.clone()),
                });
            }
        }
        found
    }
}

/// Whether a line of a text in order is this word.
fn has_line(text: &str, word: &str) -> bool {
    let (mut from, mut to) = (0, text.len());
    while from < to {
        let middle = from + (to - from) / 2;
        let begin = text
            .get(..middle)
            .and_then(|before| before.rfind('\n'))
            .map_or(0, |at| at + 1);
        let rest = text.get(begin..).unwrap_or_default();
        let line = rest.lines().next().unwrap_or_default();
        match line.cmp(word) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => from = begin + line.len() + 1,
            std::cmp::Ordering::Greater => to = begin,
        }
    }
    false
}

fn list(text: &str) -> BTreeSet<String> {
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .flat_map(|line| fold(line).split(' ').map(str::to_owned).collect::<Vec<_>>())
        .filter(|word| !word.is_empty())
        .collect()
}

impl Line<'_> {
    fn pattern(&mut self) -> Option<Pattern> {
        let (what, becomes) = (self.text("what"), self.text("becomes"));
        let what = what.parse().map_err(|_| self.wrong("what", "is no reason"));
        if self.text("basis").is_empty() || becomes.is_empty() {
            self.wrong("basis", "needs a basis and words that take its place");
        }
        let regex = Regex::new(&self.text("pattern"));
        let regex = regex.map_err(|fault| self.wrong("pattern", &fault.to_string()));
        Some(Pattern {
            what: what.ok()?,
            regex: regex.ok()?,
            becomes,
        })
    }

    fn becomes(&mut self, dict: &Dictionary) -> Option<Becomes> {
        let (form, field) = (self.text("form"), self.text("field"));
        let (table, column) = field.split_once('.').unwrap_or((&field, ""));
        let asked = dict.forms.iter().any(|one| {
            let asks = |table: &Field| column.is_empty() || table.column(column).is_some();
            (form == "*" || one.code == form) && one.field(table).is_some_and(asks)
        });
        if !asked {
            self.wrong("field", "is asked on no such form");
        }
        let what = self.text("what");
        let what = what.parse().map_err(|_| self.wrong("what", "is no reason"));
        let (words, role) = (self.text("becomes"), self.text("role"));
        if words.is_empty() || self.text("basis").is_empty() {
            self.wrong("becomes", "needs words and a basis");
        }
        Some(Becomes {
            form,
            field,
            what: what.ok()?,
            words,
            role: Some(role).filter(|role| !role.is_empty()),
        })
    }
}

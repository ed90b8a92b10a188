//! What the record suggests beside a section of the analysis, as `panel_prompts.csv` lists it: a prompt to look again, never
//! a judgement. Must not know which case it is.

use crate::domain::circumstance::Circumstance;
use crate::domain::form::Dictionary;
use crate::domain::record::CaseRecord;
use crate::domain::table::{Line, lines};

const FILE: &str = "panel_prompts.csv";
const FORM: &str = "analysis";

#[derive(Debug, Clone)]
struct Prompt {
    section: String,
    when: Circumstance,
    words: String,
}

/// Every prompt.
#[derive(Debug, Clone, Default)]
pub struct Prompts(Vec<Prompt>);

impl Prompts {
    /// Reads the data file against a dictionary.
    ///
    /// # Errors
    /// Everything that cannot be right, as `panel_prompts.csv:5: column section: …`.
    pub fn load(dict: &Dictionary, text: &str) -> Result<Self, Vec<String>> {
        let mut all = Vec::new();
        let faults = lines(FILE, text, |line| all.extend(line.prompt(dict)));
        if faults.is_empty() {
            Ok(Self(all))
        } else {
            Err(faults)
        }
    }

    /// What the record suggests beside a section.
    pub fn beside(&self, section: &str, record: &CaseRecord) -> Vec<&str> {
        self.0
            .iter()
            .filter(|prompt| prompt.section == section && prompt.when.holds(record))
            .map(|prompt| prompt.words.as_str())
            .collect()
    }
}

impl Line<'_> {
    fn prompt(&mut self, dict: &Dictionary) -> Option<Prompt> {
        let (section, words) = (self.text("section"), self.text("words"));
        let (on, condition) = (self.text("on"), self.text("condition"));
        let form = dict.form(FORM);
        if !form.is_some_and(|form| form.sections.iter().any(|s| s.id == section)) {
            self.wrong("section", "is no section of the analysis");
        }
        if words.is_empty() {
            self.wrong("words", "is empty");
        }
        if self.text("basis").is_empty() {
            self.wrong("basis", "is empty");
        }
        let when = Circumstance::read(dict, &on, &condition);
        let when = when.map_err(|fault| self.wrong("condition", &fault)).ok()?;
        self.is_sound().then_some(Prompt {
            section,
            when,
            words,
        })
    }
}

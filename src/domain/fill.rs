//! What one form of the record says of another: the decisions of the first hours fill the joint agency response's form.
//! Which answer goes where is data. Must not know what stands in the form that is filled, nor who typed it.

use super::form::{Answer, Answers, Dictionary, Kind};
use super::table::{Line, lines};

/// Name of the data file, as faults name it.
const FILE: &str = "fills.csv";

/// One way from an answer to another.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Fill {
    form: String,
    field: String,
    /// Only where the answer is this code.
    is: Option<String>,
    to_form: String,
    to_field: String,
    /// The code that is put there; none where the answer itself is.
    answer: Option<String>,
    /// The code is one of several.
    several: bool,
}

/// All of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fills(Vec<Fill>);

/// What a question of another form should say now; none where nothing is to be said.
#[derive(Debug, Clone, PartialEq)]
pub struct Filled {
    pub form: String,
    pub field: String,
    pub answer: Option<Answer>,
}

impl Fills {
    /// Reads the data file against a dictionary.
    ///
    /// # Errors
    /// Everything that cannot be right, as `fills.csv:5: column field: …`.
    pub fn load(dict: &Dictionary, text: &str) -> Result<Self, Vec<String>> {
        let mut all = Vec::new();
        let faults = lines(FILE, text, |line| all.extend(line.fill(dict)));
        if faults.is_empty() {
            Ok(Self(all))
        } else {
            Err(faults)
        }
    }

    /// Whether this form fills another.
    pub fn are_from(&self, form: &str) -> bool {
        self.0.iter().any(|fill| fill.form == form)
    }

    /// What this form's answers say of other forms, question by question.
    pub fn of(&self, form: &str, answers: &Answers) -> Vec<Filled> {
        let mut all: Vec<Filled> = Vec::new();
        for fill in self.0.iter().filter(|fill| fill.form == form) {
            let said = fill.said(answers);
            let known = all
                .iter_mut()
                .find(|f| f.form == fill.to_form && f.field == fill.to_field);
            match known {
                Some(known) => known.answer = together(known.answer.take(), said),
                None => all.push(Filled {
                    form: fill.to_form.clone(),
                    field: fill.to_field.clone(),
                    answer: said,
                }),
            }
        }
        all
    }
}

/// Codes of several are put together; of anything else the first stands.
fn together(before: Option<Answer>, more: Option<Answer>) -> Option<Answer> {
    match (before, more) {
        (Some(Answer::Choices(mut codes)), Some(Answer::Choices(more))) => {
            codes.extend(more);
            Some(Answer::Choices(codes))
        }
        (before, more) => before.or(more),
    }
}

impl Fill {
    fn said(&self, answers: &Answers) -> Option<Answer> {
        let answer = answers
            .get(&self.field)
            .filter(|answer| !answer.is_blank())?;
        if self.is.is_some() && answers.choice(&self.field) != self.is.as_deref() {
            return None;
        }
        Some(match &self.answer {
            None => answer.clone(),
            Some(code) if self.several => Answer::Choices(vec![code.clone()]),
            Some(code) => Answer::Choice(code.clone()),
        })
    }
}

impl Line<'_> {
    fn fill(&mut self, dict: &Dictionary) -> Option<Fill> {
        let (form, field) = (self.text("form"), self.text("field"));
        let (to_form, to_field) = (self.text("to_form"), self.text("to_field"));
        if self.text("basis").is_empty() {
            self.wrong("basis", "is empty");
        }
        let perhaps = |text: String| Some(text).filter(|text| !text.is_empty());
        let (is, answer) = (perhaps(self.text("is")), perhaps(self.text("answer")));
        let find = |form: &str, field: &str| dict.form(form)?.field(field);
        let Some(from) = find(&form, &field) else {
            self.wrong("field", "is not asked on that form");
            return None;
        };
        let Some(to) = find(&to_form, &to_field) else {
            self.wrong("to_field", "is not asked on that form");
            return None;
        };
        let has = |codes: Option<&str>, code: &str| {
            codes.is_some_and(|list| dict.code(list, code).is_some())
        };
        if is
            .as_ref()
            .is_some_and(|code| !has(from.codes.as_deref(), code))
        {
            self.wrong("is", "is no answer to that question");
        }
        if answer
            .as_ref()
            .is_some_and(|code| !has(to.codes.as_deref(), code))
        {
            self.wrong("answer", "is no answer to that question");
        }
        if answer.is_none() && from.kind != to.kind {
            self.wrong("to_field", "is answered in another way");
        }
        self.is_sound().then_some(Fill {
            several: to.kind == Kind::MultiChoice,
            form,
            field,
            is,
            to_form,
            to_field,
            answer,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample::library;

    const HEAD: &str = "form,field,is,to_form,to_field,answer,basis\n";

    fn shipped() -> Fills {
        let library = library();
        let text = include_str!("../../fixtures/fills.csv");
        Fills::load(library.current(), text).unwrap()
    }

    #[test]
    fn what_is_met_and_why_goes_to_the_form() {
        let mut said = Answers::default();
        said.set("jar_met", Answer::Choice("yes".into()));
        said.set("trigger_external", Answer::Choice("yes".into()));
        said.set("trigger_sudden", Answer::Choice("no".into()));
        said.set("trigger_custody", Answer::Choice("yes".into()));
        let filled = shipped().of("first_hours", &said);
        let of = |field: &str| {
            filled
                .iter()
                .find(|f| f.field == field)
                .unwrap()
                .answer
                .clone()
        };
        assert_eq!(of("jar_required"), Some(Answer::Choice("yes".into())));
        let both = vec!["external".to_owned(), "custody_mha".to_owned()];
        assert_eq!(of("jar_triggers"), Some(Answer::Choices(both)));
        assert_eq!(
            of("decision_by"),
            None,
            "said of nothing that was left empty"
        );
    }

    #[test]
    fn a_line_that_cannot_be_right_is_named() {
        let library = library();
        for (line, column) in [
            ("first_hours,no_such,,cdrm_jar,jar_required,,x", "field"),
            ("first_hours,jar_met,,cdrm_jar,no_such,,x", "to_field"),
            (
                "first_hours,jar_met,maybe,cdrm_jar,jar_required,yes,x",
                "is",
            ),
            (
                "first_hours,jar_met,yes,cdrm_jar,jar_triggers,none,x",
                "answer",
            ),
            ("first_hours,jar_met,,cdrm_jar,decision_by,,x", "to_field"),
            ("first_hours,jar_met,,cdrm_jar,jar_required,,", "basis"),
        ] {
            let faults = Fills::load(library.current(), &format!("{HEAD}{line}\n")).unwrap_err();
            assert!(
                faults[0].starts_with(&format!("fills.csv:2: column {column}:")),
                "{faults:?}"
            );
        }
    }
}

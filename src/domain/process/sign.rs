//! Which answers of the record speak of something that runs beside a review, as the data file lists them. What an answer
//! speaks of is recorded by a person, or found not to run. Must not know what is recorded, nor where answers are kept.

use super::{Holds, Kinds};
use crate::domain::code::coded;
use crate::domain::form::{Answers, Dictionary};
use crate::domain::table::{Line, lines};

/// Name of the data file, as faults name it.
const FILE: &str = "process_signs.csv";

coded! {
    /// What an answer says of a process.
    pub enum Says {
        Runs = "runs", "It runs, or is to come";
        Over = "over", "It is over, or does not run";
    }
}

/// One answer that speaks of a kind of process.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Sign {
    form: String,
    field: String,
    /// Any of these codes; any answer where there is none.
    codes: Vec<String>,
    kind: String,
    says: Says,
    /// A sentence that tells which answer says so.
    words: String,
}

/// All of them, in the order of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Signs(Vec<Sign>);

/// Something that the record says runs beside the review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spoken {
    /// Code of the kind of process.
    pub kind: String,
    pub label: String,
    /// Which answer says so, as a sentence.
    pub words: String,
    /// What waits for a process of this kind unless somebody says otherwise.
    pub holds: Holds,
}

impl Signs {
    /// Reads the data file against a dictionary and the kinds there are.
    ///
    /// # Errors
    /// Everything that cannot be right, as `process_signs.csv:5: column field: …`.
    pub fn load(dict: &Dictionary, kinds: &Kinds, text: &str) -> Result<Self, Vec<String>> {
        let mut all = Vec::new();
        let faults = lines(FILE, text, |line| all.extend(line.sign(dict, kinds)));
        if faults.is_empty() {
            Ok(Self(all))
        } else {
            Err(faults)
        }
    }

    /// What these answers speak of, each kind once, with the first answer that says so. `of` gives the answers to a form,
    /// of every case that is reviewed together. What another answer says is over is not spoken of.
    pub fn spoken<'a>(&self, kinds: &Kinds, of: impl Fn(&str) -> Vec<&'a Answers>) -> Vec<Spoken> {
        let said = |sign: &&Sign| {
            of(&sign.form)
                .into_iter()
                .any(|answers| sign.is_in(answers))
        };
        let all: Vec<&Sign> = self.0.iter().filter(said).collect();
        let mut spoken: Vec<Spoken> = Vec::new();
        for sign in all.iter().filter(|sign| sign.says == Says::Runs) {
            let over = |other: &&Sign| other.says == Says::Over && other.kind == sign.kind;
            if all.iter().any(over) || spoken.iter().any(|one| one.kind == sign.kind) {
                continue;
            }
            spoken.extend(kinds.get(&sign.kind).map(|kind| Spoken {
                kind: kind.code.clone(),
                label: kind.label.clone(),
                words: sign.words.clone(),
                holds: kind.holds,
            }));
        }
        spoken
    }
}

impl Sign {
    fn is_in(&self, answers: &Answers) -> bool {
        if self.codes.is_empty() {
            return answers.is_answered(&self.field);
        }
        let is = |code: &str| self.codes.iter().any(|one| one == code);
        answers.choice(&self.field).is_some_and(is)
            || answers.choices(&self.field).iter().any(|code| is(code))
    }
}

impl Line<'_> {
    fn sign(&mut self, dict: &Dictionary, kinds: &Kinds) -> Option<Sign> {
        let (form, field) = (self.text("form"), self.text("field"));
        let codes: Vec<String> = self
            .text("answers")
            .split('|')
            .map(|code| code.trim().to_owned())
            .filter(|code| !code.is_empty())
            .collect();
        let kind = self.text("kind");
        let says = self.text("says");
        let says = self.coded("says", &says);
        let words = self.text("words");
        if self.text("basis").is_empty() {
            self.wrong("basis", "is empty");
        }
        if kinds.get(&kind).is_none() {
            self.wrong("kind", &format!("there is no kind {kind}"));
        }
        if words.is_empty() == (says == Some(Says::Runs)) {
            self.wrong(
                "words",
                "say which answer says that it runs, and nothing else",
            );
        }
        let Some(asked) = dict.form(&form).and_then(|form| form.field(&field)) else {
            self.wrong("field", "is not asked on that form");
            return None;
        };
        let has = |code: &String| {
            let list = asked.codes.as_deref();
            list.is_some_and(|list| dict.code(list, code).is_some())
        };
        if !codes.iter().all(has) {
            self.wrong("answers", "has a code that is no answer to that question");
        }
        let says = says.filter(|_| self.is_sound())?;
        Some(Sign {
            form,
            field,
            codes,
            kind,
            says,
            words,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::clock::Clocks;
    use crate::domain::form::Answer;
    use crate::domain::sample::library;

    const HEAD: &str = "form,field,answers,kind,says,words,basis\n";

    fn kinds() -> Kinds {
        let clocks = Clocks::load(
            include_str!("../../../fixtures/clocks.csv"),
            include_str!("../../../fixtures/bank_holidays.csv"),
        )
        .unwrap();
        Kinds::load(include_str!("../../../fixtures/processes.csv"), &clocks).unwrap()
    }

    fn shipped() -> Signs {
        let text = include_str!("../../../fixtures/process_signs.csv");
        Signs::load(library().current(), &kinds(), text).unwrap()
    }

    fn choice(code: &str) -> Answer {
        Answer::Choice(code.to_owned())
    }

    #[test]
    fn each_kind_is_spoken_of_once_until_an_answer_says_that_it_is_over() {
        let (mut notified, mut first, mut analysis) =
            (Answers::default(), Answers::default(), Answers::default());
        notified.set("inquest", choice("yes"));
        notified.set("post_mortem_required", choice("no"));
        first.set("certificate", choice("coroner"));
        first.set(
            "incident",
            Answer::Choices(vec!["mnsi".into(), "other".into()]),
        );
        let spoken = |analysis: &Answers| {
            let of = |form: &str| match form {
                "notification" => vec![&notified],
                "first_hours" => vec![&first],
                "analysis" => vec![analysis],
                _ => Vec::new(),
            };
            let all = shipped().spoken(&kinds(), of);
            all.into_iter()
                .map(|s| (s.kind, s.words, s.holds))
                .collect::<Vec<_>>()
        };
        let all = spoken(&analysis);
        let codes: Vec<&str> = all.iter().map(|(kind, ..)| kind.as_str()).collect();
        assert_eq!(codes, ["inquest", "mnsi"]);
        assert_eq!(
            all[0].1,
            "The notification says that an inquest is to be held."
        );
        assert!(all[0].2.panel && all[1].2.meeting);
        analysis.set("inquest_conclusion", choice("natural"));
        assert_eq!(spoken(&analysis).len(), 1, "it is concluded");
    }

    #[test]
    fn a_line_that_cannot_be_right_is_named() {
        for (line, column) in [
            ("notification,no_such,yes,inquest,runs,It does.,x", "field"),
            (
                "notification,inquest,perhaps,inquest,runs,It does.,x",
                "answers",
            ),
            ("notification,inquest,yes,tea,runs,It does.,x", "kind"),
            ("notification,inquest,yes,inquest,walks,It does.,x", "words"),
            ("notification,inquest,yes,inquest,runs,,x", "words"),
            ("notification,inquest,yes,inquest,over,It does.,x", "words"),
            ("notification,inquest,yes,inquest,runs,It does.,", "basis"),
        ] {
            let text = format!("{HEAD}{line}\n");
            let faults = Signs::load(library().current(), &kinds(), &text).unwrap_err();
            let place = format!("process_signs.csv:2: column {column}:");
            assert!(faults.iter().any(|f| f.starts_with(&place)), "{faults:?}");
        }
    }
}

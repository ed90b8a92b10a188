//! Several agencies' answers to one form, brought together.

use std::collections::BTreeMap;

use super::{Answer, Answers, Dictionary, Form};

/// One agency's answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Given {
    /// The response's id.
    pub source: String,
    /// The agency's code, or its name where it has no code.
    pub agency: String,
    pub answers: Answers,
}

/// What several agencies say to one question.
#[derive(Debug, Clone, PartialEq)]
pub enum Collated {
    /// One answer, and the responses it rests on.
    Agreed {
        answer: Answer,
        sources: Vec<String>,
    },
    /// Different answers, each with the responses that give it. A person chooses.
    Conflict { options: Vec<(Answer, Vec<String>)> },
}

/// Brings the answers together, question by question.
pub fn collate(dict: &Dictionary, form: &Form, given: &[Given]) -> BTreeMap<String, Collated> {
    let _ = (dict, form, given);
    BTreeMap::new()
}

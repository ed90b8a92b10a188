//! Actions and recommendations: what somebody took on, by when, and whether it worked. A recommendation says besides what
//! it answers, how strong it is and how it will be measured, and the person who should act is told of it by law. Must not
//! know where one is kept.
//!
//! Source: `process.md`, section 4; Children Act 2004, section 16M(5), for telling the person who should act.

use std::collections::BTreeMap;

use super::code::coded;
use super::form::{Problem, Severity};

coded! {
    /// What it is.
    pub enum Kind {
        Action = "action", "Action";
        Recommendation = "recommendation", "Recommendation";
    }
}

coded! {
    /// How far it is.
    pub enum State {
        Open = "open", "Open";
        Done = "done", "Done";
        Withdrawn = "withdrawn", "Withdrawn";
    }
}

coded! {
    /// How strong a recommendation is: what changes a place or a rule lasts longer than what asks people to be careful.
    pub enum Strength {
        Awareness = "awareness", "Awareness: telling people";
        Training = "training", "Training";
        Guidance = "guidance", "Guidance or a checklist";
        Service = "service", "A change of a service or pathway";
        Engineering = "engineering", "A change of a product, building or place";
        Law = "law", "A rule, standard or law";
    }
}

coded! {
    /// What a look back found.
    pub enum Worked {
        Yes = "yes", "It worked";
        Partly = "partly", "It worked in part";
        No = "no", "It did not work";
        TooEarly = "too_early", "It is too early to say";
    }
}

/// What was said of one, by the names of its questions; what was left empty is not there.
pub type Said = BTreeMap<String, String>;

/// Words that say that something will be thought about, not done.
const VAGUE: [&str; 12] = [
    "consider",
    "considered",
    "explore",
    "remind",
    "reminded",
    "raise awareness",
    "be aware",
    "ensure that staff",
    "as appropriate",
    "where possible",
    "look into",
    "review whether",
];

/// The longest line and the longest text, in characters.
const LINE: usize = 200;
const TEXT: usize = 5_000;

/// Words of a recommendation that say too little, as they stand in it.
pub fn vague(text: &str) -> Vec<&'static str> {
    let folded = format!(
        " {} ",
        text.to_lowercase()
            .replace(|c: char| !c.is_alphanumeric(), " ")
    );
    VAGUE
        .iter()
        .copied()
        .filter(|word| folded.contains(&format!(" {word} ")))
        .collect()
}

/// Everything wrong with what was said of one. `confirmed` says that vague words are meant.
pub fn problems(kind: Kind, said: &Said, confirmed: bool) -> Vec<Problem> {
    let mut found = Vec::new();
    let mut wrong = |field: &str, rule: &str, message: String| {
        found.push(Problem {
            field: field.to_owned(),
            row: None,
            column: None,
            rule: rule.to_owned(),
            severity: Severity::Stop,
            message,
        });
    };
    let get = |name: &str| said.get(name).map_or("", String::as_str);
    for (name, label, needed) in questions(kind) {
        let text = get(name);
        let longest = if is_line(name) { LINE } else { TEXT };
        if text.is_empty() && *needed {
            wrong(name, "required", format!("Enter an answer to “{label}”"));
        } else if text.chars().count() > longest {
            wrong(
                name,
                "length",
                format!("“{label}” must have {longest} characters or fewer"),
            );
        }
    }
    if !get("strength").is_empty() && get("strength").parse::<Strength>().is_err() {
        wrong("strength", "code", "Choose how strong it is".to_owned());
    }
    let words = vague(get("what"));
    if kind == Kind::Recommendation && !words.is_empty() && !confirmed {
        let words = words.join("”, “");
        wrong(
            "what",
            "vague",
            format!(
                "“{words}” does not say who does what. Say it, or confirm that these words are meant"
            ),
        );
    }
    found
}

/// What is asked: name, words, and whether it must be answered.
pub const fn questions(kind: Kind) -> &'static [(&'static str, &'static str, bool)] {
    match kind {
        Kind::Action => &[
            ("what", "What is to be done", true),
            ("owner", "Who does it", true),
            ("owner_email", "Their email address, for reminders", true),
        ],
        Kind::Recommendation => &[
            ("problem", "Which problem it answers", true),
            ("what", "What should be done", true),
            ("owner", "Who must act", true),
            ("owner_email", "Their email address, for reminders", true),
            ("strength", "How strong it is", true),
            ("measure", "How it will be measured", true),
        ],
    }
}

/// Whether the answer is one line.
pub fn is_line(name: &str) -> bool {
    matches!(name, "owner" | "owner_email")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(what: &str) -> Said {
        let all = [
            ("what", what),
            ("owner", "Sample Manager"),
            ("owner_email", "sample.manager@cdr.example"),
            ("problem", "A sample."),
            ("strength", "service"),
            ("measure", "An audit."),
        ];
        all.iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
            .collect()
    }

    #[test]
    fn a_vague_recommendation_is_asked_about_and_can_be_meant() {
        let found = problems(
            Kind::Recommendation,
            &said("Staff should consider safer sleep."),
            false,
        );
        assert_eq!(
            found.iter().map(|p| p.rule.as_str()).collect::<Vec<_>>(),
            ["vague"]
        );
        assert!(found[0].message.contains("“consider”"));
        assert_eq!(
            problems(
                Kind::Recommendation,
                &said("Staff should consider safer sleep."),
                true
            ),
            []
        );
        assert_eq!(
            problems(
                Kind::Recommendation,
                &said("Fit stops to every window."),
                false
            ),
            []
        );
        assert_eq!(
            vague("A considerable change"),
            Vec::<&str>::new(),
            "part of a word is no word"
        );
    }

    #[test]
    fn an_action_needs_less_than_a_recommendation() {
        let little: Said = [
            ("what", "Ring the school."),
            ("owner", "Sample Nurse"),
            ("owner_email", "sample.nurse@cdr.example"),
        ]
        .iter()
        .map(|(n, t)| ((*n).to_owned(), (*t).to_owned()))
        .collect();
        assert_eq!(problems(Kind::Action, &little, false), []);
        let fields: Vec<String> = problems(Kind::Recommendation, &little, false)
            .into_iter()
            .map(|p| p.field)
            .collect();
        assert_eq!(fields, ["problem", "strength", "measure"]);
    }
}

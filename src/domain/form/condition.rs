//! When a question is shown: the `show_when` column, parsed.
//!
//! The grammar: tests joined by `and`, each one of `field = code`, `field in (a,b)`,
//! `field >= 4` (also `<=`, `>`, `<`), `field is empty`, `field is answered`,
//! `field contains code`. Where a field's answer comes from is not known here.

use super::Answer;

/// Tests that must all hold for a question to be shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// As written.
    pub text: String,
    pub terms: Vec<Term>,
}

/// A test of one field's answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    pub field: String,
    pub test: Test,
}

/// What is asked of the answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// Is, or for several choices holds, one of these codes.
    OneOf(Vec<String>),
    Contains(String),
    Number(Order, f64),
    /// No value is held: not answered, or not known.
    Empty,
    /// A value is held: the opposite of `Empty`.
    Answered,
}

/// How a number lies to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    AtLeast,
    AtMost,
    Above,
    Below,
}

impl Order {
    /// Longest signs first, so that `>=` is not read as `>`.
    const SIGNS: [(&str, Order); 4] = [
        (">=", Order::AtLeast),
        ("<=", Order::AtMost),
        (">", Order::Above),
        ("<", Order::Below),
    ];

    fn holds(self, left: f64, right: f64) -> bool {
        match self {
            Order::AtLeast => left >= right,
            Order::AtMost => left <= right,
            Order::Above => left > right,
            Order::Below => left < right,
        }
    }
}

impl Condition {
    /// Reads the `show_when` column; the error says what could not be read.
    pub fn parse(text: &str) -> Result<Condition, String> {
        let terms = text
            .split(" and ")
            .map(Term::parse)
            .collect::<Result<_, _>>()?;
        Ok(Condition {
            text: text.to_owned(),
            terms,
        })
    }

    /// Whether every test holds, where `answer` finds the answer to a question.
    pub fn holds(&self, answer: &dyn Fn(&str) -> Option<Answer>) -> bool {
        let mut terms = self.terms.iter();
        terms.all(|term| term.test.holds(answer(&term.field).as_ref()))
    }
}

impl Term {
    fn parse(text: &str) -> Result<Term, String> {
        let text = text.trim();
        let end = text.find(|c| !is_name(c)).unwrap_or(text.len());
        let (field, rest) = text.split_at(end);
        if field.is_empty() {
            return Err(format!("“{text}” does not start with a field's name"));
        }
        let asked = Test::parse(rest.trim()).ok_or_else(|| {
            format!("“{text}” is none of: = code, in (a,b), >= <= > < number, is empty, is answered, contains code")
        })?;
        Ok(Term {
            field: field.to_owned(),
            test: asked,
        })
    }
}

impl Test {
    fn parse(text: &str) -> Option<Test> {
        match text {
            "is empty" => return Some(Test::Empty),
            "is answered" => return Some(Test::Answered),
            _ => {}
        }
        if let Some(code) = text.strip_prefix('=') {
            return Some(Test::OneOf(vec![code_of(code)?]));
        }
        if let Some(code) = text.strip_prefix("contains ") {
            return Some(Test::Contains(code_of(code)?));
        }
        if let Some(list) = text.strip_prefix("in") {
            let list = list.trim().strip_prefix('(')?.strip_suffix(')')?;
            return Some(Test::OneOf(
                list.split(',').map(code_of).collect::<Option<_>>()?,
            ));
        }
        Order::SIGNS.iter().find_map(|(sign, order)| {
            let number: f64 = text.strip_prefix(sign)?.trim().parse().ok()?;
            number.is_finite().then_some(Test::Number(*order, number))
        })
    }

    /// The codes the test names.
    pub(super) fn codes(&self) -> &[String] {
        match self {
            Test::OneOf(codes) => codes,
            Test::Contains(code) => std::slice::from_ref(code),
            _ => &[],
        }
    }

    /// Whether the test holds for an answer, or for none.
    pub(super) fn holds(&self, answer: Option<&Answer>) -> bool {
        let held = answer.filter(|answer| !answer.is_blank());
        let value = held.filter(|answer| **answer != Answer::NotKnown);
        match self {
            Test::Empty => value.is_none(),
            Test::Answered => value.is_some(),
            Test::OneOf(codes) => held.is_some_and(|held| codes.iter().any(|code| is(held, code))),
            Test::Contains(code) => held.is_some_and(|held| is(held, code)),
            Test::Number(order, bound) => value
                .and_then(as_number)
                .is_some_and(|number| order.holds(number, *bound)),
        }
    }
}

fn is_name(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'
}

/// A code: one word without the grammar's own signs.
fn code_of(text: &str) -> Option<String> {
    let code = text.trim();
    let sound = !code.is_empty()
        && code
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-'));
    sound.then(|| code.to_owned())
}

/// Whether an answer is, or holds, a code.
fn is(answer: &Answer, code: &str) -> bool {
    match answer {
        Answer::Choice(held) => held == code,
        Answer::Text(held) => held.eq_ignore_ascii_case(code),
        Answer::Choices(held) => held.iter().any(|held| held == code),
        Answer::Boolean(yes) => matches!(
            (yes, code),
            (true, "yes" | "true") | (false, "no" | "false")
        ),
        Answer::Integer(held) => code.parse() == Ok(*held),
        Answer::Decimal(held) => code.parse() == Ok(*held),
        Answer::NotKnown => super::answer::says_not_known(code),
        Answer::Date(_) | Answer::DateTime(_) | Answer::Time(_) | Answer::Rows(_) => false,
    }
}

/// Codes such as `2` count as numbers too.
fn as_number(answer: &Answer) -> Option<f64> {
    match answer {
        Answer::Choice(code) => code.parse().ok(),
        other => other.number(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn holds(text: &str, answer: Option<&Answer>) -> bool {
        Condition::parse(text)
            .unwrap()
            .terms
            .iter()
            .all(|term| term.test.holds(answer))
    }

    #[test]
    fn every_form_of_the_grammar() {
        let choice = |code: &str| Some(Answer::Choice(code.into()));
        for (text, answer, expected) in [
            ("a = yes", choice("yes"), true),
            ("a=yes", choice("no"), false),
            ("a = yes", Some(Answer::Boolean(true)), true),
            ("a = no", Some(Answer::Boolean(true)), false),
            ("a = 5", choice("5"), true),
            ("a = yes", None, false),
            ("a in (b, c)", choice("c"), true),
            ("a in (b,c)", choice("d"), false),
            (
                "a in (b,c)",
                Some(Answer::Choices(vec!["d".into(), "c".into()])),
                true,
            ),
            ("a = not_known", Some(Answer::NotKnown), true),
            ("a >= 4", Some(Answer::Integer(4)), true),
            ("a > 4", Some(Answer::Integer(4)), false),
            ("a <= 4", Some(Answer::Decimal(4.5)), false),
            ("a < 1", Some(Answer::Integer(0)), true),
            ("a < 1", None, false),
            ("a < 1", Some(Answer::NotKnown), false),
            ("a >= 1", choice("2"), true),
            ("a is empty", None, true),
            ("a is empty", Some(Answer::Text(" ".into())), true),
            ("a is empty", Some(Answer::NotKnown), true),
            ("a is answered", Some(Answer::NotKnown), false),
            ("a is answered", choice("x"), true),
            (
                "a contains b",
                Some(Answer::Choices(vec!["b".into()])),
                true,
            ),
            (
                "a contains b",
                Some(Answer::Choices(vec!["c".into()])),
                false,
            ),
            ("a = yes and a is answered", choice("yes"), true),
            ("a = yes and a is empty", choice("yes"), false),
        ] {
            assert_eq!(holds(text, answer.as_ref()), expected, "{text} {answer:?}");
        }
    }

    #[test]
    fn what_is_no_condition_is_refused() {
        for text in [
            "",
            "a",
            "a =",
            "a == b",
            "= b",
            "a in b",
            "a in ()",
            "a > b",
            "a or b",
            "a is",
            "a = b and",
            "a = b or c = d",
            "a contains",
        ] {
            assert!(Condition::parse(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn reading_never_panics(text in ".*") {
            let _ = Condition::parse(&text);
        }
    }
}

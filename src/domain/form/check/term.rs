//! The `check` column, parsed: terms joined by `;`, a leading `warn` making a term ask instead of
//! stop. A term that cannot be read, or that could not apply to the field, is a fault.

use crate::domain::form::{Field, Kind, Severity};

/// One term of the `check` column.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// As written.
    pub text: String,
    pub severity: Severity,
    pub term: Term,
}

/// What a term asks.
#[derive(Debug, Clone, PartialEq)]
pub enum Term {
    /// `A..B`
    Range(f64, f64),
    /// `>= field`, `<= today`
    Compare(Side, Other),
    /// `before 18th_birthday`
    BeforeEighteen,
    /// `length A..B`, in characters.
    Length(usize, usize),
    /// `rows >= N`
    Rows(usize),
    /// `choices >= N`
    Choices(usize),
    /// Once shown, must be answered.
    Required,
    NhsNumber,
    Postcode,
    Shape(Shape),
    /// `= value`
    Equals(String),
    /// `within N days|months of field`
    Within(u32, Span, String),
    /// `default X`: filled in by `derive`.
    Default(String),
    /// Worked out by `derive` or by the service.
    Derived,
    /// Filled in by the service from the case.
    Prefilled,
    Rule(Rule),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    AtLeast,
    AtMost,
}

/// What an answer is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Other {
    Field(String),
    Today,
    Now,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    Days,
    Months,
}

/// The shapes of text that are looked at letter by letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Email,
    SecureEmail,
    Phone,
    OdsCode,
    Icd10,
    Lsoa,
}

impl Shape {
    pub fn name(self) -> &'static str {
        match self {
            Shape::Email => "email",
            Shape::SecureEmail => "secure_email",
            Shape::Phone => "phone",
            Shape::OdsCode => "ods_code",
            Shape::Icd10 => "icd10",
            Shape::Lsoa => "lsoa",
        }
    }
}

/// The named rules of `validation.md` and the domain notes that a check can call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    An1,
    An2,
    An4,
    An5,
    An9,
    An10,
    Dt5,
    Me1,
    Pl3,
    Su1,
    X1,
    X10,
}

impl Rule {
    const ALL: [Rule; 12] = [
        Rule::An1,
        Rule::An2,
        Rule::An4,
        Rule::An5,
        Rule::An9,
        Rule::An10,
        Rule::Dt5,
        Rule::Me1,
        Rule::Pl3,
        Rule::Su1,
        Rule::X1,
        Rule::X10,
    ];

    /// The rule's id.
    pub fn name(self) -> &'static str {
        match self {
            Rule::An1 => "AN-1",
            Rule::An2 => "AN-2",
            Rule::An4 => "AN-4",
            Rule::An5 => "AN-5",
            Rule::An9 => "AN-9",
            Rule::An10 => "AN-10",
            Rule::Dt5 => "DT-5",
            Rule::Me1 => "ME-1",
            Rule::Pl3 => "PL-3",
            Rule::Su1 => "SU-1",
            Rule::X1 => "X-1",
            Rule::X10 => "X-10",
        }
    }

    fn fits(self, kind: Kind) -> bool {
        match self {
            Rule::An1 | Rule::An2 => kind == Kind::Table,
            Rule::An4 => matches!(kind, Kind::SingleChoice | Kind::MultiChoice),
            Rule::An5 | Rule::An9 | Rule::Pl3 => kind == Kind::SingleChoice,
            Rule::An10 | Rule::Su1 => kind == Kind::Boolean,
            Rule::Dt5 => kind == Kind::Time,
            Rule::Me1 => kind == Kind::Date,
            Rule::X1 => kind == Kind::MultiChoice,
            Rule::X10 => kind == Kind::YesNoUnknown,
        }
    }

    /// The fields that the rule reads beside the one it stands on.
    fn reads(self, id: &str) -> Vec<String> {
        let fixed: &[&str] = match self {
            Rule::An2 => return vec![format!("no_{id}")],
            Rule::An4 => &["categories_all", "primary_category"],
            Rule::An5 => &["primary_category"],
            Rule::An9 => &["modifiable_comment"],
            Rule::Dt5 => &["date_of_birth", "date_of_death"],
            Rule::Me1 => &["date_of_birth"],
            Rule::Su1 => &["shared"],
            _ => &[],
        };
        fixed.iter().map(|id| (*id).to_owned()).collect()
    }
}

/// Whether a field's checks call a rule.
pub fn carries(field: &Field, rule: Rule) -> bool {
    field
        .checks
        .iter()
        .any(|check| check.term == Term::Rule(rule))
}

impl Check {
    /// Reads the whole column; each term that cannot be read is an error of its own.
    pub fn parse_all(text: &str) -> (Vec<Check>, Vec<String>) {
        let mut checks = Vec::new();
        let mut errors = Vec::new();
        for term in text
            .split(';')
            .map(str::trim)
            .filter(|term| !term.is_empty())
        {
            match Check::parse(term) {
                Some(check) => checks.push(check),
                None => errors.push(format!("“{term}” is no check that is known")),
            }
        }
        (checks, errors)
    }

    fn parse(text: &str) -> Option<Check> {
        let (severity, rest) = match text.strip_prefix("warn ") {
            Some(rest) => (Severity::Warn, rest.trim()),
            None => (Severity::Stop, text),
        };
        let term = Term::parse(rest)?;
        // There is no asking for what must be there, and nothing to ask of what is filled in.
        let asks = !matches!(
            term,
            Term::Required | Term::Default(_) | Term::Derived | Term::Prefilled
        );
        (asks || severity == Severity::Stop).then(|| Check {
            text: text.to_owned(),
            severity,
            term,
        })
    }
}

impl Term {
    fn parse(text: &str) -> Option<Term> {
        let word = match text {
            "required" => Term::Required,
            "derived" => Term::Derived,
            "prefilled" => Term::Prefilled,
            "nhs_number" => Term::NhsNumber,
            "postcode" => Term::Postcode,
            "email" => Term::Shape(Shape::Email),
            "secure_email" => Term::Shape(Shape::SecureEmail),
            "phone" => Term::Shape(Shape::Phone),
            "ods_code" => Term::Shape(Shape::OdsCode),
            "icd10" => Term::Shape(Shape::Icd10),
            "lsoa" => Term::Shape(Shape::Lsoa),
            "before 18th_birthday" => Term::BeforeEighteen,
            _ => return Term::parse_phrase(text),
        };
        Some(word)
    }

    fn parse_phrase(text: &str) -> Option<Term> {
        if let Some(id) = text.strip_prefix("rule ") {
            let rule = Rule::ALL
                .into_iter()
                .find(|rule| rule.name() == id.trim())?;
            return Some(Term::Rule(rule));
        }
        if let Some(bounds) = text.strip_prefix("length ") {
            let (low, high) = bounds.split_once("..")?;
            let (low, high) = (low.trim().parse().ok()?, high.trim().parse().ok()?);
            return (low <= high).then_some(Term::Length(low, high));
        }
        if let Some(least) = text.strip_prefix("rows >=") {
            return Some(Term::Rows(least.trim().parse().ok()?));
        }
        if let Some(least) = text.strip_prefix("choices >=") {
            return Some(Term::Choices(least.trim().parse().ok()?));
        }
        if let Some(value) = text.strip_prefix("default ") {
            return Some(Term::Default(value.trim().to_owned()));
        }
        if let Some(rest) = text.strip_prefix("within ") {
            return within(rest);
        }
        if let Some(other) = text.strip_prefix(">=") {
            return Some(Term::Compare(Side::AtLeast, Other::parse(other)?));
        }
        if let Some(other) = text.strip_prefix("<=") {
            return Some(Term::Compare(Side::AtMost, Other::parse(other)?));
        }
        if let Some(value) = text.strip_prefix('=') {
            let value = value.trim();
            return (!value.is_empty()).then(|| Term::Equals(value.to_owned()));
        }
        let (low, high) = text.split_once("..")?;
        let (low, high): (f64, f64) = (low.trim().parse().ok()?, high.trim().parse().ok()?);
        (low.is_finite() && high.is_finite() && low <= high).then_some(Term::Range(low, high))
    }

    /// Whether the term can apply to a kind of answer at all.
    pub fn fits(&self, kind: Kind) -> bool {
        match self {
            Term::Range(..) => kind.is_number(),
            Term::Compare(_, Other::Field(_)) => {
                kind.is_number() || matches!(kind, Kind::Date | Kind::DateTime)
            }
            Term::Compare(..) | Term::BeforeEighteen | Term::Within(..) => {
                matches!(kind, Kind::Date | Kind::DateTime)
            }
            Term::Length(..) | Term::NhsNumber | Term::Postcode | Term::Shape(_) => kind.is_text(),
            Term::Rows(_) => kind == Kind::Table,
            Term::Choices(_) => kind == Kind::MultiChoice,
            Term::Equals(_) | Term::Default(_) => {
                kind.is_text() || kind.is_choice() || kind == Kind::Boolean
            }
            Term::Rule(rule) => rule.fits(kind),
            Term::Required | Term::Derived | Term::Prefilled => true,
        }
    }

    /// The fields the term reads beside the one it stands on.
    pub fn reads(&self, id: &str) -> Vec<String> {
        match self {
            Term::Compare(_, Other::Field(other)) | Term::Within(_, _, other) => {
                vec![other.clone()]
            }
            Term::BeforeEighteen => vec!["date_of_birth".to_owned()],
            Term::Rule(rule) => rule.reads(id),
            _ => Vec::new(),
        }
    }
}

impl Other {
    fn parse(text: &str) -> Option<Other> {
        match text.trim() {
            "today" => Some(Other::Today),
            "now" => Some(Other::Now),
            id => name(id).map(Other::Field),
        }
    }
}

/// `5 days of date_of_death`
fn within(text: &str) -> Option<Term> {
    let (span, field) = text.split_once(" of ")?;
    let (n, unit) = span.trim().split_once(' ')?;
    let unit = match unit.trim() {
        "day" | "days" => Span::Days,
        "month" | "months" => Span::Months,
        _ => return None,
    };
    Some(Term::Within(n.parse().ok()?, unit, name(field.trim())?))
}

fn name(id: &str) -> Option<String> {
    let sound = id.starts_with(|c: char| c.is_ascii_lowercase())
        && id
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    sound.then(|| id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_no_check_is_refused() {
        for text in [
            "frobnicate",
            "rule AN-99",
            "7..2",
            "1..",
            "..",
            "a..b",
            ">=",
            ">= Date",
            "=",
            "within 3 weeks of date_of_death",
            "within days of x",
            "rows > 1",
            "rows >= many",
            "length 3",
            "length 9..1",
            "warn derived",
            "warn required",
            "warn default England",
            "before 21st_birthday",
            "1..NaN",
            "warn",
        ] {
            let (checks, errors) = Check::parse_all(text);
            assert!(checks.is_empty() && errors.len() == 1, "{text}");
        }
    }

    #[test]
    fn every_bad_term_is_told() {
        let (checks, errors) = Check::parse_all("0..10; nonsense; warn phone; more nonsense;");
        assert_eq!((checks.len(), errors.len()), (2, 2));
    }

    proptest! {
        #[test]
        fn reading_never_panics(text in ".*") {
            let _ = Check::parse_all(&text);
        }
    }
}

//! One question of a form: what kind of answer it takes and everything the dictionary says of it.

use super::{Check, Condition};

/// One question, or one column of a table.
#[derive(Debug, Clone)]
pub struct Field {
    /// The name used in posts, JSON and the return. For a table's column: the part after the dot.
    pub id: String,
    /// The question as the form words it.
    pub label: String,
    pub kind: Kind,
    /// The code list of a choice. Always filled for the three kinds of choice.
    pub codes: Option<String>,
    /// As the dictionary writes it: `g`, `weeks`, `C`, `%`.
    pub unit: Option<String>,
    /// Must be answered when the form is sent; "not known" is an answer.
    pub required: bool,
    pub answered_by: AnsweredBy,
    pub show_when: Option<Condition>,
    pub checks: Vec<Check>,
    /// Goes into the national return.
    pub national: bool,
    pub identifies: Identifies,
    pub basis: Basis,
    pub note: String,
    pub source: String,
    /// The columns of a table; empty for every other kind.
    pub columns: Vec<Field>,
}

impl Field {
    /// A table's column by its own id, without the table's.
    pub fn column(&self, id: &str) -> Option<&Field> {
        self.columns.iter().find(|column| column.id == id)
    }
}

/// The kinds of answer there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    Text,
    LongText,
    Date,
    DateTime,
    Time,
    Boolean,
    YesNoUnknown,
    Integer,
    Decimal,
    SingleChoice,
    MultiChoice,
    Table,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 12] = [
        Kind::Text,
        Kind::LongText,
        Kind::Date,
        Kind::DateTime,
        Kind::Time,
        Kind::Boolean,
        Kind::YesNoUnknown,
        Kind::Integer,
        Kind::Decimal,
        Kind::SingleChoice,
        Kind::MultiChoice,
        Kind::Table,
    ];

    /// The name the dictionary uses.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Text => "text",
            Kind::LongText => "long_text",
            Kind::Date => "date",
            Kind::DateTime => "datetime",
            Kind::Time => "time",
            Kind::Boolean => "boolean",
            Kind::YesNoUnknown => "yes_no_unknown",
            Kind::Integer => "integer",
            Kind::Decimal => "decimal",
            Kind::SingleChoice => "single_choice",
            Kind::MultiChoice => "multi_choice",
            Kind::Table => "table",
        }
    }

    /// Takes a code of a list.
    pub fn is_choice(self) -> bool {
        matches!(
            self,
            Kind::YesNoUnknown | Kind::SingleChoice | Kind::MultiChoice
        )
    }

    /// Takes words.
    pub fn is_text(self) -> bool {
        matches!(self, Kind::Text | Kind::LongText)
    }

    /// Takes a number.
    pub fn is_number(self) -> bool {
        matches!(self, Kind::Integer | Kind::Decimal)
    }
}

/// Who answers a question. What the system answers is derived or prefilled, never typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AnsweredBy {
    Notifier,
    Respondent,
    Staff,
    System,
}

/// How far an answer tells who the child or anyone else is: what the mask acts on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Identifies {
    Direct,
    Indirect,
    FreeText,
    None,
}

/// How sure we are that the official form asks this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Basis {
    /// Seen in a source that was read.
    Seen,
    /// From knowledge of the official form, not read.
    Recalled,
    /// Our own reconstruction; kept out of the return until verified.
    Inferred,
}

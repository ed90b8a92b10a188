//! The return's files and columns as data: `fixtures/return/columns.csv` and its own code lists.

mod load;

use crate::domain::form::{Fault, Library};

use super::fact::Fact;

/// The version of the layout, in the manifest. It changes with `columns.csv`.
pub(super) const SCHEMA_VERSION: &str = "1.0";

/// A file of the package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum File {
    Case,
    Person,
    Event,
    Answer,
    Factor,
    Category,
    LearningAction,
    Timeline,
    Lscb1Child,
    Lscb1Aggregate,
    CodeList,
    Issue,
    Manifest,
}

impl File {
    /// In the order they are written.
    pub const ALL: [File; 13] = [
        File::Case,
        File::Person,
        File::Event,
        File::Answer,
        File::Factor,
        File::Category,
        File::LearningAction,
        File::Timeline,
        File::Lscb1Child,
        File::Lscb1Aggregate,
        File::CodeList,
        File::Issue,
        File::Manifest,
    ];

    pub fn name(self) -> &'static str {
        match self {
            File::Case => "case.csv",
            File::Person => "person.csv",
            File::Event => "event.csv",
            File::Answer => "answer.csv",
            File::Factor => "factor.csv",
            File::Category => "category.csv",
            File::LearningAction => "learning_action.csv",
            File::Timeline => "timeline.csv",
            File::Lscb1Child => "lscb1_child.csv",
            File::Lscb1Aggregate => "lscb1_aggregate.csv",
            File::CodeList => "code_list.csv",
            File::Issue => "issue.csv",
            File::Manifest => "manifest.csv",
        }
    }

    pub(super) fn of(name: &str) -> Option<File> {
        File::ALL.into_iter().find(|file| file.name() == name)
    }

    /// Each row is one case, filled wholly from the sources in `columns.csv`.
    pub(super) fn is_driven(self) -> bool {
        matches!(self, File::Case | File::Lscb1Child)
    }
}

/// All tables and the return's own code lists.
#[derive(Debug, Clone)]
pub struct Layout {
    tables: Vec<Table>,
    lists: Vec<List>,
}

impl Layout {
    /// Reads the layout and checks it against the library's current dictionary: every source must
    /// be a field there, every code list must exist.
    ///
    /// # Errors
    /// All faults found, each with its file, line and column.
    pub fn load(columns: &str, codes: &str, library: &Library) -> Result<Layout, Vec<Fault>> {
        load::layout(columns, codes, library.current())
    }

    /// The layout this release ships.
    ///
    /// # Errors
    /// As [`Layout::load`]; with the forms this release ships there are none.
    pub fn shipped(library: &Library) -> Result<Layout, Vec<Fault>> {
        Layout::load(
            include_str!("../../../fixtures/return/columns.csv"),
            include_str!("../../../fixtures/return/codes.csv"),
            library,
        )
    }

    pub fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// The columns of a file, in their order.
    pub fn columns(&self, file: File) -> &[Column] {
        let table = self.tables.iter().find(|table| table.file == file);
        table.map_or(&[], |table| &table.columns)
    }

    pub fn column(&self, file: File, name: &str) -> Option<&Column> {
        self.columns(file).iter().find(|column| column.name == name)
    }

    pub(super) fn lists(&self) -> &[List] {
        &self.lists
    }

    /// The label of a code in one of the return's own lists.
    pub(super) fn label(&self, list: &str, code: &str) -> Option<&str> {
        let list = self.lists.iter().find(|held| held.name == list)?;
        let held = list.codes.iter().find(|held| held.code == code)?;
        Some(&held.label)
    }
}

#[derive(Debug, Clone)]
pub struct Table {
    pub file: File,
    pub columns: Vec<Column>,
}

/// One column of one file.
#[derive(Debug, Clone)]
pub struct Column {
    pub name: String,
    pub kind: ColumnKind,
    /// Never blank.
    pub required: bool,
    /// The code list its values come from.
    pub codes: Option<String>,
    /// That list's codes.
    pub values: Vec<String>,
    /// How "not known" is written here: the list's own code for it, or `not_known`.
    pub(super) not_known: String,
    /// Where the value comes from; the first that is known wins.
    pub(super) places: Vec<Place>,
    pub description: String,
}

/// Types of Frictionless Table Schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ColumnKind {
    String,
    Integer,
    Number,
    Boolean,
    Date,
    DateTime,
    Time,
}

impl ColumnKind {
    const ALL: [ColumnKind; 7] = [
        ColumnKind::String,
        ColumnKind::Integer,
        ColumnKind::Number,
        ColumnKind::Boolean,
        ColumnKind::Date,
        ColumnKind::DateTime,
        ColumnKind::Time,
    ];

    pub fn name(self) -> &'static str {
        match self {
            ColumnKind::String => "string",
            ColumnKind::Integer => "integer",
            ColumnKind::Number => "number",
            ColumnKind::Boolean => "boolean",
            ColumnKind::Date => "date",
            ColumnKind::DateTime => "datetime",
            ColumnKind::Time => "time",
        }
    }
}

/// One place a value may come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    Fact(Fact),
    /// A field of a form.
    Answer {
        form: String,
        field: String,
    },
    /// A column of a form's table; which row is the row function's affair.
    Cell {
        form: String,
        table: String,
        column: String,
    },
    /// Worked out by the file's own row function.
    Own,
}

/// A code list of the return itself.
#[derive(Debug, Clone)]
pub(super) struct List {
    pub(super) name: String,
    pub(super) codes: Vec<ListCode>,
}

#[derive(Debug, Clone)]
pub(super) struct ListCode {
    pub(super) code: String,
    pub(super) label: String,
    pub(super) parent: String,
    pub(super) confidence: &'static str,
}

//! The dictionary: versions, forms, sections and code lists, as loaded. A version is frozen.

use std::collections::{BTreeMap, HashMap};

use super::check::{Rule, carries};
use super::{Fault, Field, load};

/// Every version of the forms that the service knows.
#[derive(Debug, Clone)]
pub struct Library {
    versions: BTreeMap<String, Dictionary>,
    current: Dictionary,
}

impl Library {
    /// Reads every version from files named `<version>/<file>.csv`.
    ///
    /// # Errors
    /// Every fault of every file, each with its line and column name, all at once.
    pub fn load<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Library, Vec<Fault>> {
        load::library(files)
    }

    pub(super) fn of(versions: BTreeMap<String, Dictionary>) -> Option<Library> {
        let current = versions.values().next_back()?.clone();
        Some(Library { versions, current })
    }

    /// The version new answers are given to: the greatest version name.
    pub fn current(&self) -> &Dictionary {
        &self.current
    }

    /// A version by its name; old answers keep the version they were given.
    pub fn version(&self, version: &str) -> Option<&Dictionary> {
        self.versions.get(version)
    }

    /// Every version, oldest name first.
    pub fn versions(&self) -> impl Iterator<Item = &Dictionary> {
        self.versions.values()
    }
}

/// One version of all forms and code lists.
#[derive(Debug, Clone)]
pub struct Dictionary {
    pub version: String,
    /// In the order of `forms.csv`.
    pub forms: Vec<Form>,
    lists: HashMap<String, Vec<Code>>,
}

impl Dictionary {
    pub(super) fn of(
        version: String,
        forms: Vec<Form>,
        lists: HashMap<String, Vec<Code>>,
    ) -> Dictionary {
        Dictionary {
            version,
            forms,
            lists,
        }
    }

    pub fn form(&self, code: &str) -> Option<&Form> {
        self.forms.iter().find(|form| form.code == code)
    }

    /// The codes of a list, in order; none for a list that is not there.
    pub fn codes(&self, list: &str) -> &[Code] {
        self.lists.get(list).map_or(&[], Vec::as_slice)
    }

    /// Every list by name, in no order.
    pub fn lists(&self) -> impl Iterator<Item = (&str, &[Code])> {
        self.lists
            .iter()
            .map(|(name, codes)| (name.as_str(), codes.as_slice()))
    }

    pub fn code(&self, list: &str, code: &str) -> Option<&Code> {
        self.codes(list).iter().find(|held| held.code == code)
    }

    pub fn label(&self, list: &str, code: &str) -> Option<&str> {
        self.code(list, code).map(|held| held.label.as_str())
    }
}

/// One code of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    pub code: String,
    pub label: String,
    /// The code of another list that this one belongs under, such as a category.
    pub parent: Option<String>,
    pub basis: super::Basis,
    pub note: String,
}

/// What a form is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FormKind {
    Notification,
    Reporting,
    Supplementary,
    CdrmJar,
    Analysis,
    /// Kept by the team for its own work; nothing of it goes to the national database.
    Local,
}

/// One form: sections of questions.
#[derive(Debug, Clone)]
pub struct Form {
    pub code: String,
    pub label: String,
    pub kind: FormKind,
    pub sections: Vec<Section>,
    index: HashMap<String, Place>,
    /// The question whose "no" makes a nil return.
    gate: Option<(String, Place)>,
    count: usize,
}

/// Where a question stands in its form.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub section: usize,
    /// Within the section.
    field: usize,
    /// Within the whole form.
    pub order: usize,
}

impl Form {
    pub(super) fn of(code: String, label: String, kind: FormKind, sections: Vec<Section>) -> Form {
        let placed = || placed(&sections);
        let index = placed().map(|(place, field)| (field.id.clone(), place));
        let gate = placed().find(|(_, field)| carries(field, Rule::X10));
        Form {
            index: index.collect(),
            gate: gate.map(|(place, field)| (field.id.clone(), place)),
            count: placed().count(),
            code,
            label,
            kind,
            sections,
        }
    }

    /// A question by its id (a table's column is found through its table).
    pub fn field(&self, id: &str) -> Option<&Field> {
        self.at(self.place(id)?)
    }

    pub(super) fn at(&self, place: Place) -> Option<&Field> {
        self.sections.get(place.section)?.fields.get(place.field)
    }

    /// Every question in the form's order; a table counts once.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.sections.iter().flat_map(|section| &section.fields)
    }

    pub fn section(&self, id: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.id == id)
    }

    /// The section that holds a question.
    pub fn section_of(&self, field: &str) -> Option<&Section> {
        self.sections.get(self.place(field)?.section)
    }

    pub(super) fn place(&self, id: &str) -> Option<Place> {
        self.index.get(id).copied()
    }

    /// Every question with its place, so that nothing need be looked up by name on the way.
    pub(super) fn placed(&self) -> impl Iterator<Item = (Place, &Field)> {
        placed(&self.sections)
    }

    /// The question that opens or closes the rest of the form.
    pub(super) fn gate(&self) -> Option<(&str, Place)> {
        self.gate.as_ref().map(|(id, place)| (id.as_str(), *place))
    }

    /// How many questions there are; a table counts once.
    pub(super) fn count(&self) -> usize {
        self.count
    }
}

fn placed(sections: &[Section]) -> impl Iterator<Item = (Place, &Field)> {
    let fields = sections.iter().enumerate().flat_map(|(section, held)| {
        let fields = held.fields.iter().enumerate();
        fields.map(move |(field, held)| (section, field, held))
    });
    fields.enumerate().map(|(order, (section, field, held))| {
        let place = Place {
            section,
            field,
            order,
        };
        (place, held)
    })
}

/// A heading with its questions.
#[derive(Debug, Clone)]
pub struct Section {
    pub id: String,
    pub label: String,
    pub fields: Vec<Field>,
}

//! What may go out: `national` fields only, and `inferred` ones only once they are marked verified
//! against the official form (rule SB-13).

use std::collections::{BTreeSet, HashMap};

use crate::domain::form::{Basis, Dictionary, Field, Form, Library};

/// The fields an administrator has marked verified: (forms version, form, field). A table's column
/// is `table.column`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verified(pub BTreeSet<(String, String, String)>);

impl Verified {
    fn holds(&self, version: &str, form: &str, field: &str) -> bool {
        !self.0.is_empty()
            && self
                .0
                .contains(&(version.to_owned(), form.to_owned(), field.to_owned()))
    }
}

/// The dictionary's say on every field of every version, worked out once.
#[derive(Debug)]
pub(super) struct Policy<'a> {
    forms: HashMap<(&'a str, &'a str), FormPlan<'a>>,
}

impl<'a> Policy<'a> {
    pub(super) fn new(library: &'a Library, verified: &Verified) -> Policy<'a> {
        let mut forms = HashMap::new();
        for dictionary in library.versions() {
            for form in &dictionary.forms {
                let plan = FormPlan::new(dictionary, form, verified);
                forms.insert((dictionary.version.as_str(), form.code.as_str()), plan);
            }
        }
        Policy { forms }
    }

    pub(super) fn form<'s>(&'s self, version: &'s str, form: &'s str) -> Option<&'s FormPlan<'a>> {
        self.forms.get(&(version, form))
    }
}

/// One form of one version, its fields in their order.
#[derive(Debug)]
pub(super) struct FormPlan<'a> {
    pub(super) fields: Vec<FieldPlan<'a>>,
    index: HashMap<&'a str, usize>,
}

impl<'a> FormPlan<'a> {
    fn new(dictionary: &'a Dictionary, form: &'a Form, verified: &Verified) -> FormPlan<'a> {
        let goes = |field: &Field, key: &str| {
            field.national
                && (field.basis != Basis::Inferred
                    || verified.holds(&dictionary.version, &form.code, key))
        };
        let mut fields = Vec::new();
        for section in &form.sections {
            for field in &section.fields {
                let key = |column: &Field| format!("{}.{}", field.id, column.id);
                let columns = field
                    .columns
                    .iter()
                    .map(|column| (column, field.national && goes(column, &key(column))))
                    .collect();
                let goes = goes(field, &field.id);
                fields.push(FieldPlan {
                    section: &section.id,
                    field,
                    goes,
                    columns,
                });
            }
        }
        let index = fields
            .iter()
            .enumerate()
            .map(|(at, plan)| (plan.field.id.as_str(), at));
        FormPlan {
            index: index.collect(),
            fields,
        }
    }

    /// The field's place in the form's order.
    pub(super) fn at(&self, field: &str) -> Option<usize> {
        self.index.get(field).copied()
    }

    pub(super) fn field(&self, field: &str) -> Option<&FieldPlan<'a>> {
        self.fields.get(self.at(field)?)
    }
}

/// One field: where it stands, and whether it goes out.
#[derive(Debug)]
pub(super) struct FieldPlan<'a> {
    pub(super) section: &'a str,
    pub(super) field: &'a Field,
    pub(super) goes: bool,
    /// A table's columns and whether each goes out.
    pub(super) columns: Vec<(&'a Field, bool)>,
}

impl<'a> FieldPlan<'a> {
    /// The column of a table, if it goes out.
    pub(super) fn column(&self, id: &str) -> Option<&'a Field> {
        let goes = |(column, goes): &&(&'a Field, bool)| *goes && column.id == id;
        self.columns.iter().find(goes).map(|(column, _)| *column)
    }
}

/// The return's word for how sure the dictionary is (list `confidence`).
pub(super) fn confidence(basis: Basis) -> &'static str {
    match basis {
        Basis::Seen => "seen",
        Basis::Recalled => "from_knowledge",
        Basis::Inferred => "inferred",
    }
}

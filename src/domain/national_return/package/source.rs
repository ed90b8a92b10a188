//! Where cases come from.

use std::collections::BTreeSet;
use std::io;

use crate::domain::national_return::case::ReturnCase;
use crate::domain::national_return::layout::{File, Layout, Place};
use crate::domain::national_return::order::Order;

/// Gives out the cases of a return, as often as there are files.
///
/// The cases are those that [`super::super::extent`] may want for the order; giving more is right
/// but slow. Every pass must give the same cases in the same state and order (one read
/// transaction; order by reference), or the files will not agree.
pub trait Source {
    /// Calls `f` with each case, holding at least what `needs` names, and stops at its first error.
    ///
    /// # Errors
    /// Those of `f`, unchanged; and the source's own, wrapped with [`io::Error::other`].
    fn each(
        &mut self,
        needs: &Needs,
        f: &mut dyn FnMut(&ReturnCase) -> io::Result<()>,
    ) -> io::Result<()>;
}

/// What one pass reads of each case beside its own row, so that the store can fetch little.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needs {
    pub file: File,
    pub forms: Forms,
    pub originals: bool,
    pub requests: bool,
    pub milestones: bool,
}

/// Which agreed records a pass reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Forms {
    All,
    These(BTreeSet<String>),
}

impl Forms {
    pub fn wants(&self, form: &str) -> bool {
        match self {
            Forms::All => true,
            Forms::These(forms) => forms.contains(form),
        }
    }
}

impl Needs {
    pub(super) fn of(file: File, order: &Order, layout: &Layout) -> Needs {
        let forms = match file {
            File::Answer => Forms::All,
            File::Lscb1Aggregate => Forms::These(sources(File::Lscb1Child, layout)),
            File::Issue | File::Timeline => these(&["notification", "reporting", "analysis"]),
            _ => Forms::These(sources(file, layout)),
        };
        Needs {
            file,
            forms,
            originals: file == File::Answer && order.originals,
            requests: matches!(file, File::Event | File::Issue),
            milestones: file == File::Timeline,
        }
    }
}

fn these(forms: &[&str]) -> Forms {
    Forms::These(forms.iter().map(|form| (*form).to_owned()).collect())
}

/// The forms a file's columns name, and the notification, from which ages and groups are derived.
fn sources(file: File, layout: &Layout) -> BTreeSet<String> {
    let places = layout
        .columns(file)
        .iter()
        .flat_map(|column| &column.places);
    let forms = places.filter_map(|place| match place {
        Place::Answer { form, .. } | Place::Cell { form, .. } => Some(form.clone()),
        Place::Fact(_) | Place::Own => None,
    });
    let mut forms: BTreeSet<String> = forms.collect();
    if file.is_driven() || file == File::Person {
        forms.insert("notification".to_owned());
    }
    forms
}

//! Which answers a reader may see, by what the dictionary says they give away.

use super::{Answer, Answers, Form, Identifies};

/// How much of a case a reader may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Clearance {
    /// Everything.
    Identified,
    /// What an anonymised account is written from: nothing that names somebody, not even in a table; free text stays for
    /// a person to go through, and dates and places for being told otherwise. No reader has it.
    Account,
    /// Rows without names, contacts or free text; dates and places stay.
    Pseudonymised,
    /// Only what tells nobody's identity, even beside other facts.
    Aggregate,
}

/// Whether an answer may be shown.
pub fn shown(identifies: Identifies, clearance: Clearance) -> bool {
    match identifies {
        Identifies::None => true,
        Identifies::Indirect => clearance != Clearance::Aggregate,
        // Free text is held back as a whole: nobody can say beforehand what stands in it.
        Identifies::FreeText => matches!(clearance, Clearance::Identified | Clearance::Account),
        Identifies::Direct => clearance == Clearance::Identified,
    }
}

/// The answers of a form that may be shown: the one mask through which every page reads. What the form does not
/// know is shown to nobody who sees less than everything.
pub fn masked(form: &Form, mut answers: Answers, clearance: Clearance) -> Answers {
    if clearance == Clearance::Account {
        return without_names(form, answers);
    }
    if clearance != Clearance::Identified {
        let may = |id: &String| {
            form.field(id).is_some_and(|field| {
                let columns = field.columns.iter().map(|column| column.identifies);
                columns
                    .chain([field.identifies])
                    .all(|identifies| shown(identifies, clearance))
            })
        };
        answers.0.retain(|id, _| may(id));
    }
    answers
}

/// Whole answers that name somebody go, and single cells of tables.
fn without_names(form: &Form, mut answers: Answers) -> Answers {
    answers.0.retain(|id, _| {
        let field = form.field(id);
        field.is_some_and(|field| shown(field.identifies, Clearance::Account))
    });
    for (id, answer) in &mut answers.0 {
        let (Some(field), Answer::Rows(rows)) = (form.field(id), answer) else {
            continue;
        };
        for row in rows {
            row.retain(|cell, _| {
                let column = field.column(cell);
                column.is_some_and(|column| shown(column.identifies, Clearance::Account))
            });
        }
    }
    answers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_shows_less() {
        use Clearance::{Account, Aggregate, Identified, Pseudonymised};
        for (identifies, sees) in [
            (Identifies::None, [true, true, true, true]),
            (Identifies::Indirect, [true, true, true, false]),
            (Identifies::Direct, [true, false, false, false]),
            (Identifies::FreeText, [true, true, false, false]),
        ] {
            let got =
                [Identified, Account, Pseudonymised, Aggregate].map(|to| shown(identifies, to));
            assert_eq!(got, sees, "{identifies:?}");
        }
    }
}

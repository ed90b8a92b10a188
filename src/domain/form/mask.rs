//! Which answers a reader may see, by what the dictionary says they give away.

use super::{Answers, Form, Identifies};

/// How much of a case a reader may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Clearance {
    /// Everything.
    Identified,
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
        Identifies::Direct | Identifies::FreeText => clearance == Clearance::Identified,
    }
}

/// The answers of a form that may be shown: the one mask through which every page reads. What the form does not
/// know is shown to nobody who sees less than everything.
pub fn masked(form: &Form, mut answers: Answers, clearance: Clearance) -> Answers {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_shows_less() {
        use Clearance::{Aggregate, Identified, Pseudonymised};
        for (identifies, sees) in [
            (Identifies::None, [true, true, true]),
            (Identifies::Indirect, [true, true, false]),
            (Identifies::Direct, [true, false, false]),
            (Identifies::FreeText, [true, false, false]),
        ] {
            let got = [Identified, Pseudonymised, Aggregate].map(|to| shown(identifies, to));
            assert_eq!(got, sees, "{identifies:?}");
        }
    }
}

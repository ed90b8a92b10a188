//! Which agencies hold what a supplementary form asks, as data (`form_agencies.csv`): a form that the circumstances open
//! is proposed to them, and to nobody who could only say "not known". A person may ask anybody else for it. Must not know
//! who is behind an agency, nor which forms a case opens.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::form::{Dictionary, FormKind};

/// Name of the data file, as faults name it.
const FILE: &str = "form_agencies.csv";

/// The agencies by form.
#[derive(Debug, Clone, Default)]
pub struct Holders(BTreeMap<String, BTreeSet<String>>);

#[derive(Deserialize)]
struct Line {
    form: String,
    agencies: String,
    basis: String,
}

impl Holders {
    /// Reads the data file against a dictionary.
    ///
    /// # Errors
    /// Everything that cannot be right, as `form_agencies.csv:5: column form: …`.
    pub fn load(dict: &Dictionary, text: &str) -> Result<Self, Vec<String>> {
        let mut all = BTreeMap::new();
        let mut faults = Vec::new();
        let lines = csv::Reader::from_reader(text.as_bytes()).into_deserialize::<Line>();
        for (number, line) in (2_usize..).zip(lines) {
            let read = line
                .map_err(|fault| fault.to_string())
                .and_then(|line| agencies(dict, &all, line));
            match read {
                Ok((form, agencies)) => drop(all.insert(form, agencies)),
                Err(fault) => faults.push(format!("{FILE}:{number}: {fault}")),
            }
        }
        if faults.is_empty() {
            Ok(Self(all))
        } else {
            Err(faults)
        }
    }

    /// Whether an agency is proposed a form. A form that the data does not name is for everybody who is asked.
    pub fn hold(&self, agency: &str, form: &str) -> bool {
        self.0
            .get(form)
            .is_none_or(|agencies| agencies.contains(agency))
    }
}

fn agencies(
    dict: &Dictionary,
    before: &BTreeMap<String, BTreeSet<String>>,
    line: Line,
) -> Result<(String, BTreeSet<String>), String> {
    let form = dict
        .form(&line.form)
        .filter(|form| form.kind == FormKind::Supplementary)
        .ok_or_else(|| {
            format!(
                "column form: there is no supplementary form “{}”",
                line.form
            )
        })?;
    if before.contains_key(&form.code) {
        return Err(format!("column form: “{}” stands here twice", line.form));
    }
    if line.basis.trim().is_empty() {
        return Err("column basis: is empty".into());
    }
    let mut all = BTreeSet::new();
    for agency in line.agencies.split('|').map(str::trim) {
        if dict.code("agency", agency).is_none() {
            return Err(format!("column agencies: there is no agency “{agency}”"));
        }
        all.insert(agency.to_owned());
    }
    Ok((line.form, all))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample::library;

    const SHIPPED: &str = include_str!("../../fixtures/form_agencies.csv");

    #[test]
    fn a_form_is_proposed_to_those_who_hold_its_answers() {
        let library = library();
        let all = Holders::load(library.current(), SHIPPED).unwrap();
        assert!(all.hold("neonatal", "neonatal"));
        assert!(!all.hold("gp", "neonatal"));
        assert!(!all.hold("", "neonatal"));
        assert!(all.hold("gp", "reporting"));
    }

    #[test]
    fn every_supplementary_form_has_somebody_who_holds_its_answers() {
        let library = library();
        let all = Holders::load(library.current(), SHIPPED).unwrap();
        let forms = library.current().forms.iter();
        for form in forms.filter(|form| form.kind == FormKind::Supplementary) {
            assert!(all.0.contains_key(&form.code), "{}", form.code);
        }
    }

    #[test]
    fn every_fault_is_named_by_line_and_column() {
        for (line, fault) in [
            (
                "reporting,gp,proposed",
                "column form: there is no supplementary form “reporting”",
            ),
            (
                "neonatal,nobody,proposed",
                "column agencies: there is no agency “nobody”",
            ),
            (
                "neonatal,,proposed",
                "column agencies: there is no agency “”",
            ),
            ("neonatal,gp,", "column basis: is empty"),
        ] {
            let text = format!("form,agencies,basis\n{line}\n");
            let found = Holders::load(library().current(), &text);
            assert_eq!(
                found.unwrap_err(),
                [format!("form_agencies.csv:2: {fault}")]
            );
        }
        let twice = "form,agencies,basis\nneonatal,gp,proposed\nneonatal,police,proposed\n";
        let found = Holders::load(library().current(), twice).unwrap_err();
        assert_eq!(
            found,
            ["form_agencies.csv:3: column form: “neonatal” stands here twice"]
        );
    }
}

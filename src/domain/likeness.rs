//! How alike two cases are: by codes of the record alone, dimension by dimension, as `likeness.csv` lists and weighs them.
//! No text of anybody is looked at, so that nothing of it can be shown. Must not know which cases there are.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::form::{Answer, Dictionary, Field, Identifies, Kind};
use super::record::CaseRecord;
use super::table::{Line, lines};

const FILE: &str = "likeness.csv";
/// Two cases are alike from so many hundredths of all that could agree, and when more than where and at which age agrees.
const LEAST: u32 = 50;
/// What says nothing of what happened.
const SILENT: [&str; 5] = ["not_known", "unknown", "not_applicable", "none", "other"];
/// In these two cases agree without being alike.
const WEAK: [&str; 2] = ["age", "place"];

/// One question that is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Looked {
    dimension: String,
    form: String,
    /// With the column after a dot, where it is a table.
    field: String,
    codes: String,
}

/// Every dimension, in the order of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Likeness {
    looked: Vec<Looked>,
    /// Code, label, weight.
    dimensions: Vec<(String, String, u32)>,
}

/// The codes of one case by dimension, each as `list:code`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Features(pub BTreeMap<String, BTreeSet<String>>);

impl Features {
    pub fn of(&self, dimension: &str) -> impl Iterator<Item = &str> {
        self.0
            .get(dimension)
            .into_iter()
            .flatten()
            .map(String::as_str)
    }
}

impl Likeness {
    /// Reads the data file against a dictionary.
    ///
    /// # Errors
    /// Everything that cannot be right, as `likeness.csv:5: column field: …`.
    pub fn load(dict: &Dictionary, text: &str) -> Result<Self, Vec<String>> {
        let mut all = Self::default();
        let faults = lines(FILE, text, |line| line.looked(dict, &mut all));
        if faults.is_empty() {
            Ok(all)
        } else {
            Err(faults)
        }
    }

    /// Codes and labels of the dimensions.
    pub fn dimensions(&self) -> impl Iterator<Item = (&str, &str)> {
        self.dimensions
            .iter()
            .map(|(code, label, _)| (code.as_str(), label.as_str()))
    }

    /// The codes of a case.
    pub fn features(&self, record: &CaseRecord) -> Features {
        let mut all = Features::default();
        for looked in &self.looked {
            for code in looked.said(record) {
                if !SILENT.contains(&code.as_str()) {
                    let codes = all.0.entry(looked.dimension.clone()).or_default();
                    codes.insert(format!("{}:{code}", looked.codes));
                }
            }
        }
        all
    }

    /// How alike two cases are, in hundredths of what could agree: the same whichever is asked first.
    pub fn alike(&self, one: &Features, other: &Features) -> u32 {
        let none = BTreeSet::new();
        let (mut agreed, mut possible) = (0, 0);
        for (code, _, weight) in &self.dimensions {
            let of = |features: &Features| features.0.get(code).cloned().unwrap_or_default();
            let (a, b) = (of(one), of(other));
            if a == none && b == none {
                continue;
            }
            let (both, either) = (a.intersection(&b).count(), a.union(&b).count());
            let share = 100 * both / either.max(1);
            agreed += weight * u32::try_from(share).unwrap_or(0);
            possible += weight;
        }
        agreed.checked_div(possible).unwrap_or(0)
    }

    /// Whether two cases are alike enough to be shown beside each other.
    pub fn are_alike(&self, one: &Features, other: &Features) -> bool {
        let strong = |code: &&(String, String, u32)| !WEAK.contains(&code.0.as_str());
        let agrees = self.dimensions.iter().filter(strong).any(|(code, ..)| {
            let theirs: BTreeSet<&str> = other.of(code).collect();
            one.of(code).any(|code| theirs.contains(code))
        });
        agrees && self.alike(one, other) >= LEAST
    }
}

/// A kept code in the words of the dictionary.
pub fn words<'a>(dict: &'a Dictionary, kept: &'a str) -> &'a str {
    kept.split_once(':')
        .and_then(|(list, code)| dict.label(list, code))
        .unwrap_or("Not known")
}

impl Looked {
    fn said(&self, record: &CaseRecord) -> Vec<String> {
        let (field, column) = match self.field.split_once('.') {
            Some((field, column)) => (field, Some(column)),
            None => (self.field.as_str(), None),
        };
        match (record.get(&self.form, field), column) {
            (Some(Answer::Choice(code)), None) => vec![code],
            (Some(Answer::Choices(codes)), None) => codes,
            (Some(Answer::Rows(rows)), Some(column)) => rows
                .iter()
                .filter_map(|row| match row.get(column) {
                    Some(Answer::Choice(code)) => Some(code.clone()),
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        }
    }
}

fn asked<'a>(dict: &'a Dictionary, form: &str, name: &str) -> Option<&'a Field> {
    let form = dict.form(form)?;
    match name.split_once('.') {
        None => form.field(name),
        Some((field, column)) => form.field(field)?.column(column).or_else(|| {
            let columns = &form.field(field)?.columns;
            columns.iter().find(|c| c.id == name)
        }),
    }
}

impl Line<'_> {
    fn looked(&mut self, dict: &Dictionary, all: &mut Likeness) {
        let (dimension, label) = (self.text("dimension"), self.text("label"));
        let (form, name) = (self.text("form"), self.text("field"));
        let weight = self.text("weight").parse::<u32>().ok();
        let weight = weight.filter(|weight| (1..=10).contains(weight));
        if weight.is_none() {
            self.wrong("weight", "must be a whole number from 1 to 10");
        }
        if dimension.is_empty() || label.is_empty() {
            self.wrong("dimension", "and its label must be there");
        }
        if self.text("basis").is_empty() {
            self.wrong("basis", "is empty");
        }
        let Some(field) = asked(dict, &form, &name) else {
            self.wrong("field", "is not asked on that form");
            return;
        };
        if !matches!(field.kind, Kind::SingleChoice | Kind::MultiChoice) {
            self.wrong("field", "is no choice from a list: only codes are compared");
        }
        if field.identifies == Identifies::Direct {
            self.wrong("field", "tells who a child is");
        }
        let (Some(codes), Some(weight), true) = (&field.codes, weight, self.is_sound()) else {
            return;
        };
        match all.dimensions.iter().find(|(code, ..)| *code == dimension) {
            Some((.., held)) if *held != weight => {
                self.wrong(
                    "weight",
                    "is another than in an earlier line of this dimension",
                );
            }
            Some(_) => {}
            None => all.dimensions.push((dimension.clone(), label, weight)),
        }
        all.looked.push(Looked {
            dimension,
            form,
            field: name,
            codes: codes.clone(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::form::Answers;
    use crate::domain::sample::library;
    use proptest::prelude::*;

    fn shipped() -> Likeness {
        let text = include_str!("../../fixtures/likeness.csv");
        Likeness::load(library().current(), text).unwrap()
    }

    fn features(pairs: &[(&str, &str)]) -> Features {
        let mut all = Features::default();
        for (dimension, code) in pairs {
            let codes = all.0.entry((*dimension).to_owned()).or_default();
            codes.insert(format!("list:{code}"));
        }
        all
    }

    #[test]
    fn codes_are_taken_from_every_form_and_what_is_not_known_is_left() {
        let mut analysis = Answers::default();
        analysis.set("primary_category", Answer::Choice("10".into()));
        let row = |code: &str| {
            BTreeMap::from([
                ("factor_code".to_owned(), Answer::Choice(code.into())),
                ("description".to_owned(), Answer::Text("Samplechild".into())),
            ])
        };
        analysis.set("factors_b", Answer::Rows(vec![row("B08"), row("B01")]));
        let mut notification = Answers::default();
        notification.set("place_of_death_type", Answer::Choice("not_known".into()));
        let record = CaseRecord::default()
            .with("analysis", &analysis)
            .with("notification", &notification);
        let found = shipped().features(&record);
        assert_eq!(
            found.of("factors").collect::<Vec<_>>(),
            ["factor_code:B01", "factor_code:B08"]
        );
        assert_eq!(found.of("place").count(), 0);
        let kept = serde_json::to_string(&found).unwrap();
        assert!(!kept.contains("Samplechild"), "no text is kept");
        assert_eq!(
            words(library().current(), "factor_code:B01"),
            "Smoking in household"
        );
    }

    #[test]
    fn where_and_at_which_age_alone_is_not_alike() {
        let all = shipped();
        let weak = features(&[("age", "infant"), ("place", "home")]);
        assert_eq!(all.alike(&weak, &weak), 100);
        assert!(!all.are_alike(&weak, &weak));
        let strong = features(&[("age", "infant"), ("place", "home"), ("product", "sofa")]);
        assert!(all.are_alike(&strong, &strong));
        let other = features(&[("age", "teenager"), ("category", "2"), ("product", "sofa")]);
        assert!(
            !all.are_alike(&strong, &other),
            "{}",
            all.alike(&strong, &other)
        );
    }

    #[test]
    fn a_line_that_cannot_be_right_is_named() {
        let head = "dimension,label,form,field,weight,basis\n";
        for (line, column) in [
            ("age,Age,notification,no_such,1,x", "field"),
            ("age,Age,notification,child_surname,1,x", "field"),
            ("age,Age,notification,age_band,0,x", "weight"),
            ("age,Age,notification,age_band,1,", "basis"),
            (",Age,notification,age_band,1,x", "dimension"),
        ] {
            let faults =
                Likeness::load(library().current(), &format!("{head}{line}\n")).unwrap_err();
            assert!(
                faults[0].starts_with(&format!("likeness.csv:2: column {column}:")),
                "{faults:?}"
            );
        }
    }

    fn any_features() -> impl Strategy<Value = Features> {
        let dimension = proptest::sample::select(vec![
            "age",
            "category",
            "mechanism",
            "product",
            "place",
            "factors",
        ]);
        let code = proptest::sample::select(vec!["1", "2", "3", "4"]);
        proptest::collection::vec((dimension, code), 0..10).prop_map(|pairs| features(&pairs))
    }

    proptest! {
        #[test]
        fn likeness_is_the_same_from_both_sides_and_whole_only_with_the_same(one in any_features(), other in any_features()) {
            let all = shipped();
            prop_assert_eq!(all.alike(&one, &other), all.alike(&other, &one));
            prop_assert_eq!(all.are_alike(&one, &other), all.are_alike(&other, &one));
            prop_assert!(all.alike(&one, &other) <= 100);
            if !one.0.is_empty() {
                prop_assert_eq!(all.alike(&one, &one), 100);
                prop_assert_eq!(all.alike(&one, &other) == 100, one == other);
            }
        }
    }
}

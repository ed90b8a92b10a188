//! What holds for any caseload.

use chrono::{Duration, NaiveDate, NaiveTime};
use proptest::prelude::*;

use super::sample::{at, day, order};
use super::*;
use crate::domain::form::{Answer, Answers, Dictionary, Field, Identifies, Kind as Asked};

/// Stands in every answer that names somebody.
const NAME: &str = "Zqname";
/// Stands in every free text.
const TEXT: &str = "Zqtext";

/// A small generator, so that one number makes a caseload.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn day(&mut self) -> NaiveDate {
        day("2008-01-01") + Duration::days(i64::try_from(self.roll(6_900)).unwrap())
    }

    fn text(&mut self, field: &Field) -> String {
        let mark = if field.identifies == Identifies::Direct {
            NAME
        } else {
            TEXT
        };
        let ends = ["", ", and", " \"said\"", "\r\nnext", "=", "é"];
        let starts = ["", "=", "-", "@", "'", ","];
        let pick = |n: u64, from: &[&str]| from[usize::try_from(n).unwrap()].to_owned();
        pick(self.roll(6), &starts) + mark + &pick(self.roll(6), &ends)
    }

    fn answer(&mut self, dictionary: &Dictionary, field: &Field) -> Answer {
        if self.roll(12) == 0 {
            return Answer::NotKnown;
        }
        let codes = match field.kind {
            Asked::YesNoUnknown => dictionary.codes("yes_no_unknown"),
            _ => dictionary.codes(field.codes.as_deref().unwrap_or_default()),
        };
        let mut code = || {
            codes[usize::try_from(self.roll(codes.len() as u64)).unwrap()]
                .code
                .clone()
        };
        match field.kind {
            Asked::YesNoUnknown | Asked::SingleChoice => Answer::Choice(code()),
            Asked::MultiChoice => Answer::Choices(vec![code(), code(), code()]),
            Asked::Text | Asked::LongText => Answer::Text(self.text(field)),
            Asked::Date => Answer::Date(self.day()),
            Asked::DateTime => Answer::DateTime(self.day().and_hms_opt(9, 5, 0).unwrap()),
            Asked::Time => Answer::Time(NaiveTime::from_hms_opt(23, 59, 0).unwrap()),
            Asked::Boolean => Answer::Boolean(self.roll(2) == 0),
            Asked::Integer => Answer::Integer(i64::try_from(self.roll(11)).unwrap()),
            Asked::Decimal => {
                Answer::Decimal(f64::from(u32::try_from(self.roll(900)).unwrap()) / 8.0)
            }
            Asked::Table => {
                let rows = self.roll(3);
                let row = |dice: &mut Dice| dice.answers(dictionary, field.columns.iter()).0;
                Answer::Rows((0..rows).map(|_| row(self)).collect())
            }
        }
    }

    fn answers<'f>(
        &mut self,
        dictionary: &Dictionary,
        fields: impl Iterator<Item = &'f Field>,
    ) -> Answers {
        let mut answers = Answers::default();
        for field in fields {
            if self.roll(3) > 0 {
                let answer = self.answer(dictionary, field);
                answers.0.insert(field.id.clone(), answer);
            }
        }
        answers
    }

    fn case(&mut self, number: u64) -> ReturnCase {
        let dictionary = LIBRARY.current();
        let forms = [
            "notification",
            "reporting",
            "neonatal",
            "fire_burns",
            "analysis",
        ];
        let record = |dice: &mut Dice, form: &str| Record {
            form: form.to_owned(),
            version: dictionary.version.clone(),
            answers: dice.answers(dictionary, dictionary.form(form).unwrap().fields()),
            ..Record::default()
        };
        let statuses = [
            Status::Open,
            Status::Finalised,
            Status::Finalised,
            Status::Duplicate,
            Status::Transferred,
            Status::OutOfScope,
        ];
        let moment = |dice: &mut Dice| {
            at("2025-03-01T12:00:00Z") + Duration::hours(i64::try_from(dice.roll(10_000)).unwrap())
        };
        ReturnCase {
            id: format!("id-{number}"),
            reference: format!("KM-2025-{number:04}"),
            version: 1,
            status: statuses[usize::try_from(self.roll(6)).unwrap()],
            notified_at: moment(self),
            finalised_at: Some(moment(self)),
            withdrawn_at: Some(moment(self)),
            sent_before: self.roll(2) == 0,
            agreed: forms.map(|form| record(self, form)).to_vec(),
            ..ReturnCase::default()
        }
    }
}

fn caseload() -> impl Strategy<Value = Vec<ReturnCase>> {
    (any::<u64>(), 0_u64..6).prop_map(|(seed, number)| {
        let mut dice = Dice(seed);
        (1..=number).map(|number| dice.case(number)).collect()
    })
}

fn records(text: &str) -> Vec<csv::StringRecord> {
    csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes())
        .into_records()
        .map(|record| record.unwrap())
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn every_file_reads_back(cases in caseload(), kind in proptest::sample::select(Kind::ALL.to_vec())) {
        let (summary, files) = write(&order(kind), &cases);
        for part in &summary.files {
            // The reader refuses a row that is not as wide as the header.
            let held = records(file(&files, part.file.name()));
            prop_assert_eq!(held.len() as u64, part.rows + 1);
            let header: Vec<&str> = held[0].iter().collect();
            let columns = LAYOUT.columns(part.file);
            prop_assert_eq!(header.len(), columns.len());
            for record in &held[1..] {
                for (cell, column) in record.iter().zip(columns) {
                    prop_assert!(!column.required || !cell.is_empty(), "{} {:?}", column.name, record);
                    let known = column.values.is_empty() || cell.is_empty() || cell == "not_known";
                    prop_assert!(known || column.values.iter().any(|v| v == cell), "{} {cell}", column.name);
                }
            }
        }
        let counted: Vec<(String, u64)> = rows(&files, "manifest.csv")
            .into_iter()
            .map(|row| (row["name"].clone(), row["rows"].parse().unwrap()))
            .collect();
        let expected: Vec<(String, u64)> = summary
            .files
            .iter()
            .filter(|part| part.file != File::Manifest)
            .map(|part| (part.file.name().to_owned(), part.rows))
            .collect();
        prop_assert_eq!(counted, expected);
    }

    #[test]
    fn an_answer_has_one_value(cases in caseload()) {
        let (_, files) = write(&order(Kind::YearEnd), &cases);
        for row in rows(&files, "answer.csv") {
            let values = ["value_code", "value_text", "value_number", "value_date"];
            prop_assert_eq!(values.iter().filter(|value| !row[**value].is_empty()).count(), 1);
            let form = LIBRARY.current().form(&row["form_code"]).unwrap();
            prop_assert!(form.field(&row["field_id"]).unwrap().national);
            prop_assert!(row["confidence_tag"] != "inferred");
        }
    }

    #[test]
    fn nobody_is_named_where_nobody_should_be(cases in caseload()) {
        for kind in [Kind::YearEnd, Kind::AnnualReport] {
            let (_, files) = write(&order(kind), &cases);
            for (name, text) in &files {
                if kind == Kind::AnnualReport || name.starts_with("lscb1_") {
                    for named in [NAME, TEXT, "KM-2025-", "id-"] {
                        prop_assert!(!text.contains(named), "{named} in {name}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_spreadsheet_meets_no_formula(cases in caseload()) {
        let order = Order { spreadsheet: true, ..order(Kind::YearEnd) };
        let (_, files) = write(&order, &cases);
        for (name, text) in files.iter().filter(|(name, _)| name != "datapackage.json") {
            for record in records(text) {
                for cell in &record {
                    let number = cell.parse::<f64>().is_ok();
                    prop_assert!(number || !cell.starts_with(['=', '+', '-', '@']), "{name} {cell}");
                }
            }
        }
    }

    #[test]
    fn counts_add_up(cases in caseload()) {
        let (_, files) = write(&order(Kind::YearEnd), &cases);
        let completed = rows(&files, "lscb1_child.csv").len() as u64;
        let mut sums = std::collections::BTreeMap::<_, u64>::new();
        for row in rows(&files, "lscb1_aggregate.csv") {
            if row["measure"] == "completed_reviews" {
                let each = row["modifiability"].is_empty();
                *sums.entry((row["breakdown"].clone(), each)).or_default() += row["count"].parse::<u64>().unwrap();
            }
        }
        prop_assert!(sums.values().all(|sum| *sum == completed), "{sums:?} {completed}");
    }
}

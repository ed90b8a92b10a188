//! What each rule costs: `cargo bench --bench rules`. Synthetic answers only; nothing here is stored or sent.
#![expect(
    clippy::unwrap_used,
    reason = "a bench that cannot make its input stops"
)]

use std::io;

use cdr::casework::House;
use cdr::casework::house::shipped;
use cdr::casework::secrets::Secrets;
use cdr::domain::duplicate::{self, Identity};
use cdr::domain::finalise::{self, WholeCase};
use cdr::domain::form::{
    Answers, Collated, Dictionary, Field, Form, Given, Posted, Problem, Severity, Stage,
    Surroundings, check, collate, derive, read, visible, write,
};
use cdr::domain::national_return::{
    Exporter, Kind, Layout, Needs, Order, Period, Record, ReturnCase, Source, Status, Verified,
};
use cdr::domain::nhs_number::NhsNumber;
use cdr::domain::record::CaseRecord;
use cdr::domain::supplementary::Openings;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use divan::{Bencher, black_box};

const VERSION: &str = "2022-04-r1";
const NOW: &str = "2026-01-05T12:00:00";
/// The forms of one whole case.
const FORMS: [(&str, &str); 4] = [
    ("notification", include_str!("samples/notification.json")),
    ("reporting", include_str!("samples/reporting.json")),
    ("drowning", include_str!("samples/drowning.json")),
    ("analysis", include_str!("samples/analysis.json")),
];

fn main() {
    divan::main();
}

fn house() -> House {
    House::load(Secrets::random(), "http://127.0.0.1", None).unwrap()
}

fn today() -> NaiveDate {
    now().date()
}

fn now() -> NaiveDateTime {
    NOW.parse().unwrap()
}

fn around() -> Surroundings<'static> {
    Surroundings {
        today: today(),
        now: now(),
        elsewhere: &|_| None,
    }
}

/// The sample answers to a form as they would be stored.
fn sample(dict: &Dictionary, code: &str) -> Answers {
    let (_, text) = FORMS.iter().find(|(form, _)| *form == code).unwrap();
    let value = serde_json::from_str(text).unwrap();
    let form = dict.form(code).unwrap();
    let (mut answers, problems) = Answers::from_json(form, dict, &value);
    assert!(problems.is_empty(), "{code}: {problems:?}");
    derive(dict, form, &mut answers, &around());
    answers
}

fn form<'d>(dict: &'d Dictionary, code: &str) -> &'d Form {
    dict.form(code).unwrap()
}

fn stops(problems: &[Problem]) -> Vec<&Problem> {
    problems
        .iter()
        .filter(|p| p.severity == Severity::Stop)
        .collect()
}

#[divan::bench(args = ["notification", "reporting"])]
fn check_at_final(bencher: Bencher, code: &str) {
    let house = house();
    let dict = house.dictionary();
    let answers = sample(dict, code);
    let found = check(dict, form(dict, code), &answers, &around(), Stage::Final);
    let missed: Vec<_> = stops(&found)
        .into_iter()
        .filter(|p| {
            form(dict, code).field(&p.field).is_some_and(|f| {
                f.answered_by == cdr::domain::form::AnsweredBy::Notifier || code == "reporting"
            })
        })
        .collect();
    assert!(missed.is_empty(), "{missed:?}");
    bencher.bench_local(|| {
        check(
            dict,
            form(dict, code),
            black_box(&answers),
            &around(),
            Stage::Final,
        )
    });
}

#[divan::bench(args = ["notification", "reporting"])]
fn derive_what_follows(bencher: Bencher, code: &str) {
    let house = house();
    let dict = house.dictionary();
    let answers = sample(dict, code);
    bencher
        .with_inputs(|| answers.clone())
        .bench_local_values(|mut answers| {
            derive(dict, form(dict, code), &mut answers, &around());
            answers
        });
}

#[divan::bench(args = ["notification", "reporting"])]
fn visible_questions(bencher: Bencher, code: &str) {
    let house = house();
    let dict = house.dictionary();
    let answers = sample(dict, code);
    bencher.bench_local(|| visible(form(dict, code), black_box(&answers), &around()));
}

#[divan::bench(args = ["notification", "reporting"])]
fn answers_from_json(bencher: Bencher, code: &str) {
    let house = house();
    let dict = house.dictionary();
    let value = sample(dict, code).to_json();
    bencher.bench_local(|| Answers::from_json(form(dict, code), dict, black_box(&value)));
}

/// Every question of the notification, as one post.
#[divan::bench]
fn read_a_post(bencher: Bencher) {
    let house = house();
    let dict = house.dictionary();
    let form = form(dict, "notification");
    let answers = sample(dict, "notification");
    let fields: Vec<&Field> = form.fields().collect();
    let pairs = fields
        .iter()
        .filter_map(|field| Some(write(field, answers.get(&field.id)?)));
    let posted = Posted(pairs.flatten().collect());
    bencher.bench_local(|| {
        let mut into = Answers::default();
        let problems = read(dict, form, &fields, black_box(&posted), &mut into);
        assert!(stops(&problems).is_empty(), "{problems:?}");
        into
    });
}

#[divan::bench]
fn collate_five_agencies(bencher: Bencher) {
    let house = house();
    let dict = house.dictionary();
    let agencies = [
        "gp",
        "police",
        "social_care",
        "health_visiting",
        "education",
    ];
    let given: Vec<Given> = agencies
        .into_iter()
        .map(|agency| {
            let mut answers = sample(dict, "reporting");
            let text = cdr::domain::form::Answer::Text(format!("What {agency} knew."));
            answers.set("health_narrative", text);
            Given {
                source: format!("response of {agency}"),
                agency: agency.to_owned(),
                answers,
            }
        })
        .collect();
    let nothing = std::collections::BTreeMap::new();
    bencher.bench_local(|| -> std::collections::BTreeMap<String, Collated> {
        collate(dict, form(dict, "reporting"), black_box(&given), &nothing)
    });
}

fn identity(surname: &str, forenames: &str) -> Identity {
    Identity {
        nhs_number: None,
        feed_number: None,
        surname: surname.to_owned(),
        forenames: forenames.to_owned(),
        date_of_birth: "2020-02-09".parse().ok(),
        date_of_death: "2025-06-01".parse().ok(),
        sex: Some("female".to_owned()),
        postcode: Some("ME14 1AA".to_owned()),
        multiple_birth: false,
        birth_order: None,
    }
}

#[divan::bench]
fn compare_for_duplicates(bencher: Bencher) {
    let one = identity("Testfamily-Sample", "Samplechild Alba");
    let other = identity("Testfamly Sample", "Alba");
    bencher.bench_local(|| duplicate::compare(black_box(&one), black_box(&other)));
}

#[divan::bench]
fn missing_before_finalising(bencher: Bencher) {
    let house = house();
    let dict = house.dictionary();
    let openings = Openings::load(dict, &shipped("openings.csv").unwrap()).unwrap();
    let held: Vec<(&str, Answers)> = FORMS
        .iter()
        .map(|(code, _)| (*code, sample(dict, code)))
        .collect();
    let record = held
        .iter()
        .fold(CaseRecord::default(), |record, (code, answers)| {
            record.with(code, answers)
        });
    let case = WholeCase {
        dict,
        openings: &openings,
        record,
        requests: Vec::new(),
        waived: vec!["care_pathway".to_owned()],
        conflicts: Vec::new(),
        duplicates: Vec::new(),
        footprint: &["E10000016", "E06000035"],
        notified_on: "2025-06-01".parse().unwrap(),
        live: false,
    };
    bencher.bench_local(|| finalise::missing(black_box(&case), today(), now()));
}

/// The same case, `count` times, for every file of the return.
struct Repeated {
    case: ReturnCase,
    count: usize,
}

impl Source for Repeated {
    fn each(
        &mut self,
        _: &Needs,
        f: &mut dyn FnMut(&ReturnCase) -> io::Result<()>,
    ) -> io::Result<()> {
        (0..self.count).try_for_each(|_| f(&self.case))
    }
}

fn return_case(dict: &Dictionary) -> ReturnCase {
    let at: DateTime<Utc> = "2025-11-10T10:00:00Z".parse().unwrap();
    let agreed = FORMS.iter().map(|(code, _)| Record {
        form: (*code).to_owned(),
        version: VERSION.to_owned(),
        response_id: None,
        agency: None,
        answered_at: Some(at),
        answers: sample(dict, code),
    });
    ReturnCase {
        id: "sample".to_owned(),
        reference: "KM-2025-0001".to_owned(),
        version: 1,
        status: Status::Finalised,
        notified_at: "2025-06-01T16:00:00Z".parse().unwrap(),
        finalised_at: Some(at),
        route: Some("portal".to_owned()),
        icb_code: Some("QKS".to_owned()),
        agreed: agreed.collect(),
        ..ReturnCase::default()
    }
}

/// All files of the package, into nothing: with one case mostly what every package holds, so that the
/// difference to 101 is a hundred cases.
#[divan::bench(args = [1, 101])]
fn rows_of_a_return(bencher: Bencher, count: usize) {
    let house = house();
    let library = &house.library;
    let layout = Layout::shipped(library).unwrap();
    let exporter = Exporter::new(library, &layout, &Verified::default());
    let order = Order {
        kind: Kind::YearEnd,
        period: Period {
            from: "2025-04-01".parse().unwrap(),
            to: "2026-03-31".parse().unwrap(),
        },
        case: None,
        cdop: "KM".to_owned(),
        created_by: "Sample Coordinator".to_owned(),
        stamp: "2026-04-02T08:30:00Z".parse().unwrap(),
        published: false,
        spreadsheet: false,
        originals: false,
    };
    let mut source = Repeated {
        case: return_case(library.current()),
        count,
    };
    bencher.bench_local(|| exporter.zip(&order, &mut source, io::sink()).unwrap());
}

#[divan::bench]
fn nhs_number(bencher: Bencher) {
    bencher.bench_local(|| NhsNumber::parse(black_box("999 000 0018")));
}

/// One value of a row, as an export opens it.
#[divan::bench]
fn open_sealed_value(bencher: Bencher) {
    let ring = Secrets::random().keyring();
    let sealed = ring.seal("cases", "surname", "row", "Synthetic-Surname");
    bencher.bench(|| ring.open("cases", "surname", "row", black_box(&sealed)));
}

#[divan::bench]
fn seal_value(bencher: Bencher) {
    let ring = Secrets::random().keyring();
    bencher.bench(|| ring.seal("cases", "surname", "row", black_box("Synthetic-Surname")));
}

#[divan::bench]
fn blind_index(bencher: Bencher) {
    let ring = Secrets::random().keyring();
    bencher.bench(|| ring.blind("surname", black_box("synthetic")));
}

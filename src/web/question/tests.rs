use super::*;
use crate::domain::form::{Answer, Library};
use crate::web::render::Renderer;
use scraper::{Html, Selector};
use serde_json::json;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

static LIBRARY: LazyLock<Library> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/forms");
    let mut files = Vec::new();
    for version in std::fs::read_dir(folder).unwrap() {
        let version = version.unwrap();
        for file in std::fs::read_dir(version.path()).unwrap() {
            let file = file.unwrap();
            let names = (version.file_name(), file.file_name());
            let name = format!(
                "{}/{}",
                names.0.to_str().unwrap(),
                names.1.to_str().unwrap()
            );
            files.push((name, std::fs::read_to_string(file.path()).unwrap()));
        }
    }
    Library::load(files.iter().map(|(n, t)| (n.as_str(), t.as_str()))).unwrap()
});

fn dict() -> &'static Dictionary {
    LIBRARY.current()
}

fn form(code: &str) -> &'static Form {
    dict().form(code).unwrap()
}

fn posted(pairs: &[(&str, &str)]) -> Posted {
    Posted(
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
    )
}

fn problem(field: &str, rule: &str, severity: Severity) -> Problem {
    Problem {
        field: field.to_owned(),
        row: None,
        column: None,
        rule: rule.to_owned(),
        severity,
        message: format!("Look at {field}."),
    }
}

/// One field of a form, as a page would show it after a post.
fn asked(code: &str, field: &str, pairs: &[(&str, &str)], problems: &[Problem]) -> Question {
    let form = form(code);
    let fields = [form.field(field).unwrap()];
    let posted = posted(pairs);
    let none = Answers::default();
    let options = Options::default();
    let mut all = questions(
        dict(),
        form,
        &fields,
        &none,
        Some(&posted),
        problems,
        &options,
    );
    assert_eq!(all.len(), 1);
    all.remove(0)
}

fn page(list: &[Question], errors: Option<&ErrorSummary>) -> String {
    let text = "{% from \"components/question.html\" import questions, errorSummary %}\
                {{ errorSummary(errors) }}<form>{{ questions(list) }}</form>";
    Renderer::new(None)
        .render_text(text, json!({"list": list, "errors": errors}))
        .unwrap()
}

fn select<'a>(html: &'a Html, css: &str) -> Vec<scraper::ElementRef<'a>> {
    html.select(&Selector::parse(css).unwrap()).collect()
}

/// Every form of every kind, each question with something wrong: the summary's links lead to
/// inputs that are there, ids are not used twice, and every input has its words.
#[test]
fn every_form_shows_every_question_and_every_problem_at_its_place() {
    for form in &dict().forms {
        let fields: Vec<&Field> = form.fields().collect();
        let typed = || {
            fields
                .iter()
                .filter(|f| f.answered_by != AnsweredBy::System)
        };
        let mut problems: Vec<Problem> = Vec::new();
        for field in typed() {
            problems.push(problem(&field.id, "required", Severity::Stop));
            problems.push(problem(&field.id, "odd", Severity::Warn));
            for column in &field.columns {
                let mut cell = problem(&field.id, "required", Severity::Stop);
                (cell.row, cell.column) = (Some(0), Some(column.id.clone()));
                problems.push(cell);
            }
        }
        let none = Answers::default();
        let list = questions(
            dict(),
            form,
            &fields,
            &none,
            None,
            &problems,
            &Options::default(),
        );
        assert_eq!(list.len(), typed().count(), "{}", form.code);
        let errors = error_summary(form, &problems).unwrap();
        let html = Html::parse_fragment(&page(&list, Some(&errors)));
        let mut ids = BTreeSet::new();
        for element in select(&html, "[id]") {
            let id = element.value().id().unwrap();
            assert!(ids.insert(id.to_owned()), "{}: {id} twice", form.code);
        }
        for link in select(&html, ".govuk-error-summary a") {
            let target = link.value().attr("href").unwrap().trim_start_matches('#');
            assert!(ids.contains(target), "{}: no {target}", form.code);
        }
        for place in select(&html, "[aria-describedby]") {
            for id in place
                .value()
                .attr("aria-describedby")
                .unwrap()
                .split_whitespace()
            {
                assert!(ids.contains(id), "{}: described by {id}", form.code);
            }
        }
        let labels: BTreeSet<&str> = select(&html, "label[for]")
            .iter()
            .filter_map(|l| l.value().attr("for"))
            .collect();
        for input in select(&html, "input, select, textarea") {
            let id = input.value().id().unwrap();
            assert!(labels.contains(id), "{}: {id} has no label", form.code);
        }
        let source = html.html();
        for field in typed().filter(|field| field.note.len() > 30) {
            assert!(
                !source.contains(&field.note),
                "{}: the note of {}",
                form.code,
                field.id
            );
        }
    }
}

#[test]
fn what_was_typed_is_shown_as_typed() {
    let date = asked(
        "notification",
        "date_of_death",
        &[("date_of_death-month", "Marhc")],
        &[],
    );
    let parts: Vec<(&str, &str)> = date
        .parts
        .iter()
        .map(|p| (p.name, p.value.as_str()))
        .collect();
    assert_eq!(parts, [("day", ""), ("month", "Marhc"), ("year", "")]);
    let name = asked(
        "notification",
        "child_surname",
        &[("child_surname", "<b>\"")],
        &[],
    );
    let html = Html::parse_fragment(&page(&[name], None));
    assert_eq!(
        select(&html, "#child_surname")[0].value().attr("value"),
        Some("<b>\"")
    );
}

#[test]
fn the_answers_held_are_shown() {
    let form = form("notification");
    let fields: Vec<&Field> = [
        "date_of_birth",
        "date_of_death_estimated",
        "referrer_job_title",
    ]
    .iter()
    .map(|id| form.field(id).unwrap())
    .collect();
    let mut answers = Answers::default();
    answers.set("date_of_birth", Answer::Date("2021-03-07".parse().unwrap()));
    answers.set("date_of_death_estimated", Answer::Boolean(false));
    answers.set("referrer_job_title", Answer::NotKnown);
    let list = questions(
        dict(),
        form,
        &fields,
        &answers,
        None,
        &[],
        &Options::default(),
    );
    let date: Vec<&str> = list[0]
        .parts
        .iter()
        .map(|part| part.value.as_str())
        .collect();
    assert_eq!(date, ["7", "3", "2021"]);
    assert_eq!(list[1].value, "no");
    assert_eq!(
        list[2].not_known,
        Some(true),
        "said of a question that does not offer it"
    );
}

#[test]
fn a_short_list_is_radios_a_long_one_a_select_that_starts_empty() {
    let sex = asked("notification", "sex", &[("sex", "female")], &[]);
    assert_eq!(
        (sex.control, sex.value.as_str()),
        (Control::Radios, "female")
    );
    let agency = asked("notification", "referrer_agency", &[], &[]);
    assert_eq!(agency.control, Control::Select);
    assert_eq!(
        (
            agency.items[0].value.as_str(),
            agency.items[0].text.as_str()
        ),
        ("", "")
    );
}

#[test]
fn an_answer_the_list_has_lost_is_kept() {
    let sex = asked("notification", "sex", &[("sex", "old_code")], &[]);
    assert!(sex.items.iter().any(|item| item.value == "old_code"));
}

#[test]
fn not_known_is_offered_where_an_answer_is_required_and_no_list_has_it() {
    let ticked = [("date_of_birth-not_known", "yes")];
    assert_eq!(
        asked("notification", "date_of_birth", &ticked, &[]).not_known,
        Some(true)
    );
    let cases = [
        ("date_of_birth", Some(false)),
        ("ncmd_alert", None),
        ("ncmd_alert_reason", Some(false)),
        ("referrer_job_title", None),
        ("nhs_number", None),
    ];
    for (field, offered) in cases {
        assert_eq!(
            asked("notification", field, &[], &[]).not_known,
            offered,
            "{field}"
        );
    }
}

#[test]
fn a_warning_can_be_confirmed_and_stays_confirmed() {
    let problems = [problem("referrer_phone", "phone", Severity::Warn)];
    let fresh = asked("notification", "referrer_phone", &[], &problems);
    assert!(fresh.errors.is_empty());
    assert_eq!(fresh.warnings[0].key, "referrer_phone:phone");
    assert!(!fresh.warnings[0].confirmed);
    let again = [("confirm", "referrer_phone:phone")];
    assert!(asked("notification", "referrer_phone", &again, &problems).warnings[0].confirmed);
}

#[test]
fn the_summary_says_once_what_is_wrong_and_calls_a_mere_warning_by_its_name() {
    let form = form("notification");
    let stop = problem("date_of_death", "required", Severity::Stop);
    let warn = problem("referrer_phone", "phone", Severity::Warn);
    let summary = error_summary(form, &[stop.clone(), stop, warn.clone()]).unwrap();
    assert_eq!(summary.title, "There is a problem");
    let links: Vec<&str> = summary
        .items
        .iter()
        .map(|item| item.href.as_str())
        .collect();
    assert_eq!(links, ["#date_of_death-day", "#referrer_phone"]);
    assert_eq!(
        error_summary(form, &[warn]).unwrap().title,
        "Check your answers"
    );
    assert_eq!(error_summary(form, &[]), None);
}

const ROWS: [(&str, &str); 3] = [
    ("household_members-0-name", "Test One"),
    ("household_members-1-name", "Test Two"),
    ("household_members-2-name", "Test Three"),
];

fn names(question: &Question) -> Vec<(String, String)> {
    let name = |row: &table::Row| {
        row.questions
            .iter()
            .find(|q| q.id.ends_with("-name"))
            .cloned()
    };
    question
        .rows
        .iter()
        .filter_map(name)
        .map(|q| (q.id, q.value))
        .collect()
}

fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

#[test]
fn a_table_starts_with_one_empty_row() {
    let table = asked("notification", "household_members", &[], &[]);
    assert_eq!(names(&table), [pair("household_members-0-name", "")]);
}

#[test]
fn a_row_is_added_and_takes_the_focus() {
    let pairs = [&ROWS[..], &[("add", "household_members")]].concat();
    let table = asked("notification", "household_members", &pairs, &[]);
    assert_eq!(table.rows.len(), 4);
    assert!(table.rows[3].questions[0].autofocus);
    assert_eq!(names(&table)[3], pair("household_members-3-name", ""));
}

#[test]
fn a_row_is_removed_and_the_later_ones_move_up_with_their_problems() {
    let pairs = [&ROWS[..], &[("remove", "household_members-0")]].concat();
    let mut cell = problem("household_members", "length", Severity::Stop);
    (cell.row, cell.column) = (Some(1), Some("name".to_owned()));
    let table = asked("notification", "household_members", &pairs, &[cell]);
    assert_eq!(
        names(&table),
        [
            pair("household_members-0-name", "Test Two"),
            pair("household_members-1-name", "Test Three"),
        ]
    );
    let faulty = |row: &table::Row| row.questions.iter().any(|q| !q.errors.is_empty());
    assert_eq!(
        table.rows.iter().map(faulty).collect::<Vec<_>>(),
        [true, false]
    );
    assert_eq!(table.rows[1].remove, "household_members-1");
}

#[test]
fn a_hostile_row_number_makes_no_endless_page() {
    let pairs = [
        ("household_members-99999999-name", "x"),
        ("household_members-7-name", "y"),
    ];
    assert_eq!(
        asked("notification", "household_members", &pairs, &[])
            .rows
            .len(),
        8
    );
}

#[test]
fn a_domain_offers_its_own_factors() {
    let table = asked("analysis", "factors_b", &[], &[]);
    let factor = table.rows[0]
        .questions
        .iter()
        .find(|q| q.id.ends_with("factor_code"))
        .unwrap();
    assert!(factor.items.len() > 5);
    assert!(
        factor
            .items
            .iter()
            .skip(1)
            .all(|item| item.value.starts_with('B'))
    );
}

#[test]
fn a_sub_category_belongs_to_the_chosen_category() {
    let form = form("analysis");
    let fields = [form.field("sub_category").unwrap()];
    let mut answers = Answers::default();
    answers.set("primary_category", Answer::Choice("3".to_owned()));
    let list = questions(
        dict(),
        form,
        &fields,
        &answers,
        None,
        &[],
        &Options::default(),
    );
    let offered: Vec<&str> = list[0]
        .items
        .iter()
        .map(|item| item.value.as_str())
        .collect();
    assert!(offered.len() > 3);
    assert!(
        offered
            .iter()
            .all(|code| code.is_empty() || code.starts_with('3')),
        "{offered:?}"
    );
}

#[test]
fn only_the_writers_own_details_are_filled_in_by_the_browser() {
    assert_eq!(
        asked("notification", "referrer_email", &[], &[])
            .style
            .autocomplete,
        "email"
    );
    let child = asked("notification", "child_surname", &[], &[]).style;
    assert_eq!((child.autocomplete, child.spellcheck), ("off", Some(false)));
}

#[test]
fn what_need_not_be_answered_can_say_so() {
    let form = form("notification");
    let fields = [
        form.field("referrer_job_title").unwrap(),
        form.field("child_surname").unwrap(),
    ];
    let options = Options {
        mark_optional: true,
        ..Options::default()
    };
    let none = Answers::default();
    let list = questions(dict(), form, &fields, &none, None, &[], &options);
    let labels: Vec<&str> = list
        .iter()
        .map(|question| question.label.as_str())
        .collect();
    assert_eq!(labels, ["Job title or role (optional)", "Family name"]);
}

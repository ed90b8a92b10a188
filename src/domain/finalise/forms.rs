//! Each form's own checks, as the dictionary writes them, over the answers as they are stored: what
//! is derived is not worked out again here, so that a stale one is told and not sent.

use super::Missing;
use super::look::{Look, place_of};
use crate::domain::form::{self, Answer, Answers, Field, Form, FormKind, Problem, Stage};
use crate::domain::record::is_about_the_case;

/// The problems of every form that finalising needs. The review meeting's form and the team's own are
/// held only to what they say: they are not part of the return.
pub(super) fn problems(look: &Look) -> Vec<Missing> {
    let dict = look.dict();
    let mut all = Vec::new();
    for form in &dict.forms {
        let answers = look.form(&form.code);
        let stage = match form.kind {
            FormKind::Notification | FormKind::Analysis => Stage::Final,
            // Where it is wanting, X-1 and SB-4 say so; where it is waived, what came is not used.
            FormKind::Reporting | FormKind::Supplementary if answers.is_some() => Stage::Final,
            FormKind::CdrmJar | FormKind::Local if answers.is_some() => Stage::Draft,
            _ => continue,
        };
        let found = of_form(look, form, answers.cloned().unwrap_or_default(), stage);
        all.extend(
            found
                .into_iter()
                .map(|problem| into_missing(look, form, problem)),
        );
    }
    all
}

fn of_form(look: &Look, form: &Form, mut answers: Answers, stage: Stage) -> Vec<Problem> {
    let elsewhere = |field: &str| look.case.record.elsewhere(&form.code, field);
    let around = look.around(&elsewhere);
    if form.kind == FormKind::Reporting {
        not_nil(form, &mut answers);
    }
    form::check_where(look.dict(), form, &answers, &around, stage, &|field| {
        counts(form, field)
    })
}

/// One agency may have known nothing while another answered: the record as a whole is a nil return
/// only where it holds nothing.
fn not_nil(form: &Form, answers: &mut Answers) {
    let of_case =
        |field: &&Field| is_about_the_case(form, field) && !field.id.starts_with("child_");
    if form
        .fields()
        .filter(of_case)
        .any(|field| answers.is_answered(&field.id))
    {
        answers.set("agency_knew_child", Answer::Choice("yes".to_owned()));
    }
}

/// Who answered a form, and when, was checked when the answer came. Whether the analysis is
/// finalised is what is being decided here.
fn counts(form: &Form, field: &Field) -> bool {
    is_about_the_case(form, field) && !(form.kind == FormKind::Analysis && field.id == "finalised")
}

fn into_missing(look: &Look, form: &Form, problem: Problem) -> Missing {
    let place = place_of(look.dict(), &form.code, Some(&problem.field));
    Missing {
        rule: problem.rule,
        severity: problem.severity,
        form: form.code.clone(),
        field: Some(problem.field),
        row: problem.row,
        column: problem.column,
        message: problem.message,
        place,
    }
}

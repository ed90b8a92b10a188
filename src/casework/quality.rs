//! Counts how complete the answers are over the cases of a period, for whoever may see it, of the cases that are for
//! their eyes. Must not give any answer away: fields, agencies and references alone leave here.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::picture::{Agreed, Picture, stored};
use super::{Context, Outcome, access};
use crate::domain::calendar::london;
use crate::domain::form::{Answer, AnsweredBy, Answers, Field, Form, FormKind, Kind, visible};
use crate::domain::permission::{Facts, Verb};
use crate::domain::quality::{Asked, Fared, Fault, Quality};
use crate::domain::record::is_about_the_case;
use crate::domain::shared_answers::Says;
use crate::store::records::Record;
use crate::store::requests::Request;
use crate::store::responses::Response;
use crate::store::{Conn, cases, clocks, records, requests, responses};

/// Whether the questions of a form are counted: those that agencies answer.
fn is_counted(form: &Form) -> bool {
    matches!(form.kind, FormKind::Reporting | FormKind::Supplementary)
}

/// More cases than these are not read for one page; the newest deaths come first.
pub const MOST: i64 = 500;
/// Cases whose rows are read together: as many as may lie in memory at once.
const AT_ONCE: usize = 100;

/// What was counted, and of how many cases.
#[derive(Debug, Default)]
pub struct Counted {
    pub quality: Quality,
    pub cases: usize,
    /// There are more cases in the period than were read.
    pub more: bool,
}

/// Counts over the deaths from one day to another, both included.
pub fn count(conn: &mut Conn, ctx: &Context, from: NaiveDate, to: NaiveDate) -> Outcome<Counted> {
    ctx.allow(Verb::SeeQuality, &Facts::default())?;
    let found = cases::died_between(conn, &access::sight(ctx), from, to, MOST + 1)?;
    let mut counted = Counted {
        more: found.len() > usize::try_from(MOST).unwrap_or(usize::MAX),
        ..Counted::default()
    };
    let read = found
        .get(..usize::try_from(MOST).unwrap_or(usize::MAX))
        .unwrap_or(&found);
    for some in read.chunks(AT_ONCE) {
        counted.cases += some.len();
        let ids: Vec<String> = some.iter().map(|(id, _)| id.clone()).collect();
        let mut rows = Rows::load(conn, &ids)?;
        for (id, reference) in some {
            one(ctx, &mut rows, id, reference, &mut counted.quality);
        }
    }
    Ok(counted)
}

/// What is read of some cases, by the case: three statements for all of them, rather than three for each.
struct Rows {
    records: BTreeMap<String, Vec<Record>>,
    requests: BTreeMap<String, Vec<Request>>,
    responses: BTreeMap<String, Vec<Response>>,
    /// The requests whose clock stands still.
    paused: BTreeSet<String>,
}

impl Rows {
    fn load(conn: &mut Conn, ids: &[String]) -> Outcome<Self> {
        Ok(Self {
            records: by_case(records::of_cases(conn, ids, &[])?, |row| &row.case_id),
            requests: by_case(requests::of_cases(conn, ids)?, |row| &row.case_id),
            responses: by_case(responses::of_cases(conn, ids)?, |row| &row.case_id),
            paused: clocks::standing_still(conn, ids)?,
        })
    }
}

fn by_case<T>(rows: Vec<T>, case: impl Fn(&T) -> &String) -> BTreeMap<String, Vec<T>> {
    let mut all: BTreeMap<String, Vec<T>> = BTreeMap::new();
    for row in rows {
        all.entry(case(&row).clone()).or_default().push(row);
    }
    all
}

fn one(ctx: &Context, rows: &mut Rows, id: &str, reference: &str, into: &mut Quality) {
    let picture = Picture::of(ctx, rows.records.remove(id).unwrap_or_default());
    for (code, agreed) in &picture.forms {
        questions(ctx, &picture, (code, agreed), reference, into);
    }
    let answers = rows.responses.remove(id).unwrap_or_default();
    for request in rows.requests.remove(id).unwrap_or_default() {
        let own: Vec<&Response> = answers
            .iter()
            .filter(|row| row.request_id == request.id)
            .filter(|row| matches!(row.state.as_str(), "sent" | "accepted"))
            .collect();
        let paused = rows.paused.contains(&request.id);
        let fared = fared(ctx, &picture, &request, paused, &own);
        into.agency(&request.agency, reference, &fared);
    }
}

/// Whether a question is counted: closed questions of the national return about the case.
fn counts(form: &Form, field: &Field) -> bool {
    field.national
        && field.answered_by == AnsweredBy::Respondent
        && !matches!(field.kind, Kind::LongText | Kind::Text | Kind::Table)
        && is_about_the_case(form, field)
}

fn questions(
    ctx: &Context,
    picture: &Picture,
    (code, agreed): (&str, &Agreed),
    reference: &str,
    into: &mut Quality,
) {
    let dict = ctx.house.dictionary_of(&agreed.row.form_version);
    let Some(form) = dict.form(code).filter(|form| is_counted(form)) else {
        return;
    };
    let elsewhere = |field: &str| picture.elsewhere(code, field);
    let open = visible(form, &agreed.answers, &ctx.around(&elsewhere));
    let asked = form
        .fields()
        .filter(|f| open.contains(&f.id) && counts(form, f));
    for field in asked {
        let differs = agreed
            .sources
            .get(&field.id)
            .is_some_and(|source| source.options.len() > 1);
        let answer = agreed.answers.get(&field.id);
        let mut faults = Vec::new();
        if answer.is_none_or(Answer::is_blank) && !differs {
            faults.push(Fault::Missing);
        }
        if answer.is_some_and(Answer::is_not_known) {
            faults.push(Fault::NotKnown);
        }
        if differs {
            faults.push(Fault::Contradictory);
        }
        into.question((code, &field.id), reference, &faults);
    }
}

fn fared(
    ctx: &Context,
    picture: &Picture,
    request: &Request,
    paused: bool,
    own: &[&Response],
) -> Vec<Fared> {
    let mut fared = vec![Fared::Asked];
    // What was sent back is with the agency again, and its draft is its own.
    let answered = request.answered_at.filter(|_| request.state != "sent_back");
    let asked = Asked {
        agreed: request.agreed_date,
        answered: answered.map(|at| london(at.and_utc()).date()),
        closed: matches!(request.state.as_str(), "withdrawn" | "waived") || paused,
    };
    if asked.is_late(ctx.today()) {
        fared.push(Fared::Late);
    }
    if answered.is_none() {
        return fared;
    }
    fared.push(Fared::Answered);
    if request.nil_return {
        fared.push(Fared::Nil);
        return fared;
    }
    fared.extend(contradicts(picture, own).then_some(Fared::Contradictory));
    for row in own {
        let (not_known, thin) = thinness(ctx, picture, row);
        fared.extend(not_known.then_some(Fared::NotKnown));
        fared.extend(thin.then_some(Fared::Thin));
    }
    fared
}

/// Whether one of these answers is one of several to a question.
fn contradicts(picture: &Picture, own: &[&Response]) -> bool {
    let is_own = |from: &String| own.iter().any(|row| row.id == *from);
    own.iter()
        .filter_map(|row| picture.forms.get(&row.form))
        .flat_map(|agreed| agreed.sources.values())
        .filter(|source| source.options.len() > 1)
        .any(|source| source.options.iter().any(|o| o.from.iter().any(is_own)))
}

/// Whether an answer says "not known" somewhere, and whether it leaves a question open that nobody had answered.
fn thinness(ctx: &Context, picture: &Picture, row: &Response) -> (bool, bool) {
    let dict = ctx.house.dictionary_of(&row.form_version);
    let Some(form) = dict.form(&row.form).filter(|form| is_counted(form)) else {
        return (false, false);
    };
    let answers: Answers = stored(dict, &row.form, &row.answers);
    let says: Says = serde_json::from_str(&row.says).unwrap_or_default();
    let agreed = picture.forms.get(&row.form);
    let elsewhere = |field: &str| picture.elsewhere(&row.form, field);
    let open = visible(form, &answers, &ctx.around(&elsewhere));
    let not_known = answers.0.values().any(Answer::is_not_known);
    let thin = form
        .fields()
        .filter(|f| open.contains(&f.id) && counts(form, f))
        .any(|f| {
            let left = !answers.is_answered(&f.id) && !says.contains_key(&f.id);
            let told =
                |all: &Agreed| all.answers.is_answered(&f.id) || all.sources.contains_key(&f.id);
            left && !agreed.is_some_and(told)
        });
    (not_known, thin)
}

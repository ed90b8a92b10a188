//! What opens the questions of a form in parts. The answer that opens a page may stay behind with whoever sent the page:
//! sending it then ticks what it needs, each later change of that answer reaches the colleague, and a page of which
//! nothing is open comes back. Must not know what a page asks.

use std::collections::BTreeSet;

use super::back::{give_back, is_open, page_back, recall_shut, tell_back};
use super::{fields, outline};
use crate::casework::respond::{self, Work};
use crate::casework::{Context, Error, Outcome, known, picture};
use crate::domain::form::{
    Answer, AnsweredBy, Answers, Dictionary, Field, Form, Kind, Section, Test, derive, visible,
};
use crate::store::requests::{self, Request};
use crate::store::responses::{self, Response};
use crate::store::{Conn, Tx, cases};

/// How a page stands that may go to a colleague.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Something on it is asked.
    Open,
    /// Something is asked once this code is ticked under this question of the sender's.
    Ticks(Tick),
    /// Nothing on it is asked until the question of this label is answered so that it is.
    Shut(String),
}

/// What sending a page ticks on the sender's form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tick {
    field: String,
    code: String,
    /// The question's label.
    pub question: String,
    /// The choice's label.
    pub choice: String,
}

/// The questions that decide whether these are asked, those included that decide it of the ones that decide.
pub(super) fn openers(form: &Form, asked: &BTreeSet<String>) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    let mut next: Vec<&Field> = form.fields().filter(|f| asked.contains(&f.id)).collect();
    while let Some(field) = next.pop() {
        let conditions = std::iter::once(field)
            .chain(&field.columns)
            .filter_map(|one| one.show_when.as_ref());
        for term in conditions.flat_map(|when| when.terms.iter()) {
            if let Some(opener) = form.field(&term.field)
                && all.insert(opener.id.clone())
            {
                next.push(opener);
            }
        }
    }
    all
}

/// One form of a request, as whether its questions are asked is worked out.
struct Look<'a> {
    ctx: &'a Context,
    work: &'a Work,
    dict: &'a Dictionary,
    form: &'a Form,
    /// The questions that this response answers; none where it answers all of them.
    own: Option<BTreeSet<String>>,
}

impl<'a> Look<'a> {
    fn of(ctx: &'a Context, work: &'a Work, row: &Response) -> Option<Self> {
        let dict = ctx.house.dictionary_of(&row.form_version);
        let form = dict.form(&row.form)?;
        Some(Self {
            ctx,
            work,
            dict,
            form,
            own: fields(ctx, form, row),
        })
    }

    /// What is answered, with what is known from others, and which questions that opens.
    fn seen(&self, given: &Answers) -> (Answers, BTreeSet<String>) {
        let look = |field: &str| respond::elsewhere(self.ctx, self.work, &self.form.code, field);
        let around = self.ctx.around(&look);
        let mut whole = self.work.known_of(&self.form.code).under(given);
        derive(self.dict, self.form, &mut whole, &around);
        let shown = visible(self.form, &whole, &around);
        (whole, shown)
    }

    /// The same answers with one more choice of several ticked; none where that is not plain.
    fn ticked(&self, given: &Answers, field: &Field, code: &str) -> Option<Answers> {
        let here = self.own.as_ref().is_none_or(|own| own.contains(&field.id));
        let (whole, shown) = self.seen(given);
        if field.kind != Kind::MultiChoice
            || field.answered_by != AnsweredBy::Respondent
            || !here
            || !shown.contains(&field.id)
        {
            return None;
        }
        let mut codes = match whole.get(&field.id) {
            None => Vec::new(),
            Some(Answer::Choices(codes)) => codes.clone(),
            Some(_) => return None,
        };
        codes.push(code.to_owned());
        // In the order of the list.
        let json = picture::json_of(&field.id, Answer::Choices(codes));
        let answer = picture::answer_of(self.dict, self.form, &field.id, &json)?;
        let mut next = given.clone();
        next.set(field.id.clone(), answer);
        Some(next)
    }

    /// How a page stands; none where no question of the form would open it.
    fn standing(&self, given: &Answers, page: &Section) -> Option<Standing> {
        if asks(page, &self.seen(given).1) {
            return Some(Standing::Open);
        }
        let mut shut = None;
        let conditions = page.fields.iter().filter_map(|f| f.show_when.as_ref());
        for term in conditions.flat_map(|when| when.terms.iter()) {
            let opener = self.form.field(&term.field);
            let Some(opener) = opener.filter(|of| page.fields.iter().all(|f| f.id != of.id)) else {
                continue;
            };
            if let Test::Contains(code) = &term.test
                && let Some(next) = self.ticked(given, opener, code)
                && asks(page, &self.seen(&next).1)
            {
                let list = opener.codes.as_deref().unwrap_or_default();
                return Some(Standing::Ticks(Tick {
                    field: opener.id.clone(),
                    code: code.clone(),
                    question: opener.label.clone(),
                    choice: self.dict.label(list, code).unwrap_or(code).to_owned(),
                }));
            }
            shut.get_or_insert_with(|| opener.label.clone());
        }
        shut.map(Standing::Shut)
    }
}

/// Whether something on a page is asked, where these questions are shown.
fn asks(page: &Section, shown: &BTreeSet<String>) -> bool {
    page.fields
        .iter()
        .any(|field| field.answered_by == AnsweredBy::Respondent && shown.contains(&field.id))
}

/// How each of these pages stands, as far as any question of the form opens it.
pub(super) fn standing(
    ctx: &Context,
    work: &Work,
    row: &Response,
    pages: Vec<Section>,
) -> Vec<(Section, Standing)> {
    let Some(look) = Look::of(ctx, work, row) else {
        return Vec::new();
    };
    let given = picture::stored(look.dict, &row.form, &row.answers);
    let all = pages.into_iter();
    all.filter_map(|page| Some((look.standing(&given, &page)?, page)))
        .map(|(standing, page)| (page, standing))
        .collect()
}

/// A response with everything ticked that sending some of its pages ticks.
pub(super) fn ticked(ctx: &Context, work: &Work, row: &Response, ticks: &[&Tick]) -> Response {
    let Some(look) = Look::of(ctx, work, row) else {
        return row.clone();
    };
    let mut given = picture::stored(look.dict, &row.form, &row.answers);
    for tick in ticks {
        let field = look.form.field(&tick.field);
        if let Some(next) = field.and_then(|field| look.ticked(&given, field, &tick.code)) {
            given = next;
        }
    }
    Response {
        answers: given.to_json().to_string(),
        ..row.clone()
    }
}

/// The pages of a response of which nothing is asked.
fn shut_pages(ctx: &Context, work: &Work, row: &Response) -> Vec<Section> {
    let Some(look) = Look::of(ctx, work, row) else {
        return Vec::new();
    };
    let given = picture::stored(look.dict, &row.form, &row.answers);
    let (_, shown) = look.seen(&given);
    let mut all = outline(ctx, look.form, row);
    all.retain(|page| !asks(page, &shown));
    all
}

/// Whether nothing is asked on any page of a form that is part of another.
pub fn is_shut(ctx: &Context, work: &Work, row: &Response) -> bool {
    let dict = ctx.house.dictionary_of(&row.form_version);
    let pages = dict.form(&row.form).map(|form| outline(ctx, form, row));
    work.request.part_of.is_some()
        && pages.is_some_and(|pages| pages.len() == shut_pages(ctx, work, row).len())
}

/// The same of a whole part, read by whoever sent it.
pub(super) fn nothing_asked(conn: &mut Conn, ctx: &Context, part: &Request) -> Outcome<bool> {
    let work = work_of(conn, ctx, part)?;
    let mut open = work.responses.iter().filter(|row| respond::open(row));
    Ok(open.all(|row| is_shut(ctx, &work, row)))
}

fn work_of(conn: &mut Conn, ctx: &Context, part: &Request) -> Outcome<Work> {
    let responses = responses::of_request(conn, &part.id)?;
    Ok(Work {
        case: cases::get(conn, &part.case_id)?.ok_or(Error::NotFound)?,
        known: known::of_request(conn, ctx, part, &responses)?,
        knew: known::knew(part, &responses),
        request: part.clone(),
        responses,
    })
}

/// Brings what opens the questions of each waiting part of a form to the colleague who has it, as it stands with whoever
/// was asked first.
pub(in crate::casework) fn spread(
    tx: &mut Tx<'_>,
    ctx: &Context,
    saved: &Request,
    form: &str,
) -> Outcome<()> {
    let all = requests::of_case(tx.conn(), &saved.case_id)?;
    let mut first = saved;
    while let Some(of) = &first.part_of
        && let Some(above) = all.iter().find(|row| row.id == *of)
    {
        first = above;
    }
    if let Some(row) = responses::get(tx.conn(), &first.id, form)? {
        let dict = ctx.house.dictionary_of(&row.form_version);
        let answers = picture::stored(dict, form, &row.answers);
        spread_under(tx, ctx, &all, &first.id, form, &answers)?;
    }
    Ok(())
}

fn spread_under(
    tx: &mut Tx<'_>,
    ctx: &Context,
    all: &[Request],
    of: &str,
    code: &str,
    answers: &Answers,
) -> Outcome<()> {
    for part in all.iter().filter(|r| r.part_of.as_deref() == Some(of)) {
        let Some(row) = responses::get(tx.conn(), &part.id, code)? else {
            continue;
        };
        let dict = ctx.house.dictionary_of(&row.form_version);
        let form = dict.form(code).ok_or(Error::NotFound)?;
        let own = fields(ctx, form, &row).unwrap_or_default();
        let mut held = picture::stored(dict, code, &row.answers);
        let mut below = answers.clone();
        for id in &own {
            put(&mut below, id, held.get(id).cloned());
        }
        let before = held.clone();
        for id in openers(form, &own).difference(&own) {
            put(&mut held, id, answers.get(id).cloned());
        }
        if held != before && is_open(part) && respond::open(&row) {
            let next = Response {
                answers: held.to_json().to_string(),
                updated_at: ctx.stamp(),
                ..row
            };
            if !responses::save(tx, &next)? {
                return Err(Error::Stale);
            }
        }
        spread_under(tx, ctx, all, &part.id, code, &below)?;
    }
    Ok(())
}

fn put(into: &mut Answers, id: &str, answer: Option<Answer>) {
    match answer {
        Some(answer) => into.set(id.to_owned(), answer),
        None => drop(into.remove(id)),
    }
}

/// Before a part is sent: pages of which nothing is asked go back to whoever sent them, while the rest waits there. Says
/// whether the whole part went back.
pub(in crate::casework) fn shut_go_back(
    tx: &mut Tx<'_>,
    ctx: &Context,
    part: &Request,
) -> Outcome<bool> {
    let Some(of) = &part.part_of else {
        return Ok(false);
    };
    let whole = requests::get(tx.conn(), of)?.ok_or(Error::NotFound)?;
    if !is_open(&whole) {
        // What was sent says that these questions are not asked, and nobody changes it any more.
        return Ok(false);
    }
    if nothing_asked(tx.conn(), ctx, part)? {
        give_back(tx, ctx, &part.id)?;
        return Ok(true);
    }
    let work = work_of(tx.conn(), ctx, part)?;
    let mut labels = Vec::new();
    for row in work.responses.iter().filter(|row| respond::open(row)) {
        let shut = shut_pages(ctx, &work, row);
        let into = responses::get(tx.conn(), of, &row.form)?;
        if let Some(into) = into.filter(|into| !shut.is_empty() && respond::open(into)) {
            page_back(tx, ctx, row, into, &shut)?;
            labels.extend(shut.into_iter().map(|page| page.label));
        }
    }
    if !labels.is_empty() {
        tell_back(tx, ctx, &whole, labels)?;
    }
    Ok(false)
}

/// Before the rest is sent: parts of which nothing is asked come back from their colleagues.
pub(in crate::casework) fn shut_come_back(
    tx: &mut Tx<'_>,
    ctx: &Context,
    whole: &Request,
) -> Outcome<()> {
    for part in requests::of_case(tx.conn(), &whole.case_id)? {
        if part.part_of.as_deref() != Some(whole.id.as_str()) || !is_open(&part) {
            continue;
        }
        tx.hold(&part.id)?;
        let part = requests::get(tx.conn(), &part.id)?.ok_or(Error::NotFound)?;
        if is_open(&part) && nothing_asked(tx.conn(), ctx, &part)? {
            recall_shut(tx, ctx, whole, part)?;
        }
    }
    Ok(())
}

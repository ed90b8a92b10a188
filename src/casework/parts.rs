//! Parts of a form to different people: an agency sends some pages of its forms to a colleague, who answers them behind a
//! link of their own. What was saved there goes along, and comes back with them. Must not know what a page asks.

mod back;
mod opening;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::asked::{Colleague, faults, open_request};
use super::gather::{agency_label, link_until};
use super::people::problem;
use super::{Context, Error, Outcome, known, letters, picture, record, respond, triage};
use crate::domain::event::Event;
use crate::domain::form::{Answers, Form, Section, confirmed};
use crate::domain::shared_answers::Says;
use crate::store::Tx;
use crate::store::requests::{self, Request};
use crate::store::responses::{self, Response};

pub use back::{SentOn, give_back, recall, sent_on};
pub use opening::{Standing, Tick, is_shut};
pub(super) use opening::{shut_come_back, shut_go_back, spread};

/// A page of a form, for whoever chooses which go to a colleague.
#[derive(Clone, Debug)]
pub struct Page {
    pub form: String,
    pub form_label: String,
    pub id: String,
    pub label: String,
    /// Whether anything on it is asked, or what would open it.
    pub standing: Standing,
}

impl Page {
    fn may_go(&self) -> bool {
        !matches!(self.standing, Standing::Shut(_))
    }
}

/// The pages of a form that this response answers; none where it answers all of them.
fn pages(response: &Response) -> Option<BTreeSet<String>> {
    serde_json::from_str(response.pages.as_deref()?).ok()
}

/// The outline of a form as this response answers it.
pub fn outline(ctx: &Context, form: &Form, response: &Response) -> Vec<Section> {
    let mut all = ctx.house.outline(form);
    if let Some(own) = pages(response) {
        all.retain(|page| own.contains(&page.id));
    }
    all
}

/// The questions that this response answers; none where it answers the whole form.
pub fn fields(ctx: &Context, form: &Form, response: &Response) -> Option<BTreeSet<String>> {
    response.pages.as_ref()?;
    let all = outline(ctx, form, response);
    Some(
        all.iter()
            .flat_map(|page| page.fields.iter().map(|field| field.id.clone()))
            .collect(),
    )
}

/// What a response tells of its own: of a form in parts, without what only opens its questions, where another response of
/// the agency answers that itself.
pub(super) fn own_answers(
    ctx: &Context,
    row: &Response,
    mut given: Answers,
    of_agency: &[&Response],
) -> Answers {
    let form_of = |row: &Response| {
        let dict = ctx.house.dictionary_of(&row.form_version);
        dict.form(&row.form).cloned()
    };
    let Some(form) = form_of(row) else {
        return given;
    };
    let Some(own) = fields(ctx, &form, row) else {
        return given;
    };
    for id in opening::openers(&form, &own).difference(&own) {
        let answers = |other: &&&Response| {
            let asked = form_of(other).map(|form| fields(ctx, &form, other));
            asked.is_some_and(|asked| asked.is_none_or(|asked| asked.contains(id)))
        };
        if of_agency.iter().any(|other| answers(&other)) {
            given.remove(id);
        }
    }
    given
}

/// The pages that may go to a colleague: of each form but the first, which says who answers. Those that nothing opens yet
/// are told with what would.
pub fn offered(ctx: &Context, work: &respond::Work) -> Vec<Page> {
    let mut all = Vec::new();
    for response in work.responses.iter().filter(|r| respond::open(r)) {
        let dict = ctx.house.dictionary_of(&response.form_version);
        let Some(form) = dict.form(&response.form) else {
            continue;
        };
        // What opens a page that is with a colleague stays too.
        let whole = ctx.house.outline(form);
        let mut pages = outline(ctx, form, response);
        pages.drain(..pages.len().min(1));
        pages.retain(|page| !opens_others(page, &whole));
        let standing = opening::standing(ctx, work, response, pages);
        all.extend(standing.into_iter().map(|(page, standing)| Page {
            form: form.code.clone(),
            form_label: form.label.clone(),
            id: page.id,
            label: page.label,
            standing,
        }));
    }
    all
}

/// Whether a page holds what opens questions of other pages: it stays, or they would be closed.
fn opens_others(page: &Section, all: &[Section]) -> bool {
    let others = all.iter().filter(|other| other.id != page.id);
    let mut terms = others
        .flat_map(|other| other.fields.iter())
        .filter_map(|field| field.show_when.as_ref())
        .flat_map(|when| when.terms.iter());
    terms.any(|term| page.fields.iter().any(|field| field.id == term.field))
}

/// Sends pages, each as `form/page`, to a colleague. The rest stays with whoever holds the request.
pub fn send_parts(
    tx: &mut Tx<'_>,
    ctx: &Context,
    request_id: &str,
    to: &Colleague,
    chosen: &[String],
) -> Outcome<()> {
    let request = open_request(tx, ctx, request_id)?;
    let work = respond::work(tx.conn(), ctx, request.clone())?;
    let offered = offered(ctx, &work);
    let mut by_form: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for page in offered.iter().filter(|page| page.may_go()) {
        if chosen.contains(&format!("{}/{}", page.form, page.id)) {
            by_form
                .entry(page.form.clone())
                .or_default()
                .insert(page.id.clone());
        }
    }
    let mut found = faults(ctx, &request, to);
    if by_form.is_empty() {
        found.push(problem("page", "required", "Choose at least one part"));
    }
    if !found.is_empty() {
        return Err(Error::Invalid(found));
    }
    let token = ctx.ids.link();
    let part = Request {
        id: ctx.new_id(),
        recipient: to.name.trim().to_owned(),
        email: to.email.trim().to_owned(),
        state: "sent".into(),
        link_hash: Some(ctx.house.secrets.hash("link", &token)),
        link_expires_at: Some(link_until(ctx, request.agreed_date)),
        created_at: ctx.stamp(),
        sent_at: Some(ctx.stamp()),
        opened_at: None,
        answered_at: None,
        closed_at: None,
        reason: None,
        contact_id: None,
        version: 1,
        part_of: Some(request.id.clone()),
        knew_child: known::knew(&request, &work.responses),
        ..request.clone()
    };
    requests::insert(tx, &part)?;
    for (form, pages) in &by_form {
        let own = work.responses.iter().find(|r| r.form == *form);
        let ticks: Vec<&Tick> = offered
            .iter()
            .filter(|page| page.form == *form && pages.contains(&page.id))
            .filter_map(|page| match &page.standing {
                Standing::Ticks(tick) => Some(tick),
                _ => None,
            })
            .collect();
        let own = opening::ticked(ctx, &work, own.ok_or(Error::NotFound)?, &ticks);
        move_pages(tx, ctx, &own, &part, pages)?;
    }
    tell(tx, ctx, &request, &part, &token, &by_form, &offered)
}

/// Takes pages with what was saved on them from one response to a new one.
fn move_pages(
    tx: &mut Tx<'_>,
    ctx: &Context,
    from: &Response,
    part: &Request,
    pages: &BTreeSet<String>,
) -> Outcome<()> {
    let dict = ctx.house.dictionary_of(&from.form_version);
    let form = dict.form(&from.form).ok_or(Error::NotFound)?;
    let here = outline(ctx, form, from);
    let (gone, stays): (Vec<&Section>, Vec<&Section>) =
        here.iter().partition(|page| pages.contains(&page.id));
    let ids = |pages: &[&Section]| -> Vec<String> { pages.iter().map(|p| p.id.clone()).collect() };
    let asked: BTreeSet<String> = gone
        .iter()
        .flat_map(|page| page.fields.iter().map(|field| field.id.clone()))
        .collect();
    // What opens a question that moves goes along, or the question would be closed there.
    let opens = opening::openers(form, &asked);
    let asked: BTreeSet<&str> = asked.iter().map(String::as_str).collect();
    let held = picture::stored(dict, &from.form, &from.answers);
    let mut own = Answers::default();
    let mut rest = held.clone();
    for (id, answer) in &held.0 {
        if asked.contains(id.as_str()) || opens.contains(id) {
            own.set(id.clone(), answer.clone());
        }
        if asked.contains(id.as_str()) {
            rest.remove(id);
        }
    }
    let moved = Beside::of(from, &asked, true)?;
    let stays_here = Beside::of(from, &asked, false)?;
    let row = Response {
        id: ctx.new_id(),
        request_id: part.id.clone(),
        state: "draft".into(),
        answers: own.to_json().to_string(),
        confirmed: moved.confirmed,
        updated_at: ctx.stamp(),
        reason: None,
        version: 1,
        says: moved.says,
        marks: moved.marks,
        spared: None,
        pages: Some(text(&ids(&gone))?),
        ..from.clone()
    };
    responses::insert(tx, &row)?;
    let left = Response {
        answers: rest.to_json().to_string(),
        confirmed: stays_here.confirmed,
        says: stays_here.says,
        marks: stays_here.marks,
        updated_at: ctx.stamp(),
        pages: Some(text(&ids(&stays))?),
        ..from.clone()
    };
    if responses::save(tx, &left)? {
        Ok(())
    } else {
        Err(Error::Stale)
    }
}

/// What is kept by question, of these questions or of the others. A key may go on after the question's id.
fn split<V>(all: BTreeMap<String, V>, asked: &BTreeSet<&str>, theirs: bool) -> BTreeMap<String, V> {
    let of = |key: &str| {
        key.split([':', '.'])
            .next()
            .is_some_and(|id| asked.contains(id))
    };
    all.into_iter()
        .filter(|(key, _)| of(key) == theirs)
        .collect()
}

/// What lies beside the answers of a response: reasons for warnings, what was said of known answers, and marks.
struct Beside {
    confirmed: String,
    says: String,
    marks: String,
}

impl Beside {
    fn of(from: &Response, asked: &BTreeSet<&str>, theirs: bool) -> Outcome<Self> {
        let says: Says = serde_json::from_str(&from.says).unwrap_or_default();
        let mut marks: Vec<String> = serde_json::from_str(&from.marks).unwrap_or_default();
        marks.retain(|id| asked.contains(id.as_str()) == theirs);
        Ok(Self {
            confirmed: text(&split(confirmed(&from.confirmed), asked, theirs))?,
            says: text(&split(says, asked, theirs))?,
            marks: text(&marks)?,
        })
    }
}

fn text(kept: &impl Serialize) -> Outcome<String> {
    serde_json::to_string(kept).map_err(|e| Error::Internal(e.to_string()))
}

fn tell(
    tx: &mut Tx<'_>,
    ctx: &Context,
    request: &Request,
    part: &Request,
    token: &str,
    by_form: &BTreeMap<String, BTreeSet<String>>,
    offered: &[Page],
) -> Outcome<()> {
    let agency = agency_label(ctx, &request.agency);
    let sent = Event::RequestSent {
        request_id: part.id.clone(),
        agency: agency.clone(),
        forms: by_form.keys().cloned().collect(),
        due: part.agreed_date,
    };
    record(tx, ctx, Some(&part.case_id), Some(&part.id), &sent)?;
    let went = |page: &&Page| {
        by_form
            .get(&page.form)
            .is_some_and(|ids| ids.contains(&page.id))
    };
    let event = Event::PartsHandedOn {
        request_id: request.id.clone(),
        agency,
        parts: offered
            .iter()
            .filter(went)
            .map(|p| p.label.clone())
            .collect(),
    };
    record(tx, ctx, Some(&request.case_id), Some(&request.id), &event)?;
    letters::part(tx, ctx, part, token)?;
    triage::refresh(tx, ctx, &request.case_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_beside_an_answer_goes_where_the_answer_goes() {
        let asked = BTreeSet::from(["weight", "table"]);
        let all = || {
            let keys = [
                "weight:PL-1",
                "weight_other:PL-1",
                "table.0.day:T-1",
                "height",
            ];
            keys.map(|key| (key.to_owned(), 1))
                .into_iter()
                .collect::<BTreeMap<_, _>>()
        };
        let keys = |theirs| split(all(), &asked, theirs).into_keys().collect::<Vec<_>>();
        assert_eq!(keys(true), ["table.0.day:T-1", "weight:PL-1"]);
        assert_eq!(keys(false), ["height", "weight_other:PL-1"]);
    }
}

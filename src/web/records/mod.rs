//! A case's record as staff read and fill it in: each agreed form, where each answer came from, where agencies
//! differ, and the analysis form. Must not know how an answer reached the record.

use std::sync::Arc;

mod differences;
mod section;

use actix_web::web;

use super::app::see_other;
use super::journey::Journey;
use super::{App, Fault, Page, Visit, cases};
use crate::casework::picture::{Agreed, Picture, seen, stored};
use crate::casework::response::PART;
use crate::casework::{Context, Error, access, review, triage};
use crate::domain::form::{Answer, AnsweredBy, Answers, Field, Form, FormKind, confirmed, words};
use crate::domain::permission::{Facts, Verb};
use crate::domain::shared_answers;
use crate::store::cases::Case;
use crate::store::{merges, requests, responses};

pub use differences::{differences, settle};
pub(in crate::web) use section::guide;
pub use section::{
    analysis_section, keep_analysis_typing, keep_response_typing, keep_typing, response_section,
    save_analysis, save_response, save_section, section,
};

pub(super) type Data = web::Data<Arc<App>>;

/// Everything a record page needs.
pub(super) struct Desk {
    case: Case,
    known: Picture,
    /// Where each source's word comes from: response id or notification reference to agency.
    voices: Vec<(String, String)>,
    opened: Vec<String>,
    facts: Facts,
    ctx: Context,
}

pub(super) async fn desk(
    app: &Data,
    visit: &Visit,
    reference: &str,
    verb: Verb,
) -> Result<Desk, Fault> {
    let reference = reference.to_owned();
    app.read(visit, move |conn, ctx| {
        let (case, facts) = access::reach(conn, ctx, &reference, verb)?;
        let known = Picture::shown(conn, ctx, &case, facts)?;
        let dict = ctx.house.dictionary();
        let mut voices = Vec::new();
        let together = merges::together(conn, &case.id)?;
        for request in requests::of_cases(conn, &together)? {
            let agency = dict
                .label("agency", &request.agency)
                .unwrap_or(&request.agency)
                .to_owned();
            for response in responses::of_request(conn, &request.id)? {
                voices.push((response.id, agency.clone()));
            }
        }
        let opened = triage::opened(ctx, &known)
            .into_iter()
            .map(|o| o.form)
            .collect();
        Ok(Desk {
            case,
            known,
            voices,
            opened,
            facts,
            ctx: ctx.clone(),
        })
    })
    .await
}

impl Desk {
    fn form(&self, code: &str) -> Result<(&Form, Option<&Agreed>), Fault> {
        let agreed = self.known.forms.get(code);
        let dict = agreed.map_or_else(
            || self.ctx.house.dictionary(),
            |a| self.ctx.house.dictionary_of(&a.row.form_version),
        );
        Ok((dict.form(code).ok_or(Fault::Work(Error::NotFound))?, agreed))
    }

    pub(super) fn with<T>(
        &self,
        code: &str,
        base: &str,
        f: impl FnOnce(&Journey<'_>) -> T,
    ) -> Result<T, Fault> {
        let (form, agreed) = self.form(code)?;
        let dict = agreed.map_or_else(
            || self.ctx.house.dictionary(),
            |a| self.ctx.house.dictionary_of(&a.row.form_version),
        );
        let empty = Answers::default();
        let mut answers = agreed.map_or(&empty, |a| &a.answers).clone();
        if agreed.is_none() {
            review::prefill(&self.ctx, &self.case, form, &self.known, &mut answers);
        }
        let reasons = agreed
            .map(|a| confirmed(&a.row.confirmed))
            .unwrap_or_default();
        let elsewhere = |field: &str| -> Option<Answer> { self.known.elsewhere(code, field) };
        Ok(f(&Journey {
            dict,
            form,
            outline: &form.sections,
            answers: &answers,
            around: self.ctx.around(&elsewhere),
            wanted: &|field: &Field| field.answered_by != AnsweredBy::System,
            base: base.to_owned(),
            confirmed: &reasons,
            asks_why: true,
            known: &shared_answers::NOTHING,
        }))
    }

    fn voice(&self, id: &str) -> String {
        match id {
            "notification" => "the notification".into(),
            "staff" => "the team".into(),
            part if part.starts_with(PART) => self.part(part),
            other => self
                .voices
                .iter()
                .find(|(held, _)| held == other)
                .map_or_else(|| other.to_owned(), |(_, agency)| agency.clone()),
        }
    }

    /// Another form, or something else that the team keeps, that filled an answer.
    fn part(&self, id: &str) -> String {
        let code = id.trim_start_matches(PART);
        let form = self.ctx.house.dictionary().form(code);
        form.map_or_else(|| code.replace('_', " "), |form| form.label.clone())
    }

    pub(super) fn reference(&self) -> &str {
        &self.case.reference
    }

    /// An answer of the record in words.
    pub(super) fn answer(&self, form: &str, field: &str) -> Option<String> {
        let (asked, agreed) = self.form(form).ok()?;
        let dict = self.ctx.house.dictionary();
        let answer = agreed?.answers.get(field)?;
        Some(words(dict, asked.field(field)?, answer))
    }

    pub(super) fn shared(&self) -> serde_json::Value {
        cases::head(&self.ctx, self.facts, &self.case, &self.known)
    }
}

/// Every form of the record.
pub async fn overview(app: Data, visit: Visit, path: web::Path<String>) -> Page {
    let desk = desk(&app, &visit, &path, Verb::ReadCase).await?;
    let mut forms = Vec::new();
    for form in &desk.ctx.house.dictionary().forms {
        let agreed = desk.known.forms.get(&form.code);
        let wanted = matches!(
            form.kind,
            FormKind::Notification | FormKind::Reporting | FormKind::CdrmJar | FormKind::Local
        ) || desk.opened.contains(&form.code);
        if form.kind == FormKind::Analysis || (agreed.is_none() && !wanted) {
            continue;
        }
        forms.push(context! {
            label => &form.label, href => format!("/cases/{}/record/{}", desk.case.reference, form.code),
            answered => agreed.map_or(0, |a| a.answers.0.len()), version => agreed.map(|a| a.row.form_version.clone()),
        });
    }
    let others: Vec<_> = desk
        .ctx
        .house
        .dictionary()
        .forms
        .iter()
        .filter(|f| f.kind == FormKind::Supplementary && !desk.known.forms.contains_key(&f.code) && !desk.opened.contains(&f.code))
        .map(|f| context! { label => &f.label, href => format!("/cases/{}/record/{}", desk.case.reference, f.code) })
        .collect();
    let page = context! { title => "Record", case => desk.shared(), forms, others, differences => desk.known.unsettled().len() };
    app.ok(&visit, "records/overview.html", page)
}

/// One form of the record with the source of each answer.
pub async fn form(app: Data, visit: Visit, path: web::Path<(String, String)>) -> Page {
    let (reference, code) = path.into_inner();
    let desk = desk(&app, &visit, &reference, Verb::ReadCase).await?;
    if code == "analysis" {
        return Ok(see_other(&format!("/cases/{reference}/analysis")));
    }
    let (form, agreed) = desk.form(&code)?;
    let base = format!("/cases/{reference}/record/{code}");
    let sections = desk.with(&code, &base, |j| j.read_back(&[], false))?;
    let sources: Vec<_> = agreed
        .map(|a| {
            a.sources
                .iter()
                .map(|(field, s)| {
                    let from: Vec<String> = s.from.iter().map(|id| desk.voice(id)).collect();
                    (field.clone(), context! { from => from.join(", "), settled_by => &s.settled_by, unsettled => s.unsettled() })
                })
                .collect::<std::collections::BTreeMap<_, _>>()
        })
        .into_iter()
        .collect();
    let page = context! { title => &form.label, form => &form.code, case => desk.shared(), sections, sources => sources.first() };
    app.ok(&visit, "records/form.html", page)
}

/// The analysis form's task list.
pub async fn analysis(app: Data, visit: Visit, path: web::Path<String>) -> Page {
    let desk = desk(&app, &visit, &path, Verb::EditAnalysis).await?;
    let base = format!("/cases/{path}/analysis");
    let (tasks, sections) = desk.with("analysis", &base, |j| {
        (j.tasks(), j.read_back(&j.faults(), false))
    })?;
    let (signed, frozen) = crate::web::panels::versions(&app, &visit, &path).await?;
    let page =
        context! { title => "Analysis", case => desk.shared(), tasks, sections, signed, frozen };
    app.ok(&visit, "records/analysis.html", page)
}

/// Answers of a response, as this reader may see them; for the request page.
pub fn typed(ctx: &Context, facts: &Facts, row: &responses::Response) -> Answers {
    let dict = ctx.house.dictionary_of(&row.form_version);
    let answers = stored(dict, &row.form, &row.answers);
    seen(ctx, facts, dict, &row.form, answers)
}

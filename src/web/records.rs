//! A case's record as staff read and fill it in: each agreed form, where each answer came from, where agencies
//! differ, and the analysis form. Must not know how an answer reached the record.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web;

use super::app::see_other;
use super::journey::Journey;
use super::notify::Opened;
use super::typing::{Opening, Said};
use super::{App, Fault, Page, Post, Visit, cases};
use crate::casework::picture::{Agreed, Picture, answer_of, seen, stored};
use crate::casework::{Context, Error, access, gather, review, triage, typing};
use crate::domain::form::{
    Answer, AnsweredBy, Answers, Dictionary, Field, Form, FormKind, Problem, words,
};
use crate::domain::permission::{Facts, Verb};
use crate::domain::shared_answers;
use crate::store::cases::Case;
use crate::store::{requests, responses};

type Data = web::Data<Arc<App>>;

/// Everything a record page needs.
struct Desk {
    case: Case,
    known: Picture,
    /// Where each source's word comes from: response id or notification reference to agency.
    voices: Vec<(String, String)>,
    opened: Vec<String>,
    facts: Facts,
    ctx: Context,
}

async fn desk(app: &Data, visit: &Visit, reference: &str, verb: Verb) -> Result<Desk, Fault> {
    let reference = reference.to_owned();
    app.read(visit, move |conn, ctx| {
        let (case, facts) = access::reach(conn, ctx, &reference, verb)?;
        let known = Picture::shown(conn, ctx, &case, facts)?;
        let dict = ctx.house.dictionary();
        let mut voices = Vec::new();
        for request in requests::of_case(conn, &case.id)? {
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

    fn with<T>(
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
        let confirmed: Vec<String> = agreed
            .map(|a| serde_json::from_str(&a.row.confirmed).unwrap_or_default())
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
            confirmed: &confirmed,
            known: &shared_answers::NOTHING,
        }))
    }

    fn voice(&self, id: &str) -> String {
        match id {
            "notification" => "the notification".into(),
            "staff" => "the team".into(),
            other => self
                .voices
                .iter()
                .find(|(held, _)| held == other)
                .map_or_else(|| other.to_owned(), |(_, agency)| agency.clone()),
        }
    }

    fn shared(&self) -> serde_json::Value {
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
            FormKind::Notification | FormKind::Reporting | FormKind::CdrmJar
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

/// One section for filling in.
pub async fn section(
    app: Data,
    visit: Visit,
    path: web::Path<(String, String, String)>,
    query: web::Query<Opened>,
) -> Page {
    let (reference, code, section) = path.into_inner();
    let desk = desk(&app, &visit, &reference, Verb::EditRecord).await?;
    let place = Place {
        reference: &reference,
        code: &code,
        section: &section,
    };
    let opening = notice(&app, &visit, &place).await?;
    let shown = Shown {
        posted: opening.typed.as_ref(),
        opened: query.opened.is_some(),
        opening: Some(&opening),
        ..Shown::default()
    };
    show(&app, &visit, &desk, &place, &shown)
}

/// Keeps a section of the record.
pub async fn save_section(
    app: Data,
    visit: Visit,
    path: web::Path<(String, String, String)>,
    post: Post,
) -> Page {
    let (reference, code, section) = path.into_inner();
    let place = Place {
        reference: &reference,
        code: &code,
        section: &section,
    };
    save(&app, &visit, &place, &post, Verb::EditRecord).await
}

/// The analysis form's task list.
pub async fn analysis(app: Data, visit: Visit, path: web::Path<String>) -> Page {
    let desk = desk(&app, &visit, &path, Verb::EditAnalysis).await?;
    let base = format!("/cases/{path}/analysis");
    let (tasks, sections) = desk.with("analysis", &base, |j| {
        (j.tasks(), j.read_back(&j.faults(), false))
    })?;
    let page = context! { title => "Analysis", case => desk.shared(), tasks, sections };
    app.ok(&visit, "records/analysis.html", page)
}

/// One section of the analysis form.
pub async fn analysis_section(
    app: Data,
    visit: Visit,
    path: web::Path<(String, String)>,
    query: web::Query<Opened>,
) -> Page {
    let (reference, section) = path.into_inner();
    let desk = desk(&app, &visit, &reference, Verb::EditAnalysis).await?;
    let place = Place {
        reference: &reference,
        code: "analysis",
        section: &section,
    };
    let opening = notice(&app, &visit, &place).await?;
    let shown = Shown {
        posted: opening.typed.as_ref(),
        opened: query.opened.is_some(),
        opening: Some(&opening),
        ..Shown::default()
    };
    show(&app, &visit, &desk, &place, &shown)
}

/// Keeps a section of the analysis form.
pub async fn save_analysis(
    app: Data,
    visit: Visit,
    path: web::Path<(String, String)>,
    post: Post,
) -> Page {
    let (reference, section) = path.into_inner();
    let place = Place {
        reference: &reference,
        code: "analysis",
        section: &section,
    };
    save(&app, &visit, &place, &post, Verb::EditAnalysis).await
}

/// Which section of which form of which case.
struct Place<'a> {
    reference: &'a str,
    code: &'a str,
    section: &'a str,
}

impl Place<'_> {
    fn owned(&self) -> (String, String, String) {
        (
            self.reference.to_owned(),
            self.code.to_owned(),
            self.section.to_owned(),
        )
    }

    fn base(&self) -> String {
        match self.code {
            "analysis" => format!("/cases/{}/analysis", self.reference),
            code => format!("/cases/{}/record/{code}", self.reference),
        }
    }
}

/// What was left on a page of the record, and who else has the form open.
async fn notice(app: &Data, visit: &Visit, place: &Place<'_>) -> Result<Opening, Fault> {
    let (reference, form, section) = place.owned();
    app.read(visit, move |conn, ctx| {
        let page = typing::Page::Record {
            reference: &reference,
            form: &form,
            section: &section,
        };
        Ok(Opening::from(typing::notice(conn, ctx, &page)?))
    })
    .await
}

/// Keeps what is being typed in a section of the record, or throws it away.
pub async fn keep_typing(
    app: Data,
    visit: Visit,
    path: web::Path<(String, String, String)>,
    post: Post,
) -> Page {
    let (reference, code, section) = path.into_inner();
    let place = Place {
        reference: &reference,
        code: &code,
        section: &section,
    };
    keep(&app, &visit, &place, &post).await
}

/// Keeps what is being typed in a section of the analysis form, or throws it away.
pub async fn keep_analysis_typing(
    app: Data,
    visit: Visit,
    path: web::Path<(String, String)>,
    post: Post,
) -> Page {
    let (reference, section) = path.into_inner();
    let place = Place {
        reference: &reference,
        code: "analysis",
        section: &section,
    };
    keep(&app, &visit, &place, &post).await
}

async fn keep(app: &Data, visit: &Visit, place: &Place<'_>, post: &Post) -> Page {
    let (reference, form, section) = place.owned();
    let said = Said::of(post);
    let done = app
        .write(visit, move |tx, ctx| {
            let page = typing::Page::Record {
                reference: &reference,
                form: &form,
                section: &section,
            };
            said.take(tx, ctx, &page)
        })
        .await?;
    Ok(done.answer(&format!("{}/{}", place.base(), place.section)))
}

#[derive(Default)]
struct Shown<'a> {
    posted: Option<&'a Post>,
    problems: &'a [Problem],
    opened: bool,
    opening: Option<&'a Opening>,
    status: StatusCode,
    clash: Option<Vec<(String, String, String)>>,
}

fn show(app: &Data, visit: &Visit, desk: &Desk, place: &Place<'_>, shown: &Shown<'_>) -> Page {
    let version = desk
        .known
        .forms
        .get(place.code)
        .map_or(0, |a| a.row.version);
    let page = desk.with(place.code, &place.base(), |j| {
        let section = j.section(place.section)?;
        Some(context! {
            title => &section.label, caption => format!("{} · {}", desk.case.reference, j.form.label),
            back => &j.base, action => format!("{}/{}", j.base, section.id),
            base => shown.opening.and_then(Opening::base).unwrap_or_else(|| j.base_of(section)),
            version => shown.opening.and_then(Opening::version).unwrap_or(version),
            typing => true, noticed => shown.opening.map(Opening::shown),
            questions => j.questions(section, shown.posted.map(|p| &p.0), shown.problems),
            errors => j.summary(shown.problems), opened => shown.opened, clash => &shown.clash,
            guide => guide(j.dict, place),
        })
    })?;
    app.page(
        visit,
        shown.status,
        "journey/section.html",
        page.ok_or(Fault::Work(Error::NotFound))?,
    )
}

async fn save(app: &Data, visit: &Visit, place: &Place<'_>, post: &Post, verb: Verb) -> Page {
    let now = desk(app, visit, place.reference, verb).await?;
    let taken = now.with(place.code, &place.base(), |j| {
        let section = j.section(place.section)?;
        let next = j.after(&section.id).map(|s| format!("{}/{}", j.base, s.id));
        Some((
            j.take(section, post),
            next.unwrap_or_else(|| j.base.clone()),
            post.get("base") == Some(&j.base_of(section)),
        ))
    })?;
    let (taken, next, unchanged) = taken.ok_or(Fault::Work(Error::NotFound))?;
    if !taken.problems.is_empty() && !taken.reshaped {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        let shown = Shown {
            posted: Some(post),
            problems: &taken.problems,
            status,
            ..Shown::default()
        };
        return show(app, visit, &now, place, &shown);
    }
    let correct = gather::Correct {
        form: place.code.to_owned(),
        section: place.section.to_owned(),
        // Another section that was saved meanwhile is in nobody's way.
        version: match now.known.forms.get(place.code) {
            Some(agreed) if unchanged => agreed.row.version,
            _ => post.number("version"),
        },
        answers: taken.answers.clone(),
        confirmed: taken.confirmed,
    };
    let reference = place.reference.to_owned();
    let analysis = place.code == "analysis";
    let saved = app
        .write(visit, move |tx, ctx| {
            if analysis {
                review::save_analysis(tx, ctx, &reference, &correct)
            } else {
                gather::correct(tx, ctx, &reference, &correct)
            }
        })
        .await;
    match saved {
        Ok(()) if taken.reshaped => {
            let fresh = desk(app, visit, place.reference, verb).await?;
            show(
                app,
                visit,
                &fresh,
                place,
                &Shown {
                    posted: Some(post),
                    ..Shown::default()
                },
            )
        }
        Ok(()) if taken.opened => Ok(see_other(&format!(
            "{}/{}?opened=yes",
            place.base(),
            place.section
        ))),
        Ok(()) => Ok(see_other(&next)),
        Err(Fault::Work(Error::Stale)) => {
            let fresh = desk(app, visit, place.reference, verb).await?;
            let clash = fresh.with(place.code, &place.base(), |j| {
                j.section(place.section)
                    .map(|s| j.differences(s, &taken.answers))
            })?;
            let shown = Shown {
                posted: Some(post),
                status: StatusCode::CONFLICT,
                clash,
                ..Shown::default()
            };
            show(app, visit, &fresh, place, &shown)
        }
        Err(fault) => Err(fault),
    }
}

/// The words of the code lists that a section of the analysis form is judged by, shown beside its questions.
fn guide(dict: &Dictionary, place: &Place<'_>) -> Option<serde_json::Value> {
    let lists: &[(&str, &str)] = match place.section {
        _ if place.code != "analysis" => return None,
        "domain_a" | "domain_b" | "domain_c" | "domain_d" => &[
            ("influence", "influence"),
            ("modifiable", "factor_modifiable"),
        ],
        "category" => &[("categories", "category_of_death")],
        "modifiability" => &[("modifiability", "modifiability")],
        _ => return None,
    };
    let words: serde_json::Map<_, _> = lists
        .iter()
        .map(|(name, list)| {
            let codes: Vec<_> = dict
                .codes(list)
                .iter()
                .map(|c| context! { code => &c.code, label => &c.label, note => &c.note })
                .collect();
            ((*name).to_owned(), serde_json::Value::from(codes))
        })
        .collect();
    Some(serde_json::Value::Object(words))
}

/// Where agencies differ, each answer beside the others with who gave it.
pub async fn differences(app: Data, visit: Visit, path: web::Path<String>) -> Page {
    let desk = desk(&app, &visit, &path, Verb::ReadCase).await?;
    differences_page(&app, &visit, &desk, StatusCode::OK, None)
}

/// A post that chose no answer: which question, and the reason typed beside it.
struct Unchosen {
    at: String,
    reason: String,
}

/// The words for it.
const CHOOSE: &str = "Choose which answer is right";

fn differences_page(
    app: &Data,
    visit: &Visit,
    desk: &Desk,
    status: StatusCode,
    error: Option<&Unchosen>,
) -> Page {
    let mut list = Vec::new();
    for (code, agreed) in &desk.known.forms {
        let dict = desk.ctx.house.dictionary_of(&agreed.row.form_version);
        let Some(form) = dict.form(code) else {
            continue;
        };
        for (id, source) in agreed.sources.iter().filter(|(_, s)| s.options.len() > 1) {
            let Some(field) = form.field(id) else {
                continue;
            };
            let options: Vec<_> = source
                .options
                .iter()
                .map(|o| {
                    let said = answer_of(dict, form, id, &o.answer).map(|a| words(dict, field, &a));
                    let from: Vec<String> = o.from.iter().map(|v| desk.voice(v)).collect();
                    context! { words => said.unwrap_or_default(), from => from.join(", ") }
                })
                .collect();
            let now = agreed.answers.get(id).map(|a| words(dict, field, a));
            let anchor = format!("{code}-{id}");
            let here = error.filter(|e| e.at == anchor);
            list.push(context! {
                form => code, form_label => &form.label, field => id, label => &field.label, options,
                settled_by => &source.settled_by, now, anchor,
error => here.map(|_| CHOOSE), reason => here.map(|e| &e.reason),
            });
        }
    }
    let errors = error.map(|e| vec![context! { text => CHOOSE, href => format!("#{}-0", e.at) }]);
    app.page(
        visit,
        status,
        "records/differences.html",
        context! { title => "Where answers differ", case => desk.shared(), list, errors },
    )
}

/// Takes one of the answers.
pub async fn settle(app: Data, visit: Visit, path: web::Path<String>, post: Post) -> Page {
    let (form, field) = (post.text("form").to_owned(), post.text("field").to_owned());
    let at = format!("{form}-{field}");
    let Ok(option) = post.text("option").parse() else {
        let desk = desk(&app, &visit, &path, Verb::SettleConflict).await?;
        let source = desk
            .known
            .forms
            .get(&form)
            .and_then(|f| f.sources.get(&field));
        if source.is_none_or(|s| s.options.len() < 2) {
            return Err(Fault::Work(Error::NotFound));
        }
        let error = Unchosen {
            at,
            reason: post.text("reason").to_owned(),
        };
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return differences_page(&app, &visit, &desk, status, Some(&error));
    };
    let settle = gather::Settle {
        form,
        field,
        option,
        reason: post.text("reason").to_owned(),
    };
    let reference = path.into_inner();
    let of = reference.clone();
    app.write(&visit, move |tx, ctx| gather::settle(tx, ctx, &of, &settle))
        .await?;
    Ok(see_other(&format!("/cases/{reference}/differences")))
}

/// Answers of a response, as this reader may see them; for the request page.
pub fn typed(ctx: &Context, facts: &Facts, row: &responses::Response) -> Answers {
    let dict = ctx.house.dictionary_of(&row.form_version);
    let answers = stored(dict, &row.form, &row.answers);
    seen(ctx, facts, dict, &row.form, answers)
}

//! One section of a form of the record on a page: filling it in, keeping it, what is being typed, and what somebody else
//! saved meanwhile. Must not know how an answer reached the record.

use actix_web::http::StatusCode;
use actix_web::web;

use super::{Data, Desk, desk};
use crate::casework::{Error, gather, review, typing};
use crate::domain::form::{Dictionary, Problem};
use crate::domain::permission::Verb;
use crate::web::app::see_other;
use crate::web::notify::Opened;
use crate::web::response::is_of_response;
use crate::web::typing::{Opening, Said};
use crate::web::{Fault, Page, Post, Visit};

type Path3 = web::Path<(String, String, String)>;
type Path2 = web::Path<(String, String)>;

/// Which section of which form of which case.
struct Place {
    reference: String,
    code: String,
    section: String,
    /// Where in the case its pages are.
    under: Under,
}

/// The parts of a case in which forms of the record are filled in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Under {
    Record,
    Analysis,
    /// The joint agency response, for those who lead it.
    Response,
}

impl Place {
    fn of(under: Under, (reference, code, section): (String, String, String)) -> Self {
        Self {
            reference,
            code,
            section,
            under,
        }
    }

    fn of_analysis((reference, section): (String, String)) -> Self {
        Self::of(Under::Analysis, (reference, "analysis".to_owned(), section))
    }

    /// A response has no other forms than its own.
    fn is_there(&self) -> Result<(), Fault> {
        let there = self.under != Under::Response || is_of_response(&self.code);
        there.then_some(()).ok_or(Fault::Work(Error::NotFound))
    }

    const fn verb(&self) -> Verb {
        match self.under {
            Under::Record => Verb::EditRecord,
            Under::Analysis => Verb::EditAnalysis,
            Under::Response => Verb::KeepResponse,
        }
    }

    fn owned(&self) -> (String, String, String) {
        (
            self.reference.clone(),
            self.code.clone(),
            self.section.clone(),
        )
    }

    fn base(&self) -> String {
        let (case, code) = (&self.reference, &self.code);
        match self.under {
            Under::Record => format!("/cases/{case}/record/{code}"),
            Under::Analysis => format!("/cases/{case}/analysis"),
            Under::Response => format!("/cases/{case}/response/{code}"),
        }
    }
}

/// One section for filling in.
pub async fn section(app: Data, visit: Visit, path: Path3, query: web::Query<Opened>) -> Page {
    let place = Place::of(Under::Record, path.into_inner());
    open(&app, &visit, &place, &query).await
}

/// One section of the analysis form.
pub async fn analysis_section(
    app: Data,
    visit: Visit,
    path: Path2,
    query: web::Query<Opened>,
) -> Page {
    let place = Place::of_analysis(path.into_inner());
    open(&app, &visit, &place, &query).await
}

/// One section of what is filled in on a joint agency response.
pub async fn response_section(
    app: Data,
    visit: Visit,
    path: Path3,
    query: web::Query<Opened>,
) -> Page {
    let place = Place::of(Under::Response, path.into_inner());
    open(&app, &visit, &place, &query).await
}

async fn open(app: &Data, visit: &Visit, place: &Place, query: &Opened) -> Page {
    let desk = desk(app, visit, &place.reference, place.verb()).await?;
    place.is_there()?;
    let opening = notice(app, visit, place).await?;
    let shown = Shown {
        posted: opening.typed.as_ref(),
        opened: query.opened.is_some(),
        opening: Some(&opening),
        ..Shown::default()
    };
    show(app, visit, &desk, place, &shown)
}

/// Keeps a section of the record.
pub async fn save_section(app: Data, visit: Visit, path: Path3, post: Post) -> Page {
    let place = Place::of(Under::Record, path.into_inner());
    save(&app, &visit, &place, &post).await
}

/// Keeps a section of the analysis form.
pub async fn save_analysis(app: Data, visit: Visit, path: Path2, post: Post) -> Page {
    save(&app, &visit, &Place::of_analysis(path.into_inner()), &post).await
}

/// Keeps a section of what is filled in on a joint agency response.
pub async fn save_response(app: Data, visit: Visit, path: Path3, post: Post) -> Page {
    let place = Place::of(Under::Response, path.into_inner());
    save(&app, &visit, &place, &post).await
}

/// Keeps what is being typed in a section of the record, or throws it away.
pub async fn keep_typing(app: Data, visit: Visit, path: Path3, post: Post) -> Page {
    let place = Place::of(Under::Record, path.into_inner());
    keep(&app, &visit, &place, &post).await
}

/// Keeps what is being typed in a section of the analysis form, or throws it away.
pub async fn keep_analysis_typing(app: Data, visit: Visit, path: Path2, post: Post) -> Page {
    keep(&app, &visit, &Place::of_analysis(path.into_inner()), &post).await
}

/// Keeps what is being typed on a joint agency response, or throws it away.
pub async fn keep_response_typing(app: Data, visit: Visit, path: Path3, post: Post) -> Page {
    let place = Place::of(Under::Response, path.into_inner());
    keep(&app, &visit, &place, &post).await
}

/// What was left on a page of the record, and who else has the form open.
async fn notice(app: &Data, visit: &Visit, place: &Place) -> Result<Opening, Fault> {
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

async fn keep(app: &Data, visit: &Visit, place: &Place, post: &Post) -> Page {
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
    /// Why nothing of it can be saved now.
    refused: Option<String>,
}

fn show(app: &Data, visit: &Visit, desk: &Desk, place: &Place, shown: &Shown<'_>) -> Page {
    let version = desk
        .known
        .forms
        .get(&place.code)
        .map_or(0, |a| a.row.version);
    let page = desk.with(&place.code, &place.base(), |j| {
        let section = j.section(&place.section)?;
        Some(context! {
            title => &section.label, caption => format!("{} · {}", desk.case.reference, j.form.label),
            back => &j.base, action => format!("{}/{}", j.base, section.id),
            base => shown.opening.and_then(Opening::base).unwrap_or_else(|| j.base_of(section)),
            version => shown.opening.and_then(Opening::version).unwrap_or(version),
            typing => true, noticed => shown.opening.map(Opening::shown),
            questions => j.questions(section, shown.posted.map(|p| &p.0), shown.problems),
            errors => j.summary(shown.problems), opened => shown.opened, clash => &shown.clash, refused => &shown.refused,
            guide => (place.code == "analysis").then(|| guide(j.dict, &place.section)).flatten(),
        })
    })?;
    app.page(
        visit,
        shown.status,
        "journey/section.html",
        page.ok_or(Fault::Work(Error::NotFound))?,
    )
}

async fn save(app: &Data, visit: &Visit, place: &Place, post: &Post) -> Page {
    let now = desk(app, visit, &place.reference, place.verb()).await?;
    place.is_there()?;
    let taken = now.with(&place.code, &place.base(), |j| {
        let section = j.section(&place.section)?;
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
        form: place.code.clone(),
        section: place.section.clone(),
        // Another section that was saved meanwhile is in nobody's way.
        version: match now.known.forms.get(&place.code) {
            Some(agreed) if unchanged => agreed.row.version,
            _ => post.number("version"),
        },
        answers: taken.answers.clone(),
        confirmed: taken.confirmed,
    };
    let reference = place.reference.clone();
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
            let fresh = desk(app, visit, &place.reference, place.verb()).await?;
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
            let fresh = desk(app, visit, &place.reference, place.verb()).await?;
            let clash = fresh.with(&place.code, &place.base(), |j| {
                j.section(&place.section)
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
        Err(Fault::Work(Error::Rule(words))) => {
            let fresh = desk(app, visit, &place.reference, place.verb()).await?;
            let shown = Shown {
                posted: Some(post),
                status: StatusCode::UNPROCESSABLE_ENTITY,
                refused: Some(words),
                ..Shown::default()
            };
            show(app, visit, &fresh, place, &shown)
        }
        Err(fault) => Err(fault),
    }
}

/// The words of the code lists that a section of the analysis form is judged by, shown beside its questions.
pub(in crate::web) fn guide(dict: &Dictionary, section: &str) -> Option<serde_json::Value> {
    let lists: &[(&str, &str)] = match section {
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

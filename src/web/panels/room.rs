//! The room's pages: one item for whoever runs it, with the analysis section by section, and a screen for everybody in the
//! room that only shows. Must not know what follows from what is posted.

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, REFRESH};
use actix_web::web;
use serde_json::Value;

use super::Data;
use super::item::{deferrals, shown as people_shown};
use crate::casework::gather::Correct;
use crate::casework::panels::{self as work, Desk, Signing};
use crate::casework::{Context, Error, Outcome, learning as learned, likeness, review, typing};
use crate::domain::code::coded;
use crate::domain::form::{Answer, AnsweredBy, Answers, Dictionary, Field, Problem, confirmed};
use crate::domain::panel::{Decision, Interest, ItemState};
use crate::domain::shared_answers;
use crate::store::Conn;
use crate::web::app::see_other;
use crate::web::journey::Journey;
use crate::web::notify::Opened;
use crate::web::typing::{Opening, Said};
use crate::web::{Fault, Page, Post, Visit, dated, learning, records};

type Path2 = web::Path<(String, String)>;
type Path3 = web::Path<(String, String, String)>;

const FORM: &str = "analysis";

coded! {
    /// What is done in the room, beside filling in the analysis.
    pub enum Deed {
        Decide = "decide", "Record what the panel decided";
        Defer = "defer", "Put it off";
        Sign = "sign", "Sign the analysis";
        Themes = "themes", "Save the themes";
    }
}

/// What was typed and what is wrong with it.
#[derive(Clone, Default)]
struct Typed {
    post: Option<Post>,
    problems: Vec<Problem>,
    refused: Option<String>,
    clash: Option<Vec<(String, String, String)>>,
    opened: bool,
    /// What was left here while it was typed, and who else is there.
    opening: Option<Opening>,
    status: StatusCode,
}

/// A desk with the analysis as the room works on it.
struct Room {
    ctx: Context,
    desk: Desk,
    agenda: Vec<Value>,
}

impl Room {
    async fn load(app: &Data, visit: &Visit, panel: &str, item: &str) -> Result<Self, Fault> {
        Self::load_for(app, visit, panel, item, false).await
    }

    async fn load_for(
        app: &Data,
        visit: &Visit,
        panel: &str,
        item: &str,
        for_all: bool,
    ) -> Result<Self, Fault> {
        let (panel, item) = (panel.to_owned(), item.to_owned());
        app.read(visit, move |conn, ctx| {
            let desk = work::desk(conn, ctx, &panel, &item, for_all)?;
            Ok(Self {
                agenda: agenda(conn, ctx, &desk)?,
                ctx: ctx.clone(),
                desk,
            })
        })
        .await
    }

    fn base(&self) -> String {
        format!("/panels/{}/room/{}", self.desk.row.id, self.desk.item.id)
    }

    fn dictionary(&self) -> &Dictionary {
        let agreed = self.desk.known.forms.get(FORM);
        agreed.map_or_else(
            || self.ctx.house.dictionary(),
            |agreed| self.ctx.house.dictionary_of(&agreed.row.form_version),
        )
    }

    fn with<T>(&self, f: impl FnOnce(&Journey<'_>) -> T) -> Result<T, Fault> {
        let dict = self.dictionary();
        let form = dict.form(FORM).ok_or(Fault::Work(Error::NotFound))?;
        let agreed = self.desk.known.forms.get(FORM);
        let mut answers = agreed.map_or_else(Answers::default, |agreed| agreed.answers.clone());
        if agreed.is_none() {
            let (ctx, case) = (&self.ctx, &self.desk.case);
            review::prefill(ctx, case, form, &self.desk.known, &mut answers);
        }
        let reasons = agreed
            .map(|agreed| confirmed(&agreed.row.confirmed))
            .unwrap_or_default();
        let elsewhere = |field: &str| -> Option<Answer> { self.desk.known.elsewhere(FORM, field) };
        let wanted =
            |field: &Field| field.answered_by != AnsweredBy::System && self.desk.asks(field);
        let outline = Desk::sections(form);
        Ok(f(&Journey {
            dict,
            form,
            outline: &outline,
            answers: &answers,
            around: self.ctx.around(&elsewhere),
            wanted: &wanted,
            base: self.base(),
            confirmed: &reasons,
            asks_why: true,
            known: &shared_answers::NOTHING,
        }))
    }

    fn version(&self) -> i32 {
        let agreed = self.desk.known.forms.get(FORM);
        agreed.map_or(0, |agreed| agreed.row.version)
    }

    /// What every page of the room shows beside the analysis.
    fn around(&self, typed: &Typed) -> Outcome<Value> {
        let desk = &self.desk;
        let state = work::state_of(&desk.item)?;
        let quorum = work::quorum(&self.ctx, &desk.people);
        let no_say = desk.people.iter().filter(|p| {
            p.interest.is_some_and(Interest::conflicts) && p.interest != Some(Interest::Personal)
        });
        let post = typed.post.as_ref();
        let decided = post.map(|post| post.text("decision"));
        let route = self.ctx.house.routes.get(&desk.item.route);
        Ok(context! {
            panel => &desk.row.id, room => self.base(), pack => &desk.item.pack_number, agenda => &self.agenda,
            screen => format!("/panels/{}/screen/{}", desk.row.id, desk.item.id),
            item => format!("/panels/{}/items/{}", desk.row.id, desk.item.id), item_version => desk.item.version, analysis_version => self.version(),
            route => route.map(|route| format!("{}, {} minutes", route.label, route.minutes)),
            listed => state == ItemState::Listed, open => state == ItemState::Listed && work::goes_on(&desk.case), reviewed => state == ItemState::Reviewed, state => state.label(),
            quorate => quorum.is_met(), missing => quorum.missing(), family => &desk.questions,
            no_say => no_say.map(|p| &p.person.name).collect::<Vec<_>>(), held_back => desk.held_back.len(),
            people => people_shown(&self.ctx, &desk.people),
            decisions => Decision::ALL.iter().map(|d| context! { value => d.as_str(), text => d.label(), checked => decided == Some(d.as_str()) }).collect::<Vec<Value>>(),
            reason => post.map(|post| post.text("reason")), deferrals => deferrals(post.map(|post| post.text("deferral"))),
            next_boxes => dated::boxes(post, "next", None),
        })
    }
}

/// The list of the panel, with this item marked.
fn agenda(conn: &mut Conn, ctx: &Context, desk: &Desk) -> Outcome<Vec<Value>> {
    let all = work::items(conn, ctx, &desk.row)?.into_iter();
    let mut rows = Vec::new();
    for (item, _, open) in all {
        let state = work::state_of(&item)?;
        if state.is_there() {
            rows.push(context! {
                pack => &item.pack_number, state => state.label(), here => item.id == desk.item.id,
                href => open.then(|| format!("/panels/{}/room/{}", desk.row.id, item.id)),
            });
        }
    }
    Ok(rows)
}

/// `GET /panels/{id}/room/{item}`.
pub async fn room(app: Data, visit: Visit, path: Path2) -> Page {
    let (panel, item) = path.into_inner();
    show_room(&app, &visit, (&panel, &item), Typed::default()).await
}

async fn show_room(app: &Data, visit: &Visit, at: (&str, &str), typed: Typed) -> Page {
    let room = Room::load(app, visit, at.0, at.1).await?;
    let (tasks, sections) = room.with(|j| (j.tasks(), j.read_back(&[], true)))?;
    let case = room.desk.case.clone();
    let (alike, themes) = app
        .read(visit, move |conn, ctx| {
            // Nothing tells the room which cases they are.
            let alike = likeness::alike(conn, ctx, &case, false)?;
            let themes = learned::themes(conn, &case)?;
            Ok((learning::alikes(&alike), learning::boxes(ctx, &themes)))
        })
        .await?;
    let (errors, wrong) = crate::web::said::said(&typed.problems);
    let page = context! {
        title => format!("Case {} in the room", room.desk.item.pack_number), beside => room.around(&typed)?, tasks, sections,
        errors, at => wrong, refused => &typed.refused, alike, themes,
    };
    app.page(visit, typed.status, "panels/room.html", page)
}

/// `GET /panels/{id}/screen/{item}`.
pub async fn screen(
    app: Data,
    visit: Visit,
    path: Path2,
    query: web::Query<std::collections::BTreeMap<String, String>>,
) -> Page {
    let (panel, item) = path.into_inner();
    let room = Room::load_for(&app, &visit, &panel, &item, true).await?;
    let sections = room.with(|j| j.read_back(&[], true))?;
    let refreshes = query.get("refresh").map(String::as_str) != Some("no");
    let page = context! {
        title => format!("Case {}", room.desk.item.pack_number), beside => room.around(&Typed::default())?, sections, refreshes,
    };
    let mut shown = app.ok(&visit, "panels/screen.html", page)?;
    if refreshes {
        // The browser asks anew by itself, without a script.
        let every = HeaderValue::from_static("15");
        shown.headers_mut().insert(REFRESH, every);
    }
    Ok(shown)
}

/// `GET /panels/{id}/room/{item}/{section}`.
pub async fn section(app: Data, visit: Visit, path: Path3, query: web::Query<Opened>) -> Page {
    let (panel, item, section) = path.into_inner();
    let room = Room::load(&app, &visit, &panel, &item).await?;
    let opening = notice(&app, &visit, (&panel, &item), &section).await?;
    let typed = Typed {
        opened: query.opened.is_some(),
        post: opening.typed.clone(),
        opening: Some(opening),
        ..Typed::default()
    };
    show_section(&app, &visit, &room, &section, &typed)
}

/// What was left on a page, and who else has the analysis open.
async fn notice(
    app: &Data,
    visit: &Visit,
    (panel, item): (&str, &str),
    section: &str,
) -> Result<Opening, Fault> {
    let (panel, item, section) = (panel.to_owned(), item.to_owned(), section.to_owned());
    app.read(visit, move |conn, ctx| {
        let page = typing::Page::Room {
            panel: &panel,
            item: &item,
            section: &section,
        };
        Ok(Opening::from(typing::notice(conn, ctx, &page)?))
    })
    .await
}

/// `POST /panels/{id}/room/{item}/{section}/typing`: keeps what is being typed, or throws it away.
pub async fn keep_typing(app: Data, visit: Visit, path: Path3, post: Post) -> Page {
    let (panel, item, section) = path.into_inner();
    let back = format!("/panels/{panel}/room/{item}/{section}");
    let said = Said::of(&post);
    let done = app
        .write(&visit, move |tx, ctx| {
            let page = typing::Page::Room {
                panel: &panel,
                item: &item,
                section: &section,
            };
            said.take(tx, ctx, &page)
        })
        .await?;
    Ok(done.answer(&back))
}

fn show_section(app: &Data, visit: &Visit, room: &Room, section: &str, typed: &Typed) -> Page {
    let beside = room.around(&Typed::default())?;
    let (prompts, opening) = (&room.ctx.house.prompts, typed.opening.as_ref());
    let page = room.with(|j| {
        let section = j.section(section)?;
        Some(context! {
            title => &section.label, beside, action => format!("{}/{}", j.base, section.id),
            base => opening.and_then(Opening::base).unwrap_or_else(|| j.base_of(section)),
            version => opening.and_then(Opening::version).unwrap_or_else(|| room.version()),
            noticed => opening.map(Opening::shown), clash => &typed.clash, opened => typed.opened,
            questions => j.questions(section, typed.post.as_ref().map(|post| &post.0), &typed.problems),
            errors => j.summary(&typed.problems), guide => records::guide(j.dict, &section.id), refused => &typed.refused,
            prompts => prompts.beside(&section.id, &room.desk.known.record()), judges => section.id == "modifiability",
        })
    })?;
    let page = page.ok_or(Fault::Work(Error::NotFound))?;
    app.page(visit, typed.status, "panels/section.html", page)
}

/// `POST /panels/{id}/room/{item}/{section}`.
pub async fn save_section(app: Data, visit: Visit, path: Path3, post: Post) -> Page {
    let (panel, item, section) = path.into_inner();
    let room = Room::load(&app, &visit, &panel, &item).await?;
    let taken = room.with(|j| {
        let section = j.section(&section)?;
        let next = j.after(&section.id).map(|s| format!("{}/{}", j.base, s.id));
        let unchanged = post.get("base") == Some(&j.base_of(section));
        Some((j.take(section, &post), next, unchanged))
    })?;
    let (taken, next, unchanged) = taken.ok_or(Fault::Work(Error::NotFound))?;
    let mut typed = Typed {
        post: Some(post.clone()),
        ..Typed::default()
    };
    if !taken.problems.is_empty() && !taken.reshaped {
        typed.problems.clone_from(&taken.problems);
        typed.status = StatusCode::UNPROCESSABLE_ENTITY;
        return show_section(&app, &visit, &room, &section, &typed);
    }
    let correct = Correct {
        form: FORM.to_owned(),
        section: section.clone(),
        // Another section that was saved meanwhile is in nobody's way.
        version: if unchanged {
            room.version()
        } else {
            post.number("version")
        },
        answers: taken.answers.clone(),
        confirmed: taken.confirmed.clone(),
    };
    let at = (panel.clone(), item.clone());
    let saved = app
        .write(&visit, move |tx, ctx| {
            work::save_section(tx, ctx, (&at.0, &at.1), &correct)
        })
        .await;
    if saved.is_ok() && !taken.reshaped {
        let again = format!("{}/{section}?opened=yes", room.base());
        let next = next.unwrap_or_else(|| room.base());
        return Ok(see_other(if taken.opened { &again } else { &next }));
    }
    let fresh = Room::load(&app, &visit, &panel, &item).await?;
    not_saved(&fresh, &section, &taken.answers, saved, &mut typed)?;
    show_section(&app, &visit, &fresh, &section, &typed)
}

/// What the page says when a section was not saved.
fn not_saved(
    fresh: &Room,
    section: &str,
    answers: &Answers,
    saved: Result<(), Fault>,
    typed: &mut Typed,
) -> Result<(), Fault> {
    match saved {
        Ok(()) => {}
        Err(Fault::Work(Error::Stale)) => {
            typed.status = StatusCode::CONFLICT;
            typed.clash = fresh.with(|j| j.section(section).map(|s| j.differences(s, answers)))?;
        }
        Err(Fault::Work(Error::Rule(words))) => {
            typed.status = StatusCode::UNPROCESSABLE_ENTITY;
            typed.refused = Some(words);
        }
        Err(fault) => return Err(fault),
    }
    Ok(())
}

/// `POST /panels/{id}/room/{item}`.
pub async fn act_room(app: Data, visit: Visit, path: Path2, post: Post) -> Page {
    let (panel, item) = path.into_inner();
    let deed = post.text("do").parse::<Deed>().ok();
    let (of, said) = ((panel.clone(), item.clone()), post.clone());
    let done = app
        .write(&visit, move |tx, ctx| {
            let at = (of.0.as_str(), of.1.as_str(), said.number("version"));
            match deed {
                Some(Deed::Decide) => match said.text("decision").parse() {
                    Ok(decision) => work::decide(tx, ctx, at, decision, said.text("reason")),
                    Err(_) => Err(Error::Rule("Choose what the panel decided.".into())),
                },
                Some(Deed::Defer) => {
                    let mut problems = Vec::new();
                    let next = dated::day(&said, "next", "The day", &mut problems);
                    let why = said.text("deferral").parse().ok();
                    work::defer(tx, ctx, at, why, next, problems)
                }
                Some(Deed::Sign) => return work::sign(tx, ctx, at, said.number("analysis")),
                Some(Deed::Themes) => work::set_themes(tx, ctx, at, &said.all("themes")),
                None => Err(Error::NotFound),
            }
            .map(|()| Signing::Signed)
        })
        .await;
    let done = match done {
        // What was filled in anew is kept, and read before it is signed.
        Ok(Signing::Changed) => Err(Fault::Work(Error::Stale)),
        other => other.map(|_| ()),
    };
    let mut typed = Typed {
        post: Some(post),
        status: StatusCode::UNPROCESSABLE_ENTITY,
        ..Typed::default()
    };
    match done {
        Ok(()) => return Ok(see_other(&format!("/panels/{panel}/room/{item}"))),
        Err(Fault::Work(Error::Invalid(problems))) => typed.problems = problems,
        Err(Fault::Work(Error::Rule(words))) => typed.refused = Some(words),
        Err(Fault::Work(Error::Stale)) => {
            typed.status = StatusCode::CONFLICT;
            let words = match deed {
                Some(Deed::Sign) => {
                    "Somebody changed this item or its analysis while you had it open, and nothing was signed. Below is what stands there now. Read it, then sign."
                }
                _ => {
                    "Somebody changed this item while you had it open. It is shown here as it stands now; what you typed is still in its boxes. Look at it and do it again."
                }
            };
            typed.refused = Some(words.into());
        }
        Err(fault) => return Err(fault),
    }
    show_room(&app, &visit, (&panel, &item), typed).await
}

//! The agency's pages behind a link: the forms as task lists, checking, sending. One request is seen and nothing
//! else. Must not know how a link is opened (`link` does).

mod home;
mod section;
mod send;

use std::sync::Arc;

use actix_web::web;

use super::journey::Journey;
use super::{App, Fault, Visit};
use crate::casework::parts::{self, SentOn};
use crate::casework::picture::stored;
use crate::casework::respond::{self, Work};
use crate::casework::{Context, Error, asked, packs};
use crate::domain::actor::Actor;
use crate::domain::form::{Answer, AnsweredBy, Field, confirmed};
use crate::store::requests;
use crate::store::responses::Response;
use crate::store::waits::Wait;

pub use home::tasks;
pub(super) use home::work_page;
pub use section::{keep_typing, save_section, section};
pub use send::{check, send, sent};

type Data = web::Data<Arc<App>>;

fn wanted(field: &Field) -> bool {
    field.answered_by == AnsweredBy::Respondent
}

/// What this browser holds: the request and everything of it.
pub(super) struct Held {
    pub work: Work,
    pub ctx: Context,
    /// Questions for more time, the newest first.
    pub waits: Vec<Wait>,
    /// How many questions the panel has for this agency.
    pub panel_asks: usize,
    /// Parts of it that went to colleagues.
    pub sent_on: Vec<SentOn>,
}

impl Held {
    fn response(&self, form: &str) -> Result<&Response, Fault> {
        self.work
            .responses
            .iter()
            .find(|r| r.form == form)
            .ok_or(Fault::Work(Error::NotFound))
    }

    fn with<T>(&self, response: &Response, f: impl FnOnce(&Journey<'_>) -> T) -> Result<T, Fault> {
        let dict = self.ctx.house.dictionary_of(&response.form_version);
        let answers = stored(dict, &response.form, &response.answers);
        let reasons = confirmed(&response.confirmed);
        let elsewhere = |field: &str| -> Option<Answer> {
            respond::elsewhere(&self.ctx, &self.work, &response.form, field)
        };
        let form = dict
            .form(&response.form)
            .ok_or(Fault::Work(Error::NotFound))?;
        let outline = parts::outline(&self.ctx, form, response);
        let own = parts::fields(&self.ctx, form, response);
        Ok(f(&Journey {
            dict,
            form,
            outline: &outline,
            answers: &answers,
            around: self.ctx.around(&elsewhere),
            wanted: &|field: &Field| {
                wanted(field) && own.as_ref().is_none_or(|own| own.contains(&field.id))
            },
            base: format!("/requests/{}/forms/{}", self.work.request.id, response.form),
            confirmed: &reasons,
            asks_why: true,
            known: &self.work.known_of(&response.form),
        }))
    }

    /// Whether these are parts of which nothing is asked.
    fn shut(&self) -> bool {
        let mut open = self.work.responses.iter().filter(|r| respond::open(r));
        self.work.request.part_of.is_some()
            && requests::waits(&self.work.request)
            && open.all(|row| parts::is_shut(&self.ctx, &self.work, row))
    }

    pub fn home(&self) -> String {
        format!("/requests/{}", self.work.request.id)
    }

    /// The newest question for more time, when it stands so.
    fn newest_wait(&self, state: &str) -> Option<&Wait> {
        self.waits.first().filter(|wait| wait.state == state)
    }

    fn label(&self, form: &str) -> String {
        crate::casework::gather::form_label(&self.ctx, form)
    }
}

/// Finds what this browser's claim holds; `id` must be that very request.
pub(super) async fn held(app: &Data, visit: &Visit, id: &str) -> Result<Held, Fault> {
    let secret = visit
        .caller
        .claim
        .clone()
        .ok_or(Fault::Work(Error::NotFound))?;
    let id = id.to_owned();
    app.open_read(visit, move |conn, ctx| {
        let request = respond::by_claim(conn, ctx, &secret)?;
        if request.id != id {
            return Err(Error::NotFound);
        }
        let ctx = Context {
            actor: Actor::link(&request.id),
            ..ctx.clone()
        };
        let work = respond::work(conn, &ctx, request)?;
        let waits = asked::waits_of(conn, &work.request)?;
        let panel_asks = packs::asked_of(conn, &work.request.id)?.len();
        let sent_on = parts::sent_on(conn, &ctx, &work.request)?;
        Ok(Held {
            work,
            ctx,
            waits,
            panel_asks,
            sent_on,
        })
    })
    .await
}

/// Runs a write as the holder of the link this browser claimed.
pub(super) async fn write<T, F>(app: &Data, visit: &Visit, id: &str, f: F) -> Result<T, Fault>
where
    T: Send + 'static,
    F: FnOnce(&mut crate::store::Tx<'_>, &Context) -> Result<T, Error> + Send + 'static,
{
    let secret = visit
        .caller
        .claim
        .clone()
        .ok_or(Fault::Work(Error::NotFound))?;
    let id = id.to_owned();
    app.open_write(visit, move |tx, ctx| {
        let request = respond::by_claim(tx.conn(), ctx, &secret)?;
        if request.id != id {
            return Err(Error::NotFound);
        }
        f(
            tx,
            &Context {
                actor: Actor::link(&request.id),
                ..ctx.clone()
            },
        )
    })
    .await
}

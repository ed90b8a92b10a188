//! Pages that are shown again: with what was posted and not taken, and what is wrong with it. Must not know any page.

use std::borrow::{Borrow, ToOwned};
use std::sync::Arc;

use actix_web::http::StatusCode;
use serde_json::Value;

use super::{App, Fault, Page, Post, Visit};
use crate::casework::{Context, Error, Outcome};
use crate::domain::form::Problem;
use crate::store::Conn;

/// What was posted and what is wrong with it.
#[derive(Clone, Default)]
pub struct Again {
    pub post: Option<Post>,
    pub problems: Vec<Problem>,
    /// A rule that refuses it, or that somebody was faster.
    pub refused: Option<String>,
    pub status: StatusCode,
}

impl Again {
    /// What a fault says on the page that was posted, `stale` being the words for whoever comes second; any other fault
    /// is a page of its own.
    pub fn of(post: Post, fault: Fault, stale: &str) -> Result<Self, Fault> {
        let mut again = Self {
            post: Some(post),
            status: StatusCode::UNPROCESSABLE_ENTITY,
            ..Self::default()
        };
        match fault {
            Fault::Work(Error::Invalid(problems)) => again.problems = problems,
            Fault::Work(Error::Rule(words)) => again.refused = Some(words),
            Fault::Work(Error::Stale) => {
                again.status = StatusCode::CONFLICT;
                again.refused = Some(stale.to_owned());
            }
            other => return Err(other),
        }
        Ok(again)
    }

    /// What was typed in a box.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.post.as_ref().and_then(|post| post.get(name))
    }
}

/// The status of a page that is shown: somebody else was faster, something is wrong, or neither.
pub const fn status(stale: bool, wrong: bool) -> StatusCode {
    match (stale, wrong) {
        (true, _) => StatusCode::CONFLICT,
        (false, true) => StatusCode::UNPROCESSABLE_ENTITY,
        (false, false) => StatusCode::OK,
    }
}

/// A page about one thing: its template, and what that is given of the thing and of what was typed.
pub struct Sheet<K: ?Sized + 'static, T: 'static> {
    pub template: &'static str,
    pub view: fn(&mut Conn, &Context, &K, &T) -> Outcome<Value>,
}

impl<K, T> Sheet<K, T>
where
    K: ToOwned + ?Sized + 'static,
    K::Owned: Send + 'static,
    T: Send + 'static,
{
    pub async fn show(
        &self,
        app: &Arc<App>,
        visit: &Visit,
        of: &K,
        typed: T,
        status: StatusCode,
    ) -> Page {
        let (view, of) = (self.view, of.to_owned());
        let page = app
            .read(visit, move |conn, ctx| view(conn, ctx, of.borrow(), &typed))
            .await?;
        app.page(visit, status, self.template, page)
    }
}

impl<K> Sheet<K, Again>
where
    K: ToOwned + ?Sized + 'static,
    K::Owned: Send + 'static,
{
    /// The page before anything was posted, or after.
    pub async fn again(&self, app: &Arc<App>, visit: &Visit, of: &K, typed: Again) -> Page {
        let status = typed.status;
        self.show(app, visit, of, typed, status).await
    }
}

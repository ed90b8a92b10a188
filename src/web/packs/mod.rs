//! Anonymised packs: the desk at which one is made, the reading room, and questions to agencies. Must not know what is taken
//! out of a text, nor who may read it when.

mod desk;
mod question;
mod room;

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web;

use super::app::see_other;
use super::{App, Fault, Page, Post, Visit};
use crate::casework::Error;
use crate::domain::form::Problem;

pub use desk::{act, page as desk_page};
pub use question::{act as act_question, agency_act, agency_page, page as questions_page};
pub use room::{ask, mark_read, note, page, print, source};

type Data = web::Data<Arc<App>>;
type Path2 = web::Path<(String, String)>;

fn base(at: &(String, String)) -> String {
    format!("/panels/{}/pack/{}", at.0, at.1)
}

/// What a page is shown again with.
#[derive(Clone, Default)]
struct Typed {
    post: Option<Post>,
    problems: Vec<Problem>,
    refused: Option<String>,
    status: StatusCode,
}

impl Typed {
    /// What a fault says on the page that was posted; anything else is a page of its own.
    fn of(post: Post, fault: Fault) -> Result<Self, Fault> {
        let mut typed = Self {
            post: Some(post),
            status: StatusCode::UNPROCESSABLE_ENTITY,
            ..Self::default()
        };
        match fault {
            Fault::Work(Error::Invalid(problems)) => typed.problems = problems,
            Fault::Work(Error::Rule(words)) => typed.refused = Some(words),
            Fault::Work(Error::Stale) => {
                typed.status = StatusCode::CONFLICT;
                let words = "This was changed in another window or by somebody else while you had it open. It is shown here as it stands now; what you typed is still in its boxes. Look at it and do it again.";
                typed.refused = Some(words.into());
            }
            other => return Err(other),
        }
        Ok(typed)
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.post.as_ref().and_then(|post| post.get(name))
    }
}

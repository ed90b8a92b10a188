//! Anonymised packs: the desk at which one is made, the reading room, and questions to agencies. Must not know what is taken
//! out of a text, nor who may read it when.

mod desk;
mod question;
mod room;

use std::sync::Arc;

use actix_web::web;

use super::again::{Again, Sheet};
use super::app::see_other;
use super::{App, Fault, Page, Post, Visit};

pub use desk::{act, page as desk_page};
pub use question::{act as act_question, agency_act, agency_page, page as questions_page};
pub use room::{ask, mark_read, note, page, print, source};

type Data = web::Data<Arc<App>>;
type Path2 = web::Path<(String, String)>;

fn base(at: &(String, String)) -> String {
    format!("/panels/{}/pack/{}", at.0, at.1)
}

/// What a page is shown again with.
type Typed = Again;

fn typed(post: Post, fault: Fault) -> Result<Typed, Fault> {
    Typed::of(post, fault, STALE)
}

const STALE: &str = "This was changed in another window or by somebody else while you had it open. It is shown here as it stands now; what you typed is still in its boxes. Look at it and do it again.";

//! What is kept while somebody types, for every page that fills in a form. Must not know any form, nor where what is
//! typed is kept.

use actix_web::HttpResponse;
use serde_json::{Value, json};

use super::app::see_other;
use super::{Post, letter};
use crate::casework::typing::{self, Noticed, Other};
use crate::casework::{Context, Error};
use crate::domain::form::Posted;
use crate::store::Tx;

/// What a page says while it is being typed in.
pub enum Said {
    /// These words; none when the page is only open.
    Typed(Option<Posted>),
    /// The words are not wanted any more, nor those of another hand that the page names.
    Discard(Option<String>),
}

impl Said {
    pub fn of(post: &Post) -> Self {
        if post.get("discard").is_some() {
            return Self::Discard(post.get(typing::SHOWN).map(str::to_owned));
        }
        let typed = post.get("typed") == Some("yes");
        Self::Typed(typed.then(|| post.0.clone()))
    }

    /// Does what the page says.
    pub fn take(
        self,
        tx: &mut Tx<'_>,
        ctx: &Context,
        page: &typing::Page<'_>,
    ) -> Result<Done, Error> {
        match self {
            Self::Discard(shown) => {
                typing::discard(tx, ctx, page, shown.as_deref()).map(|()| Done::Discarded)
            }
            Self::Typed(typed) => typing::keep(tx, ctx, page, typed.as_ref()).map(Done::Kept),
        }
    }
}

/// What came of it.
pub enum Done {
    /// Kept; somebody else may have the form open.
    Kept(Option<Other>),
    Discarded,
}

impl Done {
    /// The answer to the script of the page, or the page again.
    pub fn answer(self, back: &str) -> HttpResponse {
        match self {
            Self::Kept(other) => {
                HttpResponse::Ok().json(json!({ "other": other.map(Other::words) }))
            }
            Self::Discarded => see_other(back),
        }
    }
}

/// What there is to say on opening a page.
#[derive(Clone)]
pub struct Opening {
    /// What was typed and not saved, as if it were posted now.
    pub typed: Option<Post>,
    left_at: Option<String>,
    shown: Option<String>,
    more: usize,
    other: Option<&'static str>,
}

impl From<Noticed> for Opening {
    fn from(noticed: Noticed) -> Self {
        Self {
            left_at: noticed.left.as_ref().map(|left| letter::moment(left.at)),
            shown: noticed.left.as_ref().and_then(|left| left.shown.clone()),
            typed: noticed.left.map(|left| Post(left.posted)),
            more: noticed.more,
            other: noticed.other.map(Other::words),
        }
    }
}

impl Opening {
    /// What the page's template is given.
    pub fn shown(&self) -> Value {
        context! { left_at => &self.left_at, more => self.more, other => self.other }
    }

    /// Which words of another hand the page shows.
    pub fn of_another(&self) -> Option<&str> {
        self.shown.as_deref()
    }

    /// What was held of the section that the words were typed over.
    pub fn base(&self) -> Option<String> {
        let base = self.typed.as_ref()?.get("base")?;
        Some(base.to_owned())
    }

    /// The version that the words were typed over.
    pub fn version(&self) -> Option<i32> {
        self.typed.as_ref().map(|post| post.number("version"))
    }
}

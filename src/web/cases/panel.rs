//! The question of which panel takes a death over: those of the area file to choose from, and a box for any
//! other. Must not know what is then done with the name.

use serde_json::Value;

use crate::casework::Context;
use crate::web::Post;

/// What is posted for a panel that is not in the list.
const OTHER: &str = "other";

/// What was chosen and typed.
#[derive(Clone, Default)]
pub(in crate::web) struct Panel {
    chosen: String,
    other: String,
}

impl Panel {
    pub fn read(post: &Post) -> Self {
        Self {
            chosen: post.text("to").to_owned(),
            other: post.text("to_other").to_owned(),
        }
    }

    /// The name of the panel; empty when none was given.
    pub fn name(&self, ctx: &Context) -> String {
        if self.chosen == OTHER {
            return self.other.trim().to_owned();
        }
        let known = ctx.house.area.panels.iter().find(|p| **p == self.chosen);
        known.cloned().unwrap_or_default()
    }

    /// The box in which a wrong name is put right.
    pub fn place(&self) -> &'static str {
        if self.chosen == OTHER {
            "to_other"
        } else {
            "to"
        }
    }

    /// For `cases/panels.html`, with the words at the box.
    pub fn shown(&self, error: Option<&str>) -> Value {
        context! { chosen => &self.chosen, other => &self.other, place => self.place(), error }
    }
}

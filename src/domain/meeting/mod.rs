//! Meetings about deaths, one kind of thing for three purposes: what they are for, how far they are, what they need before
//! they are held, and the outline of their minutes. Must not know where a meeting is kept, nor who may see it.

mod invitation;
mod outline;
#[cfg(test)]
mod tests;

pub use invitation::{Invitation, calendar};
pub use outline::{Asks, Outlines, Part};

use super::code::coded;

coded! {
    /// What a meeting is for.
    pub enum Purpose {
        Response = "response", "Joint agency response meeting";
        Review = "review", "Child death review meeting";
        Panel = "panel", "Child death overview panel";
    }
}

coded! {
    pub enum State {
        Planned = "planned", "Planned";
        Held = "held", "Held";
        Cancelled = "cancelled", "Cancelled";
    }
}

coded! {
    /// What somebody who was invited answered.
    pub enum Reply {
        Waiting = "waiting", "No reply yet";
        Accepted = "accepted", "Will come";
        Tentative = "tentative", "May come";
        Declined = "declined", "Cannot come";
    }
}

coded! {
    /// Whether somebody was there.
    pub enum Attendance {
        Unknown = "unknown", "Not recorded";
        Attended = "attended", "Was there";
        Apologies = "apologies", "Sent apologies";
        Absent = "absent", "Was not there";
    }
}

/// A meeting lasts between five minutes and eight hours.
pub const SHORTEST: i32 = 5;
pub const LONGEST: i32 = 480;

//! The worklist, the search and a case's own pages: what is owed, what happened, moving, finalising and
//! reopening it. Must not know how an answer reached the record.

mod finalise;
mod head;
mod outline;
mod page;
mod panel;
mod people;
mod search;
mod words;
mod worklist;

pub use finalise::{finalise, finalise_page};
pub use head::head;
pub use page::{move_case, page, reopen};
pub(super) use panel::Panel;
pub use people::{change_people, people};
pub use search::search;
pub(super) use words::{event_items, tag};
pub(super) use worklist::notified;
pub use worklist::worklist;

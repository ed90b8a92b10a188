//! The worklist, the search and a case's own pages: what is owed, what happened, moving, finalising and
//! reopening it. Must not know how an answer reached the record.

mod chronology;
mod clocks;
mod door;
mod finalise;
mod head;
mod merge;
mod outline;
mod page;
mod panel;
mod people;
mod restriction;
mod search;
mod seen;
mod summary;
mod transfer;
mod words;
mod worklist;

pub use chronology::{chronology, print_chronology};
pub use clocks::{change_clock, clocks};
pub use door::{door, open};
pub use finalise::{finalise, finalise_page};
pub use head::head;
pub use merge::{change_merge, merge_page};
pub(super) use page::question_at;
pub use page::{move_case, page, reopen};
pub(super) use panel::Panel;
pub use people::{change_people, people};
pub use restriction::{change_restriction, restriction};
pub use search::search;
pub use seen::seen;
pub(super) use transfer::row as transfer_row;
pub use transfer::{answer_transfer, make_transfer, transfer_file, transfer_page};
pub(super) use words::{event_items, moment, tag};
pub(super) use worklist::notified;
pub use worklist::worklist;

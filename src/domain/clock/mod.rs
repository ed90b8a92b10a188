//! Deadlines as data: what starts and stops each clock, how long it runs, who is reminded, and when something is
//! due. The one engine for all of them. Must not know where clocks are kept.
//!
//! No length stands in code: most lack a statute behind them, so an area must be able to set its
//! own (`process.md`, section 7). Lengths come from `clocks.csv`, bank holidays from `bank_holidays.csv`.

mod cause;
mod definition;
mod due;
mod judge;
mod known;
mod ladder;
mod load;
mod names;
#[cfg(test)]
mod tests;

pub use cause::{
    AtPanel, Cause, FIRST_HOURS, Told, When, causes, is_of_panel, is_recorded, told, told_by_panels,
};
pub use definition::{Clock, Clocks};
pub use due::{Pause, Spent, Start, Took, end_of};
pub use judge::{Happened, Outcome, Standing};
pub use known::{Change, EVENT, Facts, Known, change, event_at};
pub use ladder::{Offset, Rung};
pub use names::{Asked, Basis, Direction, Force, Occasion, PauseReason, Recipient, Unit};

//! The return to the national database: cases in, a package of CSV files out.
//!
//! [`Exporter`] writes the package row by row from a [`Source`] of [`ReturnCase`]s, one pass per
//! file, so that memory does not grow with the caseload. What goes into which column is data
//! (`fixtures/return/columns.csv`, read by [`Layout`]); what may go out at all is the dictionary's
//! `national` and `basis` (rule SB-13, read by `policy`); who goes out, and how much of the case,
//! is [`extent`]. [`Exporter::check`] lists what the receiver would refuse.
//!
//! It must not know where cases are kept, who asks, or what time it is: all that comes in with the
//! [`Order`] and the source. No official format is published; the layout is this project's own.

mod aggregate;
mod case;
mod check;
mod fact;
mod layout;
mod order;
mod package;
mod policy;
mod rows;
mod sheet;
mod suppression;
#[cfg(test)]
mod tests;
mod value;
mod view;

pub use case::{
    FormRequest, Milestone, MilestoneKind, Record, RequestStatus, ReturnCase, Status, Transfer,
};
pub use check::Issue;
pub use layout::{Column, ColumnKind, File, Layout, Table};
pub use order::{Extent, Kind, Order, Period, extent};
pub use package::{Exporter, Forms, Needs, Part, Source, Summary};
pub use policy::Verified;

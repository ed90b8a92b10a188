//! What the service does in a second beside what the machine could: `cargo bench --bench load`, about ten
//! minutes on two cores, on loopback only. The product, an empty actix handler and the bare engines take turns
//! on the same machine, so the ratios hold where the absolute figures would not.
//!
//! `CDR_LOAD_QUICK=1` looks only briefly (a minute); `CDR_LOAD_CASES=10000,100000` says which caseloads to
//! compare; `CDR_LOAD_ONLY=accept,postgres,pages,export,packs,start,trail` leaves the rest out. Caseloads are kept under
//! `target/load` between runs; `CDR_LOAD_FRESH=1` makes them again.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a measurement that cannot go on stops, and its table is for whoever started it"
)]
#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "figures for people, far below 2^53"
)]
#![expect(
    clippy::format_push_string,
    clippy::format_collect,
    clippy::needless_for_each,
    clippy::duration_suboptimal_units,
    reason = "text and waits of a measuring tool, read as they stand"
)]

mod accept;
mod bare;
mod caseload;
mod client;
mod drive;
mod empty;
mod export;
mod machine;
mod options;
mod packs;
mod pages;
mod postgres;
mod report;
mod sample;
mod service;
mod start;
mod trail;

use options::Options;
use report::Report;

fn main() {
    if std::env::var_os(empty::CHILD).is_some() {
        return empty::serve();
    }
    let options = Options::read();
    let mut report = Report::default();
    report.note(machine::words());
    if options.wants("accept") {
        accept::on_sqlite(&options, &mut report);
    }
    if options.wants("postgres") {
        accept::on_postgres(&options, &mut report);
    }
    if options.wants("pages") {
        pages::measure(&options, &mut report);
    }
    if options.wants("export") {
        export::measure(&options, &mut report);
    }
    if options.wants("packs") {
        packs::measure(&options, &mut report);
    }
    if options.wants("start") {
        start::measure(&options, &mut report);
    }
    if options.wants("trail") {
        trail::measure(&options, &mut report);
    }
    println!("\n{report}");
}

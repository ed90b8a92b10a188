//! How soon the service answers on a database that is there, and what it holds in memory when nobody calls.

use std::time::Duration;

use super::caseload;
use super::options::Options;
use super::report::Report;

const TIMES: usize = 7;
const AIM_START: Duration = Duration::from_millis(100);
const AIM_IDLE_MB: f64 = 30.0;

pub fn measure(options: &Options, report: &mut Report) {
    let cases = options.largest();
    let place = caseload::copy(options, cases);
    // The first start finds the file outside the machine's memory, as it was just written.
    drop(place.serve());
    let mut took: Vec<Duration> = (0..TIMES).map(|_| place.serve().took).collect();
    took.sort_unstable();
    let middle = took.get(TIMES / 2).copied().unwrap_or_default();
    let figure = format!("{:.0} ms, {cases} cases", middle.as_secs_f64() * 1e3);
    report.held(
        "start",
        figure,
        String::new(),
        "≤ 100 ms",
        middle <= AIM_START,
    );
    let service = place.serve();
    std::thread::sleep(options.time(3));
    let idle = service.process().memory();
    report.held(
        "idle memory",
        format!("{idle:.1} MB"),
        String::new(),
        "≤ 30 MB",
        idle <= AIM_IDLE_MB,
    );
    drop(service);
    caseload::done(&place);
}

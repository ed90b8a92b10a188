//! The pages that a coordinator opens all day: the worklist, whose cost must not grow with the caseload, and a
//! case's own page.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::caseload;
use super::client::Client;
use super::drive::{Measured, drive};
use super::options::Options;
use super::report::Report;
use super::service::Service;

/// People at work at once.
const CLIENTS: usize = 4;
const LISTS: [&str; 7] = [
    "/cases?view=new",
    "/cases?view=overdue",
    "/cases?view=due_soon",
    "/cases?view=gathering",
    "/cases?view=open",
    "/cases?view=open&sort=death",
    "/cases?view=closed",
];
/// How much dearer the worklist may be in the larger caseload.
const AIM_GROWTH: f64 = 1.2;
const AIM_P95_MS: f64 = 50.0;

/// Somebody signed in on a service.
struct Desk {
    cases: usize,
    service: Service,
    header: String,
    found: Measured,
}

pub fn measure(options: &Options, report: &mut Report) {
    let places: Vec<_> = options
        .cases
        .iter()
        .map(|cases| (*cases, caseload::copy(options, *cases)))
        .collect();
    let mut desks: Vec<Desk> = places
        .iter()
        .map(|(cases, place)| {
            let service = place.serve();
            let (_, header) = service.signed_in();
            Desk {
                cases: *cases,
                service,
                header,
                found: Measured::default(),
            }
        })
        .collect();
    for list in LISTS {
        lists(options, report, &mut desks, list);
    }
    worklist(report, &desks);
    let references = places.last().map(|(_, place)| caseload::references(place));
    if let (Some(desk), Some(references)) = (desks.last(), references) {
        case_page(options, report, desk, &references);
    }
    drop(desks);
    places.iter().for_each(|(_, place)| caseload::done(place));
}

/// One list, in turns in each caseload.
fn lists(options: &Options, report: &mut Report, desks: &mut [Desk], list: &str) {
    let mut each: Vec<Measured> = desks.iter().map(|_| Measured::default()).collect();
    for _ in 0..2 {
        for (desk, found) in desks.iter_mut().zip(&mut each) {
            found.add(visits(desk, CLIENTS, options, 2, &|| list.to_owned()));
        }
    }
    let words: Vec<String> = desks
        .iter()
        .zip(&each)
        .map(|(desk, found)| format!("{:.2} ms at {}", found.cpu_each(), desk.cases))
        .collect();
    report.figure(&format!("`{list}`, CPU"), words.join(", "));
    for (desk, found) in desks.iter_mut().zip(each) {
        desk.found.add(found);
    }
}

fn visits(
    desk: &Desk,
    clients: usize,
    options: &Options,
    seconds: u64,
    path: &(dyn Fn() -> String + Sync),
) -> Measured {
    let client = |_| Client::new(desk.service.address, &desk.header).unwrap();
    let found = drive(
        desk.service.process(),
        clients,
        options.time(seconds),
        client,
        |client| {
            client
                .get(&path())
                .is_ok_and(|reply| reply.head.status == 200)
        },
    );
    assert_eq!(
        found.failed,
        0,
        "{} was not answered as it should be",
        path()
    );
    found
}

fn worklist(report: &mut Report, desks: &[Desk]) {
    let (Some(few), Some(many)) = (desks.first(), desks.last()) else {
        return;
    };
    let growth = many.found.cpu_each() / few.found.cpu_each();
    let figure = format!(
        "{:.2} ms CPU at {}, {:.2} ms at {}",
        few.found.cpu_each(),
        few.cases,
        many.found.cpu_each(),
        many.cases
    );
    report.held(
        "worklist page",
        figure,
        format!("{growth:.2}"),
        "≤ 1.2",
        growth <= AIM_GROWTH,
    );
    within(report, &format!("— p95 at {}", many.cases), &many.found);
}

fn within(report: &mut Report, work: &str, found: &Measured) {
    let p95 = found.within(0.95).as_secs_f64() * 1e3;
    let figure = format!(
        "{p95:.1} ms, {CLIENTS} clients, {:.0}/s",
        found.per_second()
    );
    report.held(work, figure, String::new(), "< 50 ms", p95 < AIM_P95_MS);
}

fn case_page(options: &Options, report: &mut Report, desk: &Desk, references: &[String]) {
    let next = AtomicUsize::new(0);
    // A stride without a common factor with the number of cases comes past each once.
    let path = || {
        let n = next.fetch_add(7_919, Ordering::Relaxed);
        let reference = references.get(n % references.len().max(1));
        format!("/cases/{}", reference.map_or("", String::as_str))
    };
    let found = visits(desk, CLIENTS, options, 10, &path);
    within(
        report,
        &format!("case page, {} cases, p95", desk.cases),
        &found,
    );
    report.figure("— CPU", format!("{:.2} ms", found.cpu_each()));
}

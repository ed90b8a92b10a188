//! A notification posted by another system: checked, kept, recorded and answered after one durable commit.

use std::time::Duration;

use super::client::Client;
use super::drive::{Measured, drive};
use super::empty::Empty;
use super::machine::disk_sync;
use super::options::Options;
use super::report::Report;
use super::service::{Place, Service};
use super::{bare, postgres, sample};

const CLIENTS: [usize; 2] = [8, 32];
/// Of the rows a second that bare SQLite commits 32 at a time.
const AIM_SQLITE: f64 = 0.15;
/// Of the rows a second that pgbench inserts.
const AIM_POSTGRES: f64 = 0.3;
const AIM_CPU_MS: f64 = 0.5;
const AIM_SYNCS: f64 = 60.0;

/// On the embedded database.
pub fn on_sqlite(options: &Options, report: &mut Report) {
    let place = Place::fresh(&options.folder.join("accept"));
    let folder = place.folder();
    let bearer = place.bearer();
    let mut syncs = vec![disk_sync(folder, 200)];
    let mut bare = vec![bare::commits(folder, options.time(8))];
    let service = place.serve();
    let found: Vec<Measured> = CLIENTS
        .iter()
        .map(|clients| posts(&service, &bearer, *clients, options.time(20)))
        .collect();
    drop(service);
    bare.push(bare::commits(folder, options.time(8)));
    syncs.push(disk_sync(folder, 200));
    let syncs: Vec<f64> = syncs.iter().map(|d| d.as_secs_f64() * 1e3).collect();
    let (sync, bare) = (mean(&syncs), mean(&bare));
    report.note(format!(
        "{} answers a notification; one disk sync takes {sync:.2} ms",
        sample::answers()
    ));
    report.figure(
        "bare SQLite, commits of 32 rows",
        format!("{bare:.0} rows/s"),
    );
    nothing(options, report);
    for (clients, found) in CLIENTS.iter().zip(&found) {
        told(
            report,
            &format!("notification accepted, {clients} clients"),
            found,
        );
        let share = found.per_second() / bare;
        report.held(
            "— of bare SQLite",
            format!("{:.0}/s", found.per_second()),
            format!("{share:.2}"),
            "≥ 0.15",
            share >= AIM_SQLITE,
        );
        let p99 = found.within(0.99).as_secs_f64() * 1e3;
        report.held(
            "— p99",
            format!("{p99:.1} ms"),
            format!("{:.0} syncs", p99 / sync),
            "< 60 syncs",
            p99 / sync < AIM_SYNCS,
        );
    }
    drop(std::fs::remove_dir_all(folder));
}

fn mean(all: &[f64]) -> f64 {
    all.iter().sum::<f64>() / all.len().max(1) as f64
}

/// The same posts to a handler that does nothing.
fn nothing(options: &Options, report: &mut Report) {
    let empty = Empty::start();
    for clients in CLIENTS {
        let client = |_| Client::new(empty.address, "").unwrap();
        let found = drive(
            empty.process(),
            clients,
            options.time(6),
            client,
            |client| {
                let (body, _) = sample::body();
                client
                    .ask("POST", "/", "", &body)
                    .is_ok_and(|reply| reply.head.status == 201)
            },
        );
        report.figure(
            &format!("empty actix handler, {clients} clients"),
            format!(
                "{:.0}/s, {:.3} ms CPU each",
                found.per_second(),
                found.cpu_each()
            ),
        );
    }
}

/// What holds on either engine.
fn told(report: &mut Report, work: &str, found: &Measured) {
    if found.failed > 0 {
        report.note(format!("{work}: {} were not accepted", found.failed));
    }
    let cpu = found.cpu_each();
    report.held(
        work,
        format!("{cpu:.2} ms CPU each"),
        String::new(),
        "< 0.5 ms",
        cpu < AIM_CPU_MS,
    );
}

fn posts(service: &Service, bearer: &str, clients: usize, time: Duration) -> Measured {
    let client = |_| Client::new(service.address, bearer).unwrap();
    let first = post(&mut client(0));
    assert_eq!(first.0, 201, "the first notification: {}", first.1);
    drive(service.process(), clients, time, client, |client| {
        post(client).0 == 201
    })
}

fn post(client: &mut Client) -> (u16, String) {
    let (body, n) = sample::body();
    let key = format!("Idempotency-Key: load-{n}\r\n");
    match client.ask("POST", "/api/v1/notifications", &key, &body) {
        Ok(reply) => (reply.head.status, reply.text()),
        Err(e) => (0, e.to_string()),
    }
}

/// On PostgreSQL, where there is one.
pub fn on_postgres(options: &Options, report: &mut Report) {
    let cluster = match postgres::Cluster::start() {
        Ok(cluster) => cluster,
        Err(why) => return report.note(format!("Nothing was measured on PostgreSQL: {why}")),
    };
    let place = Place::fresh(&options.folder.join("accept-postgres"))
        .with_database(&cluster.database("cdr"));
    let bearer = place.bearer();
    let mut bare = vec![cluster.pgbench(options.time(10))];
    let service = place.serve();
    let found = posts(&service, &bearer, 32, options.time(20));
    drop(service);
    bare.push(cluster.pgbench(options.time(10)));
    let bare = mean(&bare);
    report.figure(
        "pgbench inserting an equal row, 32 clients",
        format!("{bare:.0}/s"),
    );
    told(
        report,
        "notification accepted on PostgreSQL, 32 clients",
        &found,
    );
    let share = found.per_second() / bare;
    report.held(
        "— of pgbench",
        format!("{:.0}/s", found.per_second()),
        format!("{share:.2}"),
        "≥ 0.3",
        share >= AIM_POSTGRES,
    );
    drop(std::fs::remove_dir_all(place.folder()));
}

//! The return package, downloaded as a coordinator does: how fast its rows come beside a bare dump, when its
//! first byte comes, what it holds in memory, and that downloads which are cut off leave nothing behind.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use super::bare;
use super::caseload;
use super::client::{Client, FORM};
use super::options::Options;
use super::report::Report;
use super::service::{Service, token};

/// Every review ever finalised and every open case.
const ASK: &str =
    "kind=year_end&from-day=1&from-month=4&from-year=2000&to-day=31&to-month=3&to-year=2040";
/// Rows of the equal table at most.
const MOST: usize = 1_000_000;
const CUT_OFF: usize = 40;
const AIM_ROWS: f64 = 0.3;
const AIM_FIRST_MS: f64 = 20.0;
const AIM_GROWTH_MB: f64 = 16.0;
const AIM_BACK: Duration = Duration::from_secs(5);

pub fn measure(options: &Options, report: &mut Report) {
    for cases in &options.cases {
        let place = caseload::copy(options, *cases);
        let service = place.serve();
        let (mut client, header) = service.signed_in();
        assert_eq!(client.get("/cases").unwrap().head.status, 200);
        let zip = place.folder().join("return.zip");
        let found = download(&mut client, &service, &zip);
        told(options, report, *cases, &found, &zip);
        if *cases == options.smallest() {
            cut_off(report, &service, &header, &zip);
        }
        drop(service);
        caseload::done(&place);
    }
}

struct Downloaded {
    rows: u64,
    first: Duration,
    whole: Duration,
    bytes: u64,
    /// MiB beyond what was held before.
    growth: f64,
    cpu_ms: f64,
}

fn download(client: &mut Client, service: &Service, zip: &Path) -> Downloaded {
    let ask = asked(client);
    let process = service.process();
    process.forget_peak();
    let (before, cpu) = (process.memory(), process.cpu_ms());
    let mut file = File::create(zip).unwrap();
    let (mut first, mut bytes) = (None, 0);
    let begun = Instant::now();
    let head = client
        .begin("POST", "/returns", FORM, ask.as_bytes())
        .unwrap();
    assert_eq!(head.status, 200, "the download was refused");
    client
        .body(&head, &mut |piece| {
            first.get_or_insert_with(|| begun.elapsed());
            bytes += piece.len() as u64;
            file.write_all(piece)
        })
        .unwrap();
    Downloaded {
        whole: begun.elapsed(),
        first: first.unwrap_or_default(),
        bytes,
        growth: process.peak() - before,
        cpu_ms: process.cpu_ms() - cpu,
        rows: rows_of_whole(zip),
    }
}

/// The rows that the manifest counts, after every file was held against its sum.
fn rows_of_whole(path: &Path) -> u64 {
    let mut zip = zip::ZipArchive::new(File::open(path).unwrap()).expect("a whole package");
    let mut text = String::new();
    zip.by_name("manifest.csv")
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headers = reader.headers().unwrap().clone();
    let at = |name: &str| {
        headers
            .iter()
            .position(|h| h == name)
            .expect("a column of the manifest")
    };
    let (name, rows, sum) = (at("name"), at("rows"), at("sha256"));
    reader
        .records()
        .map(|record| {
            let record = record.unwrap();
            let mut file = zip.by_name(&record[name]).unwrap();
            let mut hash = Summed(Sha256::new());
            io::copy(&mut file, &mut hash).unwrap();
            let found: String = hash
                .0
                .finalize()
                .iter()
                .map(|b| format!("{b:02x}"))
                .collect();
            assert_eq!(
                found, record[sum],
                "{} is not what the manifest says",
                &record[name]
            );
            record[rows].parse::<u64>().unwrap()
        })
        .sum()
}

struct Summed(Sha256);

impl Write for Summed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn told(options: &Options, report: &mut Report, cases: usize, found: &Downloaded, zip: &Path) {
    let work = format!("return export, {cases} cases");
    let speed = found.rows as f64 / found.whole.as_secs_f64();
    let figure = format!(
        "{} rows in {:.1} s, {speed:.0} rows/s, {:.0} MB packed, {:.1} µs CPU a row",
        found.rows,
        found.whole.as_secs_f64(),
        found.bytes as f64 / 1e6,
        found.cpu_ms * 1e3 / found.rows.max(1) as f64
    );
    if cases == options.largest() {
        let mut all = zip::ZipArchive::new(File::open(zip).unwrap()).unwrap();
        let folder = zip.parent().unwrap_or(Path::new("."));
        let equal = bare::dump(folder, all.by_name("answer.csv").unwrap(), MOST);
        let words = format!("{:.0} rows/s", equal.library);
        report.figure("bare SQLite with its key, an equal table as CSV", words);
        let beside = equal.tool.unwrap_or(equal.library);
        report.figure(
            &format!("`sqlite3 -csv`, an equal table of {} rows", equal.rows),
            equal
                .tool
                .map_or("not on this machine".into(), |t| format!("{t:.0} rows/s")),
        );
        let share = speed / beside;
        report.held(
            &work,
            figure,
            format!("{share:.2}"),
            "≥ 0.3",
            share >= AIM_ROWS,
        );
    } else {
        report.figure(&work, figure);
    }
    let first = found.first.as_secs_f64() * 1e3;
    report.held(
        "— first byte",
        format!("{first:.1} ms"),
        String::new(),
        "≤ 20 ms",
        first <= AIM_FIRST_MS,
    );
    report.held(
        "— memory growth",
        format!("{:.1} MB", found.growth),
        String::new(),
        "< 16 MB",
        found.growth < AIM_GROWTH_MB,
    );
}

/// Forty downloads begin and their browsers go away.
fn cut_off(report: &mut Report, service: &Service, header: &str, zip: &Path) {
    let process = service.process();
    let before = process.sockets();
    let begun = std::thread::scope(|scope| {
        let all: Vec<_> = (0..CUT_OFF)
            .map(|_| scope.spawn(|| begin_and_go(service, header)))
            .collect();
        all.into_iter()
            .map(|t| t.join().unwrap())
            .filter(|b| *b)
            .count()
    });
    let gone = Instant::now();
    // An export that went on would go on using the processor.
    let back = loop {
        let cpu = process.cpu_ms();
        std::thread::sleep(Duration::from_millis(100));
        let idle = process.cpu_ms() - cpu < 20.0;
        if (idle && process.sockets() <= before) || gone.elapsed() > 4 * AIM_BACK {
            break gone.elapsed();
        }
    };
    let mut client = Client::new(service.address, header).unwrap();
    let next = download(&mut client, service, zip);
    let figure = format!(
        "{begun} had begun; quiet after {:.1} s; the next whole, {} rows",
        back.as_secs_f64(),
        next.rows
    );
    report.held(
        "40 downloads cut off",
        figure,
        String::new(),
        "≤ 5 s",
        back <= AIM_BACK,
    );
}

/// The form as its page would post it: with the page's token.
fn asked(client: &mut Client) -> String {
    let token = token(&client.get("/returns").unwrap().text());
    let pair = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("csrf", &token)
        .finish();
    format!("{pair}&{ASK}")
}

/// Takes a few pieces and goes; says whether the download had begun.
fn begin_and_go(service: &Service, header: &str) -> bool {
    let mut client = Client::new(service.address, header).unwrap();
    let ask = asked(&mut client);
    let Ok(head) = client.begin("POST", "/returns", FORM, ask.as_bytes()) else {
        return false;
    };
    let begun = head.status == 200;
    let mut pieces = 0;
    while begun && pieces < 3 && client.chunk(&mut |_| Ok(())).is_ok_and(|more| more) {
        pieces += 1;
    }
    begun
}

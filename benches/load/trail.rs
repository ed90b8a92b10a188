//! How long it takes to walk the whole audit trail.

use std::sync::Arc;
use std::time::{Duration, Instant};

use cdr::store::events::{NewEvent, record};
use cdr::store::seal::Keyring;
use cdr::store::{Db, StoreError, Target, chain};

use super::options::Options;
use super::report::Report;

const AIM: Duration = Duration::from_secs(60);
const AT_ONCE: usize = 20_000;

pub fn measure(options: &Options, report: &mut Report) {
    let rows = if options.time(10) < Duration::from_secs(10) {
        100_000
    } else {
        1_000_000
    };
    let folder = tempfile::tempdir_in(&options.folder).unwrap();
    let target = Target::Sqlite {
        path: folder.path().join("trail.db"),
        key_hex: "5a".repeat(32),
    };
    let keys = Arc::new(Keyring::new(&[], (1, [1; 32]), [2; 32], [3; 32]));
    let db = Db::start(&target, &keys).unwrap();
    for batch in 0..rows / AT_ONCE {
        db.write::<(), StoreError>(move |tx| {
            (0..AT_ONCE).try_for_each(|n| record(tx, &event(batch, n)))
        })
        .unwrap();
    }
    let begun = Instant::now();
    let head = db.read(|conn| chain::verify(conn, &[])).unwrap().unwrap();
    let took = begun.elapsed();
    assert_eq!(head.seq, i64::try_from(rows).unwrap());
    report.held(
        "audit trail verified",
        format!("{:.1} s, {rows} rows", took.as_secs_f64()),
        String::new(),
        "≤ 60 s at 1,000,000 rows",
        took * (1_000_000 / rows as u32) <= AIM,
    );
}

fn event(batch: usize, n: usize) -> NewEvent {
    NewEvent {
        at: chrono::DateTime::UNIX_EPOCH.naive_utc(),
        actor_kind: "staff".into(),
        actor_id: Some("sample".into()),
        actor_name: Some("Sample Coordinator".into()),
        actor_role: Some("coordinator".into()),
        what: "case_read".into(),
        case_id: Some(format!("case-{batch}")),
        subject_id: None,
        detail: r#"{"what":"case_read"}"#.into(),
        correlation: format!("{batch}-{n}"),
        source: "192.0.2.1".into(),
    }
}

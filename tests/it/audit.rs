//! The audit trail cannot be changed unseen: what the database refuses, and what the chain tells when the database
//! was made to allow it.

use cdr::casework::audit::{Wanted, checkpoint, export, read_checkpoint, verify};
use cdr::casework::{Error, found_damaged, notify, people};
use cdr::domain::actor::{Actor, Role};
use cdr::jobs::checkpoint::{begin, keep};
use cdr::store::chain::{Broken, Head, How};
use cdr::store::schema::events;
use cdr::store::{self, Engine};
use chrono::NaiveDateTime;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;

use super::support::journey::{fill_form, send_answers};
use super::support::{Sample, Service, given};
use super::transfers;
use crate::both_engines;

/// The columns of the trail but for the number.
const COLUMNS: &str = "at, actor_kind, actor_id, actor_name, actor_role, what, case_id, subject_id, detail, correlation, source, mac";

/// A statement past the service; what the database says against it.
fn sql(service: &Service, statement: &str) -> Result<(), String> {
    let done = match &mut service.database.conn() {
        Engine::Sqlite(c) => c.batch_execute(statement),
        Engine::Postgres(c) => c.batch_execute(statement),
    };
    done.map_err(|e| e.to_string())
}

/// Makes the database allow what it refuses, as its owner could.
fn unguarded(service: &Service) {
    let statement = match service.database.conn() {
        Engine::Sqlite(_) => {
            "DROP TRIGGER events_never_change; DROP TRIGGER events_never_go; DROP TRIGGER events_at_the_end;"
        }
        Engine::Postgres(_) => "ALTER TABLE events DISABLE TRIGGER USER;",
    };
    sql(service, statement).unwrap();
}

fn walked(service: &Service, kept: Option<&Head>) -> Result<Head, Broken> {
    let ctx = service.context(Actor::operator());
    let kept = kept.map_or(&[][..], std::slice::from_ref);
    service.read(|conn| verify(conn, &ctx, kept))
}

fn broken(seq: i64, how: How) -> Result<Head, Broken> {
    Err(Broken { seq, how })
}

/// Writes the codes from a row on anew, as whoever has another key would.
fn rewritten(service: &Service, from: i64) {
    type Sealed = Option<Vec<u8>>;
    type Text = Option<String>;
    type Stored = (
        i64,
        NaiveDateTime,
        String,
        Text,
        Sealed,
        Text,
        String,
        Text,
        Text,
        Vec<u8>,
        String,
        String,
        Vec<u8>,
    );
    let mut conn = service.database.conn();
    let rows: Vec<Stored> = events::table
        .filter(events::seq.ge(from - 1))
        .order(events::seq)
        .load(&mut conn)
        .unwrap();
    let mut before = rows[0].12.clone();
    for row in &rows[1..] {
        let (seq, at) = (
            row.0.to_be_bytes(),
            row.1.and_utc().timestamp_micros().to_be_bytes(),
        );
        let text = |text: &Text| text.as_ref().map(|text| text.as_bytes().to_vec());
        let parts = [
            Some(before.clone()),
            Some(seq.to_vec()),
            Some(at.to_vec()),
            Some(row.2.as_bytes().to_vec()),
            text(&row.3),
            row.4.clone(),
            text(&row.5),
            Some(row.6.as_bytes().to_vec()),
            text(&row.7),
            text(&row.8),
            Some(row.9.clone()),
            Some(row.10.as_bytes().to_vec()),
            Some(row.11.as_bytes().to_vec()),
        ];
        let mut mac = Hmac::<Sha256>::new_from_slice(b"another key, of somebody else...").unwrap();
        for part in parts {
            let bytes = part.clone().unwrap_or_default();
            mac.update(&[u8::from(part.is_some())]);
            mac.update(&u64::try_from(bytes.len()).unwrap().to_be_bytes());
            mac.update(&bytes);
        }
        before = mac.finalize().into_bytes().to_vec();
        diesel::update(events::table.find(row.0))
            .set(events::mac.eq(&before))
            .execute(&mut conn)
            .unwrap();
    }
}

/// A used service: the number of its events.
fn used(service: &Service) -> Head {
    given::case(service, 1);
    let head = walked(service, None).unwrap();
    assert!(head.seq >= 5, "{head:?}");
    head
}

/// One more event.
fn more(service: &Service) {
    service
        .write(Actor::public(), |tx, ctx| notify::begin(tx, ctx).map(drop))
        .unwrap();
}

/// The numbers in a file of the trail, and how many lines it has below the names of its columns.
fn numbers(csv: &[u8]) -> Vec<i64> {
    let mut rows = csv::Reader::from_reader(csv);
    let all = rows.records().map(Result::unwrap);
    all.map(|row| row[0].parse().unwrap()).collect()
}

both_engines! {
    async fn the_auditors_file_has_every_line_and_says_how_many(service) {
        let head = used(service);
        let ctx = service.context(Actor::staff("sample", "Sample", Role::Auditor, None));
        let mut export = service.read(|conn| export(conn, &ctx, &Wanted::default()));
        // What happens while it is made is not in it.
        more(service);
        let (mut file, mut stretches) = (Vec::new(), 0);
        while let Some(some) = service.read(|conn| export.next(conn, 2)) {
            file.extend(some);
            stretches += 1;
            more(service);
        }
        let found = numbers(&file);
        let all: Vec<i64> = (1..=head.seq).rev().collect();
        assert_eq!(found, all, "each once, the newest first");
        assert_eq!(export.lines, head.seq);
        assert!(stretches > 2, "in more than one piece");
        let auditor = service.signed_in(Role::Auditor).await;
        let page = auditor.get("/admin/audit/download").await.is(200);
        let lines: usize = page.header("x-lines").parse().unwrap();
        assert_eq!(numbers(page.text.as_bytes()).len(), lines);
        assert!(page.header("content-disposition").contains("audit.csv"));
        let none = auditor.get("/admin/audit/download?case=KM-1999-0001").await.is(200);
        assert_eq!((none.header("x-lines"), none.text.lines().count()), ("0", 1));
        let noted = service.read(|conn| Ok(cdr::store::events::latest(conn, "audit_exported", 9)?));
        assert!(noted.iter().any(|event| event.detail.contains(&format!("\"rows\":{lines}"))), "with its number of lines");
    }

    async fn the_database_refuses_to_change_or_drop_what_happened(service) {
        used(service);
        let copy = |seq: &str| format!("INTO events (seq, {COLUMNS}) SELECT {seq}, {COLUMNS} FROM events WHERE seq = 3");
        let mut statements = vec![
            "UPDATE events SET what = 'other' WHERE seq = 2".to_owned(),
            "DELETE FROM events WHERE seq = 2".to_owned(),
            "DELETE FROM events".to_owned(),
            format!("INSERT {} ON CONFLICT (seq) DO UPDATE SET what = 'other'", copy("2")),
            format!("INSERT {}", copy("0")),
            format!("INSERT {}", copy("-1")),
        ];
        if let Engine::Sqlite(_) = service.database.conn() {
            statements.extend([format!("INSERT OR REPLACE {}", copy("2")), format!("REPLACE {}", copy("1"))]);
            statements.push("UPDATE OR REPLACE events SET seq = 2 WHERE seq = 3".to_owned());
        }
        for statement in statements {
            let said = sql(service, &statement).unwrap_err();
            assert!(said.contains("only ever added to"), "{statement}: {said}");
        }
        walked(service, None).unwrap();
    }

    async fn an_edit_is_found(service) {
        used(service);
        unguarded(service);
        sql(service, "UPDATE events SET what = 'other' WHERE seq = 3").unwrap();
        assert_eq!(walked(service, None), broken(3, How::Changed));
    }

    async fn a_removed_middle_is_found(service) {
        used(service);
        unguarded(service);
        sql(service, "DELETE FROM events WHERE seq = 3").unwrap();
        assert_eq!(walked(service, None), broken(3, How::Missing));
    }

    async fn a_removed_middle_whose_numbers_were_closed_up_is_found(service) {
        used(service);
        unguarded(service);
        sql(service, "DELETE FROM events WHERE seq = 3; UPDATE events SET seq = -seq WHERE seq > 3; UPDATE events SET seq = -seq - 1 WHERE seq < 0").unwrap();
        assert_eq!(walked(service, None), broken(3, How::Missing));
    }

    async fn two_rows_in_each_others_place_are_found(service) {
        used(service);
        unguarded(service);
        let swap = |a: i64, b: i64| {
            let to = |from: i64, to: i64| format!("UPDATE events SET seq = {to} WHERE seq = {from};");
            sql(service, &[to(a, -a), to(b, a), to(-a, b)].concat()).unwrap();
        };
        for (a, b) in [(3, 4), (2, 5)] {
            swap(a, b);
            assert_eq!(walked(service, None), broken(a, How::Moved));
            swap(a, b);
        }
        // One to an earlier place, the others after it.
        sql(service, "UPDATE events SET seq = -3 WHERE seq = 5; UPDATE events SET seq = 5 WHERE seq = 4; UPDATE events SET seq = 4 WHERE seq = 3; UPDATE events SET seq = 3 WHERE seq = -3").unwrap();
        assert_eq!(walked(service, None), broken(3, How::Moved));
    }

    async fn a_row_that_was_put_in_is_found(service) {
        let head = used(service);
        let next = head.seq + 1;
        sql(service, &format!("INSERT INTO events (seq, {COLUMNS}) SELECT {next}, {COLUMNS} FROM events WHERE seq = 2")).unwrap();
        assert_eq!(walked(service, None), broken(next, How::Inserted));
    }

    async fn a_row_that_was_put_in_the_middle_is_found(service) {
        used(service);
        unguarded(service);
        let room = "UPDATE events SET seq = -seq - 1 WHERE seq >= 3; UPDATE events SET seq = -seq WHERE seq < 0;";
        let row = format!("INSERT INTO events (seq, {COLUMNS}) SELECT 3, {COLUMNS} FROM events WHERE seq = 2;");
        // With a code that was never another row's.
        sql(service, &format!("{room}{row} UPDATE events SET mac = detail WHERE seq = 3")).unwrap();
        assert_eq!(walked(service, None), broken(3, How::Inserted));
        // A copy with its code.
        sql(service, "UPDATE events SET mac = (SELECT mac FROM events AS e WHERE e.seq = 2) WHERE seq = 3").unwrap();
        assert_eq!(walked(service, None), broken(3, How::Inserted));
    }

    async fn a_row_that_was_put_before_the_first_is_found(service) {
        used(service);
        unguarded(service);
        sql(service, &format!("INSERT INTO events (seq, {COLUMNS}) SELECT -4, {COLUMNS} FROM events WHERE seq = 2")).unwrap();
        assert_eq!(walked(service, None), broken(-4, How::Inserted));
    }

    async fn a_rewrite_without_the_key_is_found(service) {
        let head = used(service);
        unguarded(service);
        sql(service, "UPDATE events SET what = 'other' WHERE seq = 3").unwrap();
        rewritten(service, 3);
        assert_eq!(walked(service, None), broken(3, How::Unkeyed));
        assert_eq!(walked(service, Some(&head)), broken(3, How::Unkeyed));
    }

    async fn the_newest_row_that_was_changed_is_found(service) {
        let head = used(service);
        unguarded(service);
        sql(service, &format!("UPDATE events SET what = 'other' WHERE seq = {}", head.seq)).unwrap();
        assert_eq!(walked(service, None), broken(head.seq, How::Unkeyed));
    }

    async fn a_cut_end_is_found_against_the_checkpoint(service) {
        let whole = used(service);
        service.signed_in(Role::Coordinator).await;
        let head = walked(service, None).unwrap();
        unguarded(service);
        sql(service, &format!("DELETE FROM events WHERE seq > {}", whole.seq)).unwrap();
        assert!(walked(service, None).is_ok(), "the chain alone cannot tell");
        assert_eq!(walked(service, Some(&head)), broken(whole.seq + 1, How::Cut), "the session is there");
    }

    async fn an_old_copy_is_found_against_the_checkpoint(service) {
        let old = used(service);
        more(service);
        let head = walked(service, None).unwrap();
        unguarded(service);
        // As it all was before: nothing else tells of what came after.
        sql(service, &format!("DELETE FROM events WHERE seq > {}", old.seq)).unwrap();
        assert_eq!(walked(service, Some(&head)), broken(old.seq + 1, How::Short));
        assert!(How::Short.words().contains("an old copy was put back"));
    }

    async fn an_old_copy_that_went_on_is_found_against_the_checkpoint(service) {
        let head = used(service);
        unguarded(service);
        sql(service, &format!("DELETE FROM events WHERE seq > {}", head.seq - 2)).unwrap();
        for _ in 0..5 {
            more(service);
        }
        assert!(walked(service, None).is_ok(), "it was written with the key");
        assert_eq!(walked(service, Some(&head)), broken(head.seq, How::Rewritten));
    }

    async fn a_checkpoint_holds_only_as_it_was_signed(service) {
        let head = used(service);
        let ctx = service.context(Actor::operator());
        let line = checkpoint(&ctx, &head);
        assert_eq!(read_checkpoint(&ctx.house, &line), Some(head.clone()));
        let other = line.replace(&format!("\"seq\":{}", head.seq), &format!("\"seq\":{}", head.seq - 1));
        assert_ne!(other, line);
        assert_eq!(read_checkpoint(&ctx.house, &other), None);
        assert_eq!(read_checkpoint(&ctx.house, "{}"), None);
    }

    async fn a_checkpoint_that_the_trail_does_not_reach_is_left_as_proof(service) {
        let head = used(service);
        let (file, ctx) = (service.app.checkpoint.clone(), service.context(Actor::operator()));
        let anchor = service.database.folder().join("anchor");
        let anchored = cdr::config::Anchor::File(anchor.clone());
        let kept = || keep(&service.app.db, &ctx, &file, Some(&anchored));
        assert!(kept().unwrap_err().contains("--begin"), "over rows that are there only a person begins one");
        assert!(!file.exists());
        begin(&service.app.db, &ctx, &file, Some(&anchored)).unwrap();
        let line = std::fs::read_to_string(&file).unwrap();
        assert_eq!(read_checkpoint(&ctx.house, &line), Some(head.clone()));
        more(service);
        kept().unwrap();
        let later = std::fs::read_to_string(&file).unwrap();
        assert_eq!(std::fs::read_to_string(&anchor).unwrap(), format!("{line}{later}"));
        // An old data folder was put back, and the trail went on from there.
        more(service);
        std::fs::write(&anchor, format!("{line}{later}").replace(&format!("\"seq\":{}", head.seq + 1), "\"seq\":1")).unwrap();
        assert!(kept().unwrap_err().contains("anchor"), "a line that was not signed so");
        std::fs::write(&anchor, format!("{line}{later}")).unwrap();
        unguarded(service);
        sql(service, &format!("DELETE FROM events WHERE seq > {}", head.seq - 1)).unwrap();
        assert!(kept().unwrap_err().contains("audit verify"));
        assert_eq!(std::fs::read_to_string(&file).unwrap(), later);
        std::fs::remove_file(&file).unwrap();
        assert!(kept().unwrap_err().contains("--begin"));
        assert!(!file.exists());
    }

    async fn a_change_is_kept_with_what_stood_before(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let case = given::case(service, 1);
        transfers::furnished(service, &coordinator, &case).await;
        let id = service.add_user("other@cdr.example", Role::Analyst);
        service.write(Actor::operator(), move |tx, ctx| {
            let to = people::Change { role: Role::Executive, organisation: None, active: true, version: 1 };
            people::change(tx, ctx, &id, &to)
        }).unwrap();
        let at = |rest: &str| format!("/cases/{}/{rest}", case.reference);
        let (line, process) = service.read(|conn| {
            Ok((store::family::of_case(conn, &case.id)?.remove(0).id, store::processes::of_case(conn, &case.id)?.remove(0).id))
        });
        let path = at(&format!("family/people/{line}"));
        let mut form = coordinator.get(&path).await.is(200).form_to(&path);
        coordinator.submit(form.set("name", "Sample Other")).await.is(303);
        let path = at(&format!("processes/{process}"));
        let mut form = coordinator.get(&path).await.is(200).form_to(&path);
        coordinator.submit(form.set("lead_body", "Sample body")).await.is(303);
        let path = at("analysis/cause");
        let mut form = coordinator.get(&path).await.is(200).form_to(&path);
        coordinator.submit(form.set("cause_as_understood", "Sample cause")).await.is(303);
        let newest = |what: &str| {
            let row = service.read(|conn| Ok(store::events::latest(conn, what, 1)?)).remove(0);
            let detail: serde_json::Value = serde_json::from_str(&row.detail).unwrap();
            (detail["before"].clone(), detail["after"].clone())
        };
        assert_eq!(newest("user_changed"), (json!({"role": "analyst"}), json!({"role": "executive"})));
        assert_eq!(newest("family_changed"), (json!({"name": "Sample Mother"}), json!({"name": "Sample Other"})));
        assert_eq!(newest("process_changed"), (json!({"lead_body": null}), json!({"lead_body": "Sample body"})));
        let (before, after) = newest("analysis_saved");
        assert!(before.get("cause_as_understood").is_none(), "{before}");
        assert_eq!(after["cause_as_understood"], "Sample cause");
        let (before, after) = newest("meeting_people_changed");
        assert_eq!((before, &after["name"]), (serde_json::Value::Null, &json!("Sample Officer")));
    }

    async fn a_missing_checkpoint_is_told_to_auditors_and_operators(service) {
        used(service);
        let auditor = service.signed_in(Role::Auditor).await;
        auditor.get("/admin/audit").await.is(200).says("There is no checkpoint").says("The trail may have been changed");
        auditor.get("/metrics").await.is(200).says("cdr_audit_checkpoint 0");
        begin(&service.app.db, &service.context(Actor::operator()), &service.app.checkpoint, None).unwrap();
        auditor.get("/admin/audit").await.is(200).never_says("There is no checkpoint").never_says("The trail may have been changed");
        auditor.get("/metrics").await.is(200).says("cdr_audit_checkpoint 1");
    }

    async fn fifty_at_once_leave_one_chain_without_gaps(service) {
        let head = used(service);
        let threads: Vec<_> = (0..50).map(|n| {
            let (db, ctx) = (service.app.db.clone(), service.context(Actor::public()));
            std::thread::spawn(move || loop {
                let ctx = ctx.clone();
                let done = db.write(move |tx| found_damaged(tx, &ctx, "sample", &n.to_string()));
                match done {
                    // Fifty ask ten connections: some are told to come back.
                    Err(cdr::casework::Error::Unavailable) => {}
                    done => return done.unwrap(),
                }
            })
        }).collect();
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(walked(service, Some(&head)).unwrap().seq, head.seq + 50);
    }

    async fn a_sealed_value_in_anothers_place_shows_as_damaged_and_is_noted(service) {
        let (one, other) = (given::case(service, 1), given::case(service, 2));
        let swap = "UPDATE cases SET display_name = (SELECT display_name FROM cases AS c WHERE c.id = '{b}') WHERE id = '{a}'";
        sql(service, &swap.replace("{a}", &one.id).replace("{b}", &other.id)).unwrap();
        let coordinator = service.signed_in(Role::Coordinator).await;
        let page = coordinator.get(&format!("/cases/{}", one.reference)).await.is(500);
        page.says("This record is damaged").never_says("Testfamily");
        coordinator.get("/cases?view=gathering").await.is(200).says("Damaged record").says("Testfamily2");
        let noted = service.read(|conn| Ok(cdr::store::events::latest(conn, "record_found_damaged", 5)?));
        assert!(noted.iter().any(|e| e.subject_id.as_deref() == Some(one.id.as_str()) && e.actor_role.as_deref() == Some("coordinator")), "{noted:?}");
    }

    async fn an_agencys_answer_in_anothers_place_or_with_a_bit_flipped_shows_as_damaged(service) {
        use cdr::store::schema::responses;
        let mut answers = Vec::new();
        for (n, agency) in [(1, "gp"), (2, "police")] {
            let case = given::case(service, n);
            let request = given::request(service, &case, agency, &["reporting"]).id;
            let (browser, home) = given::opened_link(service, &format!("{agency}@cdr.example")).await;
            fill_form(&browser, &format!("{home}/forms/reporting"), &Sample::answer()).await;
            send_answers(&browser, &home).await;
            let sealed: Vec<u8> = responses::table.filter(responses::request_id.eq(&request))
                .select(responses::answers).get_result(&mut service.database.conn()).unwrap();
            answers.push((format!("/cases/{}/requests/{request}", case.reference), request, sealed));
        }
        let put = |request: &str, bytes: &[u8]| {
            diesel::update(responses::table.filter(responses::request_id.eq(request)))
                .set(responses::answers.eq(bytes)).execute(&mut service.database.conn()).unwrap();
        };
        let coordinator = service.signed_in(Role::Coordinator).await;
        let noted = || service.read(|conn| Ok(store::events::latest(conn, "record_found_damaged", 50)?)).len();
        let (path, request, whole) = &answers[0];
        let mut flipped = whole.clone();
        *flipped.last_mut().unwrap() ^= 1;
        for (n, bent) in [&answers[1].2, &flipped].into_iter().enumerate() {
            put(request, bent);
            coordinator.get(path).await.is(500).says("This record is damaged").never_says("Sample practitioner");
            assert_eq!(noted(), n + 1);
            coordinator.get(&answers[1].0).await.is(200);
        }
        put(request, whole);
        coordinator.get(path).await.is(200);
        assert_eq!(noted(), 2);
    }

    async fn what_is_met_damaged_is_put_down_to_whoever_met_it(service) {
        let id = service.add_user("bent@cdr.example", Role::Analyst);
        sql(service, &format!("UPDATE users SET name = email WHERE id = '{id}'")).unwrap();
        let coordinator = service.signed_in(Role::Coordinator).await;
        let noted = || {
            let rows = service.read(|conn| Ok(store::events::latest(conn, "record_found_damaged", 50)?));
            rows.into_iter().map(|row| (row.subject_id, row.actor_kind)).collect::<Vec<_>>()
        };
        // Work that keeps no account of what it met, as a job's, and what failed, on every connection there is.
        for fails in [true, false].repeat(12) {
            let met: Result<(), Error> = service.app.db.read(|conn| {
                let all = store::accounts::list(conn)?;
                if fails || all.is_empty() { Err(Error::NotFound) } else { Ok(()) }
            });
            assert_eq!(met.is_err(), fails);
        }
        let failed: Result<(), Error> = service.write(Service::coordinator(), |tx, _| {
            store::accounts::list(tx.conn())?;
            Err(Error::NotFound)
        });
        assert!(failed.is_err());
        for _ in 0..8 {
            coordinator.get("/account").await.is(200);
        }
        coordinator.post("/sign-out", &[]).await;
        assert_eq!(noted(), []);
        // A verb that comes upon it on its way puts it down itself.
        service.write(Actor::operator(), |tx, ctx| {
            store::accounts::list(tx.conn())?;
            found_damaged(tx, ctx, "sample", "beside")
        }).unwrap();
        let operator = "operator".to_owned();
        assert_eq!(noted(), [(Some("beside".to_owned()), operator.clone()), (Some(id), operator)]);
    }
}

#[test]
fn each_way_is_named_by_words_of_its_own() {
    let all = [
        How::Missing,
        How::Changed,
        How::Moved,
        How::Inserted,
        How::Unkeyed,
        How::Rewritten,
        How::Cut,
        How::Short,
    ];
    let words: std::collections::BTreeSet<&str> = all.iter().map(|how| how.words()).collect();
    assert_eq!(words.len(), all.len());
}

//! Notifications from a file: judged row by row, taken over as a whole, and undone.

use cdr::casework::imports::{self, Became};
use cdr::domain::actor::{Actor, Role};
use cdr::store::{events, imports as kept, notifications};

use super::backups::checksum;
use super::support::sample::nhs_number;
use super::support::{Browser, Engine, Page, Service, given, on};
use crate::both_engines;

const HEAD: &str = "referrer_name,referrer_email,nhs_number,child_surname,child_forenames,date_of_birth,date_of_death,sex,multiple_birth,agencies_involved.agency,agencies_involved.email,alert_theme";

fn row(number: &str, surname: &str, forenames: &str, born: &str, died: &str, twin: &str) -> String {
    format!(
        "Sample Feed,feed@nhs.net,{number},{surname},{forenames},{born},{died},female,{twin},gp,gp@cdr.example,"
    )
}

/// A row of child number `n`, of whom no more than the first facts are known.
fn child(n: u32) -> String {
    let (number, surname) = (nhs_number(n), format!("Testfamily{n}"));
    row(
        &number,
        &surname,
        &format!("Samplechild{n}"),
        "09/02/2024",
        "27/03/2026",
        "",
    )
}

fn file(rows: &[String]) -> String {
    format!("{HEAD}\n{}\n", rows.join("\n"))
}

async fn upload(browser: &Browser, to: &str, text: &str) -> Page {
    browser
        .upload(to, &[], ("notifications.csv", text.as_bytes()))
        .await
}

async fn check(browser: &Browser, text: &str) -> Page {
    upload(browser, "/imports", text).await
}

/// Checks a file that can be read, and opens what was found.
async fn checked(browser: &Browser, text: &str) -> Page {
    let to = check(browser, text).await.is(303).location().unwrap();
    browser.get(&to).await.is(200)
}

fn received(service: &Service) -> Vec<String> {
    let rows = service.read(|conn| Ok(notifications::in_state(conn, "received", None, 10_000)?));
    rows.into_iter().map(|row| row.reference).collect()
}

both_engines! {
    async fn only_what_is_new_is_written_and_not_before_it_is_taken_over(service) {
        let known = given::case(service, 1);
        let waiting = given::notification(service, &given::answers(2));
        let coordinator = service.signed_in(Role::Coordinator).await;
        let mails = service.mails().len();
        let text = file(&[
            child(1), child(2), child(3), child(3),
            row("", "Testfamily4", "Ada", "01/03/2026", "02/03/2026", "twin"),
            row("", "Testfamily4", "Bea", "01/03/2026", "02/03/2026", "Twin"),
            row("", "", "Nobody", "2026-02-30", "27/03/2026", ""),
            "too,few".into(),
        ]);
        let page = checked(&coordinator, &text).await
            .says("Nothing has been written yet. 3 would be created; 3 are known already; 2 cannot be taken")
            .says(&format!("Matches {}", known.reference)).says(&format!("Matches {}", waiting.reference)).says("Matches row 4")
            .says("It may be a twin").says("child_surname : ").says("date_of_birth : ").says("another number of cells")
            .never_says("Nobody");
        assert_eq!(received(service), std::slice::from_ref(&waiting.reference), "nothing was written");
        coordinator.get(&format!("{}?show=refused", page.path)).await.is(200).says("Rows 1 to 2 of 2").never_says("Known already");
        coordinator.submit(&page.form_with("Take over what is new")).await.is(303).moved_to(&page.path);
        assert_eq!(received(service).len(), 4);
        assert_eq!(service.mails().len(), mails, "whoever imports knows of it");
        let after = coordinator.get(&page.path).await.is(200).says("3 created").says("to be completed");
        let (_, to) = after.links().into_iter().find(|(_, to)| to.starts_with("/cases/notifications/")).unwrap();
        coordinator.get(&to).await.is(200).says("Samplechild3 Testfamily3");
        // The same button again, and the same file again, write nothing.
        coordinator.submit(&page.form_with("Take over what is new")).await.is(409);
        checked(&coordinator, &text).await.says("0 would be created").never_says("Take over what is new");
        let written = service.read(|conn| Ok(events::latest(conn, "notifications_imported", 10)?));
        assert_eq!(written.len(), 1);
    }

    async fn a_row_that_was_known_by_what_is_undone_is_asked_for_again(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let first = checked(&coordinator, &file(&[child(1), child(2)])).await;
        coordinator.submit(&first.form_with("Take over what is new")).await.is(303);
        let second = checked(&coordinator, &file(&[child(2), child(3)])).await.says("1 would be created; 1 is known already");
        coordinator.submit(&second.form_with("Take over what is new")).await.is(303);
        let page = coordinator.get(&first.path).await;
        coordinator.submit(&page.form_with("Undo the import")).await.is(303);
        coordinator.get(&first.path).await.is(200).says("2 removed").says("Import that row again too");
        coordinator.get(&format!("{}?show=refused", second.path)).await.is(200).says("Rows 1 to 1 of 1").says("Import this row again");
        checked(&coordinator, &file(&[child(2), child(3)])).await.says("1 would be created; 1 is known already");
    }

    async fn the_second_of_two_babies_without_a_name_is_not_lost(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let text = file(&[
            row(&nhs_number(7), "Testfamily7", "Baby", "01/03/2026", "02/03/2026", "twin"),
            row("", "Testfamily7", "Baby", "01/03/2026", "02/03/2026", "twin"),
        ]);
        let page = checked(&coordinator, &text).await.says("2 would be created").says("It may be a twin");
        coordinator.submit(&page.form_with("Take over what is new")).await.is(303);
        assert_eq!(received(service).len(), 2);
        // The feed has a number for each child: its rows are told apart, and known again.
        let head = format!("{HEAD},notification_route,cascade_record_id");
        let listed = |number: &str| format!("{},mbrrace_cascade,{number}", row("", "Testfamily8", "Baby", "01/03/2026", "02/03/2026", "twin"));
        let text = format!("{head}\n{}\n{}\n", listed("N1"), listed("N2"));
        let page = checked(&coordinator, &text).await.says("2 would be created");
        coordinator.submit(&page.form_with("Take over what is new")).await.is(303);
        let text = format!("{head}\n{}\n{}\n{}\n", listed("N1"), listed("N2"), listed("N3"));
        checked(&coordinator, &text).await.says("1 would be created; 2 are known already");
    }

    async fn an_import_is_undone_but_for_what_was_decided(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let before = received(service);
        let page = checked(&coordinator, &file(&[child(1), child(2), child(3)])).await;
        coordinator.submit(&page.form_with("Take over what is new")).await.is(303);
        let page = coordinator.get(&page.path).await;
        let (reference, to) = page.links().into_iter().find(|(_, to)| to.starts_with("/cases/notifications/")).unwrap();
        let mut form = coordinator.get(&to).await.is(200).form_with("Save the decision");
        form.set("decision", "excluded_stillbirth").set("reason", "A synthetic reason.");
        coordinator.submit(&form).await.is(303);
        coordinator.submit(&page.form_with("Undo the import")).await.is(303);
        let page = coordinator.get(&page.path).await.is(200).says("2 removed, 1 kept").says(&reference).says("Removed").never_says("Undo the import");
        assert_eq!(received(service), before, "as it was");
        coordinator.post(&format!("{}/undo", page.path), &[]).await.is(409);
        // What was taken out is new again; what stayed is known.
        let page = checked(&coordinator, &file(&[child(1), child(2), child(3)])).await.says("2 would be created; 1 is known already");
        coordinator.submit(&page.form_with("Discard the file")).await.is(303).moved_to("/imports");
        coordinator.get("/imports").await.is(200).says("Discarded");
        let rows = service.read(|conn| Ok(kept::latest(conn, 10)?));
        let one = service.read(|conn| Ok(kept::get(conn, &rows[0].id)?)).unwrap();
        assert!(rows.len() == 2 && one.content.is_empty() && one.lines == "[]", "nothing is kept of it");
    }

    async fn what_an_import_wrote_is_gone_without_a_trace_but_in_the_trail(service) {
        let waiting = given::notification(service, &given::answers(9));
        let coordinator = service.signed_in(Role::Coordinator).await;
        // The file and what was found in it, the trail, the session of whoever does it, and counts that are put together
        // anew at any time, tell of it.
        let beside = ["imports", "events", "sessions", "kept_counts"];
        let before = service.read(|conn| Ok(checksum(conn, &beside)?));
        let page = checked(&coordinator, &file(&[child(1), child(2), child(3)])).await;
        coordinator.submit(&page.form_with("Take over what is new")).await.is(303);
        assert_eq!(received(service).len(), 4);
        assert_ne!(service.read(|conn| Ok(checksum(conn, &beside)?)), before);
        let page = coordinator.get(&page.path).await;
        coordinator.submit(&page.form_with("Undo the import")).await.is(303);
        let after = service.read(|conn| Ok(checksum(conn, &beside)?));
        let other: Vec<&String> = before.iter().zip(&after).filter(|(a, b)| a != b).map(|(a, _)| &a.0).collect();
        assert!(other.is_empty(), "{other:?}");
        assert_eq!(received(service), std::slice::from_ref(&waiting.reference));
    }

    async fn kept_rows_tell_nothing_of_a_case_that_was_restricted_since(service) {
        let (case, other) = (given::case(service, 1), given::case(service, 2));
        let coordinator = service.signed_in(Role::Coordinator).await;
        let page = checked(&coordinator, &file(&[child(1), child(2)])).await
            .says(&format!("Matches {}", case.reference)).says(&format!("Matches {}", other.reference));
        let id = service.add_user("named@cdr.example", Role::Coordinator);
        let (reference, version) = (case.reference.clone(), given::find(service, &case.reference).version);
        let actor = Actor::staff(&id, "Sample Named", Role::Coordinator, None);
        service.write(actor, move |tx, ctx| cdr::casework::restrict::restrict(tx, ctx, &reference, version, &[id], "A colleague’s child")).unwrap();
        coordinator.get(&page.path).await.is(200).never_says(&case.reference).says(&format!("Matches {}", other.reference));
        service.signed_in_as("named@cdr.example").get(&page.path).await.is(200).says(&format!("Matches {}", case.reference));
    }

    async fn a_file_that_cannot_be_read_is_named_and_others_may_not_import(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        for (text, words) in [
            ("", "Choose a CSV file"), (HEAD, "holds no row below its first"),
            ("child_surname,shoe_size,colour\na,b,c", "Column “shoe_size” is no question"),
            ("child_surname,child_surname\na,b", "stands in the file twice"),
            ("record_status\nreceived", "Column “record_status” is no question"),
        ] {
            check(&coordinator, text).await.is(422).faults(words, "#file");
        }
        check(&coordinator, "child_surname,shoe_size,colour\na,b,c").await.says("Column “colour”");
        for role in [Role::DesignatedDoctor, Role::Auditor] {
            let other = service.signed_in(role).await;
            other.get("/imports").await.is(403);
            check(&other, &file(&[child(1)])).await.is(403);
        }
        let page = checked(&coordinator, &file(&[child(1)])).await;
        let other = service.signed_in(Role::Administrator).await;
        other.post(&format!("{}/commit", page.path), &[]).await.is(403);
        assert!(received(service).is_empty());
    }

    async fn registered_deaths_are_notified_or_not_or_not_ours(service) {
        let known = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        coordinator.get("/registered-deaths").await.is(200);
        let list = format!("nhs_number,child_surname,child_forenames,date_of_birth,date_of_death,normally_resident_la\n\
            {},Testfamily1,Samplechild1,09/02/2024,27/03/2026,E10000016\n\
            ,Testfamily2,Samplechild2,10/02/2024,27/03/2026,E10000016\n\
            ,Testfamily3,Samplechild3,10/02/2024,27/03/2026,E09000001\n\
            ,Testfamily4,Samplechild4,27/03/2008,27/03/2026,E10000016\n\
            ,,Samplechild5,,31/04/2026,\n", nhs_number(1));
        upload(&coordinator, "/registered-deaths", &list).await.is(200)
            .says("1 notified, 1 not notified, 2 not ours, 1 cannot be read").says(&format!("It is {}", known.reference))
            .never_says("Samplechild2").never_says("Testfamily2");
        assert!(received(service).is_empty());
        assert_eq!(service.read(|conn| Ok(events::latest(conn, "registered_deaths_compared", 10)?)).len(), 1);
        upload(&coordinator, "/registered-deaths", "shoe_size\n4").await.is(422).faults("is no question", "#file");
        let other = service.signed_in(Role::Administrator).await;
        other.get("/registered-deaths").await.is(403);
        upload(&other, "/registered-deaths", &list).await.is(403);
    }
}

/// On one engine: what is looked at are the rules, and they take a while without optimising.
#[test]
fn five_thousand_rows_with_two_hundred_faults_are_all_found_and_put_right() {
    on(Engine::Sqlite, five_thousand);
}

/// What a faulty row says instead, by the places of its cells, and the columns in which that is found.
type Wrong = (&'static [(usize, &'static str)], &'static [&'static str]);

/// Nine kinds of faulty rows, one of them with two faults.
const WRONG: [Wrong; 9] = [
    (&[(2, "9990000019")], &["nhs_number"]),
    (&[(5, "31/02/2024")], &["date_of_birth"]),
    (&[(6, "2026-04-31")], &["date_of_death"]),
    (&[(7, "blue")], &["sex"]),
    (&[(8, "several")], &["multiple_birth"]),
    (&[(1, "nobody")], &["referrer_email"]),
    (&[(3, "")], &["child_surname"]),
    // A cell too many.
    (&[(11, ",more")], &[""]),
    (
        &[(7, "blue"), (9, "wizard")],
        &["sex", "agencies_involved.agency"],
    ),
];

/// Row `n` as it should be.
fn right(n: u32) -> String {
    let born = format!("{:02}/{:02}/2024", n % 28 + 1, n / 28 % 12 + 1);
    row(
        &nhs_number(n),
        &format!("Testfamily{n}"),
        &format!("Samplechild{n}"),
        &born,
        "27/03/2026",
        "",
    )
}

async fn five_thousand(service: &Service) {
    // By the row's number in the file, whose first row names the columns.
    let mut expected: Vec<(usize, &str)> = Vec::new();
    let mut rows: Vec<String> = Vec::new();
    for n in 1..=5_000_u32 {
        let mut cells: Vec<String> = right(n).split(',').map(str::to_owned).collect();
        if n % 25 == 0 && n / 25 <= 180 {
            let (instead, found) = WRONG[n as usize / 25 % WRONG.len()];
            for (at, text) in instead {
                cells[*at] = (*text).to_owned();
            }
            expected.extend(found.iter().map(|column| (n as usize + 1, *column)));
        }
        rows.push(cells.join(","));
    }
    assert_eq!(expected.len(), 200);
    let ctx = service.context(Actor::operator());
    let judged = service.read(|conn| imports::read(conn, &ctx, &file(&rows)));
    let mut found: Vec<(usize, &str)> = Vec::new();
    for line in &judged.lines {
        found.extend(line.faults.iter().map(|f| (line.number, f.column.as_str())));
        assert_eq!(
            line.became == Became::Refused,
            !line.faults.is_empty(),
            "{}",
            line.number
        );
        assert!(line.faults.iter().all(|f| !f.words.is_empty()));
    }
    let sorted = |mut all: Vec<(usize, &str)>| -> Vec<String> {
        all.sort_unstable();
        all.iter()
            .map(|(row, column)| format!("{row} {column}"))
            .collect()
    };
    assert_eq!(sorted(found), sorted(expected));
    assert_eq!(
        (
            judged.count(Became::Refused),
            judged.count(Became::Matched),
            judged.count(Became::Created)
        ),
        (180, 0, 4820)
    );
    assert!(received(service).is_empty(), "nothing was written");
    // The refused rows put right, in a file of their own with some of the others, are taken over once. All five
    // thousand would be, too, in more than a minute without optimising.
    let refused = judged.lines.iter().filter(|l| l.became == Became::Refused);
    let numbers = refused.map(|line| u32::try_from(line.number - 1).unwrap());
    let rows: Vec<String> = numbers.chain(1..=20).map(right).collect();
    let text = file(&rows);
    let id = service
        .write(Service::coordinator(), move |tx, ctx| {
            imports::check(tx, ctx, &text)
        })
        .unwrap();
    assert!(
        received(service).is_empty(),
        "looked at, and not taken over"
    );
    let commit = |id: String| {
        service.write(Service::coordinator(), move |tx, ctx| {
            imports::commit(tx, ctx, &id)
        })
    };
    commit(id.clone()).unwrap();
    assert_eq!(received(service).len(), 200);
    assert!(commit(id).is_err(), "and no second time");
    assert_eq!(received(service).len(), 200);
}

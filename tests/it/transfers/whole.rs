//! A case that is taken over whole, or not at all: what arrives is what was sent, and what is refused leaves a thin trace.

use age::secrecy::SecretString;
use cdr::casework::gather::accept;
use cdr::casework::{actions as set, clocks};
use cdr::domain::action::Kind;
use cdr::domain::actor::Role;
use cdr::domain::calendar::london;
use cdr::domain::clock::Outcome;
use cdr::domain::form::confirmed;
use cdr::store::cases::Case;
use cdr::store::{
    actions, documents, events, family, meetings, notifications, processes, records, requests,
    responses, transfers,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{answered, decided, furnished, made, opened};
use crate::both_engines;
use crate::support::files::WORD;
use crate::support::given::opened_link;
use crate::support::journey::{fill_form, send_answers};
use crate::support::{Browser, Database, Sample, Service, given};

/// What each place answers for itself.
const OWN: [&str; 3] = ["cdop_identifier", "notification_reference", "record_status"];

/// A case with an agency's answer, lines of the family, a process and a document.
async fn full_case(service: &Service, coordinator: &Browser) -> Case {
    let case = given::case(service, 1);
    let request = given::request(service, &case, "gp", &["reporting"]);
    let (browser, home) = opened_link(service, "gp@cdr.example").await;
    let sample = Sample::answer()
        .with("agency", "gp")
        .with("gestation_weeks", "39");
    fill_form(&browser, &format!("{home}/forms/reporting"), &sample).await;
    send_answers(&browser, &home).await.is(200);
    let (of, id) = (case.reference.clone(), request.id);
    service
        .write(Service::coordinator(), move |tx, ctx| {
            accept(tx, ctx, &of, &id)
        })
        .unwrap();
    furnished(service, coordinator, &case).await;
    found_right(service, &case);
    case
}

/// A warning on the record and one on the answer were found right, with reasons.
fn found_right(service: &Service, case: &Case) {
    let id = case.id.clone();
    service
        .write(Service::coordinator(), move |tx, _| {
            tx.unchanged();
            let mut row = records::get(tx.conn(), &id, "reporting")?.unwrap();
            row.confirmed = r#"{"weight:PL-1":"Weighed twice."}"#.into();
            records::save(tx, &row)?;
            let mut answer = responses::of_case(tx.conn(), &id)?.remove(0);
            answer.confirmed = r#"{"gestation_weeks:PL-2":"As in the notes."}"#.into();
            responses::save(tx, &answer)?;
            Ok(())
        })
        .unwrap();
}

/// A recommendation that was made, sent and closed today; gives the day.
fn closed_recommendation(service: &Service, case: &Case) -> chrono::NaiveDate {
    let (reference, today) = (case.reference.clone(), london(service.now()).date());
    service
        .write(Service::coordinator(), move |tx, ctx| {
            let said = [
                ("problem", "Windows open wide on the third floor."),
                ("what", "Fit stops to every window."),
                ("owner", "Sample Housing"),
                ("owner_email", "housing@cdr.example"),
                ("strength", "engineering"),
                ("measure", "Windows with stops, each quarter."),
            ];
            let given = set::Given {
                said: said
                    .map(|(name, text)| (name.to_owned(), text.to_owned()))
                    .into(),
                due_on: Some(today + chrono::Duration::days(9)),
                confirmed: true,
                ..set::Given::default()
            };
            let id = set::set(tx, ctx, &reference, Kind::Recommendation, &given)?;
            set::sent(tx, ctx, &id, 1, Some(today), "By letter")?;
            set::close(tx, ctx, &id, 2, "Seen in ten homes.")
        })
        .unwrap();
    today
}

/// A checksum for each kind of what is known of a case, without what each place answers for itself.
#[expect(clippy::too_many_lines, reason = "one part of a case after the other")]
fn content(service: &Service, reference: &str) -> Vec<(&'static str, usize, Vec<u8>)> {
    let id = given::find(service, reference).id;
    let ctx = service.context(Service::coordinator());
    let rows = service.read(|conn| {
        let names = |row: &requests::Request| {
            let asked = row
                .recipient
                .split(" (asked by")
                .next()
                .unwrap_or_default()
                .to_owned();
            (
                row.agency.clone(),
                asked,
                row.organisation.clone(),
                row.nil_return,
            )
        };
        let asked: Vec<_> = requests::of_case(conn, &id)?.iter().map(names).collect();
        let mut given = Vec::new();
        for row in responses::of_case(conn, &id)? {
            given.push((
                row.form,
                row.form_version,
                row.answers,
                confirmed(&row.confirmed),
                row.state,
                row.sent_at,
            ));
        }
        let mut agreed = Vec::new();
        for row in records::of_case(conn, &id)? {
            let mut answers: Value = serde_json::from_str(&row.answers).unwrap();
            let fields = answers.as_object_mut().unwrap();
            fields.retain(|field, _| !OWN.contains(&field.as_str()));
            let sources: Value = serde_json::from_str(&row.sources).unwrap();
            agreed.push((
                row.form,
                row.form_version,
                answers,
                confirmed(&row.confirmed),
                sources.as_object().unwrap().len(),
            ));
        }
        let lines: Vec<_> = family::of_case(conn, &id)?
            .into_iter()
            .map(|l| (l.part, l.state, l.body))
            .collect();
        let bare = |(form, reason): (String, String)| {
            (
                form,
                reason.split(" (").next().unwrap_or_default().to_owned(),
            )
        };
        let waived: Vec<_> = requests::waivers(conn, &id)?
            .into_iter()
            .map(bare)
            .collect();
        let mut beside = processes::of_case(conn, &id)?;
        for row in &mut beside {
            (row.id, row.case_id, row.version) = (String::new(), String::new(), 0);
            (row.created_at, row.updated_at) =
                (chrono::NaiveDateTime::MIN, chrono::NaiveDateTime::MIN);
        }
        let mut met = Vec::new();
        for row in meetings::of_case(conn, &id)? {
            let people = meetings::people_of(conn, &row.id)?.into_iter();
            let people: Vec<_> = people
                .map(|p| (p.name, p.role, p.attendance, p.is_chair))
                .collect();
            met.push((
                row.purpose,
                row.state,
                row.starts_at,
                row.minutes,
                row.signed_by,
                people,
            ));
        }
        let taken: Vec<_> = actions::of_case(conn, &id)?
            .into_iter()
            .map(|a| (a.kind, a.state, a.due_on, a.body, a.meeting_id.is_some()))
            .collect();
        let key = cdr::casework::documents::key(conn, &ctx, &id)?.map(|key| key.unwrap());
        let mut files = Vec::new();
        for row in documents::of_case(conn, &id)? {
            let (vault, key) = (&service.app.vault, key.as_ref().unwrap());
            // The vault blocks, which a test's own thread must not.
            let bytes =
                std::thread::scope(|s| s.spawn(|| vault.read(&row.id, key).unwrap()).join());
            let bytes = bytes.unwrap();
            files.push((row.number, row.kind, row.size, row.state, bytes));
        }
        Ok(vec![
            ("requests", asked.len(), format!("{asked:?}")),
            ("responses", given.len(), format!("{given:?}")),
            ("waived", waived.len(), format!("{waived:?}")),
            ("records", agreed.len(), format!("{agreed:?}")),
            ("family", lines.len(), format!("{lines:?}")),
            ("processes", beside.len(), format!("{beside:?}")),
            ("meetings", met.len(), format!("{met:?}")),
            ("actions", taken.len(), format!("{taken:?}")),
            ("documents", files.len(), format!("{files:?}")),
        ])
    });
    rows.into_iter()
        .map(|(what, n, text)| (what, n, Sha256::digest(text).to_vec()))
        .collect()
}

/// Everything that would be written if a case were taken.
fn untouched(service: &Service) -> (usize, usize, Vec<std::ffi::OsString>) {
    let names = std::fs::read_dir(service.database.folder().join("documents")).unwrap();
    let mut files: Vec<_> = names.map(|e| e.unwrap().file_name()).collect();
    files.sort();
    service.read(|conn| {
        let notified = notifications::in_state(conn, "received", None, 100)?.len();
        Ok((
            notified,
            events::latest(conn, "case_created", 100)?.len(),
            files,
        ))
    })
}

fn clock(service: &Service, case: &Case) -> Option<Outcome> {
    let ctx = service.context(Service::coordinator());
    let all = service.read(|conn| clocks::list(conn, &ctx, case));
    all.into_iter()
        .find(|c| c.definition.id == "C38")
        .map(|c| c.stands)
}

/// Whether any clock of the case still runs.
fn clocks_go_on(service: &Service, case: &Case) -> bool {
    let ctx = service.context(Service::coordinator());
    let all = service.read(|conn| clocks::list(conn, &ctx, case));
    all.iter().any(|c| c.stands == Outcome::Running)
}

both_engines! {
    async fn a_case_is_taken_over_whole(service) {
        let Some(database) = Database::fresh(service.engine) else { return };
        let other = Service::start(database);
        let (here, there) = (service.signed_in(Role::Coordinator).await, other.signed_in(Role::Coordinator).await);
        let case = full_case(service, &here).await;
        let ours = content(service, &case.reference);
        assert!(ours.iter().all(|(_, n, _)| *n > 0), "{ours:?}");
        let (passphrase, file) = made(&here, &case.reference).await;
        for word in [WORD, "Testfamily1", "cdr-transfer", "Sample Mother"] {
            assert!(!file.windows(word.len()).any(|w| w == word.as_bytes()), "{word} can be read in the file");
        }
        assert_eq!(given::find(service, &case.reference).state, case.state, "it stays until the answer");
        assert_eq!(clock(service, &case), Some(Outcome::Running));

        let before = untouched(&other);
        let page = opened(&there, &passphrase.to_lowercase(), &file).await.is(303);
        let at = page.location().unwrap();
        there.get(&at).await.is(200).says("Testfamily1").says("Documents 1: A synthetic report").says("Meetings that were held 1: ").says("Actions and recommendations 1: 1 open").says("Nothing here looks like the same child");
        assert_eq!((untouched(&other).0, untouched(&other).1), (before.0, before.1), "nothing is a case yet");
        decided(&there, &at, "accept", "").await.is(303);
        let row = other.read(|conn| Ok(transfers::latest(conn, "", 5)?)).remove(0);
        let theirs = row.1.unwrap();
        assert_eq!((row.0.state.as_str(), row.0.sealed_key), ("taken", None));
        assert_eq!(content(&other, &theirs), ours, "what arrived is what was sent");
        assert!(!untouched(&other).2.iter().any(|name| *name == *row.0.id), "the file is gone");
        there.get(&format!("/cases/{theirs}")).await.is(200).says("The case was taken over from");
        there.get(&format!("/cases/{theirs}/requests")).await.is(200).says("asked by");
        there.get(&format!("/cases/{theirs}/record/reporting")).await.is(200);
        there.get(&format!("/cases/{theirs}/family")).await.is(200).says("Sample Mother");
        let case_there = given::find(&other, &theirs);
        assert_eq!(other.read(|conn| Ok(notifications::get(conn, &case_there.notification_id)?)).unwrap().decision.as_deref(), Some("transfer_in"));
        opened(&there, &passphrase, &file).await.is(422).faults("taken over already", "#file");

        answered(&here, &case.reference, "accepted", "").await.is(303);
        let gone = given::find(service, &case.reference);
        assert_eq!((gone.state.as_str(), gone.transferred_to.as_deref()), ("transferred_out", Some("Sample Panel")));
        assert_eq!(clock(service, &case), Some(Outcome::Met));
        assert_eq!(content(service, &case.reference), ours, "it can still be read");
        here.get(&format!("/cases/{}", case.reference)).await.is(200).says("Sample Panel took the case over");
        here.get("/transfers").await.is(200).says("To Sample Panel").says("Taken over by the other panel").never_says("Testfamily");
        other.stop().await;
    }

    async fn a_closed_recommendation_is_looked_back_at_from_the_day_it_was_closed(service) {
        let case = given::case(service, 1);
        let closed = closed_recommendation(service, &case);
        service.pass(chrono::Duration::days(60));
        let Some(database) = Database::fresh(service.engine) else { return };
        let other = Service::start(database);
        other.pass(chrono::Duration::days(60));
        let (here, there) = (service.signed_in(Role::Coordinator).await, other.signed_in(Role::Coordinator).await);
        let (passphrase, file) = made(&here, &case.reference).await;
        let at = opened(&there, &passphrase, &file).await.is(303).location().unwrap();
        there.get(&at).await.is(200).says("Actions and recommendations 1: 0 open");
        decided(&there, &at, "accept", "").await.is(303);
        let theirs = other.read(|conn| Ok(transfers::latest(conn, "", 5)?)).remove(0).1.unwrap();
        let (theirs, ctx) = (given::find(&other, &theirs), other.context(Service::coordinator()));
        let all = other.read(|conn| clocks::list(conn, &ctx, &theirs));
        for id in ["C43", "C44"] {
            let clock = all.iter().find(|c| c.definition.id == id).unwrap();
            assert_eq!((london(clock.started_at.and_utc()).date(), clock.whole_day), (closed, true), "{id}");
        }
        other.stop().await;
    }

    async fn what_is_refused_leaves_a_thin_trace_and_nothing_else(service) {
        let Some(database) = Database::fresh(service.engine) else { return };
        let other = Service::start(database);
        let (here, there) = (service.signed_in(Role::Coordinator).await, other.signed_in(Role::Coordinator).await);
        let case = full_case(service, &here).await;
        let ours = content(service, &case.reference);
        let before = untouched(&other);
        let (passphrase, file) = made(&here, &case.reference).await;
        let at = opened(&there, &passphrase, &file).await.is(303).location().unwrap();
        decided(&there, &at, "refuse", " ").await.is(422).faults("Say why it is not taken over", "#reason");
        let form = there.get(&at).await.is(200).form_to(&at);
        there.submit(&form).await.is(422).faults("Say whether the case is taken over", "#do");
        decided(&there, &at, "refuse", "The child did not live here.").await.is(303).moved_to("/transfers");
        assert_eq!(untouched(&other), before, "nothing but the trace");
        there.get(&at).await.is(404);
        there.get("/transfers").await.is(200).says(&case.reference).says("Not taken over here").never_says("Testfamily");
        let row = other.read(|conn| Ok(transfers::latest(conn, "", 5)?)).remove(0).0;
        let row = other.read(|conn| Ok(transfers::get(conn, &row.id)?)).unwrap();
        assert_eq!((row.reason.as_str(), row.agreed_by.as_str(), row.case_id), ("", "", None));

        let at = format!("/cases/{}/transfer", case.reference);
        answered(&here, &case.reference, "refused", "").await.is(422).faults("Say why the other panel does not", "#why");
        let stale = here.get(&at).await.form_with("Record the answer");
        answered(&here, &case.reference, "refused", "Not theirs.").await.is(303);
        here.submit(&stale).await.is(409);
        let still = given::find(service, &case.reference);
        assert_eq!((still.state, still.transferred_to), (case.state.clone(), None));
        assert_eq!(content(service, &case.reference), ours);
        assert_ne!(clock(service, &case), Some(Outcome::Running), "the answer stopped the clock");
        assert!(clocks_go_on(service, &case), "the others go on");
        // A second file may be made, and a third in its place.
        let (old, first) = made(&here, &case.reference).await;
        let (new, second) = made(&here, &case.reference).await;
        assert!(old != new && first != second);
        let all = service.read(|conn| Ok(transfers::of_case(conn, &case.id)?));
        let states: Vec<&str> = all.iter().map(|t| t.state.as_str()).collect();
        assert_eq!(states, ["made", "replaced", "refused"]);
        other.stop().await;
    }

    async fn a_file_that_cannot_be_taken_is_refused_in_words(service) {
        let browser = service.signed_in(Role::Coordinator).await;
        let case = given::case(service, 1);
        let (passphrase, file) = made(&browser, &case.reference).await;
        let before = untouched(service);
        opened(&browser, "", &file).await.is(422).faults("Enter the passphrase", "#passphrase");
        opened(&browser, "AAAAA-BBBBB-CCCCC-DDDDD", &file).await.is(422).faults("does not open the file", "#passphrase");
        let token = [("passphrase", passphrase.as_str())];
        browser.upload("/transfers", &token, ("", b"")).await.is(422).faults("Choose the file", "#file");
        opened(&browser, &passphrase, b"Not such a file.").await.is(422).faults("is not a case from another panel", "#file");
        opened(&browser, &passphrase, &file[..file.len() - 9]).await.is(422).faults("is damaged", "#file");
        let mut bent = file.clone();
        let middle = bent.len() / 2;
        bent[middle] ^= 1;
        opened(&browser, &passphrase, &bent).await.is(422).faults("is damaged", "#file");
        let lock = |text: &str| {
            let mut to = age::scrypt::Recipient::new(SecretString::from(passphrase.clone()));
            to.set_work_factor(4);
            age::encrypt(&to, text.as_bytes()).unwrap()
        };
        let newer = json!({ "kind": "cdr-transfer", "layout": 2 }).to_string();
        opened(&browser, &passphrase, &lock(&newer)).await.is(422).faults("layout 2", "#file");
        let empty = json!({ "kind": "cdr-transfer", "layout": 1 }).to_string();
        opened(&browser, &passphrase, &lock(&empty)).await.is(422).faults("is damaged", "#file");
        let large = vec![0; cdr::domain::transfer::LARGEST + 1];
        opened(&browser, &passphrase, &large).await.is(422).faults("smaller than 60 MB", "#file");
        assert_eq!(untouched(service), before, "nothing was written");
        // Taken back here, it meets its own child.
        let at = opened(&browser, &passphrase, &file).await.is(303).location().unwrap();
        opened(&browser, &passphrase, &file).await.is(422).faults("is open already", "#file");
        browser.get(&at).await.is(200).says("same NHS number").says(&case.reference);
        decided(&browser, &at, "accept", "").await.is(422).faults("Say why this is another child", "#reason");
        assert_eq!(untouched(service).1, before.1);
    }
}

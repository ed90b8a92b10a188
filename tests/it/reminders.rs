//! Reminders: each rung once, to whom the data says, without identity; held, passed over, refused and sent again, with
//! a real SMTP conversation on loopback.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

use cdr::casework::clocks::{self, Shown};
use cdr::casework::gather::{self, NewRequest};
use cdr::casework::notify::{self, Received};
use cdr::casework::secrets::Secrets;
use cdr::casework::triage::{self, Decision};
use cdr::casework::{Context, House};
use cdr::domain::actor::{Actor, ApiScope, Role};
use cdr::jobs::mail::{Carrier, see_to_left_behind, send_due};
use cdr::jobs::remind::remind_due;
use cdr::store::cases::Case;
use cdr::store::notifications;
use cdr::store::outbox::{self, Mail};
use cdr::store::{Conn, Db, Purpose, Target, open};
use chrono::{DateTime, Duration, Utc};

use super::support::given::{self, opened_link};
use super::support::journey::{fill_form, send_answers};
use super::support::smtp::{Answer, MailServer, Received as Arrived, Safety};
use super::support::{Sample, Service, database};
use crate::both_engines;

const GP: &str = "gp@cdr.example";

/// The job, as it runs in service.
fn remind(service: &Service) -> usize {
    remind_due(&service.app.db, &service.app.house, service.now()).unwrap()
}

/// Time passes until this moment.
fn until(service: &Service, moment: &str) {
    let to: DateTime<Utc> = moment.parse().unwrap();
    service.pass(to - service.now());
}

fn clock(service: &Service, case: &Case, id: &str) -> Shown {
    let ctx = service.context(Service::coordinator());
    let all = service.read(|conn| clocks::list(conn, &ctx, case));
    all.into_iter().find(|c| c.definition.id == id).unwrap()
}

fn rungs(service: &Service, case: &Case, id: &str) -> Vec<(String, String)> {
    clock(service, case, id)
        .rungs
        .into_iter()
        .map(|r| (r.rung, r.state))
        .collect()
}

/// The mails about a request or a clock that were queued since the beginning, but for the first request.
fn to(service: &Service, address: &str) -> Vec<Mail> {
    service
        .mails()
        .into_iter()
        .filter(|m| m.recipient == address)
        .collect()
}

fn smtp(server: &MailServer) -> Carrier {
    Carrier::of(Some(&server.url()), "unused".into()).unwrap()
}

fn send(service: &Service, carrier: &Carrier) -> usize {
    send_due(&service.app.db, &service.app.house, carrier, service.now()).unwrap()
}

both_engines! {
    async fn each_rung_is_sent_once_to_whom_the_data_says(service) {
        service.add_user("doctor@cdr.example", Role::DesignatedDoctor);
        let case = given::case(service, 1);
        given::request(service, &case, "gp", &["reporting"]);
        until(service, "2026-04-17T06:59:00Z");
        remind(service);
        let first = service.link_to(GP);
        assert_eq!(to(service, GP).len(), 1, "five working days before 24 April is the 17th at eight");
        until(service, "2026-04-17T07:01:00Z");
        assert_eq!(remind(service), 1);
        assert_eq!(remind(service), 0);
        let mails = to(service, GP);
        assert_eq!(mails.len(), 2);
        assert!(mails[0].body.contains("This is a reminder: the date agreed for your answer is near."), "{}", mails[0].body);
        assert!(mails[0].body.contains("24 April 2026"));
        assert!(mails[0].subject.contains("reminder"), "{}", mails[0].subject);
        assert_ne!(service.link_to(GP), first, "no link is kept, so a reminder brings a new one");
        opened_link(service, GP).await;
        until(service, "2026-04-24T07:01:00Z");
        remind(service);
        assert_eq!(to(service, GP).len(), 3);
        until(service, "2026-05-18T07:01:00Z");
        remind(service);
        let letter = to(service, "doctor@cdr.example").remove(0);
        assert!(letter.body.contains("section 16N") && letter.body.contains(&case.reference), "{}", letter.body);
        for mail in service.mails() {
            for word in ["Testfamily1", "Samplechild1", "9990000018", "March 2026", "27/03", "2024"] {
                assert!(!mail.body.replace("Act 2004", "").contains(word), "{word} in {}", mail.body);
                assert!(!mail.subject.contains(word));
            }
        }
        let states = rungs(service, &case, "C21");
        assert!(states.iter().all(|(_, state)| state == "sent"), "{states:?}");
        let coordinator = service.signed_in(Role::Coordinator).await;
        coordinator.get(&format!("/cases/{}", case.reference)).await.is(200).says("A reminder was sent to");
        coordinator.get(&format!("/cases/{}/clocks", case.reference)).await.is(200).says("To the person asked, 17 April 2026");
    }

    async fn who_answered_is_not_reminded(service) {
        let case = given::case(service, 1);
        given::request(service, &case, "gp", &["reporting"]);
        let (browser, home) = opened_link(service, GP).await;
        fill_form(&browser, &format!("{home}/forms/reporting"), &Sample::answer()).await;
        send_answers(&browser, &home).await.is(200);
        let before = to(service, GP).len();
        until(service, "2026-06-01T09:00:00Z");
        remind(service);
        assert_eq!(to(service, GP).len(), before);
        assert!(rungs(service, &case, "C21").iter().all(|(_, state)| state == "resting"));
    }

    async fn after_a_time_without_service_only_the_last_reminder_is_sent(service) {
        let case = given::case(service, 1);
        given::request(service, &case, "gp", &["reporting"]);
        until(service, "2026-04-25T09:00:00Z");
        remind(service);
        let mails = to(service, GP);
        assert_eq!(mails.len(), 2);
        assert!(mails[0].body.contains("has passed"));
        let states = rungs(service, &case, "C21");
        assert!(states.contains(&("respondent@-5d".into(), "passed".into())), "{states:?}");
        assert!(states.contains(&("respondent@0".into(), "sent".into())), "{states:?}");
        // C03 was late before the case was accepted: nobody is reminded of what is long gone.
        assert_eq!(rungs(service, &case, "C03"), [("manager@-12h".to_owned(), "passed".to_owned())]);
    }

    async fn a_held_ladder_rests_until_it_is_let_go(service) {
        let case = given::case(service, 1);
        given::request(service, &case, "gp", &["reporting"]);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let path = format!("/cases/{}/clocks/{}", case.reference, clock(service, &case, "C21").id);
        coordinator.post(&path, &[("do", "hold"), ("reason", " ")]).await.is(422).faults("Say why nobody", &format!("#hold-{}", clock(service, &case, "C21").id));
        coordinator.post(&path, &[("do", "hold"), ("reason", "Their system is down; synthetic.")]).await.is(303);
        until(service, "2026-04-20T09:00:00Z");
        let coordinator = service.signed_in_as("coordinator@cdr.example");
        remind(service);
        assert_eq!(to(service, GP).len(), 1);
        coordinator.get(&format!("/cases/{}/clocks", case.reference)).await.is(200).says("Reminders held").says("Their system is down");
        coordinator.post(&path, &[("do", "release")]).await.is(303);
        remind(service);
        assert_eq!(to(service, GP).len(), 2);
    }

    async fn two_servers_send_one_reminder(service) {
        let case = given::case(service, 1);
        given::request(service, &case, "gp", &["reporting"]);
        until(service, "2026-04-17T09:00:00Z");
        let (db, house, now) = (service.app.db.clone(), Arc::clone(&service.app.house), service.now());
        let workers: Vec<_> = (0..6).map(|_| {
            let (db, house) = (db.clone(), Arc::clone(&house));
            std::thread::spawn(move || remind_due(&db, &house, now).unwrap())
        }).collect();
        let letters: usize = workers.into_iter().map(|w| w.join().unwrap()).sum();
        assert_eq!(to(service, GP).len(), 2);
        assert!(letters >= 1);
        let server = MailServer::start(Answer::Take);
        let carrier = Arc::new(smtp(&server));
        let workers: Vec<_> = (0..4).map(|_| {
            let (db, house, carrier) = (db.clone(), Arc::clone(&house), Arc::clone(&carrier));
            std::thread::spawn(move || send_due(&db, &house, &carrier, now).unwrap())
        }).collect();
        for worker in workers { worker.join().unwrap(); }
        let received = server.received();
        let mut ids: Vec<&str> = received.iter().map(Arrived::id).collect();
        ids.sort_unstable();
        let whole = ids.len();
        ids.dedup();
        assert_eq!((ids.len(), whole), (service.mails().len(), service.mails().len()), "each mail once");
    }

    async fn a_restricted_case_is_named_to_nobody_who_is_not(service) {
        service.add_user("doctor@cdr.example", Role::DesignatedDoctor);
        let own = service.add_user("named@cdr.example", Role::Coordinator);
        let case = given::case(service, 1);
        given::request(service, &case, "gp", &["reporting"]);
        let (reference, version) = (case.reference.clone(), given::find(service, &case.reference).version);
        service.write(Service::coordinator(), move |tx, ctx| {
            cdr::casework::restrict::restrict(tx, ctx, &reference, version, &[own], "A synthetic reason.")
        }).unwrap();
        until(service, "2026-07-01T09:00:00Z");
        remind(service);
        assert!(to(service, "doctor@cdr.example").is_empty(), "not named, so not told");
        let reminders: Vec<Mail> = service.mails().into_iter().filter(|m| m.dedupe_key.starts_with("reminder:")).collect();
        assert!(!reminders.is_empty());
        for mail in reminders {
            assert!(!mail.body.contains(&case.reference), "{}", mail.body);
        }
    }

    async fn mail_leaves_by_smtp_and_what_is_refused_waits_in_the_tray(service) {
        let server = MailServer::start(Answer::Take);
        let case = given::case(service, 1);
        given::request(service, &case, "gp", &["reporting"]);
        let count = service.mails().len();
        assert_eq!(send(service, &smtp(&server)), count);
        assert_eq!(send(service, &smtp(&server)), 0, "nothing is sent twice");
        let received = server.received();
        assert_eq!(received.len(), count);
        assert!(received.iter().all(|m| !m.text.contains("Testfamily1")));

        let refusing = MailServer::start(Answer::Refuse);
        given::request(service, &case, "police", &["reporting"]);
        assert_eq!(send(service, &smtp(&refusing)), 0);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let page = coordinator.get("/admin/outbox").await.is(200).says("The mail server refused the message (550)").says("Send again");
        let mail = service.mail_to("police@cdr.example");
        assert_eq!((mail.state.as_str(), mail.attempts), ("failed", 1), "what is refused for good is not tried again");
        service.signed_in(Role::DesignatedDoctor).await.post(&format!("/admin/outbox/{}", mail.id), &[]).await.is(403);
        let form = page.form_to(&format!("/admin/outbox/{}", mail.id));
        coordinator.submit(&form).await.is(303).moved_to("/admin/outbox");
        coordinator.submit(&form).await.is(422);
        assert_eq!(send(service, &smtp(&server)), 1);
        coordinator.get("/admin/outbox").await.is(200).never_says("Could not be sent");
    }

    async fn a_mail_server_that_is_slow_or_gone_loses_nothing(service) {
        let later = MailServer::start(Answer::Later);
        let case = given::case(service, 1);
        given::request(service, &case, "gp", &["reporting"]);
        assert_eq!(send(service, &smtp(&later)), 0);
        let gone = Carrier::of(Some("smtp://127.0.0.1:9"), "unused".into()).unwrap();
        service.pass(Duration::minutes(3));
        assert_eq!(send(service, &gone), 0);
        let mail = service.mail_to(GP);
        assert_eq!((mail.state.as_str(), mail.attempts), ("queued", 2));
        assert!(mail.last_error.is_some_and(|why| !why.contains(GP)));
        let server = MailServer::start(Answer::Take);
        assert_eq!(send(service, &smtp(&server)), 0, "each attempt waits longer");
        service.pass(Duration::minutes(5));
        assert_eq!(send(service, &smtp(&server)), service.mails().len());
    }

    async fn a_mail_server_that_takes_the_call_and_says_nothing_is_not_waited_for(service) {
        let silent = MailServer::start(Answer::Silence);
        let case = given::case(service, 1);
        given::request(service, &case, "gp", &["reporting"]);
        let patience = std::time::Duration::from_millis(100);
        let carrier = Carrier::patient(Some(&silent.url()), "unused".into(), patience).unwrap();
        assert_eq!(send(service, &carrier), 0);
        let mail = service.mail_to(GP);
        assert_eq!((mail.state.as_str(), mail.attempts), ("queued", 1), "it is tried again later");
        assert_eq!(mail.last_error.as_deref(), Some("the mail server did not answer in time"));
        service.pass(Duration::minutes(5));
        let server = MailServer::start(Answer::Take);
        send(service, &smtp(&server));
        assert_eq!(server.received().iter().filter(|m| m.to(GP)).count(), 1, "nothing is lost");
    }

    async fn a_mail_goes_under_tls_to_a_server_that_is_trusted_and_to_no_other(service) {
        let folder = tempfile::tempdir().unwrap();
        let ca = folder.path().join("ca.pem");
        let trusting = |server: &MailServer, pem: &[u8]| {
            std::fs::write(&ca, pem).unwrap();
            Carrier::trusting(Some(&server.url()), Some(&ca), "unused".into()).unwrap()
        };
        let case = given::case(service, 1);
        given::request(service, &case, "gp", &["reporting"]);
        for (n, safety) in [Safety::Wrapped, Safety::StartTls].into_iter().enumerate() {
            let server = MailServer::secured(Answer::Take, safety);
            let other = MailServer::secured(Answer::Take, safety);
            let before = service.mails().iter().filter(|m| m.state == "sent").count();
            // Neither by whom nobody knows, nor by whom another authority is known.
            for carrier in [smtp(&server), trusting(&server, &other.certificate)] {
                service.pass(Duration::hours(3));
                assert_eq!(send(service, &carrier), 0, "{safety:?}");
                let waiting: Vec<Mail> = service.mails().into_iter().filter(|m| m.state != "sent").collect();
                assert!(!waiting.is_empty() && waiting.iter().all(|m| m.state == "queued"), "{safety:?}");
                assert!(waiting[0].last_error.as_deref().is_some_and(|why| why.contains("certificate is not trusted")), "{:?}", waiting[0].last_error);
            }
            assert!(server.received().is_empty());
            service.pass(Duration::hours(3));
            assert!(send(service, &trusting(&server, &server.certificate)) > 0, "{safety:?}");
            let sent = service.mails().iter().filter(|m| m.state == "sent").count();
            assert_eq!(server.received().len(), sent - before, "{safety:?}");
            given::request(service, &case, ["police", "ambulance"][n], &["reporting"]);
        }
        // A server that speaks no TLS is given nothing where TLS is required.
        let open = MailServer::start(Answer::Take);
        service.pass(Duration::hours(3));
        let required = Carrier::of(Some(&format!("{}?tls=required", open.url())), "unused".into()).unwrap();
        assert_eq!(send(service, &required), 0);
        assert!(open.received().is_empty());
        for (text, words) in [("no certificate", "holds no certificate"), ("", "holds no certificate")] {
            std::fs::write(&ca, text).unwrap();
            let fault = Carrier::trusting(Some("smtps://127.0.0.1"), Some(&ca), "unused".into()).err().unwrap();
            assert!(fault.starts_with("CDR_SMTP_CA") && fault.contains(words), "{fault}");
        }
        std::fs::remove_file(&ca).unwrap();
        assert!(Carrier::trusting(Some("smtps://127.0.0.1"), Some(&ca), "unused".into()).is_err());
    }

    async fn what_a_mail_server_took_without_a_word_is_not_sent_twice(service) {
        let lost = MailServer::start(Answer::Lost);
        let case = given::case(service, 1);
        given::request(service, &case, "gp", &["reporting"]);
        let carrier = smtp(&lost);
        assert_eq!(send(service, &carrier), 0);
        assert_eq!(lost.received().iter().filter(|m| m.to(GP)).count(), 1);
        assert_eq!(service.mail_to(GP).state, "failed", "a person looks at it");
        for _ in 0..4 {
            service.pass(Duration::hours(3));
            send(service, &carrier);
        }
        assert_eq!(lost.received().iter().filter(|m| m.to(GP)).count(), 1, "once and no more");
        let coordinator = service.signed_in(Role::Coordinator).await;
        coordinator.get("/admin/outbox").await.is(200).says("it may have arrived");
    }

    async fn what_was_being_sent_when_the_service_stopped_is_not_sent_twice(service) {
        let case = given::case(service, 1);
        given::request(service, &case, "gp", &["reporting"]);
        let id = service.mail_to(GP).id;
        let (of, now) = (id.clone(), service.now().naive_utc());
        service.write(Actor::job("mail"), move |tx, _| {
            tx.unchanged();
            Ok(outbox::claim(tx, &of, now, now + Duration::minutes(5))?)
        }).unwrap();
        let server = MailServer::start(Answer::Take);
        let carrier = smtp(&server);
        let see = |alone| see_to_left_behind(&service.app.db, &service.app.house, &carrier, service.now(), alone).unwrap();
        assert_eq!(see(false), 0, "another server may be at it");
        send(service, &carrier);
        assert!(server.received().iter().all(|m| !m.to(GP)));
        assert_eq!(see(true), 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        coordinator.get("/admin/outbox").await.is(200).says("it may have arrived");
        // Where mails are files, writing one again is the same.
        coordinator.post(&format!("/admin/outbox/{id}"), &[]).await.is(303);
        assert_eq!(send(service, &carrier), 1);
        assert!(server.received().iter().any(|m| m.to(GP)));
    }
}

/// A caseload in which many reminders are due, in a folder from which `cdr serve` then runs.
#[expect(
    clippy::disallowed_methods,
    reason = "the program that is killed goes by the machine's clock"
)]
fn prepare(data: &Path, target: &Target, secrets: Secrets) -> Vec<String> {
    let keys = Arc::new(secrets.keyring());
    let mut house = House::load(secrets, "http://127.0.0.1", None).unwrap();
    house.live = false;
    let house = Arc::new(house);
    let db = Db::start(target, &keys).unwrap();
    assert!(data.join("cdr.db").exists());
    // Ten working days are over by now, and twenty are not.
    let at = Utc::now() - Duration::days(24);
    let mut answers = given::answers(1);
    for (field, days) in [("date_of_death", 3), ("date_of_birth", 900)] {
        answers[field] = (at - Duration::days(days)).date_naive().to_string().into();
    }
    let addresses: Vec<String> = (0..24).map(|n| format!("agency{n}@cdr.example")).collect();
    let asked = addresses.clone();
    db.write(move |tx| {
        let by = |actor| Context::new(&house, at, actor, "test");
        let body = serde_json::json!({ "form": "notification", "answers": answers });
        let received = Received {
            system: "sample",
            key: "one",
            body: &body,
        };
        let scopes = [ApiScope::NotificationsWrite];
        let reference = notify::receive(tx, &by(Actor::system("sample", &scopes)), &received)?;
        let row = notifications::by_reference(tx.conn(), &reference)?.unwrap();
        let ctx = by(Service::coordinator());
        let outcome = triage::assess(&ctx, &row).proposed;
        let decision = Decision::Accept {
            outcome,
            reason: "Sample reason".into(),
        };
        let case = triage::decide(tx, &ctx, &row.id, row.version, &decision)?.unwrap();
        let new: Vec<NewRequest> = asked
            .iter()
            .map(|email| NewRequest {
                agency: "gp".into(),
                recipient: "Sample Practitioner".into(),
                email: email.clone(),
                forms: vec!["reporting".into()],
                ..NewRequest::default()
            })
            .collect();
        gather::send_requests(tx, &ctx, &case, &new)
    })
    .unwrap();
    addresses
}

/// `cdr serve` in a folder, to be killed.
fn serve(data: &Path, server: &MailServer) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cdr"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("CDR_")) {
        command.env_remove(name);
    }
    command
        .arg("serve")
        .current_dir(data)
        .env("CDR_DATA_DIR", data)
        .env(
            "CDR_DATABASE_URL",
            format!("sqlite://{}", data.join("cdr.db").display()),
        )
        .env("CDR_KEY_FILE", data.join("cdr.key"))
        .env("CDR_BIND", "127.0.0.1:0")
        .env("CDR_SMTP_URL", server.url())
        .stderr(Stdio::null())
        .stdout(Stdio::null());
    command.spawn().unwrap()
}

/// Waits for something that a running program brings about.
fn wait(what: &str, mut so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !so() {
        assert!(begun.elapsed().as_secs() < 60, "{what} did not come about");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}

/// What a mail server can read of a message: its parts without the coding of the way.
fn read_back(text: &str) -> String {
    let message = mail_parser::MessageParser::default()
        .parse(text.as_bytes())
        .unwrap();
    let bodies = (0..message.text_body_count()).filter_map(|n| message.body_text(n));
    let subject = message.subject().unwrap_or_default();
    std::iter::once(subject.to_owned())
        .chain(bodies.map(std::borrow::Cow::into_owned))
        .collect::<Vec<_>>()
        .join("\n")
}

/// A message without what its sender says of the moment.
fn words(text: &str) -> &str {
    text.split_once("\n\n").map_or(text, |(_, body)| body)
}

/// A coordinator has mails sent again that wait in the tray, and they are sent.
#[expect(
    clippy::disallowed_methods,
    reason = "the program that was killed goes by the machine's clock"
)]
fn resend(target: &Target, secrets: Secrets, unsure: &[&Mail], server: &MailServer) {
    let keys = Arc::new(secrets.keyring());
    let house = Arc::new(House::load(secrets, "http://127.0.0.1", None).unwrap());
    let db = Db::start(target, &keys).unwrap();
    let ids: Vec<String> = unsure.iter().map(|mail| mail.id.clone()).collect();
    let ctx = Context::new(&house, Utc::now(), Service::coordinator(), "test");
    db.write(move |tx| {
        ids.iter()
            .try_for_each(|id| cdr::casework::mailing::again(tx, &ctx, id))
    })
    .unwrap();
    let sent = send_due(&db, &house, &smtp(server), Utc::now()).unwrap();
    assert_eq!(sent, unsure.len(), "all of the tray is sent");
}

/// Ten times the service is killed in the middle of sending. No mail comes twice; what may or may not have left waits
/// for a person, and everything else arrives.
#[test]
fn each_reminder_arrives_once_across_ten_kills() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    database::put_key(&data.join("cdr.key"), database::KEY);
    let secrets = || Secrets::from_file(&data.join("cdr.key"), None).unwrap();
    let target = Target::Sqlite {
        path: data.join("cdr.db"),
        key_hex: secrets().database_key(),
    };
    let addresses = prepare(data, &target, secrets());
    let server = MailServer::start(Answer::Take);
    for kill in 1..=10 {
        let mut child = serve(data, &server);
        wait("the next mails", || server.received().len() >= kill * 3);
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let mut child = serve(data, &server);
    let keys = Arc::new(secrets().keyring());
    let mut conn = Conn::new(open(&target, Purpose::Read).unwrap(), &keys);
    let mut mails = Vec::new();
    wait("the end of the outbox", || {
        mails = outbox::latest(&mut conn, 1_000).unwrap();
        mails.len() >= 2 * addresses.len()
            && mails
                .iter()
                .all(|m| matches!(m.state.as_str(), "sent" | "failed"))
    });
    child.kill().unwrap();
    child.wait().unwrap();
    let received = server.received();
    // Whatever is in the outbox: what the server was given, it was given once.
    let names: std::collections::BTreeSet<&str> = received.iter().map(Arrived::id).collect();
    assert_eq!(names.len(), received.len(), "no mail came twice");
    assert!(!names.contains(""), "each has a name");
    for mail in &mails {
        let came = received
            .iter()
            .filter(|r| r.id() == format!("<{}@cdr>", mail.id))
            .count();
        match mail.state.as_str() {
            "sent" => assert_eq!(came, 1, "{}", mail.subject),
            _ => assert!(
                came <= 1
                    && mail
                        .last_error
                        .as_deref()
                        .is_some_and(|why| why.contains("may have arrived"))
            ),
        }
    }
    let unsure: Vec<&Mail> = mails.iter().filter(|m| m.state == "failed").collect();
    assert!(unsure.len() <= 10, "{}", unsure.len());
    // What lies in the tray at the end a person has sent again. It goes out under its own name, so that whoever has it
    // already sees that it is the same: everybody has got each message, and no other.
    resend(&target, secrets(), &unsure, &server);
    let received = server.received();
    for mail in &mails {
        let came = received
            .iter()
            .filter(|r| r.id() == format!("<{}@cdr>", mail.id));
        let texts: std::collections::BTreeSet<&str> =
            came.map(|r| r.text.as_str()).map(words).collect();
        assert_eq!(texts.len(), 1, "{} to {}", mail.subject, mail.recipient);
    }
    let ours = |r: &Arrived| {
        mails
            .iter()
            .any(|mail| r.id() == format!("<{}@cdr>", mail.id) && r.to(&mail.recipient))
    };
    assert!(received.iter().all(ours), "nothing else went out");
    // What came says of nobody who died.
    for arrived in &received {
        let text = read_back(&arrived.text);
        for word in ["Testfamily1", "Samplechild1"] {
            assert!(!text.contains(word), "{word}: {text}");
        }
    }
    for address in &addresses {
        let to: Vec<&Arrived> = received.iter().filter(|r| r.to(address)).collect();
        assert!(to.iter().all(|r| r.recipients.len() == 1), "to nobody else");
        let names: std::collections::BTreeSet<&str> = to.iter().map(|r| r.id()).collect();
        assert_eq!(names.len(), 2, "the request and one reminder to {address}");
    }
    let came = received
        .iter()
        .filter(|r| addresses.iter().any(|a| r.to(a)));
    let again = unsure.iter().filter(|m| addresses.contains(&m.recipient));
    assert!(
        came.count() <= 2 * addresses.len() + again.count(),
        "only what a person sent again came again"
    );
}

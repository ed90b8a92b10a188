//! Who may hand a case over and take one over, and what must be said of it.

use cdr::casework::restrict;
use cdr::domain::actor::{Actor, Role};
use cdr::store::{events, transfers};

use super::{asking, decided, made, opened};
use crate::both_engines;
use crate::support::{Database, Service, given};

both_engines! {
    async fn a_restricted_case_leaves_only_by_those_named(service) {
        let case = given::case(service, 1);
        let path = format!("/cases/{}/transfer", case.reference);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let form = asking(&coordinator, &case.reference).await;
        let id = service.add_user("named@cdr.example", Role::Coordinator);
        let actor = Actor::staff(&id, "Sample Named", Role::Coordinator, None);
        let (of, version) = (case.reference.clone(), given::find(service, &case.reference).version);
        service.write(actor, move |tx, ctx| restrict::restrict(tx, ctx, &of, version, &[id], "A reason")).unwrap();
        assert_ne!(coordinator.get(&path).await.status, 200);
        assert_ne!(coordinator.submit(&form).await.status, 200);
        assert!(service.read(|conn| Ok(transfers::of_case(conn, &case.id)?)).is_empty());
        let named = service.signed_in_as("named@cdr.example");
        made(&named, &case.reference).await;
        named.get("/transfers").await.is(200).says(&case.reference);
        coordinator.get("/transfers").await.is(200).never_says(&case.reference).never_says("Sample Panel");
    }

    async fn a_restricted_case_that_comes_in_is_there_for_whoever_opened_it(service) {
        let Some(database) = Database::fresh(service.engine) else { return };
        let other = Service::start(database);
        let (case, plain) = (given::case(service, 1), given::case(service, 2));
        let id = service.add_user("named@cdr.example", Role::Coordinator);
        let actor = Actor::staff(&id, "Sample Named", Role::Coordinator, None);
        let (of, version) = (case.reference.clone(), given::find(service, &case.reference).version);
        service.write(actor, move |tx, ctx| restrict::restrict(tx, ctx, &of, version, &[id], "A reason")).unwrap();
        let named = service.signed_in_as("named@cdr.example");
        let (passphrase, file) = made(&named, &case.reference).await;
        let (plain_phrase, plain_file) = made(&named, &plain.reference).await;

        let there = other.signed_in(Role::Coordinator).await;
        other.add_user("colleague@cdr.example", Role::Coordinator);
        let colleague = other.signed_in_as("colleague@cdr.example");
        let at = opened(&there, &passphrase, &file).await.is(303).location().unwrap();
        let plain_at = opened(&there, &plain_phrase, &plain_file).await.is(303).location().unwrap();
        there.get(&at).await.is(200).says("Testfamily1");
        there.get("/transfers").await.is(200).says(&case.reference).says(&plain.reference);
        colleague.get(&plain_at).await.is(200).says("Testfamily2");
        colleague.get("/transfers").await.is(200).never_says(&case.reference).says(&plain.reference);
        colleague.get(&at).await.is(404);
        for what in ["accept", "refuse"] {
            colleague.post(&at, &[("do", what), ("reason", "A synthetic reason."), ("version", "1")]).await.is(404);
        }
        opened(&there, &passphrase, &file).await.is(422).faults("is open already", "#file");
        // Whoever was sent the file and its passphrase too goes on with it where the first is away.
        opened(&colleague, "wrong-passphrase", &file).await.is(422);
        there.get(&at).await.is(200);
        let theirs = opened(&colleague, &passphrase, &file).await.is(303).location().unwrap();
        colleague.get(&theirs).await.is(200).says("Testfamily1");
        there.get(&at).await.is(404);
        there.get("/transfers").await.is(200).never_says(&case.reference);
        let at = opened(&there, &passphrase, &file).await.is(303).location().unwrap();
        colleague.get(&theirs).await.is(404);
        let taken = decided(&there, &at, "accept", "").await.is(303).location().unwrap();
        there.get(&taken).await.is(200).says("Testfamily1");
        assert_ne!(colleague.get(&taken).await.status, 200);
        colleague.get("/transfers").await.is(200).never_says(&case.reference);
        other.stop().await;
    }

    async fn the_file_for_the_other_panel_asks_for_a_fresh_code(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        made(&coordinator, &case.reference).await;
        let row = service.read(|conn| Ok(transfers::of_case(conn, &case.id)?)).remove(0);
        let downloads = || service.read(|conn| Ok(events::latest(conn, "transfer_downloaded", 9)?)).len();
        assert_eq!(downloads(), 1);
        service.pass(chrono::Duration::minutes(6));
        let path = format!("/cases/{}/transfer/{}/file", case.reference, row.id);
        let asked = coordinator.get(&path).await.is(303);
        assert!(asked.location().unwrap().starts_with("/account/check"));
        assert_eq!(downloads(), 1);
        service.signed_in(Role::DesignatedDoctor).await.get(&path).await.is(403);
    }

    async fn what_was_agreed_must_be_said_and_only_some_may(service) {
        let case = given::case(service, 1);
        let browser = service.signed_in(Role::Coordinator).await;
        let path = format!("/cases/{}/transfer", case.reference);
        let form = browser.get(&path).await.is(200).form_to(&path);
        let page = browser.submit(&form).await.is(422);
        for (words, at) in [("Choose the panel", "#to"), ("Say why the case", "#reason"), ("Say who agreed", "#agreed_by"),
            ("Enter the day on which", "#agreed_on"), ("Say how learning", "#learning"), ("Enter the day by which", "#learning_due")] {
            page.clone().faults(words, at);
        }
        let mut form = asking(&browser, &case.reference).await;
        form.date("agreed_on", "31 3 2027");
        let page = browser.submit(&form).await.is(422).faults("today or in the past", "#agreed_on");
        assert_eq!(page.form_to(&path).value("agreed_by"), "Sample Manager", "what was typed is there");
        assert!(service.read(|conn| Ok(transfers::of_case(conn, &case.id)?)).is_empty());
        // Exports with identities ask for a fresh code.
        let form = asking(&browser, &case.reference).await;
        service.pass(chrono::Duration::minutes(6));
        let asked = browser.submit(&form).await.is(303);
        assert!(asked.location().unwrap().starts_with("/account/check"));
        assert!(service.read(|conn| Ok(transfers::of_case(conn, &case.id)?)).is_empty());
        let doctor = service.signed_in(Role::DesignatedDoctor).await;
        doctor.get("/transfers").await.is(200).never_says("Open the file");
        doctor.get(&path).await.is(403);
        doctor.post(&path, &[("to", "other")]).await.is(403);
        doctor.upload("/transfers", &[], ("case.age", b"x")).await.is(403);
        for role in [Role::Administrator, Role::JarLead] {
            service.signed_in(role).await.get("/transfers").await.is(403);
        }
    }
}

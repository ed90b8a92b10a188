//! A message that had left comes back later, as a mail to the team's mailbox: the notice marks it once, and whoever can do
//! something about it sees it.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use cdr::casework::mailing::{self, Back};
use cdr::domain::actor::{Actor, Role};
use cdr::domain::bounce;
use cdr::jobs::mail::{Carrier, send_due};
use cdr::store::cases::Case;
use cdr::store::events;

use super::support::smtp::{Answer, MailServer};
use super::support::{Browser, Service, given};
use crate::both_engines;

/// What a mail server writes about a message, which it gives back by its headers.
fn notice(message_id: &str, action: &str, status: &str) -> String {
    format!(
        "From: MAILER-DAEMON@mail.example\r\nTo: team@cdr.example\r\nSubject: Undelivered Mail\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/report; report-type=delivery-status;\r\n boundary=\"sample\"\r\n\r\n--sample\r\n\
         Content-Type: text/plain\r\n\r\nSorry.\r\n--sample\r\nContent-Type: message/delivery-status\r\n\r\n\
         Reporting-MTA: dns; mail.example\r\n\r\nFinal-Recipient: rfc822; gp@cdr.example\r\nAction: {action}\r\n\
         Status: {status}\r\n--sample\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {message_id}\r\n--sample--\r\n"
    )
}

/// The operator's command on what it was given.
fn told(service: &Service, text: &str) -> Result<Back, String> {
    let notice = bounce::read(text.as_bytes()).unwrap();
    let done = service.write(Actor::operator(), move |tx, ctx| {
        mailing::came_back(tx, ctx, &notice)
    });
    done.map_err(|e| format!("{e:?}"))
}

/// A coordinator who put a surgery into the directory and asked it about a case.
async fn asked_from_the_directory(service: &Service) -> (Browser, Case) {
    let coordinator = service.signed_in(Role::Coordinator).await;
    let new = "/directory/new";
    let mut form = coordinator.get(new).await.is(200).form_to(new);
    form.set("agency", "gp")
        .set("name", "Sample Surgery")
        .set("email", "gp@cdr.example");
    coordinator.submit(&form).await.is(303);
    let case = given::case(service, 1);
    let path = format!("/cases/{}/requests", case.reference);
    let page = coordinator
        .get(&format!("{path}?find=surgery"))
        .await
        .is(200);
    let links = page.links();
    let (_, to) = links
        .iter()
        .find(|(text, _)| text.contains("Sample Surgery"))
        .unwrap();
    let to = to.split('#').next().unwrap();
    let form = coordinator.get(to).await.is(200).form_to(&path);
    coordinator.submit(&form).await.is(303);
    (coordinator, case)
}

both_engines! {
    async fn a_message_that_came_back_is_marked_once_and_shown(service) {
        let (coordinator, case) = asked_from_the_directory(service).await;
        let path = format!("/cases/{}/requests", case.reference);
        let server = MailServer::start(Answer::Take);
        let carrier = Carrier::of(Some(&server.url()), "unused".into()).unwrap();
        send_due(&service.app.db, &service.app.house, &carrier, service.now()).unwrap();
        let mail = service.mail_to("gp@cdr.example");
        let received = server.received();
        let arrived = received.iter().find(|r| r.id().contains(&mail.id)).unwrap();
        for word in ["Testfamily1", "Samplechild1", &case.reference, "gp@"] {
            assert!(!arrived.id().contains(word), "{}", arrived.id());
        }
        let text = notice(arrived.id(), "failed", "5.1.1");
        assert_eq!(told(service, &text.replace("failed", "delayed")), Ok(Back::Late));
        assert_eq!(service.mail_to("gp@cdr.example").state, "sent", "late is not lost");
        coordinator.get("/directory").await.is(200).never_says("could not be delivered");
        assert_eq!(told(service, &text), Ok(Back::Marked));
        assert_eq!(told(service, &text), Ok(Back::Already));
        assert_eq!(service.read(|conn| Ok(events::latest(conn, "mail_bounced", 9)?)).len(), 1);
        coordinator.get("/directory").await.is(200).says("A mail could not be delivered");
        let request = service.read(|conn| Ok(cdr::store::requests::of_case(conn, &case.id)?)).into_iter().find(|r| r.email == "gp@cdr.example").unwrap();
        coordinator.get(&format!("{path}/{}", request.id)).await.is(200).says("The last letter came back").says("Came back");
        coordinator.get("/admin/outbox").await.is(200).says("Could not be sent, or came back").says("sent it back (5.1.1)");
        // Had sent again, it waits; and can come back again.
        let id = mail.id.clone();
        let again = service.signed_in_as("coordinator@cdr.example");
        again.post(&format!("/admin/outbox/{id}"), &[]).await.is(303);
        assert_eq!(told(service, &text), Ok(Back::Earlier));
        send_due(&service.app.db, &service.app.house, &carrier, service.now()).unwrap();
        coordinator.get(&format!("{path}/{}", request.id)).await.is(200).never_says("The last letter came back");
        // A late notice about the first says nothing of what went out in its place.
        assert_eq!(told(service, &text), Ok(Back::Earlier));
        assert_eq!(service.mail_to("gp@cdr.example").state, "sent");
        let arrived = server.received().into_iter().rfind(|r| r.id().contains(&mail.id)).unwrap();
        assert_eq!(told(service, &notice(arrived.id(), "failed", "5.1.1")), Ok(Back::Marked));
        again.post(&format!("/admin/outbox/{id}"), &[]).await.is(303);
        assert_eq!(told(service, &notice(arrived.id(), "failed", "5.1.1")), Ok(Back::Earlier));
        // Handed on, the request says nothing of the contact any more.
        send_due(&service.app.db, &service.app.house, &carrier, service.now()).unwrap();
        let arrived = server.received().into_iter().rfind(|r| r.id().contains(&mail.id)).unwrap();
        let (gp, home) = given::opened_link(service, "gp@cdr.example").await;
        let mut form = gp.get(&format!("{home}/hand-on")).await.is(200).form_with("Hand it on");
        form.set("name", "Sample Colleague").set("email", "colleague@cdr.example");
        gp.submit(&form).await.is(200);
        assert_eq!(told(service, &notice(arrived.id(), "failed", "5.1.1")), Ok(Back::Marked));
        again.get("/directory").await.is(200).never_says("could not be delivered");
        assert_eq!(given::request_now(service, &request.id).contact_id, None);
    }

    async fn a_mail_that_may_have_arrived_says_nothing_of_its_address(service) {
        let (coordinator, _) = asked_from_the_directory(service).await;
        let mail = service.mail_to("gp@cdr.example");
        service.write(Actor::job("mail"), move |tx, ctx| mailing::unsure(tx, ctx, &mail)).unwrap();
        coordinator.get("/directory").await.is(200).never_says("could not be delivered");
        let mail = service.mail_to("gp@cdr.example");
        coordinator.post(&format!("/admin/outbox/{}", mail.id), &[]).await.is(303);
        // Sent again under its first name: whoever has it already sees that it is the same.
        let server = MailServer::start(Answer::Take);
        let carrier = Carrier::of(Some(&server.url()), "unused".into()).unwrap();
        send_due(&service.app.db, &service.app.house, &carrier, service.now()).unwrap();
        assert!(server.received().iter().any(|r| r.id() == format!("<{}@cdr>", mail.id)));
    }

    async fn what_is_not_ours_changes_nothing_and_only_the_operator_tells(service) {
        given::case(service, 1);
        let mail = service.mails().remove(0);
        for id in ["<someone@else.example>", "<nothing@cdr>"] {
            assert!(told(service, &notice(id, "failed", "5.0.0")).unwrap_err().contains("no message of this service"));
        }
        let text = notice(&mailing::message_id(&mail), "failed", "5.0.0");
        let read = bounce::read(text.as_bytes()).unwrap();
        for actor in [Actor::public(), Service::coordinator(), Actor::job("mail")] {
            let read = read.clone();
            let done = service.write(actor, move |tx, ctx| mailing::came_back(tx, ctx, &read));
            assert!(matches!(done, Err(cdr::casework::Error::Forbidden)));
        }
        assert!(service.read(|conn| Ok(events::latest(conn, "mail_bounced", 9)?)).is_empty());
    }
}

fn bounced(data: &std::path::Path, text: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cdr"));
    command
        .env_clear()
        .env("CDR_DATA_DIR", data)
        .env("CDR_KEY_FILE", data.join("cdr.key"))
        .env(
            "CDR_DATABASE_URL",
            format!("sqlite://{}", data.join("cdr.db").display()),
        )
        .env("CDR_LOG", "error")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.args(["mail", "bounced"]).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    // It may stop reading before the end.
    let _ = input.write_all(text.as_bytes());
    drop(input);
    child.wait_with_output().unwrap()
}

#[test]
fn the_command_says_plainly_what_it_does_not_take() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    for (text, why) in [
        (
            "Subject: Out of office\r\n\r\nAway.\r\n".to_owned(),
            "cdr: this is not a delivery status notification (RFC 3464)",
        ),
        (
            notice("", "failed", "5.1.1").replace("Message-ID", "X-Id"),
            "cdr: this delivery status notification does not name the message it is about",
        ),
        (
            notice("<nothing@cdr>", "failed", "5.1.1"),
            "cdr: the notice is about no message of this service",
        ),
    ] {
        let said = bounced(at, &text);
        assert_eq!(said.status.code(), Some(1));
        assert_eq!(String::from_utf8_lossy(&said.stderr).trim(), why);
    }
}

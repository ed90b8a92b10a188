//! Papers of a meeting: documents of its case, checked and sealed like them, and nothing that a member of a panel gets.

use cdr::casework::meetings as work;
use cdr::domain::actor::Role;
use cdr::domain::calendar::london;
use cdr::domain::meeting::Purpose;
use cdr::store::cases::Case;
use cdr::store::{documents, meetings};

use super::panels;
use super::support::files::WORD;
use super::support::{Browser, Page, Service, given};
use crate::both_engines;

/// A meeting about the case, tomorrow; gives its address.
fn planned(service: &Service, case: &Case) -> String {
    let (reference, now) = (case.reference.clone(), service.now());
    let id = service.write(Service::coordinator(), move |tx, ctx| {
        let given = work::Given {
            day: Some(london(now).date() + chrono::Duration::days(1)),
            time: chrono::NaiveTime::from_hms_opt(9, 0, 0),
            minutes_long: 60,
            place: "Sample room".into(),
            ..work::Given::default()
        };
        work::plan(tx, ctx, &reference, Purpose::Response, &given)
    });
    format!("/meetings/{}", id.unwrap())
}

async fn upload(browser: &Browser, to: &str, title: &str, name: &str, bytes: &str) -> Page {
    let token = browser.token().await;
    posted(browser, to, (title, name, bytes), &token).await
}

async fn posted(
    browser: &Browser,
    to: &str,
    (title, name, bytes): (&str, &str, &str),
    token: &str,
) -> Page {
    let fields = [("csrf", token), ("title", title)];
    let to = format!("{to}/papers");
    browser
        .bare_upload(&to, &fields, (name, bytes.as_bytes()))
        .await
}

both_engines! {
    async fn a_paper_stands_on_its_meeting_and_among_the_documents_of_the_case(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let meeting = planned(service, &case);
        coordinator.get(&meeting).await.is(200).says("Add a paper");
        let page = upload(&coordinator, &meeting, "A synthetic report", "report.pdf", "no PDF at all").await.is(422);
        let page = page.faults("the file is something else", "#file");
        assert_eq!(page.form_to(&format!("{meeting}/papers")).value("title"), "A synthetic report");
        let page = upload(&coordinator, &meeting, "", "note.txt", "x").await.is(422).faults("Say what the document is", "#title");
        page.says("Choose the file again");
        let text = format!("A note about {WORD}.");
        upload(&coordinator, &meeting, "A synthetic note", "note.txt", &text).await.is(303).moved_to(&format!("{meeting}#papers"));
        upload(&coordinator, &meeting, "Again", "note.txt", &text).await.is(422).faults("on the case already, as document 1", "#file");
        coordinator.get(&meeting).await.is(200).says("A synthetic note");
        let list = coordinator.get(&format!("/cases/{}/documents", case.reference)).await.is(200).says("Paper of a meeting");
        assert!(list.links().iter().any(|(_, to)| *to == meeting));
        coordinator.get(&format!("/cases/{}/documents/1/file", case.reference)).await.is(200).says(WORD);
        let row = service.read(|conn| Ok(documents::of_case(conn, &case.id)?)).remove(0);
        assert_eq!(Some(meeting.as_str()), row.meeting_id.map(|id| format!("/meetings/{id}")).as_deref());
        // One that does not take place gets none.
        let id = meeting.trim_start_matches("/meetings/").to_owned();
        service.write(Service::coordinator(), move |tx, ctx| {
            let version = meetings::get(tx.conn(), &id)?.unwrap().version;
            work::cancel(tx, ctx, &id, version, "Synthetic.")
        }).unwrap();
        upload(&coordinator, &meeting, "Late", "late.txt", "late").await.is(422).says("does not take place");
        coordinator.get(&meeting).await.is(200).never_says("Add a paper").says("A synthetic note");
    }

    async fn who_may_add_and_read_papers_and_who_may_not(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let meeting = planned(service, &case);
        upload(&coordinator, &meeting, "A synthetic note", "note.txt", WORD).await.is(303);
        let file = format!("/cases/{}/documents/1/file", case.reference);
        // A panel has no papers, whoever asks; and a member never gets an original.
        let strange = posted(&coordinator, &meeting, ("A note", "t.txt", "t"), "x").await;
        strange.is(403).says("nothing was changed");
        let panel = panels::arrange(&coordinator, service, 30).await;
        let id = panel.trim_start_matches("/panels/");
        upload(&coordinator, &format!("/meetings/{id}"), "A note", "n.txt", "n").await.is(404);
        let member = service.add_user("member@cdr.example", Role::PanelMember);
        panels::put_down(&coordinator, &panel, &[(member.as_str(), "police")]).await.is(303);
        let (_, item) = panels::list(service, &panel, &case);
        let browser = service.signed_in_as("member@cdr.example");
        for path in [meeting.as_str(), file.as_str()] {
            assert!(matches!(browser.get(path).await.status, 403 | 404), "{path}");
        }
        assert!(matches!(upload(&browser, &meeting, "A note", "n.txt", "n").await.status, 403 | 404));
        browser.get(&item).await.never_says("A synthetic note").never_says(WORD);
        let doctor = service.signed_in(Role::DesignatedDoctor).await;
        upload(&doctor, &meeting, "From the doctor", "d.txt", "d").await.is(303);
        let lead = service.signed_in(Role::JarLead).await;
        lead.get(&meeting).await.is(404);
        upload(&lead, &meeting, "A note", "n.txt", "n2").await.is(404);
        for role in [Role::KeyWorker, Role::Administrator, Role::Auditor] {
            let other = service.signed_in(role).await;
            assert!(matches!(upload(&other, &meeting, "A note", "n.txt", "n3").await.status, 403 | 404), "{role}");
        }
        assert_eq!(service.read(|conn| Ok(documents::of_case(conn, &case.id)?)).len(), 2);
    }
}

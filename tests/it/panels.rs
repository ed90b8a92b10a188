//! Panels: arranged, members put down, cases listed when they are ready, interests, quorum, what is decided in the room and
//! signed, and who may do what.

use cdr::domain::actor::Role;
use cdr::domain::calendar::london;
use cdr::store::meetings;
use chrono::Duration;

use super::support::{Browser, Form, Page, Service, given};
use crate::both_engines;

fn when(form: &mut Form, service: &Service, days: i64) {
    let day = london(service.now() + Duration::days(days));
    for (part, pattern) in [("day", "%-d"), ("month", "%-m"), ("year", "%Y")] {
        form.set(&format!("day-{part}"), &day.format(pattern).to_string());
    }
}

/// Arranges a panel `days` from now at nine in the morning. Gives its address.
async fn arrange(browser: &Browser, service: &Service, days: i64) -> String {
    let path = "/meetings/new/panel";
    let mut form = browser.get(path).await.is(200).form_to(path);
    when(&mut form, service, days);
    form.set("time", "09:00")
        .set("place", "Sample room 9")
        .set("theme", "Sample theme");
    browser.submit(&form).await.is(303).location().unwrap()
}

/// Puts accounts down for a panel, each with an agency.
async fn put_down(browser: &Browser, panel: &str, who: &[(&str, &str)]) -> Page {
    let mut form = browser
        .get(panel)
        .await
        .is(200)
        .form_with("Put the ticked members down");
    let mut ids = Vec::new();
    for (id, agency) in who {
        form.set(&format!("agency-{id}"), agency);
        ids.push(*id);
    }
    form.set("member", &ids.join("|"));
    browser.submit(&form).await
}

both_engines! {
    async fn a_panel_is_arranged_and_seen_by_those_who_are_put_down(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let member_id = service.add_user("member@cdr.example", Role::PanelMember);
        service.add_user("other@cdr.example", Role::PanelMember);
        let chair_id = service.add_user("chair@cdr.example", Role::PanelChair);
        let (member, other) = (service.signed_in_as("member@cdr.example"), service.signed_in_as("other@cdr.example"));
        let path = "/meetings/new/panel";
        let form = coordinator.get(path).await.is(200).form_to(path);
        coordinator.submit(&form).await.is(422).faults("Enter the day of the meeting", "#day-day").faults("Enter a room or a link", "#place");
        let panel = arrange(&coordinator, service, 40).await;
        coordinator.get("/meetings").await.is(200).says("Sample theme").says("Child death overview panel");
        member.get(&panel).await.is(404);
        member.get("/meetings").await.is(200).never_says("Sample theme");
        put_down(&coordinator, &panel, &[(&member_id, "police"), (&chair_id, "public_health")]).await.is(303);
        coordinator.get(&panel).await.is(200).says("Sample Panel chair, chair").says("Public health");
        member.get(&panel).await.is(200).says("Sample room 9").says("Sample theme").never_says("Sample Panel chair");
        member.get("/meetings").await.is(200).says("Sample theme").never_says("Arrange");
        other.get(&panel).await.is(404);
        other.get("/meetings").await.is(200).never_says("Sample theme");
        member.post(&panel, &[("do", "sign"), ("version", "1")]).await.is(403);
        for role in [Role::JarLead, Role::CdrmChair, Role::KeyWorker, Role::Administrator, Role::Executive] {
            let browser = service.signed_in(role).await;
            browser.get(&panel).await.is(403);
            let as_meeting = panel.replace("/panels/", "/meetings/");
            assert!(matches!(browser.get(&as_meeting).await.status, 403 | 404), "{role:?}");
            assert!(matches!(browser.post(&as_meeting, &[("do", "sign"), ("version", "1")]).await.status, 403 | 404), "{role:?}");
        }

        coordinator.submit(&coordinator.get(&panel).await.form_with("Send invitations to 2 people")).await.is(303);
        let mail = service.mail_to("member@cdr.example");
        assert!(mail.calendar.unwrap().contains("SUMMARY:Child death overview panel\r\n"));
        let change = panel.replace("/panels/", "/meetings/") + "/change";
        let mut form = coordinator.get(&change).await.is(200).form_to(&change);
        assert_eq!(form.value("theme"), "Sample theme");
        when(&mut form, service, 47);
        coordinator.submit(&form).await.is(303);
        assert!(service.mail_to("member@cdr.example").calendar.unwrap().contains("SEQUENCE:1\r\n"));
        let mut cancel = coordinator.get(&panel).await.is(200).form_with("Cancel the meeting");
        cancel.set("reason", "Too few can come.");
        coordinator.submit(&cancel).await.is(303);
        coordinator.get(&panel).await.is(200).says("Too few can come.").says("Cancelled");
        member.get(&panel).await.is(200).says("Cancelled").never_says("Too few can come.");
        let id = panel.rsplit('/').next().unwrap().to_owned();
        assert_eq!(service.read(|conn| Ok(meetings::get(conn, &id)?)).unwrap().state, "cancelled");
        given::case(service, 1);
    }
}

//! Panels: arranged, members put down, cases listed when they are ready, interests, quorum, what is decided in the room and
//! signed, and who may do what. Here stands what these journeys share.

mod decision;
mod interest;
mod listing;
mod room;

use cdr::casework::Error;
use cdr::casework::panels::{self as work, Listing};
use cdr::domain::actor::Role;
use cdr::domain::calendar::london;
use cdr::domain::panel::Interest;
use cdr::store::cases::Case;
use cdr::store::meetings;
use cdr::store::panels::{self as store, Item};
use chrono::Duration;
use std::collections::BTreeMap;

use crate::support::{Browser, Form, Page, Service};

pub(super) fn when(form: &mut Form, service: &Service, days: i64) {
    let day = london(service.now() + Duration::days(days));
    for (part, pattern) in [("day", "%-d"), ("month", "%-m"), ("year", "%Y")] {
        form.set(&format!("day-{part}"), &day.format(pattern).to_string());
    }
}

/// Arranges a panel `days` from now at nine in the morning. Gives its address.
pub(super) async fn arrange(browser: &Browser, service: &Service, days: i64) -> String {
    let path = "/meetings/new/panel";
    let mut form = browser.get(path).await.is(200).form_to(path);
    when(&mut form, service, days);
    form.set("time", "09:00")
        .set("place", "Sample room 9")
        .set("theme", "Sample theme");
    browser.submit(&form).await.is(303).location().unwrap()
}

/// Puts accounts down for a panel, each with an agency.
pub(super) async fn put_down(browser: &Browser, panel: &str, who: &[(&str, &str)]) -> Page {
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

pub(super) fn id_of(address: &str) -> String {
    address.rsplit('/').next().unwrap().to_owned()
}

/// What a case made by a test goes on without.
fn waived() -> BTreeMap<String, String> {
    let codes = ["answers", "meeting", "draft"];
    codes
        .map(|code| (code.to_owned(), "Sample reason.".to_owned()))
        .into()
}

fn listed(service: &Service, panel: &str, case: &Case) -> Result<String, Error> {
    let (of, reference) = (id_of(panel), case.reference.clone());
    service.write(Service::coordinator(), move |tx, ctx| {
        let listing = Listing {
            reference,
            route: "expected".into(),
            waived: waived(),
            ..Listing::default()
        };
        work::list(tx, ctx, &of, &listing)
    })
}

/// Lists a case past the pages. Gives the item and its address.
pub(super) fn list(service: &Service, panel: &str, case: &Case) -> (Item, String) {
    let id = listed(service, panel, case).unwrap();
    let item = now(service, &id);
    (item, format!("{panel}/items/{id}"))
}

fn now(service: &Service, id: &str) -> Item {
    service.read(|conn| Ok(store::get(conn, id)?)).unwrap()
}

/// A panel with a doctor, a social worker and a chair of public health. Gives its address and their browsers.
pub(super) async fn panel(service: &Service, coordinator: &Browser) -> (String, [Browser; 3]) {
    let who = [
        ("doctor@cdr.example", Role::PanelMember, "hospital_paeds"),
        ("social@cdr.example", Role::PanelMember, "social_care"),
        ("chair@cdr.example", Role::PanelChair, "public_health"),
    ];
    let ids = who.map(|(email, role, agency)| (service.add_user(email, role), agency));
    let panel = arrange(coordinator, service, 40).await;
    let pairs: Vec<(&str, &str)> = ids
        .iter()
        .map(|(id, agency)| (id.as_str(), *agency))
        .collect();
    put_down(coordinator, &panel, &pairs).await.is(303);
    (panel, who.map(|(email, _, _)| service.signed_in_as(email)))
}

/// The row of the person with this address.
pub(super) fn person(service: &Service, panel: &str, email: &str) -> String {
    let people = service.read(|conn| Ok(meetings::people_of(conn, &id_of(panel))?));
    people
        .into_iter()
        .find(|p| p.email.as_deref() == Some(email))
        .unwrap()
        .id
}

/// Writes down on the page of the minutes who is there.
pub(super) async fn there(browser: &Browser, service: &Service, panel: &str, who: &[(&str, &str)]) {
    let path = panel.replace("/panels/", "/meetings/") + "/minutes";
    let mut form = browser.get(&path).await.is(200).form_to(&path);
    for (email, attendance) in who {
        form.set(
            &format!("attendance-{}", person(service, panel, email)),
            attendance,
        );
    }
    browser.submit(form.press("Save")).await.is(303);
}

/// Fills in one section of the analysis in the room.
pub(super) async fn fill(
    browser: &Browser,
    room: &str,
    section: &str,
    pairs: &[(&str, &str)],
) -> Page {
    let path = format!("{room}/{section}");
    let mut form = browser.get(&path).await.is(200).form_to(&path);
    for (name, value) in pairs {
        form.set(name, value);
    }
    browser.submit(&form).await
}

/// The panel finds the review complete.
pub(super) async fn decides(browser: &Browser, room: &str) {
    let page = browser.get(room).await.is(200);
    let mut decide = page.form_with("Record the decision");
    browser
        .submit(decide.set("decision", "complete"))
        .await
        .is(303);
}

pub(super) async fn signs(chair: &Browser, room: &str) {
    let form = chair.get(room).await.is(200).form_with("Sign the analysis");
    chair.submit(&form).await.is(303);
}

/// A panel of today with its members there, and a case on its list. Gives the addresses of panel and room.
pub(super) async fn sitting(
    service: &Service,
    coordinator: &Browser,
    case: &Case,
    who: &[(String, &str)],
) -> (String, String) {
    let panel = arrange(coordinator, service, 0).await;
    let pairs: Vec<(&str, &str)> = who
        .iter()
        .map(|(id, agency)| (id.as_str(), *agency))
        .collect();
    put_down(coordinator, &panel, &pairs).await.is(303);
    let (item, _) = list(service, &panel, case);
    nobody_else(service, &panel, &item.id);
    let room = format!("{panel}/room/{}", item.id);
    (panel, room)
}

/// Everybody put down told the coordinator that they have no interest.
pub(super) fn nobody_else(service: &Service, panel: &str, item: &str) {
    let (panel, item) = (id_of(panel), item.to_owned());
    let done = service.write(Service::coordinator(), move |tx, ctx| {
        for person in meetings::people_of(tx.conn(), &panel)? {
            let none = Some(Interest::None);
            work::declare(tx, ctx, (&panel, &item), Some(&person.id), none)?;
        }
        Ok(())
    });
    done.unwrap();
}

pub(super) fn members(service: &Service) -> Vec<(String, &'static str)> {
    [
        ("doctor@cdr.example", Role::PanelMember, "hospital_paeds"),
        ("social@cdr.example", Role::PanelMember, "social_care"),
        ("chair@cdr.example", Role::PanelChair, "public_health"),
    ]
    .map(|(email, role, agency)| (service.add_user(email, role), agency))
    .into()
}

pub(super) const ALL_THERE: [(&str, &str); 3] = [
    ("doctor@cdr.example", "attended"),
    ("social@cdr.example", "attended"),
    ("chair@cdr.example", "attended"),
];

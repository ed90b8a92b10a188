//! Panels: arranged, members put down, cases listed when they are ready, interests, quorum, what is decided in the room and
//! signed, and who may do what.

use std::collections::BTreeMap;

use cdr::casework::panels::{self as work, Listing};
use cdr::casework::{Error, people, review};
use cdr::domain::actor::{Actor, Role};
use cdr::domain::calendar::london;
use cdr::domain::panel::Interest;
use cdr::store::cases::Case;
use cdr::store::panels::{self as store, Item};
use cdr::store::{meetings, processes};
use chrono::Duration;

use super::support::{Browser, Form, Page, Service, given};
use crate::both_engines;

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

both_engines! {
    async fn in_the_room_the_chair_works_on_the_analysis_without_a_name(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let case = given::case(service, 1);
        let who = members(service);
        let path = format!("/cases/{}/record/sudden_unexpected_death/event", case.reference);
        let mut sleep = coordinator.get(&path).await.is(200).form_to(&path);
        coordinator.submit(sleep.set("sleep_place", "sofa")).await.is(303);
        let (panel, room) = sitting(service, &coordinator, &case, &who).await;
        let (doctor, chair) = (service.signed_in_as("doctor@cdr.example"), service.signed_in_as("chair@cdr.example"));
        doctor.get(&room).await.is(404);
        doctor.get(&format!("{room}/category")).await.is(404);
        doctor.get(&room.replace("/room/", "/screen/")).await.is(404);
        chair.get(&room).await.is(200).never_says("Testfamily").never_says(&case.reference).says("Quorum");
        fill(&coordinator, &room, "cause", &[("case_summary", "Samplechild1 was found at home."), ("cause_as_understood", "Sepsis.")]).await.is(303);
        chair.get(&room).await.is(200).never_says("Samplechild1").says("Sepsis.").says("2 answers of the analysis hold a name");
        let path = format!("{room}/cause");
        let page = chair.get(&path).await.is(200);
        assert!(!page.text.contains("Samplechild1"));
        assert_eq!(page.form_to(&path).value("cause_as_understood"), "Sepsis.");
        fill(&chair, &room, "cause", &[("cause_as_understood", "Sepsis after an infection.")]).await.is(303);
        let form = coordinator.get(&path).await.is(200).form_to(&path);
        assert_eq!(form.value("case_summary"), "Samplechild1 was found at home.", "it was not lost");
        assert_eq!(form.value("cause_as_understood"), "Sepsis after an infection.");
        chair.get(&format!("{room}/header")).await.is(404);

        let path = format!("{room}/category");
        let page = chair.get(&path).await.is(200).says("unsafe place to sleep").says("is category 5, never 10");
        let mut one = page.form_to(&path);
        let mut other = coordinator.get(&path).await.is(200).form_to(&path);
        chair.submit(one.set("categories_all", "5")).await.is(303);
        coordinator.submit(other.set("categories_all", "9")).await.is(409).says("Saved meanwhile");

        let screen = room.replace("/room/", "/screen/");
        let shown = coordinator.get(&screen).await.is(200).never_says("Samplechild1").never_says("Testfamily").says("Sepsis after an infection.");
        assert!(shown.header("refresh") == "15" && !shown.text.contains("<textarea"));
        let still = coordinator.get(&format!("{screen}?refresh=no")).await.is(200);
        assert_eq!(still.header("refresh"), "", "it can be stopped");

        // What a colleague declares takes their say on what could have been otherwise.
        let item = room.replace("/room/", "/items/");
        let mut form = doctor.get(&item).await.is(200).form_with("Declare");
        doctor.submit(form.set("interest", "professional")).await.is(303);
        chair.get(&format!("{room}/modifiability")).await.is(200).says("No say here, because of an interest: Sample Panel member");
        let mut form = chair.get(&item).await.is(200).form_with("Declare");
        chair.submit(form.set("interest", "professional")).await.is(303);
        chair.get(&room).await.is(404);
        chair.get(&panel).await.is(200);
    }

    async fn what_a_chair_types_is_kept_and_comes_back_when_the_room_is_another_s_meanwhile(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let case = given::case(service, 1);
        let who = members(service);
        let (panel, room) = sitting(service, &coordinator, &case, &who).await;
        let (doctor, chair) = (service.signed_in_as("doctor@cdr.example"), service.signed_in_as("chair@cdr.example"));
        let path = format!("{room}/cause");
        chair.get(&path).await.is(200);
        // Kept while it is typed, for this person alone.
        let typed = [("cause_as_understood", "Half a thought of the chair"), ("typed", "yes")];
        chair.post(&format!("{path}/typing"), &typed).await.is(200).says("{\"other\":null}");
        let left = chair.get(&path).await.is(200).says("did not save it");
        assert_eq!(left.form_to(&path).value("cause_as_understood"), "Half a thought of the chair");
        coordinator.get(&path).await.is(200).never_says("Half a thought").says("Somebody else has this page open now");
        // The case's own page asks more, and is not filled from here.
        let own = format!("/cases/{}/analysis/cause", case.reference);
        coordinator.post(&format!("{path}/typing"), &[("cause_as_understood", "Of the room"), ("typed", "yes")]).await.is(200);
        coordinator.get(&own).await.is(200).never_says("did not save it");
        coordinator.post(&format!("{own}/typing"), &[("cause_as_understood", "Of the case"), ("typed", "yes")]).await.is(200);
        let room_form = coordinator.get(&path).await.is(200).form_to(&path);
        assert_eq!(room_form.value("cause_as_understood"), "Of the room");
        coordinator.submit(&room_form).await.is(303);
        assert_eq!(coordinator.get(&own).await.is(200).form_to(&own).value("cause_as_understood"), "Of the case", "what is typed elsewhere stays");
        doctor.post(&format!("{path}/typing"), &typed).await.is(404);
        coordinator.post(&format!("{room}/header/typing"), &typed).await.is(404);
        // Somebody else chairs it meanwhile: what was typed is given back to whoever typed it.
        let mut form = left.form_to(&path);
        let item = room.replace("/room/", "/items/");
        let row = person(service, &panel, "doctor@cdr.example");
        let version = now(service, &id_of(&room)).version.to_string();
        coordinator.post(&item, &[("do", "hand_over"), ("person", &row), ("version", &version)]).await.is(303);
        let refused = chair.submit(form.set("cause_as_understood", "A whole thought of the chair")).await.is(404).never_says("A whole thought");
        let way = refused.links().into_iter().find(|(text, _)| text.starts_with("Read what you typed")).unwrap().1;
        // A second one does not push out the first.
        let again = chair.post(&path, &[("cause_as_understood", "Another thought")]).await.is(404);
        let other = again.links().into_iter().find(|(text, _)| text.starts_with("Read what you typed")).unwrap().1;
        assert_ne!(way, other);
        chair.get(&other).await.is(200).says("Another thought");
        chair.get(&way).await.is(200).says("A whole thought of the chair");
        doctor.get(&way).await.is(404);
        // A post without words is not kept.
        chair.post(&room, &[("do", "sign"), ("version", "1")]).await.is(404).never_says("Read what you typed");
    }

    async fn a_personal_interest_holds_whatever_role_somebody_has_later(service) {
        use cdr::store::schema::users;
        use diesel::prelude::*;
        let coordinator = service.signed_in(Role::Coordinator).await;
        let (case, other) = (given::case(service, 1), given::case(service, 2));
        let (panel, [doctor, ..]) = panel(service, &coordinator).await;
        let (item, address) = list(service, &panel, &case);
        let (kept, _) = list(service, &panel, &other);
        let mut form = doctor.get(&address).await.is(200).form_with("Declare");
        doctor.submit(form.set("interest", "personal")).await.is(303);
        for role in ["designated_doctor", "coordinator"] {
            let conn = &mut service.database.conn();
            let id = service.read(|conn| Ok(cdr::store::accounts::by_email(conn, "doctor@cdr.example")?)).unwrap().id;
            diesel::update(users::table.find(&id)).set(users::role.eq(role)).execute(conn).unwrap();
            let page = doctor.get(&panel).await.is(200).says(&kept.pack_number).never_says(&item.pack_number);
            assert!(!page.text.contains(&case.reference));
            doctor.get(&address).await.is(404);
            doctor.post(&address, &[("do", "take_off"), ("reason", "Not wanted here."), ("version", "1")]).await.is(if role == "coordinator" { 404 } else { 403 });
            doctor.get(&format!("{}/minutes.docx", panel.replace("/panels/", "/meetings/"))).await.is(422).says("You have a personal interest");
        }
        assert_eq!(now(service, &item.id).state, "listed");
    }

    async fn words_kept_in_the_room_are_there_to_be_read_after_the_decision_and_the_chair_finds_where_to_sign(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let case = given::case(service, 1);
        let who = members(service);
        let (panel, room) = sitting(service, &coordinator, &case, &who).await;
        there(&coordinator, service, &panel, &ALL_THERE).await;
        let (doctor, chair) = (service.signed_in_as("doctor@cdr.example"), service.signed_in_as("chair@cdr.example"));
        for (section, pair) in [("category", ("categories_all", "5")), ("modifiability", ("modifiable", "none"))] {
            fill(&coordinator, &room, section, &[pair]).await.is(303);
        }
        let path = format!("{room}/cause");
        let typed = [("cause_as_understood", "Half a thought of the chair"), ("typed", "yes")];
        chair.post(&format!("{path}/typing"), &typed).await.is(200);
        decides(&coordinator, &room).await;
        let page = chair.get(&path).await.is(200).says("This case is not worked on here any more");
        assert_eq!(page.form_to(&path).value("cause_as_understood"), "Half a thought of the chair");
        chair.post(&format!("{path}/typing"), &typed).await.is(422);
        // From the page of the panel to the signature by links alone.
        let item = room.replace("/room/", "/items/");
        let to_item = chair.get(&panel).await.is(200).links().into_iter().find(|(_, to)| *to == item).unwrap().1;
        let page = chair.get(&to_item).await.is(200);
        let to_room = page.links().into_iter().find(|(text, _)| text == "The decision, and signing the analysis").unwrap().1;
        assert_eq!(to_room, room);
        chair.get(&to_room).await.is(200).form_with("Sign the analysis");
        doctor.get(&item).await.is(200).never_says("signing the analysis");
    }

    async fn what_is_known_from_elsewhere_names_nobody_in_the_room_before_anything_is_saved(service) {
        let mut answers = given::answers(1);
        answers["cause_1a"] = "Sepsis of Samplechild1".into();
        let case = given::case_of(service, &answers);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let who = members(service);
        let (_, room) = sitting(service, &coordinator, &case, &who).await;
        let (section, chair) = (format!("{room}/cause"), service.signed_in_as("chair@cdr.example"));
        for path in [room.clone(), section.clone(), room.replace("/room/", "/screen/")] {
            chair.get(&path).await.is(200).never_says("Samplechild1");
        }
        coordinator.get(&room.replace("/room/", "/screen/")).await.is(200).never_says("Samplechild1");
        let form = coordinator.get(&section).await.is(200).form_to(&section);
        assert_eq!(form.value("registered_cause_1a"), "Sepsis of Samplechild1", "who reads the case has it");
    }

    async fn whoever_chairs_in_the_place_of_the_chair_puts_themes_on_the_case(service) {
        let (coordinator, case) = (service.signed_in(Role::Coordinator).await, given::case(service, 1));
        let who = members(service);
        let (panel, room) = sitting(service, &coordinator, &case, &who).await;
        let (doctor, chair) = (service.signed_in_as("doctor@cdr.example"), service.signed_in_as("chair@cdr.example"));
        let themes = [("do", "themes"), ("themes", "safe_sleep"), ("version", "1")];
        doctor.post(&room, &themes).await.is(404);
        let row = person(service, &panel, "doctor@cdr.example");
        let version = now(service, &id_of(&room)).version.to_string();
        coordinator.post(&room.replace("/room/", "/items/"), &[("do", "hand_over"), ("person", &row), ("version", &version)]).await.is(303);
        let mut form = doctor.get(&room).await.is(200).form_with("Save the themes");
        doctor.submit(form.set("themes", "safe_sleep")).await.is(303);
        chair.post(&room, &themes).await.is(404);
        doctor.post(&format!("/cases/{}/themes", case.reference), &themes).await.is(403);
        let kept = service.read(|conn| cdr::casework::learning::themes(conn, &case));
        assert_eq!(kept.len(), 1);
    }

    async fn what_is_before_a_panel_ends_for_its_members_and_for_the_chair_with_the_signature(service) {
        let (coordinator, case) = (service.signed_in(Role::Coordinator).await, given::case(service, 1));
        let who = members(service);
        let (panel, room) = sitting(service, &coordinator, &case, &who).await;
        let item = room.replace("/room/", "/items/");
        there(&coordinator, service, &panel, &ALL_THERE).await;
        let chair = service.signed_in_as("chair@cdr.example");
        fill(&chair, &room, "category", &[("categories_all", "5")]).await.is(303);
        fill(&chair, &room, "modifiability", &[("modifiable", "none")]).await.is(303);
        decides(&chair, &room).await;
        service.pass(Duration::days(14));
        service.signed_in_as("doctor@cdr.example").get(&item).await.is(200);
        service.pass(Duration::days(1));
        let (doctor, chair) = (service.signed_in_as("doctor@cdr.example"), service.signed_in_as("chair@cdr.example"));
        doctor.get(&item).await.is(422).says("What was before this panel was shut on").never_says("Sample room");
        service.signed_in(Role::PanelMember).await.get(&item).await.is(404);
        let page = chair.get(&room).await.is(200);
        chair.submit(&page.form_with("Sign the analysis")).await.is(303);
        for path in [&item, &room] {
            chair.get(path).await.is(422).says("was shut on");
        }
        service.signed_in_as("coordinator@cdr.example").get(&item).await.is(200);
        // Listed again, it is open again.
        let reference = case.reference.clone();
        service.write(Service::coordinator(), move |tx, ctx| review::reopen(tx, ctx, &reference, "A genetic result came.")).unwrap();
        let coordinator = service.signed_in_as("coordinator@cdr.example");
        let (_, room) = sitting(service, &coordinator, &case, &who).await;
        doctor.get(&room.replace("/room/", "/items/")).await.is(200);
    }

    async fn the_panel_decides_when_it_is_quorate_and_the_chair_signs_each_version(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let case = given::case(service, 1);
        let who = members(service);
        let (panel, room) = sitting(service, &coordinator, &case, &who).await;
        let (doctor, chair) = (service.signed_in_as("doctor@cdr.example"), service.signed_in_as("chair@cdr.example"));
        let mut decide = chair.get(&room).await.is(200).form_with("Record the decision");
        chair.submit(&decide).await.is(422).says("Choose what the panel decided");
        decide.set("decision", "complete");
        chair.submit(&decide).await.is(422).says("Record who is there first");
        there(&coordinator, service, &panel, &[("doctor@cdr.example", "attended"), ("chair@cdr.example", "attended"), ("social@cdr.example", "apologies")]).await;
        chair.submit(&decide).await.is(422).says("not quorate for this case").says("from a local authority");
        there(&coordinator, service, &panel, &ALL_THERE).await;
        doctor.post(&room, &[("do", "decide"), ("decision", "complete"), ("version", "1")]).await.is(404);
        fill(&chair, &room, "category", &[("categories_all", "5")]).await.is(303);
        chair.submit(&decide).await.is(303);
        chair.submit(&decide).await.is(409);
        assert_eq!(given::find(service, &case.reference).state, "panel_complete");
        let path = format!("{room}/category");
        let version = now(service, &id_of(&room)).version.to_string();
        chair.get(&room).await.is(200).says("Signature of the chair");
        let opened = chair.get(&room).await.form_with("Sign the analysis");
        let analysis = opened.value("analysis");
        let sign = [("do", "sign"), ("version", version.as_str()), ("analysis", analysis.as_str())];
        chair.post(&room, &sign).await.is(422).says("says nothing on what could have been otherwise");
        let mut late = chair.get(&path).await.is(200).form_to(&path);
        chair.submit(late.set("categories_all", "9")).await.is(422).says("The panel has decided on this case.");
        let base = format!("/cases/{}/analysis/modifiability", case.reference);
        let mut form = coordinator.get(&base).await.is(200).form_to(&base);
        coordinator.submit(form.set("modifiable", "none")).await.is(303);
        doctor.post(&room, &sign).await.is(404);
        coordinator.post(&room, &sign).await.is(403);
        // What the chair had open was changed by then: it is shown as it stands now, and signed when it was read.
        let page = chair.submit(&opened).await.is(409).says("nothing was signed").says("No modifiable factors identified");
        assert!(service.read(|conn| Ok(store::signed_of(conn, &case.id)?)).is_empty());
        let read = page.form_with("Sign the analysis");
        let analysis = read.value("analysis");
        let sign = [("do", "sign"), ("version", version.as_str()), ("analysis", analysis.as_str())];
        chair.submit(&read).await.is(303);
        chair.post(&room, &sign).await.is(422).says("This analysis is signed already.");
        coordinator.get(&format!("/cases/{}/analysis", case.reference)).await.is(200).says("Version 1").says("signed by Sample Panel chair");
        let first = format!("/cases/{}/analysis/signed/1", case.reference);
        coordinator.get(&first).await.is(200).says("Nothing has changed since.");
        for role in [Role::JarLead, Role::PanelMember, Role::Administrator] {
            let other = service.signed_in(role).await;
            other.get(&first).await.is(403);
        }

        let reference = case.reference.clone();
        service.write(Service::coordinator(), move |tx, ctx| review::reopen(tx, ctx, &reference, "A genetic result came.")).unwrap();
        let (panel, room) = sitting(service, &coordinator, &case, &who).await;
        there(&coordinator, service, &panel, &ALL_THERE).await;
        fill(&chair, &room, "category", &[("categories_all", "7")]).await.is(303);
        coordinator.get(&first).await.is(200).says("Changed");
        decides(&chair, &room).await;
        chair.submit(&chair.get(&room).await.form_with("Sign the analysis")).await.is(303);
        coordinator.get(&format!("/cases/{}/analysis", case.reference)).await.is(200).says("Version 1").says("Version 2").says("What stands now differs in");
        let versions = service.read(|conn| Ok(store::signed_of(conn, &case.id)?));
        assert_eq!(versions.iter().map(|v| v.number).collect::<Vec<_>>(), [1, 2]);
        assert!(!versions[0].answers.contains("\"7\"") && versions[1].answers.contains("\"7\""), "the old one stays as it was");
    }

    async fn a_case_is_listed_when_it_is_ready_and_moves_with_its_item(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let (case, panel) = (given::case(service, 1), arrange(&coordinator, service, 40).await);
        let path = format!("{panel}/list");
        coordinator.get(&format!("{path}?reference=KM-2026-9999")).await.is(422).faults("There is no case with this reference", "#reference");
        let page = coordinator.get(&format!("{path}?reference={}", case.reference)).await.is(200)
            .says("Not asked for yet").says("The review meeting was not held.").says("Proposed: Expected and palliative. The death was expected.");
        let mut form = page.form_with("List the case");
        coordinator.submit(&form).await.is(422).says("The case is not ready. The review meeting was not held.");
        assert_eq!(given::find(service, &case.reference).state, "gathering", "nothing moved");
        form.set("waive-answers", "Nobody else knew the child.").set("waive-meeting", "Held with the hospital’s own meeting.").set("waive-draft", "Written at the panel.");
        form.set("route", "full");
        let page = coordinator.submit(&form).await.is(422).faults("Say why the route is not “Expected and palliative”, which the record speaks for", "#reason");
        let mut form = page.form_with("List the case");
        assert_eq!((form.value("route").as_str(), form.value("waive-draft").as_str()), ("full", "Written at the panel."), "nothing is lost");
        form.set("reason", "The panel asked for it.");
        coordinator.submit(&form).await.is(303);
        coordinator.submit(&form).await.is(422).says("listed for a panel already");
        assert_eq!(given::find(service, &case.reference).state, "listed");
        let page = coordinator.get(&panel).await.is(200).says(&case.reference).says("Full, 40 minutes").says("09:10").says("The last case ends at 09:50");
        let item = page.links().into_iter().find(|(_, to)| to.contains("/items/")).unwrap().1;
        coordinator.get(&item).await.is(200).says("Held with the hospital’s own meeting.").says("The panel asked for it.");

        let stale = coordinator.get(&item).await.form_with("Put it off");
        let mut route = coordinator.get(&item).await.form_with("Change the route");
        route.set("route", "expected");
        coordinator.submit(route.clone().press("Change the route")).await.is(422).faults("Say why the route is changed", "#reason");
        coordinator.submit(route.set("reason", "Shorter after all.").press("Change the route")).await.is(303);
        coordinator.submit(&stale).await.is(409);
        let mut defer = coordinator.get(&item).await.form_with("Put it off");
        coordinator.submit(&defer).await.is(422).faults("Choose why it is put off", "#deferral").faults("Enter the day on which it is looked at again", "#next");
        let day = london(service.now() + Duration::days(60));
        defer.set("deferral", "inquest").date("next", &day.format("%-d %-m %Y").to_string());
        coordinator.submit(&defer).await.is(303);
        coordinator.get(&item).await.is(200).says("Awaiting the inquest");
        assert_eq!(given::find(service, &case.reference).state, "panel_deferred");
        coordinator.get(&format!("/cases/{}/meetings", case.reference)).await.is(200).says("At panels").says("Deferred");
        coordinator.submit(&defer).await.is(409);

        let second = arrange(&coordinator, service, 80).await;
        let (_, item) = list(service, &second, &case);
        assert_eq!(given::find(service, &case.reference).state, "listed");
        let mut off = coordinator.get(&item).await.form_with("Take it off the list");
        off.set("reason", "Another panel knows more of it.");
        coordinator.submit(off.press("Take it off the list")).await.is(303);
        assert_eq!(given::find(service, &case.reference).state, "ready_for_panel");
    }

    async fn what_holds_the_panel_back_holds_the_listing_and_a_cancelled_panel_lets_go(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let (case, other, panel) = (given::case(service, 1), given::case(service, 2), arrange(&coordinator, service, 40).await);
        let path = format!("/cases/{}/processes/add", case.reference);
        let mut form = coordinator.get(&format!("{path}?kind=inquest")).await.is(200).form_to(&path);
        form.set("state", "under_way").date("began_on", "1 4 2026");
        coordinator.submit(&form).await.is(303);
        assert_eq!(service.read(|conn| Ok(processes::of_case(conn, &case.id)?)).len(), 1);
        coordinator.get(&format!("{panel}/list?reference={}", case.reference)).await.is(200).says("Held back by:");
        let (of, reference) = (id_of(&panel), case.reference.clone());
        let refused = service.write(Service::coordinator(), move |tx, ctx| {
            work::list(tx, ctx, &of, &Listing { reference, route: "expected".into(), waived: waived(), ..Listing::default() })
        });
        assert!(refused.is_err());
        let path = format!("/cases/{}/family/questions/new", other.reference);
        let mut form = coordinator.get(&path).await.is(200).form_to(&path);
        form.set("words", "Was anybody told that she was cold?").set("state", "asked").date("asked_on", "1 4 2026");
        coordinator.submit(&form).await.is(303);
        let (_, item) = list(service, &panel, &other);
        coordinator.get(&item).await.is(200).says("Was anybody told that she was cold?");
        coordinator.get(&format!("/cases/{}/family", other.reference)).await.is(200).says("Carried to the panel");
        let mut cancel = coordinator.get(&panel).await.is(200).form_with("Cancel the meeting");
        coordinator.submit(cancel.set("reason", "Too few can come.")).await.is(303);
        assert_eq!(given::find(service, &other.reference).state, "ready_for_panel");
    }

    async fn a_personal_interest_leaves_no_trace_and_the_quorum_falls(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let (panel, [doctor, social, chair]) = panel(service, &coordinator).await;
        let (case, kept) = (given::case(service, 1), given::case(service, 2));
        let ((item, address), (other, _)) = (list(service, &panel, &case), list(service, &panel, &kept));
        doctor.get(&panel).await.is(200).says(&item.pack_number).says(&other.pack_number).never_says(&case.reference).never_says("Testfamily").never_says("09:10");
        coordinator.get(&address).await.is(200).says("Quorate for this case.").says("not declared yet");
        let form = doctor.get(&address).await.is(200).never_says("Testfamily").never_says(&case.reference).form_with("Declare");
        doctor.submit(&form).await.is(422).faults("Choose what the interest is, or that there is none", "#interest");
        doctor.submit(form.clone().set("interest", "personal")).await.is(303);
        let page = doctor.get(&panel).await.is(200).never_says(&item.pack_number).says(&other.pack_number);
        assert_eq!(page.links().iter().filter(|(_, to)| to.contains("/items/")).count(), 1);
        assert_eq!(doctor.get(&address).await.status, doctor.get(&format!("{panel}/items/nothing")).await.status);
        doctor.get(&address).await.is(404);
        doctor.submit(&form).await.is(404);
        doctor.get(&format!("/cases/{}", case.reference)).await.is(403);
        doctor.get("/meetings").await.is(200).never_says(&item.pack_number);
        coordinator.get(&address).await.is(200).says("Not quorate for this case").says("A lead professional from health without an interest").says("Interest: Personal");
        social.get(&address).await.is(200).never_says("Personal interest of").never_says("Sample Panel member, ");

        // At another panel it still is personal.
        let mut defer = coordinator.get(&address).await.form_with("Put it off");
        let day = london(service.now() + Duration::days(60));
        defer.set("deferral", "conflict").date("next", &day.format("%-d %-m %Y").to_string());
        coordinator.submit(&defer).await.is(303);
        doctor.get(&panel).await.is(200).never_says(&item.pack_number);
        let later = arrange(&coordinator, service, 80).await;
        let ids: Vec<String> = ["doctor@cdr.example", "social@cdr.example"].map(|email| service.read(|conn| Ok(cdr::store::accounts::by_email(conn, email)?)).unwrap().id).into();
        put_down(&coordinator, &later, &[(&ids[0], "hospital_paeds"), (&ids[1], "social_care")]).await.is(303);
        let (again, address) = list(service, &later, &case);
        doctor.get(&later).await.is(200).never_says(&again.pack_number).says("No case is on the list for you");
        doctor.get(&address).await.is(404);
        social.get(&later).await.is(200).says(&again.pack_number);
        chair.get(&later).await.is(404);
    }

    async fn a_professional_interest_reads_on_and_a_conflicted_chair_hands_over(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let (panel, [doctor, social, chair]) = panel(service, &coordinator).await;
        let case = given::case(service, 1);
        let (_, address) = list(service, &panel, &case);
        for (browser, interest) in [(&doctor, "none"), (&social, "professional"), (&chair, "line_managed")] {
            let mut form = browser.get(&address).await.is(200).form_with("Declare");
            browser.submit(form.set("interest", interest)).await.is(303);
            browser.get(&address).await.is(200);
        }
        let page = coordinator.get(&address).await.is(200).says("Another person has to chair this case.").says("A lead professional from a local authority").says("A chair without an interest");
        let social_row = person(service, &panel, "social@cdr.example");
        doctor.post(&address, &[("do", "judge"), ("person", &social_row), ("stays", "yes"), ("version", "1")]).await.is(404);
        chair.post(&address, &[("do", "judge"), ("person", &social_row), ("stays", "yes"), ("version", "1")]).await.is(404);
        assert!(!page.text.contains("Let Sample Panel chair chair"));
        let doctor_row = person(service, &panel, "doctor@cdr.example");
        let version = now(service, &id_of(&address)).version.to_string();
        let chair_row = person(service, &panel, "chair@cdr.example");
        coordinator.post(&address, &[("do", "hand_over"), ("person", &chair_row), ("version", &version)]).await.is(422).says("Whoever has an interest in a case does not chair it");
        coordinator.post(&address, &[("do", "hand_over"), ("person", &doctor_row), ("version", &version)]).await.is(303);
        doctor.get(&address).await.is(200).says("chairs this case").never_says("Testfamily");
        doctor.post(&address, &[("do", "judge"), ("person", &social_row), ("stays", "no"), ("version", "1")]).await.is(303);
        social.get(&address).await.is(200).says("The chair decided that you leave for this case");
        let mut back = social.get(&address).await.form_with("Declare");
        social.submit(back.set("interest", "none")).await.is(422).says("The chair decided on what you declared.");
        social.get(&address).await.is(200).says("The chair decided that you leave for this case");
        coordinator.get(&address).await.is(200).says("Leaves for this case, recorded by Sample Panel member");
        chair.post(&address, &[("do", "take_off"), ("reason", "x"), ("version", &version)]).await.is(403);
    }

    async fn the_chair_declares_first_and_runs_the_case_from_the_day_members_read(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let (panel, [doctor, _, chair]) = panel(service, &coordinator).await;
        let case = given::case(service, 1);
        let (item, address) = list(service, &panel, &case);
        let room = format!("{panel}/room/{}", item.id);
        chair.get(&address).await.is(200).never_says("Open this case in the room");
        for path in [room.clone(), format!("{room}/category"), room.replace("/room/", "/screen/")] {
            chair.get(&path).await.is(422).says("Declare first");
        }
        let section = [("categories_all", "5"), ("version", "0")];
        chair.post(&format!("{room}/category"), &section).await.is(422).says("Declare first");
        let mut form = chair.get(&address).await.form_with("Declare");
        chair.submit(form.set("interest", "none")).await.is(303);
        chair.get(&room).await.is(422).says("This case opens to you on");
        coordinator.get(&room).await.is(200);
        doctor.get(&room).await.is(404);
        service.pass(Duration::days(13));
        let chair = service.signed_in_as("chair@cdr.example");
        chair.get(&room).await.is(200);
    }

    async fn who_declared_nothing_and_a_chair_of_no_agency_make_no_quorum(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let case = given::case(service, 1);
        let who = members(service);
        let panel = arrange(&coordinator, service, 0).await;
        let nowhere: Vec<(&str, &str)> = who.iter().map(|(id, _)| (id.as_str(), "")).collect();
        put_down(&coordinator, &panel, &nowhere).await.is(422).faults("Tick who is to come, each with an agency from the list", "#member");
        let pairs: Vec<(&str, &str)> = who.iter().map(|(id, agency)| (id.as_str(), *agency)).collect();
        put_down(&coordinator, &panel, &pairs).await.is(303);
        let (item, address) = list(service, &panel, &case);
        coordinator.get(&address).await.is(200).never_says("Record that nobody else has an interest");
        there(&coordinator, service, &panel, &ALL_THERE).await;
        let room = format!("{panel}/room/{}", item.id);
        let mut decide = coordinator.get(&room).await.is(200).form_with("Record the decision");
        decide.set("decision", "complete");
        coordinator.submit(&decide).await.is(422).says("not quorate").says("Who has declared nothing yet does not count");
        let doctor = service.signed_in_as("doctor@cdr.example");
        doctor.post(&address, &[("do", "rest"), ("version", "1")]).await.is(403);
        coordinator.submit(&coordinator.get(&address).await.is(200).form_with("Record that nobody else has an interest")).await.is(303);
        coordinator.get(&address).await.is(200).never_says("not declared yet").never_says("Record that nobody else has an interest").says("Quorate for this case.");
        let version = now(service, &item.id).version.to_string();
        coordinator.submit(decide.set("version", &version)).await.is(303);
    }

    async fn a_personal_interest_holds_for_the_case_that_is_read_with_it_since(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let (panel, [doctor, ..]) = panel(service, &coordinator).await;
        let (case, other) = (given::case(service, 1), given::case(service, 2));
        let (_, address) = list(service, &panel, &case);
        let mut form = doctor.get(&address).await.form_with("Declare");
        doctor.submit(form.set("interest", "personal")).await.is(303);
        let mut off = coordinator.get(&address).await.form_with("Take it off the list");
        coordinator.submit(off.set("reason", "The same child as another.").press("Take it off the list")).await.is(303);
        let row = cdr::store::merges::Merge {
            id: "m-1".into(), case_id: case.id.clone(), into_id: other.id.clone(), state_before: "gathering".into(),
            since: service.now().naive_utc(), merged_by: "Sample".into(), reason: "The same child.".into(),
            kept: None,
        };
        service.write(Service::coordinator(), move |tx, _| { tx.unchanged(); Ok(cdr::store::merges::insert(tx, &row)?) }).unwrap();
        let (again, address) = list(service, &panel, &other);
        doctor.get(&address).await.is(404);
        doctor.get(&panel).await.is(200).never_says(&again.pack_number);
    }

    async fn apologies_sent_beforehand_are_one_person_fewer_and_no_more(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let (panel, _) = panel(service, &coordinator).await;
        let (_, address) = list(service, &panel, &given::case(service, 1));
        let extra = service.add_user("lay@cdr.example", Role::PanelMember);
        put_down(&coordinator, &panel, &[(&extra, "gp")]).await.is(303);
        coordinator.get(&address).await.is(200).says("Quorate for this case.");
        there(&coordinator, service, &panel, &[("lay@cdr.example", "apologies")]).await;
        coordinator.get(&address).await.is(200).says("Quorate for this case.");
        there(&coordinator, service, &panel, &[("social@cdr.example", "apologies")]).await;
        coordinator.get(&address).await.is(200).says("Not quorate for this case").says("A lead professional from a local authority");
    }

    async fn whose_organisation_answered_is_told_by_the_organisation_and_over_merged_cases(service) {
        use cdr::casework::gather::{self, NewRequest};
        let coordinator = service.signed_in(Role::Coordinator).await;
        let (case, under, other) = (given::case(service, 1), given::case(service, 2), given::case(service, 3));
        for (at, agency, organisation) in [(&case, "social_care", Some("E06000035")), (&under, "police", None)] {
            let new = NewRequest {
                agency: agency.into(), recipient: "Sample Somebody".into(), organisation: organisation.map(str::to_owned),
                email: format!("{agency}@cdr.example"), forms: vec!["reporting".into()], ..NewRequest::default()
            };
            let reference = at.reference.clone();
            let ids = service.write(Service::coordinator(), move |tx, ctx| gather::send_requests(tx, ctx, &reference, &[new])).unwrap();
            let mut row = given::request_now(service, &ids[0]);
            row.state = "accepted".into();
            service.write(Service::coordinator(), move |tx, _| { tx.unchanged(); cdr::store::requests::save(tx, &row)?; Ok(()) }).unwrap();
        }
        super::merge::under(service, &under, &case);
        let id = service.add_user("housing@cdr.example", Role::PanelMember);
        let user = service.read(|conn| Ok(cdr::store::accounts::by_id(conn, &id)?)).unwrap();
        let change = people::Change { role: Role::PanelMember, organisation: Some("E06000035".into()), active: true, version: user.version };
        service.write(Actor::operator(), move |tx, ctx| people::change(tx, ctx, &user.id, &change)).unwrap();
        let police = service.add_user("police@cdr.example", Role::PanelMember);
        let lay = service.add_user("lay@cdr.example", Role::PanelMember);
        let panel = arrange(&coordinator, service, 40).await;
        put_down(&coordinator, &panel, &[(&id, "housing"), (&police, "police"), (&lay, "education")]).await.is(303);
        let flagged = |item: &Item| {
            let ctx = service.context(Service::coordinator());
            let row = service.read(|conn| Ok(meetings::get(conn, &item.meeting_id)?)).unwrap();
            let all = service.read(|conn| work::at_item(conn, &ctx, &row, item));
            let mut answered: Vec<String> = all.into_iter().filter(|p| p.answered).filter_map(|p| p.person.agency).collect();
            answered.sort();
            answered
        };
        let (item, address) = list(service, &panel, &case);
        assert_eq!(flagged(&item), ["housing", "police"]);
        coordinator.get(&address).await.is(200).says("Police");
        assert!(flagged(&list(service, &panel, &other).0).is_empty());
        // Whoever contributed to either is thanked when the case is closed.
        let ctx = service.context(Service::coordinator());
        let thanked = service.read(|conn| cdr::casework::learning::contributors(conn, &ctx, &case));
        let thanked: Vec<&str> = thanked.iter().map(|one| one.email.as_str()).collect();
        assert_eq!(thanked, ["police@cdr.example", "sample.notifier@nhs.net", "social_care@cdr.example"]);
    }

    async fn the_place_of_a_panel_is_none_that_tells_of_a_family(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let (panel, _) = panel(service, &coordinator).await;
        list(service, &panel, &given::case(service, 1));
        list(service, &panel, &given::case(service, 2));
        let change = panel.replace("/panels/", "/meetings/") + "/change";
        for (place, wrong) in [
            ("Home of Testfamily2", true), ("At Tesfamily2", true), ("1 Sample Street", true), ("Sample Street", true),
            ("Community hall, ME14 1AA", true), ("community hall ME141AA", true), ("Sample General Hospital, ME16 9QQ", false),
            ("https://meet.example/912 345 6789", false),
        ] {
            let mut form = coordinator.get(&change).await.is(200).form_to(&change);
            let page = coordinator.submit(form.set("place", place)).await;
            if wrong {
                let page = page.is(422).says("The place is mailed: it must not hold");
                assert_eq!(page.form_to(&change).value("place"), place, "what was typed stays");
            } else {
                page.is(303);
            }
        }
        // A place that was chosen before is looked at when a case is listed.
        let other = arrange(&coordinator, service, 30).await;
        let change = other.replace("/panels/", "/meetings/") + "/change";
        let mut form = coordinator.get(&change).await.is(200).form_to(&change);
        coordinator.submit(form.set("place", "1 Sample Street, ME14 1AA")).await.is(303);
        let refused = listed(service, &other, &given::case(service, 3));
        let Err(Error::Invalid(problems)) = refused else { panic!("{refused:?}") };
        assert!(problems.iter().any(|p| p.field == "reference" && p.message.contains("Change the place first")), "{problems:?}");
    }

    async fn drink_beside_a_shared_sleep_surface_asks_about_asphyxia(service) {
        use super::support::{Sample, journey::fill_section};
        let coordinator = service.signed_in(Role::Coordinator).await;
        let case = given::case(service, 1);
        let (_, room) = sitting(service, &coordinator, &case, &members(service)).await;
        let path = format!("/cases/{}/record/sudden_unexpected_death/event", case.reference);
        let asks = "Have you considered unintentional asphyxia?";
        let slept = Sample::empty().with("sleep_place", "cot").with("shared", "no");
        fill_section(&coordinator, &path, &slept).await;
        coordinator.get(&format!("{room}/category")).await.is(200).never_says(asks);
        coordinator.get(&format!("{room}/modifiability")).await.is(200).never_says("hazardous co-sleeping");
        let slept = Sample::empty().with("sleep_place", "bed").with("shared", "yes").with("sharer_alcohol", "yes");
        fill_section(&coordinator, &path, &slept).await;
        coordinator.get(&format!("{room}/category")).await.is(200).says(asks);
        coordinator.get(&format!("{room}/modifiability")).await.is(200).says("The record tells of hazardous co-sleeping.");
    }

    async fn two_chairs_who_sign_at_one_moment_make_one_version(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let case = given::case(service, 1);
        let who = members(service);
        let (panel, room) = sitting(service, &coordinator, &case, &who).await;
        there(&coordinator, service, &panel, &ALL_THERE).await;
        for (section, pair) in [("category", ("categories_all", "5")), ("modifiability", ("modifiable", "none"))] {
            fill(&coordinator, &room, section, &[pair]).await.is(303);
        }
        decides(&coordinator, &room).await;
        let user = service.read(|conn| Ok(cdr::store::accounts::by_email(conn, "chair@cdr.example")?)).unwrap();
        let version = now(service, &id_of(&room)).version;
        let analysis = service.read(|conn| Ok(cdr::store::records::get(conn, &case.id, "analysis")?)).unwrap().version;
        let both: Vec<_> = (0..8).map(|_| {
            let (db, of, item) = (service.app.db.clone(), id_of(&panel), id_of(&room));
            let ctx = service.context(cdr::domain::actor::Actor::staff(&user.id, &user.name, Role::PanelChair, None));
            std::thread::spawn(move || db.write(move |tx| work::sign(tx, &ctx, (&of, &item, version), analysis)).map_err(|e: cdr::casework::Error| format!("{e:?}")))
        }).collect();
        let done: Vec<_> = both.into_iter().map(|t| t.join().unwrap()).collect();
        assert_eq!(done.iter().filter(|d| d.is_ok()).count(), 1, "{done:?}");
        assert!(done.iter().filter_map(|d| d.as_ref().err()).all(|e| e.contains("signed already")), "{done:?}");
        let signed = service.read(|conn| Ok(store::signed_of(conn, &case.id)?));
        assert_eq!(signed.len(), 1);
    }

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
    }
}

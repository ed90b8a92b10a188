//! What happens in the room: who works there on the analysis, what is typed and kept, and what is asked beside it.

use cdr::domain::actor::Role;

use super::{ALL_THERE, decides, fill, id_of, members, now, person, sitting, there};
use crate::both_engines;
use crate::support::given;

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

    async fn drink_beside_a_shared_sleep_surface_asks_about_asphyxia(service) {
        use crate::support::{Sample, journey::fill_section};
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
}

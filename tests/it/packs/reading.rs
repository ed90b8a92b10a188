//! The reading room and the questions of those who read there.

use cdr::domain::actor::Role;
use chrono::Duration;

use super::{listed, released};
use crate::both_engines;
use crate::panels::put_down;
use crate::support::given;

both_engines! {
    async fn a_question_goes_to_an_agency_of_a_case_that_is_read_under_this_one(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let (case, under, other) = (given::case(service, 1), given::case(service, 2), given::case(service, 3));
        let request = given::request(service, &under, "maternity", &["reporting"]);
        let strange = given::request(service, &other, "police", &["reporting"]);
        crate::merge::under(service, &under, &case);
        let (pack, member) = listed(service, &coordinator, &case, 10).await;
        released(service, &coordinator, &pack).await;
        let mut form = member.get(&pack).await.is(200).form_with("Ask");
        member.submit(form.set("question", "Was the scan repeated?")).await.is(303);
        let path = format!("{pack}/questions");
        let page = coordinator.get(&path).await.is(200).says("Maternity");
        let mut form = page.form_with("Send to the agency");
        assert!(form.offers("request").contains(&request.id) && !form.offers("request").contains(&strange.id));
        let pairs: Vec<(String, String)> = form.pairs().into_iter().filter(|(name, _)| name != "request" && name != "do").collect();
        let mut pairs: Vec<(&str, &str)> = pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        pairs.extend([("do", "send"), ("request", strange.id.as_str())]);
        coordinator.bare_post(&path, &pairs).await.is(422).says("Choose the agency that is asked");
        coordinator.submit(form.set("request", &request.id)).await.is(303);
        let asked = given::request_now(service, &request.id);
        assert_ne!(asked.link_hash, request.link_hash, "a new link went out");
    }

    async fn the_room_opens_and_shuts_with_the_panel_and_for_those_who_may(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let case = given::case(service, 1);
        let (pack, member) = listed(service, &coordinator, &case, 60).await;
        released(service, &coordinator, &pack).await;
        member.get(&pack).await.is(403).says("opens on").never_says("synthetic");
        member.post(&format!("{pack}/read"), &[]).await.is(403);
        service.pass(Duration::days(40));
        let member = service.signed_in_as("member@cdr.example");
        let coordinator = service.signed_in_as("coordinator@cdr.example");
        member.get(&pack).await.is(200).says("A synthetic account.");
        // Read, noted and asked; two windows do not lose a note.
        let page = member.get(&pack).await;
        member.submit(&page.form_with("I have read this")).await.is(303);
        member.get(&pack).await.is(200).says("You marked this version as read");
        let (mut one, mut two) = (page.form_with("Keep notes"), page.form_with("Keep notes"));
        member.submit(one.set("body", "My first note.")).await.is(303);
        let clash = member.submit(two.set("body", "My second note.")).await.is(409).says("My first note.");
        assert_eq!(clash.form_with("Keep notes").value("body"), "My second note.");
        assert_eq!(member.get(&pack).await.form_with("Keep notes").value("body"), "My first note.");
        // Nobody else reads it, the desk says who has read.
        let panel = pack.split("/pack/").next().unwrap();
        let other = service.add_user("other@cdr.example", Role::PanelMember);
        let stranger = service.signed_in_as("other@cdr.example");
        stranger.get(&pack).await.is(404);
        put_down(&coordinator, panel, &[(&other, "police")]).await.is(303);
        stranger.get(&pack).await.is(403).says("Say first what you have to do with this case");
        coordinator.get(&format!("{pack}/desk")).await.is(200).says("Marked as read by: Sample Panel member").never_says("My first note");
        for role in [Role::Analyst, Role::Executive, Role::Auditor, Role::Administrator, Role::KeyWorker] {
            let email = format!("{}@cdr.example", role.as_str());
            service.add_user(&email, role);
            let browser = service.signed_in_as(&email);
            assert!(matches!(browser.get(&pack).await.status, 403 | 404), "{role}");
            assert!(matches!(browser.get(&format!("{pack}/desk")).await.status, 403 | 404), "{role}");
        }
        member.get(&format!("{pack}/desk")).await.is(403);
        member.get(&format!("{pack}/questions")).await.is(403);
        // A personal interest shuts it for good, old packs included.
        let item = pack.replace("/pack/", "/items/");
        let mut form = stranger.get(&item).await.is(200).form_with("Declare");
        stranger.submit(form.set("interest", "personal")).await.is(303);
        for path in ["", "/print", "/source/notification"] {
            stranger.get(&format!("{pack}{path}")).await.is(404);
        }
        service.pass(Duration::days(40));
        let member = service.signed_in_as("member@cdr.example");
        member.get(&pack).await.is(422).says("was shut on").never_says("synthetic");
        member.get(&item).await.is(422).says("was shut on");
        // Who typed on the last evening has the words back.
        let late = [("body", "What I typed on the last evening."), ("version", "1")];
        let page = member.post(&format!("{pack}/note"), &late).await.is(422).says("was shut on");
        assert!(page.text.contains("What I typed on the last evening."));
    }

    async fn a_question_goes_to_the_agency_and_its_answer_to_every_member(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let case = given::case(service, 1);
        let request = given::request(service, &case, "gp", &["reporting"]);
        let (pack, member) = listed(service, &coordinator, &case, 10).await;
        released(service, &coordinator, &pack).await;
        let mut form = member.get(&pack).await.is(200).form_with("Ask");
        member.submit(&form).await.is(422).faults("Enter what you would like to know", "#question");
        member.submit(form.set("question", "Was the child weighed at home?")).await.is(303);
        member.submit(&form).await.is(303);
        let desk = format!("{pack}/questions");
        let page = coordinator.get(&desk).await.is(200).says("Was the child weighed at home?");
        let mut form = page.form_with("Send to the agency");
        coordinator.submit(&form).await.is(422).faults("Choose the agency that is asked", "#request");
        coordinator.submit(form.set("request", &request.id)).await.is(303);
        let (agency, home) = given::opened_link(service, "gp@cdr.example").await;
        agency.get(&home).await.is(200).says("1 question of the child death overview panel");
        let path = format!("{home}/questions");
        let page = agency.get(&path).await.is(200).says("Was the child weighed at home?").never_says("Sample Panel member");
        let mut form = page.form_with("Send your answer");
        agency.submit(&form).await.is(422);
        let field = form.names().into_iter().find(|name| name.starts_with("answer-")).unwrap().to_owned();
        agency.submit(form.set(&field, "Yes, Samplechild1 was weighed twice.")).await.is(303);
        agency.get(&path).await.is(200).says("You answered:");
        // What names the child does not reach the members.
        let page = coordinator.get(&desk).await.is(200).says("Samplechild1 was weighed twice");
        let mut form = page.form_with("Tell the members");
        coordinator.submit(form.press("Tell the members")).await.is(422).says("could tell who somebody is");
        let told = form.names().into_iter().find(|name| name.starts_with("told-")).unwrap().to_owned();
        coordinator.submit(form.set(&told, "Yes, twice.").press("Tell the members")).await.is(303);
        member.get(&pack).await.is(200).says("Yes, twice.").never_says("Samplechild1");
        // The mail says nothing of it.
        let mails = service.mails();
        assert!(mails.iter().all(|mail| !mail.body.contains("weighed")));
    }
}

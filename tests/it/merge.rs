//! Two cases of one death: one goes under the other and is read there, and comes out as it was.

use std::collections::BTreeMap;

use cdr::casework::{gather, triage};
use cdr::domain::actor::Role;
use cdr::domain::case::Move;
use cdr::store::cases::Case;
use cdr::store::{
    clocks, documents, events, family, notifications, processes, records, requests, responses,
};
use reqwest::Method;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::corrections::sent;
use super::meetings::arrange;
use super::support::journey::{fill_form, send_answers};
use super::support::{Browser, Page, Sample, Service, given};
use crate::both_engines;

/// One checksum over every row of a case, but for when its own row was last touched.
fn checksum(service: &Service, reference: &str) -> Vec<u8> {
    let case = given::find(service, reference);
    let case = Case {
        version: 0,
        updated_at: case.opened_at,
        ..case
    };
    let rows = beneath(service, reference);
    Sha256::digest(format!("{case:?}{rows:?}")).to_vec()
}

/// The same without the case's own row, which tells worklists what is owed.
fn beneath(service: &Service, reference: &str) -> Vec<u8> {
    let id = given::find(service, reference).id;
    let rows = service.read(|conn| {
        let mut record = records::of_case(conn, &id)?;
        for row in &mut record {
            row.version = 0;
        }
        Ok((
            format!("{record:?}"),
            format!("{:?}", requests::of_case(conn, &id)?),
            format!("{:?}", responses::of_case(conn, &id)?),
            format!("{:?}", notifications::of_case(conn, &id)?),
            format!("{:?}", documents::of_case(conn, &id)?),
            format!("{:?}", family::of_case(conn, &id)?),
            format!("{:?}", processes::of_case(conn, &id)?),
            format!("{:?}", clocks::of_case(conn, &id)?),
        ))
    });
    Sha256::digest(format!("{rows:?}")).to_vec()
}

pub(super) async fn merge(browser: &Browser, reference: &str, into: &str, reason: &str) -> Page {
    let path = format!("/cases/{reference}/merge");
    let mut form = browser.get(&path).await.is(200).form_with("Merge");
    form.set("into", into).set("reason", reason);
    browser.submit(&form).await
}

pub(super) async fn undo(browser: &Browser, reference: &str) -> Page {
    let path = format!("/cases/{reference}/merge");
    let mut form = browser.get(&path).await.is(200).form_with("Undo the merge");
    form.set("reason", "A synthetic reason.");
    browser.submit(&form).await
}

/// One case is read under another, as a merge leaves it, for tests of what is read over both.
pub(super) fn under(service: &Service, case: &Case, into: &Case) {
    let row = cdr::store::merges::Merge {
        id: format!("merge-{}", case.id),
        case_id: case.id.clone(),
        into_id: into.id.clone(),
        state_before: "gathering".into(),
        since: service.now().naive_utc(),
        merged_by: "Sample".into(),
        reason: "The same child.".into(),
        kept: None,
    };
    let done = service.write(Service::coordinator(), move |tx, _| {
        tx.unchanged();
        Ok(cdr::store::merges::insert(tx, &row)?)
    });
    done.unwrap();
}

both_engines! {
    async fn one_case_is_read_under_another_and_comes_out_as_it_was(service) {
        let (first, second) = (given::case(service, 1), given::case(service, 2));
        given::request(service, &second, "gp", &["reporting"]);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let (one, two) = (first.reference.as_str(), second.reference.as_str());
        let notified = service.read(|conn| Ok(notifications::get(conn, &second.notification_id)?)).unwrap().reference;
        let before = [one, two].map(|of| checksum(service, of));
        let untouched = beneath(service, one);
        merge(&coordinator, two, one, "Both are of the same child; a synthetic reason.").await.is(303).moved_to(&format!("/cases/{two}"));
        assert_eq!(beneath(service, one), untouched, "nothing of the case that goes on was touched");
        assert_eq!(given::find(service, one).requests_out, 1, "but that its worklist tells of what is owed on both");
        let under = given::find(service, two);
        assert_eq!((under.state.as_str(), under.open), ("joined", false));
        coordinator.get(&format!("/cases/{one}")).await.is(200)
            .says(&format!("Case {two} is of the same death and is read here")).says(&notified)
            .says("requests").says(&format!("Case {two} was merged into this one"));
        coordinator.get("/cases?view=gathering").await.is(200).says(one).never_says(two);
        coordinator.get(&format!("/cases/{two}")).await.is(200).says(&format!("read under {one}")).never_says("Decide again");
        coordinator.get(&format!("/cases/{two}/requests")).await.is(200);
        coordinator.post(&format!("/cases/{two}/move"), &[("move", "take_back"), ("reason", "A synthetic reason.")]).await.is(422);
        undo(&coordinator, two).await.is(303);
        assert_eq!([one, two].map(|of| checksum(service, of)), before, "every row is as it was");
        coordinator.get(&format!("/cases/{one}")).await.is(200).never_says("is of the same death").never_says(&notified);
        coordinator.get("/cases?view=gathering").await.is(200).says(one).says(two);
        for what in ["case_merged", "case_taken_under"] {
            assert_eq!(service.read(|conn| Ok(events::latest(conn, what, 10)?)).len(), 1);
        }
        assert_eq!(service.read(|conn| Ok(events::latest(conn, "case_unmerged", 10)?)).len(), 2);
    }

    async fn answers_on_a_case_under_another_are_read_with_those_of_the_other(service) {
        let (first, second) = (given::case(service, 1), given::case(service, 2));
        let (one, two) = (first.reference.as_str(), second.reference.as_str());
        for (case, agency, weight) in [(&first, "gp", "3200"), (&second, "police", "3300")] {
            given::request(service, case, agency, &["reporting"]);
            let (browser, home) = given::opened_link(service, &format!("{agency}@cdr.example")).await;
            let tasks = format!("{home}/forms/reporting");
            let sample = Sample::answer().with("last_weight_kg", "12").with("last_weight_date", "5 1 2026");
            fill_form(&browser, &tasks, &sample).await;
            let birth = format!("{tasks}/birth");
            let mut form = browser.get(&birth).await.is(200).form_to(&birth);
            form.set("birth_weight_g", weight);
            browser.submit(&form).await.is(303);
            send_answers(&browser, &home).await.is(200);
            let request = service.read(|conn| Ok(requests::of_case(conn, &case.id)?)).remove(0).id;
            let reference = case.reference.clone();
            service.write(Service::coordinator(), move |tx, ctx| gather::accept(tx, ctx, &reference, &request)).unwrap();
        }
        let coordinator = service.signed_in(Role::Coordinator).await;
        let differences = format!("/cases/{one}/differences");
        coordinator.get(&differences).await.is(200).never_says("3,300 g");
        let before = [one, two].map(|of| checksum(service, of));
        merge(&coordinator, two, one, "Both are of the same child; a synthetic reason.").await.is(303);
        coordinator.get(&differences).await.is(200).says("3,200 g").says("3,300 g").says("Police");
        coordinator.get(&format!("/cases/{one}/chronology")).await.is(200).says("Police");
        // An agency that is asked now is told what both said of, as far as it may see it.
        given::request(service, &first, "hospital_paeds", &["reporting"]);
        given::knowing(service, "hospital_paeds@cdr.example").await;
        undo(&coordinator, two).await.is(303);
        let reference = one.to_owned();
        let asked = service.read(|conn| Ok(requests::of_case(conn, &first.id)?)).into_iter().find(|r| r.agency == "hospital_paeds").unwrap();
        assert_eq!(checksum(service, two), before[1]);
        let rows = service.read(|conn| Ok(records::of_case(conn, &first.id)?));
        assert!(rows.iter().all(|row| !row.answers.contains("3300") && !row.sources.contains("3300")));
        coordinator.get(&differences).await.is(200).never_says("3,300 g");
        coordinator.get(&format!("/cases/{one}/chronology")).await.is(200).never_says("Police");
        assert_eq!(asked.case_id, first.id);
        // Undone at once, every row is as it was; also where the other had no answer to the form at all.
        let third = given::case(service, 3).reference;
        for (under, over) in [(two, reference.as_str()), (reference.as_str(), two), (two, third.as_str())] {
            let before = [over, under].map(|of| checksum(service, of));
            merge(&coordinator, under, over, "A synthetic reason.").await.is(303);
            undo(&coordinator, under).await.is(303);
            assert_eq!([over, under].map(|of| checksum(service, of)), before, "{under} under {over}");
        }
    }

    async fn a_merge_that_does_not_fit_is_refused_in_words(service) {
        let (first, second, third) = (given::case(service, 1), given::case(service, 2), given::case(service, 3));
        let coordinator = service.signed_in(Role::Coordinator).await;
        let (one, two, three) = (first.reference.as_str(), second.reference.as_str(), third.reference.as_str());
        merge(&coordinator, two, "", "A reason.").await.is(422).faults("Enter the reference of the other case", "#into");
        let page = merge(&coordinator, two, "KM-2026-0999", "A reason.").await.is(422).faults("There is no case", "#into");
        assert_eq!(page.form_with("Merge").value("reason"), "A reason.");
        merge(&coordinator, two, two, "A reason.").await.is(422).faults("another case than this one", "#into");
        merge(&coordinator, two, one, " ").await.is(422).faults("Say what shows", "#reason");
        let stale = coordinator.get(&format!("/cases/{two}/merge")).await.form_with("Merge");
        merge(&coordinator, two, one, "A reason.").await.is(303);
        coordinator.submit(&stale).await.is(409);
        merge(&coordinator, one, three, "A reason.").await.is(422).says("Another case is read under this one");
        merge(&coordinator, three, two, "A reason.").await.is(422).faults("not reviewed here any more", "#into");
        undo(&coordinator, two).await.is(303);
        coordinator.post(&format!("/cases/{two}/merge"), &[("do", "unmerge"), ("version", "1"), ("reason", "A reason.")]).await.is(409);
        let me = service.read(|conn| Ok(cdr::store::accounts::list(conn)?)).into_iter().find(|u| u.role == "coordinator").unwrap().id;
        let version = given::find(service, one).version.to_string();
        let named = [("do", "restrict"), ("version", &version), ("person", &me), ("reason", "A reason.")];
        coordinator.post(&format!("/cases/{one}/restriction"), &named).await.is(303);
        merge(&coordinator, two, one, "A reason.").await.is(422).says("One of the two cases is restricted");
        // Restricted to other people is restricted otherwise.
        let other = service.add_user("another@cdr.example", Role::Coordinator);
        let version = given::find(service, two).version.to_string();
        let both = format!("{me}|{other}");
        let people: Vec<(&str, &str)> = both.split('|').map(|id| ("person", id)).collect();
        let mut named = vec![("do", "restrict"), ("version", version.as_str()), ("reason", "A reason.")];
        named.extend(people);
        coordinator.post(&format!("/cases/{two}/restriction"), &named).await.is(303);
        merge(&coordinator, two, one, "A reason.").await.is(422).says("Restrict the other to the same people first");
    }

    async fn others_may_not_merge(service) {
        let (first, second) = (given::case(service, 1), given::case(service, 2));
        let path = format!("/cases/{}/merge", second.reference);
        for role in [Role::DesignatedDoctor, Role::Administrator] {
            let other = service.signed_in(role).await;
            other.get(&path).await.is(403);
            other.post(&path, &[("into", &first.reference), ("version", "1"), ("reason", "A reason.")]).await.is(403);
        }
        let nobody = service.browser();
        nobody.send(nobody.request(Method::GET, &path)).await.is(303);
        assert_eq!(given::find(service, &second.reference).state, "gathering");
    }

    async fn what_is_owed_on_a_case_under_another_is_owed_on_the_other(service) {
        let (first, second) = (given::case(service, 1), given::case(service, 2));
        let (one, two) = (first.reference.as_str(), second.reference.as_str());
        let coordinator = service.signed_in(Role::Coordinator).await;
        let fill = async |path: String, pairs: &[(&str, &str)]| {
            let mut form = coordinator.get(&path).await.is(200).form_to(path.split('?').next().unwrap());
            for (name, value) in pairs {
                if form.has(name) { form.set(name, value); } else { form.date(name, value); }
            }
            coordinator.submit(&form).await.is(303);
        };
        fill(format!("/cases/{two}/family/others/new"), &[("name", "Sample Sibling"), ("relation", "sibling")]).await;
        for words in ["Why did nobody call us?", "Was she cold?"] {
            fill(format!("/cases/{two}/family/questions/new"), &[("words", words), ("asked_on", "30 3 2026"), ("state", "asked")]).await;
        }
        fill(format!("/cases/{two}/processes/add?kind=inquest"), &[("began_on", "30 3 2026")]).await;
        let request = given::request(service, &second, "gp", &["reporting"]);
        for mv in [Move::HoldCdrm, Move::AwaitExternal] {
            let reference = one.to_owned();
            service.write(Service::coordinator(), move |tx, ctx| triage::move_case(tx, ctx, &reference, mv, "A synthetic reason.")).unwrap();
        }
        let before = [one, two].map(|of| checksum(service, of));
        merge(&coordinator, two, one, "A synthetic reason.").await.is(303);
        coordinator.get(&format!("/cases/{one}")).await.is(200)
            .says("Find out whether 1 other child or person affected is safe").says("Carry 2 questions of the family")
            .says("Look how far this is: Coroner’s investigation and inquest").says("from GP or primary care");
        let row = given::find(service, one);
        assert_eq!((row.requests_out, row.requests_back), (1, 0));
        assert_ne!(row.next_due_at, triage::never());
        coordinator.get(&format!("/cases/{one}/finalise")).await.is(200).says("2 questions of the family are open").says("GP or primary care");
        let ctx = service.context(Service::coordinator());
        let closing = service.read(|conn| cdr::casework::closing::closing(conn, &ctx, &row));
        assert_eq!((closing.open_questions, closing.unsafe_or_unknown, closing.holding.len()), (2, 1, 1));
        let gate = service.read(|conn| cdr::casework::panels::gate(conn, &ctx, &row, &BTreeMap::new()));
        let words = format!("{gate:?}");
        assert!(words.contains("Held back by: Coroner’s investigation and inquest") && words.contains("Waiting for: GP or primary care"), "{words}");
        assert_eq!(service.read(|conn| cdr::casework::panels::questions(conn, &ctx, &row, true)).len(), 2);
        // Its clock runs on, so that the agency is reminded.
        let runs = |service: &Service| service.read(|conn| Ok(clocks::of_case(conn, &second.id)?)).into_iter().any(|c| c.about == request.id && c.outcome == "running");
        assert!(runs(service));
        undo(&coordinator, two).await.is(303);
        assert_eq!([one, two].map(|of| checksum(service, of)), before, "every row is as it was");
        merge(&coordinator, two, one, "A synthetic reason.").await.is(303);

        // When the inquest beside the case that went under concludes, the one that goes on is ready.
        let inquest = service.read(|conn| Ok(processes::of_case(conn, &second.id)?)).remove(0).id;
        fill(format!("/cases/{two}/processes/{inquest}/conclude"), &[("state", "concluded"), ("outcome", "A synthetic outcome."), ("over_on", "31 3 2026")]).await;
        assert_eq!((given::find(service, one).state.as_str(), given::find(service, two).state.as_str()), ("ready_for_panel", "joined"));
        let told: Vec<String> = service.mails().into_iter().filter(|m| m.dedupe_key.starts_with("holds_lifted:")).map(|m| format!("{}{}", m.subject, m.body)).collect();
        assert!(told.len() == 1 && told[0].contains(one), "{told:?}");
        // What is settled there is owed here no more, at once.
        let lines = service.read(|conn| Ok(family::of_case(conn, &second.id)?));
        let sibling = lines.iter().find(|line| line.part == "others").unwrap();
        fill(format!("/cases/{two}/family/others/{}", sibling.id), &[("safe", "yes"), ("how_known", "A synthetic visit.")]).await;
        coordinator.get(&format!("/cases/{one}")).await.is(200).never_says("affected is safe");
    }

    async fn questions_of_a_case_under_another_go_to_the_others_meeting(service) {
        let (first, second) = (given::case(service, 1), given::case(service, 2));
        let (one, two) = (first.reference.as_str(), second.reference.as_str());
        let coordinator = service.signed_in(Role::Coordinator).await;
        let path = format!("/cases/{two}/family/questions/new");
        let mut form = coordinator.get(&path).await.is(200).form_to(&path);
        form.set("words", "Was anybody told that she was cold?").set("state", "asked").date("asked_on", "30 3 2026");
        coordinator.submit(&form).await.is(303);
        let path = format!("/cases/{two}/processes/add");
        let mut form = coordinator.get(&format!("{path}?kind=post_mortem")).await.is(200).form_to(&path);
        form.date("began_on", "30 3 2026");
        coordinator.submit(&form).await.is(303);
        merge(&coordinator, two, one, "A synthetic reason.").await.is(303);
        let meeting = arrange(&coordinator, service, &first, "review", 10).await.is(303).location().unwrap();
        coordinator.get(&meeting).await.is(200).says("Was anybody told that she was cold?").says("Carried to the review meeting")
            .says("Something beside the review still holds the meeting back");
    }

    async fn what_was_asked_on_a_case_under_another_is_still_read_and_ended(service) {
        let (first, second) = (given::case(service, 1), given::case(service, 2));
        let (one, two) = (first.reference.as_str(), second.reference.as_str());
        let ids = ["gp", "police", "education", "housing"].map(|agency| given::request(service, &second, agency, &["reporting"]).id);
        let [gp, police, education, housing] = ids.each_ref().map(String::as_str);
        sent(service, gp, &json!({"birth_weight_g": 3300}));
        let coordinator = service.signed_in(Role::Coordinator).await;
        merge(&coordinator, two, one, "A synthetic reason.").await.is(303);
        sent(service, police, &json!({"gestation_weeks": 39}));
        let act = async |id: &str, action: &str| {
            let path = format!("/cases/{two}/requests/{id}");
            coordinator.post(&path, &[("action", action), ("reason", "A synthetic reason.")]).await.is(303);
        };
        coordinator.get(&format!("/cases/{two}/requests/{gp}")).await.is(200).says("Accept");
        coordinator.get(&format!("/cases/{one}")).await.is(200).says("Accept or send back what GP or primary care sent");
        act(gp, "accept").await;
        act(police, "send_back").await;
        act(education, "waive").await;
        act(housing, "reissue").await;
        act(housing, "withdraw").await;
        let states = ids.each_ref().map(|id| given::request_now(service, id).state);
        assert_eq!(states, ["accepted", "sent_back", "waived", "withdrawn"]);
        let says = |reference: &str, what: &str| {
            let id = given::find(service, reference).id;
            service.read(|conn| Ok(records::get(conn, &id, "reporting")?)).is_some_and(|row| row.answers.contains(what))
        };
        assert!(says(one, "3300"), "it is read in the record that goes on");
        assert_eq!((given::find(service, one).requests_out, given::find(service, one).requests_back), (2, 1));
        // Nothing else of the case is changed, and it is said where.
        let refused = |reference: &str| {
            let of = reference.to_owned();
            let new = gather::NewRequest { agency: "gp".into(), recipient: "Sample".into(), email: "other@cdr.example".into(), forms: vec!["reporting".into()], ..gather::NewRequest::default() };
            let error = service.write(Service::coordinator(), move |tx, ctx| gather::send_requests(tx, ctx, &of, &[new])).unwrap_err();
            format!("{error:?}")
        };
        assert!(refused(two).contains("read under another"), "{}", refused(two));
        // Undone, the answer is that of its own case alone.
        undo(&coordinator, two).await.is(303);
        assert!(says(two, "3300") && !says(one, "3300"));
        // What is not reviewed here any more has nobody still to answer.
        given::transferred(service, &given::find(service, two));
        assert_eq!(given::request_now(service, police).state, "withdrawn");
        assert_eq!(given::request_now(service, gp).state, "accepted");
        let told = service.mails().into_iter().filter(|m| m.dedupe_key.starts_with("withdrawn:") && m.recipient == "police@cdr.example").count();
        assert_eq!(told, 1);
        assert!(refused(two).contains("not reviewed here any more"), "{}", refused(two));
    }
}

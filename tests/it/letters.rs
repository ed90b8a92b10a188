//! Letters and minutes as files to edit: what is in them, what never is, that a person records the sending, and who may.

use std::io::Read;

use cdr::domain::actor::Role;
use cdr::domain::calendar::london;
use cdr::store::cases::Case;
use cdr::store::events::StoredEvent;
use cdr::store::family::{self, Line};
use cdr::store::{actions, meetings};
use chrono::Duration;
use reqwest::Method;
use zip::ZipArchive;

use super::support::{Browser, Form, Service, given};
use crate::both_engines;

const MOTHER: &[(&str, &str)] = &[
    ("name", "Sample Mother"),
    ("relation", "mother"),
    ("responsibility", "yes"),
    ("address", "1 Hidden Street\nSampletown"),
    ("apart", "yes"),
    ("quiet_days", "9 February"),
];
const FATHER: &[(&str, &str)] = &[
    ("name", "Sample Father"),
    ("relation", "father"),
    ("responsibility", "yes"),
    ("address", "2 Open Street"),
];

/// A downloaded file: under which name it comes, and the text of each part that matters.
struct File {
    name: String,
    document: String,
    core: String,
}

async fn download(browser: &Browser, path: &str) -> File {
    let answer = browser.request(Method::GET, path).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    let head = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    assert!(head("content-type").ends_with("wordprocessingml.document"));
    let name = head("content-disposition");
    let bytes = answer.bytes().await.unwrap();
    let mut archive = ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut part = |name: &str| {
        let mut text = String::new();
        archive
            .by_name(name)
            .unwrap()
            .read_to_string(&mut text)
            .unwrap();
        text
    };
    part("[Content_Types].xml");
    File {
        name,
        document: part("word/document.xml"),
        core: part("docProps/core.xml"),
    }
}

impl File {
    fn says(&self, words: &str) -> &Self {
        assert!(
            self.document.contains(words),
            "{words:?} is not in {}",
            self.document
        );
        self
    }

    fn never_says(&self, words: &str) -> &Self {
        for part in [&self.name, &self.document, &self.core] {
            assert!(!part.contains(words), "{words:?} is in {part}");
        }
        self
    }
}

async fn save(browser: &Browser, path: &str, pairs: &[(&str, &str)]) {
    let mut form = browser.get(path).await.is(200).form_to(path);
    for (name, value) in pairs {
        if form.has(name) {
            form.set(name, value);
        } else {
            form.date(name, value);
        }
    }
    browser.submit(&form).await.is(303);
}

async fn family(browser: &Browser, case: &Case, part: &str, pairs: &[(&str, &str)]) {
    let path = format!("/cases/{}/family/{part}/new", case.reference);
    save(browser, &path, pairs).await;
}

fn lines(service: &Service, case: &Case, part: &str) -> Vec<Line> {
    let all = service.read(|conn| Ok(family::of_case(conn, &case.id)?));
    all.into_iter().filter(|line| line.part == part).collect()
}

fn trail(service: &Service, case: &Case, what: &str) -> Vec<StoredEvent> {
    let all = service.read(|conn| Ok(cdr::store::events::of_case(conn, &case.id, &[], 500)?));
    all.into_iter().filter(|e| e.what == what).collect()
}

fn today(form: &mut Form, service: &Service, name: &str) {
    let day = london(service.now()).date();
    form.date(name, &day.format("%-d %-m %Y").to_string());
}

both_engines! {
    async fn a_letter_to_one_parent_is_about_them_and_holds_nothing_of_where_the_other_is(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let base = format!("/cases/{}/letters", case.reference);
        coordinator.get(&format!("{base}/parent-first")).await.is(200).says("No parent or carer is recorded").says("Nothing is sent by this service");
        coordinator.get(&format!("{base}/parent-first/letter.docx")).await.is(422).says("No parent or carer is recorded on this case.");
        for person in [MOTHER, FATHER] {
            family(&coordinator, &case, "people", person).await;
        }
        family(&coordinator, &case, "key-worker", &[("name", "Sample Worker"), ("contact", "000 222"), ("named_on", "1 4 2026")]).await;
        let people = lines(service, &case, "people");
        coordinator.get(&base).await.is(200).says("A parent or carer").says("The coroner").says("sends none of them");
        coordinator.get(&format!("{base}/parent-first")).await.is(200).says("9 February").never_says("Hidden Street");
        coordinator.get(&format!("{base}/parent-first/letter.docx")).await.is(422).faults("Choose whom it is for", "#to");
        assert!(trail(service, &case, "letter_made").is_empty());

        let to = |n: usize, letter: &str| format!("{base}/{letter}/letter.docx?to={}", people[n].id);
        let mother = download(&coordinator, &to(0, "parent-first")).await;
        mother.says("Sample Mother").says("1 Hidden Street").says("Samplechild1").says("Sample Worker").says("000 222").says("Sample Father").says(&case.reference).never_says("2 Open Street");
        assert_eq!(mother.name, "attachment; filename=\"letter.docx\"");
        let father = download(&coordinator, &to(1, "parent-first")).await;
        father.says("2 Open Street").never_says("Hidden Street").never_says("Sample Mother").says("[who else is written to]");
        download(&coordinator, &to(1, "parent-meeting")).await.says("[the day of the review meeting]").never_says("Hidden Street");
        download(&coordinator, &to(0, "key-worker-cover")).await.says("through ").never_says("Hidden Street");
        for part in ["creator", "Samplechild1", "Testfamily1", "coordinator", &case.reference] {
            assert!(!mother.core.contains(part), "{part}: {}", mother.core);
        }
        let made = trail(service, &case, "letter_made");
        assert_eq!(made.len(), 4);
        assert!(made.iter().all(|e| !e.detail.contains("Sample")));

        // Each is answered what they asked themselves.
        family(&coordinator, &case, "questions", &[("words", "Why so late?"), ("who", &people[0].id), ("asked_on", "30 3 2026"), ("state", "answered"), ("answer", "A synthetic answer.")]).await;
        family(&coordinator, &case, "questions", &[("words", "Who was there?"), ("who", &people[1].id), ("asked_on", "30 3 2026"), ("state", "asked")]).await;
        download(&coordinator, &to(0, "parent-answers")).await.says("Why so late?").says("A synthetic answer.").never_says("Who was there?");
        download(&coordinator, &to(1, "parent-answers")).await.says("Who was there?").says("We cannot answer this yet.").never_says("synthetic");
    }

    async fn a_letter_that_names_the_child_asks_for_a_fresh_code(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        family(&coordinator, &case, "people", FATHER).await;
        let who = lines(service, &case, "people")[0].id.clone();
        let base = format!("/cases/{}/letters", case.reference);
        let father = format!("{base}/parent-first/letter.docx?to={who}");
        service.pass(Duration::minutes(6));
        for path in [&father, &format!("{base}/key-worker-cover/letter.docx?to={who}"), &format!("{base}/coroner-review/letter.docx")] {
            let asked = coordinator.get(path).await.is(303);
            assert!(asked.location().unwrap().starts_with("/account/check?next=%2Fcases%2F"), "{path}");
        }
        assert!(trail(service, &case, "letter_made").is_empty());
        // One that goes by the reference does not ask, nor is anybody asked who may not write it.
        download(&coordinator, &format!("{base}/contributor-thanks/letter.docx")).await.never_says("Samplechild1");
        let administrator = service.signed_in(Role::Administrator).await;
        service.pass(Duration::minutes(6));
        administrator.get(&father).await.is(403);
        let asked = coordinator.get(&father).await.is(303);
        let mut form = coordinator.follow(asked).await.is(200).form();
        form.set("code", &service.code("coordinator@cdr.example"));
        let back = coordinator.submit(&form).await.is(303).moved_to(&father);
        download(&coordinator, &back.location().unwrap()).await.says("Samplechild1").says("2 Open Street");
        assert_eq!(trail(service, &case, "letter_made").len(), 2);
    }

    async fn a_person_records_that_it_was_sent(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        family(&coordinator, &case, "people", FATHER).await;
        let (who, before) = (lines(service, &case, "people")[0].id.clone(), service.mails().len());
        let path = format!("/cases/{}/letters/parent-first", case.reference);
        let mut form = coordinator.get(&path).await.is(200).form_to(&path);
        coordinator.submit(&form).await.is(422).faults("Choose whom it is for", "#sent_to").faults("day on which it was sent", "#sent_on-day").faults("how it was sent", "#sent_how");
        form.set("sent_to", &who).set("sent_how", "By first class post.").date("sent_on", "1 1 2099");
        let page = coordinator.submit(&form).await.is(422).faults("today or earlier", "#sent_on-day");
        let mut form = page.form_to(&path);
        assert_eq!((form.value("sent_to"), form.value("sent_how")), (who.clone(), "By first class post.".to_owned()));
        today(&mut form, service, "sent_on");
        coordinator.submit(&form).await.is(303);
        coordinator.get(&format!("{path}?recorded")).await.is(200).says("It is recorded that this letter was sent");
        let contacts = lines(service, &case, "contacts");
        assert_eq!(contacts.len(), 1);
        assert!(contacts[0].body.contains(&who) && contacts[0].body.contains("\"letter\"") && contacts[0].body.contains("First letter"));
        coordinator.get(&format!("/cases/{}", case.reference)).await.is(200).says("“First letter to a parent or carer” was sent on").never_says("By first class post");
        assert_eq!(service.mails().len(), before, "nothing is sent by the service");
        coordinator.post(&path, &[("sent_to", "nobody"), ("sent_on", "2026-04-01"), ("sent_how", "x")]).await.is(404);

        // Of a recommendation it is the proof, once.
        let set = format!("/cases/{}/actions/new/recommendation", case.reference);
        let due = london(service.now() + Duration::days(30)).format("%-d %-m %Y").to_string();
        save(&coordinator, &set, &[("problem", "Windows open wide."), ("what", "Fit stops to every window."), ("owner", "Sample Housing"), ("owner_email", "housing@cdr.example"), ("strength", "engineering"), ("measure", "Windows with stops."), ("due_on", &due)]).await;
        let action = service.read(|conn| Ok(actions::of_case(conn, &case.id)?)).remove(0).id;
        let path = format!("/cases/{}/letters/recommendation", case.reference);
        download(&coordinator, &format!("{path}/letter.docx?to={action}")).await.says("Fit stops to every window.").says("Sample Housing").never_says("Samplechild1");
        let mut form = coordinator.get(&path).await.is(200).form_to(&path);
        form.set("sent_to", &action).set("sent_how", "By letter.");
        today(&mut form, service, "sent_on");
        coordinator.submit(&form).await.is(303);
        coordinator.get(&format!("/actions/{action}")).await.is(200).says("By letter.");
        coordinator.submit(&form).await.is(422).says("recorded already");
        assert_eq!(trail(service, &case, "recommendation_sent").len(), 1);
        assert_eq!(trail(service, &case, "letter_sent").len(), 2);
    }

    async fn a_letter_to_another_body_has_a_gap_where_the_words_name_the_family(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let set = format!("/cases/{}/actions/new/recommendation", case.reference);
        let due = london(service.now() + Duration::days(30)).format("%-d %-m %Y").to_string();
        save(&coordinator, &set, &[("problem", "Zephyrine saw open windows."), ("what", "Fit stops to every window."), ("owner", "Sample Housing"), ("owner_email", "housing@cdr.example"), ("strength", "engineering"), ("measure", "Windows with stops."), ("due_on", &due)]).await;
        let action = service.read(|conn| Ok(actions::of_case(conn, &case.id)?)).remove(0).id;
        let letter = format!("/cases/{}/letters/recommendation/letter.docx?to={action}", case.reference);
        download(&coordinator, &letter).await.says("Zephyrine saw open windows.").never_says("left out here");
        // More is known of the family later.
        family(&coordinator, &case, "people", &[("name", "Zephyrine Vantongeren"), ("relation", "mother"), ("responsibility", "yes")]).await;
        download(&coordinator, &letter).await.says("left out here: it names a child or a family").says("Fit stops to every window.").never_says("Zephyrine");
    }

    async fn minutes_are_a_file_for_whoever_reads_the_meeting(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let path = format!("/cases/{}/meetings/new/review", case.reference);
        let mut form = coordinator.get(&path).await.is(200).form_to(&path);
        today(&mut form, service, "day");
        form.set("time", "09:00").set("place", "Sample room 3");
        let meeting = coordinator.submit(&form).await.is(303).location().unwrap();
        let id = meeting.rsplit('/').next().unwrap().to_owned();
        download(&coordinator, &format!("/cases/{}/letters/meeting-invitation/letter.docx?to={id}", case.reference)).await
            .says("Sample room 3").says("Child death review meeting").never_says("Samplechild1").never_says("Testfamily1");
        let mut form = coordinator.get(&meeting).await.is(200).form_with("Put down");
        form.set("name", "Sample Chair").set("role", "Consultant").set("is_chair", "yes");
        coordinator.submit(&form).await.is(303);
        let person = service.read(|conn| Ok(meetings::people_of(conn, &id)?)).remove(0).id;
        let path = format!("{meeting}/minutes");
        let mut form = coordinator.get(&path).await.is(200).form_to(&path);
        form.set("cause", "Sepsis < likely & early.").set(&format!("attendance-{person}"), "attended");
        coordinator.submit(form.press("Save and record that it was held")).await.is(303);
        let file = download(&coordinator, &format!("{meeting}/minutes.docx")).await;
        file.says("Sample Chair, Consultant, chair").says("Sepsis &lt; likely &amp; early.").says("None is recorded.").says(&case.reference);
        assert_eq!(file.name, "attachment; filename=\"minutes.docx\"");
        assert!(!file.core.contains("Samplechild1"));
        assert!(trail(service, &case, "letter_made").iter().any(|e| e.detail.contains("Minutes")));
        coordinator.get("/meetings/nothing/minutes.docx").await.is(404);
        let lead = service.signed_in(Role::JarLead).await;
        let before = trail(service, &case, "access_refused").len();
        lead.get(&format!("{meeting}/minutes.docx")).await.is(404);
        assert_eq!(trail(service, &case, "access_refused").len(), before + 1, "a refusal is recorded");
        let worker = given::assigned(service, &case, Role::KeyWorker).await;
        worker.get(&format!("{meeting}/minutes.docx")).await.is(403);
    }

    async fn a_panel_has_its_minutes_and_invitations_as_files_that_name_no_child(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let (case, panel) = (given::case(service, 1), super::panels::arrange(&coordinator, service, 0).await);
        let ids = ["member@cdr.example", "chair@cdr.example"].map(|email| {
            let role = if email.starts_with("chair") { Role::PanelChair } else { Role::PanelMember };
            service.add_user(email, role)
        });
        super::panels::put_down(&coordinator, &panel, &[(&ids[0], "hospital_paeds"), (&ids[1], "public_health")]).await.is(303);
        let (item, _) = super::panels::list(service, &panel, &case);
        let meeting = panel.replace("/panels/", "/meetings/");
        let path = format!("{meeting}/minutes");
        let mut form = coordinator.get(&path).await.is(200).form_to(&path);
        form.set("themes", "Safer sleep < heat.").set("other", "The mother of Samplechild1 wrote to us.");
        coordinator.submit(form.press("Save")).await.is(303);
        super::panels::there(&coordinator, service, &panel, &[("member@cdr.example", "attended"), ("chair@cdr.example", "apologies")]).await;
        let page = coordinator.get(&panel).await.is(200);
        let links: Vec<String> = page.links().into_iter().map(|(_, to)| to).filter(|to| to.contains(".docx")).collect();
        assert_eq!(links.len(), 3, "{links:?}");
        let day = london(service.now()).date().format("%-d %B %Y").to_string();
        let minutes = format!("{meeting}/minutes.docx");
        let whole = download(&coordinator, &minutes).await;
        whole.says(&format!("Panel of {day}")).says(&format!("Case {}: listed", item.pack_number)).says("Safer sleep &lt; heat.")
            .says("left out here").says("sent apologies").says("None is recorded.")
            .never_says("Samplechild1").never_says("Testfamily1").never_says(&case.reference);
        let to_one = links.iter().find(|to| to.contains("invitation.docx")).unwrap();
        download(&coordinator, to_one).await.says("Sample Panel ").says(&day).says("Sample room 9").never_says(&case.reference);
        download(&coordinator, &format!("{panel}/invitation.docx")).await.says("[the name of the person you write to]");
        coordinator.get(&format!("{panel}/invitation.docx?to=nobody")).await.is(404);
        let doctor = service.signed_in(Role::DesignatedDoctor).await;
        download(&doctor, &minutes).await.says("Safer sleep");
        doctor.get(&format!("{panel}/invitation.docx")).await.is(403);
        let member = service.signed_in_as("member@cdr.example");
        member.get(&minutes).await.is(403);
        member.get(&format!("{panel}/invitation.docx")).await.is(403);
        service.signed_in(Role::JarLead).await.get(&minutes).await.is(404);
        let made = service.read(|conn| Ok(cdr::store::events::latest(conn, "letter_made", 9)?));
        assert_eq!(made.len(), 4, "each is recorded");
    }

    async fn who_may_write_which_letter(service) {
        let (case, other) = (given::case(service, 1), given::case(service, 2));
        let coordinator = service.signed_in(Role::Coordinator).await;
        family(&coordinator, &case, "people", FATHER).await;
        family(&coordinator, &other, "people", MOTHER).await;
        let (who, theirs) = (lines(service, &case, "people")[0].id.clone(), lines(service, &other, "people")[0].id.clone());
        let base = format!("/cases/{}/letters", case.reference);
        for path in ["nothing", "minutes", "nothing/letter.docx"] {
            coordinator.get(&format!("{base}/{path}")).await.is(404);
        }
        coordinator.get(&format!("{base}/parent-first/letter.docx?to={theirs}")).await.is(404);
        download(&coordinator, &format!("{base}/coroner-review/letter.docx")).await.says("Testfamily1");

        let worker = given::assigned(service, &case, Role::KeyWorker).await;
        let page = worker.get(&base).await.is(200).says("First letter to a parent or carer");
        assert!(!page.text.contains("The coroner"), "a key worker writes to the family alone");
        download(&worker, &format!("{base}/parent-first/letter.docx?to={who}")).await.says("Samplechild1");
        worker.get(&format!("{base}/coroner-review/letter.docx")).await.is(403);
        worker.get(&format!("/cases/{}/letters", other.reference)).await.is(404);
        worker.get(&format!("/cases/{}/letters/parent-first/letter.docx?to={theirs}", other.reference)).await.is(404);

        // A chair writes; contacts of the family are logged by those who keep its part.
        let chair = given::assigned(service, &case, Role::CdrmChair).await;
        let page = chair.get(&format!("{base}/parent-first")).await.is(200);
        assert!(!page.text.contains("Record that it was sent"));
        chair.post(&format!("{base}/parent-first"), &[("sent_to", &who), ("sent_on", "2026-04-01"), ("sent_how", "x")]).await.is(422).says("records this");
        assert!(lines(service, &case, "contacts").is_empty());
        for role in [Role::Administrator, Role::Auditor, Role::PanelMember, Role::AgencyLead] {
            let browser = service.signed_in(role).await;
            browser.get(&base).await.is(403);
            browser.get(&format!("{base}/parent-first/letter.docx?to={who}")).await.is(403);
        }
    }
}

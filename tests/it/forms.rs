//! Shows 5: every form of the dictionary opens, for the administrator who keeps it and for whoever answers it.

use std::collections::BTreeSet;

use cdr::casework::forms::missing_versions;
use cdr::casework::gather::{self, Correct, NewRequest};
use cdr::casework::picture::stored;
use cdr::casework::secrets::Secrets;
use cdr::casework::{Context, Error, House, parts, respond};
use cdr::domain::actor::{Actor, Role};
use cdr::domain::form::{Answer, Answers, Library, Reasons, Section};
use cdr::domain::shared_answers::Says;
use cdr::store::cases::Case;
use cdr::store::requests::Request;
use cdr::store::{Conn, records, responses};

use super::support::journey::sections;
use super::support::{Service, given};
use crate::both_engines;

/// The codes of the current version's forms.
fn codes(service: &Service) -> Vec<String> {
    let dictionary = service.app.house.dictionary();
    dictionary.forms.iter().map(|f| f.code.clone()).collect()
}

/// A question of the newer version that the older one does not have.
const NEWER: &str = ",records_seen_since,";

/// The forms as they are shipped, each file under the name of a version; the newer one asks another question in the place
/// of one.
fn library(versions: &[&str], left_out: &str) -> Library {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/forms/2022-04-r1");
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        for version in versions {
            let newer = *version == "2031-01-r1";
            let text = if newer {
                text.replace(left_out, NEWER)
            } else {
                text.clone()
            };
            files.push((format!("{version}/{name}"), text));
        }
    }
    Library::load(
        files
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str())),
    )
    .unwrap()
}

fn house_of(library: Library) -> std::sync::Arc<House> {
    let mut house = House::load(Secrets::random(), "http://localhost", None).unwrap();
    house.library = library.into();
    std::sync::Arc::new(house)
}

/// What staff wrote by the newer version stays when an answer to the older one is sent and accepted after it.
fn a_draft_of_the_older_version_is_finished(
    service: &Service,
    house: &std::sync::Arc<House>,
    case: &Case,
    request: &Request,
) {
    let ctx = Context::new(house, service.now(), Service::coordinator(), "test");
    let text = |words: &str| Answer::Text(words.to_owned());
    let form = house.dictionary().form("reporting").unwrap();
    let asks = |section: &&Section| section.fields.iter().any(|f| f.id == "records_seen_since");
    let mut answers = Answers::default();
    answers.set("records_seen_since", text("By staff; synthetic."));
    let correct = Correct {
        form: "reporting".into(),
        section: form.sections.iter().find(asks).unwrap().id.clone(),
        version: 0,
        answers,
        confirmed: Reasons::default(),
    };
    let row = service
        .read(|conn| Ok(responses::get(conn, &request.id, "reporting")?))
        .unwrap();
    let older = house.dictionary_of(&row.form_version);
    let mut given = stored(older, "reporting", &row.answers);
    given.set("agency_knew_child", Answer::Choice("no".into()));
    given.set("date_completed", Answer::Date(ctx.today()));
    let save = respond::Save {
        request_id: request.id.clone(),
        form: "reporting".into(),
        version: row.version,
        section: String::new(),
        answers: given,
        confirmed: Reasons::default(),
        says: Says::default(),
        claim: String::new(),
        shown: None,
    };
    let agency = Context {
        actor: Actor::link(&request.id),
        ..ctx.clone()
    };
    let (case, request) = (case.clone(), request.clone());
    let id = request.id.clone();
    let done = service.app.db.write(move |tx| -> Result<_, Error> {
        gather::correct(tx, &ctx, &case.reference, &correct)?;
        respond::save(tx, &agency, &save)?;
        respond::send(tx, &agency, &request.id)?;
        gather::accept(tx, &ctx, &case.reference, &request.id)?;
        let read = |conn: &mut Conn| records::get(conn, &case.id, "reporting");
        Ok(read(tx.conn())?.unwrap())
    });
    let record = done.unwrap();
    assert_eq!(record.form_version, "2031-01-r1");
    let held = stored(house.dictionary(), "reporting", &record.answers);
    assert_eq!(
        held.text("records_seen_since"),
        Some("By staff; synthetic.")
    );
    let sent = service
        .read(|conn| Ok(responses::get(conn, &id, "reporting")?))
        .unwrap();
    let said = stored(older, "reporting", &sent.answers);
    assert_eq!(sent.state, "accepted");
    assert_eq!(
        said.text("records_reviewed"),
        Some("The records of the practice; synthetic.")
    );
}

both_engines! {
    async fn an_answer_is_read_by_the_version_to_which_it_was_given(service) {
        let case = given::case(service, 1);
        let request = given::request(service, &case, "gp", &["reporting"]);
        let (browser, home) = given::opened_link(service, "gp@cdr.example").await;
        let tasks = format!("{home}/forms/reporting");
        let first = sections(&browser.get(&tasks).await.is(200), &format!("{tasks}/")).remove(0);
        let mut form = browser.get(&first).await.is(200).form_to(&first);
        form.set("records_reviewed", "The records of the practice; synthetic.");
        browser.submit(&form).await.is(303);
        let house = house_of(library(&["2022-04-r1", "2031-01-r1"], ",records_reviewed,"));
        let ctx = Context::new(&house, service.now(), Service::coordinator(), "test");
        assert!(house.dictionary().form("reporting").unwrap().field("records_reviewed").is_none(), "it is asked no more");
        let rows = service.read(|conn| Ok(responses::of_request(conn, &request.id)?));
        let read = |dict| stored(dict, "reporting", &rows[0].answers).text("records_reviewed").map(str::to_owned);
        assert_eq!(read(house.dictionary_of(&rows[0].form_version)).as_deref(), Some("The records of the practice; synthetic."));
        assert_eq!(read(house.dictionary()), None);
        let held = service.read(|conn| respond::work(conn, &Context { actor: Actor::link(&request.id), ..ctx.clone() }, request.clone()));
        let asked = house.dictionary_of(&held.responses[0].form_version).form("reporting").unwrap();
        assert!(parts::outline(&ctx, asked, &held.responses[0]).iter().any(|s| s.fields.iter().any(|f| f.id == "records_reviewed")));
        // Whoever is asked now is asked by the newer one.
        let (reference, new) = (case.reference.clone(), NewRequest { agency: "police".into(), recipient: "Sample Officer".into(), email: "p@cdr.example".into(), forms: vec!["reporting".into()], ..NewRequest::default() });
        let ids = service.app.db.write(move |tx| gather::send_requests(tx, &ctx, &reference, &[new])).unwrap();
        let newer = service.read(|conn| Ok(responses::of_request(conn, &ids[0])?));
        assert_eq!(newer[0].form_version, "2031-01-r1");
        // What was begun under the older version goes on under it: saved, sent, and taken over without the newer one's losing
        // what it asks alone.
        a_draft_of_the_older_version_is_finished(service, &house, &case, &request);
        // A program that lacks a version says so and does not serve; it never reads by another.
        service.read(|conn| {
            assert!(missing_versions(conn, &house)?.is_empty());
            assert_eq!(missing_versions(conn, &service.app.house)?, ["2031-01-r1"]);
            let only_new = house_of(library(&["2031-01-r1"], ",records_reviewed,"));
            assert_eq!(missing_versions(conn, &only_new)?, ["2022-04-r1"]);
            Ok(())
        });
    }

    async fn all_forms_open_for_the_administrator(service) {
        let administrator = service.signed_in(Role::Administrator).await;
        let list = administrator.get("/admin/forms").await.is(200);
        let opened: BTreeSet<String> = list.links().into_iter().map(|(_, to)| to).filter(|to| to.starts_with("/admin/forms/")).collect();
        assert_eq!(opened.len(), 26, "{opened:?}");
        for to in &opened {
            let page = administrator.get(to).await.is(200);
            let code = to.rsplit('/').next().unwrap();
            let form = service.app.house.dictionary().form(code).unwrap();
            for field in form.fields() {
                assert!(page.text.contains(&format!("{}<", field.id)) || page.text.contains(&format!("\"{}\"", field.id)), "{to} leaves out {}", field.id);
            }
        }
    }

    async fn every_form_opens_for_whoever_answers_it(service) {
        let mut open: BTreeSet<String> = BTreeSet::new();
        let public = super::support::journey::begin_notification(service).await;
        assert!(!sections(&public.get("/notify/tasks").await.is(200), "/notify/section/").is_empty());
        open.insert("notification".into());

        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        for form in ["analysis", "record/cdrm_jar", "record/first_hours"] {
            let tasks = format!("/cases/{}/{form}", case.reference);
            for section in sections(&coordinator.get(&tasks).await.is(200), &format!("{tasks}/")) {
                coordinator.get(&section).await.is(200);
            }
            open.insert(form.trim_start_matches("record/").into());
        }

        let asked: Vec<String> = codes(service).into_iter().filter(|code| !open.contains(code)).collect();
        let asked: Vec<&str> = asked.iter().map(String::as_str).collect();
        given::request(service, &case, "gp", &asked);
        let (agency, home) = given::opened_link(service, "gp@cdr.example").await;
        for form in asked {
            let tasks = format!("{home}/forms/{form}");
            let all = sections(&agency.get(&tasks).await.is(200), &format!("{tasks}/"));
            assert!(!all.is_empty(), "{form} asks nothing");
            agency.get(&all[0]).await.is(200);
            open.insert(form.to_owned());
        }
        assert_eq!(open.len(), 26, "{open:?}");
    }
}

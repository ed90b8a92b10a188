//! Who meets what identifies somebody: a crawl of every page that each role can reach, over cases with a word of
//! its own planted in every field that tells of a person. On SQLite alone: what is shown does not depend on the engine,
//! and a crawl takes its time.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use cdr::casework::{actions as set, assign, meetings as work, picture, restrict};
use cdr::domain::action::Kind as ActionKind;
use cdr::domain::actor::Role;
use cdr::domain::calendar::london;
use cdr::domain::form::{Answer, Answers, Field, Form, Identifies, Kind};
use cdr::domain::meeting::Purpose;
use cdr::domain::national_return::Kind as Return;
use cdr::store::cases::Case;
use cdr::store::records;
use reqwest::Method;
use serde_json::{Value, json};

use super::documents::Posted;
use super::learning::finalised;
use super::packs;
use super::support::sample::nhs_number;
use super::support::{Browser, Database, Engine, Page, Service, given, logs};

/// More pages than any role has here: a crawl that meets so many was cut, and says so.
const MOST: usize = 3_000;

/// How the planted words of each case begin.
const BEGINS: [&str; 2] = ["Zqx", "Zwv"];

type Words = BTreeSet<String>;

/// A case with planted words, each of which begins alike.
struct Planted {
    case: Case,
    begin: &'static str,
    /// The child's own name and number.
    named: Words,
    /// In text that a person goes through before a panel reads it.
    told: Words,
    /// Everywhere else.
    rest: Words,
}

impl Planted {
    fn all(&self) -> Words {
        [&self.named, &self.told, &self.rest]
            .into_iter()
            .flatten()
            .cloned()
            .collect()
    }

    /// Of the family alone.
    fn family(&self) -> Words {
        let begin = format!("{}family", self.begin);
        let rest = self.rest.iter();
        rest.filter(|word| word.starts_with(&begin))
            .cloned()
            .collect()
    }
}

fn tells(identifies: Identifies) -> bool {
    matches!(identifies, Identifies::Direct | Identifies::FreeText)
}

fn is_text(field: &Field) -> bool {
    matches!(field.kind, Kind::Text | Kind::LongText) && field.checks.is_empty()
}

/// A notification in which every free text that identifies somebody holds a word of its own.
fn notified(service: &Service, n: u32, begin: &str) -> (Value, Words) {
    let mut answers = given::answers(n);
    let form = service
        .app
        .house
        .dictionary()
        .form("notification")
        .unwrap()
        .clone();
    let mut words = Words::new();
    for field in form.fields() {
        let named = matches!(field.id.as_str(), "child_forenames" | "child_surname");
        let there = answers.get(&field.id).is_some_and(Value::is_string);
        if tells(field.identifies) && (named || is_text(field)) && there {
            let word = format!("{begin}{}", field.id.replace('_', ""));
            answers[&field.id] = json!(word);
            words.insert(word);
        }
    }
    for (table, kind) in [
        ("parental_responsibility", "parent"),
        ("agencies_involved", "practitioner"),
    ] {
        answers[table][0]["name"] = json!(format!("{begin}{kind}"));
        words.insert(format!("{begin}{kind}"));
    }
    (answers, words)
}

/// What of a form is empty and identifies somebody, filled with words of their own.
fn filled(form: &Form, answers: &mut Answers, begin: &str) -> (Words, Words) {
    let (mut told, mut rest) = (Words::new(), Words::new());
    let code = form.code.replace('_', "");
    let mut word = |field: &Field, within: &str| {
        let word = format!("{begin}{code}{within}{}", field.id.replace('_', ""));
        let into = match field.identifies {
            Identifies::FreeText => &mut told,
            _ => &mut rest,
        };
        into.insert(word.clone());
        Answer::Text(word)
    };
    for field in form.fields() {
        if answers.get(&field.id).is_some() {
            continue;
        }
        if field.kind == Kind::Table {
            let cells = field.columns.iter();
            let cells = cells.filter(|cell| tells(cell.identifies) && is_text(cell));
            let row: BTreeMap<String, Answer> = cells
                .map(|cell| (cell.id.clone(), word(cell, &field.id.replace('_', ""))))
                .collect();
            if !row.is_empty() {
                answers.set(&field.id, Answer::Rows(vec![row]));
            }
        } else if tells(field.identifies) && is_text(field) {
            let text = word(field, "");
            answers.set(&field.id, text);
        }
    }
    (told, rest)
}

/// Every form of the dictionary, whether or not it is due.
fn fill_forms(service: &Service, planted: &mut Planted) {
    let forms: Vec<Form> = service.app.house.dictionary().forms.clone();
    for form in forms {
        let (id, begin) = (planted.case.id.clone(), planted.begin);
        let (told, rest) = service
            .write(Service::coordinator(), move |tx, ctx| {
                tx.unchanged();
                let dict = ctx.house.dictionary();
                let kept = records::get(tx.conn(), &id, &form.code)?;
                let mut answers = kept
                    .as_ref()
                    .map(|row| picture::stored(dict, &form.code, &row.answers))
                    .unwrap_or_default();
                let words = filled(&form, &mut answers, begin);
                let sources = kept
                    .map(|row| serde_json::from_str(&row.sources).unwrap())
                    .unwrap_or_default();
                picture::write(tx, ctx, &id, &form.code, &dict.version, &answers, &sources)?;
                Ok(words)
            })
            .unwrap();
        planted.told.extend(told);
        planted.rest.extend(rest);
    }
}

/// A meeting with its place, somebody asked to it and minutes, and an action.
fn met(service: &Service, planted: &Planted) {
    let (reference, now, begin) = (planted.case.reference.clone(), service.now(), planted.begin);
    service
        .write(Service::coordinator(), move |tx, ctx| {
            let given = work::Given {
                day: Some(london(now).date()),
                time: chrono::NaiveTime::from_hms_opt(16, 0, 0),
                minutes_long: 60,
                place: format!("{begin}place"),
                ..work::Given::default()
            };
            let id = work::plan(tx, ctx, &reference, Purpose::Response, &given)?;
            let person = work::Person {
                name: format!("{begin}attendee"),
                role: "Police".into(),
                ..work::Person::default()
            };
            work::put_down(tx, ctx, &id, 1, &person)?;
            let said = work::Said {
                parts: [("shared".to_owned(), format!("{begin}minutes"))].into(),
                ..work::Said::default()
            };
            work::save_minutes(tx, ctx, &id, 2, &said)?;
            let action = [("what", "action"), ("owner", "owner")]
                .map(|(name, word)| (name.to_owned(), format!("{begin}{word}")));
            let mut said: std::collections::BTreeMap<String, String> = action.into();
            said.insert("owner_email".to_owned(), "owner@cdr.example".to_owned());
            let given = set::Given {
                said,
                due_on: Some(london(now).date() + chrono::Duration::days(9)),
                meeting_id: Some(id),
                ..set::Given::default()
            };
            set::set(tx, ctx, &reference, ActionKind::Action, &given).map(drop)
        })
        .unwrap();
}

/// A process, a line of the family and a document.
async fn beside(coordinator: &Browser, planted: &Planted) {
    let begin = planted.begin;
    let at = |rest: &str| format!("/cases/{}/{rest}", planted.case.reference);
    let page = coordinator
        .get(&at("processes/add?kind=inquest"))
        .await
        .is(200);
    let mut form = page.form_to(&at("processes/add"));
    for name in ["reference", "lead_body", "note"] {
        form.set(name, &format!("{begin}process{}", name.replace('_', "")));
    }
    form.date("began_on", "30 3 2026");
    coordinator.submit(&form).await.is(303);
    let mut form = coordinator
        .get(&at("family/people/new"))
        .await
        .is(200)
        .form_to(&at("family/people/new"));
    form.set("name", &format!("{begin}familyname"))
        .set("address", &format!("{begin}familyaddress"))
        .set("relation", "mother")
        .set("responsibility", "yes");
    coordinator.submit(&form).await.is(303);
    let text = format!("{begin}doctext");
    Posted::new(&format!("{begin}docname.txt"), text.as_bytes())
        .to(coordinator, &planted.case.reference)
        .await
        .is(303);
}

fn plant(service: &Service, n: u32, begin: &'static str) -> Planted {
    let (answers, words) = notified(service, n, begin);
    let case = given::case_of(service, &answers);
    given::request(service, &case, "gp", &["reporting"]);
    let mut named: Words = ["childforenames", "childsurname"]
        .map(|name| format!("{begin}{name}"))
        .into();
    let narrated = format!("{begin}circumstances");
    let more = [
        "place",
        "attendee",
        "minutes",
        "action",
        "owner",
        "processreference",
        "processleadbody",
        "processnote",
        "familyname",
        "familyaddress",
        "docname",
        "doctext",
    ];
    let mut rest: Words = words.difference(&named).cloned().collect();
    rest.extend(more.map(|word| format!("{begin}{word}")));
    let told = rest.take(&narrated).into_iter().collect();
    named.insert(nhs_number(n));
    let mut planted = Planted {
        case,
        begin,
        named,
        told,
        rest,
    };
    fill_forms(service, &mut planted);
    for word in planted.all() {
        logs::planted(&word);
    }
    planted
}

/// Which of these stand in a text. Looked for by how they begin, because there are hundreds on thousands of pages.
fn among(text: &str, words: &Words) -> Words {
    let mut found = Words::new();
    for begin in BEGINS {
        for (at, _) in text.match_indices(begin) {
            let end = text[at..].find(|c: char| !c.is_ascii_alphanumeric());
            found.extend(
                words
                    .get(&text[at..end.map_or(text.len(), |end| at + end)])
                    .cloned(),
            );
        }
    }
    let spaceless = text.contains("999").then(|| text.replace(' ', ""));
    let numbers = words.iter().filter(|word| !word.starts_with('Z'));
    found.extend(
        numbers
            .filter(|word| {
                text.contains(*word) || spaceless.as_ref().is_some_and(|text| text.contains(*word))
            })
            .cloned(),
    );
    found
}

/// What a crawl came by.
struct Met {
    pages: BTreeSet<String>,
    words: Words,
    /// Where each word was met first.
    places: BTreeMap<String, String>,
}

/// Everything of an answer in which a word can stand: its text, its file name, and what is packed in it.
async fn whole(browser: &Browser, page: &Page) -> String {
    let mut all = page.text.clone();
    all.push_str(page.header("content-disposition"));
    let kind = page.header("content-type");
    if kind.contains("zip") || kind.contains("officedocument") {
        let file = browser.request(Method::GET, &page.path).send().await;
        let bytes = file.unwrap().bytes().await.unwrap();
        let mut packed = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
        for index in 0..packed.len() {
            let mut member = Vec::new();
            packed
                .by_index(index)
                .unwrap()
                .read_to_end(&mut member)
                .unwrap();
            all.push_str(&String::from_utf8_lossy(&member));
        }
    }
    all
}

/// Every page that can be reached by links from these, and the planted words on them; `without` what begins so, which
/// another crawl goes through.
async fn crawl(browser: &Browser, starts: &[String], words: &Words, without: &[String]) -> Met {
    let mut waiting: Vec<String> = starts.to_vec();
    let (mut pages, mut met) = (BTreeSet::new(), Words::new());
    let mut places = BTreeMap::new();
    while let Some(path) = waiting.pop() {
        let path = path.split('#').next().unwrap_or_default().to_owned();
        // Of these pages none is of a case; a list sorted otherwise holds the same.
        let aside = [
            "/assets",
            "/sign-out",
            "/admin/forms/",
            "/directory/agencies/",
        ];
        let ours = path.starts_with('/') && !aside.iter().any(|at| path.starts_with(at));
        let left = without.iter().any(|at| path.starts_with(at));
        if !ours || left || path.contains("sort=") || !pages.insert(path.clone()) {
            continue;
        }
        assert!(pages.len() < MOST, "the crawl was cut");
        let page = browser.get(&path).await;
        assert!(page.status < 500, "{path}: {}", page.status);
        let text = whole(browser, &page).await;
        for word in among(&text, words) {
            places.entry(word.clone()).or_insert_with(|| path.clone());
            met.insert(word);
        }
        if page.is_html() {
            waiting.extend(page.links().into_iter().map(|(_, href)| href));
        }
        waiting.extend(page.location());
    }
    Met {
        pages,
        words: met,
        places,
    }
}

/// Where a crawl begins: lists, files, and the addresses of these cases whether or not anything leads to them.
fn starts(service: &Service, planted: &[&Planted]) -> Vec<String> {
    let lists = [
        "/",
        "/cases",
        "/cases?view=open",
        "/meetings",
        "/actions",
        "/processes",
        "/responses",
        "/quality",
        "/themes",
        "/clusters",
        "/transfers",
        "/directory",
        "/returns",
        "/returns/check",
        "/admin",
        "/admin/outbox",
        "/admin/audit",
        "/admin/audit/download",
        "/account",
    ];
    let mut all: Vec<String> = lists.map(str::to_owned).to_vec();
    let below = [
        "",
        "/record",
        "/requests",
        "/people",
        "/documents",
        "/documents/1",
        "/documents/1/file",
        "/differences",
        "/analysis",
        "/finalise",
        "/seen",
        "/restriction",
        "/family",
        "/processes",
        "/meetings",
        "/actions",
        "/letters",
        "/letters/parent-first/letter.docx",
        "/chronology",
        "/chronology/print",
        "/learning",
    ];
    for one in planted {
        let base = format!("/cases/{}", one.case.reference);
        all.extend(below.map(|rest| format!("{base}{rest}")));
        let forms = service.app.house.dictionary().forms.iter();
        all.extend(forms.map(|form| format!("{base}/record/{}", form.code)));
        all.push(format!("/cases/notifications/{}", one.case.notification_id));
        let meetings = service.read(|conn| Ok(cdr::store::meetings::of_case(conn, &one.case.id)?));
        for meeting in meetings {
            all.push(format!("/meetings/{}", meeting.id));
            all.push(format!("/meetings/{}/minutes.docx", meeting.id));
        }
    }
    all
}

/// The feed of somebody's calendar, where the role has one.
async fn feed(service: &Service, browser: &Browser) -> Option<String> {
    let page = browser.get("/account/calendar").await;
    if page.status != 200 {
        return None;
    }
    let made = browser.submit(&page.form_with("Make an address")).await;
    let address = made.is(200).texts("code").remove(0);
    let path = address.strip_prefix(&service.address).unwrap().to_owned();
    logs::never(path.rsplit('/').next().unwrap_or_default());
    let text = service.browser().get(&path).await.is(200).text;
    Some(text.replace("\r\n ", ""))
}

/// A member at whose panel the case is listed reads its pack, with nothing in it that names somebody, and after a
/// personal interest was declared not even the number.
async fn at_a_panel(planted: &Planted, (pack, member): (&str, &Browser), starts: &[String]) {
    let mut words: Words = planted.named.union(&planted.rest).cloned().collect();
    words.insert(planted.case.reference.clone());
    let mut starts = starts.to_vec();
    starts.retain(|start| !start.contains(&planted.case.reference));
    let item = pack.replace("/pack/", "/items/");
    let panel = pack.split("/pack/").next().unwrap().to_owned();
    starts.extend([panel.clone(), item.clone(), pack.to_owned()]);
    let met = crawl(member, &starts, &words, &[]).await;
    assert!(met.words.is_empty(), "a pack tells {:?}", met.words);
    let print = format!("{pack}/print");
    assert!(met.pages.contains(&print), "the pack was read");
    let number = member.get(&print).await.is(200);
    assert!(number.text.len() > 500, "the pack was open");
    let form = member.get(&item).await.is(200).form_with("Declare");
    let personal = form.clone().set("interest", "personal").clone();
    member.submit(&personal).await.is(303);
    let mut words = planted.all();
    words.insert(planted.case.reference.clone());
    words.insert(item.rsplit('/').next().unwrap().to_owned());
    // What was open before is asked for again, and now leads nowhere.
    for path in [&item, &pack.to_owned(), &print] {
        member.get(path).await.is(404);
        starts.retain(|start| start != path);
    }
    let met = crawl(member, &starts, &words, &[]).await;
    assert!(
        met.words.is_empty(),
        "after a personal interest: {:?}",
        met.words
    );
}

/// Who may open a restricted case and has not opened it meets nothing of it: not its number in any list, feed or answer to a
/// search, and at its own addresses no more than the door.
async fn outside(service: &Service, planted: &Planted, starts: &[String]) {
    let reference = planted.case.reference.clone();
    let id = service.add_user("named@cdr.example", Role::Coordinator);
    let version = given::find(service, &reference).version;
    let restricted = reference.clone();
    service
        .write(Service::coordinator(), move |tx, ctx| {
            restrict::restrict(tx, ctx, &restricted, version, &[id], "Sample reason")
        })
        .unwrap();
    let all = planted.all();
    let mut words = all.clone();
    words.insert(reference.clone());
    let mut of_case = vec![reference.clone(), planted.case.notification_id.clone()];
    let meetings = service.read(|conn| Ok(cdr::store::meetings::of_case(conn, &planted.case.id)?));
    of_case.extend(meetings.into_iter().map(|meeting| meeting.id));
    let (own, lists): (Vec<String>, Vec<String>) = starts
        .iter()
        .cloned()
        .partition(|start| of_case.iter().any(|named| start.contains(named)));
    service.add_user("outside@cdr.example", Role::Coordinator);
    service.add_user("outside.doctor@cdr.example", Role::DesignatedDoctor);
    for email in ["outside@cdr.example", "outside.doctor@cdr.example"] {
        let browser = service.signed_in_as(email);
        let met = crawl(&browser, &lists, &words, &[]).await;
        assert!(met.words.is_empty(), "{email} met {:?}", met.places);
        for path in &own {
            let page = browser.get(path).await;
            let to = page.location().unwrap_or_default();
            let door = page.status == 303 && to == format!("/cases/{reference}/open");
            assert!(
                door || matches!(page.status, 403 | 404),
                "{email} {path}: {} {to}",
                page.status
            );
            assert!(among(&page.text, &all).is_empty(), "{email} {path}");
        }
        let door = browser.get(&format!("/cases/{reference}/open")).await;
        assert!(among(&door.is(200).text, &all).is_empty(), "{email}");
        for typed in &planted.named {
            let mut form = browser.get("/cases").await.is(200).form_to("/cases");
            form.set("q", typed);
            let page = browser.submit(&form).await.is(200);
            assert!(!page.text.contains(&reference), "{email} {typed}");
        }
        let text = feed(service, &browser).await.unwrap_or_default();
        let told: Vec<&String> = words.iter().filter(|word| text.contains(*word)).collect();
        assert!(told.is_empty(), "the calendar of {email} tells {told:?}");
    }
    // What is hidden there is found by who is named.
    let named = service.signed_in_as("named@cdr.example");
    let met = crawl(&named, &["/cases?view=open".to_owned()], &words, &[]).await;
    assert!(met.words.contains(&reference) && met.words.is_superset(&planted.named));
}

/// Every kind of return in every form in which it can be asked for, as a browser gets it: unpacked, or the page instead.
async fn packages(browser: &Browser) -> Vec<(Return, u16, String)> {
    let period = [
        ("from-day", "1"),
        ("from-month", "4"),
        ("from-year", "2025"),
        ("to-day", "30"),
        ("to-month", "4"),
        ("to-year", "2026"),
    ];
    let mut all = Vec::new();
    for kind in Return::ALL {
        for more in ["", "published", "spreadsheet", "originals"] {
            let token = browser.token().await;
            let mut pairs = vec![("csrf", token.as_str()), ("kind", kind.code())];
            pairs.extend(period);
            pairs.extend((!more.is_empty()).then_some((more, "yes")));
            let call = browser.request(Method::POST, "/returns").form(&pairs);
            let answer = call.send().await.unwrap();
            let (status, heads) = (answer.status().as_u16(), format!("{:?}", answer.headers()));
            let bytes = answer.bytes().await.unwrap();
            let text = unpacked(&bytes).unwrap_or_else(|| String::from_utf8_lossy(&bytes).into());
            all.push((kind, status, heads + &text));
        }
    }
    all
}

/// The names and the text of everything in an archive; none of what is no archive.
fn unpacked(bytes: &[u8]) -> Option<String> {
    let mut packed = zip::ZipArchive::new(std::io::Cursor::new(bytes)).ok()?;
    let mut all = String::new();
    for index in 0..packed.len() {
        let mut member = packed.by_index(index).unwrap();
        let mut bytes = Vec::new();
        member.read_to_end(&mut bytes).unwrap();
        all.push_str(&String::from_utf8_lossy(member.name_raw()));
        all.push_str(&String::from_utf8_lossy(&bytes));
    }
    Some(all)
}

/// What leaves for the national database names the child, what is drawn up for a report names nobody, and only who may
/// export gets either.
async fn returned(service: &Service, coordinator: &Browser, (own, other): (&Planted, &Planted)) {
    finalised(service, &own.case);
    let mut words: Words = own.all().union(&other.all()).cloned().collect();
    words.extend([own.case.reference.clone(), other.case.reference.clone()]);
    for (kind, status, text) in packages(coordinator).await {
        assert_eq!(status, 200, "{}", kind.code());
        let met = among(&text, &words);
        let told: Vec<&String> = words.iter().filter(|word| text.contains(*word)).collect();
        match kind {
            Return::AnnualReport => {
                assert!(met.is_empty() && told.is_empty(), "a report tells {told:?}");
            }
            Return::YearEnd => assert!(met.is_superset(&own.named), "a year end names the child"),
            _ => {}
        }
    }
    for role in Role::ALL.iter().filter(|role| **role != Role::Coordinator) {
        let email = format!("{}@cdr.example", role.as_str());
        if service
            .read(|conn| Ok(cdr::store::accounts::by_email(conn, &email)?))
            .is_none()
        {
            service.add_user(&email, *role);
        }
        let browser = service.signed_in_as(&email);
        for (kind, status, text) in packages(&browser).await {
            assert_eq!(status, 403, "{role}: {}", kind.code());
            assert!(among(&text, &words).is_empty(), "{role}: {}", kind.code());
        }
    }
}

#[test]
fn no_planted_word_reaches_a_role_that_should_not_see_it() {
    let Some(database) = Database::fresh(Engine::Sqlite) else {
        return;
    };
    actix_web::rt::System::new().block_on(async {
        let service = Service::start(database);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let (own, other) = (plant(&service, 1, BEGINS[0]), plant(&service, 2, BEGINS[1]));
        // Listed before what runs beside the review would hold it back.
        let (pack, member) = packs::listed(&service, &coordinator, &own.case, 10).await;
        packs::released(&service, &coordinator, &pack).await;
        for planted in [&own, &other] {
            met(&service, planted);
            beside(&coordinator, planted).await;
        }
        let starts = starts(&service, &[&own, &other]);
        let words: Words = own.all().union(&other.all()).cloned().collect();
        assert!(words.len() > 400, "{}", words.len());

        // The crawl can fail: it finds what is there to be found.
        let elsewhere = [format!("/cases/{}", other.case.reference)];
        let found = crawl(&coordinator, &starts, &own.all(), &elsewhere).await;
        let missed: Words = own.all().difference(&found.words).cloned().collect();
        // Questions that the other answers do not ask for are not shown, though something lies under them.
        assert!(
            missed.len() * 10 < own.all().len() && missed.is_disjoint(&own.named),
            "{} pages, and not met: {missed:?}",
            found.pages.len()
        );

        at_a_panel(&own, (&pack, &member), &starts).await;
        for role in Role::ALL {
            if matches!(role, Role::Coordinator | Role::DesignatedDoctor) {
                continue;
            }
            let email = format!("{}@cdr.example", role.as_str());
            let id = service.add_user(&email, *role);
            let browser = service.signed_in_as(&email);
            let met = crawl(&browser, &starts, &words, &[]).await;
            assert!(met.words.is_empty(), "{role} met {:?}", met.words);
            if !assign::ROLES.contains(role) {
                continue;
            }
            let (reference, version) = (
                own.case.reference.clone(),
                given::find(&service, &own.case.reference).version,
            );
            service
                .write(Service::coordinator(), move |tx, ctx| {
                    assign::assign(tx, ctx, &reference, &id, version)
                })
                .unwrap();
            let record = ["record/", "analysis/", "response/"]
                .map(|at| format!("/cases/{}/{at}", own.case.reference));
            let met = crawl(&browser, &starts, &words, &record).await;
            let of_another: Words = met.words.intersection(&other.all()).cloned().collect();
            assert!(
                of_another.is_empty(),
                "{role} met {of_another:?} of another’s case"
            );
            assert!(
                met.words.is_superset(&own.named)
                    || *role == Role::KeyWorker && !met.words.is_empty()
            );
            if *role == Role::KeyWorker {
                let allowed: Words = own.named.union(&own.family()).cloned().collect();
                let more: Words = met.words.difference(&allowed).cloned().collect();
                assert!(more.is_empty(), "a key worker met {more:?}");
            }
            let text = feed(&service, &browser).await.unwrap_or_default();
            assert!(text.contains("BEGIN:VCALENDAR"), "{role} has a calendar");
            let told: Vec<&String> = words.iter().filter(|word| text.contains(*word)).collect();
            assert!(told.is_empty(), "the calendar of {role} tells {told:?}");
        }
        returned(&service, &coordinator, (&own, &other)).await;
        outside(&service, &other, &starts).await;
        service.stop().await;
    });
}

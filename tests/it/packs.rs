//! Anonymised packs: what is taken out, by whom it is decided and signed, when it may be read, and what members ask.

use cdr::casework::packs::{self as work, Stand};
use cdr::casework::{gather, picture};
use cdr::domain::actor::Role;
use cdr::domain::form::{Answer, Field, Identifies, Kind};
use cdr::store::cases::Case;
use cdr::store::{events, packs as store, records};
use chrono::{Duration, NaiveDate};
use serde_json::json;

use std::collections::{BTreeMap, BTreeSet};

use super::documents::Posted;
use super::panels::{arrange, list, put_down};
use super::support::journey::{fill_form, send_answers};
use super::support::{Browser, Page, Sample, Service, files, given, saying};
use crate::both_engines;

/// What is planted in what people typed and in files: each must be proposed, and none may be read.
const PLANTED: [&str; 92] = [
    "Zarabella",
    "Quillfeather",
    "Zara",
    "Zarabela",
    "Zarrabella",
    "Zarabelle",
    "Quilfeather",
    "Quillfether",
    "ZARABELLA",
    "quillfeather",
    "Zarabella-Quillfeather",
    "QuillfeatherZ",
    "Z.Q.",
    "ZQ",
    "Z Q",
    "Mirabunda",
    "Mirabunde",
    "Torvaldo",
    "Torvald",
    "Torvaldo Quillfeather",
    "Dr Ossipova",
    "Ossipova",
    "Osipova",
    "Nurse Brambleby",
    "Brambleby",
    "Brambelby",
    "PC 40417",
    "DC Wexcombe",
    "01634 555 0199",
    "07700 900456",
    "+44 7700 900456",
    "999 012 3456",
    "9990123456",
    "999-012-3456",
    "ME99 7XY",
    "me997xy",
    "14 Thistledown Lane",
    "Thistledown",
    "Otterbourne Primary School",
    "Otterbourne",
    "St Wulfric’s Academy",
    "zara.q@example.org",
    "www.example.org/zara",
    "26 February 2026",
    "26/02/2026",
    "3rd March",
    "KM-2026-0042",
    "Olumide",
    "Torvalldo",
    "Mirabundda",
    "Ossipovva",
    "Thistledwon Lane",
    "Otterborne",
    "Mr Torvaldo",
    "Mrs Quillfeather",
    "Hollowmere Hospital",
    "Hollowmere",
    "Holowmere",
    "0800 555 0123",
    "07700900456",
    "999 0123456",
    "99 901 234 56",
    "14/3/2026",
    "March 3",
    "ref 40417B",
    "KM/2026/0042",
    "AB12 CDE",
    "9 Elmcroft Road",
    "@zarabells",
    "Saint Wulfric’s Hospital",
    "Sister Featherington",
    "998  017  4625",
    "997\n036\n2514",
    "996\u{2009}054\u{2009}1827",
    "995\u{202f}073\u{202f}6091",
    "994\u{a0}\u{a0}081\u{a0}3375",
    "01632  960  417",
    "01632\n961\n528",
    "07700\u{2009}902\u{2009}639",
    "07700\u{202f}903\u{202f}741",
    "11-week-old",
    "17 months old",
    "five-year-old",
    "aged eleven months",
    "2yo",
    "third birthday",
    "twelfth of May",
    "P123 ABC",
    "ABC 123K",
    "gk19 abc",
    "SE10 9",
    "facebook.com/zara.q",
];

/// And what stands in fields that are never part of an account.
const MASKED: [&str; 12] = [
    "Ossipova",
    "Thistledown",
    "Otterbourne",
    "Mirabunda",
    "Torvaldo",
    "Brambleby",
    "Zarabella",
    "Quillfeather",
    "sample.notifier@nhs.net",
    "ME99 7XY",
    "9990000018",
    "Hollowmere",
];

fn sentence(word: &str) -> String {
    format!("It was said that {word} was there that day.")
}

/// A case with a planted word wherever somebody may type.
fn planted(service: &Service) -> Case {
    let mut answers = given::answers(1);
    let all = [
        ("child_forenames", "Zarabella"),
        ("child_surname", "Quillfeather"),
        ("child_known_as", "Zara"),
        ("address_line_1", "14 Thistledown Lane"),
        ("postcode", "ME99 7XY"),
        ("school_nursery_name", "Otterbourne Primary School"),
        ("gp_name_practice", "Dr Ossipova"),
        ("referrer_name", "Nurse Brambleby"),
        ("place_of_death_name", "Hollowmere Hospital"),
    ];
    for (field, word) in all {
        answers[field] = json!(word);
    }
    answers["parental_responsibility"] = json!([
        { "name": "Mirabunda Quillfeather", "relationship": "mother" },
        { "name": "Torvaldo Quillfeather", "relationship": "father" },
    ]);
    answers["circumstances"] = json!(
        PLANTED
            .iter()
            .take(16)
            .map(|word| sentence(word))
            .collect::<Vec<_>>()
            .join(" ")
    );
    given::case_of(service, &answers)
}

/// Types a planted word into every question of every form that is answered in free words, as the coordinator, and has a
/// family ask with others. Gives how many places there were.
async fn planted_everywhere(coordinator: &Browser, service: &Service, case: &Case) -> usize {
    let mut words = PLANTED.iter().cycle();
    let mut places = 0;
    let free = |field: &Field| {
        matches!(field.kind, Kind::Text | Kind::LongText)
            && field.identifies == Identifies::FreeText
    };
    let dict = service.app.house.dictionary();
    for form in dict.forms.iter().filter(|form| form.code != "analysis") {
        for section in &form.sections {
            let fields: Vec<&Field> = section.fields.iter().filter(|field| free(field)).collect();
            let path = format!(
                "/cases/{}/record/{}/{}",
                case.reference, form.code, section.id
            );
            let page = coordinator.get(&path).await;
            if fields.is_empty() || page.status != 200 {
                continue;
            }
            let mut typed = page.form_to(&path);
            let mut here = 0;
            for field in fields {
                if typed.has(&field.id) {
                    let three: Vec<String> =
                        words.by_ref().take(3).map(|word| sentence(word)).collect();
                    typed.set(&field.id, &three.join(" "));
                    here += 1;
                }
            }
            if here > 0 {
                let answer = coordinator.submit(&typed).await;
                if answer.status == 422 {
                    // A code or a number that has a form of its own takes no sentence.
                    for (_, place) in answer.errors() {
                        typed.set(place.trim_start_matches('#'), "");
                        here -= 1;
                    }
                    coordinator.submit(&typed).await.is(303);
                } else {
                    answer.is(303);
                }
                places += here;
            }
        }
    }
    let path = format!("/cases/{}/family/questions/new", case.reference);
    let mut asks = coordinator.get(&path).await.is(200).form_to(&path);
    let asked: Vec<String> = PLANTED.iter().map(|word| sentence(word)).collect();
    asks.set("words", &asked.join(" "))
        .set("state", "asked")
        .date("asked_on", "1 4 2026");
    coordinator.submit(&asks).await.is(303);
    places
}

/// Puts planted words into the cells of every table that is answered in free words, each in a row with a day.
fn planted_in_tables(service: &Service, case: &Case) -> usize {
    let id = case.id.clone();
    let done = service.write(Service::coordinator(), move |tx, ctx| {
        tx.unchanged();
        let dict = ctx.house.dictionary();
        let (mut words, mut cells) = (PLANTED.iter().cycle(), 0);
        for form in dict.forms.iter().filter(|form| form.code != "analysis") {
            let kept = records::get(tx.conn(), &id, &form.code)?;
            let mut answers = kept
                .as_ref()
                .map(|row| picture::stored(dict, &form.code, &row.answers))
                .unwrap_or_default();
            let sources = kept
                .map(|row| serde_json::from_str(&row.sources).unwrap())
                .unwrap_or_default();
            let mut here = 0;
            for table in form.fields().filter(|field| field.kind == Kind::Table) {
                let mut row = BTreeMap::new();
                for column in &table.columns {
                    let is_words = matches!(column.kind, Kind::Text | Kind::LongText);
                    if is_words && column.identifies == Identifies::FreeText {
                        let three: Vec<String> =
                            words.by_ref().take(3).map(|word| sentence(word)).collect();
                        row.insert(column.id.clone(), Answer::Text(three.join(" ")));
                        here += 1;
                    } else if column.kind == Kind::Date {
                        let day = NaiveDate::from_ymd_opt(2026, 3, 20).unwrap();
                        row.insert(column.id.clone(), Answer::Date(day));
                    }
                }
                if row.values().any(|cell| matches!(cell, Answer::Text(_))) {
                    answers.set(&table.id, Answer::Rows(vec![row]));
                }
            }
            if here > 0 {
                picture::write(tx, ctx, &id, &form.code, &dict.version, &answers, &sources)?;
            }
            cells += here;
        }
        Ok(cells)
    });
    done.unwrap()
}

/// An agency says planted words on its form, and the coordinator accepts them.
async fn planted_by_an_agency(service: &Service, case: &Case) {
    let request = given::request(service, case, "gp", &["reporting"]);
    let (browser, home) = given::opened_link(service, "gp@cdr.example").await;
    let all: Vec<String> = PLANTED.iter().map(|word| sentence(word)).collect();
    let said = Sample::answer().with("circumstances_narrative", &all.join(" "));
    fill_form(&browser, &format!("{home}/forms/reporting"), &said).await;
    send_answers(&browser, &home).await.is(200);
    let reference = case.reference.clone();
    let done = service.write(Service::coordinator(), move |tx, ctx| {
        gather::accept(tx, ctx, &reference, &request.id)
    });
    done.unwrap();
}

/// A text without spaces and ends of lines, of whatever kind and however they are written.
fn squeezed(text: &str) -> String {
    let text = text.replace("\\n", "").replace("&nbsp;", "");
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// The words of a text that could be looked for, in lower case.
fn tokens(text: &str) -> BTreeSet<String> {
    let split = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|part| !part.is_empty());
    split.map(str::to_lowercase).collect()
}

async fn upload(browser: &Browser, case: &Case, name: &str, bytes: &[u8]) {
    Posted::new(name, bytes)
        .to(browser, &case.reference)
        .await
        .is(303);
}

/// A panel in `days`, with the case on its list and a member who declared no interest. Gives the pack's address.
pub(super) async fn listed(
    service: &Service,
    coordinator: &Browser,
    case: &Case,
    days: i64,
) -> (String, Browser) {
    let id = service.add_user("member@cdr.example", Role::PanelMember);
    let panel = arrange(coordinator, service, days).await;
    put_down(coordinator, &panel, &[(&id, "public_health")])
        .await
        .is(303);
    let (item, address) = list(service, &panel, case);
    let member = service.signed_in_as("member@cdr.example");
    let pack = format!("{panel}/pack/{}", item.id);
    let mut form = member.get(&address).await.is(200).form_with("Declare");
    member.submit(form.set("interest", "none")).await.is(303);
    (pack, member)
}

pub(super) async fn build(browser: &Browser, pack: &str, documents: &str) -> Page {
    let desk = browser.get(&format!("{pack}/desk")).await.is(200);
    let button = if desk.text.contains("Write it anew") {
        "Write it anew"
    } else {
        "Write the account"
    };
    let mut form = desk.form_with(button);
    if !documents.is_empty() {
        form.set("document", documents);
    }
    browser.submit(&form).await
}

pub(super) async fn take_all_out(browser: &Browser, pack: &str) {
    let mut form = browser
        .get(&format!("{pack}/desk"))
        .await
        .is(200)
        .form_with("Save decisions");
    if form.has("rarity") {
        form.set("rarity", "Sample reason.");
    }
    let button = "Save, and take out all that is not decided";
    let button = if form.has_button(button) {
        button
    } else {
        "Save decisions"
    };
    browser.submit(form.press(button)).await.is(303);
}

pub(super) async fn sign(browser: &Browser, pack: &str, button: &str) -> Page {
    let form = browser
        .get(&format!("{pack}/desk"))
        .await
        .is(200)
        .form_with(button);
    browser.submit(&form).await
}

/// Built, everything taken out, signed by two.
pub(super) async fn released(service: &Service, coordinator: &Browser, pack: &str) -> Browser {
    build(coordinator, pack, "").await.is(303);
    take_all_out(coordinator, pack).await;
    sign(coordinator, pack, "Sign").await.is(303);
    let doctor = service.signed_in(Role::DesignatedDoctor).await;
    sign(&doctor, pack, "Sign and release").await.is(303);
    doctor
}

fn ids(pack: &str) -> (String, String) {
    let parts: Vec<&str> = pack.split('/').collect();
    (parts[2].to_owned(), parts[4].to_owned())
}

fn stand(service: &Service, case: &Case, pack: &str) -> Stand {
    let (case, item) = (case.clone(), ids(pack).1);
    let ctx = service.context(Service::coordinator());
    service.read(|conn| work::stand(conn, &ctx, &case, &item))
}

both_engines! {
    async fn sixty_planted_words_are_proposed_or_masked_and_none_is_read(service) {
        let distinct: BTreeSet<String> = PLANTED.iter().map(|word| word.to_lowercase()).collect();
        assert!(distinct.len() >= 60, "{}", distinct.len());
        let coordinator = service.signed_in(Role::Coordinator).await;
        let case = planted(service);
        planted_by_an_agency(service, &case).await;
        let places = planted_everywhere(&coordinator, service, &case).await;
        assert!(places > 40, "{places}");
        let cells = planted_in_tables(service, &case);
        assert!(cells > 5, "{cells}");
        let lines: Vec<String> = PLANTED.iter().map(|word| sentence(word)).collect();
        let (first, rest) = lines.split_at(16);
        let (second, third) = rest.split_at(16);
        upload(&coordinator, &case, "Zarabella report.docx", &saying::word_saying(&[first, second].concat())).await;
        let one_line = |line: &String| line.replace('’', "'").replace(char::is_whitespace, " ");
        let plain: Vec<String> = third.iter().map(one_line).collect();
        upload(&coordinator, &case, "report.pdf", &saying::pdf_saying(&plain)).await;
        upload(&coordinator, &case, "note.txt", lines.join("\n\n").as_bytes()).await;
        let (pack, member) = listed(service, &coordinator, &case, 10).await;
        build(&coordinator, &pack, "1|2|3").await.is(303);
        let desk = coordinator.get(&format!("{pack}/desk")).await.is(200);
        let proposed = desk.texts("th strong");
        let whole: BTreeSet<String> = proposed.iter().map(|surface| surface.to_lowercase()).collect();
        // A mail address or a longer name does not stand for the name within it.
        let single: BTreeSet<String> = proposed.iter().filter(|surface| !surface.contains(['@', '/', '-'])).flat_map(|surface| tokens(surface)).collect();
        let ordinary = tokens("mr mrs dr nurse sister dc pc lane ref saint");
        let missed: Vec<&str> = PLANTED.into_iter().filter(|word| {
            let by_parts = || tokens(word).difference(&ordinary).all(|part| single.contains(part));
            !whole.contains(&word.to_lowercase()) && !by_parts()
        }).collect();
        assert!(missed.is_empty(), "not proposed: {missed:?} among {proposed:?}");
        take_all_out(&coordinator, &pack).await;
        sign(&coordinator, &pack, "Sign").await.is(303);
        let doctor = service.signed_in(Role::DesignatedDoctor).await;
        sign(&doctor, &pack, "Sign and release").await.is(303);
        let mut pages = Vec::new();
        for path in ["", "/print"] {
            pages.push(member.get(&format!("{pack}{path}")).await.is(200));
        }
        let sources: BTreeSet<String> = pages[0].links().into_iter().map(|(_, to)| to).filter(|to| to.contains("/source/")).collect();
        assert!(sources.len() > 5, "{sources:?}");
        for source in &sources {
            pages.push(member.get(source).await.is(200));
        }
        assert!(pages[0].text.contains("was there that day"), "the account is there");
        for page in &pages {
            let text = page.text.to_lowercase();
            for word in PLANTED.iter().chain(&MASKED) {
                let alone = word.chars().count() < 4;
                let there = if alone {
                    page.words().split(|c: char| !c.is_alphanumeric()).any(|part| part == *word)
                } else {
                    text.contains(&word.to_lowercase()) || squeezed(&text).contains(&squeezed(&word.to_lowercase()))
                };
                assert!(!there, "{word} is read on {}", page.text.lines().find(|l| l.to_lowercase().contains(&word.to_lowercase())).unwrap_or("?"));
            }
            assert!(!page.text.contains(&case.reference) && !page.text.contains(&case.id));
            assert!(!page.text.contains("2026-03-27") && !page.text.contains("27 March 2026"));
        }
        // What is kept for readers holds none either.
        let item = ids(&pack).1;
        let paper = service.read(|conn| Ok(store::last_of(conn, &item)?)).unwrap().paper.to_lowercase();
        let without_spaces = squeezed(&paper);
        for word in PLANTED.iter().filter(|word| word.chars().count() > 3) {
            assert!(!paper.contains(&word.to_lowercase()), "{word} is kept for readers");
            assert!(!without_spaces.contains(&squeezed(&word.to_lowercase())), "{word} is kept for readers");
        }
        pages[1].clone().says("OFFICIAL").says("Printed by Sample Panel member");
    }

    async fn two_people_sign_and_a_changed_source_voids_it(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let case = given::case(service, 1);
        let (pack, member) = listed(service, &coordinator, &case, 10).await;
        member.get(&pack).await.is(403).says("being prepared").never_says("synthetic");
        build(&coordinator, &pack, "").await.is(303);
        coordinator.get(&format!("{pack}/desk")).await.is(200).says("not decided yet");
        assert_eq!(stand(service, &case, &pack), Stand::Draft);
        // Nobody signs over an open proposal, nor twice, nor over an old page.
        let csrf = coordinator.get(&format!("{pack}/desk")).await.is(200).form_with("Save decisions");
        let mut early = csrf.clone();
        early.press("Save decisions");
        let pairs: Vec<(String, String)> = early.pairs().into_iter().filter(|(name, _)| name == "csrf" || name == "version").collect();
        let mut pairs: Vec<(&str, &str)> = pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        pairs.push(("do", "sign"));
        coordinator.bare_post(&format!("{pack}/desk"), &pairs).await.is(422).says("not decided yet");
        take_all_out(&coordinator, &pack).await;
        sign(&coordinator, &pack, "Sign").await.is(303);
        assert_eq!(stand(service, &case, &pack), Stand::SignedOnce);
        coordinator.get(&format!("{pack}/desk")).await.is(200).says("Another person reads it");
        let doctor = service.signed_in(Role::DesignatedDoctor).await;
        let second = doctor.get(&format!("{pack}/desk")).await.is(200).form_with("Sign and release");
        coordinator.submit(&second).await;
        assert_eq!(stand(service, &case, &pack), Stand::SignedOnce, "one person does not sign twice");
        // Nobody releases an account whose source changed since the first signature.
        let set = async |words: &str| {
            let path = format!("/cases/{}/record/reporting/circumstances", case.reference);
            let mut form = coordinator.get(&path).await.is(200).form_to(&path);
            coordinator.submit(form.set("presenting_history", words)).await.is(303);
        };
        set("Said after the first signature; synthetic.").await;
        doctor.submit(&second).await.is(422).says("A source changed since the account was written. Write it anew.");
        assert_eq!(stand(service, &case, &pack), Stand::Behind);
        member.get(&pack).await.is(403).never_says("synthetic");
        set("").await;
        doctor.submit(&second).await.is(303);
        doctor.submit(&second).await.is(409);
        assert_eq!(stand(service, &case, &pack), Stand::Released);
        member.get(&pack).await.is(200).says("A synthetic account.").says("1 to 4 years");
        // The record changes: nobody reads it, the desk says why, and it is signed anew.
        let path = format!("/cases/{}/record/reporting/circumstances", case.reference);
        let mut form = coordinator.get(&path).await.is(200).form_to(&path);
        coordinator.submit(form.set("presenting_history", "Something new; synthetic.")).await.is(303);
        member.get(&pack).await.is(403).says("being prepared").never_says("synthetic");
        member.get(&format!("{pack}/print")).await.is(403).never_says("synthetic");
        assert_eq!(stand(service, &case, &pack), Stand::Void);
        coordinator.get(&format!("{pack}/desk")).await.is(200).says("written anew and signed again");
        build(&coordinator, &pack, "").await.is(303);
        take_all_out(&coordinator, &pack).await;
        sign(&coordinator, &pack, "Sign").await.is(303);
        sign(&doctor, &pack, "Sign and release").await.is(303);
        member.get(&pack).await.is(200).says("Something new; synthetic.").says("I have read this");
        assert_eq!(service.read(|conn| Ok(store::last_of(conn, &ids(&pack).1)?)).unwrap().number, 2);
        assert_eq!(service.read(|conn| Ok(events::latest(conn, "pack_released", 9)?)).len(), 2);
        let clocks = coordinator.get(&format!("/cases/{}/clocks", case.reference)).await.is(200);
        clocks.says("Panel pack released");
    }

    async fn a_child_who_could_be_known_by_age_place_and_cause_is_warned_of(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let alike = |n: u32| {
            let mut answers = given::answers(n);
            answers["suspected_category"] = json!("5");
            given::case_of(service, &answers)
        };
        let case = alike(1);
        let (pack, _) = listed(service, &coordinator, &case, 10).await;
        build(&coordinator, &pack, "").await.is(303);
        let desk = coordinator.get(&format!("{pack}/desk")).await.is(200);
        let mut form = desk.form_with("Save decisions");
        assert!(form.has("rarity"));
        coordinator.submit(form.set("rarity", "").press("Save, and take out all that is not decided")).await.is(303);
        let desk = coordinator.get(&format!("{pack}/desk")).await.is(200).says("This child could be told by age, place and cause");
        assert!(desk.forms().iter().all(|form| !form.has_button("Sign")));
        let version = desk.form_with("Save decisions").value("version").clone();
        let refused = coordinator.post(&format!("{pack}/desk"), &[("do", "sign"), ("version", &version)]).await.is(422);
        refused.says("Say what was done so that age, place and cause together do not point to one child.");
        take_all_out(&coordinator, &pack).await;
        sign(&coordinator, &pack, "Sign").await.is(303);
        // With four more of the same age, place and cause in these years nobody is pointed to.
        for n in 2..=5 {
            alike(n);
        }
        build(&coordinator, &pack, "").await.is(303);
        let desk = coordinator.get(&format!("{pack}/desk")).await.is(200);
        assert!(!desk.text.contains("name=\"rarity\""));
        take_all_out(&coordinator, &pack).await;
        sign(&coordinator, &pack, "Sign").await.is(303);
    }

    async fn a_day_that_changes_voids_the_signatures_like_a_word(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let case = given::case(service, 1);
        let path = format!("/cases/{}/record/cdrm_jar/post_mortem", case.reference);
        let set = async |day: &str| {
            let mut form = coordinator.get(&path).await.is(200).form_to(&path);
            coordinator.submit(form.date("pm_date", day)).await.is(303);
        };
        set("29 3 2026").await;
        let (pack, member) = listed(service, &coordinator, &case, 10).await;
        let doctor = released(service, &coordinator, &pack).await;
        member.get(&pack).await.is(200).says("2 days after the death");
        set("30 3 2026").await;
        assert_eq!(stand(service, &case, &pack), Stand::Void);
        member.get(&pack).await.is(403).never_says("days after the death");
        build(&coordinator, &pack, "").await.is(303);
        take_all_out(&coordinator, &pack).await;
        sign(&coordinator, &pack, "Sign").await.is(303);
        sign(&doctor, &pack, "Sign and release").await.is(303);
        member.get(&pack).await.is(200).says("3 days after the death");
        // Every step is counted from the date of death.
        let path = format!("/cases/{}/record/notification/child", case.reference);
        let mut form = coordinator.get(&path).await.is(200).form_to(&path);
        coordinator.submit(form.date("date_of_death", "26 3 2026")).await.is(303);
        assert_eq!(stand(service, &given::find(service, &case.reference), &pack), Stand::Void);
        member.get(&pack).await.is(403);
    }

    async fn what_a_post_mortem_found_is_folded_away_unless_a_person_says_otherwise(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let case = given::case(service, 1);
        let path = format!("/cases/{}/record/cdrm_jar/post_mortem", case.reference);
        let mut form = coordinator.get(&path).await.is(200).form_to(&path);
        coordinator.submit(form.set("preliminary_findings", "The lungs were heavy; synthetic.")).await.is(303);
        let (pack, member) = listed(service, &coordinator, &case, 10).await;
        let doctor = released(service, &coordinator, &pack).await;
        let note = "Before you open this: What the post-mortem found.";
        member.get(&pack).await.is(200).says(note).says("The lungs were heavy");
        // That it needs no note is a decision, which stays when the account is written anew.
        let desk = format!("{pack}/desk");
        let mut emptied = coordinator.get(&desk).await.is(200).says("Folded behind: What the post-mortem found.").form_with("Save the note");
        coordinator.submit(emptied.set("part", "post_mortem").set("note", "")).await.is(303);
        coordinator.get(&desk).await.is(200).never_says("Folded behind");
        build(&coordinator, &pack, "").await.is(303);
        take_all_out(&coordinator, &pack).await;
        sign(&coordinator, &pack, "Sign").await.is(303);
        sign(&doctor, &pack, "Sign and release").await.is(303);
        member.get(&pack).await.is(200).never_says("Before you open this").says("The lungs were heavy");
    }

    async fn a_question_goes_to_an_agency_of_a_case_that_is_read_under_this_one(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let (case, under, other) = (given::case(service, 1), given::case(service, 2), given::case(service, 3));
        let request = given::request(service, &under, "maternity", &["reporting"]);
        let strange = given::request(service, &other, "police", &["reporting"]);
        super::merge::under(service, &under, &case);
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

    async fn what_is_left_is_read_and_other_words_are_taken_out_by_hand(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let mut answers = given::answers(1);
        answers["circumstances"] = json!("At the Sample fair Bryony saw it. A blue kite with a dragon was flying.");
        let case = given::case_of(service, &answers);
        let (pack, member) = listed(service, &coordinator, &case, 10).await;
        build(&coordinator, &pack, "").await.is(303);
        let desk = format!("{pack}/desk");
        // A stale page changes nothing.
        let stale = coordinator.get(&desk).await.is(200).form_with("Take out");
        let mut form = coordinator.get(&desk).await.is(200).form_with("Save decisions");
        let bryony = format!("cut-{}", cdr::casework::packs::key_of("Bryony"));
        coordinator.submit(form.set(&bryony, "no").press("Save decisions")).await.is(303);
        let mut other = stale.clone();
        coordinator.submit(other.set("words", "dragon")).await.is(409).says("dragon");
        let mut form = coordinator.get(&desk).await.is(200).form_with("Take out");
        coordinator.submit(form.set("words", "unicorn")).await.is(422).faults("These words stand nowhere in the account", "#words");
        coordinator.submit(form.set("words", "blue kite with a dragon")).await.is(303);
        let mut note = coordinator.get(&desk).await.is(200).form_with("Save the note");
        note.set("part", "death").set("note", "How Samplechild1 died");
        coordinator.submit(&note).await.is(422).faults("The note must not say who somebody is: members read it as it stands", "#note");
        coordinator.submit(note.set("note", "Describes how the child was found.")).await.is(303);
        take_all_out(&coordinator, &pack).await;
        sign(&coordinator, &pack, "Sign").await.is(303);
        let doctor = service.signed_in(Role::DesignatedDoctor).await;
        sign(&doctor, &pack, "Sign and release").await.is(303);
        member.get(&pack).await.is(200).says("Bryony saw it.").says("A [taken out] was flying.").never_says("dragon")
            .says("Before you open this: Describes how the child was found.");
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

    async fn a_document_without_words_is_refused_and_nothing_is_lost(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let case = given::case(service, 1);
        upload(&coordinator, &case, "scan.pdf", &files::pdf(|_, _| {})).await;
        upload(&coordinator, &case, "picture.png", &files::picture(image::ImageFormat::Png)).await;
        let (pack, _) = listed(service, &coordinator, &case, 10).await;
        build(&coordinator, &pack, "1|2").await.is(422).says("its pages are pictures").says("cannot be read out");
        build(&coordinator, &pack, "").await.is(303);
        build(&coordinator, &pack, "2").await.is(422);
        coordinator.get(&format!("{pack}/desk")).await.is(200).says("A synthetic account.");
    }
}

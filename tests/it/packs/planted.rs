//! Words planted wherever somebody may type: each is proposed to be taken out, or masked, and none is read.

use cdr::casework::{gather, picture};
use cdr::domain::actor::Role;
use cdr::domain::form::{Answer, Field, Identifies, Kind};
use cdr::store::cases::Case;
use cdr::store::{packs as store, records};
use chrono::NaiveDate;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

use super::{build, ids, listed, sign, take_all_out, upload};
use crate::both_engines;
use crate::support::journey::{fill_form, send_answers};
use crate::support::{Browser, Sample, Service, given, saying};

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
}

//! The shipped templates, faults of a template, and what a file holds.

use std::io::Read;

use proptest::prelude::*;

use super::*;

macro_rules! shipped {
    ($($name:literal)+) => {
        [$((
            concat!("letters/", $name, ".txt"),
            include_str!(concat!("../../../fixtures/letters/", $name, ".txt")),
        )),+]
    };
}

fn letters() -> Letters {
    let files = shipped!(
        "attended-thanks" "contributor-thanks" "coroner-review" "key-worker-cover" "meeting-invitation" "minutes"
        "panel-invitation" "parent-answers" "parent-first" "parent-meeting" "recommendation"
    );
    Letters::load(files).unwrap_or_else(|faults| panic!("{faults:?}"))
}

fn every(letters: &Letters) -> impl Iterator<Item = &Template> {
    let beside = letters.minutes().into_iter().chain(letters.to_member());
    letters.all().chain(beside)
}

fn full() -> Values {
    let mut values = Values::default();
    for hole in Hole::ALL {
        if hole.is_several() {
            values.put_blocks(
                *hole,
                vec![Block::of(Kind::Point, format!("<{}>", hole.as_str()))],
            );
        } else {
            values.put(*hole, format!("<{}>", hole.as_str()));
        }
    }
    values
}

fn part_of(file: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(file)).unwrap();
    let mut text = String::new();
    archive
        .by_name(name)
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    text
}

#[test]
fn every_shipped_template_loads_and_fills_every_hole() {
    let letters = letters();
    for to in For::ALL {
        let of = |t: &Template| t.to == *to;
        assert!(every(&letters).any(of), "{to}: there is none");
    }
    for template in every(&letters) {
        let blocks = template.filled(&full());
        assert!(
            blocks.iter().any(|b| b.kind == Kind::Title),
            "{}: no title",
            template.code
        );
        assert!(
            blocks
                .iter()
                .flat_map(|b| &b.pieces)
                .all(|p| !p.gap && !p.text.contains(['{', '}']))
        );
        let all: String = blocks
            .iter()
            .flat_map(|b| &b.pieces)
            .map(|p| p.text.as_str())
            .collect();
        assert!(!all.contains('!'), "{}: calm words", template.code);
        assert!(
            all.contains("<telephone>") || template.to == For::Minutes,
            "{}: whom to call",
            template.code
        );
    }
}

#[test]
fn what_is_not_known_is_a_marked_gap() {
    let letters = letters();
    let template = letters.get("parent-first").unwrap();
    let mut values = full();
    values.words.remove(&Hole::KeyWorker);
    let blocks = template.filled(&values);
    let gaps = blocks.iter().flat_map(|b| &b.pieces).filter(|p| p.gap);
    assert_eq!(gaps.count(), 1, "what is known is no gap");
    let file = docx("Letter", &blocks).unwrap();
    let text = part_of(&file, "word/document.xml");
    assert!(
        text.contains("[the name of the key worker]")
            && text.contains("w:highlight w:val=\"yellow\"")
    );
    let whole = part_of(
        &docx("Letter", &template.filled(&full())).unwrap(),
        "word/document.xml",
    );
    assert!(!whole.contains("w:highlight"));
}

#[test]
fn a_bad_template_is_named_by_file_and_line() {
    let load = |text: &str| Letters::load([("letters/x.txt", text)]).unwrap_err();
    for (text, fault) in [
        (
            "title: A\nfor: parent\nbasis: b\n\n# A\n\nDear {nobody}",
            "letters/x.txt:7: there is no hole {nobody}",
        ),
        (
            "title: A\nfor: parent\nbasis: b\n\nDear {addressee",
            "letters/x.txt:5: a hole is not closed",
        ),
        (
            "title:\nfor: parent\nbasis: b\n\nA",
            "letters/x.txt:1: title is missing or empty",
        ),
        (
            "title: A\nfor: parent\n\nA",
            "letters/x.txt:1: basis is missing or empty",
        ),
        (
            "title: A\nbasis: b\n\nA",
            "letters/x.txt:1: for is missing or empty",
        ),
        (
            "title: A\nfor: party\nbasis: b\n\nA",
            "letters/x.txt:2: for “party” must be one of",
        ),
        (
            "title: A\nfor: parent\nbasis: b\nauthor: C\n\nA",
            "letters/x.txt:4: is none of",
        ),
        (
            "title: A\nfor: parent\nbasis: b\n",
            "letters/x.txt:1: it says nothing",
        ),
        (
            "title: A\nfor: contributor\nbasis: b\n\n{child_name}",
            "letters/x.txt:5: {child_name} may not stand",
        ),
        (
            "title: A\nfor: key_worker\nbasis: b\n\n{addressee_address}",
            "letters/x.txt:5: {addressee_address} may not stand",
        ),
        (
            "title: A\nfor: minutes\nbasis: b\n\nSo: {minutes}",
            "letters/x.txt:5: a hole for whole paragraphs",
        ),
        (
            "title: A\nfor: parent\nbasis: b\n\nA",
            "letters: no template is for minutes",
        ),
    ] {
        let faults = load(text);
        assert!(
            faults.iter().any(|f| f.starts_with(fault)),
            "{text:?}: {faults:?}"
        );
    }
}

#[test]
fn paragraphs_lists_and_kept_line_ends_are_read_as_written() {
    let text = "title: A\nfor: minutes\nbasis: b\n\n# The title\n\nOne\\\ntwo\nthree\n- a\n- b\n## Next\nWords";
    let other = "title: B\nfor: member\nbasis: b\n\nWords";
    let letters = Letters::load([("letters/x.txt", text), ("letters/y.txt", other)]).unwrap();
    let blocks = letters.minutes().unwrap().filled(&Values::default());
    let read: Vec<(Kind, String)> = blocks
        .iter()
        .map(|b| (b.kind, b.pieces.iter().map(|p| p.text.as_str()).collect()))
        .collect();
    let said = |kind, text: &str| (kind, text.to_owned());
    assert_eq!(
        read,
        [
            said(Kind::Title, "The title"),
            said(Kind::Text, "One\ntwo three"),
            said(Kind::Point, "a"),
            said(Kind::Point, "b"),
            said(Kind::Heading, "Next"),
            said(Kind::Text, "Words"),
        ]
    );
}

#[test]
fn every_part_of_a_file_is_sound_and_there_are_styles_for_headings() {
    let letters = letters();
    let file = docx("Minutes", &letters.minutes().unwrap().filled(&full())).unwrap();
    let archive = zip::ZipArchive::new(std::io::Cursor::new(&file)).unwrap();
    let names: Vec<String> = archive
        .file_names()
        .map(|name| name.unwrap().into_owned())
        .collect();
    for name in names.iter().filter(|name| !name.ends_with('/')) {
        let text = part_of(&file, name);
        let mut reader = quick_xml::Reader::from_str(&text);
        while !matches!(reader.read_event().unwrap(), quick_xml::events::Event::Eof) {}
    }
    let (text, styles) = (
        part_of(&file, "word/document.xml"),
        part_of(&file, "word/styles.xml"),
    );
    for style in ["Heading1", "Heading2"] {
        assert!(
            text.contains(&format!("w:pStyle w:val=\"{style}\"")),
            "{style} is not used"
        );
        assert!(
            styles.contains(&format!("w:styleId=\"{style}\"")),
            "{style} is not there"
        );
    }
}

#[test]
fn a_file_says_nothing_of_who_made_it() {
    let file = docx("Letter", &[Block::of(Kind::Text, "Words")]).unwrap();
    let core = part_of(&file, "docProps/core.xml");
    assert!(core.contains("<dc:title>Letter</dc:title>"));
    for word in [
        "creator",
        "lastModifiedBy",
        "revision",
        "created",
        "modified",
        "unknown",
    ] {
        assert!(!core.contains(word), "{word}: {core}");
    }
    assert!(part_of(&file, "word/document.xml").contains("w:w=\"11906\" w:h=\"16838\""));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// Whatever somebody typed, the file is XML that a reader understands to its end.
    #[test]
    fn any_words_leave_a_sound_file(words in "[\\PC\\x00-\\x1f<>&\"']{0,40}") {
        let file = docx("Letter", &[Block::of(Kind::Text, words)]).unwrap();
        let text = part_of(&file, "word/document.xml");
        let mut reader = quick_xml::Reader::from_str(&text);
        while !matches!(reader.read_event().unwrap(), quick_xml::events::Event::Eof) {}
        prop_assert!(!text.chars().any(|c| c.is_control() && c != '\n'));
    }
}

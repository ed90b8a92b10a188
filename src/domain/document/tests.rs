use lopdf::{Object, dictionary};
use proptest::prelude::*;

use super::*;

#[path = "../../../tests/it/support/files.rs"]
mod files;

fn refused(name: &str, bytes: &[u8]) -> Option<Refusal> {
    inspect(name, bytes).err()
}

#[test]
fn a_sound_file_of_each_kind_is_taken() {
    let mut seen = Vec::new();
    for (ending, bytes) in files::each() {
        let found = inspect(&format!("a.{ending}"), &bytes);
        assert!(found.is_ok(), "{ending}: {found:?}");
        seen.push(found.unwrap().kind);
    }
    assert_eq!(seen.len(), Kind::ALL.len());
    assert!(Kind::ALL.iter().all(|kind| seen.contains(kind)));
}

#[test]
fn no_ending_takes_the_bytes_of_another_kind() {
    // An e-mail and a table are plain text as well, and an e-mail's headers hold commas.
    let text = ["txt", "csv", "eml"];
    for (ending, _) in files::each() {
        for (other, bytes) in files::each() {
            let alike = ending == other || (text.contains(&ending) && text.contains(&other));
            if alike {
                continue;
            }
            let found = refused(&format!("a.{ending}"), &bytes);
            assert!(
                matches!(found, Some(Refusal::OtherKind(_))),
                "{other} called {ending}: {found:?}"
            );
        }
    }
    for other in ["a.eml", "a.csv"] {
        assert!(refused(other, b"Nothing but words.").is_some());
    }
}

#[test]
fn what_is_no_kind_of_ours_is_refused() {
    for name in [
        "a.exe",
        "a.html",
        "a.svg",
        "a.zip",
        "a.gif",
        "a.pdf.exe",
        "a.rtf",
    ] {
        assert_eq!(refused(name, b"x"), Some(Refusal::NotTaken), "{name}");
    }
    assert_eq!(refused("a", b"x"), Some(Refusal::NoExtension));
    assert_eq!(refused("a.txt", b""), Some(Refusal::Empty));
    assert_eq!(refused("a.docm", &files::docx(&[])), Some(Refusal::Macros));
    assert_eq!(
        refused("a.txt", &vec![b'x'; LARGEST + 1]),
        Some(Refusal::TooLarge)
    );
    for text in [
        "<html><script>x</script>",
        "#!/bin/sh",
        "MZ\u{90}",
        "a\0b",
        "a\u{1b}[31m",
    ] {
        assert!(refused("a.txt", text.as_bytes()).is_some(), "{text:?}");
    }
}

#[test]
fn macros_are_refused_wherever_they_are() {
    let word = |of: &str| files::word(of, &[]);
    let enabled = "application/vnd.ms-word.document.macroEnabled.main+xml";
    for (name, bytes) in [
        ("a.docx", word(enabled)),
        ("a.docx", files::docx(&[("word/vbaProject.bin", b"x")])),
        (
            "a.xlsx",
            files::xlsx("application/vnd.ms-excel.sheet.macroEnabled.main+xml", &[]),
        ),
        (
            "a.odt",
            files::odt(&[("Basic/Standard/Module1.xml", b"<x/>")]),
        ),
        ("a.odt", files::odt(&[("Scripts/python/x.py", b"x")])),
        ("a.doc", files::doc(&[("/Macros/VBA/dir", b"x")])),
        ("a.xls", files::xls(1)),
    ] {
        assert_eq!(refused(name, &bytes), Some(Refusal::Macros), "{name}");
    }
}

#[test]
fn a_pdf_that_acts_or_hides_is_refused() {
    let action = |kind: &'static str| {
        files::pdf(move |file, catalogue| {
            let action = file.add_object(dictionary! { "S" => kind });
            catalogue.set("OpenAction", action);
        })
    };
    assert_eq!(
        refused("a.pdf", &files::pdf_with_program()),
        Some(Refusal::Scripts)
    );
    for kind in ["JavaScript", "Launch", "SubmitForm", "URI"] {
        assert_eq!(
            refused("a.pdf", &action(kind)),
            Some(Refusal::Scripts),
            "{kind}"
        );
    }
    assert_eq!(refused("a.pdf", &action("GoTo")), None);
    let embeds = files::pdf(|file, catalogue| {
        let names = file.add_object(dictionary! { "EmbeddedFiles" => Object::Null });
        catalogue.set("Names", names);
    });
    assert_eq!(refused("a.pdf", &embeds), Some(Refusal::Embedded));
    let locked = files::pdf(|file, _| {
        let key = file.add_object(dictionary! { "Filter" => "Standard", "V" => 1 });
        file.trailer.set("Encrypt", key);
    });
    assert!(refused("a.pdf", &locked).is_some());
}

#[test]
fn what_is_fetched_from_elsewhere_is_refused_and_a_link_is_not() {
    let with = |kind: &str| {
        let relations = format!(
            r#"<Relationships><Relationship Id="r" Type="http://x/relationships/{kind}" Target="https://x.example/" TargetMode="External"/></Relationships>"#
        );
        files::docx(&[("word/_rels/document.xml.rels", relations.as_bytes())])
    };
    assert_eq!(
        refused("a.docx", &with("attachedTemplate")),
        Some(Refusal::Outside)
    );
    assert_eq!(refused("a.docx", &with("hyperlink")), None);
}

#[test]
fn bombs_are_refused() {
    assert_eq!(
        refused("a.png", &files::picture_bomb(60_000)),
        Some(Refusal::Picture)
    );
    assert_eq!(
        refused("a.png", &files::picture_bomb(10_000)),
        Some(Refusal::Picture)
    );
    let zeros = vec![0; 8 * 1024 * 1024];
    let steep = files::docx(&[("word/media/x.xml", &zeros)]);
    assert_eq!(refused("a.docx", &steep), Some(Refusal::Bomb));
    let nested = files::docx(&[("word/x.bin", &files::docx(&[]))]);
    assert_eq!(refused("a.docx", &nested), Some(Refusal::Embedded));
    let names: Vec<String> = (0..2_100).map(|n| format!("x{n}")).collect();
    let many: Vec<(&str, &[u8])> = names.iter().map(|n| (n.as_str(), &b""[..])).collect();
    assert_eq!(refused("a.docx", &files::docx(&many)), Some(Refusal::Bomb));
    let entities = b"<!DOCTYPE x [<!ENTITY a 'aa'>]><x>&a;</x>";
    let grows = files::docx(&[("word/_rels/document.xml.rels", entities)]);
    assert_eq!(refused("a.docx", &grows), Some(Refusal::Bomb));
}

#[test]
fn an_entry_that_holds_more_than_it_declares_is_refused() {
    // The size stands in the directory at the end; the entry itself is left as it is.
    let mut bytes = files::docx(&[("word/media/x.xml", &[b'x'; 5_000])]);
    let directory = bytes.windows(4).rposition(|w| w == b"PK\x01\x02").unwrap();
    bytes[directory + 24..directory + 28].copy_from_slice(&10_u32.to_le_bytes());
    assert!(refused("a.docx", &bytes).is_some());
}

#[test]
fn entries_that_climb_are_refused() {
    let climbs = files::docx(&[("../../x.xml", b"<x/>")]);
    assert_eq!(refused("a.docx", &climbs), Some(Refusal::Unreadable));
}

#[test]
fn the_attachments_of_an_e_mail_are_files_like_any_other() {
    let with = |name: &str, content: &str| files::mail(&files::attachment(name, content));
    assert_eq!(refused("a.eml", &with("a.txt", "words")), None);
    assert_eq!(
        refused("a.eml", &with("a.exe", "MZ")),
        Some(Refusal::Attachment)
    );
    assert_eq!(
        refused("a.eml", &with("a.pdf", "MZ")),
        Some(Refusal::Attachment)
    );
    assert_eq!(
        refused("a.eml", &with("a.docm", "PK")),
        Some(Refusal::Macros)
    );
}

#[test]
fn a_cut_file_is_refused_and_no_cut_stops_the_check() {
    for (ending, bytes) in files::each() {
        let name = format!("a.{ending}");
        for part in [1, 8, 30] {
            let end = bytes.len() * part / 41;
            let found = refused(&name, &bytes[..end]);
            if !["txt", "csv", "eml"].contains(&ending) {
                assert!(found.is_some(), "{ending} cut at {end} of {}", bytes.len());
            }
        }
    }
}

#[test]
fn every_refusal_says_what_to_do() {
    for refusal in [
        Refusal::Empty,
        Refusal::TooLarge,
        Refusal::NoExtension,
        Refusal::NotTaken,
        Refusal::OtherKind(Kind::Pdf),
        Refusal::Unreadable,
        Refusal::Protected,
        Refusal::Macros,
        Refusal::Scripts,
        Refusal::Embedded,
        Refusal::Outside,
        Refusal::Picture,
        Refusal::Bomb,
        Refusal::Attachment,
        Refusal::Infected,
    ] {
        let words = refusal.words();
        assert!(words.contains(". ") || words.contains(": "), "{words}");
        assert!(!words.ends_with('.'), "{words}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn changed_bytes_never_stop_the_check(
        which in 0_usize..11, at in any::<prop::sample::Index>(), to in any::<[u8; 8]>(),
    ) {
        let (ending, mut bytes) = files::each().swap_remove(which);
        let at = at.index(bytes.len());
        for (byte, new) in bytes.iter_mut().skip(at).zip(to) {
            *byte = new;
        }
        let _any = inspect(&format!("a.{ending}"), &bytes);
    }
}

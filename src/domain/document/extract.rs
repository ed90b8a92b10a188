//! The words of a file, as plain text: what an account is written from, so that the file itself goes nowhere. Headers,
//! comments, names of authors and what was struck out stay behind. Must not know what the words are for.

use lopdf::{Document, LoadOptions};
use quick_xml::Reader;
use quick_xml::events::Event;

use super::archive::part_of;
use super::{Kind, Refusal};

/// What the text of one page may unpack to.
const MOST_OF_A_PAGE: usize = 16 * 1024 * 1024;
/// More text than anybody goes through.
const LONGEST: usize = 150_000;

/// Why a file gives no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoText {
    /// Files of this kind hold none that can be read out.
    Kind(Kind),
    /// Pages without a word: pictures of pages.
    Scanned,
    /// Some pages without a word, or drawn in pieces of their own.
    Partly,
    /// Its letters cannot be told, or it is damaged.
    Unreadable,
    TooLong,
}

impl NoText {
    /// What the person who chose it reads.
    pub fn words(self) -> String {
        match self {
            Self::Kind(kind) => format!(
                "The text of a file of this kind ({}) cannot be read out. Add the document again as PDF, Word, OpenDocument or plain text, or type what matters of it",
                kind.label()
            ),
            Self::Scanned => "There is no text in this file: its pages are pictures. Type what matters of it, or add a copy with text".to_owned(),
            Self::Partly => "Some of this file is pictures or drawn in a way that its words cannot be read out. Type what matters of it, or add a copy that is text throughout".to_owned(),
            Self::Unreadable => "The text of this file cannot be read out whole. Type what matters of it, or save it again as PDF or Word and add that copy".to_owned(),
            Self::TooLong => "The text of this file is longer than 150,000 characters. Type what matters of it".to_owned(),
        }
    }
}

/// The words of a file that was checked before.
pub fn text_of(kind: Kind, bytes: &[u8]) -> Result<String, NoText> {
    // Other people's parsers: one that stops has not understood the file.
    let read = std::panic::catch_unwind(|| match kind {
        Kind::Pdf => pdf(bytes),
        Kind::Docx => part(
            bytes,
            "word/document.xml",
            "t",
            &["p", "tr"],
            &["br", "tab"],
        ),
        Kind::Odt => part(
            bytes,
            "content.xml",
            "",
            &["p", "h"],
            &["line-break", "tab", "s"],
        ),
        Kind::Text | Kind::Csv => Ok(plain(bytes)),
        Kind::Mail => mail(bytes),
        Kind::Doc | Kind::Xls | Kind::Xlsx | Kind::Jpeg | Kind::Png => Err(NoText::Kind(kind)),
    });
    let text = tidy(&read.unwrap_or(Err(NoText::Unreadable))?);
    if text.is_empty() {
        return Err(NoText::Scanned);
    }
    if text.len() > LONGEST {
        return Err(NoText::TooLong);
    }
    Ok(text)
}

fn pdf(bytes: &[u8]) -> Result<String, NoText> {
    let options = LoadOptions {
        max_decompressed_size: Some(MOST_OF_A_PAGE),
        ..LoadOptions::default()
    };
    let lost = |_| NoText::Unreadable;
    let file = Document::load_mem_with_options(bytes, options).map_err(lost)?;
    let mut text = String::new();
    let mut empty = false;
    for page in file.get_pages().keys() {
        let read = file.extract_text_with_limit(&[*page], MOST_OF_A_PAGE);
        let read = read.map_err(lost)?;
        empty |= read.trim().is_empty();
        text.push_str(&read);
        text.push('\n');
        if text.len() > LONGEST {
            return Err(NoText::TooLong);
        }
    }
    // What is drawn through a form of its own is not among the words of its page.
    let drawn = |object: &lopdf::Object| {
        let kind = object
            .as_stream()
            .ok()
            .and_then(|s| s.dict.get(b"Subtype").ok());
        kind.and_then(|kind| kind.as_name().ok()) == Some(b"Form".as_slice())
    };
    if !text.trim().is_empty() && (empty || file.objects.values().any(drawn)) {
        return Err(NoText::Partly);
    }
    // Letters without a known meaning must not pass as text: a name could hide among them.
    if text.contains('\u{FFFD}') || text.contains("?Identity-H") {
        return Err(NoText::Unreadable);
    }
    Ok(text)
}

/// What is in an element of these was struck out, or is somebody's remark beside the text.
const BESIDE: [&str; 5] = [
    "annotation",
    "tracked-changes",
    "moveFrom",
    "del",
    "comment",
];

/// The words of one XML part: of elements called `of`, or of all; `ends` end a line and `gaps` part words.
fn part(
    bytes: &[u8],
    name: &str,
    of: &str,
    ends: &[&str],
    gaps: &[&str],
) -> Result<String, NoText> {
    let xml = part_of(bytes, name).map_err(|_: Refusal| NoText::Unreadable)?;
    let xml = String::from_utf8(xml).map_err(|_| NoText::Unreadable)?;
    let mut reader = Reader::from_str(xml.trim_start_matches('\u{FEFF}'));
    let (mut text, mut inside, mut beside) = (String::new(), of.is_empty(), 0_usize);
    loop {
        match reader.read_event().map_err(|_| NoText::Unreadable)? {
            Event::Start(element) if BESIDE.contains(&element.local_name().as_ref()) => {
                beside += 1;
            }
            Event::End(element) if BESIDE.contains(&element.local_name().as_ref()) => {
                beside = beside.saturating_sub(1);
                text.push(' ');
            }
            Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) if beside > 0 => {}
            Event::Eof => return Ok(text),
            Event::DocType(_) => return Err(NoText::Unreadable),
            Event::Start(element) if element.local_name().as_ref() == of => inside = true,
            Event::End(element) => {
                let name = element.local_name();
                if name.as_ref() == of {
                    inside = false;
                } else if ends.contains(&name.as_ref()) {
                    text.push('\n');
                }
            }
            Event::Start(element) | Event::Empty(element)
                if gaps.contains(&element.local_name().as_ref()) =>
            {
                text.push(' ');
            }
            Event::Text(words) if inside => {
                text.push_str(&words);
            }
            Event::GeneralRef(entity) if inside => text.push_str(&meant(&entity)?),
            Event::CData(words) if inside => {
                text.push_str(&words);
            }
            _ => {}
        }
    }
}

/// The character that an entity stands for.
fn meant(entity: &quick_xml::events::BytesRef<'_>) -> Result<String, NoText> {
    if let Ok(Some(letter)) = entity.resolve_char_ref() {
        return Ok(letter.to_string());
    }
    let known = quick_xml::escape::resolve_predefined_entity(entity);
    known.map(str::to_owned).ok_or(NoText::Unreadable)
}

/// UTF-8, or else the older encoding in which each byte is a letter.
fn plain(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes).map_or_else(
        |_| bytes.iter().map(|byte| char::from(*byte)).collect(),
        |text| text.trim_start_matches('\u{FEFF}').to_owned(),
    )
}

/// What the sender wrote, without the headers and the attachments.
fn mail(bytes: &[u8]) -> Result<String, NoText> {
    let message = mail_parser::MessageParser::default().parse(bytes);
    let message = message.ok_or(NoText::Unreadable)?;
    let body = message.body_text(0);
    Ok(body.map(std::borrow::Cow::into_owned).unwrap_or_default())
}

/// Lines without spaces around them, and never two empty ones.
fn tidy(text: &str) -> String {
    let mut tidy = String::with_capacity(text.len());
    let ends = |c: char| {
        matches!(
            c,
            '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}'
        )
    };
    for line in text.replace("\r\n", "\n").split(ends).map(str::trim) {
        if !(line.is_empty() && (tidy.is_empty() || tidy.ends_with("\n\n"))) {
            // A tab between two words keeps them apart.
            let spaced = line.chars().map(|c| if c.is_control() { ' ' } else { c });
            tidy.extend(spaced.filter(|c| !is_unseen(*c)));
            tidy.push('\n');
        }
    }
    tidy.trim_end().to_owned()
}

/// Characters of no width: within a name they would hide it from whoever looks for it.
const fn is_unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_without_text_say_so() {
        for kind in [Kind::Doc, Kind::Jpeg, Kind::Xlsx] {
            assert_eq!(text_of(kind, b"anything"), Err(NoText::Kind(kind)));
            assert!(!NoText::Kind(kind).words().is_empty());
        }
        assert_eq!(text_of(Kind::Text, b" \n \n"), Err(NoText::Scanned));
        assert_eq!(text_of(Kind::Pdf, b"%PDF-nothing"), Err(NoText::Unreadable));
        assert_eq!(text_of(Kind::Docx, b"PK"), Err(NoText::Unreadable));
    }

    #[test]
    fn text_is_tidied_and_hides_nothing() {
        let text = text_of(
            Kind::Text,
            "one\r\n\r\n\r\n  Sam\u{200b}ple \u{ad}two ".as_bytes(),
        );
        assert_eq!(text.as_deref(), Ok("one\n\nSample two"));
        assert_eq!(text_of(Kind::Text, b"caf\xe9").as_deref(), Ok("café"));
        let mail = b"From: a@example.org\r\nSubject: Secret\r\n\r\nThe body.\r\n";
        assert_eq!(text_of(Kind::Mail, mail).as_deref(), Ok("The body."));
    }

    #[test]
    fn a_word_file_gives_its_words_and_not_what_was_struck_out() {
        use docx_rs::{Docx, Paragraph, Run};
        let mut bytes = std::io::Cursor::new(Vec::new());
        let paragraph = |text: &str| Paragraph::new().add_run(Run::new().add_text(text));
        let file = Docx::new()
            .add_paragraph(paragraph("One & two"))
            .add_paragraph(
                Paragraph::new()
                    .add_delete(docx_rs::Delete::new().add_run(Run::new().add_delete_text("gone"))),
            )
            .add_paragraph(paragraph("three"));
        assert!(file.build().pack(&mut bytes).is_ok());
        let text = text_of(Kind::Docx, bytes.get_ref());
        assert_eq!(text.as_deref(), Ok("One & two\n\nthree"));
    }
}

//! The XML parts of Office and ODT files: well formed, without a document type, and each element's
//! name and attributes shown to whoever asks. Must not know which part it reads.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::Refusal;

/// Reads one part through, showing each element to `look`.
pub(super) fn walk(
    bytes: &[u8],
    mut look: impl FnMut(&BytesStart<'_>) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let text = std::str::from_utf8(bytes).map_err(|_| Refusal::Unreadable)?;
    let mut reader = Reader::from_str(text.trim_start_matches('\u{FEFF}'));
    let mut elements = 0_usize;
    loop {
        match reader.read_event().map_err(|_| Refusal::Unreadable)? {
            // Where entities that grow without end are declared; no such file needs one.
            Event::DocType(_) => return Err(Refusal::Bomb),
            Event::Start(element) | Event::Empty(element) => {
                elements += 1;
                look(&element)?;
            }
            Event::Eof if elements == 0 => return Err(Refusal::Unreadable),
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

/// The value of an attribute, by its name without a prefix.
pub(super) fn attribute(element: &BytesStart<'_>, name: &str) -> Result<String, Refusal> {
    for attribute in element.attributes() {
        let attribute = attribute.map_err(|_| Refusal::Unreadable)?;
        if attribute.key.local_name().as_ref() == name {
            return attribute
                .normalized_value(quick_xml::XmlVersion::Implicit1_0)
                .map(std::borrow::Cow::into_owned)
                .map_err(|_| Refusal::Unreadable);
        }
    }
    Ok(String::new())
}

//! Files that are ZIP archives: Word, Excel, ODT. Every entry is unpacked within a bound before
//! anything is believed: what an entry declares and what it holds must agree.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read};

use quick_xml::events::BytesStart;
use zip::ZipArchive;

use super::xml::{attribute, walk};
use super::{Kind, Refusal, kind};

/// Entries of one archive; a long report with pictures has a few hundred.
const MOST_ENTRIES: usize = 2_000;
/// Bytes that all entries together may unpack to.
const MOST_BYTES: u64 = 200 * 1024 * 1024;
/// A large entry may be this many times its packed size; tables of numbers reach 30.
const STEEPEST: u64 = 150;
/// Below this size the ratio says nothing.
const SMALL: u64 = 4 * 1024 * 1024;
/// How far from its end an archive's directory may be announced.
const TAIL: usize = 22 + 65_535;

pub(super) fn inspect(kind: Kind, bytes: &[u8]) -> Result<(), Refusal> {
    announced(bytes)?;
    let parts = unpack(bytes)?;
    match kind {
        Kind::Docx => office(
            &parts,
            kind,
            "word/document.xml",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
        ),
        Kind::Xlsx => office(
            &parts,
            kind,
            "xl/workbook.xml",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
        ),
        _ => open_document(&parts),
    }
}

/// One of the parts that are looked at, within the same bounds.
pub(super) fn part_of(bytes: &[u8], name: &str) -> Result<Vec<u8>, Refusal> {
    announced(bytes)?;
    unpack(bytes)?.kept.remove(name).ok_or(Refusal::Unreadable)
}

/// Refuses by the announced number of entries, before a directory of millions is read.
fn announced(bytes: &[u8]) -> Result<(), Refusal> {
    let tail = bytes
        .get(bytes.len().saturating_sub(TAIL)..)
        .unwrap_or(bytes);
    let counts = tail
        .windows(12)
        .filter(|w| w.starts_with(b"PK\x05\x06"))
        .filter_map(|w| w.last_chunk::<2>())
        .map(|count| usize::from(u16::from_le_bytes(*count)));
    match counts.max() {
        None => Err(Refusal::Unreadable),
        Some(count) if count > MOST_ENTRIES => Err(Refusal::Bomb),
        Some(_) => Ok(()),
    }
}

/// What is looked at later, by name; of all other entries only the name.
struct Parts {
    names: BTreeSet<String>,
    kept: BTreeMap<String, Vec<u8>>,
}

fn unpack(bytes: &[u8]) -> Result<Parts, Refusal> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| Refusal::Unreadable)?;
    if archive.len() > MOST_ENTRIES {
        return Err(Refusal::Bomb);
    }
    let mut parts = Parts {
        names: BTreeSet::new(),
        kept: BTreeMap::new(),
    };
    let (mut declared, mut unpacked) = (0_u64, 0_u64);
    for place in 0..archive.len() {
        let mut entry = archive.by_index(place).map_err(|e| match e {
            zip::result::ZipError::UnsupportedArchive(zip::result::ZipError::PASSWORD_REQUIRED) => {
                Refusal::Protected
            }
            _ => Refusal::Unreadable,
        })?;
        let name = entry.name().map_err(|_| Refusal::Unreadable)?.into_owned();
        if name.contains('\\') || name.starts_with('/') || name.split('/').any(|p| p == "..") {
            return Err(Refusal::Unreadable);
        }
        declared = declared.saturating_add(entry.size());
        if declared > MOST_BYTES || steep(entry.size(), entry.compressed_size()) {
            return Err(Refusal::Bomb);
        }
        let limit = entry.size();
        let content = content(&mut entry, limit)?;
        unpacked = unpacked.saturating_add(content.len() as u64);
        if unpacked > MOST_BYTES {
            return Err(Refusal::Bomb);
        }
        part(&mut parts, &name, content)?;
    }
    Ok(parts)
}

const fn steep(size: u64, packed: u64) -> bool {
    size > SMALL && size / if packed == 0 { 1 } else { packed } > STEEPEST
}

/// Reads an entry; one that holds more than it declares is a bomb.
fn content(entry: &mut impl Read, limit: u64) -> Result<Vec<u8>, Refusal> {
    let mut content = Vec::new();
    entry
        .take(limit + 1)
        .read_to_end(&mut content)
        .map_err(|_| Refusal::Unreadable)?;
    if content.len() as u64 > limit {
        return Err(Refusal::Bomb);
    }
    Ok(content)
}

fn part(parts: &mut Parts, name: &str, content: Vec<u8>) -> Result<(), Refusal> {
    let lower = name.to_ascii_lowercase();
    if lower.contains("vbaproject") || lower.contains("vbadata") || lower.contains("macrosheets/") {
        return Err(Refusal::Macros);
    }
    if kind::is_a_file_of_its_own(&content) || lower.contains("activex/") {
        return Err(Refusal::Embedded);
    }
    let wanted = is_relations(&lower)
        || matches!(
            name,
            "[Content_Types].xml"
                | "word/document.xml"
                | "xl/workbook.xml"
                | "mimetype"
                | "content.xml"
                | "META-INF/manifest.xml"
        );
    if wanted {
        parts.kept.insert(name.to_owned(), content);
    }
    // Two entries of one name: which of them is read depends on the program.
    if parts.names.insert(lower) {
        Ok(())
    } else {
        Err(Refusal::Unreadable)
    }
}

/// Whether an entry lists what other parts a part refers to.
fn is_relations(name: &str) -> bool {
    name.rsplit_once('.')
        .is_some_and(|(_, ending)| ending.eq_ignore_ascii_case("rels"))
}

/// Word and Excel: the main part with its type, no macros in any type, no relation that fetches.
fn office(parts: &Parts, kind: Kind, main: &str, main_type: &str) -> Result<(), Refusal> {
    let other = Refusal::OtherKind(kind);
    let types = parts.kept.get("[Content_Types].xml").ok_or(other)?;
    let document = parts.kept.get(main).ok_or(other)?;
    let mut said = None;
    walk(types, |element| {
        let of = attribute(element, "ContentType")?;
        let lower = of.to_ascii_lowercase();
        if lower.contains("macro") || lower.contains("vba") {
            return Err(Refusal::Macros);
        }
        if attribute(element, "PartName")?.trim_start_matches('/') == main {
            said = Some(of);
        }
        Ok(())
    })?;
    if said.as_deref() != Some(main_type) {
        return Err(other);
    }
    walk(document, |_| Ok(()))?;
    for (_, relations) in parts.kept.iter().filter(|(name, _)| is_relations(name)) {
        walk(relations, relation)?;
    }
    Ok(())
}

/// A link that a reader may follow is sound; a part that is fetched at opening is not.
fn relation(element: &BytesStart<'_>) -> Result<(), Refusal> {
    let kind = attribute(element, "Type")?;
    if kind.to_ascii_lowercase().contains("vbaproject") {
        return Err(Refusal::Macros);
    }
    let outside = attribute(element, "TargetMode")?.eq_ignore_ascii_case("external");
    if outside && !kind.ends_with("/hyperlink") {
        return Err(Refusal::Outside);
    }
    Ok(())
}

/// ODT: its own declaration, no scripts, no password.
fn open_document(parts: &Parts) -> Result<(), Refusal> {
    const DECLARED: &[u8] = b"application/vnd.oasis.opendocument.text";
    let other = Refusal::OtherKind(Kind::Odt);
    if parts.kept.get("mimetype").map(Vec::as_slice) != Some(DECLARED) {
        return Err(other);
    }
    if parts
        .names
        .iter()
        .any(|n| n.starts_with("basic/") || n.starts_with("scripts/"))
    {
        return Err(Refusal::Macros);
    }
    walk(
        parts.kept.get("META-INF/manifest.xml").ok_or(other)?,
        |element| match element.local_name().as_ref() {
            "encryption-data" => Err(Refusal::Protected),
            _ => Ok(()),
        },
    )?;
    walk(
        parts.kept.get("content.xml").ok_or(other)?,
        |element| match element.local_name().as_ref() {
            "script" | "event-listener" => Err(Refusal::Macros),
            _ => Ok(()),
        },
    )
}

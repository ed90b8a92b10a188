//! Old Word and Excel files: compound files whose streams say what they are. Macros are storages of their own,
//! and in Excel also sheets of a macro kind.

use std::io::{Cursor, Read};

use cfb::CompoundFile;

use super::{Kind, Refusal};

/// Streams and storages of one file.
const MOST_ENTRIES: usize = 5_000;
/// The part of a workbook that lists its sheets stands at its beginning.
const HEAD: u64 = 4 * 1024 * 1024;

pub(super) fn inspect(kind: Kind, bytes: &[u8]) -> Result<(), Refusal> {
    let mut file = CompoundFile::open(Cursor::new(bytes)).map_err(|_| Refusal::Unreadable)?;
    for (number, entry) in file.walk().enumerate() {
        if number > MOST_ENTRIES {
            return Err(Refusal::Bomb);
        }
        let name = entry.name().to_ascii_lowercase();
        match name.as_str() {
            "macros" | "vba" | "_vba_project" | "_vba_project_cur" => return Err(Refusal::Macros),
            "encryptedpackage" | "encryptioninfo" => return Err(Refusal::Protected),
            "objectpool" | "\u{1}ole10native" | "package" => return Err(Refusal::Embedded),
            _ if name.starts_with("mbd") && entry.is_storage() => return Err(Refusal::Embedded),
            _ => {}
        }
    }
    if kind == Kind::Doc {
        word(&head(&mut file, &["/WordDocument"]).ok_or(Refusal::OtherKind(kind))?)
    } else {
        excel(&head(&mut file, &["/Workbook", "/Book"]).ok_or(Refusal::OtherKind(kind))?)
    }
}

/// The beginning of the first of these streams that is there.
fn head(file: &mut CompoundFile<Cursor<&[u8]>>, names: &[&str]) -> Option<Vec<u8>> {
    let name = names.iter().find(|name| file.is_stream(name))?;
    let mut bytes = Vec::new();
    let stream = file.open_stream(name).ok()?;
    stream.take(HEAD).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// The first bytes of a Word document: its mark and its flags (MS-DOC, `FibBase`).
fn word(bytes: &[u8]) -> Result<(), Refusal> {
    let number = |at: usize| {
        let pair = bytes.get(at..)?.first_chunk::<2>()?;
        Some(u16::from_le_bytes(*pair))
    };
    if number(0) != Some(0xA5EC) {
        return Err(Refusal::Unreadable);
    }
    match number(0x0A) {
        Some(flags) if flags & 0x0100 != 0 => Err(Refusal::Protected),
        Some(_) => Ok(()),
        None => Err(Refusal::Unreadable),
    }
}

/// The records at the beginning of a workbook (MS-XLS): a password, and the kind of each sheet.
fn excel(bytes: &[u8]) -> Result<(), Refusal> {
    const BEGINS: u16 = 0x0809;
    const ENDS: u16 = 0x000A;
    const PASSWORD: u16 = 0x002F;
    const SHEET: u16 = 0x0085;
    let mut rest = bytes;
    let mut first = true;
    while let Some((header, body)) = rest.split_first_chunk::<4>() {
        let [a, b, c, d] = *header;
        let (id, length) = (
            u16::from_le_bytes([a, b]),
            usize::from(u16::from_le_bytes([c, d])),
        );
        let (record, after) = body.split_at_checked(length).ok_or(Refusal::Unreadable)?;
        if first && id != BEGINS {
            return Err(Refusal::Unreadable);
        }
        first = false;
        match id {
            PASSWORD => return Err(Refusal::Protected),
            // Excel's own macro sheets, and modules.
            SHEET if matches!(record.get(5), Some(1 | 6)) => return Err(Refusal::Macros),
            ENDS => return Ok(()),
            _ => rest = after,
        }
    }
    Err(Refusal::Unreadable)
}

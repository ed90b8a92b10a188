//! Plain text and tables: nothing but characters that can be read.

use super::{Kind, Refusal};

pub(super) fn inspect(kind: Kind, bytes: &[u8]) -> Result<(), Refusal> {
    if !is_text(bytes) {
        return Err(Refusal::OtherKind(kind));
    }
    if kind == Kind::Csv {
        return table(bytes);
    }
    Ok(())
}

/// UTF-8 or an older one-byte encoding, in either case without control characters.
fn is_text(bytes: &[u8]) -> bool {
    !bytes
        .iter()
        .any(|b| (*b < 0x20 && !matches!(b, b'\t' | b'\r' | b'\n' | 0x0C)) || *b == 0x7F)
}

/// A table has something between its columns, and its quotes close.
fn table(bytes: &[u8]) -> Result<(), Refusal> {
    let delimiter = [b',', b';', b'\t']
        .into_iter()
        .find(|d| bytes.contains(d))
        .ok_or(Refusal::OtherKind(Kind::Csv))?;
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(bytes);
    for row in reader.byte_records() {
        row.map_err(|_| Refusal::Unreadable)?;
    }
    Ok(())
}

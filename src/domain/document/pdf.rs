//! PDFs: readable, without a password, and with nothing in them that acts or hides a file.

use lopdf::{Dictionary, Document, LoadOptions, Object};

use super::Refusal;

/// What one stream may unpack to while the file's structure is read.
const MOST_BYTES: usize = 64 * 1024 * 1024;
/// Objects within objects.
const DEEPEST: u8 = 100;
/// Objects of one file.
const MOST_OBJECTS: usize = 500_000;

/// Where the mark of the end must stand; some programs write a little after it.
const TAIL: usize = 2_048;

pub(super) fn inspect(bytes: &[u8]) -> Result<(), Refusal> {
    // A file without its end may still be pieced together, and then something is missing from it.
    let tail = bytes
        .get(bytes.len().saturating_sub(TAIL)..)
        .unwrap_or(bytes);
    if !tail.windows(5).any(|w| w == b"%%EOF") {
        return Err(Refusal::Unreadable);
    }
    let options = LoadOptions {
        max_decompressed_size: Some(MOST_BYTES),
        ..LoadOptions::default()
    };
    let file = Document::load_mem_with_options(bytes, options).map_err(|e| match e {
        lopdf::Error::InvalidPassword | lopdf::Error::Decryption(_) => Refusal::Protected,
        _ => Refusal::Unreadable,
    })?;
    if file.is_encrypted() || file.was_encrypted() || file.trailer.has(b"Encrypt") {
        return Err(Refusal::Protected);
    }
    if file.objects.len() > MOST_OBJECTS {
        return Err(Refusal::Bomb);
    }
    file.objects
        .values()
        .try_for_each(|object| look(&file, object, DEEPEST))?;
    if file.get_pages().is_empty() {
        return Err(Refusal::Unreadable);
    }
    Ok(())
}

fn look(file: &Document, object: &Object, depth: u8) -> Result<(), Refusal> {
    let Some(depth) = depth.checked_sub(1) else {
        return Err(Refusal::Bomb);
    };
    let dictionary = match object {
        Object::Array(items) => return items.iter().try_for_each(|item| look(file, item, depth)),
        Object::Dictionary(dictionary) => dictionary,
        Object::Stream(stream) => &stream.dict,
        _ => return Ok(()),
    };
    judge(file, dictionary)?;
    dictionary
        .iter()
        .try_for_each(|(_, value)| look(file, value, depth))
}

/// One dictionary: an action is told by its kind, a hidden file by its keys.
fn judge(file: &Document, dictionary: &Dictionary) -> Result<(), Refusal> {
    let name = |key: &[u8]| {
        dictionary
            .get_deref(key, file)
            .and_then(Object::as_name)
            .unwrap_or_default()
    };
    if dictionary.has(b"JS") || dictionary.has(b"JavaScript") || dictionary.has(b"XFA") {
        return Err(Refusal::Scripts);
    }
    match name(b"S") {
        b"JavaScript" | b"Launch" | b"SubmitForm" | b"ImportData" | b"Rendition"
        | b"RichMediaExecute" => {
            return Err(Refusal::Scripts);
        }
        b"GoToE" => return Err(Refusal::Embedded),
        _ => {}
    }
    if dictionary.has(b"AA") {
        return Err(Refusal::Scripts);
    }
    if let Ok(action) = dictionary.get_deref(b"OpenAction", file) {
        opening(file, action)?;
    }
    let hides = dictionary.has(b"EmbeddedFiles")
        || dictionary.has(b"EF")
        || matches!(name(b"Type"), b"EmbeddedFile")
        || matches!(
            name(b"Subtype"),
            b"FileAttachment" | b"RichMedia" | b"Movie" | b"Sound"
        );
    if hides {
        Err(Refusal::Embedded)
    } else {
        Ok(())
    }
}

/// A page to begin at is what most programs write; anything else acts.
fn opening(file: &Document, action: &Object) -> Result<(), Refusal> {
    let Object::Dictionary(action) = action else {
        return Ok(());
    };
    match action.get_deref(b"S", file).and_then(Object::as_name) {
        Ok(b"GoTo") => Ok(()),
        _ => Err(Refusal::Scripts),
    }
}

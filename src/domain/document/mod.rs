//! What an uploaded file may be: its extension, its leading bytes and a parse must agree on one of the kinds
//! that are taken, and nothing in it may run, unpack without end or hide another file. Takes bytes and gives
//! an answer; must not know where files come from or are kept.

mod archive;
mod compound;
mod extract;
mod kind;
mod mail;
mod name;
mod pdf;
mod picture;
mod refusal;
mod text;
mod xml;

pub use extract::{NoText, text_of};
pub use kind::{Kind, accepted};
pub use name::display_name;
pub use refusal::Refusal;

/// The largest file that is taken, in bytes: 25 MB.
pub const LARGEST: usize = 25 * 1024 * 1024;

/// How deep e-mails may lie in e-mails.
const DEEPEST: u8 = 2;

/// A file that may be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    pub kind: Kind,
    /// The name it came under, made safe to show.
    pub name: String,
}

/// Checks a file that came under this name.
pub fn inspect(name: &str, bytes: &[u8]) -> Result<Checked, Refusal> {
    let name = display_name(name);
    // The parsers are other people's code and meet hostile bytes: one that stops has not understood the file.
    let kind = std::panic::catch_unwind(|| inspect_at(&name, bytes, 0))
        .unwrap_or(Err(Refusal::Unreadable))?;
    Ok(Checked { kind, name })
}

fn inspect_at(name: &str, bytes: &[u8], depth: u8) -> Result<Kind, Refusal> {
    if bytes.is_empty() {
        return Err(Refusal::Empty);
    }
    if bytes.len() > LARGEST {
        return Err(Refusal::TooLarge);
    }
    let kind = Kind::of_name(name)?;
    if !kind.begins(bytes) {
        return Err(Refusal::OtherKind(kind));
    }
    match kind {
        Kind::Pdf => pdf::inspect(bytes),
        Kind::Docx | Kind::Xlsx | Kind::Odt => archive::inspect(kind, bytes),
        Kind::Doc | Kind::Xls => compound::inspect(kind, bytes),
        Kind::Jpeg | Kind::Png => picture::inspect(kind, bytes),
        Kind::Text | Kind::Csv => text::inspect(kind, bytes),
        Kind::Mail => mail::inspect(bytes, depth),
    }?;
    Ok(kind)
}

#[cfg(test)]
mod tests;

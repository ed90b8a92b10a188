//! Why a file is not taken, in words that say what to do. Must not repeat anything from the file.

use super::{Kind, kind};

/// Why a file is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    Empty,
    TooLarge,
    NoExtension,
    NotTaken,
    /// It is not what its name says.
    OtherKind(Kind),
    /// It begins as it should and cannot be read further.
    Unreadable,
    Protected,
    Macros,
    /// A program that is no macro: scripts and actions in a PDF.
    Scripts,
    /// Another file inside.
    Embedded,
    /// It fetches something from elsewhere when it is opened.
    Outside,
    /// Too many pixels.
    Picture,
    /// Unpacks to more than is sound.
    Bomb,
    /// An attachment of an e-mail that would not be taken by itself.
    Attachment,
    /// The malware scanner's answer.
    Infected,
}

impl Refusal {
    /// The stored name of the rule.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLarge => "too_large",
            Self::NoExtension => "no_extension",
            Self::NotTaken => "not_taken",
            Self::OtherKind(_) => "other_kind",
            Self::Unreadable => "unreadable",
            Self::Protected => "protected",
            Self::Macros => "macros",
            Self::Scripts => "scripts",
            Self::Embedded => "embedded",
            Self::Outside => "outside",
            Self::Picture => "picture",
            Self::Bomb => "bomb",
            Self::Attachment => "attachment",
            Self::Infected => "infected",
        }
    }

    /// What the person who chose the file reads.
    pub fn words(self) -> String {
        let fixed = match self {
            Self::Empty => "The file is empty. Choose another file",
            Self::TooLarge => {
                "The file is larger than 25 MB. Choose a smaller file, or send it in parts"
            }
            Self::NoExtension => {
                "The file’s name has no ending, such as .pdf. Give it the ending of its kind and choose it again"
            }
            Self::NotTaken => {
                return format!(
                    "Files of this kind are not taken. Choose one of: {}",
                    endings()
                );
            }
            Self::OtherKind(kind) => {
                return format!(
                    "The file’s name ends as a {} does, and the file is something else. Save it again in the program that made it",
                    kind.label()
                );
            }
            Self::Unreadable => {
                "The file is damaged or not complete. Open it in the program that made it, save it again and choose that copy"
            }
            Self::Protected => {
                "The file is protected by a password, so it cannot be checked. Save a copy without a password"
            }
            Self::Macros => {
                "The file holds macros. Save a copy without macros, or save it as a PDF"
            }
            Self::Scripts => {
                "The PDF holds a program or an action that runs when it is opened. Print it to a new PDF and choose that copy"
            }
            Self::Embedded => {
                "The file holds another file inside it. Save it as a PDF, or add the files one by one"
            }
            Self::Outside => {
                "The file fetches a part of itself from somewhere else when it is opened. Break the links, or save it as a PDF"
            }
            Self::Picture => {
                "The picture is too large in width or height. Make it smaller than 40 million pixels"
            }
            Self::Bomb => {
                "The file unpacks to more than is taken. Save it as a PDF, or send it in parts"
            }
            Self::Attachment => {
                "The e-mail has an attachment that is not taken. Save the e-mail without attachments and add those one by one"
            }
            Self::Infected => {
                "The scanner found malicious software in the file. Tell your IT service desk"
            }
        };
        fixed.to_owned()
    }
}

fn endings() -> String {
    kind::accepted().replace(',', ", ")
}

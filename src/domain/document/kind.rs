//! The kinds of file that are taken: extension, leading bytes and media type of each. Must not look further
//! into a file than its beginning.

use super::Refusal;
use crate::domain::code::coded;

coded! {
    /// A kind of file that is taken.
    pub enum Kind {
        Pdf = "pdf", "PDF";
        Docx = "docx", "Word document";
        Doc = "doc", "Word document (old format)";
        Xlsx = "xlsx", "Excel workbook";
        Xls = "xls", "Excel workbook (old format)";
        Odt = "odt", "OpenDocument text";
        Jpeg = "jpeg", "JPEG picture";
        Png = "png", "PNG picture";
        Text = "txt", "Plain text";
        Csv = "csv", "CSV table";
        Mail = "eml", "E-mail";
    }
}

/// The beginnings by which files of a kind are known, ours and those that are never taken.
const BEGINNINGS: &[(&[u8], Option<Shape>)] = &[
    (b"%PDF-", Some(Shape::Pdf)),
    (b"PK\x03\x04", Some(Shape::Zip)),
    (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", Some(Shape::Compound)),
    (b"\xFF\xD8\xFF", Some(Shape::Jpeg)),
    (b"\x89PNG\r\n\x1A\n", Some(Shape::Png)),
    (b"PK\x05\x06", None),
    (b"Rar!", None),
    (b"7z\xBC\xAF\x27\x1C", None),
    (b"\x1F\x8B", None),
    (b"MZ", None),
    (b"\x7FELF", None),
    (b"#!", None),
    (b"GIF8", None),
    (b"{\\rtf", None),
    (b"<", None),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Pdf,
    Zip,
    Compound,
    Jpeg,
    Png,
}

impl Kind {
    /// The kind that a file's name claims.
    pub(super) fn of_name(name: &str) -> Result<Self, Refusal> {
        let (_, extension) = name.rsplit_once('.').ok_or(Refusal::NoExtension)?;
        Ok(match extension.to_ascii_lowercase().as_str() {
            "pdf" => Self::Pdf,
            "docx" => Self::Docx,
            "doc" => Self::Doc,
            "xlsx" => Self::Xlsx,
            "xls" => Self::Xls,
            "odt" => Self::Odt,
            "jpg" | "jpeg" => Self::Jpeg,
            "png" => Self::Png,
            "txt" => Self::Text,
            "csv" => Self::Csv,
            "eml" => Self::Mail,
            "docm" | "dotm" | "xlsm" | "xltm" | "xlam" | "xlsb" => return Err(Refusal::Macros),
            _ => return Err(Refusal::NotTaken),
        })
    }

    /// Whether the leading bytes are those of this kind. Text has none of its own, so it must have nobody else's.
    pub(super) fn begins(self, bytes: &[u8]) -> bool {
        let known = BEGINNINGS
            .iter()
            .find(|(magic, _)| bytes.starts_with(magic));
        let shape = match self {
            Self::Pdf => Shape::Pdf,
            Self::Docx | Self::Xlsx | Self::Odt => Shape::Zip,
            Self::Doc | Self::Xls => Shape::Compound,
            Self::Jpeg => Shape::Jpeg,
            Self::Png => Shape::Png,
            Self::Text | Self::Csv | Self::Mail => return known.is_none(),
        };
        known.is_some_and(|(_, found)| *found == Some(shape))
    }

    /// What a downloaded file of this kind is called after the dot.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            other => other.as_str(),
        }
    }

    /// The media type it is served as.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Doc => "application/msword",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Xls => "application/vnd.ms-excel",
            Self::Odt => "application/vnd.oasis.opendocument.text",
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Text => "text/plain",
            Self::Csv => "text/csv",
            Self::Mail => "message/rfc822",
        }
    }
}

/// Whether bytes begin as a file within a file would: an archive, an old Office file, a PDF or a program.
pub(super) fn is_a_file_of_its_own(bytes: &[u8]) -> bool {
    const WITHIN: &[&[u8]] = &[
        b"PK\x03\x04",
        b"PK\x05\x06",
        b"\xD0\xCF\x11\xE0",
        b"Rar!",
        b"7z\xBC\xAF",
        b"\x1F\x8B",
        b"%PDF-",
        b"MZ",
        b"\x7FELF",
    ];
    WITHIN.iter().any(|magic| bytes.starts_with(magic))
}

/// The kind whose beginning this is, for a part that came without a name.
pub(super) fn by_beginning(bytes: &[u8]) -> Option<Kind> {
    [Kind::Pdf, Kind::Jpeg, Kind::Png]
        .into_iter()
        .find(|kind| kind.begins(bytes))
}

/// What a browser's file box offers: `.pdf,.docx,…`.
pub fn accepted() -> String {
    ".pdf,.docx,.doc,.xlsx,.xls,.odt,.jpg,.jpeg,.png,.txt,.csv,.eml".into()
}

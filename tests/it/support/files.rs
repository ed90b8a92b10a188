//! Small files of each kind that is taken, and the like that lie or carry something. Made by the libraries
//! that also read them, so that they are what they say.

use std::io::{Cursor, Write};

use lopdf::{Dictionary, Document, Object, dictionary};
use zip::write::SimpleFileOptions;

/// A word that stands in every file, so that a test can look for it on the disk.
pub const WORD: &str = "Zqplanted";

const WORD_MAIN: &str =
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml";
const SHEET_MAIN: &str =
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml";

/// One sound file of each kind, by its ending.
pub fn each() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("pdf", pdf(|_, _| {})),
        ("docx", docx(&[])),
        ("doc", doc(&[])),
        ("xlsx", xlsx(SHEET_MAIN, &[])),
        ("xls", xls(0)),
        ("odt", odt(&[])),
        ("jpg", picture(image::ImageFormat::Jpeg)),
        ("png", picture(image::ImageFormat::Png)),
        ("txt", format!("A note about {WORD}.\n").into_bytes()),
        ("csv", format!("name,day\n{WORD},Monday\n").into_bytes()),
        ("eml", mail("")),
    ]
}

/// A PDF of one page; `change` may alter the catalogue and add objects.
pub fn pdf(change: impl FnOnce(&mut Document, &mut Dictionary)) -> Vec<u8> {
    let mut file = Document::with_version("1.5");
    let pages = file.new_object_id();
    let page = file.add_object(dictionary! {
        "Type" => "Page", "Parent" => pages,
        "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()],
    });
    let kids = dictionary! { "Type" => "Pages", "Kids" => vec![page.into()], "Count" => 1 };
    file.objects.insert(pages, Object::Dictionary(kids));
    let mut catalogue = dictionary! { "Type" => "Catalog", "Pages" => pages };
    change(&mut file, &mut catalogue);
    let root = file.add_object(catalogue);
    file.trailer.set("Root", root);
    file.trailer.set("Title", Object::string_literal(WORD));
    let mut bytes = Vec::new();
    file.save_to(&mut bytes).unwrap();
    bytes
}

/// A PDF that runs a program when it is opened.
pub fn pdf_with_program() -> Vec<u8> {
    pdf(|file, catalogue| {
        let action = file.add_object(dictionary! {
            "S" => "JavaScript", "JS" => Object::string_literal("app.alert(1)"),
        });
        catalogue.set("OpenAction", action);
    })
}

/// An archive of these entries.
pub fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn types(part: &str, of: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/{part}" ContentType="{of}"/></Types>"#
    )
}

/// A Word document with these entries beside its own.
pub fn docx(more: &[(&str, &[u8])]) -> Vec<u8> {
    word(WORD_MAIN, more)
}

/// A Word document whose main part says it is of this type.
pub fn word(of: &str, more: &[(&str, &[u8])]) -> Vec<u8> {
    let types = types("word/document.xml", of);
    let body = format!("<w:document xmlns:w=\"w\"><w:body><w:t>{WORD}</w:t></w:body></w:document>");
    let mut entries: Vec<(&str, &[u8])> = vec![
        ("[Content_Types].xml", types.as_bytes()),
        ("word/document.xml", body.as_bytes()),
    ];
    entries.extend(more);
    archive(&entries)
}

/// An Excel workbook whose main part says it is of this type.
pub fn xlsx(of: &str, more: &[(&str, &[u8])]) -> Vec<u8> {
    let types = types("xl/workbook.xml", of);
    let body = format!("<workbook><sheets><sheet name=\"{WORD}\"/></sheets></workbook>");
    let mut entries: Vec<(&str, &[u8])> = vec![
        ("[Content_Types].xml", types.as_bytes()),
        ("xl/workbook.xml", body.as_bytes()),
    ];
    entries.extend(more);
    archive(&entries)
}

/// An ODT with these entries beside its own.
pub fn odt(more: &[(&str, &[u8])]) -> Vec<u8> {
    let body = format!(
        "<office:document-content xmlns:office=\"o\"><t>{WORD}</t></office:document-content>"
    );
    let mut entries: Vec<(&str, &[u8])> = vec![
        ("mimetype", b"application/vnd.oasis.opendocument.text"),
        (
            "META-INF/manifest.xml",
            b"<manifest:manifest xmlns:manifest=\"m\"/>",
        ),
        ("content.xml", body.as_bytes()),
    ];
    entries.extend(more);
    archive(&entries)
}

/// A compound file of these streams.
pub fn compound(streams: &[(&str, &[u8])]) -> Vec<u8> {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    for (path, content) in streams {
        if let Some((storage, _)) = path.rsplit_once('/').filter(|(s, _)| !s.is_empty()) {
            file.create_storage_all(storage).unwrap();
        }
        let mut stream = file.create_stream(path).unwrap();
        stream.write_all(content).unwrap();
    }
    file.flush().unwrap();
    file.into_inner().into_inner()
}

/// An old Word document with these streams beside its own.
pub fn doc(more: &[(&str, &[u8])]) -> Vec<u8> {
    let mut text = vec![0; 64];
    text[..2].copy_from_slice(&0xA5EC_u16.to_le_bytes());
    text.extend(WORD.as_bytes());
    let mut streams: Vec<(&str, &[u8])> = vec![("/WordDocument", &text)];
    streams.extend(more);
    compound(&streams)
}

/// An old Excel workbook with one sheet of this kind; 1 is a sheet of macros.
pub fn xls(sheet: u8) -> Vec<u8> {
    let mut book = Vec::new();
    let mut record = |id: u16, body: &[u8]| {
        book.extend(id.to_le_bytes());
        book.extend(u16::try_from(body.len()).unwrap().to_le_bytes());
        book.extend(body);
    };
    record(0x0809, &[0; 16]);
    record(0x0085, &[0, 0, 0, 0, 0, sheet, 1, 0, b'S']);
    record(0x00FC, WORD.as_bytes());
    record(0x000A, &[]);
    compound(&[("/Workbook", &book)])
}

pub fn picture(format: image::ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image::DynamicImage::new_rgb8(8, 8)
        .write_to(&mut bytes, format)
        .unwrap();
    bytes.into_inner()
}

/// A small PNG whose header claims this many pixels each way.
pub fn picture_bomb(side: u32) -> Vec<u8> {
    let mut png = picture(image::ImageFormat::Png);
    png[16..20].copy_from_slice(&side.to_be_bytes());
    png[20..24].copy_from_slice(&side.to_be_bytes());
    let sum = crc(&png[12..29]);
    png[29..33].copy_from_slice(&sum.to_be_bytes());
    png
}

fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |mut sum, byte| {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = (sum >> 1) ^ (0xEDB8_8320 & (sum & 1).wrapping_neg());
        }
        sum
    })
}

/// An e-mail with these further parts.
pub fn mail(parts: &str) -> Vec<u8> {
    format!(
        "From: sender@cdr.example\r\nTo: team@cdr.example\r\nDate: Wed, 1 Apr 2026 09:00:00 +0100\r\n\
         Subject: {WORD}\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"b\"\r\n\r\n\
         --b\r\nContent-Type: text/plain\r\n\r\nA note.\r\n{parts}--b--\r\n"
    )
    .into_bytes()
}

/// A part of an e-mail: an attachment of this name.
pub fn attachment(name: &str, content: &str) -> String {
    format!(
        "--b\r\nContent-Type: application/octet-stream; name=\"{name}\"\r\n\
         Content-Disposition: attachment; filename=\"{name}\"\r\n\r\n{content}\r\n"
    )
}

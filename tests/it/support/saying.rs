//! Files that say what a test wants them to say.

use std::io::Cursor;

use lopdf::{Dictionary, dictionary};

/// A PDF of one page with a line of text for each of these, and an author in what it says of itself.
pub fn pdf_saying(lines: &[String]) -> Vec<u8> {
    super::files::pdf(|file, catalogue| {
        let font = file.add_object(dictionary! {
            "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Courier", "Encoding" => "WinAnsiEncoding",
        });
        let mut content = String::from("BT /F1 10 Tf 40 800 Td 12 TL\n");
        for line in lines {
            let line = line.replace('(', "\\(").replace(')', "\\)");
            content = content + "(" + &line + ") Tj T*\n";
        }
        content.push_str("ET");
        let stream = lopdf::Stream::new(Dictionary::new(), content.into_bytes());
        let content = file.add_object(stream);
        let pages = catalogue.get(b"Pages").unwrap().as_reference().unwrap();
        let kids = file.get_dictionary(pages).unwrap().get(b"Kids").unwrap();
        let page = kids.as_array().unwrap()[0].as_reference().unwrap();
        let page = file.get_dictionary_mut(page).unwrap();
        page.set("Contents", content);
        page.set(
            "Resources",
            dictionary! { "Font" => dictionary! { "F1" => font } },
        );
    })
}

/// A Word document with a paragraph for each of these.
pub fn word_saying(lines: &[String]) -> Vec<u8> {
    use docx_rs::{Docx, Paragraph, Run};
    let mut file = Docx::new().created_at("2026-01-01T00:00:00Z");
    for line in lines {
        file = file.add_paragraph(Paragraph::new().add_run(Run::new().add_text(line)));
    }
    let mut bytes = Cursor::new(Vec::new());
    file.build().pack(&mut bytes).unwrap();
    bytes.into_inner()
}

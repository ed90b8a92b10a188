//! Paragraphs as a Word file (.docx) to edit: A4, headings as styles, gaps marked, and nothing in its properties of whom
//! it is about or who made it. Must not know what the words say.

use std::io::Cursor;

use docx_rs::{
    AbstractNumbering, BreakType, Docx, IndentLevel, Level, LevelJc, LevelText, LineSpacing,
    NumberFormat, Numbering, NumberingId, Paragraph, Run, RunFonts, SpecialIndentType, Start,
    Style, StyleType,
};

use super::{Block, Kind, Piece};

/// A4 in twentieths of a point.
const A4: (u32, u32) = (11_906, 16_838);
/// The one list there is.
const POINTS: usize = 1;

/// The file. `title` is what programs show of it: a word that tells nothing.
///
/// # Errors
/// What the writer of the archive says, which holds nothing of the words.
pub fn docx(title: &str, blocks: &[Block]) -> Result<Vec<u8>, String> {
    let docx = blocks
        .iter()
        .fold(empty(), |docx, block| docx.add_paragraph(paragraph(block)));
    let mut parts = docx.build();
    parts.doc_props.core = properties(title).into_bytes();
    let mut file = Cursor::new(Vec::new());
    parts.pack(&mut file).map_err(|e| e.to_string())?;
    Ok(file.into_inner())
}

fn empty() -> Docx {
    let heading = |id: &str, name: &str, size: usize, level: usize| {
        Style::new(id, StyleType::Paragraph)
            .name(name)
            .based_on("Normal")
            .next("Normal")
            .size(size)
            .bold()
            .outline_lvl(level)
            .line_spacing(LineSpacing::new().before(240).after(120))
    };
    let point = Level::new(
        0,
        Start::new(1),
        NumberFormat::new("bullet"),
        LevelText::new("•"),
        LevelJc::new("left"),
    );
    let point = point.indent(Some(720), Some(SpecialIndentType::Hanging(360)), None, None);
    Docx::new()
        .page_size(A4.0, A4.1)
        .default_size(24)
        .default_fonts(RunFonts::new().ascii("Arial").hi_ansi("Arial").cs("Arial"))
        .default_line_spacing(LineSpacing::new().after(160).line(276))
        .add_style(heading("Heading1", "heading 1", 32, 0))
        .add_style(heading("Heading2", "heading 2", 28, 1))
        .add_abstract_numbering(AbstractNumbering::new(POINTS).add_level(point))
        .add_numbering(Numbering::new(POINTS, POINTS))
}

fn paragraph(block: &Block) -> Paragraph {
    let all = block.pieces.iter();
    let paragraph = all.fold(Paragraph::new(), |p, piece| p.add_run(run(piece)));
    match block.kind {
        Kind::Title => paragraph.style("Heading1").keep_next(true),
        Kind::Heading => paragraph.style("Heading2").keep_next(true),
        Kind::Point => paragraph.numbering(NumberingId::new(POINTS), IndentLevel::new(0)),
        Kind::Text => paragraph,
    }
}

fn run(piece: &Piece) -> Run {
    let mut run = Run::new();
    for (line, number) in piece.text.split('\n').zip(0..) {
        if number > 0 {
            run = run.add_break(BreakType::TextWrapping);
        }
        // A control character in a text is no XML, and no program would open the file.
        let line: String = line
            .chars()
            .filter(|c| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}'))
            .collect();
        run = run.add_text(line);
    }
    if piece.gap {
        run = run.highlight("yellow");
    }
    run
}

/// The properties of the file in our own words: docx-rs always names a creator, and somebody's name is not for it.
fn properties(title: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?><cp:coreProperties \
         xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:title>{title}</dc:title>\
         <dc:language>en-GB</dc:language></cp:coreProperties>"
    )
}

//! The name a file came under, made safe to show. It is never used as a path and never put in a header.

/// Characters of a name that are shown.
const LONGEST: usize = 120;

/// Cuts folders off, takes away what is invisible or turns the direction of writing, and replaces what has a
/// meaning in paths and headers. The ending stays when a long name is cut.
pub fn display_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let visible: String = last
        .chars()
        .filter(|c| !c.is_control() && !is_invisible(*c))
        .map(|c| if is_special(c) { '_' } else { c })
        .collect();
    let trimmed = visible.trim_matches(|c: char| c == '.' || c.is_whitespace());
    let spaced = trimmed.split_whitespace().collect::<Vec<_>>().join(" ");
    match spaced.chars().count() {
        0 => "file".to_owned(),
        n if n > LONGEST => cut(&spaced),
        _ => spaced,
    }
}

fn cut(name: &str) -> String {
    let (stem, ending) = match name.rsplit_once('.') {
        Some((stem, ending)) if ending.chars().count() <= 5 => (stem, format!(".{ending}")),
        _ => (name, String::new()),
    };
    let room = LONGEST.saturating_sub(ending.chars().count());
    stem.chars().take(room).chain(ending.chars()).collect()
}

const fn is_special(c: char) -> bool {
    matches!(
        c,
        '"' | '\'' | '<' | '>' | '|' | '?' | '*' | ':' | ';' | '%' | '`' | '$'
    )
}

/// Marks of direction, joiners and other characters without a shape.
const fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180E}'
        | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFF}'
        | '\u{E0000}'..='\u{E0FFF}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_loses_what_could_mislead() {
        for (came, shown) in [
            ("report.pdf", "report.pdf"),
            ("../../etc/passwd.txt", "passwd.txt"),
            ("C:\\Users\\x\\scan.png", "scan.png"),
            ("..", "file"),
            ("", "file"),
            ("a\r\nSet-Cookie: x=1.pdf", "aSet-Cookie_ x=1.pdf"),
            ("a\"; filename=\"b.exe", "a__ filename=_b.exe"),
            ("exe.\u{202E}fdp.txt", "exe.fdp.txt"),
            ("zero\u{200B}width.csv", "zerowidth.csv"),
            (" spaced   out .pdf ", "spaced out .pdf"),
            ("Ärztlicher Bericht.docx", "Ärztlicher Bericht.docx"),
        ] {
            assert_eq!(display_name(came), shown, "{came:?}");
        }
    }

    proptest! {
        #[test]
        fn no_name_keeps_a_path_a_control_or_a_turn(name in any::<String>()) {
            let shown = display_name(&name);
            prop_assert!(!shown.is_empty() && shown.chars().count() <= LONGEST);
            let left = shown.contains(['/', '\\', '"', '\r', '\n', '\0', '\u{202E}']);
            prop_assert!(!left);
            prop_assert!(!shown.starts_with('.'));
            // Clean already: cleaning it again changes nothing.
            prop_assert_eq!(display_name(&shown), shown);
        }

        #[test]
        fn a_long_name_keeps_its_ending(stem in "[a-z]{130,200}") {
            let shown = display_name(&(stem + ".pdf"));
            prop_assert_eq!(shown.rsplit_once('.').map(|(_, ending)| ending), Some("pdf"));
        }
    }
}

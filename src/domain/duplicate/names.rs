//! Names as people write them, made comparable: case, accents, hyphens, order, and the words that
//! stand for a baby without a name.

use rphonetic::{DoubleMetaphone, Encoder};

/// Letters of a sound: enough to part long names, few enough to forgive an ending.
const SOUND: usize = 6;

/// How alike two names are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Likeness {
    Same,
    Alike,
    /// At least one side has no name to compare, such as "Baby" or "Twin 1".
    Unnamed,
    Different,
}

impl Likeness {
    /// The same, or near enough for a person to look.
    pub(super) const fn is_like(self) -> bool {
        matches!(self, Self::Same | Self::Alike)
    }
}

/// How near two names must be (Jaro-Winkler, 0 to 1) to be put before a person.
const NEAR: f64 = 0.9;

/// Words that stand for a name a baby has not been given.
const UNNAMED: &[&str] = &[
    "baby", "babe", "infant", "boy", "girl", "of", "male", "female", "twin", "triplet", "one",
    "two", "three", "unnamed", "unknown", "not", "known", "named", "yet", "a", "b", "c", "i", "ii",
    "iii",
];

/// A name as the search columns hold it: small letters without accents, words parted by one space,
/// nothing but letters and digits. `O'Sample-Éxample ` becomes `osample example`.
pub fn fold(name: &str) -> String {
    let mut folded = String::with_capacity(name.len());
    for c in name.chars().flat_map(char::to_lowercase) {
        match c {
            '\'' | '’' | '‘' | '`' | '.' | '\u{300}'..='\u{36f}' => {}
            _ => plain(c, &mut folded),
        }
    }
    let mut words = folded.split_whitespace();
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |line, word| line + " " + word)
}

/// How a folded name sounds, by Lawrence Philips' Double Metaphone: `smith` and `smyth` sound alike. Empty when
/// nothing of it is in Latin letters.
pub fn sound(folded: &str) -> String {
    let letters: String = folded.chars().filter(char::is_ascii_alphabetic).collect();
    if letters.is_empty() {
        return String::new();
    }
    DoubleMetaphone::new(Some(SOUND)).encode(&letters)
}

/// The letters a small letter is searched by.
fn plain(c: char, into: &mut String) {
    let letters = match c {
        'à'..='å' | 'ā' | 'ă' | 'ą' | 'ǎ' => "a",
        'æ' => "ae",
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => "e",
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => "g",
        'ĥ' | 'ħ' => "h",
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' | 'ǐ' => "i",
        'ĵ' => "j",
        'ķ' => "k",
        'ĺ' | 'ļ' | 'ľ' | 'ł' => "l",
        'ñ' | 'ń' | 'ņ' | 'ň' => "n",
        'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' | 'ǒ' => "o",
        'œ' => "oe",
        'ŕ' | 'ŗ' | 'ř' => "r",
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => "s",
        'ß' => "ss",
        'ţ' | 'ť' | 'ț' | 'ŧ' => "t",
        'þ' => "th",
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' | 'ǔ' => "u",
        'ŵ' => "w",
        'ý' | 'ÿ' | 'ŷ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        other if other.is_alphanumeric() => {
            into.push(other);
            return;
        }
        _ => " ",
    };
    into.push_str(letters);
}

/// How alike two children's family names and first names are. Names put in each other's box count
/// as alike.
pub(super) fn likeness(a: (&str, &str), b: (&str, &str)) -> (Likeness, Likeness) {
    let (a, b) = ((fold(a.0), fold(a.1)), (fold(b.0), fold(b.1)));
    let straight = (surnames(&a.0, &b.0), forenames(&a.1, &b.1));
    let swapped = surnames(&a.0, &b.1).is_like() && surnames(&a.1, &b.0).is_like();
    if swapped && !(straight.0.is_like() && straight.1.is_like()) && named(&a.1) && named(&b.1) {
        (Likeness::Alike, Likeness::Alike)
    } else {
        straight
    }
}

fn surnames(a: &str, b: &str) -> Likeness {
    if a.is_empty() || b.is_empty() {
        return Likeness::Unnamed;
    }
    // A double-barrelled name and one of its halves are the same family.
    let half = a.split(' ').any(|word| word == b) || b.split(' ').any(|word| word == a);
    by_spelling(a, b, half)
}

/// First names are those that are not stand-ins; the first of each decides, so a middle name that
/// only one record holds does not part them.
fn forenames(a: &str, b: &str) -> Likeness {
    let (Some(first_a), Some(first_b)) = (first_name(a), first_name(b)) else {
        return if a == b && !a.is_empty() {
            Likeness::Alike
        } else {
            stand_ins(a, b)
        };
    };
    // "Sam" and "Samuel" are one name shortened.
    let shortened = first_a.len().min(first_b.len()) >= 3
        && (first_a.starts_with(first_b) || first_b.starts_with(first_a));
    match by_spelling(first_a, first_b, shortened) {
        Likeness::Same if a == b => Likeness::Same,
        Likeness::Same => Likeness::Alike,
        other => other,
    }
}

/// Two stand-ins that number the babies differently ("Twin 1", "Twin 2") are two babies.
fn stand_ins(a: &str, b: &str) -> Likeness {
    match (ordinal(a), ordinal(b)) {
        (Some(a), Some(b)) if a != b => Likeness::Different,
        _ => Likeness::Unnamed,
    }
}

/// Whether both names are stand-ins that number no baby: "Baby", "Infant of".
pub(super) fn stand_in_alike(a: &str, b: &str) -> bool {
    let bare = |name: &str| {
        let folded = fold(name);
        !named(&folded) && ordinal(&folded).is_none()
    };
    bare(a) && bare(b)
}

fn ordinal(name: &str) -> Option<u8> {
    name.split(' ').find_map(|word| match word {
        "1" | "one" | "i" | "a" => Some(1),
        "2" | "two" | "ii" | "b" => Some(2),
        "3" | "three" | "iii" | "c" => Some(3),
        _ => None,
    })
}

fn first_name(folded: &str) -> Option<&str> {
    folded.split(' ').find(|word| is_name(word))
}

fn is_name(word: &str) -> bool {
    !word.is_empty() && !UNNAMED.contains(&word) && !word.chars().all(char::is_numeric)
}

fn named(folded: &str) -> bool {
    first_name(folded).is_some()
}

/// Whether what stands for a name is none: "Baby", "Twin 1", "Unnamed".
pub fn is_stand_in(name: &str) -> bool {
    let folded = fold(name);
    !folded.is_empty() && !named(&folded)
}

fn by_spelling(a: &str, b: &str, kin: bool) -> Likeness {
    if a == b {
        return Likeness::Same;
    }
    // The measure is not quite symmetric for all inputs, so both ways are asked.
    let near = strsim::jaro_winkler(a, b).max(strsim::jaro_winkler(b, a)) >= NEAR;
    if kin || near {
        Likeness::Alike
    } else {
        Likeness::Different
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn folds_what_people_type() {
        for (typed, folded) in [
            (" O'Sample-Éxample ", "osample example"),
            ("O’SAMPLE", "osample"),
            ("Zoë", "zoe"),
            ("Zoe\u{308}", "zoe"),
            ("Łukasz  Żółw", "lukasz zolw"),
            ("Straße", "strasse"),
            ("St. Sample", "st sample"),
            ("李", "李"),
            ("  ", ""),
        ] {
            assert_eq!(fold(typed), folded, "{typed}");
        }
    }

    #[test]
    fn likeness_of_pairs() {
        use Likeness::{Alike, Different, Same, Unnamed};
        for (a, b, expected) in [
            (("Sample", "Alba"), ("SAMPLE", "alba"), (Same, Same)),
            (("Sample-Test", "Alba"), ("Sample", "Alba"), (Alike, Same)),
            (("Sampel", "Alba"), ("Sample", "Alba Rose"), (Alike, Alike)),
            (("Alba", "Sample"), ("Sample", "Alba"), (Alike, Alike)),
            (("Sample", "Baby"), ("Sample", "Alba"), (Same, Unnamed)),
            (("Sample", "Baby"), ("Sample", "Baby"), (Same, Alike)),
            (
                ("Sample", "Twin 1"),
                ("Sample", "Twin 2"),
                (Same, Different),
            ),
            (
                ("Sample", "Baby A"),
                ("Sample", "Baby B"),
                (Same, Different),
            ),
            (("Sample", "Alba"), ("Sample", "Bruno"), (Same, Different)),
            (("Sample", "Alba"), ("Dummy", "Alba"), (Different, Same)),
        ] {
            assert_eq!(likeness(a, b), expected, "{a:?} {b:?}");
            assert_eq!(likeness(b, a), expected, "{b:?} {a:?}");
        }
    }

    proptest! {
        #[test]
        fn folding_is_settled_and_plain(name in ".{0,40}") {
            let folded = fold(&name);
            prop_assert_eq!(&fold(&folded), &folded);
            prop_assert!(!folded.contains("  ") && folded.trim() == folded);
        }

        #[test]
        fn case_does_not_matter(name in "[A-Za-z' -]{0,30}") {
            prop_assert_eq!(fold(&name.to_uppercase()), fold(&name));
        }
    }
}

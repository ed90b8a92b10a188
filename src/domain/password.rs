//! Which passwords are refused: too short, too long, known to everybody, or made of words that anybody would
//! guess here. No composition is asked for. Must not know how a password is kept.

use std::collections::HashSet;

/// Fewer characters than this are refused (OWASP ASVS 5.0, 6.2.1).
pub const SHORTEST: usize = 12;
/// More are refused, so that nobody can make the hash do the work of a novel.
pub const LONGEST: usize = 128;
/// What must be left of a password once local words and the person's own are taken out.
const REST: usize = 4;

/// Words that make no password.
#[derive(Debug, Default)]
pub struct Denied {
    common: HashSet<String>,
    local: Vec<String>,
}

/// Why a password is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    Length,
    /// Everybody's, or a simple row of characters.
    Common,
    /// Made of words of this place or of the person's own.
    Guessable,
}

impl Refused {
    /// The words at the field.
    pub const fn message(self) -> &'static str {
        match self {
            Self::Length => "The password must have between 12 and 128 characters",
            Self::Common => {
                "This password is one that many people use. Choose another, such as four words that have nothing to do with each other"
            }
            Self::Guessable => {
                "This password is made of words that are easy to guess here, such as a name or a place. Choose another"
            }
        }
    }
}

impl Denied {
    /// From the two data files: one folded word a line.
    pub fn load(common: &str, local: &str) -> Self {
        let words = |text: &str| -> Vec<String> { text.lines().map(str::to_owned).collect() };
        let mut local = words(local);
        longest_first(&mut local);
        Self {
            common: words(common).into_iter().collect(),
            local,
        }
    }

    /// Whether this may be somebody's password; `own` is the person's name, address and organisation.
    pub fn judge(&self, password: &str, own: &[&str]) -> Result<(), Refused> {
        let length = password.chars().count();
        if !(SHORTEST..=LONGEST).contains(&length) {
            return Err(Refused::Length);
        }
        let plain = folded(password, false);
        if is_row(password) || [plain.as_str(), stem(&plain)].iter().any(|w| self.knows(w)) {
            return Err(Refused::Common);
        }
        let letters = folded(password, true);
        // What is put before or behind a word is no letter in disguise.
        let heart = folded(password.trim_matches(|c: char| !c.is_alphabetic()), true);
        if [stem(&letters), heart.as_str()]
            .iter()
            .any(|w| self.knows(w))
        {
            return Err(Refused::Common);
        }
        let mut words: Vec<String> = own
            .iter()
            .flat_map(|text| text.split(|c: char| !c.is_alphanumeric()))
            .map(|word| folded(word, true))
            .filter(|word| word.chars().count() >= 3)
            .collect();
        words.extend(self.local.iter().cloned());
        longest_first(&mut words);
        let rest = words
            .iter()
            .fold(heart.clone(), |text, word| text.replace(word.as_str(), " "));
        let rest: String = rest.split_whitespace().collect();
        let left = stem(&rest);
        if rest != heart && (left.chars().count() < REST || self.knows(left)) {
            return Err(Refused::Guessable);
        }
        Ok(())
    }

    fn knows(&self, word: &str) -> bool {
        !word.is_empty() && self.common.contains(word)
    }
}

fn longest_first(words: &mut Vec<String>) {
    words.retain(|word| !word.is_empty());
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
}

/// Letters and digits in lower case; with `undisguise`, the digits and signs that stand for letters as those.
fn folded(text: &str, undisguise: bool) -> String {
    text.chars()
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            '0' if undisguise => 'o',
            '1' | '!' if undisguise => 'i',
            '3' if undisguise => 'e',
            '4' | '@' if undisguise => 'a',
            '5' | '$' if undisguise => 's',
            '7' if undisguise => 't',
            other => other,
        })
        .filter(|c| c.is_alphanumeric())
        .collect()
}

/// Without the digits that are put before or behind a word to make it longer.
fn stem(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_ascii_digit())
}

/// A simple row: few different characters, or each the neighbour of the one before.
fn is_row(text: &str) -> bool {
    let signs: Vec<u32> = text.chars().map(u32::from).collect();
    let different: HashSet<&u32> = signs.iter().collect();
    let near = |step: i64| {
        signs
            .windows(2)
            .filter(|pair| match pair {
                [a, b] => i64::from(*b) - i64::from(*a) == step,
                _ => false,
            })
            .count()
    };
    let steps = signs.len().saturating_sub(1);
    different.len() < 4 || near(1) + 2 >= steps || near(-1) + 2 >= steps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn denied() -> Denied {
        Denied::load(
            include_str!("../../fixtures/passwords/common.txt"),
            include_str!("../../fixtures/passwords/local.txt"),
        )
    }

    #[test]
    fn what_many_use_or_anybody_would_guess_is_refused() {
        let own = [
            "Sample Walnutfield",
            "s.walnutfield@cdr.example",
            "Sample Hospital Trust",
        ];
        let table = [
            ("elevenchars", Some(Refused::Length)),
            ("123456789012", Some(Refused::Common)),
            ("aaaaaaaaaaaaaaa", Some(Refused::Common)),
            ("abababababab", Some(Refused::Common)),
            ("abcdefghijklm", Some(Refused::Common)),
            ("zyxwvutsrqponm", Some(Refused::Common)),
            ("Password2024!!", Some(Refused::Common)),
            ("p@ssw0rd123456", Some(Refused::Common)),
            ("qwertyuiop12", Some(Refused::Common)),
            ("123Liverpool123", Some(Refused::Common)),
            ("Kent and Medway 1", Some(Refused::Guessable)),
            ("childdeathreview", Some(Refused::Guessable)),
            ("CDOP-panel-2026", Some(Refused::Guessable)),
            ("NHS-K3nt-NHS-2026", Some(Refused::Guessable)),
            ("walnutfield2026", Some(Refused::Guessable)),
            ("Walnutf1eld-Sample", Some(Refused::Guessable)),
            ("kent liverpool 1", Some(Refused::Guessable)),
            ("correct horse battery stapled", None),
            ("плохой пароль — нет", None),
            ("a kestrel over Maidstone", None),
            ("820439175526", None),
            ("            lamp post fog", None),
        ];
        let denied = denied();
        for (password, wanted) in table {
            assert_eq!(denied.judge(password, &own).err(), wanted, "{password}");
        }
    }

    #[test]
    fn the_length_is_counted_in_characters() {
        let denied = denied();
        let long: String = "zażółć gęślą ".chars().cycle().take(LONGEST).collect();
        assert_eq!(denied.judge(&long, &[]), Ok(()));
        assert_eq!(denied.judge(&format!("{long}x"), &[]), Err(Refused::Length));
        assert_eq!(denied.judge("źdźbłoźdźbł", &[]), Err(Refused::Length));
    }

    proptest::proptest! {
        #[test]
        fn no_text_is_too_odd_to_be_judged(text in "\\PC*", own in "\\PC{0,20}") {
            let length = text.chars().count();
            let judged = denied_once().judge(&text, &[&own]);
            proptest::prop_assert_eq!(judged == Err(Refused::Length), !(SHORTEST..=LONGEST).contains(&length));
        }
    }

    fn denied_once() -> &'static Denied {
        static ONCE: std::sync::OnceLock<Denied> = std::sync::OnceLock::new();
        ONCE.get_or_init(denied)
    }
}

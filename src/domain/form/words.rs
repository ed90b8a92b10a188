//! An answer as a person reads it.

use super::{Answer, Dictionary, Field};

/// "27 March 2026", "Yes", "Not known", a code's label, "2 rows".
pub fn words(dict: &Dictionary, field: &Field, answer: &Answer) -> String {
    let _ = (dict, field, answer);
    String::new()
}

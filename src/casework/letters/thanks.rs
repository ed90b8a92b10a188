//! The words of the note of thanks to somebody who contributed to a review that is closed. It names no child and no case:
//! what was learned stands in it in words that a person found safe. Must not decide what is safe, nor who is thanked.

use super::{Letter, queue_with};
use crate::casework::{Context, Outcome};
use crate::store::Tx;

/// One note.
pub struct Note<'a> {
    pub key: String,
    pub to: &'a str,
    pub case_id: &'a str,
    pub learned: Vec<&'a str>,
    /// What was recommended to the service of whoever is written to.
    pub recommended: Vec<&'a str>,
}

/// To somebody who contributed: thanks, and what was learned. Whether it was not written before.
pub fn thanks(tx: &mut Tx<'_>, ctx: &Context, note: &Note<'_>) -> Outcome<bool> {
    let list = |heading: &str, points: &[&str]| {
        if points.is_empty() {
            return String::new();
        }
        let points: Vec<String> = points.iter().map(|point| format!("- {point}")).collect();
        format!("\n\n{heading}\n{}", points.join("\n"))
    };
    let learned = list("What was learned:", &note.learned);
    let recommended = list("What was recommended to your service:", &note.recommended);
    let body = format!(
        "A child death review to which you contributed is closed. Thank you: we know that it took time beside your other \
         work, and that it was about the death of a child.{learned}{recommended}\n\nThis message names no child. If you \
         want to talk about the review, or about what it asked of you, telephone us."
    );
    let letter = Letter {
        name: "contributor_thanks",
        key: note.key.clone(),
        to: note.to,
        subject: "Thank you for contributing to a review",
        body,
        case_id: Some(note.case_id),
        request_id: None,
    };
    queue_with(tx, ctx, letter, None)
}

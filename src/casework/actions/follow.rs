//! What the analysis recommends and nobody follows up yet. Must not set anything.

use std::collections::BTreeSet;

use super::{FOLLOWS, said_of};
use crate::casework::picture::Picture;
use crate::casework::{Context, Outcome};
use crate::domain::action::Kind;
use crate::domain::form::{Answer, Answers};
use crate::store::Conn;
use crate::store::actions as store;
use crate::store::cases::Case;

/// A recommendation as the analysis has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recommended {
    pub words: String,
    /// The code of the agency it is for.
    pub agency: Option<String>,
}

/// What the analysis recommends and nobody follows up yet. What was set and withdrawn was decided on.
pub fn unfollowed(conn: &mut Conn, case: &Case, analysis: &Answers) -> Outcome<Vec<Recommended>> {
    let rows = analysis.rows("recommendations");
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let mut followed = BTreeSet::new();
    for row in store::of_case(conn, &case.id)? {
        let mut said = said_of(&row);
        followed.extend(said.remove(FOLLOWS));
        // Who set it in the same words followed it up, too.
        if row.kind == Kind::Recommendation.as_str() {
            followed.extend(said.remove("what"));
        }
    }
    let mut left: Vec<Recommended> = Vec::new();
    for row in rows {
        let Some(Answer::Text(words)) = row.get("recommendation") else {
            continue;
        };
        let words = words.replace("\r\n", "\n").trim().to_owned();
        let there = left.iter().any(|one| one.words == words);
        if words.is_empty() || there || followed.contains(&words) {
            continue;
        }
        let agency = match row.get("for_agency") {
            Some(Answer::Choice(code)) => Some(code.clone()),
            _ => None,
        };
        left.push(Recommended { words, agency });
    }
    Ok(left)
}

/// The same for a case, by what its record says now.
pub fn left_of(conn: &mut Conn, ctx: &Context, case: &Case) -> Outcome<Vec<Recommended>> {
    let known = Picture::load(conn, ctx, &case.id)?;
    match known.answers("analysis") {
        Some(answers) => unfollowed(conn, case, answers),
        None => Ok(Vec::new()),
    }
}

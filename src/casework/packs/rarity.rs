//! Whether age, place and cause of a death together could point to one child, however well its words are gone through. Must
//! not know the words.

use chrono::Days;
use serde::{Deserialize, Serialize};

use crate::casework::picture::Picture;
use crate::casework::{Context, Outcome};
use crate::store::cases::Case;
use crate::store::{Conn, packs as store};

/// So many alike are enough: a smaller group could point to one child.
const ENOUGH: usize = 5;
/// Deaths are compared over this many years.
const YEARS: u64 = 3;
/// Cases whose cause is looked at; with more of one age and district nobody is told by these.
const MOST: usize = 200;

/// How few there are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rarity {
    /// The age band, as its list says it.
    pub age: String,
    pub district: Option<String>,
    pub cause: Option<String>,
    /// Deaths of that age band, district and cause in the years, this one included.
    pub alike: usize,
    pub years: u64,
}

/// None where enough are alike.
pub(super) fn rarity(conn: &mut Conn, ctx: &Context, case: &Case) -> Outcome<Option<Rarity>> {
    let since = case.date_of_death - Days::new(YEARS * 365);
    let until = case.date_of_death + Days::new(YEARS * 365);
    let district = case.district.as_deref();
    let same = store::alike(conn, &case.age_band, district, (since, until), MOST)?;
    let category = cause_of(conn, ctx, &case.id)?;
    let mut alike = 0;
    for id in &same {
        // Where the cause is not known yet, nobody else is known to have had the same.
        let same = category.is_some() && cause_of(conn, ctx, id)? == category;
        if *id == case.id || same {
            alike += 1;
        }
        if alike >= ENOUGH {
            return Ok(None);
        }
    }
    let dict = ctx.house.dictionary();
    let say = |list: &str, code: &str| dict.label(list, code).unwrap_or(code).to_owned();
    Ok(Some(Rarity {
        age: say("age_band", &case.age_band),
        district: case.district.clone(),
        cause: category.map(|code| say("category_of_death", &code)),
        alike: alike.max(1),
        years: YEARS,
    }))
}

/// The category that was agreed, or the one that the notifier thought likely.
fn cause_of(conn: &mut Conn, ctx: &Context, case_id: &str) -> Outcome<Option<String>> {
    let known = Picture::load(conn, ctx, case_id)?;
    let agreed = known
        .answers("analysis")
        .and_then(|a| a.choice("primary_category"));
    let thought = known
        .answers("notification")
        .and_then(|a| a.choice("suspected_category"));
    Ok(agreed.or(thought).map(str::to_owned))
}

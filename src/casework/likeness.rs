//! Has this happened before? Keeps the codes by which a case is compared with others, and finds those that are alike: by
//! age band, category, mechanism, product, kind of place and factors, never by anything that tells who a child was. Must
//! not know how a page shows it.

use chrono::{Datelike, Months};

use super::picture::Picture;
use super::{Context, Error, Outcome, access};
use crate::domain::likeness::{Features, words};
use crate::domain::permission::{Scope, Verb, may, scope};
use crate::store::cases::{self, Case};
use crate::store::learning as store;
use crate::store::{Conn, Tx, requests};

/// How many years back is looked, and how many are shown.
const YEARS: u32 = 10;
const MOST: usize = 8;
/// What is not reviewed here is compared with nothing.
pub const ENDED: [&str; 4] = ["notified", "out_of_scope", "transferred_out", "joined"];
/// The dimension of the organisations that were asked. It is counted, and two cases are not alike by it.
const PROVIDER: &str = "provider";

/// Keeps the codes of a case as its record says them now.
pub(super) fn keep(tx: &mut Tx<'_>, ctx: &Context, case: &Case, known: &Picture) -> Outcome<()> {
    let mut features = ctx.house.likeness.features(&known.record());
    for request in requests::of_case(tx.conn(), &case.id)? {
        let code = request.organisation.filter(|code| {
            let listed = &ctx.house.organisations;
            listed.iter().any(|organisation| organisation.code == *code)
        });
        if let Some(code) = code {
            let all = features.0.entry(PROVIDER.to_owned()).or_default();
            all.insert(format!("organisation:{code}"));
        }
    }
    let row = store::Features {
        id: ctx.new_id(),
        case_id: case.id.clone(),
        died: case.date_of_death,
        body: serde_json::to_string(&features).map_err(|e| Error::Internal(e.to_string()))?,
    };
    Ok(store::put_features(tx, &row)?)
}

/// The codes of a row.
pub(super) fn read(row: &store::Features) -> Features {
    serde_json::from_str(&row.body).unwrap_or_default()
}

/// A case that is like another. Nothing in it tells which, but the reference, which only a reader of it is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alike {
    pub reference: Option<String>,
    pub year: i32,
    /// In hundredths.
    pub score: u32,
    /// Each dimension with its values in words, and whether this case shares one of them.
    pub lines: Vec<(String, Vec<String>, bool)>,
}

/// Cases like this one, the most alike first. The caller has reached the case. `named` gives the references of those that
/// this person may read.
pub fn alike(conn: &mut Conn, ctx: &Context, case: &Case, named: bool) -> Outcome<Vec<Alike>> {
    let Some(own) = store::features_of(conn, &case.id)?.as_ref().map(read) else {
        return Ok(Vec::new());
    };
    let since = ctx.today() - Months::new(YEARS * 12);
    let reader = access::sight(ctx).reader;
    let rule = &ctx.house.likeness;
    let mut found: Vec<(u32, store::Compared, Features)> = Vec::new();
    for other in store::compared(conn, Some(&reader), since, &ENDED)? {
        let theirs = read(&other.features);
        if other.features.case_id != case.id && rule.are_alike(&own, &theirs) {
            found.push((rule.alike(&own, &theirs), other, theirs));
        }
    }
    found.sort_by_key(|(score, ..)| std::cmp::Reverse(*score));
    let mut all = Vec::new();
    for (score, other, theirs) in found {
        if all.len() >= MOST {
            break;
        }
        if !is_kept_from(conn, ctx, &other.features.case_id)? {
            all.push(Alike {
                reference: reference(conn, ctx, &other, named)?,
                year: other.features.died.year(),
                score,
                lines: lines(ctx, &own, &theirs),
            });
        }
    }
    Ok(all)
}

/// Whoever once declared a personal interest in a case finds no trace of it.
fn is_kept_from(conn: &mut Conn, ctx: &Context, case_id: &str) -> Outcome<bool> {
    let (Scope::Listed, Some(user)) = (scope(&ctx.actor), ctx.actor.user_id()) else {
        return Ok(false);
    };
    access::is_personal(conn, user, case_id)
}

fn reference(
    conn: &mut Conn,
    ctx: &Context,
    other: &store::Compared,
    named: bool,
) -> Outcome<Option<String>> {
    let case = if named {
        cases::get(conn, &other.features.case_id)?
    } else {
        None
    };
    let Some(case) = case else {
        return Ok(None);
    };
    let facts = access::facts(conn, ctx, &case)?;
    Ok(may(&ctx.actor, Verb::ReadCase, &facts).then(|| other.reference.clone()))
}

fn lines(ctx: &Context, own: &Features, theirs: &Features) -> Vec<(String, Vec<String>, bool)> {
    let dict = ctx.house.dictionary();
    let all = ctx.house.likeness.dimensions().filter_map(|(code, label)| {
        let codes: Vec<&str> = theirs.of(code).collect();
        let shared = own.of(code).any(|code| codes.contains(&code));
        let said = codes.iter().map(|code| words(dict, code).to_owned());
        (!codes.is_empty()).then(|| (label.to_owned(), said.collect(), shared))
    });
    all.collect()
}

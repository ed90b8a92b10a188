//! Finding a child by name, NHS number or reference. What was typed comes by post, so that it stands in no
//! address and no log. Must not change anything.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web;
use serde_json::Value;

use super::worklist::{case_row, notified};
use crate::casework::{Context, Error, Outcome, access};
use crate::domain::duplicate::fold;
use crate::domain::event::Event;
use crate::domain::permission::{Facts, Scope, Verb, may, scope};
use crate::store::Conn;
use crate::store::cases::{self, Case, Sight};
use crate::store::marks::Likeness;
use crate::store::notifications::{self, Notification};
use crate::web::app::see_other;
use crate::web::{App, Page, Post, Visit};

type Data = web::Data<Arc<App>>;

/// More than this is no answer to a search.
const MOST: i64 = 50;
/// Longer than any name, number or reference.
const LONGEST: usize = 200;

/// What was found.
enum Found {
    /// A reference, typed whole: there is nothing to choose from.
    One(String),
    Some {
        cases: Vec<Value>,
        notifications: Vec<Value>,
    },
}

/// `POST /cases` with `q`.
pub async fn search(app: Data, visit: Visit, post: Post) -> Page {
    let q: String = post
        .text("q")
        .trim()
        .chars()
        .filter(|c| !c.is_control())
        .take(LONGEST)
        .collect();
    if q.is_empty() {
        let errors =
            vec![context! { text => "Enter a name, an NHS number or a reference", href => "#q" }];
        // Whoever may not search is told so before what was typed is looked at.
        app.read(&visit, |_, ctx| {
            ctx.allow(Verb::SeeWorklist, &Facts::default())
        })
        .await?;
        let page = context! { title => "Find a case", q, errors };
        return app.page(
            &visit,
            StatusCode::UNPROCESSABLE_ENTITY,
            "cases/search.html",
            page,
        );
    }
    let typed = q.clone();
    match app
        .read(&visit, move |conn, ctx| find(conn, ctx, &typed))
        .await?
    {
        Found::One(reference) => Ok(see_other(&format!("/cases/{reference}"))),
        Found::Some {
            cases,
            notifications,
        } => {
            let most = cases.len() >= usize::try_from(MOST).unwrap_or(usize::MAX);
            let page = context! { title => "Find a case", q, searched => true, cases, notifications, most };
            app.ok(&visit, "cases/search.html", page)
        }
    }
}

fn find(conn: &mut Conn, ctx: &Context, q: &str) -> Outcome<Found> {
    ctx.allow(Verb::SeeWorklist, &Facts::default())?;
    let none = Found::Some {
        cases: Vec::new(),
        notifications: Vec::new(),
    };
    let sight = access::sight(ctx);
    if sight.assigned_to.is_none() && scope(&ctx.actor) != Scope::All {
        return Ok(none);
    }
    let reference = q.to_uppercase();
    match access::reach(conn, ctx, &reference, Verb::ReadCaseOutline) {
        Ok(_) => {
            // What is read is the page that the browser is sent to.
            ctx.noted.forget_seen();
            let by = "reference".to_owned();
            ctx.note(None, None, &Event::CasesSearched { by, rows: 1 })?;
            return Ok(Found::One(reference));
        }
        Err(Error::NotFound) => {
            // A word that is no reference of theirs is no attempt at anybody's case.
        }
        Err(other) => return Err(other),
    }
    let digits = nhs_digits(q);
    let found = by_name_or_number(conn, &sight, q, &digits)?;
    let waiting = if may(&ctx.actor, Verb::ReadNotification, &Facts::default()) {
        undecided(conn, &sight, q, &digits)?
    } else {
        Vec::new()
    };
    let by = match (digits.is_empty(), q.contains('-')) {
        (false, _) => "number",
        (true, true) => "reference",
        (true, false) => "name",
    };
    let event = Event::CasesSearched {
        by: by.to_owned(),
        rows: found.len() + waiting.len(),
    };
    ctx.note(None, None, &event)?;
    Ok(Found::Some {
        cases: found.iter().map(|c| case_row(ctx, c)).collect(),
        notifications: waiting.iter().map(|n| notified(ctx, n)).collect(),
    })
}

/// By family name or one that sounds like it, and where two words were typed also by first name and family name.
fn by_name_or_number(conn: &mut Conn, sight: &Sight, q: &str, digits: &str) -> Outcome<Vec<Case>> {
    let folded = if digits.is_empty() {
        fold(q)
    } else {
        String::new()
    };
    let mut found = cases::alike(conn, sight, &likeness(&folded, digits), MOST)?;
    for (first, last) in halves(&folded) {
        let more = cases::alike(conn, sight, &likeness(&last, ""), MOST)?;
        let new = |c: &Case| !found.iter().any(|f| f.id == c.id);
        let fits: Vec<Case> = more
            .into_iter()
            .filter(|c| c.forenames_folded.starts_with(&first) && new(c))
            .collect();
        found.extend(fits);
    }
    Ok(found)
}

/// "sam sample" as first name and family name, and the other way round.
fn halves(folded: &str) -> Vec<(String, String)> {
    let (Some((start, last)), Some((first, rest))) =
        (folded.rsplit_once(' '), folded.split_once(' '))
    else {
        return Vec::new();
    };
    vec![
        (start.to_owned(), last.to_owned()),
        (rest.to_owned(), first.to_owned()),
    ]
}

/// Notifications that are no case yet.
fn undecided(conn: &mut Conn, sight: &Sight, q: &str, digits: &str) -> Outcome<Vec<Notification>> {
    let mut found: Vec<Notification> = notifications::by_reference(conn, &q.to_uppercase())?
        .into_iter()
        .collect();
    let name = if digits.is_empty() {
        fold(q)
    } else {
        String::new()
    };
    found.extend(notifications::alike(
        conn,
        sight,
        &likeness(&name, digits),
        MOST,
    )?);
    for (first, last) in halves(&name) {
        let more = notifications::alike(conn, sight, &likeness(&last, ""), MOST)?;
        let fits = more
            .into_iter()
            .filter(|n| n.forenames_folded.starts_with(&first));
        found.extend(fits);
    }
    found.retain(|n| matches!(n.state.as_str(), "received" | "held"));
    found.sort_by(|a, b| a.id.cmp(&b.id));
    found.dedup_by(|a, b| a.id == b.id);
    Ok(found)
}

fn likeness<'a>(surname: &'a str, digits: &'a str) -> Likeness<'a> {
    Likeness {
        nhs_number: (!digits.is_empty()).then_some(digits),
        surname,
        date_of_birth: None,
    }
}

/// Ten digits with any spaces or hyphens; nothing otherwise.
fn nhs_digits(q: &str) -> String {
    let digits: String = q.chars().filter(char::is_ascii_digit).collect();
    let only = q.chars().all(|c| {
        c.is_ascii_digit() || c.is_whitespace() || matches!(c, '-' | '\u{2010}'..='\u{2015}')
    });
    if only && digits.len() == 10 {
        digits
    } else {
        String::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_found_in_any_spacing_and_a_name_is_no_number() {
        for (typed, digits) in [
            ("999 000 0018", "9990000018"),
            ("999-000-0018", "9990000018"),
            ("Sample", ""),
            ("KM-2026-0001", ""),
        ] {
            assert_eq!(nhs_digits(typed), digits);
        }
    }

    #[test]
    fn two_words_are_a_first_name_and_a_family_name_in_either_order() {
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(
            halves("sam sample"),
            [pair("sam", "sample"), pair("sample", "sam")]
        );
        assert!(halves("sample").is_empty());
    }
}

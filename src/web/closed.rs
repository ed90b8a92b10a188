//! A reply to a request that is closed to whoever sent it: plain words, and what this one post said, to be copied. The
//! page is the same where there is no such request, so that it tells of none. Must not look at any request, nor keep
//! anything.

use std::sync::Arc;

use actix_web::http::{Method, StatusCode};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};
use serde_json::Value;

use super::visit;
use super::{App, Post, Visit};
use crate::casework::kept::may_be_kept;
use crate::domain::form::{Field, Form};

/// What the holder of a link posted, left with the request once it is known to come from a page of ours.
pub struct OfLink(pub Post);

/// What a page's own form holds that nobody typed.
const OURS: [&str; 10] = [
    "token", "version", "base", "left", "shown", "typed", "discard", "confirm", "question",
    "action",
];

/// The parts that a question's name may end with, and what they say.
const PARTS: [(&str, &str); 6] = [
    ("-day", " "),
    ("-month", " "),
    ("-year", " "),
    ("-hour", " "),
    ("-minute", ":"),
    ("-not_known", ", "),
];

/// The page for a post behind a link that found nothing; none for any other.
pub fn page(request: &HttpRequest, correlation: &str) -> Option<HttpResponse> {
    if request.method() != Method::POST || !request.path().starts_with("/requests/") {
        return None;
    }
    let app = request.app_data::<web::Data<Arc<App>>>()?;
    let visit = Visit {
        correlation: correlation.to_owned(),
        path: request.path().to_owned(),
        caller: visit::caller(request, app),
        ..Visit::default()
    };
    let dict = app.house.dictionary();
    let form = request
        .match_info()
        .get("form")
        .and_then(|code| dict.form(code));
    let boxes = request
        .extensions()
        .get::<OfLink>()
        .map(|held| boxes(&held.0, form, |list, code| dict.label(list, code)))
        .unwrap_or_default();
    let typed: Vec<Value> = boxes
        .iter()
        .map(|(label, value)| context! { label, value })
        .collect();
    let page = context! {
        title => "This is closed to you", typed, request_id => correlation,
    };
    app.page(&visit, StatusCode::NOT_FOUND, "requests/closed.html", page)
        .ok()
}

/// What was typed, each question once and in its order: what it is called, and the words.
fn boxes<'d>(
    post: &Post,
    form: Option<&'d Form>,
    label: impl Fn(&str, &str) -> Option<&'d str>,
) -> Vec<(String, String)> {
    let mut all: Vec<(&str, (String, String))> = Vec::new();
    let said = post.0.0.iter().filter(|(name, value)| {
        let ours = OURS.contains(&name.as_str()) || name.starts_with("shown-");
        may_be_kept(name) && !ours && !value.trim().is_empty()
    });
    for (name, value) in said {
        let (whole, joint) = PARTS
            .iter()
            .find_map(|(end, joint)| Some((name.strip_suffix(end)?, *joint)))
            .unwrap_or((name.as_str(), ", "));
        let (called, field) = form
            .and_then(|form| question(form, whole))
            .unwrap_or_else(|| (plain(whole), None));
        let code = field.and_then(|field| label(field.codes.as_deref()?, value));
        let words = if name.ends_with("-not_known") {
            "Not known"
        } else {
            code.unwrap_or(value)
        };
        match all.iter_mut().find(|(of, _)| *of == whole) {
            Some((_, (_, text))) => {
                text.push_str(joint);
                text.push_str(words);
            }
            None => all.push((whole, (called, words.to_owned()))),
        }
    }
    all.into_iter().map(|(_, shown)| shown).collect()
}

/// What a question of the form is called; for a table's cell its line and column.
fn question<'d>(form: &'d Form, name: &str) -> Option<(String, Option<&'d Field>)> {
    if let Some(field) = form.field(name) {
        return Some((field.label.clone(), Some(field)));
    }
    let mut parts = name.splitn(3, '-');
    let table = form.field(parts.next()?)?;
    let line: usize = parts.next()?.parse().ok()?;
    let column = table.column(parts.next()?)?;
    let called = format!(
        "{}, line {}: {}",
        table.label,
        line.saturating_add(1),
        column.label
    );
    Some((called, Some(column)))
}

/// A name that is no question's, in words.
fn plain(name: &str) -> String {
    if name.starts_with("why-") {
        return "Why it is right".into();
    }
    let words = name.replace(['_', '-'], " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::form::Posted;

    #[test]
    fn nothing_of_ours_and_no_secret_is_given_back() {
        let pairs = [
            ("csrf", "x"),
            ("code", "123 456"),
            ("token", "abc"),
            ("version", "3"),
            ("until-day", "1"),
            ("until-month", "6"),
            ("until-year", "2026"),
            ("reason", "Words of mine."),
            ("name", "  "),
        ];
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let post = Post(Posted(pairs.into()));
        let wanted = [("Until", "1 6 2026"), ("Reason", "Words of mine.")];
        let wanted = wanted.map(|(label, value)| (label.to_owned(), value.to_owned()));
        assert_eq!(boxes(&post, None, |_, _| None), wanted);
    }
}

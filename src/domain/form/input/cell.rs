//! One answer of a post, under whatever name: a question's, or a table's cell's.

use super::Post;
use crate::domain::form::parse::{self, Misread, Read};
use crate::domain::form::phrase::the;
use crate::domain::form::{Answer, Dictionary, Field, Kind};

pub(super) fn read(
    dict: &Dictionary,
    field: &Field,
    name: &str,
    post: &Post,
) -> Read<Option<Answer>> {
    let value = value(dict, field, name, post);
    if !post.says_not_known(name) {
        return value;
    }
    match value {
        Ok(None) => Ok(Some(parse::not_known(dict, field))),
        Ok(Some(answer)) if answer.is_not_known() => Ok(Some(answer)),
        _ => {
            let message = format!(
                "Answer {}, or say that it is not known, but not both",
                the(field)
            );
            Err(Misread {
                rule: "not_known",
                message,
            })
        }
    }
}

fn value(dict: &Dictionary, field: &Field, name: &str, post: &Post) -> Read<Option<Answer>> {
    let one = post.one(name);
    match field.kind {
        Kind::Date => date(field, name, post).map(|date| date.map(Answer::Date)),
        Kind::DateTime => moment(field, name, post),
        Kind::Time => time(field, name, post),
        Kind::MultiChoice => {
            let answer = parse::choices(dict, field, post.all(name))?;
            Ok(Some(answer).filter(|answer| !answer.is_blank()))
        }
        Kind::Table => Ok(None),
        _ if one.trim().is_empty() => Ok(None),
        Kind::Text | Kind::LongText => text(field, one),
        Kind::Boolean => parse::boolean(field, one).map(Some),
        Kind::Integer => parse::integer(field, one).map(|n| Some(Answer::Integer(n))),
        Kind::Decimal => parse::decimal(field, one).map(|n| Some(Answer::Decimal(n))),
        Kind::SingleChoice | Kind::YesNoUnknown => parse::choice(dict, field, one).map(Some),
    }
}

fn text(field: &Field, raw: &str) -> Read<Option<Answer>> {
    let text = parse::clean(field, raw);
    if text.is_empty() {
        return Ok(None);
    }
    let text = parse::canonical(field, text)?;
    match parse::too_long(field, &text) {
        Some(misread) => Err(misread),
        None => Ok(Some(Answer::Text(text))),
    }
}

/// Three boxes, or the whole date under the field's own name.
fn date(field: &Field, name: &str, post: &Post) -> Read<Option<chrono::NaiveDate>> {
    let [day, month, year] = ["day", "month", "year"].map(|part| post.part(name, part));
    let whole = post.one(name);
    if [day, month, year]
        .iter()
        .any(|part| !part.trim().is_empty())
    {
        parse::date_in_parts(field, day, month, year).map(Some)
    } else if whole.trim().is_empty() {
        Ok(None)
    } else {
        parse::date(field, whole).map(Some)
    }
}

fn moment(field: &Field, name: &str, post: &Post) -> Read<Option<Answer>> {
    let [hour, minute] = ["hour", "minute"].map(|part| post.part(name, part));
    let timeless = hour.trim().is_empty() && minute.trim().is_empty();
    if let Some((day, clock)) = post.one(name).trim().split_once(['T', ' '])
        && timeless
        && ["day", "month", "year"]
            .iter()
            .all(|part| post.part(name, part).trim().is_empty())
    {
        let day = parse::date(field, day)?;
        return Ok(Some(Answer::DateTime(
            day.and_time(parse::time(field, clock)?),
        )));
    }
    match date(field, name, post)? {
        Some(day) => {
            let time = parse::time_in_parts(field, hour, minute)?;
            Ok(Some(Answer::DateTime(day.and_time(time))))
        }
        None if timeless => Ok(None),
        None => parse::date_in_parts(field, "", "", "").map(|_| None),
    }
}

/// One box, or two.
fn time(field: &Field, name: &str, post: &Post) -> Read<Option<Answer>> {
    let [hour, minute] = ["hour", "minute"].map(|part| post.part(name, part));
    let whole = post.one(name);
    let time = if !whole.trim().is_empty() {
        parse::time(field, whole)?
    } else if hour.trim().is_empty() && minute.trim().is_empty() {
        return Ok(None);
    } else {
        parse::time_in_parts(field, hour, minute)?
    };
    Ok(Some(Answer::Time(time)))
}

//! Marking a question of a form as checked against the official form, and taking that back. Only what is
//! marked may leave in the return when its basis is not `seen`. Must not change the forms themselves.

use super::{Context, Error, House, Outcome, record};
use crate::domain::event::Event;
use crate::domain::form::{Basis, Dictionary, Field, Form};
use crate::domain::permission::{Facts, Verb};
use crate::store::{Conn, Tx, records, returns};

/// One question of one form of one version. A table's column is `table.column`.
#[derive(Clone, Debug)]
pub struct Place {
    pub version: String,
    pub form: String,
    pub field: String,
}

impl Place {
    fn key(&self) -> (String, String, String) {
        (self.version.clone(), self.form.clone(), self.field.clone())
    }
}

/// The form of exactly this version; unlike old answers, a page about a version must not show another.
pub fn find<'a>(
    ctx: &'a Context,
    version: &str,
    form: &str,
) -> Outcome<(&'a Dictionary, &'a Form)> {
    let dict = ctx.house.library.version(version).ok_or(Error::NotFound)?;
    Ok((dict, dict.form(form).ok_or(Error::NotFound)?))
}

/// The versions to which answers are kept and which this program does not have. With one of these it must not serve:
/// answers would be read by the questions of another version.
pub fn missing_versions(conn: &mut Conn, house: &House) -> Outcome<Vec<String>> {
    let mut all = records::versions(conn)?;
    all.retain(|version| house.library.version(version).is_none());
    Ok(all.into_iter().collect())
}

/// A question by its key, `field` or `table.column`.
pub fn field_of<'a>(form: &'a Form, key: &str) -> Option<&'a Field> {
    match key.split_once('.') {
        Some((table, column)) => form.field(table)?.column(column),
        None => form.field(key),
    }
}

/// Marks a question as checked against the official form.
pub fn verify(tx: &mut Tx<'_>, ctx: &Context, place: &Place) -> Outcome<()> {
    let label = markable(ctx, place)?;
    if returns::verified(tx.conn())?.contains(&place.key()) {
        tx.unchanged();
        return Ok(());
    }
    let key = (
        place.version.as_str(),
        place.form.as_str(),
        place.field.as_str(),
    );
    returns::verify(tx, key, &ctx.actor.label(), ctx.stamp())?;
    let event = Event::FieldVerified {
        version: place.version.clone(),
        form: place.form.clone(),
        field: place.field.clone(),
        label,
    };
    record(tx, ctx, None, None, &event)
}

/// Takes the mark back.
pub fn unverify(tx: &mut Tx<'_>, ctx: &Context, place: &Place) -> Outcome<()> {
    let label = markable(ctx, place)?;
    if !returns::verified(tx.conn())?.contains(&place.key()) {
        tx.unchanged();
        return Ok(());
    }
    let key = (
        place.version.as_str(),
        place.form.as_str(),
        place.field.as_str(),
    );
    returns::unverify(tx, key)?;
    let event = Event::FieldUnverified {
        version: place.version.clone(),
        form: place.form.clone(),
        field: place.field.clone(),
        label,
    };
    record(tx, ctx, None, None, &event)
}

/// The question's label, when this actor may mark it and there is anything to mark.
fn markable(ctx: &Context, place: &Place) -> Outcome<String> {
    ctx.allow(Verb::VerifyField, &Facts::default())?;
    let (_, form) = find(ctx, &place.version, &place.form)?;
    let field = field_of(form, &place.field).ok_or(Error::NotFound)?;
    if field.basis == Basis::Seen {
        return Err(Error::Rule(
            "This question was seen on the official form, so there is nothing to mark.".into(),
        ));
    }
    Ok(field.label.clone())
}

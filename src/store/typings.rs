//! What is being typed and was not saved, sealed, and who has which form open. Must not know what any form asks.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::schema::typings;
use super::{Conn, StoreError, Tx};

/// One hand at one page of a form.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = typings)]
#[diesel(treat_none_as_default_value = false)]
pub struct Typing {
    /// The form that is filled in.
    pub place: String,
    /// The page of it.
    pub part: String,
    /// Whose it is.
    pub hand: String,
    /// What was typed; none while the page is only open.
    pub sealed: Option<String>,
    pub typed_at: Option<NaiveDateTime>,
    pub seen_at: NaiveDateTime,
}

/// Puts a row in place of the one before it. What was typed stays when nothing newer is given.
pub fn put(tx: &mut Tx<'_>, row: &Typing) -> Result<(), StoreError> {
    let place = (&row.place, &row.part, &row.hand);
    let hit = diesel::update(typings::table.find(place))
        .set(row)
        .execute(tx.engine())?;
    if hit == 0 {
        crate::each_engine!(tx.engine(), |c| diesel::insert_into(typings::table)
            .values(row)
            .on_conflict((typings::place, typings::part, typings::hand))
            .do_nothing()
            .execute(c))?;
    }
    Ok(())
}

pub fn get(
    conn: &mut Conn,
    place: &str,
    part: &str,
    hand: &str,
) -> Result<Option<Typing>, StoreError> {
    Ok(typings::table
        .find((place, part, hand))
        .select(Typing::as_select())
        .get_result(conn.engine())
        .optional()?)
}

/// The pages of a form that other hands have had open since a moment, each with the hand.
pub fn others(
    conn: &mut Conn,
    place: &str,
    hand: &str,
    since: NaiveDateTime,
) -> Result<Vec<(String, String)>, StoreError> {
    Ok(typings::table
        .filter(typings::place.eq(place))
        .filter(typings::hand.ne(hand))
        .filter(typings::seen_at.ge(since))
        .order(typings::part.asc())
        .select((typings::part, typings::hand))
        .load(conn.engine())?)
}

/// What every hand typed in a form and did not save, the newest last.
pub fn of_place(conn: &mut Conn, place: &str) -> Result<Vec<Typing>, StoreError> {
    Ok(typings::table
        .filter(typings::place.eq(place))
        .filter(typings::sealed.is_not_null())
        .order((typings::typed_at.asc(), typings::hand.asc()))
        .select(Typing::as_select())
        .load(conn.engine())?)
}

/// Forgets a form in every hand.
pub fn forget_place(tx: &mut Tx<'_>, place: &str) -> Result<(), StoreError> {
    diesel::delete(typings::table.filter(typings::place.eq(place))).execute(tx.engine())?;
    Ok(())
}

pub fn forget(tx: &mut Tx<'_>, place: &str, part: &str, hand: &str) -> Result<(), StoreError> {
    diesel::delete(typings::table.find((place, part, hand))).execute(tx.engine())?;
    Ok(())
}

/// Forgets what nobody came back to.
pub fn forget_before(tx: &mut Tx<'_>, since: NaiveDateTime) -> Result<(), StoreError> {
    diesel::delete(typings::table.filter(typings::seen_at.lt(since))).execute(tx.engine())?;
    Ok(())
}

//! Whether the keys given at the start are those that this database was made with. The embedded engine would
//! refuse a wrong key by itself; a server's database opens without one. Must not know what is sealed.

use diesel::prelude::*;

use super::schema::settings;
use super::{Conn, StoreError};

const NAME: &str = "key_check";
/// What is sealed under that name; its words do not matter.
const TEXT: &str = "these are the keys of this database";

/// Leaves a sealed text at the first start and opens it at each later one.
pub(super) fn fits(conn: &mut Conn) -> Result<(), StoreError> {
    let fresh = conn.keys().seal("settings", "value", NAME, TEXT);
    let row = (settings::key.eq(NAME), settings::value.eq(fresh));
    crate::each_engine!(conn.engine(), |c| diesel::insert_into(settings::table)
        .values(&row)
        .on_conflict(settings::key)
        .do_nothing()
        .execute(c))?;
    let kept: String = settings::table
        .find(NAME)
        .select(settings::value)
        .get_result(conn.engine())?;
    match conn
        .keys()
        .open("settings", "value", NAME, &kept)
        .as_deref()
    {
        Ok(TEXT) => Ok(()),
        _ => Err(StoreError::Unavailable(
            "the key does not open this database".into(),
        )),
    }
}

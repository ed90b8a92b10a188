//! What somebody posted after the session had ended: one for each session, sealed.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::schema::kept_posts;
use super::{Conn, StoreError, Tx};

/// A post that was not taken.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(treat_none_as_default_value = false)]
#[diesel(table_name = kept_posts)]
pub struct KeptPost {
    pub session_id: String,
    pub user_id: String,
    pub path: String,
    pub sealed: String,
    pub created_at: NaiveDateTime,
}

/// Keeps a post in place of what the same session posted before, and forgets what is older than `since`.
pub fn keep(tx: &mut Tx<'_>, post: &KeptPost, since: NaiveDateTime) -> Result<(), StoreError> {
    diesel::delete(
        kept_posts::table.filter(
            kept_posts::session_id
                .eq(&post.session_id)
                .or(kept_posts::created_at.lt(since)),
        ),
    )
    .execute(tx.engine())?;
    diesel::insert_into(kept_posts::table)
        .values(post)
        .execute(tx.engine())?;
    Ok(())
}

pub fn get(conn: &mut Conn, session_id: &str) -> Result<Option<KeptPost>, StoreError> {
    Ok(kept_posts::table
        .find(session_id)
        .select(KeptPost::as_select())
        .get_result(conn.engine())
        .optional()?)
}

pub fn forget(tx: &mut Tx<'_>, session_id: &str) -> Result<(), StoreError> {
    diesel::delete(kept_posts::table.find(session_id)).execute(tx.engine())?;
    Ok(())
}

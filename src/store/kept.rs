//! What somebody posted and what was not taken, sealed.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::schema::kept_posts;
use super::{Conn, StoreError, Tx};

/// A post that was not taken.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(treat_none_as_default_value = false)]
#[diesel(table_name = kept_posts)]
pub struct KeptPost {
    pub id: String,
    pub session_id: String,
    pub user_id: String,
    pub path: String,
    pub sealed: String,
    pub created_at: NaiveDateTime,
}

/// So many are kept of one session; the oldest give way.
const MOST: i64 = 20;

/// Keeps a post, and forgets what is older than `since`.
pub fn keep(tx: &mut Tx<'_>, post: &KeptPost, since: NaiveDateTime) -> Result<(), StoreError> {
    diesel::delete(kept_posts::table.filter(kept_posts::created_at.lt(since)))
        .execute(tx.engine())?;
    diesel::insert_into(kept_posts::table)
        .values(post)
        .execute(tx.engine())?;
    let of_session: Vec<String> = kept_posts::table
        .filter(kept_posts::session_id.eq(&post.session_id))
        .order((kept_posts::created_at.desc(), kept_posts::id.desc()))
        .limit(1_000)
        .offset(MOST)
        .select(kept_posts::id)
        .load(tx.engine())?;
    diesel::delete(kept_posts::table.filter(kept_posts::id.eq_any(of_session)))
        .execute(tx.engine())?;
    Ok(())
}

pub fn get(conn: &mut Conn, id: &str) -> Result<Option<KeptPost>, StoreError> {
    Ok(kept_posts::table
        .find(id)
        .select(KeptPost::as_select())
        .get_result(conn.engine())
        .optional()?)
}

pub fn forget(tx: &mut Tx<'_>, id: &str) -> Result<(), StoreError> {
    diesel::delete(kept_posts::table.find(id)).execute(tx.engine())?;
    Ok(())
}

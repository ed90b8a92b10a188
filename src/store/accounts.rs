//! Staff accounts and their sessions. Names and addresses are sealed; an account is found by its address's mark.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::schema::{sessions, users};
use super::sealed::{Place, Sealable, SealedRow, opened, sealed_row};
use super::{Conn, StoreError, Tx, marks};

sealed_row! {
    /// A member of staff as stored. `role` is the code of contracts' role list.
    pub struct User, UserRow of users {
        plain {
            id: String,
            role: String,
            organisation: Option<String>,
            password_hash: String,
            active: bool,
            created_at: NaiveDateTime,
            version: i32,
        }
        sealed {
            email: String,
            name: String,
        }
        marked {
            email_mark: String = |user: &User, keys| marks::address(keys, &user.email),
        }
    }
}

/// A signed-in browser. Only a keyed hash of its token is stored.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(treat_none_as_default_value = false)]
#[diesel(table_name = sessions)]
pub struct Session {
    pub id: String,
    pub token_hash: String,
    pub user_id: String,
    pub created_at: NaiveDateTime,
    pub last_seen_at: NaiveDateTime,
    pub expires_at: NaiveDateTime,
    pub ended_at: Option<NaiveDateTime>,
    /// When the second factor was last checked in this session.
    pub factor_at: Option<NaiveDateTime>,
    /// The kind of browser, in words.
    pub browser: Option<String>,
}

pub fn insert_user(tx: &mut Tx<'_>, user: &User) -> Result<(), StoreError> {
    let sealed = user.seal(tx.conn().keys());
    diesel::insert_into(users::table)
        .values(&sealed)
        .execute(tx.engine())?;
    Ok(())
}

/// The account with this address, compared without regard to case.
pub fn by_email(conn: &mut Conn, email: &str) -> Result<Option<User>, StoreError> {
    let mark = marks::address(conn.keys(), email);
    let row = users::table
        .filter(users::email_mark.eq(mark))
        .select(UserRow::as_select())
        .get_result(conn.engine())
        .optional()?;
    opened(conn, row)
}

pub fn by_id(conn: &mut Conn, id: &str) -> Result<Option<User>, StoreError> {
    let row = users::table
        .find(id)
        .select(UserRow::as_select())
        .get_result(conn.engine())
        .optional()?;
    opened(conn, row)
}

/// Every account, in the order of names.
pub fn list(conn: &mut Conn) -> Result<Vec<User>, StoreError> {
    let rows = users::table
        .select(UserRow::as_select())
        .load(conn.engine())?;
    let rows: Vec<UserRow> = rows;
    let read = rows.iter().map(|row| {
        row.open(conn.keys()).unwrap_or_else(|_| {
            conn.met_damaged("users", &row.id);
            User {
                name: UNREADABLE.to_owned(),
                ..row.unread()
            }
        })
    });
    let mut all: Vec<User> = read.collect();
    all.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    Ok(all)
}

/// Stands for a name that is not as it was written: one damaged account must not hide the others.
const UNREADABLE: &str = "Name cannot be read";

/// The name of an account as it lies in the database.
pub(super) fn opened_name(conn: &Conn, user_id: &str, kept: &Vec<u8>) -> String {
    let place = Place {
        table: "users",
        column: "name",
        row: user_id,
    };
    String::open(kept, conn.keys(), place).unwrap_or_else(|_| {
        conn.met_damaged("users", user_id);
        UNREADABLE.to_owned()
    })
}

pub fn insert_session(tx: &mut Tx<'_>, session: &Session) -> Result<(), StoreError> {
    diesel::insert_into(sessions::table)
        .values(session)
        .execute(tx.engine())?;
    Ok(())
}

/// The session behind a token's hash with its account, whatever their state; the caller judges both.
pub fn session(conn: &mut Conn, token_hash: &str) -> Result<Option<(Session, User)>, StoreError> {
    let found: Option<(Session, UserRow)> = sessions::table
        .inner_join(users::table)
        .filter(sessions::token_hash.eq(token_hash))
        .select((Session::as_select(), UserRow::as_select()))
        .get_result(conn.engine())
        .optional()?;
    let Some((session, user)) = found else {
        return Ok(None);
    };
    Ok(opened(conn, Some(user))?.map(|user| (session, user)))
}

pub fn touch_session(tx: &mut Tx<'_>, id: &str, now: NaiveDateTime) -> Result<(), StoreError> {
    diesel::update(sessions::table.find(id))
        .set(sessions::last_seen_at.eq(now))
        .execute(tx.engine())?;
    // Being seen is not an act of its own: it leaves no event and so counts as one already left.
    tx.recorded();
    Ok(())
}

pub fn end_session(tx: &mut Tx<'_>, id: &str, now: NaiveDateTime) -> Result<(), StoreError> {
    diesel::update(sessions::table.find(id))
        .set(sessions::ended_at.eq(now))
        .execute(tx.engine())?;
    Ok(())
}

/// The sessions of one person that are not ended and not yet over, the newest first.
pub fn sessions_of(
    conn: &mut Conn,
    user_id: &str,
    now: NaiveDateTime,
    seen_since: NaiveDateTime,
) -> Result<Vec<Session>, StoreError> {
    Ok(sessions::table
        .filter(sessions::user_id.eq(user_id))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(now))
        .filter(sessions::last_seen_at.gt(seen_since))
        .order(sessions::created_at.desc())
        .select(Session::as_select())
        .load(conn.engine())?)
}

/// Ends the sessions of one person, but for one; says how many.
pub fn end_sessions(
    tx: &mut Tx<'_>,
    user_id: &str,
    but: Option<&str>,
    now: NaiveDateTime,
) -> Result<usize, StoreError> {
    Ok(diesel::update(
        sessions::table
            .filter(sessions::user_id.eq(user_id))
            .filter(sessions::ended_at.is_null())
            .filter(sessions::id.ne(but.unwrap_or_default())),
    )
    .set(sessions::ended_at.eq(now))
    .execute(tx.engine())?)
}

/// Gives a session a new token, and notes that its factor was checked.
pub fn renew_session(
    tx: &mut Tx<'_>,
    id: &str,
    token_hash: &str,
    factor_at: Option<NaiveDateTime>,
) -> Result<(), StoreError> {
    diesel::update(sessions::table.find(id))
        .set((
            sessions::token_hash.eq(token_hash),
            sessions::factor_at.eq(factor_at),
        ))
        .execute(tx.engine())?;
    Ok(())
}

/// Saves role, organisation and standing if nobody saved since `version`.
pub fn change_user(tx: &mut Tx<'_>, user: &User, version: i32) -> Result<bool, StoreError> {
    let hit = diesel::update(
        users::table
            .find(&user.id)
            .filter(users::version.eq(version)),
    )
    .set((
        users::role.eq(&user.role),
        users::organisation.eq(&user.organisation),
        users::active.eq(user.active),
        users::version.eq(version + 1),
    ))
    .execute(tx.engine())?;
    Ok(hit == 1)
}

pub fn set_password(tx: &mut Tx<'_>, id: &str, hash: &str) -> Result<(), StoreError> {
    diesel::update(users::table.find(id))
        .set((
            users::password_hash.eq(hash),
            users::version.eq(users::version + 1),
        ))
        .execute(tx.engine())?;
    Ok(())
}

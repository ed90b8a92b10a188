//! Who is assigned to which case.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::cases::Person;
use super::restrictions::hidden_from;
use super::schema::{case_people, cases, users};
use super::sealed::{self, Sealable};
use super::{Conn, StoreError, Tx, accounts};

/// One person on one case. `role` is the one the person had when assigned.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(treat_none_as_default_value = false)]
#[diesel(table_name = case_people)]
pub struct Place {
    pub case_id: String,
    pub user_id: String,
    pub role: String,
    pub since: NaiveDateTime,
    /// Who assigned the person, as the timeline says it; sealed.
    assigned_by: Vec<u8>,
}

impl Place {
    /// Puts an account, in its role, on a case.
    pub fn new(
        conn: &Conn,
        case_id: &str,
        user: &accounts::User,
        by: &str,
        since: NaiveDateTime,
    ) -> Self {
        let row = format!("{case_id}/{}", user.id);
        Self {
            case_id: case_id.to_owned(),
            user_id: user.id.clone(),
            role: user.role.clone(),
            since,
            assigned_by: by.to_owned().seal(conn.keys(), assigner(&row)),
        }
    }

    /// Who assigned the person.
    pub fn assigned_by(&self, conn: &Conn) -> Result<String, StoreError> {
        let row = format!("{}/{}", self.case_id, self.user_id);
        String::open(&self.assigned_by, conn.keys(), assigner(&row)).map_err(|_| {
            StoreError::Damaged {
                table: "case_people",
                row,
            }
        })
    }
}

const fn assigner(row: &str) -> sealed::Place<'_> {
    sealed::Place {
        table: "case_people",
        column: "assigned_by",
        row,
    }
}

pub fn insert(tx: &mut Tx<'_>, place: &Place) -> Result<(), StoreError> {
    diesel::insert_into(case_people::table)
        .values(place)
        .execute(tx.engine())?;
    Ok(())
}

/// Takes a person off a case; `false` when the person was not on it.
pub fn remove(tx: &mut Tx<'_>, case_id: &str, user_id: &str) -> Result<bool, StoreError> {
    let hit = diesel::delete(case_people::table.find((case_id, user_id))).execute(tx.engine())?;
    Ok(hit == 1)
}

pub fn get(conn: &mut Conn, case_id: &str, user_id: &str) -> Result<Option<Place>, StoreError> {
    Ok(case_people::table
        .find((case_id, user_id))
        .select(Place::as_select())
        .get_result(conn.engine())
        .optional()?)
}

/// Everybody on a case with the name of the account, in the order of names.
pub fn of_case(conn: &mut Conn, case_id: &str) -> Result<Vec<(Place, String)>, StoreError> {
    let rows: Vec<(Place, Vec<u8>)> = case_people::table
        .inner_join(users::table)
        .filter(case_people::case_id.eq(case_id))
        .select((Place::as_select(), users::name))
        .load(conn.engine())?;
    let mut all = Vec::with_capacity(rows.len());
    for (place, kept) in rows {
        let name = accounts::opened_name(conn, &place.user_id, &kept);
        all.push((place, name));
    }
    all.sort_by(|(a, x), (b, y)| (x, &a.user_id).cmp(&(y, &b.user_id)));
    Ok(all)
}

/// What a list of the cases of one person counts by: state, whether open, and when something is due. A restricted
/// case counts only where the person is named on it.
pub fn standing(
    conn: &mut Conn,
    user_id: &str,
    role: &str,
) -> Result<Vec<(String, bool, NaiveDateTime)>, StoreError> {
    Ok(case_people::table
        .inner_join(cases::table)
        .filter(case_people::user_id.eq(user_id))
        .filter(case_people::role.eq(role))
        .filter(case_people::case_id.ne_all(hidden_from(user_id.to_owned())))
        .select((cases::state, cases::open, cases::next_due_at))
        .load(conn.engine())?)
}

/// The ids of the cases that an account is assigned to in the role it has now.
#[diesel::dsl::auto_type]
pub(super) fn ids_of(person: &Person) -> _ {
    let (user_id, role): (String, String) = (person.user_id.clone(), person.role.clone());
    case_people::table
        .filter(case_people::user_id.eq(user_id))
        .filter(case_people::role.eq(role))
        .select(case_people::case_id)
}

//! What is learned across cases: points that may be shared, themes, and the codes by which two cases are alike. Must not
//! know what any of it says.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::restrictions::hidden_from;
use super::schema::{case_features, cases, shared_points};
use super::sealed::{all_opened, opened, sealed_row};
use super::{Conn, StoreError, Tx};

mod themes {
    use super::{Conn, NaiveDateTime, StoreError, Tx, all_opened, hidden_from, sealed_row};
    use crate::store::schema::{case_themes, cases};
    use diesel::prelude::*;

    sealed_row! {
        /// A theme that somebody put on a case.
        pub struct Theme, ThemeRow of case_themes {
            plain {
                id: String,
                case_id: String,
                /// A code of `themes.csv`.
                theme: String,
                set_at: NaiveDateTime,
            }
            sealed {
                set_by: String,
            }
            marked {}
        }
    }

    pub fn put_theme(tx: &mut Tx<'_>, row: &Theme) -> Result<(), StoreError> {
        let sealed = row.seal(tx.conn().keys());
        diesel::insert_into(case_themes::table)
            .values(&sealed)
            .execute(tx.engine())?;
        Ok(())
    }

    pub fn drop_theme(tx: &mut Tx<'_>, id: &str) -> Result<(), StoreError> {
        diesel::delete(case_themes::table.find(id)).execute(tx.engine())?;
        Ok(())
    }

    pub fn themes_of(conn: &mut Conn, case_id: &str) -> Result<Vec<Theme>, StoreError> {
        let rows = case_themes::table
            .filter(case_themes::case_id.eq(case_id))
            .order(case_themes::theme.asc())
            .select(ThemeRow::as_select())
            .load::<ThemeRow>(conn.engine())?;
        all_opened(conn, rows)
    }

    /// Every theme with its case, as this reader may count it: theme, id and reference of the case.
    pub fn themed(
        conn: &mut Conn,
        reader: &str,
    ) -> Result<Vec<(String, String, String)>, StoreError> {
        Ok(case_themes::table
            .inner_join(cases::table)
            .filter(cases::id.ne_all(hidden_from(reader.to_owned())))
            .order((case_themes::theme.asc(), cases::reference.asc()))
            .select((case_themes::theme, cases::id, cases::reference))
            .load(conn.engine())?)
    }
}

pub use themes::{Theme, drop_theme, put_theme, themed, themes_of};

mod points {
    use super::{Conn, NaiveDateTime, StoreError, Tx, all_opened, sealed_row, shared_points};
    use diesel::prelude::*;

    sealed_row! {
        /// Something learned that a person found safe to share.
        pub struct Point, PointRow of shared_points {
            plain {
                id: String,
                case_id: String,
                /// `learning` or `recommendation`.
                kind: String,
                /// For which agency a recommendation is.
                agency: Option<String>,
                agreed_at: NaiveDateTime,
            }
            sealed {
                words: String,
                agreed_by: String,
            }
            marked {}
        }
    }

    pub fn put_point(tx: &mut Tx<'_>, row: &Point) -> Result<(), StoreError> {
        let sealed = row.seal(tx.conn().keys());
        diesel::insert_into(shared_points::table)
            .values(&sealed)
            .execute(tx.engine())?;
        Ok(())
    }

    pub fn drop_points(tx: &mut Tx<'_>, case_id: &str) -> Result<(), StoreError> {
        let all = shared_points::table.filter(shared_points::case_id.eq(case_id));
        diesel::delete(all).execute(tx.engine())?;
        Ok(())
    }

    pub fn points_of(conn: &mut Conn, case_id: &str) -> Result<Vec<Point>, StoreError> {
        let rows = shared_points::table
            .filter(shared_points::case_id.eq(case_id))
            .order(shared_points::id.asc())
            .select(PointRow::as_select())
            .load::<PointRow>(conn.engine())?;
        all_opened(conn, rows)
    }
}

pub use points::{Point, drop_points, points_of, put_point};

sealed_row! {
    /// The codes of one case by which it is compared with others.
    pub struct Features, Row of case_features {
        plain {
            id: String,
            case_id: String,
            died: NaiveDate,
        }
        sealed {
            /// As JSON, by dimension.
            body: String,
        }
        marked {}
    }
}

/// Puts the codes of a case in the place of those that were there.
pub fn put_features(tx: &mut Tx<'_>, row: &Features) -> Result<(), StoreError> {
    let before = features_of(tx.conn(), &row.case_id)?;
    if let Some(before) = before {
        if before.body == row.body && before.died == row.died {
            return Ok(());
        }
        let next = Features {
            id: before.id,
            ..row.clone()
        };
        let sealed = next.seal(tx.conn().keys());
        diesel::update(case_features::table.filter(case_features::case_id.eq(&row.case_id)))
            .set(&sealed)
            .execute(tx.engine())?;
        return Ok(());
    }
    let sealed = row.seal(tx.conn().keys());
    diesel::insert_into(case_features::table)
        .values(&sealed)
        .execute(tx.engine())?;
    Ok(())
}

pub fn features_of(conn: &mut Conn, case_id: &str) -> Result<Option<Features>, StoreError> {
    let found = case_features::table
        .filter(case_features::case_id.eq(case_id))
        .select(Row::as_select())
        .get_result::<Row>(conn.engine())
        .optional()?;
    opened(conn, found)
}

/// One case that can be compared.
#[derive(Clone, Debug)]
pub struct Compared {
    pub features: Features,
    pub reference: String,
    pub district: Option<String>,
}

/// The codes of every case that is or was reviewed here, of deaths since a day; for one reader, or to be counted.
pub fn compared(
    conn: &mut Conn,
    reader: Option<&str>,
    since: NaiveDate,
    ended: &[&str],
) -> Result<Vec<Compared>, StoreError> {
    let mut query = case_features::table
        .inner_join(cases::table)
        .filter(case_features::died.ge(since))
        .filter(cases::state.ne_all(ended.to_vec()))
        .select((Row::as_select(), cases::reference, cases::district))
        .into_boxed();
    if let Some(reader) = reader {
        query = query.filter(cases::id.ne_all(hidden_from(reader.to_owned())));
    }
    let rows: Vec<(Row, String, Option<String>)> = query
        .order((case_features::died.desc(), case_features::case_id.asc()))
        .load(conn.engine())?;
    let mut all = Vec::with_capacity(rows.len());
    for (row, reference, district) in rows {
        if let Some(features) = opened(conn, Some(row))? {
            all.push(Compared {
                features,
                reference,
                district,
            });
        }
    }
    Ok(all)
}

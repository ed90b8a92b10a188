//! Anonymised packs: what one is made from with what is decided on it, what was released, and who read it. What was released
//! is kept apart, so that whoever reads it is never near what was taken out. Must not know what any of it says.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::schema::{case_merges, cases, pack_reads, packs, released_packs};
use super::sealed::{all_opened, opened, sealed_row};
use super::{Conn, StoreError, Tx};

sealed_row! {
    /// What a pack is made from.
    pub struct Pack, Row of packs {
        plain {
            id: String,
            item_id: String,
            case_id: String,
            /// Ids of the documents whose words are in it, as JSON.
            documents: String,
            /// Keyed index of everything that it was made from.
            made_from: String,
            first_signer: Option<String>,
            first_signed_at: Option<NaiveDateTime>,
            second_signer: Option<String>,
            second_signed_at: Option<NaiveDateTime>,
            created_at: NaiveDateTime,
            updated_at: NaiveDateTime,
            version: i32,
        }
        sealed {
            /// The parts with everything in them, as JSON.
            parts: String,
            /// What was decided, as JSON.
            decisions: String,
        }
        marked {}
    }
}

pub fn insert(tx: &mut Tx<'_>, row: &Pack) -> Result<(), StoreError> {
    let sealed = row.seal(tx.conn().keys());
    diesel::insert_into(packs::table)
        .values(&sealed)
        .execute(tx.engine())?;
    Ok(())
}

/// Saves if still at the version that was read; `false` when somebody was faster.
pub fn save(tx: &mut Tx<'_>, row: &Pack) -> Result<bool, StoreError> {
    let next = Pack {
        version: row.version + 1,
        ..row.clone()
    }
    .seal(tx.conn().keys());
    let hit = diesel::update(
        packs::table
            .filter(packs::id.eq(&row.id))
            .filter(packs::version.eq(row.version)),
    )
    .set(&next)
    .execute(tx.engine())?;
    Ok(hit == 1)
}

/// The pack of one item of a panel's list.
pub fn of_item(conn: &mut Conn, item_id: &str) -> Result<Option<Pack>, StoreError> {
    let found = packs::table
        .filter(packs::item_id.eq(item_id))
        .select(Row::as_select())
        .get_result::<Row>(conn.engine())
        .optional()?;
    opened(conn, found)
}

mod released {
    use super::{
        Conn, NaiveDateTime, StoreError, Tx, opened, pack_reads, released_packs, sealed_row,
    };
    use diesel::prelude::*;

    sealed_row! {
        /// What members read: it never changes.
        pub struct Released, ReleasedRow of released_packs {
            plain {
                id: String,
                item_id: String,
                case_id: String,
                /// 1 for the first of the item.
                number: i32,
                made_from: String,
                released_at: NaiveDateTime,
            }
            sealed {
                /// The parts without what was taken out, as JSON.
                paper: String,
            }
            marked {}
        }
    }

    pub fn release(tx: &mut Tx<'_>, row: &Released) -> Result<(), StoreError> {
        let sealed = row.seal(tx.conn().keys());
        diesel::insert_into(released_packs::table)
            .values(&sealed)
            .execute(tx.engine())?;
        Ok(())
    }

    /// The one that was released last.
    pub fn last_of(conn: &mut Conn, item_id: &str) -> Result<Option<Released>, StoreError> {
        let found = released_packs::table
            .filter(released_packs::item_id.eq(item_id))
            .order(released_packs::number.desc())
            .select(ReleasedRow::as_select())
            .first::<ReleasedRow>(conn.engine())
            .optional()?;
        opened(conn, found)
    }

    #[derive(Clone, Debug, Queryable, Selectable, Insertable)]
    #[diesel(table_name = pack_reads)]
    pub struct Read {
        pub id: String,
        pub released_id: String,
        pub item_id: String,
        pub user_id: String,
        pub read_at: NaiveDateTime,
    }

    /// Marks as read; `false` when it was already.
    pub fn mark_read(tx: &mut Tx<'_>, row: &Read) -> Result<bool, StoreError> {
        if readers(tx.conn(), &row.released_id)?.contains(&row.user_id) {
            return Ok(false);
        }
        diesel::insert_into(pack_reads::table)
            .values(row)
            .execute(tx.engine())?;
        Ok(true)
    }

    /// Accounts that marked it as read.
    pub fn readers(conn: &mut Conn, released_id: &str) -> Result<Vec<String>, StoreError> {
        Ok(pack_reads::table
            .filter(pack_reads::released_id.eq(released_id))
            .select(pack_reads::user_id)
            .load(conn.engine())?)
    }
}

pub use released::{Read, Released, last_of, mark_read, readers, release};

mod notes {
    use super::{Conn, NaiveDateTime, StoreError, Tx, opened, sealed_row};
    use crate::store::schema::pack_notes;
    use diesel::prelude::*;

    sealed_row! {
        /// What one reader notes for themselves.
        pub struct Note, NoteRow of pack_notes {
            plain {
                id: String,
                item_id: String,
                user_id: String,
                updated_at: NaiveDateTime,
                version: i32,
            }
            sealed {
                body: String,
            }
            marked {}
        }
    }

    /// A reader's own note.
    pub fn note_of(
        conn: &mut Conn,
        item_id: &str,
        user_id: &str,
    ) -> Result<Option<Note>, StoreError> {
        let found = pack_notes::table
            .filter(pack_notes::item_id.eq(item_id))
            .filter(pack_notes::user_id.eq(user_id))
            .select(NoteRow::as_select())
            .get_result::<NoteRow>(conn.engine())
            .optional()?;
        opened(conn, found)
    }

    pub fn insert_note(tx: &mut Tx<'_>, row: &Note) -> Result<(), StoreError> {
        let sealed = row.seal(tx.conn().keys());
        diesel::insert_into(pack_notes::table)
            .values(&sealed)
            .execute(tx.engine())?;
        Ok(())
    }

    /// Saves if still at the version that was read; `false` when another window was faster.
    pub fn save_note(tx: &mut Tx<'_>, row: &Note) -> Result<bool, StoreError> {
        let next = Note {
            version: row.version + 1,
            ..row.clone()
        }
        .seal(tx.conn().keys());
        let hit = diesel::update(
            pack_notes::table
                .filter(pack_notes::id.eq(&row.id))
                .filter(pack_notes::version.eq(row.version)),
        )
        .set(&next)
        .execute(tx.engine())?;
        Ok(hit == 1)
    }
}

pub use notes::{Note, insert_note, note_of, save_note};

mod questions {
    use super::{Conn, NaiveDateTime, StoreError, Tx, all_opened, opened, sealed_row};
    use crate::store::schema::pack_questions;
    use diesel::prelude::*;

    sealed_row! {
        /// What a member asks an agency before the panel meets.
        pub struct Question, QuestionRow of pack_questions {
            plain {
                id: String,
                item_id: String,
                case_id: String,
                user_id: String,
                state: String,
                /// The request whose agency is asked.
                request_id: Option<String>,
                asked_at: NaiveDateTime,
                updated_at: NaiveDateTime,
                version: i32,
            }
            sealed {
                /// As the member typed it.
                question: String,
                /// As the agency reads it.
                worded: Option<String>,
                /// As the agency answered.
                answer: Option<String>,
                /// As the panel reads the answer.
                told: Option<String>,
            }
            marked {}
        }
    }

    pub fn ask(tx: &mut Tx<'_>, row: &Question) -> Result<(), StoreError> {
        let sealed = row.seal(tx.conn().keys());
        diesel::insert_into(pack_questions::table)
            .values(&sealed)
            .execute(tx.engine())?;
        Ok(())
    }

    /// Saves if still at the version that was read; `false` when somebody was faster.
    pub fn save_question(tx: &mut Tx<'_>, row: &Question) -> Result<bool, StoreError> {
        let next = Question {
            version: row.version + 1,
            ..row.clone()
        }
        .seal(tx.conn().keys());
        let hit = diesel::update(
            pack_questions::table
                .filter(pack_questions::id.eq(&row.id))
                .filter(pack_questions::version.eq(row.version)),
        )
        .set(&next)
        .execute(tx.engine())?;
        Ok(hit == 1)
    }

    pub fn question(conn: &mut Conn, id: &str) -> Result<Option<Question>, StoreError> {
        let found = pack_questions::table
            .find(id)
            .select(QuestionRow::as_select())
            .get_result::<QuestionRow>(conn.engine())
            .optional()?;
        opened(conn, found)
    }

    /// What was asked about one item, the first first.
    pub fn questions_of(conn: &mut Conn, item_id: &str) -> Result<Vec<Question>, StoreError> {
        let rows = pack_questions::table
            .filter(pack_questions::item_id.eq(item_id))
            .order((pack_questions::asked_at.asc(), pack_questions::id.asc()))
            .select(QuestionRow::as_select())
            .load::<QuestionRow>(conn.engine())?;
        all_opened(conn, rows)
    }

    /// What was sent to the agency of one request.
    pub fn questions_to(conn: &mut Conn, request_id: &str) -> Result<Vec<Question>, StoreError> {
        let rows = pack_questions::table
            .filter(pack_questions::request_id.eq(request_id))
            .order((pack_questions::asked_at.asc(), pack_questions::id.asc()))
            .select(QuestionRow::as_select())
            .load::<QuestionRow>(conn.engine())?;
        all_opened(conn, rows)
    }
}

pub use questions::{Question, ask, question, questions_of, questions_to, save_question};

/// Cases of one age band and district that died between two days, none of them merged away, at most so many.
pub fn alike(
    conn: &mut Conn,
    age_band: &str,
    district: Option<&str>,
    (since, until): (NaiveDate, NaiveDate),
    most: usize,
) -> Result<Vec<String>, StoreError> {
    let mut query = cases::table
        .filter(cases::age_band.eq(age_band))
        .filter(cases::date_of_death.between(since, until))
        .filter(cases::id.ne_all(case_merges::table.select(case_merges::case_id)))
        .select(cases::id)
        .order(cases::id.asc())
        .limit(i64::try_from(most).unwrap_or(i64::MAX))
        .into_boxed();
    query = match district {
        Some(district) => query.filter(cases::district.eq(district)),
        None => query.filter(cases::district.is_null()),
    };
    Ok(query.load(conn.engine())?)
}

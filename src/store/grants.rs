//! What the service's own role may do on a server's database: everything but change what happened. The role that owns
//! the tables migrates and does not serve. Must not know who runs which.

use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};

use super::{Conn, Engine, StoreError};

/// Gives the role what the service needs of our tables, and of the audit trail only to read it and add to it. Run by
/// the owner after each migration, because a new table gives nothing to anybody.
const GRANT: &str = "DO $$
DECLARE
    role name := current_setting('cdr.service_role');
    one name;
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), role);
    EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM %I', current_schema(), role);
    FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tableowner = current_user LOOP
        EXECUTE format('REVOKE ALL ON TABLE %I FROM PUBLIC, %I', one, role);
        IF one = 'events' THEN
            EXECUTE format('GRANT SELECT, INSERT ON TABLE %I TO %I', one, role);
        ELSIF one = '__diesel_schema_migrations' THEN
            EXECUTE format('GRANT SELECT ON TABLE %I TO %I', one, role);
        ELSE
            EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE %I TO %I', one, role);
        END IF;
    END LOOP;
END $$";

/// Why a role cannot be the service's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// The embedded database has none.
    NoRoles,
    Unknown,
    /// It could still write after its rights were given, or cannot read: the tables are not ours to give, or a group it is
    /// in may write.
    NotGiven,
    /// It is a superuser, the owner of the tables, or may become the owner.
    TooStrong,
}

impl Unfit {
    /// What is said of it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::NoRoles => "the embedded database has no roles",
            Self::NotGiven => {
                "its rights could not be set: run this as the role that owns the tables, and take the role out of groups that may write"
            }
            Self::Unknown => "there is no such role in the database server",
            Self::TooStrong => {
                "this role is a superuser, owns the tables or may become who does, so nothing can be kept from it"
            }
        }
    }
}

#[derive(QueryableByName)]
struct Strong {
    #[diesel(sql_type = Bool)]
    strong: bool,
}

/// Gives the service's role its rights, in the transaction of one statement.
pub fn give(conn: &mut Conn, role: &str) -> Result<Result<(), Unfit>, StoreError> {
    let Engine::Postgres(c) = conn.engine() else {
        return Ok(Err(Unfit::NoRoles));
    };
    let known: Option<Strong> = diesel::sql_query(
        "SELECT rolsuper OR pg_has_role(rolname, current_user, 'MEMBER') OR pg_has_role(rolname, \
             (SELECT relowner FROM pg_class WHERE oid = 'events'::regclass), 'MEMBER') AS strong \
         FROM pg_roles WHERE rolname = $1",
    )
    .bind::<Text, _>(role)
    .get_result(c)
    .optional()?;
    match known {
        None => return Ok(Err(Unfit::Unknown)),
        Some(Strong { strong: true }) => return Ok(Err(Unfit::TooStrong)),
        Some(_) => {}
    }
    diesel::sql_query("SELECT set_config('cdr.service_role', $1, false)")
        .bind::<Text, _>(role)
        .execute(c)?;
    diesel::sql_query(GRANT).execute(c)?;
    let wrong: Strong = diesel::sql_query(
        "SELECT NOT has_table_privilege($1, 'events', 'SELECT') OR NOT has_table_privilege($1, 'events', 'INSERT') \
             OR has_table_privilege($1, 'events', 'UPDATE') OR has_table_privilege($1, 'events', 'DELETE') \
             OR has_table_privilege($1, 'events', 'TRUNCATE') AS strong",
    )
    .bind::<Text, _>(role)
    .get_result(c)?;
    Ok(if wrong.strong {
        Err(Unfit::NotGiven)
    } else {
        Ok(())
    })
}

/// Whether whoever is connected could change what happened: as on any embedded database, where the file is theirs.
pub fn could_rewrite(conn: &mut Conn) -> Result<bool, StoreError> {
    let Engine::Postgres(c) = conn.engine() else {
        return Ok(false);
    };
    let found: Strong = diesel::sql_query(
        "SELECT has_table_privilege('events', 'UPDATE') OR has_table_privilege('events', 'DELETE') \
             OR has_table_privilege('events', 'TRUNCATE') AS strong",
    )
    .get_result(c)?;
    Ok(found.strong)
}

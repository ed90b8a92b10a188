//! The schema goes up, down and up again on each engine and comes out the same.

use cdr::store::{Engine as Session, migrate};
use diesel::connection::SimpleConnection;
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::support::{Database, Engine};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = diesel::sql_types::Text)]
    line: String,
}

/// Everything of the schema, one line each, in one order.
fn schema(conn: &mut Session) -> Vec<String> {
    let (sqlite, postgres) = (
        "SELECT type || ' ' || name || ': ' || COALESCE(sql, '') AS line FROM sqlite_master
         WHERE name NOT LIKE '\\_\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY 1",
        "SELECT * FROM (
           SELECT 'column ' || table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' ' || COALESCE(column_default, '') AS line
             FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%'
           UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename NOT LIKE '\\_\\_%'
           UNION ALL SELECT 'constraint ' || conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
             FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text NOT LIKE '\\_\\_%'
           UNION ALL SELECT 'routine ' || proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
           UNION ALL SELECT 'trigger ' || tgname || ' ' || tgrelid::regclass FROM pg_trigger WHERE NOT tgisinternal
           UNION ALL SELECT 'sequence ' || relname FROM pg_class WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace
         ) AS everything ORDER BY 1",
    );
    let lines: Vec<Line> = match conn {
        Session::Sqlite(c) => sql_query(sqlite).load(c).unwrap(),
        Session::Postgres(c) => sql_query(postgres).load(c).unwrap(),
    };
    lines.into_iter().map(|l| l.line).collect()
}

fn down(conn: &mut Session) {
    match conn {
        Session::Sqlite(c) => drop(c.revert_all_migrations(SQLITE).unwrap()),
        Session::Postgres(c) => drop(c.revert_all_migrations(POSTGRES).unwrap()),
    }
}

fn up_down_up(engine: Engine) {
    let Some(database) = Database::empty(engine) else {
        return;
    };
    let mut conn = database.conn();
    assert!(schema(&mut conn).is_empty());
    assert!(!migrate(&mut conn).unwrap().is_empty());
    let first = schema(&mut conn);
    assert!(first.len() > 20, "{first:#?}");
    assert!(
        migrate(&mut conn).unwrap().is_empty(),
        "a second run has nothing to do"
    );
    down(&mut conn);
    assert_eq!(
        schema(&mut conn),
        Vec::<String>::new(),
        "something is left behind"
    );
    migrate(&mut conn).unwrap();
    assert_eq!(schema(&mut conn), first);
}

#[test]
fn up_down_up_on_sqlite() {
    up_down_up(Engine::Sqlite);
}

#[test]
fn up_down_up_on_postgres() {
    up_down_up(Engine::Postgres);
}

/// Table, column and whether it may be empty.
fn columns(conn: &mut Session) -> Vec<String> {
    let lines: Vec<Line> = match conn {
        Session::Sqlite(c) => sql_query(
            "SELECT m.name || '.' || c.name || CASE WHEN c.\"notnull\" THEN '' ELSE ' NULL' END AS line
             FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'
             AND m.name NOT LIKE '\\_\\_%' ESCAPE '\\' AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY 1",
        )
        .load(c)
        .unwrap(),
        Session::Postgres(c) => sql_query(
            "SELECT table_name || '.' || column_name || CASE is_nullable WHEN 'NO' THEN '' ELSE ' NULL' END AS line
             FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%' ORDER BY 1",
        )
        .load(c)
        .unwrap(),
    };
    let mut lines: Vec<String> = lines.into_iter().map(|l| l.line).collect();
    lines.sort();
    lines
}

#[test]
fn both_engines_have_the_same_tables_and_columns() {
    let (Some(sqlite), Some(postgres)) = (
        Database::fresh(Engine::Sqlite),
        Database::fresh(Engine::Postgres),
    ) else {
        return;
    };
    assert_eq!(columns(&mut sqlite.conn()), columns(&mut postgres.conn()));
}

#[test]
fn both_engines_have_migrations_of_the_same_names() {
    let names = |engine: &str| {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("migrations")
            .join(engine);
        let mut names: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .flatten()
            .map(|e| e.file_name())
            .collect();
        names.sort();
        names
    };
    assert_eq!(names("sqlite"), names("postgres"));
}

#[test]
fn a_step_that_fails_leaves_nothing_behind() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let Some(database) = Database::empty(engine) else {
            continue;
        };
        let mut conn = database.conn();
        // Something of the same name stands in the way of a later table of the first step.
        let squatter = "CREATE TABLE settings (something TEXT)";
        match &mut conn {
            Session::Sqlite(c) => c.batch_execute(squatter).unwrap(),
            Session::Postgres(c) => c.batch_execute(squatter).unwrap(),
        }
        let before = schema(&mut conn);
        let said = migrate(&mut conn).unwrap_err().to_string();
        assert!(said.starts_with("a migration step failed"), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        assert_eq!(schema(&mut conn), before);
    }
}

//! The service under a role of its own on PostgreSQL: everything works, and the server itself refuses to change what
//! happened.

use std::process::Command;

use cdr::domain::actor::Role;
use cdr::store::{Engine as Session, Target, grants};
use diesel::connection::SimpleConnection;

use super::support::{Database, Engine, Service, database, given, postgres};

/// The address with another name and password in it.
fn as_role(url: &str, role: &str) -> String {
    let rest = url.strip_prefix("postgres://").unwrap();
    let (_, place) = rest.split_once('@').unwrap();
    format!("postgres://{role}:{role}@{place}")
}

fn migrate(url: &str, database: &Database, role: &str) -> (bool, String) {
    let key = database.folder().join("cdr.key");
    database::put_key(&key, database::KEY);
    let done = Command::new(env!("CARGO_BIN_EXE_cdr"))
        .env_clear()
        .env("CDR_DATABASE_URL", url)
        .env("CDR_DATA_DIR", database.folder())
        .env("CDR_KEY_FILE", key)
        .env("CDR_SERVICE_ROLE", role)
        .env("CDR_LOG", "error")
        .arg("migrate")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    (done.status.success(), said)
}

#[test]
fn a_role_of_its_own_serves_and_changes_nothing_that_happened() {
    let Some(mut database) = Database::fresh(Engine::Postgres) else {
        return;
    };
    let Target::Postgres { url } = database.target.clone() else {
        unreachable!("a PostgreSQL database has its address")
    };
    let server = postgres::server().unwrap();
    let role = format!("cdr_service_{}", std::process::id());
    server.run(&format!("CREATE ROLE {role} LOGIN PASSWORD '{role}'"));
    let (done, said) = migrate(&url, &database, "nobody_of_this_name");
    assert!(!done && said.contains("no such role"), "{said}");
    let (done, said) = migrate(&url, &database, "pg_monitor");
    assert!(done, "any role that is weak enough: {said}");
    let (done, said) = migrate(&url, &database, &role);
    assert!(done, "{said}");
    database.target = Target::Postgres {
        url: as_role(&url, &role),
    };
    actix_web::rt::System::new().block_on(async {
        let service = Service::start(database);
        let case = given::case(&service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        coordinator.get("/cases?view=gathering").await.is(200).says("Testfamily1");
        coordinator.get(&format!("/cases/{}", case.reference)).await.is(200);
        let request = given::request(&service, &case, "gp", &["reporting"]);
        coordinator.get(&format!("/cases/{}/requests/{}", case.reference, request.id)).await.is(200);
        service.browser().get("/notify").await.is(200);
        assert!(!service.read(|conn| Ok(grants::could_rewrite(conn)?)));
        let Session::Postgres(mut conn) = service.database.conn() else {
            unreachable!("a PostgreSQL database has its connection")
        };
        for (statement, wanted) in [
            ("UPDATE events SET what = 'other' WHERE seq = 2", "permission denied"),
            ("DELETE FROM events WHERE seq = 2", "permission denied"),
            ("TRUNCATE events", "permission denied"),
            ("ALTER TABLE events DISABLE TRIGGER USER", "must be owner"),
            ("DROP TRIGGER events_never_change ON events", "must be owner"),
            ("DROP TABLE events", "must be owner"),
            ("CREATE OR REPLACE FUNCTION events_only_grow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$", "permission denied"),
            ("SET session_replication_role = replica", "permission denied"),
            ("DELETE FROM __diesel_schema_migrations", "permission denied"),
            ("CREATE TABLE other (id int)", "permission denied"),
        ] {
            let said = conn.batch_execute(statement).unwrap_err().to_string();
            assert!(said.contains(wanted), "{statement}: {said}");
        }
        conn.batch_execute("SELECT count(*) FROM events").unwrap();
        service.stop().await;
    });
    server.run(&format!("DROP ROLE {role}"));
}

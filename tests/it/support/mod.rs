//! What the capability tests stand on: a real service on a fresh database of either engine, a client that
//! fills in forms as a browser does, people with accounts, and journeys that read as given, when, then.

pub mod browser;
pub mod chrome;
pub mod database;
pub mod files;
pub mod folder;
pub mod form;
pub mod given;
pub mod journey;
pub mod lacking;
pub mod logs;
pub mod page;
pub mod postgres;
pub mod sample;
pub mod saying;
pub mod service;
pub mod smtp;

pub use browser::Browser;
pub use database::{Database, Engine};
pub use form::Form;
pub use page::Page;
pub use sample::Sample;
pub use service::Service;

/// Runs one test body against a service on this engine, or says what the machine lacks.
pub fn on(engine: Engine, test: impl AsyncFnOnce(&Service)) {
    on_with(engine, |_| {}, test);
}

/// The same with something of the service set otherwise.
pub fn on_with(
    engine: Engine,
    set: impl FnOnce(&mut cdr::web::App),
    test: impl AsyncFnOnce(&Service),
) {
    let Some(database) = Database::fresh(engine) else {
        return;
    };
    actix_web::rt::System::new().block_on(async {
        let service = Service::start_with(database, set);
        test(&service).await;
        service.stop().await;
    });
}

/// The same test on SQLite and on PostgreSQL: `name::sqlite` and `name::postgres`.
#[macro_export]
macro_rules! both_engines {
    ($($(#[$note:meta])* async fn $name:ident($service:ident) $body:block)+) => {$(
        $(#[$note])*
        async fn $name($service: &$crate::support::Service) $body

        mod $name {
            #[test]
            fn sqlite() {
                $crate::support::on($crate::support::Engine::Sqlite, super::$name);
            }
            #[test]
            fn postgres() {
                $crate::support::on($crate::support::Engine::Postgres, super::$name);
            }
        }
    )+};
}

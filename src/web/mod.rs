//! HTTP in, HTML out. Knows casework and reads through store; no SQL, no rules.
//!
//! `routes` is the one list of what can be called and by whom; `app` is what every handler may use; `visit`
//! is who calls; `error` is the one place where a fault becomes a status and a page.

pub mod account;
pub mod admin;
pub mod api;
pub mod app;
pub mod assets;
pub mod cases;
pub mod error;
pub mod finish;
pub mod health;
pub mod journey;
pub mod notifications;
pub mod notify;
pub mod pages;
pub mod post;
pub mod question;
pub mod records;
pub mod render;
pub mod requests;
pub mod respond;
pub mod returns;
pub mod routes;
pub mod server;
pub mod visit;

pub use app::App;
pub use error::Fault;
pub use post::Post;
pub use visit::Visit;

/// What every handler gives back.
pub type Page = Result<actix_web::HttpResponse, Fault>;

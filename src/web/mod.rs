//! HTTP in, HTML out. Knows casework and reads through store; no SQL, no rules.
//!
//! `routes` is the one list of what can be called and by whom; `app` is what every handler may use; `visit`
//! is who calls; `error` is the one place where a fault becomes a status and a page.

/// What a template is given: names and anything that can be serialised.
macro_rules! context {
    (@value $key:ident => $value:expr) => { $value };
    (@value $key:ident) => { $key };
    ($($key:ident $(=> $value:expr)?),* $(,)?) => {{
        let mut names = serde_json::Map::new();
        $( names.insert(stringify!($key).to_owned(), $crate::web::shown(&$crate::web::context!(@value $key $(=> $value)?))); )*
        serde_json::Value::Object(names)
    }};
}
pub(crate) use context;

/// A value as templates see it. What cannot be serialised shows as nothing.
pub(crate) fn shown(value: &impl serde::Serialize) -> serde_json::Value {
    serde_json::to_value(value).unwrap_or(serde_json::Value::Null)
}

pub mod account;
pub mod actions;
mod admin;
mod again;
mod agency;
pub mod api;
pub mod app;
pub mod asked;
pub mod assets;
pub mod attachments;
pub mod calendar;
pub mod cases;
pub mod catch;
mod closed;
mod correspondence;
pub mod csrf;
mod dated;
mod directory;
pub mod documents;
pub mod enrol;
pub mod error;
pub mod family;
pub mod finish;
pub mod headers;
pub mod health;
mod imports;
pub mod join;
pub mod journey;
mod learning;
pub mod letter;
pub mod limits;
pub mod link;
pub mod matrix;
pub mod meetings;
mod notifications;
pub mod notify;
pub mod packs;
pub mod pages;
mod panels;
pub mod patience;
pub mod pieces;
mod post;
pub mod processes;
mod quality;
pub mod question;
pub mod records;
mod registered;
pub mod render;
pub mod requests;
pub mod respond;
mod response;
pub mod resume;
pub mod returns;
pub mod routes;
mod said;
pub mod server;
pub mod sign_in;
mod transfers;
mod typing;
pub mod upload;
pub mod visit;
mod years;

pub use app::App;
pub use error::Fault;
pub use post::Post;
pub use visit::Visit;

/// What every handler gives back.
pub type Page = Result<actix_web::HttpResponse, Fault>;

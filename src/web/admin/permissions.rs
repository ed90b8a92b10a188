//! Who may do what, made from the code. Must not hold a word of it itself.

use std::sync::Arc;

use actix_web::web;
use serde_json::Value;

use crate::domain::permission::{Facts, Verb};
use crate::web::{App, Page, Visit, matrix};

/// `GET /admin/permissions`.
pub async fn permissions(app: web::Data<Arc<App>>, visit: Visit) -> Page {
    app.read(&visit, |_, ctx| {
        ctx.allow(Verb::SeePermissions, &Facts::default())
    })
    .await?;
    let columns: Vec<&str> = matrix::columns().iter().map(|(name, _)| *name).collect();
    let verbs: Vec<Value> = matrix::verbs()
        .iter()
        .map(|line| context! { label => line.label, cells => &line.cells })
        .collect();
    let page = context! {
        title => "Permissions", rules => matrix::RULES, columns, verbs, routes => matrix::routes(),
    };
    app.ok(&visit, "admin/permissions.html", page)
}

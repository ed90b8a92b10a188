//! The organisations of the area as its data file has them: of what kind, from when to when, and what came before and
//! after each. Must not show a case, nor whom anybody may reach there.

use std::sync::Arc;

use actix_web::web;
use serde_json::Value;

use crate::casework::house::Organisation;
use crate::domain::permission::{Facts, Verb};
use crate::web::{App, Page, Visit};

type Data = web::Data<Arc<App>>;

/// `GET /admin/organisations`.
pub async fn organisations(app: Data, visit: Visit) -> Page {
    app.read(&visit, |_, ctx| {
        ctx.allow(Verb::SeeOrganisations, &Facts::default())
    })
    .await?;
    let all = &app.house.organisations;
    let listed: Vec<Value> = all.iter().map(|of| described(of, all)).collect();
    let page = context! { title => "Organisations", listed };
    app.ok(&visit, "admin/organisations.html", page)
}

fn described(of: &Organisation, all: &[Organisation]) -> Value {
    let name = |code: &str| {
        let found = all.iter().find(|other| other.code == code);
        found.map_or(code.to_owned(), |other| other.name.clone())
    };
    let before: Vec<&str> = all
        .iter()
        .filter(|other| other.succeeded_by.as_deref() == Some(of.code.as_str()))
        .map(|other| other.name.as_str())
        .collect();
    context! {
        code => &of.code, system => &of.code_system, name => &of.name, kind => of.kind.replace('_', " "),
        parent => of.parent.as_deref().map(name), from => &of.valid_from, to => &of.valid_to,
        after => of.succeeded_by.as_deref().map(name), before, note => &of.note,
    }
}

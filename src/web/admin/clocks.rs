//! The definitions of clocks as this service uses them, and how far the bank holidays are known. Must not show a case.

use std::sync::Arc;

use actix_web::web;
use serde_json::Value;

use crate::casework::clocks::holidays_run_out;
use crate::domain::clock::{Clock, is_recorded};
use crate::domain::permission::{Facts, Verb};
use crate::web::{App, Page, Visit};

type Data = web::Data<Arc<App>>;

/// `GET /admin/clocks`.
pub async fn clocks(app: Data, visit: Visit) -> Page {
    app.read(&visit, |_, ctx| {
        ctx.allow(Verb::SeeClocks, &Facts::default())
    })
    .await?;
    let all: Vec<Value> = app.house.clocks.all().iter().map(described).collect();
    let ends = app.house.clocks.holidays().ends();
    let page = context! {
        title => "Clocks", definitions => all, ends => ends.map(|day| day.to_string()),
        short => holidays_run_out(&app.house, (app.clock)()).is_some(),
    };
    app.ok(&visit, "admin/clocks.html", page)
}

fn described(clock: &Clock) -> Value {
    let rungs: Vec<String> = clock.remind.iter().map(ToString::to_string).collect();
    let pauses: Vec<&str> = clock
        .pauses_on
        .iter()
        .map(|reason| reason.label())
        .collect();
    context! {
        id => &clock.id, name => &clock.name, length => clock.length_words(), stops => clock.stops_on.label(),
        since => clock.since.map(|day| day.to_string()), force => clock.force.label(), basis => clock.basis.label(), rungs, pauses, note => &clock.note,
        used => is_recorded(clock.starts_on) && is_recorded(clock.stops_on),
    }
}

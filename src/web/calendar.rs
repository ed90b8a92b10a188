//! A person's calendar: the page on which its address is made and revoked, and the calendar itself for whoever holds
//! the address. Must not know what a date is of.

use std::sync::Arc;

use actix_web::{HttpResponse, web};

use super::app::see_other;
use super::{App, Fault, Page, Post, Visit, letter};
use crate::casework::{Error, calendar};

type Data = web::Data<Arc<App>>;

/// `GET /account/calendar`.
pub async fn page(app: Data, visit: Visit) -> Page {
    show(&app, &visit, None).await
}

/// The page; `address` is shown once, when it was just made.
async fn show(app: &Data, visit: &Visit, address: Option<String>) -> Page {
    let own = app.read(visit, calendar::own).await?;
    let page = context! {
        title => "Your calendar", address, made => own.as_ref().map(|row| letter::moment(row.created_at)),
        read => own.and_then(|row| row.read_at).map(letter::moment),
    };
    app.ok(visit, "account/calendar.html", page)
}

/// `POST /account/calendar` with `do`.
pub async fn change(app: Data, visit: Visit, post: Post) -> Page {
    match post.text("do") {
        "make" => {
            let token = app.write(&visit, calendar::make).await?;
            let address = format!("{}/calendar/{token}.ics", app.house.base_url);
            show(&app, &visit, Some(address)).await
        }
        "revoke" => {
            app.write(&visit, calendar::revoke).await?;
            Ok(see_other("/account/calendar"))
        }
        _ => Err(Fault::Work(Error::NotFound)),
    }
}

/// `GET /calendar/{token}.ics`.
pub async fn feed(app: Data, visit: Visit, path: web::Path<String>) -> Page {
    let token = path.into_inner();
    let text = app
        .open_write(&visit, move |tx, ctx| calendar::feed(tx, ctx, &token))
        .await?;
    Ok(HttpResponse::Ok()
        .content_type("text/calendar; charset=utf-8")
        .insert_header(("Content-Disposition", "inline; filename=\"dates.ics\""))
        .body(text))
}

//! The pages that anyone may read: the front door, the statements, the files the pages need, and in the
//! demonstration the mail. Must not read any case.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};

use super::{App, Fault, Page, Visit, assets, letter};
use crate::casework::Error;
use crate::store::outbox;

type Data = web::Data<Arc<App>>;

/// How many mails the demonstration shows.
const MOST_MAILS: i64 = 200;

/// What the service is, and the two ways in.
pub async fn home(app: Data, visit: Visit) -> Page {
    let signed_in = visit.caller.session.is_some();
    let page = context! { signed_in };
    app.ok(&visit, "pages/home.html", page)
}

/// A style sheet, script or picture.
pub async fn asset(request: HttpRequest) -> HttpResponse {
    assets::get(request).await
}

/// What is done so that everybody can use the service, and how to say that it is not enough.
pub async fn accessibility(app: Data, visit: Visit) -> Page {
    let page = context! { title => "Accessibility statement" };
    app.ok(&visit, "pages/accessibility.html", page)
}

/// What is held about people, and why the law allows it.
pub async fn privacy(app: Data, visit: Visit) -> Page {
    let area = &app.house.area;
    let partners: Vec<&str> = area
        .footprint
        .iter()
        .chain([&area.icb_code])
        .map(|code| app.house.organisation_name(code).unwrap_or(code))
        .collect();
    let page = context! { title => "Privacy", partners };
    app.ok(&visit, "pages/privacy.html", page)
}

/// Every mail with its links, in the demonstration only.
pub async fn demo_mail(app: Data, visit: Visit) -> Page {
    if app.demo.is_none() {
        return Err(Fault::Work(Error::NotFound));
    }
    let mails = app
        .open_read(&visit, |conn, _| Ok(outbox::latest(conn, MOST_MAILS)?))
        .await?;
    let base = &app.house.base_url;
    let mails: Vec<_> = mails
        .iter()
        .map(|mail| {
            context! {
                id => &mail.id, to => &mail.recipient, subject => &mail.subject,
                at => letter::moment(mail.created_at), state => letter::state_of(mail),
                parts => letter::linked(&mail.body, base),
            }
        })
        .collect();
    let page = context! { title => "Messages of the demonstration", mails, most => MOST_MAILS };
    app.ok(&visit, "pages/demo-mail.html", page)
}

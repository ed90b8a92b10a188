//! Who has seen a case: its own reading history, for whoever may see the case. Must not tell what was read in it.

use std::sync::Arc;

use actix_web::{HttpRequest, web};
use serde_json::Value;
use url::form_urlencoded;

use super::head::head;
use super::words::moment;
use crate::casework::audit::{self, Line};
use crate::casework::picture::Picture;
use crate::casework::{Context, Outcome, access};
use crate::domain::calendar::london;
use crate::domain::permission::{Verb, may};
use crate::store::Conn;
use crate::web::{App, Page, Visit};

type Data = web::Data<Arc<App>>;

/// `GET /cases/{reference}/seen`.
pub async fn seen(app: Data, visit: Visit, path: web::Path<String>, req: HttpRequest) -> Page {
    let before = before(&req);
    let reference = path.into_inner();
    let page = app
        .read(&visit, move |conn, ctx| view(conn, ctx, &reference, before))
        .await?;
    app.ok(&visit, "cases/seen.html", page)
}

/// Where the page before ended.
fn before(req: &HttpRequest) -> Option<i64> {
    form_urlencoded::parse(req.query_string().as_bytes())
        .find(|(name, _)| name == "before")
        .and_then(|(_, seq)| seq.parse().ok())
}

fn view(conn: &mut Conn, ctx: &Context, reference: &str, before: Option<i64>) -> Outcome<Value> {
    let (case, facts) = access::reach(conn, ctx, reference, Verb::ReadCaseOutline)?;
    let whole = may(&ctx.actor, Verb::ReadCase, &facts);
    let known = Picture::shown(conn, ctx, &case, facts)?;
    let (lines, next) = audit::seen(conn, ctx, &case, before)?;
    let rows: Vec<Value> = lines.iter().map(row).collect();
    let next = next.map(|seq| format!("/cases/{}/seen?before={seq}", case.reference));
    Ok(context! {
        title => "Who has seen this case", case => head(ctx, facts, &case, &known), rows, next, whole,
    })
}

fn row(line: &Line) -> Value {
    context! {
        at => moment(london(line.at.and_utc())), who => &line.who, what => &line.what, page => &line.page,
    }
}

//! The page of one line of a family's part: what is asked on it, what was typed, what is wrong, and what somebody else
//! saved meanwhile. On the page of a parent it also says what this parent may be told of the others. Must not judge.

use actix_web::web;
use serde_json::Value;

use super::{Data, picture, value};
use crate::casework::family::{self as work, Entry, Given};
use crate::casework::{Context, Error, Outcome, access};
use crate::domain::family::{Field, Kind, Part, Said, fields, for_addressee, is_kept_apart};
use crate::domain::form::Problem;
use crate::domain::permission::Verb;
use crate::store::Conn;
use crate::web::again::status;
use crate::web::app::see_other;
use crate::web::dated::{boxes, day};
use crate::web::{Fault, Page, Post, Visit, cases};

/// Stands in the address for a line that is not there yet.
const NEW: &str = "new";

/// What was posted, what is wrong with it, and whether somebody else saved first.
#[derive(Clone, Default)]
struct Typed {
    post: Option<Post>,
    said: Said,
    problems: Vec<Problem>,
    stale: bool,
}

/// `GET /cases/{reference}/family/{part}/{id}`; the id of a line that is not there yet is `new`.
pub async fn page(app: Data, visit: Visit, path: web::Path<(String, String, String)>) -> Page {
    let (reference, part, id) = path.into_inner();
    show(&app, &visit, &reference, &part, &id, Typed::default()).await
}

async fn show(
    app: &Data,
    visit: &Visit,
    reference: &str,
    part: &str,
    id: &str,
    typed: Typed,
) -> Page {
    let status = status(typed.stale, !typed.problems.is_empty());
    let (reference, part, id) = (reference.to_owned(), part.parse(), id.to_owned());
    let page = app
        .read(visit, move |conn, ctx| {
            view(conn, ctx, &reference, part.ok(), &id, &typed)
        })
        .await?;
    app.page(visit, status, "family/edit.html", page)
}

fn view(
    conn: &mut Conn,
    ctx: &Context,
    reference: &str,
    part: Option<Part>,
    id: &str,
    typed: &Typed,
) -> Outcome<Value> {
    let (case, facts) = access::reach(conn, ctx, reference, Verb::KeepFamily)?;
    let part = part.ok_or(Error::NotFound)?;
    let known = picture(conn, ctx, facts, &case)?;
    let entries = work::of_case(conn, ctx, &case)?;
    let entry = entries.iter().find(|e| e.id == id && e.part == part);
    if entry.is_none() && id != NEW || entry.is_some() && !part.can_change() {
        return Err(Error::NotFound);
    }
    let names = work::names(&entries);
    let (errors, at) = said(part, &typed.problems);
    let now = entry.map(|e| &e.said);
    let asked: Vec<Value> = fields(part)
        .iter()
        .map(|field| question(ctx, field, typed, now, &names, &at))
        .collect();
    let clash: Option<Vec<[String; 3]>> = now.filter(|_| typed.stale).map(|now| {
        let differs = fields(part)
            .iter()
            .filter(|f| now.get(f.name) != typed.said.get(f.name));
        let words = |said: &Said, f: &Field| {
            let said = said.get(f.name);
            said.map_or_else(String::new, |text| value(ctx, f.kind, text, &names))
        };
        differs
            .map(|f| [f.label.to_owned(), words(&typed.said, f), words(now, f)])
            .collect()
    });
    let base = format!("/cases/{}/family", case.reference);
    // The day that is chosen, or today while none is.
    let chosen = typed.said.get("day").and_then(|day| day.parse().ok());
    let day = chosen.unwrap_or_else(|| ctx.today());
    let quiet = if part == Part::Contacts {
        work::quiet_on(&entries, day)
    } else {
        Vec::new()
    };
    Ok(context! {
        quiet => (!quiet.is_empty()).then(|| quiet.join(" and ")), quiet_day => day.to_string(),
        title => part.label(), case => cases::head(ctx, facts, &case, &known), asked, errors, stale => typed.stale, clash,
        version => entry.map_or(0, |e| e.version), action => format!("{base}/{}/{id}", part.as_str()), list => base,
        others => entry.filter(|_| part == Part::People).map(|own| others(own, &entries)),
    })
}

/// What may be told to this parent of the others.
fn others(own: &Entry, entries: &[Entry]) -> Vec<Value> {
    entries
        .iter()
        .filter(|e| e.part == Part::People && e.id != own.id)
        .map(|e| {
            let told = for_addressee(&e.said);
            let get = |name: &str| told.get(name).cloned();
            context! {
                name => get("name"), address => get("address"), telephone => get("telephone"), email => get("email"),
                apart => is_kept_apart(&e.said),
            }
        })
        .collect()
}

/// One question with what stands in it.
fn question(
    ctx: &Context,
    field: &Field,
    typed: &Typed,
    now: Option<&Said>,
    names: &std::collections::BTreeMap<String, String>,
    at: &Value,
) -> Value {
    let name = field.name;
    let held = now.and_then(|said| said.get(name)).cloned();
    let text = match &typed.post {
        Some(post) => post.text(name).to_owned(),
        None => held.clone().unwrap_or_default(),
    };
    let choice = |value: &str, label: &str| context! { value, text => label, checked => text == value, selected => text == value };
    let first = || choice("", "Choose");
    let (kind, items) = match field.kind {
        Kind::Line => ("line", Vec::new()),
        Kind::Lines | Kind::Days => ("lines", Vec::new()),
        Kind::Day => ("day", Vec::new()),
        Kind::One(codes) => (
            "one",
            codes
                .iter()
                .map(|(code, label)| choice(code, label))
                .collect(),
        ),
        Kind::Relation => {
            let codes = ctx.house.dictionary().codes("relationship").iter();
            let codes = codes.map(|code| choice(&code.code, &code.label));
            ("select", std::iter::once(first()).chain(codes).collect())
        }
        Kind::Person => {
            let people = names.iter().map(|(id, name)| choice(id, name));
            ("select", std::iter::once(first()).chain(people).collect())
        }
    };
    let label = if field.required {
        field.label.to_owned()
    } else {
        format!("{} (optional)", field.label)
    };
    let parts = boxes(
        typed.post.as_ref(),
        name,
        held.filter(|_| typed.post.is_none())
            .and_then(|text| text.parse().ok()),
    );
    context! { name, label, hint => field.hint, kind, items, text => &text, parts, error => at.get(name) }
}

/// Problems for the summary, each leading to the first box it is about, and by field.
fn said(part: Part, problems: &[Problem]) -> (Option<Vec<Value>>, Value) {
    let (_, at) = crate::web::said::said(problems);
    let dated = |name: &str| {
        let mut days = fields(part).iter().filter(|f| f.kind == Kind::Day);
        days.any(|field| field.name == name)
    };
    let list: Vec<Value> = problems
        .iter()
        .map(|p| {
            let box_of = if dated(&p.field) { "-day" } else { "" };
            context! { text => &p.message, href => format!("#{}{box_of}", p.field) }
        })
        .collect();
    ((!list.is_empty()).then_some(list), at)
}

/// What was posted for a line of this part.
fn read(part: Part, post: &Post) -> (Said, Vec<Problem>) {
    let mut problems = Vec::new();
    let mut said = Said::new();
    for field in fields(part) {
        let text = match field.kind {
            Kind::Day => day(post, field.name, field.label, &mut problems)
                .map(|day| day.to_string())
                .unwrap_or_default(),
            _ => post
                .text(field.name)
                .replace("\r\n", "\n")
                .trim()
                .to_owned(),
        };
        if !text.is_empty() {
            said.insert(field.name.to_owned(), text);
        }
    }
    (said, problems)
}

/// `POST /cases/{reference}/family/{part}/{id}`.
pub async fn save(
    app: Data,
    visit: Visit,
    path: web::Path<(String, String, String)>,
    post: Post,
) -> Page {
    let (reference, code, id) = path.into_inner();
    let part = code.parse::<Part>().ok();
    let (said, unread) = part.map_or_else(Default::default, |part| read(part, &post));
    let given = Given {
        id: Some(id.clone()).filter(|id| id != NEW),
        version: post.number("version"),
        said: said.clone(),
        warned: post.text("quiet").parse().ok(),
        problems: unread,
    };
    let of = reference.clone();
    let done = app
        .write(&visit, move |tx, ctx| {
            if let Some(part) = part {
                return work::save(tx, ctx, &of, part, given);
            }
            access::reach(tx.conn(), ctx, &of, Verb::KeepFamily)?;
            Err(Error::NotFound)
        })
        .await;
    let mut typed = Typed {
        post: Some(post),
        said,
        ..Typed::default()
    };
    match done {
        Ok(()) => return Ok(see_other(&format!("/cases/{reference}/family"))),
        Err(Fault::Work(Error::Invalid(problems))) => typed.problems = problems,
        Err(Fault::Work(Error::Stale)) => typed.stale = true,
        Err(fault) => return Err(fault),
    }
    show(&app, &visit, &reference, &code, &id, typed).await
}

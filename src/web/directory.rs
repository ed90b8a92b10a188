//! The directory of whom to ask, as staff keep it: finding somebody, one contact, and a file taken over. Must not know
//! any case.

mod agency;

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::Value;

use super::app::see_other;
use super::sign_in::told;
use super::upload::{UPLOADS, read, sound, turn};
use super::{App, Fault, Page, Post, Visit, letter};
use crate::casework::directory::{self, Import, LineOutcome, Listed, Typed};
use crate::casework::house::Organisation;
use crate::casework::people::problem;
use crate::casework::{Context, Error, House, gather};
use crate::domain::form::{Problem, date_of_boxes};
use crate::domain::permission::{Facts, Verb, may};
use crate::store::contacts::Contact;

pub(super) use agency::held;
pub use agency::{hold, page as agency};

type Data = web::Data<Arc<App>>;

/// Refused lines of a file that are shown.
const SHOWN: usize = 500;
/// The inputs in the order of the page.
const ORDER: [&str; 11] = [
    "agency",
    "professional_type",
    "organisation_code",
    "organisation",
    "district",
    "name",
    "email",
    "deputy_name",
    "deputy_email",
    "away_from",
    "away_to",
];

/// What is looked for.
#[derive(Deserialize)]
pub struct Wanted {
    #[serde(default)]
    agency: String,
    #[serde(default)]
    find: String,
}

/// Everybody, or those who are looked for.
pub async fn list(app: Data, visit: Visit, query: web::Query<Wanted>) -> Page {
    let Wanted { agency, find } = query.into_inner();
    let (of, words) = (agency.clone(), find.clone());
    let (all, ctx) = app
        .read(&visit, move |conn, ctx| {
            let all = directory::list(conn, ctx, &of, &words)?;
            ctx.note_page()?;
            Ok((all, ctx.clone()))
        })
        .await?;
    let rows: Vec<Value> = all.iter().map(|one| shown(&ctx, one)).collect();
    let page = context! {
        title => "Directory", rows, agency, find, agencies => codes(&ctx, "agency"),
        may_keep => may(&ctx.actor, Verb::KeepDirectory, &Facts::default()),
    };
    app.ok(&visit, "directory/list.html", page)
}

/// A contact as lists show it.
pub(super) fn shown(ctx: &Context, one: &Listed) -> Value {
    let of = &one.contact;
    let (name, email) = one.reached();
    context! {
        id => &of.id, name => &of.name, email => &of.email, organisation => &of.organisation, district => directory::district_name(ctx, of),
        agency => gather::agency_label(ctx, &of.agency), agency_code => &of.agency, away => one.away, away_to => of.away_to.map(|d| d.to_string()),
        stands_in => (email != of.email).then(|| name.to_owned()),
        replied_at => one.fared.replied_at.map(letter::moment), asked_at => one.fared.asked_at.map(letter::moment),
        bounced_at => one.fared.bounced_at.map(letter::moment),
    }
}

fn codes(ctx: &Context, list: &str) -> Vec<Value> {
    let codes = ctx.house.dictionary().codes(list).iter();
    codes
        .map(|c| context! { value => &c.code, text => &c.label })
        .collect()
}

/// The page of a contact, new or there already.
struct Sheet<'a> {
    /// Id and version; none for a new one.
    of: Option<(&'a str, i32)>,
    typed: &'a Typed,
    /// The boxes of both days as they were typed.
    boxes: &'a BTreeMap<String, String>,
    problems: &'a [Problem],
    status: StatusCode,
    /// What somebody else saved meanwhile, and its version.
    saved: Option<&'a Contact>,
}

fn sheet(app: &Data, visit: &Visit, ctx: &Context, sheet: &Sheet<'_>) -> Page {
    let faults: BTreeMap<&str, &str> = sheet
        .problems
        .iter()
        .map(|p| (p.field.as_str(), p.message.as_str()))
        .collect();
    let anchor = |field: &str| match field {
        "away_from" | "away_to" => format!("{field}-day"),
        other => other.to_owned(),
    };
    let errors: Vec<Value> = sheet
        .problems
        .iter()
        .map(|p| told(&anchor(&p.field), &p.message))
        .collect();
    let districts: Vec<Value> = ctx.house.area.districts.keys()
        .map(|code| context! { value => code, text => ctx.house.organisation_name(code).unwrap_or(code) })
        .collect();
    let page = context! {
        title => if sheet.of.is_some() { "Contact" } else { "New contact" }, typed => sheet.typed, boxes => sheet.boxes,
        faults, errors => Some(errors).filter(|e| !e.is_empty()), id => sheet.of.map(|(id, _)| id),
        version => sheet.of.map(|(_, version)| version), agencies => codes(ctx, "agency"), districts,
        professional_types => codes(ctx, "professional_type"), organisations => organisations(ctx, sheet.typed),
        free => Some(&sheet.typed.organisation).filter(|text| {
            let listed = listed(&ctx.house, text);
            listed.is_none_or(|of| sheet.boxes.get(LISTED).is_none_or(|code| *code != of.code))
        }),
        clash => sheet.saved.map(|saved| differences(ctx, sheet.typed, &directory::typed_of(saved))),
    };
    app.page(visit, sheet.status, "directory/contact.html", page)
}

/// The input in which an organisation is chosen from the list.
const LISTED: &str = "organisation_code";

/// The organisation of the list that goes by this name or code.
fn listed<'a>(house: &'a House, text: &str) -> Option<&'a Organisation> {
    let text = text.trim().to_lowercase();
    let is = |of: &&Organisation| of.name.to_lowercase() == text || of.code.to_lowercase() == text;
    house
        .organisations
        .iter()
        .filter(|of| of.kind != "district")
        .find(is)
}

/// The organisations that go on today, and the one that was chosen before.
fn organisations(ctx: &Context, typed: &Typed) -> Vec<Value> {
    let chosen = listed(&ctx.house, &typed.organisation).map(|of| of.code.as_str());
    let all = ctx.house.organisations.iter();
    all.filter(|of| of.kind != "district")
        .filter_map(|of| {
            let ended = ctx.house.ended(&of.code, ctx.today()).is_some();
            let text = if ended {
                format!("{} (ended)", of.name)
            } else {
                of.name.clone()
            };
            let offered = !ended || chosen == Some(of.code.as_str());
            offered.then(|| context! { value => &of.code, text })
        })
        .collect()
}

/// The organisation that was chosen from the list, or else typed; both at once are refused.
fn organisation(house: &House, post: &Post, found: &mut Vec<Problem>) -> String {
    let text = post.text("organisation").trim();
    let text: String = text.chars().filter(|c| !c.is_control()).collect();
    let code = post.text(LISTED).trim();
    if code.is_empty() {
        return text;
    }
    let Some(of) = house.organisations.iter().find(|of| of.code == code) else {
        found.push(problem(
            LISTED,
            "code",
            "Choose the organisation from the list",
        ));
        return text;
    };
    if text.is_empty() || text == of.name {
        return of.name.clone();
    }
    let words = "Choose an organisation from the list, or type one that is not in it, but not both";
    found.push(problem("organisation", "one", words));
    text
}

/// Where what was typed differs from what somebody else saved, box by box in words.
fn differences(ctx: &Context, typed: &Typed, saved: &Typed) -> Vec<[String; 3]> {
    let words = |of: &Typed| -> [(&'static str, String); 10] {
        let dict = ctx.house.dictionary();
        let label = |list: &str, code: &str| dict.label(list, code).unwrap_or(code).to_owned();
        let place = |code: &str| match code {
            "" => "The whole area".to_owned(),
            code => ctx.house.organisation_name(code).unwrap_or(code).to_owned(),
        };
        let day = |day: Option<NaiveDate>| {
            day.map(|day| day.format("%-d %B %Y").to_string())
                .unwrap_or_default()
        };
        [
            ("Agency", label("agency", &of.agency)),
            (
                "Professional type",
                label("professional_type", &of.professional_type),
            ),
            ("Organisation", of.organisation.clone()),
            ("For deaths in", place(&of.district)),
            ("Name of the person or team", of.name.clone()),
            ("Email address", of.email.clone()),
            ("Who stands in", of.deputy_name.clone()),
            (
                "Email address of whoever stands in",
                of.deputy_email.clone(),
            ),
            ("First day away", day(of.away_from)),
            ("Last day away", day(of.away_to)),
        ]
    };
    words(typed)
        .into_iter()
        .zip(words(saved))
        .filter(|((_, mine), (_, theirs))| mine != theirs)
        .map(|((name, mine), (_, theirs))| [name.to_owned(), mine, theirs])
        .collect()
}

/// The page of a new contact.
pub async fn new(app: Data, visit: Visit) -> Page {
    let ctx = app
        .read(&visit, |_, ctx| {
            ctx.allow(Verb::KeepDirectory, &Facts::default())?;
            Ok(ctx.clone())
        })
        .await?;
    let empty = Sheet {
        of: None,
        typed: &Typed::default(),
        boxes: &BTreeMap::new(),
        problems: &[],
        status: StatusCode::OK,
        saved: None,
    };
    sheet(&app, &visit, &ctx, &empty)
}

/// What was typed, with what of the days cannot be read.
fn typed(house: &House, post: &Post) -> (Typed, Vec<Problem>) {
    let text = |name: &str| -> String {
        let text = post.text(name).trim();
        text.chars().filter(|c| !c.is_control()).collect()
    };
    let mut found = Vec::new();
    let mut day = |field: &str, label: &str| -> Option<NaiveDate> {
        let part = |part: &str| post.text(&format!("{field}-{part}")).trim().to_owned();
        let (day, month, year) = (part("day"), part("month"), part("year"));
        if [&day, &month, &year].iter().all(|text| text.is_empty()) {
            return None;
        }
        match date_of_boxes(label, &day, &month, &year) {
            Ok(date) => Some(date),
            Err(words) => {
                found.push(problem(field, "date", &words));
                None
            }
        }
    };
    let (away_from, away_to) = (
        day("away_from", "First day away"),
        day("away_to", "Last day away"),
    );
    let typed = Typed {
        agency: text("agency"),
        professional_type: text("professional_type"),
        organisation: organisation(house, post, &mut found),
        district: text("district"),
        name: text("name"),
        email: text("email"),
        deputy_name: text("deputy_name"),
        deputy_email: text("deputy_email"),
        away_from,
        away_to,
    };
    (typed, found)
}

fn boxes_of_post(post: &Post) -> BTreeMap<String, String> {
    post.0
        .0
        .iter()
        .filter(|(name, _)| name.starts_with("away_") || name == LISTED)
        .map(|(name, value)| (name.replace('-', "_"), value.clone()))
        .collect()
}

fn boxes_of(house: &House, typed: &Typed) -> BTreeMap<String, String> {
    use chrono::Datelike;
    let chosen = listed(house, &typed.organisation).map(|of| (LISTED.to_owned(), of.code.clone()));
    let days = [("away_from", typed.away_from), ("away_to", typed.away_to)];
    days.into_iter()
        .filter_map(|(name, day)| Some((name, day?)))
        .flat_map(|(name, day)| {
            [
                (format!("{name}_day"), day.day().to_string()),
                (format!("{name}_month"), day.month().to_string()),
                (format!("{name}_year"), day.year().to_string()),
            ]
        })
        .chain(chosen)
        .collect()
}

fn in_order(mut problems: Vec<Problem>) -> Vec<Problem> {
    problems.sort_by_key(|p| ORDER.iter().position(|field| *field == p.field));
    problems
}

/// Adds somebody.
pub async fn add(app: Data, visit: Visit, post: Post) -> Page {
    let (now, found) = typed(&app.house, &post);
    let of = now.clone();
    let done = app
        .write(&visit, move |tx, ctx| {
            ctx.allow(Verb::KeepDirectory, &Facts::default())?;
            if found.is_empty() {
                return directory::add(tx, ctx, &of);
            }
            let all = directory::faults(ctx, &of).into_iter().chain(found);
            Err(Error::Invalid(all.collect()))
        })
        .await;
    match done {
        Ok(_) => Ok(see_other("/directory")),
        Err(Fault::Work(Error::Invalid(problems))) => {
            let ctx = app.read(&visit, |_, ctx| Ok(ctx.clone())).await?;
            let again = Sheet {
                of: None,
                typed: &now,
                boxes: &boxes_of_post(&post),
                problems: &in_order(problems),
                status: StatusCode::UNPROCESSABLE_ENTITY,
                saved: None,
            };
            sheet(&app, &visit, &ctx, &again)
        }
        Err(fault) => Err(fault),
    }
}

/// One contact.
pub async fn contact(app: Data, visit: Visit, path: web::Path<String>) -> Page {
    let id = path.into_inner();
    let (found, ctx) = app
        .read(&visit, move |conn, ctx| {
            ctx.allow(Verb::KeepDirectory, &Facts::default())?;
            let found = directory::get(conn, ctx, &id)?;
            ctx.note_page()?;
            Ok((found, ctx.clone()))
        })
        .await?;
    let typed = directory::typed_of(&found);
    let page = Sheet {
        of: Some((&found.id, found.version)),
        boxes: &boxes_of(&ctx.house, &typed),
        typed: &typed,
        problems: &[],
        status: StatusCode::OK,
        saved: None,
    };
    sheet(&app, &visit, &ctx, &page)
}

/// Changes a contact, or takes it out.
pub async fn change(app: Data, visit: Visit, path: web::Path<String>, post: Post) -> Page {
    let id = path.into_inner();
    let version = post.number("version");
    let (now, found) = typed(&app.house, &post);
    let (of, which, ends) = (now.clone(), id.clone(), post.text("do") == "end");
    let done = app
        .write(&visit, move |tx, ctx| {
            ctx.allow(Verb::KeepDirectory, &Facts::default())?;
            if ends {
                return directory::end(tx, ctx, &which, version);
            }
            if found.is_empty() {
                return directory::change(tx, ctx, &which, version, &of);
            }
            directory::get(tx.conn(), ctx, &which)?;
            let all = directory::faults(ctx, &of).into_iter().chain(found);
            Err(Error::Invalid(all.collect()))
        })
        .await;
    let (problems, status) = match done {
        Ok(()) => return Ok(see_other("/directory")),
        Err(Fault::Work(Error::Invalid(problems))) => {
            (in_order(problems), StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(Fault::Work(Error::Stale)) => {
            let words = "Somebody else changed this contact while you had it open";
            (vec![problem("name", "stale", words)], StatusCode::CONFLICT)
        }
        Err(fault) => return Err(fault),
    };
    let of = id.clone();
    let stale = status == StatusCode::CONFLICT;
    let (saved, ctx) = app
        .read(&visit, move |conn, ctx| {
            let saved = stale.then(|| directory::get(conn, ctx, &of)).transpose()?;
            Ok((saved, ctx.clone()))
        })
        .await?;
    // Saved again, it is after having seen both.
    let version = saved.as_ref().map_or(version, |saved| saved.version);
    let again = Sheet {
        saved: saved.as_ref(),
        of: Some((&id, version)),
        typed: &now,
        boxes: &boxes_of_post(&post),
        problems: &problems,
        status,
    };
    sheet(&app, &visit, &ctx, &again)
}

/// The page that takes a file.
pub async fn import_page(app: Data, visit: Visit) -> Page {
    app.read(&visit, |_, ctx| {
        ctx.allow(Verb::KeepDirectory, &Facts::default())
    })
    .await?;
    show_import(&app, &visit, StatusCode::OK, None, None)
}

fn show_import(
    app: &Data,
    visit: &Visit,
    status: StatusCode,
    read: Option<(&Import, &str)>,
    fault: Option<&str>,
) -> Page {
    let import = read.map(|(import, text)| {
        let refused: Vec<Value> = import.refused().take(SHOWN).flat_map(refused).collect();
        let lines = import.refused().count();
        context! {
            added => import.count(&LineOutcome::Added), changed => import.count(&LineOutcome::Changed),
            same => import.count(&LineOutcome::Same), refused, lines, text,
        }
    });
    let page = context! {
        title => "Take over a file", import, fault,
        errors => fault.map(|text| vec![told("file", text)]),
    };
    app.page(visit, status, "directory/import.html", page)
}

fn refused(line: &directory::Line) -> Vec<Value> {
    let LineOutcome::Refused(faults) = &line.outcome else {
        return Vec::new();
    };
    let shown =
        |(column, words): &(String, String)| context! { number => line.number, column, words };
    faults.iter().map(shown).collect()
}

/// Checks a file: says of each line what would become of it, and writes nothing.
pub async fn check_import(
    app: Data,
    visit: Visit,
    request: HttpRequest,
    body: web::Payload,
) -> Page {
    app.read(&visit, |_, ctx| {
        ctx.allow(Verb::KeepDirectory, &Facts::default())
    })
    .await?;
    sound(&request)?;
    let place = turn(&UPLOADS).await?;
    let upload = read(&request, body, "file").await?;
    drop(place);
    let bytes = upload
        .file
        .and_then(|file| file.bytes)
        .filter(|bytes| !bytes.is_empty() && bytes.len() <= super::post::LARGEST / 2)
        .ok_or("Choose a CSV file of 500 kB or less");
    let text = bytes.and_then(|bytes| {
        let odd = "The accented letters of the file cannot be read. Save it as CSV with Unicode letters, and choose it \
                   again";
        String::from_utf8(bytes.to_vec()).map_err(|_| odd)
    });
    let text = match text {
        Ok(text) => text,
        Err(words) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return show_import(&app, &visit, status, None, Some(words));
        }
    };
    let of = text.clone();
    let read = app
        .read(&visit, move |conn, ctx| directory::read(conn, ctx, &of))
        .await;
    match read {
        Ok(import) => show_import(&app, &visit, StatusCode::OK, Some((&import, &text)), None),
        Err(Fault::Work(Error::Invalid(problems))) => refused_file(&app, &visit, &problems),
        Err(fault) => Err(fault),
    }
}

fn refused_file(app: &Data, visit: &Visit, problems: &[Problem]) -> Page {
    let words = problems.first().map(|p| p.message.as_str());
    show_import(app, visit, StatusCode::UNPROCESSABLE_ENTITY, None, words)
}

/// Takes the checked file over.
pub async fn import(app: Data, visit: Visit, post: Post) -> Page {
    let text = post.text("text").to_owned();
    let done = app
        .write(&visit, move |tx, ctx| directory::import(tx, ctx, &text))
        .await;
    match done {
        Ok(_) => Ok(see_other("/directory")),
        Err(Fault::Work(Error::Invalid(problems))) => refused_file(&app, &visit, &problems),
        Err(fault) => Err(fault),
    }
}

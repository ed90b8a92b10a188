//! The pages on which an agency hands a request on, says that it did not know the child, or asks for more time. Must
//! not decide what may be done.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web;
use serde_json::Value;

use super::app::see_other;
use super::dated::{boxes, day};
use super::respond::{Held, held, work_page, write};
use super::said::said;
use super::{App, Fault, Page, Post, Visit};
use crate::casework::Error;
use crate::casework::asked::{self, Colleague};
use crate::casework::parts::{self, Standing};
use crate::domain::form::Problem;

type Data = web::Data<Arc<App>>;

/// One of the three pages, with what was typed and what is wrong with it.
fn show(
    app: &Data,
    visit: &Visit,
    held: &Held,
    (template, title): (&str, &str),
    typed: &Value,
    found: &[Problem],
) -> Page {
    let (errors, at) = said(found);
    let status = if found.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let request = &held.work.request;
    let open = !matches!(request.state.as_str(), "answered" | "accepted");
    let page = context! {
        title, home => held.home(), open, errors, at, typed, agreed => request.agreed_date.to_string(),
        recipient => &request.recipient,
    };
    app.page(visit, status, template, page)
}

/// The page again with what is wrong, or on to `next`.
fn done<T>(
    app: &Data,
    visit: &Visit,
    held: &Held,
    page: (&str, &str),
    typed: &Value,
    outcome: Result<T, Fault>,
    next: &str,
) -> Page {
    match outcome {
        Ok(_) => Ok(see_other(next)),
        Err(Fault::Work(Error::Invalid(found))) => show(app, visit, held, page, typed, &found),
        Err(fault) => Err(fault),
    }
}

const HAND_ON: (&str, &str) = (
    "requests/hand-on.html",
    "Hand the request on to a colleague",
);
const PARTS: (&str, &str) = ("requests/parts.html", "Send parts to a colleague");
const GIVE_BACK: (&str, &str) = ("requests/give-back.html", "Give these parts back");
const NOT_KNOWN: (&str, &str) = (
    "requests/not-known.html",
    "The child is not known to our service",
);
const TIME: (&str, &str) = ("requests/time.html", "Ask for more time");

/// `GET /requests/{token}/hand-on`.
pub async fn hand_on_page(app: Data, visit: Visit, path: web::Path<String>) -> Page {
    let held = held(&app, &visit, &path).await?;
    show(&app, &visit, &held, HAND_ON, &Value::Null, &[])
}

/// `POST /requests/{token}/hand-on` with `name` and `email`. This browser then holds nothing any more.
pub async fn hand_on(app: Data, visit: Visit, path: web::Path<String>, post: Post) -> Page {
    let held = held(&app, &visit, &path).await?;
    let to = Colleague {
        name: post.text("name").to_owned(),
        email: post.text("email").to_owned(),
    };
    let typed = context! { name => &to.name, email => &to.email };
    let of = path.to_string();
    let outcome = write(&app, &visit, &path, move |tx, ctx| {
        asked::hand_on(tx, ctx, &of, &to)
    })
    .await;
    match outcome {
        Ok(()) => {
            let page = context! { title => "The request was handed on" };
            app.ok(&visit, "requests/handed-on.html", page)
        }
        Err(Fault::Work(Error::Invalid(found))) => {
            show(&app, &visit, &held, HAND_ON, &typed, &found)
        }
        Err(fault) => Err(fault),
    }
}

/// `GET /requests/{token}/parts`.
pub async fn parts_page(app: Data, visit: Visit, path: web::Path<String>) -> Page {
    let held = held(&app, &visit, &path).await?;
    let typed = context! { parts => parts(&held, &[]) };
    show(&app, &visit, &held, PARTS, &typed, &[])
}

/// What may go to a colleague, form by form.
fn parts(held: &Held, chosen: &[String]) -> Vec<Value> {
    let mut forms: Vec<(String, Vec<Value>, Vec<Value>)> = Vec::new();
    for page in parts::offered(&held.ctx, &held.work) {
        if forms
            .last()
            .is_none_or(|(label, _, _)| *label != page.form_label)
        {
            forms.push((page.form_label.clone(), Vec::new(), Vec::new()));
        }
        let Some((_, items, shut)) = forms.last_mut() else {
            continue;
        };
        let value = format!("{}/{}", page.form, page.id);
        let hint = match &page.standing {
            Standing::Open => None,
            Standing::Ticks(tick) => Some(format!(
                "Sending it ticks “{}” under “{}” on your form.",
                tick.choice, tick.question
            )),
            Standing::Shut(question) => {
                shut.push(context! { label => &page.label, question });
                continue;
            }
        };
        let hint = hint.map(|text| context! { text });
        let checked = chosen.contains(&value);
        items.push(context! { checked, text => &page.label, value, hint });
    }
    let shown = forms.into_iter();
    shown
        .map(|(label, items, shut)| context! { label, items, shut })
        .collect()
}

/// `POST /requests/{token}/parts` with `name`, `email` and the parts as `page`.
pub async fn send_parts(app: Data, visit: Visit, path: web::Path<String>, post: Post) -> Page {
    let held = held(&app, &visit, &path).await?;
    let to = Colleague {
        name: post.text("name").to_owned(),
        email: post.text("email").to_owned(),
    };
    let chosen = post.all("page");
    let typed = context! { name => &to.name, email => &to.email, parts => parts(&held, &chosen) };
    let of = path.to_string();
    let outcome = write(&app, &visit, &path, move |tx, ctx| {
        parts::send_parts(tx, ctx, &of, &to, &chosen)
    })
    .await;
    let next = held.home();
    done(&app, &visit, &held, PARTS, &typed, outcome, &next)
}

/// `POST /requests/{token}/parts/{part}/recall`.
pub async fn recall(app: Data, visit: Visit, path: web::Path<(String, String)>, _: Post) -> Page {
    let (id, part) = path.into_inner();
    let held = held(&app, &visit, &id).await?;
    let of = id.clone();
    write(&app, &visit, &id, move |tx, ctx| {
        parts::recall(tx, ctx, &of, &part)
    })
    .await?;
    Ok(see_other(&held.home()))
}

/// `GET /requests/{token}/give-back`.
pub async fn give_back_page(app: Data, visit: Visit, path: web::Path<String>) -> Page {
    let held = held(&app, &visit, &path).await?;
    if held.work.request.part_of.is_none() {
        return Err(Fault::Work(Error::NotFound));
    }
    show(&app, &visit, &held, GIVE_BACK, &Value::Null, &[])
}

/// `POST /requests/{token}/give-back`. This browser then holds nothing any more.
pub async fn give_back(app: Data, visit: Visit, path: web::Path<String>, _: Post) -> Page {
    let of = path.to_string();
    write(&app, &visit, &path, move |tx, ctx| {
        parts::give_back(tx, ctx, &of)
    })
    .await?;
    let page = context! { title => "The parts were given back", parts => true };
    app.ok(&visit, "requests/handed-on.html", page)
}

/// `POST /requests/{token}/knew` with `knew`: what others told is shown after “yes”, and “no” leads to a nil return.
pub async fn knew(app: Data, visit: Visit, path: web::Path<String>, post: Post) -> Page {
    let held = held(&app, &visit, &path).await?;
    match post.text("knew") {
        "yes" => {
            let of = path.to_string();
            write(&app, &visit, &path, move |tx, ctx| {
                asked::knew(tx, ctx, &of)
            })
            .await?;
            Ok(see_other(&held.home()))
        }
        "no" => Ok(see_other(&format!("{}/not-known", held.home()))),
        _ => work_page(
            &app,
            &visit,
            &held,
            Some("Choose whether your service knew the child"),
        ),
    }
}

/// `GET /requests/{token}/not-known`.
pub async fn not_known_page(app: Data, visit: Visit, path: web::Path<String>) -> Page {
    let held = held(&app, &visit, &path).await?;
    let typed = context! { name => &held.work.request.recipient };
    show(&app, &visit, &held, NOT_KNOWN, &typed, &[])
}

/// `POST /requests/{token}/not-known` with `name`.
pub async fn not_known(app: Data, visit: Visit, path: web::Path<String>, post: Post) -> Page {
    let held = held(&app, &visit, &path).await?;
    let name = post.text("name").to_owned();
    let typed = context! { name => &name };
    let of = path.to_string();
    let outcome = write(&app, &visit, &path, move |tx, ctx| {
        asked::not_known(tx, ctx, &of, &name)
    })
    .await;
    let next = format!("{}/sent", held.home());
    done(&app, &visit, &held, NOT_KNOWN, &typed, outcome, &next)
}

/// `GET /requests/{token}/time`.
pub async fn time_page(app: Data, visit: Visit, path: web::Path<String>) -> Page {
    let held = held(&app, &visit, &path).await?;
    let typed = context! { until => boxes(None, "until", None) };
    show(&app, &visit, &held, TIME, &typed, &[])
}

/// `POST /requests/{token}/time` with a date in boxes and `reason`.
pub async fn time(app: Data, visit: Visit, path: web::Path<String>, post: Post) -> Page {
    let held = held(&app, &visit, &path).await?;
    let mut found = Vec::new();
    let until = day(&post, "until", "The day", &mut found);
    let reason = post.text("reason").to_owned();
    let typed = context! { until => boxes(Some(&post), "until", until), reason => &reason };
    if !found.is_empty() {
        return show(&app, &visit, &held, TIME, &typed, &found);
    }
    let of = path.to_string();
    let outcome = write(&app, &visit, &path, move |tx, ctx| {
        asked::ask_time(tx, ctx, &of, until, &reason)
    })
    .await;
    done(&app, &visit, &held, TIME, &typed, outcome, &held.home())
}

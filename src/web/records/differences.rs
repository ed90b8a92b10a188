//! Where agencies differ: each answer beside the others with who gave it, and the one that is taken. Must not know how an
//! answer reached the record.

use actix_web::http::StatusCode;
use actix_web::web;

use super::{Data, Desk, desk};
use crate::casework::Error;
use crate::casework::gather;
use crate::casework::picture::answer_of;
use crate::domain::form::words;
use crate::domain::permission::Verb;
use crate::web::app::see_other;
use crate::web::{Fault, Page, Post, Visit};

/// Where agencies differ, each answer beside the others with who gave it.
pub async fn differences(app: Data, visit: Visit, path: web::Path<String>) -> Page {
    let desk = desk(&app, &visit, &path, Verb::ReadCase).await?;
    differences_page(&app, &visit, &desk, StatusCode::OK, None)
}

/// A post that took no answer: of which question, why, and the reason typed beside it.
struct Unchosen {
    at: String,
    words: &'static str,
    reason: String,
}

const CHOOSE: &str = "Choose which answer is right";
const CHANGED: &str = "Another answer came while you chose. Look at all of them, and choose again";

fn differences_page(
    app: &Data,
    visit: &Visit,
    desk: &Desk,
    status: StatusCode,
    error: Option<&Unchosen>,
) -> Page {
    let mut list = Vec::new();
    for (code, agreed) in &desk.known.forms {
        let dict = desk.ctx.house.dictionary_of(&agreed.row.form_version);
        let Some(form) = dict.form(code) else {
            continue;
        };
        for (id, source) in agreed.sources.iter().filter(|(_, s)| s.options.len() > 1) {
            let Some(field) = form.field(id) else {
                continue;
            };
            let options: Vec<_> = source
                .options
                .iter()
                .map(|o| {
                    let said = answer_of(dict, form, id, &o.answer).map(|a| words(dict, field, &a));
                    let from: Vec<String> = o.from.iter().map(|v| desk.voice(v)).collect();
                    context! { words => said.unwrap_or_default(), from => from.join(", ") }
                })
                .collect();
            let now = agreed.answers.get(id).map(|a| words(dict, field, a));
            let anchor = format!("{code}-{id}");
            let here = error.filter(|e| e.at == anchor);
            list.push(context! {
                shown => gather::shown(source), form => code, form_label => &form.label, field => id, label => &field.label, options,
                settled_by => &source.settled_by, settled_why => &source.settled_why, now, anchor,
                error => here.map(|e| e.words), reason => here.map(|e| &e.reason),
            });
        }
    }
    let errors = error.map(|e| vec![context! { text => e.words, href => format!("#{}-0", e.at) }]);
    app.page(
        visit,
        status,
        "records/differences.html",
        context! { title => "Where answers differ", case => desk.shared(), list, errors },
    )
}

/// Takes one of the answers.
pub async fn settle(app: Data, visit: Visit, path: web::Path<String>, post: Post) -> Page {
    let (form, field) = (post.text("form").to_owned(), post.text("field").to_owned());
    let at = format!("{form}-{field}");
    let Ok(option) = post.text("option").parse() else {
        let desk = desk(&app, &visit, &path, Verb::SettleConflict).await?;
        let source = desk
            .known
            .forms
            .get(&form)
            .and_then(|f| f.sources.get(&field));
        if source.is_none_or(|s| s.options.len() < 2) {
            return Err(Fault::Work(Error::NotFound));
        }
        let error = Unchosen {
            at,
            words: CHOOSE,
            reason: post.text("reason").to_owned(),
        };
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return differences_page(&app, &visit, &desk, status, Some(&error));
    };
    let settle = gather::Settle {
        form,
        field,
        option,
        shown: Some(post.text("shown").to_owned()),
        reason: post.text("reason").to_owned(),
    };
    let reference = path.into_inner();
    let of = reference.clone();
    let reason = settle.reason.clone();
    let done = app
        .write(&visit, move |tx, ctx| gather::settle(tx, ctx, &of, &settle))
        .await;
    match done {
        Ok(()) => Ok(see_other(&format!("/cases/{reference}/differences"))),
        Err(Fault::Work(Error::Stale)) => {
            let desk = desk(&app, &visit, &reference, Verb::SettleConflict).await?;
            let error = Unchosen {
                at,
                words: CHANGED,
                reason,
            };
            differences_page(&app, &visit, &desk, StatusCode::CONFLICT, Some(&error))
        }
        Err(fault) => Err(fault),
    }
}

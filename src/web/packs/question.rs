//! Questions of members: as the coordinator handles them, and as an agency finds them behind its link. Must not judge what
//! was typed.

use actix_web::web;
use serde_json::Value;

use super::{Data, Page, Path2, Post, Sheet, Typed, Visit, base, see_other, typed};
use crate::casework::packs::{self as work, Asked};
use crate::casework::{Context, Error, Outcome, gather, letters, panels};
use crate::domain::code::coded;
use crate::domain::permission::Verb;
use crate::store::{Conn, requests};
use crate::web::respond::{held, write};

coded! {
    /// What a coordinator does with a question.
    pub enum Deed {
        Send = "send", "Send to the agency";
        PassOn = "pass_on", "Pass the answer on";
        SetAside = "set_aside", "Settle without asking";
    }
}

const PAGE: Sheet<(String, String), Typed> = Sheet {
    template: "packs/questions.html",
    view,
};

/// `GET /panels/{id}/pack/{item}/questions`.
pub async fn page(app: Data, visit: Visit, path: Path2) -> Page {
    PAGE.again(&app, &visit, &path, Typed::default()).await
}

fn view(conn: &mut Conn, ctx: &Context, at: &(String, String), typed: &Typed) -> Outcome<Value> {
    let (row, item, case, _) = panels::item(conn, ctx, &at.0, &at.1, Verb::KeepPack)?;
    let (errors, wrong) = crate::web::said::said(&typed.problems);
    let agencies: Vec<Value> = work::askable(conn, &case)?
        .iter()
        .map(|r| context! { value => &r.id, text => gather::agency_label(ctx, &r.agency), selected => typed.text("request") == Some(r.id.as_str()) })
        .collect();
    let mut all = Vec::new();
    for (q, state, who) in work::questions_of(conn, ctx, &item.id, true)? {
        let mine = typed.text("question") == Some(q.id.as_str());
        let typed = |name: &str| typed.text(name).filter(|_| mine).map(str::to_owned);
        let agency = match &q.request_id {
            Some(id) => requests::get(conn, id)?.map(|r| gather::agency_label(ctx, &r.agency)),
            None => None,
        };
        let told = format!("told-{}", q.id);
        all.push(context! {
            id => &q.id, version => q.version, who, agency, question => &q.question, worded => &q.worded, answer => &q.answer, told => &q.told,
            state => state.label(), asked => state == Asked::Asked, answered => state == Asked::Answered, sent => state == Asked::Sent, mine,
            typed_worded => typed("worded").or_else(|| Some(q.question.clone())), typed_told => typed(&told).or_else(|| q.answer.clone()),
        });
    }
    Ok(context! {
        title => "Questions of members", act => format!("{}/questions", base(at)), desk => format!("{}/desk", base(at)), pack => &item.pack_number,
        when => letters::when(row.starts_at, row.minutes_long), questions => all, agencies, errors, at => wrong, refused => &typed.refused,
    })
}

/// `POST /panels/{id}/pack/{item}/questions`.
pub async fn act(app: Data, visit: Visit, path: Path2, post: Post) -> Page {
    let at = path.into_inner();
    let deed = post.text("do").parse::<Deed>().ok();
    let (of, said) = (at.clone(), post.clone());
    let done = app
        .write(&visit, move |tx, ctx| {
            let at = (of.0.as_str(), of.1.as_str());
            let id = said.text("question");
            let which = (id, said.number("version"));
            let told = said.text(&format!("told-{id}"));
            match deed {
                Some(Deed::Send) => work::send(
                    tx,
                    ctx,
                    at,
                    which,
                    said.text("request"),
                    said.text("worded"),
                ),
                Some(Deed::PassOn) => work::pass_on(tx, ctx, at, which, told),
                Some(Deed::SetAside) => work::set_aside(tx, ctx, at, which, told),
                None => Err(Error::NotFound),
            }
        })
        .await;
    match done {
        Ok(()) => Ok(see_other(&format!("{}/questions", base(&at)))),
        Err(fault) => PAGE.again(&app, &visit, &at, typed(post, fault)?).await,
    }
}

/// `GET /requests/{token}/questions`.
pub async fn agency_page(app: Data, visit: Visit, path: web::Path<String>) -> Page {
    show_agency(&app, &visit, &path, Typed::default()).await
}

async fn show_agency(app: &Data, visit: &Visit, id: &str, typed: Typed) -> Page {
    let held = held(app, visit, id).await?;
    let request_id = held.work.request.id.clone();
    let home = held.home();
    let questions = app
        .open_read(visit, move |conn, _| work::asked_of(conn, &request_id))
        .await?;
    let (errors, wrong) = crate::web::said::said(&typed.problems);
    let questions: Vec<Value> = questions
        .iter()
        .map(|q| {
            let field = format!("answer-{}", q.id);
            context! {
                id => &q.id, version => q.version, field => &field, worded => &q.worded, answer => &q.answer, open => q.state == Asked::Sent.as_str(),
                typed => typed.text(&field),
            }
        })
        .collect();
    let page = context! {
        title => "Questions of the panel", act => format!("{home}/questions"), home, questions, errors, at => wrong, refused => &typed.refused,
    };
    app.page(visit, typed.status, "requests/questions.html", page)
}

/// `POST /requests/{token}/questions`.
pub async fn agency_act(app: Data, visit: Visit, path: web::Path<String>, post: Post) -> Page {
    let id = path.into_inner();
    let (request, said) = (id.clone(), post.clone());
    let done = write(&app, &visit, &id, move |tx, ctx| {
        let question = said.text("question");
        let text = said.text(&format!("answer-{question}"));
        work::answer(tx, ctx, &request, (question, said.number("version")), text)
    })
    .await;
    match done {
        Ok(()) => Ok(see_other(&format!("/requests/{id}/questions"))),
        Err(fault) => show_agency(&app, &visit, &id, typed(post, fault)?).await,
    }
}

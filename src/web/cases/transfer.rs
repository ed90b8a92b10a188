//! Handing a case to another panel: what was agreed, the file with its passphrase, and the other panel's answer. The
//! passphrase is shown on the page that makes the file and nowhere after. Must not know what is in the file.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde_json::Value;

use super::Panel;
use super::head::head;
use crate::casework::picture::Picture;
use crate::casework::transfer::{self, Answer, Asked};
use crate::casework::{Context, Error, Outcome, access};
use crate::domain::case::{Move, State};
use crate::domain::form::Problem;
use crate::domain::permission::Verb;
use crate::store::Conn;
use crate::store::transfers::Transfer;
use crate::store::vault::Lost;
use crate::web::again::Sheet;
use crate::web::app::see_other;
use crate::web::dated::{boxes, day};
use crate::web::documents::block;
use crate::web::said::said;
use crate::web::upload::{DOWNLOADS, UPLOADS, turn};
use crate::web::{App, Fault, Page, Post, Visit, documents, letter};

type Data = web::Data<Arc<App>>;
type At = web::Path<(String, String)>;

/// What was typed and what is wrong with it.
#[derive(Default)]
struct Typed {
    /// The post that asked for a file.
    make: Option<Post>,
    /// The post that gave an answer.
    answer: Option<Post>,
    problems: Vec<Problem>,
    /// A rule that refuses it, or that somebody was faster.
    refused: Option<String>,
    /// Shown this once.
    passphrase: Option<String>,
}

impl Typed {
    /// What became of a fault that the page itself can show.
    fn failed(mut self, fault: Fault) -> Result<(Self, StatusCode), Fault> {
        let status = match fault {
            Fault::Work(Error::Invalid(problems)) => {
                self.problems = problems;
                StatusCode::UNPROCESSABLE_ENTITY
            }
            Fault::Work(Error::Rule(words)) => {
                self.refused = Some(words);
                StatusCode::UNPROCESSABLE_ENTITY
            }
            Fault::Work(Error::Stale) => {
                let words = "This case changed while you had it open. Nothing was saved.";
                self.refused = Some(words.into());
                StatusCode::CONFLICT
            }
            fault => return Err(fault),
        };
        Ok((self, status))
    }
}

const PAGE: Sheet<str, Typed> = Sheet {
    template: "cases/transfer.html",
    view,
};

/// `GET /cases/{reference}/transfer`.
pub async fn transfer_page(app: Data, visit: Visit, path: web::Path<String>) -> Page {
    PAGE.show(&app, &visit, &path, Typed::default(), StatusCode::OK)
        .await
}

fn view(conn: &mut Conn, ctx: &Context, reference: &str, typed: &Typed) -> Outcome<Value> {
    let (case, facts) = access::reach(conn, ctx, reference, Verb::TransferCase)?;
    let known = Picture::shown(conn, ctx, &case, facts)?;
    let rows = transfer::of_case(conn, ctx, &case)?;
    let waiting = rows
        .iter()
        .find(|r| r.state == "made" && r.direction == "out");
    let state = case.state.parse::<State>().ok();
    let (make, answer) = (typed.make.as_ref(), typed.answer.as_ref());
    let panel = make.map(Panel::read).unwrap_or_default();
    let mut problems = typed.problems.clone();
    // What is wrong with the panel stands at the box in which it was typed.
    for problem in problems.iter_mut().filter(|p| p.field == "to") {
        panel.place().clone_into(&mut problem.field);
    }
    let (errors, wrong) = said(&problems);
    let refused = typed.refused.as_ref();
    let errors =
        errors.or_else(|| refused.map(|text| vec![context! { text, href => "#main-content" }]));
    let at = |field: &str| wrong.get(field).and_then(Value::as_str);
    let text = |post: Option<&Post>, name: &str| post.map(|p| p.text(name).to_owned());
    Ok(context! {
        title => "Transfer to another panel", case => head(ctx, facts, &case, &known), errors, wrong => &wrong,
        leaves => state.is_some_and(|s| s.moves().contains(&Move::TransferOut)),
        waiting => waiting.map(row), earlier => rows.iter().filter(|r| r.state != "made").map(row).collect::<Vec<_>>(),
        passphrase => &typed.passphrase, panel => panel.shown(at(panel.place())),
        typed => context! {
            reason => text(make, "reason"), agreed_by => text(make, "agreed_by"), learning => text(make, "learning"),
            agreed_on => boxes(make, "agreed_on", None), learning_due => boxes(make, "learning_due", None),
            answer => text(answer, "answer"), theirs => text(answer, "theirs"), why => text(answer, "reason"),
        },
        answering => answer.is_some(),
    })
}

/// A transfer as pages show it.
pub(in crate::web) fn row(row: &Transfer) -> Value {
    context! {
        id => &row.id, version => row.version, incoming => row.direction == "in", state => words(row), code => &row.state,
        panel => &row.panel, theirs => &row.theirs, agreed_on => row.agreed_on, learning_due => row.learning_due,
        size => documents::size(row.size), made_at => letter::moment(row.made_at), made_by => &row.made_by,
        answered_at => row.answered_at.map(letter::moment), reason => &row.reason, agreed_by => &row.agreed_by,
        learning => &row.learning, answer => &row.answer,
    }
}

fn words(row: &Transfer) -> &'static str {
    match (row.direction.as_str(), row.state.as_str()) {
        ("out", "made") => "Waits for the other panel’s answer",
        ("out", "accepted") => "Taken over by the other panel",
        ("out", "refused") => "Not taken over by the other panel",
        ("out", _) => "Replaced by another file",
        ("in", "looked") => "Waits to be decided",
        ("in", "taken") => "Taken over here",
        _ => "Not taken over here",
    }
}

/// `POST /cases/{reference}/transfer`: makes the file, and shows its passphrase.
pub async fn make_transfer(app: Data, visit: Visit, path: web::Path<String>, post: Post) -> Page {
    let reference = path.into_inner();
    let mut problems = Vec::new();
    let agreed_on = day(
        &post,
        "agreed_on",
        "Day on which it was agreed",
        &mut problems,
    );
    let due = "Day by which learning comes back";
    let learning_due = day(&post, "learning_due", due, &mut problems);
    let panel = Panel::read(&post);
    let asked = Asked {
        to: String::new(),
        reason: post.text("reason").to_owned(),
        agreed_by: post.text("agreed_by").to_owned(),
        agreed_on,
        learning: post.text("learning").to_owned(),
        learning_due,
        problems,
    };
    match make(&app, &visit, &reference, asked, panel).await {
        Ok(passphrase) => {
            let typed = Typed {
                passphrase: Some(passphrase),
                ..Typed::default()
            };
            PAGE.show(&app, &visit, &reference, typed, StatusCode::OK)
                .await
        }
        Err(fault) => {
            let typed = Typed {
                make: Some(post),
                ..Typed::default()
            };
            let (typed, status) = typed.failed(fault)?;
            PAGE.show(&app, &visit, &reference, typed, status).await
        }
    }
}

async fn make(
    app: &Data,
    visit: &Visit,
    reference: &str,
    asked: Asked,
    panel: Panel,
) -> Result<String, Fault> {
    let of = reference.to_owned();
    let gathered = app
        .read(visit, move |conn, ctx| {
            let to = panel.name(ctx);
            transfer::gather(conn, ctx, &of, &Asked { to, ..asked })
        })
        .await?;
    app.step_up(visit).await?;
    let turn = turn(&UPLOADS).await?;
    let vault = app.vault.clone();
    let made = block(move || Ok(transfer::build(gathered, &vault)?)).await?;
    drop(turn);
    let (id, passphrase) = (made.id().to_owned(), made.passphrase.clone());
    let kept = app
        .write(visit, move |tx, ctx| transfer::made(tx, ctx, &made))
        .await;
    match kept {
        Ok(replaced) => {
            for id in replaced {
                documents::forget(app, id).await?;
            }
            Ok(passphrase)
        }
        Err(fault) => {
            documents::forget(app, id).await?;
            Err(fault)
        }
    }
}

/// `POST /cases/{reference}/transfer/{id}` with `version`, `answer`, `theirs` and `reason`.
pub async fn answer_transfer(app: Data, visit: Visit, path: At, post: Post) -> Page {
    let (reference, id) = path.into_inner();
    let said = Answer {
        accepted: match post.text("answer") {
            "accepted" => Some(true),
            "refused" => Some(false),
            _ => None,
        },
        theirs: post.text("theirs").to_owned(),
        reason: post.text("reason").to_owned(),
    };
    let (of, file, version) = (reference.clone(), id.clone(), post.number("version"));
    let done = app
        .write(&visit, move |tx, ctx| {
            transfer::answer(tx, ctx, &of, &file, version, &said)
        })
        .await;
    match done {
        Ok(()) => {
            documents::forget(&app, id).await?;
            Ok(see_other(&format!("/cases/{reference}/transfer")))
        }
        Err(fault) => {
            let typed = Typed {
                answer: Some(post),
                ..Typed::default()
            };
            let (mut typed, status) = typed.failed(fault)?;
            // Both forms of the page ask for a reason.
            for problem in typed.problems.iter_mut().filter(|p| p.field == "reason") {
                "why".clone_into(&mut problem.field);
            }
            PAGE.show(&app, &visit, &reference, typed, status).await
        }
    }
}

/// `GET /cases/{reference}/transfer/{id}/file`.
pub async fn transfer_file(app: Data, visit: Visit, path: At) -> Page {
    let (reference, id) = path.into_inner();
    let _turn = turn(&DOWNLOADS).await?;
    let (of, file) = (reference.clone(), id.clone());
    let (case, row, key) = app
        .read(&visit, move |conn, ctx| {
            transfer::file_of(conn, ctx, &of, &file)
        })
        .await?;
    app.step_up(&visit).await?;
    let vault = app.vault.clone();
    let place = row.id.clone();
    let bytes = block(move || {
        vault.read(&place, &key).map_err(|lost| match lost {
            Lost::Damaged => Fault::from(Error::Damaged {
                table: "transfers",
                row: place,
            }),
            Lost::Store(e) => Error::from(e).into(),
        })
    })
    .await?;
    app.write(&visit, move |tx, ctx| {
        transfer::downloaded(tx, ctx, &reference, &id)
    })
    .await?;
    // Nothing of the child is in its name.
    let name = format!("{}-transfer.age", case.reference);
    Ok(HttpResponse::Ok()
        .content_type("application/octet-stream")
        .insert_header((
            "Content-Disposition",
            format!("attachment; filename=\"{name}\""),
        ))
        .insert_header(("Content-Encoding", "identity"))
        .body(bytes))
}

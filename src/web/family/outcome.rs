//! Recording that a family was told what came of the review, or did not wish it. Must not know what follows from it.

use actix_web::http::StatusCode;
use actix_web::web;

use super::{Data, Typed, show};
use crate::casework::Error;
use crate::casework::closing;
use crate::web::app::see_other;
use crate::web::{Fault, Page, Post, Visit, dated};

/// `POST /cases/{reference}/family/outcome`.
pub async fn outcome(app: Data, visit: Visit, path: web::Path<String>, post: Post) -> Page {
    let reference = path.into_inner();
    let (of, said) = (reference.clone(), post.clone());
    let done = app
        .write(&visit, move |tx, ctx| {
            let told = match said.text("told") {
                "yes" => Some(true),
                "declined" => Some(false),
                _ => None,
            };
            let mut wrong = Vec::new();
            let on = dated::day(&said, "told_on", "The day", &mut wrong);
            closing::tell_family(tx, ctx, &of, told, on, wrong)
        })
        .await;
    let mut typed = Typed {
        post: Some(post),
        status: StatusCode::UNPROCESSABLE_ENTITY,
        ..Typed::default()
    };
    match done {
        Ok(()) => return Ok(see_other(&format!("/cases/{reference}/family#outcome"))),
        Err(Fault::Work(Error::Invalid(problems))) => typed.problems = problems,
        Err(Fault::Work(Error::Rule(words))) => typed.refused = Some(words),
        Err(fault) => return Err(fault),
    }
    show(&app, &visit, reference, typed).await
}

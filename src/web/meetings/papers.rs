//! Adding a paper to a meeting about a case. Must not know what makes a file sound, nor how it is sealed.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};

use super::{Data, Typed, show};
use crate::casework::Error;
use crate::casework::documents::{Told, content_index};
use crate::casework::meetings::papers;
use crate::domain::form::Problem;
use crate::web::app::see_other;
use crate::web::documents::{keep, sound, told};
use crate::web::upload::{self, Sent};
use crate::web::{Fault, Page, Visit};

/// `POST /meetings/{id}/papers`. Who may is asked before the body is read.
pub async fn add_paper(
    app: Data,
    visit: Visit,
    path: web::Path<String>,
    req: HttpRequest,
    body: web::Payload,
) -> Page {
    let id = path.into_inner();
    let asked = id.clone();
    let open = app
        .read(&visit, move |conn, ctx| {
            papers::open(conn, ctx, &asked).map(drop)
        })
        .await;
    if let Err(Fault::Work(Error::Rule(words))) = open {
        let typed = Typed {
            refused: Some(words),
            status: StatusCode::UNPROCESSABLE_ENTITY,
            ..Typed::default()
        };
        return show(&app, &visit, &id, typed).await;
    }
    open?;
    upload::sound(&req)?;
    let _turn = upload::turn(&upload::UPLOADS).await?;
    let mut upload = upload::read(&req, body, "file").await?;
    let told = told(&upload);
    match take(&app, &visit, &id, &told, upload.file.take()).await? {
        Ok(_) => Ok(see_other(&format!("/meetings/{id}#papers"))),
        Err(problems) => {
            let typed = Typed {
                paper: told,
                problems,
                status: StatusCode::UNPROCESSABLE_ENTITY,
                ..Typed::default()
            };
            show(&app, &visit, &id, typed).await
        }
    }
}

/// Checks a file and what was said of it; keeps it when nothing is wrong.
async fn take(
    app: &Data,
    visit: &Visit,
    id: &str,
    told: &Told,
    file: Option<Sent>,
) -> Result<Result<i32, Vec<Problem>>, Fault> {
    let found = papers::problems(told);
    let said = async |refusal, size| {
        let of = id.to_owned();
        app.write(visit, move |tx, ctx| {
            papers::refused(tx, ctx, &of, refusal, size)
        })
        .await
    };
    let (file, bytes) = match sound(file, found, said).await? {
        Ok(sound) => sound,
        Err(found) => return Ok(Err(found)),
    };
    let (of, read) = (id.to_owned(), bytes.clone());
    let place = app
        .write(visit, move |tx, ctx| {
            let key = papers::key_to_add(tx, ctx, &of)?;
            Ok((key, ctx.new_id(), content_index(ctx, &read)))
        })
        .await?;
    let (of, told) = (id.to_owned(), told.clone());
    keep(app, (file, bytes), place, async |kept| {
        app.write(visit, move |tx, ctx| {
            papers::add(tx, ctx, &of, &told, &kept)
        })
        .await
    })
    .await
}

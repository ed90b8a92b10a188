//! The public notification: start, task list, sections, check, send, a copy to keep. No account, and nothing
//! is ever shown that this sender did not type.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};

use super::app::see_other;
use super::journey::Journey;
use super::visit::{Jar, cookie};
use super::{App, Fault, Page, Post, Visit};
use crate::casework::{Context, Error, notify};
use crate::domain::form::{Answer, AnsweredBy, Field, Form, Problem, confirmed};
use crate::domain::shared_answers;
use crate::store::notifications::{self, Notification};

type Data = web::Data<Arc<App>>;

fn wanted(field: &Field) -> bool {
    field.answered_by == AnsweredBy::Notifier
}

/// A draft with what is needed to show it.
struct Draft {
    row: Notification,
    ctx: Context,
}

impl Draft {
    fn form(&self) -> Result<&Form, Fault> {
        let dict = self.ctx.house.dictionary_of(&self.row.form_version);
        dict.form(notify::FORM).ok_or(Fault::Work(Error::NotFound))
    }

    /// Runs `f` over the journey through this draft.
    fn with<T>(&self, f: impl FnOnce(&Journey<'_>) -> T) -> Result<T, Fault> {
        let dict = self.ctx.house.dictionary_of(&self.row.form_version);
        let answers = notify::answers(&self.ctx, &self.row);
        let reasons = confirmed(&self.row.confirmed);
        let outline = self.ctx.house.outline(self.form()?);
        let nowhere = |_: &str| -> Option<Answer> { None };
        Ok(f(&Journey {
            dict,
            form: self.form()?,
            outline: &outline,
            answers: &answers,
            around: self.ctx.around(&nowhere),
            wanted: &wanted,
            base: "/notify/section".into(),
            confirmed: &reasons,
            // Nobody who tells of a death is held up by a check that only warns.
            asks_why: false,
            known: &shared_answers::NOTHING,
        }))
    }
}

async fn load(app: &Data, visit: &Visit) -> Result<Draft, Fault> {
    let id = visit
        .caller
        .draft
        .clone()
        .ok_or(Fault::Work(Error::NotFound))?;
    app.open_read(visit, move |conn, ctx| {
        let row = notifications::get(conn, &id)?.ok_or(Error::NotFound)?;
        Ok(Draft {
            row,
            ctx: ctx.clone(),
        })
    })
    .await
}

/// As `load`, for pages that change something; one already sent goes to its confirmation.
async fn open_draft(app: &Data, visit: &Visit) -> Result<Result<Draft, HttpResponse>, Fault> {
    if visit.caller.draft.is_none() {
        return Ok(Err(see_other("/notify")));
    }
    let draft = load(app, visit).await?;
    Ok(if notify::open_to_sender(&draft.row) {
        Ok(draft)
    } else {
        Err(see_other("/notify/sent"))
    })
}

/// What it is, who should use it, what to have at hand, and what it is not.
pub async fn start(app: Data, visit: Visit) -> Page {
    let has_draft = visit.caller.draft.is_some();
    app.ok(
        &visit,
        "notify/start.html",
        context! { title => "Notify a child death", has_draft },
    )
}

/// Opens a draft; this browser is given a cookie for it.
pub async fn begin(app: Data, visit: Visit, _: Post) -> Page {
    let row = app.open_write(&visit, notify::begin).await?;
    let mut response = see_other("/notify/tasks");
    response
        .add_cookie(&cookie(&app, Jar::Draft, Some(&row.id)))
        .map_err(|_| Fault::Unreadable)?;
    Ok(response)
}

/// The task list.
pub async fn tasks(app: Data, visit: Visit) -> Page {
    let draft = match open_draft(&app, &visit).await? {
        Ok(draft) => draft,
        Err(elsewhere) => return Ok(elsewhere),
    };
    #[expect(
        clippy::redundant_closure_for_method_calls,
        reason = "the method is not general enough over the journey's lifetime"
    )]
    let tasks = draft.with(|j| j.tasks())?;
    let left = tasks
        .iter()
        .filter(|t| matches!(t.status, "todo" | "started"))
        .count();
    let page = context! {
        title => "Notify a child death", tasks, left, sent_early => draft.row.state != "draft",
        code => notify::code(&draft.ctx, &draft.row.id), reference => &draft.row.reference,
    };
    app.ok(&visit, "notify/tasks.html", page)
}

/// One section.
pub async fn section(
    app: Data,
    visit: Visit,
    path: web::Path<String>,
    query: web::Query<Opened>,
) -> Page {
    let draft = match open_draft(&app, &visit).await? {
        Ok(draft) => draft,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let shown = Shown {
        opened: query.opened.is_some(),
        ..Shown::default()
    };
    show(&app, &visit, &draft, &path, &shown)
}

/// Said when the section is shown again because new questions opened in it.
#[derive(serde::Deserialize)]
pub struct Opened {
    pub opened: Option<String>,
}

/// How a section page is shown again.
#[derive(Default)]
struct Shown<'a> {
    posted: Option<&'a Post>,
    problems: &'a [Problem],
    opened: bool,
    status: StatusCode,
    clash: Option<Vec<(String, String, String)>>,
}

fn show(app: &Data, visit: &Visit, draft: &Draft, section: &str, shown: &Shown<'_>) -> Page {
    let page = draft.with(|j| {
        let section = j.section(section)?;
        Some(context! {
            title => &section.label, caption => "Notify a child death", back => "/notify/tasks",
            opened => shown.opened, clash => &shown.clash, version => draft.row.version,
            action => format!("/notify/section/{}", section.id), later => "Save and come back later",
            questions => j.questions(section, shown.posted.map(|p| &p.0), shown.problems),
            errors => j.summary(shown.problems),
        })
    })?;
    let page = page.ok_or(Fault::Work(Error::NotFound))?;
    app.page(visit, shown.status, "journey/section.html", page)
}

/// Keeps a section and goes on.
pub async fn save_section(app: Data, visit: Visit, path: web::Path<String>, post: Post) -> Page {
    let draft = match open_draft(&app, &visit).await? {
        Ok(draft) => draft,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let taken = draft.with(|j| {
        let section = j.section(&path)?;
        Some((
            j.take(section, &post),
            j.after(&section.id).map(|s| s.id.clone()),
        ))
    })?;
    let (taken, next) = taken.ok_or(Fault::Work(Error::NotFound))?;
    if !taken.problems.is_empty() && !taken.reshaped {
        let shown = Shown {
            posted: Some(&post),
            problems: &taken.problems,
            status: StatusCode::UNPROCESSABLE_ENTITY,
            ..Shown::default()
        };
        return show(&app, &visit, &draft, &path, &shown);
    }
    let save = notify::Save {
        id: draft.row.id.clone(),
        version: post.number("version"),
        section: path.clone(),
        answers: taken.answers.clone(),
        confirmed: taken.confirmed.into_keys().collect(),
    };
    let saved = app
        .open_write(&visit, move |tx, ctx| notify::save(tx, ctx, &save))
        .await;
    match saved {
        Ok(row) if taken.reshaped => {
            let draft = Draft {
                row,
                ctx: draft.ctx,
            };
            let shown = Shown {
                posted: Some(&post),
                ..Shown::default()
            };
            show(&app, &visit, &draft, &path, &shown)
        }
        Ok(_) if post.get("later").is_some() => Ok(see_other("/notify/saved")),
        Ok(_) if taken.opened => Ok(see_other(&format!("/notify/section/{path}?opened=yes"))),
        Ok(_) => {
            let to = next.map_or("/notify/check".into(), |id| format!("/notify/section/{id}"));
            Ok(see_other(&to))
        }
        Err(Fault::Work(Error::Stale)) => {
            let fresh = load(&app, &visit).await?;
            let clash =
                fresh.with(|j| j.section(&path).map(|s| j.differences(s, &taken.answers)))?;
            let shown = Shown {
                posted: Some(&post),
                status: StatusCode::CONFLICT,
                clash,
                ..Shown::default()
            };
            show(&app, &visit, &fresh, &path, &shown)
        }
        Err(fault) => Err(fault),
    }
}

/// The answers read back, with what is missing, before sending.
pub async fn check(app: Data, visit: Visit) -> Page {
    let draft = match open_draft(&app, &visit).await? {
        Ok(draft) => draft,
        Err(elsewhere) => return Ok(elsewhere),
    };
    check_page(&app, &visit, &draft, &[], StatusCode::OK)
}

fn check_page(
    app: &Data,
    visit: &Visit,
    draft: &Draft,
    problems: &[Problem],
    status: StatusCode,
) -> Page {
    let page = draft.with(|j| {
        let found = j.faults();
        let given = j.in_order(problems.to_vec());
        let shown = if problems.is_empty() { &found } else { &given };
        let errors = (status != StatusCode::OK).then(|| links(j, shown));
        context! {
            title => "Check your answers", sections => j.read_back(shown, false), missing => found.len(),
            errors, sent_early => draft.row.state != "draft", to_confirm => j.to_confirm(shown),
        }
    })?;
    app.page(visit, status, "notify/check.html", page)
}

/// Each problem with a link to the question in its section.
pub fn links(journey: &Journey<'_>, problems: &[Problem]) -> Vec<serde_json::Value> {
    let Some(summary) = journey.summary(problems) else {
        return Vec::new();
    };
    let place = |text: &str, href: &str| {
        let of = |p: &&Problem| p.message == text;
        let section = problems
            .iter()
            .find(of)
            .and_then(|p| journey.section_of(&p.field));
        section.map_or_else(
            || href.to_owned(),
            |s| format!("{}/{}{href}", journey.base, s.id),
        )
    };
    summary
        .items
        .iter()
        .map(|i| context! { text => &i.text, href => place(&i.text, &i.href) })
        .collect()
}

/// Sends, or says what is missing.
pub async fn send(app: Data, visit: Visit, post: Post) -> Page {
    let id = visit
        .caller
        .draft
        .clone()
        .ok_or(Fault::Work(Error::NotFound))?;
    let how = notify::Sending {
        early: post.text("early") == "yes",
        trap: !post.text("subject").is_empty(),
        quickest: app.quickest,
    };
    let confirm = post.all("confirm");
    // Kept on its own, so that a tick stays when something else is still missing.
    if !confirm.is_empty() {
        let of = id.clone();
        app.open_write(&visit, move |tx, ctx| {
            notify::confirm(tx, ctx, &of, &confirm)
        })
        .await?;
    }
    let sent = app
        .open_write(&visit, move |tx, ctx| notify::send(tx, ctx, &id, how))
        .await;
    match sent {
        Ok(_) => Ok(see_other("/notify/sent")),
        Err(Fault::Work(Error::Invalid(problems))) => {
            let draft = load(&app, &visit).await?;
            check_page(
                &app,
                &visit,
                &draft,
                &problems,
                StatusCode::UNPROCESSABLE_ENTITY,
            )
        }
        Err(fault) => Err(fault),
    }
}

/// The code with which to come back.
pub async fn saved(app: Data, visit: Visit) -> Page {
    let draft = load(&app, &visit).await?;
    let code = notify::code(&draft.ctx, &draft.row.id);
    app.ok(
        &visit,
        "notify/saved.html",
        context! { title => "Your answers are saved", code },
    )
}

/// The reference, what happens next, and the copy to keep.
pub async fn sent(app: Data, visit: Visit) -> Page {
    let draft = load(&app, &visit).await?;
    if draft.row.state == "draft" {
        return Ok(see_other("/notify/tasks"));
    }
    let page = context! {
        title => "Notification sent", reference => &draft.row.reference, complete => draft.row.complete,
        code => notify::code(&draft.ctx, &draft.row.id), sent_at => draft.row.sent_at.map(|t| t.and_utc().to_rfc3339()),
    };
    app.ok(&visit, "notify/sent.html", page)
}

/// A copy to print: only what this sender typed.
pub async fn copy(app: Data, visit: Visit) -> Page {
    let draft = load(&app, &visit).await?;
    let sections = draft.with(|j| j.read_back(&[], true))?;
    let page = context! { title => "Copy of your notification", sections, reference => &draft.row.reference };
    app.ok(&visit, "notify/copy.html", page)
}

/// The same copy as a plain text file; its name tells nothing of the child.
pub async fn download(app: Data, visit: Visit) -> Page {
    let draft = load(&app, &visit).await?;
    let mut lines = vec![format!("Copy of notification {}", draft.row.reference)];
    for section in draft.with(|j| j.read_back(&[], true))? {
        if section.lines.is_empty() {
            continue;
        }
        lines.extend([String::new(), section.label]);
        for line in section.lines {
            lines.push(format!("  {}: {}", line.label, line.value));
            for row in line.rows {
                let cells: Vec<String> = row
                    .iter()
                    .map(|(label, words)| format!("{label}: {words}"))
                    .collect();
                lines.push(format!("    - {}", cells.join("; ")));
            }
        }
    }
    let text = lines.join("\r\n") + "\r\n";
    let name = format!(
        "attachment; filename=\"notification-{}.txt\"",
        draft.row.reference
    );
    Ok(HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .insert_header(("Content-Disposition", name))
        .body(text))
}

/// Where a code is typed.
pub async fn continue_page(app: Data, visit: Visit) -> Page {
    app.ok(
        &visit,
        "notify/continue.html",
        context! { title => "Continue a notification" },
    )
}

/// Opens the draft behind a code in this browser.
pub async fn continue_with_code(app: Data, visit: Visit, post: Post) -> Page {
    let code = post.text("code").to_owned();
    let typed = code.clone();
    let found = app
        .open_read(&visit, move |conn, ctx| {
            notify::find_by_code(conn, ctx, &typed)
        })
        .await?;
    if let Some(row) = found {
        let mut response = see_other("/notify/tasks");
        response
            .add_cookie(&cookie(&app, Jar::Draft, Some(&row.id)))
            .map_err(|_| Fault::Unreadable)?;
        return Ok(response);
    }
    let text = if code.trim().is_empty() {
        "Enter the code that you were shown"
    } else {
        "There is no notification to continue with this code. Check it, or telephone the team"
    };
    let errors = vec![context! { text, href => "#code" }];
    let page = context! { title => "Continue a notification", code, errors };
    app.page(
        &visit,
        StatusCode::UNPROCESSABLE_ENTITY,
        "notify/continue.html",
        page,
    )
}

/// Takes the draft's cookie away, for a shared computer. The answers stay on the server.
pub async fn leave(app: Data, _: Visit, _: Post) -> Page {
    let mut response = see_other("/notify");
    response
        .add_cookie(&cookie(&app, Jar::Draft, None))
        .map_err(|_| Fault::Unreadable)?;
    Ok(response)
}

//! The request as its holder sees it, and the task list of one form.

use actix_web::http::StatusCode;
use actix_web::web;

use super::section::marks;
use super::{Data, Held, held};
use crate::casework::parts::{self, SentOn};
use crate::casework::respond;
use crate::web::{Page, Visit};

/// The request as its holder sees it; `fault` is what is wrong with the answer whether the child was known.
pub(in crate::web) fn work_page(
    app: &Data,
    visit: &Visit,
    held: &Held,
    fault: Option<&str>,
) -> Page {
    let work = &held.work;
    let mut forms = Vec::new();
    for response in &work.responses {
        #[expect(
            clippy::redundant_closure_for_method_calls,
            reason = "the method is not general enough over the journey's lifetime"
        )]
        let tasks = held.with(response, |j| j.tasks())?;
        let left = tasks
            .iter()
            .filter(|t| matches!(t.status, "todo" | "started"))
            .count();
        forms.push(context! {
            label => held.label(&response.form), left, shut => parts::is_shut(&held.ctx, work, response), open => respond::open(response), state => &response.state,
            href => format!("{}/forms/{}", held.home(), response.form),
        });
    }
    let case = &work.case;
    let age = case
        .date_of_birth
        .and_then(|born| crate::domain::age::Age::at(born, case.date_of_death));
    let page = context! {
        title => "A request for information", forms, request => context! {
            id => &work.request.id, state => &work.request.state, recipient => &work.request.recipient,
            agreed_date => work.request.agreed_date.to_string(), reason => &work.request.reason,
        },
        panel_asks => held.panel_asks,
        parted => work.responses.iter().any(|r| r.pages.is_some()), is_part => work.request.part_of.is_some(),
        shut => held.shut(),
        knew => work.knew, fault, errors => fault.map(|text| vec![context! { text, href => "#knew" }]),
        sent_on => held.sent_on.iter().map(part).collect::<Vec<_>>(),
        child => context! {
            name => &case.display_name, born => case.date_of_birth.map(|d| d.to_string()),
            died => case.date_of_death.to_string(), age => age.map(|a| a.words()), nhs_number => &case.nhs_number,
        },
        home => held.home(), waiting => held.newest_wait("asked").map(|w| w.until.to_string()),
        refused => held.newest_wait("refused").and_then(|w| w.answer.as_ref()),
        check => format!("{}/check", held.home()), files => format!("{}/files", held.home()),
    };
    let status = if fault.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    app.page(visit, status, "requests/work.html", page)
}

/// Parts that went to a colleague, as whoever sent them sees it.
fn part(sent: &SentOn) -> serde_json::Value {
    let state = match sent.request.state.as_str() {
        _ if sent.shut => "Nothing of it is asked, as your answers stand",
        "sent" => "Not opened yet",
        "opened" => "Being answered",
        "sent_back" => "Sent back to them by the team",
        "answered" | "accepted" => "Answered",
        _ => "Came back to you",
    };
    context! { id => &sent.request.id, recipient => &sent.request.recipient, labels => &sent.labels, state, open => sent.is_open() }
}

/// The task list of one form.
pub async fn tasks(app: Data, visit: Visit, path: web::Path<(String, String)>) -> Page {
    let (id, form) = path.into_inner();
    let held = held(&app, &visit, &id).await?;
    let response = held.response(&form)?;
    let (mut tasks, (asked, spared)) = held.with(response, |j| (j.tasks(), j.counts()))?;
    let marks = marks(response);
    for task in &mut tasks {
        let has = |section: &crate::domain::form::Section| {
            section.fields.iter().any(|f| marks.contains(&f.id))
        };
        if held.with(response, |j| j.section(&task.id).is_some_and(has))? {
            (task.status, task.status_words) = ("again", "Look again");
        }
    }
    let (known, tasks): (Vec<_>, Vec<_>) = tasks.into_iter().partition(|t| t.status == "known");
    let page = context! {
        title => held.label(&form), tasks, known, asked, spared, knew => held.work.knew, home => held.home(), sent_back => &response.reason,
    };
    app.ok(&visit, "requests/tasks.html", page)
}

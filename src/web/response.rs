//! The joint agency response on one page: what has to be decided and done, how far it is, and its times as the clocks
//! count them; and how all responses keep their times. Must not know how a section is filled in (`records` does).

use actix_web::web;
use serde_json::Value;

use super::app::see_other;
use super::cases::moment;
use super::journey::Task;
use super::records::{Data, Desk, desk};
use super::{Fault, Page, Visit};
use crate::casework::clocks::{self, Shown};
use crate::casework::{Error, access, response as work};
use crate::domain::calendar::london;
use crate::domain::clock::{Outcome as Stands, Took};
use crate::domain::permission::Verb;

/// The form of the first hours' decisions.
const FIRST: &str = "first_hours";
/// The national form, and its sections that are about the response rather than the review meeting.
const NATIONAL: &str = "cdrm_jar";
const SECTIONS: [&str; 6] = [
    "jar_decision",
    "jar_immediate",
    "info_sharing",
    "home_visit",
    "post_mortem",
    "jar_close",
];

/// `GET /cases/{reference}/response`.
pub async fn page(app: Data, visit: Visit, path: web::Path<String>) -> Page {
    let reference = path.into_inner();
    let desk = desk(&app, &visit, &reference, Verb::ReadCase).await?;
    let of = reference.clone();
    let score = app
        .read(&visit, move |conn, ctx| {
            let (case, _) = access::reach(conn, ctx, &of, Verb::ReadCase)?;
            let all = clocks::list(conn, ctx, &case)?;
            let measured = ctx.house.scorecard.iter().filter_map(|id| {
                let clock = all.iter().find(|clock| clock.definition.id == *id);
                clock.map(described)
            });
            Ok(measured.collect::<Vec<Value>>())
        })
        .await?;
    let first = tasks(&desk, &reference, FIRST, &[])?;
    let national = tasks(&desk, &reference, NATIONAL, &SECTIONS)?;
    let page = context! {
        title => "Joint agency response", case => desk.shared(), decided => decided(&desk), first, national, score,
        answers => answers(&desk)?,
    };
    app.ok(&visit, "response/page.html", page)
}

/// The sections of a form as tasks; all of them where none are named.
fn tasks(desk: &Desk, reference: &str, form: &str, only: &[&str]) -> Result<Vec<Task>, Fault> {
    let base = format!("/cases/{reference}/response/{form}");
    desk.with(form, &base, |journey| {
        let all = journey.tasks().into_iter();
        all.filter(|task| only.is_empty() || only.contains(&task.id.as_str()))
            .collect()
    })
}

/// What was answered in the first hours, for whoever only reads.
fn answers(desk: &Desk) -> Result<impl serde::Serialize + use<>, Fault> {
    let base = format!("/cases/{}/response/{FIRST}", desk.reference());
    desk.with(FIRST, &base, |journey| journey.read_back(&[], false))
}

/// Whether a response is needed: what the team decided, or else what the notifier said.
fn decided(desk: &Desk) -> Value {
    let of = |form: &str, field: &str| desk.answer(form, field);
    let team = of(FIRST, "jar_met").or_else(|| of(NATIONAL, "jar_required"));
    let notifier = of("notification", "jar_required");
    context! { team, notifier }
}

fn described(clock: &Shown) -> Value {
    let shown = |at: chrono::NaiveDateTime| moment(london(at.and_utc()));
    // What has a day and no time was not at midnight.
    let day =
        |at: chrono::NaiveDateTime| london(at.and_utc()).date().format("%-d %B %Y").to_string();
    let (text, colour) = match clock.stands {
        Stands::Met => ("In time", "govuk-tag--green"),
        Stands::Missed => ("Late", "govuk-tag--red"),
        Stands::Excused => ("Excused", "govuk-tag--grey"),
        Stands::Running if clock.paused => ("Paused", "govuk-tag--grey"),
        Stands::Running if clock.late => ("Overdue", "govuk-tag--red"),
        Stands::Running => ("Not done yet", "govuk-tag--blue"),
        Stands::Cancelled => (Stands::Cancelled.label(), "govuk-tag--grey"),
    };
    context! {
        name => &clock.definition.name, within => clock.definition.length_words(), began => if clock.whole_day { day(clock.started_at) } else { shown(clock.started_at) },
        done => clock.stopped_at.map(|at| clock.stopped_on.map_or_else(|| shown(at), |_| day(at))), due => clock.due_at.map(shown), text, colour,
    }
}

/// `GET /cases/{reference}/response/{form}`: there is nothing there but its sections.
pub async fn form(app: Data, visit: Visit, path: web::Path<(String, String)>) -> Page {
    let (reference, form) = path.into_inner();
    desk(&app, &visit, &reference, Verb::ReadCase).await?;
    if !is_of_response(&form) {
        return Err(Fault::Work(Error::NotFound));
    }
    Ok(see_other(&format!("/cases/{reference}/response")))
}

/// Whether those who lead a response fill in this form.
pub(super) fn is_of_response(form: &str) -> bool {
    [FIRST, NATIONAL].contains(&form)
}

/// `GET /responses`.
pub async fn kept(app: Data, visit: Visit) -> Page {
    let rows = app.read(&visit, work::kept).await?;
    let rows: Vec<Value> = rows
        .into_iter()
        .map(|row| {
            context! {
                name => row.name, within => row.within, met => row.met, missed => row.missed, excused => row.excused,
                running => row.running, late => row.late, median => row.median.map(took),
            }
        })
        .collect();
    let page = context! { title => "Times of joint agency responses", rows };
    app.ok(&visit, "response/kept.html", page)
}

/// A time in words, as exactly as it is known.
fn took(took: Took) -> String {
    match took {
        Took::Hours(n) => hours(n),
        Took::Days(0) => "The same day".to_owned(),
        Took::Days(1) => "1 day, to the day".to_owned(),
        Took::Days(n) => format!("{n} days, to the day"),
    }
}

/// A number of hours in words.
fn hours(hours: i64) -> String {
    match hours {
        1 => "1 hour".to_owned(),
        hours if hours < 72 => format!("{hours} hours"),
        hours => format!("{} days", hours / 24),
    }
}

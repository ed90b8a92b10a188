//! A notification as the coordinator decides on it: read back whole, beside what may be of the same child,
//! with what the rules propose. Must not decide, and must not know how a notification came in.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web;
use serde_json::Value;

use super::app::see_other;
use super::cases::{Panel, event_items};
use super::journey::{Journey, Read};
use super::{App, Fault, Page, Post, Visit};
use crate::casework::triage::{Candidate, Decision};
use crate::casework::{Context, Error, Outcome, access, held, notify, review, triage};
use crate::domain::event::Event;
use crate::domain::form::{Answer, AnsweredBy, Answers, Field, Problem, Reasons, words};
use crate::domain::permission::{Facts, Verb, may};
use crate::domain::scope;
use crate::domain::shared_answers;
use crate::store::notifications::Notification;
use crate::store::{Conn, cases, events};

type Data = web::Data<Arc<App>>;

/// What is set side by side: the questions that tell one child from another.
const COMPARED: &[&str] = &[
    "child_forenames",
    "child_surname",
    "date_of_birth",
    "date_of_death",
    "sex",
    "nhs_number",
    "postcode",
];

/// What was typed in the decision and what is wrong with it.
#[derive(Clone, Default)]
struct Typed {
    decision: String,
    reference: String,
    panel: Panel,
    reason: String,
    problems: Vec<Problem>,
    stale: bool,
}

impl Typed {
    fn read(post: &Post) -> Self {
        let text = |name: &str| post.text(name).to_owned();
        Self {
            decision: text("decision"),
            reference: text("reference"),
            panel: Panel::read(post),
            reason: text("reason"),
            ..Self::default()
        }
    }

    /// The decision, once one was chosen.
    fn decision(&self, ctx: &Context) -> Option<Decision> {
        let reason = self.reason.clone();
        if let Some(reference) = self.decision.strip_prefix("join") {
            let reference = reference
                .strip_prefix(':')
                .unwrap_or(&self.reference)
                .to_owned();
            return Some(Decision::Join { reference, reason });
        }
        let outcome: scope::Outcome = self.decision.parse().ok()?;
        if outcome.is_in_scope() {
            Some(Decision::Accept { outcome, reason })
        } else if outcome.is_excluded() {
            Some(Decision::OutOfScope { outcome, reason })
        } else if outcome == scope::Outcome::TransferOut {
            Some(Decision::Transfer {
                to: self.panel.name(ctx),
                reason,
            })
        } else {
            None
        }
    }

    /// The words at one box of the form. What belongs to no box stands at the choice.
    fn error(&self, id: &str) -> Option<String> {
        let said: Vec<&str> = self
            .problems
            .iter()
            .filter(|p| input_of(&p.field) == id)
            .map(|p| p.message.as_str())
            .collect();
        (!said.is_empty()).then(|| said.join(". "))
    }
}

/// The box that a problem is put right in.
fn input_of(field: &str) -> &str {
    match field {
        "reference" | "to" | "reason" => field,
        _ => "decision",
    }
}

/// `GET /cases/notifications/{id}`.
pub async fn page(app: Data, visit: Visit, path: web::Path<String>) -> Page {
    show(&app, &visit, &path, Typed::default(), StatusCode::OK).await
}

async fn show(app: &Data, visit: &Visit, id: &str, typed: Typed, status: StatusCode) -> Page {
    let id = id.to_owned();
    let page = app
        .read(visit, move |conn, ctx| view(conn, ctx, &id, &typed))
        .await?;
    app.page(visit, status, "cases/notification.html", page)
}

fn view(conn: &mut Conn, ctx: &Context, id: &str, typed: &Typed) -> Outcome<Value> {
    let row = access::notification(conn, ctx, id, Verb::ReadNotification)?;
    let answers = notify::shown(ctx, &row);
    let found = triage::candidates(conn, ctx, &row)?;
    let assessed = triage::assess(ctx, &row);
    let open = row.state == "received";
    let text = |id: &str| answers.text(id).unwrap_or_default();
    let name = format!("{} {}", text("child_forenames"), text("child_surname"));
    let case = match &row.case_id {
        Some(case) => cases::get(conn, case)?,
        None => None,
    };
    // Cases that look like the same child, as long as nobody said why they are not.
    let others: Vec<String> = match &case {
        Some(case) => review::lookalikes(conn, ctx, case)?
            .into_iter()
            .filter(|l| !l.explained)
            .map(|l| l.reference)
            .collect(),
        None => Vec::new(),
    };
    let case = case.map(|c| c.reference);
    let errors: Vec<Value> = typed
        .problems
        .iter()
        .map(|p| {
            let at = match input_of(&p.field) {
                "to" => typed.panel.place(),
                other => other,
            };
            context! { text => &p.message, href => format!("#{at}") }
        })
        .collect();
    Ok(context! {
        title => format!("Notification {}", row.reference), id => &row.id, reference => &row.reference,
        name => if name.trim().is_empty() { "Child not named" } else { name.trim() }, version => row.version,
        sent => row.sent_at.map(|t| t.and_utc().to_rfc3339()), complete => row.complete, open, case,
        row => super::cases::notified(ctx, &row), sections => read_back(ctx, &row, &answers)?,
        proposed => context! { label => assessed.proposed.label(), reasons => assessed.reasons },
        candidates => found.iter().map(|c| beside(ctx, &row, &answers, c)).collect::<Vec<_>>(),
        options => options(&found, assessed.proposed), typed => shown(typed), stale => typed.stale,
        errors => (!errors.is_empty()).then_some(errors), decides => open && may(&ctx.actor, Verb::Triage, &Facts::default()),
        explains => row.state == "accepted" && may(&ctx.actor, Verb::Triage, &Facts::default()),
        held => row.state == held::HELD && may(&ctx.actor, Verb::Triage, &Facts::default()), waits => row.state == held::HELD,
        set_aside => row.state == held::SET_ASIDE, others, transferred_to => &row.transferred_to,
        decided => row.decision.as_deref().and_then(|d| d.parse::<scope::Outcome>().ok()).map(scope::Outcome::label),
        history => event_items(&events::timeline(conn, "", std::slice::from_ref(&row.id), &Event::unshown(), 200)?),
    })
}

fn shown(typed: &Typed) -> Value {
    context! {
        decision => &typed.decision, reference => &typed.reference, panel => typed.panel.shown(typed.error("to").as_deref()), reason => &typed.reason,
        errors => context! {
            decision => typed.error("decision"), reference => typed.error("reference"), reason => typed.error("reason"),
        },
    }
}

/// The notification as it was typed: every answer, and every question that must be answered and is not.
fn read_back(ctx: &Context, row: &Notification, answers: &Answers) -> Outcome<Vec<Read>> {
    let dict = ctx.house.dictionary_of(&row.form_version);
    let form = dict.form(notify::FORM).ok_or(Error::NotFound)?;
    let nowhere = |_: &str| -> Option<Answer> { None };
    let journey = Journey {
        dict,
        form,
        outline: &form.sections,
        answers,
        around: ctx.around(&nowhere),
        wanted: &|field: &Field| field.answered_by == AnsweredBy::Notifier,
        base: String::new(),
        confirmed: &Reasons::new(),
        asks_why: false,
        known: &shared_answers::NOTHING,
    };
    let mut sections = journey.read_back(&[], false);
    for section in &mut sections {
        section.lines.retain(|line| line.answered || line.required);
    }
    Ok(sections)
}

/// A possible duplicate beside this notification.
fn beside(ctx: &Context, row: &Notification, ours: &Answers, candidate: &Candidate) -> Value {
    let dict = ctx.house.dictionary_of(&row.form_version);
    let form = dict.form(notify::FORM);
    let say = |field: &Field, answers: &Answers| {
        answers
            .get(&field.id)
            .map_or_else(|| "Not answered".to_owned(), |a| words(dict, field, a))
    };
    let rows: Vec<Value> = COMPARED
        .iter()
        .filter_map(|id| form?.field(id))
        .map(|field| {
            let (here, there) = (ours.get(&field.id), candidate.answers.get(&field.id));
            let same = match (here, there) {
                (Some(a), Some(b)) if a == b => "Same",
                (Some(_), Some(_)) => "Different",
                _ => "",
            };
            context! { label => &field.label, ours => say(field, ours), theirs => say(field, &candidate.answers), same }
        })
        .collect();
    let reference = candidate.case_reference.as_deref();
    context! {
        name => reference.unwrap_or(&candidate.notification_reference), is_case => reference.is_some(),
        href => reference.map_or_else(|| format!("/cases/notifications/{}", candidate.notification_id), |r| format!("/cases/{r}")),
        strength => candidate.found.strength.label(), reasons => &candidate.found.reasons,
        may_be_twin => candidate.found.may_be_twin, rows,
    }
}

/// What can be decided, in groups; what the rules propose is marked, and chosen by nobody but the reader.
fn options(found: &[Candidate], proposed: scope::Outcome) -> Value {
    let option = |outcome: &scope::Outcome| {
        let hint = (*outcome == proposed).then_some("The rules propose this.");
        context! { value => outcome.as_str(), text => outcome.label(), hint => hint.map(|text| context! { text }) }
    };
    let of = |wanted: fn(scope::Outcome) -> bool| -> Vec<Value> {
        scope::Outcome::ALL
            .iter()
            .filter(|o| wanted(**o))
            .map(option)
            .collect()
    };
    let mut references: Vec<&str> = found
        .iter()
        .filter_map(|c| c.case_reference.as_deref())
        .collect();
    let mut seen = std::collections::BTreeSet::new();
    references.retain(|r| seen.insert(*r));
    let joins: Vec<Value> = references
        .iter()
        .map(|r| context! { value => format!("join:{r}"), text => format!("Join to case {r}") })
        .collect();
    context! {
        accept => of(scope::Outcome::is_in_scope), joins, exclude => of(scope::Outcome::is_excluded),
        transfer => option(&scope::Outcome::TransferOut),
    }
}

/// `POST /cases/notifications/{id}` with `version`, `decision`, `reference`, `to` and `reason`.
pub async fn decide(app: Data, visit: Visit, path: web::Path<String>, post: Post) -> Page {
    let (id, mut typed) = (path.into_inner(), Typed::read(&post));
    if let Some(other) = post.get("explain") {
        let (of, other, why) = (id.clone(), other.to_owned(), typed.reason.clone());
        let said = app
            .write(&visit, move |tx, ctx| {
                triage::explain_duplicate(tx, ctx, &of, &other, &why)
            })
            .await;
        return match said {
            Ok(()) => Ok(see_other(&format!("/cases/notifications/{id}"))),
            Err(Fault::Work(Error::Invalid(problems))) => {
                typed.problems = problems;
                show(&app, &visit, &id, typed, StatusCode::UNPROCESSABLE_ENTITY).await
            }
            Err(fault) => Err(fault),
        };
    }
    let (of, version, said) = (id.clone(), post.number("version"), typed.clone());
    let done = app
        .write(&visit, move |tx, ctx| {
            triage::undecided(tx, ctx, &of)?;
            let decision = said
                .decision(ctx)
                .ok_or_else(|| Error::Invalid(vec![unchosen()]))?;
            let accepting = matches!(decision, Decision::Accept { .. });
            let reference = triage::decide(tx, ctx, &of, version, &decision)?;
            Ok(reference.map(|reference| (reference, accepting)))
        })
        .await;
    match done {
        Ok(Some((reference, true))) => Ok(see_other(&format!("/cases/{reference}/requests"))),
        Ok(Some((reference, false))) => Ok(see_other(&format!("/cases/{reference}"))),
        Ok(None) => Ok(see_other("/cases?view=new")),
        Err(Fault::Work(Error::Invalid(problems))) => {
            typed.problems = problems;
            show(&app, &visit, &id, typed, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        // Somebody was faster: with another answer, or with a decision.
        Err(Fault::Work(Error::Stale | Error::Rule(_))) => {
            typed.stale = true;
            show(&app, &visit, &id, typed, StatusCode::CONFLICT).await
        }
        Err(fault) => Err(fault),
    }
}

/// `POST /cases/notifications/{id}/held` with `version`, `decision` and `reason`.
pub async fn decide_held(app: Data, visit: Visit, path: web::Path<String>, post: Post) -> Page {
    let (id, mut typed) = (path.into_inner(), Typed::read(&post));
    let (of, version, said) = (id.clone(), post.number("version"), typed.clone());
    let done = app
        .write(&visit, move |tx, ctx| match said.decision.as_str() {
            "release" => held::release(tx, ctx, &of, version),
            _ => held::set_aside(tx, ctx, &of, version, &said.reason),
        })
        .await;
    match done {
        Ok(()) if typed.decision == "release" => {
            Ok(see_other(&format!("/cases/notifications/{id}")))
        }
        Ok(()) => Ok(see_other("/cases?view=held")),
        Err(Fault::Work(Error::Invalid(problems))) => {
            typed.problems = problems;
            show(&app, &visit, &id, typed, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(Fault::Work(Error::Stale)) => {
            typed.stale = true;
            show(&app, &visit, &id, typed, StatusCode::CONFLICT).await
        }
        Err(fault) => Err(fault),
    }
}

fn unchosen() -> Problem {
    crate::casework::people::problem("decision", "required", "Choose what you decide")
}

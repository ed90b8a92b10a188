//! A case's own page: what is owed next and where each is done, the summary, the moves that can be made by
//! hand, and everything that happened. Must not decide what is owed or allowed.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use serde_json::Value;

use super::head::head;
use super::merge::beside;
use super::outline::outline;
use super::summary::summary;
use super::words::{due_words, event_items};
use crate::casework::picture::Picture;
use crate::casework::{Context, Error, Outcome, access, assign, closing, merge, review, triage};
use crate::domain::calendar::london;
use crate::domain::case::{Move, Need, Owed, Stage, State};
use crate::domain::event::Event;
use crate::domain::form::Severity;
use crate::domain::permission::{Facts, Verb, may};
use crate::store::cases::Case;
use crate::store::{Conn, events, notifications, requests, responses};
use crate::web::app::see_other;
use crate::web::{App, Fault, Page, Post, Visit};

type Data = web::Data<Arc<App>>;

/// Events shown before the reader asks for all of them.
const RECENT: i64 = 40;
/// No case has more; a bound all the same.
const MOST: i64 = 5_000;

/// What was typed in one of the page's forms and what is wrong with it.
#[derive(Clone, Default)]
struct Typed {
    mv: String,
    reason: String,
    error: Option<Said>,
}

/// What is wrong with a form of the page.
#[derive(Clone)]
struct Said {
    form: &'static str,
    text: String,
}

/// `GET /cases/{reference}`.
pub async fn page(app: Data, visit: Visit, path: web::Path<String>, req: HttpRequest) -> Page {
    let whole = req
        .query_string()
        .split('&')
        .any(|part| part == "timeline=all");
    show(&app, &visit, &path, whole, Typed::default()).await
}

async fn show(app: &Data, visit: &Visit, reference: &str, whole: bool, typed: Typed) -> Page {
    let status = if typed.error.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let reference = reference.to_owned();
    let (template, page) = app
        .read(visit, move |conn, ctx| {
            view(conn, ctx, &reference, whole, &typed)
        })
        .await?;
    app.page(visit, status, template, page)
}

fn view(
    conn: &mut Conn,
    ctx: &Context,
    reference: &str,
    whole: bool,
    typed: &Typed,
) -> Outcome<(&'static str, Value)> {
    let (case, facts) = access::reach(conn, ctx, reference, Verb::ReadCaseOutline)?;
    if !may(&ctx.actor, Verb::ReadCase, &facts) {
        return Ok(("cases/outline.html", outline(conn, ctx, facts, &case)?));
    }
    let known = Picture::shown(conn, ctx, &case, facts)?;
    let state = case.state.parse::<State>().ok();
    let owed: Vec<Value> = triage::owed_now(conn, ctx, &case, &known)?
        .iter()
        .map(|o| owed_item(ctx, facts, &case, state, o))
        .collect();
    let together = merge::under(conn, ctx, &case)?;
    let (timeline, more) = timeline(conn, &case, &together, whole)?;
    let merged = beside(conn, ctx, &case)?;
    let mut moves = moves(ctx, facts, state, typed);
    if merged.get("above").is_some_and(|above| !above.is_null()) {
        // It moves again when it is taken out from under the other.
        moves.clear();
    }
    // Somebody else may have moved the case meanwhile: then the box that was typed in is not there any more.
    let asked = |form: &str| match form {
        "reopen" => state.is_some_and(|s| s.moves().contains(&Move::Reopen)),
        _ => !moves.is_empty(),
    };
    let place = |said: &Said| match said {
        said if !asked(said.form) => "#main-content".to_owned(),
        said => format!("#{}-reason", said.form),
    };
    let said = typed.error.as_ref();
    let errors = said.map(|said| vec![context! { text => &said.text, href => place(said) }]);
    let people: Vec<Value> = assign::on_case(conn, &case)?
        .iter()
        .map(|p| context! { name => &p.name, role => p.role.label() })
        .collect();
    let page = context! {
        title => format!("Case {}", case.reference), case => head(ctx, facts, &case, &known), owed,
        summary => summary(conn, ctx, facts, &case, &known)?, people, forms => forms(conn, ctx, &case, &known)?,
        notifications => notified(conn, ctx, facts, &case, &together)?, moves, timeline, more, merged,
        typed => context! { reason => &typed.reason }, errors,
        closing => ending(conn, ctx, &case)?,
        failed => said.map(|said| context! { form => said.form, text => &said.text }),
    };
    Ok(("cases/page.html", page))
}

/// What the review still needs before it is closed, once the panel has decided; and after the end what is offered to those
/// who did it.
fn ending(conn: &mut Conn, ctx: &Context, case: &Case) -> Outcome<Option<Value>> {
    let state = case.state.parse::<State>();
    if !state
        .as_ref()
        .is_ok_and(|state| closing::has_outcome(*state))
    {
        return Ok(None);
    }
    if state == Ok(State::Closed) {
        let support = ctx.house.support.iter();
        let support: Vec<Value> = support
            .map(|s| context! { label => &s.label, words => &s.words })
            .collect();
        return Ok(Some(context! { closed => true, support }));
    }
    let needs = closing::closing(conn, ctx, case)?.needs();
    let place = |need: Need| match need {
        Need::Signed => format!("/cases/{}/analysis", case.reference),
        Need::Accepted => "/returns".to_owned(),
        Need::Family | Need::Questions | Need::Safe => format!("/cases/{}/family", case.reference),
        Need::Recommendations => format!("/cases/{}/actions", case.reference),
        Need::Processes => format!("/cases/{}/processes", case.reference),
    };
    let needs: Vec<Value> = needs
        .into_iter()
        .map(|(need, missing)| context! { what => need.label(), href => place(need), missing })
        .collect();
    Ok(Some(context! { needs }))
}

/// One thing owed, with the address at which it is done.
fn owed_item(ctx: &Context, facts: Facts, case: &Case, state: Option<State>, owed: &Owed) -> Value {
    let now = london(ctx.now);
    context! {
        what => &owed.what, href => place(ctx, facts, case, state, &owed.rule), late => owed.late,
        due => owed.due.map(|due| due_words(due, now)),
    }
}

/// Where what a clock or rule asks for is done.
fn place(
    ctx: &Context,
    facts: Facts,
    case: &Case,
    state: Option<State>,
    rule: &str,
) -> Option<String> {
    let base = format!("/cases/{}", case.reference);
    let question = |form: &str, field: &str| question_at(ctx, facts, &base, form, field);
    match rule {
        "C03" => Some("/returns".into()),
        "C04" | "C05" | "C06" | "C08" | "C46" => Some(format!("{base}/response")),
        "C35" | "C34" | "C43" | "C44" | "FOLLOW" => Some(format!("{base}/actions")),
        "C07" | "C09" | "C23" | "C24" | "C25" | "C29" | "C30" => Some(format!("{base}/meetings")),
        "C20" | "C21" => Some(format!("{base}/requests")),
        "X-4" => Some(format!("{base}/differences")),
        "BESIDE" | "C15" | "C16" | "C17" | "C18" | "C19" | "C36" | "C37" | "C45" => {
            Some(format!("{base}/processes"))
        }
        "SAFE" | "FAMILY" | "C10" | "C11" => Some(format!("{base}/family")),
        "THANKS" => Some(format!("{base}/learning")),
        "C26" => Some(format!("{base}/analysis")),
        "C27" => question("analysis", "date_of_review"),
        "C31" if state.is_some_and(|s| s.stage() == Stage::Finalised) => Some("/returns".into()),
        "C31" => Some(format!("{base}/finalise")),
        "C33" => Some(format!("{base}/family#outcome")),
        _ => Some(format!("{base}/clocks")),
    }
}

/// The address of a question: where it is answered for who may, where it is read for others.
pub(in crate::web) fn question_at(
    ctx: &Context,
    facts: Facts,
    base: &str,
    form: &str,
    field: &str,
) -> Option<String> {
    let section = &ctx.house.dictionary().form(form)?.section_of(field)?.id;
    let can = |verb| may(&ctx.actor, verb, &facts);
    Some(match form {
        "analysis" if can(Verb::EditAnalysis) => format!("{base}/analysis/{section}#{field}"),
        "analysis" => return None,
        _ if can(Verb::EditRecord) => format!("{base}/record/{form}/{section}#{field}"),
        _ => format!("{base}/record/{form}#{section}"),
    })
}

/// The supplementary forms that the circumstances open: why, and how far each is.
fn forms(conn: &mut Conn, ctx: &Context, case: &Case, known: &Picture) -> Outcome<Vec<Value>> {
    let dict = ctx.house.dictionary();
    let waived = requests::waivers(conn, &case.id)?;
    let asked = requests::of_case(conn, &case.id)?;
    let given = responses::of_case(conn, &case.id)?;
    let mut list = Vec::new();
    for opened in triage::opened(ctx, known) {
        let reason = waived
            .iter()
            .find(|(form, _)| *form == opened.form)
            .map(|(_, why)| why);
        let agencies: Vec<&str> = asked
            .iter()
            .filter(|r| {
                r.state != "withdrawn"
                    && given
                        .iter()
                        .any(|g| g.request_id == r.id && g.form == opened.form)
            })
            .map(|r| dict.label("agency", &r.agency).unwrap_or(&r.agency))
            .collect();
        let held = known.forms.contains_key(&opened.form);
        let standing = match (reason, held, agencies.is_empty()) {
            (Some(_), ..) => "Not needed".to_owned(),
            (_, true, _) => "In the record".to_owned(),
            (_, _, false) => format!("Asked of {}", agencies.join(", ")),
            _ => "Nobody asked yet".to_owned(),
        };
        let label = dict
            .form(&opened.form)
            .map_or(opened.form.as_str(), |f| f.label.as_str());
        list.push(context! {
            form => &opened.form, label, why => &opened.reason, required => opened.severity == Severity::Stop,
            standing, waived => reason, open => reason.is_none() && !held && agencies.is_empty(),
        });
    }
    Ok(list)
}

/// The notifications that make up this case.
fn notified(
    conn: &mut Conn,
    ctx: &Context,
    facts: Facts,
    case: &Case,
    together: &[Case],
) -> Outcome<Vec<Value>> {
    let readable = may(&ctx.actor, Verb::ReadNotification, &facts);
    let mut rows = notifications::of_case(conn, &case.id)?;
    for other in together {
        rows.extend(notifications::of_case(conn, &other.id)?);
    }
    Ok(rows
        .iter()
        .map(|n| {
            context! {
                reference => &n.reference, sent => n.sent_at.map(|t| t.and_utc().to_rfc3339()), complete => n.complete,
                href => readable.then(|| format!("/cases/notifications/{}", n.id)),
            }
        })
        .collect())
}

/// The moves that may be made by hand from here.
fn moves(ctx: &Context, facts: Facts, state: Option<State>, typed: &Typed) -> Vec<Value> {
    if !may(&ctx.actor, Verb::MoveCase, &facts) {
        return Vec::new();
    }
    let mut moves = state.map(triage::moves_by_hand).unwrap_or_default();
    // Recording what the national database accepted makes this move, with the date.
    moves.retain(|mv| *mv != Move::Submit);
    let leaves = state.is_some_and(|s| s.moves().contains(&Move::TransferOut));
    if leaves && may(&ctx.actor, Verb::TransferCase, &facts) {
        // Chosen here it leads to the page on which a case is handed over.
        moves.push(Move::TransferOut);
    }
    // What ends the review here comes last.
    moves.sort_by_key(|mv| matches!(mv, Move::FindOutOfScope | Move::TransferOut));
    moves
        .iter()
        .map(|mv| context! { value => mv.as_str(), text => mv.label(), checked => typed.mv == mv.as_str() })
        .collect()
}

/// What happened, the newest first, and whether there is more than is shown. Cases that are read under this one are
/// told together with it.
fn timeline(
    conn: &mut Conn,
    case: &Case,
    together: &[Case],
    whole: bool,
) -> Outcome<(Vec<Value>, bool)> {
    let most = if whole { MOST } else { RECENT };
    let mut rows = Vec::new();
    for one in std::iter::once(case).chain(together) {
        let ids: Vec<String> = notifications::of_case(conn, &one.id)?
            .into_iter()
            .map(|n| n.id)
            .collect();
        rows.extend(events::timeline(
            conn,
            &one.id,
            &ids,
            &Event::unshown(),
            most,
        )?);
    }
    rows.sort_by_key(|row| std::cmp::Reverse(row.seq));
    rows.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    let more = !whole && rows.len() >= usize::try_from(RECENT).unwrap_or(usize::MAX);
    Ok((event_items(&rows), more))
}

/// `POST /cases/{reference}/move` with `move` and `reason`.
pub async fn move_case(app: Data, visit: Visit, path: web::Path<String>, post: Post) -> Page {
    let reference = path.into_inner();
    let typed = Typed {
        mv: post.text("move").to_owned(),
        reason: post.text("reason").to_owned(),
        error: None,
    };
    let mv = typed.mv.parse::<Move>();
    if mv == Ok(Move::TransferOut) {
        // A case leaves on a page of its own, where the other panel's answer is recorded.
        let of = reference.clone();
        app.read(&visit, move |conn, ctx| {
            access::reach(conn, ctx, &of, Verb::TransferCase).map(drop)
        })
        .await?;
        return Ok(see_other(&format!("/cases/{reference}/transfer")));
    }
    let (of, said) = (reference.clone(), typed.clone());
    let done = app
        .write(&visit, move |tx, ctx| {
            access::reach(tx.conn(), ctx, &of, Verb::MoveCase)?;
            let mv = mv.map_err(|_| Error::Rule("Choose what to do with the case".into()))?;
            triage::move_case(tx, ctx, &of, mv, &said.reason)
        })
        .await;
    after(&app, &visit, &reference, done, "move", typed).await
}

/// `POST /cases/{reference}/reopen` with `reason`.
pub async fn reopen(app: Data, visit: Visit, path: web::Path<String>, post: Post) -> Page {
    let reference = path.into_inner();
    let typed = Typed {
        reason: post.text("reason").to_owned(),
        ..Typed::default()
    };
    let (of, reason) = (reference.clone(), typed.reason.clone());
    let done = app
        .write(&visit, move |tx, ctx| review::reopen(tx, ctx, &of, &reason))
        .await;
    after(&app, &visit, &reference, done, "reopen", typed).await
}

/// The case's page after a form on it: as it is now, or with what is wrong and what was typed.
async fn after(
    app: &Data,
    visit: &Visit,
    reference: &str,
    done: Result<(), Fault>,
    form: &'static str,
    mut typed: Typed,
) -> Page {
    let text = match done {
        Ok(()) => return Ok(see_other(&format!("/cases/{reference}"))),
        Err(Fault::Work(Error::Rule(why))) => why,
        Err(Fault::Work(Error::Invalid(problems))) => problems
            .into_iter()
            .next()
            .map_or_else(String::new, |p| p.message),
        Err(fault) => return Err(fault),
    };
    typed.error = Some(Said { form, text });
    show(app, visit, reference, false, typed).await
}

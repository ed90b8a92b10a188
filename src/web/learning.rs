//! What is learned from a case and across cases: the page of one case, the themes over all, and counts that are higher than
//! the years before. Must not know what may be shared or counted.

use std::sync::Arc;

use actix_web::web;
use serde_json::Value;

use super::again::Again;
use super::app::see_other;
use super::said::said;
use super::{App, Page, Post, Visit, cases};
use crate::casework::learning::{self as work, Proposed};
use crate::casework::likeness::{self, Alike};
use crate::casework::picture::Picture;
use crate::casework::{Context, Error, Outcome, access, clusters};
use crate::domain::case::State;
use crate::domain::cluster::Judgement;
use crate::domain::permission::{Facts, Verb, may};
use crate::store::Conn;

type Data = web::Data<Arc<App>>;

/// What is said to whoever comes second.
const STALE: &str =
    "Somebody changed this while you had it open. It is shown here as it stands now.";

/// Look-alikes as pages show them.
pub(super) fn alikes(all: &[Alike]) -> Vec<Value> {
    all.iter()
        .map(|one| {
            let lines = one.lines.iter().map(|(label, said, shared)| {
                context! { label, said => said.join(", "), shared }
            });
            context! { reference => &one.reference, year => one.year, score => one.score, lines => lines.collect::<Vec<Value>>() }
        })
        .collect()
}

/// The themes as a list of boxes.
pub(super) fn boxes(ctx: &Context, chosen: &[String]) -> Vec<Value> {
    let all = ctx.house.themes.iter();
    all.map(
        |t| context! { value => &t.code, text => &t.label, checked => chosen.contains(&t.code) },
    )
    .collect()
}

/// `GET /cases/{reference}/learning`.
pub async fn page(app: Data, visit: Visit, path: web::Path<String>) -> Page {
    show(&app, &visit, path.into_inner(), Again::default()).await
}

async fn show(app: &Data, visit: &Visit, reference: String, typed: Again) -> Page {
    let status = typed.status;
    let page = app
        .read(visit, move |conn, ctx| view(conn, ctx, &reference, &typed))
        .await?;
    app.page(visit, status, "learning/case.html", page)
}

fn view(conn: &mut Conn, ctx: &Context, reference: &str, typed: &Again) -> Outcome<Value> {
    let (case, facts) = access::reach(conn, ctx, reference, Verb::ReadCase)?;
    let known = Picture::shown(conn, ctx, &case, facts)?;
    let shares = may(&ctx.actor, Verb::ShareLearning, &facts);
    let alike = likeness::alike(conn, ctx, &case, true)?;
    let themes = work::themes(conn, &case)?;
    let points = match &typed.post {
        Some(post) if post.get("do") == Some("agree") => {
            let mut all = posted(post);
            work::look_at(conn, ctx, &case, &mut all)?;
            all
        }
        _ => work::points(conn, ctx, &case)?,
    };
    let dict = ctx.house.dictionary();
    let points: Vec<Value> = points
        .iter()
        .map(|p| {
            let agency = p.agency.as_deref().and_then(|code| dict.label("agency", code));
            context! {
                kind => &p.kind, agency => &p.agency, to => agency, words => &p.words, shared => p.shared,
                warnings => p.warnings.iter().map(|what| what.label().to_lowercase()).collect::<Vec<_>>(),
                guessed => (!p.guesses.is_empty()).then(|| p.guessed()), meant => p.is_meant(),
            }
        })
        .collect();
    let sent: Vec<Value> = work::sent(conn, &case)?
        .iter()
        .map(|mail| context! { to => &mail.recipient, state => &mail.state, error => &mail.last_error, on => mail.sent_at.map(|at| at.and_utc().to_rfc3339()) })
        .collect();
    let waiting = if shares {
        work::contributors(conn, ctx, &case)?
            .len()
            .saturating_sub(sent.len())
    } else {
        0
    };
    let (errors, at) = said(&typed.problems);
    Ok(context! {
        title => "Learning", case => cases::head(ctx, facts, &case, &known), alike => alikes(&alike),
        themes => boxes(ctx, &themes), sets => may(&ctx.actor, Verb::SetTheme, &facts), shares, points, sent, waiting,
        rare => shares && work::is_rare(conn, ctx, &case)?, closed => case.state == State::Closed.as_str(),
        errors, at, refused => &typed.refused,
    })
}

/// The points as they were typed, each with whether it is to be shared.
fn posted(post: &Post) -> Vec<Proposed> {
    (0..)
        .map_while(|n| {
            let words = post.get(&format!("words-{n}"))?.trim().to_owned();
            let agency = post.text(&format!("agency-{n}")).to_owned();
            let kind = match post.text(&format!("kind-{n}")) {
                work::RECOMMENDATION => work::RECOMMENDATION,
                _ => work::LEARNING,
            };
            Some(Proposed {
                kind: kind.to_owned(),
                agency: Some(agency).filter(|agency| !agency.is_empty()),
                words,
                shared: post.get(&format!("share-{n}")).is_some(),
                meant: post.text(&format!("meant-{n}")).to_owned(),
                ..Proposed::default()
            })
        })
        .take(40)
        .collect()
}

/// `POST /cases/{reference}/learning`: the points that are safe to share, or the note that carries them.
pub async fn share(app: Data, visit: Visit, path: web::Path<String>, post: Post) -> Page {
    let reference = path.into_inner();
    let (of, said) = (reference.clone(), post.clone());
    let done = app
        .write(&visit, move |tx, ctx| {
            access::reach(tx.conn(), ctx, &of, Verb::ShareLearning)?;
            match said.get("do") {
                Some("agree") => {
                    // Places stay as on the page, so that what is wrong stands at its box.
                    let all = posted(&said);
                    let chosen: Vec<Proposed> = all.iter().filter(|p| p.shared).cloned().collect();
                    let confirmed = said.get("confirmed").is_some();
                    let done = work::agree(tx, ctx, &of, &chosen, confirmed);
                    done.map_err(|e| placed(e, &all))
                }
                Some("thank") => work::thank(tx, ctx, &of).map(|_| ()),
                _ => Err(Error::NotFound),
            }
        })
        .await;
    let Err(fault) = done else {
        return Ok(see_other(&format!("/cases/{reference}/learning#share")));
    };
    let typed = Again::of(post, fault, STALE)?;
    show(&app, &visit, reference, typed).await
}

/// Puts a problem of the n-th point that is shared at its place among all points.
fn placed(error: Error, all: &[Proposed]) -> Error {
    let places: Vec<usize> = (0..all.len())
        .filter(|n| all.get(*n).is_some_and(|p| p.shared))
        .collect();
    match error {
        Error::Invalid(mut problems) => {
            for problem in &mut problems {
                let n = problem
                    .field
                    .strip_prefix("words-")
                    .and_then(|n| n.parse::<usize>().ok());
                if let Some(place) = n.and_then(|n| places.get(n)) {
                    problem.field = format!("words-{place}");
                }
            }
            Error::Invalid(problems)
        }
        other => other,
    }
}

/// `POST /cases/{reference}/themes`.
pub async fn set_themes(app: Data, visit: Visit, path: web::Path<String>, post: Post) -> Page {
    let reference = path.into_inner();
    let (of, chosen) = (reference.clone(), post.all("themes"));
    let done = app
        .write(&visit, move |tx, ctx| {
            work::set_themes(tx, ctx, &of, &chosen)
        })
        .await;
    let Err(fault) = done else {
        return Ok(see_other(&format!("/cases/{reference}/learning#themes")));
    };
    let typed = Again::of(post, fault, STALE)?;
    show(&app, &visit, reference, typed).await
}

/// `GET /themes`.
pub async fn themes(app: Data, visit: Visit) -> Page {
    let rows = app
        .read(&visit, |conn, ctx| {
            let all = work::all_themes(conn, ctx)?;
            let rows = all.iter().map(
                |t| context! { label => &t.label, cases => t.cases, recommended => t.recommendations.map(|(all, done)| format!("{all}, {done} done")), references => &t.references },
            );
            let judges = may(&ctx.actor, Verb::JudgeCluster, &Facts::default());
            Ok(context! { title => "Themes", rows => rows.collect::<Vec<Value>>(), judges })
        })
        .await?;
    app.ok(&visit, "learning/themes.html", rows)
}

/// `GET /clusters`.
pub async fn all_clusters(app: Data, visit: Visit) -> Page {
    show_clusters(&app, &visit, None, Again::default()).await
}

async fn show_clusters(app: &Data, visit: &Visit, at: Option<String>, typed: Again) -> Page {
    let status = typed.status;
    let page = app
        .read(visit, move |conn, ctx| {
            clusters_view(conn, ctx, at.as_deref(), &typed)
        })
        .await?;
    app.page(visit, status, "learning/clusters.html", page)
}

fn clusters_view(
    conn: &mut Conn,
    ctx: &Context,
    at: Option<&str>,
    typed: &Again,
) -> Outcome<Value> {
    let all = clusters::list(conn, ctx)?;
    let (_, wrong) = said(&typed.problems);
    let rows: Vec<Value> = all
        .iter()
        .map(|shown| {
            let row = &shown.row;
            let own = typed.post.as_ref().filter(|_| at == Some(row.id.as_str()));
            let state = row.state.parse::<Judgement>().unwrap_or(Judgement::Open);
            let chosen = own.map(|post| post.text("judgement"));
            let choices = Judgement::ALL.iter().filter(|j| **j != Judgement::Open);
            context! {
                id => &row.id, version => row.version, what => &shown.what.0, value => &shown.what.1, months => row.months,
                from => row.first_on.to_string(), to => row.last_on.to_string(), count => row.count,
                expected => format!("{:.1}", f64::from(row.expected_thousandths) / 1_000.0),
                open => state == Judgement::Open, state => state.label(), reason => &row.reason, by => &row.judged_by,
                on => row.judged_at.map(|at| at.date().to_string()), cases => &shown.cases,
                typed => own.map(|post| post.text("reason")), wrong => own.map(|_| &wrong),
                choices => choices.map(|j| context! { value => j.as_str(), text => j.label(), checked => chosen == Some(j.as_str()) }).collect::<Vec<Value>>(),
            }
        })
        .collect();
    let errors: Vec<Value> = typed
        .problems
        .iter()
        .map(|p| context! { text => &p.message, href => format!("#{}-{}", p.field, at.unwrap_or_default()) })
        .collect();
    Ok(context! {
        title => "Counts that are higher than before", rows, refused => &typed.refused,
        errors => (!errors.is_empty()).then_some(errors),
    })
}

/// `POST /clusters/{id}`.
pub async fn judge(app: Data, visit: Visit, path: web::Path<String>, post: Post) -> Page {
    let id = path.into_inner();
    let (of, said) = (id.clone(), post.clone());
    let done = app
        .write(&visit, move |tx, ctx| {
            let judgement = said.text("judgement").parse().ok();
            let at = (of.as_str(), said.number("version"));
            clusters::judge(tx, ctx, at, judgement, said.text("reason"))
        })
        .await;
    let Err(fault) = done else {
        return Ok(see_other("/clusters"));
    };
    let typed = Again::of(post, fault, STALE)?;
    show_clusters(&app, &visit, Some(id), typed).await
}

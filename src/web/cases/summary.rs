//! The few answers that steer a review, each as the team decided it, or else as the notification has it, and where it is
//! from. Must not decide what a team may decide.

use serde_json::Value;

use super::question_at;
use crate::casework::picture::Picture;
use crate::casework::{Context, Outcome, family};
use crate::domain::family::{Part, is_over};
use crate::domain::form::words;
use crate::domain::permission::{Facts, Verb, may};
use crate::store::Conn;
use crate::store::cases::Case;

/// A line of the summary: its label, the question of the notification, and where the team speaks to the same, what counts
/// first before the others.
type Steers = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
);

/// What steers a review.
const STEERS: [Steers; 6] = [
    ("Expected or unexpected", "expected_death", &[]),
    (
        "Joint agency response",
        "jar_required",
        &[("first_hours", "jar_met"), ("cdrm_jar", "jar_required")],
    ),
    (
        "Reported to the coroner",
        "coroner_informed",
        &[("cdrm_jar", "coroner_informed")],
    ),
    ("Coroner’s investigation", "coroner_accepted", &[]),
    ("Inquest", "inquest", &[]),
    (
        "Key worker for the family",
        KEY_WORKER,
        &[("first_hours", "support_key_worker")],
    ),
];
/// The question of the notification to which the family's page speaks as well.
const KEY_WORKER: &str = "family_key_worker_name";

/// An answer that stands on the summary.
struct Stands {
    words: String,
    /// Where it is from.
    from: &'static str,
    href: Option<String>,
}

/// The few answers that steer a review: what the team decided, or else what the notification said.
pub(super) fn summary(
    conn: &mut Conn,
    ctx: &Context,
    facts: Facts,
    case: &Case,
    known: &Picture,
) -> Outcome<Vec<Value>> {
    if !known.forms.contains_key("notification") {
        return Ok(Vec::new());
    }
    let base = format!("/cases/{}", case.reference);
    let worker = key_worker(conn, ctx, facts, case)?;
    let line = |(label, id, team): &Steers| {
        let said = said_on(ctx, known, "notification", id);
        let of_family = worker.clone().filter(|_| *id == KEY_WORKER);
        let of_family = of_family.map(|words| Stands {
            words,
            from: "On the family’s page",
            href: Some(format!("{base}/family")),
        });
        let of_team = team.iter().find_map(|(form, field)| {
            Some(Stands {
                words: said_on(ctx, known, form, field)?,
                from: if *form == "first_hours" {
                    "Decided in the first hours"
                } else {
                    "On the form of the joint agency response"
                },
                href: response_at(ctx, facts, &base, form, field),
            })
        });
        let Some(stands) = of_family.or(of_team) else {
            let from = said.as_ref().map(|_| "From the notification");
            let href = question_at(ctx, facts, &base, "notification", id);
            return context! { label, value => said, from => from.filter(|_| !team.is_empty()), href };
        };
        let other = said.filter(|said| *said != stands.words);
        let from = other.map_or_else(
            || stands.from.to_owned(),
            |said| format!("{}. The notification said: {said}", stands.from),
        );
        context! { label, value => stands.words, from, href => stands.href }
    };
    Ok(STEERS.iter().map(line).collect())
}

/// The answer to a question, in words; none where it was not answered, or nobody knows.
fn said_on(ctx: &Context, known: &Picture, form: &str, field: &str) -> Option<String> {
    let agreed = known.forms.get(form)?;
    let dict = ctx.house.dictionary_of(&agreed.row.form_version);
    let answer = agreed.answers.get(field)?;
    let field = dict.form(form)?.field(field)?;
    Some(words(dict, field, answer)).filter(|said| !said.trim().is_empty())
}

/// Who is the family's key worker, as the family's page has it.
fn key_worker(
    conn: &mut Conn,
    ctx: &Context,
    facts: Facts,
    case: &Case,
) -> Outcome<Option<String>> {
    if !may(&ctx.actor, Verb::ReadFamily, &facts) {
        return Ok(None);
    }
    let lines = family::of_case(conn, ctx, case)?;
    let mut workers = lines
        .into_iter()
        .filter(|line| line.part == Part::KeyWorker && !is_over(&line.state));
    Ok(workers.find_map(|line| line.said.get("name").cloned()))
}

/// Where a question of the response is answered, for whoever may.
fn response_at(ctx: &Context, facts: Facts, base: &str, form: &str, field: &str) -> Option<String> {
    let section = &ctx.house.dictionary().form(form)?.section_of(field)?.id;
    may(&ctx.actor, Verb::KeepResponse, &facts)
        .then(|| format!("{base}/response/{form}/{section}#{field}"))
}

//! The panel's analysis and finalising: the analysis form is filled in, everything that is missing is said,
//! and a finalised case makes a new version for the national return. Must not write the return.

use super::gather::{self, Correct, given_reason};
use super::picture::{Picture, case_by_reference};
use super::{Context, Error, Outcome, access, record, triage, typing};
use crate::domain::age::Age;
use crate::domain::calendar::london;
use crate::domain::case::{Move, RequestStanding, State};
use crate::domain::event::Event;
use crate::domain::finalise::{self, Lookalike, Missing, Requested, Unsettled, WholeCase};
use crate::domain::form::{Answer, Answers, Form};
use crate::domain::permission::Verb;
use crate::store::cases::{Case, Sight};
use crate::store::marks::Likeness;
use crate::store::{Conn, Tx, cases, events, merges, notifications, requests, responses};

/// What need not be typed when staff open a form for the first time. Only fields the form has.
pub fn prefill(ctx: &Context, case: &Case, form: &Form, known: &Picture, into: &mut Answers) {
    let empty = Answers::default();
    let notified = known.answers("notification").unwrap_or(&empty);
    let mut put = |id: &str, answer: Option<Answer>| {
        if let (true, Some(answer)) = (form.field(id).is_some() && !into.is_answered(id), answer) {
            into.set(id, answer);
        }
    };
    put(
        "cdop_identifier",
        Some(Answer::Text(case.reference.clone())),
    );
    put("child_sex", notified.get("sex").cloned());
    put("cdop_area", Some(Answer::Text(ctx.house.area.name.clone())));
    put("child_name", Some(Answer::Text(case.display_name.clone())));
    put("child_date_of_birth", case.date_of_birth.map(Answer::Date));
    put(
        "child_date_of_death",
        Some(Answer::Date(case.date_of_death)),
    );
    let age = case
        .date_of_birth
        .and_then(|born| Age::at(born, case.date_of_death));
    put("child_age_at_death", age.map(|a| Answer::Text(a.words())));
    if form.code == "analysis" {
        for (ours, theirs) in [
            ("registered_cause_1a", "cause_1a"),
            ("registered_cause_1b", "cause_1b"),
            ("registered_cause_1c", "cause_1c"),
            ("registered_cause_2", "cause_2"),
        ] {
            put(ours, notified.get(theirs).cloned());
        }
        let reported = |id: &str| known.elsewhere("analysis", id);
        put("mode_of_death", reported("mode_of_death"));
        put(
            "place_of_death",
            reported("place_of_death").or_else(|| notified.get("place_of_death_type").cloned()),
        );
        put("completed_by", Some(Answer::Text(ctx.actor.label())));
    }
}

/// Keeps a section of the analysis form.
pub fn save_analysis(
    tx: &mut Tx<'_>,
    ctx: &Context,
    reference: &str,
    correct: &Correct,
) -> Outcome<()> {
    let case = gather::editable(tx, ctx, reference, Verb::EditAnalysis)?;
    if correct.form != "analysis" {
        return Err(Error::NotFound);
    }
    let mut correct = correct.clone();
    if !correct.answers.is_answered("completed_by") {
        // The first who saves it is who completes it, unless another name is typed.
        let name = Answer::Text(ctx.actor.label());
        correct.answers.set("completed_by", name);
    }
    gather::save_record(tx, ctx, &case, &correct)?;
    let place = typing::Place::of_record(ctx, &case.id, &correct.form, &correct.section);
    typing::forget(tx, ctx, &place, None)?;
    triage::refresh(tx, ctx, &case.id)
}

/// Everything that is missing before the case can be finalised, and what is worth a second look.
pub fn missing(conn: &mut Conn, ctx: &Context, case: &Case) -> Outcome<Vec<Missing>> {
    let known = Picture::load(conn, ctx, &case.id)?;
    let together = merges::together(conn, &case.id)?;
    let mut requested = Vec::new();
    for row in requests::of_cases(conn, &together)?
        .iter()
        .filter(|r| r.state != "withdrawn")
    {
        let standing = match row.state.as_str() {
            "answered" => RequestStanding::Answered,
            "accepted" | "waived" => RequestStanding::Done,
            _ => RequestStanding::Waiting,
        };
        let agency = gather::agency_label(ctx, &row.agency);
        for response in responses::of_request(conn, &row.id)? {
            requested.push(Requested {
                form: response.form,
                agency: agency.clone(),
                standing,
            });
        }
    }
    let waived = requests::waivers_of(conn, &together)?
        .into_iter()
        .map(|(_, form, _)| form)
        .collect();
    let conflicts = known
        .unsettled()
        .into_iter()
        .map(|(form, field)| Unsettled { form, field })
        .collect();
    let duplicates = lookalikes(conn, ctx, case)?;
    let footprint: Vec<&str> = ctx
        .house
        .area
        .footprint
        .iter()
        .map(String::as_str)
        .collect();
    let sent = notifications::get(conn, &case.notification_id)?.and_then(|n| n.sent_at);
    let whole = WholeCase {
        dict: ctx.house.dictionary(),
        openings: &ctx.house.openings,
        record: known.record(),
        requests: requested,
        waived,
        conflicts,
        duplicates,
        footprint: &footprint,
        notified_on: london(sent.unwrap_or(case.opened_at).and_utc()).date(),
        live: ctx.house.live,
    };
    let now = london(ctx.now);
    Ok(finalise::missing(&whole, now.date(), now))
}

/// Other cases that may be of the same child, and whether somebody said why they are not.
pub fn lookalikes(conn: &mut Conn, ctx: &Context, case: &Case) -> Outcome<Vec<Lookalike>> {
    let known = Picture::load(conn, ctx, &case.id)?;
    let Some(ours) = known.answers("notification").map(triage::identity) else {
        return Ok(Vec::new());
    };
    let alike = cases::alike(
        conn,
        &Sight {
            // A reference tells nothing of a child, and the same child must be seen wherever the case is.
            assigned_to: None,
            ..access::sight(ctx)
        },
        &Likeness {
            nhs_number: case.nhs_number.as_deref(),
            surname: &case.surname_folded,
            date_of_birth: case.date_of_birth,
        },
        50,
    )?;
    let explained = explained(conn, &case.notification_id)?;
    let mut found = Vec::new();
    for other in alike
        .into_iter()
        .filter(|o| o.id != case.id && o.state != State::Joined.as_str())
    {
        let theirs = Picture::load(conn, ctx, &other.id)?;
        let Some(theirs) = theirs.answers("notification").map(triage::identity) else {
            continue;
        };
        if let Some(hit) = crate::domain::duplicate::compare(&ours, &theirs) {
            // What was said of one of the two holds for the other.
            let said = explained.contains(&other.reference)
                || self::explained(conn, &other.notification_id)?.contains(&case.reference);
            found.push(Lookalike {
                reference: other.reference,
                strength: hit.strength,
                explained: said,
            });
        }
    }
    Ok(found)
}

/// The cases of which it was said, on this notification, that they are of another child.
fn explained(conn: &mut Conn, notification_id: &str) -> Outcome<Vec<String>> {
    let events = events::of_subject(conn, notification_id, "duplicate_explained", 500)?;
    let reference = |e: events::StoredEvent| match serde_json::from_str(&e.detail) {
        Ok(Event::DuplicateExplained { reference, .. }) => Some(reference),
        _ => None,
    };
    Ok(events.into_iter().filter_map(reference).collect())
}

/// Finalises a case if nothing stands in the way. The panel's review is recorded on the way when it was not.
pub fn finalise(tx: &mut Tx<'_>, ctx: &Context, reference: &str, version: i32) -> Outcome<()> {
    let (mut case, _) = access::reach(tx.conn(), ctx, reference, Verb::Finalise)?;
    if case.finalised_at.is_some()
        && matches!(
            case.state.as_str(),
            "signed_off" | "submitted_ncmd" | "closed"
        )
    {
        // Pressed twice: it is done already.
        tx.unchanged();
        return Ok(());
    }
    if case.version != version {
        return Err(Error::Stale);
    }
    let missing = missing(tx.conn(), ctx, &case)?;
    if !finalise::can_finalise(&missing) {
        return Err(Error::Rule(
            "Something is still missing, so the case cannot be finalised yet.".into(),
        ));
    }
    let state: State = case
        .state
        .parse()
        .map_err(|_| Error::Internal("an unknown state is stored".into()))?;
    if !matches!(
        state,
        State::PanelComplete | State::PanelInsufficient | State::Reopened
    ) {
        triage::step(tx, ctx, &case, Move::RecordComplete, "")?;
        case = case_by_reference(tx.conn(), reference)?;
    }
    triage::step(tx, ctx, &case, Move::Finalise, "")?;
    let mut done = case_by_reference(tx.conn(), reference)?;
    done.finalised_at = Some(ctx.stamp());
    done.return_version += 1;
    let was = done.state.clone();
    gather::save_case(tx, &done, &was)?;
    mark_final(tx, ctx, &done, true)?;
    let event = Event::CaseFinalised {
        version: u32::try_from(done.return_version).unwrap_or(1),
    };
    record(tx, ctx, Some(&done.id), None, &event)?;
    triage::refresh(tx, ctx, &done.id)
}

/// The analysis form's own word that it is final.
fn mark_final(tx: &mut Tx<'_>, ctx: &Context, case: &Case, is_final: bool) -> Outcome<()> {
    let known = Picture::load(tx.conn(), ctx, &case.id)?;
    let Some(agreed) = known.forms.get("analysis") else {
        return Ok(());
    };
    let mut answers = agreed.answers.clone();
    answers.set("finalised", Answer::Boolean(is_final));
    super::picture::write(
        tx,
        ctx,
        &case.id,
        "analysis",
        &agreed.row.form_version,
        &answers,
        &agreed.sources,
    )
}

/// Reopens a finalised case with a reason; the next finalising makes a new version (AN-11).
pub fn reopen(tx: &mut Tx<'_>, ctx: &Context, reference: &str, reason: &str) -> Outcome<()> {
    let (case, _) = access::reach(tx.conn(), ctx, reference, Verb::Reopen)?;
    let reason = given_reason(reason, "Say why the case is reopened")?;
    triage::step(tx, ctx, &case, Move::Reopen, &reason)?;
    let mut open = case_by_reference(tx.conn(), reference)?;
    open.finalised_at = None;
    // What goes out of a reopened case must not carry the number of what was final.
    open.return_version += 1;
    open.national_accepted_at = None;
    let was = open.state.clone();
    gather::save_case(tx, &open, &was)?;
    mark_final(tx, ctx, &open, false)?;
    let event = Event::CaseReopened {
        version: u32::try_from(open.return_version).unwrap_or(1),
        reason,
    };
    record(tx, ctx, Some(&open.id), None, &event)?;
    triage::refresh(tx, ctx, &open.id)
}

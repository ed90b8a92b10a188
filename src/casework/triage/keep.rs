//! Keeping a case's row in step with its facts: what is owed on it, what worklists and searches need of the record, and
//! how many requests are out. Must not change what is known of a case.

use chrono::NaiveDateTime;

use super::forms::forms_to_request;
use crate::casework::picture::Picture;
use crate::casework::{
    Context, Error, Outcome, actions, clocks, family, gather, learning, likeness, notify, processes,
};
use crate::domain::age::Age;
use crate::domain::calendar::{london, utc_of_london};
use crate::domain::case::{CaseFacts, Owed, RequestFacts, RequestStanding, State, owed};
use crate::domain::clock::Occasion;
use crate::domain::duplicate::fold;
use crate::domain::family::Others;
use crate::domain::form::{Answer, Answers};
use crate::store::cases::Case;
use crate::store::{Conn, Tx, cases, merges, notifications, requests, responses};

/// A time so far away that it sorts after every real one: nothing is owed.
pub fn never() -> NaiveDateTime {
    chrono::NaiveDate::from_ymd_opt(9999, 12, 31)
        .unwrap_or_default()
        .and_time(chrono::NaiveTime::MIN)
}

/// Repeats in the case's row what worklists and searches need of the record.
pub(super) fn index(ctx: &Context, case: &mut Case, answers: &Answers) {
    let text = |id: &str| answers.text(id).unwrap_or_default();
    format!("{} {}", text("child_forenames"), text("child_surname"))
        .trim()
        .clone_into(&mut case.display_name);
    case.nhs_number = answers.text("nhs_number").map(str::to_owned);
    case.surname_folded = fold(text("child_surname"));
    case.forenames_folded = fold(text("child_forenames"));
    case.date_of_birth = answers.date("date_of_birth");
    if let Some(died) = answers.date("date_of_death") {
        case.date_of_death = died;
    }
    case.age_band = case
        .date_of_birth
        .and_then(|born| Age::at(born, case.date_of_death))
        .map_or_else(|| "unknown".to_owned(), |age| age.band().to_owned());
    answers
        .choice("normally_resident_la")
        .unwrap_or("unknown")
        .clone_into(&mut case.residence);
    case.district = ctx.house.area.district(text("postcode")).map(str::to_owned);
    case.expected = answers.choice("expected_death").map(str::to_owned);
}

/// What decides what is owed on a case.
pub fn facts(conn: &mut Conn, ctx: &Context, case: &Case, known: &Picture) -> Outcome<CaseFacts> {
    let empty = Answers::default();
    let notified = known.answers(notify::FORM).unwrap_or(&empty);
    let jar = known.answers("cdrm_jar").unwrap_or(&empty);
    let analysis = known.answers("analysis").unwrap_or(&empty);
    let hours = known.answers("first_hours").unwrap_or(&empty);
    let is_decided = |answer: Option<&str>| matches!(answer, Some("yes" | "no" | "not_applicable"));
    let dict = ctx.house.dictionary();
    let form_label = |code: &str| {
        dict.form(code)
            .map_or_else(|| code.to_owned(), |f| f.label.clone())
    };
    let missing = forms_to_request(conn, ctx, case, known)?;
    // What was asked on a case that is read under this one is owed here.
    let together = merges::together(conn, &case.id)?;
    let rows = requests::of_cases(conn, &together)?;
    let clocks = clocks::running(conn, &case.id)?;
    let mut asked = Vec::new();
    for row in &rows {
        let forms = responses::of_request(conn, &row.id)?;
        asked.push(RequestFacts {
            agency: dict
                .label("agency", &row.agency)
                .unwrap_or(&row.agency)
                .to_owned(),
            forms: forms.iter().map(|r| form_label(&r.form)).collect(),
            due: match clocks.iter().find(|c| c.request.as_ref() == Some(&row.id)) {
                Some(clock) => clock.due.map(|due| due.date()),
                None => Some(row.agreed_date),
            },
            standing: match row.state.as_str() {
                "answered" => RequestStanding::Answered,
                "accepted" | "withdrawn" | "waived" => RequestStanding::Done,
                _ => RequestStanding::Waiting,
            },
        });
    }
    let notification_row = notifications::get(conn, &case.notification_id)?;
    let sent = notification_row
        .and_then(|n| n.sent_at)
        .unwrap_or(case.opened_at);
    let mut forms_to_request: Vec<String> = missing.iter().map(|o| form_label(&o.form)).collect();
    if rows.iter().all(|r| r.state == "withdrawn") {
        forms_to_request.insert(0, form_label("reporting"));
    }
    let yes = |a: &Answers, id: &str| a.choice(id) == Some("yes");
    let beside = processes::facts(conn, ctx, &case.id)?;
    let mut inquests = beside.iter().filter(|process| process.inquest).peekable();
    // What is recorded beside the review knows better than what the notifier expected.
    let inquest_open = if inquests.peek().is_some() {
        inquests.any(|process| process.open)
    } else {
        yes(notified, "inquest")
            && analysis
                .choice("inquest_conclusion")
                .is_none_or(|c| c == "pending")
    };
    let family = family::counted(conn, &case.id)?;
    let concluded = beside.iter().filter(|process| process.inquest);
    Ok(CaseFacts {
        state: case
            .state
            .parse()
            .map_err(|_| Error::Internal("an unknown state is stored".into()))?,
        date_of_death: Some(case.date_of_death),
        time_of_death: match notified.get("time_of_death") {
            Some(Answer::Time(time)) => Some(*time),
            _ => None,
        },
        notified_at: london(sent.and_utc()),
        triaged_at: Some(london(case.opened_at.and_utc())),
        notification_accepted: case.national_notified_at.is_some(),
        jar_decided: yes(notified, "jar_required")
            || is_decided(jar.choice("jar_required"))
            || is_decided(hours.choice("jar_met")),
        key_worker_named: notified.is_answered("family_key_worker_name") || family.key_worker,
        leaflet_recorded: yes(notified, "family_leaflet_given") || family.leaflet,
        forms_to_request,
        requests: asked,
        conflicts: known.unsettled().len(),
        cdrm_held_on: jar.date("cdrm_date").or_else(|| analysis.date("cdrm_date")),
        draft_analysis_received: analysis.is_answered("completed_by"),
        inquest_open,
        inquest_concluded_on: concluded.filter_map(|process| process.over_on).max(),
        panel_on: analysis.date("date_of_review"),
        deferred_on: None,
        family_told: yes(analysis, "family_informed")
            || clocks::has_happened(conn, &case.id, Occasion::FamilyToldOrDeclined)?,
        unfollowed: actions::unfollowed(conn, case, analysis)?.len(),
        thanked: case.state != State::Closed.as_str()
            || !learning::sent(conn, case)?.is_empty()
            || learning::contributors(conn, ctx, case)?.is_empty(),
        final_accepted: case.national_accepted_at.is_some(),
        processes: beside,
        unrecorded: processes::unrecorded(conn, ctx, &case.id, known)?,
        family,
        others_unrecorded: others_unrecorded(conn, ctx, &together)?,
        clocks,
    })
}

/// How many of the children whom the record names nobody has recorded. Where cases are read together, a child whom
/// both name is one child.
fn others_unrecorded(conn: &mut Conn, ctx: &Context, together: &[String]) -> Outcome<usize> {
    let mut notified = Others::default();
    for id in together {
        let known = Picture::load(conn, ctx, id)?;
        for names in family::children_named(&known) {
            notified.add(names);
        }
    }
    Ok(notified.unrecorded(&family::others(conn, together)?))
}

/// What is owed on a case now, the most pressing first.
pub fn owed_now(
    conn: &mut Conn,
    ctx: &Context,
    case: &Case,
    known: &Picture,
) -> Outcome<Vec<Owed>> {
    let facts = facts(conn, ctx, case, known)?;
    Ok(owed(&facts, &ctx.house.clocks, london(ctx.now)))
}

/// Brings the case's row in step with its facts after anything changed, and that of the case under which it is read.
pub fn refresh(tx: &mut Tx<'_>, ctx: &Context, case_id: &str) -> Outcome<()> {
    if ctx.bulk {
        return Ok(());
    }
    refresh_one(tx, ctx, case_id)?;
    match merges::of_case(tx.conn(), case_id)? {
        Some(row) => refresh_one(tx, ctx, &row.into_id),
        None => Ok(()),
    }
}

fn refresh_one(tx: &mut Tx<'_>, ctx: &Context, case_id: &str) -> Outcome<()> {
    let mut case = cases::get(tx.conn(), case_id)?.ok_or(Error::NotFound)?;
    let was = case.state.clone();
    let known = Picture::load(tx.conn(), ctx, case_id)?;
    if let Some(answers) = known.answers(notify::FORM) {
        index(ctx, &mut case, answers);
    }
    let all = owed_now(tx.conn(), ctx, &case, &known)?;
    let first = all.iter().find(|o| o.due.is_some());
    case.next_due_at = first
        .and_then(|o| o.due)
        .map_or_else(never, |due| utc_of_london(due).naive_utc());
    case.next_due_what = first.or(all.first()).map(|o| o.what.clone());
    let together = merges::together(tx.conn(), case_id)?;
    let rows = requests::of_cases(tx.conn(), &together)?;
    let live = rows
        .iter()
        .filter(|r| !matches!(r.state.as_str(), "withdrawn" | "waived"));
    let (out, back) = live.fold((0, 0), |(out, back), r| {
        (
            out + 1,
            back + i32::from(matches!(r.state.as_str(), "answered" | "accepted")),
        )
    });
    (case.requests_out, case.requests_back) = (out, back);
    case.open = case.state.parse::<State>().is_ok_and(State::is_open);
    if !case.open {
        case.next_due_at = never();
    }
    case.updated_at = ctx.stamp();
    likeness::keep(tx, ctx, &case, &known)?;
    gather::save_case(tx, &case, &was)
}

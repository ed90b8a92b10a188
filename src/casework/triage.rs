//! Deciding on a notification: beside its possible duplicates it is accepted as a case, joined to one, found
//! out of scope or transferred. Also keeps a case's row in step with its facts. Must not gather anything.

use chrono::{Datelike, NaiveDateTime};

use super::gather::given_reason;
use super::people::problem;
use super::picture::{self, FieldSource, Picture, Sources};
use super::{Context, Error, Outcome, access, notify, record};
use crate::domain::age::Age;
use crate::domain::calendar::{london, utc_of_london};
use crate::domain::case::{
    self, CaseFacts, Move, Owed, RequestFacts, RequestStanding, State, next, owed,
};
use crate::domain::clock::Occasion;
use crate::domain::duplicate::{Identity, Match, Strength, compare, fold};
use crate::domain::event::Event;
use crate::domain::form::{Answer, Answers, prune};
use crate::domain::permission::{Facts, Verb};
use crate::domain::process::held_against;
use crate::domain::scope::{self, Assessment};
use crate::domain::supplementary;
use crate::store::cases::Case;
use crate::store::marks::Likeness;
use crate::store::notifications::Notification;
use crate::store::{Conn, Tx, cases, merges, notifications, requests};

/// Another notification or case that may tell of the same child.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Present when it is a case.
    pub case_reference: Option<String>,
    pub notification_id: String,
    pub notification_reference: String,
    pub state: String,
    pub found: Match,
    pub answers: Answers,
}

/// Who a notification tells of, for comparing.
pub fn identity(answers: &Answers) -> Identity {
    let text = |id: &str| answers.text(id).map(str::to_owned);
    Identity {
        nhs_number: text("nhs_number"),
        surname: text("child_surname").unwrap_or_default(),
        forenames: text("child_forenames").unwrap_or_default(),
        date_of_birth: answers.date("date_of_birth"),
        date_of_death: answers.date("date_of_death"),
        sex: answers.choice("sex").map(str::to_owned),
        postcode: text("postcode"),
        multiple_birth: matches!(
            answers.choice("multiple_birth"),
            Some("twin" | "triplet_plus")
        ),
        birth_order: None,
    }
}

/// Everything that may tell of the same child, the surest first.
pub fn candidates(conn: &mut Conn, ctx: &Context, row: &Notification) -> Outcome<Vec<Candidate>> {
    ctx.allow(Verb::ReadNotification, &Facts::default())?;
    let sight = access::sight(ctx);
    let ours = identity(&notify::answers(ctx, row));
    let alike = notifications::alike(
        conn,
        &sight,
        &Likeness {
            nhs_number: row.nhs_number.as_deref(),
            surname: &row.surname_folded,
            date_of_birth: row.date_of_birth,
        },
        50,
    )?;
    let mut found = Vec::new();
    for other in alike.into_iter().filter(|other| other.id != row.id) {
        let answers = notify::answers(ctx, &other);
        let Some(hit) = compare(&ours, &identity(&answers)) else {
            continue;
        };
        let case_reference = match &other.case_id {
            Some(id) => cases::get(conn, id)?.map(|c| c.reference),
            None => None,
        };
        found.push(Candidate {
            case_reference,
            notification_id: other.id,
            notification_reference: other.reference,
            state: other.state,
            found: hit,
            answers,
        });
    }
    found.sort_by_key(|c| c.found.strength);
    Ok(found)
}

/// What the rules propose for a notification, with reasons.
pub fn assess(ctx: &Context, row: &Notification) -> Assessment {
    let footprint: Vec<&str> = ctx
        .house
        .area
        .footprint
        .iter()
        .map(String::as_str)
        .collect();
    scope::assess(&notify::answers(ctx, row), &footprint, ctx.today())
}

/// What the coordinator decided.
#[derive(Clone, Debug)]
pub enum Decision {
    /// `outcome` is one of the in-scope outcomes; a reason is needed when it is not what the rules
    /// propose, and for each sure duplicate that is another child.
    Accept {
        outcome: scope::Outcome,
        reason: String,
    },
    Join {
        reference: String,
        reason: String,
    },
    OutOfScope {
        outcome: scope::Outcome,
        reason: String,
    },
    Transfer {
        to: String,
        reason: String,
    },
}

/// A notification that waits for a decision. One that has its decision is refused before anything is asked of it.
pub fn undecided(tx: &mut Tx<'_>, ctx: &Context, id: &str) -> Outcome<Notification> {
    let row = access::notification(tx.conn(), ctx, id, Verb::Triage)?;
    if row.state == "received" {
        Ok(row)
    } else {
        Err(Error::Rule("This notification was decided already.".into()))
    }
}

/// Decides on a notification. Gives the reference of the case that it became or joined.
pub fn decide(
    tx: &mut Tx<'_>,
    ctx: &Context,
    id: &str,
    version: i32,
    decision: &Decision,
) -> Outcome<Option<String>> {
    let row = undecided(tx, ctx, id)?;
    if row.version != version {
        return Err(Error::Stale);
    }
    match decision {
        Decision::Accept { outcome, reason } => accept(tx, ctx, row, *outcome, reason).map(Some),
        Decision::Join { reference, reason } => join(tx, ctx, row, reference, reason).map(Some),
        Decision::OutOfScope { outcome, reason } => {
            if !outcome.is_excluded() {
                return Err(invalid("outcome", "Choose why the death is not in scope"));
            }
            let reason = given_reason(reason, "Say what you saw that shows it")?;
            let event = Event::NotificationOutOfScope {
                outcome: outcome.as_str().into(),
                reason: reason.clone(),
            };
            settle(
                tx,
                ctx,
                row,
                "out_of_scope",
                outcome.as_str(),
                &reason,
                &event,
            )?;
            Ok(None)
        }
        Decision::Transfer { to, reason } => {
            let to = given_panel(to)?;
            let reason = given_reason(reason, "Say what was agreed, and with whom")?;
            let mut row = row;
            row.transferred_to = Some(to.clone());
            let event = Event::NotificationTransferred {
                to,
                reason: reason.clone(),
            };
            settle(
                tx,
                ctx,
                row,
                "transferred",
                scope::Outcome::TransferOut.as_str(),
                &reason,
                &event,
            )?;
            Ok(None)
        }
    }
}

fn invalid(field: &str, message: &str) -> Error {
    Error::Invalid(vec![problem(field, "required", message)])
}

/// The panel that takes a death over (SB-11).
fn given_panel(to: &str) -> Outcome<String> {
    let to = to.trim();
    if to.is_empty() {
        return Err(invalid("to", "Choose the panel that takes it over"));
    }
    if to.chars().count() > 200 {
        let words = "The name of the panel must have 200 characters or fewer";
        return Err(Error::Invalid(vec![problem("to", "length", words)]));
    }
    Ok(to.to_owned())
}

fn settle(
    tx: &mut Tx<'_>,
    ctx: &Context,
    mut row: Notification,
    state: &str,
    decision: &str,
    reason: &str,
    event: &Event,
) -> Outcome<()> {
    let was = std::mem::replace(&mut row.state, state.to_owned());
    row.decided_at = Some(ctx.stamp());
    row.decided_by = ctx.actor.user_id().map(str::to_owned);
    row.decision = Some(decision.to_owned());
    row.decision_reason = Some(reason.to_owned());
    if !notifications::save(tx, &row, &was)? {
        return Err(Error::Stale);
    }
    record(tx, ctx, row.case_id.as_deref(), Some(&row.id), event)
}

fn accept(
    tx: &mut Tx<'_>,
    ctx: &Context,
    mut row: Notification,
    outcome: scope::Outcome,
    reason: &str,
) -> Outcome<String> {
    if !outcome.is_in_scope() {
        return Err(invalid(
            "outcome",
            "Choose on what ground the death is reviewed here",
        ));
    }
    let proposed = assess(ctx, &row).proposed;
    if proposed != outcome {
        given_reason(
            reason,
            "Say why you decide otherwise than the rules propose",
        )?;
    }
    explain_duplicates(tx, ctx, &row, reason)?;
    let answers = notify::answers(ctx, &row);
    let died = answers.date("date_of_death").ok_or_else(|| {
        invalid(
            "date_of_death",
            "A case needs a date of death. Add it to the notification first",
        )
    })?;
    let number = cases::next_number(tx, died.year())?;
    let reference = case::Reference::new(
        &ctx.house.area.reference_prefix,
        died.year(),
        u32::try_from(number).unwrap_or(0),
    )
    .map_err(|_| Error::Internal("no reference could be made".into()))?
    .to_string();
    let id = ctx.new_id();
    let case = new_case(ctx, &row, &answers, id, &reference, died);
    cases::insert(tx, &case)?;
    row.case_id = Some(case.id.clone());
    put_record(tx, ctx, &case, &row, answers)?;
    record(
        tx,
        ctx,
        Some(&case.id),
        Some(&row.id),
        &Event::CaseCreated {
            reference: reference.clone(),
        },
    )?;
    let event = Event::NotificationAccepted {
        reference: reference.clone(),
    };
    settle(
        tx,
        ctx,
        row,
        "accepted",
        outcome.as_str(),
        reason.trim(),
        &event,
    )?;
    refresh(tx, ctx, &case.id)?;
    Ok(reference)
}

/// ID-8: a death with the same NHS number is the same child until somebody says why not.
fn explain_duplicates(
    tx: &mut Tx<'_>,
    ctx: &Context,
    row: &Notification,
    reason: &str,
) -> Outcome<()> {
    let sure: Vec<Candidate> = candidates(tx.conn(), ctx, row)?
        .into_iter()
        .filter(|c| c.found.strength == Strength::Certain && c.case_reference.is_some())
        .collect();
    for candidate in sure {
        let why = given_reason(
            reason,
            "There is a case with the same NHS number. Join this notification to it, or say why it is another child",
        )?;
        let event = Event::DuplicateExplained {
            reference: candidate.case_reference.unwrap_or_default(),
            reason: why,
        };
        record(tx, ctx, None, Some(&row.id), &event)?;
    }
    Ok(())
}

/// Says, after a notification was accepted, why a case that looks like the same child is another (ID-8).
pub fn explain_duplicate(
    tx: &mut Tx<'_>,
    ctx: &Context,
    id: &str,
    reference: &str,
    reason: &str,
) -> Outcome<()> {
    let row = access::notification(tx.conn(), ctx, id, Verb::Triage)?;
    if row.state != "accepted" {
        return Err(Error::NotFound);
    }
    let (other, _) = access::reach(tx.conn(), ctx, reference, Verb::Triage)?;
    if row.case_id.as_deref() == Some(other.id.as_str()) {
        return Err(Error::NotFound);
    }
    let reason = given_reason(reason, "Say why it is another child")?;
    let event = Event::DuplicateExplained {
        reference: reference.to_owned(),
        reason,
    };
    record(tx, ctx, row.case_id.as_deref(), Some(&row.id), &event)
}

/// A time so far away that it sorts after every real one: nothing is owed.
pub fn never() -> NaiveDateTime {
    chrono::NaiveDate::from_ymd_opt(9999, 12, 31)
        .unwrap_or_default()
        .and_time(chrono::NaiveTime::MIN)
}

fn new_case(
    ctx: &Context,
    row: &Notification,
    answers: &Answers,
    id: String,
    reference: &str,
    died: chrono::NaiveDate,
) -> Case {
    let mut case = Case {
        id,
        reference: reference.to_owned(),
        state: State::Gathering.as_str().to_owned(),
        notification_id: row.id.clone(),
        opened_at: ctx.stamp(),
        display_name: String::new(),
        nhs_number: None,
        surname_folded: String::new(),
        forenames_folded: String::new(),
        date_of_birth: None,
        date_of_death: died,
        age_band: String::new(),
        residence: String::new(),
        district: None,
        expected: None,
        open: true,
        next_due_at: never(),
        next_due_what: None,
        requests_out: 0,
        requests_back: 0,
        finalised_at: None,
        return_version: 1,
        national_notified_at: None,
        national_accepted_at: None,
        transferred_to: None,
        updated_at: ctx.stamp(),
        version: 1,
    };
    index(ctx, &mut case, answers);
    case
}

/// Repeats in the case's row what worklists and searches need of the record.
fn index(ctx: &Context, case: &mut Case, answers: &Answers) {
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

fn put_record(
    tx: &mut Tx<'_>,
    ctx: &Context,
    case: &Case,
    row: &Notification,
    mut answers: Answers,
) -> Outcome<()> {
    answers.set("cdop_identifier", Answer::Text(case.reference.clone()));
    answers.set("record_status", Answer::Choice("accepted".into()));
    let sources: Sources = answers
        .0
        .keys()
        .map(|field| {
            (
                field.clone(),
                FieldSource {
                    from: vec!["notification".into()],
                    ..FieldSource::default()
                },
            )
        })
        .collect();
    picture::write(
        tx,
        ctx,
        &case.id,
        notify::FORM,
        &row.form_version,
        &answers,
        &sources,
    )
}

/// Joins a notification to a case: what it adds goes into the record, and both stay readable.
fn join(
    tx: &mut Tx<'_>,
    ctx: &Context,
    mut row: Notification,
    reference: &str,
    reason: &str,
) -> Outcome<String> {
    let reference = reference.trim().to_uppercase();
    let (case, _) = match access::reach(tx.conn(), ctx, &reference, Verb::Triage) {
        Err(Error::NotFound) => {
            let words = "There is no case with this reference";
            return Err(invalid("reference", words));
        }
        other => other?,
    };
    row.case_id = Some(case.id.clone());
    let given = notify::answers(ctx, &row);
    add_missing(tx, ctx, &case, &row, &given)?;
    let event = Event::NotificationJoined {
        reference: reference.clone(),
        reason: reason.trim().to_owned(),
    };
    settle(
        tx,
        ctx,
        row,
        "joined",
        scope::Outcome::Duplicate.as_str(),
        reason.trim(),
        &event,
    )?;
    refresh(tx, ctx, &case.id)?;
    Ok(reference)
}

/// What a second notification knows and the record does not; where they differ both stay, to be settled.
fn add_missing(
    tx: &mut Tx<'_>,
    ctx: &Context,
    case: &Case,
    row: &Notification,
    given: &Answers,
) -> Outcome<()> {
    let known = Picture::load(tx.conn(), ctx, &case.id)?;
    let Some(agreed) = known.forms.get(notify::FORM) else {
        return Ok(());
    };
    let dict = ctx.house.dictionary_of(&agreed.row.form_version);
    let form = dict.form(notify::FORM).ok_or(Error::NotFound)?;
    let (mut answers, mut sources) = (agreed.answers.clone(), agreed.sources.clone());
    for (field, answer) in &given.0 {
        // Who notified, when and how belongs to each notification, not to the child.
        let about_child = form
            .section_of(field)
            .is_some_and(|s| !matches!(s.id.as_str(), "administration" | "referrer" | "alert"));
        let mine = row.reference.clone();
        if !about_child || answer.is_not_known() {
            continue;
        }
        let source = sources.entry(field.clone()).or_default();
        match answers.get(field).cloned() {
            None => {
                answers.set(field.clone(), answer.clone());
                source.from = vec![mine];
            }
            Some(ours) if ours != *answer && !matches!(answer, Answer::Rows(_)) => {
                if source.options.is_empty() {
                    let from = source.from.clone();
                    source.options.push(picture::Differing {
                        answer: picture::json_of(field, ours),
                        from,
                    });
                }
                let theirs = picture::json_of(field, answer.clone());
                source.options.push(picture::Differing {
                    answer: theirs,
                    from: vec![mine],
                });
                source.settled_by = None;
            }
            Some(_) => {}
        }
    }
    // What the second notification gave reasons for may not be asked any more: a reason for having no NHS
    // number does not stand beside the number.
    prune(
        form,
        &mut answers,
        &ctx.around(&|field| known.elsewhere(notify::FORM, field)),
    );
    sources.retain(|field, source| answers.is_answered(field) || source.options.len() > 1);
    picture::write(
        tx,
        ctx,
        &case.id,
        notify::FORM,
        &agreed.row.form_version,
        &answers,
        &sources,
    )
}

/// Notes that a form is not needed on a case.
pub(super) fn waive(
    tx: &mut Tx<'_>,
    ctx: &Context,
    case: &Case,
    form: &str,
    reason: &str,
) -> Outcome<()> {
    Ok(requests::waive(
        tx,
        &case.id,
        form,
        reason,
        &ctx.actor.label(),
        ctx.stamp(),
    )?)
}

/// The supplementary forms that the circumstances open and that nobody has been asked for or has waived.
pub fn forms_to_request(
    conn: &mut Conn,
    ctx: &Context,
    case: &Case,
    known: &Picture,
) -> Outcome<Vec<supplementary::Opened>> {
    let together = merges::together(conn, &case.id)?;
    let mut done: Vec<String> = requests::waivers_of(conn, &together)?
        .into_iter()
        .map(|(_, form, _)| form)
        .collect();
    for request in requests::of_cases(conn, &together)? {
        if request.state != "withdrawn" {
            done.extend(
                crate::store::responses::of_request(conn, &request.id)?
                    .into_iter()
                    // Let off by a nil return: somebody else may know.
                    .filter(|r| r.state != "waived")
                    .map(|r| r.form),
            );
        }
    }
    done.extend(known.forms.keys().cloned());
    Ok(opened(ctx, known)
        .into_iter()
        .filter(|o| !done.contains(&o.form))
        .collect())
}

/// Every supplementary form that the circumstances open.
pub fn opened(ctx: &Context, known: &Picture) -> Vec<supplementary::Opened> {
    supplementary::opened(ctx.house.dictionary(), &ctx.house.openings, &known.record())
}

/// What decides what is owed on a case.
pub fn facts(conn: &mut Conn, ctx: &Context, case: &Case, known: &Picture) -> Outcome<CaseFacts> {
    let empty = Answers::default();
    let notified = known.answers(notify::FORM).unwrap_or(&empty);
    let jar = known.answers("cdrm_jar").unwrap_or(&empty);
    let analysis = known.answers("analysis").unwrap_or(&empty);
    let dict = ctx.house.dictionary();
    let form_label = |code: &str| {
        dict.form(code)
            .map_or_else(|| code.to_owned(), |f| f.label.clone())
    };
    let missing = forms_to_request(conn, ctx, case, known)?;
    // What was asked on a case that is read under this one is owed here.
    let together = merges::together(conn, &case.id)?;
    let rows = requests::of_cases(conn, &together)?;
    let clocks = super::clocks::running(conn, &case.id)?;
    let mut asked = Vec::new();
    for row in &rows {
        let forms = crate::store::responses::of_request(conn, &row.id)?;
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
    let beside = super::processes::facts(conn, ctx, &case.id)?;
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
    let family = super::family::counted(conn, &case.id)?;
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
        jar_decided: [notified, jar].iter().any(|form| {
            matches!(
                form.choice("jar_required"),
                Some("yes" | "no" | "not_applicable")
            )
        }),
        key_worker_named: notified.is_answered("family_key_worker_name") || family.key_worker,
        leaflet_recorded: notified.is_answered("family_leaflet_given") || family.leaflet,
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
            || super::clocks::has_happened(conn, &case.id, Occasion::FamilyToldOrDeclined)?,
        unfollowed: super::actions::unfollowed(conn, case, analysis)?.len(),
        thanked: case.state != State::Closed.as_str()
            || !super::learning::sent(conn, case)?.is_empty()
            || super::learning::contributors(conn, ctx, case)?.is_empty(),
        final_accepted: case.national_accepted_at.is_some(),
        processes: beside,
        family,
        others_notified: others_notified(conn, ctx, &together)?,
        clocks,
    })
}

/// How many others the notification names; where cases are read together, the one that names most of the same household.
fn others_notified(conn: &mut Conn, ctx: &Context, together: &[String]) -> Outcome<usize> {
    let mut most = 0;
    for id in together {
        let known = Picture::load(conn, ctx, id)?;
        let notified = known.answers(notify::FORM);
        most = most.max(notified.map_or(0, |n| n.rows("other_children_affected").len()));
    }
    Ok(most)
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
    super::likeness::keep(tx, ctx, &case, &known)?;
    super::gather::save_case(tx, &case, &was)
}

/// The moves that a coordinator may make by hand from a state. The others are made by verbs of their own,
/// which look at more than the table: finalising, reopening, joining. Sending can be recorded by hand, for a case
/// that was keyed into the national database's own pages.
pub fn moves_by_hand(state: State) -> Vec<Move> {
    let own_verb = |mv: &Move| {
        matches!(
            mv,
            Move::BeginTriage | Move::Join | Move::Finalise | Move::Reopen
        )
    };
    let mut moves = state.moves();
    moves.retain(|mv| !own_verb(mv));
    moves
}

/// What a reader of the case will want to know the reason of.
const fn wants_reason(mv: Move) -> bool {
    matches!(
        mv,
        Move::FindOutOfScope
            | Move::TransferOut
            | Move::TakeBack
            | Move::AwaitExternal
            | Move::RecordProvisional
            | Move::RecordDeferred
            | Move::RecordInsufficient
    )
}

/// Moves a case by hand, for example to waiting for an inquest. `to` names the panel that takes a transferred
/// case over, and says nothing of any other move.
pub fn move_case(
    tx: &mut Tx<'_>,
    ctx: &Context,
    reference: &str,
    mv: Move,
    reason: &str,
    to: &str,
) -> Outcome<()> {
    let (mut case, _) = access::reach(tx.conn(), ctx, reference, Verb::MoveCase)?;
    let from: State = case
        .state
        .parse()
        .map_err(|_| Error::Internal("an unknown state is stored".into()))?;
    if !moves_by_hand(from).contains(&mv) {
        return Err(case::Refused { from, mv }.into());
    }
    super::merge::not_merged(tx.conn(), &case)?;
    case.transferred_to = match mv {
        Move::TransferOut => Some(given_panel(to)?),
        _ => None,
    };
    if wants_reason(mv) {
        given_reason(reason, "Say why, for whoever reads the case later")?;
    }
    let holds = super::processes::held(tx.conn(), &case.id)?;
    if let Some(held) = held_against(mv, holds) {
        let what = held.label().to_lowercase();
        let words = format!("Another process holds {what} back. Say why it goes on all the same");
        given_reason(reason, &words)?;
    }
    if mv == Move::Close {
        super::closing::may_close(tx.conn(), ctx, &case)?;
    }
    if matches!(mv, Move::TransferOut | Move::FindOutOfScope) {
        // Nobody is to answer what is not read here any more.
        super::gather::withdraw_waiting(tx, ctx, &case)?;
    }
    step(tx, ctx, &case, mv, reason)?;
    if mv == Move::Submit {
        keyed_in(tx, ctx, reference)?;
    }
    refresh(tx, ctx, &case.id)
}

/// What was keyed in there by hand has arrived there.
fn keyed_in(tx: &mut Tx<'_>, ctx: &Context, reference: &str) -> Outcome<()> {
    let mut case = picture::case_by_reference(tx.conn(), reference)?;
    case.national_notified_at = case.national_notified_at.or(Some(ctx.stamp()));
    case.national_accepted_at = Some(ctx.stamp());
    let was = case.state.clone();
    super::gather::save_case(tx, &case, &was)?;
    let event = Event::NationalAcceptanceRecorded {
        submission: "final".into(),
        version: u32::try_from(case.return_version).unwrap_or(1),
        on: ctx.today(),
    };
    record(tx, ctx, Some(&case.id), None, &event)
}

/// One move from the table, with its event.
pub(crate) fn step(
    tx: &mut Tx<'_>,
    ctx: &Context,
    case: &Case,
    mv: Move,
    reason: &str,
) -> Outcome<State> {
    let from: State = case
        .state
        .parse()
        .map_err(|_| Error::Internal("an unknown state is stored".into()))?;
    let to = next(from, mv)?;
    let mut moved = case.clone();
    to.as_str().clone_into(&mut moved.state);
    moved.open = to.is_open();
    moved.updated_at = ctx.stamp();
    super::gather::save_case(tx, &moved, &case.state)?;
    let event = Event::CaseMoved {
        mv,
        from,
        to,
        on: Some(ctx.today()),
        reason: reason.trim().to_owned(),
    };
    record(tx, ctx, Some(&case.id), None, &event)?;
    Ok(to)
}

//! The parts of another panel's file as rows of a case here. Ids of the file are replaced by our own wherever one part
//! names another, and who said what is named as the other panel's. Must not decide whether the case is taken.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::take::Ready;
use crate::casework::documents::{self, Kept, Told};
use crate::casework::picture::{self, Sources};
use crate::casework::secrets::hex;
use crate::casework::triage::{self, Decision};
use crate::casework::{Context, Error, Outcome, clocks, notify, record};
use crate::domain::action::{Kind, State, Worked};
use crate::domain::calendar::london;
use crate::domain::event::Event;
use crate::domain::family::{Part, fields, state_of};
use crate::domain::form::confirmed;
use crate::domain::meeting::{Attendance, Purpose, Reply, State as Held};
use crate::domain::scope;
use crate::domain::transfer::{self, Package};
use crate::store::actions::{self, Action};
use crate::store::cases::Case;
use crate::store::family::Line;
use crate::store::meetings::{self, Invited, Meeting};
use crate::store::processes::Process;
use crate::store::requests::Request;
use crate::store::responses::Response;
use crate::store::vault::CaseKey;
use crate::store::{
    Tx, documents as document_rows, family, processes, records, requests, responses,
};

/// What the system itself answers in each place: it stays as it is here.
const OURS: [&str; 3] = ["cdop_identifier", "notification_reference", "record_status"];

/// Documents whose bytes are kept already, in the file's order.
pub struct Filed {
    pub(super) key: CaseKey,
    pub(super) kept: Vec<Kept>,
}

impl Filed {
    /// The ids under which the bytes lie.
    pub fn ids(&self) -> Vec<String> {
        self.kept.iter().map(|kept| kept.id.clone()).collect()
    }
}

/// Our ids for those of the file.
type Ids = BTreeMap<String, String>;

/// Writes the case with everything that came with it.
pub(super) fn case(
    tx: &mut Tx<'_>,
    ctx: &Context,
    package: &Package,
    ready: &Ready,
    filed: &Filed,
    reason: &str,
) -> Outcome<Case> {
    let notification = &ready.notification;
    notify::keep_of_file(tx, ctx, notification)?;
    let decision = Decision::Accept {
        outcome: scope::Outcome::TransferIn,
        reason: reason.to_owned(),
    };
    let (id, version) = (&notification.id, notification.version);
    let reference = triage::decide(tx, ctx, id, version, &decision)?
        .ok_or_else(|| Error::Internal("a notification became no case".into()))?;
    let case = picture::case_by_reference(tx.conn(), &reference)?;
    let mut ids = asked(tx, ctx, &case, package)?;
    answers(tx, ctx, &case, package, &mut ids)?;
    agreed(tx, ctx, &case, package, &ids)?;
    waived(tx, ctx, &case, package)?;
    let meetings = met(tx, ctx, &case, package)?;
    ids.extend(meetings.clone());
    if !filed.kept.is_empty() {
        files(tx, ctx, &case, package, filed, &ids)?;
    }
    lines(tx, ctx, &case, package)?;
    beside(tx, ctx, &case, package)?;
    taken_on(tx, ctx, &case, package, &meetings)?;
    triage::refresh(tx, ctx, &case.id)?;
    picture::case_by_reference(tx.conn(), &reference)
}

/// The agencies that the other panel asked. Nobody of them is asked or reminded from here.
fn asked(tx: &mut Tx<'_>, ctx: &Context, case: &Case, package: &Package) -> Outcome<Ids> {
    let panel = &package.about.from;
    let mut ids = Ids::new();
    for said in &package.parts.requests {
        let id = ctx.new_id();
        let row = Request {
            id: id.clone(),
            case_id: case.id.clone(),
            agency: said.agency.clone(),
            professional_type: said.professional_type.clone(),
            state: if said.accepted {
                "accepted"
            } else {
                "answered"
            }
            .into(),
            link_hash: None,
            link_expires_at: None,
            agreed_date: said.agreed_date,
            created_at: ctx.stamp(),
            sent_at: said.sent_at,
            opened_at: None,
            answered_at: said.answered_at,
            closed_at: said.accepted.then(|| ctx.stamp()),
            nil_return: said.nil_return,
            version: 1,
            contact_id: None,
            part_of: None,
            knew_child: true,
            recipient: format!("{} (asked by {panel})", said.recipient),
            organisation: said.organisation.clone(),
            email: said.email.clone(),
            reason: None,
        };
        requests::insert(tx, &row)?;
        ids.insert(said.id.clone(), id);
    }
    Ok(ids)
}

fn answers(
    tx: &mut Tx<'_>,
    ctx: &Context,
    case: &Case,
    package: &Package,
    ids: &mut Ids,
) -> Outcome<()> {
    for said in &package.parts.responses {
        let id = ctx.new_id();
        let request = ids.get(&said.request).ok_or_else(astray)?;
        let row = Response {
            id: id.clone(),
            case_id: case.id.clone(),
            request_id: request.clone(),
            form: said.form.clone(),
            form_version: said.form_version.clone(),
            state: if said.accepted { "accepted" } else { "sent" }.into(),
            confirmed: reasons(said.confirmed.as_deref())?,
            updated_at: ctx.stamp(),
            sent_at: said.sent_at,
            accepted_at: said.accepted.then(|| ctx.stamp()),
            version: 1,
            says: "{}".into(),
            marks: "[]".into(),
            spared: None,
            pages: said.pages.clone(),
            answers: typed(ctx, &said.form_version, &said.form, &said.answers),
            reason: None,
        };
        responses::insert(tx, &row)?;
        ids.insert(said.id.clone(), id);
    }
    Ok(())
}

/// The warnings that were found right there, with the reasons; a file made before they were taken along has none.
fn reasons(json: Option<&str>) -> Outcome<String> {
    let all = confirmed(json.unwrap_or("[]"));
    serde_json::to_string(&all).map_err(|e| Error::Internal(e.to_string()))
}

/// One part names another that is not in the file.
fn astray() -> Error {
    Error::Rule("Parts of this file are missing. Ask the other panel for it again.".into())
}

/// Answers as they would be stored here.
fn typed(ctx: &Context, version: &str, form: &str, json: &str) -> String {
    let dict = ctx.house.dictionary_of(version);
    picture::stored(dict, form, json).to_json().to_string()
}

/// The agreed forms, as the other panel agreed them.
fn agreed(
    tx: &mut Tx<'_>,
    ctx: &Context,
    case: &Case,
    package: &Package,
    ids: &Ids,
) -> Outcome<()> {
    let ours = |id: &mut String| {
        if let Some(own) = ids.get(id) {
            own.clone_into(id);
        }
    };
    for said in &package.parts.records {
        let dict = ctx.house.dictionary_of(&said.form_version);
        let mut answers = picture::stored(dict, &said.form, &said.answers);
        let mut sources: Sources = serde_json::from_str(&said.sources).map_err(|_| astray())?;
        for source in sources.values_mut() {
            source.ids_mut().for_each(ours);
        }
        if said.form == notify::FORM {
            let here = picture::Picture::load(tx.conn(), ctx, &case.id)?;
            for field in OURS {
                if let Some(own) = here.answers(notify::FORM).and_then(|a| a.get(field)) {
                    answers.set(field, own.clone());
                }
            }
        }
        let (form, version) = (said.form.as_str(), said.form_version.as_str());
        picture::write(tx, ctx, &case.id, form, version, &answers, &sources)?;
        if said.confirmed.is_some()
            && let Some(row) = records::get(tx.conn(), &case.id, form)?
        {
            let confirmed = reasons(said.confirmed.as_deref())?;
            records::save(tx, &records::Record { confirmed, ..row })?;
        }
    }
    Ok(())
}

/// What was found not to be needed there is not asked for here either.
fn waived(tx: &mut Tx<'_>, ctx: &Context, case: &Case, package: &Package) -> Outcome<()> {
    for (form, reason) in &package.parts.waived {
        let dict = ctx.house.dictionary();
        let Some(known) = dict.form(form) else {
            continue;
        };
        let reason = format!("{reason} ({})", package.about.from);
        triage::waive(tx, ctx, case, form, &reason)?;
        let event = Event::FormWaived {
            form: form.clone(),
            form_label: known.label.clone(),
            reason,
        };
        record(tx, ctx, Some(&case.id), None, &event)?;
    }
    Ok(())
}

fn files(
    tx: &mut Tx<'_>,
    ctx: &Context,
    case: &Case,
    package: &Package,
    filed: &Filed,
    ids: &Ids,
) -> Outcome<()> {
    let ring = ctx.house.secrets.keyring();
    let text = hex(filed.key.as_bytes());
    let sealed = ring.seal("case_keys", "sealed_key", &case.id, &text);
    document_rows::insert_case_key(tx, &case.id, &sealed, ctx.stamp())?;
    record(tx, ctx, Some(&case.id), None, &Event::CaseKeyMade {})?;
    for (said, kept) in package.parts.documents.iter().zip(&filed.kept) {
        let told = Told {
            title: said.title.clone(),
            distressing: said.content_note.is_some(),
            content_note: said.content_note.clone().unwrap_or_default(),
        };
        let by = format!("{}, {}", said.added_by, package.about.from);
        let mut row = documents::row(ctx, case, said.number, &told, kept, &by);
        let own = |id: &Option<String>| id.as_ref().and_then(|id| ids.get(id)).cloned();
        row.request_id = own(&said.request);
        row.response_id = own(&said.response);
        row.meeting_id = own(&said.meeting);
        row.handed_in_at = row.request_id.as_ref().map(|_| ctx.stamp());
        document_rows::insert(tx, &row)?;
        let event = Event::DocumentAdded {
            number: row.number,
            kind: kept.file.kind.label().to_owned(),
            size: row.size,
        };
        record(tx, ctx, Some(&case.id), Some(&row.id), &event)?;
    }
    Ok(())
}

/// The family's part: what is not asked on a line here is left out.
fn lines(tx: &mut Tx<'_>, ctx: &Context, case: &Case, package: &Package) -> Outcome<()> {
    let given = &package.parts.family;
    let ids: Ids = given.iter().map(|l| (l.id.clone(), ctx.new_id())).collect();
    for said in given {
        let part: Part = said.part.parse().map_err(|_| astray())?;
        let asked = |name: &str| fields(part).iter().any(|field| field.name == name);
        let body: BTreeMap<String, String> = said
            .said
            .iter()
            .filter(|(name, _)| asked(name))
            .map(|(name, text)| (name.clone(), ids.get(text).unwrap_or(text).clone()))
            .collect();
        let row = Line {
            id: ids.get(&said.id).cloned().ok_or_else(astray)?,
            case_id: case.id.clone(),
            part: part.as_str().to_owned(),
            state: state_of(part, &body).to_owned(),
            created_at: ctx.stamp(),
            updated_at: ctx.stamp(),
            version: 1,
            body: serde_json::to_string(&body).map_err(|e| Error::Internal(e.to_string()))?,
            saved_by: format!("{}, {}", said.saved_by, package.about.from),
        };
        family::insert(tx, &row)?;
        let added = Event::FamilyAdded {
            row_id: row.id.clone(),
            label: part.label().to_owned(),
        };
        record(tx, ctx, Some(&case.id), Some(&row.id), &added)?;
        let day = |name: &str| body.get(name)?.parse().ok();
        let told = match part {
            Part::KeyWorker => day("named_on").map(|on| Event::KeyWorkerNamed { on }),
            Part::People => day("leaflet_on").map(|on| Event::LeafletOffered { on }),
            _ => None,
        };
        if let Some(event) = told {
            record(tx, ctx, Some(&case.id), Some(&row.id), &event)?;
        }
    }
    clocks::family_says(tx, ctx, &case.id)
}

fn beside(tx: &mut Tx<'_>, ctx: &Context, case: &Case, package: &Package) -> Outcome<()> {
    for said in &package.parts.processes {
        let row = process(ctx, case, said);
        processes::insert(tx, &row)?;
        let event = Event::ProcessAdded {
            process_id: row.id.clone(),
            kind: row.kind.clone(),
            label: ctx.house.processes.label(&row.kind).to_owned(),
        };
        record(tx, ctx, Some(&case.id), Some(&row.id), &event)?;
        clocks::process_says(tx, ctx, &row)?;
    }
    Ok(())
}

/// The meetings that were held there. Nobody is invited or told from here.
fn met(tx: &mut Tx<'_>, ctx: &Context, case: &Case, package: &Package) -> Outcome<Ids> {
    let mut ids = Ids::new();
    for said in &package.parts.meetings {
        let purpose: Purpose = said.purpose.parse().map_err(|_| astray())?;
        let row = Meeting {
            id: ctx.new_id(),
            purpose: purpose.as_str().to_owned(),
            case_id: Some(case.id.clone()),
            state: Held::Held.as_str().to_owned(),
            starts_at: said.starts_at,
            minutes_long: said.minutes_long,
            sequence: 0,
            signed_at: said.signed_at,
            created_at: ctx.stamp(),
            updated_at: ctx.stamp(),
            version: 1,
            place: said.place.clone(),
            minutes: said.minutes.clone(),
            signed_by: said.signed_by.clone(),
            reason: None,
            theme: None,
        };
        meetings::insert(tx, &row)?;
        for person in &said.people {
            meetings::invite(tx, &invited(ctx, &row, person)?)?;
        }
        let event = Event::MeetingHeld {
            meeting_id: row.id.clone(),
            purpose,
            on: london(row.starts_at.and_utc()).date(),
        };
        record(tx, ctx, Some(&case.id), Some(&row.id), &event)?;
        if row.signed_at.is_some() {
            let signed = Event::MinutesSigned {
                meeting_id: row.id.clone(),
                purpose,
            };
            record(tx, ctx, Some(&case.id), Some(&row.id), &signed)?;
        }
        ids.insert(said.id.clone(), row.id);
    }
    Ok(ids)
}

fn invited(ctx: &Context, meeting: &Meeting, said: &transfer::Person) -> Outcome<Invited> {
    let attendance: Attendance = said.attendance.parse().map_err(|_| astray())?;
    Ok(Invited {
        id: ctx.new_id(),
        meeting_id: meeting.id.clone(),
        user_id: None,
        agency: said.agency.clone(),
        is_chair: said.is_chair,
        was_involved: said.was_involved,
        reply: Reply::Waiting.as_str().to_owned(),
        attendance: attendance.as_str().to_owned(),
        invited: None,
        created_at: ctx.stamp(),
        updated_at: ctx.stamp(),
        version: 1,
        name: said.name.clone(),
        role: said.role.clone(),
        email: None,
    })
}

/// What somebody took on there: it goes on here, with its days.
fn taken_on(
    tx: &mut Tx<'_>,
    ctx: &Context,
    case: &Case,
    package: &Package,
    meetings: &Ids,
) -> Outcome<()> {
    for said in &package.parts.actions {
        let kind: Kind = said.kind.parse().map_err(|_| astray())?;
        let state: State = said.state.parse().map_err(|_| astray())?;
        let row = Action {
            id: ctx.new_id(),
            case_id: Some(case.id.clone()),
            meeting_id: said
                .meeting
                .as_ref()
                .and_then(|id| meetings.get(id))
                .cloned(),
            kind: kind.as_str().to_owned(),
            state: state.as_str().to_owned(),
            set_on: said.set_on,
            due_on: said.due_on,
            closed_on: said.closed_on,
            look_on: said.look_on,
            created_at: ctx.stamp(),
            updated_at: ctx.stamp(),
            version: 1,
            body: said.body.clone(),
            owner_email: said.owner_email.clone(),
            saved_by: format!("{}, {}", said.saved_by, package.about.from),
        };
        actions::insert(tx, &row)?;
        let set = Event::ActionSet {
            action_id: row.id.clone(),
            kind,
            due: row.due_on,
        };
        record(tx, ctx, Some(&case.id), Some(&row.id), &set)?;
        let over = match state {
            State::Open => None,
            State::Done => Some(Event::ActionClosed {
                action_id: row.id.clone(),
                kind,
                // What is to be looked back at counts from then, not from its arrival.
                on: row.closed_on,
            }),
            State::Withdrawn => Some(Event::ActionWithdrawn {
                action_id: row.id.clone(),
                kind,
                reason: format!("Withdrawn at {}.", package.about.from),
            }),
        };
        if let Some(event) = over {
            record(tx, ctx, Some(&case.id), Some(&row.id), &event)?;
        }
        for months in [6, 12] {
            let found = worked(&row, months);
            if let Some(worked) = found {
                let event = Event::LookedBack {
                    action_id: row.id.clone(),
                    months,
                    worked,
                    on: looked_on(&row, months),
                };
                record(tx, ctx, Some(&case.id), Some(&row.id), &event)?;
            }
        }
    }
    Ok(())
}

/// What a look back found there.
fn worked(row: &Action, months: u32) -> Option<Worked> {
    let said = crate::casework::actions::said_of(row);
    said.get(&format!("look_{months}"))?.parse().ok()
}

/// The day of that look back.
fn looked_on(row: &Action, months: u32) -> Option<NaiveDate> {
    let said = crate::casework::actions::said_of(row);
    said.get(&format!("look_{months}_on"))?.parse().ok()
}

fn process(ctx: &Context, case: &Case, said: &transfer::Process) -> Process {
    Process {
        id: ctx.new_id(),
        case_id: case.id.clone(),
        kind: said.kind.clone(),
        state: said.state.clone(),
        holds_meeting: said.holds_meeting,
        holds_panel: said.holds_panel,
        began_on: said.began_on,
        step_on: said.step_on,
        checked_on: said.checked_on,
        next_check: said.next_check,
        expected_end: said.expected_end,
        over_on: said.over_on,
        document: said.document,
        created_at: ctx.stamp(),
        updated_at: ctx.stamp(),
        version: 1,
        reference: said.reference.clone(),
        lead_body: said.lead_body.clone(),
        outcome: said.outcome.clone(),
        note: said.note.clone(),
    }
}

//! The cases of a return, out of the store: walked in stretches as often as there are files, each pass reading
//! no more of a case than it needs. Must not decide what goes out: that is `domain::national_return`.
//!
//! Only cases have rows. A notification that was joined or excluded before it became a case was never sent, so
//! there is nothing of it to withdraw; a case that was, goes out as its tombstone.

use std::collections::HashMap;
use std::io;

use chrono::{Duration, NaiveDate, NaiveDateTime, NaiveTime};

use super::lines::{Lines, Submission};
use super::stored::{self, Readers};
use crate::casework::House;
use crate::domain::calendar::{london, utc_of_london};
use crate::domain::case::{Move, Reference, State};
use crate::domain::event::Event;
use crate::domain::form::Answer;
use crate::domain::national_return::{
    File, FormRequest, Forms, Kind, Milestone, MilestoneKind, Needs, Order, Record, RequestStatus,
    ReturnCase, Source, Status, Transfer, Verified, extent,
};
use crate::store::requests::Request;
use crate::store::responses::Response;
use crate::store::{Conn, StoreError, exports, requests, responses};

/// Cases read at once.
const STRETCH: i64 = 100;
/// The forms on which events stand, the surer first.
const EVENTS: [(&str, &str); 2] = [
    ("reporting", "events_known"),
    ("notification", "suspected_event"),
];
/// States in which a case is no review of its own any more.
const WITHDRAWN: [&str; 2] = [State::OutOfScope.as_str(), State::Joined.as_str()];

/// The store as the exporter sees it, inside one snapshot.
pub struct Stored<'a> {
    conn: &'a mut Conn,
    house: &'a House,
    order: &'a Order,
    verified: &'a Verified,
    readers: Readers<'a>,
    narrow: exports::Narrow,
    /// When and how each case was notified, in the order of the walk: kept from the first pass, since the
    /// notifications' rows are the largest there are.
    told: Vec<Told>,
    walked: bool,
    /// The cases that have gone out in the first pass.
    pub lines: Lines,
}

#[derive(Clone, Copy)]
struct Told {
    at: NaiveDateTime,
    /// Position among the codes of list `notification_route`.
    route: Option<u8>,
}

impl<'a> Stored<'a> {
    pub fn new(
        conn: &'a mut Conn,
        house: &'a House,
        order: &'a Order,
        verified: &'a Verified,
    ) -> Self {
        Self {
            conn,
            house,
            order,
            verified,
            readers: Readers::new(&house.library, verified),
            narrow: narrow(order),
            told: Vec::new(),
            walked: false,
            lines: Lines::default(),
        }
    }
}

/// What can be left unread: the store's columns are an index of what `extent` decides.
fn narrow(order: &Order) -> exports::Narrow {
    let from = utc_of_london(order.period.from.and_time(NaiveTime::MIN)).naive_utc();
    let after = order.period.to.checked_add_signed(Duration::days(1));
    let after = after.map(|day| utc_of_london(day.and_time(NaiveTime::MIN)).naive_utc());
    let case = order.case.clone();
    let timed = case.is_none();
    let narrow = exports::Narrow {
        case,
        ..exports::Narrow::default()
    };
    match order.kind {
        Kind::Withdrawal => exports::Narrow {
            states: WITHDRAWN.map(str::to_owned).to_vec(),
            ..narrow
        },
        Kind::Final if timed => exports::Narrow {
            finalised_from: Some(from),
            finalised_before: after,
            ..narrow
        },
        Kind::YearEnd | Kind::AnnualReport if timed => exports::Narrow {
            finalised_from: Some(from),
            ..narrow
        },
        _ => narrow,
    }
}

impl Source for Stored<'_> {
    fn each(
        &mut self,
        needs: &Needs,
        f: &mut dyn FnMut(&ReturnCase) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut after = String::new();
        let mut at = 0;
        loop {
            let rows =
                exports::stretch(self.conn, &self.narrow, &after, STRETCH).map_err(failed)?;
            let Some(last) = rows.last() else { break };
            last.reference.clone_into(&mut after);
            if !self.walked {
                self.tell(&rows).map_err(failed)?;
            }
            let mut held = Held::fetch(self, needs, &rows).map_err(failed)?;
            for row in &rows {
                let case = self.case(needs, row, at, &mut held);
                self.note(&case);
                f(&case)?;
                at += 1;
            }
        }
        self.walked = true;
        Ok(())
    }
}

fn failed(error: StoreError) -> io::Error {
    io::Error::other(error)
}

/// Everything that is read for a stretch of cases, by case.
#[derive(Default)]
struct Held {
    agreed: HashMap<String, Vec<exports::Agreed>>,
    originals: HashMap<String, Vec<Response>>,
    requests: HashMap<String, Vec<Request>>,
    /// Form and state of each answer, by request.
    asked: HashMap<String, Vec<(String, String)>>,
    waived: HashMap<String, Vec<(String, String)>>,
    /// Version and kind of each submission before.
    sent: HashMap<String, Vec<(i32, String)>>,
    left: HashMap<String, Left>,
    same_number: HashMap<String, String>,
}

/// How a case left the panel's hands.
struct Left {
    at: NaiveDateTime,
    on: Option<NaiveDate>,
    reason: String,
}

impl Held {
    fn fetch(
        source: &mut Stored<'_>,
        needs: &Needs,
        rows: &[exports::Row],
    ) -> Result<Self, StoreError> {
        let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
        let first = !source.walked;
        let conn = &mut *source.conn;
        let mut held = Self::default();
        held.fetch_agreed(conn, needs, &ids)?;
        if needs.originals || needs.requests || needs.milestones {
            held.fetch_gathered(conn, needs, &ids)?;
        }
        let gone: Vec<&str> = of_states(rows, |state| {
            matches!(
                state,
                State::OutOfScope | State::Joined | State::TransferredOut
            )
        });
        if !gone.is_empty() {
            held.fetch_left(conn, &gone)?;
        }
        let asked_of = if first || needs.file == File::Case {
            &ids
        } else {
            &gone
        };
        if !asked_of.is_empty() {
            for (case, version, submission) in exports::sent(conn, asked_of)? {
                held.sent
                    .entry(case)
                    .or_default()
                    .push((version, submission));
            }
        }
        if needs.file == File::Issue {
            held.fetch_same_number(conn, rows)?;
        }
        Ok(held)
    }

    fn fetch_agreed(
        &mut self,
        conn: &mut Conn,
        needs: &Needs,
        ids: &[&str],
    ) -> Result<(), StoreError> {
        let forms: Option<Vec<String>> = match &needs.forms {
            Forms::All => None,
            Forms::These(forms) => Some(forms.iter().cloned().collect()),
        };
        if forms.as_ref().is_some_and(Vec::is_empty) {
            return Ok(());
        }
        let timed = needs.file == File::Answer;
        for row in exports::agreed(conn, ids, forms.as_deref(), timed)? {
            match self.agreed.get_mut(&row.case_id) {
                Some(held) => held.push(row),
                None => drop(self.agreed.insert(row.case_id.clone(), vec![row])),
            }
        }
        Ok(())
    }

    fn fetch_gathered(
        &mut self,
        conn: &mut Conn,
        needs: &Needs,
        ids: &[&str],
    ) -> Result<(), StoreError> {
        let owned: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
        for row in requests::of_cases(conn, &owned)? {
            self.requests
                .entry(row.case_id.clone())
                .or_default()
                .push(row);
        }
        if needs.requests {
            for (request, form, state) in exports::asked(conn, ids)? {
                self.asked.entry(request).or_default().push((form, state));
            }
            for (case, form, reason) in requests::waivers_of(conn, &owned)? {
                self.waived.entry(case).or_default().push((form, reason));
            }
        }
        if needs.originals {
            for row in responses::of_cases(conn, &owned)? {
                if row.state == "accepted" {
                    self.originals
                        .entry(row.case_id.clone())
                        .or_default()
                        .push(row);
                }
            }
        }
        Ok(())
    }

    fn fetch_left(&mut self, conn: &mut Conn, ids: &[&str]) -> Result<(), StoreError> {
        for (case, at, detail) in exports::moves(conn, ids)? {
            if let Ok(Event::CaseMoved { mv, on, reason, .. }) = serde_json::from_str(&detail)
                && matches!(mv, Move::FindOutOfScope | Move::Join | Move::TransferOut)
            {
                self.left.insert(case, Left { at, on, reason });
            }
        }
        Ok(())
    }

    fn fetch_same_number(
        &mut self,
        conn: &mut Conn,
        rows: &[exports::Row],
    ) -> Result<(), StoreError> {
        let numbers: Vec<&str> = rows
            .iter()
            .filter_map(|row| row.nhs_number.as_deref())
            .collect();
        if numbers.is_empty() {
            return Ok(());
        }
        let mut holders: HashMap<String, Vec<(String, String)>> = HashMap::new();
        for (number, id, reference) in exports::holders(conn, &numbers, &WITHDRAWN)? {
            holders.entry(number).or_default().push((id, reference));
        }
        for row in rows {
            let others = row.nhs_number.as_ref().and_then(|n| holders.get(n));
            let other = others.and_then(|all| all.iter().find(|(id, _)| *id != row.id));
            if let Some((_, reference)) = other {
                self.same_number.insert(row.id.clone(), reference.clone());
            }
        }
        Ok(())
    }
}

fn of_states(rows: &[exports::Row], wanted: impl Fn(State) -> bool) -> Vec<&str> {
    rows.iter()
        .filter(|row| row.state.parse().is_ok_and(&wanted))
        .map(|row| row.id.as_str())
        .collect()
}

impl Stored<'_> {
    /// Remembers when and how a stretch of cases was notified.
    fn tell(&mut self, rows: &[exports::Row]) -> Result<(), StoreError> {
        let ids: Vec<&str> = rows
            .iter()
            .map(|row| row.notification_id.as_str())
            .collect();
        let sent: HashMap<String, (Option<NaiveDateTime>, String)> =
            exports::notified(self.conn, &ids)?
                .into_iter()
                .map(|(id, at, source)| (id, (at, source)))
                .collect();
        let routes = self.house.dictionary().codes("notification_route");
        for row in rows {
            let found = sent.get(&row.notification_id);
            let source = found.map_or("other", |(_, source)| source.as_str());
            let place = |code: &str| routes.iter().position(|held| held.code == code);
            let route = place(source).or_else(|| place("other"));
            self.told.push(Told {
                at: found.and_then(|(at, _)| *at).unwrap_or(row.opened_at),
                route: route.and_then(|at| u8::try_from(at).ok()),
            });
        }
        Ok(())
    }

    /// Notes in the first pass what goes out of a case.
    fn note(&mut self, case: &ReturnCase) {
        if self.walked {
            return;
        }
        if let Some(extent) = extent(self.order, case) {
            let submission = Submission::of(extent, case.corrects_a_final);
            self.lines.push(&case.id, case.version, submission);
        }
    }

    fn case(&self, needs: &Needs, row: &exports::Row, at: usize, held: &mut Held) -> ReturnCase {
        let status = status(row);
        let left = held.left.remove(&row.id);
        let sent = held.sent.get(&row.id).map_or(&[][..], Vec::as_slice);
        let told = self.told.get(at).copied().unwrap_or(Told {
            at: row.opened_at,
            route: None,
        });
        let resident = self.resident(row);
        let area = &self.house.area;
        let mut case = ReturnCase {
            id: row.id.clone(),
            reference: row.reference.clone(),
            version: version(row, status),
            status,
            notified_at: told.at.and_utc(),
            finalised_at: row.finalised_at.map(|at| at.and_utc()),
            withdrawn_at: status.is_withdrawn().then(|| {
                left.as_ref()
                    .map_or(row.updated_at, |left| left.at)
                    .and_utc()
            }),
            corrects_a_final: sent.iter().any(|(version, submission)| {
                *version < row.return_version
                    && matches!(submission.as_str(), "final" | "correction")
            }),
            sent_before: !sent.is_empty(),
            route: self.route(told),
            resident_in_area: resident,
            icb_code: (resident == Some(true)).then(|| area.icb_code.clone()),
            same_nhs_number_as: held.same_number.remove(&row.id),
            ..ReturnCase::default()
        };
        match (status, &left) {
            (Status::Duplicate, Some(left)) => case.duplicate_of = survivor(row, &left.reason),
            (Status::Transferred, Some(left)) => case.transfer = transfer(row, left),
            _ => {}
        }
        case.agreed = self.agreed(held.agreed.remove(&row.id));
        if needs.originals {
            case.originals = self.originals(row, held);
        }
        if needs.requests {
            case.requests = self.requests(&case, held);
        }
        if needs.milestones {
            case.milestones = self.milestones(row, &case, held);
        }
        case
    }

    fn resident(&self, row: &exports::Row) -> Option<bool> {
        match row.residence.as_str() {
            "" | "unknown" | "not_known" => None,
            code => Some(self.house.area.footprint.iter().any(|held| held == code)),
        }
    }

    fn route(&self, told: Told) -> Option<String> {
        let routes = self.house.dictionary().codes("notification_route");
        let code = routes.get(usize::from(told.route?))?;
        Some(code.code.clone())
    }

    fn agreed(&self, rows: Option<Vec<exports::Agreed>>) -> Vec<Record> {
        rows.into_iter()
            .flatten()
            .map(|row| Record {
                answers: self
                    .readers
                    .read(&row.form_version, &row.form, &row.answers),
                form: row.form,
                version: row.form_version,
                response_id: None,
                agency: None,
                answered_at: row.updated_at.map(|at| at.and_utc()),
            })
            .collect()
    }

    fn originals(&self, row: &exports::Row, held: &mut Held) -> Vec<Record> {
        let agencies: HashMap<&str, &str> = held
            .requests
            .get(&row.id)
            .into_iter()
            .flatten()
            .map(|request| (request.id.as_str(), request.agency.as_str()))
            .collect();
        let given = held.originals.get(&row.id).into_iter().flatten();
        given
            .map(|given| Record {
                form: given.form.clone(),
                version: given.form_version.clone(),
                response_id: Some(given.id.clone()),
                agency: agencies
                    .get(given.request_id.as_str())
                    .map(|a| (*a).to_owned()),
                answered_at: given.sent_at.map(|at| at.and_utc()),
                answers: self
                    .readers
                    .read(&given.form_version, &given.form, &given.answers),
            })
            .collect()
    }

    /// Each form asked of each agency, and each form that was waived.
    fn requests(&self, case: &ReturnCase, held: &Held) -> Vec<FormRequest> {
        let waived = held.waived.get(&case.id).map_or(&[][..], Vec::as_slice);
        let mut all = Vec::new();
        let asked = held.requests.get(&case.id).into_iter().flatten();
        for request in asked.filter(|request| request.state != "withdrawn") {
            for (form, state) in held.asked.get(&request.id).into_iter().flatten() {
                let mut entry = form_request(request, form, state);
                entry.incident = self.incident(case, form);
                let waiver = waived.iter().find(|(held, _)| held == form);
                if let (Some((_, reason)), RequestStatus::Requested) = (waiver, entry.status) {
                    entry.status = RequestStatus::Waived;
                    entry.waive_reason = Some(reason.clone());
                }
                all.push(entry);
            }
        }
        for (form, reason) in waived {
            if !all.iter().any(|entry| entry.form == *form) {
                all.push(FormRequest {
                    form: form.clone(),
                    incident: self.incident(case, form),
                    agency: None,
                    status: RequestStatus::Waived,
                    requested_on: None,
                    returned_on: None,
                    waive_reason: Some(reason.clone()),
                });
            }
        }
        all
    }

    /// The event of the case that opens a form.
    fn incident(&self, case: &ReturnCase, form: &str) -> Option<String> {
        let dict = self.house.dictionary();
        let opens = |event: &&String| dict.label("incident_to_form", event) == Some(form);
        EVENTS.iter().find_map(|(on, field)| {
            let record = case.agreed.iter().find(|record| record.form == *on)?;
            record.answers.choices(field).iter().find(opens).cloned()
        })
    }

    fn milestones(&self, row: &exports::Row, case: &ReturnCase, held: &Held) -> Vec<Milestone> {
        let told = row.national_notified_at.map(day);
        let mut all = vec![(MilestoneKind::NcmdNotified, told)];
        all.push((MilestoneKind::JarMeeting, self.jar_meeting(case)));
        let requests = held.requests.get(&row.id).map_or(&[][..], Vec::as_slice);
        all.push((MilestoneKind::AllFormsIn, all_in(requests)));
        all.into_iter()
            .filter_map(|(kind, date)| {
                Some(Milestone {
                    kind,
                    date: date?,
                    paused_days: None,
                    pause_reason: None,
                })
            })
            .collect()
    }

    /// The day of the joint agency response's first meeting, where the dictionary lets it out.
    fn jar_meeting(&self, case: &ReturnCase) -> Option<NaiveDate> {
        let record = case
            .agreed
            .iter()
            .find(|record| record.form == "notification")?;
        let dict = self.house.library.version(&record.version)?;
        let form = dict.form("notification")?;
        let field = form.field("jar_meeting_date")?;
        let goes = stored::goes(dict, form, field, &field.id, self.verified);
        record
            .answers
            .get(&field.id)
            .filter(|_| goes)
            .and_then(Answer::day)
    }
}

fn day(at: NaiveDateTime) -> NaiveDate {
    london(at.and_utc()).date()
}

/// Where a case stands, as far as the return cares.
fn status(row: &exports::Row) -> Status {
    match row.state.parse::<State>() {
        Ok(State::OutOfScope) => Status::OutOfScope,
        Ok(State::Joined) => Status::Duplicate,
        Ok(State::TransferredOut) => Status::Transferred,
        Ok(State::SignedOff | State::SubmittedNcmd | State::Closed) => Status::Finalised,
        // Finalising is what makes the second version, so an open case that has one was reopened.
        Ok(State::Reopened) => Status::Reopened,
        _ if row.return_version > 1 => Status::Reopened,
        _ => Status::Open,
    }
}

/// A withdrawal follows whatever version was sent last.
fn version(row: &exports::Row, status: Status) -> u32 {
    let version = row.return_version + i32::from(status.is_withdrawn());
    u32::try_from(version).unwrap_or(1)
}

/// The reference of the case that stays, as the reason for joining names it.
fn survivor(row: &exports::Row, reason: &str) -> Option<String> {
    let told = row.closed_reason.as_deref().unwrap_or_default();
    [told, reason]
        .iter()
        .flat_map(|text| text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')))
        .filter_map(|word| word.to_uppercase().parse::<Reference>().ok())
        .map(|reference| reference.to_string())
        .find(|reference| *reference != row.reference)
}

/// Which panel took a case over. Only what was recorded as its name goes out, never the reason for it.
fn transfer(row: &exports::Row, left: &Left) -> Option<Transfer> {
    let to = row
        .closed_reason
        .clone()
        .filter(|to| !to.trim().is_empty())?;
    Some(Transfer {
        to_cdop: to,
        on: left.on.unwrap_or_else(|| day(left.at)),
    })
}

fn form_request(request: &Request, form: &str, state: &str) -> FormRequest {
    let status = match (request.state.as_str(), state) {
        ("waived", _) | (_, "waived") => RequestStatus::Waived,
        (_, "sent" | "accepted") => RequestStatus::Returned,
        _ => RequestStatus::Requested,
    };
    let returned = (status == RequestStatus::Returned).then_some(request.answered_at);
    let waived = status == RequestStatus::Waived;
    FormRequest {
        form: form.to_owned(),
        incident: None,
        agency: Some(request.agency.clone()),
        status,
        requested_on: Some(day(request.sent_at.unwrap_or(request.created_at))),
        returned_on: returned.flatten().map(day),
        waive_reason: request.reason.clone().filter(|_| waived),
    }
}

/// The day the last answer came, once every agency asked has answered.
fn all_in(requests: &[Request]) -> Option<NaiveDate> {
    let live = || {
        requests
            .iter()
            .filter(|request| request.state != "withdrawn")
    };
    let back =
        |request: &Request| matches!(request.state.as_str(), "answered" | "accepted" | "waived");
    let last = live()
        .filter_map(|request| request.answered_at.or(request.closed_at))
        .max();
    last.filter(|_| live().all(back)).map(day)
}

#[cfg(test)]
mod tests;

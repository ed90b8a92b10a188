//! The cases of a return, out of the store: walked in stretches as often as there are files, each pass reading
//! no more of a case than it needs. Must not decide what goes out: that is `domain::national_return`.
//!
//! Only cases have rows. A notification that was joined or excluded before it became a case was never sent, so
//! there is nothing of it to withdraw; a case that was, goes out as its tombstone.

mod facts;
mod held;

use std::collections::{BTreeSet, HashMap};
use std::io;

use chrono::{Duration, NaiveDateTime, NaiveTime};

use super::lines::{Lines, Submission};
use super::stored::Readers;
use crate::casework::House;
use crate::domain::calendar::utc_of_london;
use crate::domain::case::State;
use crate::domain::national_return::{
    File, FormRequest, Forms, Kind, Needs, Order, Record, RequestStatus, ReturnCase, Source,
    Status, Verified, extent,
};
use crate::store::{Conn, StoreError, exports};
use facts::{form_request, milestones, status, survivor, transfer, version};
use held::Held;

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
    readers: Readers<'a>,
    /// Asked at every stretch: a pass may write nothing for long, and then nobody would notice.
    gone: &'a dyn Fn() -> bool,
    narrow: exports::Narrow,
    /// The account for whose eyes it is, where that matters.
    reader: Option<String>,
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
        gone: &'a dyn Fn() -> bool,
    ) -> Self {
        Self {
            conn,
            house,
            order,
            readers: Readers::new(&house.library, verified),
            gone,
            narrow: narrow(order),
            reader: None,
            told: Vec::new(),
            walked: false,
            lines: Lines::default(),
        }
    }

    /// Leaves out the restricted cases that are kept from this account, and names none of them beside another. The one
    /// case that was asked for was found for the account already.
    pub fn for_the_eyes_of(mut self, reader: Option<&str>) -> Self {
        self.reader = reader.map(str::to_owned);
        self.narrow.hidden_from = self.reader.clone().filter(|_| self.order.case.is_none());
        self
    }

    /// Walks once and reads little, so that it is known which cases go out before anything of them does.
    pub fn survey(&mut self) -> io::Result<()> {
        let little = Needs {
            file: File::Case,
            forms: Forms::These(BTreeSet::new()),
            originals: false,
            requests: false,
            milestones: false,
        };
        self.each(&little, &mut |_| Ok(()))
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
            if (self.gone)() {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
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
            case.milestones = milestones(row, held);
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
                let instead = waived.iter().find(|(held, _)| held == form);
                if let (Some((_, reason)), RequestStatus::Requested) = (instead, entry.status) {
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
}

#[cfg(test)]
mod tests;

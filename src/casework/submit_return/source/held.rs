//! What is read for a stretch of cases, by case: no more than one pass needs. Must not make cases of it.

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime};

use super::{Stored, WITHDRAWN};
use crate::domain::case::{Move, State};
use crate::domain::event::Event;
use crate::domain::national_return::{File, Forms, Needs};
use crate::store::requests::Request;
use crate::store::responses::Response;
use crate::store::{Conn, StoreError, exports, requests, responses};

/// Everything that is read for a stretch of cases, by case.
#[derive(Default)]
pub(super) struct Held {
    pub(super) agreed: HashMap<String, Vec<exports::Agreed>>,
    pub(super) originals: HashMap<String, Vec<Response>>,
    pub(super) requests: HashMap<String, Vec<Request>>,
    /// Form and state of each answer, by request.
    pub(super) asked: HashMap<String, Vec<(String, String)>>,
    pub(super) waived: HashMap<String, Vec<(String, String)>>,
    /// Version and kind of each submission before.
    pub(super) sent: HashMap<String, Vec<(i32, String)>>,
    pub(super) left: HashMap<String, Left>,
    pub(super) same_number: HashMap<String, String>,
}

/// How a case left the panel's hands.
pub(super) struct Left {
    pub(super) at: NaiveDateTime,
    pub(super) on: Option<NaiveDate>,
    pub(super) reason: String,
}

impl Held {
    pub(super) fn fetch(
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
            held.fetch_same_number(conn, rows, source.reader.as_deref())?;
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
        reader: Option<&str>,
    ) -> Result<(), StoreError> {
        let numbers: Vec<&str> = rows
            .iter()
            .filter_map(|row| row.nhs_mark.as_deref())
            .collect();
        if numbers.is_empty() {
            return Ok(());
        }
        let mut holders: HashMap<String, Vec<(String, String)>> = HashMap::new();
        for (number, id, reference) in exports::holders(conn, &numbers, &WITHDRAWN, reader)? {
            holders.entry(number).or_default().push((id, reference));
        }
        for row in rows {
            let others = row.nhs_mark.as_ref().and_then(|n| holders.get(n));
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

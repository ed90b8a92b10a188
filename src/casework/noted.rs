//! What was looked at while a request is answered, and what was refused. It is gathered here by the one way to a
//! case and written to the audit trail before the answer leaves; when it cannot be written nothing is shown.
//! Must not know what a page shows.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::NaiveDateTime;

use super::{Context, Outcome, event_row};
use crate::domain::event::Event;
use crate::store::events::{self, NewEvent};
use crate::store::{StoreError, Tx};

/// What one request looked at. Work that no request began (a job, the command line) is not watched.
#[derive(Clone, Debug, Default)]
pub struct Noted(Option<Arc<Mutex<Held>>>);

#[derive(Debug, Default)]
struct Held {
    seen: Vec<NewEvent>,
    refused: Vec<NewEvent>,
    /// Two pieces of work for one page look at the same once.
    had: BTreeSet<(String, Option<String>, Option<String>)>,
    glass: Option<Glass>,
}

/// A restricted case that is open to this person for a while.
#[derive(Clone, Debug)]
pub struct Glass {
    pub until: NaiveDateTime,
    /// Code of `domain::restriction::Why`.
    pub why: String,
}

impl Noted {
    /// For one request.
    pub fn watched() -> Self {
        Self(Some(Arc::default()))
    }

    fn held(&self) -> Option<MutexGuard<'_, Held>> {
        let held = self.0.as_ref()?;
        Some(held.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What was seen and is not written yet.
    pub fn take_seen(&self) -> Vec<NewEvent> {
        self.held()
            .map(|mut held| std::mem::take(&mut held.seen))
            .unwrap_or_default()
    }

    /// What was refused and is not written yet. What was seen on the way was not shown.
    pub fn take_refused(&self) -> Vec<NewEvent> {
        let Some(mut held) = self.held() else {
            return Vec::new();
        };
        held.seen.clear();
        held.had.clear();
        std::mem::take(&mut held.refused)
    }

    /// Forgets what a change looked at on its way: the change is its own event.
    pub fn forget_seen(&self) {
        if let Some(mut held) = self.held() {
            held.seen.clear();
            held.had.clear();
        }
    }

    /// The restricted case that this request reached because it was opened for a while.
    pub fn glass(&self) -> Option<Glass> {
        self.held()?.glass.clone()
    }

    pub(super) fn through(&self, until: NaiveDateTime, why: String) {
        if let Some(mut held) = self.held() {
            held.glass = Some(Glass { until, why });
        }
    }
}

impl Context {
    /// Somebody looks at this; it is written before the answer leaves.
    pub fn note(
        &self,
        case_id: Option<&str>,
        subject_id: Option<&str>,
        event: &Event,
    ) -> Outcome<()> {
        let Some(mut held) = self.noted.held() else {
            return Ok(());
        };
        let owned = |id: Option<&str>| id.map(str::to_owned);
        let key = (event.name().to_owned(), owned(case_id), owned(subject_id));
        if held.had.insert(key) {
            held.seen.push(event_row(self, case_id, subject_id, event)?);
        }
        Ok(())
    }

    /// Somebody looks at a page that is no case: its address is kept.
    pub fn note_page(&self) -> Outcome<()> {
        let page = self.page.clone();
        self.note(None, None, &Event::PageRead { page })
    }

    /// Somebody asked for what is not theirs, or not there.
    pub fn refuse(&self, case_id: Option<&str>) -> Outcome<()> {
        let Some(mut held) = self.noted.held() else {
            return Ok(());
        };
        // An address that names nothing may hold anything that was typed, so it is not kept.
        let page = case_id.map(|_| self.page.clone()).unwrap_or_default();
        let row = event_row(self, case_id, None, &Event::AccessRefused { page })?;
        held.refused.push(row);
        Ok(())
    }
}

/// Writes what was noted.
pub fn write(tx: &mut Tx<'_>, rows: &[NewEvent]) -> Result<(), StoreError> {
    rows.iter().try_for_each(|row| events::record(tx, row))
}

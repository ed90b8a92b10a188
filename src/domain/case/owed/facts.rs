//! What is known of a case that decides what is owed on it. Must not know what follows from it.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use crate::domain::calendar::london;
use crate::domain::case::{Stage, State};
use crate::domain::clock::{Clocks, Start};
use crate::domain::family::Counted;
use crate::domain::process::{Holds, Spoken};

/// What is known of a case that decides what is owed. Times are London's.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each stops or holds back one clock, on its own"
)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseFacts {
    pub state: State,
    pub date_of_death: Option<NaiveDate>,
    pub time_of_death: Option<NaiveTime>,
    pub notified_at: NaiveDateTime,
    /// When it was accepted as a case.
    pub triaged_at: Option<NaiveDateTime>,
    /// The national database has the notification.
    pub notification_accepted: bool,
    /// Whether a joint agency response is needed has been decided, either way.
    pub jar_decided: bool,
    pub key_worker_named: bool,
    pub leaflet_recorded: bool,
    /// Labels of forms that the circumstances open and nobody has been asked for.
    pub forms_to_request: Vec<String>,
    pub requests: Vec<RequestFacts>,
    /// Questions on which agencies disagree, not yet settled.
    pub conflicts: usize,
    pub cdrm_held_on: Option<NaiveDate>,
    pub draft_analysis_received: bool,
    /// An inquest is open: the panel waits for its conclusion.
    pub inquest_open: bool,
    pub inquest_concluded_on: Option<NaiveDate>,
    pub panel_on: Option<NaiveDate>,
    pub deferred_on: Option<NaiveDate>,
    pub family_told: bool,
    /// Recommendations of the analysis that nobody follows up yet.
    pub unfollowed: usize,
    /// Those who contributed were told what was learned, or there is nobody to tell.
    pub thanked: bool,
    /// The national database has the finalised case.
    pub final_accepted: bool,
    /// What runs or ran beside the review.
    pub processes: Vec<ProcessFacts>,
    /// What the record says runs beside the review, and nobody has recorded there.
    pub unrecorded: Vec<Spoken>,
    pub family: Counted,
    /// How many other children of the household, or affected, the notification names of whom there is no line.
    pub others_unrecorded: usize,
    /// The clocks that were started on the case and its requests. Where there is one, it says when something is due.
    pub clocks: Vec<RunningClock>,
}

/// What is known of one clock that was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunningClock {
    /// Its id, such as `C21`.
    pub clock: String,
    /// Id of the request whose clock it is.
    pub request: Option<String>,
    /// What must have happened.
    pub name: String,
    /// In London time; none where it stopped or stands still.
    pub due: Option<NaiveDateTime>,
    pub runs: bool,
    /// Somebody here is to see to it; it is not only watched.
    pub task: bool,
}

/// What is known of one request to an agency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestFacts {
    /// The agency, as the case page names it.
    pub agency: String,
    /// The forms asked for, as the case page names them.
    pub forms: Vec<String>,
    /// None while its clock stands still.
    pub due: Option<NaiveDate>,
    pub standing: RequestStanding,
}

/// What is known of one process that runs, or ran, beside the review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcessFacts {
    /// What it is.
    pub name: String,
    /// It is to come or goes on.
    pub open: bool,
    pub next_check: Option<NaiveDate>,
    /// What it holds back now.
    pub holds: Holds,
    /// Its end is that of the inquest.
    pub inquest: bool,
    pub over_on: Option<NaiveDate>,
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestStanding {
    /// Sent, not answered, or sent back.
    Waiting,
    /// Answered, to be accepted or sent back.
    Answered,
    /// Accepted, withdrawn or waived.
    Done,
}

impl CaseFacts {
    pub(super) fn death(&self) -> Option<Start> {
        let day = self.date_of_death?;
        Some(
            self.time_of_death
                .map_or(Start::Day(day), |time| Start::shown(day.and_time(time))),
        )
    }

    /// When a clock is due: by the one that was started, or by what its definition says.
    pub(super) fn due(
        &self,
        clocks: &Clocks,
        id: &str,
        start: Option<Start>,
    ) -> Option<NaiveDateTime> {
        let of_case = |clock: &&RunningClock| clock.clock == id && clock.request.is_none();
        match self.clocks.iter().rfind(of_case) {
            Some(clock) => clock.due,
            None => clocks.due(id, start?).map(london),
        }
    }

    /// The review is being made here: accepted, and neither finished nor ended.
    pub(super) fn under_review(&self) -> bool {
        self.state.is_open() && self.state.stage() != Stage::New
    }

    pub(super) fn before_panel(&self) -> bool {
        matches!(
            self.state.stage(),
            Stage::Gathering | Stage::Waiting | Stage::ReviewMeeting
        )
    }

    /// What other processes hold back.
    pub(super) fn held(&self) -> Holds {
        Holds::all(self.processes.iter().map(|process| process.holds))
    }

    pub(super) fn panel_done(&self) -> bool {
        matches!(self.state, State::PanelComplete | State::PanelInsufficient)
    }
}

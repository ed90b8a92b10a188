//! From the rows of clocks to what the rules look at, and back. Must not decide anything.

use chrono::NaiveDateTime;

use crate::casework::{Context, Error, Outcome};
use crate::domain::calendar::london;
use crate::domain::clock::{
    Clock as Definition, Facts, Happened, Known, Occasion, Pause, Standing, Start,
};
use crate::store::clocks as store;

/// The definition that a clock was started with.
pub(in crate::casework) fn definition_of(row: &store::Clock) -> Outcome<Definition> {
    serde_json::from_str(&row.definition)
        .map_err(|_| Error::Internal("a clock’s definition cannot be read".into()))
}

pub(super) fn start_of(row: &store::Clock) -> Start {
    start(row.started_at, row.whole_day)
}

pub(in crate::casework) fn start(at: NaiveDateTime, whole_day: bool) -> Start {
    if whole_day {
        Start::Day(london(at.and_utc()).date())
    } else {
        Start::Moment(at.and_utc())
    }
}

/// A moment as it is stored, and whether it stands for a whole day.
pub(super) fn moment_of(at: Start) -> (NaiveDateTime, bool) {
    (at.begins().naive_utc(), matches!(at, Start::Day(_)))
}

pub(super) fn known_of(row: &store::Known) -> Known {
    Known {
        at: start(row.at, row.whole_day),
        given: row.given,
        source: row.source.clone(),
        asked: row.asked.as_deref().and_then(|asked| asked.parse().ok()),
    }
}

pub(super) fn pause_of(row: &store::Pause) -> Pause {
    Pause {
        from: row.from_at.and_utc(),
        to: row.to_at.map(|at| at.and_utc()),
    }
}

/// How a clock stands by what is known.
pub(super) fn standing_of(
    ctx: &Context,
    row: &store::Clock,
    definition: &Definition,
    facts: &Facts,
    started: Option<Start>,
    pauses: &[store::Pause],
) -> Standing {
    // By what is counted the day agreed was moved itself, so that both sides see the same day.
    let left = pauses.iter().filter(|pause| !pause.counted);
    let pauses: Vec<Pause> = left.map(pause_of).collect();
    let happened = Happened {
        started,
        stopped: facts.at(definition.stops_on),
        agreed: facts.at(Occasion::AgreedDate).map(Start::day),
        ended: facts.at(Occasion::Ended).map(Start::begins),
        pauses: &pauses,
        excused: row.excused_at.is_some(),
    };
    definition.standing(&happened, ctx.house.clocks.holidays())
}

/// Whether nothing of what follows from facts changed.
pub(super) fn same(one: &store::Clock, other: &store::Clock) -> bool {
    let of = |row: &store::Clock| {
        (
            row.started_at,
            row.whole_day,
            row.due_at,
            row.outcome.clone(),
            row.paused,
            row.stopped_at,
            row.stopped_day,
        )
    };
    of(one) == of(other)
}

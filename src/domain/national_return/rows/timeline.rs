//! `timeline.csv`: the milestones a case has passed, counted from the death.

use std::borrow::Cow;
use std::io;

use chrono::NaiveDate;

use crate::domain::national_return::case::{Milestone, MilestoneKind};
use crate::domain::national_return::order::{Extent, finalised_on};
use crate::domain::national_return::sheet::Sheet;
use crate::domain::national_return::view::{DEATH, REVIEW, View};

pub(in super::super) fn write(view: &View, sheet: &mut Sheet) -> io::Result<()> {
    if view.extent == Extent::Tombstone {
        return Ok(());
    }
    let death = view.day(DEATH);
    for kind in MilestoneKind::ALL {
        if view.extent != Extent::Full && !kind.is_of_notification() {
            continue;
        }
        let given = view.case.milestones.iter().filter(|held| held.kind == kind);
        let mut held: Vec<Cow<Milestone>> = given.map(Cow::Borrowed).collect();
        if held.is_empty() {
            held.extend(own(view, kind).map(Cow::Owned));
        }
        for milestone in held {
            write_row(view, &milestone, death, sheet)?;
        }
    }
    Ok(())
}

/// What the case itself says of a milestone the store did not give.
fn own(view: &View, kind: MilestoneKind) -> Option<Milestone> {
    let date = match kind {
        MilestoneKind::Death => view.day(DEATH),
        MilestoneKind::Notified => Some(view.notified_on()),
        MilestoneKind::Cdrm => view.day(&[("analysis", "cdrm_date")]),
        MilestoneKind::Cdop => view.day(REVIEW),
        MilestoneKind::Finalised => finalised_on(view.case),
        _ => None,
    };
    Some(Milestone {
        kind,
        date: date?,
        paused_days: None,
        pause_reason: None,
    })
}

fn write_row(
    view: &View,
    held: &Milestone,
    death: Option<NaiveDate>,
    sheet: &mut Sheet,
) -> io::Result<()> {
    let open = !view.context.order.is_pseudonymised();
    view.write_id(sheet)?;
    sheet.value(held.kind.code())?;
    sheet.maybe(open.then_some(held.date))?;
    sheet.maybe(death.map(|death| held.date.signed_duration_since(death).num_days()))?;
    sheet.maybe(held.paused_days)?;
    sheet.text(
        held.pause_reason
            .as_deref()
            .filter(|_| open)
            .unwrap_or_default(),
    )?;
    sheet.end()
}

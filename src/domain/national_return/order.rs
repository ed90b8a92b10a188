//! What is asked for: the kind of return, its period, and how much of each case belongs in it.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use chrono_tz::Europe::London;

use super::case::{ReturnCase, Status};
use super::layout::File;

/// One return to be written. Time and names come from the caller.
#[derive(Debug, Clone)]
pub struct Order {
    pub kind: Kind,
    pub period: Period,
    /// The id of the one case wanted; the period then only names the package.
    pub case: Option<String>,
    /// Code of the sending panel, letters, digits and hyphens; part of the file's name.
    pub cdop: String,
    pub created_by: String,
    pub stamp: DateTime<Utc>,
    /// For publication: counts of 1 to 4 are withheld.
    pub published: bool,
    /// For opening in a spreadsheet: a text that looks like a formula is disarmed.
    pub spreadsheet: bool,
    /// With each agency's own answers; for an identified local export only.
    pub originals: bool,
}

impl Order {
    /// `cdr_return_<cdop>_<from>_<to>_<yyyymmddThhmmssZ>.zip`; holds no personal data.
    pub fn file_name(&self) -> String {
        format!("{}.zip", self.stem())
    }

    pub(super) fn stem(&self) -> String {
        let cdop: String = self
            .cdop
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() || c == '-' {
                    c
                } else {
                    '-'
                }
            })
            .collect();
        format!(
            "cdr_return_{cdop}_{}_{}_{}",
            self.period.from,
            self.period.to,
            self.stamp.format("%Y%m%dT%H%M%SZ")
        )
    }

    pub fn is_pseudonymised(&self) -> bool {
        self.kind == Kind::AnnualReport
    }

    /// Whether it is for the receiver, and not for publication or for use here. Only what is for the receiver holds every
    /// death whoever makes it (Children Act 2004, sections 16M to 16Q).
    pub fn is_submission(&self) -> bool {
        self.kind != Kind::AnnualReport && !self.spreadsheet && !self.originals
    }
}

/// First and last day, both included, in London.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    pub from: NaiveDate,
    pub to: NaiveDate,
}

impl Period {
    pub fn holds(self, day: NaiveDate) -> bool {
        self.from <= day && day <= self.to
    }

    /// The year to 31 March that `day` falls in.
    pub fn year_of(day: NaiveDate) -> Option<Period> {
        let first = if day.month() >= 4 {
            day.year()
        } else {
            day.year() - 1
        };
        Some(Period {
            from: NaiveDate::from_ymd_opt(first, 4, 1)?,
            to: NaiveDate::from_ymd_opt(first + 1, 3, 31)?,
        })
    }
}

/// Kinds of return (the table of kinds and triggers in the domain notes on returns).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    Notification,
    Final,
    YearEnd,
    AnnualReport,
    Withdrawal,
}

impl Kind {
    pub const ALL: [Kind; 5] = [
        Kind::Notification,
        Kind::Final,
        Kind::YearEnd,
        Kind::AnnualReport,
        Kind::Withdrawal,
    ];

    /// The name on the command line and in the ledger.
    pub fn code(self) -> &'static str {
        match self {
            Kind::Notification => "notification",
            Kind::Final => "final",
            Kind::YearEnd => "year_end",
            Kind::AnnualReport => "annual_report",
            Kind::Withdrawal => "withdrawal",
        }
    }

    pub fn of(code: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// The files of this kind in the order they are written. The manifest is last in each, since
    /// it holds the others' sums.
    pub fn files(self) -> &'static [File] {
        use File::{
            Answer, Case, Category, CodeList, Event, Factor, Issue, LearningAction, Lscb1Aggregate,
            Lscb1Child, Manifest, Person, Timeline,
        };
        match self {
            Kind::Notification => &[Case, Person, Manifest],
            Kind::Final => &[
                Case,
                Person,
                Event,
                Answer,
                Factor,
                Category,
                LearningAction,
                Timeline,
                CodeList,
                Issue,
                Manifest,
            ],
            Kind::YearEnd => &File::ALL,
            Kind::AnnualReport => &[
                Factor,
                Category,
                Timeline,
                Lscb1Child,
                Lscb1Aggregate,
                Manifest,
            ],
            Kind::Withdrawal => &[Case, Manifest],
        }
    }
}

/// How much of a case goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Extent {
    /// Everything: the review is finalised (rule SB-4).
    Full,
    /// The notification alone: the case is open, or another panel has it (rules SB-3, SB-11).
    Notification,
    /// Only that it is withdrawn, and which case survives (rule SB-9).
    Tombstone,
}

/// Reviews before this day are not taken by the national database (rule DT-14).
const FIRST_REVIEW: Option<NaiveDate> = NaiveDate::from_ymd_opt(2019, 4, 1);

/// Whether and how far a case belongs in a return. The store may select more cases than needed;
/// this decides. A year end is drawn as at its last day: what was finalised later counts as open.
pub fn extent(order: &Order, case: &ReturnCase) -> Option<Extent> {
    wanted(order, case).filter(|_| !is_too_old(case))
}

/// As [`extent`], were it not for rule DT-14.
pub(super) fn wanted(order: &Order, case: &ReturnCase) -> Option<Extent> {
    if order.case.as_ref().is_some_and(|id| *id != case.id) {
        return None;
    }
    let within = |day: Option<NaiveDate>| {
        order.case.is_some() || day.is_some_and(|day| order.period.holds(day))
    };
    let finalised = (case.status == Status::Finalised)
        .then(|| finalised_on(case))
        .flatten();
    match order.kind {
        Kind::Notification => {
            let live = !case.status.is_withdrawn() && within(Some(notified_on(case)));
            live.then_some(Extent::Notification)
        }
        Kind::Final => (finalised.is_some() && within(finalised)).then_some(Extent::Full),
        Kind::Withdrawal => {
            (case.status.is_withdrawn() && within(withdrawn_on(case))).then_some(Extent::Tombstone)
        }
        Kind::YearEnd | Kind::AnnualReport => at_year_end(order, case, finalised),
    }
}

fn at_year_end(order: &Order, case: &ReturnCase, finalised: Option<NaiveDate>) -> Option<Extent> {
    if case.status.is_withdrawn() {
        let told = case.status == Status::Duplicate || case.sent_before;
        let now = withdrawn_on(case).is_some_and(|day| order.period.holds(day));
        return (order.kind == Kind::YearEnd && told && now).then_some(Extent::Tombstone);
    }
    if notified_on(case) > order.period.to {
        return None;
    }
    if case.status == Status::Transferred {
        let since = case.transfer.as_ref().map(|transfer| transfer.on);
        let gone = since.is_some_and(|day| day < order.period.from);
        return (!gone).then_some(Extent::Notification);
    }
    match finalised {
        Some(day) if day < order.period.from => None,
        Some(day) if day <= order.period.to => Some(Extent::Full),
        _ => Some(Extent::Notification),
    }
}

/// Rule DT-14.
pub(super) fn is_too_old(case: &ReturnCase) -> bool {
    let reviewed = case.reviewed_on.or_else(|| finalised_on(case));
    reviewed < FIRST_REVIEW && reviewed.is_some()
}

pub(super) fn notified_on(case: &ReturnCase) -> NaiveDate {
    day(case.notified_at)
}

pub(super) fn finalised_on(case: &ReturnCase) -> Option<NaiveDate> {
    case.finalised_at.map(day)
}

fn withdrawn_on(case: &ReturnCase) -> Option<NaiveDate> {
    case.withdrawn_at.map(day)
}

fn day(moment: DateTime<Utc>) -> NaiveDate {
    moment.with_timezone(&London).date_naive()
}

//! Looking things up in the audit trail: what an auditor sees of it, who has seen a case, and the file of both.
//! Names nobody but who did it, and shows no answer: of a correction the question alone. Must not know of pages.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime};

use crate::casework::{Context, Error, Outcome};
use crate::domain::actor::Role;
use crate::domain::calendar::utc_of_london;
use crate::domain::event::{Event, Group};
use crate::domain::permission::{Facts, Verb};
use crate::store::cases::Case;
use crate::store::events::{self, Search, StoredEvent};
use crate::store::{Conn, StoreError, cases};

/// Lines of a page.
pub const PAGE: usize = 100;
/// Lines read at once for a file.
pub const STRETCH: usize = 2_000;

/// What is looked for. Empty fields do not narrow.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Reference of a case.
    pub case: String,
    /// Id of an account.
    pub person: String,
    pub group: Option<Group>,
    /// The first day of a month.
    pub month: Option<NaiveDate>,
    /// The number at which the page before ended.
    pub before: Option<i64>,
}

impl Wanted {
    /// What it is narrowed by, without the words.
    fn kinds(&self) -> Vec<String> {
        [
            ("case", !self.case.is_empty()),
            ("person", !self.person.is_empty()),
            ("kind", self.group.is_some()),
            ("month", self.month.is_some()),
        ]
        .iter()
        .filter(|(_, chosen)| *chosen)
        .map(|(name, _)| (*name).to_owned())
        .collect()
    }
}

/// One line of the trail, as its readers see it.
#[derive(Clone, Debug)]
pub struct Line {
    pub seq: i64,
    pub at: NaiveDateTime,
    pub who: String,
    pub role: String,
    /// The stored name of the event.
    pub kind: String,
    pub what: String,
    /// The question that was changed, by its id.
    pub field: Option<String>,
    /// Reference of the case.
    pub case: Option<String>,
    pub page: Option<String>,
    pub source: String,
    pub correlation: String,
}

fn line(row: StoredEvent, references: &BTreeMap<String, String>) -> Line {
    let event: Option<Event> = serde_json::from_str(&row.detail).ok();
    let event = event.as_ref();
    let role = row
        .actor_role
        .as_deref()
        .and_then(|r| r.parse::<Role>().ok());
    Line {
        seq: row.seq,
        at: row.at,
        who: row.actor_name.unwrap_or_else(|| "Not readable".into()),
        role: role.map_or_else(|| row.actor_kind.clone(), |role| role.label().to_owned()),
        kind: row.what,
        what: event.map_or_else(|| "This line is damaged.".into(), Event::sentence),
        field: event.and_then(Event::field).map(str::to_owned),
        case: row.case_id.and_then(|id| references.get(&id).cloned()),
        page: event.and_then(Event::page).map(str::to_owned),
        source: row.source,
        correlation: row.correlation,
    }
}

fn lines(conn: &mut Conn, rows: Vec<StoredEvent>) -> Outcome<Vec<Line>> {
    let ids: Vec<String> = rows.iter().filter_map(|row| row.case_id.clone()).collect();
    let references = cases::references(conn, &ids)?.into_iter().collect();
    Ok(rows.into_iter().map(|row| line(row, &references)).collect())
}

/// What the store looks for, and the case that is meant. A reference that no case has finds nothing.
fn search(conn: &mut Conn, wanted: &Wanted) -> Outcome<Option<Search>> {
    let reference = wanted.case.trim().to_uppercase();
    let case_id = if reference.is_empty() {
        None
    } else {
        match cases::by_reference(conn, &reference) {
            Ok(Some(case)) => Some(case.id),
            // A damaged case is still looked up by its reference.
            Err(StoreError::Damaged { row, .. }) => Some(row),
            Ok(None) => return Ok(None),
            Err(error) => return Err(error.into()),
        }
    };
    let month = wanted.month.map(|first| {
        let next = if first.month() == 12 {
            NaiveDate::from_ymd_opt(first.year() + 1, 1, 1)
        } else {
            NaiveDate::from_ymd_opt(first.year(), first.month() + 1, 1)
        };
        let midnight = |day: NaiveDate| utc_of_london(day.and_time(chrono::NaiveTime::MIN));
        (
            midnight(first).naive_utc(),
            midnight(next.unwrap_or(first)).naive_utc(),
        )
    });
    Ok(Some(Search {
        case_id,
        actor_id: (!wanted.person.is_empty()).then(|| format!("user:{}", wanted.person)),
        names: wanted.group.map(Group::names),
        from: month.map(|(from, _)| from),
        to: month.map(|(_, to)| to),
        before: wanted.before,
    }))
}

/// A page of the trail, the newest first, and where the next one begins. Being looked at is a line of its own.
pub fn look(conn: &mut Conn, ctx: &Context, wanted: &Wanted) -> Outcome<(Vec<Line>, Option<i64>)> {
    ctx.allow(Verb::ReadAudit, &Facts::default())?;
    let found = search(conn, wanted)?;
    let (rows, next) = match &found {
        Some(search) => page(conn, search)?,
        None => (Vec::new(), None),
    };
    let event = Event::AuditRead {
        filters: wanted.kinds(),
        rows: rows.len(),
    };
    let case = found.and_then(|search| search.case_id);
    ctx.note(case.as_deref(), None, &event)?;
    Ok((rows, next))
}

fn page(conn: &mut Conn, search: &Search) -> Outcome<(Vec<Line>, Option<i64>)> {
    let mut rows = events::search(conn, search, whole(PAGE + 1))?;
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let next = rows.last().map(|row| row.seq).filter(|_| more);
    Ok((lines(conn, rows)?, next))
}

fn whole(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// Who has seen a case, for whoever may see it: the newest first, and where the next page begins.
pub fn seen(
    conn: &mut Conn,
    ctx: &Context,
    case: &Case,
    before: Option<i64>,
) -> Outcome<(Vec<Line>, Option<i64>)> {
    crate::casework::access::stand(conn, ctx, case, Verb::ReadCaseOutline)?;
    let mut names = Group::Reading.names();
    names.extend([
        "document_downloaded",
        "restricted_case_opened",
        "case_exported",
    ]);
    let search = Search {
        case_id: Some(case.id.clone()),
        names: Some(names),
        before,
        ..Search::default()
    };
    page(conn, &search)
}

/// Lines on their way into a CSV file (RFC 4180), the newest first. Whatever is written to the trail meanwhile is not
/// among them, so that their number is known before the first of them leaves.
#[derive(Clone, Debug)]
pub struct Export {
    /// None where nothing can be found.
    search: Option<Search>,
    /// All that there are.
    pub lines: i64,
    begun: bool,
}

/// Begins a file. That it is taken is in the trail before any of it leaves, with the number of its lines.
pub fn export(conn: &mut Conn, ctx: &Context, wanted: &Wanted) -> Outcome<Export> {
    ctx.allow(Verb::ReadAudit, &Facts::default())?;
    let mut search = search(conn, wanted)?;
    if let Some(search) = &mut search {
        let end = events::search(conn, &Search::default(), 1)?;
        search.before = end.first().map(|row| row.seq + 1);
    }
    let lines = match &search {
        Some(search) => events::count(conn, search)?,
        None => 0,
    };
    let event = Event::AuditExported {
        filters: wanted.kinds(),
        rows: usize::try_from(lines).unwrap_or(0),
    };
    let case = search.as_ref().and_then(|search| search.case_id.clone());
    ctx.note(case.as_deref(), None, &event)?;
    Ok(Export {
        search,
        lines,
        begun: false,
    })
}

impl Export {
    /// The next stretch of the file, the column names before the first; none after the last. Text that a spreadsheet
    /// would take for a formula is disarmed.
    pub fn next(&mut self, conn: &mut Conn, most: usize) -> Outcome<Option<Vec<u8>>> {
        let mut file = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(Vec::new());
        let failed = |_| Error::Internal("a line of the export could not be written".into());
        let first = !std::mem::replace(&mut self.begun, true);
        if first {
            file.write_record(COLUMNS).map_err(failed)?;
        }
        let rows = match &self.search {
            Some(search) => events::search(conn, search, whole(most))?,
            None => Vec::new(),
        };
        if rows.is_empty() && !first {
            return Ok(None);
        }
        if let (Some(search), Some(last)) = (&mut self.search, rows.last()) {
            search.before = Some(last.seq);
        }
        for line in lines(conn, rows)? {
            file.write_record(record(&line)).map_err(failed)?;
        }
        file.into_inner()
            .map(Some)
            .map_err(|_| Error::Internal("an export could not be finished".into()))
    }
}

const COLUMNS: [&str; 11] = [
    "number", "at", "who", "role", "kind", "what", "field", "case", "page", "source", "request",
];

fn record(line: &Line) -> [String; 11] {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let at = DateTime::from_naive_utc_and_offset(line.at, chrono::Utc);
    let at: DateTime<chrono::Utc> = at;
    [
        line.seq.to_string(),
        at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
        line.who.clone(),
        line.role.clone(),
        line.kind.clone(),
        line.what.clone(),
        text(&line.field),
        text(&line.case),
        text(&line.page),
        line.source.clone(),
        line.correlation.clone(),
    ]
    .map(disarmed)
}

fn disarmed(text: String) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::disarmed;

    #[test]
    fn a_spreadsheet_meets_no_formula() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            assert_eq!(disarmed(text.to_owned()), format!("'{text}"));
        }
        assert_eq!(
            disarmed("Sample, coordinator".into()),
            "Sample, coordinator"
        );
    }
}

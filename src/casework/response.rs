//! The joint agency response: what its parts fill in on the national form, and its scorecard, worked out from the clocks
//! and never typed. Must not know how a page shows it, nor what any form asks.

use chrono::{Days, NaiveDateTime};

use super::clocks::moment_kept;
use super::picture::{self, FieldSource, Sources, stored};
use super::{Context, Error, Outcome, access, panels, record};
use crate::domain::clock::{Outcome as Stands, Took};
use crate::domain::event::Event;
use crate::domain::fill::Filled;
use crate::domain::form::Answers;
use crate::domain::permission::{Facts, Verb};
use crate::store::cases::Case;
use crate::store::{Conn, Tx, clocks, records};

/// How a source that is a part of the case, rather than an agency, begins.
pub const PART: &str = "part:";
/// The part that the family's page fills.
pub(super) const FAMILY: &str = "family";
/// The part to which that yields: minutes hold the family's questions with their answers.
const MINUTES: &str = "meeting";
/// How far back the scorecard over all cases looks.
const YEAR: Days = Days::new(365);

/// Which verb it takes to fill in this form of the record.
pub fn verb_of(form: &str) -> Verb {
    match form {
        "analysis" => Verb::EditAnalysis,
        "cdrm_jar" | "first_hours" => Verb::KeepResponse,
        _ => Verb::EditRecord,
    }
}

/// Fills what other forms ask from this one.
pub(super) fn fill(
    tx: &mut Tx<'_>,
    ctx: &Context,
    case: &Case,
    form: &str,
    answers: &Answers,
) -> Outcome<()> {
    if !ctx.house.fills.are_from(form) {
        return Ok(());
    }
    put(tx, ctx, case, form, &ctx.house.fills.of(form, answers))
}

/// Puts answers of a part of the case into the forms that ask for them. What somebody typed there stays as it is, and so does
/// an analysis that a chair signed.
pub(super) fn put(
    tx: &mut Tx<'_>,
    ctx: &Context,
    case: &Case,
    part: &str,
    all: &[Filled],
) -> Outcome<()> {
    let mut forms: Vec<String> = all.iter().map(|filled| filled.form.clone()).collect();
    forms.sort();
    forms.dedup();
    for form in forms {
        let own = all.iter().filter(|filled| filled.form == form).collect();
        put_form(tx, ctx, case, part, &form, own)?;
    }
    Ok(())
}

fn put_form(
    tx: &mut Tx<'_>,
    ctx: &Context,
    case: &Case,
    part: &str,
    code: &str,
    all: Vec<&Filled>,
) -> Outcome<()> {
    if code == panels::FORM && panels::is_signed(tx.conn(), ctx, case)? {
        return Ok(());
    }
    let row = records::get(tx.conn(), &case.id, code)?;
    let version = row.as_ref().map_or_else(
        || ctx.house.dictionary().version.clone(),
        |row| row.form_version.clone(),
    );
    let dict = ctx.house.dictionary_of(&version);
    let form = dict.form(code).ok_or(Error::NotFound)?;
    let mut answers = row
        .as_ref()
        .map(|row| stored(dict, code, &row.answers))
        .unwrap_or_default();
    let mut sources: Sources = row
        .as_ref()
        .map(|row| serde_json::from_str(&row.sources).unwrap_or_default())
        .unwrap_or_default();
    let mut fields = Vec::new();
    for filled in all {
        // As it is kept: what is only written in another order is no change.
        let filled = &Filled {
            answer: filled.answer.clone().and_then(|answer| {
                let json = picture::json_of(&filled.field, answer);
                picture::answer_of(dict, form, &filled.field, &json)
            }),
            ..filled.clone()
        };
        if let Some(field) = form.field(&filled.field)
            && take_over(filled, part, &mut answers, &mut sources)
        {
            fields.push(field.label.clone());
        }
    }
    if fields.is_empty() {
        return Ok(());
    }
    let form_label = form.label.clone();
    picture::write(tx, ctx, &case.id, code, &version, &answers, &sources)?;
    let event = Event::FormFilled {
        form: code.to_owned(),
        form_label,
        part: part.to_owned(),
        fields,
    };
    record(tx, ctx, Some(&case.id), None, &event)
}

/// Takes one answer over; says whether that changed anything.
fn take_over(filled: &Filled, part: &str, answers: &mut Answers, sources: &mut Sources) -> bool {
    let own = vec![format!("{PART}{part}")];
    let now = answers.get(&filled.field);
    let family = [format!("{PART}{FAMILY}")];
    let yields = part == MINUTES && filled.answer.is_some();
    let ours = sources
        .get(&filled.field)
        .is_some_and(|s| s.from == own || (yields && s.from == family));
    if now == filled.answer.as_ref() || (now.is_some() && !ours) {
        return false;
    }
    if let Some(answer) = &filled.answer {
        answers.set(filled.field.clone(), answer.clone());
        let source = FieldSource {
            from: own,
            ..FieldSource::default()
        };
        sources.insert(filled.field.clone(), source);
    } else {
        answers.remove(&filled.field);
        sources.remove(&filled.field);
    }
    true
}

/// How the clocks of one kind were kept over all responses of the last year.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    pub clock: String,
    pub name: String,
    pub within: String,
    pub met: usize,
    pub missed: usize,
    pub excused: usize,
    pub running: usize,
    pub late: usize,
    /// From the start to the stop; none where none has stopped.
    pub median: Option<Took>,
}

/// How responses keep their times: every measured clock that began in the last year on a case that the reader may count.
pub fn kept(conn: &mut Conn, ctx: &Context) -> Outcome<Vec<Kept>> {
    ctx.allow(Verb::SeeResponses, &Facts::default())?;
    let since = ctx.stamp().checked_sub_days(YEAR).unwrap_or(ctx.stamp());
    let rows = clocks::since(conn, &ctx.house.scorecard, since, &access::sight(ctx))?;
    let event = Event::WorklistRead {
        view: "responses".to_owned(),
        filters: Vec::new(),
        rows: rows.len(),
    };
    ctx.note(None, None, &event)?;
    let all = ctx.house.scorecard.iter().filter_map(|id| {
        let definition = ctx.house.clocks.get(id)?;
        let own: Vec<&clocks::Stood> = rows.iter().filter(|row| row.clock == *id).collect();
        Some(Kept {
            clock: id.clone(),
            name: definition.name.clone(),
            within: definition.length_words(),
            ..counted(&own, ctx.stamp())
        })
    });
    Ok(all.collect())
}

fn counted(rows: &[&clocks::Stood], now: NaiveDateTime) -> Kept {
    let mut kept = Kept::default();
    let mut stopped = Vec::new();
    for row in rows {
        match row.outcome.parse() {
            Ok(Stands::Met) => kept.met += 1,
            Ok(Stands::Missed) => kept.missed += 1,
            Ok(Stands::Excused) => kept.excused += 1,
            Ok(Stands::Running) => {
                kept.running += 1;
                kept.late += usize::from(row.due_at.is_some_and(|due| due < now));
            }
            _ => {}
        }
        if matches!(row.outcome.parse(), Ok(Stands::Met | Stands::Missed))
            && let Some(at) = row.stopped_at
        {
            let start = moment_kept(row.started_at, row.whole_day);
            stopped.push((start, moment_kept(at, row.stopped_day)));
        }
    }
    kept.median = Took::median(&stopped);
    kept
}

//! The worklist: notifications that wait to be decided, and cases by what is owed on them. What is chosen
//! stands in the address, where no name, date or number of a child ever does. Must not change anything.

mod wanted;

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::{HttpRequest, web};
use chrono::{DateTime, Duration, NaiveDateTime};
use serde_json::Value;

use super::head::residence;
use super::words::{day_of, due_words, tag, waited};
use crate::casework::{Context, Outcome, access, clusters, held, notify, triage};
use crate::domain::calendar::london;
use crate::domain::case::State;
use crate::domain::clock::Start;
use crate::domain::event::Event;
use crate::domain::form::Answer;
use crate::domain::permission::{Facts, Scope, Verb, may, scope};
use crate::store::cases::{self, After, Case, Filter, Sort};
use crate::store::notifications::{self, Notification};
use crate::store::{Conn, case_people, counts, restrictions};
use crate::web::{App, Page, Visit};
use wanted::{View, Wanted};

type Data = web::Data<Arc<App>>;

/// Rows on one page.
const ROWS: usize = 25;
/// One more is read, to know whether there is a next page.
const READ: i64 = 26;
/// What is overdue is counted no further than this.
const COUNTED: i64 = 1_000;
/// What falls due within so many days is due soon.
const SOON: i64 = 7;

/// `GET /cases`.
pub async fn worklist(app: Data, visit: Visit, req: HttpRequest) -> Page {
    let query = req.query_string().to_owned();
    let page = app
        .read(&visit, move |conn, ctx| show(conn, ctx, &query))
        .await?;
    app.ok(&visit, "cases/worklist.html", page)
}

fn show(conn: &mut Conn, ctx: &Context, query: &str) -> Outcome<Value> {
    ctx.allow(Verb::SeeWorklist, &Facts::default())?;
    let decides = may(&ctx.actor, Verb::ReadNotification, &Facts::default());
    let wanted = Wanted::read(ctx.house.dictionary(), query, decides);
    let own = Own::of(conn, ctx)?;
    let all =
        scope(&ctx.actor) == Scope::All || own.as_ref().is_some_and(|own| !own.standing.is_empty());
    let (rows, next) = match (all, wanted.view) {
        (false, _) => (Vec::new(), None),
        (true, View::New | View::Held) => waiting(conn, ctx, &wanted)?,
        (true, _) => listed(conn, ctx, &wanted)?,
    };
    let views = if all {
        views(conn, ctx, own.as_ref(), wanted.view, decides)?
    } else {
        Vec::new()
    };
    let event = Event::WorklistRead {
        view: wanted.view.as_str().to_owned(),
        filters: wanted.kinds(),
        rows: rows.len(),
    };
    ctx.note(None, None, &event)?;
    Ok(context! {
        title => "Worklist", view => wanted.view.as_str(), heading => wanted.view.label(), views, rows, all,
        next => next.map(|after| wanted.address(Some(&after))), first => wanted.after.is_some().then(|| wanted.address(None)),
        filter => wanted.filter(ctx.house.dictionary()),
        clusters => clusters::waiting(conn, ctx)?,
    })
}

/// The cases of a person who sees only those assigned, as far as they are counted.
struct Own {
    standing: Vec<(String, bool, NaiveDateTime)>,
}

impl Own {
    fn of(conn: &mut Conn, ctx: &Context) -> Outcome<Option<Self>> {
        let Some(person) = access::own_cases(ctx) else {
            return Ok(None);
        };
        let standing = case_people::standing(conn, &person.user_id, &person.role)?;
        Ok(Some(Self { standing }))
    }

    /// How many stand in each bucket, as the kept counts say it of all.
    fn counts(&self) -> BTreeMap<String, i64> {
        let mut counts = BTreeMap::new();
        for (state, ..) in &self.standing {
            *counts.entry(format!("case:{state}")).or_default() += 1;
        }
        counts
    }

    fn due_before(&self, moment: NaiveDateTime) -> i64 {
        let due = self
            .standing
            .iter()
            .filter(|(_, open, due)| *open && *due < moment);
        i64::try_from(due.count()).unwrap_or(i64::MAX)
    }
}

/// The views with how many stand in each.
fn views(
    conn: &mut Conn,
    ctx: &Context,
    own: Option<&Own>,
    now: View,
    decides: bool,
) -> Outcome<Vec<Value>> {
    let kept: BTreeMap<String, i64> = match own {
        Some(own) => own.counts(),
        None => counts_for(conn, ctx)?,
    };
    let of = |bucket: &str| kept.get(bucket).copied().unwrap_or(0);
    let sum = |open: bool| -> i64 {
        let there = State::ALL.iter().filter(|s| s.is_open() == open);
        there
            .map(|s| of(&format!("case:{s}", s = s.as_str())))
            .sum()
    };
    let mut due_before = |moment: NaiveDateTime| match own {
        Some(own) => Ok(own.due_before(moment)),
        None => cases::overdue(conn, &access::sight(ctx).reader, moment, COUNTED),
    };
    let late = due_before(ctx.stamp())?;
    let soon = due_before(ctx.stamp() + Duration::days(SOON))?;
    let counted = |view: View| match view {
        View::New => number(of("notification:received")),
        View::Held => number(of("notification:held")),
        View::Overdue if late >= COUNTED => format!("{}+", number(COUNTED)),
        View::Overdue => number(late),
        View::DueSoon if late >= COUNTED => "not counted".into(),
        View::DueSoon if soon >= COUNTED => format!("{}+", number(COUNTED - late)),
        View::DueSoon => number(soon - late),
        View::Open => number(sum(true)),
        View::Closed => number(sum(false)),
        other => number(
            other
                .state()
                .map_or(0, |s| of(&format!("case:{}", s.as_str()))),
        ),
    };
    Ok(View::ALL
        .iter()
        .filter(|view| decides || !view.is_notified())
        .map(|view| {
            context! {
                href => format!("/cases?view={}", view.as_str()), text => format!("{} ({})", view.label(), counted(*view)),
                active => *view == now,
            }
        })
        .collect())
}

/// The kept counts, without the restricted cases on which this reader is not named.
fn counts_for(conn: &mut Conn, ctx: &Context) -> Outcome<BTreeMap<String, i64>> {
    let mut kept: BTreeMap<String, i64> = counts::all(conn)?.into_iter().collect();
    for (_, state) in restrictions::hidden(conn, &access::sight(ctx).reader)? {
        *kept.entry(format!("case:{state}")).or_default() -= 1;
    }
    Ok(kept)
}

/// `1,000`.
fn number(n: i64) -> String {
    let digits = n.max(0).to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

type Rows = (Vec<Value>, Option<String>);

/// Notifications that wait, the longest first.
fn waiting(conn: &mut Conn, ctx: &Context, wanted: &Wanted) -> Outcome<Rows> {
    ctx.allow(Verb::ReadNotification, &Facts::default())?;
    let after = wanted.after.as_deref().and_then(cursor);
    let state = match wanted.view {
        View::Held => held::HELD,
        _ => "received",
    };
    let mut rows = notifications::in_state(conn, state, after, READ)?;
    let more = rows.len() > ROWS;
    rows.truncate(ROWS);
    let last = rows.last().filter(|_| more);
    let next = last.and_then(|n| Some(cursor_text(n.sent_at?, &n.id)));
    Ok((rows.iter().map(|n| notified(ctx, n)).collect(), next))
}

/// One notification as a row.
pub(in crate::web) fn notified(ctx: &Context, row: &Notification) -> Value {
    let answers = notify::shown(ctx, row);
    let text = |id: &str| answers.text(id).unwrap_or_default();
    let name = format!("{} {}", text("child_forenames"), text("child_surname"));
    let sent = row.sent_at.unwrap_or(row.created_at);
    let received = london(sent.and_utc());
    let died = row
        .date_of_death
        .map(|day| match answers.get("time_of_death") {
            Some(Answer::Time(time)) => Start::shown(day.and_time(*time)),
            _ => Start::Day(day),
        });
    let decide = ctx
        .house
        .clocks
        .due("C04", Start::shown(received))
        .map(london);
    let agency = answers.choice("referrer_agency");
    context! {
        href => format!("/cases/notifications/{}", row.id), reference => &row.reference,
        name => if name.trim().is_empty() { "Child not named" } else { name.trim() },
        born => row.date_of_birth, died => row.date_of_death, sent => sent.and_utc().to_rfc3339(),
        waited => waited(sent, ctx.now), decide => decide.map(|due| due_words(due, london(ctx.now))),
        late => decide.is_some_and(|due| due < london(ctx.now)), speed => died.map(|died| speed(ctx, died, received)),
        from => agency.and_then(|code| ctx.house.dictionary().label("agency", code)), complete => row.complete,
    }
}

/// Whether the notification came in time after the death: the area's target and the outer limit.
fn speed(ctx: &Context, died: Start, received: NaiveDateTime) -> String {
    for id in ["C01", "C02"] {
        let Some(clock) = ctx.house.clocks.at(id, died.day()) else {
            continue;
        };
        let due = clock.due(died, ctx.house.clocks.holidays());
        if due.is_some_and(|due| received <= london(due)) {
            return format!("Sent within {} {} of the death", clock.length, clock.unit);
        }
    }
    let limit = ctx.house.clocks.at("C02", died.day());
    limit.map_or_else(String::new, |clock| {
        format!(
            "Sent more than {} {} after the death",
            clock.length, clock.unit
        )
    })
}

/// Cases of a view, filtered and sorted.
fn listed(conn: &mut Conn, ctx: &Context, wanted: &Wanted) -> Outcome<Rows> {
    let now = ctx.stamp();
    let filter = Filter {
        open: match wanted.view {
            View::Overdue | View::DueSoon | View::Open => Some(true),
            View::Closed => Some(false),
            _ => None,
        },
        state: wanted.state.map(|s| s.as_str().to_owned()),
        due_before: match wanted.view {
            View::Overdue => Some(now),
            View::DueSoon => Some(now + Duration::days(SOON)),
            _ => None,
        },
        residence: wanted.residence.clone(),
        age_band: wanted.age.clone(),
        sight: access::sight(ctx),
    };
    let after = match &wanted.after {
        Some(text) => place(conn, wanted.sort, text)?,
        None => None,
    };
    // What is late has a view of its own, so what is due soon begins now.
    let begin = (wanted.view == View::DueSoon).then(|| After::Moment(now, String::new()));
    let mut rows = cases::page(conn, &filter, wanted.sort, after.or(begin), READ)?;
    let more = rows.len() > ROWS;
    rows.truncate(ROWS);
    let last = rows.last().filter(|_| more);
    let next = last.map(|c| match wanted.sort {
        Sort::Due => cursor_text(c.next_due_at, &c.id),
        Sort::Opened => cursor_text(c.opened_at, &c.id),
        // The day of a death stays out of the address: the case's id finds it again.
        Sort::Death => c.id.clone(),
    });
    Ok((rows.iter().map(|c| case_row(ctx, c)).collect(), next))
}

/// Where the page before ended; an unreadable place is the beginning.
fn place(conn: &mut Conn, sort: Sort, text: &str) -> Outcome<Option<After>> {
    Ok(match sort {
        Sort::Death => cases::get(conn, text)?.map(|c| After::Day(c.date_of_death, c.id)),
        _ => cursor(text).map(|(at, id)| After::Moment(at, id)),
    })
}

fn cursor_text(at: NaiveDateTime, id: &str) -> String {
    format!("{}.{id}", at.and_utc().timestamp_micros())
}

fn cursor(text: &str) -> Option<(NaiveDateTime, String)> {
    let (at, id) = text.split_once('.')?;
    let at = DateTime::from_timestamp_micros(at.parse().ok()?)?;
    // Four digits of a year are all that both engines compare alike.
    let sane = (1900..=9999).contains(&chrono::Datelike::year(&at))
        && id.len() <= 64
        && !id.contains('\0');
    sane.then(|| (at.naive_utc(), id.to_owned()))
}

/// One case as a row of a list.
pub(super) fn case_row(ctx: &Context, case: &Case) -> Value {
    let dict = ctx.house.dictionary();
    let state = case.state.parse::<State>().ok();
    let due = (case.next_due_at < triage::never()).then(|| london(case.next_due_at.and_utc()));
    let now = london(ctx.now);
    // A key worker is not told what agencies owe.
    let best = Facts {
        assigned: true,
        ..Facts::default()
    };
    let whole = may(&ctx.actor, Verb::ReadCase, &best);
    let requests = match (case.requests_back, case.requests_out) {
        (_, 0) => "None sent".to_owned(),
        (back, out) => format!("{back} of {out} back"),
    };
    context! {
        href => format!("/cases/{}", case.reference), reference => &case.reference,
        name => if case.display_name.is_empty() { "Child not named" } else { &case.display_name },
        age => dict.label("age_band", &case.age_band).unwrap_or("Age not known"), died => case.date_of_death,
        residence => residence(ctx, &case.residence), state => state.map_or("", State::label), tag => state.map_or("", tag),
        owed => case.next_due_what.as_ref().filter(|_| case.open && whole), due => due.map(|due| due_words(due, now)),
        late => due.is_some_and(|due| due < now), requests => whole.then_some(requests), whole, finalised => case.finalised_at.map(day_of),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        for (n, said) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(number(n), said);
        }
    }

    #[test]
    fn a_place_in_the_list_reads_back_and_nonsense_is_the_beginning() {
        let at = triage::never();
        assert_eq!(
            cursor(&cursor_text(at, "a-b")),
            Some((at, "a-b".to_owned()))
        );
        for text in [
            "",
            "x",
            "1",
            "x.y",
            "99999999999999999999.a",
            "-9999999999999999.a",
            "1.\0",
        ] {
            assert_eq!(cursor(text), None, "{text}");
        }
    }
}

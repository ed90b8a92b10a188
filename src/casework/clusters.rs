//! Counts that are higher than the years before: worked out once a day from the codes of the cases, and judged by a person.
//! Nobody is written to: it stands on a page, and in one line on the worklist. Must not know what is unusual.

use std::collections::BTreeMap;

use super::gather::given_reason;
use super::people::problem;
use super::{Context, Error, Outcome, access, likeness, record};
use crate::domain::cluster::{Death, Found, Judgement};
use crate::domain::event::Event;
use crate::domain::permission::{Facts, Verb, may};
use crate::store::clusters::{self as store, Cluster};
use crate::store::learning::{self, Compared};
use crate::store::{Conn, Tx};

/// More are not shown at once.
const MOST: i64 = 100;
const DISTRICT: &str = "district";

fn death(compared: &Compared) -> Death {
    let mut values: BTreeMap<String, Vec<String>> = likeness::read(&compared.features)
        .0
        .into_iter()
        .map(|(dimension, codes)| (dimension, codes.into_iter().collect()))
        .collect();
    if let Some(district) = &compared.district {
        values.insert(DISTRICT.to_owned(), vec![format!("district:{district}")]);
    }
    Death {
        on: compared.features.died,
        values,
    }
}

/// Counts as of today and keeps what is unusual. Says how many are new or have grown.
pub fn count(tx: &mut Tx<'_>, ctx: &Context) -> Outcome<usize> {
    ctx.allow(Verb::CountClusters, &Facts::default())?;
    tx.unchanged();
    tx.hold("clusters")?;
    let rules = &ctx.house.clusters;
    let since = rules.since(ctx.today());
    let all = learning::compared(tx.conn(), None, since, &likeness::ENDED)?;
    let deaths: Vec<Death> = all.iter().map(death).collect();
    let mut news = 0;
    for found in rules.look(&deaths, ctx.today()) {
        news += usize::from(keep(tx, ctx, &found)?);
    }
    Ok(news)
}

/// Keeps one; says whether it is new or has grown. What was judged is quiet until there are more.
fn keep(tx: &mut Tx<'_>, ctx: &Context, found: &Found) -> Outcome<bool> {
    let months = i32::try_from(found.months).unwrap_or(i32::MAX);
    let count = i32::try_from(found.count).unwrap_or(i32::MAX);
    let before = store::of_what(tx.conn(), &found.dimension, &found.value, months)?;
    if before
        .as_ref()
        .is_some_and(|row| row.count >= count && row.last_on > found.from)
    {
        return Ok(false);
    }
    let row = Cluster {
        id: before
            .as_ref()
            .map_or_else(|| ctx.new_id(), |row| row.id.clone()),
        dimension: found.dimension.clone(),
        value: found.value.clone(),
        months,
        first_on: found.from,
        last_on: found.to,
        found_at: ctx.stamp(),
        count,
        expected_thousandths: parts(found.expected, 1_000.0),
        chance_millionths: parts(found.chance, 1_000_000.0),
        state: Judgement::Open.as_str().to_owned(),
        judged_at: None,
        version: before.as_ref().map_or(1, |row| row.version),
        reason: None,
        judged_by: None,
    };
    match before {
        None => store::insert(tx, &row)?,
        Some(_) if store::save(tx, &row)? => {}
        Some(_) => return Err(Error::Stale),
    }
    let event = Event::ClusterFound {
        cluster_id: row.id.clone(),
        dimension: found.dimension.clone(),
        months: found.months,
        count: found.count,
    };
    record(tx, ctx, None, Some(&row.id), &event)?;
    Ok(true)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "cut to what the column holds before"
)]
fn parts(number: f64, of: f64) -> i32 {
    (number * of).round().clamp(0.0, f64::from(i32::MAX)) as i32
}

/// One count with its cases.
pub struct Shown {
    pub row: Cluster,
    /// The label of the dimension, and the value in words.
    pub what: (String, String),
    /// References of its cases that this person may see.
    pub cases: Vec<String>,
}

/// Every count, those to be looked at first.
pub fn list(conn: &mut Conn, ctx: &Context) -> Outcome<Vec<Shown>> {
    ctx.allow(Verb::JudgeCluster, &Facts::default())?;
    let mut rows = store::all(conn, MOST)?;
    rows.sort_by_key(|row| row.state != Judgement::Open.as_str());
    let event = Event::WorklistRead {
        view: "clusters".to_owned(),
        filters: Vec::new(),
        rows: rows.len(),
    };
    ctx.note(None, None, &event)?;
    known(conn, ctx, rows)
}

/// Those of these counts that this person may know of, with the cases that they may see.
fn known(conn: &mut Conn, ctx: &Context, rows: Vec<Cluster>) -> Outcome<Vec<Shown>> {
    let Some(since) = rows.iter().map(|row| row.first_on).min() else {
        return Ok(Vec::new());
    };
    let reader = access::sight(ctx).reader;
    let seen = learning::compared(conn, Some(&reader), since, &likeness::ENDED)?;
    let deaths: Vec<(Death, &str)> = seen
        .iter()
        .map(|one| (death(one), one.reference.as_str()))
        .collect();
    // A restricted case is in no count that is shown to who is not named on it.
    Ok(rows
        .into_iter()
        .map(|row| shown(ctx, row, &deaths))
        .filter(|one| one.cases.len() > 1)
        .map(|mut one| {
            let seen = i32::try_from(one.cases.len()).unwrap_or(i32::MAX);
            one.row.count = one.row.count.min(seen);
            one
        })
        .collect())
}

fn shown(ctx: &Context, row: Cluster, deaths: &[(Death, &str)]) -> Shown {
    let within = |death: &Death| {
        let values = death.values.get(&row.dimension);
        (row.first_on..=row.last_on).contains(&death.on)
            && values.is_some_and(|values| values.contains(&row.value))
    };
    let label = ctx.house.clusters.label(&row.dimension);
    Shown {
        what: (
            label.unwrap_or(&row.dimension).to_owned(),
            value_words(ctx, &row.value),
        ),
        cases: deaths
            .iter()
            .filter(|(death, _)| within(death))
            .map(|(_, reference)| (*reference).to_owned())
            .collect(),
        row,
    }
}

/// A value in words: of a list of the dictionary, a district, or an organisation.
fn value_words(ctx: &Context, value: &str) -> String {
    let (list, code) = value.split_once(':').unwrap_or(("", value));
    let named = match list {
        DISTRICT | "organisation" => ctx.house.organisation_name(code),
        _ => ctx.house.dictionary().label(list, code),
    };
    named.unwrap_or(code).to_owned()
}

/// How many wait to be judged, for who judges them; nothing for others.
pub fn waiting(conn: &mut Conn, ctx: &Context) -> Outcome<usize> {
    if !may(&ctx.actor, Verb::JudgeCluster, &Facts::default()) {
        return Ok(0);
    }
    // The worklist asks each time, and most of the time there is none.
    if store::open(conn)? == 0 {
        return Ok(0);
    }
    let mut rows = store::all(conn, MOST)?;
    rows.retain(|row| row.state == Judgement::Open.as_str());
    Ok(known(conn, ctx, rows)?.len())
}

/// Keeps what a person found of a count, with the reason.
pub fn judge(
    tx: &mut Tx<'_>,
    ctx: &Context,
    (id, version): (&str, i32),
    judgement: Option<Judgement>,
    reason: &str,
) -> Outcome<()> {
    ctx.allow(Verb::JudgeCluster, &Facts::default())?;
    tx.hold("clusters")?;
    let row = store::get(tx.conn(), id)?.ok_or(Error::NotFound)?;
    if known(tx.conn(), ctx, vec![row.clone()])?.is_empty() {
        ctx.refuse(None)?;
        return Err(Error::NotFound);
    }
    if row.version != version {
        return Err(Error::Stale);
    }
    let judgement = judgement.filter(|judgement| *judgement != Judgement::Open);
    let Some(judgement) = judgement else {
        let words = "Choose what you found";
        return Err(Error::Invalid(vec![problem(
            "judgement",
            "required",
            words,
        )]));
    };
    let reason = given_reason(reason, "Say why, for whoever looks at it later")?;
    let next = Cluster {
        state: judgement.as_str().to_owned(),
        judged_at: Some(ctx.stamp()),
        judged_by: Some(ctx.actor.label()),
        reason: Some(reason.clone()),
        ..row
    };
    if !store::save(tx, &next)? {
        return Err(Error::Stale);
    }
    let event = Event::ClusterJudged {
        cluster_id: next.id.clone(),
        judgement,
        reason,
    };
    record(tx, ctx, None, Some(&next.id), &event)
}

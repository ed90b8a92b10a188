//! What was learned from a case: points that a person found safe to share, the note of thanks that carries them to those
//! who contributed, and themes. A note names no child and no case. Must not know how a page asks.

use std::collections::{BTreeMap, BTreeSet};

use super::people::problem;
use super::picture::Picture;
use super::{Context, Error, Outcome, access, letters, likeness, naming, record};
use crate::domain::case::State;
use crate::domain::event::Event;
use crate::domain::form::{Answer, Problem};
use crate::domain::permission::{Facts, Verb};
use crate::domain::redaction::What;
use crate::store::cases::Case;
use crate::store::learning::{self as store, Point, Theme};
use crate::store::outbox::{self, Mail};
use crate::store::{Conn, Tx, actions, events, merges, notifications, requests};

const FORM: &str = "analysis";
pub const LEARNING: &str = "learning";
pub const RECOMMENDATION: &str = "recommendation";
/// Fewer cases of the same category and age band than this, and a reader could guess which one it was.
const RARE: usize = 5;
/// More points than any note has.
const MOST: usize = 20;
/// The longest point, in characters: what is shared is short.
const LONGEST: usize = 600;

/// A point as it is proposed or was agreed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proposed {
    pub kind: String,
    /// For which agency a recommendation is.
    pub agency: Option<String>,
    pub words: String,
    pub shared: bool,
    /// What in it could tell who the child was.
    pub warnings: BTreeSet<What>,
    /// The words that may do so, and those of which a person said that they tell nobody.
    pub guesses: Vec<String>,
    pub meant: String,
}

impl Proposed {
    /// The words that may tell who somebody is, as a person confirms them.
    pub fn guessed(&self) -> String {
        self.guesses.join(", ")
    }

    /// Whether a person said of just these words that they tell nobody.
    pub fn is_meant(&self) -> bool {
        self.meant == self.guessed()
    }
}

/// Everything that may be shared of a case: what was agreed first, then what the analysis says besides.
pub fn points(conn: &mut Conn, ctx: &Context, case: &Case) -> Outcome<Vec<Proposed>> {
    let known = Picture::load(conn, ctx, &case.id)?;
    let mut all: Vec<Proposed> = store::points_of(conn, &case.id)?
        .into_iter()
        .map(|point| Proposed {
            kind: point.kind,
            agency: point.agency,
            words: point.words,
            shared: true,
            ..Proposed::default()
        })
        .collect();
    for (table, column, kind) in [
        ("learning_points", "learning", LEARNING),
        ("recommendations", "recommendation", RECOMMENDATION),
    ] {
        let rows = known.answers(FORM).map(|answers| answers.rows(table));
        for row in rows.unwrap_or_default() {
            let Some(Answer::Text(words)) = row.get(column) else {
                continue;
            };
            let agency = match row.get("for_agency") {
                Some(Answer::Choice(code)) => Some(code.clone()),
                _ => None,
            };
            let words = words.trim().to_owned();
            if all.iter().all(|point| point.words != words) {
                let kind = kind.to_owned();
                all.push(Proposed {
                    kind,
                    agency,
                    words,
                    ..Proposed::default()
                });
            }
        }
    }
    look_at(conn, ctx, case, &mut all)?;
    Ok(all)
}

/// Sees what in each point could or may tell who the child was. The caller has reached the case.
pub fn look_at(conn: &mut Conn, ctx: &Context, case: &Case, all: &mut [Proposed]) -> Outcome<()> {
    let texts: Vec<&str> = all.iter().map(|point| point.words.as_str()).collect();
    let told = naming::told(conn, ctx, case, &texts)?;
    for (point, told) in all.iter_mut().zip(told) {
        point.warnings = told.sure;
        point.guesses = told.guesses;
    }
    Ok(())
}

/// Whether so few cases are like this one in category and age that what was learned could point to it.
pub fn is_rare(conn: &mut Conn, ctx: &Context, case: &Case) -> Outcome<bool> {
    let Some(own) = store::features_of(conn, &case.id)? else {
        return Ok(true);
    };
    let own = likeness::read(&own);
    // What is not known yet may turn out to be rare.
    if ["category", "age"]
        .iter()
        .any(|dimension| own.of(dimension).next().is_none())
    {
        return Ok(true);
    }
    let since = ctx.today() - chrono::Months::new(60);
    let same = |one: &store::Compared| {
        let theirs = likeness::read(&one.features);
        ["category", "age"]
            .iter()
            .all(|dimension| theirs.of(dimension).eq(own.of(dimension)))
    };
    let all = store::compared(conn, None, since, &likeness::ENDED)?;
    Ok(all.iter().filter(|one| same(one)).count() < RARE)
}

/// Keeps the points that a person found safe to share. One that names somebody is refused, and one that may is, until the
/// person said that just these words tell nobody.
pub fn agree(
    tx: &mut Tx<'_>,
    ctx: &Context,
    reference: &str,
    chosen: &[Proposed],
    confirmed: bool,
) -> Outcome<()> {
    let (case, _) = access::reach(tx.conn(), ctx, reference, Verb::ShareLearning)?;
    if !sent(tx.conn(), &case)?.is_empty() {
        let words = "The note has been sent. What stands in it is not changed any more.";
        return Err(Error::Rule(words.into()));
    }
    tx.hold(&format!("thanks:{}", case.id))?;
    let mut looked = chosen.to_vec();
    look_at(tx.conn(), ctx, &case, &mut looked)?;
    let mut wrong = judge(&looked);
    if !chosen.is_empty() && !confirmed && is_rare(tx.conn(), ctx, &case)? {
        let words = "Few cases are like this one. Confirm that none of the points could tell which child it was";
        wrong.push(problem("confirmed", "rare", words));
    }
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    store::drop_points(tx, &case.id)?;
    for point in chosen {
        let row = Point {
            id: ctx.new_id(),
            case_id: case.id.clone(),
            kind: point.kind.clone(),
            agency: point.agency.clone(),
            agreed_at: ctx.stamp(),
            words: point.words.trim().to_owned(),
            agreed_by: ctx.actor.label(),
        };
        store::put_point(tx, &row)?;
    }
    let points = chosen.len();
    record(
        tx,
        ctx,
        Some(&case.id),
        None,
        &Event::LearningAgreed { points },
    )
}

fn judge(chosen: &[Proposed]) -> Vec<Problem> {
    let mut wrong = Vec::new();
    for (n, proposed) in chosen.iter().enumerate() {
        let field = format!("words-{n}");
        let (point, told) = (&proposed.words, &proposed.warnings);
        if point.trim().is_empty() {
            wrong.push(problem(
                &field,
                "required",
                "Write what was learned, or leave it out",
            ));
        } else if point.chars().count() > LONGEST {
            let words = "A point must have 600 characters or fewer";
            wrong.push(problem(&field, "length", words));
        } else if !told.is_empty() {
            let told: Vec<String> = told
                .iter()
                .map(|what| what.label().to_lowercase())
                .collect();
            let words = format!(
                "It could tell who somebody is ({}). Write it without",
                told.join(", ")
            );
            wrong.push(problem(&field, "identity", &words));
        } else if !proposed.guesses.is_empty() && !proposed.is_meant() {
            let words = format!(
                "It may tell who somebody is: {}. Write it without, or tick that these words tell nobody",
                proposed.guessed()
            );
            wrong.push(problem(&field, "guess", &words));
        }
    }
    if chosen.len() > MOST {
        wrong.push(problem("words-0", "many", "Share twenty points or fewer"));
    }
    wrong
}

/// Somebody who contributed to a review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contributor {
    pub email: String,
    /// Codes of the agencies for which the person answered or notified.
    pub agencies: Vec<String>,
}

/// Each notifier and each agency that answered, once by address, also those of cases that are read under this one.
pub fn contributors(conn: &mut Conn, ctx: &Context, case: &Case) -> Outcome<Vec<Contributor>> {
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut add = |email: &str, agency: Option<&str>| {
        let email = email.trim().to_lowercase();
        if validator::ValidateEmail::validate_email(&email) {
            let agencies = all.entry(email).or_default();
            agencies.extend(agency.map(str::to_owned));
        }
    };
    let dict = ctx.house.dictionary();
    let together = merges::together(conn, &case.id)?;
    for id in &together {
        for row in notifications::of_case(conn, id)? {
            let answers = super::picture::stored(dict, "notification", &row.answers);
            if let Some(email) = answers.text("referrer_email") {
                add(email, answers.choice("referrer_agency"));
            }
        }
    }
    for row in requests::of_cases(conn, &together)? {
        if matches!(row.state.as_str(), "answered" | "accepted") {
            add(&row.email, Some(&row.agency));
        }
    }
    let all = all.into_iter().map(|(email, agencies)| Contributor {
        email,
        agencies: agencies.into_iter().collect(),
    });
    Ok(all.collect())
}

/// How the key of every such note about a case begins.
fn key(case: &Case) -> String {
    format!("contributor:{}:", case.id)
}

/// The notes that were written, with how far each is.
pub fn sent(conn: &mut Conn, case: &Case) -> Outcome<Vec<Mail>> {
    Ok(outbox::of_case(conn, &case.id, &key(case))?)
}

/// Sends the note to everybody who contributed, once each. Says how many were written.
pub fn thank(tx: &mut Tx<'_>, ctx: &Context, reference: &str) -> Outcome<usize> {
    let (case, _) = access::reach(tx.conn(), ctx, reference, Verb::ShareLearning)?;
    if case.state != State::Closed.as_str() {
        let words = "Those who contributed are thanked when the case is closed.";
        return Err(Error::Rule(words.into()));
    }
    tx.hold(&format!("thanks:{}", case.id))?;
    if events::last_of_case(tx.conn(), &case.id, "learning_agreed")?.is_none() {
        let words = "Save first what may be shared. It may be nothing.";
        return Err(Error::Rule(words.into()));
    }
    let points = store::points_of(tx.conn(), &case.id)?;
    // More may be known of the family and of staff than when the points were found safe.
    let texts: Vec<&str> = points.iter().map(|point| point.words.as_str()).collect();
    let told = naming::telling(tx.conn(), ctx, &case, &texts)?;
    if told.iter().any(|told| !told.is_empty()) {
        let words = "One of the points could tell who somebody is, by what is known now. Write it without, and save the points again.";
        return Err(Error::Rule(words.into()));
    }
    let mut written = 0;
    for contributor in contributors(tx.conn(), ctx, &case)? {
        let hash = ctx.house.secrets.hash("contributor", &contributor.email);
        let note = letters::Note {
            key: format!("{}{hash}", key(&case)),
            to: &contributor.email,
            case_id: &case.id,
            learned: words(&points, LEARNING, |_| true),
            recommended: words(&points, RECOMMENDATION, |agency| {
                contributor.agencies.iter().any(|own| own == agency)
            }),
        };
        written += usize::from(letters::thanks(tx, ctx, &note)?);
    }
    if written == 0 {
        let words = "Everybody who contributed and left an address was written to already.";
        return Err(Error::Rule(words.into()));
    }
    let event = Event::ContributorsThanked { letters: written };
    record(tx, ctx, Some(&case.id), None, &event)?;
    Ok(written)
}

/// The words of the points of a kind; recommendations only those to an agency that `is_for` takes.
fn words<'a>(points: &'a [Point], kind: &str, is_for: impl Fn(&str) -> bool) -> Vec<&'a str> {
    points
        .iter()
        .filter(|point| point.kind == kind)
        .filter(|point| kind == LEARNING || point.agency.as_deref().is_some_and(&is_for))
        .map(|point| point.words.as_str())
        .collect()
}

/// The codes of the themes on a case.
pub fn themes(conn: &mut Conn, case: &Case) -> Outcome<Vec<String>> {
    let rows = store::themes_of(conn, &case.id)?;
    Ok(rows.into_iter().map(|row| row.theme).collect())
}

/// Puts these themes on a case, and takes the others off. The caller has reached the case under `SetTheme`, or runs
/// the panel that discusses it.
pub(super) fn put_themes(
    tx: &mut Tx<'_>,
    ctx: &Context,
    case: &Case,
    chosen: &[String],
) -> Outcome<()> {
    let known = &ctx.house.themes;
    if chosen
        .iter()
        .any(|code| known.iter().all(|t| t.code != *code))
    {
        let words = "Choose themes from the list";
        return Err(Error::Invalid(vec![problem("themes", "code", words)]));
    }
    tx.hold(&format!("themes:{}", case.id))?;
    let there = store::themes_of(tx.conn(), &case.id)?;
    let gone: Vec<&Theme> = there
        .iter()
        .filter(|t| !chosen.contains(&t.theme))
        .collect();
    let new: BTreeSet<&String> = chosen
        .iter()
        .filter(|code| there.iter().all(|t| t.theme != **code))
        .collect();
    if gone.is_empty() && new.is_empty() {
        tx.unchanged();
        return Ok(());
    }
    for row in gone {
        store::drop_theme(tx, &row.id)?;
    }
    for code in new {
        let row = Theme {
            id: ctx.new_id(),
            case_id: case.id.clone(),
            theme: code.clone(),
            set_at: ctx.stamp(),
            set_by: ctx.actor.label(),
        };
        store::put_theme(tx, &row)?;
    }
    let labels = known.iter().filter(|t| chosen.contains(&t.code));
    let event = Event::ThemesSet {
        themes: labels.map(|t| t.label.clone()).collect(),
    };
    record(tx, ctx, Some(&case.id), None, &event)
}

/// The same for who reads the case.
pub fn set_themes(
    tx: &mut Tx<'_>,
    ctx: &Context,
    reference: &str,
    chosen: &[String],
) -> Outcome<()> {
    let (case, _) = access::reach(tx.conn(), ctx, reference, Verb::SetTheme)?;
    put_themes(tx, ctx, &case, chosen)
}

/// One theme over all cases that this person may count.
#[derive(Clone, Debug)]
pub struct Themed {
    pub code: String,
    pub label: String,
    /// None where there are so few that a number could tell of one, and the reader sees no cases.
    pub cases: Option<usize>,
    /// Recommendations of its cases, and how many of them are done; none where the cases are not counted.
    pub recommendations: Option<(usize, usize)>,
    /// For who may see cases.
    pub references: Vec<String>,
}

/// Counts below this are withheld from who sees no cases (`process.md`, section 6).
const SMALL: usize = 5;

/// Every theme with how many cases have it.
pub fn all_themes(conn: &mut Conn, ctx: &Context) -> Outcome<Vec<Themed>> {
    ctx.allow(Verb::ReadCounts, &Facts::default())?;
    let sees = crate::domain::permission::may(&ctx.actor, Verb::ReadCase, &Facts::default());
    let rows = store::themed(conn, &access::sight(ctx).reader)?;
    let event = Event::WorklistRead {
        view: "themes".to_owned(),
        filters: Vec::new(),
        rows: rows.len(),
    };
    ctx.note(None, None, &event)?;
    let recommended = actions::recommended(conn)?;
    let all = ctx.house.themes.iter().map(|theme| {
        let of_theme = rows.iter().filter(|(code, ..)| *code == theme.code);
        let own: Vec<(&String, &String)> =
            of_theme.map(|(_, id, reference)| (id, reference)).collect();
        let told = sees || own.is_empty() || own.len() >= SMALL;
        let theirs: Vec<&String> = recommended
            .iter()
            .filter(|(case, _)| own.iter().any(|(id, _)| case.as_ref() == Some(*id)))
            .map(|(_, state)| state)
            .collect();
        let done = theirs
            .iter()
            .filter(|state| state.as_str() == "done")
            .count();
        let references = own.iter().map(|(_, reference)| (*reference).clone());
        Themed {
            code: theme.code.clone(),
            label: theme.label.clone(),
            cases: told.then_some(own.len()),
            recommendations: told.then_some((theirs.len(), done)),
            references: if sees {
                references.collect()
            } else {
                Vec::new()
            },
        }
    });
    Ok(all.collect())
}

//! Actions and recommendations of a case: setting one, changing it, more time for it, telling the person who must act,
//! closing it by somebody else than its owner, and looking back whether it worked. Must not know how a page asks.

use std::collections::BTreeSet;

use chrono::{Months, NaiveDate};
use serde_json::json;

use super::gather::given_reason;
use super::people::problem;
use super::picture::Picture;
use super::{Context, Error, Outcome, access, naming, record, triage};
use crate::domain::action::{Kind, Said, State, Worked, problems, questions};
use crate::domain::event::{Event, differing};
use crate::domain::family::{Part, Said as Known};
use crate::domain::form::{Answer, Answers, Problem};
use crate::domain::permission::{Facts, Verb};
use crate::store::actions::{self as store, Action, Wanted};
use crate::store::cases::{self, Case};
use crate::store::{Conn, Tx, family, meetings, merges, panels};

/// What a person says of one. `problems` are what a page could not read of it.
#[derive(Clone, Debug, Default)]
pub struct Given {
    pub said: Said,
    pub due_on: Option<NaiveDate>,
    /// Vague words are meant.
    pub confirmed: bool,
    pub meeting_id: Option<String>,
    /// The words of the analysis that it follows up.
    pub follows: Option<String>,
    pub problems: Vec<Problem>,
}

/// Where the words of the analysis stand that a recommendation follows up, and everybody who ever owned one.
const FOLLOWS: &str = "follows";
const OWNED: &str = "owned";

/// A recommendation as the analysis has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recommended {
    pub words: String,
    /// The code of the agency it is for.
    pub agency: Option<String>,
}

/// What the analysis recommends and nobody follows up yet. What was set and withdrawn was decided on.
pub fn unfollowed(conn: &mut Conn, case: &Case, analysis: &Answers) -> Outcome<Vec<Recommended>> {
    let rows = analysis.rows("recommendations");
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let mut followed = BTreeSet::new();
    for row in store::of_case(conn, &case.id)? {
        let mut said = said_of(&row);
        followed.extend(said.remove(FOLLOWS));
        // Who set it in the same words followed it up, too.
        if row.kind == Kind::Recommendation.as_str() {
            followed.extend(said.remove("what"));
        }
    }
    let mut left: Vec<Recommended> = Vec::new();
    for row in rows {
        let Some(Answer::Text(words)) = row.get("recommendation") else {
            continue;
        };
        let words = words.replace("\r\n", "\n").trim().to_owned();
        let there = left.iter().any(|one| one.words == words);
        if words.is_empty() || there || followed.contains(&words) {
            continue;
        }
        let agency = match row.get("for_agency") {
            Some(Answer::Choice(code)) => Some(code.clone()),
            _ => None,
        };
        left.push(Recommended { words, agency });
    }
    Ok(left)
}

/// The same for a case, by what its record says now.
pub fn left_of(conn: &mut Conn, ctx: &Context, case: &Case) -> Outcome<Vec<Recommended>> {
    let known = Picture::load(conn, ctx, &case.id)?;
    match known.answers("analysis") {
        Some(answers) => unfollowed(conn, case, answers),
        None => Ok(Vec::new()),
    }
}

/// What was said of one, typed again.
pub fn said_of(row: &Action) -> Said {
    serde_json::from_str(&row.body).unwrap_or_default()
}

pub fn kind_of(row: &Action) -> Outcome<Kind> {
    row.kind
        .parse()
        .map_err(|_| Error::Internal("an unknown kind of action is stored".into()))
}

pub fn state_of(row: &Action) -> Outcome<State> {
    row.state
        .parse()
        .map_err(|_| Error::Internal("an unknown state of an action is stored".into()))
}

/// One of them with its case, for a verb.
pub fn reach(
    conn: &mut Conn,
    ctx: &Context,
    id: &str,
    verb: Verb,
) -> Outcome<(Action, Case, Facts)> {
    let row = store::get(conn, id)?;
    let case = match row.as_ref().and_then(|row| row.case_id.clone()) {
        Some(id) => cases::get(conn, &id)?,
        None => None,
    };
    let reference = case.map(|case| case.reference).unwrap_or_default();
    let (case, facts) = access::reach(conn, ctx, &reference, verb)?;
    Ok((row.ok_or(Error::NotFound)?, case, facts))
}

/// Those of cases within sight.
pub fn list(conn: &mut Conn, ctx: &Context, wanted: Wanted) -> Outcome<Vec<(Action, String)>> {
    ctx.allow(Verb::SeeActions, &Facts::default())?;
    let rows = store::list(conn, wanted, &access::sight(ctx), 500)?;
    let event = Event::WorklistRead {
        view: "actions".to_owned(),
        filters: Vec::new(),
        rows: rows.len(),
    };
    ctx.note(None, None, &event)?;
    Ok(rows)
}

/// What the person who must act is told.
const TOLD: [&str; 4] = ["problem", "what", "owner", "owner_email"];

fn tidy(kind: Kind, said: Said) -> Said {
    let asked = |name: &str| questions(kind).iter().any(|(n, ..)| *n == name);
    said.into_iter()
        .filter(|(name, _)| asked(name))
        .map(|(name, text)| (name, text.replace("\r\n", "\n").trim().to_owned()))
        .filter(|(_, text)| !text.is_empty())
        .collect()
}

fn owner_of(said: &Said) -> &str {
    said.get("owner_email").map_or("", String::as_str)
}

/// What a line of the family says of professionals.
const OF_OTHERS: [&str; 3] = ["referred_to", "how_known", "support_what"];

/// Whether an address stands on a line of the family, of the case or of one read with it. Reminders of an action go to its owner, and no mail of
/// this service goes to a family.
pub(super) fn is_of_family(conn: &mut Conn, case_id: &str, email: &str) -> Outcome<bool> {
    let owner = email.trim().to_lowercase();
    if owner.is_empty() {
        return Ok(false);
    }
    let mut lines = Vec::new();
    for id in merges::together(conn, case_id)? {
        lines.extend(family::of_case(conn, &id)?);
    }
    let mut of_family = lines
        .iter()
        .filter(|line| matches!(line.part.parse(), Ok(Part::People | Part::Others)));
    Ok(of_family.any(|line| {
        let known: Known = serde_json::from_str(&line.body).unwrap_or_default();
        // An address may stand with others on one line, or among other words.
        let own = known
            .iter()
            .filter(|(name, _)| !OF_OTHERS.contains(&name.as_str()));
        own.map(|(_, text)| text).any(|text| {
            let text = text.to_lowercase();
            let parts = text.split(|c: char| c.is_whitespace() || ",;<>()\"".contains(c));
            let mut parts =
                parts.map(|part| part.trim_end_matches('.').trim_start_matches("mailto:"));
            parts.any(|part| part == owner)
        })
    }))
}

/// What of a recommendation is written to the person who must act.
const WRITTEN: [&str; 3] = ["problem", "what", "measure"];

/// Answers of a recommendation that name the child or the family.
fn naming_family(
    conn: &mut Conn,
    ctx: &Context,
    case: &Case,
    (kind, said): (Kind, &Said),
) -> Outcome<Vec<Problem>> {
    let mut found = Vec::new();
    for name in WRITTEN.iter().filter(|_| kind == Kind::Recommendation) {
        let text = said.get(*name).map_or("", String::as_str);
        if !text.is_empty() && naming::gives_away_family(conn, ctx, case, text)? {
            let words = "This stands in the letter to whoever must act, and it names the child or the family, or says where they live. Write it without";
            found.push(problem(name, "identity", words));
        }
    }
    Ok(found)
}

fn judge(
    ctx: &Context,
    kind: Kind,
    said: &Said,
    given: &Given,
    (set_on, of_family, naming): (NaiveDate, bool, Vec<Problem>),
) -> Outcome<NaiveDate> {
    let mut found = given.problems.clone();
    found.extend(naming);
    for wrong in problems(kind, said, given.confirmed) {
        if found.iter().all(|p| p.field != wrong.field) {
            found.push(wrong);
        }
    }
    let email = owner_of(said);
    if !email.is_empty() && !validator::ValidateEmail::validate_email(&email) {
        let words = "Enter an email address in the right form, such as name@example.nhs.uk";
        found.push(problem("owner_email", "email", words));
    } else if of_family {
        let words = "This is an address of the child’s family, and no mail of this service goes to a family. Enter the address of whoever must act";
        found.push(problem("owner_email", "family", words));
    }
    let unread = found.iter().any(|p| p.field == "due_on");
    match given.due_on {
        None if !unread => found.push(problem(
            "due_on",
            "required",
            "Enter the day by which it is done",
        )),
        Some(day) if day < set_on => {
            found.push(problem(
                "due_on",
                "before",
                "The day must not be before the day on which it was set",
            ));
        }
        Some(day) if day > ctx.today() + chrono::Duration::days(3_660) => {
            found.push(problem("due_on", "far", "The day must be within ten years"));
        }
        _ => {}
    }
    match given.due_on {
        Some(due) if found.is_empty() => Ok(due),
        _ => Err(Error::Invalid(found)),
    }
}

fn stored(said: &Said) -> Outcome<String> {
    serde_json::to_string(said).map_err(|e| Error::Internal(e.to_string()))
}

/// Sets one on a case. Gives its id.
pub fn set(
    tx: &mut Tx<'_>,
    ctx: &Context,
    reference: &str,
    kind: Kind,
    given: &Given,
) -> Outcome<String> {
    let (case, _) = access::reach(tx.conn(), ctx, reference, Verb::KeepAction)?;
    let meeting_id = given.meeting_id.clone();
    if let Some(id) = &meeting_id {
        // An action of another case's meeting is not there; a panel's is, when the case was on its list.
        let row = meetings::get(tx.conn(), id)?.ok_or(Error::NotFound)?;
        let items = panels::of_case(tx.conn(), &case.id)?;
        let there = row.case_id.as_ref() == Some(&case.id)
            || items.iter().any(|item| item.meeting_id == row.id);
        if !there {
            return Err(Error::NotFound);
        }
    }
    let mut said = tidy(kind, given.said.clone());
    let of_family = is_of_family(tx.conn(), &case.id, owner_of(&said))?;
    let naming = naming_family(tx.conn(), ctx, &case, (kind, &said))?;
    let due_on = judge(ctx, kind, &said, given, (ctx.today(), of_family, naming))?;
    if let Some(words) = &given.follows {
        tx.hold(&format!("follows:{}", case.id))?;
        let left = left_of(tx.conn(), ctx, &case)?;
        if kind != Kind::Recommendation || left.iter().all(|one| one.words != *words) {
            let words = "This recommendation is followed up already, or its words in the analysis have changed. Look at the list of actions.";
            return Err(Error::Rule(words.into()));
        }
        said.insert(FOLLOWS.to_owned(), words.clone());
    }
    let row = Action {
        id: ctx.new_id(),
        case_id: Some(case.id.clone()),
        meeting_id,
        kind: kind.as_str().to_owned(),
        state: State::Open.as_str().to_owned(),
        set_on: ctx.today(),
        due_on,
        closed_on: None,
        look_on: None,
        created_at: ctx.stamp(),
        updated_at: ctx.stamp(),
        version: 1,
        body: stored(&said)?,
        owner_email: said.get("owner_email").cloned(),
        saved_by: ctx.actor.label(),
    };
    store::insert(tx, &row)?;
    let event = Event::ActionSet {
        action_id: row.id.clone(),
        kind,
        due: due_on,
    };
    record(tx, ctx, Some(&case.id), Some(&row.id), &event)?;
    triage::refresh(tx, ctx, &case.id)?;
    Ok(row.id)
}

fn kept(tx: &mut Tx<'_>, ctx: &Context, id: &str, version: i32) -> Outcome<(Action, Case, Kind)> {
    let (_, case, _) = reach(tx.conn(), ctx, id, Verb::KeepAction)?;
    tx.hold(&format!("action:{id}"))?;
    let row = store::get(tx.conn(), id)?.ok_or(Error::NotFound)?;
    let kind = kind_of(&row)?;
    if row.version != version {
        return Err(Error::Stale);
    }
    Ok((row, case, kind))
}

fn open(row: &Action) -> Outcome<()> {
    match state_of(row)? {
        State::Open => Ok(()),
        _ => Err(Error::Rule(
            "This was closed. What has to follow is a new action.".into(),
        )),
    }
}

fn save(tx: &mut Tx<'_>, ctx: &Context, row: &mut Action, event: &Event) -> Outcome<()> {
    row.updated_at = ctx.stamp();
    row.saved_by = ctx.actor.label();
    if !store::save(tx, row)? {
        return Err(Error::Stale);
    }
    let case_id = row.case_id.clone();
    record(tx, ctx, case_id.as_deref(), Some(&row.id), event)?;
    match &case_id {
        Some(case_id) => triage::refresh(tx, ctx, case_id),
        None => Ok(()),
    }
}

/// Changes what was said of one; its day is moved with a reason.
pub fn change(tx: &mut Tx<'_>, ctx: &Context, id: &str, version: i32, given: Given) -> Outcome<()> {
    let (mut row, case, kind) = kept(tx, ctx, id, version)?;
    open(&row)?;
    let before = said_of(&row);
    let was = json!(before);
    let given = Given {
        due_on: Some(row.due_on),
        ..given
    };
    let mut said = tidy(kind, given.said.clone());
    let of_family = is_of_family(tx.conn(), &case.id, owner_of(&said))?;
    let naming = naming_family(tx.conn(), ctx, &case, (kind, &said))?;
    judge(ctx, kind, &said, &given, (row.set_on, of_family, naming))?;
    let differs = |name: &str| before.get(name) != said.get(name);
    let changed = questions(kind)
        .iter()
        .filter(|(name, ..)| differs(name))
        .map(|(_, label, _)| (*label).to_owned())
        .collect();
    // The proof is one of other words, or of words to somebody else.
    let resent = TOLD.iter().any(|name| differs(name));
    let owned = differs("owner_email").then(|| before.get("owner_email").cloned());
    // What was recorded besides stays.
    for (name, text) in before {
        let proof = name == "sent_on" || name == "sent_how";
        if questions(kind).iter().all(|(asked, ..)| *asked != name) && !(proof && resent) {
            said.insert(name, text);
        }
    }
    if let Some(email) = owned.flatten() {
        let all = said.entry(OWNED.to_owned()).or_default();
        all.push_str(&email);
        all.push('\n');
    }
    row.owner_email = said.get("owner_email").cloned();
    row.body = stored(&said)?;
    let (was, is) = differing(was, json!(said));
    let event = Event::ActionChanged {
        action_id: id.to_owned(),
        kind,
        fields: changed,
        before: was,
        after: is,
    };
    save(tx, ctx, &mut row, &event)
}

/// Agrees on a later day, with a reason.
pub fn extend(
    tx: &mut Tx<'_>,
    ctx: &Context,
    id: &str,
    version: i32,
    due_on: Option<NaiveDate>,
    reason: &str,
) -> Outcome<()> {
    let (mut row, _, kind) = kept(tx, ctx, id, version)?;
    open(&row)?;
    let due = due_on.filter(|day| *day > row.due_on).ok_or_else(|| {
        let words = "Enter a day after the one that was agreed";
        Error::Invalid(vec![problem("until", "required", words)])
    })?;
    let reason = given_reason(reason, "Say why there is more time")?;
    row.due_on = due;
    let event = Event::ActionExtended {
        action_id: id.to_owned(),
        kind,
        due,
        reason,
    };
    save(tx, ctx, &mut row, &event)
}

/// Records that the person who must act was told, when and how: the proof that the law asks for.
pub fn sent(
    tx: &mut Tx<'_>,
    ctx: &Context,
    id: &str,
    version: i32,
    on: Option<NaiveDate>,
    how: &str,
) -> Outcome<()> {
    let (mut row, _, kind) = kept(tx, ctx, id, version)?;
    open(&row)?;
    if kind != Kind::Recommendation {
        return Err(Error::NotFound);
    }
    let mut found = Vec::new();
    let on = on.filter(|day| *day <= ctx.today() && *day >= row.set_on);
    if on.is_none() {
        let words =
            "Enter the day on which it was sent: today or earlier, and not before it was made";
        found.push(problem("sent_on", "required", words));
    }
    let how = how.trim();
    if how.is_empty() || how.chars().count() > 1_000 {
        found.push(problem(
            "sent_how",
            "required",
            "Say how it was sent and where the proof is",
        ));
    }
    let (Some(on), true) = (on, found.is_empty()) else {
        return Err(Error::Invalid(found));
    };
    let mut said = said_of(&row);
    said.insert("sent_on".into(), on.to_string());
    said.insert("sent_how".into(), how.to_owned());
    row.body = stored(&said)?;
    let event = Event::RecommendationSent {
        action_id: id.to_owned(),
        on,
    };
    save(tx, ctx, &mut row, &event)
}

/// Closes one with its evidence. Whoever owns it does not close it. A recommendation is looked back at after six months.
pub fn close(
    tx: &mut Tx<'_>,
    ctx: &Context,
    id: &str,
    version: i32,
    evidence: &str,
) -> Outcome<()> {
    let (mut row, _, kind) = kept(tx, ctx, id, version)?;
    open(&row)?;
    if row.owner_email.is_none() {
        let words = "Say first who owns it, with an address: whoever owns it does not close it.";
        return Err(Error::Rule(words.into()));
    }
    if owns(tx, ctx, &row)? {
        let words = "Whoever owns it does not close it: somebody else looks at the evidence.";
        return Err(Error::Rule(words.into()));
    }
    let mut said = said_of(&row);
    if kind == Kind::Recommendation && !said.contains_key("sent_on") {
        let words = "Record first that the person who must act was told (section 16M(5)).";
        return Err(Error::Rule(words.into()));
    }
    let evidence = given_reason(evidence, "Say what shows that it was done")
        .map_err(|e| renamed(e, "evidence"))?;
    said.insert("evidence".into(), evidence);
    row.body = stored(&said)?;
    State::Done.as_str().clone_into(&mut row.state);
    row.closed_on = Some(ctx.today());
    row.look_on = (kind == Kind::Recommendation).then(|| ctx.today() + Months::new(6));
    let event = Event::ActionClosed {
        action_id: id.to_owned(),
        kind,
        on: None,
    };
    save(tx, ctx, &mut row, &event)
}

fn renamed(error: Error, field: &str) -> Error {
    match error {
        Error::Invalid(mut all) => {
            for wrong in &mut all {
                field.clone_into(&mut wrong.field);
            }
            Error::Invalid(all)
        }
        other => other,
    }
}

/// Whether the person who asks owns it or once owned it, by the address of their account: nobody hands on what they then
/// close themselves.
fn owns(tx: &mut Tx<'_>, ctx: &Context, row: &Action) -> Outcome<bool> {
    let Some(user_id) = ctx.actor.user_id() else {
        return Ok(false);
    };
    let said = said_of(row);
    let before = said.get(OWNED).map_or("", String::as_str).lines();
    let mut owners = before.chain(row.owner_email.as_deref());
    let user = crate::store::accounts::by_id(tx.conn(), user_id)?;
    Ok(user.is_some_and(|user| owners.any(|owner| user.email.eq_ignore_ascii_case(owner))))
}

/// Withdraws one, with a reason.
pub fn withdraw(
    tx: &mut Tx<'_>,
    ctx: &Context,
    id: &str,
    version: i32,
    reason: &str,
) -> Outcome<()> {
    let (mut row, _, kind) = kept(tx, ctx, id, version)?;
    open(&row)?;
    let reason = given_reason(reason, "Say why it is withdrawn")?;
    State::Withdrawn.as_str().clone_into(&mut row.state);
    row.closed_on = Some(ctx.today());
    let event = Event::ActionWithdrawn {
        action_id: id.to_owned(),
        kind,
        reason,
    };
    save(tx, ctx, &mut row, &event)
}

/// Looks back whether it worked: at six months, and again at twelve, and not before.
pub fn look_back(
    tx: &mut Tx<'_>,
    ctx: &Context,
    id: &str,
    version: i32,
    worked: Option<Worked>,
    words: &str,
) -> Outcome<()> {
    let (mut row, _, _) = kept(tx, ctx, id, version)?;
    let (Some(from), Some(closed)) = (row.look_on, row.closed_on) else {
        return Err(Error::Rule("There is nothing to look back at here.".into()));
    };
    if from > ctx.today() {
        let words = format!(
            "It is too early to know whether it worked. Look back from {}.",
            from.format("%-d %B %Y")
        );
        return Err(Error::Rule(words));
    }
    let mut found = Vec::new();
    if worked.is_none() {
        found.push(problem("worked", "required", "Choose whether it worked"));
    }
    let words = words.trim();
    if words.is_empty() || words.chars().count() > 5_000 {
        found.push(problem(
            "look_words",
            "required",
            "Say what shows it, in 5,000 characters or fewer",
        ));
    }
    let (Some(worked), true) = (worked, found.is_empty()) else {
        return Err(Error::Invalid(found));
    };
    let mut said = said_of(&row);
    let months = if said.contains_key("look_6") { 12 } else { 6 };
    said.insert(format!("look_{months}"), worked.as_str().to_owned());
    said.insert(format!("look_{months}_words"), words.to_owned());
    said.insert(format!("look_{months}_on"), ctx.today().to_string());
    row.body = stored(&said)?;
    row.look_on = (months == 6).then(|| closed + Months::new(12));
    let event = Event::LookedBack {
        action_id: id.to_owned(),
        months,
        worked,
        on: None,
    };
    save(tx, ctx, &mut row, &event)
}

//! The end of one: the proof that the person who must act was told, closing it with its evidence, and looking back.

use chrono::{Months, NaiveDate};

use super::{OWNED, kept, open, said_of, save, stored};
use crate::casework::gather::given_reason;
use crate::casework::people::problem;
use crate::casework::{Context, Error, Outcome};
use crate::domain::action::{Kind, State, Worked};
use crate::domain::event::Event;
use crate::store::Tx;
use crate::store::actions::Action;

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

//! Recording that a person sent a letter: to a family it is a contact in the family's log, of a recommendation the proof
//! that the law asks for, and in every case a line on the timeline. Must not send anything.

use chrono::NaiveDate;

use super::{chosen, reach, recorded_under};
use crate::casework::people::problem;
use crate::casework::{Context, Error, Outcome, actions, family, record};
use crate::domain::event::Event;
use crate::domain::family::{Part, Said};
use crate::domain::form::Problem;
use crate::domain::letter::{About, For, Template};
use crate::domain::permission::may;
use crate::store::{Tx, actions as store};

/// What is said of the sending. `problems` are what a page could not read of it.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// Whom or what it was about, where that has to be chosen.
    pub to: String,
    pub on: Option<NaiveDate>,
    /// How it was sent, and where the proof is.
    pub how: String,
    pub problems: Vec<Problem>,
}

/// The longest that can be said of how it was sent.
const LONGEST: usize = 1_000;

/// Records that a letter was sent.
pub fn sent(
    tx: &mut Tx<'_>,
    ctx: &Context,
    reference: &str,
    code: &str,
    given: &Given,
) -> Outcome<()> {
    let (case, facts, template) = reach(tx.conn(), ctx, reference, code)?;
    if !may(&ctx.actor, recorded_under(template), &facts) {
        let words = "Somebody who keeps the family’s part of the case records this.";
        return Err(Error::Rule(words.into()));
    }
    let mut found = given.problems.clone();
    let to = match chosen(tx.conn(), ctx, &case, template, Some(&given.to)) {
        Ok(to) => to,
        Err(Error::Invalid(mut wrong)) => {
            // The page asks twice: for the file, and here.
            for problem in &mut wrong {
                "sent_to".clone_into(&mut problem.field);
            }
            found.append(&mut wrong);
            None
        }
        Err(other) => return Err(other),
    };
    let on = judge(ctx, given, &mut found)?;
    let how = given.how.trim();
    match (template.to.about(), &to) {
        (About::Person, Some(to)) => {
            let said = contact(ctx, template, &to.id, on, how);
            let given = family::Given {
                said,
                // The page of the letter says so.
                warned: Some(on),
                ..family::Given::default()
            };
            family::save(tx, ctx, reference, Part::Contacts, given)?;
        }
        (About::Recommendation, Some(to)) => proof(tx, ctx, &to.id, on, how)?,
        _ => {}
    }
    let event = Event::LetterSent {
        letter: template.title.clone(),
        to: template.to.label().to_owned(),
        on,
    };
    record(tx, ctx, Some(&case.id), None, &event)
}

fn judge(ctx: &Context, given: &Given, found: &mut Vec<Problem>) -> Outcome<NaiveDate> {
    let on = given.on.filter(|day| *day <= ctx.today());
    if on.is_none() && found.iter().all(|p| p.field != "sent_on") {
        let words = "Enter the day on which it was sent: today or earlier";
        found.push(problem("sent_on", "required", words));
    }
    let how = given.how.trim();
    if how.is_empty() || how.chars().count() > LONGEST {
        let words = "Say how it was sent, in 1,000 characters or fewer";
        found.push(problem("sent_how", "required", words));
    }
    match on {
        Some(on) if found.is_empty() => Ok(on),
        _ => Err(Error::Invalid(std::mem::take(found))),
    }
}

/// The line in the family's log of contacts.
fn contact(ctx: &Context, template: &Template, who: &str, on: NaiveDate, how: &str) -> Said {
    let channel = match template.to {
        For::KeyWorker => "key_worker",
        _ => "letter",
    };
    let pairs = [
        ("day", on.to_string()),
        ("who", who.to_owned()),
        ("channel", channel.to_owned()),
        ("by", ctx.actor.label()),
        ("what", format!("{}. {how}", template.title)),
    ];
    let pairs = pairs.into_iter();
    pairs.map(|(name, text)| (name.to_owned(), text)).collect()
}

/// The proof on a recommendation; the first one stays.
fn proof(tx: &mut Tx<'_>, ctx: &Context, id: &str, on: NaiveDate, how: &str) -> Outcome<()> {
    tx.hold(&format!("action:{id}"))?;
    let row = store::get(tx.conn(), id)?.ok_or(Error::NotFound)?;
    if actions::said_of(&row).contains_key("sent_on") {
        let words = "It is recorded already that the person who must act was told. The record is on the page of the recommendation.";
        return Err(Error::Rule(words.into()));
    }
    actions::sent(tx, ctx, id, row.version, Some(on), how)
}

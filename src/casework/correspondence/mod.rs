//! Letters from templates: which there are for a case, writing one into a file to edit, and recording that a person sent
//! it. Nothing is sent from here. Must not know what a file looks like inside, nor how a page asks.

mod minutes;
mod panel;
mod sent;
mod values;

pub use minutes::minutes;
pub use panel::invitation;
pub use sent::{Given, sent};

use chrono::NaiveDate;

use super::{Context, Error, Outcome, access, actions, family, meetings, record};
use crate::domain::action;
use crate::domain::event::Event;
use crate::domain::family::{Part, Said, is_quiet};
use crate::domain::letter::{About, Block, Template, Values};
use crate::domain::meeting;
use crate::domain::permission::{Facts, Verb, may};
use crate::store::cases::Case;
use crate::store::{Conn, Tx, actions as store, meetings as held};

/// One that a letter can be about: a parent or carer, a recommendation, a meeting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub id: String,
    pub words: String,
    /// What the writer should know before writing.
    pub hint: String,
}

/// What a letter is written from.
#[derive(Clone, Debug)]
pub struct Sheet {
    pub blocks: Vec<Block>,
}

/// The verb that this template asks for.
pub const fn verb_of(template: &Template) -> Verb {
    if template.to.is_family() {
        Verb::WriteFamilyLetter
    } else {
        Verb::WriteLetter
    }
}

/// The verb under which it is recorded that this was sent.
pub const fn recorded_under(template: &Template) -> Verb {
    match template.to.about() {
        About::Person => Verb::KeepFamily,
        About::Recommendation => Verb::KeepAction,
        About::Meeting | About::Nothing => Verb::WriteLetter,
    }
}

/// The case, and the letters that this person may write about it.
pub fn shelf<'a>(
    conn: &mut Conn,
    ctx: &'a Context,
    reference: &str,
) -> Outcome<(Case, Facts, Vec<&'a Template>)> {
    let (case, facts) = access::reach(conn, ctx, reference, Verb::WriteFamilyLetter)?;
    let mine = ctx.house.letters.all();
    let mine = mine.filter(|t| may(&ctx.actor, verb_of(t), &facts));
    Ok((case, facts, mine.collect()))
}

/// One letter about a case.
pub fn reach<'a>(
    conn: &mut Conn,
    ctx: &'a Context,
    reference: &str,
    code: &str,
) -> Outcome<(Case, Facts, &'a Template)> {
    let template = ctx.house.letters.get(code);
    let verb = template.map_or(Verb::WriteFamilyLetter, verb_of);
    let (case, facts) = access::reach(conn, ctx, reference, verb)?;
    Ok((case, facts, template.ok_or(Error::NotFound)?))
}

/// Whether a letter that this person may write says who the child was. Nothing of the case is shown.
pub fn identifies(conn: &mut Conn, ctx: &Context, reference: &str, code: &str) -> Outcome<bool> {
    let (_, _, template) = reach(conn, ctx, reference, code)?;
    ctx.noted.forget_seen();
    Ok(template.to.identifies())
}

/// What a letter from this template can be about.
pub fn choices(
    conn: &mut Conn,
    ctx: &Context,
    case: &Case,
    template: &Template,
) -> Outcome<Vec<Choice>> {
    match template.to.about() {
        About::Nothing => Ok(Vec::new()),
        About::Person => people(conn, ctx, case),
        About::Recommendation => recommendations(conn, case),
        About::Meeting => planned(conn, case),
    }
}

/// Parents and carers.
fn people(conn: &mut Conn, ctx: &Context, case: &Case) -> Outcome<Vec<Choice>> {
    let all = family::of_case(conn, ctx, case)?.into_iter();
    Ok(all
        .filter(|e| e.part == Part::People)
        .map(|e| Choice {
            words: e.said.get("name").cloned().unwrap_or_default(),
            hint: wishes(&e.said, ctx.today()),
            id: e.id,
        })
        .collect())
}

/// Recommendations that are open.
fn recommendations(conn: &mut Conn, case: &Case) -> Outcome<Vec<Choice>> {
    let mut all = Vec::new();
    for row in store::of_case(conn, &case.id)? {
        let open = actions::state_of(&row)? == action::State::Open;
        if open && actions::kind_of(&row)? == action::Kind::Recommendation {
            let said = actions::said_of(&row);
            let word = |name: &str| said.get(name).cloned().unwrap_or_default();
            all.push(Choice {
                id: row.id,
                words: word("what"),
                hint: word("owner"),
            });
        }
    }
    Ok(all)
}

/// Meetings still to come.
fn planned(conn: &mut Conn, case: &Case) -> Outcome<Vec<Choice>> {
    let mut all = Vec::new();
    for row in held::of_case(conn, &case.id)? {
        if meetings::state_of(&row)? == meeting::State::Planned {
            all.push(Choice {
                words: meetings::purpose_of(&row)?.label().to_owned(),
                hint: super::letters::when(row.starts_at, row.minutes_long),
                id: row.id,
            });
        }
    }
    Ok(all)
}

/// What a parent or carer said of being written to.
fn wishes(said: &Said, today: NaiveDate) -> String {
    let get = |name: &str| said.get(name).map(String::as_str);
    let mut hints = Vec::new();
    if is_quiet(said, today) {
        hints.push("Today is a day on which not to call them".to_owned());
    }
    if get("contact_wish") == Some("no") {
        hints.push("Wishes no contact about the review".to_owned());
    }
    if get("interpreter") == Some("yes") {
        let language = get("language").unwrap_or("language not recorded");
        hints.push(format!("Needs an interpreter ({language})"));
    }
    if let Some(days) = get("quiet_days") {
        hints.push(format!("Days on which not to call: {days}"));
    }
    if get("apart") == Some("yes") {
        hints.push("The other parent must not see this address".to_owned());
    }
    hints.join(". ")
}

/// The one that was chosen; another case's is not there.
fn chosen(
    conn: &mut Conn,
    ctx: &Context,
    case: &Case,
    template: &Template,
    id: Option<&str>,
) -> Outcome<Option<Choice>> {
    if template.to.about() == About::Nothing {
        return Ok(None);
    }
    let (none, ask) = match template.to.about() {
        About::Recommendation => (
            "No recommendation is open on this case.",
            "Choose which recommendation it is about",
        ),
        About::Meeting => (
            "No meeting is arranged on this case.",
            "Choose which meeting it is about",
        ),
        _ => (
            "No parent or carer is recorded on this case.",
            "Choose whom it is for",
        ),
    };
    let all = choices(conn, ctx, case, template)?;
    match id.filter(|id| !id.is_empty()) {
        Some(id) => {
            let found = all.into_iter().find(|choice| choice.id == id);
            found.map(Some).ok_or(Error::NotFound)
        }
        None if all.is_empty() => Err(Error::Rule(none.into())),
        None => {
            let missing = super::people::problem("to", "required", ask);
            Err(Error::Invalid(vec![missing]))
        }
    }
}

/// Writes a letter. That it was written is recorded before anything of it leaves.
pub fn write(
    tx: &mut Tx<'_>,
    ctx: &Context,
    reference: &str,
    code: &str,
    to: Option<&str>,
) -> Outcome<Sheet> {
    let (case, _, template) = reach(tx.conn(), ctx, reference, code)?;
    let choice = chosen(tx.conn(), ctx, &case, template, to)?;
    let values = values::of(tx.conn(), ctx, &case, template, choice.as_ref())?;
    leave(tx, ctx, Some(&case.id), None, template, &values)
}

/// The file, once it is recorded of which case or which panel it was written.
fn leave(
    tx: &mut Tx<'_>,
    ctx: &Context,
    case_id: Option<&str>,
    about: Option<&str>,
    template: &Template,
    values: &Values,
) -> Outcome<Sheet> {
    let event = Event::LetterMade {
        letter: template.title.clone(),
    };
    record(tx, ctx, case_id, about, &event)?;
    Ok(Sheet {
        blocks: template.filled(values),
    })
}

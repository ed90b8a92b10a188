//! Who is asked to a meeting, what they answered, and telling them. Must not know what is discussed.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{kept, planned, tell};
use crate::casework::letters::{News, Told};
use crate::casework::people::problem;
use crate::casework::{Context, Error, Outcome, gather, record};
use crate::domain::actor::Role;
use crate::domain::duplicate::fold;
use crate::domain::event::Event;
use crate::domain::form::Problem;
use crate::domain::meeting::{Attendance, Purpose, Reply};
use crate::store::cases::Case;
use crate::store::meetings::{self as store, Invited, Meeting};
use crate::store::{Conn, Tx, accounts, case_people, merges, requests};

/// Somebody to put down.
#[derive(Clone, Debug, Default)]
pub struct Person {
    pub name: String,
    pub role: String,
    pub agency: String,
    pub email: String,
    pub is_chair: bool,
    /// In the child's care.
    pub was_involved: bool,
}

/// More people than any such meeting has.
const MOST: usize = 60;

/// Somebody as the trail keeps them.
pub(in crate::casework) fn told(row: &Invited) -> Value {
    json!({
        "person": row.id, "name": row.name, "role": row.role, "agency": row.agency, "email": row.email,
        "is_chair": row.is_chair, "was_involved": row.was_involved, "reply": row.reply,
    })
}

fn changed(
    tx: &mut Tx<'_>,
    ctx: &Context,
    row: &Meeting,
    purpose: Purpose,
    (before, after): (Option<Value>, Option<Value>),
) -> Outcome<()> {
    let event = Event::MeetingPeopleChanged {
        meeting_id: row.id.clone(),
        purpose,
        before,
        after,
    };
    record(tx, ctx, row.case_id.as_deref(), Some(&row.id), &event)?;
    super::refresh(tx, ctx, row)
}

/// Puts somebody down for a meeting. An account with the same address is found by itself.
pub fn put_down(
    tx: &mut Tx<'_>,
    ctx: &Context,
    id: &str,
    version: i32,
    person: &Person,
) -> Outcome<()> {
    let (mut row, _, purpose) = kept(tx, ctx, id, version)?;
    planned(&row)?;
    let there = store::people_of(tx.conn(), id)?;
    judge(ctx, person, &there)?;
    let email = Some(person.email.trim().to_owned()).filter(|email| !email.is_empty());
    let user_id = match &email {
        Some(email) => accounts::by_email(tx.conn(), email)?.map(|user| user.id),
        None => None,
    };
    let invited = Invited {
        id: ctx.new_id(),
        meeting_id: id.to_owned(),
        user_id,
        agency: Some(person.agency.clone()).filter(|agency| !agency.is_empty()),
        is_chair: person.is_chair,
        was_involved: person.was_involved,
        reply: Reply::Waiting.as_str().to_owned(),
        attendance: Attendance::Unknown.as_str().to_owned(),
        invited: None,
        created_at: ctx.stamp(),
        updated_at: ctx.stamp(),
        version: 1,
        name: person.name.trim().to_owned(),
        role: person.role.trim().to_owned(),
        email,
    };
    store::invite(tx, &invited)?;
    super::save(tx, ctx, &mut row)?;
    changed(tx, ctx, &row, purpose, (None, Some(told(&invited))))
}

fn judge(ctx: &Context, person: &Person, there: &[Invited]) -> Outcome<()> {
    let mut found: Vec<Problem> = Vec::new();
    let mut wrong = |field: &str, rule: &str, words: &str| found.push(problem(field, rule, words));
    let fits = |text: &str| !text.trim().is_empty() && text.chars().count() <= 200;
    if !fits(&person.name) {
        wrong(
            "name",
            "required",
            "Enter the name of the person, in 200 characters or fewer",
        );
    }
    if !fits(&person.role) {
        wrong(
            "role",
            "required",
            "Enter what the person does, such as consultant paediatrician",
        );
    }
    let agency = &person.agency;
    if !agency.is_empty() && ctx.house.dictionary().code("agency", agency).is_none() {
        wrong("agency", "code", "Choose an agency from the list");
    }
    let email = person.email.trim();
    if !email.is_empty() && !validator::ValidateEmail::validate_email(&email) {
        wrong(
            "email",
            "email",
            "Enter an email address in the right form, such as name@example.nhs.uk",
        );
    }
    let known = |row: &Invited| {
        row.email
            .as_deref()
            .is_some_and(|e| e.eq_ignore_ascii_case(email))
    };
    if !email.is_empty() && there.iter().any(known) {
        wrong(
            "email",
            "there",
            "Somebody with this address is asked already",
        );
    }
    if person.is_chair && there.iter().any(|row| row.is_chair) {
        wrong(
            "is_chair",
            "one",
            "Another person chairs already. Take that person off first",
        );
    }
    if person.is_chair && person.was_involved {
        wrong(
            "is_chair",
            "involved",
            "Whoever was involved in the child’s care does not chair the meeting",
        );
    }
    if there.len() >= MOST {
        wrong("name", "many", "Sixty people are asked already");
    }
    if found.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(found))
    }
}

/// What speaks for somebody having been in the child's care, in words, by the person put down: they were asked what their
/// agency knows of the child, or are on the case otherwise than to chair its meeting. It is a person who asks them.
pub fn beside_the_care(
    conn: &mut Conn,
    ctx: &Context,
    case: &Case,
    people: &[Invited],
) -> Outcome<BTreeMap<String, String>> {
    let together = merges::together(conn, &case.id)?;
    let asked = requests::of_cases(conn, &together)?;
    let assigned = case_people::of_case(conn, &case.id)?;
    let told = people.iter().filter_map(|person| {
        let of_request = |row: &&requests::Request| {
            let address = person.email.as_deref().map(str::to_lowercase);
            address.is_some_and(|address| address == row.email.trim().to_lowercase())
                || fold(&person.name) == fold(&row.recipient)
        };
        if let Some(row) = asked.iter().find(of_request) {
            let agency = gather::agency_label(ctx, &row.agency);
            let words = format!("they were asked about the child, for {agency}");
            return Some((person.id.clone(), words));
        }
        let on_case = |(place, _): &&(case_people::Place, String)| {
            person.user_id.as_ref() == Some(&place.user_id)
                && place.role != Role::CdrmChair.as_str()
        };
        let (place, _) = assigned.iter().find(on_case)?;
        let role = place.role.parse::<Role>().ok()?;
        let words = format!(
            "they are assigned to the case as {}",
            role.label().to_lowercase()
        );
        Some((person.id.clone(), words))
    });
    Ok(told.collect())
}

fn one(tx: &mut Tx<'_>, meeting: &str, person: &str) -> Outcome<Invited> {
    store::invited(tx.conn(), person)?
        .filter(|row| row.meeting_id == meeting)
        .ok_or(Error::NotFound)
}

/// Records what somebody answered.
pub fn reply(
    tx: &mut Tx<'_>,
    ctx: &Context,
    id: &str,
    version: i32,
    person: &str,
    answer: Reply,
) -> Outcome<()> {
    let (mut row, _, purpose) = kept(tx, ctx, id, version)?;
    planned(&row)?;
    let mut invited = one(tx, id, person)?;
    let before = Some(told(&invited));
    answer.as_str().clone_into(&mut invited.reply);
    invited.updated_at = ctx.stamp();
    if !store::save_invited(tx, &invited)? {
        return Err(Error::Stale);
    }
    super::save(tx, ctx, &mut row)?;
    let after = Some(told(&invited));
    changed(tx, ctx, &row, purpose, (before, after))
}

/// Takes somebody off; whoever was invited is told that the meeting is not for them.
pub fn take_off(
    tx: &mut Tx<'_>,
    ctx: &Context,
    id: &str,
    version: i32,
    person: &str,
) -> Outcome<()> {
    let (mut row, case, purpose) = kept(tx, ctx, id, version)?;
    planned(&row)?;
    let invited = one(tx, id, person)?;
    if invited.invited.is_some() {
        // One more, so that calendars take an invitation after this one for the newer. The others know the time already.
        let now = row.sequence;
        row.sequence += 1;
        for mut other in store::people_of(tx.conn(), id)? {
            if other.invited == Some(now) && other.id != invited.id {
                other.invited = Some(row.sequence);
                if !store::save_invited(tx, &other)? {
                    return Err(Error::Stale);
                }
            }
        }
    }
    super::save(tx, ctx, &mut row)?;
    if invited.invited.is_some() {
        write(
            tx,
            ctx,
            case.as_ref(),
            &row,
            purpose,
            &invited,
            News::NotAsked,
        )?;
    }
    store::remove_invited(tx, &invited.id)?;
    changed(tx, ctx, &row, purpose, (Some(told(&invited)), None))
}

/// Invites everybody who was not told yet. Says how many letters were written.
pub fn send(tx: &mut Tx<'_>, ctx: &Context, id: &str, version: i32) -> Outcome<usize> {
    let (mut row, case, purpose) = kept(tx, ctx, id, version)?;
    planned(&row)?;
    super::about_goes_on(case.as_ref())?;
    let mut letters = 0;
    for mut invited in store::people_of(tx.conn(), id)? {
        if invited.email.is_none() || invited.invited.is_some() {
            continue;
        }
        write(tx, ctx, case.as_ref(), &row, purpose, &invited, News::Asked)?;
        invited.invited = Some(row.sequence);
        if !store::save_invited(tx, &invited)? {
            return Err(Error::Stale);
        }
        letters += 1;
    }
    if letters == 0 {
        let words = "Everybody with an address was told already. Put down whoever else is to come.";
        return Err(Error::Rule(words.into()));
    }
    super::save(tx, ctx, &mut row)?;
    let event = Event::MeetingInvited {
        meeting_id: row.id.clone(),
        purpose,
        letters,
    };
    record(tx, ctx, row.case_id.as_deref(), Some(&row.id), &event)?;
    super::refresh(tx, ctx, &row)?;
    Ok(letters)
}

/// Tells everybody who was invited that it moved or does not take place.
pub(super) fn tell_again(
    tx: &mut Tx<'_>,
    ctx: &Context,
    case: Option<&Case>,
    row: &Meeting,
    purpose: Purpose,
    news: News,
) -> Outcome<()> {
    for mut invited in store::people_of(tx.conn(), &row.id)? {
        if invited.invited.is_none() {
            continue;
        }
        write(tx, ctx, case, row, purpose, &invited, news)?;
        invited.invited = Some(row.sequence);
        // Who could come at another time has to say so anew.
        Reply::Waiting.as_str().clone_into(&mut invited.reply);
        if !store::save_invited(tx, &invited)? {
            return Err(Error::Stale);
        }
    }
    Ok(())
}

fn write(
    tx: &mut Tx<'_>,
    ctx: &Context,
    case: Option<&Case>,
    row: &Meeting,
    purpose: Purpose,
    invited: &Invited,
    news: News,
) -> Outcome<()> {
    let Some(to) = &invited.email else {
        return Ok(());
    };
    let told = Told {
        meeting: row,
        purpose,
        reference: None,
        to,
        person_id: &invited.id,
        news,
    };
    tell(tx, ctx, case, told)
}

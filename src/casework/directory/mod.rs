//! The directory of those who can be asked: kept by people or from a file, with whoever stands in, and how requests
//! to each fared. Must not know what a case needs, nor send anything.

mod hold;
mod import;

use chrono::NaiveDate;

use super::people::problem;
use super::{Context, Error, House, Outcome, record};
use crate::domain::address::fold;
use crate::domain::event::{Event, differing};
use crate::domain::form::Problem;
use crate::domain::permission::{Facts, Verb};
use crate::store::contacts::{self, Contact, Fared};
use crate::store::{Conn, Tx};

pub use hold::{
    Held, Holds, Shown as ShownHold, asked_of, history as holds, hold, release, resting,
};
pub use import::{Import, Line, Outcome as LineOutcome, import, read};

/// The longest name or address, in characters, as for every short text.
const LONGEST: usize = 200;

/// What is typed of a contact.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Typed {
    pub agency: String,
    pub professional_type: String,
    pub organisation: String,
    pub district: String,
    pub name: String,
    pub email: String,
    pub deputy_name: String,
    pub deputy_email: String,
    pub away_from: Option<NaiveDate>,
    pub away_to: Option<NaiveDate>,
}

/// A contact as lists show it.
#[derive(Clone, Debug)]
pub struct Listed {
    pub contact: Contact,
    pub fared: Fared,
    /// Away today.
    pub away: bool,
}

impl Listed {
    /// To whom a request goes today: the person, or whoever stands in while they are away.
    pub fn reached(&self) -> (&str, &str) {
        let of = &self.contact;
        match (&of.deputy_name, &of.deputy_email) {
            (Some(name), Some(email)) if self.away => (name, email),
            _ => (&of.name, &of.email),
        }
    }

    /// Whether all these words stand somewhere in it.
    fn holds(&self, ctx: &Context, words: &[String]) -> bool {
        let of = &self.contact;
        let all = [
            Some(of.name.clone()),
            Some(of.email.clone()),
            of.organisation.clone(),
            district_name(ctx, of).map(str::to_owned),
            of.deputy_name.clone(),
            Some(super::gather::agency_label(ctx, &of.agency)),
        ];
        let text = all
            .into_iter()
            .flatten()
            .map(|t| fold(&t))
            .collect::<Vec<_>>();
        words
            .iter()
            .all(|word| text.iter().any(|t| t.contains(word)))
    }
}

/// Name of the district that somebody is for.
pub fn district_name<'a>(ctx: &'a Context, of: &Contact) -> Option<&'a str> {
    ctx.house.organisation_name(of.district.as_deref()?)
}

/// Whether somebody is away on a day.
fn is_away(of: &Contact, today: NaiveDate) -> bool {
    match (of.away_from, of.away_to) {
        (None, None) => false,
        (from, to) => from.is_none_or(|day| day <= today) && to.is_none_or(|day| today <= day),
    }
}

/// Everybody in the directory; narrowed to an agency and to words, where those are given.
pub fn list(conn: &mut Conn, ctx: &Context, agency: &str, words: &str) -> Outcome<Vec<Listed>> {
    ctx.allow(Verb::SeeDirectory, &Facts::default())?;
    let fared = contacts::fared(conn)?;
    let words: Vec<String> = words.split_whitespace().map(fold).collect();
    let mut all: Vec<Listed> = contacts::all(conn)?
        .into_iter()
        .map(|contact| Listed {
            away: is_away(&contact, ctx.today()),
            fared: since(
                &contact,
                fared.get(&contact.id).copied().unwrap_or_default(),
            ),
            contact,
        })
        .filter(|one| agency.is_empty() || one.contact.agency == agency)
        .filter(|one| one.holds(ctx, &words))
        .collect();
    all.sort_by_key(|one| (one.contact.agency.clone(), fold(&one.contact.name)));
    Ok(all)
}

/// A mail that came back says nothing any more once the contact was changed, or answered.
fn since(of: &Contact, fared: Fared) -> Fared {
    let newest = fared.replied_at.max(Some(of.updated_at));
    Fared {
        bounced_at: fared.bounced_at.filter(|at| Some(*at) > newest),
        ..fared
    }
}

/// One contact, for whoever may see the directory.
pub fn get(conn: &mut Conn, ctx: &Context, id: &str) -> Outcome<Contact> {
    ctx.allow(Verb::SeeDirectory, &Facts::default())?;
    contacts::get(conn, id)?
        .filter(|row| row.ended_at.is_none())
        .ok_or(Error::NotFound)
}

/// Whom a death asks for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted<'a> {
    pub agency: &'a str,
    pub professional_type: Option<&'a str>,
    /// The district of the child's home.
    pub district: Option<&'a str>,
    /// Where the child died, as it was typed.
    pub died_at: Option<&'a str>,
    /// Where the child was born, as it was typed.
    pub born_at: Option<&'a str>,
}

/// A place of the child's that a contact's organisation stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stood {
    Birth,
    Death,
}

impl Stood {
    /// Why somebody is proposed before others.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Death => "This contact is of the organisation where the child died.",
            Self::Birth => "This contact is of the organisation where the child was born.",
        }
    }
}

/// Agencies that are themselves places of care, where a child can die.
const OF_DEATH: [&str; 6] = [
    "hospital_paeds",
    "hospital_other",
    "emergency_dept",
    "neonatal",
    "tertiary",
    "palliative",
];
/// Agencies that are of the place of birth.
const OF_BIRTH: [&str; 2] = ["maternity", "neonatal"];

/// Which place of the child's a contact's organisation stands for, where that counts for its agency.
fn stood(house: &House, of: &Contact, wanted: &Wanted<'_>) -> Option<Stood> {
    let organisation = of.organisation.as_deref()?;
    let at = |places: &[&str], place: Option<&str>| {
        places.contains(&wanted.agency) && place.is_some_and(|p| names(house, p, organisation))
    };
    if at(&OF_DEATH, wanted.died_at) {
        Some(Stood::Death)
    } else if at(&OF_BIRTH, wanted.born_at) {
        Some(Stood::Birth)
    } else {
        None
    }
}

/// Whether the words for a place, which go on with a ward or site, name an organisation.
fn names(house: &House, place: &str, organisation: &str) -> bool {
    let plain = |text: &str| -> String {
        let text = fold(text);
        let words = text.split(|c: char| !c.is_alphanumeric());
        let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
        format!(" {} ", words.join(" "))
    };
    let full = house
        .organisation_name(organisation)
        .unwrap_or(organisation);
    let (place_words, words) = (plain(place), plain(full));
    let within = !words.trim().is_empty() && place_words.contains(&words);
    within || house.is_one_organisation(place, organisation)
}

/// The best known to ask of an agency for a death: of a place of care, one of the place where the child died; one of the
/// profession that is asked for, or of none, before one of another; one for the district of the child's home before one for
/// the whole area; one that answered before one that never did; never one whose mail came back.
pub fn best<'a>(
    house: &House,
    all: &'a [Listed],
    wanted: &Wanted<'_>,
) -> Option<(&'a Listed, Option<Stood>)> {
    let wants = wanted.professional_type.filter(|kind| !kind.is_empty());
    all.iter()
        .filter(|one| one.contact.agency == wanted.agency && one.fared.bounced_at.is_none())
        .filter(|one| !one.away || one.contact.deputy_email.is_some())
        .map(|one| (one, stood(house, &one.contact, wanted)))
        .filter(|(one, stood)| {
            let of = one.contact.district.as_deref();
            stood.is_some() || of.is_none() || of == wanted.district
        })
        .max_by_key(|(one, stood)| {
            let is = one.contact.professional_type.as_deref();
            let another = wants.is_some() && is.is_some() && is != wants;
            let same = wants.is_some() && is == wants;
            let near = one.contact.district.is_some()
                && one.contact.district.as_deref() == wanted.district;
            (*stood, !another, near, same, one.fared.replied_at)
        })
}

/// What is wrong with what was typed.
pub fn faults(ctx: &Context, typed: &Typed) -> Vec<Problem> {
    let mut found = Vec::new();
    let mut say = |field: &str, rule: &str, words: &str| found.push(problem(field, rule, words));
    let dict = ctx.house.dictionary();
    let email = |text: &str| validator::ValidateEmail::validate_email(&text);
    if dict.code("agency", &typed.agency).is_none() {
        say("agency", "required", "Choose the agency");
    }
    let kind = &typed.professional_type;
    if !kind.is_empty() && dict.code("professional_type", kind).is_none() {
        say(
            "professional_type",
            "code",
            "Choose the professional type from the list",
        );
    }
    if typed.name.is_empty() {
        say("name", "required", "Enter the name of the person or team");
    }
    if !email(&typed.email) {
        say(
            "email",
            "email",
            "Enter an email address, such as name@nhs.net",
        );
    }
    if !typed.district.is_empty() && !ctx.house.area.districts.contains_key(&typed.district) {
        say("district", "code", "Choose the district from the list");
    }
    if typed.deputy_name.is_empty() != typed.deputy_email.is_empty() {
        say(
            "deputy_email",
            "required",
            "Enter both the name and the email address of the deputy, or neither",
        );
    } else if !typed.deputy_email.is_empty() && !email(&typed.deputy_email) {
        say(
            "deputy_email",
            "email",
            "Enter an email address for the deputy, such as name@nhs.net",
        );
    }
    if let (Some(from), Some(to)) = (typed.away_from, typed.away_to)
        && to < from
    {
        say(
            "away_to",
            "order",
            "The last day away must be the first or later",
        );
    }
    let short = [
        ("name", &typed.name),
        ("email", &typed.email),
        ("organisation", &typed.organisation),
        ("deputy_name", &typed.deputy_name),
        ("deputy_email", &typed.deputy_email),
    ];
    for (field, text) in short {
        if text.chars().count() > LONGEST {
            say(field, "length", "Use 200 characters or fewer");
        }
    }
    found
}

fn some(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// A contact as it was typed.
fn row(ctx: &Context, typed: &Typed, id: String, version: i32) -> Contact {
    Contact {
        id,
        agency: typed.agency.clone(),
        professional_type: some(&typed.professional_type),
        organisation: some(&typed.organisation),
        district: some(&typed.district),
        away_from: typed.away_from,
        away_to: typed.away_to,
        ended_at: None,
        updated_at: ctx.stamp(),
        version,
        name: typed.name.trim().to_owned(),
        email: typed.email.trim().to_owned(),
        deputy_name: some(&typed.deputy_name),
        deputy_email: some(&typed.deputy_email),
    }
}

/// What was typed, from a contact.
pub fn typed_of(contact: &Contact) -> Typed {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    Typed {
        agency: contact.agency.clone(),
        professional_type: text(&contact.professional_type),
        organisation: text(&contact.organisation),
        district: text(&contact.district),
        name: contact.name.clone(),
        email: contact.email.clone(),
        deputy_name: text(&contact.deputy_name),
        deputy_email: text(&contact.deputy_email),
        away_from: contact.away_from,
        away_to: contact.away_to,
    }
}

/// Adds somebody to the directory.
pub fn add(tx: &mut Tx<'_>, ctx: &Context, typed: &Typed) -> Outcome<String> {
    ctx.allow(Verb::KeepDirectory, &Facts::default())?;
    let found = faults(ctx, typed);
    if !found.is_empty() {
        return Err(Error::Invalid(found));
    }
    let before = contacts::by_address(tx.conn(), &typed.agency, &typed.email)?;
    let id = match before {
        // Whoever was taken out comes back as the same, with what was asked of them.
        Some(old) if old.ended_at.is_some() => {
            let next = row(ctx, typed, old.id.clone(), old.version);
            if !contacts::save(tx, &next)? {
                return Err(Error::Stale);
            }
            old.id
        }
        Some(_) => return Err(Error::Invalid(vec![there_already()])),
        None => {
            let id = ctx.new_id();
            if !contacts::insert(tx, &row(ctx, typed, id.clone(), 1))? {
                return Err(Error::Invalid(vec![there_already()]));
            }
            id
        }
    };
    let event = Event::ContactAdded {
        contact_id: id.clone(),
        agency: super::gather::agency_label(ctx, &typed.agency),
    };
    record(tx, ctx, None, Some(&id), &event)?;
    Ok(id)
}

fn there_already() -> Problem {
    let words = "The directory has this email address for this agency already";
    problem("email", "unique", words)
}

/// Changes a contact.
pub fn change(
    tx: &mut Tx<'_>,
    ctx: &Context,
    id: &str,
    version: i32,
    typed: &Typed,
) -> Outcome<()> {
    ctx.allow(Verb::KeepDirectory, &Facts::default())?;
    let old = get(tx.conn(), ctx, id)?;
    let mut found = faults(ctx, typed);
    let other = contacts::by_address(tx.conn(), &typed.agency, &typed.email)?;
    if other.is_some_and(|other| other.id != id) {
        found.push(there_already());
    }
    if !found.is_empty() {
        return Err(Error::Invalid(found));
    }
    let before = typed_of(&old);
    if old.version != version || !contacts::save(tx, &row(ctx, typed, old.id, version))? {
        return Err(Error::Stale);
    }
    changed(tx, ctx, id, &before, typed)
}

/// Notes what of a contact was changed, with what stood there before.
fn changed(tx: &mut Tx<'_>, ctx: &Context, id: &str, old: &Typed, new: &Typed) -> Outcome<()> {
    let all = |typed: &Typed| serde_json::to_value(typed).unwrap_or_default();
    let (before, after) = differing(all(old), all(new));
    let event = Event::ContactChanged {
        contact_id: id.to_owned(),
        agency: super::gather::agency_label(ctx, &new.agency),
        before,
        after,
    };
    record(tx, ctx, None, Some(id), &event)
}

/// Takes a contact out of the directory. Requests sent to them stay as they are.
pub fn end(tx: &mut Tx<'_>, ctx: &Context, id: &str, version: i32) -> Outcome<()> {
    ctx.allow(Verb::KeepDirectory, &Facts::default())?;
    let old = get(tx.conn(), ctx, id)?;
    let next = Contact {
        ended_at: Some(ctx.stamp()),
        ..old.clone()
    };
    if old.version != version || !contacts::save(tx, &next)? {
        return Err(Error::Stale);
    }
    let event = Event::ContactEnded {
        contact_id: id.to_owned(),
        agency: super::gather::agency_label(ctx, &old.agency),
    };
    record(tx, ctx, None, Some(id), &event)
}

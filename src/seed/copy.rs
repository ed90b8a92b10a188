//! Large caseloads: a case that was led through its whole life is written again, row by row, for another child
//! some whole weeks earlier. Every id, link, name, number, place and date in it is another one; states, answers,
//! timeline and kept counts are those of the first. What only the audit trail shows, mails and claims of links
//! are left out, so that a hundred thousand cases fit on a small machine. Must not know what the rows mean.

mod pattern;
mod template;

use chrono::{Datelike, Duration, NaiveDateTime};

use super::World;
use super::chance::Chance;
use super::names::{self, NhsNumbers};
use crate::casework::{Context, Error, Ids, Outcome, clocks, notify, secrets};
use crate::domain::actor::{Actor, Role};
use crate::domain::calendar::{london, utc_of_london};
use crate::domain::case::Reference;
use crate::domain::duplicate::fold;
use crate::store::cases::Case;
use crate::store::learning::{self, Features};
use crate::store::notifications::Notification;
use crate::store::requests::Request;
use crate::store::{Tx, cases, events, notifications, records, requests, responses};
use pattern::{Slot, Values};
pub use template::Template;

/// Another child, and how much earlier.
#[derive(Debug, Clone)]
pub struct Copy {
    pub weeks: i64,
    pub forenames: String,
    pub surname: String,
    pub mother: String,
    pub father: String,
    pub nhs_number: Option<String>,
    pub street: String,
    pub postcode: String,
    pub chance: Chance,
}

impl Copy {
    /// Another child than the one of a template.
    pub fn any(of: &Template, weeks: i64, numbers: &mut NhsNumbers, mut chance: Chance) -> Self {
        let unnamed = of.child.forenames == "Baby";
        let outward = of.child.postcode.split_whitespace().next();
        Self {
            weeks,
            forenames: if unnamed {
                "Baby".to_owned()
            } else {
                names::forename(&mut chance)
            },
            surname: names::double_surname(&mut chance),
            mother: names::forename(&mut chance),
            father: names::forename(&mut chance),
            nhs_number: numbers.next().filter(|_| of.child.nhs_number.is_some()),
            street: names::street(&mut chance),
            postcode: names::postcode(&mut chance, outward.unwrap_or_default()),
            chance,
        }
    }

    fn back(&self) -> Duration {
        Duration::weeks(self.weeks)
    }
}

/// The same time of the day in England so much earlier: what is due at the end of a day is so in winter and in summer.
fn earlier_in_england(at: NaiveDateTime, back: Duration) -> NaiveDateTime {
    utc_of_london(london(at.and_utc()) - back).naive_utc()
}

/// Writes a template once more, with its clocks when it is `clocked`: in a very large caseload they come when
/// something happens to a case.
pub fn write(
    tx: &mut Tx<'_>,
    world: &World,
    of: &Template,
    copy: &Copy,
    clocked: bool,
) -> Outcome<()> {
    let ids = Ids::sequence(copy.chance.branch("ids").seed());
    let died = of.case.date_of_death - copy.back();
    let number = cases::next_number(tx, died.year())?;
    let reference = Reference::new(
        &world.house.area.reference_prefix,
        died.year(),
        u32::try_from(number).unwrap_or(0),
    )
    .map_err(|_| Error::Internal("no reference could be made".into()))?
    .to_string();
    let values = of.values(|slot| value(slot, copy, &ids, &reference));
    let mut hand = Hand {
        tx,
        world,
        of,
        copy,
        ids,
        values,
    };
    hand.notifications()?;
    hand.case(&reference)?;
    hand.requests()?;
    hand.records()?;
    hand.features()?;
    hand.events()?;
    if clocked {
        hand.clocks()?;
    }
    Ok(())
}

fn value(slot: &Slot, copy: &Copy, ids: &Ids, reference: &str) -> String {
    match slot {
        Slot::Id(made) => ids.id(*made - copy.back()),
        Slot::Day(day) => (*day - copy.back()).to_string(),
        Slot::Case => reference.to_owned(),
        Slot::Notification(prefix) => format!("{prefix}-{}", ids.letters(8)),
        Slot::Forenames => copy.forenames.clone(),
        Slot::Surname => copy.surname.clone(),
        Slot::Mother => copy.mother.clone(),
        Slot::Father => copy.father.clone(),
        Slot::NhsNumber => copy.nhs_number.clone().unwrap_or_default(),
        Slot::Street => copy.street.clone(),
        Slot::Postcode => copy.postcode.clone(),
    }
}

/// One copy being written.
struct Hand<'a, 't> {
    tx: &'a mut Tx<'t>,
    world: &'a World,
    of: &'a Template,
    copy: &'a Copy,
    ids: Ids,
    values: Values,
}

impl Hand<'_, '_> {
    fn notifications(&mut self) -> Outcome<()> {
        let back = self.copy.back();
        let nobody = Context::new(&self.world.house, self.world.end, Actor::operator(), "seed");
        for (row, text) in &self.of.notifications {
            let id = self.values.of(&row.id);
            let code = secrets::normal_code(&notify::code(&nobody, &id));
            let row = Notification {
                code_hash: self.world.house.secrets.hash("notify-code", &code),
                reference: self.values.of(&row.reference),
                case_id: row.case_id.as_ref().map(|c| self.values.of(c)),
                answers: self.values.fill(text),
                nhs_number: row.nhs_number.as_ref().and(self.copy.nhs_number.clone()),
                surname_folded: fold(&self.copy.surname),
                forenames_folded: fold(&self.copy.forenames),
                created_at: row.created_at - back,
                updated_at: row.updated_at - back,
                sent_at: row.sent_at.map(|at| at - back),
                decided_at: row.decided_at.map(|at| at - back),
                date_of_birth: row.date_of_birth.map(|day| day - back),
                date_of_death: row.date_of_death.map(|day| day - back),
                id,
                ..row.clone()
            };
            notifications::insert(self.tx, &row)?;
        }
        Ok(())
    }

    fn case(&mut self, reference: &str) -> Outcome<()> {
        let (row, copy, back) = (&self.of.case, self.copy, self.copy.back());
        let far = row.next_due_at >= crate::casework::triage::never();
        let row = Case {
            id: self.values.of(&row.id),
            reference: reference.to_owned(),
            notification_id: self.values.of(&row.notification_id),
            opened_at: row.opened_at - back,
            display_name: format!("{} {}", copy.forenames, copy.surname),
            nhs_number: copy.nhs_number.clone(),
            surname_folded: fold(&copy.surname),
            forenames_folded: fold(&copy.forenames),
            date_of_birth: row.date_of_birth.map(|day| day - back),
            date_of_death: row.date_of_death - back,
            next_due_at: if far {
                row.next_due_at
            } else {
                earlier_in_england(row.next_due_at, back)
            },
            finalised_at: row.finalised_at.map(|at| at - back),
            national_notified_at: row.national_notified_at.map(|at| at - back),
            national_accepted_at: row.national_accepted_at.map(|at| at - back),
            updated_at: row.updated_at - back,
            ..row.clone()
        };
        Ok(cases::insert(self.tx, &row)?)
    }

    fn requests(&mut self) -> Outcome<()> {
        let back = self.copy.back();
        for row in &self.of.requests {
            let link = self.ids.link();
            let hash = |_: &String| self.world.house.secrets.hash("link", &link);
            let row = Request {
                id: self.values.of(&row.id),
                case_id: self.values.of(&row.case_id),
                link_hash: row.link_hash.as_ref().map(hash),
                link_expires_at: row.link_expires_at.map(|at| at - back),
                agreed_date: row.agreed_date - back,
                created_at: row.created_at - back,
                sent_at: row.sent_at.map(|at| at - back),
                opened_at: row.opened_at.map(|at| at - back),
                answered_at: row.answered_at.map(|at| at - back),
                closed_at: row.closed_at.map(|at| at - back),
                ..row.clone()
            };
            requests::insert(self.tx, &row)?;
        }
        for (row, text) in &self.of.responses {
            let row = responses::Response {
                id: self.values.of(&row.id),
                case_id: self.values.of(&row.case_id),
                request_id: self.values.of(&row.request_id),
                answers: self.values.fill(text),
                updated_at: row.updated_at - back,
                sent_at: row.sent_at.map(|at| at - back),
                accepted_at: row.accepted_at.map(|at| at - back),
                ..row.clone()
            };
            responses::insert(self.tx, &row)?;
        }
        Ok(())
    }

    fn records(&mut self) -> Outcome<()> {
        let back = self.copy.back();
        let case_id = self.values.of(&self.of.case.id);
        for (row, answers, sources) in &self.of.records {
            let row = records::Record {
                id: self.values.of(&row.id),
                case_id: case_id.clone(),
                answers: self.values.fill(answers),
                sources: self.values.fill(sources),
                updated_at: row.updated_at - back,
                ..row.clone()
            };
            records::insert(self.tx, &row)?;
        }
        let by = super::people::actor(Role::Coordinator).label();
        for (form, reason) in &self.of.waivers {
            let at = self.of.case.opened_at - back;
            requests::waive(self.tx, &case_id, form, reason, &by, at)?;
        }
        Ok(())
    }

    fn features(&mut self) -> Outcome<()> {
        let Some(row) = &self.of.features else {
            return Ok(());
        };
        let row = Features {
            id: self
                .ids
                .id(self.of.case.opened_at.and_utc() - self.copy.back()),
            case_id: self.values.of(&self.of.case.id),
            died: row.died - self.copy.back(),
            body: row.body.clone(),
        };
        Ok(learning::put_features(self.tx, &row)?)
    }

    fn clocks(&mut self) -> Outcome<()> {
        let ctx = Context {
            ids: self.ids.clone(),
            bulk: true,
            ..Context::new(&self.world.house, self.world.end, Actor::operator(), "seed")
        };
        self.tx.write_noted()?;
        clocks::begin(self.tx, &ctx, &self.values.of(&self.of.case.id))
    }

    fn events(&mut self) -> Outcome<()> {
        let back = self.copy.back();
        for (row, detail) in &self.of.events {
            let other = |id: &Option<String>| id.as_ref().map(|id| self.values.of(id));
            let event = events::NewEvent {
                at: row.at - back,
                actor_id: other(&row.actor_id),
                case_id: other(&row.case_id),
                subject_id: other(&row.subject_id),
                detail: self.values.fill(detail),
                ..row.clone()
            };
            events::record(self.tx, &event)?;
        }
        Ok(())
    }
}

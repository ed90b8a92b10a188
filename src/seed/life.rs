//! Leads one synthetic case through its diary, each step by the verb that a person would use, up to the end of
//! time as the order sets it. Must not write anything past the verbs but what the national database answered.

mod answers;
mod review;

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};

use super::facts;
use super::known::Known;
use super::plan::{Plan, Quirk};
use super::schedule::{self, Step};
use super::story::Story;
use super::{World, agency, people};
use crate::casework::picture::{Picture, case_by_reference};
use crate::casework::{
    Context, Error, Ids, Outcome, clocks, gather, links, mailing, record, triage,
};
use crate::domain::actor::{Actor, Role};
use crate::domain::event::Event;
use crate::domain::scope;
use crate::store::cases::Case;
use crate::store::{Tx, notifications, outbox};

/// A case on its way.
struct Life<'a, 't> {
    tx: &'a mut Tx<'t>,
    world: &'a World,
    plan: &'a Plan,
    story: &'a Story,
    known: Arc<Known>,
    ids: Ids,
    notification: String,
    second: Option<String>,
    reference: String,
    /// Ids of the requests, in the order of the agencies.
    asked: Vec<String>,
}

/// What became of a case that was led.
pub struct Led {
    /// None where the decision is still to come.
    pub case: Option<Case>,
    /// Notifications beside its own.
    pub notifications: usize,
}

/// Makes one case.
pub fn lead(tx: &mut Tx<'_>, world: &World, plan: &Plan) -> Outcome<Led> {
    let mut life = begin(tx, world, plan)?;
    let diary = schedule::of(plan, life.story, 1 + life.story.others.len(), world.today);
    for (at, step) in diary.into_iter().take_while(|(at, _)| *at < world.end) {
        life.step(at, step)?;
    }
    life.close_of_day()?;
    let case = if life.reference.is_empty() {
        None
    } else {
        Some(life.case()?)
    };
    Ok(Led {
        case,
        notifications: usize::from(life.second.is_some()),
    })
}

/// Sends one notification and nothing more; gives its id.
pub fn only_notify(
    tx: &mut Tx<'_>,
    world: &World,
    plan: &Plan,
    at: DateTime<Utc>,
    but: impl FnOnce(&mut Known),
) -> Outcome<String> {
    let mut life = begin(tx, world, plan)?;
    let mut known = Known::over(&life.known);
    but(&mut known);
    life.known = Arc::new(known);
    life.notify(at)?;
    life.close_of_day()?;
    Ok(life.notification)
}

/// The coordinator of the synthetic cases, at some time.
pub fn coordinator(world: &World, at: DateTime<Utc>) -> Context {
    let actor = people::actor(Role::Coordinator);
    Context {
        ids: Ids::sequence(u64::try_from(at.timestamp()).unwrap_or(0)),
        bulk: true,
        ..Context::new(&world.house, at, actor, "seed")
    }
}

fn begin<'a, 't>(tx: &'a mut Tx<'t>, world: &'a World, plan: &'a Plan) -> Outcome<Life<'a, 't>> {
    let story = world
        .stories
        .get(plan.story)
        .ok_or_else(|| Error::Internal("no such story".into()))?;
    Ok(Life {
        tx,
        world,
        plan,
        story,
        known: Arc::new(facts::of(&world.house, &plan.child, story, &plan.chance)),
        ids: Ids::sequence(plan.chance.branch("ids").seed()),
        notification: String::new(),
        second: None,
        reference: String::new(),
        asked: Vec::new(),
    })
}

impl Life<'_, '_> {
    /// Who does something, and when.
    fn by(&self, at: DateTime<Utc>, actor: Actor) -> Context {
        Context {
            ids: self.ids.clone(),
            bulk: true,
            ..Context::new(&self.world.house, at, actor, "seed")
        }
    }

    fn coordinator(&self, at: DateTime<Utc>) -> Context {
        self.by(at, people::actor(Role::Coordinator))
    }

    fn case(&mut self) -> Outcome<Case> {
        case_by_reference(self.tx.conn(), &self.reference)
    }

    fn step(&mut self, at: DateTime<Utc>, step: Step) -> Outcome<()> {
        match step {
            Step::Notify => self.notify(at),
            Step::Complete => self.complete(at),
            Step::NotifyAgain => self.notify_again(at),
            Step::Decide => self.decide(at),
            Step::Join => self.join(at),
            Step::NotifyNation => self.nation_has(at, false),
            Step::Ask => self.ask(at),
            Step::Waive => self.waive(at),
            Step::Claim(i) => self.claim(at, i),
            Step::Answer(i) => self.answer(at, i),
            Step::SendBack(i) => self.send_back(at, i),
            Step::Accept(i) => self.with_request(at, i, gather::accept),
            Step::Withdraw(i) => self.withdraw(at, i),
            other => self.review(at, other),
        }
    }

    fn decide(&mut self, at: DateTime<Utc>) -> Outcome<()> {
        let ctx = self.coordinator(at);
        let row = notifications::get(self.tx.conn(), &self.notification)?.ok_or(Error::NotFound)?;
        let decision = triage::Decision::Accept {
            outcome: scope::Outcome::InScopeResident,
            reason: String::new(),
        };
        let reference = triage::decide(self.tx, &ctx, &row.id, row.version, &decision)?;
        self.reference = reference.unwrap_or_default();
        self.decide_first(at + Duration::minutes(30))
    }

    fn join(&mut self, at: DateTime<Utc>) -> Outcome<()> {
        let ctx = self.coordinator(at);
        let id = self.second.clone().unwrap_or_default();
        let row = notifications::get(self.tx.conn(), &id)?.ok_or(Error::NotFound)?;
        let decision = triage::Decision::Join {
            reference: self.reference.clone(),
            reason: "The same child, notified by two services.".into(),
        };
        triage::decide(self.tx, &ctx, &row.id, row.version, &decision).map(|_| ())
    }

    /// The national database answered. It has no verb of its own while nothing is sent by itself.
    fn nation_has(&mut self, at: DateTime<Utc>, is_final: bool) -> Outcome<()> {
        let ctx = self.coordinator(at);
        let mut case = self.case()?;
        let was = case.state.clone();
        let (held, submission) = if is_final {
            (&mut case.national_accepted_at, "final")
        } else {
            (&mut case.national_notified_at, "notification")
        };
        *held = Some(ctx.stamp());
        gather::save_case(self.tx, &case, &was)?;
        let event = Event::NationalAcceptanceRecorded {
            submission: submission.into(),
            version: u32::try_from(case.return_version).unwrap_or(1),
            on: ctx.today(),
        };
        record(self.tx, &ctx, Some(&case.id), None, &event)
    }

    fn ask(&mut self, at: DateTime<Utc>) -> Outcome<()> {
        let ctx = self.coordinator(at);
        let place = self.plan.child.place.0.as_str();
        let new = agency::requests(self.world.house.dictionary(), self.story, place);
        self.asked = gather::send_requests(self.tx, &ctx, &self.reference, &new)?;
        Ok(())
    }

    /// Forms that the circumstances offer and that nobody is asked for.
    fn waive(&mut self, at: DateTime<Utc>) -> Outcome<()> {
        let ctx = self.coordinator(at);
        let case = self.case()?;
        let known = Picture::load(self.tx.conn(), &ctx, &case.id)?;
        for opened in triage::forms_to_request(self.tx.conn(), &ctx, &case, &known)? {
            let reason = "The reporting form already tells what this form asks.";
            gather::waive_form(self.tx, &ctx, &self.reference, &opened.form, reason)?;
        }
        Ok(())
    }

    fn request(&self, i: usize) -> Outcome<String> {
        self.asked.get(i).cloned().ok_or(Error::NotFound)
    }

    fn with_request(
        &mut self,
        at: DateTime<Utc>,
        i: usize,
        verb: fn(&mut Tx<'_>, &Context, &str, &str) -> Outcome<()>,
    ) -> Outcome<()> {
        let ctx = self.coordinator(at);
        let id = self.request(i)?;
        verb(self.tx, &ctx, &self.reference, &id)
    }

    /// The link is in the mail, as it is for the agency.
    fn claim(&mut self, at: DateTime<Utc>, i: usize) -> Outcome<()> {
        let id = self.request(i)?;
        let mail = outbox::of_request(self.tx.conn(), &id)?;
        let token = mail.first().and_then(|m| link(&m.body)).map(str::to_owned);
        let ctx = self.by(at, Actor::public());
        links::claim(self.tx, &ctx, &token.unwrap_or_default(), None).map(|_| ())
    }

    fn send_back(&mut self, at: DateTime<Utc>, i: usize) -> Outcome<()> {
        let ctx = self.coordinator(at);
        let id = self.request(i)?;
        let reason = "Please say when the child was last seen by your service.";
        gather::send_back(self.tx, &ctx, &self.reference, &id, &reason.into())
    }

    fn withdraw(&mut self, at: DateTime<Utc>, i: usize) -> Outcome<()> {
        let ctx = self.coordinator(at);
        let id = self.request(i)?;
        let reason = "No answer came, and another agency has told what was asked.";
        gather::withdraw(self.tx, &ctx, &self.reference, &id, reason)
    }

    /// The mails have long left, and the worklist stands as of the end.
    fn close_of_day(&mut self) -> Outcome<()> {
        let queued = outbox::due(self.tx.conn(), self.world.end.naive_utc(), 1_000)?;
        for mail in queued {
            let left = mail.created_at.and_utc() + Duration::minutes(1);
            let ctx = self.by(left.min(self.world.end), Actor::job("mail"));
            mailing::sent(self.tx, &ctx, &mail)?;
        }
        if !self.reference.is_empty() {
            let ctx = Context {
                bulk: false,
                ..self.coordinator(self.world.end)
            };
            let case = self.case()?;
            triage::refresh(self.tx, &ctx, &case.id)?;
            clocks::pass_over(self.tx, &ctx, &case.id)?;
        }
        Ok(())
    }

    fn is(&self, quirk: Quirk) -> bool {
        self.plan.quirk == quirk
    }
}

/// The token in the words of a request's mail.
fn link(body: &str) -> Option<&str> {
    body.split("/requests/").nth(1)?.split_whitespace().next()
}

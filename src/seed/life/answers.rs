//! What people type in a synthetic case: the notifier and the agencies. Must not decide anything.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::Life;
use crate::casework::{Context, Error, Outcome, notify, respond};
use crate::domain::actor::Actor;
use crate::domain::form::{Answer, AnsweredBy, Answers};
use crate::domain::shared_answers::Says;
use crate::seed::agency;
use crate::seed::facts::asked;
use crate::seed::fill::{Extent, Filled, Sheet};
use crate::seed::known::Known;
use crate::seed::names;
use crate::seed::plan::Quirk;
use crate::store::responses::Response;

/// How many in a hundred of the open questions a person answers.
const DENSITY: u64 = 45;

impl Life<'_, '_> {
    pub(super) fn notify(&mut self, at: DateTime<Utc>) -> Outcome<()> {
        let ctx = self.by(at, Actor::public());
        let known = self.notifier(0);
        let early = self.is(Quirk::Early);
        self.notification = send(self, &ctx, &known, early)?;
        Ok(())
    }

    /// What was sent early is completed.
    pub(super) fn complete(&mut self, at: DateTime<Utc>) -> Outcome<()> {
        let ctx = self.by(at, Actor::public());
        let known = self.notifier(0);
        let id = self.notification.clone();
        fill(self, &ctx, &known, &id, false)
    }

    /// Another service tells of the same child.
    pub(super) fn notify_again(&mut self, at: DateTime<Utc>) -> Outcome<()> {
        let ctx = self.by(at, Actor::public());
        let known = self.notifier(1);
        self.second = Some(send(self, &ctx, &known, false)?);
        Ok(())
    }

    /// What the `n`th agency says of itself on a notification.
    fn notifier(&self, n: usize) -> Known {
        let mut known = Known::over(&self.known);
        let Some((agency, professional)) = asked(self.story).nth(n) else {
            return known;
        };
        let dict = self.world.house.dictionary();
        let label = dict.label("agency", agency).unwrap_or(agency);
        known.put("referrer_agency", agency);
        known.put("referrer_professional_type", professional);
        for (id, words) in [
            ("referrer_name", format!("Sample {label}")),
            ("referrer_email", names::email(label)),
            ("referrer_phone", "01632 960789".to_owned()),
            ("referrer_organisation", "Sample Organisation".to_owned()),
        ] {
            known.set(id, Answer::Text(words));
        }
        known
    }

    /// The `i`th agency answers every form of its request.
    pub(super) fn answer(&mut self, at: DateTime<Utc>, i: usize) -> Outcome<()> {
        let id = self.request(i)?;
        let ctx = self.by(at, Actor::link(&id));
        let request = crate::store::requests::get(self.tx.conn(), &id)?.ok_or(Error::NotFound)?;
        let mut work = respond::work(self.tx.conn(), &ctx, request)?;
        for n in 0..work.responses.len() {
            let Some(row) = work.responses.get(n).filter(|r| respond::open(r)).cloned() else {
                continue;
            };
            let filled = self.respond(&ctx, &work, &row, i);
            let save = respond::Save {
                request_id: id.clone(),
                form: row.form.clone(),
                version: row.version,
                section: String::new(),
                confirmed: filled.reasons(),
                answers: filled.answers,
                says: Says::new(),
                claim: String::new(),
                shown: None,
            };
            let saved = respond::save(self.tx, &ctx, &save)?;
            // A later form may look at what this one says.
            if let Some(held) = work.responses.get_mut(n) {
                *held = saved;
            }
        }
        respond::send(self.tx, &ctx, &id).map(drop)
    }

    fn respond(&self, ctx: &Context, work: &respond::Work, row: &Response, i: usize) -> Filled {
        let dict = ctx.house.dictionary_of(&row.form_version);
        let Some(form) = dict.form(&row.form) else {
            return Filled::default();
        };
        let look = |field: &str| respond::elsewhere(ctx, work, &row.form, field);
        let known = self.respondent(ctx, i, &row.form);
        let agency = work.request.agency.as_str();
        let both_tell = matches!(self.plan.quirk, Quirk::Differ | Quirk::Unsettled) && i < 2;
        let mut filled = Sheet {
            dict,
            form,
            known: &known,
            around: &ctx.around(&look),
            chance: &self.plan.chance,
            by: &[AnsweredBy::Respondent],
            extent: &|section| {
                let tells = form.code != "reporting"
                    || agency::knows(agency, i == 0, section)
                    || (both_tell && matches!(section.id.as_str(), "child_birth" | "child_health"));
                if tells { Extent::More } else { Extent::Least }
            },
            density: DENSITY,
        }
        .fill(crate::casework::picture::stored(
            dict,
            &row.form,
            &row.answers,
        ));
        if form.code != "reporting" {
            // What the reporting form asks as well is told there; the rest is left as people leave it.
            let shares = &ctx.house.shares;
            filled.answers.0.retain(|field, _| {
                let required = form.field(field).is_some_and(|f| f.required);
                required || shares.alike(&row.form, field).is_empty()
            });
        }
        filled
    }

    fn respondent(&self, ctx: &Context, i: usize, form: &str) -> Known {
        let mut known = Known::over(&self.known);
        known.set("cdop_identifier", Answer::Text(self.reference.clone()));
        known.set("completed_by", Answer::Text("Sample Respondent".into()));
        known.date("date_completed", ctx.today());
        known.date("completed_on", ctx.today());
        let nil = self.is(Quirk::Nil) && i + 1 == self.asked.len();
        known.put("agency_knew_child", if nil { "no" } else { "yes" });
        let differs = matches!(self.plan.quirk, Quirk::Differ | Quirk::Unsettled);
        if form == "reporting" && differs && i == 1 {
            known.set(
                "gestation_weeks",
                Answer::Integer(self.plan.child.gestation - 1),
            );
            known.put("immunisations_up_to_date", "partial");
        }
        known
    }
}

/// Begins a notification, fills it in and sends it; gives its id.
fn send(life: &mut Life, ctx: &Context, known: &Known, early: bool) -> Outcome<String> {
    let id = notify::begin(life.tx, ctx)?.id;
    fill(life, ctx, known, &id, early)?;
    Ok(id)
}

/// Answers what is open and sends.
fn fill(life: &mut Life, ctx: &Context, known: &Known, id: &str, early: bool) -> Outcome<()> {
    let row = crate::store::notifications::get(life.tx.conn(), id)?.ok_or(Error::NotFound)?;
    let house = Arc::clone(&ctx.house);
    let dict = house.dictionary_of(&row.form_version);
    let form = dict.form(notify::FORM).ok_or(Error::NotFound)?;
    let mut filled = Sheet {
        dict,
        form,
        known,
        around: &ctx.around(&|_| None),
        chance: &life.plan.chance,
        by: &[AnsweredBy::Notifier],
        extent: &|_| Extent::More,
        density: DENSITY,
    }
    .fill(notify::answers(ctx, &row));
    if early {
        filled.answers = first_words(&filled.answers);
    }
    let save = notify::Save {
        id: id.to_owned(),
        version: row.version,
        section: String::new(),
        answers: filled.answers,
        confirmed: filled.confirmed,
    };
    notify::save(life.tx, ctx, &save)?;
    notify::send(
        life.tx,
        ctx,
        id,
        notify::Sending {
            early,
            ..notify::Sending::default()
        },
    )
    .map(|_| ())
}

/// What a notifier in a hurry gives.
fn first_words(all: &Answers) -> Answers {
    const FIRST: [&str; 12] = [
        "referrer_name",
        "referrer_email",
        "referrer_agency",
        "child_surname",
        "child_forenames",
        "date_of_birth",
        "date_of_death",
        "sex",
        "normally_resident_la",
        "place_of_death_type",
        "expected_death",
        "jar_required",
    ];
    let mut first = all.clone();
    first.0.retain(|id, _| FIRST.contains(&id.as_str()));
    first
}

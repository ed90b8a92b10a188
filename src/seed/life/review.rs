//! The later part of a synthetic case: the joint agency response, the review meeting, the analysis, the panel,
//! finalising and what follows. Must not know how forms are filled in.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};

use super::Life;
use crate::casework::gather::{Correct, Settle};
use crate::casework::picture::{Picture, Sources, json_of};
use crate::casework::processes::{self, End, Given};
use crate::casework::{Context, Error, Outcome, gather, review, triage};
use crate::domain::actor::Role;
use crate::domain::calendar::london;
use crate::domain::case::{Move, State as CaseState};
use crate::domain::form::{AnsweredBy, Severity};
use crate::domain::process::{Held, Holds, State};
use crate::seed::fill::{Extent, Sheet};
use crate::seed::known::Known;
use crate::seed::panel::{self, Sitting};
use crate::seed::plan::Quirk;
use crate::seed::schedule::Step;
use crate::seed::{people, sitting};

/// How many in a hundred of the open questions staff answer.
const DENSITY: u64 = 40;

impl Life<'_, '_> {
    pub(super) fn review(&mut self, at: DateTime<Utc>, step: Step) -> Outcome<()> {
        match step {
            Step::Response => self.respond_jointly(at),
            Step::FollowUp => self.follow_up(at),
            Step::Settle => self.settle(at),
            Step::Meet => self.meet(at),
            Step::Analyse => self.analyse(at, false),
            Step::AwaitInquest => self.await_inquest(at),
            Step::Ready => self.ready(at),
            Step::List if self.is_at_panel() => self.list(at),
            Step::List => self.mv(at, Move::List, ""),
            Step::Defer => {
                self.mv(
                    at,
                    Move::RecordDeferred,
                    "The panel wants to see one more report.",
                )?;
                self.mv(at, Move::MakeReady, "")
            }
            Step::Panel if self.is_at_panel() => {
                self.analyse(at, true)?;
                self.panel(at)
            }
            Step::Panel => {
                self.analyse(at, true)?;
                self.mv(at, Move::RecordComplete, "")
            }
            Step::Finalise => self.finalise(at),
            Step::Submit => {
                self.nation_has(at, true)?;
                self.end(at, Move::Submit)
            }
            Step::Close => self.end(at, Move::Close),
            Step::Reopen => {
                let ctx = self.coordinator(at);
                let reason = "A late report changes what is known of the care given.";
                review::reopen(self.tx, &ctx, &self.reference, reason)
            }
            _ => Ok(()),
        }
    }

    /// Whether the panel of a few days ago reviews it.
    fn is_at_panel(&self) -> bool {
        let now = self.is(Quirk::Analysed) || self.is(Quirk::Finalised);
        now && self.world.held.is_some()
    }

    /// On the list of the panel of a few days ago, where everybody declares.
    fn list(&mut self, at: DateTime<Utc>) -> Outcome<()> {
        let ctx = self.coordinator(at);
        let (panel, _) = self.world.held.clone().ok_or(Error::NotFound)?;
        let item = sitting::list(self.tx, &ctx, &panel, &self.reference)?;
        let ctx = self.coordinator(at + Duration::minutes(5));
        sitting::declare(self.tx, &ctx, (&panel, &item))
    }

    /// The panel decides, and where the chair has an account, signs.
    fn panel(&mut self, at: DateTime<Utc>) -> Outcome<()> {
        let case = self.case()?;
        let (panel, _) = self.world.held.clone().ok_or(Error::NotFound)?;
        let ctx = self.coordinator(at + Duration::minutes(2));
        let item = sitting::decide(self.tx, &ctx, &panel, &case)?;
        let chair = people::actor(Role::PanelChair);
        let ctx = self.by(at + Duration::minutes(4), chair);
        sitting::sign(self.tx, &ctx, (&panel, &item))
    }

    fn mv(&mut self, at: DateTime<Utc>, mv: Move, reason: &str) -> Outcome<()> {
        let ctx = self.coordinator(at);
        triage::move_case(self.tx, &ctx, &self.reference, mv, reason)
    }

    /// The inquest is recorded beside the review, and holds the panel back.
    fn await_inquest(&mut self, at: DateTime<Utc>) -> Outcome<()> {
        let ctx = self.coordinator(at);
        let died = self.case()?.date_of_death;
        let given = Given {
            state: Some(State::UnderWay),
            holds: Holds::of(&[Held::Panel]),
            lead_body: ctx.house.area.coroner.clone(),
            began_on: Some((died + Duration::days(2)).min(ctx.today())),
            checked_on: Some(ctx.today()),
            ..Given::default()
        };
        processes::add(self.tx, &ctx, &self.reference, "inquest", &given)?;
        self.mv(at, Move::AwaitExternal, "The inquest is not concluded.")
    }

    /// With the inquest's end the case is ready by itself; others are made ready by hand.
    fn ready(&mut self, at: DateTime<Utc>) -> Outcome<()> {
        let ctx = self.coordinator(at);
        let case = self.case()?;
        let all = processes::of_case(self.tx.conn(), &ctx, &case)?;
        for open in all.iter().filter(|p| p.state.is_open()) {
            let end = End {
                state: Some(State::Concluded),
                over_on: Some(ctx.today()),
                outcome: "The inquest was concluded.".into(),
                ..End::default()
            };
            let (id, version) = (&open.row.id, open.row.version);
            processes::conclude(self.tx, &ctx, &self.reference, id, version, &end)?;
        }
        if self.case()?.state == CaseState::ReadyForPanel.as_str() {
            return Ok(());
        }
        self.mv(at, Move::MakeReady, "")
    }

    /// What follows when the national database has taken a package: no verb does it for one case alone.
    fn end(&mut self, at: DateTime<Utc>, mv: Move) -> Outcome<()> {
        let ctx = self.coordinator(at);
        let case = self.case()?;
        triage::step(self.tx, &ctx, &case, mv, "").map(|_| ())
    }

    /// The coordinator takes what the case already holds, or else what was said first.
    fn settle(&mut self, at: DateTime<Utc>) -> Outcome<()> {
        let ctx = self.coordinator(at);
        let case = self.case()?;
        let picture = Picture::load(self.tx.conn(), &ctx, &case.id)?;
        for (form, field) in picture.unsettled() {
            let held = picture
                .elsewhere(&form, &field)
                .map(|answer| json_of(&field, answer));
            let sources: Option<&Sources> = picture.forms.get(&form).map(|f| &f.sources);
            let options = sources.and_then(|s| s.get(&field)).map(|s| &s.options);
            let option = options
                .and_then(|all| all.iter().position(|o| Some(&o.answer) == held.as_ref()))
                .unwrap_or(0);
            let settle = Settle {
                form,
                field,
                option,
                shown: None,
                reason: "Checked against the birth record.".into(),
            };
            gather::settle(self.tx, &ctx, &self.reference, &settle)?;
        }
        Ok(())
    }

    /// The decisions of the first hours, as the team records them.
    pub(super) fn decide_first(&mut self, at: DateTime<Utc>) -> Outcome<()> {
        let ctx = self.coordinator(at);
        let mut known = Known::over(&self.known);
        panel::first_hours(&mut known, self.story.trigger.as_deref(), london(ctx.now));
        let form = ctx.house.dictionary().form("first_hours");
        let sections: Vec<String> = form
            .map(|form| form.sections.iter().map(|s| s.id.clone()).collect())
            .unwrap_or_default();
        let sections: Vec<&str> = sections.iter().map(String::as_str).collect();
        self.staff_form(&ctx, "first_hours", &known, &sections)
    }

    fn respond_jointly(&mut self, at: DateTime<Utc>) -> Outcome<()> {
        let ctx = self.coordinator(at);
        let mut known = Known::over(&self.known);
        panel::response(&mut known, ctx.today());
        let sections = [
            "jar_decision",
            "jar_immediate",
            "info_sharing",
            "home_visit",
        ];
        self.staff_form(&ctx, "cdrm_jar", &known, &sections)
    }

    fn follow_up(&mut self, at: DateTime<Utc>) -> Outcome<()> {
        let ctx = self.coordinator(at);
        let mut known = Known::over(&self.known);
        panel::follow_up(&mut known, ctx.today());
        self.staff_form(&ctx, "cdrm_jar", &known, &["post_mortem"])
    }

    fn meet(&mut self, at: DateTime<Utc>) -> Outcome<()> {
        let ctx = self.coordinator(at);
        let mut known = Known::over(&self.known);
        panel::meeting(&mut known, ctx.today());
        self.staff_form(&ctx, "cdrm_jar", &known, &["cdrm_meeting", "family"])?;
        self.record_beside(&ctx)?;
        self.mv(at + Duration::minutes(1), Move::HoldCdrm, "")
    }

    /// Whatever the record speaks of is recorded beside the review, and is over when the review meeting is held. An inquest
    /// is recorded when the case waits for it.
    fn record_beside(&mut self, ctx: &Context) -> Outcome<()> {
        let case = self.case()?;
        let known = Picture::load(self.tx.conn(), ctx, &case.id)?;
        let began = (case.date_of_death + Duration::days(2)).min(ctx.today());
        let waits = self.story.inquest.is_some();
        for spoken in processes::unrecorded(self.tx.conn(), ctx, &case.id, &known)? {
            if spoken.kind == "inquest" && waits {
                continue;
            }
            let given = Given {
                state: Some(State::UnderWay),
                holds: spoken.holds,
                began_on: Some(began),
                checked_on: Some(ctx.today()),
                ..Given::default()
            };
            let id = processes::add(self.tx, ctx, &self.reference, &spoken.kind, &given)?;
            let end = End {
                state: Some(State::Concluded),
                over_on: Some(ctx.today()),
                outcome: "Its report was before the review meeting.".into(),
                ..End::default()
            };
            processes::conclude(self.tx, ctx, &self.reference, &id, 1, &end)?;
        }
        Ok(())
    }

    /// Sections of a form that staff fill in, added to what is there.
    fn staff_form(
        &mut self,
        ctx: &Context,
        code: &str,
        known: &Known,
        sections: &[&str],
    ) -> Outcome<()> {
        let case = self.case()?;
        let picture = Picture::load(self.tx.conn(), ctx, &case.id)?;
        let house = Arc::clone(&ctx.house);
        let dict = house.dictionary();
        let form = dict.form(code).ok_or(Error::NotFound)?;
        let held = picture.forms.get(code);
        let elsewhere = |id: &str| picture.elsewhere(code, id);
        let filled = Sheet {
            dict,
            form,
            known,
            around: &ctx.around(&elsewhere),
            chance: &self.plan.chance,
            by: &[AnsweredBy::Staff],
            extent: &|section| {
                if sections.contains(&section.id.as_str()) {
                    Extent::More
                } else {
                    Extent::Later
                }
            },
            density: DENSITY,
        }
        .fill(held.map(|h| h.answers.clone()).unwrap_or_default());
        let correct = Correct {
            form: code.to_owned(),
            section: sections.first().copied().unwrap_or_default().to_owned(),
            version: held.map_or(0, |h| h.row.version),
            confirmed: filled.reasons(),
            answers: filled.answers,
        };
        gather::correct(self.tx, ctx, &self.reference, &correct)
    }

    /// The analysis, as a draft of the review meeting or as the panel leaves it.
    fn analyse(&mut self, at: DateTime<Utc>, is_final: bool) -> Outcome<()> {
        let ctx = self.coordinator(at);
        let case = self.case()?;
        let picture = Picture::load(self.tx.conn(), &ctx, &case.id)?;
        let met = picture
            .answers("cdrm_jar")
            .and_then(|jar| jar.date("cdrm_date"))
            .unwrap_or_else(|| ctx.today());
        let sitting = Sitting {
            reviewed: ctx.today(),
            met,
            is_final,
        };
        let mut known = Known::over(&self.known);
        let mut answers = panel::analysis(&mut known, self.story, &sitting);
        let house = Arc::clone(&ctx.house);
        let dict = house.dictionary();
        let form = dict.form("analysis").ok_or(Error::NotFound)?;
        review::prefill(&ctx, &case, form, &picture, &mut answers);
        let elsewhere = |id: &str| picture.elsewhere("analysis", id);
        let filled = Sheet {
            dict,
            form,
            known: &known,
            around: &ctx.around(&elsewhere),
            chance: &self.plan.chance,
            by: &[AnsweredBy::Staff],
            extent: &|_| Extent::More,
            density: DENSITY,
        }
        .fill(answers);
        let correct = Correct {
            form: "analysis".into(),
            section: if is_final { "completion" } else { "domain_a" }.into(),
            version: picture.forms.get("analysis").map_or(0, |h| h.row.version),
            confirmed: filled.reasons(),
            answers: filled.answers,
        };
        review::save_analysis(self.tx, &ctx, &self.reference, &correct)
    }

    fn finalise(&mut self, at: DateTime<Utc>) -> Outcome<()> {
        let ctx = self.coordinator(at);
        let case = self.case()?;
        match review::finalise(self.tx, &ctx, &self.reference, case.version) {
            Err(Error::Rule(_)) => Err(self.what_is_missing(&ctx)?),
            other => other,
        }
    }

    /// A story that cannot be finalised is a mistake in the story: say which rule it breaks.
    fn what_is_missing(&mut self, ctx: &Context) -> Outcome<Error> {
        let case = self.case()?;
        let stops: Vec<String> = review::missing(self.tx.conn(), ctx, &case)?
            .into_iter()
            .filter(|m| m.severity == Severity::Stop)
            .map(|m| format!("{} {}.{}", m.rule, m.form, m.field.unwrap_or_default()))
            .collect();
        Ok(Error::Internal(format!(
            "the story “{}” cannot be finalised: {}",
            self.story.name,
            stops.join("; ")
        )))
    }
}

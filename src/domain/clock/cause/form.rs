//! What the forms of the record tell the clocks.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

use super::{Told, When, noted, on};
use crate::domain::calendar::utc_of_london;
use crate::domain::clock::{Occasion, Start};
use crate::domain::form::{Answer, Answers};

/// The questions of the first hours that each need an answer with its time.
pub const FIRST_HOURS: [&str; 7] = [
    "jar",
    "certificate",
    "incident",
    "siblings",
    "serious_incident",
    "support",
    "told",
];

/// The answer to a question of the first hours.
fn answer_to(question: &str) -> &str {
    match question {
        "jar" => "jar_met",
        "siblings" => "siblings_concern",
        "support" => "support_by_whom",
        same => same,
    }
}

/// What a form of the record tells the clocks. Of what has no answer any more the old word is taken back.
pub fn told(form: &str, answers: &Answers, today: NaiveDate) -> Vec<Told> {
    let said = Said { answers, today };
    match form {
        "notification" => said.notification(),
        "cdrm_jar" => said.jar(),
        "first_hours" => said.first_hours(),
        "analysis" => said.analysis(),
        _ => Vec::new(),
    }
}

struct Said<'a> {
    answers: &'a Answers,
    today: NaiveDate,
}

impl Said<'_> {
    fn notification(&self) -> Vec<Told> {
        let death =
            self.answers
                .date("date_of_death")
                .map(|day| match self.answers.get("time_of_death") {
                    Some(Answer::Time(time)) => Start::shown(day.and_time(*time)),
                    _ => Start::Day(day),
                });
        let inquest = self.answers.choice("inquest") == Some("yes");
        let informed = self.answers.date("coroner_informed_date").map(Start::Day);
        let mut told = vec![
            Told {
                occasion: Occasion::Death,
                when: death.map(When::Given),
            },
            self.answered(Occasion::KeyWorkerNamed, &["family_key_worker_name"]),
            Told {
                occasion: Occasion::LeafletRecorded,
                when: (self.answers.choice("family_leaflet_given") == Some("yes"))
                    .then_some(When::Noted),
            },
            self.held(Occasion::JarInitialMeetingHeld, "jar_meeting_date"),
            Told {
                occasion: Occasion::CoronerDecision,
                when: inquest.then(|| informed.map_or(When::Noted, When::Given)),
            },
        ];
        // A notifier who says that a response was triggered names why. That there is none is for the team to decide (C05:
        // met, or not met with a reason).
        let (decided, needed) = self.decided("jar_required", None);
        let decided = Told {
            when: decided.when.filter(|_| needed.when.is_some()),
            ..decided
        };
        told.extend([decided, needed]);
        told
    }

    fn jar(&self) -> Vec<Told> {
        let decided = match self.answers.get("decision_datetime") {
            Some(Answer::DateTime(at)) => Some(moment(*at)),
            _ => None,
        };
        let first = ["history_taken", "examination", "hospital_attended"];
        let visit = match self.answers.choice("visit_done") {
            Some("no") => self.answered(Occasion::HomeVisitRecorded, &["reason_not"]),
            _ => self.held(Occasion::HomeVisitRecorded, "visit_date"),
        };
        let mut told = vec![
            self.answered(Occasion::JarImmediateRecorded, &first),
            self.held(Occasion::JarInitialMeetingHeld, "meeting_date"),
            visit,
            self.held(Occasion::PostMortemDone, "pm_date"),
            self.held(Occasion::JarFollowUpHeld, "case_discussion_date"),
            self.held(Occasion::CdrmHeld, "cdrm_date"),
        ];
        if self.answers.choice("draft_analysis_sent") == Some("yes") {
            told.push(match self.answers.date("draft_sent_date") {
                Some(day) => on(Occasion::DraftAnalysisReceived, day),
                None => noted(Occasion::DraftAnalysisReceived),
            });
        }
        let (decided, needed) = self.decided("jar_required", decided);
        told.extend([decided, needed, self.not_needed("jar_required")]);
        told
    }

    /// The decisions of the first hours are recorded with the last of them: each with its answer, who decided and when.
    fn first_hours(&self) -> Vec<Told> {
        let at = |question: &str| match self.answers.get(&format!("{question}_at")) {
            Some(Answer::DateTime(at)) => Some(moment(*at)),
            _ => None,
        };
        let reasoned =
            self.answers.choice("jar_met") != Some("no") || self.answers.is_answered("jar_reason");
        let whole = |question: &str| {
            let parts = [answer_to(question).to_owned(), format!("{question}_by")];
            let answered = parts.iter().all(|part| self.answers.is_answered(part));
            at(question).filter(|_| answered && (question != "jar" || reasoned))
        };
        let all: Option<Vec<DateTime<Utc>>> =
            FIRST_HOURS.iter().map(|question| whole(question)).collect();
        let last = all.and_then(|all| all.into_iter().max());
        let mut told = vec![Told {
            occasion: Occasion::ImmediateDecisionsRecorded,
            when: last.map(|at| When::Given(Start::Moment(at))),
        }];
        let (mut decided, needed) = self.decided("jar_met", at("jar"));
        decided.when = decided.when.filter(|_| reasoned);
        told.extend([decided, needed, self.not_needed("jar_met")]);
        told
    }

    /// The team found that none is needed, whatever the notifier had said.
    fn not_needed(&self, question: &str) -> Told {
        let no = matches!(self.answers.choice(question), Some("no" | "not_applicable"));
        Told {
            occasion: Occasion::JarNotNeeded,
            when: no.then_some(When::Noted),
        }
    }

    fn analysis(&self) -> Vec<Told> {
        let concluded = self
            .answers
            .choice("inquest_conclusion")
            .is_some_and(|code| code != "pending");
        let family = self.answers.choice("family_informed") == Some("yes");
        let so = |occasion, so: bool| Told {
            occasion,
            when: so.then_some(When::Noted),
        };
        vec![
            // What a meeting left by itself is no draft until somebody put a name to it.
            self.answered(Occasion::DraftAnalysisReceived, &["completed_by"]),
            self.held(Occasion::CdrmHeld, "cdrm_date"),
            self.held(Occasion::ReviewDay, "date_of_review"),
            so(Occasion::InquestConcluded, concluded),
            so(Occasion::FamilyToldOrDeclined, family),
        ]
    }

    /// Whether a joint agency response is needed, and since when that is known.
    fn decided(&self, question: &str, at: Option<DateTime<Utc>>) -> (Told, Told) {
        let when = at.map_or(When::Noted, |at| When::Given(Start::Moment(at)));
        let (decided, needed) = match self.answers.choice(question) {
            Some("yes") => (Some(when), Some(when)),
            Some("no" | "not_applicable") => (Some(when), None),
            _ => (None, None),
        };
        let told = |occasion, when| Told { occasion, when };
        (
            told(Occasion::JarDecided, decided),
            told(Occasion::JarTriggered, needed),
        )
    }

    fn answered(&self, occasion: Occasion, fields: &[&str]) -> Told {
        let so = fields.iter().any(|field| self.answers.is_answered(field));
        Told {
            occasion,
            when: so.then_some(When::Noted),
        }
    }

    /// What was held on a day; a day to come is a plan.
    fn held(&self, occasion: Occasion, field: &str) -> Told {
        let day = self.answers.date(field).filter(|day| *day <= self.today);
        Told {
            occasion,
            when: day.map(|day| When::Given(Start::Day(day))),
        }
    }
}

fn moment(shown: NaiveDateTime) -> DateTime<Utc> {
    utc_of_london(shown)
}

//! What moves clocks: the one table from what happens here, and from what the record says, to the occasions that
//! start and stop them. A new event that a clock waits for is added here and nowhere else. Must not know which
//! clocks there are.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

use super::due::Start;
use super::names::{Asked, Occasion};
use crate::domain::action::Kind;
use crate::domain::actor::Role;
use crate::domain::calendar::utc_of_london;
use crate::domain::case::{Move, State};
use crate::domain::event::Event;
use crate::domain::form::{Answer, Answers};
use crate::domain::meeting::Purpose;
use crate::domain::panel::ItemState;

/// When it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// As it was noted: no other time is known, and the first note stands.
    Noted,
    /// A time that was given, and that can be put right.
    Given(Start),
}

/// An occasion and when it was; `None` says that it is not so, or not so any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub occasion: Occasion,
    pub when: Option<When>,
}

/// What an event tells of: the case, or a part of it that has clocks of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// Id of the request, the action or the meeting; none for the case itself.
    pub request: Option<String>,
    /// Id of what it happened at, where that can say later that its day was another: then its own word is put right.
    pub at: Option<String>,
    /// Which of a request's two clocks is meant, where it begins.
    pub asked: Option<Asked>,
    pub told: Told,
}

/// What can be recorded today. A clock that waits for anything else is not started: it could only ever be late.
const RECORDED: &[Occasion] = &[
    Occasion::Death,
    Occasion::NotificationReceived,
    Occasion::NationalNotificationAccepted,
    Occasion::ImmediateDecisionsRecorded,
    Occasion::JarDecided,
    Occasion::JarTriggered,
    Occasion::JarNotNeeded,
    Occasion::JarImmediateRecorded,
    Occasion::JarInitialMeetingHeld,
    Occasion::JarMeetingHeld,
    Occasion::JarMinutesFiled,
    Occasion::CdrmDate,
    Occasion::CdrmInvitationsSent,
    Occasion::HomeVisitRecorded,
    Occasion::JarFollowUpHeld,
    Occasion::KeyWorkerNamed,
    Occasion::LeafletRecorded,
    Occasion::CoronerDecision,
    Occasion::CoronerNoticeReceived,
    Occasion::InquestConcluded,
    Occasion::CertificateIssued,
    Occasion::DeathRegistered,
    Occasion::Registration,
    Occasion::RegistrarNoticeReceived,
    Occasion::AuthorityAware,
    Occasion::LookedAfterDeathKnown,
    Occasion::SeriousIncidentSent,
    Occasion::SeriousIncidentSentOrNotMet,
    Occasion::SafeguardingPartnersTold,
    Occasion::LookedAfterDeathTold,
    Occasion::RapidReviewSubmitted,
    Occasion::MnsiReferral,
    Occasion::MnsiFamilyContacted,
    Occasion::PfdReportSent,
    Occasion::PfdReplyHeld,
    Occasion::TriageCompleted,
    Occasion::RequestsSent,
    Occasion::RequestSent,
    Occasion::ResponseAccepted,
    Occasion::CdrmHeld,
    Occasion::DraftAnalysisReceived,
    Occasion::CdrmOutputAndInquest,
    Occasion::PanelDate,
    Occasion::InterestsDeclared,
    Occasion::PackReleased,
    Occasion::PanelHeld,
    Occasion::ReviewDay,
    Occasion::PanelMinutesSigned,
    Occasion::PanelCompleted,
    Occasion::CaseDeferred,
    Occasion::CaseRelisted,
    Occasion::NationalFinalAccepted,
    Occasion::FamilyToldOrDeclined,
    Occasion::RecommendationAgreed,
    Occasion::RecommendationSent,
    Occasion::ActionSet,
    Occasion::ActionClosed,
    Occasion::RecommendationClosed,
    Occasion::LookedBackSix,
    Occasion::LookedBackTwelve,
    Occasion::Ended,
    Occasion::AgreedDate,
    Occasion::OutOfAreaIdentified,
    Occasion::TransferAgreed,
];

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

/// Whether something here can tell of this occasion.
pub fn is_recorded(occasion: Occasion) -> bool {
    RECORDED.contains(&occasion)
}

fn noted(occasion: Occasion) -> Told {
    Told {
        occasion,
        when: Some(When::Noted),
    }
}

fn on(occasion: Occasion, day: NaiveDate) -> Told {
    Told {
        occasion,
        when: Some(When::Given(Start::Day(day))),
    }
}

/// On its day where one is told, otherwise when it is noted.
fn on_or_noted(occasion: Occasion, day: Option<NaiveDate>) -> Told {
    day.map_or_else(|| noted(occasion), |day| on(occasion, day))
}

const fn not_so(occasion: Occasion) -> Told {
    Told {
        occasion,
        when: None,
    }
}

/// What an event tells the clocks.
pub fn causes(event: &Event) -> Vec<Cause> {
    let of_case = |told: Told| Cause {
        request: None,
        at: None,
        asked: None,
        told,
    };
    match event {
        Event::NotificationAccepted { .. } => vec![of_case(noted(Occasion::TriageCompleted))],
        Event::CaseAssigned { role, .. } if *role == Role::KeyWorker => {
            vec![of_case(noted(Occasion::KeyWorkerNamed))]
        }
        Event::FamilyOutcome { on: day, .. } => {
            vec![of_case(on(Occasion::FamilyToldOrDeclined, *day))]
        }
        Event::CaseMoved { mv, from, .. } => moved(*mv, *from).into_iter().map(of_case).collect(),
        Event::TransferMade { .. } => vec![of_case(noted(Occasion::OutOfAreaIdentified))],
        Event::TransferAccepted { .. } | Event::TransferRefused { .. } => {
            vec![of_case(noted(Occasion::TransferAgreed))]
        }
        Event::CaseReopened { .. } => vec![of_case(not_so(Occasion::NationalFinalAccepted))],
        Event::MeetingPlanned {
            purpose, on: day, ..
        }
        | Event::MeetingMoved {
            purpose, on: day, ..
        } if *purpose == Purpose::Review => {
            vec![of_case(on(Occasion::CdrmDate, *day))]
        }
        Event::MeetingCancelled { purpose, next, .. } if *purpose == Purpose::Review => {
            vec![of_case(match next {
                Some(day) => on(Occasion::CdrmDate, *day),
                None => not_so(Occasion::CdrmDate),
            })]
        }
        Event::MeetingInvited { purpose, .. } if *purpose == Purpose::Review => {
            vec![of_case(noted(Occasion::CdrmInvitationsSent))]
        }
        Event::MeetingHeld {
            meeting_id,
            purpose,
            on: day,
        } => held(meeting_id, *purpose, *day).into_iter().collect(),
        Event::MeetingCorrected {
            meeting_id,
            purpose,
            on: day,
            ..
        } => corrected(meeting_id, *purpose, *day),
        Event::MinutesSigned {
            meeting_id,
            purpose: Purpose::Response,
        } => vec![of_meeting(meeting_id, noted(Occasion::JarMinutesFiled))],
        Event::RecommendationSent { on: day, .. } => {
            vec![of_case(on(Occasion::RecommendationSent, *day))]
        }
        Event::NationalAcceptanceRecorded { submission, on, .. } => {
            accepted(submission, *on).into_iter().map(of_case).collect()
        }
        _ => of_action(event).unwrap_or_else(|| of_request(event)),
    }
}

/// Whether an event changes how a case stands at a panel: its clocks are then worked out anew from the list, from who
/// declared what and from what was signed.
pub const fn is_of_panel(event: &Event) -> bool {
    matches!(
        event,
        Event::PanelListed { .. }
            | Event::PanelTakenOff { .. }
            | Event::PanelDeferred { .. }
            | Event::PanelDecided { .. }
            | Event::InterestDeclared { .. }
            | Event::AnalysisSigned { .. }
            | Event::PackReleased { .. }
            | Event::ActionSet { .. }
            | Event::ActionWithdrawn { .. }
    )
}

/// One case on the list of one panel, as far as its clocks look at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AtPanel {
    pub state: ItemState,
    pub on: NaiveDate,
    /// Everybody who is put down and comes has declared.
    pub declared: bool,
    /// The members could read an account of it.
    pub released: bool,
    pub signed: bool,
}

/// What the panels of a case tell its clocks; `all` in the order in which it was listed, without what was taken off or
/// called off.
pub fn told_by_panels(all: &[AtPanel], recommends: bool) -> Vec<Told> {
    let last = all.last();
    let reviewed = all.iter().rfind(|at| at.state == ItemState::Reviewed);
    // Of what was put off before everybody had declared nothing is expected any more.
    let expected = last.filter(|at| at.state != ItemState::Deferred || at.declared);
    let signed = reviewed.is_some_and(|at| at.signed);
    let given = |occasion, at: Option<&AtPanel>| Told {
        occasion,
        when: at.map(|at| When::Given(Start::Day(at.on))),
    };
    let so = |occasion, so: bool| Told {
        occasion,
        when: so.then_some(When::Noted),
    };
    vec![
        given(Occasion::PanelDate, expected),
        so(
            Occasion::InterestsDeclared,
            last.is_some_and(|at| at.declared),
        ),
        so(Occasion::PackReleased, last.is_some_and(|at| at.released)),
        given(Occasion::PanelHeld, reviewed),
        so(Occasion::PanelMinutesSigned, signed),
        so(Occasion::RecommendationAgreed, signed && recommends),
    ]
}

/// Each response meeting has minutes of its own, and so a clock of its own.
fn of_meeting(id: &str, told: Told) -> Cause {
    Cause {
        request: Some(id.to_owned()),
        at: Some(id.to_owned()),
        asked: None,
        told,
    }
}

fn held(id: &str, purpose: Purpose, day: NaiveDate) -> Option<Cause> {
    match purpose {
        Purpose::Response => Some(of_meeting(id, on(Occasion::JarMeetingHeld, day))),
        Purpose::Review => Some(Cause {
            request: None,
            ..of_meeting(id, on(Occasion::CdrmHeld, day))
        }),
        Purpose::Panel => None,
    }
}

/// A meeting that was held says that it was on another day.
fn corrected(id: &str, purpose: Purpose, day: NaiveDate) -> Vec<Cause> {
    let mut all: Vec<Cause> = held(id, purpose, day).into_iter().collect();
    if purpose == Purpose::Review {
        all.push(Cause {
            request: None,
            ..of_meeting(id, on(Occasion::CdrmDate, day))
        });
    }
    all
}

fn moved(mv: Move, from: State) -> Vec<Told> {
    let mut told = match mv {
        Move::HoldCdrm => vec![noted(Occasion::CdrmHeld)],
        Move::RecordComplete | Move::RecordInsufficient => vec![noted(Occasion::PanelCompleted)],
        Move::RecordDeferred => vec![noted(Occasion::CaseDeferred)],
        Move::FindOutOfScope | Move::TransferOut | Move::Join => vec![noted(Occasion::Ended)],
        Move::TakeBack => vec![not_so(Occasion::Ended)],
        _ => Vec::new(),
    };
    if from == State::PanelDeferred {
        told.push(noted(Occasion::CaseRelisted));
    }
    told
}

/// Whatever the national database took, it has the notification.
fn accepted(submission: &str, day: NaiveDate) -> Vec<Told> {
    match submission {
        "withdrawal" => Vec::new(),
        "notification" => vec![on(Occasion::NationalNotificationAccepted, day)],
        _ => vec![
            on(Occasion::NationalNotificationAccepted, day),
            on(Occasion::NationalFinalAccepted, day),
        ],
    }
}

/// An action has clocks of its own, and a recommendation that was closed is looked back at.
fn of_action(event: &Event) -> Option<Vec<Cause>> {
    let cause = |id: &str, told: Told| Cause {
        request: Some(id.to_owned()),
        at: None,
        asked: None,
        told,
    };
    Some(match event {
        Event::ActionSet { action_id, due, .. } | Event::ActionExtended { action_id, due, .. } => {
            vec![cause(action_id, on(Occasion::ActionSet, *due))]
        }
        Event::ActionClosed {
            action_id,
            kind,
            on: day,
        } => {
            let mut all = vec![cause(action_id, on_or_noted(Occasion::ActionClosed, *day))];
            if *kind == Kind::Recommendation {
                let closed = Occasion::RecommendationClosed;
                all.push(cause(action_id, on_or_noted(closed, *day)));
            }
            all
        }
        Event::ActionWithdrawn { action_id, .. } => vec![cause(action_id, noted(Occasion::Ended))],
        Event::LookedBack {
            action_id,
            months,
            on: day,
            ..
        } => {
            let occasion = match months {
                6 => Occasion::LookedBackSix,
                _ => Occasion::LookedBackTwelve,
            };
            vec![cause(action_id, on_or_noted(occasion, *day))]
        }
        _ => return None,
    })
}

/// An answer stops its clock when it is sent: what is sent back lets the clock run on, so an agency is not late
/// because its answer waits to be read.
fn of_request(event: &Event) -> Vec<Cause> {
    let cause = |id: &str, asked: Option<Asked>, told: Told| Cause {
        request: Some(id.to_owned()),
        at: None,
        asked,
        told,
    };
    match event {
        Event::RequestSent {
            request_id,
            due,
            forms,
            ..
        } => {
            let asked = if forms.iter().any(|form| form == "reporting") {
                Asked::Reporting
            } else {
                Asked::Supplementary
            };
            vec![
                // Before the clock is started, so that it starts with the day agreed.
                cause(request_id, None, on(Occasion::AgreedDate, *due)),
                cause(request_id, Some(asked), noted(Occasion::RequestSent)),
                Cause {
                    request: None,
                    at: None,
                    asked: None,
                    told: noted(Occasion::RequestsSent),
                },
            ]
        }
        Event::RequestExtended {
            request_id, due, ..
        } => vec![cause(request_id, None, on(Occasion::AgreedDate, *due))],
        Event::RequestWithdrawn { request_id, .. } => {
            vec![cause(request_id, None, noted(Occasion::Ended))]
        }
        Event::ResponseSent { request_id, .. }
        | Event::ResponseNil { request_id, .. }
        | Event::ResponseAccepted { request_id, .. } => {
            vec![cause(request_id, None, noted(Occasion::ResponseAccepted))]
        }
        Event::ResponseSentBack { request_id, .. } => {
            vec![cause(request_id, None, not_so(Occasion::ResponseAccepted))]
        }
        _ => Vec::new(),
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
            self.answered(Occasion::LeafletRecorded, &["family_leaflet_given"]),
            self.held(Occasion::JarInitialMeetingHeld, "jar_meeting_date"),
            Told {
                occasion: Occasion::CoronerDecision,
                when: inquest.then(|| informed.map_or(When::Noted, When::Given)),
            },
        ];
        told.extend(self.response_decided(None));
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
            self.held(Occasion::JarFollowUpHeld, "case_discussion_date"),
            self.held(Occasion::CdrmHeld, "cdrm_date"),
        ];
        if self.answers.choice("draft_analysis_sent") == Some("yes") {
            told.push(match self.answers.date("draft_sent_date") {
                Some(day) => on(Occasion::DraftAnalysisReceived, day),
                None => noted(Occasion::DraftAnalysisReceived),
            });
        }
        told.extend(self.response_decided(decided));
        told.push(self.not_needed("jar_required"));
        told
    }

    /// The decisions of the first hours are recorded with the last of them.
    fn first_hours(&self) -> Vec<Told> {
        let at = |question: &str| match self.answers.get(&format!("{question}_at")) {
            Some(Answer::DateTime(at)) => Some(moment(*at)),
            _ => None,
        };
        let all: Option<Vec<DateTime<Utc>>> =
            FIRST_HOURS.iter().map(|question| at(question)).collect();
        let last = all.and_then(|all| all.into_iter().max());
        let mut told = vec![Told {
            occasion: Occasion::ImmediateDecisionsRecorded,
            when: last.map(|at| When::Given(Start::Moment(at))),
        }];
        let (decided, needed) = self.decided("jar_met", at("jar"));
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
    fn response_decided(&self, at: Option<DateTime<Utc>>) -> [Told; 2] {
        let (decided, needed) = self.decided("jar_required", at);
        [decided, needed]
    }

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

//! What moves clocks: the one table from what happens here, and from what the record says, to the occasions that
//! start and stop them. A new event that a clock waits for is added here and nowhere else. Must not know which
//! clocks there are.

mod event;
mod form;
mod panel;

use chrono::NaiveDate;

use super::due::Start;
use super::names::{Asked, Occasion};

pub use event::causes;
pub use form::{FIRST_HOURS, told};
pub use panel::{AtPanel, is_of_panel, told_by_panels};

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
    Occasion::PostMortemDone,
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

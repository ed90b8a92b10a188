//! What events tell the clocks: of the case, of a request, of an action and of a meeting.

use chrono::NaiveDate;

use super::{Cause, Told, not_so, noted, on, on_or_noted};
use crate::domain::action::Kind;
use crate::domain::actor::Role;
use crate::domain::case::{Move, State};
use crate::domain::clock::{Asked, Occasion};
use crate::domain::event::Event;
use crate::domain::meeting::Purpose;

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
        Event::MeetingCancelled { purpose, .. } if *purpose == Purpose::Review => cancelled(event),
        Event::MeetingInvited {
            meeting_id,
            purpose,
            ..
        } if *purpose == Purpose::Review => {
            vec![of_review(meeting_id, noted(Occasion::CdrmInvitationsSent))]
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

/// Each response meeting has minutes of its own, and so a clock of its own.
fn of_meeting(id: &str, told: Told) -> Cause {
    Cause {
        request: Some(id.to_owned()),
        at: Some(id.to_owned()),
        asked: None,
        told,
    }
}

/// What happened at a review meeting is of the case, and is put right or taken back by that meeting.
fn of_review(id: &str, told: Told) -> Cause {
    Cause {
        request: None,
        ..of_meeting(id, told)
    }
}

/// A review meeting does not take place: who was invited to it was not invited to the next.
fn cancelled(event: &Event) -> Vec<Cause> {
    let Event::MeetingCancelled {
        meeting_id,
        next,
        next_id,
        next_invited,
        ..
    } = event
    else {
        return Vec::new();
    };
    let of_case = |told: Told| Cause {
        at: None,
        ..of_review(meeting_id, told)
    };
    let day = match next {
        Some(day) => on(Occasion::CdrmDate, *day),
        None => not_so(Occasion::CdrmDate),
    };
    let unsent = not_so(Occasion::CdrmInvitationsSent);
    // The first of these is for what was noted before invitations were kept by their meeting.
    let mut all = vec![
        of_case(day),
        of_case(unsent.clone()),
        of_review(meeting_id, unsent),
    ];
    if let (Some(id), Some(day)) = (next_id, next_invited) {
        all.push(of_review(id, on(Occasion::CdrmInvitationsSent, *day)));
    }
    all
}

fn held(id: &str, purpose: Purpose, day: NaiveDate) -> Option<Cause> {
    match purpose {
        Purpose::Response => Some(of_meeting(id, on(Occasion::JarMeetingHeld, day))),
        Purpose::Review => Some(of_review(id, on(Occasion::CdrmHeld, day))),
        Purpose::Panel => None,
    }
}

/// A meeting that was held says that it was on another day.
fn corrected(id: &str, purpose: Purpose, day: NaiveDate) -> Vec<Cause> {
    let mut all: Vec<Cause> = held(id, purpose, day).into_iter().collect();
    if purpose == Purpose::Review {
        all.push(of_review(id, on(Occasion::CdrmDate, day)));
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

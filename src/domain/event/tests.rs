//! Every event, once: it has a sentence, survives JSON, and says nothing it should not.

use std::collections::BTreeSet;

use serde_json::json;

use super::*;
use crate::domain::case;
use crate::domain::restriction::{Finding, Why};

/// Stands for what must never reach a sentence: a person's name or an answer.
const PRIVATE: &str = "Zzyzx";

fn text() -> String {
    PRIVATE.to_owned()
}

fn date() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 27).unwrap()
}

#[expect(clippy::too_many_lines, reason = "one line for each event there is")]
fn samples() -> Vec<Event> {
    let reference = || "KM-2026-0041".to_owned();
    let agency = || "Health visiting".to_owned();
    let form = || "reporting".to_owned();
    let form_label = || "Reporting form".to_owned();
    let label = || "Date of birth".to_owned();
    let section = || "The child".to_owned();
    vec![
        Event::NotificationDraftSaved { section: section() },
        Event::NotificationSent {
            version: "2022-04-r1".into(),
            route: "portal".into(),
            complete: false,
        },
        Event::NotificationHeld {
            why: "quick".into(),
        },
        Event::NotificationReleased {},
        Event::NotificationSetAside { reason: text() },
        Event::NotificationCompleted { fields: 1 },
        Event::NotificationOpened {},
        Event::NotificationAccepted {
            reference: reference(),
        },
        Event::NotificationJoined {
            reference: reference(),
            reason: text(),
        },
        Event::NotificationOutOfScope {
            outcome: "excluded_stillbirth".into(),
            reason: text(),
        },
        Event::NotificationTransferred {
            to: "Sample Panel".into(),
            reason: text(),
        },
        Event::NotificationTakenBack { reason: text() },
        Event::DuplicateExplained {
            reference: reference(),
            reason: text(),
        },
        Event::CaseCreated {
            reference: reference(),
        },
        Event::CaseMoved {
            mv: Move::HoldCdrm,
            from: State::Gathering,
            to: State::CdrmHeld,
            on: Some(date()),
            reason: text(),
        },
        Event::CaseRead { page: form() },
        Event::ChronologyPrinted { entries: 3 },
        Event::NotificationRead {},
        Event::RequestRead { page: form() },
        Event::PageRead { page: form() },
        Event::WorklistRead {
            view: form(),
            filters: vec!["state".into()],
            rows: 2,
        },
        Event::CasesSearched {
            by: "name".into(),
            rows: 1,
        },
        Event::ReturnsRead {},
        Event::AccessRefused { page: form() },
        Event::CaseAssigned {
            user_id: text(),
            role: Role::KeyWorker,
        },
        Event::CaseUnassigned {
            user_id: text(),
            role: Role::KeyWorker,
        },
        Event::CaseMerged {
            into: reference(),
            reason: text(),
        },
        Event::CaseTakenUnder {
            reference: reference(),
            reason: text(),
        },
        Event::CaseUnmerged {
            reference: reference(),
            reason: text(),
        },
        Event::TransferMade {
            transfer_id: text(),
            to: agency(),
            size: 1,
        },
        Event::TransferDownloaded {
            transfer_id: text(),
        },
        Event::TransferAccepted {
            transfer_id: text(),
            to: agency(),
        },
        Event::TransferRefused {
            transfer_id: text(),
            to: agency(),
            reason: text(),
        },
        Event::TransferLooked {
            transfer_id: text(),
            from: agency(),
        },
        Event::TransferTakenUp {
            transfer_id: text(),
            from: agency(),
        },
        Event::TransferTaken {
            transfer_id: text(),
            from: agency(),
            theirs: reference(),
            forms: 3,
            answers: 2,
            documents: 1,
        },
        Event::TransferTurnedDown {
            transfer_id: text(),
            from: agency(),
            reason: text(),
        },
        Event::CaseRestricted { reason: text() },
        Event::CaseUnrestricted { reason: text() },
        Event::CaseNamed { user_id: text() },
        Event::CaseUnnamed { user_id: text() },
        Event::RestrictedCaseOpened {
            opening_id: text(),
            why: Why::Deadline,
            until: date().and_hms_opt(12, 0, 0).unwrap(),
            reason: text(),
        },
        Event::OpeningReviewed {
            opening_id: text(),
            finding: Finding::Right,
            reason: text(),
        },
        Event::ClockMoved {
            clock_id: text(),
            clock: "C25".into(),
            name: "Child death review meeting held".into(),
            before: date().and_hms_opt(22, 59, 0).unwrap(),
            after: date().and_hms_opt(23, 59, 0).unwrap(),
        },
        Event::ClockPaused {
            clock_id: text(),
            clock: "C25".into(),
            name: "Child death review meeting held".into(),
            why: PauseReason::PostMortemOutstanding,
            reason: text(),
        },
        Event::ClockResumed {
            clock_id: text(),
            clock: "C25".into(),
            name: "Child death review meeting held".into(),
        },
        Event::ClockExcused {
            clock_id: text(),
            clock: "C25".into(),
            name: "Child death review meeting held".into(),
            reason: text(),
        },
        Event::RemindersHeld {
            clock_id: text(),
            clock: "C21".into(),
            name: "Reporting form returned".into(),
            reason: text(),
        },
        Event::RemindersReleased {
            clock_id: text(),
            clock: "C21".into(),
            name: "Reporting form returned".into(),
        },
        Event::Reminded {
            clock_id: text(),
            clock: "C21".into(),
            name: "Reporting form returned".into(),
            rung: "respondent@0".into(),
            letters: 1,
        },
        Event::ProcessAdded {
            process_id: text(),
            kind: "inquest".into(),
            label: label(),
        },
        Event::ProcessChanged {
            process_id: text(),
            kind: "inquest".into(),
            label: label(),
            fields: vec!["Lead body".into()],
            before: None,
            after: None,
        },
        Event::ProcessChecked {
            process_id: text(),
            kind: "inquest".into(),
            label: label(),
            next: Some(date()),
        },
        Event::ProcessOver {
            process_id: text(),
            kind: "inquest".into(),
            label: label(),
            state: crate::domain::process::State::Concluded,
            on: date(),
        },
        Event::HoldsLifted {
            process_id: text(),
            label: label(),
            meeting: true,
            panel: false,
        },
        Event::MeetingPlanned {
            meeting_id: text(),
            purpose: Purpose::Review,
            on: date(),
        },
        Event::MeetingMoved {
            meeting_id: text(),
            purpose: Purpose::Review,
            on: date(),
        },
        Event::MeetingCancelled {
            meeting_id: text(),
            purpose: Purpose::Response,
            reason: text(),
            next: None,
            next_id: None,
            next_invited: None,
        },
        Event::MeetingInvited {
            meeting_id: text(),
            purpose: Purpose::Review,
            letters: 4,
        },
        Event::MeetingPeopleChanged {
            meeting_id: text(),
            purpose: Purpose::Review,
            before: None,
            after: None,
        },
        Event::MinutesSaved {
            meeting_id: text(),
            purpose: Purpose::Review,
        },
        Event::MeetingHeld {
            meeting_id: text(),
            purpose: Purpose::Response,
            on: date(),
        },
        Event::MeetingCorrected {
            meeting_id: text(),
            purpose: Purpose::Review,
            on: date(),
            before: date(),
        },
        Event::MinutesSigned {
            meeting_id: text(),
            purpose: Purpose::Response,
        },
        Event::ActionSet {
            action_id: text(),
            kind: ActionKind::Action,
            due: date(),
        },
        Event::ActionChanged {
            action_id: text(),
            kind: ActionKind::Action,
            fields: vec![label()],
            before: None,
            after: None,
        },
        Event::ActionExtended {
            action_id: text(),
            kind: ActionKind::Recommendation,
            due: date(),
            reason: text(),
        },
        Event::RecommendationSent {
            action_id: text(),
            on: date(),
        },
        Event::ActionClosed {
            action_id: text(),
            kind: ActionKind::Action,
            on: None,
        },
        Event::ActionWithdrawn {
            action_id: text(),
            kind: ActionKind::Action,
            reason: text(),
        },
        Event::LookedBack {
            action_id: text(),
            months: 6,
            worked: Worked::Partly,
            on: None,
        },
        Event::PanelListed {
            item_id: text(),
            meeting_id: text(),
            on: date(),
            pack: "A42".into(),
            route: "Full".into(),
            waived: vec![Must::PostMortem],
            reason: text(),
        },
        Event::PanelRouteChanged {
            item_id: text(),
            meeting_id: text(),
            route: "Full".into(),
            reason: text(),
        },
        Event::PanelReordered {
            item_id: text(),
            meeting_id: text(),
        },
        Event::PanelTakenOff {
            item_id: text(),
            meeting_id: text(),
            reason: text(),
        },
        Event::PanelDeferred {
            item_id: text(),
            meeting_id: text(),
            deferral: Deferral::Inquest,
            next: date(),
        },
        Event::InterestDeclared {
            item_id: text(),
            person_id: text(),
            interest: Interest::Personal,
        },
        Event::InterestJudged {
            item_id: text(),
            person_id: text(),
            stays: false,
        },
        Event::PanelHandedOver {
            item_id: text(),
            person_id: text(),
        },
        Event::PanelDecided {
            item_id: text(),
            decision: Decision::Complete,
        },
        Event::AnalysisSigned {
            item_id: text(),
            number: 2,
        },
        Event::PackBuilt {
            item_id: text(),
            documents: vec![1, 2],
        },
        Event::PackDecided {
            item_id: text(),
            cut: 3,
            left: 1,
            open: 0,
        },
        Event::PackNoted { item_id: text() },
        Event::PackSigned {
            item_id: text(),
            second: true,
        },
        Event::PackReleased {
            item_id: text(),
            number: 1,
        },
        Event::PackRead {
            item_id: text(),
            number: 1,
        },
        Event::PackPrinted {
            item_id: text(),
            number: 1,
        },
        Event::PackMarkedRead {
            item_id: text(),
            number: 1,
        },
        Event::PackNoteKept { item_id: text() },
        Event::PackQuestionAsked {
            item_id: text(),
            question_id: text(),
        },
        Event::PackQuestionSent {
            question_id: text(),
            request_id: text(),
            agency: "GP".into(),
        },
        Event::PackQuestionAnswered {
            question_id: text(),
            agency: "GP".into(),
        },
        Event::PackQuestionSettled {
            question_id: text(),
        },
        Event::LearningAgreed { points: 2 },
        Event::ContributorsThanked { letters: 2 },
        Event::ThemesSet {
            themes: vec!["Safer sleep".into()],
        },
        Event::ClusterFound {
            cluster_id: "k1".into(),
            dimension: "district".into(),
            months: 3,
            count: 4,
        },
        Event::ClusterJudged {
            cluster_id: "k1".into(),
            judgement: crate::domain::cluster::Judgement::Chance,
            reason: text(),
        },
        Event::FamilyAdded {
            row_id: text(),
            label: label(),
        },
        Event::FamilyChanged {
            row_id: text(),
            label: label(),
            fields: vec!["Address".into()],
            before: Some(json!({"address": "A"})),
            after: Some(json!({"address": "B"})),
        },
        Event::KeyWorkerNamed { on: date() },
        Event::LeafletOffered { on: date() },
        Event::SafetyAnswered {
            row_id: text(),
            answer: crate::domain::family::Safe::Yes,
        },
        Event::QuestionMoved {
            row_id: text(),
            to: crate::domain::family::Asked::Panel,
        },
        Event::FamilyOutcome {
            on: date(),
            told: true,
        },
        Event::RecordCorrected {
            form: form(),
            field: "date_of_birth".into(),
            label: label(),
            before: json!(PRIVATE),
            after: json!([PRIVATE]),
            reason: text(),
        },
        Event::RecordSaved {
            form: form(),
            form_label: form_label(),
            section: section(),
        },
        Event::FormFilled {
            form: form(),
            form_label: form_label(),
            part: "first_hours".into(),
            fields: vec![label()],
        },
        Event::ConflictSettled {
            form: form(),
            field: "sex".into(),
            label: label(),
            response_id: text(),
            reason: text(),
        },
        Event::FormOpened {
            form: form(),
            form_label: form_label(),
            why: text(),
        },
        Event::FormWaived {
            form: form(),
            form_label: form_label(),
            reason: text(),
        },
        Event::FormUnwaived {
            form: form(),
            form_label: form_label(),
            reason: text(),
        },
        Event::RequestSent {
            request_id: text(),
            agency: agency(),
            forms: vec![form()],
            due: date(),
        },
        Event::RequestClaimed {
            request_id: text(),
            agency: agency(),
        },
        Event::LinkOpenedWrong {
            why: "expired".into(),
        },
        Event::LinkCodeSent {
            request_id: "r".into(),
        },
        Event::LinkCodeFailed {
            request_id: "r".into(),
        },
        Event::LinkAsked { request_id: None },
        Event::LinkRenewed {
            request_id: "r".into(),
            agency: agency(),
        },
        Event::RequestReminded {
            request_id: text(),
            agency: agency(),
        },
        Event::RequestReissued {
            request_id: text(),
            agency: agency(),
            reason: text(),
        },
        Event::RequestWithdrawn {
            request_id: text(),
            agency: agency(),
            reason: text(),
        },
        Event::RequestWaived {
            request_id: text(),
            agency: agency(),
            reason: text(),
        },
        Event::RequestExtended {
            request_id: text(),
            agency: agency(),
            due: date(),
            reason: text(),
        },
        Event::TimeAsked {
            request_id: text(),
            agency: agency(),
            until: date(),
        },
        Event::TimeRefused {
            request_id: text(),
            agency: agency(),
            reason: text(),
        },
        Event::RequestRedirected {
            request_id: "r".into(),
            agency: agency(),
        },
        Event::RequestHandedOn {
            request_id: text(),
            agency: agency(),
        },
        Event::ChildKnown {
            request_id: text(),
            agency: agency(),
        },
        Event::PartsHandedOn {
            request_id: "r".into(),
            agency: agency(),
            parts: vec![section()],
        },
        Event::PartsReturned {
            request_id: text(),
            agency: agency(),
            parts: vec![label()],
            given_back: true,
        },
        Event::ResponseDraftSaved {
            request_id: text(),
            form: form(),
            section: section(),
        },
        Event::ResponseSent {
            request_id: text(),
            agency: agency(),
            form: form(),
            form_label: form_label(),
            spared: Some(3),
        },
        Event::ResponseNil {
            request_id: text(),
            agency: agency(),
        },
        Event::ResponseAccepted {
            request_id: text(),
            agency: agency(),
            form: form(),
            form_label: form_label(),
        },
        Event::ResponseSentBack {
            request_id: text(),
            agency: agency(),
            form: form(),
            form_label: form_label(),
            reason: text(),
            marks: Some(vec!["birth_weight_g".into()]),
        },
        Event::LetterMade {
            letter: "Minutes of a meeting".into(),
        },
        Event::LetterSent {
            letter: "First letter".into(),
            to: "A parent or carer".into(),
            on: date(),
        },
        Event::CaseKeyMade {},
        Event::DocumentAdded {
            number: 3,
            kind: "pdf".into(),
            size: 1,
        },
        Event::DocumentRefused {
            rule: "macros".into(),
            size: 1,
        },
        Event::AttachmentAdded {
            request_id: "r".into(),
            kind: "PDF".into(),
            size: 1,
        },
        Event::AttachmentRemoved {
            request_id: "r".into(),
        },
        Event::DocumentDownloaded { number: 3 },
        Event::DocumentFoundClean { number: 3 },
        Event::DocumentFoundInfected { number: 3 },
        Event::DocumentDamaged { number: 3 },
        Event::DocumentWithdrawn { number: 3 },
        Event::AnalysisSaved {
            section: section(),
            before: None,
            after: None,
        },
        Event::CaseFinalised { version: 1 },
        Event::CaseReopened {
            version: 2,
            reason: text(),
        },
        Event::CaseSubmitted {
            submission: "final".into(),
            version: 1,
            package: text(),
        },
        Event::NationalAcceptanceRecorded {
            submission: "final".into(),
            version: 1,
            on: date(),
        },
        Event::ReturnBegun {
            kind: "year_end".into(),
            from: date(),
            to: date(),
            package: text(),
            identified: true,
        },
        Event::CaseExported {
            kind: "year_end".into(),
            package: text(),
            identified: true,
            sent: true,
        },
        Event::ReturnExported {
            kind: "year_end".into(),
            from: date(),
            to: date(),
            package: text(),
            sha256: text(),
            cases: 12,
        },
        Event::YearNoted {
            clock: text(),
            name: "Year-end report sent".into(),
            year: date(),
            cut_off: None,
            done: Some(date()),
        },
        Event::YearReminded {
            clock: text(),
            name: "Year-end report sent".into(),
            year: date(),
            rung: text(),
            letters: 1,
        },
        Event::ReturnAnswered {
            package: text(),
            answer: "accepted".into(),
            on: date(),
        },
        Event::ReturnChecked {
            from: date(),
            to: date(),
            cases: 1,
            refused: 0,
        },
        Event::SignedIn {},
        Event::SignedOut {},
        Event::RecordFoundDamaged {
            table: text(),
            row: text(),
        },
        Event::SignInFailed { user_id: None },
        Event::UserAdded {
            user_id: text(),
            role: Role::Coordinator,
        },
        Event::UserChanged {
            user_id: text(),
            role: Role::Coordinator,
            before: None,
            after: None,
        },
        Event::UserStopped { user_id: text() },
        Event::PasswordChanged { user_id: text() },
        Event::PasswordResetAsked {
            user_id: Some(text()),
        },
        Event::UserStarted { user_id: text() },
        Event::UserInvited {
            invitation_id: text(),
            role: Role::Respondent,
        },
        Event::InvitationSentAgain {
            invitation_id: text(),
        },
        Event::InvitationWithdrawn {
            invitation_id: text(),
        },
        Event::CalendarMade { user_id: text() },
        Event::CalendarRevoked { user_id: text() },
        Event::CalendarRead {
            user_id: text(),
            rows: 3,
        },
        Event::UserJoined {
            user_id: text(),
            invitation_id: text(),
            role: Role::Respondent,
        },
        Event::FactorEnrolled {
            user_id: text(),
            kind: "totp".into(),
        },
        Event::FactorReset { user_id: text() },
        Event::CodeFailed { user_id: text() },
        Event::CodeChecked { user_id: text() },
        Event::RecoveryCodesMade { user_id: text() },
        Event::RecoveryCodeUsed {
            user_id: text(),
            left: 9,
        },
        Event::SessionEnded {
            session_id: text(),
            user_id: text(),
        },
        Event::SessionsEnded {
            user_id: text(),
            sessions: 2,
        },
        Event::PostKept { user_id: text() },
        Event::TokenIssued {
            token_id: text(),
            system: "Sample hospital".into(),
            scopes: vec![ApiScope::NotificationsWrite],
            days: 90,
        },
        Event::TokenRevoked {
            token_id: text(),
            system: "Sample hospital".into(),
        },
        Event::TokenRefused {
            why: TokenFault::Revoked,
            token_id: Some(text()),
        },
        Event::FieldVerified {
            version: "2022-04-r1".into(),
            form: form(),
            field: "sex".into(),
            label: label(),
        },
        Event::FieldUnverified {
            version: "2022-04-r1".into(),
            form: form(),
            field: "sex".into(),
            label: label(),
        },
        Event::ContactAdded {
            contact_id: text(),
            agency: agency(),
        },
        Event::ContactChanged {
            contact_id: text(),
            agency: agency(),
            before: Some(serde_json::json!({"district": ""})),
            after: None,
        },
        Event::ContactEnded {
            contact_id: text(),
            agency: agency(),
        },
        Event::AgencyHeld {
            hold_id: text(),
            agency: agency(),
            organisation: None,
            until: None,
            reason: text(),
        },
        Event::AgencyHoldChanged {
            hold_id: text(),
            agency: agency(),
            before: serde_json::Value::Null,
            after: serde_json::Value::Null,
        },
        Event::AgencyReleased {
            hold_id: text(),
            agency: agency(),
        },
        Event::DirectoryImported {
            added: 2,
            changed: 1,
        },
        Event::MailQueued {
            mail_id: text(),
            letter: "request".into(),
        },
        Event::MailSent {
            mail_id: text(),
            letter: "request".into(),
        },
        Event::MailUnsure {
            mail_id: text(),
            letter: "request".into(),
        },
        Event::MailRequeued {
            mail_id: text(),
            letter: "request".into(),
        },
        Event::MailBounced {
            mail_id: text(),
            letter: "request".into(),
            status: "5.1.1".into(),
        },
        Event::MailFailed {
            mail_id: text(),
            letter: "request".into(),
            attempt: 2,
        },
        Event::Migrated {
            to: "00001_start".into(),
        },
        Event::Seeded {
            cases: 200,
            seed: 7,
        },
        Event::NotificationsImported {
            created: 3,
            matched: 1,
            refused: 2,
        },
        Event::ImportChecked {
            created: 3,
            matched: 1,
            refused: 2,
        },
        Event::ImportDiscarded {},
        Event::ImportUndone {
            removed: 3,
            kept: 1,
        },
        Event::NotificationRemoved {},
        Event::RegisteredDeathsCompared {
            notified: 3,
            not_notified: 1,
            not_ours: 1,
            refused: 0,
        },
        Event::BackedUp { sha256: text() },
        Event::Restored { sha256: text() },
        Event::AuditVerified {
            events: 4000,
            holds: true,
        },
        Event::AuditBegun { events: 4000 },
        Event::AuditRead {
            filters: Vec::new(),
            rows: 2,
        },
        Event::AuditExported {
            filters: vec!["month".into()],
            rows: 2,
        },
    ]
}

#[test]
fn the_samples_are_every_event_once() {
    let names: Vec<&str> = samples().iter().map(Event::name).collect();
    assert_eq!(names, Event::NAMES);
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
}

#[test]
fn every_event_has_its_sentence_and_it_holds_no_person_and_no_answer() {
    for event in samples() {
        let sentence = event.sentence();
        assert!(
            sentence.ends_with('.') && !sentence.contains('\n'),
            "{sentence}"
        );
        assert!(
            sentence.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit() || c == '“'),
            "{sentence}"
        );
        assert_ne!(sentence, event.name().replace('_', " "));
        assert!(!sentence.contains(PRIVATE), "{sentence}");
    }
}

#[test]
fn every_event_survives_json_under_its_name() {
    for event in samples() {
        let value = serde_json::to_value(&event).unwrap();
        assert_eq!(value.get("what").unwrap(), event.name());
        assert_eq!(serde_json::from_value::<Event>(value).unwrap(), event);
    }
}

#[test]
fn a_reason_is_kept_apart_from_the_sentence() {
    let event = Event::CaseReopened {
        version: 2,
        reason: "New inquest finding".into(),
    };
    assert_eq!(event.reason(), Some("New inquest finding"));
    assert_eq!(
        event.sentence(),
        "The case was reopened. The next version is 2."
    );
    assert_eq!(
        Event::CaseReopened {
            version: 2,
            reason: String::new()
        }
        .reason(),
        None
    );
}

#[test]
fn a_cases_state_replays_from_its_trail() {
    let trail = [
        Event::NotificationSent {
            version: "2022-04-r1".into(),
            route: "portal".into(),
            complete: true,
        },
        Event::NotificationOpened {},
        Event::NotificationAccepted {
            reference: "KM-2026-0041".into(),
        },
        Event::CaseCreated {
            reference: "KM-2026-0041".into(),
        },
        Event::CaseMoved {
            mv: Move::RecordComplete,
            from: State::Gathering,
            to: State::PanelComplete,
            on: None,
            reason: String::new(),
        },
        Event::CaseFinalised { version: 1 },
    ];
    assert_eq!(
        case::replay(trail.iter().filter_map(Event::case_move)),
        Ok(State::SignedOff)
    );
}

#[test]
fn sentences_count_as_people_do() {
    let sent = |forms: Vec<String>| {
        Event::RequestSent {
            request_id: String::new(),
            agency: "Police".into(),
            forms,
            due: date(),
        }
        .sentence()
    };
    assert_eq!(
        sent(vec!["a".into()]),
        "1 form was requested from Police by 27 March 2026."
    );
    assert_eq!(
        sent(vec!["a".into(), "b".into()]),
        "2 forms were requested from Police by 27 March 2026."
    );
}

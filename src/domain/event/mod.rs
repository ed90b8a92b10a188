//! Everything that can stand in the audit trail and on a case's timeline: one enum.
//! Must not know who did it, when, or how the trail is kept.
//!
//! An event's name and fields are stored for good: add, never rename. Of a change, `before` and `after` hold what
//! differs ([`differing`]); they are none in what was noted before they were kept. A field may hold what was
//! answered (a correction keeps before and after), so an event is case content; its
//! [`sentence`](Event::sentence) is not: it names forms and questions, never a person or an answer.

mod action;
mod clock;
mod differing;
mod family;
mod group;
mod learning;
mod letter;
mod meeting;
mod pack;
mod panel;
mod process;
mod reading;
mod sentence;
mod transfer;

pub use differing::differing;
pub use group::Group;

use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::action::{Kind as ActionKind, Worked};
use super::actor::{ApiScope, Role, TokenFault};
use super::case::{Move, State};
use super::clock::PauseReason;
use super::cluster::Judgement;
use super::family::{Asked, Safe};
use super::meeting::Purpose;
use super::panel::{Decision, Deferral, Interest, Must};
use super::process::State as Standing;
use super::restriction::{Finding, Why};

/// Defines the enum with the stored name of each event and whether the timeline shows it.
macro_rules! events {
    ( $( $(#[$doc:meta])* $name:ident = $code:literal, $timeline:ident { $( $field:ident : $kind:ty ),* } )+ ) => {
        /// Something that happened.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "what")]
        pub enum Event {
            $( $(#[$doc])* #[serde(rename = $code)] $name { $( $field: $kind ),* }, )+
        }

        impl Event {
            /// The stored name of every event.
            pub const NAMES: &'static [&'static str] = &[ $( $code, )+ ];

            /// The stored name of this event.
            pub const fn name(&self) -> &'static str {
                match self { $( Self::$name { .. } => $code, )+ }
            }

            /// The stored names of those that no timeline shows.
            pub fn unshown() -> Vec<&'static str> {
                let all = [ $( ($code, events!(@$timeline)), )+ ];
                all.iter().filter(|(_, shown)| !shown).map(|(name, _)| *name).collect()
            }

            /// Whether a reader of the case sees it on the timeline. What is not shown stays in the
            /// audit trail.
            pub const fn shown_on_timeline(&self) -> bool {
                match self { $( Self::$name { .. } => events!(@$timeline), )+ }
            }
        }
    };
    (@shown) => { true };
    (@trail) => { false };
}

events! {
    // Notification
    NotificationDraftSaved = "notification_draft_saved", trail { section: String }
    /// `complete` is false when the notifier sent early and will complete it later.
    NotificationSent = "notification_sent", shown { version: String, route: String, complete: bool }
    /// It looks as if no person sent it: `why` is `hidden_field` or `quick`.
    NotificationHeld = "notification_held", shown { why: String }
    NotificationReleased = "notification_released", shown {}
    NotificationSetAside = "notification_set_aside", shown { reason: String }
    NotificationCompleted = "notification_completed", shown { fields: usize }
    NotificationOpened = "notification_opened", shown {}
    NotificationAccepted = "notification_accepted", shown { reference: String }
    NotificationJoined = "notification_joined", shown { reference: String, reason: String }
    /// `outcome` is a code of [`crate::domain::scope::Outcome`].
    NotificationOutOfScope = "notification_out_of_scope", shown { outcome: String, reason: String }
    NotificationTransferred = "notification_transferred", shown { to: String, reason: String }
    NotificationTakenBack = "notification_taken_back", shown { reason: String }
    /// A possible duplicate was looked at and found to be another child (ID-8, ID-9).
    DuplicateExplained = "duplicate_explained", shown { reference: String, reason: String }

    // Case
    CaseCreated = "case_created", shown { reference: String }
    CaseMoved = "case_moved", shown { mv: Move, from: State, to: State, on: Option<NaiveDate>, reason: String }
    /// `page` is the address that was read. No address holds anything that tells who a child is.
    CaseRead = "case_read", trail { page: String }
    /// The page that prints the timeline was opened: so many entries there are, whatever it was narrowed to.
    ChronologyPrinted = "chronology_printed", trail { entries: usize }
    NotificationRead = "notification_read", trail {}
    /// The holder of a link looked at the request and what belongs to it.
    RequestRead = "request_read", trail { page: String }
    /// A list that is no case: accounts, invitations, mail.
    PageRead = "page_read", trail { page: String }
    /// `filters` names what the list was narrowed by, never the words.
    WorklistRead = "worklist_read", trail { view: String, filters: Vec<String>, rows: usize }
    /// What was typed is not kept: `by` says whether it was a name, a number or a reference.
    CasesSearched = "cases_searched", trail { by: String, rows: usize }
    ReturnsRead = "returns_read", trail {}
    /// `page` is empty where nothing is at the address.
    AccessRefused = "access_refused", trail { page: String }
    CaseAssigned = "case_assigned", shown { user_id: String, role: Role }
    CaseUnassigned = "case_unassigned", shown { user_id: String, role: Role }
    /// It is read under another one from now on; nothing of it moves.
    CaseMerged = "case_merged", shown { into: String, reason: String }
    /// Another one is read under this case.
    CaseTakenUnder = "case_taken_under", shown { reference: String, reason: String }
    CaseUnmerged = "case_unmerged", shown { reference: String, reason: String }
    /// A file for another panel was made; the case stays until that panel answered.
    TransferMade = "transfer_made", shown { transfer_id: String, to: String, size: i64 }
    TransferDownloaded = "transfer_downloaded", trail { transfer_id: String }
    TransferAccepted = "transfer_accepted", shown { transfer_id: String, to: String }
    TransferRefused = "transfer_refused", shown { transfer_id: String, to: String, reason: String }
    /// Another panel's file was opened, and nothing of it taken over yet.
    TransferLooked = "transfer_looked", trail { transfer_id: String, from: String }
    /// A file that somebody had opened and not decided on was opened by somebody else who was sent it too.
    TransferTakenUp = "transfer_taken_up", trail { transfer_id: String, from: String }
    /// The case came from another panel, with so much of each kind.
    TransferTaken = "transfer_taken", shown { transfer_id: String, from: String, theirs: String, forms: usize, answers: usize, documents: usize }
    /// Another panel's file was refused; nothing of it was kept.
    TransferTurnedDown = "transfer_turned_down", trail { transfer_id: String, from: String, reason: String }
    CaseRestricted = "case_restricted", shown { reason: String }
    CaseUnrestricted = "case_unrestricted", shown { reason: String }
    CaseNamed = "case_named", shown { user_id: String }
    CaseUnnamed = "case_unnamed", shown { user_id: String }
    /// By somebody who is not named, until `until`.
    RestrictedCaseOpened = "restricted_case_opened", shown { opening_id: String, why: Why, until: NaiveDateTime, reason: String }
    OpeningReviewed = "opening_reviewed", shown { opening_id: String, finding: Finding, reason: String }
    /// Something that a clock looks at was put right: it is due at another time, and the old one is kept.
    ClockMoved = "clock_moved", shown { clock_id: String, clock: String, name: String, before: NaiveDateTime, after: NaiveDateTime }
    ClockPaused = "clock_paused", shown { clock_id: String, clock: String, name: String, why: PauseReason, reason: String }
    ClockResumed = "clock_resumed", shown { clock_id: String, clock: String, name: String }
    ClockExcused = "clock_excused", shown { clock_id: String, clock: String, name: String, reason: String }
    RemindersHeld = "reminders_held", shown { clock_id: String, clock: String, name: String, reason: String }
    RemindersReleased = "reminders_released", shown { clock_id: String, clock: String, name: String }
    /// `rung` is as the data file writes it, and `letters` how many were written.
    Reminded = "reminded", shown { clock_id: String, clock: String, name: String, rung: String, letters: usize }
    // What runs beside the review: `label` is that of its kind, `fields` names what was changed
    ProcessAdded = "process_added", shown { process_id: String, kind: String, label: String }
    ProcessChanged = "process_changed", shown { process_id: String, kind: String, label: String, fields: Vec<String>, before: Option<Value>, after: Option<Value> }
    /// Somebody looked how far it is, and there was nothing new.
    ProcessChecked = "process_checked", shown { process_id: String, kind: String, label: String, next: Option<NaiveDate> }
    ProcessOver = "process_over", shown { process_id: String, kind: String, label: String, state: Standing, on: NaiveDate }
    /// Nothing holds the review meeting, the panel or either any more.
    HoldsLifted = "holds_lifted", shown { process_id: String, label: String, meeting: bool, panel: bool }
    // Meetings: `on` is the day, `purpose` what it is for
    MeetingPlanned = "meeting_planned", shown { meeting_id: String, purpose: Purpose, on: NaiveDate }
    MeetingMoved = "meeting_moved", shown { meeting_id: String, purpose: Purpose, on: NaiveDate }
    /// `next` is the day of another one that is arranged.
    MeetingCancelled = "meeting_cancelled", shown { meeting_id: String, purpose: Purpose, reason: String, next: Option<NaiveDate>, next_id: Option<String>, next_invited: Option<NaiveDate> }
    /// Invitations went to so many people, anew where the meeting moved.
    MeetingInvited = "meeting_invited", shown { meeting_id: String, purpose: Purpose, letters: usize }
    /// Somebody was put down for it, changed or taken off.
    MeetingPeopleChanged = "meeting_people_changed", shown { meeting_id: String, purpose: Purpose, before: Option<Value>, after: Option<Value> }
    MinutesSaved = "minutes_saved", shown { meeting_id: String, purpose: Purpose }
    MeetingHeld = "meeting_held", shown { meeting_id: String, purpose: Purpose, on: NaiveDate }
    /// It was held on another day than was recorded.
    MeetingCorrected = "meeting_corrected", shown { meeting_id: String, purpose: Purpose, on: NaiveDate, before: NaiveDate }
    MinutesSigned = "minutes_signed", shown { meeting_id: String, purpose: Purpose }
    // Actions and recommendations
    ActionSet = "action_set", shown { action_id: String, kind: ActionKind, due: NaiveDate }
    ActionChanged = "action_changed", shown { action_id: String, kind: ActionKind, fields: Vec<String>, before: Option<Value>, after: Option<Value> }
    ActionExtended = "action_extended", shown { action_id: String, kind: ActionKind, due: NaiveDate, reason: String }
    /// The person who must act was told (section 16M(5)).
    RecommendationSent = "recommendation_sent", shown { action_id: String, on: NaiveDate }
    /// `on` where it was closed on another day than it is noted: at another panel.
    ActionClosed = "action_closed", shown { action_id: String, kind: ActionKind, on: Option<NaiveDate> }
    ActionWithdrawn = "action_withdrawn", shown { action_id: String, kind: ActionKind, reason: String }
    /// Whether it worked, so many months after it was closed.
    LookedBack = "looked_back", shown { action_id: String, months: u32, worked: Worked, on: Option<NaiveDate> }
    // A panel: `pack` is the number by which the panel calls the case, `waived` what it was listed without
    PanelListed = "panel_listed", shown { item_id: String, meeting_id: String, on: NaiveDate, pack: String, route: String, waived: Vec<Must>, reason: String }
    PanelRouteChanged = "panel_route_changed", shown { item_id: String, meeting_id: String, route: String, reason: String }
    PanelReordered = "panel_reordered", trail { item_id: String, meeting_id: String }
    PanelTakenOff = "panel_taken_off", shown { item_id: String, meeting_id: String, reason: String }
    PanelDeferred = "panel_deferred", shown { item_id: String, meeting_id: String, deferral: Deferral, next: NaiveDate }
    /// `person_id` is a row of those put down for the meeting.
    InterestDeclared = "interest_declared", shown { item_id: String, person_id: String, interest: Interest }
    InterestJudged = "interest_judged", shown { item_id: String, person_id: String, stays: bool }
    PanelHandedOver = "panel_handed_over", shown { item_id: String, person_id: String }
    PanelDecided = "panel_decided", shown { item_id: String, decision: Decision }
    AnalysisSigned = "analysis_signed", shown { item_id: String, number: i32 }
    // An anonymised pack: numbers of documents, never what stands in it
    PackBuilt = "pack_built", shown { item_id: String, documents: Vec<i32> }
    PackDecided = "pack_decided", trail { item_id: String, cut: usize, left: usize, open: usize }
    PackNoted = "pack_noted", trail { item_id: String }
    PackSigned = "pack_signed", shown { item_id: String, second: bool }
    PackReleased = "pack_released", shown { item_id: String, number: i32 }
    PackRead = "pack_read", trail { item_id: String, number: i32 }
    PackPrinted = "pack_printed", trail { item_id: String, number: i32 }
    PackMarkedRead = "pack_marked_read", trail { item_id: String, number: i32 }
    PackNoteKept = "pack_note_kept", trail { item_id: String }
    PackQuestionAsked = "pack_question_asked", shown { item_id: String, question_id: String }
    PackQuestionSent = "pack_question_sent", shown { question_id: String, request_id: String, agency: String }
    PackQuestionAnswered = "pack_question_answered", shown { question_id: String, agency: String }
    PackQuestionSettled = "pack_question_settled", shown { question_id: String }
    // Learning: nothing of what was learned stands here
    /// So many points were found safe to share.
    LearningAgreed = "learning_agreed", shown { points: usize }
    /// Those who contributed were thanked and told what was learned.
    ContributorsThanked = "contributors_thanked", shown { letters: usize }
    ThemesSet = "themes_set", shown { themes: Vec<String> }
    /// A count is higher than the years before.
    ClusterFound = "cluster_found", trail { cluster_id: String, dimension: String, months: u32, count: u32 }
    ClusterJudged = "cluster_judged", trail { cluster_id: String, judgement: Judgement, reason: String }
    // The family: `label` is that of the part. What was said stands in the change of it alone, as it was and as it is
    FamilyAdded = "family_added", shown { row_id: String, label: String }
    FamilyChanged = "family_changed", shown { row_id: String, label: String, fields: Vec<String>, before: Option<Value>, after: Option<Value> }
    KeyWorkerNamed = "key_worker_named", shown { on: NaiveDate }
    LeafletOffered = "leaflet_offered", shown { on: NaiveDate }
    /// Whether somebody else affected is safe.
    SafetyAnswered = "safety_answered", shown { row_id: String, answer: Safe }
    QuestionMoved = "question_moved", shown { row_id: String, to: Asked }
    /// The family was told what came of the review, or did not wish to be.
    FamilyOutcome = "family_outcome", shown { on: NaiveDate, told: bool }
    /// `before` and `after` are answers in their JSON form; null where there was none.
    RecordCorrected = "record_corrected", shown { form: String, field: String, label: String, before: Value, after: Value, reason: String }
    /// A section of a form that staff fill in was saved.
    RecordSaved = "record_saved", shown { form: String, form_label: String, section: String }
    /// What is kept elsewhere in the case filled answers of a form; `part` says what, `fields` which.
    FormFilled = "form_filled", shown { form: String, form_label: String, part: String, fields: Vec<String> }
    ConflictSettled = "conflict_settled", shown { form: String, field: String, label: String, response_id: String, reason: String }

    // Requests and forms
    FormOpened = "form_opened", shown { form: String, form_label: String, why: String }
    FormWaived = "form_waived", shown { form: String, form_label: String, reason: String }
    FormUnwaived = "form_unwaived", shown { form: String, form_label: String, reason: String }
    RequestSent = "request_sent", shown { request_id: String, agency: String, forms: Vec<String>, due: NaiveDate }
    RequestClaimed = "request_claimed", shown { request_id: String, agency: String }
    /// A link was opened that is not in force: `why` is `unknown`, `replaced`, `expired` or `closed`.
    LinkOpenedWrong = "link_opened_wrong", trail { why: String }
    /// Another browser than the one that claimed the link asked for a code, sent to the address on file.
    LinkCodeSent = "link_code_sent", trail { request_id: String }
    LinkCodeFailed = "link_code_failed", trail { request_id: String }
    /// A new link was asked for; `request_id` is absent when the old one was never ours.
    LinkAsked = "link_asked", trail { request_id: Option<String> }
    LinkRenewed = "link_renewed", shown { request_id: String, agency: String }
    RequestReminded = "request_reminded", shown { request_id: String, agency: String }
    RequestReissued = "request_reissued", shown { request_id: String, agency: String, reason: String }
    RequestWithdrawn = "request_withdrawn", shown { request_id: String, agency: String, reason: String }
    RequestWaived = "request_waived", shown { request_id: String, agency: String, reason: String }
    RequestExtended = "request_extended", shown { request_id: String, agency: String, due: NaiveDate, reason: String }
    TimeAsked = "time_asked", shown { request_id: String, agency: String, until: NaiveDate }
    TimeRefused = "time_refused", shown { request_id: String, agency: String, reason: String }
    /// The team sent it to another address.
    RequestRedirected = "request_redirected", shown { request_id: String, agency: String }
    RequestHandedOn = "request_handed_on", shown { request_id: String, agency: String }
    /// The agency said that it knew the child, before anything that others told was shown to it.
    ChildKnown = "child_known", shown { request_id: String, agency: String }
    /// Some pages of its forms went to a colleague.
    PartsHandedOn = "parts_handed_on", shown { request_id: String, agency: String, parts: Vec<String> }
    /// They came back to whoever sent them: given back, or else recalled.
    PartsReturned = "parts_returned", shown { request_id: String, agency: String, parts: Vec<String>, given_back: bool }
    ResponseDraftSaved = "response_draft_saved", trail { request_id: String, form: String, section: String }
    ResponseSent = "response_sent", shown { request_id: String, agency: String, form: String, form_label: String, spared: Option<usize> }
    ResponseNil = "response_nil", shown { request_id: String, agency: String }
    ResponseAccepted = "response_accepted", shown { request_id: String, agency: String, form: String, form_label: String }
    ResponseSentBack = "response_sent_back", shown { request_id: String, agency: String, form: String, form_label: String, reason: String, marks: Option<Vec<String>> }

    // Letters: by the title of the template
    /// A letter or minutes were written from a template and left the service as a file to edit.
    LetterMade = "letter_made", trail { letter: String }
    /// A person says that they sent it. `to` is for whom the template is, never a name.
    LetterSent = "letter_sent", shown { letter: String, to: String, on: NaiveDate }

    // Documents: by number, never by title or name
    CaseKeyMade = "case_key_made", trail {}
    DocumentAdded = "document_added", shown { number: i32, kind: String, size: i64 }
    /// `rule` is a code of [`crate::domain::document::Refusal`]. Nothing of the file was kept.
    DocumentRefused = "document_refused", trail { rule: String, size: i64 }
    /// A file on an agency's answer, until it is sent the agency's own.
    AttachmentAdded = "attachment_added", trail { request_id: String, kind: String, size: i64 }
    AttachmentRemoved = "attachment_removed", trail { request_id: String }
    DocumentDownloaded = "document_downloaded", trail { number: i32 }
    DocumentFoundClean = "document_found_clean", trail { number: i32 }
    DocumentFoundInfected = "document_found_infected", shown { number: i32 }
    /// What is stored is not what was written, or is not there.
    DocumentDamaged = "document_damaged", shown { number: i32 }
    DocumentWithdrawn = "document_withdrawn", shown { number: i32 }

    // Analysis, finalising and the return
    AnalysisSaved = "analysis_saved", shown { section: String, before: Option<Value>, after: Option<Value> }
    CaseFinalised = "case_finalised", shown { version: u32 }
    CaseReopened = "case_reopened", shown { version: u32, reason: String }
    /// The case stood in a package that was exported. `submission` is `notification`, `final`,
    /// `correction` or `withdrawal`.
    CaseSubmitted = "case_submitted", shown { submission: String, version: u32, package: String }
    NationalAcceptanceRecorded = "national_acceptance_recorded", shown { submission: String, version: u32, on: NaiveDate }
    /// A package is about to be made for somebody: written before its first byte leaves.
    ReturnBegun = "return_begun", trail { kind: String, from: NaiveDate, to: NaiveDate, package: String, identified: bool }
    /// A case goes into a package: written before the package's first byte leaves. `sent` is for the receiver.
    CaseExported = "case_exported", trail { kind: String, package: String, identified: bool, sent: bool }
    /// The same package was made to its end.
    ReturnExported = "return_exported", trail { kind: String, from: NaiveDate, to: NaiveDate, package: String, sha256: String, cases: usize }
    /// What the area owes for a year: until when it may be done, and when it was.
    YearNoted = "year_noted", trail { clock: String, name: String, year: NaiveDate, cut_off: Option<NaiveDate>, done: Option<NaiveDate> }
    YearReminded = "year_reminded", trail { clock: String, name: String, year: NaiveDate, rung: String, letters: usize }
    /// What the receiver said of a package; `answer` is `accepted` or `refused`.
    ReturnAnswered = "return_answered", trail { package: String, answer: String, on: NaiveDate }
    ReturnChecked = "return_checked", trail { from: NaiveDate, to: NaiveDate, cases: usize, refused: usize }

    // People and systems
    SignedIn = "signed_in", trail {}
    SignedOut = "signed_out", trail {}
    /// `user_id` is absent when no account has the address that was typed, which is not kept.
    /// Something sealed was not as it was written, or lay where it does not belong.
    RecordFoundDamaged = "record_found_damaged", trail { table: String, row: String }
    SignInFailed = "sign_in_failed", trail { user_id: Option<String> }
    UserAdded = "user_added", trail { user_id: String, role: Role }
    UserChanged = "user_changed", trail { user_id: String, role: Role, before: Option<Value>, after: Option<Value> }
    UserStopped = "user_stopped", trail { user_id: String }
    PasswordChanged = "password_changed", trail { user_id: String }
    /// `user_id` is absent when no account has the address that was typed, which is not kept.
    PasswordResetAsked = "password_reset_asked", trail { user_id: Option<String> }
    UserStarted = "user_started", trail { user_id: String }
    UserInvited = "user_invited", trail { invitation_id: String, role: Role }
    InvitationSentAgain = "invitation_sent_again", trail { invitation_id: String }
    InvitationWithdrawn = "invitation_withdrawn", trail { invitation_id: String }
    CalendarMade = "calendar_made", trail { user_id: String }
    CalendarRevoked = "calendar_revoked", trail { user_id: String }
    CalendarRead = "calendar_read", trail { user_id: String, rows: usize }
    UserJoined = "user_joined", trail { user_id: String, invitation_id: String, role: Role }
    /// `kind` is `totp`; a passkey will be another.
    FactorEnrolled = "factor_enrolled", trail { user_id: String, kind: String }
    /// An administrator took the factor away, because it was lost.
    FactorReset = "factor_reset", trail { user_id: String }
    CodeFailed = "code_failed", trail { user_id: String }
    /// The factor was checked again before something that asks for it.
    CodeChecked = "code_checked", trail { user_id: String }
    RecoveryCodesMade = "recovery_codes_made", trail { user_id: String }
    RecoveryCodeUsed = "recovery_code_used", trail { user_id: String, left: i64 }
    SessionEnded = "session_ended", trail { session_id: String, user_id: String }
    SessionsEnded = "sessions_ended", trail { user_id: String, sessions: usize }
    /// A post that came after the session had ended was kept for the same person.
    PostKept = "post_kept", trail { user_id: String }
    TokenIssued = "token_issued", trail { token_id: String, system: String, scopes: Vec<ApiScope>, days: u32 }
    TokenRevoked = "token_revoked", trail { token_id: String, system: String }
    /// A call came with a token that does not hold; its id where we signed it.
    TokenRefused = "token_refused", trail { why: TokenFault, token_id: Option<String> }
    FieldVerified = "field_verified", trail { version: String, form: String, field: String, label: String }
    FieldUnverified = "field_unverified", trail { version: String, form: String, field: String, label: String }

    // The directory
    ContactAdded = "contact_added", trail { contact_id: String, agency: String }
    /// `before` and `after` hold what was changed, by the name of its box; none in what was noted before they were kept.
    ContactChanged = "contact_changed", trail { contact_id: String, agency: String, before: Option<Value>, after: Option<Value> }
    ContactEnded = "contact_ended", trail { contact_id: String, agency: String }
    /// Nobody writes to the agency for an answer, on any case, until it is let go or after the last day. Without an
    /// organisation it is all of the agency.
    AgencyHeld = "agency_held", trail { hold_id: String, agency: String, organisation: Option<String>, until: Option<NaiveDate>, reason: String }
    /// `before` and `after` hold the last day and the reason.
    AgencyHoldChanged = "agency_hold_changed", trail { hold_id: String, agency: String, before: Value, after: Value }
    AgencyReleased = "agency_released", trail { hold_id: String, agency: String }
    DirectoryImported = "directory_imported", trail { added: usize, changed: usize }

    // Mail
    MailQueued = "mail_queued", trail { mail_id: String, letter: String }
    MailSent = "mail_sent", trail { mail_id: String, letter: String }
    /// The service stopped while it was being sent: whether it arrived is not known.
    MailUnsure = "mail_unsure", trail { mail_id: String, letter: String }
    MailRequeued = "mail_requeued", trail { mail_id: String, letter: String }
    /// It had left, and a mail server said later that it will not arrive; `status` is as in RFC 3463.
    MailBounced = "mail_bounced", trail { mail_id: String, letter: String, status: String }
    MailFailed = "mail_failed", trail { mail_id: String, letter: String, attempt: u32 }

    // Keeping the database
    Migrated = "migrated", trail { to: String }
    Seeded = "seeded", trail { cases: usize, seed: u64 }
    NotificationsImported = "notifications_imported", trail { created: usize, matched: usize, refused: usize }
    /// A file of notifications was read, and nothing of it taken over yet.
    ImportChecked = "import_checked", trail { created: usize, matched: usize, refused: usize }
    ImportDiscarded = "import_discarded", trail {}
    /// `kept` stay, because somebody had worked on them.
    ImportUndone = "import_undone", trail { removed: usize, kept: usize }
    NotificationRemoved = "notification_removed", trail {}
    RegisteredDeathsCompared = "registered_deaths_compared", trail { notified: usize, not_notified: usize, not_ours: usize, refused: usize }
    BackedUp = "backed_up", trail { sha256: String }
    Restored = "restored", trail { sha256: String }
    AuditVerified = "audit_verified", trail { events: u64, holds: bool }
    /// There was no checkpoint, and somebody who runs the service had one begun over so many rows.
    AuditBegun = "audit_begun", trail { events: u64 }
    /// `filters` names what the list was narrowed by.
    AuditRead = "audit_read", trail { filters: Vec<String>, rows: usize }
    AuditExported = "audit_exported", trail { filters: Vec<String>, rows: usize }
}

impl Event {
    /// The reason a person gave, as they typed it. It may name people: show it only to a reader of
    /// the case.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::NotificationJoined { reason, .. }
            | Self::NotificationOutOfScope { reason, .. }
            | Self::NotificationTransferred { reason, .. }
            | Self::NotificationTakenBack { reason }
            | Self::NotificationSetAside { reason }
            | Self::DuplicateExplained { reason, .. }
            | Self::CaseMoved { reason, .. }
            | Self::CaseMerged { reason, .. }
            | Self::CaseTakenUnder { reason, .. }
            | Self::CaseUnmerged { reason, .. }
            | Self::TransferRefused { reason, .. }
            | Self::TransferTurnedDown { reason, .. }
            | Self::CaseRestricted { reason }
            | Self::CaseUnrestricted { reason }
            | Self::RestrictedCaseOpened { reason, .. }
            | Self::OpeningReviewed { reason, .. }
            | Self::ClockPaused { reason, .. }
            | Self::ClockExcused { reason, .. }
            | Self::RemindersHeld { reason, .. }
            | Self::AgencyHeld { reason, .. }
            | Self::RecordCorrected { reason, .. }
            | Self::ConflictSettled { reason, .. }
            | Self::FormWaived { reason, .. }
            | Self::FormUnwaived { reason, .. }
            | Self::RequestReissued { reason, .. }
            | Self::RequestWithdrawn { reason, .. }
            | Self::RequestWaived { reason, .. }
            | Self::RequestExtended { reason, .. }
            | Self::TimeRefused { reason, .. }
            | Self::ResponseSentBack { reason, .. }
            | Self::MeetingCancelled { reason, .. }
            | Self::ActionExtended { reason, .. }
            | Self::ActionWithdrawn { reason, .. }
            | Self::ClusterJudged { reason, .. }
            | Self::PanelListed { reason, .. }
            | Self::PanelRouteChanged { reason, .. }
            | Self::PanelTakenOff { reason, .. }
            | Self::CaseReopened { reason, .. } => {
                Some(reason.as_str()).filter(|reason| !reason.is_empty())
            }
            _ => None,
        }
    }

    /// The move this event makes, so that a case's state can be replayed from its trail.
    pub const fn case_move(&self) -> Option<Move> {
        match self {
            Self::NotificationOpened {} => Some(Move::BeginTriage),
            Self::NotificationAccepted { .. } => Some(Move::Accept),
            Self::NotificationJoined { .. } => Some(Move::Join),
            Self::NotificationOutOfScope { .. } => Some(Move::FindOutOfScope),
            Self::NotificationTransferred { .. } => Some(Move::TransferOut),
            Self::NotificationTakenBack { .. } => Some(Move::TakeBack),
            Self::CaseMoved { mv, .. } => Some(*mv),
            Self::CaseFinalised { .. } => Some(Move::Finalise),
            Self::CaseReopened { .. } => Some(Move::Reopen),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;

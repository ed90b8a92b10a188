//! Who may do what: one table of grants, and everything that is not in it is refused.
//! Must not know how a person signed in, nor where rows are kept.
//!
//! Permission is asked twice: [`may`] says whether this actor may do this verb to this case,
//! and [`scope`] says which rows a list may show. Not yours and not there should look the same.
//!
//! Source: `process.md`, section 3. An administrator is not thereby a reader of cases.

mod table;

use super::actor::{Actor, ActorKind, ApiScope, Role};
use super::code::coded;
use super::form::Clearance;
use table::TABLE;

coded! {
    /// What can be done.
    pub enum Verb {
        Notify = "notify", "Notify a death";
        UseAccount = "use_account", "Use one's own account";
        SeeWorklist = "see_worklist", "See the worklist";
        ReadNotification = "read_notification", "Read a notification";
        Triage = "triage", "Decide on a notification";
        ReadCase = "read_case", "Read a case";
        ReadCaseOutline = "read_case_outline", "Read the stage and dates of a case";
        OpenRestricted = "open_restricted", "Open a restricted case, with a reason";
        ReviewOpening = "review_opening", "Review the opening of a restricted case";
        RestrictCase = "restrict_case", "Restrict a case to named people";
        MergeCases = "merge_cases", "Merge two cases, and undo it";
        SeeTransfers = "see_transfers", "See which cases went to another panel or came from one";
        TransferCase = "transfer_case", "Hand a case to another panel as a file";
        TakeTransfer = "take_transfer", "Take a case over from another panel’s file";
        AssignCase = "assign_case", "Assign people to a case";
        EditRecord = "edit_record", "Correct the case record";
        KeepResponse = "keep_response", "Keep the joint agency response";
        KeepMeeting = "keep_meeting", "Arrange a meeting about a case and keep its minutes";
        KeepAction = "keep_action", "Set actions and recommendations, and follow them up";
        SeeActions = "see_actions", "See actions and recommendations";
        SeeMeetings = "see_meetings", "See the meetings that are arranged";
        KeepPanel = "keep_panel", "Arrange a panel and list cases for it";
        ReadPanel = "read_panel", "See a panel and what is listed for it";
        DeclareInterest = "declare_interest", "Declare an interest in a case that is listed";
        RunPanel = "run_panel", "Run a panel in the room";
        SignAnalysis = "sign_analysis", "Sign the panel’s analysis of a case";
        ShareLearning = "share_learning", "Share what was learned with those who contributed";
        SetTheme = "set_theme", "Put a theme on a case";
        JudgeCluster = "judge_cluster", "See and judge counts that are higher than before";
        CountClusters = "count_clusters", "Count deaths against the years before";
        SeeResponses = "see_responses", "See how joint agency responses keep their times";
        MoveCase = "move_case", "Move a case to another stage";
        KeepClock = "keep_clock", "Pause, resume or excuse a clock, and hold its reminders";
        SeeProcesses = "see_processes", "See the board of what runs beside reviews";
        ReadProcesses = "read_processes", "Read what runs beside a review";
        KeepProcess = "keep_process", "Record what runs beside a review";
        WriteLetter = "write_letter", "Write letters about a case";
        WriteFamilyLetter = "write_family_letter", "Write letters to a family";
        ReadFamily = "read_family", "Read the family’s part of a case";
        KeepFamily = "keep_family", "Keep the family’s part of a case";
        SendRequest = "send_request", "Send a request to an agency";
        WithdrawRequest = "withdraw_request", "Withdraw a request";
        ReissueRequest = "reissue_request", "Send a request again with a new link";
        AgreeTime = "agree_time", "Decide on more time for an agency";
        WaiveRequest = "waive_request", "Record that a form is not needed";
        SeeQuality = "see_quality", "See how complete answers are";
        SeeDirectory = "see_directory", "See the directory of whom to ask";
        KeepDirectory = "keep_directory", "Keep the directory of whom to ask";
        NoteBounce = "note_bounce", "Note that a message came back";
        HoldAgency = "hold_agency", "Hold the reminders to an agency";
        SeeAgencyRequests = "see_agency_requests", "See the open requests to one’s own organisation";
        HandOnRequest = "hand_on_request", "Hand a request to one’s own organisation on to a colleague";
        AnswerRequest = "answer_request", "Answer a request";
        AcceptResponse = "accept_response", "Accept an agency's answer";
        SendBackResponse = "send_back_response", "Send an agency's answer back";
        SettleConflict = "settle_conflict", "Settle a disagreement between agencies";
        EditAnalysis = "edit_analysis", "Fill in the analysis form";
        ReadDocuments = "read_documents", "Read the documents of a case";
        AddDocument = "add_document", "Add a document to a case";
        WithdrawDocument = "withdraw_document", "Withdraw a document";
        ScanDocuments = "scan_documents", "Scan documents for malicious software";
        Finalise = "finalise", "Finalise a case";
        Reopen = "reopen", "Reopen a case";
        ReadPack = "read_pack", "Read an anonymised panel pack";
        KeepPack = "keep_pack", "Write an anonymised pack and decide what is taken out";
        SignPack = "sign_pack", "Sign an anonymised pack";
        ExportReturn = "export_return", "Export the return";
        CheckReturn = "check_return", "Check the return";
        RecordNationalAcceptance = "record_national_acceptance", "Record what the national database accepted";
        SeeYears = "see_years", "See what is owed for each year";
        KeepYear = "keep_year", "Record what was done for a year";
        ReadCounts = "read_counts", "Read counts";
        ManageUsers = "manage_users", "Manage accounts";
        Invite = "invite", "Invite people to make an account";
        ManageTokens = "manage_tokens", "Issue and revoke tokens";
        SeeForms = "see_forms", "See the form dictionaries";
        SeeClocks = "see_clocks", "See the definitions of clocks";
        SeeOrganisations = "see_organisations", "See the organisations";
        VerifyField = "verify_field", "Mark a question as verified";
        SeeOutbox = "see_outbox", "See the outbox";
        ResendMail = "resend_mail", "Send again a mail that could not be sent";
        ReadAudit = "read_audit", "Read the audit trail";
        SeePermissions = "see_permissions", "See who may do what";
        SendMail = "send_mail", "Send queued mail";
        ChaseRequest = "chase_request", "Remind an agency";
        ImportNotifications = "import_notifications", "Import notifications";
        SeedCases = "seed_cases", "Make synthetic cases";
        KeepDatabase = "keep_database", "Migrate, back up and restore";
        ApiNotify = "api_notify", "Send a notification from another system";
        ApiReadCases = "api_read_cases", "Read the status of cases from another system";
        ApiReadReturns = "api_read_returns", "Read return packages from another system";
        ApiReadReference = "api_read_reference", "Read reference data from another system";
    }
}

/// What is true between this actor and the case asked about. All false when no case is meant.
#[expect(
    clippy::struct_excessive_bools,
    reason = "six independent facts, each a column of the grant table"
)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Facts {
    /// The person is assigned to the case.
    pub assigned: bool,
    /// The actor holds the request asked about, by link, by account or as lead of its agency.
    pub holds_request: bool,
    /// The case is listed for a meeting the person is invited to.
    pub listed: bool,
    /// The person declared a conflict of interest in the case.
    pub conflict: bool,
    /// The case is restricted to named people.
    pub restricted: bool,
    /// The person is one of those named.
    pub named: bool,
}

/// Which rows a list may show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Every case of the area (restricted ones only to those named).
    All,
    /// Cases the person is assigned to.
    Assigned,
    /// The one request whose link was followed.
    OwnRequest(String),
    /// Requests held by this account.
    OwnRequests(String),
    /// Requests to this organisation.
    OrganisationRequests(String),
    /// Cases listed for a meeting of the person's panel, as anonymised packs.
    Listed,
    /// Counts, never rows.
    Aggregate,
    /// Nothing.
    None,
}

/// Who a grant is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    Public,
    AnyStaff,
    Staff(Role),
    Link,
    System(ApiScope),
    Job,
    Operator,
}

/// On what condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    Always,
    Assigned,
    HoldsRequest,
    ListedWithoutConflict,
}

use ApiScope::CasesRead;
use Role::{
    Administrator, AgencyLead, Analyst, Auditor, CdrmChair, Coordinator, DesignatedDoctor,
    Executive, JarLead, KeyWorker, PanelChair, PanelMember, Respondent,
};
use When::{Always, Assigned, HoldsRequest, ListedWithoutConflict};
use Who::{AnyStaff, Job, Link, Operator, Public, Staff, System};

impl When {
    /// The condition in words.
    pub const fn label(self) -> &'static str {
        match self {
            Always => "yes",
            Assigned => "if assigned",
            HoldsRequest => "own request",
            ListedWithoutConflict => "if listed, without conflict",
        }
    }
}

/// On what condition a verb is granted; none where it is not.
pub fn granted(verb: Verb, to: Who) -> Option<When> {
    let any = |who: Who| who == to || (who == AnyStaff && matches!(to, Staff(_)));
    let (_, grants) = TABLE.iter().find(|(listed, _)| *listed == verb)?;
    let found = grants.iter().find(|(who, _)| any(*who))?;
    Some(found.1)
}

/// Whether `actor` may do `verb` to the case described by `facts`.
///
/// A person who is not named on a restricted case may only ask to open it, another system is never named, and a
/// person with a declared conflict may not read its pack.
pub fn may(actor: &Actor, verb: Verb, facts: &Facts) -> bool {
    let named_or_not_asked = facts.named
        || matches!(
            actor.kind,
            ActorKind::Link { .. } | ActorKind::Job { .. } | ActorKind::Operator
        );
    if facts.restricted && !named_or_not_asked && verb != Verb::OpenRestricted {
        return false;
    }
    // Whoever sees every case and has an interest in this one still has no part in it at a panel.
    if facts.conflict && is_of_panel(verb) {
        return false;
    }
    TABLE
        .iter()
        .filter(|(listed, _)| *listed == verb)
        .flat_map(|(_, grants)| grants.iter())
        .any(|(who, when)| is(actor, *who) && holds(*when, *facts))
}

/// Whether a verb is about a case at a panel, where nobody with a personal interest has a part.
pub const fn is_of_panel(verb: Verb) -> bool {
    matches!(
        verb,
        Verb::ReadPanel
            | Verb::KeepPanel
            | Verb::ReadPack
            | Verb::SignPack
            | Verb::RunPanel
            | Verb::SignAnalysis
    )
}

/// How much of a case's answers `actor` may read; none at all where only its stage and dates are for them.
pub fn clearance(actor: &Actor, facts: &Facts) -> Option<Clearance> {
    if may(actor, Verb::ReadCase, facts) {
        Some(Clearance::Identified)
    } else if may(actor, Verb::ReadPack, facts) {
        Some(Clearance::Pseudonymised)
    } else {
        None
    }
}

/// Whether `actor` may invite somebody to be `role`. A coordinator invites those the coordinator works with, and
/// nobody who could then see or do more than the coordinator was given: no other coordinator, and none of those
/// who keep or examine the system.
pub fn may_invite(actor: &Actor, role: Role) -> bool {
    may(actor, Verb::Invite, &Facts::default())
        && (actor.role() != Some(Coordinator)
            || !matches!(role, Coordinator | Administrator | Auditor))
}

/// Which rows a list may show to `actor`.
pub fn scope(actor: &Actor) -> Scope {
    match &actor.kind {
        ActorKind::Link { request_id } => Scope::OwnRequest(request_id.clone()),
        ActorKind::Job { .. } => Scope::All,
        ActorKind::System { scopes, .. } if scopes.contains(&CasesRead) => Scope::All,
        ActorKind::Public | ActorKind::Operator | ActorKind::System { .. } => Scope::None,
        ActorKind::Staff {
            user_id,
            role,
            organisation,
            ..
        } => match role {
            Coordinator | DesignatedDoctor => Scope::All,
            JarLead | KeyWorker | CdrmChair => Scope::Assigned,
            AgencyLead => organisation
                .clone()
                .map_or(Scope::None, Scope::OrganisationRequests),
            Respondent => Scope::OwnRequests(user_id.clone()),
            PanelMember | PanelChair => Scope::Listed,
            Executive | Analyst => Scope::Aggregate,
            Auditor | Administrator => Scope::None,
        },
    }
}

fn is(actor: &Actor, who: Who) -> bool {
    match (who, &actor.kind) {
        (Public, ActorKind::Public)
        | (AnyStaff, ActorKind::Staff { .. })
        | (Link, ActorKind::Link { .. })
        | (Job, ActorKind::Job { .. })
        | (Operator, ActorKind::Operator) => true,
        (Staff(wanted), ActorKind::Staff { role, .. }) => wanted == *role,
        (System(wanted), ActorKind::System { scopes, .. }) => scopes.contains(&wanted),
        _ => false,
    }
}

const fn holds(when: When, facts: Facts) -> bool {
    match when {
        Always => true,
        Assigned => facts.assigned,
        HoldsRequest => facts.holds_request,
        ListedWithoutConflict => facts.listed && !facts.conflict,
    }
}

#[cfg(test)]
mod tests;

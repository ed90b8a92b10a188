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
        AssignCase = "assign_case", "Assign people to a case";
        EditRecord = "edit_record", "Correct the case record";
        MoveCase = "move_case", "Move a case to another stage";
        SendRequest = "send_request", "Send a request to an agency";
        WithdrawRequest = "withdraw_request", "Withdraw a request";
        ReissueRequest = "reissue_request", "Send a request again with a new link";
        WaiveRequest = "waive_request", "Record that a form is not needed";
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
        ExportReturn = "export_return", "Export the return";
        CheckReturn = "check_return", "Check the return";
        RecordNationalAcceptance = "record_national_acceptance", "Record what the national database accepted";
        ReadCounts = "read_counts", "Read counts";
        ManageUsers = "manage_users", "Manage accounts";
        Invite = "invite", "Invite people to make an account";
        ManageTokens = "manage_tokens", "Issue and revoke tokens";
        SeeForms = "see_forms", "See the form dictionaries";
        VerifyField = "verify_field", "Mark a question as verified";
        SeeOutbox = "see_outbox", "See the outbox";
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
    TABLE
        .iter()
        .filter(|(listed, _)| *listed == verb)
        .flat_map(|(_, grants)| grants.iter())
        .any(|(who, when)| is(actor, *who) && holds(*when, *facts))
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
mod tests {
    use super::*;
    use ApiScope::NotificationsWrite;

    const NOTHING: Facts = Facts {
        assigned: false,
        holds_request: false,
        listed: false,
        conflict: false,
        restricted: false,
        named: false,
    };
    const EVERYTHING: Facts = Facts {
        assigned: true,
        holds_request: true,
        listed: true,
        conflict: false,
        restricted: true,
        named: true,
    };

    fn staff(role: Role) -> Actor {
        Actor::staff("u1", "Sample Person", role, Some("QKS"))
    }

    fn everyone() -> Vec<Actor> {
        let mut all: Vec<Actor> = Role::ALL.iter().map(|role| staff(*role)).collect();
        all.extend([
            Actor::public(),
            Actor::link("r1"),
            Actor::job("mail"),
            Actor::operator(),
        ]);
        all.push(Actor::system("sample", ApiScope::ALL));
        all
    }

    /// What reads or changes what is known about a child.
    const CASE_CONTENT: &[Verb] = &[
        Verb::ReadNotification,
        Verb::Triage,
        Verb::ReadCase,
        Verb::ReadCaseOutline,
        Verb::OpenRestricted,
        Verb::EditRecord,
        Verb::SendRequest,
        Verb::AnswerRequest,
        Verb::AcceptResponse,
        Verb::SendBackResponse,
        Verb::SettleConflict,
        Verb::EditAnalysis,
        Verb::Finalise,
        Verb::Reopen,
        Verb::ReadPack,
        Verb::ExportReturn,
    ];

    #[test]
    fn every_verb_stands_in_the_table_once_and_somebody_may_do_it() {
        for verb in Verb::ALL {
            assert_eq!(
                TABLE.iter().filter(|(listed, _)| listed == verb).count(),
                1,
                "{verb}"
            );
            assert!(
                everyone().iter().any(|who| may(who, *verb, &EVERYTHING)),
                "{verb}"
            );
        }
    }

    #[test]
    fn what_the_matrix_says_is_what_is_allowed() {
        for verb in Verb::ALL {
            for role in Role::ALL {
                let said = granted(*verb, Staff(*role));
                assert_eq!(
                    said.is_some(),
                    may(&staff(*role), *verb, &EVERYTHING),
                    "{role} {verb}"
                );
                let always = said == Some(Always);
                assert_eq!(always, may(&staff(*role), *verb, &NOTHING), "{role} {verb}");
            }
        }
    }

    #[test]
    fn only_who_reads_a_case_is_cleared_for_its_answers() {
        for role in Role::ALL {
            let cleared = clearance(&staff(*role), &EVERYTHING);
            let wanted = match role {
                Coordinator | DesignatedDoctor | JarLead | CdrmChair => Some(Clearance::Identified),
                PanelMember | PanelChair => Some(Clearance::Pseudonymised),
                _ => None,
            };
            assert_eq!(cleared, wanted, "{role}");
        }
    }

    #[test]
    fn those_who_keep_the_system_or_read_figures_never_reach_a_case() {
        for role in [Administrator, Auditor, Executive, Analyst] {
            for verb in CASE_CONTENT {
                assert!(!may(&staff(role), *verb, &EVERYTHING), "{role} {verb}");
            }
        }
        for verb in CASE_CONTENT {
            assert!(!may(&Actor::public(), *verb, &EVERYTHING), "public {verb}");
        }
    }

    #[test]
    fn a_coordinator_invites_nobody_who_keeps_the_system() {
        for role in Role::ALL {
            let kept = [Coordinator, Administrator, Auditor].contains(role);
            assert!(may_invite(&staff(Administrator), *role), "{role}");
            assert_eq!(may_invite(&staff(Coordinator), *role), !kept, "{role}");
            assert!(!may_invite(&staff(DesignatedDoctor), *role), "{role}");
            assert!(!may_invite(&Actor::public(), *role), "{role}");
        }
    }

    #[test]
    fn a_link_only_answers_its_own_request() {
        let link = Actor::link("r1");
        let allowed: Vec<Verb> = Verb::ALL
            .iter()
            .copied()
            .filter(|verb| may(&link, *verb, &EVERYTHING))
            .collect();
        assert_eq!(allowed, [Verb::AnswerRequest]);
        assert!(!may(&link, Verb::AnswerRequest, &NOTHING));
        assert_eq!(scope(&link), Scope::OwnRequest("r1".into()));
    }

    #[test]
    fn assignment_is_what_opens_a_case_to_a_lead() {
        for role in [JarLead, CdrmChair] {
            assert!(!may(&staff(role), Verb::ReadCase, &NOTHING));
            assert!(may(
                &staff(role),
                Verb::ReadCase,
                &Facts {
                    assigned: true,
                    ..NOTHING
                }
            ));
        }
    }

    #[test]
    fn a_key_worker_reads_the_outline_of_an_assigned_case_and_no_more() {
        let worker = staff(KeyWorker);
        let allowed: Vec<Verb> = CASE_CONTENT
            .iter()
            .copied()
            .filter(|verb| may(&worker, *verb, &EVERYTHING))
            .collect();
        assert_eq!(allowed, [Verb::ReadCaseOutline]);
        assert!(!may(&worker, Verb::ReadCaseOutline, &NOTHING));
    }

    #[test]
    fn a_panel_member_reads_listed_packs_without_conflict_and_no_case() {
        let member = staff(PanelMember);
        let listed = Facts {
            listed: true,
            ..NOTHING
        };
        assert!(may(&member, Verb::ReadPack, &listed));
        assert!(!may(&member, Verb::ReadPack, &NOTHING));
        assert!(!may(
            &member,
            Verb::ReadPack,
            &Facts {
                conflict: true,
                ..listed
            }
        ));
        assert!(!may(&member, Verb::ReadCase, &EVERYTHING));
    }

    #[test]
    fn a_restricted_case_is_shut_to_staff_who_are_not_named() {
        let shut = Facts {
            named: false,
            ..EVERYTHING
        };
        for role in Role::ALL {
            for verb in Verb::ALL {
                let open =
                    *verb == Verb::OpenRestricted && [Coordinator, DesignatedDoctor].contains(role);
                assert_eq!(may(&staff(*role), *verb, &shut), open, "{role} {verb}");
            }
        }
        assert!(may(&Actor::link("r1"), Verb::AnswerRequest, &shut));
        let system = Actor::system("sample", ApiScope::ALL);
        assert!(
            !may(&system, Verb::ApiReadCases, &shut),
            "a system is never named"
        );
    }

    #[test]
    fn a_token_does_only_what_its_scopes_name() {
        let writer = Actor::system("sample", &[NotificationsWrite]);
        assert!(may(&writer, Verb::ApiNotify, &NOTHING));
        for verb in [
            Verb::ApiReadCases,
            Verb::ApiReadReturns,
            Verb::ApiReadReference,
            Verb::ReadCase,
        ] {
            assert!(!may(&writer, verb, &EVERYTHING));
        }
    }
}

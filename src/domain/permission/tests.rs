//! The table, walked whole: every verb, every role, and what no fact may open.

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
    Verb::SeeTransfers,
    Verb::TransferCase,
    Verb::TakeTransfer,
    Verb::EditRecord,
    Verb::KeepClock,
    Verb::ReadProcesses,
    Verb::KeepProcess,
    Verb::ReadFamily,
    Verb::KeepFamily,
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
fn a_key_worker_reads_the_outline_of_an_assigned_case_keeps_its_family_and_no_more() {
    let worker = staff(KeyWorker);
    let allowed: Vec<Verb> = CASE_CONTENT
        .iter()
        .copied()
        .filter(|verb| may(&worker, *verb, &EVERYTHING))
        .collect();
    assert_eq!(
        allowed,
        [Verb::ReadCaseOutline, Verb::ReadFamily, Verb::KeepFamily]
    );
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

//! The table of permissions: verb by verb, who may do it and on what condition. Must not hold any rule beside it.

use super::Verb;
use super::When::{self, Always, Assigned, HoldsRequest, ListedWithoutConflict};
use super::Who::{self, AnyStaff, Job, Link, Operator, Public, Staff, System};
use crate::domain::actor::ApiScope::{CasesRead, NotificationsWrite, ReferenceRead, ReturnsRead};
use crate::domain::actor::Role::{
    Administrator, AgencyLead, Analyst, Auditor, CdrmChair, Coordinator, DesignatedDoctor,
    Executive, JarLead, KeyWorker, PanelChair, PanelMember, Respondent,
};

/// To whom, and when.
pub(super) type Grant = (Who, When);

/// The whole table. A verb without a line, or an actor without a grant in it, is refused.
pub(super) const TABLE: &[(Verb, &[Grant])] = &[
    (Verb::Notify, &[(Public, Always), (AnyStaff, Always)]),
    (Verb::UseAccount, &[(AnyStaff, Always)]),
    (
        Verb::SeeWorklist,
        &[
            (Staff(Coordinator), Always),
            (Staff(DesignatedDoctor), Always),
            (Staff(JarLead), Always),
            (Staff(KeyWorker), Always),
            (Staff(CdrmChair), Always),
        ],
    ),
    (
        Verb::ReadNotification,
        &[
            (Staff(Coordinator), Always),
            (Staff(DesignatedDoctor), Always),
        ],
    ),
    (Verb::Triage, &[(Staff(Coordinator), Always)]),
    (
        Verb::ReadCase,
        &[
            (Staff(Coordinator), Always),
            (Staff(DesignatedDoctor), Always),
            (Staff(JarLead), Assigned),
            (Staff(CdrmChair), Assigned),
        ],
    ),
    (
        Verb::ReadCaseOutline,
        &[
            (Staff(Coordinator), Always),
            (Staff(DesignatedDoctor), Always),
            (Staff(JarLead), Assigned),
            (Staff(CdrmChair), Assigned),
            (Staff(KeyWorker), Assigned),
        ],
    ),
    (
        Verb::OpenRestricted,
        &[
            (Staff(Coordinator), Always),
            (Staff(DesignatedDoctor), Always),
        ],
    ),
    (Verb::ReviewOpening, &[(Staff(Auditor), Always)]),
    (Verb::RestrictCase, &[(Staff(Coordinator), Always)]),
    (Verb::MergeCases, &[(Staff(Coordinator), Always)]),
    (
        Verb::SeeTransfers,
        &[
            (Staff(Coordinator), Always),
            (Staff(DesignatedDoctor), Always),
        ],
    ),
    (Verb::TransferCase, &[(Staff(Coordinator), Always)]),
    (Verb::TakeTransfer, &[(Staff(Coordinator), Always)]),
    (Verb::AssignCase, &[(Staff(Coordinator), Always)]),
    (Verb::EditRecord, &[(Staff(Coordinator), Always)]),
    (
        Verb::KeepResponse,
        &[
            (Staff(Coordinator), Always),
            (Staff(DesignatedDoctor), Always),
            (Staff(JarLead), Assigned),
            (Staff(CdrmChair), Assigned),
        ],
    ),
    (
        Verb::KeepMeeting,
        &[
            (Staff(Coordinator), Always),
            (Staff(DesignatedDoctor), Always),
            (Staff(JarLead), Assigned),
            (Staff(CdrmChair), Assigned),
        ],
    ),
    (
        Verb::KeepAction,
        &[
            (Staff(Coordinator), Always),
            (Staff(DesignatedDoctor), Always),
            (Staff(JarLead), Assigned),
            (Staff(CdrmChair), Assigned),
        ],
    ),
    (
        Verb::SeeActions,
        &[
            (Staff(Coordinator), Always),
            (Staff(DesignatedDoctor), Always),
            (Staff(JarLead), Always),
            (Staff(CdrmChair), Always),
        ],
    ),
    (
        Verb::SeeMeetings,
        &[
            (Staff(Coordinator), Always),
            (Staff(DesignatedDoctor), Always),
            (Staff(JarLead), Always),
            (Staff(CdrmChair), Always),
            (Staff(PanelMember), Always),
            (Staff(PanelChair), Always),
        ],
    ),
    (Verb::KeepPanel, &[(Staff(Coordinator), Always)]),
    (
        Verb::ReadPanel,
        &[
            (Staff(Coordinator), Always),
            (Staff(DesignatedDoctor), Always),
            (Staff(PanelMember), ListedWithoutConflict),
            (Staff(PanelChair), ListedWithoutConflict),
        ],
    ),
    (
        Verb::DeclareInterest,
        &[
            (Staff(PanelMember), ListedWithoutConflict),
            (Staff(PanelChair), ListedWithoutConflict),
        ],
    ),
    // A member who chairs an item in the place of the chair runs and signs it: the work asks who chairs.
    (
        Verb::RunPanel,
        &[
            (Staff(Coordinator), Always),
            (Staff(PanelMember), ListedWithoutConflict),
            (Staff(PanelChair), ListedWithoutConflict),
        ],
    ),
    (
        Verb::SignAnalysis,
        &[
            (Staff(PanelMember), ListedWithoutConflict),
            (Staff(PanelChair), ListedWithoutConflict),
        ],
    ),
    (Verb::ShareLearning, &[(Staff(Coordinator), Always)]),
    // By a case's reference, so for who reads cases. Whoever chairs an item does it in the room, as part of running it.
    (
        Verb::SetTheme,
        &[
            (Staff(Coordinator), Always),
            (Staff(DesignatedDoctor), Always),
        ],
    ),
    (
        Verb::JudgeCluster,
        &[
            (Staff(Coordinator), Always),
            (Staff(DesignatedDoctor), Always),
        ],
    ),
    (Verb::CountClusters, &[(Job, Always), (Operator, Always)]),
    (
        Verb::SeeResponses,
        &[
            (Staff(Coordinator), Always),
            (Staff(DesignatedDoctor), Always),
            (Staff(JarLead), Always),
            (Staff(Executive), Always),
        ],
    ),
    (Verb::MoveCase, &[(Staff(Coordinator), Always)]),
    (Verb::KeepClock, &[(Staff(Coordinator), Always)]),
    (
        Verb::SeeProcesses,
        &[
            (Staff(Coordinator), Always),
            (Staff(DesignatedDoctor), Always),
            (Staff(JarLead), Always),
            (Staff(CdrmChair), Always),
        ],
    ),
    (
        Verb::ReadProcesses,
        &[
            (Staff(Coordinator), Always),
            (Staff(DesignatedDoctor), Always),
            (Staff(JarLead), Assigned),
            (Staff(CdrmChair), Assigned),
        ],
    ),
    (
        Verb::KeepProcess,
        &[
            (Staff(Coordinator), Always),
            (Staff(DesignatedDoctor), Always),
            (Staff(JarLead), Assigned),
        ],
    ),
    (
        Verb::WriteLetter,
        &[
            (Staff(Coordinator), Always),
            (Staff(DesignatedDoctor), Always),
            (Staff(JarLead), Assigned),
            (Staff(CdrmChair), Assigned),
        ],
    ),
    (
        Verb::WriteFamilyLetter,
        &[
            (Staff(Coordinator), Always),
            (Staff(DesignatedDoctor), Always),
            (Staff(JarLead), Assigned),
            (Staff(CdrmChair), Assigned),
            (Staff(KeyWorker), Assigned),
        ],
    ),
    (
        Verb::ReadFamily,
        &[
            (Staff(Coordinator), Always),
            (Staff(DesignatedDoctor), Always),
            (Staff(JarLead), Assigned),
            (Staff(CdrmChair), Assigned),
            (Staff(KeyWorker), Assigned),
        ],
    ),
    (
        Verb::KeepFamily,
        &[
            (Staff(Coordinator), Always),
            (Staff(DesignatedDoctor), Always),
            (Staff(JarLead), Assigned),
            (Staff(KeyWorker), Assigned),
        ],
    ),
    (Verb::SendRequest, &[(Staff(Coordinator), Always)]),
    (Verb::WithdrawRequest, &[(Staff(Coordinator), Always)]),
    (Verb::ReissueRequest, &[(Staff(Coordinator), Always)]),
    (Verb::AgreeTime, &[(Staff(Coordinator), Always)]),
    (Verb::WaiveRequest, &[(Staff(Coordinator), Always)]),
    (Verb::SeeAgencyRequests, &[(Staff(AgencyLead), Always)]),
    (Verb::HandOnRequest, &[(Staff(AgencyLead), HoldsRequest)]),
    (
        Verb::AnswerRequest,
        &[
            (Link, HoldsRequest),
            (Staff(Respondent), HoldsRequest),
            (Staff(AgencyLead), HoldsRequest),
        ],
    ),
    (Verb::AcceptResponse, &[(Staff(Coordinator), Always)]),
    (Verb::SendBackResponse, &[(Staff(Coordinator), Always)]),
    (Verb::SettleConflict, &[(Staff(Coordinator), Always)]),
    (
        Verb::EditAnalysis,
        &[
            (Staff(Coordinator), Always),
            (Staff(DesignatedDoctor), Always),
            (Staff(CdrmChair), Assigned),
        ],
    ),
    (
        Verb::ReadDocuments,
        &[
            (Staff(Coordinator), Always),
            (Staff(DesignatedDoctor), Always),
            (Staff(JarLead), Assigned),
            (Staff(CdrmChair), Assigned),
        ],
    ),
    (
        Verb::AddDocument,
        &[
            (Staff(Coordinator), Always),
            (Staff(DesignatedDoctor), Always),
            (Staff(JarLead), Assigned),
            (Staff(CdrmChair), Assigned),
        ],
    ),
    (
        Verb::SeeQuality,
        &[
            (Staff(Coordinator), Always),
            (Staff(DesignatedDoctor), Always),
        ],
    ),
    (
        Verb::SeeDirectory,
        &[
            (Staff(Coordinator), Always),
            (Staff(Administrator), Always),
            (Staff(DesignatedDoctor), Always),
        ],
    ),
    (
        Verb::KeepDirectory,
        &[
            (Staff(Coordinator), Always),
            (Staff(Administrator), Always),
            (Operator, Always),
        ],
    ),
    (Verb::NoteBounce, &[(Operator, Always)]),
    (Verb::HoldAgency, &[(Staff(Coordinator), Always)]),
    (Verb::WithdrawDocument, &[(Staff(Coordinator), Always)]),
    (Verb::ScanDocuments, &[(Job, Always)]),
    (Verb::Finalise, &[(Staff(Coordinator), Always)]),
    (Verb::Reopen, &[(Staff(Coordinator), Always)]),
    (
        Verb::ReadPack,
        &[
            (Staff(Coordinator), Always),
            (Staff(DesignatedDoctor), Always),
            (Staff(PanelMember), ListedWithoutConflict),
            (Staff(PanelChair), ListedWithoutConflict),
        ],
    ),
    (Verb::KeepPack, &[(Staff(Coordinator), Always)]),
    (
        Verb::SignPack,
        &[
            (Staff(Coordinator), Always),
            (Staff(DesignatedDoctor), Always),
        ],
    ),
    (
        Verb::ExportReturn,
        &[(Staff(Coordinator), Always), (Operator, Always)],
    ),
    (
        Verb::CheckReturn,
        &[
            (Staff(Coordinator), Always),
            (Staff(DesignatedDoctor), Always),
            (Operator, Always),
        ],
    ),
    (
        Verb::RecordNationalAcceptance,
        &[(Staff(Coordinator), Always)],
    ),
    (
        Verb::SeeYears,
        &[
            (Staff(Coordinator), Always),
            (Staff(DesignatedDoctor), Always),
            (Staff(Executive), Always),
        ],
    ),
    (Verb::KeepYear, &[(Staff(Coordinator), Always)]),
    (
        Verb::ReadCounts,
        &[
            (Staff(Coordinator), Always),
            (Staff(DesignatedDoctor), Always),
            (Staff(PanelChair), Always),
            (Staff(Executive), Always),
            (Staff(Analyst), Always),
        ],
    ),
    (
        Verb::ManageUsers,
        &[(Staff(Administrator), Always), (Operator, Always)],
    ),
    (
        Verb::Invite,
        &[
            (Staff(Administrator), Always),
            (Staff(Coordinator), Always),
            (Operator, Always),
        ],
    ),
    (
        Verb::ManageTokens,
        &[(Staff(Administrator), Always), (Operator, Always)],
    ),
    (
        Verb::SeeForms,
        &[(Staff(Administrator), Always), (Staff(Coordinator), Always)],
    ),
    (
        Verb::SeeClocks,
        &[(Staff(Administrator), Always), (Staff(Coordinator), Always)],
    ),
    (
        Verb::SeeOrganisations,
        &[(Staff(Administrator), Always), (Staff(Coordinator), Always)],
    ),
    (Verb::VerifyField, &[(Staff(Administrator), Always)]),
    (
        Verb::SeeOutbox,
        &[(Staff(Administrator), Always), (Staff(Coordinator), Always)],
    ),
    (
        Verb::ResendMail,
        &[(Staff(Administrator), Always), (Staff(Coordinator), Always)],
    ),
    (
        Verb::ReadAudit,
        &[(Staff(Auditor), Always), (Operator, Always)],
    ),
    (
        Verb::SeePermissions,
        &[(Staff(Administrator), Always), (Staff(Auditor), Always)],
    ),
    (Verb::SendMail, &[(Job, Always), (Operator, Always)]),
    (
        Verb::ChaseRequest,
        &[(Job, Always), (Staff(Coordinator), Always)],
    ),
    (
        Verb::ImportNotifications,
        &[(Staff(Coordinator), Always), (Operator, Always)],
    ),
    (Verb::SeedCases, &[(Operator, Always)]),
    (Verb::KeepDatabase, &[(Operator, Always)]),
    (Verb::ApiNotify, &[(System(NotificationsWrite), Always)]),
    (Verb::ApiReadCases, &[(System(CasesRead), Always)]),
    (Verb::ApiReadReturns, &[(System(ReturnsRead), Always)]),
    (Verb::ApiReadReference, &[(System(ReferenceRead), Always)]),
];

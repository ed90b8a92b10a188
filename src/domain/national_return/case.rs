//! A case as the return sees it: the store fills this, the row functions only read it.

use chrono::{DateTime, NaiveDate, Utc};

use crate::domain::form::Answers;

/// One case, with as much of its record as [`super::Needs`] asked for.
#[derive(Debug, Clone, Default)]
pub struct ReturnCase {
    /// The case's own id. It never goes out; pseudonyms are made from it.
    pub id: String,
    /// The reference people use, such as `KM-2026-0001`; it is `case_id` in every file.
    pub reference: String,
    /// Counts what is sent of this case; (`reference`, `version`) names one state.
    pub version: u32,
    pub status: Status,
    pub notified_at: DateTime<Utc>,
    /// When the review was finalised, last time; none while it is open or reopened.
    pub finalised_at: Option<DateTime<Utc>>,
    /// When the case was found to be a duplicate or out of scope.
    pub withdrawn_at: Option<DateTime<Utc>>,
    /// The day a panel reviewed the death, where it is known without reading the analysis form
    /// (imported cases); otherwise the day of `finalised_at` is used for rule DT-14.
    pub reviewed_on: Option<NaiveDate>,
    /// A final version went out before, so that this one is a correction.
    pub corrects_a_final: bool,
    /// An earlier version went out, so that a withdrawal has something to withdraw.
    pub sent_before: bool,
    /// A code of list `notification_route`.
    pub route: Option<String>,
    pub transfer: Option<Transfer>,
    /// Reference of the case that survives, for a duplicate.
    pub duplicate_of: Option<String>,
    /// Reference of another live case with the same NHS number (rule ID-8).
    pub same_nhs_number_as: Option<String>,
    /// The identifier the national database gave.
    pub ncmd_id: Option<String>,
    pub icb_code: Option<String>,
    /// Year of the deprivation index behind `imd_decile`.
    pub imd_year: Option<i32>,
    /// Known from the area file; answered from the notification where it is none.
    pub resident_in_area: Option<bool>,
    pub died_out_of_area: Option<bool>,
    /// The panel's agreed answers, one record a form.
    pub agreed: Vec<Record>,
    /// What each agency said; only for an identified local export.
    pub originals: Vec<Record>,
    pub requests: Vec<FormRequest>,
    pub milestones: Vec<Milestone>,
}

/// Where a case stands, as far as the return cares; codes are list `case_status`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Status {
    #[default]
    Open,
    Finalised,
    Reopened,
    Transferred,
    Duplicate,
    OutOfScope,
}

impl Status {
    pub fn code(self) -> &'static str {
        match self {
            Status::Open => "open",
            Status::Finalised => "finalised",
            Status::Reopened => "reopened",
            Status::Transferred => "transferred",
            Status::Duplicate => "duplicate",
            Status::OutOfScope => "out_of_scope",
        }
    }

    /// The case is no child death review of its own any more.
    pub fn is_withdrawn(self) -> bool {
        matches!(self, Status::Duplicate | Status::OutOfScope)
    }
}

/// The panel that took the case over, and when (rule SB-11).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    pub to_cdop: String,
    pub on: NaiveDate,
}

/// Answers to one form, agreed by the panel or given by one agency.
#[derive(Debug, Clone, Default)]
pub struct Record {
    /// The form's code, such as `notification`.
    pub form: String,
    /// The version of the dictionary the answers were given to.
    pub version: String,
    pub response_id: Option<String>,
    /// Code of the agency or organisation; none for the panel's own record.
    pub agency: Option<String>,
    pub answered_at: Option<DateTime<Utc>>,
    pub answers: Answers,
}

/// One form asked of one agency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormRequest {
    pub form: String,
    /// The code of list `incident_type` that opened the form, where one did.
    pub incident: Option<String>,
    pub agency: Option<String>,
    pub status: RequestStatus,
    pub requested_on: Option<NaiveDate>,
    pub returned_on: Option<NaiveDate>,
    pub waive_reason: Option<String>,
}

/// Codes are list `form_status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RequestStatus {
    Requested,
    Returned,
    Waived,
}

impl RequestStatus {
    pub fn code(self) -> &'static str {
        match self {
            RequestStatus::Requested => "requested",
            RequestStatus::Returned => "returned",
            RequestStatus::Waived => "waived",
        }
    }
}

/// A point on the case's way that the store knows of. The death, the notification, the review
/// meetings and the finalising are filled in from the case itself where they are not given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Milestone {
    pub kind: MilestoneKind,
    /// The day in London.
    pub date: NaiveDate,
    pub paused_days: Option<u32>,
    pub pause_reason: Option<String>,
}

/// Codes are list `milestone`, in the order a case usually passes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MilestoneKind {
    Death,
    Notified,
    NcmdNotified,
    JarMeeting,
    PmReport,
    InquestClosed,
    AllFormsIn,
    Cdrm,
    Cdop,
    Finalised,
    FamilyFeedback,
}

impl MilestoneKind {
    pub const ALL: [MilestoneKind; 11] = [
        MilestoneKind::Death,
        MilestoneKind::Notified,
        MilestoneKind::NcmdNotified,
        MilestoneKind::JarMeeting,
        MilestoneKind::PmReport,
        MilestoneKind::InquestClosed,
        MilestoneKind::AllFormsIn,
        MilestoneKind::Cdrm,
        MilestoneKind::Cdop,
        MilestoneKind::Finalised,
        MilestoneKind::FamilyFeedback,
    ];

    pub fn code(self) -> &'static str {
        match self {
            MilestoneKind::Death => "death",
            MilestoneKind::Notified => "notified",
            MilestoneKind::NcmdNotified => "ncmd_notified",
            MilestoneKind::JarMeeting => "jar_meeting",
            MilestoneKind::PmReport => "pm_report",
            MilestoneKind::InquestClosed => "inquest_closed",
            MilestoneKind::AllFormsIn => "all_forms_in",
            MilestoneKind::Cdrm => "cdrm",
            MilestoneKind::Cdop => "cdop",
            MilestoneKind::Finalised => "finalised",
            MilestoneKind::FamilyFeedback => "family_feedback",
        }
    }

    /// Belongs to the notification, and so goes out for a case still open (rule SB-3).
    pub(super) fn is_of_notification(self) -> bool {
        matches!(
            self,
            MilestoneKind::Death | MilestoneKind::Notified | MilestoneKind::NcmdNotified
        )
    }
}

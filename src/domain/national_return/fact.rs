//! The names a source in `columns.csv` may use for what the system itself knows of a case.

/// Something known of a case without being an answer, or worked out from its answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Fact {
    Reference,
    /// The reference, or a pseudonym in a pseudonymised return.
    CaseId,
    Pseudonym,
    CdopCode,
    NcmdId,
    Version,
    SubmissionType,
    CaseStatus,
    DuplicateOf,
    TransferredTo,
    TransferredOn,
    NotifiedAt,
    Route,
    IcbCode,
    ImdDecile,
    ImdYear,
    AgeYears,
    AgeDays,
    AgeBand,
    EthnicityGroup,
    Finalised,
    FinalisedAt,
    FinalisedOn,
    FinancialYearOfDeath,
    ReviewBand,
    ResidentInArea,
    DiedOutOfArea,
}

impl Fact {
    /// The fact of a name such as `case.reference`.
    pub(super) fn of(name: &str) -> Option<Fact> {
        Some(match name {
            "case.reference" => Fact::Reference,
            "case.cdop_code" => Fact::CdopCode,
            "case.ncmd_id" => Fact::NcmdId,
            "case.version" => Fact::Version,
            "case.duplicate_of" => Fact::DuplicateOf,
            "case.transferred_to" => Fact::TransferredTo,
            "case.transferred_on" => Fact::TransferredOn,
            "case.notified_at" => Fact::NotifiedAt,
            "case.route" => Fact::Route,
            "case.icb_code" => Fact::IcbCode,
            "case.imd_year" => Fact::ImdYear,
            "derived.case_id" => Fact::CaseId,
            "derived.pseudonym" => Fact::Pseudonym,
            "derived.submission_type" => Fact::SubmissionType,
            "derived.case_status" => Fact::CaseStatus,
            "derived.imd_decile" => Fact::ImdDecile,
            "derived.age_years" => Fact::AgeYears,
            "derived.age_days" => Fact::AgeDays,
            "derived.age_band" => Fact::AgeBand,
            "derived.ethnicity_group" => Fact::EthnicityGroup,
            "derived.finalised" => Fact::Finalised,
            "derived.finalised_at" => Fact::FinalisedAt,
            "derived.finalised_on" => Fact::FinalisedOn,
            "derived.financial_year_of_death" => Fact::FinancialYearOfDeath,
            "derived.review_band" => Fact::ReviewBand,
            "derived.resident_in_area" => Fact::ResidentInArea,
            "derived.died_out_of_area" => Fact::DiedOutOfArea,
            _ => return None,
        })
    }

    /// May stand in the row of a withdrawn case (rule SB-9).
    pub(super) fn is_of_tombstone(self) -> bool {
        matches!(
            self,
            Fact::Reference
                | Fact::CdopCode
                | Fact::NcmdId
                | Fact::Version
                | Fact::SubmissionType
                | Fact::CaseStatus
                | Fact::DuplicateOf
                | Fact::Finalised
        )
    }
}

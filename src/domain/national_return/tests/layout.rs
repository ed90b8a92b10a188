//! The layout has every file and column the notes on returns name, and refuses nonsense.

use super::*;

/// Files and columns as the domain notes on returns list them, section 4.
const EXPECTED: [(&str, &str); 13] = [
    (
        "case.csv",
        "case_id cdop_code ncmd_id submission_type version case_status duplicate_of_case_id \
         transferred_to_cdop transferred_on nhs_number nhs_number_missing_reason surname \
         forenames known_as date_of_birth date_of_death time_of_death age_years age_days \
         age_band sex gender_identity ethnicity ethnicity_group religion address postcode \
         lsoa_code la_code icb_code imd_decile imd_year country_of_residence gestation_weeks \
         gestation_days birth_weight_g multiple_birth suspected_stillbirth_at_home \
         parents_related place_of_death place_of_death_name event_location event_datetime \
         expected_death mode_of_death ncmd_alert ncmd_alert_reason jar_required mccd_issued \
         cause_1a cause_1b cause_1c cause_1d cause_2 neo_a neo_b neo_c neo_d neo_e \
         coroner_informed post_mortem_type inquest_conclusion notified_at notification_route \
         cp_plan statutory_order looked_after asylum_seeker learning_disability \
         lived_in_poverty barriers_to_services bereavement_support_offered maternal_bmi \
         smoking_in_pregnancy review_date primary_category sub_category modifiability finalised \
         finalised_at",
    ),
    (
        "person.csv",
        "case_id person_no role relationship name date_of_birth age sex ethnicity \
         address_same_as_child lives_with_child smoker alcohol_misuse drug_misuse mental_health \
         known_to_police employment",
    ),
    (
        "event.csv",
        "case_id incident_type form_code form_status agency requested_on returned_on \
         waive_reason",
    ),
    (
        "answer.csv",
        "case_id form_code form_version response_id agency is_collated section_id field_id \
         row_no column_id seq value_code value_text value_number value_date unit confidence_tag \
         answered_at",
    ),
    (
        "factor.csv",
        "case_id factor_no domain factor_code description influence modifiable legacy_influence",
    ),
    ("category.csv", "case_id category is_primary sub_category"),
    (
        "learning_action.csv",
        "case_id item_no item_type text theme level lead_agency due_date status completed_date \
         share_nationally",
    ),
    (
        "timeline.csv",
        "case_id milestone date days_from_death paused_days pause_reason",
    ),
    (
        "lscb1_child.csv",
        "lscb_or_cdop case_no financial_year_of_death review_completed_on \
         months_death_to_review_band modifiability age_band sex ethnicity_group category \
         incident_type event_location cp_plan statutory_order asylum_seeker safeguarding_review \
         resident_in_area died_out_of_area",
    ),
    (
        "lscb1_aggregate.csv",
        "financial_year cdop measure breakdown breakdown_value modifiability count suppressed",
    ),
    ("code_list.csv", "list code label parent source confidence"),
    ("issue.csv", "rule_id severity case_id file field message"),
    (
        "manifest.csv",
        "name schema_version forms_version rows sha256 period kind created_by",
    ),
];

#[test]
fn has_every_file_and_column_in_order() {
    assert_eq!(LAYOUT.tables().len(), EXPECTED.len());
    for (name, columns) in EXPECTED {
        let file = File::of(name).unwrap();
        let held: Vec<&str> = LAYOUT
            .columns(file)
            .iter()
            .map(|c| c.name.as_str())
            .collect();
        assert_eq!(held, columns.split(' ').collect::<Vec<_>>(), "{name}");
    }
}

#[test]
fn every_column_is_described() {
    for table in LAYOUT.tables() {
        for column in &table.columns {
            assert!(!column.description.is_empty(), "{}", column.name);
        }
    }
}

#[test]
fn a_fault_names_its_line_and_column() {
    let columns = "file,column,type,required,codes,source,description\n\
                   case.csv,case_id,string,yes,,case.reference,Case\n\
                   case.csv,sex,letters,no,,notification.sex,Sex\n\
                   case.csv,age,integer,no,,notification.no_such_field,Age\n\
                   case.csv,sex,string,no,no_such_list,derived.nothing,Sex\n\
                   case.csv,born,integer,no,,notification.date_of_birth,Born\n\
                   cases.csv,sex,string,no,,notification.sex,Sex\n";
    let faults = Layout::load(
        columns,
        "list,list_label,order,code,label,parent,basis,note\n",
        &LIBRARY,
    )
    .unwrap_err();
    let places: Vec<_> = faults
        .iter()
        .map(|f| (f.line, f.column.as_str()))
        .take(6)
        .collect();
    assert_eq!(
        places,
        [
            (3, "type"),
            (4, "source"),
            (5, "codes"),
            (5, "source"),
            (6, "source"),
            (7, "file")
        ]
    );
    // And the files that are not there at all.
    assert_eq!(faults.len(), 6 + 12);
}

//! What an agency is asked and what it knows: which sections of the reporting form it fills in. Must not know
//! when it answers.

use super::names;
use super::story::Story;
use crate::casework::gather::NewRequest;
use crate::domain::form::{Dictionary, Section};

/// Sections of the reporting form that an agency fills in beyond what must be answered.
pub fn knows(agency: &str, lead: bool, section: &Section) -> bool {
    let id = section.id.as_str();
    let everybody = matches!(id, "reporting_agency" | "services");
    let own: &[&str] = match agency {
        "gp" => &["child_health", "family"],
        "maternity" | "neonatal" => &["child_birth"],
        "health_visiting" => &[
            "child_birth",
            "child_health",
            "physical_environment",
            "family",
        ],
        "social_care" | "youth_justice" => &["child_safeguarding", "family"],
        "police" => &["child_safeguarding"],
        "education" | "school_nursing" => &["child_education"],
        "housing" | "fire" => &["physical_environment"],
        _ => &["child_health"],
    };
    everybody
        || own.contains(&id)
        || (lead && matches!(id, "circumstances" | "child_birth" | "child_health"))
}

/// The agencies that the directory of a made-up caseload knows, with their names.
pub fn everybody(dict: &Dictionary) -> Vec<(String, String)> {
    let some = [
        "gp",
        "hospital_paeds",
        "emergency_dept",
        "neonatal",
        "maternity",
        "health_visiting",
        "school_nursing",
        "community_paeds",
        "mental_health",
        "palliative",
        "ambulance",
        "social_care",
        "education",
        "police",
        "coroner",
        "fire",
        "housing",
    ];
    some.into_iter()
        .filter_map(|code| Some((code.to_owned(), dict.label("agency", code)?.to_owned())))
        .collect()
}

/// Who is asked for what: the reporting form from all, the supplementary forms from who knows most.
pub fn requests(dict: &Dictionary, story: &Story, place: &str) -> Vec<NewRequest> {
    super::facts::asked(story)
        .enumerate()
        .map(|(i, (agency, professional))| {
            let label = dict.label("agency", agency).unwrap_or(agency);
            let mut forms = vec!["reporting".to_owned()];
            if i == 0 {
                forms.extend(
                    super::facts::forms(dict, story)
                        .into_iter()
                        .map(str::to_owned),
                );
                if place == "abroad" {
                    forms.push("death_abroad".to_owned());
                }
                if place == "hosp_ed" {
                    forms.push("care_pathway".to_owned());
                }
            }
            NewRequest {
                agency: agency.to_owned(),
                professional_type: Some(professional.to_owned()),
                recipient: format!("Sample {label}"),
                organisation: Some("Sample Organisation".to_owned()),
                email: names::email(label),
                contact_id: None,
                forms,
                agreed_date: None,
            }
        })
        .collect()
}

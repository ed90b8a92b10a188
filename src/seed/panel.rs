//! What the review meeting and the panel write: the joint agency response and meeting form, and the analysis
//! with one line for each factor. Must not know what stops a case from being finalised.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime};

use super::known::Known;
use super::story::Story;
use crate::domain::clock::FIRST_HOURS;
use crate::domain::form::{Answer, Answers};

type Row = BTreeMap<String, Answer>;

fn choice(code: &str) -> Answer {
    Answer::Choice(code.to_owned())
}

fn text(words: &str) -> Answer {
    Answer::Text(words.to_owned())
}

fn row<const N: usize>(cells: [(&str, Answer); N]) -> Row {
    cells
        .into_iter()
        .map(|(column, answer)| (column.to_owned(), answer))
        .collect()
}

/// How far the analysis has come.
pub struct Sitting {
    /// The panel's day; the review meeting's own day while the form is a draft of it.
    pub reviewed: NaiveDate,
    pub met: NaiveDate,
    pub is_final: bool,
}

/// What the analysis says.
pub fn analysis(known: &mut Known, story: &Story, sitting: &Sitting) -> Answers {
    let mut answers = Answers::default();
    for domain in ["a", "b", "c", "d"] {
        let rows = factors(story, domain);
        if rows.is_empty() {
            answers.set(format!("no_factors_{domain}"), Answer::Boolean(true));
        } else {
            answers.set(format!("factors_{domain}"), Answer::Rows(rows));
        }
    }
    let modifiable: Vec<&str> = story
        .factors
        .iter()
        .filter(|(_, _, modifiable, _)| modifiable == "yes")
        .map(|(_, _, _, words)| words.as_str())
        .collect();
    known.put(
        "modifiable",
        if modifiable.is_empty() {
            "none"
        } else {
            "modifiable"
        },
    );
    known.put("categories_all", &story.category);
    known.put("sub_category", &story.sub);
    known.put("icd10_underlying", &story.icd);
    known.put(
        "form_stage",
        if sitting.is_final {
            "final"
        } else {
            "draft_cdrm"
        },
    );
    known.put("panel_type", panel_type(story));
    known.put(
        "agencies_represented",
        "primary_care|paediatrics|police|social_care|public_health|lay",
    );
    known.put(
        "post_mortem_done",
        if story.is_for_coroner() {
            "coronial"
        } else {
            "none"
        },
    );
    known.put("drafted_at_cdrm", "yes");
    known.set("cause_as_understood", text(&story.cause));
    known.set("panel_chair", text("Sample Panel Chair"));
    known.date("date_of_review", sitting.reviewed);
    known.date("analysis.date_completed", sitting.reviewed);
    known.date("cdrm_date", sitting.met);
    if sitting.is_final
        && let Some(conclusion) = &story.inquest
    {
        known.put("inquest_conclusion", conclusion);
    } else if story.inquest.is_some() {
        known.put("inquest_conclusion", "pending");
    }
    if sitting.is_final {
        learn(known, &modifiable, sitting.reviewed);
    }
    answers
}

fn factors(story: &Story, domain: &str) -> Vec<Row> {
    story
        .factors
        .iter()
        .filter(|(code, ..)| code.to_lowercase().starts_with(domain))
        .map(|(code, influence, modifiable, words)| {
            row([
                ("factor_code", choice(code)),
                ("description", text(words)),
                ("influence", choice(influence)),
                ("modifiable", choice(modifiable)),
            ])
        })
        .collect()
}

fn panel_type(story: &Story) -> &'static str {
    match story.category.as_str() {
        "2" => "suicide",
        "3" => "trauma",
        "10" => "sudi",
        _ if story.is_newborn() => "neonatal",
        _ => "general",
    }
}

fn learn(known: &mut Known, modifiable: &[&str], day: NaiveDate) {
    let points: Vec<Row> = modifiable
        .iter()
        .map(|words| {
            row([
                (
                    "learning",
                    text(&format!("{words}: shared with the services concerned.")),
                ),
                ("theme", choice("clinical_care")),
                ("level", choice("local")),
            ])
        })
        .collect();
    let actions: Vec<Row> = modifiable
        .iter()
        .take(1)
        .map(|words| {
            row([
                (
                    "action",
                    text(&format!("Report back to the panel on: {words}.")),
                ),
                ("lead_agency", choice("icb")),
                ("lead_name", text("Sample Action Owner")),
                ("due_date", Answer::Date(day + chrono::Days::new(120))),
                ("status", choice("open")),
            ])
        })
        .collect();
    known.set("learning_points", Answer::Rows(points));
    known.set("actions", Answer::Rows(actions));
}

/// What is decided in the first hours, at `now` in England.
pub fn first_hours(known: &mut Known, trigger: Option<&str>, now: NaiveDateTime) {
    for (question, code) in [
        ("trigger_external", "external"),
        ("trigger_sudden", "sudden_no_cause"),
        ("trigger_custody", "custody_mha"),
        ("trigger_suspicious", "suspicious"),
        ("trigger_stillbirth", "unattended_stillbirth"),
    ] {
        known.put(question, if trigger == Some(code) { "yes" } else { "no" });
    }
    known.put("jar_met", if trigger.is_some() { "yes" } else { "no" });
    known.put("incident", "none");
    known.put("siblings_concern", "no");
    known.put("serious_incident", "no");
    known.put("told", "gp|child_health");
    known.set(
        "jar_reason",
        text("The death was expected and the cause is known."),
    );
    known.set("support_by_whom", text("Sample Bereavement Nurse"));
    known.put(
        "certificate",
        if trigger.is_some() {
            "coroner"
        } else {
            "certificate"
        },
    );
    for question in FIRST_HOURS {
        known.set(&format!("{question}_by"), text("Dr Sample Lead"));
        known.set(&format!("{question}_at"), Answer::DateTime(now));
    }
    for service in ["health", "police", "social"] {
        known.set(&format!("core_{service}"), text("Sample Duty Officer"));
        known.set(&format!("core_{service}_at"), Answer::DateTime(now));
    }
}

/// What the joint agency response's first meeting writes.
pub fn response(known: &mut Known, day: NaiveDate) {
    known.date("meeting_date", day);
    known.set("meeting_chair", text("Dr Sample Lead"));
    known.put("visit_done", "yes");
    known.date("visit_date", day);
    known.set(
        "investigation_plan",
        text("Each agency reports to the review meeting."),
    );
}

/// What the joint agency response's follow-up meeting writes.
pub fn follow_up(known: &mut Known, day: NaiveDate) {
    known.date("case_discussion_date", day);
    known.put("family_informed_pm", "yes");
}

/// What the review meeting writes.
pub fn meeting(known: &mut Known, day: NaiveDate) {
    known.date("cdrm_jar.cdrm_date", day);
    known.put("cdrm_type", "child");
    known.set("cdrm_chair", text("Sample Cdrm Chair"));
    known.set("cdrm_place", text("Sample General Hospital"));
    known.put("reports_received", "notification|reporting|supplementary");
    known.put("draft_analysis_sent", "yes");
    known.set(
        "cause_discussed",
        text("The cause of death was discussed with all who gave care."),
    );
}

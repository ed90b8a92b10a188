//! What the receiver would refuse or ask about: the year-end check list, case by case.

use std::fmt;

use super::case::{RequestStatus, Status};
use super::layout::{Column, File, Place};
use super::order::{Extent, is_too_old, wanted};
use super::policy::FieldPlan;
use super::rows::factor::DOMAINS;
use super::view::{BIRTH, DEATH, View};
use crate::domain::age::eighteenth_birthday;
use crate::domain::form::{Answer, AnsweredBy, Kind, Severity};
use crate::domain::nhs_number::NhsNumber;

/// One failed rule of one case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// A rule of the domain notes on validation.
    pub rule_id: &'static str,
    /// Stop: the case would be refused. Warn: it would be asked about.
    pub severity: Severity,
    /// The case's reference.
    pub case_id: String,
    /// The file of the return concerned.
    pub file: &'static str,
    /// A column of that file, or `form.field` where the answer has to be given on a form.
    pub field: String,
    pub message: String,
}

impl fmt::Display for Issue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {} {}: {}",
            self.case_id, self.rule_id, self.field, self.message
        )
    }
}

pub(super) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Stop => "stop",
        Severity::Warn => "warn",
    }
}

/// The issues of one case as far as it goes out, in the order of the files.
pub(super) fn issues(view: &View) -> Vec<Issue> {
    let mut found = Found {
        view,
        issues: Vec::new(),
    };
    match view.extent {
        Extent::Tombstone => found.withdrawal(),
        Extent::Notification => found.notification("SB-3"),
        Extent::Full => {
            found.notification("SB-6");
            found.forms();
            found.analysis();
        }
    }
    if view.status() == Status::Transferred && view.case.transfer.is_none() {
        let text = "Say which panel took the case over, and when";
        found.stop("SB-11", File::Case, "transferred_to_cdop", text);
    }
    found.issues
}

/// The issue of a case that is left out altogether.
pub(super) fn left_out(view: &View) -> Option<Issue> {
    let mut found = Found {
        view,
        issues: Vec::new(),
    };
    if is_too_old(view.case) && wanted(view.context.order, view.case).is_some() {
        let text = "Reviewed before 1 April 2019: the national database does not take it";
        found.stop("DT-14", File::Case, "review_date", text);
    }
    found.issues.pop()
}

struct Found<'v, 'c> {
    view: &'v View<'c>,
    issues: Vec<Issue>,
}

impl Found<'_, '_> {
    fn stop(&mut self, rule: &'static str, file: File, field: &str, message: impl Into<String>) {
        self.add(rule, Severity::Stop, file, field, message.into());
    }

    fn warn(&mut self, rule: &'static str, file: File, field: &str, message: impl Into<String>) {
        self.add(rule, Severity::Warn, file, field, message.into());
    }

    fn add(
        &mut self,
        rule: &'static str,
        severity: Severity,
        file: File,
        field: &str,
        message: String,
    ) {
        self.issues.push(Issue {
            rule_id: rule,
            severity,
            case_id: self.view.case.reference.clone(),
            file: file.name(),
            field: field.to_owned(),
            message,
        });
    }

    fn withdrawal(&mut self) {
        let case = self.view.case;
        if case.status == Status::Duplicate && case.duplicate_of.is_none() {
            let text = "Say which case this one is a duplicate of";
            self.stop("SB-9", File::Case, "duplicate_of_case_id", text);
        }
    }

    /// What NCMD asks to be complete on every notification.
    fn notification(&mut self, rule: &'static str) {
        let Some((record, plan)) = self.view.record("notification") else {
            let text = "There is no notification form on this case";
            self.stop(rule, File::Case, "notification", text);
            return;
        };
        for field in plan.fields.iter().filter(|field| is_owed(field)) {
            if field.field.id != "nhs_number" && !record.answers.is_answered(&field.field.id) {
                let text = format!("Answer '{}'; not known is an answer", field.field.label);
                let column = self.column(&field.field.id);
                let place = column.map_or(
                    format!("notification.{}", field.field.id),
                    ToOwned::to_owned,
                );
                let file = if column.is_some() {
                    File::Case
                } else {
                    File::Answer
                };
                self.stop(rule, file, &place, text);
            }
        }
        self.nhs_number();
        self.ages();
    }

    /// The column of `case.csv` that a field of the notification fills.
    fn column(&self, field: &str) -> Option<&str> {
        let fills = |place: &Place| matches!(place, Place::Answer { form, field: held } if form == "notification" && held == field);
        let mut columns = self.view.context.layout.columns(File::Case).iter();
        columns
            .find(|column: &&Column| column.places.iter().any(fills))
            .map(|column| column.name.as_str())
    }

    fn nhs_number(&mut self) {
        let reason = self
            .view
            .code(&[("notification", "nhs_number_missing_reason")]);
        match self.view.answer("notification", "nhs_number") {
            Some(Answer::Text(number)) if NhsNumber::parse(number).is_err() => {
                let text = "The NHS number fails its check digit";
                self.stop("ID-2", File::Case, "nhs_number", text);
            }
            Some(Answer::Text(_)) => {}
            _ if reason.is_none() => {
                let text = "Enter the NHS number, or say why there is none";
                self.stop("ID-4", File::Case, "nhs_number", text);
            }
            _ if reason == Some("not_available") => {
                let text = "The NHS number is still missing; it may be available by now";
                self.warn("ID-6", File::Case, "nhs_number", text);
            }
            _ => {}
        }
        if let Some(other) = &self.view.case.same_nhs_number_as {
            let text = format!("{other} has the same NHS number");
            self.stop("ID-8", File::Case, "nhs_number", text);
        }
    }

    fn ages(&mut self) {
        let (Some(birth), Some(death)) = (self.view.day(BIRTH), self.view.day(DEATH)) else {
            return;
        };
        if death < birth {
            let text = "The date of death is before the date of birth";
            self.stop("DT-1", File::Case, "date_of_death", text);
        } else if death >= eighteenth_birthday(birth) {
            let text = "The young person was 18 or older";
            self.stop("DT-2", File::Case, "date_of_death", text);
        }
    }

    /// A finalised case goes with every form that was opened (rule SB-4).
    fn forms(&mut self) {
        for form in ["reporting", "analysis"] {
            if self.view.record(form).is_none() {
                let text = format!("A finalised case needs its {form} form");
                self.stop("SB-4", File::Answer, form, text);
            }
        }
        let case = self.view.case;
        let open = |request: &&super::FormRequest| request.status == RequestStatus::Requested;
        for request in case.requests.iter().filter(open) {
            let text = format!(
                "The {} form is neither returned nor waived",
                request.form.replace('_', " ")
            );
            self.stop("X-1", File::Event, &request.form, text);
        }
    }

    fn analysis(&mut self) {
        if self.view.record("analysis").is_none() {
            return;
        }
        for (domain, table) in DOMAINS {
            self.factors(domain, table);
        }
        if self
            .view
            .code(&[("analysis", "primary_category")])
            .is_none()
        {
            let text = "Choose at least one category of death";
            self.stop("AN-4", File::Category, "category", text);
        }
        if self.view.code(&[("analysis", "modifiable")]).is_none() {
            let text = "Say whether modifiable factors were identified";
            self.stop("AN-9", File::Case, "modifiability", text);
        }
        if self.view.answer("analysis", "date_of_review").is_none() {
            let text = "Enter the date of the review";
            self.stop("SB-4", File::Case, "review_date", text);
        }
    }

    fn factors(&mut self, domain: &str, table: &str) {
        let mut number = 0;
        for row in self.view.rows("analysis", table).iter() {
            number += 1;
            if row.get("influence").is_none() {
                let text = format!(
                    "Grade factor {number} in domain {} from 0 to 2",
                    domain.to_uppercase()
                );
                self.stop("AN-1", File::Factor, "influence", text);
            }
        }
        let none = self.view.answer("analysis", &format!("no_{table}"));
        if number == 0 && none != Some(&Answer::Boolean(true)) {
            let text = format!(
                "Enter the factors in domain {}, or say that there were none",
                domain.to_uppercase()
            );
            self.stop("AN-2", File::Factor, "domain", text);
        }
    }
}

/// Must be answered by a person on every notification, and goes to the national database.
fn is_owed(plan: &FieldPlan) -> bool {
    let field = plan.field;
    let shown = field.show_when.is_none() && field.answered_by != AnsweredBy::System;
    field.required && plan.goes && shown && (field.kind != Kind::Table || !field.columns.is_empty())
}

//! A form as another system reads it. Must not know who asks.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::domain::form::{
    AnsweredBy, Basis, Dictionary, Field, Form, FormKind, Identifies, Section,
};

/// A form with its sections, questions and the code lists they use.
pub fn form(dict: &Dictionary, form: &Form) -> Value {
    json!({
        "version": dict.version,
        "form": form.code,
        "label": form.label,
        "kind": kind(form.kind),
        "sections": form.sections.iter().map(section).collect::<Vec<_>>(),
        "code_lists": lists(dict, form),
    })
}

fn section(section: &Section) -> Value {
    json!({
        "id": section.id, "label": section.label, "fields": section.fields.iter().map(field).collect::<Vec<_>>(),
    })
}

fn field(field: &Field) -> Value {
    let columns: Vec<Value> = field.columns.iter().map(self::field).collect();
    let checks: Vec<&str> = field
        .checks
        .iter()
        .map(|check| check.text.as_str())
        .collect();
    json!({
        "id": field.id, "label": field.label, "type": field.kind.name(), "codes": field.codes, "unit": field.unit,
        "required": field.required, "answered_by": answered_by(field.answered_by),
        "show_when": field.show_when.as_ref().map(|condition| &condition.text), "checks": checks,
        "national": field.national, "identifies": identifies(field.identifies), "basis": basis(field.basis),
        "note": field.note, "source": field.source, "columns": columns,
    })
}

fn lists(dict: &Dictionary, form: &Form) -> Value {
    let own = |field: &Field| field.codes.clone();
    let names: BTreeSet<String> = form
        .fields()
        .flat_map(|f| f.columns.iter().filter_map(own).chain(own(f)))
        .collect();
    let code = |c: &crate::domain::form::Code| json!({ "code": c.code, "label": c.label, "parent": c.parent });
    let lists: Map<String, Value> = names
        .into_iter()
        .map(|name| {
            let codes = dict.codes(&name).iter().map(code).collect();
            (name, Value::Array(codes))
        })
        .collect();
    Value::Object(lists)
}

const fn kind(kind: FormKind) -> &'static str {
    match kind {
        FormKind::Notification => "notification",
        FormKind::Reporting => "reporting",
        FormKind::Supplementary => "supplementary",
        FormKind::CdrmJar => "cdrm_jar",
        FormKind::Analysis => "analysis",
        FormKind::Local => "local",
    }
}

const fn answered_by(by: AnsweredBy) -> &'static str {
    match by {
        AnsweredBy::Notifier => "notifier",
        AnsweredBy::Respondent => "respondent",
        AnsweredBy::Staff => "staff",
        AnsweredBy::System => "system",
    }
}

const fn identifies(identifies: Identifies) -> &'static str {
    match identifies {
        Identifies::Direct => "direct",
        Identifies::Indirect => "indirect",
        Identifies::FreeText => "free_text",
        Identifies::None => "none",
    }
}

const fn basis(basis: Basis) -> &'static str {
    match basis {
        Basis::Seen => "seen",
        Basis::Recalled => "recalled",
        Basis::Inferred => "inferred",
    }
}

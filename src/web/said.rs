//! Problems as a page says them: in the summary, each leading to its field, and at the field itself. Must not know
//! any page.

use serde_json::Value;

use crate::domain::form::Problem;

/// Problems for the summary, and by field.
pub fn said(problems: &[Problem]) -> (Option<Vec<Value>>, Value) {
    let list: Vec<Value> = problems
        .iter()
        .map(|p| context! { text => &p.message, href => format!("#{}", p.field) })
        .collect();
    let at: serde_json::Map<String, Value> = problems
        .iter()
        .map(|p| (p.field.clone(), Value::String(p.message.clone())))
        .collect();
    ((!list.is_empty()).then_some(list), Value::Object(at))
}

//! What of a thing was changed: the parts that differ, as they stood and as they stand. Must not know what they are.

use serde_json::{Map, Value};

/// The parts of two objects that differ; a part that one of them lacks stands in the other alone.
pub fn differing(before: Value, after: Value) -> (Option<Value>, Option<Value>) {
    let (mut before, mut after) = (parts(before), parts(after));
    let same: Vec<String> = before
        .iter()
        .filter(|(name, value)| after.get(*name) == Some(value))
        .map(|(name, _)| name.clone())
        .collect();
    for name in same {
        before.remove(&name);
        after.remove(&name);
    }
    (Some(Value::Object(before)), Some(Value::Object(after)))
}

fn parts(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(parts) => parts,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_the_same_is_left_out_and_what_came_or_went_stands_on_one_side() {
        let (before, after) = differing(
            json!({"same": 1, "other": "a", "gone": [1]}),
            json!({"same": 1, "other": "b", "come": null}),
        );
        assert_eq!(before, Some(json!({"other": "a", "gone": [1]})));
        assert_eq!(after, Some(json!({"other": "b", "come": null})));
        let nothing = differing(Value::Null, json!({}));
        assert_eq!(nothing, (Some(json!({})), Some(json!({}))));
    }
}

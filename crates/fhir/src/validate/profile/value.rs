//! Values beside what a profile fixes.

use serde_json::{Number, Value};

/// Whether two values are the same: numbers by what they are, members in any order.
pub(super) fn is_same(value: &Value, fixed: &Value) -> bool {
    match (value, fixed) {
        (Value::Number(a), Value::Number(b)) => is_same_number(a, b),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && b.iter().all(|(name, b)| a.get(name).is_some_and(|a| is_same(a, b)))
        }
        _ => value == fixed,
    }
}

/// Whether a value has all that the pattern has; of arrays, each item somewhere.
pub(super) fn has_pattern(value: &Value, pattern: &Value) -> bool {
    match (value, pattern) {
        (Value::Array(items), Value::Array(wanted)) => {
            wanted.iter().all(|wanted| items.iter().any(|item| has_pattern(item, wanted)))
        }
        (Value::Object(members), Value::Object(wanted)) => wanted
            .iter()
            .all(|(name, wanted)| members.get(name).is_some_and(|found| has_pattern(found, wanted))),
        _ => is_same(value, pattern),
    }
}

/// The values in a fixed value or a pattern, by a path through its members.
pub(super) fn inside<'v>(value: &'v Value, path: &[&str]) -> Vec<&'v Value> {
    let mut found = vec![value];
    for name in path {
        found = found
            .into_iter()
            .filter_map(|value| value.get(*name))
            .flat_map(|value| value.as_array().map_or_else(|| vec![value], |items| items.iter().collect()))
            .collect();
    }
    found
}

/// A value to be named in a message.
pub(super) fn shown(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() > 120 {
        format!("{}…", text.chars().take(120).collect::<String>())
    } else {
        text
    }
}

fn is_same_number(a: &Number, b: &Number) -> bool {
    a == b || a.as_f64().zip(b.as_f64()).is_some_and(|(a, b)| a.total_cmp(&b).is_eq())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_pattern_asks_for_less_than_a_fixed_value() {
        let value =
            json!({"coding": [{"system": "a", "code": "1"}, {"system": "b", "code": "2"}], "text": "t"});
        assert!(has_pattern(&value, &json!({"coding": [{"code": "2"}]})));
        assert!(!has_pattern(&value, &json!({"coding": [{"code": "2", "system": "a"}]})));
        assert!(is_same(&json!({"a": 1, "b": 1.0}), &json!({"b": 1.00, "a": 1})));
        assert!(!is_same(&value, &json!({"text": "t"})));
        assert_eq!(inside(&value, &["coding", "code"]), [&json!("1"), &json!("2")]);
    }
}

//! A field that nobody has filled in yet: `null` outside, its empty value inside. For `#[serde(with = "undecided")]`.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Writes the empty value as `null`.
pub(super) fn serialize<T, S>(value: &T, serializer: S) -> Result<S::Ok, S::Error>
where
    T: Serialize + Default + PartialEq,
    S: Serializer,
{
    if *value == T::default() { serializer.serialize_none() } else { value.serialize(serializer) }
}

/// Reads `null` as the empty value.
pub(super) fn deserialize<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Deserialize<'de> + Default,
    D: Deserializer<'de>,
{
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::visits::note::{Content, Prescription};

    #[test]
    fn what_is_not_decided_is_null_outside() {
        let content = Content { prescriptions: vec![Prescription::default()], ..Content::default() };
        let outside = serde_json::to_value(&content).unwrap();
        assert_eq!(
            (&outside["disposition"], &outside["prescriptions"][0]["days"]),
            (&json!(null), &json!(null))
        );
        assert_eq!(serde_json::from_value::<Content>(outside).unwrap(), content);
        let decided: Content = serde_json::from_value(json!({"disposition": "clinic"})).unwrap();
        assert_eq!(decided.disposition, "clinic");
    }
}

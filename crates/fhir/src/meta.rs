//! `meta.versionId` and `meta.lastUpdated`: stripped when a resource is written, spliced in when it is served.
//!
//! A stored document begins with `resourceType`, `id` and, where something is left of it, `meta`. So serving it is two
//! copies around a few new bytes, without reading JSON.

use bianque_model::Timestamp;
use serde_json::{Map, Value};

/// The document as it is stored: first members in their order, without what only the server assigns.
pub fn to_stored(resource: &Value) -> Vec<u8> {
    let Value::Object(members) = resource else { return resource.to_string().into_bytes() };
    let mut bytes = Vec::with_capacity(1024);
    for name in ["resourceType", "id"] {
        if let Some(value) = members.get(name) {
            member(&mut bytes, name, value);
        }
    }
    if let Some(Value::Object(meta)) = members.get("meta") {
        let assigned = |name: &str| matches!(name.trim_start_matches('_'), "versionId" | "lastUpdated");
        let kept: Map<String, Value> = meta
            .iter()
            .filter(|(name, _)| !assigned(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        if !kept.is_empty() {
            member(&mut bytes, "meta", &Value::Object(kept));
        }
    }
    for (name, value) in
        members.iter().filter(|(name, _)| !matches!(name.as_str(), "resourceType" | "id" | "meta"))
    {
        member(&mut bytes, name, value);
    }
    bytes.extend_from_slice(if bytes.is_empty() { b"{}" } else { b"}" });
    bytes
}

fn member(bytes: &mut Vec<u8>, name: &str, value: &Value) {
    bytes.push(if bytes.is_empty() { b'{' } else { b',' });
    bytes.extend_from_slice(Value::from(name).to_string().as_bytes());
    bytes.push(b':');
    // Writing a JSON value to memory cannot fail.
    let _ = serde_json::to_writer(bytes, value);
}

/// The document as it is served: with its version and when that was written.
pub fn to_served(stored: &[u8], version: u64, last_updated: Timestamp) -> Vec<u8> {
    let own = format!("\"versionId\":\"{version}\",\"lastUpdated\":\"{}\"", instant(last_updated));
    let Some(at) = after_id(stored) else { return parsed(stored, version, last_updated) };
    let mut served = Vec::with_capacity(stored.len() + own.len() + 16);
    let (head, tail) = stored.split_at(at);
    served.extend_from_slice(head);
    if let Some(rest) = tail.strip_prefix(b",\"meta\":{") {
        served.extend_from_slice(b",\"meta\":{");
        served.extend_from_slice(own.as_bytes());
        served.push(b',');
        served.extend_from_slice(rest);
    } else {
        served.extend_from_slice(b",\"meta\":{");
        served.extend_from_slice(own.as_bytes());
        served.push(b'}');
        served.extend_from_slice(tail);
    }
    served
}

/// An instant as FHIR writes it: RFC 3339 in UTC with milliseconds.
pub fn instant(at: Timestamp) -> String {
    crate::date::instant(at)
}

/// Where the value of `id` ends. A type and an id hold no escapes; what does is no stored resource.
fn after_id(stored: &[u8]) -> Option<usize> {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.');
    let rest = stored.strip_prefix(b"{\"resourceType\":\"")?;
    let type_end = rest.iter().position(|b| !plain(b))?;
    let rest = rest[type_end..].strip_prefix(b"\",\"id\":\"")?;
    let id_end = rest.iter().position(|b| !plain(b)).filter(|end| rest[*end] == b'"')?;
    Some(stored.len() - rest.len() + id_end + 1)
}

/// The slow way, for bytes in another order.
fn parsed(stored: &[u8], version: u64, last_updated: Timestamp) -> Vec<u8> {
    let Ok(Value::Object(mut members)) = serde_json::from_slice(stored) else { return stored.to_vec() };
    let mut meta = members.get("meta").and_then(Value::as_object).cloned().unwrap_or_default();
    meta.insert("versionId".into(), version.to_string().into());
    meta.insert("lastUpdated".into(), instant(last_updated).into());
    members.insert("meta".into(), Value::Object(meta));
    Value::Object(members).to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn round(resource: &Value) -> (String, Value) {
        let stored = to_stored(resource);
        let served = to_served(&stored, 3, Timestamp(1_700_000_000_123_456));
        (String::from_utf8(stored).unwrap(), serde_json::from_slice(&served).unwrap())
    }

    #[test]
    fn what_the_server_assigns_is_not_stored_and_always_served() {
        let sent = json!({"active": true, "meta": {"versionId": "9", "lastUpdated": "x"}, "id": "a", "resourceType": "Patient"});
        let (stored, served) = round(&sent);
        assert_eq!(stored, r#"{"resourceType":"Patient","id":"a","active":true}"#);
        assert_eq!(served["meta"], json!({"versionId": "3", "lastUpdated": "2023-11-14T22:13:20.123Z"}));
        assert_eq!(served["active"], true);
    }

    #[test]
    fn the_rest_of_meta_stays() {
        let sent =
            json!({"resourceType": "Patient", "id": "a", "meta": {"tag": [{"code": "t"}], "versionId": "1"}});
        let (stored, served) = round(&sent);
        assert_eq!(stored, r#"{"resourceType":"Patient","id":"a","meta":{"tag":[{"code":"t"}]}}"#);
        assert_eq!(served["meta"]["tag"][0]["code"], "t");
        assert_eq!(served["meta"]["versionId"], "3");
    }

    #[test]
    fn bytes_in_another_order_are_served_too() {
        let served = to_served(br#"{"id":"a","resourceType":"Patient"}"#, 1, Timestamp(0));
        let served: Value = serde_json::from_slice(&served).unwrap();
        assert_eq!(served["meta"]["lastUpdated"], "1970-01-01T00:00:00.000Z");
    }
}

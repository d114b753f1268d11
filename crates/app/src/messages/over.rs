//! How what a message says goes over what stands of a resource.

use bianque_mapping::Kind;
use serde_json::{Map, Value, json};

/// What a message of a kind says, over what stands: members that it says, without those that it says are no more. What it
/// does not know replaces nothing; numbers and results add up.
pub(super) fn over(
    kind: Kind,
    mut standing: Value,
    mut new: Map<String, Value>,
    removed: &[String],
) -> Value {
    if kind == Kind::Update {
        stay_over(&standing, &mut new);
    }
    let Some(members) = standing.as_object_mut() else { return Value::Object(new) };
    for member in removed {
        members.remove(member);
    }
    // A value of an observation is of one type, or said to be absent.
    if new.get("resourceType").is_some_and(|kind| kind == "Observation") {
        members.retain(|member, _| !(member.starts_with("value") || member == "dataAbsentReason"));
    }
    for (member, value) in new {
        match member.as_str() {
            _ if says_nothing(&value) && members.contains_key(&member) => {}
            "identifier" | "result" => join(members.entry(member).or_insert_with(|| json!([])), value),
            _ => drop(members.insert(member, value)),
        }
    }
    standing
}

/// A status, a code or a class that the message does not know.
fn says_nothing(value: &Value) -> bool {
    *value == "unknown" || value["code"] == "UNK" || value["extension"][0]["valueCode"] == "unknown"
}

/// Adds what a list does not have yet. An identifier is the same by who gave it and its value.
fn join(list: &mut Value, more: Value) {
    let (Some(list), Value::Array(more)) = (list.as_array_mut(), more) else { return };
    for one in more {
        let same = |other: &Value| match (&one["value"], &one["reference"]) {
            (Value::Null, reference) => other["reference"] == *reference,
            (value, _) => other["value"] == *value && other["system"] == one["system"],
        };
        match list.iter().position(same) {
            Some(place) => list[place] = one,
            None => list.push(one),
        }
    }
}

/// A visit that is over stays so, whatever else is told of it later: that it goes on is told by an event of its own.
fn stay_over(standing: &Value, new: &mut Map<String, Value>) {
    let is = |resource: &Value, of: &[&str]| of.iter().any(|status| resource["status"] == *status);
    if standing["resourceType"] != "Encounter" || !is(standing, &["finished", "cancelled"]) {
        return;
    }
    if new.get("status").is_some_and(|status| status != "finished" && status != "cancelled") {
        new.remove("status");
    }
    if let (Some(end), Some(Value::Object(period))) = (standing["period"].get("end"), new.get_mut("period")) {
        period.entry("end").or_insert_with(|| end.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::needless_pass_by_value, reason = "what json! makes is passed as it is")]
    fn object(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn what_a_message_says_goes_over_what_stands() {
        let standing = json!({
            "resourceType": "Patient", "id": "ana", "gender": "female", "birthDate": "1970-05-06",
            "identifier": [{"system": "a", "value": "1"}, {"system": "b", "value": "2"}],
        });
        let new = object(json!({
            "resourceType": "Patient", "birthDate": "1970-05-07",
            "identifier": [{"system": "b", "value": "2", "type": {"text": "MR"}}, {"system": "c", "value": "3"}],
        }));
        let wanted = json!({
            "resourceType": "Patient", "id": "ana", "birthDate": "1970-05-07",
            "identifier": [
                {"system": "a", "value": "1"}, {"system": "b", "value": "2", "type": {"text": "MR"}},
                {"system": "c", "value": "3"},
            ],
        });
        assert_eq!(over(Kind::Update, standing, new, &["gender".to_owned()]), wanted);
    }

    #[test]
    fn what_a_message_does_not_know_replaces_nothing() {
        let standing = json!({"resourceType": "ServiceRequest", "status": "active", "code": {"text": "CT"}});
        let absent = json!({"extension": [{"url": "u", "valueCode": "unknown"}]});
        let new = object(json!({"resourceType": "ServiceRequest", "status": "unknown", "code": absent}));
        assert_eq!(over(Kind::Update, standing.clone(), new, &[]), standing);
    }

    #[test]
    fn a_corrected_value_takes_the_place_of_the_former_whatever_its_type() {
        let standing =
            json!({"resourceType": "Observation", "valueString": "pending", "note": [{"text": "x"}]});
        let new = object(json!({"resourceType": "Observation", "valueQuantity": {"value": 5}}));
        let wanted = json!({
            "resourceType": "Observation", "valueQuantity": {"value": 5}, "note": [{"text": "x"}],
        });
        assert_eq!(over(Kind::Update, standing, new, &[]), wanted);
    }

    #[test]
    fn a_visit_that_is_over_stays_so_until_its_end_is_taken_back() {
        let standing = json!({
            "resourceType": "Encounter", "status": "finished",
            "period": {"start": "2026-01-05T08:00:00Z", "end": "2026-01-05T09:00:00Z"},
        });
        let new = || {
            object(json!({
                "resourceType": "Encounter", "status": "in-progress", "period": {"start": "2026-01-05T08:00:00Z"},
            }))
        };
        assert_eq!(over(Kind::Update, standing.clone(), new(), &[]), standing);
        let again = over(Kind::CancelDischarge, standing, new(), &[]);
        assert_eq!((&again["status"], &again["period"]["end"]), (&json!("in-progress"), &Value::Null));
    }
}

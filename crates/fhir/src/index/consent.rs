//! A Consent as rules (FHIR R4, 6.2.10): who may see which part of the patient's record, and when.
//!
//! Only a Consent to privacy (`scope` is `patient-privacy`) that is `active` makes rules. A provision's actors, classes
//! and labels must all match; its provisions are exceptions to it. What a provision narrows itself by beyond that
//! (purpose, action, code, single resources) no rule can say: then a permit is left out and a denial is taken without
//! the narrowing, so that no misunderstanding opens anything.

use bianque_model::{ResourceId, Timestamp};
use bianque_query::{DateRange, IndexRow, IndexValue, Rule};
use serde_json::Value;

use crate::date::parse;
use crate::validate::{Literal, literal};

/// Exceptions of exceptions deeper than this are not followed; the denial above them stands.
const DEEPEST: u8 = 8;
/// What a provision may narrow itself by that a rule cannot say.
const BEYOND: [&str; 5] = ["action", "purpose", "code", "dataPeriod", "data"];

/// The rules of a resource that is a Consent, as index rows.
pub(super) fn rules(resource: &Value) -> Vec<IndexRow> {
    let codings = resource["scope"]["coding"].as_array().map_or(&[][..], Vec::as_slice);
    let of_privacy = codings.iter().any(|coding| coding["code"] == "patient-privacy");
    if resource["resourceType"] != "Consent" || resource["status"] != "active" || !of_privacy {
        return Vec::new();
    }
    let patient = resource["patient"]["reference"].as_str().and_then(literal);
    let Some(Literal::Local { resource_type: "Patient", id: patient }) = patient else { return Vec::new() };
    let mut found = Found { patient, rules: Vec::new() };
    let always = DateRange { low: Timestamp(i64::MIN), high: Timestamp(i64::MAX) };
    found.provision(&resource["provision"], None, 0, always);
    let row = |rule| IndexRow { param: "_rule".into(), value: IndexValue::Rule(rule) };
    found.rules.into_iter().map(row).collect()
}

struct Found {
    patient: ResourceId,
    rules: Vec<Rule>,
}

impl Found {
    /// A provision and its exceptions. One without a type is the opposite of what it is an exception of.
    fn provision(&mut self, provision: &Value, above: Option<bool>, depth: u8, within: DateRange) {
        if !provision.is_object() || depth > DEEPEST {
            return;
        }
        let permit = match provision["type"].as_str() {
            Some("permit") => Some(true),
            Some("deny") => Some(false),
            _ => above.map(|above| !above),
        };
        let holds = narrowed(within, &provision["period"]);
        let beyond = BEYOND.iter().any(|field| !provision[*field].is_null());
        if let Some(permit) = permit.filter(|permit| !(*permit && beyond)) {
            self.lines(provision, permit, depth, holds);
        }
        for exception in provision["provision"].as_array().into_iter().flatten() {
            self.provision(exception, permit, depth + 1, holds);
        }
    }

    /// One rule for each actor, class and label of a provision.
    fn lines(&mut self, provision: &Value, permit: bool, depth: u8, holds: DateRange) {
        for grantee in grantees(provision, permit) {
            for resource_type in codes(&provision["class"]) {
                for label in codes(&provision["securityLabel"]) {
                    self.rules.push(Rule {
                        patient: self.patient.clone(),
                        permit,
                        depth,
                        grantee: grantee.clone(),
                        resource_type: resource_type.clone(),
                        label,
                        holds,
                    });
                }
            }
        }
    }
}

/// Whom a provision names. Somebody whom no rule can name is nobody in a permit and everybody in a denial.
fn grantees(provision: &Value, permit: bool) -> Vec<String> {
    let Some(actors) = provision["actor"].as_array() else { return vec![String::new()] };
    let name = |actor: &Value| {
        let reference = actor["reference"]["reference"].as_str().unwrap_or_default();
        match literal(reference) {
            Some(Literal::Local { resource_type: kind @ ("Practitioner" | "Organization"), id }) => {
                Some(format!("{kind}/{id}"))
            }
            _ if permit => None,
            _ => Some(String::new()),
        }
    };
    actors.iter().filter_map(name).collect()
}

/// The codes of a list of Codings; the empty one, which means any, when there is no list.
fn codes(codings: &Value) -> Vec<String> {
    match codings.as_array() {
        Some(codings) => {
            codings.iter().filter_map(|coding| coding["code"].as_str()).map(str::to_owned).collect()
        }
        None => vec![String::new()],
    }
}

fn narrowed(within: DateRange, period: &Value) -> DateRange {
    let date = |field: &str| period[field].as_str().and_then(parse).map(|written| written.range);
    DateRange {
        low: date("start").map_or(within.low, |start| start.low.max(within.low)),
        high: date("end").map_or(within.high, |end| end.high.min(within.high)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn consent(provision: &Value) -> Vec<Rule> {
        let consent = json!({
            "resourceType": "Consent", "status": "active",
            "scope": {"coding": [{"code": "patient-privacy"}]},
            "patient": {"reference": "Patient/ana"}, "provision": provision,
        });
        let rule = |row: IndexRow| match row.value {
            IndexValue::Rule(rule) => rule,
            other => panic!("{other:?}"),
        };
        rules(&consent).into_iter().map(rule).collect()
    }

    fn short(rules: &[Rule]) -> Vec<(bool, u8, &str, &str, &str)> {
        rules
            .iter()
            .map(|rule| (rule.permit, rule.depth, &*rule.grantee, &*rule.resource_type, &*rule.label))
            .collect()
    }

    fn actor(reference: &str) -> Value {
        json!({"role": {"text": "any"}, "reference": {"reference": reference}})
    }

    #[test]
    fn a_denial_with_an_exception_is_two_rules_of_two_depths() {
        let rules = consent(&json!({
            "type": "deny", "actor": [actor("Organization/hillside")],
            "provision": [{"type": "permit", "actor": [actor("Practitioner/li")], "class": [{"code": "Observation"}]}],
        }));
        let wanted =
            [(false, 0, "Organization/hillside", "", ""), (true, 1, "Practitioner/li", "Observation", "")];
        assert_eq!(short(&rules), wanted);
    }

    #[test]
    fn what_no_rule_can_say_opens_nothing() {
        let narrow =
            json!({"type": "permit", "actor": [actor("Practitioner/li")], "purpose": [{"code": "HRESCH"}]});
        assert_eq!(consent(&narrow), []);
        let narrow =
            json!({"type": "deny", "actor": [actor("Practitioner/li")], "purpose": [{"code": "HRESCH"}]});
        assert_eq!(short(&consent(&narrow)), [(false, 0, "Practitioner/li", "", "")]);
        let team = json!({"type": "deny", "actor": [actor("CareTeam/night")]});
        assert_eq!(short(&consent(&team)), [(false, 0, "", "", "")]);
        assert_eq!(consent(&json!({"type": "permit", "actor": [actor("CareTeam/night")]})), []);
    }

    #[test]
    fn labels_and_time_narrow() {
        let rules = consent(&json!({
            "type": "deny", "securityLabel": [{"code": "HIV"}, {"code": "PSY"}],
            "period": {"start": "2026-01-01", "end": "2026-12-31"},
            "provision": [{"period": {"end": "2026-06"}, "actor": [actor("Practitioner/li")]}],
        }));
        assert_eq!(short(&rules)[..2], [(false, 0, "", "", "HIV"), (false, 0, "", "", "PSY")]);
        assert!(rules[2].permit, "an exception is the opposite");
        assert_eq!(rules[2].holds.low, rules[0].holds.low);
        assert!(rules[2].holds.high < rules[0].holds.high);
    }

    #[test]
    fn other_consents_make_no_rules() {
        for (field, value) in [
            ("status", json!("draft")),
            ("scope", json!({"coding": [{"code": "treatment"}]})),
            ("patient", json!({"display": "Ana"})),
            ("resourceType", json!("Contract")),
        ] {
            let mut consent = json!({
                "resourceType": "Consent", "status": "active",
                "scope": {"coding": [{"code": "patient-privacy"}]},
                "patient": {"reference": "Patient/ana"}, "provision": {"type": "deny"},
            });
            assert_eq!(rules(&consent).len(), 1);
            consent[field] = value;
            assert_eq!(rules(&consent), []);
        }
    }
}

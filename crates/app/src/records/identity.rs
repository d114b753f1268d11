//! A patient is known by an identifier and the authority that gave it, and by nothing else. Two patients of one tenant
//! never share one.

use bianque_model::ResourceId;
use bianque_query::{Predicate, Query, Scope, Test};
use bianque_store::Expectation;
use serde_json::Value;

/// What must hold so that this patient's identifiers stay their own; nothing for other types. One condition for each, so
/// that each is answered from the index and not by walking over all patients.
pub(crate) fn unshared(resource: &Value) -> Vec<Expectation> {
    if resource["resourceType"] != "Patient" {
        return Vec::new();
    }
    let own: Vec<ResourceId> = resource["id"].as_str().and_then(|id| id.parse().ok()).into_iter().collect();
    let identifiers = resource["identifier"].as_array().into_iter().flatten();
    let of_authority = identifiers.filter_map(|identifier| {
        let (system, value) = (identifier["system"].as_str()?, identifier["value"].as_str()?);
        Some(Test::Token { system: Some(system.to_owned()), code: Some(value.to_owned()) })
    });
    let of_another = |test| {
        let has = Predicate::Param { param: "identifier".into(), test };
        Predicate::And(vec![has, Predicate::Not(Box::new(Predicate::Ids(own.clone())))])
    };
    of_authority.map(|test| no_patient(of_another(test))).collect()
}

fn no_patient(filter: Predicate) -> Expectation {
    Expectation::NoMatch(Query {
        resource_type: "Patient".into(),
        filter,
        scope: Scope::All,
        order: Vec::new(),
        after: None,
        limit: 2,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_identifier_is_looked_up_by_itself_for_the_index_answers_no_alternative() {
        let patient = json!({
            "resourceType": "Patient", "id": "own",
            "identifier": [
                {"system": "urn:oid:1", "value": "1"}, {"system": "urn:oid:2", "value": "2"},
                {"value": "of nobody"}, {"system": "urn:oid:3"},
            ],
        });
        let conditions = unshared(&patient);
        assert_eq!(conditions.len(), 2, "what no authority gave is nobody's");
        for (condition, (system, code)) in conditions.iter().zip([("urn:oid:1", "1"), ("urn:oid:2", "2")]) {
            let Expectation::NoMatch(query) = condition else { panic!("{condition:?}") };
            let test = Test::Token { system: Some(system.into()), code: Some(code.into()) };
            let own = Predicate::Not(Box::new(Predicate::Ids(vec!["own".parse().unwrap()])));
            let has = Predicate::Param { param: "identifier".into(), test };
            assert_eq!(query.filter, Predicate::And(vec![has, own]));
            assert_eq!(query.scope, Scope::All, "also of patients whom the asker does not see");
        }
        assert!(
            unshared(&json!({"resourceType": "Practitioner", "identifier": patient["identifier"]}))
                .is_empty()
        );
    }
}

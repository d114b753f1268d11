//! A patient is known by an identifier and the authority that gave it, and by nothing else. Two patients of one tenant
//! never share one.

use std::collections::BTreeSet;

use bianque_model::ResourceId;
use bianque_query::{Predicate, Query, Scope, Test};
use bianque_store::Expectation;
use serde_json::Value;

/// What must hold so that this patient's identifiers stay their own; nothing for other types.
pub(crate) fn unshared(resource: &Value) -> Vec<Expectation> {
    let own: Vec<ResourceId> = resource["id"].as_str().and_then(|id| id.parse().ok()).into_iter().collect();
    let of_another = |(system, code)| {
        let test = Test::Token { system: Some(system), code: Some(code) };
        let has = Predicate::Param { param: "identifier".into(), test };
        Predicate::And(vec![has, Predicate::Not(Box::new(Predicate::Ids(own.clone())))])
    };
    authorities(resource).into_iter().map(|identifier| no_patient(of_another(identifier))).collect()
}

/// A patient's identifiers with the authority that gave each, once; nothing for other types.
pub(crate) fn authorities(resource: &Value) -> BTreeSet<(String, String)> {
    if resource["resourceType"] != "Patient" {
        return BTreeSet::new();
    }
    let identifiers = resource["identifier"].as_array().into_iter().flatten();
    let of_authority = identifiers.filter_map(|identifier| {
        Some((identifier["system"].as_str()?.to_owned(), identifier["value"].as_str()?.to_owned()))
    });
    of_authority.collect()
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
    fn each_identifier_of_an_authority_may_be_nobody_elses() {
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

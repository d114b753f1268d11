//! A patient is known by an identifier and the authority that gave it, and by nothing else. Two patients of one tenant
//! never share one.

use bianque_query::{Predicate, Query, Scope, Test};
use bianque_store::Expectation;
use serde_json::Value;

/// What must hold so that this patient's identifiers stay their own; nothing for other types.
pub(crate) fn unshared(resource: &Value) -> Option<Expectation> {
    if resource["resourceType"] != "Patient" {
        return None;
    }
    let identifiers = resource["identifier"].as_array().into_iter().flatten();
    let of_authority: Vec<Predicate> = identifiers
        .filter_map(|identifier| {
            let (system, value) = (identifier["system"].as_str()?, identifier["value"].as_str()?);
            let test = Test::Token { system: Some(system.to_owned()), code: Some(value.to_owned()) };
            Some(Predicate::Param { param: "identifier".into(), test })
        })
        .collect();
    if of_authority.is_empty() {
        return None;
    }
    let own = resource["id"].as_str().and_then(|id| id.parse().ok()).into_iter().collect();
    let filter =
        Predicate::And(vec![Predicate::Or(of_authority), Predicate::Not(Box::new(Predicate::Ids(own)))]);
    Some(Expectation::NoMatch(Query {
        resource_type: "Patient".into(),
        filter,
        scope: Scope::All,
        order: Vec::new(),
        after: None,
        limit: 2,
    }))
}

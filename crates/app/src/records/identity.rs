//! A patient is known by an identifier and the authority that gave it, and by nothing else. What a write may do to that is
//! settled here, whoever writes.

use std::collections::BTreeSet;

use bianque_model::{Context, ResourceId};
use bianque_query::{Predicate, Query, Scope, Test};
use bianque_store::{Expectation, SamePatient};
use serde_json::{Value, json};

use crate::patients::authorities::Authorities;
use crate::patients::merge::{REPLACED_BY, REPLACES, link};
use crate::{App, Error};

/// Makes a patient's document one that may be written, and says what must hold for it; nothing for other types.
///
/// Identifiers whose doubles are refused to this asker stay their own. What a merge wrote stays with it: a client that
/// writes a whole document from before cannot undo a merge by leaving its link out. The document is read before this is
/// called, so that a merge meanwhile fails the commit by the version.
pub(crate) async fn settle(
    app: &App,
    context: &Context,
    resource: &mut Value,
) -> Result<Vec<Expectation>, Error> {
    if resource["resourceType"] != "Patient" {
        return Ok(Vec::new());
    }
    // One that is not written yet may have no id, and is one with nobody.
    let Some(id) = resource["id"].as_str().and_then(|id| id.parse().ok()) else {
        return of_nobody_else(app, context, resource, &[]).await;
    };
    let same = app.same_patient(context.tenant, &id).await?;
    settle_as(app, context, resource, &same).await
}

/// The same where it is known which records are one with it; they were read after its document.
pub(crate) async fn settle_as(
    app: &App,
    context: &Context,
    resource: &mut Value,
    same: &SamePatient,
) -> Result<Vec<Expectation>, Error> {
    if let Some(into) = &same.into {
        link(resource, REPLACED_BY, into);
        resource["active"] = json!(false);
    }
    for merged in &same.replaces {
        link(resource, REPLACES, merged);
    }
    of_nobody_else(app, context, resource, &same.all).await
}

/// Identifiers whose doubles are refused to this asker are of nobody but these records.
async fn of_nobody_else(
    app: &App,
    context: &Context,
    resource: &Value,
    same: &[ResourceId],
) -> Result<Vec<Expectation>, Error> {
    let refused = refused(app, context, resource).await?;
    Ok(refused.into_iter().map(|identifier| no_patient(of_another(same, identifier))).collect())
}

/// Nobody has this identifier yet: what must hold where a patient is made who is known by it alone.
pub(crate) fn nobody_has(identifier: (String, String)) -> Expectation {
    no_patient(of_another(&[], identifier))
}

/// A patient's identifiers whose doubles are refused to this asker, each with its authority.
pub(crate) async fn refused(
    app: &App,
    context: &Context,
    resource: &Value,
) -> Result<BTreeSet<(String, String)>, Error> {
    let mut all = authorities(resource);
    if !all.is_empty() {
        let known = Authorities::load(app, context).await?;
        all.retain(|(system, _)| known.refuses(context, system));
    }
    Ok(all)
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

/// Has the identifier and is none of these, which are one patient.
fn of_another(same: &[ResourceId], (system, code): (String, String)) -> Predicate {
    let test = Test::Token { system: Some(system), code: Some(code) };
    let has = Predicate::Param { param: "identifier".into(), test };
    Predicate::And(vec![has, Predicate::Not(Box::new(Predicate::Ids(same.to_vec())))])
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
    use super::*;

    #[test]
    fn what_no_authority_gave_is_nobodys() {
        let patient = json!({
            "resourceType": "Patient", "id": "own",
            "identifier": [
                {"system": "urn:oid:1", "value": "1"}, {"system": "urn:oid:2", "value": "2"},
                {"value": "of nobody"}, {"system": "urn:oid:3"},
            ],
        });
        let known: Vec<_> = authorities(&patient).into_iter().collect();
        assert_eq!(known, [("urn:oid:1".into(), "1".into()), ("urn:oid:2".into(), "2".into())]);
        assert!(
            authorities(&json!({"resourceType": "Practitioner", "identifier": patient["identifier"]}))
                .is_empty()
        );
    }

    #[test]
    fn records_that_are_one_share_their_identifiers() {
        let same: Vec<ResourceId> = ["own", "merged"].map(|id| id.parse().unwrap()).to_vec();
        let Expectation::NoMatch(query) = no_patient(of_another(&same, ("urn:oid:1".into(), "1".into())))
        else {
            panic!("a search that nothing may match");
        };
        let test = Test::Token { system: Some("urn:oid:1".into()), code: Some("1".into()) };
        let has = Predicate::Param { param: "identifier".into(), test };
        let others = Predicate::Not(Box::new(Predicate::Ids(same)));
        assert_eq!(query.filter, Predicate::And(vec![has, others]));
        assert_eq!(query.scope, Scope::All, "also of patients whom the asker does not see");
    }
}

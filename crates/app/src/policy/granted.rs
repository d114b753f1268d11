//! What an application reaches: what its scopes say and, of that, what whoever it acts for may see.

use bianque_fhir::resource_types;
use bianque_model::{Actor, Context, ResourceId};
use bianque_query::{Clause, Scope, Term};

use super::{Action, is_public, patient_compartment, records};
use crate::Error;
use crate::smart::scopes::{Level, ResourceScope};

/// Which resources of a type an application may reach for `user`, or for itself.
pub(super) fn records_of(
    context: &Context,
    user: Option<&Actor>,
    scopes: &[String],
    patient: Option<&ResourceId>,
    (resource_type, action): (&str, Action),
) -> Result<Scope, Error> {
    let scopes: Vec<ResourceScope> = scopes.iter().filter_map(|scope| scope.parse().ok()).collect();
    // What acts for somebody never acts for itself, whatever its scopes say, and the other way round.
    let allows =
        |scope: &&ResourceScope| scope.allows(action) && (scope.level == Level::System) == user.is_none();
    let scopes: Vec<&ResourceScope> = scopes.iter().filter(allows).collect();
    if !scopes.iter().any(|scope| scope.is_about(resource_type)) {
        return Err(Error::forbidden());
    }
    let everything = |scope: &&ResourceScope| scope.level == Level::System && scope.resource_type.is_none();
    if scopes.iter().any(everything) {
        return Ok(Scope::All);
    }
    let seen = match user {
        Some(user) => records(&Context { actor: user.clone(), ..context.clone() }, resource_type, action)?,
        None => Scope::All,
    };
    Ok(seen.and(granted(&scopes, patient)))
}

/// What scopes say, for every type, so that it holds in every part of a query.
fn granted(scopes: &[&ResourceScope], patient: Option<&ResourceId>) -> Scope {
    let types = |levels: &[Level]| -> Vec<String> {
        let about =
            |name: &&str| scopes.iter().any(|scope| levels.contains(&scope.level) && scope.is_about(name));
        resource_types().iter().copied().filter(about).map(str::to_owned).collect()
    };
    let whole = Term::Types(types(&[Level::User, Level::System])).into();
    let of_patient = types(&[Level::Patient]);
    // Who works where is no patient's, and what is a patient's names it.
    let directory = of_patient.iter().filter(|name| is_public(name)).cloned().collect();
    let mut clauses = vec![whole, Term::Types(directory).into()];
    // A clause without types is about every type.
    let patient = patient.filter(|_| !of_patient.is_empty());
    clauses.extend(patient.map(|patient| Clause {
        term: Term::In(patient_compartment(patient)),
        types: of_patient,
        unless: Vec::new(),
    }));
    Scope::Any(clauses)
}

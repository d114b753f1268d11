//! Merged records in a search: wherever a query names a patient, it means every record that is one with theirs.
//!
//! `_id` alone means the record itself. What a query reaches row by row - the patient whose policy is asked, links of a
//! chain - is looked up in the statement ([`super::compile`]).

use std::borrow::Cow;

use bianque_model::{ResourceId, TenantId};
use bianque_query::{Clause, Compartment, Predicate, Query, Scope, Term, Test};
use rusqlite::Connection;

use super::merged;

const PATIENT: &str = "Patient";

/// The query as it is meant, and whether any records of the tenant are merged at all.
pub(super) fn meant<'q>(
    connection: &Connection,
    tenant: TenantId,
    query: &'q Query,
) -> rusqlite::Result<(Cow<'q, Query>, bool)> {
    if !merged::any(connection, tenant)? {
        return Ok((Cow::Borrowed(query), false));
    }
    let overlay = Overlay { connection, tenant };
    let (filter, scope) = (overlay.predicate(&query.filter)?, overlay.scope(&query.scope)?);
    Ok((Cow::Owned(Query { filter, scope, ..query.clone() }), true))
}

/// The condition as it is meant.
pub(super) fn meant_filter(
    connection: &Connection,
    tenant: TenantId,
    filter: Predicate,
) -> rusqlite::Result<Predicate> {
    if merged::any(connection, tenant)? {
        Overlay { connection, tenant }.predicate(&filter)
    } else {
        Ok(filter)
    }
}

/// The scope as it is meant, and whether any records of the tenant are merged at all.
pub(super) fn meant_scope<'s>(
    connection: &Connection,
    tenant: TenantId,
    scope: &'s Scope,
) -> rusqlite::Result<(Cow<'s, Scope>, bool)> {
    if !merged::any(connection, tenant)? {
        return Ok((Cow::Borrowed(scope), false));
    }
    Ok((Cow::Owned(Overlay { connection, tenant }.scope(scope)?), true))
}

/// All records that are one with any of these.
pub(super) fn widened(
    connection: &Connection,
    tenant: TenantId,
    patients: Vec<ResourceId>,
) -> rusqlite::Result<Vec<ResourceId>> {
    let mut all = Vec::with_capacity(patients.len());
    for patient in patients {
        all.extend(merged::group(connection, tenant, &patient)?);
    }
    all.sort_unstable();
    all.dedup();
    Ok(all)
}

struct Overlay<'c> {
    connection: &'c Connection,
    tenant: TenantId,
}

impl Overlay<'_> {
    fn predicate(&self, filter: &Predicate) -> rusqlite::Result<Predicate> {
        let all = |parts: &[Predicate]| {
            parts.iter().map(|part| self.predicate(part)).collect::<rusqlite::Result<Vec<_>>>()
        };
        Ok(match filter {
            Predicate::And(parts) => Predicate::And(all(parts)?),
            Predicate::Or(parts) => Predicate::Or(all(parts)?),
            Predicate::Not(part) => Predicate::Not(Box::new(self.predicate(part)?)),
            Predicate::In(compartment) => {
                let mut ways: Vec<_> =
                    self.compartments(compartment)?.into_iter().map(Predicate::In).collect();
                if ways.len() == 1 { ways.swap_remove(0) } else { Predicate::Or(ways) }
            }
            Predicate::Chain { param, target_type, filter } => Predicate::Chain {
                param: param.clone(),
                target_type: target_type.clone(),
                filter: Box::new(self.predicate(filter)?),
            },
            Predicate::ReferredBy { resource_type, param, filter } => Predicate::ReferredBy {
                resource_type: resource_type.clone(),
                param: param.clone(),
                filter: Box::new(self.predicate(filter)?),
            },
            Predicate::Param { param, test: Test::RefersToId(id) } => self.refers_to_id(param, id)?,
            Predicate::Param { param, test } => {
                Predicate::Param { param: param.clone(), test: self.test(test)? }
            }
            Predicate::Together { param, tests } => {
                let tests = tests.iter().map(|(part, test)| Ok((*part, self.test(test)?)));
                Predicate::Together { param: param.clone(), tests: tests.collect::<rusqlite::Result<_>>()? }
            }
            Predicate::Ids(_) | Predicate::LastUpdated(_) | Predicate::Missing { .. } => filter.clone(),
        })
    }

    /// Of the id alone it is not known whether it is a patient's; if it is, the others are patients too.
    fn refers_to_id(&self, param: &str, id: &ResourceId) -> rusqlite::Result<Predicate> {
        let any = Predicate::Param { param: param.to_owned(), test: Test::RefersToId(id.clone()) };
        let others: Vec<ResourceId> = self.group(id)?.into_iter().filter(|other| other != id).collect();
        if others.is_empty() {
            return Ok(any);
        }
        let test = Test::RefersToAny { resource_type: PATIENT.to_owned(), ids: others };
        Ok(Predicate::Or(vec![any, Predicate::Param { param: param.to_owned(), test }]))
    }

    fn test(&self, test: &Test) -> rusqlite::Result<Test> {
        let ids = match test {
            Test::Refers(target) if target.resource_type == PATIENT => vec![target.id.clone()],
            Test::RefersToAny { resource_type, ids } if resource_type == PATIENT => ids.clone(),
            _ => return Ok(test.clone()),
        };
        let all = widened(self.connection, self.tenant, ids.clone())?;
        // Whoever is merged with nobody is asked for as before.
        if all.len() == 1 {
            return Ok(test.clone());
        }
        Ok(Test::RefersToAny { resource_type: PATIENT.to_owned(), ids: all })
    }

    fn scope(&self, scope: &Scope) -> rusqlite::Result<Scope> {
        Ok(match scope {
            Scope::All => Scope::All,
            Scope::Every(scopes) => {
                Scope::Every(scopes.iter().map(|one| self.scope(one)).collect::<rusqlite::Result<_>>()?)
            }
            Scope::Any(clauses) => {
                let mut all = Vec::with_capacity(clauses.len());
                for clause in clauses {
                    match &clause.term {
                        Term::In(compartment) => all.extend(
                            self.compartments(compartment)?
                                .into_iter()
                                .map(|one| Clause { term: Term::In(one), ..clause.clone() }),
                        ),
                        _ => all.push(clause.clone()),
                    }
                }
                Scope::Any(all)
            }
        })
    }

    fn compartments(&self, compartment: &Compartment) -> rusqlite::Result<Vec<Compartment>> {
        if compartment.kind != PATIENT {
            return Ok(vec![compartment.clone()]);
        }
        let all = self.group(&compartment.id)?.into_iter();
        Ok(all.map(|id| Compartment { kind: PATIENT.to_owned(), id }).collect())
    }

    fn group(&self, patient: &ResourceId) -> rusqlite::Result<Vec<ResourceId>> {
        merged::group(self.connection, self.tenant, patient)
    }
}

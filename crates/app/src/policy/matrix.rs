//! Who sees what, held against an oracle: tenants, institutions, roles, ties, Consents, labels, emergencies and time,
//! by reading, searching, counting and probing.
//!
//! The oracle reads the FHIR documents with no index, no compartment and no SQL. A new kind of resource or a new reason
//! to see one is a line in `world` and a line in `oracle`.

mod oracle;
mod world;

use std::collections::BTreeSet;

use bianque_model::{Actor, Context};
use bianque_query::{Predicate, Query, Scope};
use bianque_store::StoredResource;

use self::world::{Resource, TYPES, World};
use super::{Action, patient_compartment, records, scope};
use crate::{Error, ErrorKind};

/// Comparisons that the test must at least make.
const CASES: usize = 100_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_sees_or_counts_what_is_not_theirs() {
    let world = World::build().await;
    let mut cases = 0;
    let mut visible = 0;
    for asker in &world.askers {
        for resource_type in TYPES {
            let Ok(scope) = searched(asker, resource_type) else {
                let mut unseen = world.resources.iter().filter(|one| one.resource_type() == resource_type);
                cases += unseen.clone().count();
                assert!(!unseen.any(|resource| oracle::sees(&world, asker, resource)), "{asker:?}");
                continue;
            };
            let question = Question { world: &world, asker, resource_type, scope: &scope };
            let seen = question.seen();
            visible += seen.len();
            cases += question.is_searched(&seen).await + question.is_probed(&seen).await;
        }
    }
    assert!(cases >= CASES, "only {cases} cases");
    assert!(visible > CASES / 40, "the matrix shows too little to mean anything: {visible}");
}

/// By what somebody searches a type: an application has no door but that of FHIR.
fn searched(asker: &Context, resource_type: &str) -> Result<Scope, Error> {
    match asker.actor {
        Actor::Application { .. } => records(asker, resource_type, Action::Search),
        _ => scope(asker),
    }
}

/// What somebody asks of a type.
struct Question<'w> {
    world: &'w World,
    asker: &'w Context,
    resource_type: &'static str,
    scope: &'w Scope,
}

impl<'w> Question<'w> {
    /// What the oracle sees.
    fn seen(&self) -> Vec<&'w Resource> {
        self.of_type().filter(|resource| oracle::sees(self.world, self.asker, resource)).collect()
    }

    /// Resources of the type, of both tenants.
    fn of_type(&self) -> impl Iterator<Item = &'w Resource> {
        let resource_type = self.resource_type;
        self.world.resources.iter().filter(move |resource| resource.resource_type() == resource_type)
    }

    /// Searching gives what the oracle sees, and counting the count of it.
    async fn is_searched(&self, seen: &[&Resource]) -> usize {
        let page = self.ask(Predicate::And(Vec::new())).await;
        let mut found: Vec<&str> = page.iter().map(|row| row.id.as_str()).collect();
        let mut wanted: Vec<&str> = seen.iter().map(|resource| resource.id()).collect();
        found.sort_unstable();
        wanted.sort_unstable();
        assert_eq!(found, wanted, "{} searched by {:?}", self.resource_type, self.asker);
        assert_eq!(self.count(Predicate::And(Vec::new())).await, seen.len() as u64);
        2 * self.of_type().count()
    }

    /// Reading by id and counting within a patient tell of nothing else.
    async fn is_probed(&self, seen: &[&Resource]) -> usize {
        let mut cases = 0;
        let ids: BTreeSet<&str> = self.of_type().map(Resource::id).collect();
        for id in ids {
            let there = !self.ask(Predicate::Ids(vec![id.parse().unwrap()])).await.is_empty();
            let wanted = seen.iter().any(|resource| resource.id() == id);
            assert_eq!(there, wanted, "{id} read by {:?}", self.asker);
            cases += 1;
        }
        for patient in &self.world.patients {
            let of_patient = Predicate::In(patient_compartment(&patient.parse().unwrap()));
            let wanted = seen.iter().filter(|resource| resource.is_about(patient)).count();
            let counted = self.count(of_patient).await;
            assert_eq!(counted, wanted as u64, "{} of {patient} by {:?}", self.resource_type, self.asker);
            cases += self.of_type().filter(|resource| resource.is_about(patient)).count();
        }
        cases
    }

    async fn ask(&self, filter: Predicate) -> Vec<StoredResource> {
        let query = query(self.resource_type, filter, self.scope);
        self.world.clinic.app.store.search(self.asker.tenant, query).await.unwrap().rows
    }

    async fn count(&self, filter: Predicate) -> u64 {
        let query = query(self.resource_type, filter, self.scope);
        self.world.clinic.app.store.count(self.asker.tenant, query, u64::MAX).await.unwrap()
    }
}

fn query(resource_type: &str, filter: Predicate, scope: &Scope) -> Query {
    Query {
        resource_type: resource_type.to_owned(),
        filter,
        scope: scope.clone(),
        order: Vec::new(),
        after: None,
        limit: 1000,
    }
}

/// What over FHIR is whose: programs by their scopes, clinicians read, others nothing.
#[tokio::test]
async fn what_is_done_over_fhir_is_for_who_was_given_it() {
    let world = World::build().await;
    let actions = [
        (Action::Create, 'c'),
        (Action::Read, 'r'),
        (Action::Update, 'u'),
        (Action::Delete, 'd'),
        (Action::Search, 's'),
    ];
    for asker in &world.askers {
        for resource_type in TYPES.into_iter().chain(["AuditEvent"]) {
            for (action, letter) in actions {
                let answer = records(asker, resource_type, action);
                let wanted = oracle::may(asker, resource_type, letter);
                assert_eq!(answer.is_ok(), wanted, "{letter} of {resource_type} by {asker:?}");
                if let Err(error) = answer {
                    let kind = error.kind;
                    assert!(matches!(kind, ErrorKind::Forbidden | ErrorKind::SignIn), "{kind:?}");
                }
            }
        }
    }
}

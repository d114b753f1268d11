//! Searches without an id: what is found is what has the value, no more and no less.

use std::collections::{BTreeMap, BTreeSet};

use crate::asks::{Ask, exact};
use crate::corpus::Example;
use crate::server::Server;

/// Values of each parameter of each type that are asked: those that most have.
const VALUES: usize = 4;

/// What came of it.
#[derive(Default)]
pub(crate) struct Compared {
    pub(crate) compared: usize,
    pub(crate) wrong: Vec<String>,
}

/// Which resources of a type have a value.
type Having<'e> = BTreeMap<Ask, BTreeSet<&'e str>>;

/// Asks for the commonest values of each parameter of each type.
pub(crate) fn compare(server: &mut Server, examples: &[Example], into: &mut Compared) {
    let mut params: BTreeMap<(&str, String), Having<'_>> = BTreeMap::new();
    let stored: BTreeSet<(&str, &str)> =
        examples.iter().map(|example| (example.resource_type.as_str(), example.id.as_str())).collect();
    for example in examples {
        for row in example.told.iter().flat_map(|told| &told.index.rows) {
            if let Some(ask) = exact(row, server.kind(&example.resource_type, &row.param)) {
                let having = params.entry((&example.resource_type, ask.name.clone())).or_default();
                having.entry(ask).or_default().insert(&example.id);
            }
        }
    }
    for ((resource_type, _), having) in params {
        let mut commonest: Vec<_> = having.into_iter().collect();
        commonest.sort_by_key(|(_, ids)| std::cmp::Reverse(ids.len()));
        for (ask, wanted) in commonest.into_iter().take(VALUES) {
            into.compared += 1;
            // Definitions that the server has of its own are found beside those that were stored.
            let found = server.all(resource_type, &ask).map(|mut found| {
                found.retain(|id| stored.contains(&(resource_type, id.as_str())));
                found
            });
            let same = found.as_ref().is_ok_and(|found| {
                found.len() == wanted.len() && found.iter().all(|id| wanted.contains(id.as_str()))
            });
            if !same {
                let told = found.map(|found| format!("{} instead of {}", found.len(), wanted.len()));
                let told = told.unwrap_or_else(|refusal| refusal);
                into.wrong.push(format!("{resource_type}?{}={}: {told}", ask.name, ask.value));
            }
        }
    }
}

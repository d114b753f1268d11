//! What comes with the matches of a search: what they refer to, what refers to them, and with `:iterate` on from there.
//! Whoever asks gets of it what they may see.

use std::collections::{BTreeMap, BTreeSet};

use bianque_fhir::custom::CustomParams;
use bianque_fhir::{Include, Issue, IssueCode, Search, Way, references};
use bianque_model::{Context, ResourceId};
use bianque_query::{Predicate, Query, Test};

use super::outcome::refused;
use super::search::Found;
use super::search_parameters;
use crate::policy::{self, Action};
use crate::{App, Error, ErrorKind};

/// Resources that may come with the matches of one page.
const INCLUDED: usize = 1_000;

/// Resources of a type by their ids.
type Names = BTreeMap<String, BTreeSet<ResourceId>>;

/// Everything that comes with these matches, each once and none of the matches themselves.
pub(super) async fn included(
    app: &App,
    context: &Context,
    search: &Search,
    matches: &[Found],
) -> Result<Vec<Found>, Error> {
    let mut known = names(matches);
    let mut found: Vec<Found> = Vec::new();
    let mut begin = 0;
    let first: Vec<&Include> = search.includes.iter().collect();
    let again: Vec<&Include> = search.includes.iter().filter(|include| include.iterate).collect();
    found.extend(step(app, context, &first, matches, &mut known).await?);
    while begin < found.len() && !again.is_empty() {
        let end = found.len();
        let more = step(app, context, &again, &found[begin..end], &mut known).await?;
        found.extend(more);
        begin = end;
        if found.len() > INCLUDED {
            return Err(too_many());
        }
    }
    Ok(found)
}

/// One link further.
async fn step(
    app: &App,
    context: &Context,
    includes: &[&Include],
    from: &[Found],
    known: &mut Names,
) -> Result<Vec<Found>, Error> {
    let mut found = Vec::new();
    let in_force = search_parameters::in_force(app, context.tenant).await?;
    for include in includes {
        let queries = match include.way {
            Way::Forward => forward(include, from, known, &in_force.params),
            Way::Reverse => reverse(include, from),
        };
        for (resource_type, filter) in queries {
            // What somebody may not see at all does not come with what they may.
            let Ok(scope) = policy::records(context, &resource_type, Action::Search) else { continue };
            let limit = u32::try_from(INCLUDED + 1).unwrap_or(u32::MAX);
            let query = Query { resource_type, filter, scope, order: Vec::new(), after: None, limit };
            let rows = app.store.search(context.tenant, query).await?.rows;
            let new = rows
                .into_iter()
                .filter(|row| known.entry(row.resource_type.clone()).or_default().insert(row.id.clone()));
            found.extend(Found::all(new.collect())?);
            if found.len() > INCLUDED {
                return Err(too_many());
            }
        }
    }
    Ok(found)
}

/// What resources of the source type refer to, and was not found yet.
fn forward(
    include: &Include,
    from: &[Found],
    known: &Names,
    custom: &CustomParams,
) -> Vec<(String, Predicate)> {
    let mut wanted = Names::new();
    for found in from.iter().filter(|found| found.stored.resource_type == include.source) {
        for reference in include.params.iter().flat_map(|param| references(&found.resource, param, custom)) {
            let of_type = include.target.as_ref().is_none_or(|target| *target == reference.resource_type);
            let is_known = known.get(&reference.resource_type).is_some_and(|ids| ids.contains(&reference.id));
            if of_type && !is_known {
                wanted.entry(reference.resource_type).or_default().insert(reference.id);
            }
        }
    }
    wanted.into_iter().map(|(name, ids)| (name, Predicate::Ids(ids.into_iter().collect()))).collect()
}

/// What refers to these resources.
fn reverse(include: &Include, from: &[Found]) -> Vec<(String, Predicate)> {
    let targets = names(from)
        .into_iter()
        .filter(|(name, _)| include.target.as_ref().is_none_or(|target| target == name));
    let tests: Vec<Test> = targets
        .map(|(resource_type, ids)| Test::RefersToAny { resource_type, ids: ids.into_iter().collect() })
        .collect();
    let ways = include.params.iter().flat_map(|param| {
        tests.iter().map(|test| Predicate::Param { param: param.clone(), test: test.clone() })
    });
    let any: Vec<Predicate> = ways.collect();
    if any.is_empty() { Vec::new() } else { vec![(include.source.clone(), Predicate::Or(any))] }
}

fn names(found: &[Found]) -> Names {
    let mut names = Names::new();
    for Found { stored, .. } in found {
        names.entry(stored.resource_type.clone()).or_default().insert(stored.id.clone());
    }
    names
}

fn too_many() -> Error {
    let message =
        format!("more than {INCLUDED} resources would come with the matches: ask for fewer with _count");
    refused(ErrorKind::Malformed, "fhir.search", &[Issue::error(IssueCode::TooCostly, message)])
}

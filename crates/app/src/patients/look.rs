//! Looking for records that may be one person's, after each that was written.
//!
//! Records are gone through in the order of their last change, which only rises, from where the round before ended: a few
//! at a time, each against a bounded number of candidates that the index finds. So records from before are looked at too,
//! and none is missed that was written while nobody looked.

use std::collections::BTreeMap;

use bianque_model::{Context, ResourceId, TenantId, Timestamp};
use bianque_query::{Direction, Order, OrderKey, Predicate, Query, Scope, Test};
use bianque_store::StoredResource;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::authorities::{Authorities, Sharing};
use super::merge::{REPLACED_BY, REPLACES};
use super::pair::{PatientPair, Why};
use crate::aggregate::Aggregate;
use crate::records::operations::likeness::{Description, PROBABLE};
use crate::records::operations::match_patient::candidates;
use crate::{App, Change, Error};

/// Records of one round.
const ROUND: u32 = 50;
/// Pairs of one record that are looked through.
const PAIRS: u32 = 500;

/// How far was looked.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Looked {
    at: Timestamp,
    /// Records that were written at that instant and were looked at.
    done: Vec<ResourceId>,
}

impl Aggregate for Looked {
    const KIND: &'static str = "patient-look";
    const ABOUT_PATIENT: bool = false;

    fn id(&self) -> String {
        ID.to_owned()
    }
}

const ID: &str = "all";

/// Looks at the next records of a tenant; how many. None: all were looked at.
pub async fn look(app: &App, tenant: TenantId) -> Result<usize, Error> {
    let context = app.server_context(tenant);
    let mut looked = app.load::<Looked>(tenant, ID).await?.map(|loaded| loaded.value).unwrap_or_default();
    let rows = app.store.search(tenant, next(&looked)).await?.rows;
    if rows.is_empty() {
        return Ok(0);
    }
    let authorities = Authorities::load(app, &context).await?;
    for row in &rows {
        at(app, &context, &authorities, row).await?;
        if row.last_updated != looked.at {
            looked = Looked { at: row.last_updated, done: Vec::new() };
        }
        looked.done.push(row.id.clone());
    }
    let mut change = Change::new(app, &context).bulk();
    change.save(&looked)?;
    change.commit().await?;
    Ok(rows.len())
}

fn next(looked: &Looked) -> Query {
    let since = Predicate::LastUpdated(Test::DateStartsAtOrAfter(looked.at));
    let new = Predicate::Not(Box::new(Predicate::Ids(looked.done.clone())));
    Query {
        resource_type: "Patient".into(),
        filter: Predicate::And(vec![since, new]),
        scope: Scope::All,
        order: vec![Order { key: OrderKey::LastUpdated, direction: Direction::Ascending }],
        after: None,
        limit: ROUND,
    }
}

/// Puts the pairs of one record on the desk, and takes those away that are none any longer.
async fn at(
    app: &App,
    context: &Context,
    authorities: &Authorities,
    stored: &StoredResource,
) -> Result<(), Error> {
    let Some(document) = &stored.document else { return Ok(()) };
    let patient: Value = serde_json::from_slice(document).map_err(Error::internal)?;
    let same = app.same_patient(context.tenant, &stored.id).await?;
    // What was merged into another is looked at there.
    if same.into.is_some() {
        return Ok(());
    }
    let mut found = alike(app, context, authorities, &patient).await?;
    for other in stated(&patient) {
        found.entry(other).or_insert((Why::Stated, 0));
    }
    found.retain(|other, _| !same.all.contains(other));
    let known = app.list::<PatientPair>(context.tenant, "of", stored.id.as_str()..=stored.id.as_str(), PAIRS);
    let mut change = Change::new(app, context).bulk();
    for known in known.await? {
        let pair = known.value;
        let other = if pair.one == stored.id { &pair.other } else { &pair.one };
        match found.remove(other) {
            // "Not the same" is remembered.
            _ if pair.different.is_some() => {}
            Some((why, hundredths)) if (why, hundredths) != (pair.why, pair.hundredths) => {
                change.save(&PatientPair { why, hundredths, ..pair })?;
            }
            Some(_) => {}
            None if !same.all.contains(other) => change.remove::<PatientPair>(pair.id()),
            None => {}
        }
    }
    for (other, (why, hundredths)) in found {
        // Whoever is merged into another is found there.
        if app.same_patient(context.tenant, &other).await?.into.is_some() {
            continue;
        }
        let (one, other) =
            if stored.id < other { (stored.id.clone(), other) } else { (other, stored.id.clone()) };
        change.save(&PatientPair { one, other, why, hundredths, found_at: context.now, different: None })?;
    }
    change.commit().await?;
    Ok(())
}

/// Who is alike enough, and who has the same identifier.
async fn alike(
    app: &App,
    context: &Context,
    authorities: &Authorities,
    patient: &Value,
) -> Result<BTreeMap<ResourceId, (Why, i32)>, Error> {
    let own = identifying(authorities, patient);
    let description = Description::of(&own);
    let mut found = BTreeMap::new();
    for (id, candidate) in candidates(app, context, &own, &description, &Scope::All).await? {
        let candidate = identifying(authorities, &candidate.resource);
        if candidate["id"] == own["id"] {
            continue;
        }
        let Some(likeness) = description.likeness(&candidate) else { continue };
        if description.shares_identifier(&Description::of(&candidate)) {
            found.insert(id, (Why::Conflict, likeness.hundredths));
        } else if likeness.hundredths >= PROBABLE {
            found.insert(id, (Why::Duplicate, likeness.hundredths));
        }
    }
    Ok(found)
}

/// A patient without the identifiers that many may share.
pub(super) fn identifying(authorities: &Authorities, patient: &Value) -> Value {
    let mut patient = patient.clone();
    if let Some(identifiers) = patient["identifier"].as_array_mut() {
        identifiers.retain(|one| {
            one["system"].as_str().is_none_or(|system| authorities.sharing(system) != Sharing::Allowed)
        });
    }
    patient
}

/// Whom a record names as the other half of a merge.
fn stated(patient: &Value) -> Vec<ResourceId> {
    let links = patient["link"].as_array().into_iter().flatten();
    let merges = links.filter(|link| link["type"] == REPLACED_BY || link["type"] == REPLACES);
    let others = merges.filter_map(|link| link["other"]["reference"].as_str()?.strip_prefix("Patient/"));
    others.filter_map(|id| id.parse().ok()).collect()
}

//! Undo a merge: the two records stand for themselves again, as they were, with what was written meanwhile to each.

use bianque_model::{Context, ResourceId};
use bianque_query::Predicate;
use bianque_store::{CommitError, Merge};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::merge::{Merged, REPLACED_BY, REPLACES, provenance, tell, unlink};
use super::merges::{PatientMerge, Undone};
use crate::aggregate::Loaded;
use crate::visits::access::required;
use crate::{App, Change, Error, policy};

/// How often undoing is tried against others who write the same records.
const ATTEMPTS: usize = 16;

/// Why.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Undoing {
    /// Why these are two people after all.
    pub reason: String,
}

/// Undoes a merge.
///
/// # Errors
/// `merge.undone` when it was undone already.
pub async fn undo(app: &App, context: &Context, id: &ResourceId, undoing: Undoing) -> Result<Merged, Error> {
    policy::merging(context)?;
    let reason = required("reason", &undoing.reason, 500)?;
    for _ in 0..ATTEMPTS {
        let mut change = Change::new(app, context);
        let PatientMerge { merged, survivor, .. } = plan(app, context, id, &reason, &mut change).await?;
        match change.try_commit().await {
            Ok(_) => {
                let open_visits = super::merge::open_visits(app, context, &merged).await?;
                return Ok(Merged {
                    merge_id: id.clone(),
                    merged_id: merged,
                    survivor_id: survivor,
                    open_visits,
                });
            }
            Err(CommitError::Version { .. } | CommitError::Merge) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Error::conflict("changed", "others are writing these records; try again"))
}

/// The merge that stands of a record that was merged into another.
pub async fn of_merged(app: &App, context: &Context, merged: &ResourceId) -> Result<ResourceId, Error> {
    policy::merging(context)?;
    let found = app.find::<PatientMerge>(context.tenant, "stands-of", merged.as_str()).await?;
    Ok(found.ok_or_else(Error::not_found)?.value.id)
}

/// The merge, where the asker may see the record that stands for it.
async fn standing(app: &App, context: &Context, id: &ResourceId) -> Result<Loaded<PatientMerge>, Error> {
    let scope = policy::merging(context)?;
    let found = app.load::<PatientMerge>(context.tenant, id.as_str()).await?.ok_or_else(Error::not_found)?;
    let survivor = Predicate::Ids(vec![found.value.survivor.clone()]);
    if app.matching(context.tenant, "Patient", survivor, scope).await?.is_empty() {
        return Err(Error::not_found());
    }
    if found.value.undone.is_some() {
        return Err(Error::conflict("merge.undone", "this merge was undone already"));
    }
    Ok(found)
}

/// Puts the undoing of a merge into a change; gives the merge.
pub(crate) async fn plan(
    app: &App,
    context: &Context,
    id: &ResourceId,
    reason: &str,
    change: &mut Change<'_>,
) -> Result<PatientMerge, Error> {
    let mut standing = standing(app, context, id).await?;
    let done = standing.value.clone();
    let mut merged = app.resource(context.tenant, "Patient", &done.merged).await?;
    let mut survivor = app.resource(context.tenant, "Patient", &done.survivor).await?;
    if !done.before.merged_said_so {
        unlink(&mut merged.value, REPLACED_BY, &done.survivor);
    }
    match (done.before.active, merged.value.as_object_mut()) {
        (None, Some(members)) => drop(members.remove("active")),
        (Some(active), _) => merged.value["active"] = json!(active),
        (None, None) => {}
    }
    if !done.before.survivor_said_so {
        unlink(&mut survivor.value, REPLACES, &done.merged);
    }
    standing.value.undone =
        Some(Undone { reason: reason.to_owned(), by: bianque_store::agent_of(context).0, at: context.now });
    change.replace(&merged.value, merged.version)?;
    change.replace(&survivor.value, survivor.version)?;
    change.create(&provenance(context, &done, "unmerge", reason))?;
    change.update(&standing)?;
    change.merge(Merge::Part { patient: done.merged.clone(), from: done.survivor.clone() });
    tell(change, context, &done, "patient.unmerge", "patient.unmerged");
    Ok(done)
}

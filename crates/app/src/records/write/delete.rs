//! Delete a resource: found no more, its history kept (FHIR R4, RESTful API 3.1.0.7).

use bianque_model::{Context, ResourceId};
use bianque_store::AuditAction;
use serde_json::Value;
use uuid::Uuid;

use super::{Aim, Aimed, Done, Expected, Matching, Planned, Target, audited, check, matching};
use crate::policy::{self, Action};
use crate::records::subscriptions;
use crate::{App, Change, Error};

/// The resource of an id, or the only one that matches; a condition that nothing matches has nothing to do.
pub(super) async fn aim(
    app: &App,
    context: &Context,
    (resource_type, target): (&'static str, Target),
    expected: Option<Expected>,
    change: &mut Change<'_>,
) -> Result<Aimed, Error> {
    policy::records(context, resource_type, Action::Delete)?;
    let pairs = match target {
        Target::Id(id) => return Ok(Aimed { resource_type, id, aim: Aim::Delete(expected) }),
        Target::Matching(pairs) => pairs,
    };
    policy::records(context, resource_type, Action::Search)?;
    match matching(app, context, resource_type, &pairs).await? {
        Matching::None(_) => {
            Ok(Aimed { resource_type, id: Uuid::now_v7().into(), aim: Aim::Nothing(Done::Deleted) })
        }
        Matching::One(id, expectation) => {
            change.expect(expectation);
            Ok(Aimed { resource_type, id, aim: Aim::Delete(expected) })
        }
    }
}

/// The resource goes. What is gone already stays gone.
pub(super) async fn plan(
    app: &App,
    context: &Context,
    (resource_type, id): (&'static str, &ResourceId),
    expected: Option<Expected>,
    change: &mut Change<'_>,
) -> Result<Planned, Error> {
    let stored = app.store.resource(context.tenant, resource_type, id).await?.ok_or_else(Error::not_found)?;
    check(expected, stored.version, stored.document.is_some())?;
    let mut planned = Planned { done: Done::Deleted, written: None, standing: None };
    if let Some(document) = stored.document {
        if resource_type == "Patient" && app.same_patient(context.tenant, id).await?.all.len() > 1 {
            let message = "this record is merged with another: undo the merge first";
            return Err(Error::conflict("merge.merged", message));
        }
        let resource: Value = serde_json::from_slice(&document).map_err(Error::internal)?;
        planned.written = Some((Value::Null, change.resources()));
        change.undefine(resource_type, id);
        change.delete(resource_type, id, stored.version);
        subscriptions::removed(resource_type, id, change);
        change.audit_with(audited(context, AuditAction::D, "fhir.delete", &resource));
    }
    Ok(planned)
}

//! Create a resource, unconditionally or unless one matches (FHIR R4, RESTful API 3.1.0.8 and 3.1.0.8.1).

use bianque_model::{Context, ResourceId};
use bianque_store::AuditAction;
use serde_json::Value;
use uuid::Uuid;

use super::{Aim, Aimed, Done, Matching, Pairs, Planned, audited, matching};
use crate::policy::{self, Action};
use crate::records::prepare::{self, Under};
use crate::records::{identity, subscriptions};
use crate::{App, Change, Error};

/// A resource under an id of the server's choosing. With a condition, only when nothing matches it.
pub(super) async fn aim(
    app: &App,
    context: &Context,
    resource_type: &'static str,
    resource: Value,
    unless: Option<Pairs>,
    change: &mut Change<'_>,
) -> Result<Aimed, Error> {
    policy::records(context, resource_type, Action::Create)?;
    if let Some(pairs) = unless {
        // Whether something matches is what a search would tell.
        policy::records(context, resource_type, Action::Search)?;
        match matching(app, context, resource_type, &pairs).await? {
            Matching::None(expectation) => change.expect(expectation),
            Matching::One(id, expectation) => {
                change.expect(expectation);
                return Ok(Aimed { resource_type, id, aim: Aim::Nothing(Done::Existed) });
            }
        }
    }
    Ok(Aimed { resource_type, id: Uuid::now_v7().into(), aim: Aim::New(resource) })
}

/// A new resource under its id.
pub(super) async fn plan(
    app: &App,
    context: &Context,
    (resource_type, id): (&'static str, &ResourceId),
    resource: Value,
    change: &mut Change<'_>,
) -> Result<Planned, Error> {
    let resource = prepare::checked(app, context, resource_type, Under::Assigned(id), resource).await?;
    let mut resource = subscriptions::written(app, context, resource, change).await?;
    for expected in identity::settle(app, context, &mut resource).await? {
        change.expect(expected);
    }
    change.define(&resource).await?;
    let place = change.resources();
    change.create(&resource)?;
    change.audit_with(audited(context, AuditAction::C, "fhir.create", &resource));
    Ok(Planned { done: Done::Created, written: Some((resource, place)), standing: None })
}

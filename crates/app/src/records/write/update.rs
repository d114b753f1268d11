//! Update a resource, or create it under the id that the client chose (FHIR R4, RESTful API 3.1.0.4 and 3.1.0.4.3).

use bianque_fhir::{Issue, IssueCode};
use bianque_model::{Context, ResourceId};
use bianque_store::AuditAction;
use serde_json::Value;
use uuid::Uuid;

use super::{Aim, Aimed, Done, Expected, Matching, Planned, Target, audited, check, matching};
use crate::corrections::{self, Before};
use crate::policy::{self, Action};
use crate::records::prepare::{self, Under};
use crate::records::{identity, subscriptions};
use crate::{App, Change, Error};

/// A new content for the resource of an id, or for the only one that matches.
pub(super) async fn aim(
    app: &App,
    context: &Context,
    (resource_type, target): (&'static str, Target),
    mut resource: Value,
    expected: Option<Expected>,
    change: &mut Change<'_>,
) -> Result<Aimed, Error> {
    policy::records(context, resource_type, Action::Update)?;
    let pairs = match target {
        Target::Id(id) => return Ok(Aimed { resource_type, id, aim: Aim::Replace(resource, expected) }),
        Target::Matching(pairs) => pairs,
    };
    policy::records(context, resource_type, Action::Search)?;
    let stated: Option<ResourceId> = match resource["id"].as_str().map(str::parse) {
        None => None,
        Some(id) => Some(id.map_err(|_| fault(resource_type, "this is no id"))?),
    };
    match (matching(app, context, resource_type, &pairs).await?, stated) {
        (Matching::One(id, _), Some(stated)) if stated != id => {
            Err(fault(resource_type, "the id of the body is not the one of the resource that matches"))
        }
        (Matching::One(id, expectation), _) => {
            change.expect(expectation);
            resource["id"] = id.as_str().into();
            Ok(Aimed { resource_type, id, aim: Aim::Replace(resource, expected) })
        }
        (Matching::None(expectation), Some(id)) => {
            change.expect(expectation);
            Ok(Aimed { resource_type, id, aim: Aim::Replace(resource, expected) })
        }
        (Matching::None(expectation), None) => {
            policy::records(context, resource_type, Action::Create)?;
            change.expect(expectation);
            Ok(Aimed { resource_type, id: Uuid::now_v7().into(), aim: Aim::New(resource) })
        }
    }
}

/// The new content over whatever stands.
pub(super) async fn plan(
    app: &App,
    context: &Context,
    (resource_type, id): (&'static str, &ResourceId),
    resource: Value,
    expected: Option<Expected>,
    change: &mut Change<'_>,
) -> Result<Planned, Error> {
    let resource = prepare::checked(app, context, resource_type, Under::Stated(id), resource).await?;
    let resource = subscriptions::written(app, context, resource, change).await?;
    let stored = app.store.resource(context.tenant, resource_type, id).await?;
    let version = stored.as_ref().map_or(0, |stored| stored.version);
    let before = stored.as_ref().and_then(|stored| {
        Some(Before { document: stored.document.as_deref()?, version, since: stored.last_updated })
    });
    check(expected, version, before.is_some())?;
    if before.is_none() {
        policy::records(context, resource_type, Action::Create)?;
    }
    change.define(&resource).await?;
    replace(app, context, resource, (version, before), change).await
}

/// Writes a prepared resource over the version that was read, and over what stands there if something does.
pub(super) async fn replace(
    app: &App,
    context: &Context,
    mut resource: Value,
    (version, before): (u64, Option<Before<'_>>),
    change: &mut Change<'_>,
) -> Result<Planned, Error> {
    let (action, done) = match before {
        None => (AuditAction::C, Done::Created),
        Some(before) => {
            corrections::noticed(context.now, &before, &resource, change)?;
            (AuditAction::U, Done::Updated)
        }
    };
    for expected in identity::settle(app, context, &mut resource).await? {
        change.expect(expected);
    }
    let place = change.resources();
    change.replace(&resource, version)?;
    change.audit_with(audited(context, action, "fhir.update", &resource));
    Ok(Planned { done, written: Some((resource, place)), standing: None })
}

fn fault(resource_type: &str, message: &str) -> Error {
    prepare::malformed(Issue::error(IssueCode::Invalid, message).at(format!("{resource_type}.id")))
}

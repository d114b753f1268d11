//! Change some members of a resource (FHIR R4, RESTful API 3.1.0.5) by a JSON Patch (RFC 6902).

use bianque_fhir::{Issue, IssueCode, document};
use bianque_model::{Context, ResourceId};

use super::{Aim, Aimed, Expected, Matching, Planned, Target, check, matching, update};
use crate::policy::{self, Action};
use crate::records::outcome::refused;
use crate::records::prepare::{self, Under, malformed};
use crate::records::subscriptions;
use crate::{App, Change, Error, ErrorKind};

/// Operations of one patch.
const OPERATIONS: usize = 1_000;

/// Changes of a document, applied in their order or not at all.
#[derive(Debug, Clone)]
pub struct Patch(json_patch::Patch);

impl Patch {
    /// Reads a body of `application/json-patch+json`.
    pub fn read(body: &[u8]) -> Result<Self, Error> {
        let not_one =
            |why: String| malformed(Issue::error(IssueCode::Structure, format!("not a JSON Patch: {why}")));
        let value = document::parse(body).map_err(|error| not_one(error.to_string()))?;
        let patch: json_patch::Patch =
            serde_json::from_value(value).map_err(|error| not_one(error.to_string()))?;
        if patch.0.len() > OPERATIONS {
            return Err(not_one(format!("more than {OPERATIONS} operations")));
        }
        Ok(Self(patch))
    }
}

/// The resource of an id, or the only one that matches.
pub(super) async fn aim(
    app: &App,
    context: &Context,
    (resource_type, target): (&'static str, Target),
    patch: Patch,
    expected: Option<Expected>,
    change: &mut Change<'_>,
) -> Result<Aimed, Error> {
    policy::records(context, resource_type, Action::Update)?;
    let aim = Aim::Patch(patch, expected);
    let pairs = match target {
        Target::Id(id) => return Ok(Aimed { resource_type, id, aim }),
        Target::Matching(pairs) => pairs,
    };
    policy::records(context, resource_type, Action::Search)?;
    match matching(app, context, resource_type, &pairs).await? {
        Matching::None(_) => Err(Error::not_found()),
        Matching::One(id, expectation) => {
            change.expect(expectation);
            Ok(Aimed { resource_type, id, aim })
        }
    }
}

/// The resource as the patch makes it. What is written is made from the version that still stands then.
pub(super) async fn plan(
    app: &App,
    context: &Context,
    (resource_type, id): (&'static str, &ResourceId),
    patch: &Patch,
    expected: Option<Expected>,
    change: &mut Change<'_>,
) -> Result<Planned, Error> {
    let stored = app.store.resource(context.tenant, resource_type, id).await?.ok_or_else(Error::not_found)?;
    check(expected, stored.version, stored.document.is_some())?;
    let standing = stored
        .document
        .ok_or_else(|| Error::new(ErrorKind::Over, "fhir.deleted", "this resource was deleted"))?;
    let mut resource = document::parse(&standing).map_err(Error::internal)?;
    json_patch::patch(&mut resource, &patch.0).map_err(|error| {
        let message = format!("the patch does not fit the resource: {error}");
        refused(ErrorKind::Refused, "fhir.patch", &[Issue::error(IssueCode::Value, message)])
    })?;
    let resource = prepare::checked(app, context, resource_type, Under::Stated(id), resource).await?;
    let resource = subscriptions::written(app, context, resource, change).await?;
    change.define(&resource).await?;
    update::replace(app, context, resource, (stored.version, true), change).await
}

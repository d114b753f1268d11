//! From the bytes of a request to a resource that may be written.

use bianque_fhir::{Issue, IssueCode, document, relative_references, validate};
use bianque_model::{Context, ResourceId};
use serde_json::Value;

use super::outcome::refused;
use super::{base, profiles};
use crate::{App, Error, ErrorKind};

/// Under which id a resource is written.
#[derive(Debug, Clone, Copy)]
pub(super) enum Under<'a> {
    /// One of our choosing; what the body says does not matter.
    Assigned(&'a ResourceId),
    /// The one of the address, which the body must say too.
    Stated(&'a ResourceId),
}

/// Reads a body.
pub fn read(body: &[u8]) -> Result<Value, Error> {
    document::parse(body).map_err(|error| {
        malformed(Issue::error(IssueCode::Structure, format!("not a JSON document: {error}")))
    })
}

/// Checks a document that is to become this resource, also by the profiles it states, as far as they are stored here.
pub(super) async fn checked(
    app: &App,
    context: &Context,
    resource_type: &str,
    under: Under<'_>,
    mut resource: Value,
) -> Result<Value, Error> {
    let Some(stated) = resource["resourceType"].as_str() else {
        return Err(malformed(Issue::error(IssueCode::Structure, "the body is no FHIR resource")));
    };
    if stated != resource_type {
        let message = format!("the address says {resource_type} and the body another type");
        return Err(malformed(Issue::error(IssueCode::Invalid, message).at("resourceType")));
    }
    match under {
        Under::Assigned(id) => resource["id"] = id.as_str().into(),
        Under::Stated(id) if resource["id"] == id.as_str() => {}
        Under::Stated(_) => {
            let issue = Issue::error(IssueCode::Invalid, "the id of the body is not the one of the address");
            return Err(malformed(issue.at(format!("{resource_type}.id"))));
        }
    }
    relative_references(&mut resource, &base(app, context.tenant));
    let issues = match profiles::about(app, context, profiles::stated(&resource)).await? {
        Some(found) => found.faults(&resource),
        None => validate(&resource),
    };
    if issues.is_empty() { Ok(resource) } else { Err(refused(ErrorKind::Refused, "fhir.invalid", &issues)) }
}

/// A body or a condition that makes no sense.
pub(super) fn malformed(issue: Issue) -> Error {
    refused(ErrorKind::Malformed, "fhir.malformed", &[issue])
}

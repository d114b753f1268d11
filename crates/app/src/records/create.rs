//! Create a resource, unconditionally or unless one matches (FHIR R4, RESTful API 3.1.0.4).

use bianque_fhir::{Issue, IssueCode};
use bianque_model::{Context, ResourceId};
use bianque_query::{Predicate, Scope};
use bianque_store::{AuditAction, CommitError, Committed, Expectation};
use serde_json::Value;
use uuid::Uuid;

use super::prepare::Under;
use super::{Record, identity, prepare, read, search, writable};
use crate::change::audit_row;
use crate::policy::{self, Action};
use crate::{App, Change, Error, ErrorKind};

/// What a create came to.
#[derive(Debug)]
pub struct Created {
    /// The new resource, or the one that was there.
    pub record: Record,
    /// Nothing was written: one matched.
    pub existed: bool,
}

/// Creates a resource under an id of the server's choosing. With a condition, only when nothing matches it.
pub async fn create(
    app: &App,
    context: &Context,
    resource_type: &str,
    body: &[u8],
    unless: Option<&[(String, String)]>,
) -> Result<Created, Error> {
    policy::records(context, writable(resource_type)?, Action::Create)?;
    if unless.is_some() {
        // Whether something matches is what a search would tell.
        policy::records(context, resource_type, Action::Search)?;
    }
    let id: ResourceId = Uuid::now_v7().into();
    let resource = prepare::resource(app, context, resource_type, Under::Assigned(&id), body)?;
    let mut change = Change::new(app, context);
    if let Some(pairs) = unless {
        change.expect(condition(app, context, resource_type, pairs)?);
    }
    for unshared in identity::unshared(&resource) {
        change.expect(unshared);
    }
    change.create(&resource)?;
    change.audit_with(written(context, AuditAction::C, "fhir.create", &resource));
    match change.try_commit().await {
        Ok(committed) => Ok(Created { record: record(&resource, &id, &committed), existed: false }),
        Err(CommitError::Matched { index: 0, matches }) if unless.is_some() => match matches.as_slice() {
            [only] => {
                let record = read::read(app, context, resource_type, only).await?;
                Ok(Created { record, existed: true })
            }
            _ => Err(several()),
        },
        Err(CommitError::Matched { .. }) => Err(duplicate()),
        Err(error) => Err(error.into()),
    }
}

/// What was written, as it is answered: from the plan, without reading it back.
pub(super) fn record(resource: &Value, id: &ResourceId, committed: &Committed) -> Record {
    let version = committed.resource_versions.first().copied().unwrap_or(1);
    let last_updated = committed.last_updated;
    Record {
        resource_type: resource["resourceType"].as_str().unwrap_or_default().to_owned(),
        id: id.clone(),
        version,
        last_updated,
        body: bianque_fhir::to_served(&bianque_fhir::to_stored(resource), version, last_updated),
    }
}

/// The audit row of a written resource, with everyone it is about.
pub(super) fn written(
    context: &Context,
    action: AuditAction,
    operation: &str,
    resource: &Value,
) -> bianque_store::AuditRow {
    let text = |name: &str| resource[name].as_str().unwrap_or_default();
    let mut row =
        audit_row(context, action, operation, None, &format!("{}/{}", text("resourceType"), text("id")));
    row.patients = bianque_fhir::patients(resource);
    row
}

/// Somebody else has one of the patient's identifiers.
pub(super) fn duplicate() -> Error {
    let message = "another patient has one of these identifiers of the same authority";
    Error::conflict("fhir.duplicate", message)
}

fn several() -> Error {
    Error::new(ErrorKind::Refused, "fhir.matches", "more than one resource matches the condition")
}

fn condition(
    app: &App,
    context: &Context,
    resource_type: &str,
    pairs: &[(String, String)],
) -> Result<Expectation, Error> {
    let search = search::read_strictly(app, context, resource_type, pairs)?;
    if search.filter == Predicate::And(Vec::new()) {
        let message = "If-None-Exist has no search parameter";
        return Err(prepare::malformed(Issue::error(IssueCode::Invalid, message)));
    }
    Ok(Expectation::NoMatch(bianque_query::Query { limit: 2, ..search.query(Scope::All) }))
}

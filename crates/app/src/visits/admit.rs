//! Admit the patient after confirming who they are by two identifiers.

use bianque_model::{Context, ResourceId};
use bianque_store::AuditAction;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::access::{load_as, one_of};
use super::encounter::status;
use crate::change::audit_row;
use crate::live::What;
use crate::policy::Part;
use crate::{App, Change, Error};

/// What the clinician confirmed with the patient.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Confirmed {
    /// Two or more different ones of `name`, `birth_date`, `identifier`, `phone`.
    pub identifiers: Vec<String>,
}

/// Admits: the call may begin.
pub async fn admit(
    app: &App,
    context: &Context,
    visit: &ResourceId,
    confirmed: Confirmed,
) -> Result<(), Error> {
    let access = load_as(app, context, visit, &[Part::Clinician]).await?;
    access.must_be(&[status::ARRIVED])?;
    let mut identifiers = confirmed.identifiers;
    for identifier in &identifiers {
        one_of("identifiers", identifier, &["name", "birth_date", "identifier", "phone"])?;
    }
    identifiers.sort();
    identifiers.dedup();
    if identifiers.len() < 2 {
        return Err(Error::field("admit.identifiers", "identifiers", "confirm two different identifiers"));
    }
    let mut change = Change::new(app, context);
    access.move_to(&mut change, context, status::IN_PROGRESS)?;
    let patient = &access.visit.value.patient;
    let mut row = audit_row(context, AuditAction::U, "visit.admit", Some(patient), &access.entity());
    row.detail = format!("identity confirmed by {}", identifiers.join(", "));
    change.audit_with(row);
    change.event("visit.state", visit.as_str(), &json!({"visit": visit, "state": status::IN_PROGRESS}));
    change.commit().await?;
    access.tell(app, context, What::Visit);
    Ok(())
}

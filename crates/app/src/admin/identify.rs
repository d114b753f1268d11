//! Tell a patient to an administrator, who reads no record and finds nobody by name: who names somebody by an identifier
//! and the birth date, as a court's letter does, is told the id under which they are kept, and nothing else of them.

use bianque_model::Context;
use bianque_store::AuditAction;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::change::audit_row;
use crate::directory::patients;
use crate::records::retention::hold::Hold;
use crate::{App, Error, policy};

/// By what somebody is named.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// An identifier, of whatever authority.
    pub identifier: String,
    /// The birth date, `YYYY-MM-DD`.
    pub birth_date: String,
}

/// The patient's id, and whether there is a hold. Not there and not matching are one answer; both are audited.
pub async fn identify(app: &App, context: &Context, named: Named) -> Result<Value, Error> {
    policy::administrator(context)?;
    let found = patients::named(app, context, &named.identifier, &named.birth_date).await?;
    let entity = found.as_ref().map_or_else(|| "Patient".to_owned(), |id| format!("Patient/{id}"));
    let mut row = audit_row(context, AuditAction::R, "patient.identify", found.as_ref(), &entity);
    row.success = found.is_some();
    app.store.audit_read(context.tenant, row).await?;
    let id = found.ok_or_else(Error::not_found)?;
    let held = app.load::<Hold>(context.tenant, id.as_str()).await?.is_some();
    Ok(json!({"patient": {"id": id, "held": held}}))
}

//! Open a record in an emergency.
//!
//! Who does not see a patient cannot find them either, so they are named by an identifier and the birth date, which
//! somebody in front of the patient has.

use bianque_model::{Context, ResourceId};
use bianque_store::AuditAction;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::access::{EmergencyAccess, LASTS_S, detail};
use crate::change::audit_row;
use crate::directory::patients;
use crate::people::display_name;
use crate::policy;
use crate::visits::access::required;
use crate::{App, Change, Error, instant};

/// Reasons shorter than this are none.
const REASON: usize = 10;

/// What a clinician says.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Emergency {
    /// An identifier of the patient, of whatever authority.
    pub identifier: String,
    /// The patient's birth date, `YYYY-MM-DD`.
    pub birth_date: String,
    /// Why, at least ten characters.
    pub reason: String,
}

/// Opens the record for an hour. Audited whatever comes of it; the patient gets a notice in their record.
pub async fn open(app: &App, context: &Context, emergency: Emergency) -> Result<Value, Error> {
    let clinician = policy::clinician(context)?;
    let reason = required("reason", &emergency.reason, 500)?;
    if reason.chars().count() < REASON {
        return Err(Error::field("reason.short", "reason", "say in a sentence why this is an emergency"));
    }
    let patient = find(app, context, &emergency).await?;
    let practitioner = app.resource(context.tenant, "Practitioner", clinician.practitioner).await?.value;
    let organization = app.resource(context.tenant, "Organization", clinician.organization).await?.value;
    let access = EmergencyAccess {
        id: Uuid::now_v7().into(),
        patient,
        user: clinician.user,
        practitioner: clinician.practitioner.clone(),
        name: display_name(&practitioner),
        organization: clinician.organization.clone(),
        reason,
        at: context.now,
        until: context.now.plus_seconds(LASTS_S),
    };
    let mut change = Change::new(app, context);
    change.insert(&access)?;
    change.create(&notice(&access, &display_name(&organization)))?;
    let mut row = audit_row(
        context,
        AuditAction::E,
        "emergency.open",
        Some(&access.patient),
        &format!("Patient/{}", access.patient),
    );
    row.purpose = bianque_model::Purpose::Btg.code().into();
    // The reason, which may name the patient, goes with the record; what stays is where it was.
    row.detail = detail(&access);
    change.audit_with(row);
    change.event(
        "emergency.opened",
        access.patient.as_str(),
        &json!({"id": access.id, "patient": access.patient}),
    );
    change.commit().await?;
    tracing::warn!(access = %access.id, "a record was opened in an emergency");
    Ok(json!({"patient_id": access.patient, "until": instant::text(access.until)}))
}

/// The patient with this identifier and this birth date. Not there and not matching are one answer, and audited.
async fn find(app: &App, context: &Context, emergency: &Emergency) -> Result<ResourceId, Error> {
    let found = patients::named(app, context, &emergency.identifier, &emergency.birth_date).await?;
    if let Some(patient) = found {
        return Ok(patient);
    }
    let mut row = audit_row(context, AuditAction::E, "emergency.open", None, "Patient");
    row.success = false;
    app.store.audit_read(context.tenant, row).await?;
    Err(Error::not_found())
}

/// What the patient is told.
fn notice(access: &EmergencyAccess, organization: &str) -> Value {
    json!({
        "resourceType": "Communication",
        "id": access.id,
        "status": "completed",
        "category": [{"coding": [{
            "system": "http://terminology.hl7.org/CodeSystem/communication-category", "code": "alert",
        }], "text": "emergency-access"}],
        "subject": {"reference": format!("Patient/{}", access.patient)},
        "recipient": [{"reference": format!("Patient/{}", access.patient)}],
        "sender": {"reference": format!("Practitioner/{}", access.practitioner), "display": access.name},
        "sent": instant::text(access.at),
        "payload": [{"contentString": format!(
            "{} ({organization}) opened this record in an emergency until {}: {}",
            access.name, instant::text(access.until), access.reason
        )}],
    })
}

//! Emergency accesses as administrators and supervisors review them: who, when, why; nothing of the record itself.

use bianque_model::Context;
use serde_json::{Value, json};

use super::EmergencyAccess;
use crate::policy;
use crate::{App, Error, instant};

/// Accesses of one page.
const PAGE: u32 = 200;

/// The newest accesses: of the whole tenant, or for a supervisor of their institution.
pub async fn list(app: &App, context: &Context) -> Result<Value, Error> {
    let institution = policy::supervisor(context)?;
    let all = app.newest::<EmergencyAccess>(context.tenant, "at", PAGE).await?;
    let shown: Vec<Value> = all
        .iter()
        .filter(|access| institution.is_none_or(|own| access.value.organization == *own))
        .map(|access| {
            let access = &access.value;
            json!({
                "id": access.id, "patient_id": access.patient, "name": access.name,
                "organization_id": access.organization, "reason": access.reason,
                "at": instant::text(access.at), "until": instant::text(access.until),
            })
        })
        .collect();
    Ok(json!({"emergencies": shown}))
}

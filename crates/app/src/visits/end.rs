//! End a visit, or call it off: cancelled, or the patient never came.

use bianque_model::{Context, ResourceId};
use bianque_store::AuditAction;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::access::{Access, load_as, one_of};
use super::encounter::status;
use super::{call, quality};
use crate::live::What;
use crate::policy::Part;
use crate::{App, Change, Error, recording};

/// Why a visit ended to which the patient never came.
const NO_SHOW: &str = "no-show";

/// Why a visit ended.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ending {
    /// `done`, `abandoned` (somebody left for good), `technical`.
    pub reason: String,
}

/// Ends an admitted visit: the room closes, the quality is computed and kept with it.
pub async fn end(app: &App, context: &Context, visit: &ResourceId, ending: Ending) -> Result<(), Error> {
    let mut access = load_as(app, context, visit, &[Part::Clinician]).await?;
    access.must_be(&[status::IN_PROGRESS, status::ON_LEAVE])?;
    one_of("reason", &ending.reason, &["done", "abandoned", "technical"])?;
    access.visit.value.ended_reason = Some(ending.reason);
    let mut change = Change::new(app, context);
    let encounter = access.move_to(&mut change, context, status::FINISHED)?;
    if let Some(appointment) = fulfilled(app, context, &access, "fulfilled").await? {
        change.put(&appointment)?;
    }
    quality::keep(app, context, &access.visit.value, &encounter, &mut change).await?;
    finish(app, context, access, change, "visit.end", status::FINISHED).await
}

/// Calls a visit off before it began.
pub async fn cancel(app: &App, context: &Context, visit: &ResourceId) -> Result<(), Error> {
    call_off(app, context, visit, "cancelled", "cancelled").await
}

/// The patient never came.
pub async fn no_show(app: &App, context: &Context, visit: &ResourceId) -> Result<(), Error> {
    call_off(app, context, visit, NO_SHOW, "noshow").await
}

async fn call_off(
    app: &App,
    context: &Context,
    visit: &ResourceId,
    reason: &str,
    appointment_status: &str,
) -> Result<(), Error> {
    let mut access = load_as(app, context, visit, &Part::ARRANGING).await?;
    access.must_be(&[status::PLANNED, status::ARRIVED])?;
    access.visit.value.ended_reason = Some(reason.to_owned());
    let mut change = Change::new(app, context);
    let encounter = access.move_to(&mut change, context, status::CANCELLED)?;
    if reason == NO_SHOW {
        quality::count_no_show(app, context, &access.visit.value, &encounter, &mut change).await?;
    }
    if let Some(appointment) = fulfilled(app, context, &access, appointment_status).await? {
        change.put(&appointment)?;
    }
    finish(app, context, access, change, "visit.cancel", status::CANCELLED).await
}

async fn fulfilled(
    app: &App,
    context: &Context,
    access: &Access,
    appointment_status: &str,
) -> Result<Option<Value>, Error> {
    let Some(id) = &access.visit.value.appointment else { return Ok(None) };
    let mut appointment = app.resource(context.tenant, "Appointment", id).await?.value;
    appointment["status"] = json!(appointment_status);
    Ok(Some(appointment))
}

async fn finish(
    app: &App,
    context: &Context,
    access: Access,
    mut change: Change<'_>,
    operation: &str,
    state: &str,
) -> Result<(), Error> {
    let id = access.visit.value.id.clone();
    change.update(&access.visit)?;
    change.audit(AuditAction::U, operation, Some(&access.visit.value.patient), &access.entity());
    change.event("visit.state", id.as_str(), &json!({"visit": id, "state": state}));
    change.commit().await?;
    if let Err(error) = recording::end::end(app, context, &id, "visit-ended", None).await {
        tracing::error!(visit = %id, %error, "the recording of a visit that ended could not be ended");
    }
    call::close(app, context, &id);
    access.tell(app, context, What::Visit);
    Ok(())
}

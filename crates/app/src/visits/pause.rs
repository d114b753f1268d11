//! The clinician leaves a visit for a while, and comes back.

use bianque_model::{Context, ResourceId};
use bianque_store::AuditAction;
use serde_json::json;

use super::access::load_as;
use super::encounter::status;
use crate::live::What;
use crate::policy::Part;
use crate::{App, Change, Error};

/// Away: the patient sees it and keeps the place.
pub async fn away(app: &App, context: &Context, visit: &ResourceId) -> Result<(), Error> {
    turn(app, context, visit, status::IN_PROGRESS, status::ON_LEAVE).await
}

/// Back.
pub async fn back(app: &App, context: &Context, visit: &ResourceId) -> Result<(), Error> {
    turn(app, context, visit, status::ON_LEAVE, status::IN_PROGRESS).await
}

async fn turn(app: &App, context: &Context, visit: &ResourceId, from: &str, to: &str) -> Result<(), Error> {
    let access = load_as(app, context, visit, &[Part::Clinician]).await?;
    access.must_be(&[from])?;
    let mut change = Change::new(app, context);
    access.move_to(&mut change, context, to)?;
    change.audit(AuditAction::U, "visit.pause", Some(&access.visit.value.patient), &access.entity());
    change.event("visit.state", visit.as_str(), &json!({"visit": visit, "state": to}));
    change.commit().await?;
    access.tell(app, context, What::Visit);
    Ok(())
}

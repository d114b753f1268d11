//! Into the waiting room.

use bianque_model::{Context, ResourceId};
use bianque_store::AuditAction;
use serde_json::json;

use super::access::load_as;
use super::encounter::status;
use crate::live::What;
use crate::policy::Part;
use crate::{App, Change, Error};

/// The patient is ready: consent and intake are there. Arriving twice is arriving once.
pub async fn arrive(app: &App, context: &Context, visit: &ResourceId) -> Result<(), Error> {
    let access = load_as(app, context, visit, &[Part::Patient]).await?;
    if matches!(access.state(), status::ARRIVED | status::IN_PROGRESS | status::ON_LEAVE) {
        return Ok(());
    }
    access.must_be(&[status::PLANNED])?;
    let missing: Vec<&str> =
        [("consent", access.visit.value.consent.is_none()), ("intake", access.visit.value.intake.is_none())]
            .into_iter()
            .filter_map(|(step, missing)| missing.then_some(step))
            .collect();
    if !missing.is_empty() {
        let error = Error::conflict("visit.steps", "consent and intake come before the waiting room");
        return Err(error.with_details(json!({"missing": missing})));
    }
    let mut change = Change::new(app, context);
    access.move_to(&mut change, context, status::ARRIVED)?;
    change.audit(AuditAction::U, "visit.arrive", Some(&access.visit.value.patient), &access.entity());
    change.event("visit.state", visit.as_str(), &json!({"visit": visit, "state": status::ARRIVED}));
    change.commit().await?;
    access.tell(app, context, What::Visit);
    Ok(())
}

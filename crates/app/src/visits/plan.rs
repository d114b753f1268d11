//! The plan of a signed visit: read, confirmed and taken home by the patient.

use bianque_model::{Context, ResourceId};
use bianque_store::AuditAction;
use serde_json::{Value, json};

use super::access::{Access, load, load_as};
use super::note::{self, Note};
use super::visit::PLAN_READABLE_S;
use super::{Visit, opinion};
use crate::live::What;
use crate::people::{display_name, registration};
use crate::policy::{self, Part};
use crate::{App, Change, Error, ErrorKind, instant};

/// The plan, once the note is signed.
pub async fn read(app: &App, context: &Context, visit: &ResourceId) -> Result<Value, Error> {
    let access = load(app, context, visit).await?;
    policy::only(access.part, &[Part::Patient, Part::Clinician])?;
    readable(&access, context)?;
    app.audit_read(context, "plan.read", &access.visit.value.patient, &access.entity()).await?;
    Ok(json!({"plan": of(app, context, &access).await?}))
}

/// The patient says that the plan was read and understood.
pub async fn confirm(app: &App, context: &Context, visit: &ResourceId) -> Result<Value, Error> {
    let mut access = load_as(app, context, visit, &[Part::Patient]).await?;
    readable(&access, context)?;
    if access.visit.value.plan_confirmed_at.is_none() {
        access.visit.value.plan_confirmed_at = Some(context.now);
        let mut change = Change::new(app, context);
        change.update(&access.visit)?;
        change.audit(AuditAction::U, "plan.confirm", Some(&access.visit.value.patient), &access.entity());
        change.commit().await?;
        access.tell(app, context, What::Visit);
    }
    Ok(json!({"plan": of(app, context, &access).await?}))
}

/// The plan for readers who are authorised and audited already.
pub(super) async fn of(app: &App, context: &Context, access: &Access) -> Result<Value, Error> {
    let visit = &access.visit.value;
    let signed = visit.signed.as_ref().ok_or_else(not_yet)?;
    let note = app.load::<Note>(context.tenant, visit.id.as_str()).await?.ok_or_else(Error::not_found)?.value;
    let patient = app.shown_patient(context.tenant, &visit.patient).await?.value;
    let practitioner = app.resource(context.tenant, "Practitioner", &signed.practitioner).await?.value;
    let content = &note.content;
    Ok(json!({
        "visit_id": visit.id,
        "patient_name": display_name(&patient),
        "practitioner": {"name": signed.by, "registration": registration(&practitioner)},
        "organization": signed.organization,
        "date": instant::text(visit.start),
        "diagnoses": content.diagnoses,
        "self_care": content.self_care,
        "plan": content.plan,
        "prescriptions": content.prescriptions,
        "disposition": content.disposition,
        "go_to_hospital_if": content.go_to_hospital_if,
        "follow_up": content.follow_up,
        "signed_at": instant::text(signed.at),
        "hash": signed.hash,
        "confirmed_at": visit.plan_confirmed_at.map(instant::text),
        "opinions": opinions(visit),
        "addenda": note.addenda.iter().map(note::addendum).collect::<Vec<_>>(),
        "readable_until": instant::text(signed.at.plus_seconds(PLAN_READABLE_S)),
    }))
}

fn opinions(visit: &Visit) -> Vec<Value> {
    let signed = visit.invitations.iter().filter_map(opinion::show);
    signed.filter(|opinion| !opinion["signed_at"].is_null()).collect()
}

/// Not before it is signed; by link not longer than thirty days.
pub(super) fn readable(access: &Access, context: &Context) -> Result<(), Error> {
    let signed = access.visit.value.signed.as_ref().ok_or_else(not_yet)?;
    if access.part == Part::Patient && context.now >= signed.at.plus_seconds(PLAN_READABLE_S) {
        return Err(Error::new(ErrorKind::Over, "plan.over", "the plan is no longer readable by link"));
    }
    Ok(())
}

fn not_yet() -> Error {
    Error::conflict("plan.not-yet", "the plan is not signed yet")
}

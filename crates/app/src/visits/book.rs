//! Book a visit, or open one for a patient who is here now.

use bianque_model::{Context, ResourceId, Role, Timestamp};
use bianque_query::{Predicate, Reference, Scope, Test};
use bianque_store::AuditAction;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::access::{bounded, tell};
use super::visit::schedule_key;
use super::{Visit, encounter, link};
use crate::admin::prices::PriceItem;
use crate::admin::users::ROLE_SYSTEM;
use crate::aggregate::unique;
use crate::live::What;
use crate::people::referenced_id;
use crate::{App, Change, Error, instant, policy};

/// What is booked.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Booking {
    /// For whom.
    pub patient_id: ResourceId,
    /// With whom; none: with the clinician who books.
    pub practitioner_id: Option<ResourceId>,
    /// When, RFC 3339; none: now, without appointment.
    pub start: Option<String>,
    /// Code of the visit type.
    pub visit_type: String,
    /// Why.
    #[serde(default)]
    pub reason: String,
}

/// A booked visit and the patient's link.
#[derive(Debug)]
pub struct Booked {
    /// The Encounter's id.
    pub visit: ResourceId,
    /// What the patient opens.
    pub join_url: String,
}

/// Books a visit: Appointment (unless walk-in) and Encounter, in one commit.
pub async fn book(app: &App, context: &Context, booking: Booking) -> Result<Booked, Error> {
    let desk = policy::desk(context)?;
    let organization = desk.organization.clone();
    // A visit is booked for the record that stands for the person.
    let patient = app.same_patient(context.tenant, &booking.patient_id).await?.survivor;
    require_patient(app, context, &patient, &organization).await?;
    let practitioner = match booking.practitioner_id {
        Some(id) if id != *desk.practitioner || desk.role != Role::Clinician => {
            require_colleague(app, context, &id, &organization).await?;
            id
        }
        None if desk.role != Role::Clinician => {
            return Err(Error::field("field.required", "practitioner_id", "say with whom"));
        }
        _ => desk.practitioner.clone(),
    };
    let price = PriceItem::active(app, context, &booking.visit_type).await?;
    let start = start_of(context, booking.start.as_deref())?;
    let visit = Visit {
        id: Uuid::now_v7().into(),
        appointment: booking.start.is_some().then(|| Uuid::now_v7().into()),
        patient,
        organization,
        practitioner,
        visit_type: booking.visit_type,
        start,
        end: start.plus_seconds(i64::from(price.minutes) * 60),
        walk_in: booking.start.is_none(),
        reason: bounded("reason", &booking.reason, 1000)?,
        ..Visit::blank()
    };
    if !visit.walk_in {
        require_free(app, context, &visit).await?;
    }
    commit(app, context, &visit, &price.name.en).await?;
    tell(app, context, &visit, What::Visit);
    let join_url = link::patient_url(app, context.tenant, &visit);
    Ok(Booked { visit: visit.id, join_url })
}

async fn commit(app: &App, context: &Context, visit: &Visit, type_name: &str) -> Result<(), Error> {
    let mut change = Change::new(app, context);
    if let Some(appointment) = &visit.appointment {
        change.create(&appointment_resource(visit, appointment, context))?;
    }
    change.create(&encounter::planned(visit, type_name, context))?;
    change.insert(visit)?;
    let entity = format!("Encounter/{}", visit.id);
    change.audit(AuditAction::C, "visit.book", Some(&visit.patient), &entity);
    change.event("visit.booked", visit.id.as_str(), &json!({"visit": visit.id}));
    change.commit().await.map(drop).map_err(|error| match error.code {
        "taken" => slot_taken(),
        _ => error,
    })
}

fn appointment_resource(visit: &Visit, id: &ResourceId, context: &Context) -> Value {
    let participant = |reference: String| json!({"actor": {"reference": reference}, "status": "accepted"});
    let mut appointment = json!({
        "resourceType": "Appointment",
        "id": id,
        "status": "booked",
        "serviceType": [{"coding": [{"system": encounter::VISIT_TYPE_SYSTEM, "code": visit.visit_type}]}],
        "start": instant::text(visit.start),
        "end": instant::text(visit.end),
        "created": instant::text(context.now),
        "participant": [
            participant(format!("Patient/{}", visit.patient)),
            participant(format!("Practitioner/{}", visit.practitioner)),
        ],
    });
    if !visit.reason.is_empty() {
        appointment["reasonCode"] = json!([{"text": visit.reason}]);
    }
    appointment
}

fn start_of(context: &Context, start: Option<&str>) -> Result<Timestamp, Error> {
    let Some(text) = start else { return Ok(context.now) };
    let invalid = |message: &str| Error::field("field.time", "start", message);
    let start = instant::parse(text).ok_or_else(|| invalid("start is not an RFC 3339 instant"))?;
    if start < context.now.plus_seconds(-15 * 60) {
        return Err(invalid("start lies in the past"));
    }
    if start > context.now.plus_seconds(366 * 24 * 3600) {
        return Err(invalid("start lies more than a year ahead"));
    }
    Ok(start)
}

async fn require_patient(
    app: &App,
    context: &Context,
    patient: &ResourceId,
    organization: &ResourceId,
) -> Result<(), Error> {
    let patient = app.resource(context.tenant, "Patient", patient).await?.value;
    if referenced_id(&patient["managingOrganization"]) == organization.as_str() {
        Ok(())
    } else {
        Err(Error::not_found())
    }
}

/// The clinician must have a role in the same institution.
async fn require_colleague(
    app: &App,
    context: &Context,
    practitioner: &ResourceId,
    organization: &ResourceId,
) -> Result<(), Error> {
    let refers = |param: &str, resource_type: &str, id: &ResourceId| Predicate::Param {
        param: param.to_owned(),
        test: Test::Refers(Reference { resource_type: resource_type.to_owned(), id: id.clone() }),
    };
    let filter = Predicate::And(vec![
        refers("practitioner", "Practitioner", practitioner),
        refers("organization", "Organization", organization),
    ]);
    let roles = app.matching(context.tenant, "PractitionerRole", filter, Scope::All).await?;
    if !roles.iter().any(|role| holds_visits(&role.value)) {
        return Err(Error::field(
            "practitioner.unknown",
            "practitioner_id",
            "no such clinician in this institution",
        ));
    }
    Ok(())
}

/// Of those who work at an institution, clinicians hold visits. A PractitionerRole that names no role of ours is a
/// clinician's: there was no other before roles were named.
fn holds_visits(practitioner_role: &Value) -> bool {
    let codes = practitioner_role["code"].as_array().into_iter().flatten();
    let codings = codes.flat_map(|code| code["coding"].as_array().into_iter().flatten());
    let mut roles = codings.filter(|coding| coding["system"] == ROLE_SYSTEM).peekable();
    roles.peek().is_none() || roles.any(|coding| coding["code"] == json!(Role::Clinician))
}

/// No other booked visit of the clinician overlaps. The same start is also a unique key, so that two bookings at once
/// cannot both win; a different, overlapping start is only checked here.
async fn require_free(app: &App, context: &Context, visit: &Visit) -> Result<(), Error> {
    let day_before = schedule_key(&visit.practitioner, visit.start.plus_seconds(-24 * 3600));
    let end = schedule_key(&visit.practitioner, visit.end);
    let others =
        app.list::<Visit>(context.tenant, "practitioner", day_before.as_str()..end.as_str(), 1000).await?;
    let overlaps = |other: &Visit| other.holds_slot() && other.end > visit.start && other.start < visit.end;
    if others.iter().any(|other| overlaps(&other.value)) { Err(slot_taken()) } else { Ok(()) }
}

fn slot_taken() -> Error {
    Error::conflict("slot.taken", "the clinician already has a visit then")
}

impl Visit {
    /// Whether it occupies its clinician's time as booked.
    pub(super) fn holds_slot(&self) -> bool {
        !self.walk_in && self.ended_reason.is_none()
    }

    /// The key that no two booked visits of a clinician share.
    pub(super) fn slot_key(&self) -> bianque_store::StateKey {
        unique("slot", schedule_key(&self.practitioner, self.start))
    }
}

//! The Encounter of a visit: how it begins and how its status moves (FHIR R4, Encounter).

use bianque_model::{Context, Timestamp};
use serde_json::{Value, json};

use super::Visit;
use crate::instant;

/// Codes of visit types.
pub const VISIT_TYPE_SYSTEM: &str = "https://bianque.example/fhir/CodeSystem/visit-type";
const ACT_CODE: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
const PARTICIPATION: &str = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";

/// States of an Encounter that a visit goes through.
pub mod status {
    /// Booked.
    pub const PLANNED: &str = "planned";
    /// In the waiting room.
    pub const ARRIVED: &str = "arrived";
    /// Admitted.
    pub const IN_PROGRESS: &str = "in-progress";
    /// The clinician is away.
    pub const ON_LEAVE: &str = "onleave";
    /// Ended.
    pub const FINISHED: &str = "finished";
    /// Cancelled, or the patient never came.
    pub const CANCELLED: &str = "cancelled";
}

/// A planned Encounter of class VR.
pub fn planned(visit: &Visit, visit_type_name: &str, context: &Context) -> Value {
    let mut encounter = json!({
        "resourceType": "Encounter",
        "id": visit.id,
        "status": status::PLANNED,
        "statusHistory": [{"status": status::PLANNED, "period": {"start": instant::text(context.now)}}],
        "class": {"system": ACT_CODE, "code": "VR", "display": "virtual"},
        "type": [{"coding": [{"system": VISIT_TYPE_SYSTEM, "code": visit.visit_type, "display": visit_type_name}]}],
        "subject": {"reference": format!("Patient/{}", visit.patient)},
        "participant": [{
            "type": [{"coding": [{"system": PARTICIPATION, "code": "PPRF", "display": "primary performer"}]}],
            "individual": {"reference": format!("Practitioner/{}", visit.practitioner)},
        }],
        "serviceProvider": {"reference": format!("Organization/{}", visit.organization)},
    });
    if let Some(appointment) = &visit.appointment {
        encounter["appointment"] = json!([{"reference": format!("Appointment/{appointment}")}]);
    }
    if !visit.reason.is_empty() {
        encounter["reasonCode"] = json!([{"text": visit.reason}]);
    }
    encounter
}

/// Moves an Encounter to a state, closing the state before in its history.
pub fn move_to(encounter: &mut Value, state: &str, now: Timestamp) {
    let now = instant::text(now);
    if let Some(history) = encounter["statusHistory"].as_array_mut() {
        if let Some(last) = history.last_mut() {
            last["period"]["end"] = json!(now);
        }
        history.push(json!({"status": state, "period": {"start": now}}));
    }
    encounter["status"] = json!(state);
    match state {
        status::IN_PROGRESS if encounter["period"]["start"].is_null() => {
            encounter["period"] = json!({"start": now});
        }
        status::FINISHED if encounter["period"].is_object() => encounter["period"]["end"] = json!(now),
        _ => {}
    }
    if state == status::FINISHED {
        end_participants(encounter, &now);
    }
}

/// Whoever is still there is so no longer.
fn end_participants(encounter: &mut Value, now: &str) {
    for participant in encounter["participant"].as_array_mut().into_iter().flatten() {
        if participant["period"].is_object() && participant["period"]["end"].is_null() {
            participant["period"]["end"] = json!(now);
        }
    }
}

/// The state an Encounter is in.
pub fn state(encounter: &Value) -> &str {
    encounter["status"].as_str().unwrap_or_default()
}

/// Whether consultants may read the visit and the call may run.
pub fn is_open(encounter: &Value) -> bool {
    matches!(state(encounter), status::PLANNED | status::ARRIVED | status::IN_PROGRESS | status::ON_LEAVE)
}

/// Whether the patient has been admitted and the visit has not ended.
pub fn is_admitted(encounter: &Value) -> bool {
    matches!(state(encounter), status::IN_PROGRESS | status::ON_LEAVE)
}

/// When the Encounter first came into a state.
pub fn first_in(encounter: &Value, wanted: &str) -> Option<Timestamp> {
    let history = encounter["statusHistory"].as_array()?;
    let entry = history.iter().find(|entry| entry["status"] == wanted)?;
    entry["period"]["start"].as_str().and_then(instant::parse)
}

/// When it came into the state it is in.
pub fn since(encounter: &Value) -> Option<Timestamp> {
    encounter["statusHistory"].as_array()?.last()?["period"]["start"].as_str().and_then(instant::parse)
}

//! Guests in the record: a RelatedPerson each, and a participant of the Encounter for who was let in.
//!
//! RelatedPerson (FHIR R4) is who "is involved in the care for a patient, but … has no formal responsibility in the
//! care process", which an interpreter and an observer have as little as an aunt; and it lies in the patient's
//! compartment, so that it is seen, kept and shredded with them.

use bianque_model::Context;
use serde_json::{Value, json};

use super::{Guest, GuestRole};
use crate::visits::Visit;
use crate::visits::access::Access;
use crate::{Change, Error, instant};

const ROLE_CODE: &str = "http://terminology.hl7.org/CodeSystem/v3-RoleCode";
/// The code systems of Encounter.participant.type.
const PARTICIPANT_TYPE: &str = "http://terminology.hl7.org/CodeSystem/participant-type";
const PARTICIPATION: &str = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";
/// The code system of languages (BCP 47).
const LANGUAGE: &str = "urn:ietf:bcp:47";

/// The RelatedPerson of a guest. An interpreter's languages are those of `communication`.
pub(super) fn related_person(visit: &Visit, guest: &Guest) -> Value {
    let relationship = match guest.role {
        GuestRole::Family => json!({"coding": [{"system": ROLE_CODE, "code": guest.relationship}]}),
        GuestRole::Interpreter => json!({"text": "Interpreter"}),
        GuestRole::Observer => json!({"text": "Observer"}),
    };
    let mut person = json!({
        "resourceType": "RelatedPerson",
        "id": guest.person,
        "active": true,
        "patient": {"reference": format!("Patient/{}", visit.patient)},
        "relationship": [relationship],
        "name": [{"text": guest.name}],
    });
    if !guest.languages.is_empty() {
        let spoken = guest.languages.iter().map(|code| json!({"language": language(code)}));
        person["communication"] = spoken.collect();
    }
    person
}

fn language(code: &str) -> Value {
    json!({"coding": [{"system": LANGUAGE, "code": code}]})
}

/// A guest is let in: a participant of the Encounter from now on.
pub(super) fn came_in(
    access: &Access,
    context: &Context,
    guest: &Guest,
    change: &mut Change<'_>,
) -> Result<(), Error> {
    let mut encounter = access.encounter.value.clone();
    let (system, code, word) = match guest.role {
        GuestRole::Family => (PARTICIPATION, "PART", "Family".to_owned()),
        GuestRole::Interpreter => {
            (PARTICIPANT_TYPE, "translator", format!("Interpreter: {}", guest.languages.join(", ")))
        }
        GuestRole::Observer => (PARTICIPATION, "PART", "Observer".to_owned()),
    };
    let participant = json!({
        "type": [{"coding": [{"system": system, "code": code}], "text": word}],
        "period": {"start": instant::text(context.now)},
        "individual": {"reference": reference(guest), "display": guest.name},
    });
    if let Some(participants) = encounter["participant"].as_array_mut() {
        participants.push(participant);
    } else {
        encounter["participant"] = json!([participant]);
    }
    change.replace(&encounter, access.encounter.version)
}

/// A guest is out: their part of the Encounter ends.
pub(super) fn left(
    access: &Access,
    context: &Context,
    guest: &Guest,
    change: &mut Change<'_>,
) -> Result<(), Error> {
    let mut encounter = access.encounter.value.clone();
    let own = reference(guest);
    for participant in encounter["participant"].as_array_mut().into_iter().flatten() {
        if participant["individual"]["reference"] == own && participant["period"]["end"].is_null() {
            participant["period"]["end"] = json!(instant::text(context.now));
        }
    }
    change.replace(&encounter, access.encounter.version)
}

fn reference(guest: &Guest) -> String {
    format!("RelatedPerson/{}", guest.person)
}

//! Guests as the others see them, and the visit as a guest does.

use bianque_model::Context;
use serde_json::{Value, json};

use super::{Guest, GuestRole, Stage};
use crate::people::{display_name, phone, title};
use crate::visits::access::Access;
use crate::visits::{Visit, encounter, people};
use crate::{App, Error, instant, recording};

/// A guest, for the clinician and the patient.
pub fn guest(app: &App, context: &Context, visit: &Visit, guest: &Guest) -> Value {
    let here = app.presence.of(context.tenant, &visit.id);
    json!({
        "id": guest.id,
        "name": guest.name,
        "role": guest.role,
        "relationship": Some(&guest.relationship).filter(|code| !code.is_empty()),
        "languages": guest.languages,
        "by_patient": guest.by_patient,
        "state": guest.stage,
        "since": instant::text(guest.since),
        "present": here.iter().any(|other| other.id == guest.id.as_str()),
        // Of an observer: whether the patient has said yes; null while they have said nothing.
        "allowed": (guest.role == GuestRole::Observer).then(|| guest.allowed.as_ref().map(|said| said.yes)),
    })
}

/// All guests of a visit.
pub fn guests(app: &App, context: &Context, visit: &Visit) -> Vec<Value> {
    visit.guests.iter().map(|one| guest(app, context, visit, one)).collect()
}

/// The visit as a guest sees it: with whom, when, and how far they are. Who else is there they see once they are in.
pub async fn visit(app: &App, context: &Context, access: &Access) -> Result<Value, Error> {
    let visit = &access.visit.value;
    let own = access.as_guest()?;
    let organization = app.resource(context.tenant, "Organization", &visit.organization).await?.value;
    let practitioner = app.resource(context.tenant, "Practitioner", &visit.practitioner).await?.value;
    let recording =
        if own.is_admitted() { recording::view::newest(app, context, &visit.id).await? } else { Value::Null };
    let participants = if own.is_admitted() { people::shown(app, context, visit) } else { Vec::new() };
    Ok(json!({
        "id": visit.id,
        "state": access.state(),
        "start": instant::text(visit.start),
        "end": instant::text(visit.end),
        "organization": {
            "id": visit.organization, "name": display_name(&organization), "phone": phone(&organization),
        },
        "practitioner": {
            "id": visit.practitioner, "name": display_name(&practitioner), "title": title(&practitioner),
        },
        "participants": participants,
        "languages": people::channels::of(visit),
        "locked": visit.locked,
        "recording": recording,
        "guest": {
            "id": own.id,
            "name": own.name,
            "role": own.role,
            "languages": own.languages,
            "state": own.stage,
            "awaits_patient": !own.is_allowed(),
        },
        "next": next(own, &access.encounter.value),
    }))
}

/// The page a guest belongs on.
fn next(guest: &Guest, encounter: &Value) -> &'static str {
    match guest.stage {
        Stage::Admitted if encounter::is_admitted(encounter) => "call",
        Stage::Admitted | Stage::Waiting => "lobby",
        _ => "welcome",
    }
}

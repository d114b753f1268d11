//! What a version of a resource is to other systems: nothing mostly, and else one thing of a visit that is held here.
//!
//! Only visits that are held here are told of. What another system told us, or what was imported, is no news of ours.

use bianque_mapping::outgoing::Tells;
use bianque_model::{ResourceId, TenantId, Timestamp};
use bianque_store::StoredResource;
use serde_json::Value;

use crate::visits::Visit;
use crate::visits::encounter::status::{FINISHED, IN_PROGRESS, ON_LEAVE};
use crate::{App, Error, instant};

/// The types whose versions are looked at.
pub(super) const TYPES: [&str; 5] =
    ["Appointment", "Composition", "DiagnosticReport", "Encounter", "ServiceRequest"];

/// Something to tell.
pub(super) struct Occasion {
    pub(super) tells: Tells,
    pub(super) visit: Visit,
    pub(super) focus: Value,
    pub(super) happened: Timestamp,
}

/// What a version is, if it is something.
pub(super) async fn of(
    app: &App,
    tenant: TenantId,
    stored: &StoredResource,
) -> Result<Option<Occasion>, Error> {
    let Some(document) = &stored.document else { return Ok(None) };
    let focus: Value = serde_json::from_slice(document).map_err(Error::internal)?;
    let Some(visit) = visit_of(app, tenant, &stored.id, &focus).await? else { return Ok(None) };
    let before = match stored.version {
        1 => Value::Null,
        version => {
            let read =
                app.store.resource_version(tenant, &stored.resource_type, &stored.id, version - 1).await?;
            let document = read.and_then(|read| read.document);
            document.and_then(|document| serde_json::from_slice(&document).ok()).unwrap_or_default()
        }
    };
    let Some(tells) = tells(&focus, &before) else { return Ok(None) };
    let said = match tells {
        Tells::Opened => &focus["period"]["start"],
        Tells::Closed => &focus["period"]["end"],
        _ => &Value::Null,
    };
    let happened = said.as_str().and_then(instant::parse).unwrap_or(stored.last_updated);
    Ok(Some(Occasion { tells, visit, focus, happened }))
}

/// The visit that a resource is of, if it is held here.
async fn visit_of(
    app: &App,
    tenant: TenantId,
    id: &ResourceId,
    resource: &Value,
) -> Result<Option<Visit>, Error> {
    let encounter: Option<ResourceId> = match resource["resourceType"].as_str() {
        Some("Encounter") => Some(id.clone()),
        Some("Appointment") => {
            let context = app.server_context(tenant);
            let found = app.referring(&context, "Encounter", "appointment", ("Appointment", id)).await?;
            found.first().and_then(|one| one.value["id"].as_str()?.parse().ok())
        }
        _ => {
            let reference = resource["encounter"]["reference"].as_str().unwrap_or_default();
            reference.strip_prefix("Encounter/").and_then(|id| id.parse().ok())
        }
    };
    let Some(encounter) = encounter else { return Ok(None) };
    Ok(app.load::<Visit>(tenant, encounter.as_str()).await?.map(|visit| visit.value))
}

/// What a resource says that it did not say before.
fn tells(focus: &Value, before: &Value) -> Option<Tells> {
    let (is, was) = (focus["status"].as_str()?, before["status"].as_str().unwrap_or_default());
    match focus["resourceType"].as_str()? {
        "Appointment" => of_appointment(focus, before),
        "Encounter" => {
            let began = [IN_PROGRESS, ON_LEAVE, FINISHED].contains(&was);
            match is {
                IN_PROGRESS if !began => Some(Tells::Opened),
                FINISHED if was != FINISHED => Some(Tells::Closed),
                "cancelled" | "entered-in-error" if began => Some(Tells::Undone),
                _ => None,
            }
        }
        "Composition" if is == "final" && was != "final" => {
            Some(if focus["relatesTo"].is_null() { Tells::Document } else { Tells::Addendum })
        }
        "DiagnosticReport" => {
            let is_signed = ["final", "amended", "corrected", "appended", "cancelled"].contains(&is);
            (is_signed && focus != before).then_some(Tells::Result)
        }
        "ServiceRequest" => match is {
            "active" if was != "active" => Some(Tells::Referred),
            "revoked" | "entered-in-error" if was == "active" => Some(Tells::ReferralTakenBack),
            _ => None,
        },
        _ => None,
    }
}

fn of_appointment(focus: &Value, before: &Value) -> Option<Tells> {
    let differs = |members: &[&str]| members.iter().any(|member| focus[*member] != before[*member]);
    let was_booked = before["status"] == "booked";
    match focus["status"].as_str()? {
        "booked" if !was_booked => Some(Tells::Booked),
        "booked" if differs(&["start", "end"]) => Some(Tells::Moved),
        "booked" if differs(&["participant", "serviceType", "reasonCode"]) => Some(Tells::Changed),
        "cancelled" | "entered-in-error" if was_booked => Some(Tells::Cancelled),
        "noshow" if before["status"] != "noshow" => Some(Tells::Missed),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_version_is_told_by_what_it_says_anew() {
        let of = |kind: &str, was: &str, is: &str| {
            let resource = |status: &str| json!({"resourceType": kind, "status": status});
            tells(&resource(is), &if was.is_empty() { Value::Null } else { resource(was) })
        };
        for (kind, was, is, expected) in [
            ("Appointment", "", "booked", Some(Tells::Booked)),
            ("Appointment", "proposed", "booked", Some(Tells::Booked)),
            ("Appointment", "booked", "booked", None),
            ("Appointment", "booked", "fulfilled", None),
            ("Appointment", "booked", "cancelled", Some(Tells::Cancelled)),
            ("Appointment", "booked", "noshow", Some(Tells::Missed)),
            ("Encounter", "", "planned", None),
            ("Encounter", "arrived", "in-progress", Some(Tells::Opened)),
            ("Encounter", "onleave", "in-progress", None),
            ("Encounter", "in-progress", "finished", Some(Tells::Closed)),
            ("Encounter", "finished", "finished", None),
            ("Encounter", "planned", "cancelled", None),
            ("Encounter", "in-progress", "cancelled", Some(Tells::Undone)),
            ("Composition", "", "final", Some(Tells::Document)),
            ("Composition", "final", "amended", None),
            ("DiagnosticReport", "", "preliminary", None),
            ("DiagnosticReport", "preliminary", "final", Some(Tells::Result)),
            ("DiagnosticReport", "final", "final", None),
            ("DiagnosticReport", "final", "corrected", Some(Tells::Result)),
            ("ServiceRequest", "", "draft", None),
            ("ServiceRequest", "draft", "active", Some(Tells::Referred)),
            ("ServiceRequest", "active", "revoked", Some(Tells::ReferralTakenBack)),
            ("ServiceRequest", "active", "completed", None),
        ] {
            assert_eq!(of(kind, was, is), expected, "{kind} {was} -> {is}");
        }
        let at = |start: &str, reason: &str| json!({"resourceType": "Appointment", "status": "booked", "start": start, "reasonCode": reason});
        assert_eq!(tells(&at("9", "x"), &at("8", "x")), Some(Tells::Moved));
        assert_eq!(tells(&at("8", "y"), &at("8", "x")), Some(Tells::Changed));
    }
}

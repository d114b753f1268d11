//! The patient's word on an observer: asked on their page, kept as a Consent, taken back at any time.

use bianque_model::{Context, ResourceId};
use bianque_store::AuditAction;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Allowed, Guest, GuestRole, Stage, invite};
use crate::live::What;
use crate::policy::Part;
use crate::visits::Visit;
use crate::visits::access::{Access, load_as};
use crate::visits::people::log::Deed;
use crate::{App, Change, Error, instant};

/// The patient says that an observer may look on.
pub async fn allow(app: &App, context: &Context, visit: &ResourceId, id: &ResourceId) -> Result<(), Error> {
    let mut access = load_as(app, context, visit, &[Part::Patient]).await?;
    access.must_be_open()?;
    let consent = ResourceId::from(Uuid::now_v7());
    let guest = observer(&mut access, id)?;
    if guest.is_allowed() {
        return Ok(());
    }
    guest.allowed = Some(Allowed { yes: true, at: context.now, consent: Some(consent.clone()) });
    let guest = guest.clone();
    let mut change = Change::new(app, context);
    change.create(&resource(&access.visit.value, context, &guest, &consent))?;
    invite::keep(change, context, &access, &guest, AuditAction::C, Deed::Allowed).await?;
    access.tell(app, context, What::Visit);
    Ok(())
}

/// The patient says no, or no longer: an observer who is in is out at once.
pub async fn refuse(app: &App, context: &Context, visit: &ResourceId, id: &ResourceId) -> Result<(), Error> {
    let mut access = load_as(app, context, visit, &[Part::Patient]).await?;
    let guest = observer(&mut access, id)?;
    let given = guest.allowed.take().and_then(|allowed| allowed.consent);
    guest.allowed = Some(Allowed { yes: false, at: context.now, consent: None });
    let mut guest = guest.clone();
    let was_in = guest.is_admitted();
    let mut change = Change::new(app, context);
    if was_in {
        guest = invite::end(&mut access, context, id, Stage::Removed, &mut change)?;
    }
    if let Some(id) = given {
        let mut consent = app.resource(context.tenant, "Consent", &id).await?;
        consent.value["status"] = json!("inactive");
        change.replace(&consent.value, consent.version)?;
    }
    invite::keep(change, context, &access, &guest, AuditAction::U, Deed::Refused).await?;
    if was_in {
        invite::shut_out(app, context, &access, &guest, "guest.removed");
    }
    access.tell(app, context, What::Visit);
    Ok(())
}

fn observer<'a>(access: &'a mut Access, id: &ResourceId) -> Result<&'a mut Guest, Error> {
    let guest = access.visit.value.guest_mut(id).filter(|guest| guest.role == GuestRole::Observer);
    guest.filter(|guest| guest.stands()).ok_or_else(Error::not_found)
}

fn resource(visit: &Visit, context: &Context, guest: &Guest, id: &ResourceId) -> Value {
    let agent = bianque_store::agent_of(context).0;
    json!({
        "resourceType": "Consent",
        "id": id,
        "status": "active",
        "scope": {"coding": [{
            "system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "treatment",
        }]},
        "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0", "display": "Consent Document"}]}],
        "patient": {"reference": format!("Patient/{}", visit.patient)},
        "dateTime": instant::text(context.now),
        "performer": [{"reference": agent}],
        "organization": [{"reference": format!("Organization/{}", visit.organization)}],
        "policyRule": {"text": format!("{} may observe the remote visit {}", guest.name, visit.id)},
        "provision": {
            "type": "permit",
            "data": [{"meaning": "related", "reference": {"reference": format!("Encounter/{}", visit.id)}}],
        },
    })
}

//! A visit as its participants see it.

use bianque_model::Context;
use serde_json::{Value, json};

use super::access::Access;
use super::encounter::{self, status};
use super::guests;
use super::lines::Lines;
use super::people;
use super::presence::Participant;
use super::visit::{Invitation, Join, Visit};
use crate::people::{display_name, phone, registration, title};
use crate::policy::Part;
use crate::{App, Error, directory, instant, photos, recording};

/// The pages a patient goes through.
const STEPS: [&str; 6] = ["device", "consent", "intake", "waiting", "call", "plan"];

/// The visit as the actor of `access` may see it, its patient's read audited.
pub async fn show(app: &App, context: &Context, access: &Access) -> Result<Value, Error> {
    app.audit_read(context, "visit.read", &access.visit.value.patient, &access.entity()).await?;
    build(app, context, access).await
}

/// The same for a socket whose opening row is written already.
pub async fn build(app: &App, context: &Context, access: &Access) -> Result<Value, Error> {
    if access.part == Part::Guest {
        return guests::view::visit(app, context, access).await;
    }
    let visit = &access.visit.value;
    let mut shown = summary(app, context, visit, &access.encounter.value).await?;
    if access.part == Part::Desk {
        return Ok(shown);
    }
    let organization = app.resource(context.tenant, "Organization", &visit.organization).await?.value;
    let practitioner = app.resource(context.tenant, "Practitioner", &visit.practitioner).await?.value;
    let encounter = &access.encounter.value;
    let at = |state: &str| encounter::first_in(encounter, state).map(instant::text);
    let more = json!({
        "organization": {
            "id": visit.organization, "name": display_name(&organization), "phone": phone(&organization),
        },
        "practitioner": {
            "id": visit.practitioner, "name": display_name(&practitioner),
            "title": title(&practitioner), "registration": registration(&practitioner),
        },
        "walk_in": visit.walk_in,
        "admitted_at": at(status::IN_PROGRESS),
        "ended_at": at(status::FINISHED).or_else(|| at(status::CANCELLED)),
        "ended_reason": visit.ended_reason,
        "first_media_at": visit.first_media_at.map(instant::text),
        "consent": visit.consent.as_ref().map(|given| json!({
            "version": given.version, "language": given.language, "by": given.by, "name": given.name,
            "at": instant::text(given.at),
        })),
        "proxy": proxy(app, context, visit).await?,
        "intake": visit.intake,
        "device_check": visit.device_check.as_ref().map(device_check),
        "participants": people::shown(app, context, visit),
        "languages": people::channels::of(visit),
        "locked": visit.locked,
        "photos": photos::view::of_visit(app, context, &visit.id).await?,
        "recording": recording::view::newest(app, context, &visit.id).await?,
        "plan_ready": visit.signed.is_some(),
        "plan_confirmed_at": visit.plan_confirmed_at.map(instant::text),
        "steps": STEPS,
        "next": next(visit, encounter),
    });
    merge(&mut shown, more);
    if access.part != Part::Consultant {
        shown["guests"] = json!(guests::view::guests(app, context, visit));
    }
    if access.part != Part::Patient {
        merge(&mut shown, for_clinicians(app, context, access).await?);
    }
    Ok(shown)
}

/// A line of the queue.
pub async fn summary(app: &App, context: &Context, visit: &Visit, encounter: &Value) -> Result<Value, Error> {
    Lines::read(app, context, &[(visit, encounter)]).await?.of(app, context, visit, encounter)
}

/// Who holds the patient's link in their place; null: the patient.
async fn proxy(app: &App, context: &Context, visit: &Visit) -> Result<Value, Error> {
    let Some(person) = &visit.join.proxy else { return Ok(Value::Null) };
    let person = app.resource(context.tenant, "RelatedPerson", person).await?.value;
    let relationship = &person["relationship"][0]["coding"][0]["code"];
    Ok(json!({"name": display_name(&person), "relationship": relationship}))
}

/// Who the actor is among the participants, with a name.
pub async fn participant(app: &App, context: &Context, access: &Access) -> Result<Participant, Error> {
    let visit = &access.visit.value;
    let id = access.participant_id(context);
    let (name, role, organization) = match access.part {
        Part::Patient => {
            let patient = app.shown_patient(context.tenant, &visit.patient).await?.value;
            (display_name(&patient), "patient", String::new())
        }
        Part::Consultant => {
            let invitation = visit.invitations.iter().find(|invitation| invitation.id.as_str() == id);
            let invitation = invitation.ok_or_else(Error::not_found)?;
            (invitation.name.clone(), "consultant", invitation.organization_name.clone())
        }
        Part::Guest => {
            let guest = access.as_guest()?;
            (guest.name.clone(), guest.role.code(), String::new())
        }
        Part::Desk | Part::Supervisor => return Err(Error::forbidden()),
        Part::Clinician => {
            let clinician = crate::policy::clinician(context)?;
            let person = app.resource(context.tenant, "Practitioner", clinician.practitioner).await?.value;
            let home = app.resource(context.tenant, "Organization", clinician.organization).await?.value;
            (display_name(&person), "clinician", display_name(&home))
        }
    };
    Ok(Participant::new(id, name, role, organization))
}

/// An invitation as clinicians see it.
pub fn invitation(visit: &Visit, invitation: &Invitation) -> Value {
    let signed = invitation.has_signed_opinion();
    let state = match (invitation.revoked, signed, invitation.join.bound.is_some()) {
        (true, ..) => "over",
        (_, true, _) => "signed",
        (_, _, true) => "joined",
        _ => "open",
    };
    json!({
        "id": invitation.id,
        "name": invitation.name,
        "organization": {"id": invitation.organization, "name": invitation.organization_name},
        "question": invitation.question,
        "state": state,
        "has_account": invitation.has_account,
        "expires_at": instant::text(visit.join_expires()),
    })
}

async fn for_clinicians(app: &App, context: &Context, access: &Access) -> Result<Value, Error> {
    let visit = &access.visit.value;
    let mut shown = json!({
        "invitations": visit.invitations.iter().map(|one| invitation(visit, one)).collect::<Vec<_>>(),
        "note_version": super::note::version(app, context, &visit.id).await?,
        "chart_version": directory::chart::version(app, context, &visit.patient).await?.to_string(),
    });
    if access.part == Part::Clinician {
        shown["join"] = join(visit, &visit.join);
    }
    Ok(shown)
}

/// The state of a way in, for those who arrange visits.
pub(super) fn join(visit: &Visit, join: &Join) -> Value {
    json!({
        "state": if join.bound.is_some() { "bound" } else { "unused" },
        "expires_at": instant::text(visit.join_expires()),
        "attempts_left": join.attempts_left,
    })
}

fn device_check(check: &super::device_check::DeviceCheck) -> Value {
    let mut shown = json!(check.report);
    shown["at"] = json!(instant::text(check.at));
    shown
}

/// The page the patient belongs on.
fn next(visit: &Visit, encounter: &Value) -> &'static str {
    match encounter::state(encounter) {
        status::FINISHED if visit.signed.is_some() => "plan",
        status::FINISHED | status::CANCELLED => "ended",
        status::IN_PROGRESS | status::ON_LEAVE => "call",
        status::ARRIVED => "waiting",
        _ if visit.device_check.is_none() => "device",
        _ if visit.consent.is_none() => "consent",
        _ if visit.intake.is_none() => "intake",
        _ => "waiting",
    }
}

fn merge(into: &mut Value, more: Value) {
    if let (Value::Object(into), Value::Object(more)) = (into, more) {
        into.extend(more);
    }
}

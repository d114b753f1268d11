//! The opinion of an invited clinician: written while the visit is open, signed by name and registration number.

use bianque_model::{Context, ResourceId};
use bianque_store::AuditAction;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::access::{Access, bounded, load, load_as, required};
use super::note::signature;
use super::sign::{document_section as section, seal, type_of as loinc};
use super::visit::{Invitation, Opinion};
use crate::live::What;
use crate::policy::Part;
use crate::{App, Change, Error, instant};

/// A save of the draft.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Save {
    /// The text.
    pub text: String,
    /// The version that was read; 0 when there was none.
    pub version: u64,
}

/// What the consultant repeats to sign.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Signing {
    /// Their name as invited.
    pub name: String,
    /// Their registration number as given on the way in.
    pub registration: String,
}

/// The consultant's own opinion, or for a clinician of the visit all of them.
pub async fn read(app: &App, context: &Context, visit: &ResourceId) -> Result<Value, Error> {
    let access = load(app, context, visit).await?;
    crate::policy::only(access.part, &[Part::Clinician, Part::Consultant])?;
    app.audit_read(context, "opinion.read", &access.visit.value.patient, &access.entity()).await?;
    let own = access.invitation.as_ref();
    let invitations = access.visit.value.invitations.iter();
    let shown: Vec<Value> =
        invitations.filter(|one| own.is_none_or(|own| one.id == *own)).filter_map(show).collect();
    Ok(json!({"opinion": shown.last(), "opinions": shown}))
}

/// Saves the draft.
pub async fn save(app: &App, context: &Context, visit: &ResourceId, save: Save) -> Result<Value, Error> {
    let mut access = load_as(app, context, visit, &[Part::Consultant]).await?;
    let text = bounded("text", &save.text, 20_000)?;
    let invitation = own_mut(&mut access)?;
    let version = unsigned_version(invitation)?;
    if version != save.version {
        return Err(Error::conflict("opinion.changed", "the opinion was saved elsewhere; read it again"));
    }
    invitation.opinion = Some(Opinion { version: version + 1, text, signed: None });
    let shown = show(invitation);
    let mut change = Change::new(app, context);
    change.update(&access.visit)?;
    change.audit(AuditAction::U, "opinion.save", Some(&access.visit.value.patient), &access.entity());
    change.commit().await?;
    access.tell(app, context, What::Message(json!({"t": "opinion", "state": "draft"})));
    Ok(json!({"opinion": shown}))
}

/// Signs: a Composition of its own, the Task completed with it.
pub async fn sign(
    app: &App,
    context: &Context,
    visit: &ResourceId,
    signing: Signing,
) -> Result<Value, Error> {
    let mut access = load_as(app, context, visit, &[Part::Consultant]).await?;
    let registration = required("registration", &signing.registration, 64)?;
    let invitation = own_mut(&mut access)?;
    unsigned_version(invitation)?;
    if bianque_query::fold(&signing.name) != bianque_query::fold(&invitation.name) {
        return Err(Error::field("opinion.name", "name", "this is not the name that was invited"));
    }
    if bianque_query::fold(&registration) != bianque_query::fold(&invitation.registration) {
        let message = "this is not the registration number that was given on the way in";
        return Err(Error::field("opinion.registration", "registration", message));
    }
    let text = invitation.opinion.as_ref().map(|opinion| opinion.text.trim()).unwrap_or_default();
    let text = required("text", text, 20_000)?;
    let invitation = invitation.clone();
    let composition = composition(&access, context, &invitation, &text);
    let signer = seal::Signer {
        practitioner: invitation.practitioner.clone(),
        name: format!("{} ({registration})", invitation.name),
        organization: invitation.organization.clone(),
        organization_name: invitation.organization_name.clone(),
    };
    let sealed = seal::seal(app, context, &signer, std::slice::from_ref(&composition))?;
    let mut change = Change::new(app, context);
    change.create(&composition)?;
    change.create(&sealed.provenance)?;
    complete_task(app, context, &invitation, &composition, &mut change).await?;
    if !invitation.has_account {
        keep_registration(app, context, &invitation, &registration, &mut change).await?;
    }
    let own = own_mut(&mut access)?;
    if let Some(opinion) = &mut own.opinion {
        opinion.signed = Some(sealed.signature);
    }
    let shown = show(own);
    change.update(&access.visit)?;
    change.audit(AuditAction::C, "opinion.sign", Some(&access.visit.value.patient), &access.entity());
    change.event("opinion.signed", visit.as_str(), &json!({"visit": visit, "invitation": invitation.id}));
    change.commit().await?;
    access.tell(app, context, What::Message(json!({"t": "opinion", "state": "signed"})));
    access.tell(app, context, What::Visit);
    Ok(json!({"opinion": shown}))
}

/// An opinion for screens; none before the first save.
pub fn show(invitation: &Invitation) -> Option<Value> {
    let opinion = invitation.opinion.as_ref()?;
    Some(json!({
        "text": opinion.text,
        "version": opinion.version,
        "signed_at": opinion.signed.as_ref().map(|signed| instant::text(signed.at)),
        "signature": opinion.signed.as_ref().map(signature),
        "by": invitation.name,
        "organization": invitation.organization_name,
        "question": invitation.question,
    }))
}

fn own_mut(access: &mut Access) -> Result<&mut Invitation, Error> {
    let id = access.invitation.as_ref().ok_or_else(Error::forbidden)?;
    access.visit.value.invitation_mut(id).ok_or_else(Error::not_found)
}

fn unsigned_version(invitation: &Invitation) -> Result<u64, Error> {
    match &invitation.opinion {
        Some(opinion) if opinion.signed.is_some() => {
            Err(Error::conflict("opinion.signed", "a signed opinion is locked"))
        }
        other => Ok(other.as_ref().map_or(0, |opinion| opinion.version)),
    }
}

fn composition(access: &Access, context: &Context, invitation: &Invitation, text: &str) -> Value {
    let visit = &access.visit.value;
    json!({
        "resourceType": "Composition",
        "id": Uuid::now_v7(),
        "status": "final",
        "type": loinc("11488-4", "Consult note"),
        "subject": {"reference": format!("Patient/{}", visit.patient)},
        "encounter": {"reference": format!("Encounter/{}", visit.id)},
        "date": instant::text(context.now),
        "author": [{
            "reference": format!("Practitioner/{}", invitation.practitioner), "display": invitation.name,
        }],
        "title": "Opinion",
        "custodian": {"reference": format!("Organization/{}", visit.organization)},
        "section": [
            section("42349-1", "Reason for referral", &invitation.question),
            section("51848-0", "Assessment", text),
        ],
    })
}

async fn complete_task(
    app: &App,
    context: &Context,
    invitation: &Invitation,
    composition: &Value,
    change: &mut Change<'_>,
) -> Result<(), Error> {
    let mut task = app.resource(context.tenant, "Task", &invitation.task).await?;
    let reference = format!("Composition/{}", composition["id"].as_str().unwrap_or_default());
    task.value["status"] = json!("completed");
    task.value["lastModified"] = json!(instant::text(context.now));
    task.value["output"] = json!([{"type": {"text": "Opinion"}, "valueReference": {"reference": reference}}]);
    change.replace(&task.value, task.version)?;
    let mut request = app.resource(context.tenant, "ServiceRequest", &invitation.id).await?;
    request.value["status"] = json!("completed");
    change.replace(&request.value, request.version)
}

async fn keep_registration(
    app: &App,
    context: &Context,
    invitation: &Invitation,
    registration: &str,
    change: &mut Change<'_>,
) -> Result<(), Error> {
    let mut practitioner = app.resource(context.tenant, "Practitioner", &invitation.practitioner).await?;
    practitioner.value["qualification"] = json!([{
        "identifier": [{"value": registration}], "code": {"text": "Registered clinician, as stated"},
    }]);
    change.replace(&practitioner.value, practitioner.version)
}

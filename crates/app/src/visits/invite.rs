//! Ask a specialist or a clinician of another institution about this visit: ServiceRequest, Task, and a link for who
//! has no account.

use bianque_model::{Context, ResourceId};
use bianque_store::AuditAction;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::access::{Access, load_as, required};
use super::visit::{Invitation, Join};
use super::{encounter, link, view};
use crate::directory::practitioners;
use crate::live::What;
use crate::people::display_name;
use crate::policy::{self, Part};
use crate::{App, Change, Error, instant};

/// Invitations of one visit.
const MOST: usize = 8;

/// Who is invited, and what they are asked.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Inviting {
    /// A clinician or specialist with an account here, who finds the question in their list; none: somebody who
    /// comes by link.
    pub practitioner_id: Option<ResourceId>,
    /// The clinician's name; they repeat it when they open the link. Left out for who has an account.
    #[serde(default)]
    pub name: String,
    /// Their institution. Left out for who has an account.
    pub organization_id: Option<ResourceId>,
    /// Where the link is sent, for the record; mail is not sent by this server.
    pub email: Option<String>,
    /// The question.
    pub question: String,
}

/// Invites; answers the invitation, and its link for who comes by one.
pub async fn invite(
    app: &App,
    context: &Context,
    visit: &ResourceId,
    inviting: Inviting,
) -> Result<Value, Error> {
    let mut access = load_as(app, context, visit, &[Part::Clinician]).await?;
    if !encounter::is_open(&access.encounter.value) {
        return Err(Error::conflict("visit.state", "the visit has ended"));
    }
    if access.visit.value.invitations.len() >= MOST {
        return Err(Error::conflict(
            "invitation.too-many",
            format!("a visit has at most {MOST} invitations"),
        ));
    }
    let asked = Asked::read(app, context, &access, &inviting).await?;
    let unknown = |_| Error::field("organization.unknown", "organization_id", "no such institution");
    let organization =
        app.resource(context.tenant, "Organization", &asked.organization).await.map_err(unknown)?;
    let has_account = asked.practitioner.is_some();
    let invitation = Invitation {
        id: Uuid::now_v7().into(),
        task: Uuid::now_v7().into(),
        practitioner: asked.practitioner.unwrap_or_else(|| Uuid::now_v7().into()),
        organization: asked.organization,
        organization_name: display_name(&organization.value),
        name: asked.name,
        question: required("question", &inviting.question, 2000)?,
        join: Join::default(),
        registration: asked.registration,
        revoked: false,
        opinion: None,
        has_account,
    };
    let mut change = Change::new(app, context);
    if !has_account {
        change.create(&practitioner(&invitation, inviting.email.as_deref()))?;
    }
    change.create(&service_request(&access, context, &invitation)?)?;
    change.create(&task(&access, context, &invitation)?)?;
    access.visit.value.invitations.push(invitation.clone());
    change.update(&access.visit)?;
    let entity = format!("ServiceRequest/{}", invitation.id);
    change.audit(AuditAction::C, "visit.invite", Some(&access.visit.value.patient), &entity);
    change.commit().await?;
    access.tell(app, context, What::Visit);
    let url =
        (!has_account).then(|| link::consultant_url(app, context.tenant, &access.visit.value, &invitation));
    Ok(json!({"invitation": view::invitation(&access.visit.value, &invitation), "url": url}))
}

/// Who is asked.
struct Asked {
    /// Their Practitioner, where they have an account.
    practitioner: Option<ResourceId>,
    name: String,
    organization: ResourceId,
    registration: String,
}

impl Asked {
    async fn read(app: &App, context: &Context, access: &Access, inviting: &Inviting) -> Result<Self, Error> {
        let Some(id) = &inviting.practitioner_id else {
            let missing = || Error::field("field.required", "organization_id", "say of which institution");
            return Ok(Self {
                practitioner: None,
                name: required("name", &inviting.name, 200)?,
                organization: inviting.organization_id.clone().ok_or_else(missing)?,
                registration: String::new(),
            });
        };
        let unknown = || Error::field("practitioner.unknown", "practitioner_id", "nobody to ask by this id");
        if access.visit.value.practitioner == *id {
            return Err(unknown());
        }
        let account = practitioners::account_of(app, context, id).await?.ok_or_else(unknown)?;
        Ok(Self {
            practitioner: Some(id.clone()),
            name: account.name,
            organization: account.organization,
            registration: account.registration,
        })
    }
}

/// Takes an invitation back: its link and its reader are out at once.
pub async fn revoke(app: &App, context: &Context, visit: &ResourceId, id: &ResourceId) -> Result<(), Error> {
    let mut access = load_as(app, context, visit, &[Part::Clinician]).await?;
    let invitation = access.visit.value.invitation_mut(id).ok_or_else(Error::not_found)?;
    invitation.revoked = true;
    let (task_id, request_id) = (invitation.task.clone(), invitation.id.clone());
    let mut change = Change::new(app, context);
    let mut task = app.resource(context.tenant, "Task", &task_id).await?;
    if task.value["status"] != "completed" {
        task.value["status"] = json!("cancelled");
        change.replace(&task.value, task.version)?;
        let mut request = app.resource(context.tenant, "ServiceRequest", &request_id).await?;
        request.value["status"] = json!("revoked");
        change.replace(&request.value, request.version)?;
    }
    change.update(&access.visit)?;
    let entity = format!("ServiceRequest/{id}");
    change.audit(AuditAction::U, "visit.revoke", Some(&access.visit.value.patient), &entity);
    change.commit().await?;
    access.tell(app, context, What::Over { participant: Some(id.to_string()), code: "link.replaced" });
    access.tell(app, context, What::Visit);
    Ok(())
}

fn practitioner(invitation: &Invitation, email: Option<&str>) -> Value {
    let mut practitioner = json!({
        "resourceType": "Practitioner",
        "id": invitation.practitioner,
        "active": true,
        "name": [{"text": invitation.name}],
    });
    if let Some(email) = email.map(str::trim).filter(|email| !email.is_empty()) {
        practitioner["telecom"] = json!([{"system": "email", "value": email}]);
    }
    practitioner
}

fn service_request(access: &Access, context: &Context, invitation: &Invitation) -> Result<Value, Error> {
    let visit = &access.visit.value;
    let clinician = policy::clinician(context)?;
    Ok(json!({
        "resourceType": "ServiceRequest",
        "id": invitation.id,
        "status": "active",
        "intent": "order",
        "category": [{"coding": [{"system": "http://snomed.info/sct", "code": "11429006", "display": "Consultation"}]}],
        "code": {"text": invitation.question},
        "subject": {"reference": format!("Patient/{}", visit.patient)},
        "encounter": {"reference": format!("Encounter/{}", visit.id)},
        "authoredOn": instant::text(context.now),
        "requester": {"reference": format!("Practitioner/{}", clinician.practitioner)},
        "performer": [
            {"reference": format!("Practitioner/{}", invitation.practitioner), "display": invitation.name},
            {"reference": format!("Organization/{}", invitation.organization)},
        ],
    }))
}

fn task(access: &Access, context: &Context, invitation: &Invitation) -> Result<Value, Error> {
    let visit = &access.visit.value;
    let clinician = policy::clinician(context)?;
    Ok(json!({
        "resourceType": "Task",
        "id": invitation.task,
        "status": "requested",
        "intent": "order",
        "focus": {"reference": format!("ServiceRequest/{}", invitation.id)},
        "for": {"reference": format!("Patient/{}", visit.patient)},
        "encounter": {"reference": format!("Encounter/{}", visit.id)},
        "authoredOn": instant::text(context.now),
        "requester": {"reference": format!("Practitioner/{}", clinician.practitioner)},
        "owner": {"reference": format!("Practitioner/{}", invitation.practitioner), "display": invitation.name},
    }))
}

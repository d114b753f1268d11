//! Consent to a remote visit: a versioned text in both languages, who agreed, how, when.

use bianque_model::{Actor, Context, ResourceId, TenantId};
use bianque_store::AuditAction;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::access::{load_as, one_of, required};
use super::encounter::status;
use super::visit::ConsentGiven;
use super::{Visit, consent_text};
use crate::live::What;
use crate::policy::Part;
use crate::{App, Change, Error, ErrorKind, instant};

/// The version that came with the program: in force until an administrator publishes another.
pub const VERSION: &str = "2026-02";

/// An agreement as the patient's page sends it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Agreement {
    /// The version that was read.
    pub version: String,
    /// `en` or `zh-CN`.
    pub language: String,
    /// Must be true.
    pub agreed: bool,
    /// `patient` or `guardian`.
    pub by: String,
    /// The name of whoever agreed.
    pub name: String,
}

/// The text of every institution without one of its own, and its version; for anybody.
pub async fn for_all(app: &App, tenant: TenantId) -> Result<Value, Error> {
    Ok(consent_text::current(app, tenant, None, app.clock.now()).await?.shown())
}

/// The text of a visit and its version.
pub async fn text(app: &App, context: &Context, visit: &ResourceId) -> Result<Value, Error> {
    let access = load_as(app, context, visit, &[Part::Patient]).await?;
    let organization = &access.visit.value.organization;
    Ok(consent_text::current(app, context.tenant, Some(organization), context.now).await?.shown())
}

/// Records the agreement as a Consent resource and with the visit.
pub async fn give(
    app: &App,
    context: &Context,
    visit: &ResourceId,
    agreement: Agreement,
) -> Result<(), Error> {
    let mut access = load_as(app, context, visit, &[Part::Patient]).await?;
    access.must_be(&[status::PLANNED, status::ARRIVED, status::IN_PROGRESS, status::ON_LEAVE])?;
    if !agreement.agreed {
        return Err(Error::field("consent.needed", "agreed", "a remote visit needs consent"));
    }
    let organization = &access.visit.value.organization;
    let text = consent_text::current(app, context.tenant, Some(organization), context.now).await?;
    if agreement.version != text.version {
        let error = Error::new(ErrorKind::Conflict, "consent.version", "the text has changed; read it again");
        return Err(error.with_details(json!({"version": text.version})));
    }
    one_of("by", &agreement.by, &["patient", "guardian"])?;
    one_of("language", &agreement.language, &["en", "zh-CN"])?;
    let given = ConsentGiven {
        id: Uuid::now_v7().into(),
        version: agreement.version,
        language: agreement.language,
        by: agreement.by,
        name: required("name", &agreement.name, 200)?,
        at: context.now,
    };
    let mut change = Change::new(app, context);
    let performer = match &context.actor {
        Actor::VisitProxy { person, .. } => format!("RelatedPerson/{person}"),
        _ => format!("Patient/{}", access.visit.value.patient),
    };
    let attachment = text.attachment(&given.language);
    change.create(&resource(&access.visit.value, &given, &performer, &attachment))?;
    access.visit.value.consent = Some(given);
    change.update(&access.visit)?;
    change.audit(AuditAction::C, "visit.consent", Some(&access.visit.value.patient), &access.entity());
    change.commit().await?;
    access.tell(app, context, What::Visit);
    Ok(())
}

fn resource(visit: &Visit, given: &ConsentGiven, performer: &str, attachment: &Value) -> Value {
    json!({
        "resourceType": "Consent",
        "id": given.id,
        "status": "active",
        "scope": {"coding": [{
            "system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "treatment",
        }]},
        "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0", "display": "Consent Document"}]}],
        "patient": {"reference": format!("Patient/{}", visit.patient)},
        "dateTime": instant::text(given.at),
        "performer": [{
            "reference": performer,
            "display": format!("{} ({})", given.name, given.by),
        }],
        "organization": [{"reference": format!("Organization/{}", visit.organization)}],
        "sourceAttachment": attachment,
        "policyRule": {"text": format!("Remote visit {}, version {}", visit.id, given.version)},
        "provision": {
            "type": "permit",
            "data": [{"meaning": "related", "reference": {"reference": format!("Encounter/{}", visit.id)}}],
        },
    })
}

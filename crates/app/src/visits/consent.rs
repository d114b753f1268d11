//! Consent to a remote visit: a versioned text in both languages, who agreed, how, when.

use bianque_model::{Actor, Context, ResourceId};
use bianque_store::AuditAction;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Visit;
use super::access::{load_as, one_of, required};
use super::encounter::status;
use super::visit::ConsentGiven;
use crate::live::What;
use crate::policy::Part;
use crate::{App, Change, Error, ErrorKind, instant};

/// The text that is agreed to now. A changed text gets a new version; old ones stay named in the records.
pub const VERSION: &str = "2026-01";

const TEXT_EN: &str = include_str!("consent.en.txt");
const TEXT_ZH: &str = include_str!("consent.zh.txt");

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

/// The text and its version.
pub fn current() -> Value {
    json!({"version": VERSION, "text": {"en": TEXT_EN, "zh": TEXT_ZH}})
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
    if agreement.version != VERSION {
        let error = Error::new(ErrorKind::Conflict, "consent.version", "the text has changed; read it again");
        return Err(error.with_details(json!({"version": VERSION})));
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
    change.create(&resource(&access.visit.value, &given, &performer))?;
    access.visit.value.consent = Some(given);
    change.update(&access.visit)?;
    change.audit(AuditAction::C, "visit.consent", Some(&access.visit.value.patient), &access.entity());
    change.commit().await?;
    access.tell(app, context, What::Visit);
    Ok(())
}

fn resource(visit: &Visit, given: &ConsentGiven, performer: &str) -> Value {
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
        "sourceAttachment": {
            "contentType": "text/plain",
            "language": given.language,
            "title": format!("Consent to a remote visit, version {}", given.version),
        },
        "policyRule": {"text": format!("Remote visit {}, version {}", visit.id, given.version)},
        "provision": {
            "type": "permit",
            "data": [{"meaning": "related", "reference": {"reference": format!("Encounter/{}", visit.id)}}],
        },
    })
}

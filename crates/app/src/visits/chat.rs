//! Messages of a visit, typed or spoken, kept as Communications.

use bianque_model::{Context, ResourceId};
use bianque_store::{AuditAction, CommitError};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::access::{Access, load, required};
use super::presence::Participant;
use super::{encounter, view};
use crate::live::What;
use crate::{App, Change, Error, ErrorKind, instant, voice};

/// Characters of one message.
const LONGEST: usize = 4000;

/// A message as it is sent.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// What is said.
    pub text: String,
}

/// Sends a message. The same idempotency key sends it once.
pub async fn send(
    app: &App,
    context: &Context,
    visit: &ResourceId,
    message: Message,
    idempotency_key: &str,
) -> Result<Value, Error> {
    let access = load(app, context, visit).await?;
    if !encounter::is_open(&access.encounter.value) {
        return Err(Error::conflict("visit.state", "the visit has ended"));
    }
    let text = required("text", &message.text, LONGEST)?;
    let sender = view::participant(app, context, &access).await?;
    let id = message_id(visit, &sender.id, idempotency_key)?;
    let communication = resource(&access, context, &id, &sender, &json!([{"contentString": text}]));
    let mut change = Change::new(app, context);
    change.create(&communication)?;
    let entity = format!("Communication/{id}");
    change.audit(AuditAction::C, "visit.chat", Some(&access.visit.value.patient), &entity);
    match change.try_commit().await {
        Ok(_) => tell(app, context, &access, &communication),
        // The same key: it was said before.
        Err(CommitError::Version { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    of_visit(app, context, visit).await
}

/// All messages of a visit, oldest first.
pub async fn list(app: &App, context: &Context, visit: &ResourceId) -> Result<Value, Error> {
    let access = load(app, context, visit).await?;
    app.audit_read(context, "visit.chat", &access.visit.value.patient, &access.entity()).await?;
    of_visit(app, context, visit).await
}

/// The messages for a reader who is authorised and audited already.
pub async fn of_visit(app: &App, context: &Context, visit: &ResourceId) -> Result<Value, Error> {
    let messages = app.referring(context, "Communication", "encounter", ("Encounter", visit)).await?;
    let mut shown: Vec<Value> = messages.iter().map(|message| show(visit, &message.value)).collect();
    shown.sort_by(|a, b| a["at"].as_str().cmp(&b["at"].as_str()));
    Ok(json!({"messages": shown}))
}

/// Tells everyone in the visit of a message that was kept.
pub(crate) fn tell(app: &App, context: &Context, access: &Access, communication: &Value) {
    let shown = show(&access.visit.value.id, communication);
    access.tell(app, context, What::Message(json!({"t": "chat", "message": shown})));
}

/// One key of one sender is one message, whatever happens on the way.
fn message_id(visit: &ResourceId, sender: &str, key: &str) -> Result<ResourceId, Error> {
    if !(8..=128).contains(&key.len()) {
        let message = "an idempotency-key header of 8 to 128 characters is needed";
        return Err(Error::new(ErrorKind::Malformed, "idempotency-key", message));
    }
    let digest = blake3::hash(format!("chat|{visit}|{sender}|{key}").as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest.as_bytes()[..16]);
    Ok(uuid::Builder::from_custom_bytes(bytes).into_uuid().into())
}

/// A message as its Communication.
pub(crate) fn resource(
    access: &Access,
    context: &Context,
    id: &ResourceId,
    sender: &Participant,
    payload: &Value,
) -> Value {
    let visit = &access.visit.value;
    let agent = bianque_store::agent_of(context).0;
    json!({
        "resourceType": "Communication",
        "id": id,
        "identifier": [{"system": "https://bianque.example/fhir/participant", "value": sender.id}],
        "status": "completed",
        "category": [{"coding": [{
            "system": "http://terminology.hl7.org/CodeSystem/communication-category", "code": "notification",
        }], "text": sender.role}],
        "subject": {"reference": format!("Patient/{}", visit.patient)},
        "encounter": {"reference": format!("Encounter/{}", visit.id)},
        "sent": instant::text(context.now),
        "sender": {"reference": agent, "display": sender.name},
        "payload": payload,
    })
}

fn show(visit: &ResourceId, message: &Value) -> Value {
    json!({
        "id": message["id"],
        "by": {
            "id": message["identifier"][0]["value"],
            "name": message["sender"]["display"],
            "role": message["category"][0]["text"],
        },
        "text": message["payload"][0]["contentString"].as_str().unwrap_or_default(),
        "clip": voice::shown(visit, message),
        "at": message["sent"],
    })
}

//! A voice clip as the server keeps it, and as a message.

use bianque_model::{BlobId, ResourceId, Timestamp};
use bianque_store::StateKey;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::aggregate::{Aggregate, shared};
use crate::instant;

/// R4 gives an attachment no length in time; R5 has `Attachment.duration`, seconds.
const DURATION: &str = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Attachment.duration";

/// A voice clip; its id is its Communication's, and its Binary's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clip {
    /// The Communication.
    pub id: ResourceId,
    /// The visit.
    pub visit: ResourceId,
    /// The patient.
    pub patient: ResourceId,
    /// Who said it, as participant.
    pub by: String,
    /// When it was complete.
    pub at: Timestamp,
    /// The media type, by its own bytes.
    pub content_type: String,
    /// Bytes.
    pub size: u64,
    /// How long it is, ms, as its sender's browser measured it.
    pub duration_ms: u32,
    /// The bytes.
    pub blob: BlobId,
}

impl Aggregate for Clip {
    const KIND: &'static str = "voice-clip";
    const ABOUT_PATIENT: bool = true;

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn keys(&self) -> Vec<StateKey> {
        vec![shared("visit", self.visit.as_str()), shared("patient", self.patient.as_str())]
    }
}

impl Clip {
    /// `Clip` of the API.
    pub fn show(&self) -> Value {
        json!({
            "id": self.id,
            "visit_id": self.visit,
            "by": self.by,
            "at": instant::text(self.at),
            "content_type": self.content_type,
            "size": self.size,
            "duration_ms": self.duration_ms,
            "url": address(&self.visit, self.id.as_str()),
        })
    }
}

/// The payload of its Communication.
pub fn message(clip: &Clip, sha1: &[u8]) -> Value {
    use base64::Engine;
    json!([{"contentAttachment": {
        "extension": [{"url": DURATION, "valueDecimal": f64::from(clip.duration_ms) / 1e3}],
        "contentType": clip.content_type,
        "url": format!("Binary/{}", clip.id),
        "size": clip.size,
        "hash": base64::engine::general_purpose::STANDARD.encode(sha1),
        "creation": instant::text(clip.at),
    }}])
}

/// The clip of a Communication as messages show it; null: it is a text.
pub fn shown(visit: &ResourceId, communication: &Value) -> Value {
    let attachment = &communication["payload"][0]["contentAttachment"];
    let Some(id) = communication["id"].as_str().filter(|_| attachment.is_object()) else {
        return Value::Null;
    };
    let seconds = attachment["extension"][0]["valueDecimal"].as_f64().unwrap_or_default();
    json!({
        "content_type": attachment["contentType"],
        "size": attachment["size"],
        "duration_ms": (seconds * 1e3).round(),
        "url": address(visit, id),
    })
}

fn address(visit: &ResourceId, id: &str) -> String {
    format!("/api/visits/{visit}/clips/{id}")
}

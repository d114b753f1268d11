//! A photo as the server keeps it: the link between its DocumentReference and its sealed bytes.

use bianque_model::{BlobId, ResourceId, Timestamp};
use bianque_store::StateKey;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::aggregate::{Aggregate, shared};
use crate::instant;

/// Where on the body a photo was taken, with its SNOMED CT code where there is one.
pub const BODY_SITES: [(&str, &str); 15] = [
    ("skin", "39937001"),
    ("face", "89545001"),
    ("eye", "81745001"),
    ("mouth", "123851003"),
    ("throat", "49928004"),
    ("chest", "51185008"),
    ("abdomen", "818983003"),
    ("back", "77568009"),
    ("arm", "40983000"),
    ("hand", "85562004"),
    ("leg", "30021000"),
    ("foot", "56459004"),
    ("wound", ""),
    ("document", ""),
    ("other", ""),
];
/// Sides of the body, with their SNOMED CT codes.
pub const SIDES: [(&str, &str); 4] =
    [("left", "7771000"), ("right", "24028007"), ("both", "51440002"), ("none", "")];

/// A photo; its id is its DocumentReference's, and its Binary's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Photo {
    /// The DocumentReference.
    pub id: ResourceId,
    /// The visit.
    pub visit: ResourceId,
    /// The patient.
    pub patient: ResourceId,
    /// Who sent it, as participant.
    pub by: String,
    /// When it was complete.
    pub at: Timestamp,
    /// The media type, by its own bytes.
    pub content_type: String,
    /// Bytes.
    pub size: u64,
    /// Where on the body.
    pub body_site: String,
    /// Which side.
    pub side: String,
    /// The original.
    pub blob: BlobId,
    /// The preview, once there is one.
    pub preview: Option<BlobId>,
    /// No preview can be made.
    pub no_preview: bool,
    /// Width of the upright picture, px; none while unknown.
    pub width: Option<u32>,
    /// Height, px.
    pub height: Option<u32>,
}

impl Aggregate for Photo {
    const KIND: &'static str = "photo";
    const ABOUT_PATIENT: bool = true;

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn keys(&self) -> Vec<StateKey> {
        vec![shared("visit", self.visit.as_str()), shared("patient", self.patient.as_str())]
    }
}

impl Photo {
    /// `Photo` of the API.
    pub fn show(&self) -> Value {
        let base = format!("/api/visits/{}/photos/{}", self.visit, self.id);
        json!({
            "id": self.id,
            "visit_id": self.visit,
            "by": self.by,
            "at": instant::text(self.at),
            "content_type": self.content_type,
            "size": self.size,
            "width": self.width,
            "height": self.height,
            "body_site": self.body_site,
            "side": self.side,
            "preview": !self.no_preview,
            "preview_url": format!("{base}/preview"),
            "original_url": format!("{base}/original"),
            "state": "ready",
        })
    }

    /// The name of the subject whose key seals its bytes.
    pub fn subject(&self) -> String {
        subject_of(&self.patient)
    }
}

/// The name under which a patient's bytes are sealed.
pub fn subject_of(patient: &ResourceId) -> String {
    format!("Patient/{patient}")
}

//! Authorization codes: one use within a minute, bound to application, address and the PKCE challenge.

use bianque_model::{ResourceId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::App;
use crate::aggregate::Aggregate;
use crate::identity::stored_form;

const PURPOSE: &str = "application-code";
/// A code is good for this long.
pub(super) const LASTS_S: i64 = 60;
/// How long it is known that a code was used.
const KNOWN_S: i64 = 24 * 3600;

/// A code; its id is the stored form of its text.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Code {
    pub(super) id: String,
    pub(super) client: ResourceId,
    pub(super) redirect_uri: String,
    /// SHA-256 of the verifier, URL-safe base64.
    pub(super) challenge: String,
    pub(super) nonce: Option<String>,
    pub(super) user: UserId,
    pub(super) scopes: Vec<String>,
    pub(super) patient: Option<ResourceId>,
    /// The visit that it was opened from.
    #[serde(default)]
    pub(super) encounter: Option<ResourceId>,
    pub(super) session: String,
    pub(super) until: Timestamp,
    /// The grant that came of it, once it was used.
    pub(super) spent: Option<ResourceId>,
}

impl Aggregate for Code {
    const KIND: &'static str = "application-code";
    const ABOUT_PATIENT: bool = true;

    fn id(&self) -> String {
        self.id.clone()
    }

    fn expires(&self) -> Option<Timestamp> {
        Some(self.until.plus_seconds(KNOWN_S))
    }
}

/// The id of the code with this text.
pub(super) fn id_of(app: &App, text: &str) -> String {
    stored_form(app, PURPOSE, text)
}

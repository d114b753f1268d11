//! What the server can do over FHIR (FHIR R4, capabilities).

use bianque_fhir::{Served, Software, capability_statement};
use bianque_model::Timestamp;
use serde_json::Value;

use super::{READ_ONLY, SERVED, base};
use crate::App;
use crate::smart::configuration;

/// The CapabilityStatement. It is for everybody.
pub fn statement(app: &App, now: Timestamp) -> Value {
    let served = SERVED.map(|resource_type| Served { resource_type, writable: resource_type != READ_ONLY });
    let base = base(app);
    let (authorize, token) = (configuration::authorize_url(app), configuration::token_url(app));
    let version = env!("CARGO_PKG_VERSION");
    let software = Software { version, base: &base, now, authorize: &authorize, token: &token };
    capability_statement(software, &served)
}

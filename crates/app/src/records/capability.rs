//! What the server can do over FHIR (FHIR R4, capabilities).

use bianque_fhir::{Served, Software, capability_statement};
use bianque_model::Timestamp;
use serde_json::Value;

use super::{READ_ONLY, SERVED, base};
use crate::App;

/// The CapabilityStatement. It is for everybody.
pub fn statement(app: &App, now: Timestamp) -> Value {
    let served = SERVED.map(|resource_type| Served { resource_type, writable: resource_type != READ_ONLY });
    let base = base(app);
    capability_statement(Software { version: env!("CARGO_PKG_VERSION"), base: &base, now }, &served)
}

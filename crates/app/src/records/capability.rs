//! What the server can do over FHIR (FHIR R4, capabilities).

use bianque_fhir::{Served, Software, capability_statement, resource_types};
use bianque_model::Context;
use serde_json::Value;

use super::{READ_ONLY, base};
use crate::App;
use crate::smart::configuration;

/// The CapabilityStatement. It is for everybody.
pub fn statement(app: &App, context: &Context) -> Value {
    let served = resource_types().iter();
    let served: Vec<Served> =
        served.map(|&resource_type| Served { resource_type, writable: resource_type != READ_ONLY }).collect();
    let tenant = context.tenant;
    let base = base(app, tenant);
    let (authorize, token) =
        (configuration::authorize_url(app, tenant), configuration::token_url(app, tenant));
    let version = env!("CARGO_PKG_VERSION");
    let software = Software { version, base: &base, now: context.now, authorize: &authorize, token: &token };
    capability_statement(software, &served)
}

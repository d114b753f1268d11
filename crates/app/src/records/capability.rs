//! What the server can do over FHIR (FHIR R4, capabilities).

use bianque_fhir::{Operation, Served, Software, capability_statement, resource_types};
use bianque_model::Context;
use serde_json::Value;

use super::{READ_ONLY, base};
use crate::App;
use crate::smart::configuration;

/// Where Bulk Data Access defines its operations.
const BULK_DATA: &str = "http://hl7.org/fhir/uv/bulkdata/OperationDefinition";
/// No standard defines these.
const REINDEX: &str = "https://bianque.example/fhir/OperationDefinition/reindex";
const UNMERGE: &str = "https://bianque.example/fhir/OperationDefinition/Patient-unmerge";
const STATUS: &str = "https://bianque.example/fhir/OperationDefinition/subscription-status";

/// The operation of a route such as `/fhir/ValueSet/{id}/$expand`; none: it is no operation.
pub fn operation(path: &str) -> Option<Operation> {
    let (place, name) = path.strip_prefix("/fhir")?.rsplit_once("/$")?;
    // Below it is what an operation came to.
    if name.contains('/') {
        return None;
    }
    let resource_type = place.trim_start_matches('/').split('/').next().unwrap_or_default();
    let resource_type = if resource_type.starts_with('{') { "Resource" } else { resource_type };
    let owner = if resource_type.is_empty() { "System" } else { resource_type };
    let definition = match (owner, name) {
        ("System", "export") => format!("{BULK_DATA}/export"),
        (of, "export") => format!("{BULK_DATA}/{}-export", of.to_lowercase()),
        (_, "reindex") => REINDEX.to_owned(),
        (_, "unmerge") => UNMERGE.to_owned(),
        ("Subscription", "status") => STATUS.to_owned(),
        _ => format!("http://hl7.org/fhir/OperationDefinition/{owner}-{name}"),
    };
    Some(Operation { resource_type: resource_type.to_owned(), name: name.to_owned(), definition })
}

/// The CapabilityStatement of a server with routes for these operations. It is for everybody.
pub fn statement(app: &App, context: &Context, operations: &[Operation]) -> Value {
    let served = resource_types().iter();
    let served: Vec<Served> = served
        .map(|&resource_type| Served { resource_type, writable: resource_type != READ_ONLY, by: None })
        .collect();
    let tenant = context.tenant;
    let base = base(app, tenant);
    let (authorize, token) =
        (configuration::authorize_url(app, tenant), configuration::token_url(app, tenant));
    // A public URL begins with http, as that of a socket with ws.
    let socket = format!("ws{}/ws", base.strip_prefix("http").unwrap_or_default());
    let version = env!("CARGO_PKG_VERSION");
    let software = Software {
        version,
        base: &base,
        now: context.now,
        socket: &socket,
        authorize: &authorize,
        token: &token,
        operations,
    };
    capability_statement(software, &served)
}

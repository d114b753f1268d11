//! What the server can do over FHIR (FHIR R4, capabilities).

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use bianque_fhir::definitions::Offered;
use bianque_fhir::{Operation, Software, capability_statement};
use bianque_model::{Context, TenantId};

use super::{base, definitions, search_parameters};
use crate::smart::configuration;
use crate::{App, Error};

/// Statements as they were answered last, each with what it was made for.
#[derive(Debug, Default)]
pub struct Statements(Mutex<HashMap<TenantId, Statement>>);

type Statement = (MadeFor, Arc<[u8]>);

#[derive(Debug, PartialEq, Eq)]
struct MadeFor {
    base: String,
    authorize: String,
    token: String,
    /// The generation of the tenant's search parameters.
    generation: u64,
}

/// Where Bulk Data Access defines its operations.
const BULK_DATA: &str = "http://hl7.org/fhir/uv/bulkdata/OperationDefinition";
/// No standard defines these.
const REINDEX: &str = "https://bianque.example/fhir/OperationDefinition/reindex";
const UNMERGE: &str = "https://bianque.example/fhir/OperationDefinition/Patient-unmerge";
const STATUS: &str = "https://bianque.example/fhir/OperationDefinition/subscription-status";

/// The operations of these routes, such as `/fhir/ValueSet/{id}/$expand`.
pub(super) fn offered<'p>(paths: impl Iterator<Item = &'p str>) -> Vec<Offered> {
    let mut all: BTreeMap<String, Offered> = BTreeMap::new();
    for path in paths {
        let Some((Operation { resource_type, name, definition }, place)) = operation(path) else { continue };
        let one = all.entry(definition.clone()).or_insert(Offered {
            name,
            definition,
            resource_types: Vec::new(),
            system: false,
            of_type: false,
            instance: false,
        });
        if !resource_type.is_empty() && !one.resource_types.contains(&resource_type) {
            one.resource_types.push(resource_type);
        }
        match place {
            Place::System => one.system = true,
            Place::Type => one.of_type = true,
            Place::Instance => one.instance = true,
        }
    }
    all.into_values().collect()
}

/// Where an operation is asked.
enum Place {
    System,
    Type,
    Instance,
}

/// The operation of a route; none: it is no operation.
fn operation(path: &str) -> Option<(Operation, Place)> {
    let (place, name) = path.strip_prefix("/fhir")?.rsplit_once("/$")?;
    // Below it is what an operation came to.
    if name.contains('/') {
        return None;
    }
    let mut segments = place.split('/').filter(|segment| !segment.is_empty());
    let (of, place) = match (segments.next(), segments.next()) {
        (None, _) => ("", Place::System),
        (Some(of), None) => (of, Place::Type),
        (Some(of), Some(_)) => (of, Place::Instance),
    };
    let resource_type = if of.starts_with('{') { "Resource" } else { of };
    let owner = if resource_type.is_empty() { "System" } else { resource_type };
    let definition = match (owner, name) {
        ("System", "export") => format!("{BULK_DATA}/export"),
        (of, "export") => format!("{BULK_DATA}/{}-export", of.to_lowercase()),
        (_, "reindex") => REINDEX.to_owned(),
        (_, "unmerge") => UNMERGE.to_owned(),
        ("Subscription", "status") => STATUS.to_owned(),
        _ => format!("http://hl7.org/fhir/OperationDefinition/{owner}-{name}"),
    };
    let operation = Operation { resource_type: resource_type.to_owned(), name: name.to_owned(), definition };
    Some((operation, place))
}

/// The CapabilityStatement of a server with the operations that have routes. It is for everybody, and made once.
pub async fn statement(app: &App, context: &Context) -> Result<Arc<[u8]>, Error> {
    let tenant = context.tenant;
    let in_force = search_parameters::in_force(app, tenant).await?;
    let made_for = MadeFor {
        base: base(app, tenant),
        authorize: configuration::authorize_url(app, tenant),
        token: configuration::token_url(app, tenant),
        generation: in_force.generation,
    };
    let kept = &app.definitions.statements.0;
    if let Some((of, statement)) = kept.lock().unwrap_or_else(PoisonError::into_inner).get(&tenant)
        && *of == made_for
    {
        return Ok(Arc::clone(statement));
    }
    let operations: Vec<Operation> = app.definitions.offered().iter().flat_map(Offered::operations).collect();
    let MadeFor { base, authorize, token, .. } = &made_for;
    // A public URL begins with http, as that of a socket with ws.
    let socket = &format!("ws{}/ws", base.strip_prefix("http").unwrap_or_default());
    let (version, custom) = (env!("CARGO_PKG_VERSION"), &in_force.params);
    let operations = operations.as_slice();
    let software = Software { version, base, now: context.now, socket, authorize, token, operations, custom };
    let statement = capability_statement(software, &definitions::served()).to_string().into_bytes();
    let statement: Arc<[u8]> = statement.into();
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    kept.insert(tenant, (made_for, Arc::clone(&statement)));
    Ok(statement)
}

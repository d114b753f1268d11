//! The CapabilityStatement, written from the tables that searches are read with.

use bianque_model::Timestamp;
use serde_json::{Value, json};

use crate::custom::CustomParams;
use crate::meta::instant;
use crate::resource_types;
use crate::search::{links, refers_to};
use crate::tables::{Param, params};

/// A served resource type.
#[derive(Debug, Clone, Copy)]
pub struct Served {
    /// The type.
    pub resource_type: &'static str,
    /// Whether it can be written over FHIR; else it is read only.
    pub writable: bool,
    /// The codes of the parameters that it can be searched by; none: all that R4 has for it.
    pub by: Option<&'static [&'static str]>,
}

impl Served {
    /// The parameters that it can be searched by, besides those of the store.
    pub(crate) fn params(&self) -> impl Iterator<Item = &'static Param> {
        let by = self.by;
        let searched = params(self.resource_type).iter().filter(|param| param.is_searchable());
        searched.filter(move |param| by.is_none_or(|by| by.contains(&param.code)))
    }
}

/// What the statement says of the server.
#[derive(Debug, Clone, Copy)]
pub struct Software<'a> {
    /// The program's version.
    pub version: &'a str,
    /// The FHIR base, without a `/` at its end.
    pub base: &'a str,
    /// When the statement was made.
    pub now: Timestamp,
    /// The socket of subscriptions.
    pub socket: &'a str,
    /// Where applications ask users.
    pub authorize: &'a str,
    /// Where applications get tokens.
    pub token: &'a str,
    /// The operations that the server has routes for.
    pub operations: &'a [Operation],
    /// The search parameters that the tenant defines.
    pub custom: &'a CustomParams,
}

/// An operation that has a route.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Operation {
    /// The type it is asked of; `Resource`: each; empty: the whole server.
    pub resource_type: String,
    /// Its code, without the `$`.
    pub name: String,
    /// The URL of its definition.
    pub definition: String,
}

/// Compartments that can be searched within.
pub const COMPARTMENTS: [&str; 5] = ["Device", "Encounter", "Patient", "Practitioner", "RelatedPerson"];

/// What the store keeps of every resource, and finds it by: name, kind, definition.
pub(crate) const OWN: [(&str, &str, &str); 2] =
    [("_id", "token", "Resource-id"), ("_lastUpdated", "date", "Resource-lastUpdated")];

/// The CapabilityStatement of a server with these types.
pub fn capability_statement(software: Software<'_>, served: &[Served]) -> Value {
    let resources: Vec<Value> = served.iter().map(|served| resource(*served, software)).collect();
    let system =
        ["transaction", "batch", "history-system", "search-system"].map(|code| json!({"code": code}));
    let common = params("Basic").iter().filter(|param| param.code.starts_with('_') && param.is_searchable());
    let common: Vec<Value> = OWN.into_iter().chain(common.map(named)).map(search_param).collect();
    let mut statement = json!({
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": instant(software.now),
        "publisher": "Bianque",
        "kind": "instance",
        "software": {"name": "Bianque", "version": software.version},
        "implementation": {"description": "Bianque telemedicine server", "url": software.base},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "rest": [{
            "mode": "server",
            "extension": [{
                "url": "http://hl7.org/fhir/StructureDefinition/capabilitystatement-websocket",
                "valueUri": software.socket,
            }],
            "security": {
                "cors": true,
                "extension": [oauth_uris(software)],
                "service": [{"coding": [{
                    "system": "http://terminology.hl7.org/CodeSystem/restful-security-service",
                    "code": "SMART-on-FHIR",
                }]}],
                "description": "Bearer tokens of SMART App Launch 2 and Backend Services, or a session of the web application.",
            },
            "resource": resources,
            "interaction": system,
            "searchParam": common,
            "compartment": COMPARTMENTS.map(|kind| format!("http://hl7.org/fhir/CompartmentDefinition/{kind}")),
        }],
    });
    let of_server = operations(software.operations, "");
    if !of_server.is_empty() {
        statement["rest"][0]["operation"] = of_server.into();
    }
    statement
}

/// The operations of a type, or with an empty name those of the whole server.
fn operations(all: &[Operation], resource_type: &str) -> Vec<Value> {
    let own = all.iter().filter(|operation| operation.resource_type == resource_type);
    own.map(|operation| json!({"name": operation.name, "definition": operation.definition})).collect()
}

/// Where applications turn to, as SMART App Launch 1 wrote it; clients still read it.
fn oauth_uris(software: Software<'_>) -> Value {
    json!({
        "url": "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris",
        "extension": [
            {"url": "authorize", "valueUri": software.authorize},
            {"url": "token", "valueUri": software.token},
        ],
    })
}

fn named(param: &'static Param) -> (&'static str, &'static str, &'static str) {
    (param.code, param.kind.code(), param.definition)
}

fn search_param((name, kind, definition): (&str, &str, &str)) -> Value {
    let definition = format!("http://hl7.org/fhir/SearchParameter/{definition}");
    json!({"name": name, "definition": definition, "type": kind})
}

fn resource(served: Served, software: Software<'_>) -> Value {
    let (resource_type, operations) = (served.resource_type, software.operations);
    let mut interactions = vec!["read", "search-type"];
    if served.writable {
        interactions.extend([
            "vread",
            "history-instance",
            "history-type",
            "create",
            "update",
            "patch",
            "delete",
        ]);
    }
    let interactions: Vec<Value> = interactions.into_iter().map(|code| json!({"code": code})).collect();
    let own = OWN.into_iter().filter(|(code, ..)| served.by.is_none() || *code == "_lastUpdated");
    let mut params: Vec<Value> = own.chain(served.params().map(named)).map(search_param).collect();
    let custom = software.custom.of(resource_type).filter(|param| param.is_ready(resource_type));
    params
        .extend(custom.map(
            |param| json!({"name": param.code(), "definition": param.url(), "type": param.kind.code()}),
        ));
    let own =
        [self::operations(operations, resource_type), self::operations(operations, "Resource")].concat();
    let mut value = json!({
        "type": resource_type,
        "profile": format!("http://hl7.org/fhir/StructureDefinition/{resource_type}"),
        "interaction": interactions,
        "searchParam": params,
    });
    if !own.is_empty() {
        value["operation"] = own.into();
    }
    if served.writable {
        let links = include_names(resource_type);
        if !links.is_empty() {
            value["searchInclude"] = links.into();
        }
        let back = revinclude_names(resource_type);
        if !back.is_empty() {
            value["searchRevInclude"] = back.into();
        }
        value["versioning"] = "versioned".into();
        value["readHistory"] = true.into();
        value["updateCreate"] = true.into();
        value["conditionalCreate"] = true.into();
        value["conditionalRead"] = "full-support".into();
        value["conditionalUpdate"] = true.into();
        value["conditionalDelete"] = "single".into();
        value["referencePolicy"] = json!(["literal", "logical"]);
    }
    value
}

/// What `_include` can follow from a type.
fn include_names(resource_type: &str) -> Vec<String> {
    links(resource_type).map(|param| format!("{resource_type}:{}", param.code)).collect()
}

/// What `_revinclude` can follow to a type. What may refer to any type is left out, since it would stand everywhere.
fn revinclude_names(resource_type: &str) -> Vec<String> {
    let sources = resource_types().iter();
    let back = sources.flat_map(|source| {
        let of_source =
            links(source).filter(|param| !param.targets.is_empty() && refers_to(param, resource_type));
        of_source.map(move |param| format!("{source}:{}", param.code))
    });
    back.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_statement_is_valid() {
        let served = [
            Served { resource_type: "Patient", writable: true, by: None },
            Served { resource_type: "AuditEvent", writable: false, by: Some(&["date", "patient"]) },
        ];
        let software = Software {
            version: "0.1.0",
            base: "http://b/fhir",
            now: Timestamp(0),
            socket: "ws://b/fhir/ws",
            authorize: "http://b/a",
            token: "http://b/t",
            custom: CustomParams::none(),
            operations: &[Operation {
                resource_type: "Patient".into(),
                name: "everything".into(),
                definition: "http://hl7.org/fhir/OperationDefinition/Patient-everything".into(),
            }],
        };
        let statement = capability_statement(software, &served);
        assert_eq!(crate::validate(&statement), []);
        insta::assert_json_snapshot!(statement);
    }
}

//! The CapabilityStatement, written from the tables that searches are read with.

use bianque_model::Timestamp;
use serde_json::{Value, json};

use crate::meta::instant;
use crate::tables::params;

/// A served resource type.
#[derive(Debug, Clone, Copy)]
pub struct Served {
    /// The type.
    pub resource_type: &'static str,
    /// Whether it can be written over FHIR; else it is read only.
    pub writable: bool,
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
    /// Where applications ask users.
    pub authorize: &'a str,
    /// Where applications get tokens.
    pub token: &'a str,
}

/// The CapabilityStatement of a server with these types.
pub fn capability_statement(software: Software<'_>, served: &[Served]) -> Value {
    let resources: Vec<Value> = served.iter().map(|served| resource(*served)).collect();
    json!({
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
        }],
    })
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

fn resource(served: Served) -> Value {
    let mut interactions = vec!["read", "search-type"];
    if served.writable {
        interactions.extend(["vread", "history-instance", "create", "update", "delete"]);
    }
    let interactions: Vec<Value> = interactions.into_iter().map(|code| json!({"code": code})).collect();
    let own = [("_id", "token", "Resource-id"), ("_lastUpdated", "date", "Resource-lastUpdated")];
    let supported = params(served.resource_type).iter().filter(|param| param.is_searchable());
    let params: Vec<Value> = own
        .into_iter()
        .chain(supported.map(|param| (param.code, param.kind.code(), param.definition)))
        .map(|(name, kind, definition)| {
            let definition = format!("http://hl7.org/fhir/SearchParameter/{definition}");
            json!({"name": name, "definition": definition, "type": kind})
        })
        .collect();
    let mut value = json!({
        "type": served.resource_type,
        "profile": format!("http://hl7.org/fhir/StructureDefinition/{}", served.resource_type),
        "interaction": interactions,
        "searchParam": params,
    });
    let operations = operations(served.resource_type);
    if !operations.is_empty() {
        value["operation"] = operations.into();
    }
    if served.writable {
        value["versioning"] = "versioned".into();
        value["readHistory"] = true.into();
        value["updateCreate"] = true.into();
        value["conditionalCreate"] = true.into();
        value["conditionalUpdate"] = false.into();
        value["conditionalDelete"] = "not-supported".into();
        value["referencePolicy"] = json!(["literal", "logical"]);
    }
    value
}

/// The operations of a type, as R4 defines them.
fn operations(resource_type: &str) -> Vec<Value> {
    let names: &[&str] = match resource_type {
        "CodeSystem" => &["lookup", "subsumes", "validate-code"],
        "ValueSet" => &["expand", "validate-code"],
        _ => &[],
    };
    let operation = |name: &&str| {
        let definition = format!("http://hl7.org/fhir/OperationDefinition/{resource_type}-{name}");
        json!({"name": name, "definition": definition})
    };
    names.iter().map(operation).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_statement_is_valid() {
        let served = [
            Served { resource_type: "Patient", writable: true },
            Served { resource_type: "AuditEvent", writable: false },
        ];
        let software = Software {
            version: "0.1.0",
            base: "http://b/fhir",
            now: Timestamp(0),
            authorize: "http://b/a",
            token: "http://b/t",
        };
        let statement = capability_statement(software, &served);
        assert_eq!(crate::validate(&statement), []);
        insta::assert_json_snapshot!(statement);
    }
}

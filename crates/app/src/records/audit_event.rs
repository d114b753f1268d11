//! AuditEvent: what the audit rows say, in the shape of IHE's Basic Audit Log Patterns.

use bianque_fhir::bundle::Version;
use bianque_model::{Context, ResourceId, Timestamp};
use bianque_store::{AuditAction, AuditQuery, AuditRow};
use serde_json::{Value, json};

use super::{READ_ONLY, Record};
use crate::change::audit_row;
use crate::{App, Error, instant};

const EVENT_TYPE: &str = "http://terminology.hl7.org/CodeSystem/audit-event-type";

/// The event of one row. Looking at the audit is audited too.
pub(super) async fn read(app: &App, context: &Context, id: &ResourceId) -> Result<Record, Error> {
    let sequence: u64 = id.as_str().parse().map_err(|_| Error::not_found())?;
    let query = AuditQuery { before: sequence.checked_add(1), limit: 1, ..AuditQuery::default() };
    let found = app.store.audit(context.tenant, query).await?.into_iter().next();
    let (_, row) = found.filter(|(found, _)| *found == sequence).ok_or_else(Error::not_found)?;
    let look = audit_row(context, AuditAction::R, "fhir.read", None, &format!("AuditEvent/{id}"));
    app.store.audit_read(context.tenant, look).await?;
    let event = Event::of(sequence, &row);
    Ok(Record {
        resource_type: READ_ONLY.into(),
        id: id.clone(),
        version: 1,
        last_updated: row.at,
        body: bianque_fhir::to_served(&event.document, 1, row.at),
    })
}

/// A row as a stored resource would be. It has one version, for it never changes.
pub(super) struct Event {
    id: String,
    at: Timestamp,
    document: Vec<u8>,
}

impl Event {
    /// The event of a row.
    pub(super) fn of(sequence: u64, row: &AuditRow) -> Self {
        let document = bianque_fhir::to_stored(&event(sequence, row));
        Self { id: sequence.to_string(), at: row.at, document }
    }

    /// The event as it goes into a Bundle.
    pub(super) fn version(&self) -> Version<'_> {
        Version {
            resource_type: READ_ONLY,
            id: &self.id,
            version: 1,
            last_updated: self.at,
            document: Some(&self.document),
        }
    }
}

/// The AuditEvent of a row.
pub(crate) fn event(sequence: u64, row: &AuditRow) -> Value {
    let outcome = if row.success { "0" } else { "8" };
    let mut entities: Vec<Value> = row.patients.iter().map(patient).collect();
    entities.extend(entity(row));
    let mut event = json!({
        "resourceType": "AuditEvent",
        "id": sequence.to_string(),
        "type": kind(row),
        "subtype": [{"system": "urn:bianque:operation", "code": row.operation}],
        "action": letter(row.action),
        "recorded": instant::text(row.at),
        "outcome": outcome,
        "agent": agents(row),
        "source": {
            "observer": {"display": "Bianque"},
            "type": [{"system": "http://terminology.hl7.org/CodeSystem/security-source-type", "code": "4"}],
        },
    });
    if !row.purpose.is_empty() {
        let coding =
            json!({"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": row.purpose});
        event["purposeOfEvent"] = json!([{"coding": [coding]}]);
    }
    if !entities.is_empty() {
        event["entity"] = Value::Array(entities);
    }
    event
}

fn kind(row: &AuditRow) -> Value {
    if row.operation.starts_with("fhir.") {
        json!({"system": EVENT_TYPE, "code": "rest", "display": "RESTful Operation"})
    } else if row.action == AuditAction::E {
        json!({"system": "http://dicom.nema.org/resources/ontology/DCM", "code": "110114", "display": "User Authentication"})
    } else {
        json!({"system": "http://dicom.nema.org/resources/ontology/DCM", "code": "110110", "display": "Patient Record"})
    }
}

/// Who did it: a resource where there is one, else the name the audit has.
fn agents(row: &AuditRow) -> Vec<Value> {
    let (who, application) = bianque_store::parts_of(&row.agent);
    let mut agents = vec![agent(row, who)];
    agents.extend(application.map(|application| {
        let coding = json!({"system": "http://dicom.nema.org/resources/ontology/DCM", "code": "110150", "display": "Application"});
        json!({"type": {"coding": [coding]}, "requestor": false, "who": subject(application)})
    }));
    agents
}

fn agent(row: &AuditRow, who: &str) -> Value {
    let mut agent = json!({"requestor": true, "who": subject(who)});
    if !row.address.is_empty() {
        agent["network"] = json!({"address": row.address, "type": "2"});
    }
    if !row.organization.is_empty() {
        agent["who"]["display"] = format!("of {}", row.organization).into();
    }
    agent
}

fn subject(name: &str) -> Value {
    match name.split_once('/') {
        Some(("Practitioner" | "Patient" | "Organization", _)) => json!({"reference": name}),
        _ if name.is_empty() => json!({"display": "unknown"}),
        _ => json!({"identifier": {"system": "urn:bianque:agent", "value": name}}),
    }
}

fn patient(id: &ResourceId) -> Value {
    json!({
        "what": {"reference": format!("Patient/{id}")},
        "type": {"system": "http://terminology.hl7.org/CodeSystem/audit-entity-type", "code": "1", "display": "Person"},
        "role": {"system": "http://terminology.hl7.org/CodeSystem/object-role", "code": "1", "display": "Patient"},
    })
}

/// What was touched; of a search the search itself.
fn entity(row: &AuditRow) -> Option<Value> {
    use base64::Engine;
    if row.entity.is_empty() {
        return None;
    }
    let names_resource =
        row.entity.split_once('/').is_some_and(|(name, _)| bianque_fhir::is_resource_type(name));
    let what = if names_resource {
        json!({"reference": row.entity})
    } else {
        json!({"identifier": {"system": "urn:bianque:entity", "value": row.entity}})
    };
    let mut entity = json!({
        "what": what,
        "type": {"system": "http://terminology.hl7.org/CodeSystem/audit-entity-type", "code": "2", "display": "System Object"},
    });
    if row.operation == "fhir.search" {
        entity["role"] = json!({"system": "http://terminology.hl7.org/CodeSystem/object-role", "code": "24", "display": "Query"});
        if !row.detail.is_empty() {
            entity["query"] = base64::engine::general_purpose::STANDARD.encode(&row.detail).into();
        }
    }
    Some(entity)
}

const fn letter(action: AuditAction) -> &'static str {
    match action {
        AuditAction::C => "C",
        AuditAction::R => "R",
        AuditAction::U => "U",
        AuditAction::D => "D",
        AuditAction::E => "E",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_a_valid_event() {
        let mut row = AuditRow {
            at: Timestamp(0),
            action: AuditAction::R,
            operation: "fhir.search".into(),
            success: true,
            agent: "Practitioner/d".into(),
            organization: "Organization/o".into(),
            purpose: "TREAT".into(),
            address: "127.0.0.1".into(),
            request: "r".into(),
            patients: vec!["p1".parse().unwrap(), "p2".parse().unwrap()],
            entity: "Observation".into(),
            detail: "code=1".into(),
        };
        let valid = |row: &AuditRow| assert_eq!(bianque_fhir::validate(&event(7, row)), []);
        valid(&row);
        insta::assert_json_snapshot!(event(7, &row));
        (row.agent, row.entity, row.operation) =
            ("anonymous".into(), "Encounter/e".into(), "visit.admit".into());
        valid(&row);
        (row.agent, row.entity, row.address) = (String::new(), String::new(), String::new());
        (row.organization, row.purpose, row.action) = (String::new(), String::new(), AuditAction::E);
        row.patients.clear();
        valid(&row);
    }
}

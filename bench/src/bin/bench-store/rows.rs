//! The commits that both sides write: a visit each, as the server would write it.

use bianque_model::{CommitId, ResourceId, TenantId, Timestamp};
use bianque_query::{Compartment, DateRange, IndexRow, IndexValue, Reference};
use bianque_store::{AuditAction, AuditRow, Change, Commit, OutboxRow, ResourceWrite};
use uuid::Uuid;

/// Commits of one round, all different.
pub(crate) fn commits(count: usize, round: usize) -> Vec<Commit> {
    (0..count).map(|number| commit(number as u64, round as u64)).collect()
}

fn commit(number: u64, round: u64) -> Commit {
    // Spread like random values, the same in every run.
    let spread = (number + round * 1_000_003).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let now = Timestamp(1_800_000_000_000_000 + i64::try_from(number).unwrap_or(0) * 1_000);
    let mut commit = Commit::new(TenantId::FIRST, CommitId(Uuid::now_v7()), now);
    let id = ResourceId::from(Uuid::now_v7());
    let patient = ResourceId::from(Uuid::from_u64_pair(spread % 997, 7));
    commit.resources.push(ResourceWrite {
        resource_type: "Encounter".into(),
        id: id.clone(),
        change: Change::Put {
            document: document(&id),
            index: index(&patient, spread, now),
            compartments: vec![
                Compartment { kind: "Patient".into(), id: patient.clone() },
                Compartment { kind: "Encounter".into(), id: id.clone() },
            ],
        },
    });
    commit.audit.push(AuditRow {
        at: now,
        action: AuditAction::C,
        operation: "visit.book".into(),
        success: true,
        agent: "Practitioner/0191f0b2-0000-7000-8000-000000000001".into(),
        organization: "Organization/0191f0b2-0000-7000-8000-000000000002".into(),
        purpose: "TREAT".into(),
        address: "127.0.0.1".into(),
        request: commit.id.to_string(),
        patients: vec![patient],
        entity: format!("Encounter/{id}"),
        detail: String::new(),
    });
    commit.outbox.push(OutboxRow {
        topic: "visit.state".into(),
        key: id.to_string(),
        payload: br#"{"state":"booked"}"#.to_vec(),
    });
    commit
}

/// A document of 1 kB.
fn document(id: &ResourceId) -> Vec<u8> {
    let mut document = format!(r#"{{"resourceType":"Encounter","id":"{id}","text":""#).into_bytes();
    document.resize(1_022, b'x');
    document.extend_from_slice(br#""}"#);
    document
}

/// 12 rows: tokens, references, dates, texts, a number and a URI.
fn index(patient: &ResourceId, spread: u64, now: Timestamp) -> Vec<IndexRow> {
    let token = |param: &str, system: &str, code: String| {
        row(param, IndexValue::Token { system: system.to_owned(), code })
    };
    let refers = |param: &str, resource_type: &str, id: ResourceId| {
        row(param, IndexValue::Reference(Reference { resource_type: resource_type.to_owned(), id }))
    };
    let person = |number: u64| ResourceId::from(Uuid::from_u64_pair(number, 9));
    let text =
        |param: &str, exact: String| row(param, IndexValue::Text { folded: exact.to_lowercase(), exact });
    let begins = Timestamp(now.0 + i64::try_from(spread % 86_400_000_000).unwrap_or(0));
    vec![
        token("status", "http://hl7.org/fhir/encounter-status", "planned".into()),
        token("class", "http://terminology.hl7.org/CodeSystem/v3-ActCode", "VR".into()),
        token("identifier", "urn:bianque:visit", format!("{spread:016x}")),
        token("type", "urn:bianque:visit-type", format!("type-{}", spread % 11)),
        refers("subject", "Patient", patient.clone()),
        refers("patient", "Patient", patient.clone()),
        refers("participant", "Practitioner", person(spread % 53)),
        refers("service-provider", "Organization", person(spread % 5)),
        row("date", IndexValue::Date(DateRange { low: begins, high: begins.plus_seconds(900) })),
        text("reason-text", format!("Reason {:x}", spread % 4_099)),
        row("length", IndexValue::Number(15.0)),
        row("_profile", IndexValue::Uri("http://example.org/StructureDefinition/visit".into())),
    ]
}

fn row(param: &str, value: IndexValue) -> IndexRow {
    IndexRow { param: param.to_owned(), value }
}

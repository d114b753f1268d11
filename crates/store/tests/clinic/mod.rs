//! A small clinic to tell the stories with.
#![allow(dead_code, reason = "each story uses a part of the clinic")]

use std::sync::Arc;

use bianque_model::{CommitId, ResourceId, TenantId, Timestamp};
use bianque_query::{
    Compartment, DateRange, IndexRow, IndexValue, Order, Predicate, Query, Reference, Scope, Test, fold,
};
use bianque_store::sqlite::{self, Options};
use bianque_store::{
    AuditAction, AuditKey, AuditRow, Change, Commit, HistoryQuery, OutboxRow, ResourceWrite, StateChange,
    StateKey, StateWrite, Store,
};
use tempfile::TempDir;
use uuid::Uuid;

pub(crate) const TENANT: TenantId = TenantId::FIRST;
pub(crate) const NOON: Timestamp = Timestamp(1_800_000_000_000_000);

pub(crate) struct Clinic {
    pub(crate) store: Store,
    pub(crate) folder: Arc<TempDir>,
}

pub(crate) fn clinic() -> Clinic {
    clinic_with(|_| {})
}

pub(crate) fn clinic_with(change: impl FnOnce(&mut Options)) -> Clinic {
    let folder = Arc::new(tempfile::tempdir().unwrap());
    let mut options = options(&folder);
    change(&mut options);
    Clinic { store: sqlite::open(options).unwrap(), folder }
}

impl Clinic {
    /// Closes the store and opens it again.
    pub(crate) fn reopened(self) -> Self {
        let Self { store, folder } = self;
        drop(store);
        Self { store: open(&folder), folder }
    }
}

/// Opens the store of a folder.
pub(crate) fn open(folder: &TempDir) -> Store {
    sqlite::open(options(folder)).unwrap()
}

pub(crate) fn options(folder: &TempDir) -> Options {
    let mut options = Options::new(folder.path(), AuditKey::new([7; 32]));
    options.clock = Arc::new(|| NOON);
    options
}

pub(crate) fn id(text: &str) -> ResourceId {
    text.parse().unwrap()
}

pub(crate) fn commit() -> Commit {
    Commit::new(TENANT, CommitId(Uuid::now_v7()), NOON)
}

/// A patient with family name, birth year, identifier and institution.
pub(crate) fn patient(name: &str, family: &str, organization: &str) -> ResourceWrite {
    let index = vec![
        token("identifier", "urn:mrn", name),
        text("family", family),
        date("birthdate", 0, 100),
        refers("organization", "Organization", organization),
    ];
    write("Patient", name, family, index, vec![lies_in("Patient", name)])
}

/// A visit of a patient with status and start.
pub(crate) fn visit(name: &str, patient: &str, status: &str, start: i64) -> ResourceWrite {
    let index = vec![
        token("status", "", status),
        date("date", start, start + 10),
        refers("subject", "Patient", patient),
        IndexRow { param: "length".into(), value: IndexValue::Number(15.0) },
        IndexRow {
            param: "weight".into(),
            value: IndexValue::Quantity { value: 70.0, system: "u".into(), unit: "kg".into() },
        },
        IndexRow { param: "profile".into(), value: IndexValue::Uri("http://example.org/visit".into()) },
    ];
    write("Encounter", name, status, index, vec![lies_in("Patient", patient), lies_in("Encounter", name)])
}

pub(crate) fn write(
    resource_type: &str,
    name: &str,
    content: &str,
    index: Vec<IndexRow>,
    compartments: Vec<Compartment>,
) -> ResourceWrite {
    let document = format!(r#"{{"resourceType":"{resource_type}","id":"{name}","content":"{content}"}}"#);
    ResourceWrite {
        resource_type: resource_type.into(),
        id: id(name),
        change: Change::Put { document: document.into_bytes(), index, compartments },
    }
}

pub(crate) fn lies_in(kind: &str, owner: &str) -> Compartment {
    Compartment { kind: kind.into(), id: id(owner) }
}

pub(crate) fn token(param: &str, system: &str, code: &str) -> IndexRow {
    IndexRow { param: param.into(), value: IndexValue::Token { system: system.into(), code: code.into() } }
}

pub(crate) fn text(param: &str, exact: &str) -> IndexRow {
    IndexRow { param: param.into(), value: IndexValue::Text { folded: fold(exact), exact: exact.into() } }
}

pub(crate) fn date(param: &str, low: i64, high: i64) -> IndexRow {
    let range = DateRange { low: Timestamp(low), high: Timestamp(high) };
    IndexRow { param: param.into(), value: IndexValue::Date(range) }
}

pub(crate) fn refers(param: &str, resource_type: &str, target: &str) -> IndexRow {
    let target = Reference { resource_type: resource_type.into(), id: id(target) };
    IndexRow { param: param.into(), value: IndexValue::Reference(target) }
}

pub(crate) fn session(name: &str, login: &str, expires: Option<Timestamp>) -> StateWrite {
    let keys = vec![StateKey { name: "login", value: login.into(), unique: true }];
    let change = StateChange::Put { body: name.as_bytes().to_vec(), keys, expires, about_patient: false };
    StateWrite { kind: "session", id: name.into(), change }
}

pub(crate) fn seen(patient: &str, operation: &str) -> AuditRow {
    AuditRow {
        at: NOON,
        action: AuditAction::R,
        operation: operation.into(),
        success: true,
        agent: "Practitioner/p".into(),
        organization: "Organization/o".into(),
        purpose: "TREAT".into(),
        address: "127.0.0.1".into(),
        request: "r".into(),
        patients: vec![id(patient)],
        entity: format!("Patient/{patient}"),
        detail: String::new(),
    }
}

pub(crate) fn event(topic: &str) -> OutboxRow {
    OutboxRow { topic: topic.into(), key: "k".into(), payload: b"{}".to_vec() }
}

pub(crate) fn query(resource_type: &str) -> Query {
    Query {
        resource_type: resource_type.into(),
        filter: Predicate::And(Vec::new()),
        scope: Scope::All,
        order: Vec::<Order>::new(),
        after: None,
        limit: 100,
    }
}

/// Everything that was written of a type and id.
pub(crate) fn history(resource_type: Option<&str>, name: Option<&str>) -> HistoryQuery {
    HistoryQuery {
        resource_type: resource_type.map(str::to_owned),
        id: name.map(id),
        scope: Scope::All,
        since: None,
        at: None,
        before: None,
        limit: 100,
    }
}

pub(crate) fn has(param: &str, test: Test) -> Predicate {
    Predicate::Param { param: param.into(), test }
}

pub(crate) fn code(param: &str, code: &str) -> Predicate {
    has(param, Test::Token { system: None, code: Some(code.into()) })
}

/// The ids that a query finds, in order.
pub(crate) async fn found(store: &Store, query: Query) -> Vec<String> {
    store.search(TENANT, query).await.unwrap().rows.into_iter().map(|row| row.id.to_string()).collect()
}

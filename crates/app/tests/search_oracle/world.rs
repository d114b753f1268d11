//! A random world: twelve types and more, with every shape of value that searches have to tell apart.

use std::sync::Arc;

use bianque_model::{CommitId, TenantId, Timestamp};
use bianque_store::sqlite::{self, Options};
use bianque_store::{AuditKey, Change, Commit, ResourceWrite, Store};
use serde_json::{Map, Value, json};
use tempfile::TempDir;
use uuid::Uuid;

use crate::dice::Dice;
use crate::documents;

/// The URL of this server.
pub(crate) const BASE: &str = "https://clinic.example/fhir";
pub(crate) const TENANT: TenantId = TenantId::FIRST;
/// Monday, 5 January 2026, 08:00 UTC.
pub(crate) const NOW: Timestamp = Timestamp(1_767_600_000_000_000);

/// The types of the world, and how many there are of each.
pub(crate) const TYPES: [(&str, usize); 14] = [
    ("Organization", 8),
    ("Practitioner", 12),
    ("Patient", 40),
    ("Encounter", 45),
    ("Observation", 80),
    ("Condition", 35),
    ("MedicationRequest", 25),
    ("AllergyIntolerance", 20),
    ("DocumentReference", 25),
    ("Task", 25),
    ("Appointment", 20),
    ("ServiceRequest", 25),
    ("List", 15),
    ("ValueSet", 20),
];

/// A stored resource, and when it was written.
pub(crate) struct Resource {
    pub(crate) document: Value,
    pub(crate) written: Timestamp,
}

impl Resource {
    pub(crate) fn kind(&self) -> &str {
        self.document["resourceType"].as_str().unwrap()
    }

    pub(crate) fn id(&self) -> &str {
        self.document["id"].as_str().unwrap()
    }
}

/// Everything there is, in a store.
pub(crate) struct World {
    pub(crate) resources: Vec<Resource>,
    pub(crate) store: Store,
    _folder: Arc<TempDir>,
}

impl World {
    /// The same world for the same seed.
    pub(crate) async fn build(seed: u64) -> Self {
        let dice = &mut Dice(seed);
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let mut options = Options::new(folder.path(), AuditKey::new([7; 32]));
        options.clock = Arc::new(|| NOW);
        let store = sqlite::open(options).unwrap();
        let mut resources = Vec::new();
        for (kind, many) in TYPES.into_iter().chain([("RiskAssessment", 12)]) {
            for number in 0..many {
                let document = documents::document(dice, kind, &id_of(kind, number));
                resources.push(Resource { document, written: written_at(dice) });
            }
        }
        // The store's clock only goes on.
        resources.sort_by_key(|resource| resource.written);
        for resource in &mut resources {
            put(&store, &resource.document, resource.written).await;
            let name = (resource.kind().to_owned(), resource.id().parse().unwrap());
            let stored = store.read_many(TENANT, vec![name]).await.unwrap().remove(0).unwrap();
            resource.written = stored.last_updated;
        }
        Self { resources, store, _folder: folder }
    }

    /// The resources of a type, with their places.
    pub(crate) fn of<'w>(&'w self, kind: &'w str) -> impl Iterator<Item = (usize, &'w Resource)> + 'w {
        self.resources.iter().enumerate().filter(move |(_, one)| one.kind() == kind)
    }
}

/// Ids that begin alike, with `-` and `.` in them; some are ids of several types.
pub(crate) fn id_of(kind: &str, number: usize) -> String {
    match number % 4 {
        0 => format!("{number}"),
        1 => format!("{}-{number}", &kind[..2].to_lowercase()),
        2 => format!("{}.{number}", &kind[..2].to_lowercase()),
        _ => format!("{kind}-{}.{number}", number % 3),
    }
}

/// Instants with fractions, some of several resources.
fn written_at(dice: &mut Dice) -> Timestamp {
    let day = dice.below(40) as i64 - 60;
    let fraction = *dice.pick(&[0, 0, 1, 500_000, 123_456]);
    Timestamp(NOW.0 + day * 86_400_000_000 + dice.below(4) as i64 * 3_600_000_000 + fraction)
}

/// Writes a resource as the use cases do: with references relative, and its index.
pub(crate) async fn put(store: &Store, document: &Value, at: Timestamp) {
    let mut document = document.clone();
    bianque_fhir::relative_references(&mut document, BASE);
    let issues = bianque_fhir::validate(&document);
    assert!(issues.is_empty(), "{issues:?} in {document}");
    let indexed = bianque_fhir::index(&document);
    let change = Change::Put {
        document: bianque_fhir::to_stored(&document),
        index: indexed.rows,
        compartments: indexed.compartments,
    };
    write(store, &document, change, at).await;
}

/// Deletes a resource.
pub(crate) async fn delete(store: &Store, document: &Value, at: Timestamp) {
    write(store, document, Change::Delete, at).await;
}

async fn write(store: &Store, document: &Value, change: Change, at: Timestamp) {
    let mut commit = Commit::new(TENANT, CommitId(Uuid::now_v7()), at);
    commit.resources.push(ResourceWrite {
        resource_type: document["resourceType"].as_str().unwrap().into(),
        id: document["id"].as_str().unwrap().parse().unwrap(),
        change,
    });
    store.commit(commit).await.unwrap();
}

/// A member now and then, so that everything is missing somewhere.
pub(crate) fn maybe(into: &mut Map<String, Value>, dice: &mut Dice, name: &str, value: Value) {
    if !dice.once_in(3) {
        into.insert(name.to_owned(), value);
    }
}

/// An object's members.
pub(crate) fn members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => json!({}).as_object().cloned().unwrap(),
    }
}

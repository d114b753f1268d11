//! A document of any kind: what is read is the same after it was written, stored and served; whatever it is, validation and
//! the index come to an end, and what it is found by stays.

#![no_main]

use bianque_fhir::{document, index, local_references, patients, to_served, to_stored, validate};
use bianque_model::Timestamp;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

/// Faults that are told of one document.
const TOLD: usize = 101;

fuzz_target!(|data: &[u8]| {
    let Ok(resource) = document::parse(data) else { return };
    let written = resource.to_string();
    assert_eq!(document::parse(written.as_bytes()).as_ref(), Ok(&resource), "written otherwise");
    assert!(validate(&resource).len() <= TOLD);
    let found = index(&resource);
    let of = patients(&resource);
    let _ = local_references(&resource);
    if !resource.is_object() {
        return;
    }
    let stored = to_stored(&resource);
    let again = document::parse(&stored).expect("what is stored is a document");
    assert_eq!(without_own(again.clone()), without_own(resource), "stored otherwise");
    assert_eq!(to_stored(&again), stored, "stored otherwise the second time");
    assert_eq!(index(&again), found);
    assert_eq!(patients(&again), of);
    let served = document::parse(&to_served(&stored, 3, Timestamp(0))).expect("what is served is a document");
    assert_eq!(served["meta"]["versionId"], "3");
    assert_eq!(without_own(served), without_own(again), "served otherwise");
});

/// Without what only the server assigns.
fn without_own(mut resource: Value) -> Value {
    let Some(members) = resource.as_object_mut() else { return resource };
    if let Some(Value::Object(meta)) = members.get_mut("meta") {
        meta.retain(|name, _| !matches!(name.trim_start_matches('_'), "versionId" | "lastUpdated"));
        if meta.is_empty() {
            members.remove("meta");
        }
    }
    resource
}

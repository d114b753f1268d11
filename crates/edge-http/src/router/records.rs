//! The routes of records over FHIR.

use crate::fhir;
use crate::fhir::{jobs, operations, terminology};
use crate::routes::{Route, delete, get, operation, patch, post, put};
use crate::smart::configuration;

pub(super) fn of_records() -> Vec<Route> {
    vec![
        get("/fhir/metadata", "What the server can do over FHIR", fhir::read::metadata).open(),
        get("/fhir/.well-known/smart-configuration", "Where applications sign in", configuration::smart)
            .open(),
        get("/fhir", "Search resources of several types", fhir::search::everywhere),
        post("/fhir", "Process a batch or a transaction", fhir::write::process)
            .body_limit(fhir::BUNDLE_LIMIT)
            .patience(fhir::BUNDLE_PATIENCE),
        post("/fhir/", "Process a batch or a transaction", fhir::write::process)
            .body_limit(fhir::BUNDLE_LIMIT)
            .patience(fhir::BUNDLE_PATIENCE),
        post("/fhir/_search", "Search resources of several types by form", fhir::search::everywhere_by_form),
        get("/fhir/_history", "The versions of everything", fhir::read::history_of_everything),
        get("/fhir/ws", "The socket of subscriptions", fhir::socket::open),
        get("/fhir/{type}", "Search resources", fhir::search::by_address),
        post("/fhir/{type}", "Create a resource", fhir::write::create).body_limit(fhir::BODY_LIMIT),
        put("/fhir/{type}", "Update the resource that matches", fhir::write::update)
            .body_limit(fhir::BODY_LIMIT),
        patch("/fhir/{type}", "Change members of the resource that matches", fhir::write::patch),
        delete("/fhir/{type}", "Delete the resource that matches", fhir::write::delete),
        post("/fhir/{type}/_search", "Search resources by form", fhir::search::by_form),
        get("/fhir/{type}/_history", "The versions of a type", fhir::read::history_of_type),
        get("/fhir/{type}/{id}", "Read a resource", fhir::read::read),
        put("/fhir/{type}/{id}", "Update a resource", fhir::write::update).body_limit(fhir::BODY_LIMIT),
        patch("/fhir/{type}/{id}", "Change members of a resource", fhir::write::patch),
        delete("/fhir/{type}/{id}", "Delete a resource", fhir::write::delete),
        get("/fhir/{type}/{id}/_history", "The versions of a resource", fhir::read::history),
        get("/fhir/{type}/{id}/_history/{version}", "Read a version", fhir::read::vread),
        get("/fhir/{type}/{id}/{member}", "Search within a compartment", fhir::search::compartment),
    ]
    .into_iter()
    .map(Route::for_applications)
    .collect()
}

pub(super) fn of_operations() -> Vec<Route> {
    let operations = [
        operation("/fhir/Patient/{id}/$everything", "A patient's record", operations::everything_of_patient),
        operation(
            "/fhir/Encounter/{id}/$everything",
            "A visit's record",
            operations::everything_of_encounter,
        ),
    ];
    let of_any_type = [
        operation(
            "/fhir/Subscription/{id}/$status",
            "How a subscription does",
            operations::subscription_status,
        ),
        operation("/fhir/{type}/{id}/$validate", "Whether it could be written", operations::validate_stored),
        operation("/fhir/{type}/{id}/$meta", "Profiles, tags and labels", operations::meta),
    ];
    let alone = [
        post("/fhir/{type}/$validate", "Whether a resource could be written", operations::validate),
        post("/fhir/{type}/{id}/$meta-add", "Add profiles, tags and labels", operations::meta_add),
        post("/fhir/{type}/{id}/$meta-delete", "Take them away", operations::meta_delete),
        get("/fhir/Observation/$lastn", "The newest observations of each code", operations::newest),
        post("/fhir/Patient/$match", "Who may be a patient", operations::matching),
        post("/fhir/Patient/$merge", "Two records of one patient become one", operations::merge),
        post("/fhir/Patient/$unmerge", "They are two again", operations::unmerge),
        post("/fhir/$reindex", "Index everything anew", jobs::reindex_everything),
        post("/fhir/{type}/$reindex", "Index a type anew", jobs::reindex_type),
        post("/fhir/{type}/{id}/$reindex", "Index a resource anew", jobs::reindex_one),
        get("/fhir/$jobs/{job}", "How an export or a reindexing stands", jobs::stands),
        delete("/fhir/$jobs/{job}", "Cancel it, or remove what it made", jobs::remove),
        get("/fhir/$jobs/{job}/{file}", "A file of an export", jobs::file),
        post("/fhir/Patient/{id}/$purge", "Erase a patient's record for good", operations::purge_patient)
            .fresh()
            .patience(fhir::BUNDLE_PATIENCE),
    ];
    let exports = [
        operation("/fhir/$export", "Export everything", jobs::export_everything),
        operation("/fhir/Patient/$export", "Export all records of patients", jobs::export_patients),
        operation("/fhir/Group/{id}/$export", "Export the records of a group", jobs::export_group),
    ];
    let operations = operations.into_iter().chain(of_any_type).chain(exports).flatten().chain(alone);
    operations.map(|route| route.body_limit(fhir::BODY_LIMIT).for_applications()).collect()
}

pub(super) fn of_terminology() -> Vec<Route> {
    [
        operation("/fhir/ValueSet/$expand", "The codes of a value set", terminology::expand),
        operation(
            "/fhir/ValueSet/{id}/$expand",
            "The codes of a stored value set",
            terminology::expand_stored,
        ),
        operation("/fhir/ValueSet/$validate-code", "Whether a set has a code", terminology::in_value_set),
        operation("/fhir/ValueSet/{id}/$validate-code", "Whether it has a code", terminology::in_stored),
        operation("/fhir/CodeSystem/$validate-code", "Whether a code is one", terminology::in_code_system),
        operation("/fhir/CodeSystem/$lookup", "What a code is", terminology::lookup),
        operation("/fhir/CodeSystem/$subsumes", "How two codes stand", terminology::subsumes),
    ]
    .into_iter()
    .flatten()
    .map(|route| route.body_limit(fhir::BODY_LIMIT).for_applications())
    .collect()
}

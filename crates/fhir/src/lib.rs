//! FHIR R4 over JSON documents: reading, validation, what a resource is found by, searches, answers.
//!
//! A resource is a [`serde_json::Value`], read by [`document::parse`] and checked by [`validate()`]. What R4 says of
//! types, search parameters and compartments comes from generated tables; nothing here is written per resource type.
//! No clock, no randomness, no IO.

pub mod bundle;
mod capability;
pub mod custom;
mod date;
pub mod definitions;
pub mod document;
mod index;
mod meta;
pub mod outcome;
mod relative;
mod search;
mod shape;
mod tables;
pub mod terminology;
pub mod ucum;
mod validate;

pub use capability::{COMPARTMENTS, Operation, Served, Software, capability_statement};
pub use date::date_range;
pub use index::{Indexed, index, index_version, patients, references};
pub use meta::{instant, to_served, to_stored};
pub use outcome::{Issue, IssueCode, Severity, operation_outcome};
pub use relative::{local_references, relative_references};
pub use search::{
    Include, Search, SearchOptions, Total, Way, asked_sets, is_about_the_answer, is_typed, search,
};
pub use shape::Shape;
pub use tables::{ParamKind, R4, compartment_members, is_resource_type, r4, resource_types, warm};
pub use validate::{Against, ProfileError, Profiles, validate, validate_against, validate_with_warnings};

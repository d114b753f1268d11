//! Operations on records: what FHIR R4 asks of a resource or a type beside reading, writing and searching it.

mod care_date;
pub mod everything;
pub mod last_n;
pub(crate) mod likeness;
pub mod match_patient;
pub mod merge_patient;
pub mod meta;
pub mod purge;
#[cfg(test)]
mod tests;
pub mod validate;

//! Emergency access ("break the glass"): a clinician opens a record that policy would not show, with a reason, for a
//! limited time; the patient is told, and supervision sees it.

mod access;
pub mod list;
pub mod open;
#[cfg(test)]
mod tests;

pub(crate) use access::reason_of;
pub use access::{EmergencyAccess, active};

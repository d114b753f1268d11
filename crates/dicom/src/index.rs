//! What an archive keeps of an object to find it by, and what it answers at each level.

mod attributes;
mod refusal;
mod rows;

pub use attributes::Level;
pub use refusal::{IngestRefusal, UidFault, UidRole, checked_uid};
pub use rows::{InstanceAttributes, InstanceRow, PatientRow, RequestAttributes, SeriesRow, StudyRow};

//! All SQL of the project, and the promise that goes with it: who is told "stored" is told after it is durable.
//!
//! A change is one [`Commit`]: its write set and what it expects of the world, evaluated in one transaction. Reads go
//! to a pool of readers and never block the writer. [`Backend`] is what a database must offer; `sqlite` is the one
//! that ships. The crate knows resources as a type, an id and bytes, and knows no FHIR.

mod audit;
mod audit_chain;
mod backend;
mod commit;
mod data_folder;
mod emergency_log;
mod erase;
mod error;
mod figures;
mod images;
mod read;
pub mod sqlite;

pub use audit::{AuditAction, AuditList, AuditPage, AuditPlace, AuditQuery, AuditRow, agent_of, parts_of};
pub use audit_chain::{AuditKey, Chain, ChainFault, ChainHead, ChainReport, ChainedRow, Link};
pub use backend::{Backend, Future, OutboxEntry, ResourceName, Store};
pub use commit::{
    BlobRow, Change, Commit, Committed, Expectation, Merge, OutboxRow, Priority, ResourceWrite, StateChange,
    StateKey, StateWrite,
};
pub use data_folder::DataFolder;
pub use erase::{About, ErasedStudy};
pub use error::{CommitError, OpenError, ReadError};
pub use figures::Figures;
pub use images::{
    ChangedStudy, ImageChange, ImageCounts, ImageInstance, ImageInstanceWrite, ImagePatient,
    ImagePatientWrite, ImageRow, ImageSeries, ImageSeriesWrite, ImageStudy, ImageStudyWrite, ImageWrite,
};
pub use read::{HistoryQuery, SamePatient, StateQuery, StoredResource, StoredState, Versions};

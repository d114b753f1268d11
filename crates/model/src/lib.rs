//! Identifiers, tenant, actor, context and time: the few types that every crate shares.
//!
//! Nothing here does anything. A type belongs here only when crates that may not know each other both speak of it.

mod actor;
mod context;
mod id;
mod schema;
mod time;

pub use actor::{Actor, Duty, ImageRights, Role};
pub use context::{Context, Purpose};
pub use id::{BlobId, CommitId, InvalidId, ResourceId, TenantId, UserId};
pub use time::Timestamp;

//! The store on SQLite: one file for data, one for the audit of reads, one thread that writes each.

mod apply;
mod apply_resource;
mod apply_state;
mod audit_chain;
mod audit_list;
mod audit_rows;
mod audit_writer;
mod backend;
mod checkpoint;
mod compile;
mod connection;
mod copy;
mod counters;
mod cursor;
mod erase;
mod history;
mod image_change;
mod image_erase;
mod image_search;
mod image_write;
mod merged;
mod options;
mod overlay;
mod paths;
mod plan;
mod pulse;
mod queue;
mod readers;
mod resource_rows;
mod search;
mod search_types;
mod snapshot;
mod state_rows;
mod sweep;
mod versions;
mod writer;

use std::sync::Arc;

pub use backend::Sqlite;
#[doc(hidden)]
pub use options::Synchronous;
pub use options::{Clock, Options};

use crate::{OpenError, ReadError, Store};

/// Opens the databases of a data folder, bringing their schema up to date.
///
/// The caller holds the folder ([`crate::DataFolder::lock`]).
///
/// # Errors
/// [`OpenError`] when the library, the schema or the files are not as they must be.
pub fn open(options: Options) -> Result<Store, OpenError> {
    Ok(Arc::new(Sqlite::open(options)?))
}

fn read_error(cause: &rusqlite::Error) -> ReadError {
    match cause.sqlite_error_code() {
        Some(rusqlite::ErrorCode::OperationInterrupted) => ReadError::Budget,
        _ => ReadError::Unavailable(cause.to_string()),
    }
}

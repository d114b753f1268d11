//! One state of the database for several statements of a read.

use rusqlite::Connection;

/// Statements of the connection see one state of the database as long as this is there. It is for reading: what would
/// be written is taken back.
pub(super) struct Snapshot<'c>(&'c Connection);

impl<'c> Snapshot<'c> {
    /// Begins it; there is none on the connection yet. Both its statements are kept prepared.
    pub(super) fn begin(connection: &'c Connection) -> rusqlite::Result<Self> {
        connection.prepare_cached("BEGIN DEFERRED")?.execute([])?;
        Ok(Self(connection))
    }
}

impl Drop for Snapshot<'_> {
    fn drop(&mut self) {
        let ended = self.0.prepare_cached("ROLLBACK").and_then(|mut end| end.execute([]));
        if let Err(cause) = ended {
            // The next one says so by failing to begin.
            tracing::error!(%cause, "a snapshot did not end");
        }
    }
}

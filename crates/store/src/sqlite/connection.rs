//! Connections, their settings, and the schema they bring up to date.

use std::fs::File;
use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::options::{Options, Synchronous};
use crate::OpenError;

/// The SQLite that the store was tested with; it is linked into the program.
pub(super) const SQLITE: &str = "3.54.1";

/// Schemas of the main database, in order. The place in the list is the `user_version`.
pub(super) const MAIN: &[&str] = &[
    include_str!("migrations/0001_first.sql"),
    include_str!("migrations/0002_audit_chain.sql"),
    include_str!("migrations/0003_rules.sql"),
    include_str!("migrations/0004_audit_list.sql"),
    include_str!("migrations/0005_about_patients.sql"),
    include_str!("migrations/0006_composites.sql"),
    include_str!("migrations/0007_long_dates.sql"),
    include_str!("migrations/0008_versions_in_order.sql"),
    include_str!("migrations/0009_merged.sql"),
    include_str!("migrations/0010_images.sql"),
];

/// Schemas of the file of read audit.
pub(super) const AUDIT: &[&str] = &[
    include_str!("migrations_audit/0001_first.sql"),
    include_str!("migrations_audit/0002_audit_chain.sql"),
    include_str!("migrations_audit/0003_audit_list.sql"),
];

const STATEMENTS: usize = 256;

/// Opens a database for writing and brings its schema up to date.
pub(super) fn open_writer(path: &Path, schemas: &[&str], options: &Options) -> Result<Connection, OpenError> {
    let failed = |cause: rusqlite::Error| io(path, &cause);
    // One thread uses it, so that it needs no lock of its own.
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    settle(&connection, options).map_err(failed)?;
    migrate(&connection, schemas, path)?;
    if options.synchronous == Synchronous::Full {
        settle_recovered(&connection, path)?;
    }
    Ok(connection)
}

/// Opens a database for reading; it exists already.
pub(super) fn open_reader(path: &Path) -> Result<Connection, OpenError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let open = || -> rusqlite::Result<Connection> {
        let connection = Connection::open_with_flags(path, flags)?;
        keep_statements(&connection)?;
        connection.busy_timeout(std::time::Duration::from_secs(2))?;
        connection.pragma_update(None, "cache_size", -4096)?;
        connection.pragma_update(None, "temp_store", "memory")?;
        Ok(connection)
    };
    open().map_err(|cause| io(path, &cause))
}

/// Opens a database for copying its log; it exists already.
pub(super) fn open_checkpointer(path: &Path, options: &Options) -> Result<Connection, OpenError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let open = || -> rusqlite::Result<Connection> {
        let connection = Connection::open_with_flags(path, flags)?;
        settle(&connection, options)?;
        Ok(connection)
    };
    open().map_err(|cause| io(path, &cause))
}

/// Refuses any SQLite but the one that was tested: a system library would bring its own bugs.
pub(super) fn check_library() -> Result<(), OpenError> {
    let found = rusqlite::version();
    if found == SQLITE {
        Ok(())
    } else {
        Err(OpenError::Library { found: found.to_owned(), wanted: SQLITE.to_owned() })
    }
}

pub(super) fn io(path: &Path, cause: &rusqlite::Error) -> OpenError {
    OpenError::Io { what: format!("database {}", path.display()), cause: cause.to_string() }
}

/// Statements stay as they were prepared. SQLite would else prepare one anew for every other value that a partial index
/// might depend on, which costs several times what the statement does.
fn keep_statements(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

fn settle(connection: &Connection, options: &Options) -> rusqlite::Result<()> {
    keep_statements(connection)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    let synchronous = match options.synchronous {
        Synchronous::Full => "full",
        Synchronous::Off => "off",
    };
    connection.pragma_update(None, "synchronous", synchronous)?;
    connection.pragma_update(None, "temp_store", "memory")?;
    // What is deleted or replaced is overwritten: a record that was shredded is in no free page.
    connection.pragma_update(None, "secure_delete", "on")?;
    connection.pragma_update(None, "foreign_keys", "off")?;
    connection.pragma_update(None, "cache_size", -16_384)?;
    connection.pragma_update(None, "journal_size_limit", 64 << 20)?;
    if let Some(pages) = options.max_pages {
        connection.pragma_update(None, "max_page_count", pages)?;
    }
    Ok(())
}

/// What a killed process had written but not synced was recovered from the page cache and will be answered for: it is
/// brought to the disk before anybody reads it, and so are the names of the files.
fn settle_recovered(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .map_err(|cause| io(path, &cause))?;
    let folder = path.parent().unwrap_or(path);
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|cause| OpenError::Io {
        what: format!("sync the folder {}", folder.display()),
        cause: cause.to_string(),
    })
}

fn migrate(connection: &Connection, schemas: &[&str], path: &Path) -> Result<(), OpenError> {
    let failed = |cause: rusqlite::Error| io(path, &cause);
    let found: u32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(failed)?;
    let known = u32::try_from(schemas.len()).unwrap_or(u32::MAX);
    if found > known {
        return Err(OpenError::Newer { found, known });
    }
    for (version, schema) in (1..=known).zip(schemas).skip(found as usize) {
        let step = format!("BEGIN IMMEDIATE; {schema}; PRAGMA user_version = {version}; COMMIT;");
        connection.execute_batch(&step).map_err(failed)?;
        tracing::info!(schema = version, database = %path.display(), "schema brought up to date");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_of_a_newer_program_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bianque.db");
        let options = Options::new(folder.path(), crate::AuditKey::new([7; 32]));
        let connection = open_writer(&path, MAIN, &options).unwrap();
        connection.pragma_update(None, "user_version", 99).unwrap();
        drop(connection);
        assert!(matches!(open_writer(&path, MAIN, &options), Err(OpenError::Newer { found: 99, .. })));
    }

    #[test]
    fn the_linked_library_is_the_tested_one() {
        check_library().unwrap();
    }
}

//! The peer: the same rows in the same tables with prepared statements, in one loop on one thread.

use std::collections::HashMap;
use std::path::Path;
use std::time::Instant;

use anyhow::Result;
use bianque_query::{IndexRow, IndexValue};
use bianque_store::sqlite::{self, Options};
use bianque_store::{AuditKey, Change, Commit};
use rusqlite::{Connection, Statement, params};

/// Commits per second with these batch sizes.
pub(crate) fn run(folder: &Path, commits: &[Commit], batches: &[f64]) -> Result<f64> {
    std::fs::create_dir(folder)?;
    // The store makes the tables, so that they are the same, and is closed again.
    drop(sqlite::open(Options::new(folder, AuditKey::new([7; 32])))?);
    let connection = Connection::open(folder.join("bianque.db"))?;
    for (name, value) in [("journal_mode", "wal"), ("synchronous", "full"), ("temp_store", "memory")] {
        connection.pragma_update(None, name, value)?;
    }
    connection.pragma_update(None, "cache_size", -16_384)?;
    let mut rows = Rows::prepare(&connection)?;
    let mut left = commits;
    let mut number = 0;
    let started = Instant::now();
    for batch in batches {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a batch size is a small integer"
        )]
        let (now, rest) = left.split_at((*batch as usize).min(left.len()));
        left = rest;
        connection.execute_batch("BEGIN IMMEDIATE")?;
        for commit in now {
            number += 1;
            rows.write(number, commit)?;
        }
        rows.clock.execute(params![number, number])?;
        rows.audit_head.execute(params![number, [0_u8; 32], [0_u8; 32]])?;
        connection.execute_batch("COMMIT")?;
    }
    let took = started.elapsed();
    anyhow::ensure!(left.is_empty(), "the batches do not add up to the commits");
    Ok(commits.len() as f64 / took.as_secs_f64())
}

struct Rows<'a> {
    resource: Statement<'a>,
    history: Statement<'a>,
    token: Statement<'a>,
    text: Statement<'a>,
    date: Statement<'a>,
    number: Statement<'a>,
    reference: Statement<'a>,
    uri: Statement<'a>,
    compartment: Statement<'a>,
    audit: Statement<'a>,
    audit_patient: Statement<'a>,
    outbox: Statement<'a>,
    applied: Statement<'a>,
    clock: Statement<'a>,
    audit_head: Statement<'a>,
    path: Statement<'a>,
    paths: HashMap<String, i64>,
}

impl<'a> Rows<'a> {
    fn prepare(connection: &'a Connection) -> rusqlite::Result<Self> {
        let into = |table: &str, values: usize| {
            let marks = vec!["?"; values].join(", ");
            connection.prepare(&format!("INSERT INTO {table} VALUES ({marks})"))
        };
        Ok(Self {
            resource: into("resource", 8)?,
            history: into("resource_history", 6)?,
            token: into("index_token", 5)?,
            text: into("index_text", 5)?,
            date: into("index_date", 5)?,
            number: into("index_number", 4)?,
            reference: into("index_reference", 5)?,
            uri: into("index_uri", 4)?,
            compartment: into("compartment", 4)?,
            audit: into("audit", 15)?,
            audit_patient: into("audit_patient", 3)?,
            outbox: into("outbox", 5)?,
            applied: into("applied", 5)?,
            clock: connection.prepare("UPDATE clock SET sequence = ?, outbox = ?")?,
            audit_head: connection.prepare("UPDATE audit_head SET count = ?, link = ?, seal = ?")?,
            path: into("path", 4)?,
            paths: HashMap::new(),
        })
    }

    fn write(&mut self, number: i64, commit: &Commit) -> rusqlite::Result<()> {
        let (tenant, at) = (commit.tenant.0, commit.now.0);
        for write in &commit.resources {
            let Change::Put { document, index, compartments } = &write.change else { continue };
            self.resource.execute(params![
                number,
                tenant,
                write.resource_type,
                write.id.as_str(),
                1,
                at,
                number,
                false
            ])?;
            self.history.execute(params![number, tenant, number, 1, at, document])?;
            for row in index {
                self.write_index(tenant, number, row)?;
            }
            for compartment in compartments {
                self.compartment.execute(params![
                    tenant,
                    number,
                    compartment.kind,
                    compartment.id.as_str()
                ])?;
            }
        }
        self.write_trail(number, commit)
    }

    fn write_index(&mut self, tenant: u32, key: i64, row: &IndexRow) -> rusqlite::Result<()> {
        let next = self.paths.len() as u64 + 1;
        let path = if let Some(path) = self.paths.get(&row.param) {
            *path
        } else {
            let path = i64::try_from(next).unwrap_or(0);
            self.path.execute(params![path, "Encounter", row.param, 0])?;
            self.paths.insert(row.param.clone(), path);
            path
        };
        match &row.value {
            IndexValue::Token { system, code } => {
                self.token.execute(params![tenant, key, path, code, system])
            }
            IndexValue::Text { folded, exact } => {
                self.text.execute(params![tenant, key, path, folded, exact])
            }
            IndexValue::Date(range) => {
                self.date.execute(params![tenant, key, path, range.low.0, range.high.0])
            }
            IndexValue::Number(value) => self.number.execute(params![tenant, key, path, value]),
            IndexValue::Reference(target) => {
                self.reference.execute(params![tenant, key, path, target.id.as_str(), target.resource_type])
            }
            IndexValue::Uri(uri) => self.uri.execute(params![tenant, key, path, uri]),
            IndexValue::Quantity { .. } | IndexValue::Part { .. } | IndexValue::Rule(_) => Ok(0),
        }?;
        Ok(())
    }

    fn write_trail(&mut self, number: i64, commit: &Commit) -> rusqlite::Result<()> {
        let tenant = commit.tenant.0;
        for row in &commit.audit {
            let patient = row.patients.first().map_or("", |patient| patient.as_str());
            self.audit.execute(params![
                number,
                tenant,
                row.at.0,
                "C",
                row.operation,
                row.success,
                row.agent,
                row.organization,
                row.purpose,
                row.address,
                row.request,
                patient,
                row.entity,
                row.detail,
                [0_u8; 32]
            ])?;
            self.audit_patient.execute(params![tenant, patient, number])?;
        }
        for event in &commit.outbox {
            self.outbox.execute(params![number, tenant, event.topic, event.key, event.payload])?;
        }
        let versions = [1_u64.to_le_bytes(), 1_u64.to_le_bytes()].concat();
        self.applied.execute(params![number, tenant, commit.id.0.as_bytes(), commit.now.0, versions])?;
        Ok(())
    }
}

//! A file of an export while it is written: one line per resource.

use std::sync::Arc;

use bianque_blobs::{BlobError, Sealed, Writer};
use bianque_fhir::{Shape, document, patients, to_served};
use bianque_model::{ResourceId, TenantId};
use bianque_store::StoredResource;

use crate::jobs::subject;
use crate::{App, Error};

/// Which resources of a page go into the file.
#[derive(Debug, Clone)]
pub(super) enum Which {
    /// All.
    All,
    /// What is about a patient.
    OfPatients,
    /// What is about one of these (sorted) and about none before it: each once.
    FirstOf { patient: ResourceId, all: Arc<Vec<ResourceId>> },
}

/// A file that is being written. Dropped before it is sealed, it never was.
pub(super) struct Sheet {
    writer: Writer,
    pub(super) bytes: u64,
    pub(super) count: u64,
}

/// What a page came to.
pub(super) struct Added {
    pub(super) sheet: Option<Sheet>,
    /// Bytes of the documents that were read.
    pub(super) read: usize,
    /// Whom the lines are about.
    pub(super) about: Vec<ResourceId>,
}

/// Writes resources behind those that a file has; the file is made with its first line.
pub(super) async fn add(
    app: &App,
    tenant: TenantId,
    job: &ResourceId,
    sheet: Option<Sheet>,
    rows: Vec<StoredResource>,
    (which, shape): (Which, Shape),
) -> Result<Added, Error> {
    let (blobs, subject) = (app.blobs.clone(), subject(job));
    let written = tokio::task::spawn_blocking(move || {
        let mut added = Added { sheet, read: 0, about: Vec::new() };
        for row in rows {
            let Some(line) = line(&row, &which, &shape, &mut added)? else { continue };
            let mut sheet = match added.sheet.take() {
                Some(sheet) => sheet,
                None => Sheet { writer: blobs.create(tenant, &subject)?, bytes: 0, count: 0 },
            };
            sheet.writer.write(&line)?;
            sheet.bytes += line.len() as u64;
            sheet.count += 1;
            added.sheet = Some(sheet);
        }
        added.about.sort();
        added.about.dedup();
        Ok::<_, BlobError>(added)
    });
    written.await.map_err(Error::internal)?.map_err(Error::internal)
}

/// The line of a resource; none: it does not go into the file.
fn line(
    row: &StoredResource,
    which: &Which,
    shape: &Shape,
    added: &mut Added,
) -> Result<Option<Vec<u8>>, BlobError> {
    let Some(stored) = &row.document else { return Ok(None) };
    added.read += stored.len();
    let read = |text: &[u8]| {
        document::parse(text).map_err(|cause| BlobError::Io {
            what: format!("read {}/{}", row.resource_type, row.id),
            cause: std::io::Error::other(cause.to_string()),
        })
    };
    let resource = read(stored)?;
    let about = patients(&resource);
    let wanted = match which {
        Which::All => true,
        Which::OfPatients => !about.is_empty(),
        Which::FirstOf { patient, all } => {
            about.iter().find(|one| all.binary_search(one).is_ok()) == Some(patient)
        }
    };
    if !wanted {
        return Ok(None);
    }
    added.about.extend(about);
    let mut line = to_served(stored, row.version, row.last_updated);
    if *shape != Shape::Whole {
        line = shape.of(&read(&line)?).to_string().into_bytes();
    }
    line.push(b'\n');
    Ok(Some(line))
}

/// Makes a file whole and durable.
pub(super) async fn seal(sheet: Sheet) -> Result<Sealed, Error> {
    let sealed = tokio::task::spawn_blocking(move || sheet.writer.finish());
    sealed.await.map_err(Error::internal)?.map_err(Error::internal)
}

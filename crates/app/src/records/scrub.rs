//! Look after sealed files: read each to the last byte, and take away what nobody speaks of.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use bianque_blobs::{BlobError, Known};
use bianque_model::BlobId;
use serde::Serialize;
use uuid::Uuid;

use crate::recording::Recording;
use crate::{App, Error, health};

/// A file that is younger may be on its way into a commit.
const AGE: Duration = Duration::from_hours(24);
/// An upload may be gone on with for a week.
const ABANDONED: Duration = Duration::from_hours(8 * 24);
/// Recordings of one tenant that are not composed.
const UNFINISHED: u32 = 10_000;

/// What a scrub found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Scrubbed {
    /// Sealed files that were looked at.
    pub checked: u64,
    /// Files whose bytes are not what was written.
    pub corrupt: Vec<BlobId>,
    /// Files that nobody spoke of, removed.
    pub removed: usize,
    /// Uploads that nobody went on with, removed.
    pub abandoned: usize,
}

/// Reads every sealed file, `pause` after each. What is wrong is logged and counted, and left as it is; what is a day old
/// and unknown to the database is removed; so are uploads that nobody may go on with any more.
pub async fn scrub(app: &App, pause: Duration) -> Result<Scrubbed, Error> {
    let (blobs, store) = (app.blobs.clone(), app.store.clone());
    let handle = tokio::runtime::Handle::current();
    let recorded = tracks(app).await?;
    let (found, abandoned) = tokio::task::spawn_blocking(move || {
        let found = blobs.scrub(SystemTime::now(), AGE, |id| {
            std::thread::sleep(pause);
            // What the database does not answer for is not taken for unknown.
            let row = handle.block_on(store.blob_owner(id)).map_err(|error| BlobError::Io {
                what: "ask the database".into(),
                cause: std::io::Error::other(error),
            })?;
            Ok(row.map(|(tenant, row)| Known { tenant, subject: row.subject, blake3: row.blake3 }))
        })?;
        blobs.remove_unreferenced(&found)?;
        let abandoned = blobs.remove_abandoned(SystemTime::now(), ABANDONED, |id| recorded.contains(&id))?;
        Ok::<_, BlobError>((found, abandoned.len()))
    })
    .await
    .map_err(Error::internal)?
    .map_err(Error::internal)?;
    for id in &found.corrupt {
        tracing::error!(blob = %id.0, "a sealed file does not open: its bytes are not what was written");
    }
    let scrubbed = Scrubbed {
        checked: found.checked,
        corrupt: found.corrupt,
        removed: found.unreferenced.len(),
        abandoned,
    };
    let done = health::ScrubDone {
        at: app.clock.now(),
        checked: scrubbed.checked,
        damaged: scrubbed.corrupt.len() as u64,
        removed: scrubbed.removed as u64,
    };
    health::remember(app, &done).await?;
    Ok(scrubbed)
}

/// Where tracks of recordings are staged that could not be composed yet.
async fn tracks(app: &App) -> Result<BTreeSet<Uuid>, Error> {
    let mut tracks = BTreeSet::new();
    for tenant in app.tenants.ids() {
        for found in app.list::<Recording>(tenant, "unfinished", "yes"..="yes", UNFINISHED).await? {
            tracks.extend(found.value.tracks.iter().map(|track| track.stage));
        }
    }
    Ok(tracks)
}

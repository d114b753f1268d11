//! Playing a recording, part by part, and taking it away as one file.

use std::collections::HashMap;
use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError};

use bianque_blobs::{Blobs, Reader};
use bianque_model::{BlobId, Context, ResourceId, TenantId, Timestamp};
use bianque_recording::{LogError, TrackLog, mux};
use bianque_store::{AuditAction, AuditRow};
use bytes::Bytes;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::compose::MEDIA_TYPE;
use super::record::{Recording, State};
use crate::change::audit_row;
use crate::policy::Part;
use crate::visits::access::load_as;
use crate::{App, Error};

/// Bytes that are read at once.
pub const PIECE: usize = 1 << 20;
/// A player asks for part after part; it is one look for so long, s.
const ONE_LOOK_S: i64 = 5 * 60;
/// Looks that are remembered.
const LOOKS: usize = 4_096;
/// Pieces of a file that is taken away which wait for the network.
const WAITING: usize = 4;

/// A file that may be played.
pub struct Playing {
    /// Bytes.
    pub size: u64,
    /// The media type.
    pub media_type: &'static str,
    blobs: Arc<Blobs>,
    tenant: TenantId,
    subject: String,
    blob: BlobId,
}

/// When somebody began to look at a file: what they ask for in the next minutes is the same look.
#[derive(Default)]
pub struct Looks(Mutex<HashMap<(String, BlobId), Timestamp>>);

impl Looks {
    fn is_new(&self, who: String, blob: BlobId, now: Timestamp) -> bool {
        let looks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        looks.get(&(who, blob)).is_none_or(|since| now.0 - since.0 > ONE_LOOK_S * 1_000_000)
    }

    /// Writes the audit row of a look, durable when this answers, unless the same look was written before.
    pub(crate) async fn look(
        &self,
        app: &App,
        context: &Context,
        blob: BlobId,
        row: AuditRow,
    ) -> Result<(), Error> {
        let who = format!("{}/{}", context.tenant, row.agent);
        if self.is_new(who.clone(), blob, context.now) {
            app.store.audit_read(context.tenant, row).await?;
            self.note(who, blob, context.now);
        }
        Ok(())
    }

    fn note(&self, who: String, blob: BlobId, now: Timestamp) {
        let mut looks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if looks.len() >= LOOKS {
            looks.retain(|_, since| now.0 - since.0 <= ONE_LOOK_S * 1_000_000);
        }
        looks.insert((who, blob), now);
    }
}

/// A file of a recording; its first part in a while is audited, durably, before anything of it is read.
pub async fn play(
    app: &App,
    context: &Context,
    visit: &ResourceId,
    id: &ResourceId,
    number: usize,
) -> Result<Playing, Error> {
    let recording = own(app, context, visit, id).await?;
    let file = recording.files.get(number).ok_or_else(Error::not_found)?;
    let entity = format!("DocumentReference/{id}");
    let row = audit_row(context, AuditAction::R, "recording.play", Some(&recording.patient), &entity);
    app.looks.look(app, context, file.blob, row).await?;
    Ok(Playing::of(app, context.tenant, recording.subject(), (file.blob, file.size), MEDIA_TYPE))
}

impl Playing {
    /// A sealed file of a subject.
    pub(crate) fn of(
        app: &App,
        tenant: TenantId,
        subject: String,
        (blob, size): (BlobId, u64),
        media_type: &'static str,
    ) -> Self {
        Self { size, media_type, blobs: Arc::clone(&app.blobs), tenant, subject, blob }
    }

    /// Up to [`PIECE`] bytes from a place.
    ///
    /// # Errors
    /// When the file does not open.
    pub async fn read(&self, from: u64, length: u64) -> Result<Bytes, Error> {
        let (blobs, tenant, subject, blob) =
            (Arc::clone(&self.blobs), self.tenant, self.subject.clone(), self.blob);
        let length = usize::try_from(length).unwrap_or(PIECE).min(PIECE);
        let read = tokio::task::spawn_blocking(move || {
            blobs.open_blob(tenant, &subject, blob)?.read_range(from, length)
        });
        Ok(read.await.map_err(Error::internal)?.map_err(Error::internal)?.into())
    }
}

/// All tracks of a recording as one file, piece after piece. Whoever asks has proved again who they are.
pub async fn take_away(
    app: &App,
    context: &Context,
    visit: &ResourceId,
    id: &ResourceId,
) -> Result<Receiver<Result<Bytes, io::Error>>, Error> {
    let recording = own(app, context, visit, id).await?;
    let entity = format!("DocumentReference/{id}");
    let row = audit_row(context, AuditAction::R, "recording.download", Some(&recording.patient), &entity);
    app.store.audit_read(context.tenant, row).await?;
    let (blobs, tenant) = (Arc::clone(&app.blobs), context.tenant);
    let (pieces, received) = channel(WAITING);
    tokio::task::spawn_blocking(move || {
        if let Err(error) = weave(&blobs, tenant, &recording, &pieces) {
            // Whoever went away needs no more of it.
            tracing::warn!(recording = %recording.id, %error, "a recording was not taken away whole");
            let _ = pieces.blocking_send(Err(io::Error::other("the recording does not open")));
        }
    });
    Ok(received)
}

/// A recording of the visit that can be played.
async fn own(app: &App, context: &Context, visit: &ResourceId, id: &ResourceId) -> Result<Recording, Error> {
    load_as(app, context, visit, &[Part::Clinician]).await?;
    let found = app.load::<Recording>(context.tenant, id.as_str()).await?.ok_or_else(Error::not_found)?.value;
    if found.visit != *visit || found.state != State::Ready {
        return Err(Error::not_found());
    }
    Ok(found)
}

fn weave(
    blobs: &Blobs,
    tenant: TenantId,
    recording: &Recording,
    pieces: &Sender<Result<Bytes, io::Error>>,
) -> Result<(), LogError> {
    let subject = recording.subject();
    let logs = || {
        let mut logs = Vec::new();
        for file in &recording.files {
            // Voice and camera, or one of them.
            for number in 1..=2 {
                let reader = blobs.open_blob(tenant, &subject, file.blob).map_err(io::Error::other)?;
                match TrackLog::open_track(Sequential { reader, piece: Vec::new(), given: 0, at: 0 }, number)
                {
                    Ok(log) => logs.push(log),
                    Err(LogError::NoLog) if number == 2 => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(logs)
    };
    let mut waiting = Vec::with_capacity(PIECE);
    mux(logs, |bytes| {
        waiting.extend_from_slice(bytes);
        if waiting.len() < PIECE {
            return Ok(());
        }
        send(pieces, std::mem::take(&mut waiting))
    })?;
    send(pieces, waiting)
}

fn send(pieces: &Sender<Result<Bytes, io::Error>>, bytes: Vec<u8>) -> Result<(), LogError> {
    pieces.blocking_send(Ok(bytes.into())).map_err(|error| LogError::Io(io::Error::other(error)))
}

/// A blob from its start to its end.
struct Sequential {
    reader: Reader,
    piece: Vec<u8>,
    /// Bytes of the piece that were given out.
    given: usize,
    /// Where the next piece begins.
    at: u64,
}

impl Read for Sequential {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.given == self.piece.len() {
            self.piece = self.reader.read_range(self.at, PIECE / 4).map_err(io::Error::other)?;
            self.at += self.piece.len() as u64;
            self.given = 0;
        }
        let rest = &self.piece[self.given..];
        let now = rest.len().min(out.len());
        out[..now].copy_from_slice(&rest[..now]);
        self.given += now;
        Ok(now)
    }
}

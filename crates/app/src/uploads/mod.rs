//! Uploads of photos and voice clips: begun once per idempotency key, continued at their durable offset, complete
//! exactly once.
//!
//! The ids of what an upload becomes follow from the upload's, and that from visit, sender and key. So whatever breaks
//! in between - the browser, the connection, the server - the same photo cannot come to be twice.

use bianque_blobs::BlobError;
use bianque_model::{Context, ResourceId, Timestamp};
use bianque_store::{AuditAction, BlobRow, CommitError, StateKey};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::Digest;
use uuid::Uuid;

use crate::aggregate::{Aggregate, shared};
use crate::photos::preview::{self, PhotoError};
use crate::photos::record::{BODY_SITES, Photo, SIDES, subject_of};
use crate::visits::access::{self, Access, bounded, one_of};
use crate::visits::encounter;
use crate::voice::{self, Clip};
use crate::{App, Change, Error, ErrorKind};

mod clip;
mod finish;
mod photo;
#[cfg(test)]
mod tests;
mod whole;

/// The largest photo, bytes.
pub const LARGEST: u64 = 50 << 20;
/// The largest piece of one request, bytes.
pub const LARGEST_PIECE: usize = 4 << 20;
/// An upload that nobody continues is swept away after this long.
const KEPT_S: i64 = 7 * 24 * 3600;
/// Uploads under way in one visit.
const MOST: u32 = 200;

/// A photo or a voice clip that is announced; its media type says which.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Announcement {
    /// Bytes.
    pub size: u64,
    /// SHA-256 of the whole, hex.
    pub sha256: String,
    /// The media type the browser names.
    pub content_type: String,
    /// Of a photo: where on the body.
    #[serde(default)]
    pub body_site: String,
    /// Of a photo: `left`, `right`, `both`, `none`.
    #[serde(default)]
    pub side: String,
    /// Of a voice clip: how long it is by the clock of whoever recorded it, ms.
    #[serde(default)]
    pub duration_ms: Option<u32>,
    /// The file's name; kept for nothing but the patient's own list.
    #[serde(default)]
    pub name: String,
}

/// An upload under way.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Upload {
    /// Its id.
    pub id: Uuid,
    /// The visit.
    pub visit: ResourceId,
    /// Who sends it, as participant.
    pub by: String,
    /// What was announced.
    pub announced: Announcement,
    /// When it is swept away.
    pub until: Timestamp,
}

impl Aggregate for Upload {
    const KIND: &'static str = "upload";
    const ABOUT_PATIENT: bool = true;

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn keys(&self) -> Vec<StateKey> {
        vec![shared("visit", self.visit.as_str())]
    }

    fn expires(&self) -> Option<Timestamp> {
        Some(self.until)
    }
}

/// Where an upload stands.
#[derive(Debug)]
pub enum Progress {
    /// It goes on at this offset.
    Open {
        /// The upload.
        id: Uuid,
        /// Durable bytes.
        offset: u64,
        /// Bytes in all.
        size: u64,
    },
    /// It is complete.
    Complete(Kept),
}

/// What an upload became.
#[derive(Debug)]
pub enum Kept {
    /// A photo.
    Photo(Box<Photo>),
    /// A voice clip.
    Clip(Box<Clip>),
}

impl Kept {
    /// Bytes.
    pub fn size(&self) -> u64 {
        match self {
            Self::Photo(photo) => photo.size,
            Self::Clip(clip) => clip.size,
        }
    }

    fn is_of(&self, visit: &ResourceId, by: &str) -> bool {
        match self {
            Self::Photo(photo) => photo.visit == *visit && photo.by == by,
            Self::Clip(clip) => clip.visit == *visit && clip.by == by,
        }
    }
}

impl Progress {
    /// The answer of the API.
    pub fn show(&self) -> Value {
        match self {
            Self::Open { id, offset, size } => json!({"upload": {"id": id, "offset": offset, "size": size}}),
            Self::Complete(Kept::Photo(photo)) => json!({"photo": photo.show()}),
            Self::Complete(Kept::Clip(clip)) => json!({"clip": clip.show()}),
        }
    }
}

/// Begins an upload, or finds the one that the same key began.
pub async fn begin(
    app: &App,
    context: &Context,
    visit: &ResourceId,
    key: &str,
    announced: Announcement,
) -> Result<Progress, Error> {
    let access = access::load(app, context, visit).await?;
    check(&announced)?;
    if !encounter::is_open(&access.encounter.value) {
        return Err(Error::conflict("visit.state", "the visit has ended"));
    }
    let by = access.participant_id(context);
    let id = upload_id(visit, &by, key)?;
    if let Some(kept) = kept(app, context, id).await? {
        return Ok(Progress::Complete(kept));
    }
    if let Some(upload) = app.load::<Upload>(context.tenant, &id.to_string()).await? {
        if upload.value.announced != announced {
            return Err(Error::conflict("upload.key", "this idempotency key belongs to another upload"));
        }
        return standing(app, context, &access, &upload.value).await;
    }
    let under_way =
        app.list::<Upload>(context.tenant, "visit", visit.as_str()..=visit.as_str(), MOST).await?;
    if under_way.len() >= MOST as usize {
        return Err(Error::conflict("upload.too-many", "too many uploads are under way"));
    }
    let upload = Upload { id, visit: visit.clone(), by, announced, until: context.now.plus_seconds(KEPT_S) };
    let mut change = Change::new(app, context);
    change.save(&upload)?;
    let operation = if upload.announced.is_clip() { "clip.begin" } else { "photo.begin" };
    change.audit(AuditAction::C, operation, Some(&access.visit.value.patient), &access.entity());
    change.commit().await?;
    standing(app, context, &access, &upload).await
}

/// Where an upload of the actor stands.
pub async fn progress(app: &App, context: &Context, visit: &ResourceId, id: Uuid) -> Result<Progress, Error> {
    let access = access::load(app, context, visit).await?;
    match own(app, context, &access, id).await? {
        Found::Kept(kept) => Ok(Progress::Complete(kept)),
        Found::Upload(upload) => standing(app, context, &access, &upload).await,
    }
}

/// Appends bytes at an offset; with the last byte the photo or clip comes to be.
pub async fn append(
    app: &App,
    context: &Context,
    visit: &ResourceId,
    id: Uuid,
    offset: u64,
    bytes: bytes::Bytes,
) -> Result<Progress, Error> {
    let access = access::load(app, context, visit).await?;
    let _alone = app.uploads.alone(id).await;
    let upload = match own(app, context, &access, id).await? {
        Found::Kept(kept) => return Ok(Progress::Complete(kept)),
        Found::Upload(upload) => upload,
    };
    let size = upload.announced.size;
    if offset.saturating_add(bytes.len() as u64) > size {
        return Err(Error::new(ErrorKind::TooLarge, "upload.too-large", "more bytes than were announced"));
    }
    let (blobs, tenant) = (app.blobs.clone(), context.tenant);
    let subject = subject_of(&access.visit.value.patient);
    let stands = blocking(move || blobs.stage(tenant, &subject, id)?.append(offset, &bytes)).await?;
    let stands = stands.map_err(|error| match error {
        BlobError::Offset { expected } => {
            let error = Error::conflict("upload.offset", "the upload stands at another offset");
            error.with_details(json!({"offset": expected}))
        }
        other => unavailable(other),
    })?;
    if stands < size {
        return Ok(Progress::Open { id, offset: stands, size });
    }
    finish::finish(app, context, &access, &upload).await
}

enum Found {
    Upload(Box<Upload>),
    Kept(Kept),
}

async fn own(app: &App, context: &Context, access: &Access, id: Uuid) -> Result<Found, Error> {
    let by = access.participant_id(context);
    let visit = &access.visit.value.id;
    if let Some(kept) = kept(app, context, id).await? {
        return if kept.is_of(visit, &by) { Ok(Found::Kept(kept)) } else { Err(Error::not_found()) };
    }
    let upload =
        app.load::<Upload>(context.tenant, &id.to_string()).await?.ok_or_else(Error::not_found)?.value;
    let own = upload.visit == *visit && upload.by == by;
    if own { Ok(Found::Upload(Box::new(upload))) } else { Err(Error::not_found()) }
}

async fn kept(app: &App, context: &Context, upload: Uuid) -> Result<Option<Kept>, Error> {
    let id = ResourceId::from(upload);
    if let Some(photo) = app.load::<Photo>(context.tenant, id.as_str()).await? {
        return Ok(Some(Kept::Photo(Box::new(photo.value))));
    }
    let clip = app.load::<Clip>(context.tenant, id.as_str()).await?;
    Ok(clip.map(|clip| Kept::Clip(Box::new(clip.value))))
}

async fn standing(app: &App, context: &Context, access: &Access, upload: &Upload) -> Result<Progress, Error> {
    let (blobs, tenant, id) = (app.blobs.clone(), context.tenant, upload.id);
    let subject = subject_of(&access.visit.value.patient);
    let offset = blocking(move || blobs.stage(tenant, &subject, id).map(|stage| stage.offset())).await?;
    let (offset, size) = (offset.map_err(unavailable)?, upload.announced.size);
    if offset == size {
        // The last byte is there and the answer was lost, with the server perhaps: complete it now.
        let _alone = app.uploads.alone(id).await;
        return finish::finish(app, context, access, upload).await;
    }
    Ok(Progress::Open { id, offset, size })
}

impl Announcement {
    /// A voice clip, else a photo.
    fn is_clip(&self) -> bool {
        self.content_type.starts_with("audio/")
    }
}

fn check(announced: &Announcement) -> Result<(), Error> {
    let (largest, says) = if announced.is_clip() {
        (voice::LARGEST, "a voice message has at most 4 MiB")
    } else {
        (LARGEST, "a photo has at most 50 MiB")
    };
    if announced.size > largest {
        return Err(Error::new(ErrorKind::TooLarge, "upload.too-large", says));
    }
    if announced.size == 0 {
        return Err(Error::field("upload.empty", "size", "there are no bytes to send"));
    }
    let hex = announced.sha256.len() == 64 && announced.sha256.bytes().all(|b| b.is_ascii_hexdigit());
    if !hex {
        return Err(Error::field("field.hash", "sha256", "sha256 is not 64 hexadecimal digits"));
    }
    bounded("name", &announced.name, 255)?;
    if announced.is_clip() { clip::check(announced) } else { photo::check(announced) }
}

fn upload_id(visit: &ResourceId, by: &str, key: &str) -> Result<Uuid, Error> {
    if !(8..=128).contains(&key.len()) {
        let message = "an idempotency-key header of 8 to 128 characters is needed";
        return Err(Error::new(ErrorKind::Malformed, "idempotency-key", message));
    }
    let digest = blake3::hash(format!("photo|{visit}|{by}|{key}").as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest.as_bytes()[..16]);
    Ok(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

fn wrong_type(message: &str) -> Error {
    Error::new(ErrorKind::WrongType, "upload.type", message)
}

fn unavailable(error: BlobError) -> Error {
    let message = "the upload could not be stored now; try again";
    Error {
        cause: Some(Box::new(error)),
        ..Error::new(ErrorKind::Unavailable, "upload.unavailable", message)
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)
}

/// Keeps two requests of one upload apart. Uploads that share a place wait for each other, which costs little.
#[derive(Debug)]
pub struct Lanes([tokio::sync::Mutex<()>; 64]);

impl Default for Lanes {
    fn default() -> Self {
        Self(std::array::from_fn(|_| tokio::sync::Mutex::new(())))
    }
}

impl Lanes {
    async fn alone(&self, upload: Uuid) -> tokio::sync::MutexGuard<'_, ()> {
        let lane = usize::from(upload.as_bytes()[0]) % self.0.len();
        self.0[lane].lock().await
    }
}

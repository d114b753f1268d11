//! The last byte is there: verify, seal, commit, tell.

use bianque_blobs::{Sealed, Stage};

use super::{
    Access, App, AuditAction, BlobError, Change, Context, Digest, Error, ErrorKind, LARGEST, PhotoError,
    Progress, Upload, blocking, clip, kept, photo, preview, subject_of, unavailable, wrong_type,
};
use crate::secrets::hex;
use crate::voice::inspect::{self, SoundFormat};

/// What was found in the bytes, and the blob they became.
pub(super) struct Verified {
    pub(super) sealed: Sealed,
    pub(super) sha1: [u8; 20],
    pub(super) found: Found,
}

/// What the bytes are, by themselves.
pub(super) enum Found {
    Image { media_type: &'static str, pixels: Option<(u32, u32)> },
    Sound(SoundFormat),
}

/// Why bytes do not become what was announced.
enum Refusal {
    Hash,
    Image(PhotoError),
    Sound,
    Blob(BlobError),
}

/// Completes an upload; done twice it is done once.
pub(super) async fn finish(
    app: &App,
    context: &Context,
    access: &Access,
    upload: &Upload,
) -> Result<Progress, Error> {
    if let Some(kept) = kept(app, context, upload.id).await? {
        return Ok(Progress::Complete(kept));
    }
    let verified = match verify(app, context, access, upload).await? {
        Ok(verified) => verified,
        Err(refusal) => return Err(refuse(app, context, access, upload, refusal).await?),
    };
    let kept = match verified.found {
        Found::Image { media_type, pixels } => {
            photo::keep(app, context, access, upload, (media_type, pixels), &verified).await?
        }
        Found::Sound(format) => clip::keep(app, context, access, upload, format, &verified).await?,
    };
    discard(app, context, access, upload).await;
    Ok(Progress::Complete(kept))
}

async fn verify(
    app: &App,
    context: &Context,
    access: &Access,
    upload: &Upload,
) -> Result<Result<Verified, Refusal>, Error> {
    let (blobs, tenant, id) = (app.blobs.clone(), context.tenant, upload.id);
    let subject = subject_of(&access.visit.value.patient);
    let announced = upload.announced.clone();
    blocking(move || {
        let stage = blobs.stage(tenant, &subject, id).map_err(Refusal::Blob)?;
        let (bytes, sha256, sha1) = read(&stage, announced.size).map_err(Refusal::Blob)?;
        if !sha256.eq_ignore_ascii_case(&announced.sha256) {
            return Err(Refusal::Hash);
        }
        let found = if announced.is_clip() {
            Found::Sound(inspect::inspect(&bytes, &announced.content_type).ok_or(Refusal::Sound)?)
        } else {
            let kind = preview::inspect(&bytes, &announced.content_type).map_err(Refusal::Image)?;
            Found::Image { media_type: kind.format.media_type(), pixels: kind.stored_size }
        };
        let sealed = stage.promote().map_err(Refusal::Blob)?;
        Ok(Verified { sealed, sha1, found })
    })
    .await
}

fn read(stage: &Stage, size: u64) -> Result<(Vec<u8>, String, [u8; 20]), BlobError> {
    // The size was checked when the upload was announced, and no more was ever appended.
    let mut bytes = Vec::with_capacity(usize::try_from(size.min(LARGEST)).unwrap_or_default());
    stage.read(|piece| bytes.extend_from_slice(piece))?;
    let sha256 = hex(&sha2::Sha256::digest(&bytes));
    let sha1 = sha1::Sha1::digest(&bytes).into();
    Ok((bytes, sha256, sha1))
}

/// Nothing of a refused upload is kept.
async fn refuse(
    app: &App,
    context: &Context,
    access: &Access,
    upload: &Upload,
    refusal: Refusal,
) -> Result<Error, Error> {
    let error = match refusal {
        Refusal::Blob(error) => return Ok(unavailable(error)),
        Refusal::Hash => {
            Error::new(ErrorKind::Refused, "upload.hash", "the bytes are not those that were announced")
        }
        Refusal::Image(PhotoError::Unsupported | PhotoError::WrongType { .. }) => {
            wrong_type("the file is not the image it says it is")
        }
        Refusal::Sound => wrong_type("the file is not the voice message it says it is"),
        Refusal::Image(error) => Error::new(ErrorKind::Refused, "upload.corrupt", error.to_string()),
    };
    let mut change = Change::new(app, context);
    change.remove::<Upload>(upload.id.to_string());
    let operation = if upload.announced.is_clip() { "clip.refuse" } else { "photo.refuse" };
    change.audit(AuditAction::D, operation, Some(&access.visit.value.patient), &access.entity());
    change.commit().await?;
    discard(app, context, access, upload).await;
    Ok(error)
}

/// An upload whose file stays behind is found by the scrub; what it became does not hang on it.
async fn discard(app: &App, context: &Context, access: &Access, upload: &Upload) {
    let (blobs, tenant, id) = (app.blobs.clone(), context.tenant, upload.id);
    let subject = subject_of(&access.visit.value.patient);
    let discarded = blocking(move || blobs.stage(tenant, &subject, id)?.discard()).await;
    if !matches!(discarded, Ok(Ok(()))) {
        tracing::warn!(upload = %id, "the staged bytes of an upload could not be removed");
    }
}

//! The last byte is there: verify, seal, commit, tell.

use bianque_blobs::{Sealed, Stage};

use super::{
    Access, App, AuditAction, BlobError, BlobRow, Change, CommitError, Context, Digest, Error, ErrorKind,
    LARGEST, Photo, PhotoError, Progress, ResourceId, Upload, What, blocking, json, photo_of, preview,
    subject_of, unavailable, wrong_type,
};
use crate::photos::record::{BODY_SITES, SIDES};
use crate::secrets::hex;
use crate::{instant, photos};

/// What was found in the bytes, and the blob they became.
struct Verified {
    sealed: Sealed,
    sha1: [u8; 20],
    media_type: &'static str,
    pixels: Option<(u32, u32)>,
}

/// Why bytes do not become a photo.
enum Refusal {
    Hash,
    Image(PhotoError),
    Blob(BlobError),
}

/// Completes an upload; done twice it is done once.
pub(super) async fn finish(
    app: &App,
    context: &Context,
    access: &Access,
    upload: &Upload,
) -> Result<Progress, Error> {
    if let Some(photo) = photo_of(app, context, upload.id).await? {
        return Ok(Progress::Complete(Box::new(photo)));
    }
    let verified = match verify(app, context, access, upload).await? {
        Ok(verified) => verified,
        Err(refusal) => return Err(refuse(app, context, access, upload, refusal).await?),
    };
    let photo = photo(context, access, upload, &verified);
    commit(app, context, access, upload, &photo, &verified).await?;
    discard(app, context, access, upload).await;
    access.tell(app, context, What::Message(json!({"t": "photo", "photo": photo.show()})));
    access.tell(app, context, What::Visit);
    photos::view::prepare_preview(app, context, &photo);
    Ok(Progress::Complete(Box::new(photo)))
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
        let kind = preview::inspect(&bytes, &announced.content_type).map_err(Refusal::Image)?;
        let sealed = stage.promote().map_err(Refusal::Blob)?;
        Ok(Verified { sealed, sha1, media_type: kind.format.media_type(), pixels: kind.stored_size })
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
        Refusal::Image(error) => Error::new(ErrorKind::Refused, "upload.corrupt", error.to_string()),
    };
    let mut change = Change::new(app, context);
    change.remove::<Upload>(upload.id.to_string());
    change.audit(AuditAction::D, "photo.refuse", Some(&access.visit.value.patient), &access.entity());
    change.commit().await?;
    discard(app, context, access, upload).await;
    Ok(error)
}

fn photo(context: &Context, access: &Access, upload: &Upload, verified: &Verified) -> Photo {
    let announced = &upload.announced;
    Photo {
        id: ResourceId::from(upload.id),
        visit: upload.visit.clone(),
        patient: access.visit.value.patient.clone(),
        by: upload.by.clone(),
        at: context.now,
        content_type: verified.media_type.to_owned(),
        size: verified.sealed.size,
        body_site: announced.body_site.clone(),
        side: announced.side.clone(),
        blob: verified.sealed.id,
        preview: None,
        no_preview: false,
        width: verified.pixels.map(|(width, _)| width),
        height: verified.pixels.map(|(_, height)| height),
    }
}

async fn commit(
    app: &App,
    context: &Context,
    access: &Access,
    upload: &Upload,
    photo: &Photo,
    verified: &Verified,
) -> Result<(), Error> {
    let mut change = Change::new(app, context);
    change.blob(BlobRow {
        id: verified.sealed.id,
        subject: photo.subject(),
        size: verified.sealed.size,
        blake3: verified.sealed.blake3,
    });
    change.create(&binary(photo))?;
    change.create(&document_reference(context, photo, verified))?;
    change.insert(photo)?;
    change.remove::<Upload>(upload.id.to_string());
    let entity = format!("DocumentReference/{}", photo.id);
    change.audit(AuditAction::C, "photo.add", Some(&access.visit.value.patient), &entity);
    change.event("photo.added", photo.visit.as_str(), &json!({"visit": photo.visit, "photo": photo.id}));
    match change.try_commit().await {
        // A version conflict says that the photo is there: the answer of before was lost.
        Ok(_) | Err(CommitError::Version { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The bytes lie sealed beside the store; the Binary names them and what protects them.
fn binary(photo: &Photo) -> serde_json::Value {
    json!({
        "resourceType": "Binary",
        "id": photo.id,
        "contentType": photo.content_type,
        "securityContext": {"reference": format!("Patient/{}", photo.patient)},
    })
}

/// R4 gives a DocumentReference no body site; site and side are codings of its category.
fn document_reference(context: &Context, photo: &Photo, verified: &Verified) -> serde_json::Value {
    use base64::Engine;
    let hash = base64::engine::general_purpose::STANDARD.encode(verified.sha1);
    let mut category = vec![coded(&BODY_SITES, &photo.body_site)];
    category.extend((photo.side != "none").then(|| coded(&SIDES, &photo.side)));
    let reference = |name: String| json!({"reference": name});
    json!({
        "resourceType": "DocumentReference",
        "id": photo.id,
        "status": "current",
        "docStatus": "final",
        "type": {"coding": [{
            "system": "http://loinc.org", "code": "72170-4", "display": "Photographic image",
        }]},
        "category": category,
        "subject": reference(format!("Patient/{}", photo.patient)),
        "date": instant::text(photo.at),
        "author": [reference(bianque_store::agent_of(context).0)],
        "content": [{"attachment": {
            "contentType": photo.content_type,
            "url": format!("Binary/{}", photo.id),
            "size": photo.size,
            "hash": hash,
            "creation": instant::text(photo.at),
        }}],
        "context": {"encounter": [reference(format!("Encounter/{}", photo.visit))]},
    })
}

fn coded(table: &[(&str, &str)], code: &str) -> serde_json::Value {
    let snomed = table.iter().find(|(name, _)| *name == code).map_or("", |(_, snomed)| *snomed);
    if snomed.is_empty() {
        return json!({"text": code});
    }
    json!({"coding": [{"system": "http://snomed.info/sct", "code": snomed, "display": code}], "text": code})
}

/// An upload whose file stays behind is found by the scrub; the photo does not hang on it.
async fn discard(app: &App, context: &Context, access: &Access, upload: &Upload) {
    let (blobs, tenant, id) = (app.blobs.clone(), context.tenant, upload.id);
    let subject = subject_of(&access.visit.value.patient);
    let discarded = blocking(move || blobs.stage(tenant, &subject, id)?.discard()).await;
    if !matches!(discarded, Ok(Ok(()))) {
        tracing::warn!(upload = %id, "the staged bytes of a photo could not be removed");
    }
}

//! Photos as they are looked at: lists, previews, originals.

use bianque_model::{BlobId, Context, ResourceId};
use bianque_store::BlobRow;
use serde_json::{Value, json};

use super::preview::{DecodeWorker, PhotoError};
use super::record::{Photo, subject_of};
use crate::aggregate::Loaded;
use crate::visits::access::{self, Access};
use crate::{App, Change, Error, ErrorKind};

/// Photos of one visit or patient.
const MOST: u32 = 1000;

/// Bytes with their media type.
#[derive(Debug)]
pub struct Image {
    /// The media type.
    pub content_type: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// The photos of a visit, audited as a read.
pub async fn list(app: &App, context: &Context, visit: &ResourceId) -> Result<Value, Error> {
    let access = access::load(app, context, visit).await?;
    app.audit_read(context, "photo.list", &access.visit.value.patient, &access.entity()).await?;
    Ok(json!({"photos": of_visit(app, context, visit).await?}))
}

/// The photos of a visit for a reader who is authorised and audited already, oldest first.
pub async fn of_visit(app: &App, context: &Context, visit: &ResourceId) -> Result<Vec<Value>, Error> {
    by(app, context, "visit", visit).await
}

/// The photos of a patient for a reader who is authorised and audited already, oldest first.
pub async fn of_patient(app: &App, context: &Context, patient: &ResourceId) -> Result<Vec<Value>, Error> {
    let mut all = Vec::new();
    for patient in app.same_patient(context.tenant, patient).await?.all {
        all.extend(by(app, context, "patient", &patient).await?);
    }
    Ok(all)
}

/// The preview of a photo; made now where it is still missing.
pub async fn preview(
    app: &App,
    context: &Context,
    visit: &ResourceId,
    id: &ResourceId,
) -> Result<Image, Error> {
    let photo = own(app, context, visit, id, "photo.preview").await?;
    let made = match photo.value.preview {
        Some(blob) => Some(blob),
        None if photo.value.no_preview => None,
        None => make_preview(app, context, photo.value.clone()).await?,
    };
    let blob = made.ok_or_else(|| {
        Error::new(
            ErrorKind::NotFound,
            "photo.no-preview",
            "this photo is kept, but no preview can be made of it",
        )
    })?;
    let bytes = read(app, context, &photo.value.patient, blob).await?;
    Ok(Image { content_type: "image/jpeg".into(), bytes })
}

/// The photo as it came.
pub async fn original(
    app: &App,
    context: &Context,
    visit: &ResourceId,
    id: &ResourceId,
) -> Result<Image, Error> {
    let photo = own(app, context, visit, id, "photo.original").await?.value;
    let bytes = read(app, context, &photo.patient, photo.blob).await?;
    Ok(Image { content_type: photo.content_type, bytes })
}

/// Makes the preview while nobody waits; the first look makes it where this fails.
pub(crate) fn prepare_preview(app: &App, context: &Context, photo: &Photo) {
    let (app, context, photo) = (app.clone(), context.clone(), photo.clone());
    tokio::spawn(async move {
        if let Err(error) = make_preview(&app, &context, photo).await {
            tracing::warn!(%error, "a preview could not be made");
        }
    });
}

async fn by(app: &App, context: &Context, key: &'static str, id: &ResourceId) -> Result<Vec<Value>, Error> {
    let mut photos = app.list::<Photo>(context.tenant, key, id.as_str()..=id.as_str(), MOST).await?;
    photos.sort_by(|a, b| (a.value.at, a.value.id.as_str()).cmp(&(b.value.at, b.value.id.as_str())));
    Ok(photos.iter().map(|photo| photo.value.show()).collect())
}

/// A photo of the visit; a consultant and a clinician of the visit also see the patient's earlier ones.
async fn own(
    app: &App,
    context: &Context,
    visit: &ResourceId,
    id: &ResourceId,
    operation: &str,
) -> Result<Loaded<Photo>, Error> {
    let access = access::load(app, context, visit).await?;
    let photo = app.load::<Photo>(context.tenant, id.as_str()).await?.ok_or_else(Error::not_found)?;
    if !belongs(&access, &photo.value) {
        return Err(Error::not_found());
    }
    let entity = format!("DocumentReference/{id}");
    app.audit_read(context, operation, &access.visit.value.patient, &entity).await?;
    Ok(photo)
}

fn belongs(access: &Access, photo: &Photo) -> bool {
    photo.visit == access.visit.value.id
}

async fn make_preview(app: &App, context: &Context, mut photo: Photo) -> Result<Option<BlobId>, Error> {
    let original = read(app, context, &photo.patient, photo.blob).await?;
    let mut change = Change::new(app, context).bulk();
    match DecodeWorker::new(&app.settings.decoder).preview(&original).await {
        Ok(preview) => {
            let (blobs, tenant, subject) = (app.blobs.clone(), context.tenant, photo.subject());
            let sealed = tokio::task::spawn_blocking(move || {
                let mut writer = blobs.create(tenant, &subject)?;
                writer.write(&preview.jpeg)?;
                writer.finish().map(|sealed| (sealed, preview.width, preview.height))
            });
            let (sealed, width, height) = sealed.await.map_err(Error::internal)?.map_err(Error::internal)?;
            change.blob(BlobRow {
                id: sealed.id,
                subject: photo.subject(),
                size: sealed.size,
                blake3: sealed.blake3,
            });
            (photo.preview, photo.width, photo.height) = (Some(sealed.id), Some(width), Some(height));
        }
        // What the decoder knows it cannot do it will not learn; a decoder that is busy or gone is asked again.
        Err(PhotoError::NoPreview(why)) => {
            tracing::warn!(why, photo = %photo.id, "no preview");
            photo.no_preview = true;
        }
        Err(_) => photo.no_preview = true,
    }
    change.save(&photo)?;
    change.commit().await?;
    Ok(photo.preview)
}

/// The bytes of a blob that belongs to a patient.
pub(crate) async fn read(
    app: &App,
    context: &Context,
    patient: &ResourceId,
    blob: BlobId,
) -> Result<Vec<u8>, Error> {
    let (blobs, tenant, subject) = (app.blobs.clone(), context.tenant, subject_of(patient));
    let read = tokio::task::spawn_blocking(move || {
        let reader = blobs.open_blob(tenant, &subject, blob)?;
        reader.read_range(0, usize::try_from(reader.size()).unwrap_or(usize::MAX))
    });
    read.await.map_err(Error::internal)?.map_err(Error::internal)
}

//! What a photo and a voice clip have in common once their bytes are whole.

use super::finish::Verified;
use super::{BlobRow, Change, CommitError, Error, ResourceId, Upload, json, subject_of};

/// The bytes lie sealed beside the store; a Binary names them and what protects them, and the upload is over.
pub(super) fn keep_bytes(
    change: &mut Change<'_>,
    upload: &Upload,
    patient: &ResourceId,
    media_type: &str,
    verified: &Verified,
) -> Result<(), Error> {
    let (id, size, blake3) = (verified.sealed.id, verified.sealed.size, verified.sealed.blake3);
    change.blob(BlobRow { id, subject: subject_of(patient), size, blake3 });
    change.create(&json!({
        "resourceType": "Binary",
        "id": ResourceId::from(upload.id),
        "contentType": media_type,
        "securityContext": {"reference": format!("Patient/{patient}")},
    }))?;
    change.remove::<Upload>(upload.id.to_string());
    Ok(())
}

/// Answers whether it is new: a version conflict says that it is there, and that the answer of before was lost.
pub(super) async fn commit(change: Change<'_>) -> Result<bool, Error> {
    match change.try_commit().await {
        Ok(_) => Ok(true),
        Err(CommitError::Version { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

//! A subject whose bytes shall open no more, and a blob that changes hands.

use bianque_model::{BlobId, TenantId};

use crate::keys::about_subject;
use crate::{BlobError, Blobs, Sealed};

impl Blobs {
    /// Removes the key of a subject: from here on nothing that it wrapped opens, wherever copies of it lie without that
    /// key. Blobs and uploads of the subject are removed by their ids. Calling it again does no harm.
    pub fn shred_key(&self, tenant: TenantId, subject: &str) -> Result<(), BlobError> {
        let keys = &self.place.keys;
        let about = about_subject(tenant, subject);
        let mut held = keys.hold();
        held.forget(&about);
        for path in keys.files_of(&held, &about) {
            self.place.waiting.remove(keys.disk, &path)?;
        }
        Ok(())
    }

    /// Removes a staged upload of which only the id is known.
    pub fn forget_upload(&self, upload: uuid::Uuid) -> Result<(), BlobError> {
        self.place.waiting.remove(self.place.disk, &self.place.staged(upload))
    }

    /// Seals the bytes of a blob anew, for another subject, under a new id: what a merge of two records needs. The old
    /// blob stays until [`Blobs::delete`], which comes after the commit that speaks of the new one.
    ///
    /// # Errors
    /// As [`Blobs::open_blob`]; nothing is left behind then.
    pub fn rewrap(&self, tenant: TenantId, id: BlobId, from: &str, to: &str) -> Result<Sealed, BlobError> {
        let reader = self.open_blob(tenant, from, id)?;
        let mut writer = self.create(tenant, to)?;
        for chunk in reader.chunks() {
            writer.write(&chunk?)?;
        }
        writer.finish()
    }
}

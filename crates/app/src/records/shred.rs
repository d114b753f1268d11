//! Destroy all that is kept of a patient.
//!
//! The intention is committed first and goes last, so that a shredding that was cut off is gone on with at the next
//! start. Then the patient's key goes, after which no copy of a blob opens any more; then the blobs; then the rows, with
//! their history and what they are found by. The audit stays: it names ids, and that the record was shredded.

#[cfg(test)]
mod tests;

use bianque_model::{Context, ResourceId, TenantId, Timestamp};
use bianque_store::{About, AuditAction, StateKey};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::retention::{over, told};
use crate::aggregate::{Aggregate, shared};
use crate::jobs::remove_exports;
use crate::policy::STUDY;
use crate::recording::Recording;
use crate::tenants::operator;
use crate::uploads::Upload;
use crate::{App, Change, Error, ErrorKind, instant};

/// Somebody may still write to the record while it goes: it is looked for again, this often.
const ROUNDS: usize = 5;

/// A shredding under way.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Shredding {
    patient: ResourceId,
    reason: String,
}

impl Aggregate for Shredding {
    const KIND: &'static str = "shredding";
    const ABOUT_PATIENT: bool = false;

    fn id(&self) -> String {
        self.patient.to_string()
    }

    fn keys(&self) -> Vec<StateKey> {
        vec![shared("under-way", "yes")]
    }
}

/// What went.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Shredded {
    /// Resources, each with all its versions.
    pub resources: usize,
    /// State documents.
    pub states: usize,
    /// Sealed files.
    pub blobs: usize,
    /// Resources that lie in another patient's record too, and stay there.
    pub shared: u64,
    /// Resources that stay and refer to what went.
    pub referring: u64,
}

/// Destroys a patient's record; the operator on the machine asks.
///
/// # Errors
/// `shred.hold` and `shred.retention` while it must be kept, `shred.merged` when another record stands for it.
pub async fn shred(
    app: &App,
    tenant: TenantId,
    patient: &ResourceId,
    reason: &str,
) -> Result<Shredded, Error> {
    destroy(app, &operator(app, tenant)?, patient, reason).await
}

/// Destroys a patient's record for whoever may.
///
/// # Errors
/// `shred.hold` and `shred.retention` while it must be kept, `shred.merged` when another record stands for it.
pub(super) async fn destroy(
    app: &App,
    context: &Context,
    patient: &ResourceId,
    reason: &str,
) -> Result<Shredded, Error> {
    let same = app.same_patient(context.tenant, patient).await?;
    if same.survivor != *patient {
        let message = "this record was merged into another: shred that, or undo the merge";
        return Err(Error::conflict("shred.merged", message));
    }
    // Whoever is one with the patient goes with them, and only when all of them may.
    let mut change = Change::new(app, context);
    for patient in &same.all {
        let row = told(context, AuditAction::D, "record.shred", patient, reason)?;
        let about = app.store.traces(context.tenant, patient.clone()).await?;
        let Some(changed) = about.changed else {
            return Err(Error::new(
                ErrorKind::NotFound,
                "shred.unknown",
                "there is no record of this patient",
            ));
        };
        let last = changed.max(last_encounter(app, context, &about).await?.unwrap_or(changed));
        over(app, context, patient, last).await?;
        change.save(&Shredding { patient: patient.clone(), reason: row.detail })?;
    }
    change.commit().await?;
    let mut shredded = Shredded::default();
    // The one that stands for all of them last, so that the others are known to be theirs until then.
    for patient in same.all.iter().rev() {
        let one = finish(app, context, patient, reason).await?;
        shredded.resources += one.resources;
        shredded.states += one.states;
        shredded.blobs += one.blobs;
        shredded.shared += one.shared;
        shredded.referring += one.referring;
    }
    Ok(shredded)
}

/// Goes on with what was cut off, in every tenant, closed ones too.
pub async fn resume(app: &App) -> Result<(), Error> {
    for tenant in app.tenants.ids() {
        resume_in(app, &operator(app, tenant)?).await?;
    }
    Ok(())
}

async fn resume_in(app: &App, context: &Context) -> Result<(), Error> {
    for found in app.list::<Shredding>(context.tenant, "under-way", "yes"..="yes", 100).await? {
        tracing::warn!(patient = %found.value.patient, "going on with a shredding");
        finish(app, context, &found.value.patient, &found.value.reason).await?;
    }
    Ok(())
}

async fn finish(app: &App, context: &Context, patient: &ResourceId, reason: &str) -> Result<Shredded, Error> {
    let mut shredded = Shredded::default();
    for _ in 0..ROUNDS {
        let about = app.store.traces(context.tenant, patient.clone()).await?;
        if about.is_empty() {
            break;
        }
        shredded.resources += about.resources.len();
        shredded.states += about.states.len();
        shredded.blobs += about.blobs.len();
        shredded.shared = about.shared;
        // Copies of the record in the files of exports; before the rows that speak of them.
        remove_exports(app, context.tenant).await?;
        shredded.referring = shredded.referring.max(about.referring);
        remove_files(app, context, patient, &about).await?;
        app.store.erase(context.tenant, patient.clone(), about).await?;
    }
    let mut change = Change::new(app, context);
    change.remove::<Shredding>(patient.as_str());
    change.audit_with(told(context, AuditAction::D, "record.shred", patient, reason)?);
    change.commit().await?;
    // What is erased may have been a definition.
    app.profiles.renew(context.tenant);
    // The intention held the reason, which the audit has now.
    app.store.erase(context.tenant, patient.clone(), About::default()).await?;
    Ok(shredded)
}

/// The end of the last encounter.
async fn last_encounter(app: &App, context: &Context, about: &About) -> Result<Option<Timestamp>, Error> {
    let encounters = about.resources.iter().filter(|(kind, ..)| kind == "Encounter");
    let wanted = encounters.map(|(kind, id, _)| (kind.clone(), id.clone())).collect();
    let stored = app.store.read_many(context.tenant, wanted).await?;
    let documents = stored.into_iter().flatten().filter_map(|stored| stored.document);
    let end = |document: Vec<u8>| {
        let encounter: Value = serde_json::from_slice(&document).ok()?;
        instant::parse(encounter["period"]["end"].as_str()?)
    };
    Ok(documents.filter_map(end).max())
}

/// The key first: from then on what is left opens no more.
async fn remove_files(
    app: &App,
    context: &Context,
    patient: &ResourceId,
    about: &About,
) -> Result<(), Error> {
    let (blobs, tenant) = (app.blobs.clone(), context.tenant);
    let mut subjects = vec![format!("Patient/{patient}")];
    subjects.extend(about.studies.iter().map(|study| format!("{STUDY}/{}", study.id)));
    let files = about.blobs.clone();
    let mut uploads: Vec<Uuid> = about
        .states
        .iter()
        .filter(|(kind, _)| kind == Upload::KIND)
        .filter_map(|(_, id)| Uuid::try_parse(id).ok())
        .collect();
    for (_, id) in about.states.iter().filter(|(kind, _)| kind == Recording::KIND) {
        let recording = app.load::<Recording>(tenant, id).await?;
        let tracks = recording.into_iter().flat_map(|loaded| loaded.value.tracks);
        uploads.extend(tracks.map(|track| track.stage));
    }
    let removed = tokio::task::spawn_blocking(move || {
        subjects.iter().try_for_each(|subject| blobs.shred_key(tenant, subject))?;
        files.iter().try_for_each(|id| blobs.delete(*id))?;
        uploads.iter().try_for_each(|id| blobs.forget_upload(*id))
    });
    removed.await.map_err(Error::internal)?.map_err(Error::internal)
}

//! The commit that makes an instance part of the archive.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use bianque_blobs::Sealed;
use bianque_dicom::Header;
use bianque_model::{Context, ResourceId, TenantId, Timestamp};
use bianque_query::{ImageLevel, ImageQuery, Scope};
use bianque_store::{
    AuditAction, BlobRow, CommitError, Expectation, ImageInstance, ImageInstanceWrite, ImagePatientWrite,
    ImageSeriesWrite, ImageStudyWrite, ImageWrite, agent_of,
};

use super::entry::Entry;
use super::refusal::Refusal;
use super::whose::{self, Whose};
use super::{frames, peers, study};
use crate::policy::STUDY;
use crate::{App, Change, Error};

/// How long one audit row speaks for further instances of a study.
const SPEAKS_S: i64 = 300;
/// Studies that are remembered.
const REMEMBERED: usize = 2_000;
/// Askers of a study that are remembered.
const ASKERS: usize = 16;

/// An instance that is on the disk.
pub(super) struct Kept<'a> {
    pub(super) sealed: Sealed,
    pub(super) data_set: u64,
    pub(super) header: &'a Header,
}

/// Why it is not part of the archive.
pub(super) enum Failed {
    Refused(Refusal),
    Commit(CommitError),
}

impl<E: Into<Refusal>> From<E> for Failed {
    fn from(error: E) -> Self {
        Self::Refused(error.into())
    }
}

/// What is known of a study whose instances come now.
#[derive(Debug, Clone)]
struct KnownStudy {
    identity: String,
    patient: Option<ResourceId>,
    named: String,
    /// Who brought instances of it, and when that was written down.
    told: Vec<(String, Timestamp)>,
}

/// The studies whose instances come now: what was asked once is not asked for each of thousands.
#[derive(Debug, Default)]
pub(super) struct KnownStudies(Mutex<HashMap<(TenantId, String), KnownStudy>>);

impl KnownStudies {
    fn get(&self, tenant: TenantId, study: &str) -> Option<KnownStudy> {
        self.locked().get(&(tenant, study.to_owned())).cloned()
    }

    fn put(&self, tenant: TenantId, study: &str, known: KnownStudy) {
        let mut all = self.locked();
        if all.len() >= REMEMBERED {
            all.clear();
        }
        all.insert((tenant, study.to_owned()), known);
    }

    /// What is known of a study may be so no longer.
    pub(super) fn forget(&self, tenant: TenantId, study: &str) {
        self.locked().remove(&(tenant, study.to_owned()));
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, HashMap<(TenantId, String), KnownStudy>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes an instance into the index, with its study and the patient where they are new.
pub(super) async fn keep(app: &App, context: &Context, entry: &Entry, kept: &Kept<'_>) -> Result<(), Failed> {
    let id = study::id_of(context.tenant, &entry.study);
    let mut change = Change::new(app, context).bulk();
    let key = entry.named.key();
    let mut known = match app.archive.known_studies.get(context.tenant, &entry.study) {
        Some(known) if known.named == key => known,
        _ => standing_or_new(app, context, entry, &id, &mut change).await?,
    };
    let (agent, _) = agent_of(context);
    let fresh = known.told.iter().any(|(who, at)| *who == agent && context.now < at.plus_seconds(SPEAKS_S));
    if !fresh {
        let entity = format!("{STUDY}/{id}");
        change.audit(AuditAction::C, "archive.store", known.patient.as_ref(), &entity);
        known.told.retain(|(who, _)| *who != agent);
        known.told.truncate(ASKERS);
        known.told.push((agent, context.now));
    }
    change.blob(BlobRow {
        id: kept.sealed.id,
        subject: study::subject(&id),
        size: kept.sealed.size,
        blake3: kept.sealed.blake3,
    });
    change.keep_image(image(context, entry, kept, &id, &known));
    change.try_commit().await.map_err(Failed::Commit)?;
    app.archive.known_studies.put(context.tenant, &entry.study, known);
    Ok(())
}

/// What stands of a study; a new one is put into the change, and its patient where they are to be made.
async fn standing_or_new(
    app: &App,
    context: &Context,
    entry: &Entry,
    id: &ResourceId,
    change: &mut Change<'_>,
) -> Result<KnownStudy, Failed> {
    let known =
        |identity, patient| KnownStudy { identity, patient, named: entry.named.key(), told: Vec::new() };
    let query = ImageQuery {
        studies: vec![entry.study.clone()],
        ..ImageQuery::all(ImageLevel::Study, STUDY, Scope::All, 1)
    };
    if let Some(row) = app.store.images(context.tenant, query).await?.pop() {
        return Ok(known(row.patient.identity, row.patient.patient));
    }
    let peer = peers::of_context(app, context).await?;
    let rules = peer.as_ref().map(|peer| &peer.rules);
    let Whose { identity, patient, made } = whose::whose(app, context, rules, &entry.named).await?;
    if let Some((person, expected)) = made {
        for one in expected {
            change.expect(one);
        }
        change.create(&person)?;
    }
    let resource = study::first(id, &entry.study, patient.as_ref(), &entry.named, &entry.moment);
    change.expect(Expectation::ResourceVersion {
        resource_type: STUDY.to_owned(),
        id: id.clone(),
        version: 0,
    });
    change.put(&resource)?;
    Ok(known(identity, patient))
}

fn image(
    context: &Context,
    entry: &Entry,
    kept: &Kept<'_>,
    id: &ResourceId,
    known: &KnownStudy,
) -> ImageWrite {
    let table = frames::table(kept.header);
    ImageWrite {
        patient: ImagePatientWrite {
            identity: known.identity.clone(),
            patient: known.patient.clone(),
            document: entry.patient_part.document.clone(),
            values: entry.patient_part.values.clone(),
        },
        study: ImageStudyWrite {
            uid: entry.study.clone(),
            named: known.named.clone(),
            resource: (STUDY.to_owned(), id.clone()),
            moment: entry.moment.clone(),
            document: entry.study_part.document.clone(),
            values: entry.study_part.values.clone(),
        },
        series: ImageSeriesWrite {
            uid: entry.series.clone(),
            number: entry.series_number,
            modality: entry.modality.clone(),
            document: entry.series_part.document.clone(),
            values: entry.series_part.values.clone(),
            study_values: entry.study_values.clone(),
        },
        instance: ImageInstanceWrite {
            row: ImageInstance {
                uid: entry.instance.clone(),
                number: entry.number,
                class: entry.class.clone(),
                syntax: kept.header.transfer_syntax.uid().to_owned(),
                blob: kept.sealed.id,
                size: kept.sealed.size,
                data_set: kept.data_set,
                header: frames::header_length(kept.header),
                frames: entry.frames,
                received_at: context.now,
                document: entry.document.clone(),
            },
            places: table,
        },
    }
}

/// Whether the data set of an instance that is kept is that of one that came again.
pub(super) async fn same(
    app: &App,
    context: &Context,
    entry: &Entry,
    sealed: Sealed,
    data_set: u64,
) -> Result<bool, Refusal> {
    let query = ImageQuery {
        instances: vec![entry.instance.clone()],
        ..ImageQuery::all(ImageLevel::Instance, STUDY, Scope::All, 1)
    };
    let Some(row) = app.store.images(context.tenant, query).await?.pop() else { return Ok(false) };
    let (Some(study), Some(instance)) = (row.study, row.instance) else { return Ok(false) };
    if study.uid != entry.study || instance.size - instance.data_set != sealed.size - data_set {
        return Ok(false);
    }
    let (blobs, tenant) = (app.blobs.clone(), context.tenant);
    let compared = tokio::task::spawn_blocking(move || {
        let subject = study::subject(&study.id);
        let (mut here, mut there) = (instance.data_set, data_set);
        let kept = blobs.open_blob(tenant, &subject, instance.blob)?;
        let came = blobs.open_blob(tenant, &subject, sealed.id)?;
        loop {
            let one = kept.read_range(here, bianque_blobs::CHUNK_BYTES)?;
            let other = came.read_range(there, bianque_blobs::CHUNK_BYTES)?;
            if one != other {
                return Ok(false);
            }
            if one.is_empty() {
                return Ok(true);
            }
            (here, there) = (here + one.len() as u64, there + other.len() as u64);
        }
    });
    let compared: Result<bool, bianque_blobs::BlobError> = compared.await.map_err(Error::internal)?;
    compared.map_err(|error| Error::internal(error).into())
}

//! One piece of an export: the next file, and the place behind it.

use std::sync::Arc;

use bianque_fhir::Shape;
use bianque_model::{Context, ResourceId, TenantId};
use bianque_store::{AuditAction, BlobRow};

use super::file::{self, Added, Sheet, Which};
use super::page::{FIRST, Reading, next_limit};
use super::{Export, File, Whose, cohort};
use crate::aggregate::Loaded;
use crate::change::audit_row;
use crate::jobs::{Job, Named, Step, Work, subject};
use crate::{App, Change, Error};

/// Patients of one row of the audit.
const PATIENTS: usize = 400;

/// Writes the next file, and with it how far the export came. A file holds one type and ends at the size that is set, so
/// that a process that is killed has lost no more than that.
pub(crate) async fn piece(
    app: &App,
    tenant: TenantId,
    loaded: &Loaded<Job>,
    named: &mut Named,
) -> Result<Step, Error> {
    let mut next = loaded.clone();
    next.value.began.get_or_insert(loaded.last_updated);
    let context = next.value.context(app, tenant);
    let sheet = fill(app, &context, &mut next.value, named).await?;
    let mut change = Change::new(app, &context).bulk();
    let Work::Export(export) = &mut next.value.work else { return Ok(Step::Done) };
    let mut made = None;
    if let Some((resource_type, sheet)) = sheet {
        let count = sheet.count;
        let sealed = file::seal(sheet).await?;
        made = Some(sealed.id);
        let subject = subject(&loaded.value.id);
        change.blob(BlobRow { id: sealed.id, subject, size: sealed.size, blake3: sealed.blake3 });
        let name = format!("{resource_type}-{}.ndjson", export.files.len() + 1);
        export.files.push(File { resource_type, name, blob: sealed.id, size: sealed.size, count });
    }
    let ended = export.place.of >= export.types.len();
    if ended {
        next.value.finish(app, None);
    }
    change.update(&next)?;
    if let Err(error) = change.commit().await {
        // Nobody speaks of the file.
        if let Some(blob) = made {
            app.blobs.delete(blob).map_err(Error::internal)?;
        }
        return Err(error);
    }
    Ok(if ended { Step::Done } else { Step::More })
}

/// Reads on until a file is full or a type that had something ends; moves the place.
async fn fill(
    app: &App,
    context: &Context,
    job: &mut Job,
    named: &mut Named,
) -> Result<Option<(String, Sheet)>, Error> {
    let (id, at) = (job.id.clone(), job.began.unwrap_or(context.now));
    // What a filter says of now is said of when it was asked.
    let asked = Context { now: job.asked_at, ..context.clone() };
    let Work::Export(export) = &mut job.work else { return Ok(None) };
    let patients = cohort::patients(app, context, &export.whose).await?.map(Arc::new);
    let shape = export.wanted.shape()?;
    while let Some(resource_type) = export.types.get(export.place.of).cloned() {
        let filter = export.wanted.filter(app, &asked, &resource_type).await?;
        let reading =
            Reading { app, context, resource_type: &resource_type, since: export.since(), filter, at };
        let filling = Filling { reading, id: &id, shape: &shape, patients: patients.as_ref() };
        if let Some(sheet) = filling.of_type(export, named).await? {
            return Ok(Some((resource_type, sheet)));
        }
    }
    Ok(None)
}

/// The filling of a file with resources of one type.
struct Filling<'a> {
    reading: Reading<'a>,
    id: &'a ResourceId,
    shape: &'a Shape,
    patients: Option<&'a Arc<Vec<ResourceId>>>,
}

impl Filling<'_> {
    async fn of_type(&self, export: &mut Export, named: &mut Named) -> Result<Option<Sheet>, Error> {
        let (app, context) = (self.reading.app, self.reading.context);
        let (mut sheet, mut limit) = (None, FIRST);
        // Of many patients most types have nothing at all.
        if self.patients.is_some() && self.reading.is_empty().await? {
            export.place.next_type();
            return Ok(None);
        }
        loop {
            let _turn = app.jobs.turn().await;
            self.still_wanted().await?;
            let Some((which, patient)) = self.which(export) else {
                export.place.next_type();
                return Ok(sheet);
            };
            let (rows, next) = self.reading.page(&export.place, patient, limit).await?;
            let count = rows.len();
            let Added { sheet: filled, read, about } =
                file::add(app, context.tenant, self.id, sheet, rows, (which, self.shape.clone())).await?;
            self.name(about, named).await?;
            sheet = filled;
            limit = next_limit(count, read);
            match (next, patient) {
                (Some(next), _) => export.place.after = Some(next),
                (None, Some(patient)) => {
                    let Some(next) = self.behind(patient) else {
                        export.place.next_type();
                        return Ok(sheet);
                    };
                    export.place.after = None;
                    export.place.patient = Some(next.clone());
                }
                (None, None) => {
                    export.place.next_type();
                    return Ok(sheet);
                }
            }
            if sheet.as_ref().is_some_and(|sheet| sheet.bytes >= app.settings.export_file_bytes) {
                return Ok(sheet);
            }
        }
    }

    /// Which resources of the next page are wanted, and of whom it is; none: no patient is left.
    fn which(&self, export: &Export) -> Option<(Which, Option<&ResourceId>)> {
        match self.patients {
            Some(all) => {
                let patient = match &export.place.patient {
                    Some(at) => all.get(all.partition_point(|patient| patient < at))?,
                    None => all.first()?,
                };
                Some((Which::FirstOf { patient: patient.clone(), all: Arc::clone(all) }, Some(patient)))
            }
            None if export.whose == Whose::Patients => Some((Which::OfPatients, None)),
            None => Some((Which::All, None)),
        }
    }

    /// The patient behind one.
    fn behind(&self, patient: &ResourceId) -> Option<&ResourceId> {
        let all = self.patients?;
        all.get(all.partition_point(|one| one <= patient))
    }

    /// A job that was cancelled is done no more.
    async fn still_wanted(&self) -> Result<(), Error> {
        let (app, tenant) = (self.reading.app, self.reading.context.tenant);
        match app.load::<Job>(tenant, self.id.as_str()).await? {
            Some(_) => Ok(()),
            None => Err(Error::conflict("changed", "the job was cancelled")),
        }
    }

    /// Names in the audit who the lines are about, before anybody is given the file.
    async fn name(&self, about: Vec<ResourceId>, named: &mut Named) -> Result<(), Error> {
        let (app, context) = (self.reading.app, self.reading.context);
        let new: Vec<ResourceId> = about.into_iter().filter(|patient| named.is_new(patient)).collect();
        for patients in new.chunks(PATIENTS) {
            let mut row =
                audit_row(context, AuditAction::R, "fhir.export", None, &format!("Job/{}", self.id));
            row.patients = patients.to_vec();
            let mut change = Change::new(app, context).bulk();
            change.audit_with(row);
            change.commit().await?;
        }
        Ok(())
    }
}

impl super::Place {
    fn next_type(&mut self) {
        *self = Self { of: self.of + 1, patient: None, after: None };
    }
}

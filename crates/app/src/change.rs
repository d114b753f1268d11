//! One use case's change, built up and committed whole.

use bianque_fhir::Indexed;
use bianque_model::{BlobId, CommitId, Context, Purpose, ResourceId};
use bianque_store::{
    AuditAction, AuditRow, BlobRow, Change as ResourceChange, Commit, Committed, Expectation, ImageChange,
    ImageWrite, Merge, OutboxRow, Priority, ResourceWrite, StateChange, StateWrite, agent_of,
};
use serde_json::Value;
use uuid::Uuid;

use crate::aggregate::{Aggregate, Loaded};
use crate::records::search_parameters::{self, Defining};
use crate::records::{concept_maps, profiles};
use crate::{App, Error};

/// A change under construction. Nothing is written until [`Change::commit`], and then all of it or nothing.
pub struct Change<'a> {
    app: &'a App,
    context: &'a Context,
    commit: Commit,
    /// What its resources are to the tenant's search parameters.
    defining: Defining,
}

impl<'a> Change<'a> {
    /// An empty change of this use case.
    pub fn new(app: &'a App, context: &'a Context) -> Self {
        let id = CommitId(Uuid::now_v7());
        let commit = Commit::new(context.tenant, id, context.now);
        Self { app, context, commit, defining: Defining::default() }
    }

    /// The same change under the caller's idempotency id: sent twice it is applied once.
    #[must_use]
    pub fn idempotent(mut self, id: CommitId) -> Self {
        self.commit.id = id;
        self
    }

    /// The same change behind everyone who waits.
    #[must_use]
    pub fn bulk(mut self) -> Self {
        self.commit.priority = Priority::Bulk;
        self
    }

    /// Writes a resource that must not exist yet.
    pub fn create(&mut self, resource: &Value) -> Result<(), Error> {
        self.replace(resource, 0)
    }

    /// Writes a resource that must stand at `version`.
    pub fn replace(&mut self, resource: &Value, version: u64) -> Result<(), Error> {
        let (resource_type, id) = name_of(resource)?;
        self.commit.expectations.push(Expectation::ResourceVersion { resource_type, id, version });
        self.put(resource)
    }

    /// Writes a resource, whatever stands.
    pub fn put(&mut self, resource: &Value) -> Result<(), Error> {
        let (resource_type, id) = name_of(resource)?;
        let indexed = found_by(resource);
        let document = bianque_fhir::to_stored(resource);
        let change =
            ResourceChange::Put { document, index: indexed.rows, compartments: indexed.compartments };
        self.commit.resources.push(ResourceWrite { resource_type, id, change });
        Ok(())
    }

    /// Writes what a resource that was read at `version` is found by, anew, where that version still stands; gives how many
    /// rows that is.
    pub fn reindex(&mut self, resource: &Value, version: u64) -> Result<usize, Error> {
        let (resource_type, id) = name_of(resource)?;
        let indexed = found_by(resource);
        let rows = indexed.rows.len() + indexed.compartments.len();
        let change =
            ResourceChange::Reindex { version, index: indexed.rows, compartments: indexed.compartments };
        self.defining.reindexed.push((self.commit.resources.len(), resource.clone()));
        self.commit.resources.push(ResourceWrite { resource_type, id, change });
        Ok(rows)
    }

    /// Deletes a resource that must stand at `version`.
    pub fn delete(&mut self, resource_type: &str, id: &ResourceId, version: u64) {
        let resource_type = resource_type.to_owned();
        self.commit.expectations.push(Expectation::ResourceVersion {
            resource_type: resource_type.clone(),
            id: id.clone(),
            version,
        });
        self.commit.resources.push(ResourceWrite {
            resource_type,
            id: id.clone(),
            change: ResourceChange::Delete,
        });
    }

    /// Looks at what a resource that is to be written defines, and puts it in force with the change. Whoever writes
    /// resources of any type asks this first.
    ///
    /// # Errors
    /// `fhir.search-parameter`: it defines a search parameter that is none.
    pub(crate) async fn define(&mut self, resource: &Value) -> Result<(), Error> {
        let checked = search_parameters::checked(self.app, self.context, resource, &self.defining).await?;
        self.defining.definitions.extend(checked);
        Ok(())
    }

    /// Takes what a resource defines out of force with the change.
    pub(crate) fn undefine(&mut self, resource_type: &str, id: &ResourceId) {
        if search_parameters::defines(resource_type) {
            self.defining.definitions.push((id.clone(), None));
        }
    }

    /// Writes an aggregate that must not exist yet.
    pub fn insert<T: Aggregate>(&mut self, value: &T) -> Result<(), Error> {
        self.expect_state::<T>(value.id(), 0);
        self.save(value)
    }

    /// Writes an aggregate that must stand as it was loaded.
    pub fn update<T: Aggregate>(&mut self, loaded: &Loaded<T>) -> Result<(), Error> {
        self.expect_state::<T>(loaded.value.id(), loaded.version);
        self.save(&loaded.value)
    }

    /// Writes an aggregate, whatever stands.
    pub fn save<T: Aggregate>(&mut self, value: &T) -> Result<(), Error> {
        let body = serde_json::to_vec(value).map_err(Error::internal)?;
        let (keys, expires, about_patient) = (value.keys(), value.expires(), T::ABOUT_PATIENT);
        let change = StateChange::Put { body, keys, expires, about_patient };
        self.commit.state.push(StateWrite { kind: T::KIND, id: value.id(), change });
        Ok(())
    }

    /// Removes an aggregate.
    pub fn remove<T: Aggregate>(&mut self, id: impl Into<String>) {
        self.commit.state.push(StateWrite { kind: T::KIND, id: id.into(), change: StateChange::Delete });
    }

    /// An aggregate must stand at `version`; 0: it must not exist.
    pub fn expect_state_of<T: Aggregate>(&mut self, value: &T, version: u64) {
        self.expect_state::<T>(value.id(), version);
    }

    /// How many resources it writes so far: the place of the next in [`Committed::resource_versions`].
    pub fn resources(&self) -> usize {
        self.commit.resources.len()
    }

    /// How many expectations it has so far: the index by which a failure names the next.
    pub fn expectations(&self) -> usize {
        self.commit.expectations.len()
    }

    /// What must hold besides.
    pub fn expect(&mut self, expectation: Expectation) {
        self.commit.expectations.push(expectation);
    }

    /// A blob that is durable and becomes somebody's.
    pub fn blob(&mut self, row: BlobRow) {
        self.commit.blobs.push(row);
    }

    /// A blob that is nobody's any longer; its file is removed after the commit.
    pub fn blob_gone(&mut self, id: BlobId) {
        self.commit.blobs_removed.push(id);
    }

    /// An instance becomes part of the archive.
    pub fn keep_image(&mut self, image: ImageWrite) {
        self.commit.images.push(image);
    }

    /// What else the index of images says from now on.
    pub fn image(&mut self, change: ImageChange) {
        self.commit.image_changes.push(change);
    }

    /// Who did what to whose data: every change of a patient's data carries its row (invariant 5).
    pub fn audit(
        &mut self,
        action: AuditAction,
        operation: &str,
        patient: Option<&ResourceId>,
        entity: &str,
    ) {
        self.commit.audit.push(audit_row(self.context, action, operation, patient, entity));
    }

    /// An audit row with a detail.
    pub fn audit_with(&mut self, row: AuditRow) {
        self.commit.audit.push(row);
    }

    /// Records of patients that become one, or two again.
    pub fn merge(&mut self, merge: Merge) {
        self.commit.merge = Some(merge);
    }

    /// An event for consumers.
    pub fn event(&mut self, topic: &str, key: &str, payload: &Value) {
        self.commit.outbox.push(OutboxRow {
            topic: topic.to_owned(),
            key: key.to_owned(),
            payload: payload.to_string().into_bytes(),
        });
    }

    /// Applies it; answers after it is durable.
    pub async fn commit(self) -> Result<Committed, Error> {
        Ok(self.try_commit().await?)
    }

    /// Applies it, with the store's own error for callers that tell expectations apart.
    pub async fn try_commit(self) -> Result<Committed, bianque_store::CommitError> {
        let tenant = self.commit.tenant;
        let defines = self.commit.resources.iter().any(|write| profiles::leads_to(&write.resource_type));
        let translates = self.commit.resources.iter().any(|write| concept_maps::is_one(&write.resource_type));
        let committed = search_parameters::commit(self.app, self.commit, self.defining).await;
        if translates {
            self.app.concept_maps.renew(tenant);
        }
        if defines {
            self.app.profiles.renew(tenant);
        }
        committed
    }

    fn expect_state<T: Aggregate>(&mut self, id: String, version: u64) {
        self.commit.expectations.push(Expectation::StateVersion { kind: T::KIND, id, version });
    }
}

/// An audit row of this context. A read of a patient is written with `store.audit_read` before it is answered.
pub fn audit_row(
    context: &Context,
    action: AuditAction,
    operation: &str,
    patient: Option<&ResourceId>,
    entity: &str,
) -> AuditRow {
    let (agent, organization) = agent_of(context);
    AuditRow {
        at: context.now,
        action,
        operation: operation.to_owned(),
        success: true,
        agent,
        organization,
        purpose: purpose(context, patient).code().to_owned(),
        address: context.address.clone(),
        request: context.request.to_string(),
        patients: patient.into_iter().cloned().collect(),
        entity: entity.to_owned(),
        detail: String::new(),
    }
}

/// Why it was done: what is done to a record that was opened in an emergency is done for that.
fn purpose(context: &Context, patient: Option<&ResourceId>) -> Purpose {
    let emergency = patient.is_some_and(|patient| context.emergencies.contains(patient));
    if emergency { Purpose::Btg } else { context.purpose }
}

impl App {
    /// Audits a read of a patient's data, durable before the data is answered.
    pub async fn audit_read(
        &self,
        context: &Context,
        operation: &str,
        patient: &ResourceId,
        entity: &str,
    ) -> Result<(), Error> {
        let row = audit_row(context, AuditAction::R, operation, Some(patient), entity);
        Ok(self.store.audit_read(context.tenant, row).await?)
    }
}

/// What a resource is found by: the one place where it is computed: for writes, for indexing anew, for subscriptions.
pub(crate) fn found_by(resource: &Value) -> Indexed {
    bianque_fhir::index(resource)
}

fn name_of(resource: &Value) -> Result<(String, ResourceId), Error> {
    let text = |name: &str| resource.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let id = text("id").parse().map_err(Error::internal)?;
    Ok((text("resourceType"), id))
}

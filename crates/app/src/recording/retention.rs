//! Recordings whose time is over: administrators see how old they are, and delete them, and look into none.
//!
//! Recordings may go before the record that they belong to. The operator sets for how long they are kept at least
//! (`recording_years`); nobody in a browser goes below that, and nothing goes by itself. A hold on the record holds its
//! recordings too.

use std::collections::BTreeSet;
use std::sync::Arc;

use bianque_model::{Context, ResourceId, Timestamp};
use bianque_store::AuditAction;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::record::{Recording, State};
use crate::aggregate::Loaded;
use crate::change::audit_row;
use crate::people::display_name;
use crate::records::retention::YEAR_S;
use crate::records::retention::hold::Hold;
use crate::visits::access::required;
use crate::{App, Change, Error, ErrorKind, instant, policy};

/// Recordings that are shown at once, oldest first.
const SHOWN: u32 = 500;
/// Characters of a reason.
const REASON: usize = 500;

/// Why a recording goes.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Deleting {
    /// Why. It stays in the audit: no name belongs into it.
    pub reason: String,
}

/// The recordings that are kept, oldest first: how old, how large, until when, and nothing of what is in them.
pub async fn list(app: &App, context: &Context) -> Result<Value, Error> {
    policy::administrator(context)?;
    let found = app.list::<Recording>(context.tenant, "kept", "".."~", SHOWN).await?;
    let patients: BTreeSet<ResourceId> = found.iter().map(|one| one.value.patient.clone()).collect();
    let mut row = audit_row(context, AuditAction::R, "recording.list-kept", None, "Recording");
    row.patients = patients.into_iter().collect();
    let mut shown = Vec::with_capacity(found.len());
    for recording in found.iter().map(|loaded| &loaded.value) {
        let organization = app.resource(context.tenant, "Organization", &recording.organization).await?.value;
        shown.push(json!({
            "id": recording.id,
            "at": instant::text(recording.asked_at),
            "organization": display_name(&organization),
            "size": recording.files.iter().map(|file| file.size).sum::<u64>(),
            "length_ms": recording.files.iter().map(|file| file.length_ms).max(),
            "kept_until": instant::text(kept_until(app, recording)),
            "over": kept_until(app, recording) <= context.now,
            "held": held(app, context, recording).await?,
        }));
    }
    app.store.audit_read(context.tenant, row).await?;
    Ok(json!({"years": app.settings.recording_years, "recordings": shown}))
}

/// Deletes a recording whose time is over, for good. That there was one, who agreed and when, stays.
pub async fn delete(app: &App, context: &Context, id: &ResourceId, reason: &str) -> Result<Value, Error> {
    policy::administrator(context)?;
    let recording = app.load::<Recording>(context.tenant, id.as_str()).await?.ok_or_else(Error::not_found)?;
    if recording.value.state != State::Ready {
        return Err(Error::not_found());
    }
    let until = kept_until(app, &recording.value);
    if context.now < until {
        let says = format!("this recording is kept until {}", instant::text(until));
        return Err(Error::new(ErrorKind::Refused, "recording.kept", says));
    }
    if held(app, context, &recording.value).await? {
        return Err(Error::new(ErrorKind::Refused, "recording.hold", "there is a hold on this record"));
    }
    remove(app, context, recording, required("reason", reason, REASON)?).await?;
    list(app, context).await
}

async fn remove(
    app: &App,
    context: &Context,
    mut recording: Loaded<Recording>,
    reason: String,
) -> Result<(), Error> {
    let files = std::mem::take(&mut recording.value.files);
    let id = recording.value.id.clone();
    recording.value.state = State::Deleted;
    let mut change = Change::new(app, context);
    let document = app.resource(context.tenant, "DocumentReference", &id).await?;
    change.delete("DocumentReference", &id, document.version);
    for file in &files {
        let binary: ResourceId = file.blob.0.into();
        let found = app.resource(context.tenant, "Binary", &binary).await?;
        change.delete("Binary", &binary, found.version);
        change.blob_gone(file.blob);
    }
    let entity = format!("DocumentReference/{id}");
    let mut row =
        audit_row(context, AuditAction::D, "recording.delete", Some(&recording.value.patient), &entity);
    row.detail = reason;
    change.update(&recording)?;
    change.audit_with(row);
    change.commit().await?;
    // A file that stays is one that nobody speaks of, which the scrub removes.
    let blobs = Arc::clone(&app.blobs);
    let gone = tokio::task::spawn_blocking(move || files.iter().try_for_each(|file| blobs.delete(file.blob)));
    gone.await.map_err(Error::internal)?.map_err(Error::internal)
}

fn kept_until(app: &App, recording: &Recording) -> Timestamp {
    let ended = recording.ended.as_ref().map_or(recording.asked_at, |ended| ended.at);
    ended.plus_seconds(i64::from(app.settings.recording_years) * YEAR_S)
}

async fn held(app: &App, context: &Context, recording: &Recording) -> Result<bool, Error> {
    Ok(app.load::<Hold>(context.tenant, recording.patient.as_str()).await?.is_some())
}

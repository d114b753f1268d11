//! After a recording: the tracks of each participant are woven into one file, without decoding them.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::sync::Arc;
use std::thread::JoinHandle;

use bianque_blobs::{BlobError, Blobs, Sealed, Stage};
use bianque_model::{Context, ResourceId, TenantId};
use bianque_recording::{Codec, LogError, Muxed, TrackLog, mux};
use bianque_store::{AuditAction, BlobRow};
use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedReceiver;
use uuid::Uuid;

use super::keeper;
use super::record::{File, Recording, State, Track};
use crate::aggregate::Loaded;
use crate::{App, Change, Error, instant};

/// The media type of every file.
pub(super) const MEDIA_TYPE: &str = "video/webm";

/// What a thread leaves behind.
pub(super) type WrittenBy = (JoinHandle<()>, UnboundedReceiver<Track>);

/// Waits for the thread, where one still writes, and composes. What fails is told, kept, and tried again at the next
/// start.
pub(super) async fn after(
    app: &App,
    context: &Context,
    id: &ResourceId,
    written: Option<WrittenBy>,
) -> Result<(), Error> {
    let begun = match written {
        Some((thread, mut told)) => {
            let ended = tokio::task::spawn_blocking(move || thread.join()).await.map_err(Error::internal)?;
            if ended.is_err() {
                tracing::error!(recording = %id, "the thread of a recording had panicked");
            }
            keeper::drained(&mut told)
        }
        None => Vec::new(),
    };
    let Some(mut recording) = load(app, context, id).await? else { return Ok(()) };
    if !begun.is_empty() {
        recording.value.tracks.extend(begun);
        let mut change = Change::new(app, context);
        change.update(&recording)?;
        change.commit().await?;
    }
    if let Err(error) = compose(app, context, id).await {
        fail(app, context, id).await?;
        return Err(error);
    }
    Ok(())
}

async fn load(app: &App, context: &Context, id: &ResourceId) -> Result<Option<Loaded<Recording>>, Error> {
    app.load::<Recording>(context.tenant, id.as_str()).await
}

async fn compose(app: &App, context: &Context, id: &ResourceId) -> Result<(), Error> {
    let Some(mut recording) = load(app, context, id).await? else { return Ok(()) };
    if !matches!(recording.value.state, State::Composing | State::Failed) {
        return Ok(());
    }
    let (blobs, tenant, kept) = (Arc::clone(&app.blobs), context.tenant, recording.value.clone());
    let woven = tokio::task::spawn_blocking(move || weave(&blobs, tenant, &kept)).await;
    let woven = woven.map_err(Error::internal)?.map_err(Error::internal)?;
    let mut change = Change::new(app, context);
    let subject = recording.value.subject();
    for (_, sealed) in &woven {
        let (id, size, blake3) = (sealed.id, sealed.size, sealed.blake3);
        change.blob(BlobRow { id, subject: subject.clone(), size, blake3 });
    }
    let stages: Vec<Uuid> =
        std::mem::take(&mut recording.value.tracks).iter().map(|track| track.stage).collect();
    recording.value.files = woven.into_iter().map(|(file, _)| file).collect();
    if recording.value.ended.as_ref().is_some_and(|ended| ended.why == "interrupted") {
        recording.value.end_with_files();
    }
    recording.value.state = if recording.value.files.is_empty() { State::Empty } else { State::Ready };
    if recording.value.state == State::Ready {
        for resource in documents(&recording.value) {
            change.create(&resource)?;
        }
    }
    change.update(&recording)?;
    let entity = format!("DocumentReference/{id}");
    change.audit(AuditAction::C, "recording.compose", Some(&recording.value.patient), &entity);
    let visit = &recording.value.visit;
    let told = json!({"visit": visit, "recording": id, "state": recording.value.state.as_str()});
    change.event("recording.state", visit.as_str(), &told);
    change.commit().await?;
    forget(app, stages).await?;
    keeper::tell(app, context, visit).await
}

/// The tracks are in the files now.
async fn forget(app: &App, stages: Vec<Uuid>) -> Result<(), Error> {
    let blobs = Arc::clone(&app.blobs);
    let removed =
        tokio::task::spawn_blocking(move || stages.iter().try_for_each(|stage| blobs.forget_upload(*stage)));
    removed.await.map_err(Error::internal)?.map_err(Error::internal)
}

async fn fail(app: &App, context: &Context, id: &ResourceId) -> Result<(), Error> {
    let Some(mut recording) = load(app, context, id).await? else { return Ok(()) };
    if recording.value.state != State::Composing {
        return Ok(());
    }
    recording.value.state = State::Failed;
    let mut change = Change::new(app, context);
    change.update(&recording)?;
    change.commit().await?;
    keeper::tell(app, context, &recording.value.visit).await
}

/// The tracks of one file: voice and camera of a participant, or their screen.
type Together = BTreeMap<(String, bool), Vec<Track>>;

fn weave(blobs: &Blobs, tenant: TenantId, recording: &Recording) -> Result<Vec<(File, Sealed)>, Failure> {
    let mut together = Together::new();
    for track in &recording.tracks {
        together
            .entry((track.participant.clone(), track.source == "screen"))
            .or_default()
            .push(track.clone());
    }
    let mut files = Vec::new();
    for ((participant, screen), mut tracks) in together {
        // The voice first: what has no pictures is then found at the first track.
        tracks.sort_by_key(|track| track.source != "microphone");
        let stages = opened(blobs, tenant, &recording.subject(), &tracks)?;
        let Some((muxed, sealed, pictures)) = seal(blobs, tenant, &recording.subject(), &stages)? else {
            continue;
        };
        let who = recording.latest().get(participant.as_str()).copied().cloned();
        files.push((
            File {
                name: who.as_ref().map(|who| who.name.clone()).unwrap_or_default(),
                role: who.map(|who| who.role).unwrap_or_default(),
                participant,
                shows: if screen { "screen" } else { "person" }.to_owned(),
                blob: sealed.id,
                size: sealed.size,
                length_ms: muxed.length,
                pictures,
            },
            sealed,
        ));
    }
    Ok(files)
}

fn opened(blobs: &Blobs, tenant: TenantId, subject: &str, tracks: &[Track]) -> Result<Vec<Stage>, Failure> {
    tracks.iter().map(|track| Ok(blobs.stage(tenant, subject, track.stage)?)).collect()
}

/// Weaves staged logs into a sealed file; none: nothing was in them.
fn seal(
    blobs: &Blobs,
    tenant: TenantId,
    subject: &str,
    stages: &[Stage],
) -> Result<Option<(Muxed, Sealed, bool)>, Failure> {
    let whole = logs(stages)?;
    let pictures = whole.iter().any(|log| log.head().codec == Codec::Vp8);
    if whole.is_empty() {
        return Ok(None);
    }
    let mut writer = blobs.create(tenant, subject)?;
    let muxed = mux(
        || logs(stages),
        |bytes| writer.write(bytes).map_err(|error| LogError::Io(io::Error::other(error))),
    )?;
    Ok(Some((muxed, writer.finish()?, pictures)))
}

/// Those of them that hold anything: a camera of which no key frame ever came has no start.
fn logs(stages: &[Stage]) -> Result<Vec<TrackLog<impl Read + '_>>, LogError> {
    let mut logs = Vec::new();
    for stage in stages {
        let reader = stage.reader().map_err(|error| LogError::Io(io::Error::other(error)))?;
        match TrackLog::open(reader) {
            Ok(log) => logs.push(log),
            Err(LogError::NoLog) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(logs)
}

/// Why a recording could not be composed.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Blob(#[from] BlobError),
    #[error(transparent)]
    Log(#[from] LogError),
}

/// The recording in the record: one `DocumentReference`, and a Binary for each file, whose bytes lie sealed beside.
fn documents(recording: &Recording) -> Vec<Value> {
    let patient = json!({"reference": format!("Patient/{}", recording.patient)});
    let began = recording.spans.first().map_or(recording.asked_at, |span| span.from);
    let mut resources: Vec<Value> = recording
        .files
        .iter()
        .map(|file| {
            json!({
                "resourceType": "Binary",
                "id": file.blob.0.to_string(),
                "contentType": MEDIA_TYPE,
                "securityContext": patient,
            })
        })
        .collect();
    let content: Vec<Value> = recording
        .files
        .iter()
        .map(|file| {
            json!({"attachment": {
                "contentType": MEDIA_TYPE,
                "url": format!("Binary/{}", file.blob.0),
                "title": format!("{}, {}", file.name, file.shows),
                "size": file.size,
                "creation": instant::text(began),
            }})
        })
        .collect();
    resources.push(json!({
        "resourceType": "DocumentReference",
        "id": recording.id,
        "status": "current",
        "docStatus": "final",
        "type": {"text": "Recording of the visit"},
        "subject": patient,
        "date": instant::text(began),
        "custodian": {"reference": format!("Organization/{}", recording.organization)},
        "content": content,
        "context": {"encounter": [{"reference": format!("Encounter/{}", recording.visit)}]},
    }));
    resources
}

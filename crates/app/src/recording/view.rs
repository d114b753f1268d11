//! Recordings of a visit, as those in it see them.

use bianque_model::{Context, ResourceId};
use serde_json::{Value, json};

use super::record::{Answer, Recording};
use super::text;
use crate::policy::Part;
use crate::visits::access::load_let_in;
use crate::{App, Error, instant};

/// Recordings of one visit.
const MOST: u32 = 100;

/// The recordings of a visit and the text that people agree to, audited as a read.
pub async fn list(app: &App, context: &Context, visit: &ResourceId) -> Result<Value, Error> {
    let access = load_let_in(app, context, visit).await?;
    app.audit_read(context, "recording.list", &access.visit.value.patient, &access.entity()).await?;
    shown(app, context, visit, access.part == Part::Clinician).await
}

/// The same for somebody who is authorised already and has just written.
pub(super) async fn of_visit(app: &App, context: &Context, visit: &ResourceId) -> Result<Value, Error> {
    let access = load_let_in(app, context, visit).await?;
    shown(app, context, visit, access.part == Part::Clinician).await
}

/// The newest recording of a visit, for everybody in it: what is asked, and whether it runs. Null: nobody asked.
pub async fn newest(app: &App, context: &Context, visit: &ResourceId) -> Result<Value, Error> {
    let all = of(app, context, visit).await?;
    Ok(all.last().map_or(Value::Null, |recording| show(recording, false)))
}

async fn shown(app: &App, context: &Context, visit: &ResourceId, files: bool) -> Result<Value, Error> {
    let all = of(app, context, visit).await?;
    let recordings: Vec<Value> = all.iter().map(|recording| show(recording, files)).collect();
    Ok(json!({"text": text::shown(), "recordings": recordings}))
}

async fn of(app: &App, context: &Context, visit: &ResourceId) -> Result<Vec<Recording>, Error> {
    let found = app.list::<Recording>(context.tenant, "visit", visit.as_str()..=visit.as_str(), MOST).await?;
    let mut all: Vec<Recording> = found.into_iter().map(|loaded| loaded.value).collect();
    all.sort_by(|a, b| (a.asked_at, a.id.as_str()).cmp(&(b.asked_at, b.id.as_str())));
    Ok(all)
}

/// `Recording` of the API. Files are for those who may play them.
fn show(recording: &Recording, files: bool) -> Value {
    let latest: Vec<&Answer> = recording.latest().into_values().collect();
    let asked_by = latest.iter().find(|answer| answer.participant == recording.asked_by);
    let mut shown = json!({
        "id": recording.id,
        "state": recording.state.as_str(),
        "asked_by": {"id": recording.asked_by, "name": asked_by.map(|answer| &answer.name)},
        "asked_at": instant::text(recording.asked_at),
        "answers": latest.iter().map(|answer| json!({
            "participant": answer.participant, "name": answer.name, "role": answer.role,
            "agreed": answer.agreed, "by": answer.by, "at": instant::text(answer.at),
        })).collect::<Vec<_>>(),
        "spans": recording.spans.iter().map(|span| json!({
            "from": instant::text(span.from), "to": span.to.map(instant::text),
        })).collect::<Vec<_>>(),
        "ended": recording.ended.as_ref().map(|ended| json!({
            "at": instant::text(ended.at), "why": ended.why, "by": ended.by,
        })),
    });
    if files {
        let base = format!("/api/visits/{}/recordings/{}", recording.visit, recording.id);
        let shown_files = recording.files.iter().enumerate().map(|(number, file)| {
            json!({
                "participant": file.participant, "name": file.name, "role": file.role, "shows": file.shows,
                "pictures": file.pictures, "size": file.size, "length_ms": file.length_ms,
                "url": format!("{base}/files/{number}"),
            })
        });
        shown["files"] = shown_files.collect();
        shown["download_url"] = json!(format!("{base}/download"));
    }
    shown
}

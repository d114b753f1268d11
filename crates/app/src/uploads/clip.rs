//! An upload that becomes a voice clip: a message of the visit, with its Binary, audit and event, in one commit.

use super::finish::Verified;
use super::{
    Access, Announcement, App, AuditAction, Change, Context, Error, Kept, ResourceId, Upload, json, whole,
    wrong_type,
};
use crate::live::What;
use crate::visits::{chat, view};
use crate::voice::inspect::SoundFormat;
use crate::voice::{self, Clip, LONGEST_MS};

/// Refuses what no clip is announced with.
pub(super) fn check(announced: &Announcement) -> Result<(), Error> {
    if SoundFormat::from_media_type(&announced.content_type).is_none() {
        return Err(wrong_type("voice messages are WebM, Ogg or MP4"));
    }
    match announced.duration_ms {
        Some(1..=LONGEST_MS) => Ok(()),
        _ => Err(Error::field("clip.duration", "duration_ms", "a voice message has at most two minutes")),
    }
}

/// Commits it, and tells everyone.
pub(super) async fn keep(
    app: &App,
    context: &Context,
    access: &Access,
    upload: &Upload,
    format: SoundFormat,
    verified: &Verified,
) -> Result<Kept, Error> {
    let clip = Clip {
        id: ResourceId::from(upload.id),
        visit: upload.visit.clone(),
        patient: access.visit.value.patient.clone(),
        by: upload.by.clone(),
        at: context.now,
        content_type: format.media_type().to_owned(),
        size: verified.sealed.size,
        duration_ms: upload.announced.duration_ms.unwrap_or_default(),
        blob: verified.sealed.id,
    };
    let sender = view::participant(app, context, access).await?;
    let payload = voice::message(&clip, &verified.sha1);
    let communication = chat::resource(access, context, &clip.id, &sender, &payload);
    let mut change = Change::new(app, context);
    whole::keep_bytes(&mut change, upload, &clip.patient, &clip.content_type, verified)?;
    change.create(&communication)?;
    change.insert(&clip)?;
    let entity = format!("Communication/{}", clip.id);
    change.audit(AuditAction::C, "clip.add", Some(&clip.patient), &entity);
    change.event("clip.added", clip.visit.as_str(), &json!({"visit": clip.visit, "clip": clip.id}));
    if whole::commit(change).await? {
        chat::tell(app, context, access, &communication);
    }
    access.tell(app, context, What::Visit);
    Ok(Kept::Clip(Box::new(clip)))
}

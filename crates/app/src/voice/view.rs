//! A voice clip as it is listened to.

use bianque_model::{Context, ResourceId};

use super::Clip;
use crate::photos::view::read;
use crate::visits::access;
use crate::{App, Error};

/// Bytes with their media type.
#[derive(Debug)]
pub struct Sound {
    /// The media type.
    pub content_type: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// A clip of a visit, audited as a read.
pub async fn play(app: &App, context: &Context, visit: &ResourceId, id: &ResourceId) -> Result<Sound, Error> {
    let access = access::load(app, context, visit).await?;
    let clip = app.load::<Clip>(context.tenant, id.as_str()).await?.ok_or_else(Error::not_found)?.value;
    if clip.visit != access.visit.value.id {
        return Err(Error::not_found());
    }
    let entity = format!("Communication/{id}");
    app.audit_read(context, "clip.play", &clip.patient, &entity).await?;
    let bytes = read(app, context, &clip.patient, clip.blob).await?;
    Ok(Sound { content_type: clip.content_type, bytes })
}

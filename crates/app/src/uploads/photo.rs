//! An upload that becomes a photo: `DocumentReference` and Binary, with audit and event, in one commit.

use super::finish::Verified;
use super::{
    Access, Announcement, App, AuditAction, BODY_SITES, Change, Context, Error, Kept, Photo, ResourceId,
    SIDES, Upload, json, one_of, preview, whole, wrong_type,
};
use crate::live::What;
use crate::{instant, photos};

/// Refuses what no photo is announced with.
pub(super) fn check(announced: &Announcement) -> Result<(), Error> {
    if preview::Format::from_media_type(&announced.content_type).is_none() {
        return Err(wrong_type("photos are JPEG, PNG, WebP or HEIC"));
    }
    one_of("body_site", &announced.body_site, &BODY_SITES.map(|(code, _)| code))?;
    one_of("side", &announced.side, &SIDES.map(|(code, _)| code))
}

/// Commits it, and tells everyone.
pub(super) async fn keep(
    app: &App,
    context: &Context,
    access: &Access,
    upload: &Upload,
    (media_type, pixels): (&str, Option<(u32, u32)>),
    verified: &Verified,
) -> Result<Kept, Error> {
    let announced = &upload.announced;
    let photo = Photo {
        id: ResourceId::from(upload.id),
        visit: upload.visit.clone(),
        patient: access.visit.value.patient.clone(),
        by: upload.by.clone(),
        at: context.now,
        content_type: media_type.to_owned(),
        size: verified.sealed.size,
        body_site: announced.body_site.clone(),
        side: announced.side.clone(),
        blob: verified.sealed.id,
        preview: None,
        no_preview: false,
        width: pixels.map(|(width, _)| width),
        height: pixels.map(|(_, height)| height),
    };
    commit(app, context, access, upload, &photo, verified).await?;
    access.tell(app, context, What::Message(json!({"t": "photo", "photo": photo.show()})));
    access.tell(app, context, What::Visit);
    photos::view::prepare_preview(app, context, &photo);
    Ok(Kept::Photo(Box::new(photo)))
}

async fn commit(
    app: &App,
    context: &Context,
    access: &Access,
    upload: &Upload,
    photo: &Photo,
    verified: &Verified,
) -> Result<(), Error> {
    let mut change = Change::new(app, context);
    whole::keep_bytes(&mut change, upload, &photo.patient, &photo.content_type, verified)?;
    change.create(&document_reference(context, photo, verified))?;
    change.insert(photo)?;
    let entity = format!("DocumentReference/{}", photo.id);
    change.audit(AuditAction::C, "photo.add", Some(&access.visit.value.patient), &entity);
    change.event("photo.added", photo.visit.as_str(), &json!({"visit": photo.visit, "photo": photo.id}));
    whole::commit(change).await.map(drop)
}

/// R4 gives a DocumentReference no body site; site and side are codings of its category.
fn document_reference(context: &Context, photo: &Photo, verified: &Verified) -> serde_json::Value {
    use base64::Engine;
    let hash = base64::engine::general_purpose::STANDARD.encode(verified.sha1);
    let mut category = vec![coded(&BODY_SITES, &photo.body_site)];
    category.extend((photo.side != "none").then(|| coded(&SIDES, &photo.side)));
    let reference = |name: String| json!({"reference": name});
    json!({
        "resourceType": "DocumentReference",
        "id": photo.id,
        "status": "current",
        "docStatus": "final",
        "type": {"coding": [{
            "system": "http://loinc.org", "code": "72170-4", "display": "Photographic image",
        }]},
        "category": category,
        "subject": reference(format!("Patient/{}", photo.patient)),
        "date": instant::text(photo.at),
        "author": [reference(bianque_store::agent_of(context).0)],
        "content": [{"attachment": {
            "contentType": photo.content_type,
            "url": format!("Binary/{}", photo.id),
            "size": photo.size,
            "hash": hash,
            "creation": instant::text(photo.at),
        }}],
        "context": {"encounter": [reference(format!("Encounter/{}", photo.visit))]},
    })
}

fn coded(table: &[(&str, &str)], code: &str) -> serde_json::Value {
    let snomed = table.iter().find(|(name, _)| *name == code).map_or("", |(_, snomed)| *snomed);
    if snomed.is_empty() {
        return json!({"text": code});
    }
    json!({"coding": [{"system": "http://snomed.info/sct", "code": snomed, "display": code}], "text": code})
}

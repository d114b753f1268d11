//! The ImagingStudy that a study is: a projection of the index, never the other way round.
//!
//! A study has one from its first instance on. It says whose the study is, when it was made and what is in it, series by
//! series; instances are counted and not named, for there may be thousands. It is written anew once the study has been quiet
//! for a while, at most once a minute.

use bianque_model::{Context, ResourceId, TenantId};
use bianque_query::{ImageLevel, ImageQuery, Scope};
use bianque_store::{AuditAction, ChangedStudy, ImageChange, ImageRow};
use serde_json::{Value, json};

use crate::change::audit_row;
use crate::policy::STUDY;
use crate::{App, Change, Error};

/// Series that a resource names.
const MOST_SERIES: u32 = 1_000;
/// Studies that one step writes.
const AT_ONCE: u32 = 50;
/// How long a study is quiet before its resource follows.
const QUIET_S: i64 = 10;

/// The id of the resource that a study is: the same whoever is first to bring an instance of it.
pub(super) fn id_of(tenant: TenantId, uid: &str) -> ResourceId {
    let hash = blake3::Hasher::new_derive_key("bianque imaging study")
        .update(&tenant.0.to_le_bytes())
        .update(uid.as_bytes())
        .finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.as_bytes()[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid().into()
}

/// The subject under whose key the bytes of a study lie: it has one of its own, whoever it turns out to be of.
pub(super) fn subject(id: &ResourceId) -> String {
    format!("{STUDY}/{id}")
}

/// What is said of a study whose first instance has come.
pub(super) fn first(
    id: &ResourceId,
    uid: &str,
    patient: Option<&ResourceId>,
    named: &super::whose::Named,
    moment: &str,
) -> Value {
    let mut study = json!({
        "resourceType": STUDY,
        "id": id,
        "identifier": [{"system": "urn:dicom:uid", "value": format!("urn:oid:{uid}")}],
        "status": "available",
        "subject": subject_of(patient, named),
    });
    if let Some(started) = started(moment) {
        study["started"] = json!(started);
    }
    study
}

fn subject_of(patient: Option<&ResourceId>, named: &super::whose::Named) -> Value {
    if let Some(patient) = patient {
        return json!({"reference": format!("Patient/{patient}")});
    }
    let mut subject = json!({"type": "Patient"});
    if !named.number.is_empty() {
        subject["identifier"] = json!({"value": named.number});
    }
    if let Some(name) = named.names.first() {
        subject["display"] = json!(name.replace('^', " ").trim());
    }
    subject
}

/// Date and, where it is known, time of a moment `YYYYMMDD[HHMMSS]`. A time without a zone cannot be said in FHIR.
fn started(moment: &str) -> Option<String> {
    let date = moment.get(..8).filter(|date| date.bytes().all(|byte| byte.is_ascii_digit()))?;
    let text = format!("{}-{}-{}", &date[..4], &date[4..6], &date[6..]);
    crate::instant::parse_date(&text).map(|_| text)
}

/// Writes anew the resources of studies that have changed and been quiet since; gives how many.
pub async fn project(app: &App) -> Result<usize, Error> {
    let quiet = app.clock.now().plus_seconds(-QUIET_S);
    let changed = app.store.changed_images(quiet, AT_ONCE).await?;
    for one in &changed {
        write(app, one).await?;
    }
    Ok(changed.len())
}

async fn write(app: &App, changed: &ChangedStudy) -> Result<(), Error> {
    let context = app.server_context(changed.tenant);
    let rows = series_of(app, &context, &changed.uid).await?;
    let Some(id) = rows.first().and_then(|row| row.study.as_ref()).map(|study| study.id.clone()) else {
        return Ok(());
    };
    let standing = app.resource(changed.tenant, STUDY, &id).await?;
    let mut study = standing.value.clone();
    describe(&mut study, &rows);
    let mut change = Change::new(app, &context).bulk();
    if study != standing.value {
        change.replace(&study, standing.version)?;
        let patient = rows.first().and_then(|row| row.patient.patient.as_ref());
        let entity = format!("{STUDY}/{id}");
        change.audit_with(audit_row(&context, AuditAction::U, "archive.study", patient, &entity));
    }
    change.image(ImageChange::Projected { study: changed.uid.clone(), last_at: changed.last_at });
    change.commit().await?;
    Ok(())
}

async fn series_of(app: &App, context: &Context, uid: &str) -> Result<Vec<ImageRow>, Error> {
    let query = ImageQuery {
        studies: vec![uid.to_owned()],
        ..ImageQuery::all(ImageLevel::Series, STUDY, Scope::All, MOST_SERIES)
    };
    Ok(app.store.images(context.tenant, query).await?)
}

/// Says of a study what the index does.
pub(super) fn describe(study: &mut Value, rows: &[ImageRow]) {
    let Some(first) = rows.first() else { return };
    let said = first.study.as_ref().map(|study| attributes(&study.document)).unwrap_or_default();
    let mut modalities: Vec<String> = Vec::new();
    let mut all = Vec::new();
    for row in rows {
        let Some(series) = &row.series else { continue };
        let said = attributes(&series.document);
        let modality = text(&said, "00080060").unwrap_or_else(|| "OT".to_owned());
        if !modalities.contains(&modality) {
            modalities.push(modality.clone());
        }
        let mut shown = json!({
            "uid": series.uid,
            "modality": coded(&modality),
            "numberOfInstances": row.counts.series_instances,
        });
        if let Some(number) = series.number.and_then(|number| u32::try_from(number).ok()) {
            shown["number"] = json!(number);
        }
        for (tag, field) in [("0008103E", "description"), ("00180015", "bodySite")] {
            if let Some(said) = text(&said, tag) {
                shown[field] = if field == "bodySite" { json!({"display": said}) } else { json!(said) };
            }
        }
        all.push(shown);
    }
    study["modality"] = modalities.iter().map(|modality| coded(modality)).collect();
    study["numberOfSeries"] = json!(first.counts.study_series);
    study["numberOfInstances"] = json!(first.counts.study_instances);
    if let Some(description) = text(&said, "00081030") {
        study["description"] = json!(description);
    }
    study["series"] = all.into();
}

fn coded(modality: &str) -> Value {
    json!({"system": "http://dicom.nema.org/resources/ontology/DCM", "code": modality})
}

/// A document of the index as JSON.
fn attributes(document: &[u8]) -> Value {
    serde_json::from_slice(document).unwrap_or_default()
}

/// The first value of an attribute.
fn text(said: &Value, tag: &str) -> Option<String> {
    let first = &said[tag]["Value"][0];
    first.as_str().map(str::to_owned).or_else(|| first.as_i64().map(|number| number.to_string()))
}

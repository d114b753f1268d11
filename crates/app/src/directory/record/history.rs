//! The versions of an entry, with who wrote each: the audit knows, because a write's row is in its commit.

use bianque_model::{Context, ResourceId, Timestamp};
use bianque_query::Scope;
use bianque_store::{AuditAction, AuditList, AuditRow, HistoryQuery, StoredResource};
use serde_json::{Value, json};

use super::find;
use crate::audit::names::{Names, TO_THE_PATIENT, kind};
use crate::directory::chart;
use crate::{App, Error, instant, smart};

/// Types whose entries have a history to be read here.
const TYPES: [&str; 7] = [
    "AllergyIntolerance",
    "Condition",
    "DiagnosticReport",
    "DocumentReference",
    "MedicationRequest",
    "MedicationStatement",
    "Observation",
];
/// Versions that are shown, the newest.
const MOST: u32 = 100;
/// Rows of the audit that are looked through for each kind of write.
const ROWS: usize = 2_000;
/// A row may carry another time than the version that it is about: commits that come together are a moment apart.
const APART_S: i64 = 60;

/// The versions of an entry, newest first, each whole, with who wrote it; audited before it is answered.
pub async fn read(
    app: &App,
    context: &Context,
    patient: &ResourceId,
    resource_type: &str,
    id: &ResourceId,
) -> Result<Value, Error> {
    chart::readable(app, context, patient).await?;
    let known = TYPES.iter().find(|known| **known == resource_type).ok_or_else(Error::not_found)?;
    find(app, context, patient, known, id).await?;
    let entity = format!("{known}/{id}");
    app.audit_read(context, "record.history", patient, &entity).await?;
    let query = HistoryQuery {
        resource_type: Some((*known).to_owned()),
        id: Some(id.clone()),
        scope: Scope::All,
        since: None,
        at: None,
        before: None,
        limit: MOST,
    };
    let versions: Vec<StoredResource> =
        app.store.history(context.tenant, query).await?.into_iter().map(|(_, stored)| stored).collect();
    let rows = rows(app, context, patient, &versions).await?;
    let named: Vec<&AuditRow> = rows.iter().filter(|row| row.entity == entity).collect();
    let mut names = Names::new(app, context, TO_THE_PATIENT);
    let mut told = Vec::with_capacity(versions.len());
    for (at, version) in versions.iter().enumerate() {
        let before = versions.get(at + 1).map_or(Timestamp(0), |older| older.last_updated);
        // A row for each version: then the order tells them apart, whatever the clock did.
        let in_order = named.get(at).copied().filter(|_| named.len() == versions.len());
        let by = match in_order.or_else(|| row_of(&rows, &entity, version, before)) {
            Some(row) => by(app, context, &mut names, row).await?,
            None => Value::Null,
        };
        let resource = version.document.as_deref().map(serde_json::from_slice::<Value>);
        told.push(json!({
            "version": version.version, "at": instant::text(version.last_updated), "by": by,
            "resource": resource.transpose().map_err(Error::internal)?,
        }));
    }
    let more = versions.last().is_some_and(|oldest| oldest.version > 1);
    Ok(json!({"versions": told, "more": more}))
}

/// The rows of writes about the patient in the time of these versions, newest first.
async fn rows(
    app: &App,
    context: &Context,
    patient: &ResourceId,
    versions: &[StoredResource],
) -> Result<Vec<AuditRow>, Error> {
    let (Some(newest), Some(oldest)) = (versions.first(), versions.last()) else { return Ok(Vec::new()) };
    let mut rows = Vec::new();
    for action in [AuditAction::C, AuditAction::U, AuditAction::D] {
        let list = AuditList {
            patient: Some(patient.clone()),
            who: None,
            action: Some(action),
            operation: None,
            success: Some(true),
            emergency: false,
            from: oldest.last_updated.plus_seconds(-APART_S),
            before: (newest.last_updated.plus_seconds(1), 0),
            limit: ROWS,
        };
        let page = app.store.audit_list(context.tenant, list).await?;
        rows.extend(page.rows);
    }
    rows.sort_by_key(|(sequence, row)| std::cmp::Reverse((row.at, *sequence)));
    Ok(rows.into_iter().map(|(_, row)| row).collect())
}

/// The row of the write that made a version: the newest that names the entry since the version before it; else one of
/// the same instant, as that of a signature, which names the visit.
fn row_of<'r>(
    rows: &'r [AuditRow],
    entity: &str,
    version: &StoredResource,
    before: Timestamp,
) -> Option<&'r AuditRow> {
    let since = before.0.max(version.last_updated.plus_seconds(-APART_S).0);
    let mut own = rows.iter().filter(|row| row.at <= version.last_updated && row.at.0 > since);
    let named = own.clone().find(|row| row.entity == entity);
    named.or_else(|| own.find(|row| row.at == version.last_updated))
}

async fn by(app: &App, context: &Context, names: &mut Names, row: &AuditRow) -> Result<Value, Error> {
    let (who, application) = bianque_store::parts_of(&row.agent);
    Ok(json!({
        "name": names.of(who).await?, "kind": kind(who),
        "application": smart::name_of(app, context, application.unwrap_or(who)).await?,
        "organization": names.of(&row.organization).await?, "operation": row.operation,
    }))
}

//! A message about an occasion, from what stands of the visit.
//!
//! It goes where everybody of an institution can read it: what is labelled as restricted or denied to the institution is
//! not told.

use bianque_document::Language;
use bianque_mapping::outgoing::{About, Record, to_v2};
use bianque_model::{Context, Purpose, ResourceId, TenantId};
use bianque_query::{Predicate, Scope};
use serde_json::Value;

use super::destinations::Destination;
use super::made::OutgoingMessage;
use super::occasion::Occasion;
use crate::visits::plan_pdf;
use crate::{App, Error, policy};

/// The types that a message takes something from.
const TAKEN: [&str; 7] = [
    "CarePlan",
    "Condition",
    "MedicationRequest",
    "Observation",
    "Organization",
    "Practitioner",
    "ServiceRequest",
];
/// References that are followed.
const FOLLOWED: usize = 300;

/// All that messages about an occasion say, whoever they go to.
pub(super) struct Told {
    patient: Value,
    encounter: Value,
    record: Record,
}

impl Told {
    /// Reads it; nothing where the institution may not be told.
    pub(super) async fn of(app: &App, tenant: TenantId, occasion: &Occasion) -> Result<Option<Self>, Error> {
        let context = Context { purpose: Purpose::Treat, ..app.server_context(tenant) };
        let visit = &occasion.visit;
        let scope = policy::of_institution(&context, &visit.organization)?;
        let shown = app.same_patient(tenant, &visit.patient).await?.survivor;
        let Some(patient) = visible(app, tenant, &scope, "Patient", &shown).await? else { return Ok(None) };
        let kind = occasion.focus["resourceType"].as_str().unwrap_or_default();
        let id: ResourceId =
            occasion.focus["id"].as_str().unwrap_or_default().parse().map_err(Error::internal)?;
        if visible(app, tenant, &scope, kind, &id).await?.is_none() {
            return Ok(None);
        }
        let encounter = if kind == "Encounter" {
            occasion.focus.clone()
        } else {
            app.resource(tenant, "Encounter", &visit.id).await?.value
        };
        let record = record(app, tenant, &scope, [&occasion.focus, &encounter]).await?;
        Ok(Some(Self { patient, encounter, record }))
    }

    /// Writes the message for a destination, or says why it cannot be written.
    pub(super) async fn write(
        &self,
        app: &App,
        tenant: TenantId,
        destination: &Destination,
        message: &OutgoingMessage,
        occasion: &Occasion,
    ) -> Result<Result<Vec<u8>, String>, Error> {
        let Some(tells) = message.tells() else { return Ok(Err("this kind is not written".to_owned())) };
        let pdf = match printed(app, tenant, destination, occasion).await {
            Ok(pdf) => pdf,
            Err(error) if error.kind == crate::ErrorKind::Unavailable => return Err(error),
            Err(error) => return Ok(Err(format!("it could not be printed: {}", error.message))),
        };
        let at = |at: bianque_model::Timestamp| {
            jiff::Timestamp::from_microsecond(at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
        };
        let about = About {
            tells,
            focus: &occasion.focus,
            patient: &self.patient,
            encounter: &self.encounter,
            record: &self.record,
            pdf: pdf.as_deref(),
            at: at(message.happened),
        };
        let written = to_v2(&about, &destination.receiver(), &message.control, at(message.at));
        Ok(written.map_err(|error| error.to_string()))
    }
}

/// The paper of a signed note. An opinion has none of its own.
async fn printed(
    app: &App,
    tenant: TenantId,
    destination: &Destination,
    occasion: &Occasion,
) -> Result<Option<Vec<u8>>, Error> {
    let Occasion { visit, focus, .. } = occasion;
    let is_note = focus["resourceType"] == "Composition" && focus["type"]["coding"][0]["code"] == NOTE;
    if !(is_note && visit.signed.is_some()) || app.settings.font.is_none() {
        return Ok(None);
    }
    let language: Language = destination.rules.language.parse().unwrap_or(Language::En);
    let zone = destination.receiver().zone;
    let (context, reader) = (app.server_context(tenant), plan_pdf::PaperFor::Colleagues);
    plan_pdf::of_visit(app, &context, visit, reader, (language, &zone)).await.map(Some)
}

/// LOINC's code of the note of a visit.
const NOTE: &str = "34131-3";

/// A resource, where the institution may see it.
async fn visible(
    app: &App,
    tenant: TenantId,
    scope: &Scope,
    kind: &str,
    id: &ResourceId,
) -> Result<Option<Value>, Error> {
    let found = app.matching(tenant, kind, Predicate::Ids(vec![id.clone()]), scope.clone()).await?;
    Ok(found.into_iter().next().map(|one| one.value))
}

/// What these refer to, as far as it is needed and may be seen. People and institutions are in the directory.
async fn record(app: &App, tenant: TenantId, scope: &Scope, from: [&Value; 2]) -> Result<Record, Error> {
    let mut named = Vec::new();
    for one in from {
        references(one, &mut named);
    }
    named.sort_unstable();
    named.dedup();
    named.truncate(FOLLOWED);
    let mut record = Record::default();
    for kind in TAKEN {
        let of_kind = named.iter().filter(|(one, _)| *one == kind);
        let ids: Vec<ResourceId> = of_kind.filter_map(|(_, id)| id.parse().ok()).collect();
        if ids.is_empty() {
            continue;
        }
        let is_directory = policy::is_public(kind);
        let scope = if is_directory { Scope::All } else { scope.clone() };
        for found in app.matching(tenant, kind, Predicate::Ids(ids), scope).await? {
            record.add(found.value);
        }
    }
    Ok(record)
}

/// Type and id of every reference in a resource.
fn references<'a>(value: &'a Value, named: &mut Vec<(&'a str, &'a str)>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| references(item, named)),
        Value::Object(members) => {
            let reference = members.get("reference").and_then(Value::as_str);
            named.extend(reference.and_then(|name| name.split_once('/')));
            members.values().for_each(|member| references(member, named));
        }
        _ => {}
    }
}

//! The day pack: each institution's visits of these hours with what must be known, as pages that can be printed before
//! they are needed. Everybody of the institution can read paper: what is labelled as restricted, or denied to the
//! institution, is not on it.

use std::collections::BTreeMap;

use bianque_document::day_pack::{DayPack, Entry, day_pack_html};
use bianque_model::{Context, Purpose, ResourceId, TenantId, Timestamp};
use bianque_query::{Predicate, Scope};
use bianque_store::AuditAction;
use jiff::Zoned;
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::admin::schedules::Schedule;
use crate::aggregate::Loaded;
use crate::change::audit_row;
use crate::directory::chart;
use crate::people::{display_name, phone};
use crate::visits::visit::schedule_key;
use crate::visits::{Visit, encounter};
use crate::{App, Error, instant, policy};

/// In place of a patient who is not for everybody.
const RESTRICTED: &str = "restricted 受限";

/// Visits that began this long ago may still go on, seconds.
const BEHIND_S: i64 = 12 * 3600;
/// How far ahead it looks, seconds: over the next morning.
const AHEAD_S: i64 = 36 * 3600;
/// Visits of one page.
const MOST: u32 = 500;

/// The page of an institution.
#[derive(Debug, Clone)]
pub struct Page {
    /// The institution.
    pub organization: ResourceId,
    /// The page, HTML.
    pub html: String,
}

/// The pages of all institutions of a tenant, as of now. The reading of their patients is audited before they are given.
pub async fn pages(app: &App, tenant: TenantId) -> Result<Vec<Page>, Error> {
    let context = Context { purpose: Purpose::Treat, ..app.server_context(tenant) };
    let scope = policy::scope(&context)?;
    let all = app.matching(context.tenant, "Organization", Predicate::And(Vec::new()), scope).await?;
    let mut pages = Vec::with_capacity(all.len());
    for organization in all {
        let id = organization.value["id"].as_str().unwrap_or_default().parse().map_err(Error::internal)?;
        let html = page(app, &context, &id, &organization.value).await?;
        pages.push(Page { organization: id, html });
    }
    Ok(pages)
}

async fn page(app: &App, context: &Context, id: &ResourceId, organization: &Value) -> Result<String, Error> {
    let low = schedule_key(id, context.now.plus_seconds(-BEHIND_S));
    let high = schedule_key(id, context.now.plus_seconds(AHEAD_S));
    let visits = app.list::<Visit>(context.tenant, "schedule", low.as_str()..high.as_str(), MOST).await?;
    let mut row = audit_row(context, AuditAction::R, "day-pack.write", None, &format!("Organization/{id}"));
    row.patients = visits.iter().map(|visit| visit.value.patient.clone()).collect();
    row.patients.sort();
    row.patients.dedup();
    if !visits.is_empty() {
        app.store.audit_read(context.tenant, row).await?;
    }
    let zone = zone(app, context, &visits).await?;
    let mut clinicians = BTreeMap::new();
    let mut entries = Vec::with_capacity(visits.len());
    for Loaded { value: visit, .. } in &visits {
        let practitioner = app.resource(context.tenant, "Practitioner", &visit.practitioner).await?.value;
        let name = display_name(&practitioner);
        entries.push(entry(app, context, visit, &name, &zone).await?);
        clinicians.insert(name, text(&phone(&practitioner)));
    }
    Ok(day_pack_html(&DayPack {
        institution: display_name(organization),
        phone: text(&phone(organization)),
        made: zoned(context.now, &zone),
        visits: entries,
        clinicians: clinicians.into_iter().collect(),
    }))
}

async fn entry(
    app: &App,
    context: &Context,
    visit: &Visit,
    clinician: &str,
    zone: &TimeZone,
) -> Result<Entry, Error> {
    let scope = policy::of_institution(context, &visit.organization)?;
    let encounter = app.resource(context.tenant, "Encounter", &visit.id).await?.value;
    let shown = app.same_patient(context.tenant, &visit.patient).await?.survivor;
    let itself = Predicate::Ids(vec![shown]);
    let patient = app.matching(context.tenant, "Patient", itself, scope.clone()).await?.into_iter().next();
    let mut entry = Entry {
        start: zoned(visit.start, zone),
        state: encounter::state(&encounter).to_owned(),
        patient: RESTRICTED.to_owned(),
        clinician: clinician.to_owned(),
        ..Entry::default()
    };
    let Some(patient) = patient.map(|found| found.value) else { return Ok(entry) };
    entry.patient = display_name(&patient);
    entry.sex = text(&patient["gender"]);
    entry.birth_date = patient["birthDate"].as_str().and_then(instant::parse_date);
    entry.identifier = text(&patient["identifier"][0]["value"]);
    entry.phone = text(&phone(&patient));
    visit.intake.as_ref().map_or(&visit.reason, |intake| &intake.reason).clone_into(&mut entry.reason);
    entry.red_flags = visit.red_flags().to_vec();
    let known =
        |resource_type, element| words(app, context, &visit.patient, &scope, (resource_type, element));
    entry.allergies = known("AllergyIntolerance", "code").await?;
    entry.conditions = known("Condition", "code").await?;
    entry.medications = known("MedicationRequest", "medicationCodeableConcept").await?;
    Ok(entry)
}

/// What an element of the resources of a type says of a patient, in words; what is over or was a mistake is not said.
async fn words(
    app: &App,
    context: &Context,
    patient: &ResourceId,
    scope: &Scope,
    (resource_type, element): (&str, &str),
) -> Result<Vec<String>, Error> {
    let filter = Predicate::In(policy::patient_compartment(patient));
    let found = app.matching(context.tenant, resource_type, filter, scope.clone()).await?;
    let mut words: Vec<String> = found
        .iter()
        .filter(|found| holds(&found.value))
        .map(|found| text(&chart::words(&found.value[element])))
        .filter(|words| !words.is_empty())
        .collect();
    words.sort();
    words.dedup();
    Ok(words)
}

fn holds(resource: &Value) -> bool {
    let over = ["entered-in-error", "resolved", "inactive", "remission", "stopped", "cancelled", "completed"];
    let said = [
        &resource["status"],
        &resource["clinicalStatus"]["coding"][0]["code"],
        &resource["verificationStatus"]["coding"][0]["code"],
    ];
    !said.into_iter().filter_map(Value::as_str).any(|state| over.contains(&state))
}

/// The zone of the clinicians' hours.
async fn zone(app: &App, context: &Context, visits: &[Loaded<Visit>]) -> Result<TimeZone, Error> {
    for visit in visits {
        let schedule = app.load::<Schedule>(context.tenant, visit.value.practitioner.as_str()).await?;
        if let Some(zone) = schedule.and_then(|schedule| TimeZone::get(&schedule.value.week.zone).ok()) {
            return Ok(zone);
        }
    }
    Ok(TimeZone::UTC)
}

fn zoned(at: Timestamp, zone: &TimeZone) -> Zoned {
    jiff::Timestamp::from_microsecond(at.0).unwrap_or_default().to_zoned(zone.clone())
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Clinic;
    use bianque_store::AuditQuery;
    use serde_json::json;

    #[tokio::test]
    async fn each_institution_has_its_own_patients_and_the_reading_is_audited() {
        let clinic = Clinic::open();
        let (north, south) = (clinic.organization("North").await, clinic.organization("South").await);
        let doctor = clinic.clinician("wang", &north).await;
        let patient = clinic.patient("Li Lei", &north).await;
        clinic.visit(&doctor, &patient).await;
        let allergy = json!({"resourceType": "AllergyIntolerance", "code": {"text": "penicillin"},
            "patient": {"reference": format!("Patient/{patient}")}});
        let over = json!({"resourceType": "Condition", "code": {"text": "a broken arm"},
            "clinicalStatus": {"coding": [{"code": "resolved"}]},
            "subject": {"reference": format!("Patient/{patient}")}});
        let label = json!({"security": [{"system": policy::CONFIDENTIALITY, "code": "R"}]});
        let mut restricted = allergy.clone();
        (restricted["meta"], restricted["code"]["text"]) = (label.clone(), json!("a restricted thing"));
        clinic.create(restricted).await;
        let guarded = clinic
            .create(json!({"resourceType": "Patient", "name": [{"text": "Somebody Known"}],
            "meta": label, "managingOrganization": {"reference": format!("Organization/{north}")}}))
            .await;
        clinic.visit(&doctor, &guarded).await;
        clinic.create(allergy).await;
        clinic.create(over).await;
        let pages = pages(&clinic.app, TenantId::FIRST).await.unwrap();
        let of = |id: &ResourceId| &pages.iter().find(|page| page.organization == *id).unwrap().html;
        assert!(of(&north).contains("Li Lei") && of(&north).contains("penicillin"), "{}", of(&north));
        for hidden in ["a broken arm", "a restricted thing", "Somebody Known"] {
            assert!(!of(&north).contains(hidden), "{hidden} is on paper");
        }
        assert!(of(&north).contains(RESTRICTED));
        assert!(!of(&south).contains("Li Lei") && of(&south).contains("No visits"));
        let query = AuditQuery { patient: Some(patient), limit: 10, ..AuditQuery::default() };
        let rows = clinic.app.store.audit(TenantId::FIRST, query).await.unwrap();
        let entity = format!("Organization/{north}");
        assert!(rows.iter().any(|(_, row)| row.operation == "day-pack.write" && row.entity == entity));
    }
}

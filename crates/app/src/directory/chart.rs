//! The chart of a patient as a clinician reads it beside a visit.

use bianque_model::{Actor, Context, Duty, ResourceId};
use bianque_query::{Direction, Order, OrderKey, Predicate, Query, Scope};
use serde_json::{Value, json};

use crate::aggregate::Loaded;
use crate::people::{display_name, patient_summary, referenced_id};
use crate::photos::view;
use crate::policy::{self, Part, patient_compartment};
use crate::resources::{Many, Versioned};
use crate::visits::visit::schedule_key;
use crate::visits::{Visit, access, encounter};
use crate::{App, Error, instant};

/// The types whose change is a change of the chart.
pub const TYPES: [&str; 5] =
    ["AllergyIntolerance", "Condition", "MedicationRequest", "Observation", "DocumentReference"];
/// Entries of one kind.
const MOST: u32 = 500;

/// Which photos a chart names. A photo is opened by way of its visit, so that none is named that cannot be opened.
enum Photos<'a> {
    OfPatient,
    /// For who was asked about one visit.
    OfVisit(&'a ResourceId),
    /// For who takes part in no visit.
    None,
}

/// The chart, with its version; the read is audited before it is answered.
pub async fn load(app: &App, context: &Context, patient: &ResourceId) -> Result<Value, Error> {
    let named = match &context.actor {
        Actor::Consultant { visit, .. } => Photos::OfVisit(visit),
        Actor::Staff { .. } => Photos::None,
        _ => Photos::OfPatient,
    };
    read(app, context, patient, named).await
}

async fn read(app: &App, context: &Context, patient: &ResourceId, named: Photos<'_>) -> Result<Value, Error> {
    let resource = readable(app, context, patient).await?;
    app.audit_read(context, "chart.read", patient, &format!("Patient/{patient}")).await?;
    let organization = match referenced_id(&resource["managingOrganization"]).parse::<ResourceId>() {
        Ok(id) => display_name(&app.resource(context.tenant, "Organization", &id).await?.value),
        Err(_) => String::new(),
    };
    let of = |resource_type| of_type(app, context, patient, resource_type);
    // The version is taken first: what changes while the rest is read makes it too old, never too new.
    let version = version(app, context, patient).await?;
    Ok(json!({
        "patient": patient_summary(&resource, &organization),
        "allergies": of("AllergyIntolerance").await?.iter().map(allergy).collect::<Vec<_>>(),
        "conditions": of("Condition").await?.iter().map(condition).collect::<Vec<_>>(),
        "medications": of("MedicationRequest").await?.iter().map(medication).collect::<Vec<_>>(),
        "observations": of("Observation").await?.iter().flat_map(observations).collect::<Vec<_>>(),
        "visits": visits(app, context, patient).await?,
        "photos": photos(app, context, patient, named).await?,
        "notes": of("Composition").await?.iter().map(note).collect::<Vec<_>>(),
        "version": version,
    }))
}

/// The chart of a visit's patient, for the clinicians who take part in it.
pub async fn of_visit(app: &App, context: &Context, visit: &ResourceId) -> Result<Value, Error> {
    let access = access::load_as(app, context, visit, &[Part::Clinician, Part::Consultant]).await?;
    let patient = &access.visit.value.patient;
    if access.part == Part::Consultant {
        return read(app, context, patient, Photos::OfVisit(visit)).await;
    }
    load(app, context, patient).await
}

/// The version of a chart: when anything of it last changed, in microseconds.
pub async fn version(app: &App, context: &Context, patient: &ResourceId) -> Result<String, Error> {
    let mut newest = 0;
    for resource_type in TYPES {
        let query = Query {
            resource_type: resource_type.to_owned(),
            filter: Predicate::In(patient_compartment(patient)),
            scope: Scope::All,
            order: vec![Order { key: OrderKey::LastUpdated, direction: Direction::Descending }],
            after: None,
            limit: 1,
        };
        let page = app.store.search(context.tenant, query).await?;
        newest = newest.max(page.rows.first().map_or(0, |row| row.last_updated.0));
    }
    Ok(newest.to_string())
}

/// The patient, for whom policy shows their record: clinicians and consultants.
async fn readable(app: &App, context: &Context, id: &ResourceId) -> Result<Value, Error> {
    let scope = policy::scope(context)?;
    let reads = matches!(
        context.actor,
        Actor::Clinician { .. }
            | Actor::Staff { duty: Duty::Specialist | Duty::Reporter, .. }
            | Actor::Consultant { .. }
            | Actor::Server
    );
    if !reads {
        return Err(Error::forbidden());
    }
    // Of merged records the one that stands for them is shown.
    let id = app.same_patient(context.tenant, id).await?.survivor;
    let found = app.matching(context.tenant, "Patient", Predicate::Ids(vec![id]), scope).await?;
    Ok(found.into_iter().next().ok_or_else(Error::not_found)?.value)
}

async fn of_type(
    app: &App,
    context: &Context,
    patient: &ResourceId,
    resource_type: &str,
) -> Result<Vec<Versioned>, Error> {
    let filter = Predicate::In(patient_compartment(patient));
    app.matching(context.tenant, resource_type, filter, policy::scope(context)?).await
}

/// Those of the named photos whose DocumentReference policy shows.
async fn photos(
    app: &App,
    context: &Context,
    patient: &ResourceId,
    named: Photos<'_>,
) -> Result<Vec<Value>, Error> {
    let all = match named {
        Photos::OfPatient => view::of_patient(app, context, patient).await?,
        Photos::OfVisit(visit) => view::of_visit(app, context, visit).await?,
        Photos::None => return Ok(Vec::new()),
    };
    let shown = of_type(app, context, patient, "DocumentReference").await?;
    let is_shown = |photo: &Value| shown.iter().any(|document| document.value["id"] == photo["id"]);
    Ok(all.into_iter().filter(is_shown).collect())
}

/// A concept in words.
pub(crate) fn words(concept: &Value) -> Value {
    let text = concept["text"].as_str().or(concept["coding"][0]["display"].as_str());
    json!(text.or(concept["coding"][0]["code"].as_str()).unwrap_or_default())
}

fn allergy(allergy: &Versioned) -> Value {
    let allergy = &allergy.value;
    json!({
        "id": allergy["id"], "text": words(&allergy["code"]), "code": allergy["code"]["coding"][0]["code"],
        "criticality": allergy["criticality"], "recorded_at": allergy["recordedDate"],
    })
}

fn condition(condition: &Versioned) -> Value {
    let condition = &condition.value;
    json!({
        "id": condition["id"], "text": words(&condition["code"]), "code": condition["code"]["coding"][0]["code"],
        "status": condition["clinicalStatus"]["coding"][0]["code"],
        "onset": condition["onsetDateTime"].as_str().or(condition["recordedDate"].as_str()),
    })
}

fn medication(request: &Versioned) -> Value {
    let request = &request.value;
    json!({
        "id": request["id"], "text": words(&request["medicationCodeableConcept"]), "status": request["status"],
        "dosage": request["dosageInstruction"][0]["text"],
        "authored_at": request["authoredOn"], "draft": request["status"] == "draft",
    })
}

/// One line per value: a blood pressure has two.
fn observations(observation: &Versioned) -> Vec<Value> {
    let observation = &observation.value;
    let line = |part: &Value, id: String| {
        let quantity = &part["valueQuantity"];
        let value =
            if quantity.is_object() { quantity["value"].clone() } else { part["valueString"].clone() };
        json!({
            "id": id, "code": part["code"]["coding"][0]["code"], "text": words(&part["code"]),
            "value": value, "unit": quantity["unit"], "at": observation["effectiveDateTime"],
        })
    };
    let id = observation["id"].as_str().unwrap_or_default();
    match observation["component"].as_array() {
        Some(parts) => parts.iter().enumerate().map(|(i, part)| line(part, format!("{id}.{i}"))).collect(),
        None => vec![line(observation, id.to_owned())],
    }
}

fn note(composition: &Versioned) -> Value {
    let composition = &composition.value;
    let kind = match composition["type"]["coding"][0]["code"].as_str() {
        Some("11488-4") => "opinion",
        _ if composition["relatesTo"].is_array() => "addendum",
        _ => "note",
    };
    json!({
        "id": composition["id"], "visit_id": referenced_id(&composition["encounter"]),
        "title": composition["title"], "signed_at": composition["date"],
        "author": composition["author"][0]["display"], "kind": kind,
    })
}

/// Visits by call, newest first, and encounters of before that other systems wrote.
async fn visits(app: &App, context: &Context, patient: &ResourceId) -> Result<Vec<Value>, Error> {
    let mut ours = Vec::new();
    for patient in app.same_patient(context.tenant, patient).await?.all {
        let low = schedule_key(&patient, bianque_model::Timestamp(0));
        let high = format!("{patient}|~");
        ours.extend(app.list::<Visit>(context.tenant, "patient", low.as_str()..high.as_str(), MOST).await?);
    }
    let encounters = of_type(app, context, patient, "Encounter").await?;
    let seen_by: Vec<ResourceId> =
        encounters.iter().filter_map(|encounter| practitioner_of(&encounter.value)).collect();
    let people = app.read_many(context.tenant, seen_by.iter().map(|person| ("Practitioner", person))).await?;
    let mut shown = Vec::with_capacity(encounters.len());
    for encounter in encounters {
        let encounter = encounter.value;
        let visit = ours.iter().find(|visit| encounter["id"] == visit.value.id.as_str());
        shown.push(line(&people, &encounter, visit));
    }
    shown.sort_by(|a, b| b["start"].as_str().cmp(&a["start"].as_str()));
    Ok(shown)
}

fn practitioner_of(encounter: &Value) -> Option<ResourceId> {
    referenced_id(&encounter["participant"][0]["individual"]).parse().ok()
}

fn line(people: &Many, encounter: &Value, visit: Option<&Loaded<Visit>>) -> Value {
    let practitioner = &encounter["participant"][0]["individual"];
    let known = practitioner_of(encounter).and_then(|id| people.get("Practitioner", &id).ok());
    let name = known.map(display_name);
    let start = visit.map(|visit| instant::text(visit.value.start));
    json!({
        "id": encounter["id"],
        "start": start.or_else(|| encounter["period"]["start"].as_str().map(str::to_owned)),
        "state": encounter::state(encounter),
        "reason": encounter["reasonCode"][0]["text"].as_str().unwrap_or_default(),
        "practitioner": name.or_else(|| practitioner["display"].as_str().map(str::to_owned)),
        "disposition": encounter["hospitalization"]["dischargeDisposition"]["text"],
        "signed": visit.is_some_and(|visit| visit.value.signed.is_some()),
    })
}

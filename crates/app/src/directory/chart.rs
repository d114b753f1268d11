//! The chart of a patient as a clinician reads it: beside a visit, and by itself.

use bianque_model::{Actor, Context, Duty, ResourceId};
use bianque_query::Predicate;
use serde_json::{Value, json};

use crate::aggregate::Loaded;
use crate::people::{display_name, patient_summary, referenced_id};
use crate::photos::view;
use crate::policy::{self, Part, patient_compartment};
use crate::resources::{Many, Versioned};
use crate::visits::visit::schedule_key;
use crate::visits::{Visit, access, encounter};
use crate::{App, Error, instant};

pub(in crate::directory) mod entries;
mod measured;
mod version;

pub(in crate::directory) use entries::note_of;
pub(crate) use entries::words;
pub(crate) use measured::value_in_words;
pub use version::{ChartVersion, TYPES, version};

/// Entries of one kind that a chart shows, the newest; of a kind that has more it says so.
const MOST: u32 = 1000;

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
    // The version is taken first: what changes while the rest is read makes it too old, never too new.
    let version = version(app, context, patient).await?;
    let mut entries = Entries { app, context, patient, partial: Vec::new() };
    let observations = entries.of("Observation").await?;
    let photos = photos(app, context, patient, named).await?;
    let mut medications: Vec<Value> =
        entries.of("MedicationStatement").await?.iter().map(entries::statement).collect();
    medications.extend(entries.of("MedicationRequest").await?.iter().map(entries::request));
    Ok(json!({
        "patient": patient_summary(&resource, &organization),
        "allergies": entries.of("AllergyIntolerance").await?.iter().map(entries::allergy).collect::<Vec<_>>(),
        "conditions": entries.of("Condition").await?.iter().map(entries::condition).collect::<Vec<_>>(),
        "medications": medications,
        "observations": observations.iter().flat_map(measured::lines).collect::<Vec<_>>(),
        "reports": entries.of("DiagnosticReport").await?.iter().map(measured::report).collect::<Vec<_>>(),
        "documents": documents(&entries.of("DocumentReference").await?, &photos),
        "visits": visits(app, context, patient).await?,
        "photos": photos,
        "notes": entries.of("Composition").await?.iter().map(entries::note).collect::<Vec<_>>(),
        "partial": entries.partial,
        "version": version.to_string(),
    }))
}

/// The entries of a chart, type by type.
struct Entries<'a> {
    app: &'a App,
    context: &'a Context,
    patient: &'a ResourceId,
    /// Types of which not all are shown.
    partial: Vec<&'static str>,
}

impl Entries<'_> {
    async fn of(&mut self, resource_type: &'static str) -> Result<Vec<Versioned>, Error> {
        let found = of_type(self.app, self.context, self.patient, resource_type).await?;
        if found.len() >= MOST as usize {
            self.partial.push(resource_type);
        }
        Ok(found)
    }
}

/// Documents that are no photo of a visit.
fn documents(all: &[Versioned], photos: &[Value]) -> Vec<Value> {
    let is_photo = |document: &Versioned| photos.iter().any(|photo| photo["id"] == document.value["id"]);
    all.iter().filter(|document| !is_photo(document)).map(entries::document).collect()
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

/// The patient, for whom policy shows their record: clinicians and consultants.
pub(super) async fn readable(app: &App, context: &Context, id: &ResourceId) -> Result<Value, Error> {
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
    app.newest_of(context.tenant, resource_type, filter, policy::scope(context)?, MOST).await
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
        "held": visit.is_some(),
        "start": start.or_else(|| encounter["period"]["start"].as_str().map(str::to_owned)),
        "state": encounter::state(encounter),
        "reason": encounter["reasonCode"][0]["text"].as_str().unwrap_or_default(),
        "practitioner": name.or_else(|| practitioner["display"].as_str().map(str::to_owned)),
        "disposition": encounter["hospitalization"]["dischargeDisposition"]["text"],
        "signed": visit.is_some_and(|visit| visit.value.signed.is_some()),
    })
}

//! Vital signs taken beside a visit, as Observations (LOINC, UCUM).

use bianque_model::{Context, ResourceId};
use bianque_store::AuditAction;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::access::{Access, load, load_as};
use super::encounter::status;
use crate::live::What;
use crate::policy::Part;
use crate::{App, Change, Error, instant};

/// What can be measured at a distance.
struct Kind {
    code: &'static str,
    en: &'static str,
    zh: &'static str,
    unit: &'static str,
    low: f64,
    high: f64,
}

const BLOOD_PRESSURE: &str = "85354-9";
const SYSTOLIC: &str = "8480-6";
const DIASTOLIC: &str = "8462-4";

/// Codes with the limits of what a living person can have; outside them is a typing error.
const KINDS: [Kind; 7] = [
    Kind { code: "8867-4", en: "Heart rate", zh: "心率", unit: "/min", low: 10.0, high: 350.0 },
    Kind { code: "8310-5", en: "Body temperature", zh: "体温", unit: "Cel", low: 20.0, high: 46.0 },
    Kind {
        code: "2708-6", en: "Oxygen saturation", zh: "血氧饱和度", unit: "%", low: 30.0, high: 100.0
    },
    Kind { code: "9279-1", en: "Respiratory rate", zh: "呼吸频率", unit: "/min", low: 2.0, high: 120.0 },
    Kind { code: "29463-7", en: "Body weight", zh: "体重", unit: "kg", low: 0.2, high: 600.0 },
    Kind { code: BLOOD_PRESSURE, en: "Blood pressure", zh: "血压", unit: "mm[Hg]", low: 20.0, high: 330.0 },
    Kind { code: "15074-8", en: "Glucose", zh: "血糖", unit: "mmol/L", low: 0.3, high: 80.0 },
];

/// A measurement.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Measurement {
    /// LOINC code.
    pub code: String,
    /// The value; of a blood pressure the systolic one.
    pub value: f64,
    /// The diastolic value of a blood pressure.
    pub value2: Option<f64>,
}

/// Records a measurement and answers all of the visit.
pub async fn record(
    app: &App,
    context: &Context,
    visit: &ResourceId,
    measurement: Measurement,
) -> Result<Value, Error> {
    let access = load_as(app, context, visit, &[Part::Clinician, Part::Patient]).await?;
    access.must_be(&[status::PLANNED, status::ARRIVED, status::IN_PROGRESS, status::ON_LEAVE])?;
    let kind = KINDS
        .iter()
        .find(|kind| kind.code == measurement.code)
        .ok_or_else(|| Error::field("field.code", "code", "this measurement is not known"))?;
    check(kind, &measurement)?;
    let observation = resource(&access, context, kind, &measurement);
    let mut change = Change::new(app, context);
    change.create(&observation)?;
    let entity = format!("Observation/{}", observation["id"].as_str().unwrap_or_default());
    change.audit(AuditAction::C, "visit.vitals", Some(&access.visit.value.patient), &entity);
    change.commit().await?;
    access.tell(app, context, What::Visit);
    of_visit(app, context, visit).await
}

/// All measurements of a visit, oldest first.
pub async fn list(app: &App, context: &Context, visit: &ResourceId) -> Result<Value, Error> {
    let access = load(app, context, visit).await?;
    app.audit_read(context, "visit.vitals", &access.visit.value.patient, &access.entity()).await?;
    of_visit(app, context, visit).await
}

async fn of_visit(app: &App, context: &Context, visit: &ResourceId) -> Result<Value, Error> {
    let observations = app.referring(context, "Observation", "encounter", ("Encounter", visit)).await?;
    let shown = observations.iter().filter_map(|observation| show(&observation.value)).collect::<Vec<_>>();
    Ok(json!({"vitals": shown}))
}

fn check(kind: &Kind, measurement: &Measurement) -> Result<(), Error> {
    let in_range = |value: f64| (kind.low..=kind.high).contains(&value);
    let range = || format!("not between {} and {} {}", kind.low, kind.high, kind.unit);
    if !in_range(measurement.value) {
        return Err(Error::field("field.range", "value", range()));
    }
    match (kind.code == BLOOD_PRESSURE, measurement.value2) {
        (true, Some(value)) if in_range(value) && value < measurement.value => Ok(()),
        (true, _) => {
            Err(Error::field("field.range", "value2", "the diastolic value lies below the systolic one"))
        }
        (false, None) => Ok(()),
        (false, Some(_)) => {
            Err(Error::field("field.unexpected", "value2", "only a blood pressure has two values"))
        }
    }
}

fn resource(access: &Access, context: &Context, kind: &Kind, measurement: &Measurement) -> Value {
    let visit = &access.visit.value;
    let quantity = |value: f64| {
        json!({
            "value": value, "unit": kind.unit, "system": "http://unitsofmeasure.org", "code": kind.unit,
        })
    };
    let loinc = |code: &str, display: &str| {
        json!({
            "coding": [{"system": "http://loinc.org", "code": code, "display": display}], "text": display,
        })
    };
    let performer = match access.part {
        Part::Patient => format!("Patient/{}", visit.patient),
        _ => bianque_store::agent_of(context).0,
    };
    let mut observation = json!({
        "resourceType": "Observation",
        "id": Uuid::now_v7(),
        "status": "final",
        "category": [{"coding": [{
            "system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "vital-signs",
        }]}],
        "code": loinc(kind.code, kind.en),
        "subject": {"reference": format!("Patient/{}", visit.patient)},
        "encounter": {"reference": format!("Encounter/{}", visit.id)},
        "effectiveDateTime": instant::text(context.now),
        "performer": [{"reference": performer}],
    });
    match measurement.value2 {
        Some(diastolic) => {
            observation["component"] = json!([
                {"code": loinc(SYSTOLIC, "Systolic blood pressure"), "valueQuantity": quantity(measurement.value)},
                {"code": loinc(DIASTOLIC, "Diastolic blood pressure"), "valueQuantity": quantity(diastolic)},
            ]);
        }
        None => observation["valueQuantity"] = quantity(measurement.value),
    }
    observation
}

fn show(observation: &Value) -> Option<Value> {
    let code = observation["code"]["coding"][0]["code"].as_str()?;
    let kind = KINDS.iter().find(|kind| kind.code == code)?;
    let value = |part: &Value| part["valueQuantity"]["value"].clone();
    let (first, second) = match observation["component"].as_array() {
        Some(parts) => (parts.first().map(value), parts.get(1).map(value)),
        None => (Some(value(observation)), None),
    };
    Some(json!({
        "id": observation["id"], "code": code, "text": {"en": kind.en, "zh": kind.zh},
        "value": first, "value2": second, "unit": kind.unit,
        "at": observation["effectiveDateTime"], "by": observation["performer"][0]["reference"],
    }))
}

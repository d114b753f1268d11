//! Note what the patient takes, change it, stop it (FHIR R4, MedicationStatement); and say what became of what was ordered
//! (MedicationRequest). Ordering is not done here: prescriptions are drafts of a signed note.

use bianque_model::{Context, ResourceId};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Code, Edit, Target, concept, date, set};
use crate::directory::chart::entries;
use crate::visits::access::{bounded, one_of};
use crate::{App, Error, instant};

const STATEMENT: [&str; 8] =
    ["active", "completed", "entered-in-error", "intended", "stopped", "on-hold", "unknown", "not-taken"];
const REQUEST: [&str; 6] = ["active", "on-hold", "cancelled", "completed", "entered-in-error", "stopped"];

/// A medicine that the patient takes, as a form has it. What is empty is not known.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Medication {
    /// Which.
    pub text: String,
    /// Its code, where it has one.
    pub code: Option<Code>,
    /// `active`, `completed`, `entered-in-error`, `intended`, `stopped`, `on-hold`, `unknown`, `not-taken`.
    pub status: String,
    /// How it is taken.
    #[serde(default)]
    pub dosage: String,
    /// Since when: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    #[serde(default)]
    pub from: String,
    /// Until when.
    #[serde(default)]
    pub to: String,
    /// Why it stands so, such as why it was stopped.
    #[serde(default)]
    pub reason: String,
    /// What else there is to say.
    #[serde(default)]
    pub note: String,
}

/// What became of an order.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// `active`, `on-hold`, `cancelled`, `completed`, `entered-in-error`, `stopped`.
    pub status: String,
    /// Why.
    #[serde(default)]
    pub reason: String,
}

/// Writes what the patient takes.
pub async fn put(
    app: &App,
    context: &Context,
    patient: &ResourceId,
    target: Target,
    medication: Medication,
) -> Result<Value, Error> {
    let edit = Edit::begin(app, context, patient, "MedicationStatement", "record.medication").await?;
    let mut standing = edit.standing(&target).await?;
    one_of("status", &medication.status, &STATEMENT)?;
    let shown = entries::statement(&standing);
    let resource = &mut standing.value;
    if matches!(target, Target::New) {
        resource["subject"] = edit.subject();
        resource["dateAsserted"] = json!(instant::text(context.now));
        resource["informationSource"] = edit.author().await?;
    }
    if shown["text"] != medication.text.trim() || resource["medicationReference"].is_null() {
        let code =
            concept(&resource["medicationCodeableConcept"], &medication.text, medication.code.as_ref())?;
        set(resource, "medicationReference", None);
        set(resource, "medicationCodeableConcept", Some(code));
    }
    resource["status"] = json!(medication.status);
    taken(resource, &shown, &medication)?;
    let reason = bounded("reason", &medication.reason, 500)?;
    if shown["reason"].as_str().unwrap_or_default() != reason {
        set(resource, "statusReason", (!reason.is_empty()).then(|| json!([{"text": reason}])));
    }
    edit.note(resource, &medication.note).await?;
    edit.write(standing, Vec::new()).await
}

/// Says what became of an order. A draft is the signed note's, and is left to the system that may issue it.
pub async fn follow(
    app: &App,
    context: &Context,
    patient: &ResourceId,
    target: Target,
    order: Order,
) -> Result<Value, Error> {
    let edit = Edit::begin(app, context, patient, "MedicationRequest", "record.medication").await?;
    let mut standing = edit.standing(&target).await?;
    one_of("status", &order.status, &REQUEST)?;
    let resource = &mut standing.value;
    if resource["status"] == "draft" {
        let message = "a draft of a signed note is issued, or not, by the system that may";
        return Err(Error::conflict("record.draft", message));
    }
    resource["status"] = json!(order.status);
    let reason = bounded("reason", &order.reason, 500)?;
    set(resource, "statusReason", (!reason.is_empty()).then(|| json!({"text": reason})));
    edit.write(standing, Vec::new()).await
}

/// How and when it is taken. Only what the form changed is written.
fn taken(resource: &mut Value, shown: &Value, medication: &Medication) -> Result<(), Error> {
    let dosage = bounded("dosage", &medication.dosage, 1_000)?;
    if shown["dosage"].as_str().unwrap_or_default() != dosage {
        set(resource, "dosage", (!dosage.is_empty()).then(|| json!([{"text": dosage}])));
    }
    let (from, to) = (date("from", &medication.from)?, date("to", &medication.to)?);
    let day = |value: &Value| value.as_str().map(|text| text.chars().take(10).collect::<String>());
    let asked = |value: &Option<Value>| value.as_ref().and_then(Value::as_str).map(str::to_owned);
    if day(&shown["from"]) == asked(&from) && day(&shown["to"]) == asked(&to) {
        return Ok(());
    }
    if let (Some(from), Some(to)) = (asked(&from), asked(&to))
        && to < from
    {
        return Err(Error::field("record.order", "to", "the end lies before the beginning"));
    }
    let mut period = json!({});
    set(&mut period, "start", from);
    set(&mut period, "end", to);
    set(resource, "effectiveDateTime", None);
    let empty = period.as_object().is_none_or(serde_json::Map::is_empty);
    set(resource, "effectivePeriod", (!empty).then_some(period));
    Ok(())
}

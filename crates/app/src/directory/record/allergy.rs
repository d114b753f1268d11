//! Note an allergy, change it, or note that the patient was asked and has none (FHIR R4, AllergyIntolerance).

use bianque_model::{Context, ResourceId};
use bianque_query::Predicate;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Code, Edit, Target, concept, hl7, set, state};
use crate::directory::chart::entries;
use crate::policy::{self, patient_compartment};
use crate::resources::Versioned;
use crate::visits::access::{bounded, one_of};
use crate::{App, Error, instant};

const CLINICAL: [&str; 4] = ["", "active", "inactive", "resolved"];
const VERIFICATION: [&str; 5] = ["", "unconfirmed", "confirmed", "refuted", "entered-in-error"];
const CRITICALITY: [&str; 4] = ["", "low", "high", "unable-to-assess"];
const CATEGORY: [&str; 5] = ["", "food", "medication", "environment", "biologic"];
const SEVERITY: [&str; 4] = ["", "mild", "moderate", "severe"];
const OPERATION: &str = "record.allergy";
/// SNOMED CT, of HL7's value set for `AllergyIntolerance.code`.
const NONE_KNOWN: (&str, &str, &str) = ("http://snomed.info/sct", "716186003", "No known allergy");

/// An allergy as a form has it. What is empty is not known.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Allergy {
    /// To what.
    pub text: String,
    /// Its code, where it has one.
    pub code: Option<Code>,
    /// `active`, `inactive`, `resolved`.
    pub clinical: String,
    /// `unconfirmed`, `confirmed`, `refuted`, `entered-in-error`.
    pub verification: String,
    /// `low`, `high`, `unable-to-assess`.
    #[serde(default)]
    pub criticality: String,
    /// `food`, `medication`, `environment`, `biologic`.
    #[serde(default)]
    pub category: String,
    /// What happened.
    #[serde(default)]
    pub reaction: String,
    /// `mild`, `moderate`, `severe`.
    #[serde(default)]
    pub severity: String,
    /// What else there is to say.
    #[serde(default)]
    pub note: String,
}

/// Writes an allergy. That none is known is refuted by it, in the same commit.
pub async fn put(
    app: &App,
    context: &Context,
    patient: &ResourceId,
    target: Target,
    allergy: Allergy,
) -> Result<Value, Error> {
    let edit = Edit::begin(app, context, patient, "AllergyIntolerance", OPERATION).await?;
    let mut standing = edit.standing(&target).await?;
    known(&allergy)?;
    let resource = &mut standing.value;
    if matches!(target, Target::New) {
        begin(&edit, resource).await?;
    }
    let code = concept(&resource["code"], &allergy.text, allergy.code.as_ref())?;
    set(resource, "code", Some(code));
    let in_error = allergy.verification == "entered-in-error";
    // What was entered in error has no clinical state (FHIR R4, ait-2).
    let clinical = if in_error { "" } else { allergy.clinical.as_str() };
    state(resource, "clinicalStatus", "allergyintolerance-clinical", clinical);
    state(resource, "verificationStatus", "allergyintolerance-verification", &allergy.verification);
    let said = |text: &str| (!text.is_empty()).then(|| json!(text));
    set(resource, "criticality", said(&allergy.criticality));
    category(resource, &allergy.category);
    reaction(resource, &allergy)?;
    edit.note(resource, &allergy.note).await?;
    let holds = allergy.clinical == "active"
        && !matches!(allergy.verification.as_str(), "refuted" | "entered-in-error");
    let none = entries::allergy(&standing)["none_known"] == true;
    let beside = if holds && !none { refuted(&edit).await? } else { Vec::new() };
    edit.write(standing, beside).await
}

/// Notes that the patient was asked and knows of no allergy. It is refused while one stands.
pub async fn none_known(app: &App, context: &Context, patient: &ResourceId) -> Result<Value, Error> {
    let edit = Edit::begin(app, context, patient, "AllergyIntolerance", OPERATION).await?;
    if !active(&edit).await?.is_empty() {
        let message = "the record has an allergy, or says already that none is known";
        return Err(Error::conflict("record.allergies", message));
    }
    let mut new = edit.standing(&Target::New).await?;
    begin(&edit, &mut new.value).await?;
    let (system, code, display) = NONE_KNOWN;
    new.value["code"] =
        json!({"coding": [{"system": system, "code": code, "display": display}], "text": display});
    new.value["clinicalStatus"] = hl7("allergyintolerance-clinical", "active");
    new.value["verificationStatus"] = hl7("allergyintolerance-verification", "confirmed");
    edit.write(new, Vec::new()).await
}

fn known(allergy: &Allergy) -> Result<(), Error> {
    one_of("clinical", &allergy.clinical, &CLINICAL)?;
    one_of("verification", &allergy.verification, &VERIFICATION)?;
    one_of("criticality", &allergy.criticality, &CRITICALITY)?;
    one_of("category", &allergy.category, &CATEGORY)?;
    one_of("severity", &allergy.severity, &SEVERITY)?;
    // FHIR R4, ait-1.
    if allergy.clinical.is_empty() && allergy.verification != "entered-in-error" {
        return Err(Error::field("field.required", "clinical", "an allergy is active, inactive or resolved"));
    }
    if allergy.reaction.trim().is_empty() && !allergy.severity.is_empty() {
        return Err(Error::field("field.required", "reaction", "a severity is that of a reaction"));
    }
    Ok(())
}

async fn begin(edit: &Edit<'_>, resource: &mut Value) -> Result<(), Error> {
    resource["patient"] = edit.subject();
    resource["recordedDate"] = json!(instant::text(edit.context.now));
    resource["recorder"] = edit.author().await?;
    Ok(())
}

/// The form has one category; others that stand beside it stay.
fn category(resource: &mut Value, category: &str) {
    if resource["category"][0].as_str().unwrap_or_default() == category {
        return;
    }
    set(resource, "category", (!category.is_empty()).then(|| json!([category])));
}

/// The form has one reaction; others that stand beside it stay.
fn reaction(resource: &mut Value, allergy: &Allergy) -> Result<(), Error> {
    let text = bounded("reaction", &allergy.reaction, 500)?;
    let mut all = resource["reaction"].as_array().cloned().unwrap_or_default();
    let others = if all.is_empty() { Vec::new() } else { all.split_off(1) };
    let first = all.pop().unwrap_or_default();
    let shown = entries::reaction(&first);
    let same =
        shown["text"] == text.as_str() && shown["severity"].as_str().unwrap_or_default() == allergy.severity;
    let mut kept = Vec::new();
    if same && !first.is_null() {
        kept.push(first);
    } else if !text.is_empty() {
        let mut reaction = json!({"manifestation": [{"text": text}]});
        if !allergy.severity.is_empty() {
            reaction["severity"] = json!(allergy.severity);
        }
        kept.push(reaction);
    }
    kept.extend(others);
    set(resource, "reaction", (!kept.is_empty()).then(|| json!(kept)));
    Ok(())
}

/// What the record says of allergies and has not taken back.
async fn active(edit: &Edit<'_>) -> Result<Vec<Versioned>, Error> {
    let filter = Predicate::In(patient_compartment(edit.patient));
    let scope = policy::scope(edit.context)?;
    let all = edit.app.matching(edit.context.tenant, "AllergyIntolerance", filter, scope).await?;
    let stands = |entry: &Versioned| {
        let shown = entries::allergy(entry);
        let taken_back = matches!(shown["verification"].as_str(), Some("refuted" | "entered-in-error"));
        !taken_back && !matches!(shown["clinical"].as_str(), Some("inactive" | "resolved"))
    };
    Ok(all.into_iter().filter(stands).collect())
}

/// Those that say that none is known, refuted.
async fn refuted(edit: &Edit<'_>) -> Result<Vec<Versioned>, Error> {
    let mut none = active(edit).await?;
    none.retain(|entry| entries::allergy(entry)["none_known"] == true);
    for entry in &mut none {
        set(&mut entry.value, "clinicalStatus", Some(hl7("allergyintolerance-clinical", "inactive")));
        let refuted = hl7("allergyintolerance-verification", "refuted");
        set(&mut entry.value, "verificationStatus", Some(refuted));
    }
    Ok(none)
}

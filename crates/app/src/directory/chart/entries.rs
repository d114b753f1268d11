//! Entries of the record in the words that a chart shows. What a resource does not say is null, and is never made up.

use serde_json::{Value, json};

use crate::people::referenced_id;
use crate::resources::Versioned;

/// Statements that somebody was asked and has none: SNOMED CT codes of HL7's value set for `AllergyIntolerance.code`.
const NONE_KNOWN: [&str; 5] = ["716186003", "409137002", "428607008", "429625007", "428197003"];

/// A concept in words: its text, the display of a code, or a code.
pub(crate) fn words(concept: &Value) -> Value {
    let codings = || concept["coding"].as_array().into_iter().flatten();
    let display = || codings().find_map(|coding| coding["display"].as_str());
    let code = || codings().find_map(|coding| coding["code"].as_str());
    let said = concept["text"].as_str().filter(|text| !text.trim().is_empty());
    json!(said.or_else(display).or_else(code).unwrap_or_default())
}

pub(in crate::directory) fn allergy(entry: &Versioned) -> Value {
    let allergy = &entry.value;
    let codings = || allergy["code"]["coding"].as_array().into_iter().flatten();
    let none_known =
        codings().any(|coding| coding["code"].as_str().is_some_and(|code| NONE_KNOWN.contains(&code)));
    let mut shown = coded(entry, &allergy["code"]);
    shown["none_known"] = json!(none_known);
    shown["clinical"] = allergy["clinicalStatus"]["coding"][0]["code"].clone();
    shown["verification"] = allergy["verificationStatus"]["coding"][0]["code"].clone();
    shown["criticality"] = allergy["criticality"].clone();
    shown["type"] = allergy["type"].clone();
    shown["category"] = allergy["category"].as_array().cloned().unwrap_or_default().into();
    shown["reactions"] = allergy["reaction"].as_array().into_iter().flatten().map(reaction).collect();
    shown["recorded_at"] = allergy["recordedDate"].clone();
    shown["recorder"] = allergy["recorder"]["display"].clone();
    shown
}

/// What happened, how badly.
pub(in crate::directory) fn reaction(reaction: &Value) -> Value {
    let said = reaction["manifestation"].as_array().into_iter().flatten().map(words);
    let said: Vec<String> = said.filter_map(|one| one.as_str().map(str::to_owned)).collect();
    json!({"text": said.join(", "), "severity": reaction["severity"]})
}

pub(in crate::directory) fn condition(entry: &Versioned) -> Value {
    let condition = &entry.value;
    let recorded = condition["recordedDate"].clone();
    let onset = moment(condition, "onset");
    let mut shown = coded(entry, &condition["code"]);
    shown["status"] = condition["clinicalStatus"]["coding"][0]["code"].clone();
    shown["verification"] = condition["verificationStatus"]["coding"][0]["code"].clone();
    shown["severity"] = words(&condition["severity"]);
    shown["onset"] = onset;
    shown["abatement"] = moment(condition, "abatement");
    shown["recorded_at"] = recorded;
    shown["recorder"] = condition["recorder"]["display"].clone();
    shown
}

/// What somebody is said to take, whoever ordered it.
pub(in crate::directory) fn statement(entry: &Versioned) -> Value {
    let statement = &entry.value;
    let mut shown = medicine(entry);
    let period = &statement["effectivePeriod"];
    shown["kind"] = json!("statement");
    shown["from"] = first(&[&period["start"], &statement["effectiveDateTime"]]);
    shown["to"] = period["end"].clone();
    shown["dosage"] = statement["dosage"][0]["text"].clone();
    shown["authored_at"] = first(&[&statement["dateAsserted"], &shown["from"]]);
    shown["by"] = statement["informationSource"]["display"].clone();
    shown["reason"] = words(&statement["statusReason"][0]);
    shown["draft"] = json!(false);
    shown
}

/// What was ordered.
pub(in crate::directory) fn request(entry: &Versioned) -> Value {
    let request = &entry.value;
    let mut shown = medicine(entry);
    shown["kind"] = json!("request");
    shown["from"] = Value::Null;
    shown["to"] = Value::Null;
    shown["dosage"] = request["dosageInstruction"][0]["text"].clone();
    shown["authored_at"] = request["authoredOn"].clone();
    shown["by"] = request["requester"]["display"].clone();
    shown["reason"] = words(&request["statusReason"]);
    shown["draft"] = json!(request["status"] == "draft");
    shown
}

/// The entry of a type that people edit, as [`allergy`] and the others show it.
pub(in crate::directory) fn entry(found: &Versioned) -> Value {
    match found.value["resourceType"].as_str() {
        Some("AllergyIntolerance") => allergy(found),
        Some("Condition") => condition(found),
        Some("MedicationRequest") => request(found),
        _ => statement(found),
    }
}

pub(super) fn document(entry: &Versioned) -> Value {
    let document = &entry.value;
    let contents = document["content"].as_array().into_iter().flatten().map(|content| {
        let attachment = &content["attachment"];
        // Only what lies on this server is led to.
        let own = attachment["url"].as_str().filter(|url| url.starts_with("Binary/"));
        json!({"title": attachment["title"], "content_type": attachment["contentType"], "size": attachment["size"],
               "url": own.map(|url| format!("/fhir/{url}"))})
    });
    json!({
        "id": document["id"], "version": entry.version,
        "text": first(&[&document["description"], &document["content"][0]["attachment"]["title"]]),
        "kind": words(&document["type"]), "at": document["date"], "status": document["status"],
        "by": document["author"][0]["display"], "contents": contents.collect::<Vec<_>>(),
        "visit_id": referenced_id(&document["context"]["encounter"][0]),
    })
}

pub(super) fn note(entry: &Versioned) -> Value {
    let composition = &entry.value;
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

fn medicine(entry: &Versioned) -> Value {
    let medicine = &entry.value;
    let mut shown = coded(entry, &medicine["medicationCodeableConcept"]);
    let reference = &medicine["medicationReference"];
    if reference.is_object() {
        shown["text"] = named(medicine, reference);
    }
    shown["status"] = medicine["status"].clone();
    shown
}

/// A medicine by reference: its display, that of a contained one, or what it refers to.
fn named(resource: &Value, reference: &Value) -> Value {
    let target = reference["reference"].as_str().unwrap_or_default();
    let contained = resource["contained"].as_array().into_iter().flatten();
    let inside = contained.filter(|one| one["id"].as_str().is_some_and(|id| target == format!("#{id}")));
    let inside = inside.map(|one| words(&one["code"])).next().unwrap_or_default();
    first(&[&reference["display"], &inside, &reference["reference"]])
}

/// What every coded entry has.
fn coded(entry: &Versioned, concept: &Value) -> Value {
    let coding = &concept["coding"][0];
    json!({
        "id": entry.value["id"], "resource": entry.value["resourceType"], "version": entry.version,
        "text": words(concept), "code": coding["code"], "system": coding["system"],
        "display": coding["display"], "note": note_of(&entry.value),
    })
}

/// What was written to an entry, in the order it was.
pub(in crate::directory) fn note_of(resource: &Value) -> Value {
    let notes = resource["note"].as_array().into_iter().flatten().filter_map(|note| note["text"].as_str());
    let notes: Vec<&str> = notes.collect();
    if notes.is_empty() { Value::Null } else { json!(notes.join("\n")) }
}

/// `onset[x]`, `abatement[x]`: a date, the beginning of a period, or what was said.
fn moment(resource: &Value, name: &str) -> Value {
    let of = |kind: &str| resource[format!("{name}{kind}")].clone();
    let age = of("Age");
    let age = age["value"].is_number().then(|| {
        let unit = age["unit"].as_str().or(age["code"].as_str()).unwrap_or_default();
        json!(format!("{} {unit}", age["value"]).trim_end())
    });
    first(&[&of("DateTime"), &of("Period")["start"], &of("String"), &age.unwrap_or_default()])
}

/// The first that says anything.
pub(super) fn first(values: &[&Value]) -> Value {
    values
        .iter()
        .find(|value| value.as_str().is_some_and(|text| !text.is_empty()))
        .map_or(Value::Null, |v| (*v).clone())
}

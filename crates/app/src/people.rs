//! People and institutions as screens show them, read from their resources.

use serde_json::{Value, json};

/// A patient's line: `PatientSummary` of the API. `organization_name` comes from the managing Organization.
pub fn patient_summary(patient: &Value, organization_name: &str) -> Value {
    json!({
        "id": patient["id"],
        "name": display_name(patient),
        "birth_date": patient["birthDate"],
        "sex": patient["gender"].as_str().unwrap_or("unknown"),
        "phone": phone(patient),
        "identifiers": identifiers(patient),
        "organization": {"id": referenced_id(&patient["managingOrganization"]), "name": organization_name},
        "language": patient["communication"][0]["language"]["coding"][0]["code"].as_str().unwrap_or("zh-CN"),
    })
}

/// The name a person goes by: the text of the first name, else family and given names in their script's order.
pub fn display_name(person: &Value) -> String {
    let Some(name) = person["name"].as_array().and_then(|names| names.first()) else {
        // Organizations carry a plain string.
        return person["name"].as_str().unwrap_or_default().to_owned();
    };
    if let Some(text) = name["text"].as_str() {
        return text.to_owned();
    }
    let family = name["family"].as_str().unwrap_or_default();
    let given: Vec<&str> = name["given"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if family.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)) {
        format!("{family}{}", given.concat())
    } else {
        format!("{} {family}", given.join(" ")).trim().to_owned()
    }
}

/// The first telephone number, or null.
pub fn phone(person: &Value) -> Value {
    let telecom = person["telecom"].as_array().into_iter().flatten();
    telecom
        .filter(|point| point["system"] == "phone")
        .map(|point| point["value"].clone())
        .next()
        .unwrap_or_default()
}

/// The professional registration number of a practitioner, or empty.
pub fn registration(practitioner: &Value) -> &str {
    let qualification = practitioner["qualification"][0]["identifier"][0]["value"].as_str();
    qualification.or_else(|| practitioner["identifier"][0]["value"].as_str()).unwrap_or_default()
}

/// A practitioner's title, or empty.
pub fn title(practitioner: &Value) -> &str {
    let prefix = practitioner["name"][0]["prefix"][0].as_str();
    practitioner["qualification"][0]["code"]["text"].as_str().or(prefix).unwrap_or_default()
}

/// The id behind a literal reference such as `Patient/p1`, or empty.
pub fn referenced_id(reference: &Value) -> &str {
    reference["reference"].as_str().and_then(|text| text.rsplit_once('/')).map_or("", |(_, id)| id)
}

fn identifiers(person: &Value) -> Value {
    let list = person["identifier"].as_array().into_iter().flatten();
    list.map(|identifier| json!({"system": identifier["system"], "value": identifier["value"]})).collect()
}

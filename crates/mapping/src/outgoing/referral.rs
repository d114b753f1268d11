//! REF I12 and I14: a referral, and one that is taken back.

use serde_json::Value as Json;

use super::patient::{list, patient, visit};
use super::person::{address, concept, contact, name, own_number};
use super::writer::Writer;
use super::{About, Tells};

pub(super) fn write(writer: &mut Writer<'_>, about: &About<'_>) {
    let request = about.focus;
    let asked = writer.time(&request["authoredOn"]);
    writer.segment("RF1");
    // Table 0283: pending, or expired, which is as near as it comes to one that is taken back.
    writer.put("RF1-1.1", if about.tells == Tells::Referred { "P" } else { "E" });
    let priority = match request["priority"].as_str() {
        Some("stat") => "S",
        Some("urgent" | "asap") => "A",
        _ => "R",
    };
    writer.put("RF1-2.1", priority);
    concept(writer, "RF1-3", &request["category"][0]);
    own_number(writer, "RF1-6", &request["id"]);
    writer.put("RF1-7", &asked);
    writer.put("RF1-9", &asked);
    writer.put_value("RF1-10.2", &request["code"]["text"]);
    provider(writer, ("RP", "Referring Provider"), &request["requester"], about);
    let referred = list(&request["performer"]).collect::<Vec<_>>();
    let is = |kind: &str, one: &Json| one["reference"].as_str().is_some_and(|name| name.starts_with(kind));
    let person = referred.iter().find(|one| is("Practitioner/", one));
    let place = referred.iter().find(|one| is("Organization/", one));
    if let Some(to) = person.or(place) {
        provider(writer, ("RT", "Referred to Provider"), to, about);
    }
    patient(writer, about.patient);
    diagnoses(writer, about);
    visit(writer, about);
    notes(writer, request);
}

/// PRD: who refers, or to whom. An institution stands by its name, address and telephone.
fn provider(writer: &mut Writer<'_>, (code, words): (&str, &str), reference: &Json, about: &About<'_>) {
    writer.segment("PRD");
    writer.put("PRD-1.1", code);
    writer.put("PRD-1.2", words);
    writer.put("PRD-1.3", "HL70286");
    let one = about.record.of(reference);
    match &one["name"] {
        Json::Array(names) => name(writer, "PRD-2", names.first().unwrap_or(&Json::Null)),
        Json::String(text) => writer.put("PRD-2.1", text),
        _ => writer.put_value("PRD-2.1", &reference["display"]),
    }
    address(writer, "PRD-3", &one["address"][0]);
    if let Some(phone) = list(&one["telecom"]).next() {
        contact(writer, "PRD-5", phone);
    }
    // PLN: the number that somebody else gave, else ours and that it is ours.
    let given = &one["identifier"][0]["value"];
    if given.is_string() {
        writer.put_value("PRD-7.1", given);
    } else {
        let id = reference["reference"].as_str().unwrap_or_default().rsplit('/').next().unwrap_or_default();
        let [own, _] = &writer.receiver.own_names;
        writer.put("PRD-7.1", id);
        writer.put("PRD-7.2", own);
    }
}

/// DG1: what the visit found, as far as it has.
fn diagnoses(writer: &mut Writer<'_>, about: &About<'_>) {
    let found = list(&about.encounter["diagnosis"]).map(|one| about.record.of(&one["condition"]));
    for (condition, number) in found.filter(|one| !one.is_null()).zip(1..) {
        writer.segment("DG1");
        writer.put("DG1-1", &number.to_string());
        concept(writer, "DG1-3", &condition["code"]);
        let at = writer.time(&condition["recordedDate"]);
        writer.put("DG1-5", &at);
        let provisional = condition["verificationStatus"]["coding"][0]["code"] == "provisional";
        writer.put("DG1-6", if provisional { "W" } else { "F" });
    }
}

/// NTE: the question, whole, and what else was said.
fn notes(writer: &mut Writer<'_>, request: &Json) {
    let notes = list(&request["note"]).map(|note| &note["text"]);
    let texts = [&request["code"]["text"]].into_iter().chain(notes).filter_map(Json::as_str);
    for (text, number) in texts.zip(1..) {
        writer.segment("NTE");
        writer.put("NTE-1", &number.to_string());
        writer.put_lines("NTE-3", text);
    }
}

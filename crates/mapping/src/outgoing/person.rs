//! Identifiers, names, addresses, telephone numbers and codes: CX, EI, XPN, XCN, XAD, XTN, CWE.

use serde_json::Value as Json;

use super::Record;
use super::writer::Writer;
use crate::codes;

/// The code system of FHIR and its name in table 0396.
const SYSTEMS: [(&str, &str); 5] = [
    ("http://loinc.org", "LN"),
    ("http://snomed.info/sct", "SCT"),
    ("http://hl7.org/fhir/sid/icd-10", "I10"),
    ("http://hl7.org/fhir/sid/icd-10-cm", "I10C"),
    ("http://unitsofmeasure.org", "UCUM"),
];

/// CX: a value, who gave it, and what it is.
pub(super) fn identifier(writer: &mut Writer<'_>, place: &str, identifier: &Json) {
    writer.put_value(&format!("{place}.1"), &identifier["value"]);
    let authority = format!("{place}.4");
    authority_of(writer, [".1", ".2", ".3"].map(|part| format!("{authority}{part}")), &identifier["system"]);
    writer.put_value(&format!("{place}.5"), &identifier["type"]["coding"][0]["code"]);
}

/// CX of a number that we gave.
pub(super) fn own_identifier(writer: &mut Writer<'_>, place: &str, id: &Json, kind: &str) {
    if !id.is_string() {
        return;
    }
    writer.put_value(&format!("{place}.1"), id);
    let [own, _] = &writer.receiver.own_names;
    writer.put(&format!("{place}.4.1"), own);
    writer.put(&format!("{place}.5"), kind);
}

/// EI of a number that we gave.
pub(super) fn own_number(writer: &mut Writer<'_>, place: &str, id: &Json) {
    if !id.is_string() {
        return;
    }
    writer.put_value(&format!("{place}.1"), id);
    let [own, _] = &writer.receiver.own_names;
    writer.put(&format!("{place}.2"), own);
}

/// HD: as the receiver writes it, else by its universal id.
fn authority_of(writer: &mut Writer<'_>, [name, universal, kind]: [String; 3], system: &Json) {
    let Some(system) = system.as_str() else { return };
    if let Some((known, _)) = writer.receiver.authorities.iter().find(|(_, one)| one == system) {
        return writer.put(&name, known);
    }
    let (id, of) = match (system.strip_prefix("urn:oid:"), system.strip_prefix("urn:uuid:")) {
        (Some(oid), _) => (oid, "ISO"),
        (_, Some(uuid)) => (uuid, "UUID"),
        _ => (system, "URI"),
    };
    writer.put(&universal, id);
    writer.put(&kind, of);
}

/// XPN: a name of a patient.
pub(super) fn name(writer: &mut Writer<'_>, place: &str, name: &Json) {
    parts_of_name(writer, place, 1, name);
    writer.put(&format!("{place}.7"), codes::code_of("NameUse", &name["use"]).unwrap_or("L"));
}

/// XCN: whom a Reference names, with their numbers.
pub(super) fn practitioner(writer: &mut Writer<'_>, place: &str, reference: &Json, record: &Record) {
    let given = named(writer, place, reference, record);
    let authority = [1, 2, 3].map(|part| format!("{place}.9.{part}"));
    match given {
        Some(system) => authority_of(writer, authority, system),
        None if reference["reference"].is_string() => {
            let [name, ..] = authority;
            let [own, _] = &writer.receiver.own_names;
            writer.put(&name, own);
        }
        None => {}
    }
}

/// CNN, the beginning of XCN: a number and a name. Gives the system of the number where it is not ours.
pub(super) fn named<'r>(
    writer: &mut Writer<'_>,
    place: &str,
    reference: &Json,
    record: &'r Record,
) -> Option<&'r Json> {
    let person = record.of(reference);
    let identifier = &person["identifier"][0];
    let number = format!("{place}.1");
    if identifier.is_null() {
        let name = reference["reference"].as_str().unwrap_or_default();
        writer.put(&number, name.rsplit('/').next().unwrap_or_default());
    } else {
        writer.put_value(&number, &identifier["value"]);
    }
    match &person["name"][0] {
        Json::Null => writer.put_value(&format!("{place}.2"), &reference["display"]),
        name => parts_of_name(writer, place, 2, name),
    }
    (!identifier.is_null()).then(|| &identifier["system"])
}

/// Family name, given names, suffix and prefix, from a component on. A name that has no parts stands as the family name.
fn parts_of_name(writer: &mut Writer<'_>, place: &str, first: usize, name: &Json) {
    let given = |number: usize| &name["given"][number];
    let family =
        if name["family"].is_string() || given(0).is_string() { &name["family"] } else { &name["text"] };
    let parts = [family, given(0), given(1), &name["suffix"][0], &name["prefix"][0]];
    for (part, number) in parts.into_iter().zip(first..) {
        writer.put_value(&format!("{place}.{number}"), part);
    }
}

/// XAD.
pub(super) fn address(writer: &mut Writer<'_>, place: &str, address: &Json) {
    let line = if address["line"][0].is_string() { &address["line"][0] } else { &address["text"] };
    for (number, part) in [
        (1, line),
        (2, &address["line"][1]),
        (3, &address["city"]),
        (4, &address["state"]),
        (5, &address["postalCode"]),
        (6, &address["country"]),
        (9, &address["district"]),
    ] {
        writer.put_value(&format!("{place}.{number}"), part);
    }
    if let Some(code) = codes::code_of("AddressUse", &address["use"]) {
        writer.put(&format!("{place}.7"), code);
    }
}

/// XTN: the number stands in the first component, as all versions read it, and an address of mail in the fourth.
pub(super) fn contact(writer: &mut Writer<'_>, place: &str, contact: &Json) {
    let is_mail = contact["system"] == "email";
    let equipment = match contact["system"].as_str() {
        Some("email") => "Internet",
        Some("fax") => "FX",
        Some("pager") => "BP",
        _ if contact["use"] == "mobile" => "CP",
        _ => "PH",
    };
    let used = if is_mail { Some("NET") } else { codes::code_of("TelecomUse", &contact["use"]) };
    writer.put_value(&format!("{place}.{}", if is_mail { 4 } else { 1 }), &contact["value"]);
    writer.put(&format!("{place}.2"), used.unwrap_or("PRN"));
    writer.put(&format!("{place}.3"), equipment);
}

/// CWE: a CodeableConcept by its first coding, with its words.
pub(super) fn concept(writer: &mut Writer<'_>, place: &str, concept: &Json) {
    coded(writer, place, &concept["coding"][0], &concept["text"]);
}

/// CWE: a Coding, with words for where it has none of its own.
pub(super) fn coded(writer: &mut Writer<'_>, place: &str, coding: &Json, text: &Json) {
    let words = if coding["display"].is_string() { &coding["display"] } else { text };
    writer.put_value(&format!("{place}.1"), &coding["code"]);
    writer.put_value(&format!("{place}.2"), words);
    if coding["code"].is_string() {
        let system = coding["system"].as_str().unwrap_or_default();
        let known = SYSTEMS.iter().find(|(one, _)| *one == system).map(|(_, name)| *name);
        let table = system.strip_prefix("http://terminology.hl7.org/CodeSystem/v2-");
        let name = known.map(str::to_owned).or_else(|| table.map(|number| format!("HL7{number}")));
        writer.put(&format!("{place}.3"), name.as_deref().unwrap_or("L"));
    }
}

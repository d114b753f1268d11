//! PID and PV1: the patient and the visit.

use serde_json::Value as Json;

use super::About;
use super::person::{address, concept, contact, identifier, name, own_identifier, practitioner};
use super::writer::Writer;
use crate::codes;

/// PID.
pub(super) fn patient(writer: &mut Writer<'_>, patient: &Json) {
    writer.segment("PID");
    writer.put("PID-1", "1");
    let identifiers = list(&patient["identifier"]);
    let mut place = 0;
    for one in identifiers.filter(|one| one["value"].is_string() && one["use"] != "old") {
        place += 1;
        identifier(writer, &format!("PID-3[{place}]"), one);
    }
    own_identifier(writer, &format!("PID-3[{}]", place + 1), &patient["id"], "PI");
    for (one, place) in list(&patient["name"]).zip(1..) {
        name(writer, &format!("PID-5[{place}]"), one);
    }
    let born = writer.time(&patient["birthDate"]);
    writer.put("PID-7", &born);
    writer.put("PID-8", codes::code_of("AdministrativeSex", &patient["gender"]).unwrap_or("U"));
    for (one, place) in list(&patient["address"]).zip(1..) {
        address(writer, &format!("PID-11[{place}]"), one);
    }
    for (field, is_work) in [("PID-13", false), ("PID-14", true)] {
        let contacts = list(&patient["telecom"]).filter(|one| (one["use"] == "work") == is_work);
        for (one, place) in contacts.filter(|one| one["use"] != "old").zip(1..) {
            contact(writer, &format!("{field}[{place}]"), one);
        }
    }
    concept(writer, "PID-15", &patient["communication"][0]["language"]);
    concept(writer, "PID-16", &patient["maritalStatus"]);
    let died = writer.time(&patient["deceasedDateTime"]);
    writer.put("PID-29", &died);
    writer.put("PID-30", if died.is_empty() { "" } else { "Y" });
    writer.put_value("PID-30", &patient["deceasedBoolean"]);
}

/// PV1, and PV2 with why the patient comes. A visit at a distance is an outpatient's: table 0004 has no other word for it.
pub(super) fn visit(writer: &mut Writer<'_>, about: &About<'_>) {
    let encounter = about.encounter;
    writer.segment("PV1");
    writer.put("PV1-1", "1");
    writer.put("PV1-2", "O");
    concept(writer, "PV1-4", &encounter["type"][0]);
    let attends = |one: &&Json| {
        let codes = list(&one["type"]).flat_map(|kind| list(&kind["coding"])).map(|coding| &coding["code"]);
        codes.into_iter().any(|code| code == "PPRF" || code == "ATND")
    };
    if let Some(attending) = list(&encounter["participant"]).find(attends) {
        practitioner(writer, "PV1-7", &attending["individual"], about.record);
    }
    concept(writer, "PV1-10", &encounter["serviceType"]);
    own_identifier(writer, "PV1-19", &encounter["id"], "VN");
    for (place, member) in [("PV1-44", "start"), ("PV1-45", "end")] {
        let at = writer.time(&encounter["period"][member]);
        writer.put(place, &at);
    }
    let reason = &encounter["reasonCode"][0];
    if !reason.is_null() {
        writer.segment("PV2");
        concept(writer, "PV2-3", reason);
    }
}

/// The items of a list that may not be there.
pub(super) fn list(value: &Json) -> impl Iterator<Item = &Json> {
    value.as_array().into_iter().flatten()
}

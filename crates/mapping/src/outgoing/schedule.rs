//! SIU: an appointment is booked, moved, changed, cancelled or missed.

use jiff::Timestamp;
use serde_json::Value as Json;

use super::patient::{list, patient, visit};
use super::person::{coded, concept, own_number, practitioner};
use super::writer::Writer;
use super::{About, Tells};

/// Table 0278.
const STATUSES: &str = "http://terminology.hl7.org/CodeSystem/v2-0278";

pub(super) fn write(writer: &mut Writer<'_>, about: &About<'_>) {
    let appointment = about.focus;
    let begins = writer.time(&appointment["start"]);
    let ends = writer.time(&appointment["end"]);
    let minutes = minutes(appointment).map(|minutes| minutes.to_string()).unwrap_or_default();
    writer.segment("SCH");
    own_number(writer, "SCH-1", &appointment["id"]);
    own_number(writer, "SCH-2", &appointment["id"]);
    let (reason, status) = words(about.tells);
    writer.put("SCH-6.1", about.tells.kind()[1]);
    writer.put("SCH-6.2", reason);
    concept(writer, "SCH-7", &appointment["reasonCode"][0]);
    concept(writer, "SCH-8", &appointment["serviceType"][0]);
    writer.put("SCH-9", &minutes);
    writer.put("SCH-10.1", "min");
    writer.put("SCH-11.4", &begins);
    writer.put("SCH-11.5", &ends);
    let with = clinician(appointment);
    practitioner(writer, "SCH-16", with, about.record);
    practitioner(writer, "SCH-20", with, about.record);
    coded(writer, "SCH-25", &serde_json::json!({"system": STATUSES, "code": status}), &Json::Null);
    patient(writer, about.patient);
    visit(writer, about);
    let action = match about.tells {
        Tells::Booked => "A",
        Tells::Cancelled => "D",
        _ => "U",
    };
    writer.segment("RGS");
    writer.put("RGS-1", "1");
    writer.put("RGS-2", action);
    writer.segment("AIS");
    writer.put("AIS-1", "1");
    writer.put("AIS-2", action);
    concept(writer, "AIS-3", &appointment["serviceType"][0]);
    writer.put("AIS-4", &begins);
    writer.put("AIS-7", &minutes);
    writer.put("AIS-8.1", "min");
    writer.segment("AIP");
    writer.put("AIP-1", "1");
    writer.put("AIP-2", action);
    practitioner(writer, "AIP-3", with, about.record);
    writer.put("AIP-6", &begins);
    writer.put("AIP-9", &minutes);
    writer.put("AIP-10.1", "min");
}

/// Why it is told, and what the appointment is by table 0278.
fn words(tells: Tells) -> (&'static str, &'static str) {
    match tells {
        Tells::Moved => ("Rescheduled", "Booked"),
        Tells::Changed => ("Modified", "Booked"),
        Tells::Cancelled => ("Cancelled", "Cancelled"),
        Tells::Missed => ("Patient did not come", "Noshow"),
        _ => ("Booked", "Booked"),
    }
}

fn clinician(appointment: &Json) -> &Json {
    let actors = list(&appointment["participant"]).map(|one| &one["actor"]);
    let is_clinician =
        |actor: &&Json| actor["reference"].as_str().is_some_and(|name| name.starts_with("Practitioner/"));
    actors.into_iter().find(is_clinician).unwrap_or(&Json::Null)
}

fn minutes(appointment: &Json) -> Option<i64> {
    let at = |member: &str| appointment[member].as_str()?.parse::<Timestamp>().ok();
    Some((at("end")?.as_second() - at("start")?.as_second()) / 60)
}

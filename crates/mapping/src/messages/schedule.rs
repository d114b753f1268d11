//! SIU: appointments.

use bianque_hl7v2::Segment;
use jiff::{Timestamp, ToSpan as _};
use serde_json::{Map, Value as Json, json};

use super::{Making, NotMapped, noted, referring};
use crate::datatypes::Datatype;
use crate::table;

pub(super) fn appointment(making: &mut Making<'_>) -> Result<(), NotMapped> {
    let head = making.groups.head.clone();
    let sch = making.groups.named("SCH").next().ok_or(NotMapped::Segment("SCH"))?;
    let timing = making.groups.named("TQ1").next();
    let segments: Vec<Segment<'_>> = [Some(sch), timing].into_iter().flatten().collect();
    let mut appointment = making.filled("Appointment", &table::APPOINTMENT, &segments);
    let mut participants = vec![json!({"actor": referring("Patient-1"), "status": "accepted"})];
    for segment in &head {
        let datatype = match segment.name() {
            "AIP" => Datatype::Person,
            "AIL" => Datatype::Location,
            _ => continue,
        };
        if let Ok(Some(actor)) = datatype.convert(segment.field(3).first(), &|_| None, making.sender) {
            participants.push(json!({"actor": actor, "status": "accepted"}));
        }
    }
    if let Some(own) = appointment.resource.get("participant").and_then(|it| it.as_array()) {
        participants.extend(own.iter().cloned());
    }
    appointment.set("participant", participants);
    let event = head.first().map(|header| header.field(9).component(2).text().into_owned());
    // What the event says comes before what stands in the segment: a cancellation often repeats the old status.
    match event.as_deref() {
        Some("S15") => appointment.set("status", "cancelled"),
        Some("S17") => appointment.set("status", "entered-in-error"),
        Some("S26") => appointment.set("status", "noshow"),
        _ => appointment.otherwise("status", "booked"),
    }
    complete(&mut appointment.resource);
    let has = |member: &str| appointment.resource.contains_key(member);
    let is_open = ["booked", "pending"].iter().any(|status| appointment.resource["status"] == *status);
    if is_open && !(has("start") && has("end")) {
        appointment.set("status", "proposed");
    }
    let notes: Vec<Segment<'_>> = head.iter().copied().filter(|segment| segment.name() == "NTE").collect();
    if let Some(text) = noted(&notes) {
        appointment.set("comment", text);
    }
    making.keep("Appointment-1", appointment);
    Ok(())
}

/// The end, from the start and the duration; FHIR wants both or none of them.
fn complete(appointment: &mut Map<String, Json>) {
    let moment = |member: &str| appointment.get(member)?.as_str().map(str::to_owned);
    let minutes = appointment.get("minutesDuration").and_then(Json::as_i64);
    match (moment("start"), moment("end")) {
        (Some(start), None) => {
            let end = minutes.and_then(|minutes| {
                let start: Timestamp = start.parse().ok()?;
                start.checked_add(minutes.minutes()).ok()
            });
            match end {
                Some(end) => appointment.insert("end".into(), end.to_string().into()),
                None => appointment.remove("start"),
            };
        }
        (None, Some(_)) => {
            appointment.remove("end");
        }
        _ => {}
    }
}

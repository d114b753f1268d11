//! What messages become.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

use bianque_hl7v2::{Charset, Message};
use bianque_mapping::{Kind, Mapped, NotMapped, Sender, to_fhir};
use jiff::tz::{Offset, TimeZone};
use serde_json::{Value, json};

const PID: &str = "PID|1||12^^^WEST^MR||Example^Ada||19800102|F\r";

fn mapped(kind: &str, rest: &str) -> Result<Mapped, NotMapped> {
    let text = format!("MSH|^~\\&|HIS|WEST|BIANQUE|EAST|20260102||{kind}|7|P|2.5.1\r{rest}");
    let authorities = vec![("WEST".to_owned(), "https://west.example/mrn".to_owned())];
    let zone = TimeZone::fixed(Offset::constant(8));
    to_fhir(
        &Message::parse(text.into_bytes(), Charset::UTF_8).unwrap(),
        &Sender { zone, authorities, own: None },
    )
}

fn entry(mapped: &Mapped, name: &str) -> Value {
    let entry = mapped.entries.iter().find(|entry| entry.name == name);
    Value::Object(entry.unwrap_or_else(|| panic!("no {name}")).resource.clone())
}

#[test]
fn a_patient_is_who_the_sender_says_and_what_is_null_is_removed() {
    let it = mapped(
        "ADT^A08^ADT_A01",
        "PID|1||12^^^WEST^MR~34^^^EAST||Example^Ada||\"\"|F|||1 Way^^Town||555^PRN^PH\r",
    )
    .unwrap();
    assert_eq!((it.kind, it.entries.len()), (Kind::Update, 1));
    let kind = json!({"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}]});
    let wanted = json!({
        "resourceType": "Patient",
        "identifier": [
            {"system": "https://west.example/mrn", "value": "12", "type": kind},
            {"system": "urn:hl7v2:EAST", "value": "34"},
        ],
        "name": [{"family": "Example", "given": ["Ada"]}],
        "gender": "female",
        "address": [{"line": ["1 Way"], "city": "Town"}],
        "telecom": [{"system": "phone", "value": "555", "use": "home"}],
    });
    assert_eq!(entry(&it, "Patient-1"), wanted);
    assert_eq!(it.entries[0].removed, ["birthDate"]);
}

#[test]
fn what_cannot_be_read_is_left_out_and_told_with_its_place() {
    let it = mapped("ADT^A08", "PID|1||12^^^WEST||Example||19801302|Q\rAL1|1|DA|^Penicillin|SV|rash~hives\r")
        .unwrap();
    let told: Vec<String> =
        it.faults.iter().map(|fault| format!("{} {}", fault.at.clone().unwrap(), fault.code)).collect();
    assert_eq!(told, ["PID-7 102", "PID-7 102", "PID-8 103"]);
    let allergy = entry(&it, "AllergyIntolerance-1");
    let manifestations = json!([{"text": "rash"}, {"text": "hives"}]);
    assert_eq!(allergy["reaction"], json!([{"manifestation": manifestations, "severity": "severe"}]));
    assert_eq!((&allergy["criticality"], &allergy["category"]), (&json!("high"), &json!(["medication"])));
}

#[test]
fn the_event_says_how_a_visit_and_an_appointment_stand() {
    let visit = |event: &str| {
        let rest = format!("{PID}PV1|1|I|||||||||||||||||V9^^^WEST\r");
        entry(&mapped(&format!("ADT^{event}"), &rest).unwrap(), "Encounter-1")["status"].clone()
    };
    let stands = ["A01", "A03", "A11", "A13"].map(visit);
    assert_eq!(stands, ["in-progress", "finished", "cancelled", "in-progress"].map(Value::from));

    let booked = |event: &str| {
        let rest = format!("SCH|P1|F1|||||||30|min^^ISO+|^^^20260105090000|||||||||||||||Booked\r{PID}");
        entry(&mapped(&format!("SIU^{event}"), &rest).unwrap(), "Appointment-1")
    };
    let appointment = booked("S12");
    assert_eq!(appointment["status"], "booked");
    assert_eq!(appointment["start"], "2026-01-05T09:00:00+08:00");
    assert_eq!(booked("S15")["status"], "cancelled");
    assert_eq!(booked("S26")["status"], "noshow");
}

#[test]
fn results_are_reports_with_values_notes_and_forms() {
    let rest = format!(
        "{PID}ORC|RE|P1^HIS|F1^LAB\rOBR|1|P1^HIS|F1^LAB|24323-8^Panel^LN|||20260102030000|||||||||||||||20260102040000|||F\r\
         NTE|1||fasting\rOBX|1|NM|718-7^Haemoglobin^LN||13.50|g/dL^^UCUM|12-16|L|||C\rNTE|1||low\rNTE|2||again\r\
         OBX|2|SN|2345-7^Glucose^LN||<^5|mmol/L|||||F\rOBX|3|ED|PDF^Report^L||LAB^Application^PDF^Base64^JVBERi0=||||||F\r\
         OBX|4|NM|1-8^Other^LN||high||||||F\r"
    );
    let it = mapped("ORU^R01^ORU_R01", &rest).unwrap();
    let report = entry(&it, "DiagnosticReport-1");
    assert_eq!((&report["status"], &report["conclusion"]), (&json!("final"), &json!("fasting")));
    assert_eq!(report["issued"], "2026-01-02T04:00:00+08:00");
    assert_eq!(report["basedOn"], json!([{"reference": "urn:hl7v2:entry:ServiceRequest-1"}]));
    assert_eq!(report["result"].as_array().unwrap().len(), 3);
    let form = json!([{"contentType": "application/pdf", "data": "JVBERi0=", "title": "Report"}]);
    assert_eq!(report["presentedForm"], form);
    let haemoglobin = entry(&it, "Observation-1-1");
    let value = json!({"value": 1, "unit": "g/dL", "code": "g/dL", "system": "http://unitsofmeasure.org"});
    assert_eq!(haemoglobin["valueQuantity"]["value"].to_string(), "13.50", "digits stay");
    assert_eq!(haemoglobin["valueQuantity"]["code"], value["code"]);
    assert_eq!(
        (&haemoglobin["status"], &haemoglobin["note"]),
        (&json!("corrected"), &json!([{"text": "low\nagain"}]))
    );
    let glucose = entry(&it, "Observation-1-2");
    assert_eq!(
        glucose["valueQuantity"],
        json!({"comparator": "<", "value": 5, "unit": "mmol/L"}),
        "a unit as it was sent"
    );
    assert!(entry(&it, "Observation-1-3")["dataAbsentReason"].is_object());
    assert_eq!(it.faults.last().unwrap().text, "\"high\" is no number");
}

#[test]
fn a_note_of_the_hospital_is_a_document_with_its_text() {
    let rest =
        format!("{PID}TXA|1|CN|TX|20260102||||||||D1^HIS|||||AU\rOBX|1|TX|||first line\rOBX|2|TX|||second\r");
    let document = entry(&mapped("MDM^T02", &rest).unwrap(), "DocumentReference-1");
    assert_eq!((&document["status"], &document["docStatus"]), (&json!("current"), &json!("final")));
    let attachment = &document["content"][0]["attachment"];
    assert_eq!(attachment["data"], "Zmlyc3QgbGluZQpzZWNvbmQ=");
}

#[test]
fn what_is_not_taken_is_told_by_name() {
    assert_eq!(mapped("ZZZ^Z01", PID), Err(NotMapped::Kind("ZZZ^Z01".into())));
    assert_eq!(mapped("ADT^A08", ""), Err(NotMapped::Segment("PID")));
    assert_eq!(mapped("ADT^A08", "PID|1||||Example\r"), Err(NotMapped::Patient));
    assert_eq!(mapped("ORU^R01", PID), Err(NotMapped::Segment("OBR")));
    assert_eq!(mapped("SIU^S12", PID), Err(NotMapped::Segment("SCH")));
}

#[test]
fn the_steps_of_an_order_are_each_an_item_of_a_worklist() {
    let it = mapped(
        "OMI^O23^OMI_O23",
        "PID|1||12^^^WEST^MR\rORC|NW|P1^HIS|F1^RIS\rTQ1|1||||||20260106090000\r\
         OBR|1|P1^HIS|F1^RIS|CTHA^CT head and abdomen^L\r\
         IPC|A100^RIS|RP7^RIS|1.2.3.4^RIS|SPS1^RIS|CT^CT^DCM|CTH^CT head^L|CT1^ROOM|ROOM1|CT_AE_1\r\
         IPC|A100^RIS|RP7^RIS|1.2.3.4^RIS|SPS2^RIS|CT^CT^DCM|CTA^CT abdomen^L|||CT_AE_2\r",
    )
    .unwrap();
    let steps = it.entries.iter().filter(|entry| entry.name.starts_with("ServiceRequest-1-"));
    assert_eq!(steps.count(), 2);
    let step = entry(&it, "ServiceRequest-1-1");
    assert_eq!(step["basedOn"][0]["reference"], "urn:hl7v2:entry:ServiceRequest-1");
    assert_eq!(step["identifier"][0]["value"], "A100/SPS1");
    assert_eq!(step["requisition"]["value"], "A100");
    assert_eq!(step["code"]["coding"][0]["code"], "CTH");
    assert_eq!(step["orderDetail"][0]["coding"][0]["code"], "CT");
    assert_eq!(step["occurrenceDateTime"], "2026-01-06T09:00:00+08:00");
    assert_eq!(step["supportingInfo"][0]["identifier"]["value"], "urn:oid:1.2.3.4");
    assert_eq!(step["performer"][0]["display"], "CT1");
    let second = entry(&it, "ServiceRequest-1-2");
    assert_ne!(second["identifier"], step["identifier"]);
    assert_eq!(
        (&second["status"], &second["performer"][0]["identifier"]["value"]),
        (&step["status"], &json!("CT_AE_2"))
    );
}

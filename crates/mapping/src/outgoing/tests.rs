//! Messages as a receiver reads them: their fields, and what our own mapping makes of them again.

use bianque_hl7v2::Message;
use serde_json::json;

use super::*;
use crate::{Sender, to_fhir};

const NOW: &str = "2026-01-05T08:00:01.5Z";

fn receiver() -> Receiver {
    let text = |text: &str| text.to_owned();
    Receiver {
        names: [text("HIS"), text("COUNTY")],
        own_names: [text("BIANQUE"), text("CLINIC")],
        version: text("2.5.1"),
        charset: Charset::UTF_8,
        zone: TimeZone::get("Asia/Shanghai").unwrap(),
        authorities: vec![(text("MPI"), text("urn:oid:1.2.3"))],
    }
}

fn patient() -> Json {
    json!({
        "resourceType": "Patient", "id": "ana",
        "identifier": [
            {"system": "urn:oid:1.2.3", "value": "100",
             "type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}]}},
            {"system": "https://west.example/mrn", "value": "W|7"},
        ],
        "name": [{"use": "official", "family": "Reyes", "given": ["Ana", "Lu"]}, {"text": "安娜"}],
        "birthDate": "1970-05-06", "gender": "female",
        "address": [{"use": "home", "line": ["1 Main St"], "city": "Springfield", "postalCode": "12345"}],
        "telecom": [
            {"system": "phone", "use": "mobile", "value": "+1 555 0100"},
            {"system": "email", "value": "ana@example.org"},
            {"system": "phone", "use": "work", "value": "+1 555 0101"},
        ],
    })
}

fn encounter() -> Json {
    json!({
        "resourceType": "Encounter", "id": "v1", "status": "in-progress",
        "participant": [{
            "type": [{"coding": [{"code": "PPRF"}]}], "individual": {"reference": "Practitioner/wu"},
        }],
        "period": {"start": "2026-01-05T08:00:00Z"},
        "reasonCode": [{"text": "Cough"}],
        "diagnosis": [{"condition": {"reference": "Condition/c1"}}],
    })
}

fn record() -> Record {
    let mut record = Record::default();
    record.add(json!({
        "resourceType": "Practitioner", "id": "wu", "name": [{"family": "吴", "given": ["医"]}],
        "identifier": [{"system": "urn:oid:9.9", "value": "R-1"}],
    }));
    record.add(json!({
        "resourceType": "Condition", "id": "c1", "recordedDate": "2026-01-05T08:20:00Z",
        "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": "J20.9", "display": "Bronchitis"}]},
    }));
    record.add(json!({
        "resourceType": "Observation", "id": "o1", "status": "final", "effectiveDateTime": "2026-01-05T08:05:00Z",
        "code": {"coding": [{"system": "http://loinc.org", "code": "8310-5", "display": "Body temperature"}]},
        "valueQuantity": {"value": 38.5, "unit": "C", "system": "http://unitsofmeasure.org", "code": "Cel"},
        "referenceRange": [{"low": {"value": 36}, "high": {"value": 37.5}}],
    }));
    record.add(json!({
        "resourceType": "CarePlan", "id": "p1",
        "activity": [{"detail": {"description": "Drink"}}, {"detail": {"description": "Call in a week"}}],
    }));
    record.add(json!({
        "resourceType": "Organization", "id": "county", "name": "County Hospital",
        "telecom": [{"system": "phone", "use": "work", "value": "120"}],
    }));
    record
}

fn written(
    tells: Tells,
    focus: &Json,
    pdf: Option<&[u8]>,
    receiver: &Receiver,
) -> Result<Message, DraftError> {
    let (patient, encounter, record) = (patient(), encounter(), record());
    let (at, now) = ("2026-01-05T08:00:00Z".parse().unwrap(), NOW.parse().unwrap());
    let about = About { tells, focus, patient: &patient, encounter: &encounter, record: &record, pdf, at };
    let bytes = to_v2(&about, receiver, "4711", now)?;
    Ok(Message::parse(bytes, Charset::UTF_8).unwrap())
}

/// Checks fields, and gives what our own mapping makes of the message.
fn reads(tells: Tells, focus: &Json, pdf: Option<&[u8]>, fields: &[(&str, &str)]) -> Vec<Json> {
    let message = written(tells, focus, pdf, &receiver()).unwrap();
    for (place, expected) in fields {
        assert_eq!(message.text(place), *expected, "{place} of {}", String::from_utf8_lossy(message.raw()));
    }
    let sender = Sender {
        zone: TimeZone::UTC,
        authorities: vec![("MPI".to_owned(), "urn:oid:1.2.3".to_owned())],
        own: None,
    };
    let mapped = to_fhir(&message, &sender).unwrap();
    assert_eq!(mapped.faults, [], "{tells:?}");
    mapped.entries.into_iter().map(|entry| Json::Object(entry.resource)).collect()
}

fn of<'a>(resources: &'a [Json], kind: &str) -> &'a Json {
    resources.iter().find(|one| one["resourceType"] == kind).unwrap()
}

fn appointment() -> Json {
    json!({
        "resourceType": "Appointment", "id": "a1", "status": "booked",
        "start": "2026-01-05T09:00:00Z", "end": "2026-01-05T09:20:00Z",
        "serviceType": [{"coding": [{"system": "https://bianque.example/x", "code": "video", "display": "Video"}]}],
        "participant": [
            {"actor": {"reference": "Patient/ana"}, "status": "accepted"},
            {"actor": {"reference": "Practitioner/wu"}, "status": "accepted"},
        ],
    })
}

fn note() -> Json {
    let loinc =
        |code: &str| json!({"coding": [{"system": "http://loinc.org", "code": code, "display": code}]});
    json!({
        "resourceType": "Composition", "id": "n1", "status": "final", "type": loinc("34131-3"),
        "date": "2026-01-05T08:20:00Z", "title": "Note of a remote visit",
        "author": [{"reference": "Practitioner/wu"}],
        "section": [
            {"title": "Subjective", "code": loinc("61150-9"), "text": {"div": "<div>cough &amp; fever<br/>2 days</div>"}},
            {"title": "Diagnoses", "code": loinc("29308-4"), "entry": [{"reference": "Condition/c1"}]},
            {"title": "Care plan", "code": loinc("18776-5"), "entry": [{"reference": "CarePlan/p1"}]},
        ],
    })
}

#[test]
fn a_visit_that_begins_and_ends_is_an_admission_and_a_discharge() {
    let fields = [
        ("MSH-3", "BIANQUE"),
        ("MSH-6", "COUNTY"),
        ("MSH-7", "20260105160001+0800"),
        ("MSH-9.3", "ADT_A01"),
        ("MSH-10", "4711"),
        ("MSH-18", "UNICODE UTF-8"),
        ("EVN-2", "20260105160000+0800"),
        ("PID-3.1", "100"),
        ("PID-3.4.1", "MPI"),
        ("PID-3[2].1", "W|7"),
        ("PID-3[2].4.2", "https://west.example/mrn"),
        ("PID-3[3].4.1", "BIANQUE"),
        ("PID-5.1", "Reyes"),
        ("PID-5.3", "Lu"),
        ("PID-5[2].1", "安娜"),
        ("PID-7", "19700506"),
        ("PID-13[2].4", "ana@example.org"),
        ("PID-14.1", "+1 555 0101"),
        ("PV1-7.1", "R-1"),
        ("PV1-7.2", "吴"),
        ("PV1-7.9.2", "9.9"),
        ("PV1-19.1", "v1"),
        ("PV2-3.2", "Cough"),
    ];
    let resources = reads(Tells::Opened, &encounter(), None, &fields);
    let again = of(&resources, "Patient");
    assert_eq!((&again["gender"], &again["birthDate"]), (&json!("female"), &json!("1970-05-06")));
    assert_eq!(again["identifier"][0], patient()["identifier"][0]);
    assert_eq!(again["name"][0], patient()["name"][0]);
    assert_eq!(again["address"][0], patient()["address"][0]);
    assert_eq!(of(&resources, "Encounter")["status"], "in-progress");
    let mut ended = encounter();
    ended["period"]["end"] = "2026-01-05T08:20:00Z".into();
    reads(Tells::Closed, &ended, None, &[("MSH-9.2", "A03"), ("MSH-9.3", "ADT_A03")]);
    reads(Tells::Undone, &ended, None, &[("MSH-9.2", "A11"), ("EVN-1", "A11")]);
}

#[test]
fn an_appointment_is_told_with_its_time_and_who_holds_it() {
    let fields = [
        ("SCH-2.1", "a1"),
        ("SCH-2.2", "BIANQUE"),
        ("SCH-9", "20"),
        ("SCH-11.4", "20260105170000+0800"),
        ("SCH-16.2", "吴"),
        ("SCH-25.1", "Booked"),
        ("AIS-3.2", "Video"),
        ("AIP-3.1", "R-1"),
    ];
    let resources = reads(Tells::Booked, &appointment(), None, &fields);
    let again = of(&resources, "Appointment");
    assert_eq!((&again["status"], &again["start"]), (&json!("booked"), &json!("2026-01-05T17:00:00+08:00")));
    for (tells, event, status) in [
        (Tells::Moved, "S13", "booked"),
        (Tells::Changed, "S14", "booked"),
        (Tells::Cancelled, "S15", "cancelled"),
        (Tells::Missed, "S26", "noshow"),
    ] {
        let resources = reads(tells, &appointment(), None, &[("MSH-9.2", event)]);
        assert_eq!(of(&resources, "Appointment")["status"], status, "{event}");
    }
}

#[test]
fn a_signed_note_is_a_document_with_its_text_and_of_institution() {
    let fields = [
        ("MSH-9.3", "MDM_T02"),
        ("TXA-2", "PN"),
        ("TXA-3", "AP"),
        ("TXA-9.2", "吴"),
        ("TXA-12.1", "n1"),
        ("TXA-13", ""),
        ("TXA-17", "LA"),
        ("OBX[1]-2", "TX"),
        ("OBX[1]-3.1", "61150-9"),
        ("OBX[1]-3.3", "LN"),
        ("OBX[1]-5[1]", "cough & fever"),
        ("OBX[1]-5[2]", "2 days"),
        ("OBX[2]-5", "Bronchitis (J20.9)"),
        ("OBX[3]-5[2]", "Call in a week"),
        ("OBX[4]-5.3", "PDF"),
        ("OBX[4]-5.5", "JVBERg=="),
    ];
    let resources = reads(Tells::Document, &note(), Some(b"%PDF"), &fields);
    let again = of(&resources, "DocumentReference");
    assert_eq!(again["docStatus"], "final");
    let kinds: Vec<&Json> =
        again["content"].as_array().unwrap().iter().map(|it| &it["attachment"]["contentType"]).collect();
    assert!(kinds.contains(&&json!("application/pdf")), "{again}");
    let mut addendum = note();
    addendum["relatesTo"] = json!([{"code": "appends", "targetReference": {"reference": "Composition/n0"}}]);
    reads(Tells::Addendum, &addendum, None, &[("MSH-9.2", "T06"), ("TXA-13.1", "n0"), ("TXA-3", "TX")]);
}

#[test]
fn a_report_goes_with_what_was_observed_and_a_note_may_go_as_one() {
    let report = json!({
        "resourceType": "DiagnosticReport", "id": "r1", "status": "amended", "issued": "2026-01-05T08:20:00Z",
        "code": {"coding": [{"system": "http://loinc.org", "code": "55751-2", "display": "Report"}]},
        "resultsInterpreter": [{"reference": "Practitioner/wu"}],
        "result": [{"reference": "Observation/o1"}], "conclusion": "Fever",
    });
    let fields = [
        ("OBR-3.1", "r1"),
        ("OBR-25", "C"),
        ("OBR-32.1.2", "吴"),
        ("OBX[1]-2", "NM"),
        ("OBX[1]-5", "38.5"),
        ("OBX[1]-6.1", "Cel"),
        ("OBX[1]-6.3", "UCUM"),
        ("OBX[1]-7", "36-37.5"),
        ("OBX[1]-14", "20260105160500+0800"),
        ("OBX[2]-5", "Fever"),
    ];
    let resources = reads(Tells::Result, &report, None, &fields);
    assert_eq!(of(&resources, "Observation")["valueQuantity"]["value"], 38.5);
    assert_eq!(of(&resources, "DiagnosticReport")["status"], "corrected");
    let fields = [("OBR-4.1", "34131-3"), ("OBX[1]-5[2]", "2 days"), ("OBX[4]-2", "ED")];
    reads(Tells::Result, &note(), Some(b"%PDF"), &fields);
}

#[test]
fn a_referral_names_both_sides_the_question_and_what_was_found() {
    let request = json!({
        "resourceType": "ServiceRequest", "id": "s1", "status": "active", "priority": "urgent",
        "authoredOn": "2026-01-05T08:10:00Z", "code": {"text": "Is it pneumonia?\nX-ray attached"},
        "requester": {"reference": "Practitioner/wu"},
        "performer": [{"reference": "Organization/county"}],
    });
    let fields = [
        ("RF1-2", "A"),
        ("RF1-6.1", "s1"),
        ("PRD[1]-1.1", "RP"),
        ("PRD[1]-2.1", "吴"),
        ("PRD[1]-7.1", "R-1"),
        ("PRD[2]-1.1", "RT"),
        ("PRD[2]-2.1", "County Hospital"),
        ("PRD[2]-5.1", "120"),
        ("DG1-3.1", "J20.9"),
        ("NTE-3[1]", "Is it pneumonia?"),
        ("NTE-3[2]", "X-ray attached"),
    ];
    reads(Tells::Referred, &request, None, &fields);
    reads(Tells::ReferralTakenBack, &request, None, &[("MSH-9.2", "I14"), ("RF1-1", "E")]);
}

#[test]
fn what_the_character_set_lacks_is_an_error() {
    let latin = Receiver { charset: Charset::named("8859/1").unwrap(), ..receiver() };
    let error = written(Tells::Opened, &encounter(), None, &latin).unwrap_err();
    assert_eq!(
        error.to_string(),
        "what stands in PID-5[2].1 cannot be written in the character set of the message"
    );
    let chinese = Receiver { charset: Charset::GB_18030, ..receiver() };
    let message = written(Tells::Opened, &encounter(), None, &chinese).unwrap();
    assert_eq!((message.charset(), message.text("PID-5[2].1")), (Charset::GB_18030, "安娜".into()));
}

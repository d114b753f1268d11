//! Random resources of each type.

use serde_json::{Map, Value, json};

use crate::dice::Dice;
use crate::values::{
    address, coding, concept, contact, date, date_time, identifier, instant, name, number, period, quantity,
    reference, text, uri,
};
use crate::world::{maybe, members};

/// Those who do things.
const DOERS: [&str; 3] = ["Practitioner", "Patient", "Organization"];

/// A resource of a type.
pub(crate) fn document(dice: &mut Dice, kind: &str, id: &str) -> Value {
    let mut all = members(json!({"resourceType": kind, "id": id}));
    let meta = json!({
        "tag": [coding(dice)], "security": [coding(dice)], "source": uri(dice),
        "profile": [uri(dice)],
    });
    maybe(&mut all, dice, "meta", meta);
    match kind {
        "Organization" => organization(&mut all, dice),
        "Practitioner" | "Patient" => person(&mut all, dice, kind),
        "Encounter" => encounter(&mut all, dice),
        "Observation" => observation(&mut all, dice),
        "Condition" => condition(&mut all, dice),
        "MedicationRequest" => prescription(&mut all, dice),
        "AllergyIntolerance" => allergy(&mut all, dice),
        "DocumentReference" => document_reference(&mut all, dice),
        "Task" => task(&mut all, dice),
        "Appointment" => appointment(&mut all, dice),
        "ServiceRequest" => request(&mut all, dice),
        "List" => list(&mut all, dice),
        "ValueSet" => value_set(&mut all, dice),
        _ => risk(&mut all, dice),
    }
    Value::Object(all)
}

type Members = Map<String, Value>;

fn one_of(dice: &mut Dice, codes: &[&str]) -> Value {
    json!(dice.pick(codes))
}

fn identifiers(all: &mut Members, dice: &mut Dice) {
    let both = json!([identifier(dice), identifier(dice)]);
    maybe(all, dice, "identifier", both);
}

/// A subject, which may be contained.
fn subject(all: &mut Members, dice: &mut Dice, member: &str) {
    if dice.once_in(12) {
        all.insert("contained".into(), json!([{"resourceType": "Patient", "id": "p", "name": [name(dice)]}]));
        all.insert(member.to_owned(), json!({"reference": "#p"}));
    } else {
        all.insert(member.to_owned(), reference(dice, &["Patient"]));
    }
}

fn organization(all: &mut Members, dice: &mut Dice) {
    identifiers(all, dice);
    all.insert("name".into(), text(dice));
    let alias = json!([text(dice), "  Two  Words "]);
    maybe(all, dice, "alias", alias);
    maybe(all, dice, "active", json!(true));
    let part_of = reference(dice, &["Organization"]);
    maybe(all, dice, "partOf", part_of);
    let address = json!([address(dice)]);
    maybe(all, dice, "address", address);
    let kind = json!([concept(dice)]);
    maybe(all, dice, "type", kind);
}

fn person(all: &mut Members, dice: &mut Dice, kind: &str) {
    identifiers(all, dice);
    let names = json!([name(dice), name(dice)]);
    maybe(all, dice, "name", names);
    let gender = one_of(dice, &["male", "female", "other"]);
    maybe(all, dice, "gender", gender);
    let born = date(dice);
    maybe(all, dice, "birthDate", born);
    let active = json!(dice.once_in(2));
    maybe(all, dice, "active", active);
    let telecom = json!([contact(dice), contact(dice)]);
    maybe(all, dice, "telecom", telecom);
    let addresses = json!([address(dice)]);
    maybe(all, dice, "address", addresses);
    if kind == "Patient" {
        let home = json!({"reference": format!("Organization/{}", crate::world::id_of("Organization", dice.below(8)))});
        maybe(all, dice, "managingOrganization", home);
        let doctors = json!([reference(dice, &["Practitioner", "Organization"])]);
        maybe(all, dice, "generalPractitioner", doctors);
        match dice.below(4) {
            0 => drop(all.insert("deceasedBoolean".into(), json!(dice.once_in(2)))),
            1 => drop(all.insert("deceasedDateTime".into(), date_time(dice))),
            _ => {}
        }
        let other = json!([{"other": reference(dice, &["Patient"]), "type": "seealso"}]);
        maybe(all, dice, "link", other);
    }
}

fn encounter(all: &mut Members, dice: &mut Dice) {
    identifiers(all, dice);
    all.insert("status".into(), one_of(dice, &["planned", "finished", "cancelled"]));
    all.insert(
        "class".into(),
        json!({"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "VR"}),
    );
    subject(all, dice, "subject");
    let when = period(dice);
    maybe(all, dice, "period", when);
    let who = json!([
        {"individual": reference(dice, &["Practitioner"]), "type": [concept(dice)]},
        {"individual": reference(dice, &["Practitioner"])},
    ]);
    maybe(all, dice, "participant", who);
    let reasons = json!([concept(dice), concept(dice)]);
    maybe(all, dice, "reasonCode", reasons);
    let provider = reference(dice, &["Organization"]);
    maybe(all, dice, "serviceProvider", provider);
    let whole = reference(dice, &["Encounter"]);
    maybe(all, dice, "partOf", whole);
    let cause = json!([reference(dice, &["Condition", "Observation"])]);
    maybe(all, dice, "reasonReference", cause);
    let length = json!({"value": number(dice), "unit": "min", "system": "http://unitsofmeasure.org", "code": *dice.pick(&["min", "h"])});
    // A duration is not negative here, for no rule forbids it and none needs it.
    maybe(all, dice, "length", length);
}

fn measured(all: &mut Members, dice: &mut Dice) {
    match dice.below(6) {
        0 | 1 => drop(all.insert("valueQuantity".into(), quantity(dice))),
        2 => drop(all.insert("valueCodeableConcept".into(), concept(dice))),
        3 => drop(all.insert("valueString".into(), text(dice))),
        4 => drop(all.insert("valueDateTime".into(), date_time(dice))),
        _ => drop(all.insert("valuePeriod".into(), period(dice))),
    }
}

fn observation(all: &mut Members, dice: &mut Dice) {
    identifiers(all, dice);
    all.insert("status".into(), one_of(dice, &["final", "preliminary"]));
    let code = concept(dice);
    all.insert("code".into(), code);
    subject(all, dice, "subject");
    if dice.once_in(3) {
        let mut parts = Vec::new();
        for _ in 0..=dice.below(3) {
            let mut part = members(json!({"code": concept(dice)}));
            measured(&mut part, dice);
            parts.push(Value::Object(part));
        }
        all.insert("component".into(), parts.into());
    } else {
        measured(all, dice);
    }
    match dice.below(4) {
        0 => drop(all.insert("effectiveDateTime".into(), date_time(dice))),
        1 => drop(all.insert("effectivePeriod".into(), period(dice))),
        2 => drop(all.insert("effectiveInstant".into(), instant(dice))),
        _ => {}
    }
    let category = json!([concept(dice), concept(dice)]);
    maybe(all, dice, "category", category);
    let visit = reference(dice, &["Encounter"]);
    maybe(all, dice, "encounter", visit);
    let by = json!([reference(dice, &DOERS), reference(dice, &DOERS)]);
    maybe(all, dice, "performer", by);
    let with = json!([reference(dice, &["Observation"])]);
    maybe(all, dice, "hasMember", with);
    let focus = json!([reference(dice, &["Condition", "Task", "Patient"])]);
    maybe(all, dice, "focus", focus);
}

fn condition(all: &mut Members, dice: &mut Dice) {
    identifiers(all, dice);
    subject(all, dice, "subject");
    let active = json!({"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]});
    all.insert("clinicalStatus".into(), active);
    let code = concept(dice);
    maybe(all, dice, "code", code);
    let severity = concept(dice);
    maybe(all, dice, "severity", severity);
    match dice.below(5) {
        0 => drop(all.insert("onsetDateTime".into(), date_time(dice))),
        1 => drop(all.insert("onsetPeriod".into(), period(dice))),
        2 => drop(all.insert("onsetString".into(), text(dice))),
        3 => {
            let age = json!({"value": 1 + dice.below(40), "system": "http://unitsofmeasure.org", "code": *dice.pick(&["a", "mo"])});
            all.insert("onsetAge".into(), age);
        }
        _ => {}
    }
    let visit = reference(dice, &["Encounter"]);
    maybe(all, dice, "encounter", visit);
    let by = reference(dice, &["Practitioner", "Patient"]);
    maybe(all, dice, "asserter", by);
    let evidence = json!([{"code": [concept(dice)], "detail": [reference(dice, &["Observation", "List"])]}]);
    maybe(all, dice, "evidence", evidence);
    let recorded = date_time(dice);
    maybe(all, dice, "recordedDate", recorded);
}

fn prescription(all: &mut Members, dice: &mut Dice) {
    identifiers(all, dice);
    all.insert("status".into(), one_of(dice, &["active", "stopped"]));
    all.insert("intent".into(), json!("order"));
    subject(all, dice, "subject");
    all.insert("medicationCodeableConcept".into(), concept(dice));
    let written = date_time(dice);
    maybe(all, dice, "authoredOn", written);
    let by = reference(dice, &DOERS);
    maybe(all, dice, "requester", by);
    let visit = reference(dice, &["Encounter"]);
    maybe(all, dice, "encounter", visit);
    let times = json!([{"timing": {"event": [date_time(dice), date_time(dice)]}}, {"timing": {"event": [date(dice)]}}]);
    maybe(all, dice, "dosageInstruction", times);
}

fn allergy(all: &mut Members, dice: &mut Dice) {
    identifiers(all, dice);
    subject(all, dice, "patient");
    let verified = json!({"coding": [{"system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification", "code": "entered-in-error"}]});
    all.insert("verificationStatus".into(), verified);
    let code = concept(dice);
    maybe(all, dice, "code", code);
    let categories = json!(["food", "medication"]);
    maybe(all, dice, "category", categories);
    let reactions = json!([
        {"manifestation": [concept(dice), concept(dice)], "severity": "mild", "substance": concept(dice), "onset": date_time(dice)},
        {"manifestation": [concept(dice)]},
    ]);
    maybe(all, dice, "reaction", reactions);
    let last = date_time(dice);
    maybe(all, dice, "lastOccurrence", last);
}

fn document_reference(all: &mut Members, dice: &mut Dice) {
    identifiers(all, dice);
    all.insert("status".into(), one_of(dice, &["current", "superseded"]));
    let master = identifier(dice);
    maybe(all, dice, "masterIdentifier", master);
    all.insert(
        "content".into(),
        json!([{"attachment": {"contentType": "image/png", "url": uri(dice), "language": "zh"}}]),
    );
    subject(all, dice, "subject");
    let relates = json!([
        {"code": one_of(dice, &["replaces", "appends"]), "target": reference(dice, &["DocumentReference"])},
        {"code": one_of(dice, &["replaces", "signs"]), "target": reference(dice, &["DocumentReference"])},
    ]);
    maybe(all, dice, "relatesTo", relates);
    let at = instant(dice);
    maybe(all, dice, "date", at);
    let words = text(dice);
    maybe(all, dice, "description", words);
    let around = json!({"period": period(dice), "encounter": [reference(dice, &["Encounter"])], "related": [reference(dice, &["Task", "List"])]});
    maybe(all, dice, "context", around);
    let authors = json!([reference(dice, &DOERS)]);
    maybe(all, dice, "author", authors);
}

fn task(all: &mut Members, dice: &mut Dice) {
    identifiers(all, dice);
    all.insert("status".into(), one_of(dice, &["requested", "accepted", "completed"]));
    all.insert("intent".into(), json!("order"));
    subject(all, dice, "for");
    let owner = reference(dice, &["Practitioner", "Organization"]);
    maybe(all, dice, "owner", owner);
    let focus = reference(dice, &["ServiceRequest", "Condition", "DocumentReference"]);
    maybe(all, dice, "focus", focus);
    let whole = json!([reference(dice, &["Task"])]);
    maybe(all, dice, "partOf", whole);
    let state = concept(dice);
    maybe(all, dice, "businessStatus", state);
    let during = period(dice);
    maybe(all, dice, "executionPeriod", during);
    let group = identifier(dice);
    maybe(all, dice, "groupIdentifier", group);
}

fn appointment(all: &mut Members, dice: &mut Dice) {
    identifiers(all, dice);
    all.insert("status".into(), json!("proposed"));
    let who = json!([
        {"actor": reference(dice, &["Patient"]), "status": "accepted"},
        {"actor": reference(dice, &["Practitioner", "Patient", "Location"]), "status": one_of(dice, &["declined", "tentative"])},
    ]);
    all.insert("participant".into(), who);
    all.insert("start".into(), json!("2025-12-31T23:30:00Z"));
    all.insert("end".into(), json!("2026-01-01T10:30:00+08:00"));
    let why = json!([concept(dice)]);
    maybe(all, dice, "reasonCode", why);
    let kinds = json!([concept(dice), concept(dice)]);
    maybe(all, dice, "serviceType", kinds);
    let on = json!([reference(dice, &["ServiceRequest"])]);
    maybe(all, dice, "basedOn", on);
}

fn request(all: &mut Members, dice: &mut Dice) {
    identifiers(all, dice);
    all.insert("status".into(), one_of(dice, &["active", "revoked"]));
    all.insert("intent".into(), json!("order"));
    subject(all, dice, "subject");
    let code = concept(dice);
    all.insert("code".into(), code);
    let details = json!([concept(dice)]);
    maybe(all, dice, "orderDetail", details);
    match dice.below(4) {
        0 => drop(all.insert("occurrenceDateTime".into(), date_time(dice))),
        1 => drop(all.insert("occurrencePeriod".into(), period(dice))),
        2 => {
            let timing = json!({"event": [date_time(dice), date_time(dice)], "repeat": {"boundsPeriod": period(dice)}});
            all.insert("occurrenceTiming".into(), timing);
        }
        _ => {}
    }
    let by = reference(dice, &["Practitioner", "Organization"]);
    maybe(all, dice, "requester", by);
    let canonicals = json!(["http://example.org/pd/1|2", "http://example.org/pd/10"]);
    maybe(all, dice, "instantiatesCanonical", canonicals);
    let uris = json!([uri(dice), uri(dice)]);
    maybe(all, dice, "instantiatesUri", uris);
    let paper = identifier(dice);
    maybe(all, dice, "requisition", paper);
}

fn list(all: &mut Members, dice: &mut Dice) {
    identifiers(all, dice);
    all.insert("status".into(), json!("current"));
    all.insert("mode".into(), json!("working"));
    let title = text(dice);
    maybe(all, dice, "title", title);
    let of = ["Patient", "Observation", "Condition", "Task", "Encounter"];
    let entries: Vec<Value> = (0..4).map(|_| json!({"item": reference(dice, &of)})).collect();
    maybe(all, dice, "entry", entries.into());
    let notes = json!([{"text": text(dice)}, {"text": "Two\n lines"}]);
    maybe(all, dice, "note", notes);
    subject(all, dice, "subject");
    let source = reference(dice, &["Practitioner", "Patient"]);
    maybe(all, dice, "source", source);
    let made = date_time(dice);
    maybe(all, dice, "date", made);
}

fn value_set(all: &mut Members, dice: &mut Dice) {
    identifiers(all, dice);
    all.insert("status".into(), one_of(dice, &["draft", "active"]));
    let url = uri(dice);
    maybe(all, dice, "url", url);
    let version = one_of(dice, &["1", "1.0", "2"]);
    maybe(all, dice, "version", version);
    all.insert("name".into(), json!("Codes"));
    let title = text(dice);
    maybe(all, dice, "title", title);
    let words = text(dice);
    maybe(all, dice, "description", words);
    let uses = json!([
        {"code": coding(dice), "valueQuantity": quantity(dice)},
        {"code": coding(dice), "valueCodeableConcept": concept(dice)},
    ]);
    maybe(all, dice, "useContext", uses);
    let compose =
        json!({"include": [{"system": "http://loinc.org", "concept": [{"code": "8480-6"}, {"code": "a"}]}]});
    maybe(all, dice, "compose", compose);
    let made = date_time(dice);
    maybe(all, dice, "date", made);
}

fn risk(all: &mut Members, dice: &mut Dice) {
    identifiers(all, dice);
    all.insert("status".into(), json!("final"));
    subject(all, dice, "subject");
    let chances: Vec<Value> = ["0.5", "0.50", "0", "1e1", "16.45", "5.4"]
        .iter()
        .map(|text| serde_json::from_str(text).unwrap())
        .collect();
    let predictions =
        json!([{"probabilityDecimal": dice.pick(&chances)}, {"probabilityDecimal": dice.pick(&chances)}]);
    maybe(all, dice, "prediction", predictions);
    let condition = reference(dice, &["Condition"]);
    maybe(all, dice, "condition", condition);
    let at = date_time(dice);
    maybe(all, dice, "occurrenceDateTime", at);
}

//! What resources are found by, for each type of search parameter.

use bianque_fhir::{index, patients};
use bianque_query::{IndexRow, IndexValue};
use serde_json::{Value, json};

/// The rows of one parameter, in words.
fn rows(resource: &Value, param: &str) -> Vec<String> {
    index(resource).rows.iter().filter(|row| row.param == param).map(words).collect()
}

fn words(row: &IndexRow) -> String {
    value_words(&row.value)
}

fn value_words(value: &IndexValue) -> String {
    match value {
        IndexValue::Token { system, code } => format!("{system}|{code}"),
        IndexValue::Text { folded, .. } => folded.clone(),
        IndexValue::Date(range) => format!("{} {}", range.low.0, range.high.0),
        IndexValue::Number(number) => number.to_string(),
        IndexValue::Quantity { value, system, unit } => format!("{value} {system}|{unit}"),
        IndexValue::Reference(reference) => format!("{}/{}", reference.resource_type, reference.id),
        IndexValue::Uri(uri) => uri.clone(),
        IndexValue::Part { group, part, value } => format!("{group}.{part} {}", value_words(value)),
        IndexValue::Rule(rule) => format!("{rule:?}"),
    }
}

#[test]
fn tokens_of_every_type() {
    let patient = json!({
        "resourceType": "Patient", "id": "p", "active": true, "gender": "female",
        "identifier": [{"system": "s", "value": "1"}, {"value": "2", "type": {"text": "MRN"}}],
        "telecom": [{"system": "phone", "value": "138-0000 0000"}, {"system": "email", "value": "a@b"}],
        "communication": [{"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": "zh-CN", "display": "Chinese"}], "text": "中文"}}],
        "meta": {"tag": [{"system": "t", "code": "demo"}], "profile": ["http://p"]},
    });
    assert_eq!(rows(&patient, "identifier"), ["s|1", "|2"]);
    assert_eq!(rows(&patient, "identifier:text"), ["mrn"]);
    assert_eq!(rows(&patient, "active"), ["|true"]);
    assert_eq!(rows(&patient, "phone"), ["phone|138-0000 0000", "phone|13800000000"]);
    assert_eq!(rows(&patient, "email"), ["email|a@b"]);
    assert_eq!(rows(&patient, "language"), ["urn:ietf:bcp:47|zh-CN"]);
    assert_eq!(rows(&patient, "language:text"), ["chinese", "中文"]);
    assert_eq!(rows(&patient, "_tag"), ["t|demo"]);
    assert_eq!(rows(&patient, "_profile"), ["http://p"]);
    assert_eq!(rows(&patient, "deceased"), ["|false"]);
    let dead = json!({"resourceType": "Patient", "deceasedDateTime": "2020"});
    assert_eq!(rows(&dead, "deceased"), ["|true"]);
    assert_eq!(rows(&dead, "death-date").len(), 1);
}

#[test]
fn names_in_any_script() {
    let chinese = json!({"resourceType": "Patient", "name": [{"family": "张", "given": ["伟"]}]});
    let found = rows(&chinese, "name");
    for typed in ["张", "张 伟", "张伟", "伟", "zhang wei", "zhangwei", "zw", "wei zhang"] {
        assert!(found.iter().any(|row| row.starts_with(typed)), "{typed} in {found:?}");
    }
    let text_only = json!({"resourceType": "Patient", "name": [{"text": "张伟"}]});
    assert!(rows(&text_only, "name").contains(&"zw".to_owned()));
    let latin =
        json!({"resourceType": "Patient", "name": [{"family": "Müller", "given": ["Anna", "Maria"]}]});
    let found = rows(&latin, "name");
    for typed in ["muller", "anna", "maria", "anna maria muller", "muller anna"] {
        assert!(found.iter().any(|row| row.starts_with(typed)), "{typed} in {found:?}");
    }
    assert_eq!(rows(&latin, "family"), ["muller"]);
    assert_eq!(rows(&latin, "phonetic"), Vec::<String>::new());
}

#[test]
fn dates_and_periods() {
    const DAY: i64 = 86_400_000_000;
    let born = json!({"resourceType": "Patient", "birthDate": "1970-01-02"});
    assert_eq!(rows(&born, "birthdate"), [format!("{} {}", DAY, 2 * DAY)]);
    let visit = json!({"resourceType": "Encounter", "period": {"start": "1970-01-01T00:00:00Z"}});
    assert_eq!(rows(&visit, "date"), [format!("0 {}", i64::MAX)]);
    let timing =
        json!({"resourceType": "Observation", "effectiveTiming": {"event": ["1970-01-03", "1970-01-01"]}});
    assert_eq!(rows(&timing, "date"), [format!("0 {}", 3 * DAY)]);
    let wrong = json!({"resourceType": "Encounter", "period": {"start": "soon"}});
    assert!(rows(&wrong, "date").is_empty());
}

#[test]
fn references_here_and_elsewhere() {
    let visit = json!({
        "resourceType": "Encounter", "id": "e",
        "subject": {"reference": "Patient/p1/_history/3"},
        "participant": [{"individual": {"reference": "Practitioner/d1"}}, {"individual": {"reference": "RelatedPerson/r1"}}],
        "serviceProvider": {"identifier": {"system": "s", "value": "7"}},
        "basedOn": [{"reference": "https://other.example/fhir/ServiceRequest/9"}, {"reference": "#c"}],
    });
    assert_eq!(rows(&visit, "subject"), ["Patient/p1"]);
    assert_eq!(rows(&visit, "patient"), ["Patient/p1"]);
    assert_eq!(rows(&visit, "practitioner"), ["Practitioner/d1"]);
    assert_eq!(rows(&visit, "participant"), ["Practitioner/d1", "RelatedPerson/r1"]);
    assert_eq!(rows(&visit, "service-provider"), ["s|7"]);
    assert_eq!(rows(&visit, "based-on"), ["https://other.example/fhir/ServiceRequest/9"]);
    let about_group = json!({"resourceType": "Encounter", "subject": {"reference": "Group/g"}});
    assert_eq!(rows(&about_group, "subject"), ["Group/g"]);
    assert!(rows(&about_group, "patient").is_empty());
}

#[test]
fn numbers_quantities_and_uris() {
    let pressure = json!({
        "resourceType": "Observation",
        "valueQuantity": {"value": 120.50, "unit": "mmHg", "system": "http://unitsofmeasure.org", "code": "mm[Hg]"},
    });
    assert_eq!(rows(&pressure, "value-quantity"), ["120.5 http://unitsofmeasure.org|mm[Hg]", "120.5 |mmHg"]);
    assert_eq!(rows(&pressure, "value-quantity:ucum"), ["16065301 |g.m-1.s-2"]);
    let charge = json!({"resourceType": "ChargeItem", "priceOverride": {"value": 80, "currency": "CNY"}, "factorOverride": 1.5});
    assert_eq!(rows(&charge, "price-override"), ["80 urn:iso:std:iso:4217|CNY"]);
    assert_eq!(rows(&charge, "factor-override"), ["1.5"]);
    let form = json!({"resourceType": "Questionnaire", "url": "http://q/1"});
    assert_eq!(rows(&form, "url"), ["http://q/1"]);
    let used = json!({"resourceType": "CarePlan", "instantiatesCanonical": ["http://p/1|2.0"]});
    assert_eq!(rows(&used, "instantiates-canonical"), ["http://p/1|2.0", "http://p/1"]);
    let typed = json!({"resourceType": "Patient", "identifier": [{"type": {"coding": [{"system": "t", "code": "MR"}]}, "value": "7"}]});
    assert_eq!(rows(&typed, "identifier:of-type"), ["t|MR|7"]);
    let noted = json!({"resourceType": "Observation", "valueString": "Clear", "component": [{"valueCodeableConcept": {"text": "x"}}]});
    assert_eq!(rows(&noted, "value-string"), ["clear"]);
}

#[test]
fn parts_of_composites_keep_together() {
    let component = |code: &str, value: f64| {
        json!({
            "code": {"coding": [{"system": "l", "code": code}]},
            "valueQuantity": {"value": value, "unit": "mmHg", "system": "http://unitsofmeasure.org", "code": "mm[Hg]"},
        })
    };
    let pressure = json!({
        "resourceType": "Observation",
        "code": {"coding": [{"system": "l", "code": "bp"}]},
        "component": [component("sys", 120.0), {"code": {"text": "not measured"}}, component("dia", 80.0)],
    });
    let found = rows(&pressure, "combo-code-value-quantity");
    assert_eq!(found[..3], ["0.0 l|sys", "0.1 120 http://unitsofmeasure.org|mm[Hg]", "0.1 120 |mmHg"]);
    assert!(found[3].starts_with("0.129 ") && found[3].ends_with("|g.m-1.s-2"), "{found:?}");
    assert_eq!(found[4..6], ["1.0 l|dia", "1.1 80 http://unitsofmeasure.org|mm[Hg]"]);
    // The composite of components alone takes the same elements, and has their rows.
    assert!(rows(&pressure, "component-code-value-quantity").is_empty());
    // What is taken from the resource itself is there as parameters.
    assert!(rows(&pressure, "code-value-quantity").is_empty());
    let related = json!({"resourceType": "DocumentReference", "relatesTo": [{"code": "replaces", "target": {"reference": "DocumentReference/d"}}]});
    assert_eq!(rows(&related, "relationship"), ["0.0 |replaces", "0.1 DocumentReference/d"]);
    let sequence = json!({
        "resourceType": "MolecularSequence",
        "referenceSeq": {"chromosome": {"coding": [{"code": "1"}]}},
        "variant": [{"start": 5, "end": 6}],
    });
    assert_eq!(rows(&sequence, "chromosome-variant-coordinate"), ["0.0 |1", "0.1 5", "0.2 6"]);
}

#[test]
fn compartments_say_whose_record_it_is() {
    let of = |resource: &Value| {
        let found = index(resource).compartments;
        let ids: Vec<String> = patients(resource).iter().map(ToString::to_string).collect();
        let from_index: Vec<String> =
            found.iter().filter(|one| one.kind == "Patient").map(|one| one.id.to_string()).collect();
        assert_eq!(ids, from_index);
        found.iter().map(|one| format!("{}/{}", one.kind, one.id)).collect::<Vec<_>>()
    };
    assert_eq!(of(&json!({"resourceType": "Patient", "id": "p"})), ["Patient/p"]);
    let visit = json!({
        "resourceType": "Encounter", "id": "e", "subject": {"reference": "Patient/p"},
        "participant": [{"individual": {"reference": "Practitioner/d"}}],
    });
    assert_eq!(of(&visit), ["Encounter/e", "Patient/p", "Practitioner/d"]);
    let task = json!({"resourceType": "Task", "for": {"reference": "Patient/p"}, "encounter": {"reference": "Encounter/e"}});
    assert_eq!(of(&task), ["Encounter/e", "Patient/p"]);
    let photo = json!({"resourceType": "Binary", "id": "b", "securityContext": {"reference": "Patient/p"}});
    assert_eq!(of(&photo), ["Patient/p"]);
    let signed = json!({"resourceType": "Provenance", "target": [{"reference": "Patient/p"}, {"reference": "Composition/c"}]});
    assert_eq!(of(&signed), ["Patient/p"]);
    assert!(of(&json!({"resourceType": "Organization", "id": "o"})).is_empty());
}

#[test]
fn an_element_without_a_value_to_be_found_by_is_there_all_the_same() {
    let observation = json!({
        "resourceType": "Observation", "contained": [{"resourceType": "Patient", "id": "p"}],
        "code": {"text": "pressure"}, "subject": {"reference": "#p"}, "encounter": {"display": "yesterday"},
        "category": [{"coding": [{"code": "vital-signs"}]}],
    });
    for there in ["code", "subject", "patient", "encounter"] {
        assert_eq!(rows(&observation, &format!("{there}:present")), ["|true"], "{there}");
        assert!(rows(&observation, there).is_empty(), "{there}");
    }
    for other in ["category", "device", "performer"] {
        assert!(rows(&observation, &format!("{other}:present")).is_empty(), "{other}");
    }
}

#[test]
fn a_system_of_units_says_what_the_code_is_and_not_the_text() {
    let measured = |value: Value| json!({"resourceType": "Observation", "valueQuantity": value});
    let coded = measured(json!({"value": 1, "unit": "gram", "system": "urn:x", "code": "g"}));
    assert_eq!(rows(&coded, "value-quantity"), ["1 urn:x|g", "1 |gram"]);
    let told = measured(json!({"value": 1, "unit": "g", "system": "urn:x"}));
    assert_eq!(rows(&told, "value-quantity"), ["1 |g"]);
}

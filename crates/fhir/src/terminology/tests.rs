//! Questions about the code systems and value sets of R4, and about some of a clinic's own.

use std::sync::Arc;

use serde_json::{Value, json};

use super::table::embedded;
use super::{Coding, Expand, Given, Lenience, Lookup, Refusal, Subsumption, Terminology};

mod own;

const NOW: &str = "2026-01-05T08:00:00Z";
const GENDER: &str = "http://hl7.org/fhir/administrative-gender";
const ACT_CODE: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";

fn r4() -> &'static Terminology {
    Terminology::embedded()
}

fn with(resources: &[Value]) -> Terminology {
    let given = resources.iter().map(|resource| Arc::new(Given::read(resource).unwrap()));
    Terminology::new(given.collect())
}

fn fhir(name: &str) -> String {
    format!("http://hl7.org/fhir/ValueSet/{name}")
}

fn codes(expanded: &Value) -> Vec<&str> {
    let contains = expanded["expansion"]["contains"].as_array().map_or(&[][..], Vec::as_slice);
    contains.iter().map(|entry| entry["code"].as_str().unwrap()).collect()
}

fn code(system: &str, code: &str) -> Coding {
    Coding { system: Some(system.into()), code: code.into(), ..Coding::default() }
}

fn called(system: &str, of: &str, display: &str) -> Coding {
    Coding { display: Some(display.into()), ..code(system, of) }
}

fn count(url: &str) -> usize {
    r4().codes_in(url).unwrap_or_else(|refusal| panic!("{url}: {refusal}")).len()
}

fn expanded(terminology: &Terminology, url: &str, asked: &Expand) -> Value {
    let expanded = terminology.expand(url, asked, NOW).unwrap_or_else(|refusal| panic!("{url}: {refusal}"));
    assert_eq!(crate::validate(&expanded), []);
    expanded
}

#[test]
fn everything_embedded_is_read_and_every_set_is_answered() {
    let (systems, sets) = embedded().urls();
    let bare = |urls: &[&str]| urls.iter().filter(|url| !url.contains('|')).count();
    assert_eq!((bare(&systems), bare(&sets)), (1057, 1317));
    let mut concepts = 0;
    for url in systems.iter().filter(|url| !url.contains('|')) {
        for (number, concept) in embedded().system(url).unwrap().concepts() {
            assert!(!concept.code.is_empty() && !concept.code.contains('\t'), "{url} {number}");
            concepts += 1;
        }
    }
    assert!(concepts > 20_000, "{concepts}");
    let (mut listed, mut refused) = (0, 0);
    for url in sets.iter().filter(|url| !url.contains('|')) {
        match r4().codes_in(url) {
            Ok(_) => listed += 1,
            // What takes from SNOMED CT, LOINC and the like cannot be listed; nothing else fails.
            Err(Refusal::NoContent(_) | Refusal::NotListable(_) | Refusal::UnknownSystem(_)) => refused += 1,
            // One names a property of an example that its concepts have not, two a set that R4 left out.
            Err(refusal) => {
                assert!(matches!(refusal, Refusal::Filter(_) | Refusal::UnknownSet(_)), "{refusal}");
            }
        }
    }
    assert_eq!((listed, refused), (1222, 92));
}

#[test]
fn known_sets_have_as_many_codes_as_they_are_published_with() {
    for (name, codes) in [
        ("administrative-gender", 4),
        ("resource-types", 148),
        ("iso3166-1-2", 249),
        ("iso3166-1-3", 249),
        ("publication-status", 4),
        ("languages", 56),
        ("task-status", 12),
        ("ucum-common", 1357),
    ] {
        assert_eq!(count(&fhir(name)), codes, "{name}");
    }
    assert_eq!(count("http://terminology.hl7.org/ValueSet/v3-ActEncounterCode"), 11);
    assert_eq!(count("http://terminology.hl7.org/ValueSet/v2-2.3.1-0360"), 58);
    assert_eq!(count("http://terminology.hl7.org/ValueSet/v2-2.7-0360"), 61);
}

#[test]
fn an_expansion_says_what_it_holds_page_by_page() {
    let all = expanded(r4(), &fhir("administrative-gender"), &Expand::default());
    assert_eq!(codes(&all), ["male", "female", "other", "unknown"]);
    assert_eq!(all["expansion"]["total"], 4);
    assert_eq!(all["expansion"]["contains"][0], json!({"system": GENDER, "code": "male", "display": "Male"}));
    let asked = Expand { offset: 1, count: Some(2), ..Expand::default() };
    let page = expanded(r4(), &fhir("administrative-gender"), &asked);
    assert_eq!(codes(&page), ["female", "other"]);
    assert_eq!((&page["expansion"]["total"], &page["expansion"]["offset"]), (&json!(4), &json!(1)));
    let none = Expand { count: Some(0), ..Expand::default() };
    let counted = expanded(r4(), &fhir("administrative-gender"), &none);
    assert!(codes(&counted).is_empty() && counted["expansion"]["total"] == 4);
    let beyond = Expand { offset: 9, count: Some(2), ..Expand::default() };
    assert!(codes(&expanded(r4(), &fhir("administrative-gender"), &beyond)).is_empty());
}

#[test]
fn words_find_codes_in_any_language_and_without_accents() {
    let find = |url: &str, words: &str| {
        let asked = Expand { filter: Some(words.into()), ..Expand::default() };
        let found = expanded(r4(), url, &asked);
        codes(&found).iter().map(|code| (*code).to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(find(&fhir("administrative-gender"), "MALE"), ["male", "female"]);
    assert_eq!(find(&fhir("languages"), "osterreich"), ["de-AT"], "Deutsch (Österreich)");
    assert_eq!(find(&fhir("languages"), "中国"), ["zh-CN"]);
    assert_eq!(find(&fhir("languages"), "german switz"), ["de-CH"]);
    assert!(find(&fhir("languages"), "klingon").is_empty());
}

#[test]
fn displays_are_in_the_language_that_was_asked_for() {
    let asked = Expand { language: Some("zh-CN".into()), designations: true, ..Expand::default() };
    let set = expanded(r4(), &fhir("languages"), &asked);
    let german = set["expansion"]["contains"].as_array().unwrap().iter().find(|entry| entry["code"] == "de");
    assert_eq!(german.unwrap()["display"], "德语");
    assert!(german.unwrap()["designation"].as_array().unwrap().iter().any(|own| own["language"] == "nl"));
}

#[test]
fn sets_that_cannot_be_listed_say_why() {
    let refused = |name: &str| r4().expand(&fhir(name), &Expand::default(), NOW).unwrap_err();
    assert_eq!(refused("all-languages"), Refusal::NotListable("BCP 47".into()));
    assert_eq!(refused("ucum-units"), Refusal::NotListable("UCUM".into()));
    assert_eq!(refused("body-site"), Refusal::NoContent("http://snomed.info/sct".into()));
    assert_eq!(refused("report-codes"), Refusal::UnknownSystem("http://loinc.org".into()));
    assert_eq!(refused("nothing"), Refusal::UnknownSet(fhir("nothing")));
    let many: Vec<Value> = (0..10_001).map(|number| json!({"code": format!("c{number}")})).collect();
    let clinic = with(&[
        json!({"resourceType": "CodeSystem", "url": "urn:many", "content": "complete", "concept": many}),
        json!({"resourceType": "ValueSet", "url": "urn:set", "compose": {"include": [{"system": "urn:many"}]}}),
    ]);
    let all = clinic.expand("urn:set", &Expand::default(), NOW);
    assert_eq!(all.unwrap_err(), Refusal::TooCostly { limit: 10_000 });
    let page = expanded(&clinic, "urn:set", &Expand { count: Some(3), offset: 9_999, ..Expand::default() });
    assert_eq!((codes(&page), &page["expansion"]["total"]), (vec!["c9999", "c10000"], &json!(10_001)));
    assert_eq!(clinic.codes_in("urn:set").unwrap_err(), Refusal::TooCostly { limit: 10_000 });
}

#[test]
fn a_code_is_told_from_what_is_none() {
    let set = fhir("administrative-gender");
    let told = |coding: &Coding| {
        let verdict = r4().validate_in_set(&set, std::slice::from_ref(coding), Lenience::default()).unwrap();
        (verdict.valid, verdict.message.unwrap_or_default())
    };
    assert_eq!(told(&code(GENDER, "male")), (true, String::new()));
    assert_eq!(told(&called(GENDER, "male", " male")), (true, String::new()), "case and blanks do not count");
    let (valid, message) = told(&called(GENDER, "male", "Man"));
    assert_eq!(
        (valid, message.as_str()),
        (false, &*format!("\"male\" of {GENDER} is called \"Male\", not \"Man\""))
    );
    let (valid, message) = told(&code(GENDER, "m"));
    assert!(!valid && message.ends_with(&format!("the code system {GENDER} has no code \"m\"")), "{message}");
    let (valid, message) = told(&code("urn:unknown", "male"));
    assert!(!valid && message.ends_with("the code system urn:unknown is not known here"), "{message}");
    let (valid, message) = told(&code("http://hl7.org/fhir/address-use", "home"));
    assert!(!valid && message.ends_with(&set), "a code of another system: {message}");
    let inferred =
        r4().validate_in_set(&set, &[Coding { system: None, ..code("", "other") }], Lenience::default());
    assert_eq!(inferred.unwrap().system.as_deref(), Some(GENDER));
}

#[test]
fn one_code_of_several_is_enough() {
    let codings = [code("http://snomed.info/sct", "248153007"), code(GENDER, "male")];
    let told = r4().validate_in_set(&fhir("administrative-gender"), &codings, Lenience::default()).unwrap();
    assert!(told.valid && told.display.as_deref() == Some("Male"));
    assert_eq!(r4().member_of(&fhir("administrative-gender"), &codings), Ok(Some(true)));
    assert_eq!(r4().member_of(&fhir("administrative-gender"), &codings[..1]), Ok(Some(false)));
    assert_eq!(r4().member_of(&fhir("body-site"), &codings[..1]), Ok(None), "nobody here knows SNOMED CT");
    let listed = code("http://loinc.org", "11206-0");
    assert_eq!(
        r4().member_of(&fhir("c80-doc-typecodes"), &[listed]),
        Ok(Some(true)),
        "it is listed by the set"
    );
}

#[test]
fn codes_of_a_system_are_judged_by_it() {
    let told = |coding: &Coding| r4().validate_in_system(coding, Lenience::default());
    assert_eq!(told(&code(ACT_CODE, "VR")).display.as_deref(), Some("virtual"));
    let group = told(&code(ACT_CODE, "_ActEncounterCode"));
    assert!(!group.valid && group.message.unwrap().contains("groups other codes"));
    let lenient = Lenience { abstract_codes: true, language: None };
    assert!(r4().validate_in_system(&code(ACT_CODE, "_ActEncounterCode"), lenient).valid);
    assert!(told(&code("http://unitsofmeasure.org", "mm[Hg]")).valid);
    assert!(!told(&code("http://unitsofmeasure.org", "mmHg")).valid);
    let snomed = told(&code("http://snomed.info/sct", "73211009"));
    assert!(snomed.message.unwrap().contains("are not on this server"));
    let old = Coding { version: Some("1".into()), ..code(ACT_CODE, "VR") };
    assert_eq!(told(&old).message.unwrap(), format!("the code system {ACT_CODE}|1 is not known here"));
    assert!(!told(&Coding { system: None, ..code("", "VR") }).valid);
}

#[test]
fn a_code_is_looked_up_with_its_place_among_others() {
    let asked = Lookup { system: ACT_CODE.into(), code: "IMP".into(), ..Lookup::default() };
    let found = r4().lookup(&asked).unwrap();
    assert_eq!(crate::validate(&found), []);
    let parameters = found["parameter"].as_array().unwrap();
    let display = parameters.iter().find(|parameter| parameter["name"] == "display").unwrap();
    assert_eq!(display["valueString"], "inpatient encounter");
    let of = |code: &str| -> Vec<&str> {
        let properties = parameters.iter().filter(|parameter| parameter["part"][0]["valueCode"] == code);
        properties.map(|property| property["part"][1]["valueCode"].as_str().unwrap()).collect()
    };
    assert_eq!((of("parent"), of("child")), (vec!["_ActEncounterCode"], vec!["ACUTE", "NONAC"]));
    let only = Lookup { properties: vec!["parent".into()], ..asked.clone() };
    assert_eq!(r4().lookup(&only).unwrap()["parameter"].as_array().unwrap().len(), 4);
    let unknown = Lookup { code: "XYZ".into(), ..asked };
    assert!(matches!(r4().lookup(&unknown), Err(Refusal::UnknownCode { .. })));
    let unit =
        Lookup { system: "http://unitsofmeasure.org".into(), code: "mg/dL".into(), ..Lookup::default() };
    assert_eq!(r4().lookup(&unit).unwrap()["parameter"][1]["valueString"], "mg/dL");
}

#[test]
fn codes_stand_above_and_below_each_other() {
    let stands = |first, second| r4().subsumes(ACT_CODE, first, second).unwrap();
    assert_eq!(stands("_ActEncounterCode", "ACUTE"), Subsumption::Subsumes);
    assert_eq!(stands("ACUTE", "IMP"), Subsumption::SubsumedBy);
    assert_eq!(stands("ACUTE", "ACUTE"), Subsumption::Equivalent);
    assert_eq!(stands("AMB", "EMER"), Subsumption::NotSubsumed);
    assert!(matches!(r4().subsumes(ACT_CODE, "AMB", "nobody"), Err(Refusal::UnknownCode { .. })));
    assert!(matches!(r4().subsumes("urn:x", "a", "b"), Err(Refusal::UnknownSystem(_))));
    assert_eq!(r4().descendants(ACT_CODE, "_ActEncounterCode").unwrap().len(), 11);
    assert_eq!(
        r4().ancestors(ACT_CODE, "ACUTE").unwrap(),
        ["IMP", "_ActEncounterCode", "_ActCareProvisionCode"]
    );
}

#[test]
fn expressions_ask_for_codes_and_concepts() {
    use bianque_fhirpath::Hooks;
    let member = |coded: Value, name: &str| Hooks::member_of(r4(), &coded, &fhir(name));
    assert_eq!(member(json!("male"), "administrative-gender"), Some(true));
    assert_eq!(member(json!("Male"), "administrative-gender"), Some(false));
    assert_eq!(member(json!("zh-Hans"), "all-languages"), Some(true));
    assert_eq!(member(json!({"system": GENDER, "code": "male"}), "administrative-gender"), Some(true));
    let concept = json!({"coding": [{"system": "urn:x", "code": "1"}, {"system": GENDER, "code": "other"}]});
    assert_eq!(member(concept, "administrative-gender"), Some(true));
    assert_eq!(member(json!({"text": "a man"}), "administrative-gender"), Some(false));
    assert_eq!(member(json!({"system": "http://snomed.info/sct", "code": "1"}), "body-site"), None);
    assert_eq!(member(json!("male"), "nothing"), None);
    let act = |code: &str| json!({"system": ACT_CODE, "code": code});
    assert_eq!(Hooks::subsumes(r4(), &act("IMP"), &json!({"coding": [act("ACUTE")]})), Some(true));
    assert_eq!(Hooks::subsumes(r4(), &act("ACUTE"), &act("IMP")), Some(false));
    assert_eq!(Hooks::subsumes(r4(), &act("ACUTE"), &act("nobody")), None);
}

#[test]
fn a_wrong_display_is_a_warning_and_no_fault() {
    let class = |display: &str| {
        json!({"resourceType": "Encounter", "status": "planned",
        "class": {"system": ACT_CODE, "code": "VR", "display": display}})
    };
    assert_eq!(crate::validate(&class("video")), []);
    let warned = crate::validate_with_warnings(&class("video"));
    let warned: Vec<&crate::Issue> =
        warned.iter().filter(|issue| issue.expression.contains("class")).collect();
    assert_eq!((warned.len(), warned[0].severity), (1, crate::Severity::Warning));
    assert_eq!(warned[0].expression, "Encounter.class.display");
    assert_eq!(warned[0].message, format!("\"VR\" of {ACT_CODE} is called \"virtual\", not \"video\""));
    let right = crate::validate_with_warnings(&class("Virtual"));
    assert!(right.iter().all(|issue| !issue.expression.contains("class")), "{right:?}");
}

#[test]
fn required_bindings_are_checked_also_where_codes_follow_a_grammar() {
    let faults = |path: &str, resource: Value| {
        let issues = crate::validate(&resource);
        issues.iter().filter(|issue| issue.expression == path).count()
    };
    let patient = |gender: &str| json!({"resourceType": "Patient", "gender": gender});
    assert_eq!((faults("Patient.gender", patient("male")), faults("Patient.gender", patient("m"))), (0, 1));
    let photo = |kind: &str| json!({"resourceType": "Patient", "photo": [{"contentType": kind}]});
    let at = "Patient.photo[0].contentType";
    assert_eq!((faults(at, photo("image/jpeg")), faults(at, photo("a photo"))), (0, 1));
    let charge = |currency: &str| {
        json!({"resourceType": "ChargeItem", "status": "billable",
        "code": {"text": "visit"}, "subject": {"reference": "Patient/1"},
        "priceOverride": {"value": 80, "currency": currency}})
    };
    let at = "ChargeItem.priceOverride.currency";
    assert_eq!((faults(at, charge("CNY")), faults(at, charge("RMB"))), (0, 1));
    let allergy = |status: Value| {
        json!({"resourceType": "AllergyIntolerance", "patient": {"reference": "Patient/1"},
        "clinicalStatus": {"coding": [status]}, "code": {"text": "nuts"}})
    };
    let own = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical";
    let at = "AllergyIntolerance.clinicalStatus";
    assert_eq!(faults(at, allergy(json!({"system": own, "code": "active"}))), 0);
    assert_eq!(faults(at, allergy(json!({"system": "urn:x", "code": "active"}))), 1, "of another system");
}

#[test]
fn units_may_be_asked_for_by_what_they_measure() {
    let ucum = |unit: &str| code("http://unitsofmeasure.org", unit);
    let is = |name: &str, unit: &str| r4().member_of(&fhir(name), &[ucum(unit)]).unwrap();
    assert_eq!((is("all-distance-units", "cm"), is("all-distance-units", "kg")), (Some(true), Some(false)));
    assert_eq!((is("all-time-units", "min"), is("all-time-units", "m")), (Some(true), Some(false)));
    assert_eq!(is("ucum-units", "10*9/L"), Some(true));
    assert_eq!(r4().member_of(&fhir("all-languages"), &[code("urn:ietf:bcp:47", "zh-Hans")]), Ok(Some(true)));
    assert_eq!(r4().member_of(&fhir("mimetypes"), &[code("urn:ietf:bcp:13", "a photo")]), Ok(Some(false)));
}

#[test]
fn the_units_that_are_common_are_read() {
    let common = r4().codes_in(&fhir("ucum-common")).unwrap();
    let refused: Vec<&str> = common
        .iter()
        .map(|(_, unit)| unit.as_str())
        .filter(|unit| crate::ucum::check(unit).is_err())
        .collect();
    assert_eq!(refused, [""; 0]);
    let without_base = common.iter().filter(|(_, unit)| crate::ucum::canonical(1.0, unit).is_none());
    assert_eq!(without_base.map(|(_, unit)| unit.as_str()).collect::<Vec<_>>(), [""; 0]);
}

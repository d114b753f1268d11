//! Questions about the code systems and value sets of R4, and about some of a clinic's own.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::table::embedded;
use super::{Coding, Expand, Given, Lenience, Lookup, Refusal, Subsumption, Terminology};

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
                assert!(matches!(refusal, Refusal::Filter(_) | Refusal::UnknownSet(_)), "{refusal}")
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

/// Cities of a clinic's own, below their provinces.
fn cities() -> Value {
    json!({
        "resourceType": "CodeSystem", "url": "urn:cities", "version": "2", "content": "complete",
        "concept": [
            {"code": "SC", "display": "Sichuan", "concept": [
                {"code": "CD", "display": "Chengdu", "property": [{"code": "size", "valueCode": "large"}],
                 "designation": [{"language": "zh", "value": "成都"}]},
                {"code": "MY", "display": "Mianyang", "property": [{"code": "size", "valueCode": "small"}]},
                {"code": "CK", "display": "Chongqing", "property": [{"code": "status", "valueCode": "retired"}]},
            ]},
            {"code": "YN", "display": "Yunnan", "property": [{"code": "notSelectable", "valueBoolean": true}]},
            {"code": "KM", "display": "Kunming", "property": [{"code": "parent", "valueCode": "YN"}]},
        ],
    })
}

fn set_of(include: &Value, exclude: &Value) -> Value {
    json!({"resourceType": "ValueSet", "url": "urn:set", "compose": {"include": include, "exclude": exclude}})
}

#[test]
fn filters_take_what_meets_them() {
    let filtered = |filters: Value| {
        let set = set_of(&json!([{"system": "urn:cities", "filter": filters}]), &json!([]));
        let clinic = with(&[cities(), set]);
        let listed = clinic.codes_in("urn:set")?;
        // What is listed is a member, and what is not is none.
        for city in ["SC", "CD", "MY", "CK", "YN", "KM"] {
            let is = listed.iter().any(|(_, listed)| listed == city);
            assert_eq!(clinic.member_of("urn:set", &[code("urn:cities", city)]), Ok(Some(is)), "{city}");
        }
        Ok::<_, Refusal>(listed.into_iter().map(|(_, code)| code).collect::<Vec<_>>().join(" "))
    };
    let one = |property: &str, op: &str, value: &str| {
        filtered(json!([{"property": property, "op": op, "value": value}]))
    };
    assert_eq!(one("concept", "is-a", "SC").unwrap(), "SC CD MY CK");
    assert_eq!(one("concept", "descendent-of", "YN").unwrap(), "KM");
    assert_eq!(one("concept", "is-not-a", "SC").unwrap(), "YN KM");
    assert_eq!(one("concept", "generalizes", "CD").unwrap(), "SC CD");
    assert_eq!(one("concept", "in", "CD, KM").unwrap(), "CD KM");
    assert_eq!(one("size", "=", "large").unwrap(), "CD");
    assert_eq!(one("size", "exists", "true").unwrap(), "CD MY");
    assert_eq!(one("size", "exists", "false").unwrap(), "SC CK YN KM");
    assert_eq!(one("size", "not-in", "large").unwrap(), "SC MY CK YN KM");
    assert_eq!(one("code", "regex", "C.").unwrap(), "CD CK");
    assert_eq!(one("display", "regex", "ng").unwrap(), "", "the whole of a text must match");
    assert_eq!(one("parent", "=", "YN").unwrap(), "KM");
    assert_eq!(one("inactive", "=", "true").unwrap(), "CK");
    assert!(matches!(one("colour", "=", "red"), Err(Refusal::Filter(_))));
    assert!(matches!(one("code", "regex", "("), Err(Refusal::Filter(_))));
    assert!(
        matches!(one("code", "regex", "(x{1000}){1000}"), Err(Refusal::Filter(_))),
        "it would take much memory"
    );
    let both = json!([
        {"property": "concept", "op": "is-a", "value": "SC"}, {"property": "size", "op": "=", "value": "small"},
    ]);
    assert_eq!(filtered(both).unwrap(), "MY");
}

#[test]
fn sets_are_made_of_sets() {
    let large = json!({"resourceType": "ValueSet", "url": "urn:large", "compose": {"include": [
        {"system": "urn:cities", "concept": [{"code": "CD", "display": "City of Chengdu"}, {"code": "CK"}]},
    ]}});
    let clinic =
        |include: Value, exclude: Value| with(&[cities(), large.clone(), set_of(&include, &exclude)]);
    let of = |clinic: &Terminology| {
        clinic.codes_in("urn:set").map(|codes| codes.into_iter().map(|(_, code)| code).collect::<Vec<_>>())
    };
    let all = json!({"system": "urn:cities"});
    assert_eq!(of(&clinic(json!([{"valueSet": ["urn:large"]}]), json!([]))).unwrap(), ["CD", "CK"]);
    assert_eq!(
        of(&clinic(json!([all]), json!([{"valueSet": ["urn:large"]}]))).unwrap(),
        ["SC", "MY", "YN", "KM"]
    );
    let both = json!([{"system": "urn:cities", "filter": [{"property": "size", "op": "exists", "value": "true"}],
                       "valueSet": ["urn:large"]}]);
    assert_eq!(of(&clinic(both, json!([]))).unwrap(), ["CD"], "all conditions of an include must hold");
    let circle = clinic(json!([{"valueSet": ["urn:set"]}]), json!([]));
    assert!(matches!(of(&circle), Err(Refusal::Nesting(_))));
    assert!(matches!(circle.member_of("urn:set", &[code("urn:cities", "CD")]), Err(Refusal::Nesting(_))));
    let absent = clinic(json!([{"valueSet": ["urn:absent"]}]), json!([]));
    assert_eq!(of(&absent), Err(Refusal::UnknownSet("urn:absent".into())));
    assert_eq!(absent.member_of("urn:set", &[code("urn:cities", "CD")]), Ok(None));
    let named =
        expanded(&clinic(json!([{"valueSet": ["urn:large"]}]), json!([])), "urn:set", &Expand::default());
    assert_eq!(named["expansion"]["contains"][0]["display"], "City of Chengdu");
    assert_eq!(named["expansion"]["contains"][1]["inactive"], true);
    let active = Expand { active_only: true, selectable_only: true, ..Expand::default() };
    let active = expanded(&clinic(json!([all]), json!([])), "urn:set", &active);
    assert_eq!(codes(&active), ["SC", "CD", "MY", "KM"]);
}

#[test]
fn sets_that_take_from_each_other_again_and_again_end() {
    let of = |level: usize| {
        let next = json!({"valueSet": [format!("urn:{}", level + 1)]});
        let include: Vec<Value> = std::iter::repeat_n(next, 40).collect();
        json!({"resourceType": "ValueSet", "url": format!("urn:{level}"), "compose": {"include": include}})
    };
    let mut resources: Vec<Value> = (0..12).map(of).collect();
    resources.push(
        json!({"resourceType": "ValueSet", "url": "urn:12", "compose": {"include": [{"system": "urn:x"}]}}),
    );
    let deep = with(&resources);
    assert_eq!(deep.codes_in("urn:0"), Err(Refusal::UnknownSystem("urn:x".into())));
    let asked = deep.member_of("urn:0", &[code("urn:x", "a")]);
    assert_eq!(asked, Err(Refusal::TooCostly { limit: 10_000 }));
}

#[test]
fn long_lists_exclude_each_other_in_time() {
    let codes = |from: usize| {
        (from..from + 20_000).map(|number| json!({"code": number.to_string()})).collect::<Vec<_>>()
    };
    let set = json!({"resourceType": "ValueSet", "url": "urn:set", "compose": {
        "include": [{"system": "urn:x", "concept": codes(0)}], "exclude": [{"system": "urn:x", "concept": codes(5)}]}});
    let clinic = with(&[set]);
    assert_eq!(clinic.codes_in("urn:set").unwrap().len(), 5);
}

#[test]
fn what_is_stored_wins_over_what_is_embedded() {
    let own = json!({"resourceType": "ValueSet", "url": fhir("administrative-gender"), "version": "9",
        "compose": {"include": [{"system": GENDER, "concept": [{"code": "other"}]}]}});
    let clinic = with(std::slice::from_ref(&own));
    let first = |url: &str| clinic.codes_in(url).unwrap().len();
    assert_eq!(first(&fhir("administrative-gender")), 1);
    assert_eq!(first(&format!("{}|9", fhir("administrative-gender"))), 1);
    assert_eq!(first(&format!("{}|4.0.1", fhir("administrative-gender"))), 4, "another version is asked for");
    assert_eq!(clinic.references(&fhir("administrative-gender")), [GENDER]);
    let inline = r4().expand_resource(&own, &Expand::default(), NOW).unwrap();
    assert_eq!(codes(&inline), ["other"]);
    assert_eq!(Given::read(&own).unwrap().references(), [GENDER]);
    for no in [json!({}), json!({"resourceType": "Patient"}), json!({"resourceType": "CodeSystem"})] {
        assert!(Given::read(&no).is_none(), "{no}");
    }
}

#[test]
fn a_set_without_a_definition_is_its_expansion() {
    let set = json!({"resourceType": "ValueSet", "url": "urn:set", "expansion": {"contains": [
        {"system": "urn:a", "code": "group", "abstract": true, "contains": [{"system": "urn:a", "code": "1"}]},
        {"system": "urn:b", "code": "2", "display": "Two"},
    ]}});
    let clinic = with(&[set]);
    assert_eq!(codes(&expanded(&clinic, "urn:set", &Expand::default())), ["1", "2"]);
    assert_eq!(clinic.member_of("urn:set", &[code("urn:b", "2")]), Ok(Some(true)));
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

proptest! {
    #[test]
    fn any_filter_and_any_words_are_answered(
        property in "(concept|code|size|parent|[a-z]{1,5})",
        op in "(=|is-a|descendent-of|is-not-a|generalizes|regex|in|not-in|exists|[a-z]{1,3})",
        value in "\\PC{0,12}",
        words in "\\PC{0,20}",
    ) {
        let filter = json!([{"property": property, "op": op, "value": value}]);
        let clinic = with(&[cities(), set_of(&json!([{"system": "urn:cities", "filter": filter}]), &json!([]))]);
        let asked = Expand { filter: Some(words), ..Expand::default() };
        if let Ok(expanded) = clinic.expand("urn:set", &asked, NOW) {
            // What is listed is a member.
            for listed in codes(&expanded) {
                prop_assert_eq!(clinic.member_of("urn:set", &[code("urn:cities", listed)]), Ok(Some(true)));
            }
        }
    }
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

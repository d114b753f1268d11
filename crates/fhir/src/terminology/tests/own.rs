//! Value sets and code systems that a clinic stores.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{GENDER, NOW, code, codes, expanded, fhir, r4, with};
use crate::terminology::{Expand, Given, Refusal, Terminology};

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

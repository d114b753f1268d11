//! Who may ask about codes, and what of the tenant's own is known.

use bianque_model::{Actor, Context};
use serde_json::{Value, json};

use super::{expand, lookup, subsumes, validate_code};
use crate::records::Asked;
use crate::testing::Clinic;
use crate::{Error, ErrorKind};

const GENDER: &str = "http://hl7.org/fhir/ValueSet/administrative-gender";
const WARDS: &str = "https://clinic.example/wards";

fn asked(pairs: &[(&str, &str)]) -> Asked {
    let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Asked::read(pairs.collect(), None).unwrap()
}

fn posted(parameters: &Value) -> Result<Asked, Error> {
    let body = json!({"resourceType": "Parameters", "parameter": parameters});
    Asked::read(Vec::new(), Some(body.to_string().as_bytes()))
}

fn answer(result: Result<Vec<u8>, Error>) -> Value {
    let answer = serde_json::from_slice(&result.unwrap()).unwrap();
    assert_eq!(bianque_fhir::validate(&answer), []);
    answer
}

fn codes(expanded: &Value) -> Vec<&str> {
    let contains = expanded["expansion"]["contains"].as_array().map_or(&[][..], Vec::as_slice);
    contains.iter().map(|entry| entry["code"].as_str().unwrap()).collect()
}

fn value<'a>(parameters: &'a Value, name: &str) -> &'a Value {
    let found =
        parameters["parameter"].as_array().unwrap().iter().find(|parameter| parameter["name"] == name);
    let (_, value) =
        found.unwrap().as_object().unwrap().iter().find(|(name, _)| name.starts_with("value")).unwrap();
    value
}

fn kind(result: Result<impl Sized, Error>) -> (ErrorKind, Value) {
    match result {
        Ok(_) => panic!("it was allowed"),
        Err(error) => (error.kind, super::super::outcome::of(&error)["issue"][0]["code"].clone()),
    }
}

/// A clinic with wards of its own, and somebody who asks about them.
async fn clinic() -> (Clinic, Context) {
    let clinic = Clinic::open();
    let home = clinic.organization("Riverside").await;
    let doctor = clinic.clinician("li.na", &home).await;
    clinic.create(wards(&["north", "south"])).await;
    let children =
        json!([{"system": WARDS, "filter": [{"property": "concept", "op": "is-a", "value": "north"}]}]);
    clinic.create(set("of-north", &children)).await;
    clinic.create(set("of-both", &json!([{"valueSet": [format!("{WARDS}/of-north")]}]))).await;
    (clinic, doctor.context)
}

fn wards(names: &[&str]) -> Value {
    let concepts: Vec<Value> = names
        .iter()
        .map(|name| json!({"code": name, "display": format!("{name} wing"), "concept": [{"code": format!("{name}-1")}]}))
        .collect();
    json!({"resourceType": "CodeSystem", "url": WARDS, "status": "active", "content": "complete", "concept": concepts})
}

fn set(name: &str, include: &Value) -> Value {
    json!({"resourceType": "ValueSet", "url": format!("{WARDS}/{name}"), "status": "active", "compose": {"include": include}})
}

#[tokio::test]
async fn value_sets_of_r4_and_of_the_clinic_are_expanded() {
    let (clinic, doctor) = clinic().await;
    let of = |url: &str| asked(&[("url", url)]);
    let gender = answer(expand::expand(&clinic.app, &doctor, None, &of(GENDER)).await);
    assert_eq!(codes(&gender), ["male", "female", "other", "unknown"]);
    assert_eq!(gender["expansion"]["timestamp"], "2026-01-05T08:00:00.000Z");
    let own = answer(expand::expand(&clinic.app, &doctor, None, &of(&format!("{WARDS}/of-both"))).await);
    assert_eq!(codes(&own), ["north", "north-1"], "a set of a set, over a code system, all stored");
    let words =
        asked(&[("url", GENDER), ("filter", "ale"), ("count", "1"), ("offset", "1"), ("_format", "json")]);
    assert_eq!(codes(&answer(expand::expand(&clinic.app, &doctor, None, &words).await)), ["female"]);
}

#[tokio::test]
async fn a_value_set_is_expanded_by_its_id_and_in_place() {
    let (clinic, doctor) = clinic().await;
    let id = clinic.create(set("all", &json!([{"system": WARDS}]))).await;
    let all = answer(expand::expand(&clinic.app, &doctor, Some(&id), &Asked::default()).await);
    assert_eq!(codes(&all), ["north", "north-1", "south", "south-1"]);
    let inline = set("none", &json!([{"system": WARDS, "concept": [{"code": "south"}]}]));
    let inline = posted(
        &json!([{"name": "valueSet", "resource": inline}, {"name": "activeOnly", "valueBoolean": true}]),
    );
    let inline = answer(expand::expand(&clinic.app, &doctor, None, &inline.unwrap()).await);
    assert_eq!(codes(&inline), ["south"]);
    assert_eq!(inline["expansion"]["contains"][0]["display"], "south wing");
    let gone = clinic.organization("nobody").await;
    let missing = expand::expand(&clinic.app, &doctor, Some(&gone), &Asked::default()).await;
    assert_eq!(kind(missing).0, ErrorKind::NotFound);
}

#[tokio::test]
async fn what_is_stored_last_is_what_is_known() {
    let (clinic, doctor) = clinic().await;
    let all = clinic.create(set("all", &json!([{"system": WARDS}]))).await;
    let count = async || {
        let all = expand::expand(&clinic.app, &doctor, Some(&all), &Asked::default()).await;
        codes(&answer(all)).len()
    };
    assert_eq!((count().await, count().await), (4, 4));
    clinic.clock.pass(60);
    clinic.create(wards(&["east"])).await;
    assert_eq!(count().await, 2);
    let elsewhere = clinic.beside("hillside.example").await;
    let other = elsewhere.organization("Hillside").await;
    let stranger = elsewhere.clinician("wang", &other).await;
    let url = asked(&[("url", &format!("{WARDS}/of-north"))]);
    let unknown = expand::expand(&elsewhere.app, &stranger.context, None, &url).await;
    assert_eq!(kind(unknown), (ErrorKind::NotFound, json!("not-found")), "a clinic's own is its own");
}

#[tokio::test]
async fn codes_are_told_from_what_is_none() {
    let (clinic, doctor) = clinic().await;
    let told = async |pairs: &[(&str, &str)]| {
        answer(validate_code::in_value_set(&clinic.app, &doctor, None, &asked(pairs)).await)
    };
    let of_north = format!("{WARDS}/of-north");
    let good = told(&[("url", &of_north), ("system", WARDS), ("code", "north")]).await;
    assert_eq!((value(&good, "result"), value(&good, "display")), (&json!(true), &json!("north wing")));
    let bad = told(&[("url", &of_north), ("system", WARDS), ("code", "south")]).await;
    assert_eq!(value(&bad, "result"), &json!(false));
    let called =
        told(&[("url", &of_north), ("system", WARDS), ("code", "north"), ("display", "South")]).await;
    assert_eq!(
        value(&called, "message"),
        &json!(format!("\"north\" of {WARDS} is called \"north wing\", not \"South\""))
    );
    let concept = json!({"coding": [{"system": "urn:x", "code": "a"}, {"system": WARDS, "code": "north-1"}]});
    let concept = posted(
        &json!([{"name": "url", "valueUri": of_north}, {"name": "codeableConcept", "valueCodeableConcept": concept}]),
    );
    let one = answer(validate_code::in_value_set(&clinic.app, &doctor, None, &concept.unwrap()).await);
    assert_eq!(value(&one, "result"), &json!(true));
}

#[tokio::test]
async fn codes_of_a_system_are_looked_up_and_compared() {
    let (clinic, doctor) = clinic().await;
    let told = async |pairs: &[(&str, &str)]| {
        answer(validate_code::in_code_system(&clinic.app, &doctor, &asked(pairs)).await)
    };
    assert_eq!(value(&told(&[("url", WARDS), ("code", "south-1")]).await, "result"), &json!(true));
    let unknown = told(&[("url", WARDS), ("code", "west")]).await;
    assert_eq!(value(&unknown, "message"), &json!(format!("the code system {WARDS} has no code \"west\"")));
    let unit = told(&[("url", "http://unitsofmeasure.org"), ("code", "mm[Hg]")]).await;
    assert_eq!(value(&unit, "result"), &json!(true));

    let looked = asked(&[("system", WARDS), ("code", "north-1"), ("property", "parent")]);
    let looked = answer(lookup::lookup(&clinic.app, &doctor, &looked).await);
    assert_eq!(value(&looked, "display"), &json!("north-1"));
    assert_eq!(looked["parameter"][2]["part"][1]["valueCode"], "north");
    let nothing = lookup::lookup(&clinic.app, &doctor, &asked(&[("system", WARDS), ("code", "west")])).await;
    assert_eq!(kind(nothing), (ErrorKind::NotFound, json!("not-found")));

    let pair = asked(&[("system", WARDS), ("codeA", "north"), ("codeB", "north-1")]);
    let outcome = answer(subsumes::subsumes(&clinic.app, &doctor, &pair).await);
    assert_eq!(value(&outcome, "outcome"), &json!("subsumes"));
    let apart = json!([{"name": "codingA", "valueCoding": {"system": WARDS, "code": "north"}},
                       {"name": "codingB", "valueCoding": {"system": "urn:x", "code": "north"}}]);
    let apart = subsumes::subsumes(&clinic.app, &doctor, &posted(&apart).unwrap()).await;
    assert_eq!(kind(apart), (ErrorKind::Malformed, json!("invalid")));
}

#[tokio::test]
async fn a_question_that_cannot_be_answered_says_why() {
    let (clinic, doctor) = clinic().await;
    let refused =
        async |pairs: &[(&str, &str)]| kind(expand::expand(&clinic.app, &doctor, None, &asked(pairs)).await);
    let fhir = |name: &str| format!("http://hl7.org/fhir/ValueSet/{name}");
    assert_eq!(refused(&[]).await, (ErrorKind::Malformed, json!("required")));
    assert_eq!(
        refused(&[("url", GENDER), ("date", "2020")]).await,
        (ErrorKind::Malformed, json!("not-supported"))
    );
    assert_eq!(refused(&[("url", GENDER), ("count", "-1")]).await, (ErrorKind::Malformed, json!("invalid")));
    assert_eq!(
        refused(&[("url", GENDER), ("activeOnly", "yes")]).await,
        (ErrorKind::Malformed, json!("invalid"))
    );
    assert_eq!(refused(&[("url", &fhir("ucum-units"))]).await, (ErrorKind::Refused, json!("too-costly")));
    assert_eq!(refused(&[("url", &fhir("nothing"))]).await, (ErrorKind::NotFound, json!("not-found")));
    let patient = posted(&json!([{"name": "valueSet", "resource": {"resourceType": "Patient"}}])).unwrap();
    let wrong = expand::expand(&clinic.app, &doctor, None, &patient).await;
    assert_eq!(kind(wrong), (ErrorKind::Malformed, json!("invalid")));
    assert_eq!(kind(posted(&json!([{"valueUri": "no name"}]))).0, ErrorKind::Refused);
    assert_eq!(kind(Asked::read(Vec::new(), Some(b"{}"))).0, ErrorKind::Malformed);
    assert_eq!(kind(Asked::read(Vec::new(), Some(b"url=x"))).0, ErrorKind::Malformed);
}

#[tokio::test]
async fn whoever_may_read_value_sets_may_ask() {
    let (clinic, doctor) = clinic().await;
    let program = |scopes: &[&str]| {
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        clinic.context(Actor::System { token: "t1".parse().unwrap(), scopes })
    };
    let gender = asked(&[("url", GENDER)]);
    let may = async |context: &Context| expand::expand(&clinic.app, context, None, &gender).await.map(drop);
    assert!(may(&doctor).await.is_ok());
    assert!(may(&program(&["system/ValueSet.r"])).await.is_ok());
    assert_eq!(kind(may(&program(&["system/Patient.cruds"])).await).0, ErrorKind::Forbidden);
    assert_eq!(kind(may(&clinic.nobody()).await).0, ErrorKind::SignIn);
}

#[tokio::test]
async fn a_large_code_system_is_asked_page_by_page() {
    let (clinic, doctor) = clinic().await;
    let concepts: Vec<Value> = (0..12_000)
        .map(|number| json!({"code": format!("c{number}"), "display": format!("Ward {number}")}))
        .collect();
    let large = json!({"resourceType": "CodeSystem", "url": "urn:large", "status": "active",
        "content": "complete", "concept": concepts});
    assert!(large.to_string().len() > 300_000);
    clinic.create(large).await;
    let id = clinic.create(set("large", &json!([{"system": "urn:large"}]))).await;
    for _ in 0..2 {
        let all = expand::expand(&clinic.app, &doctor, Some(&id), &Asked::default()).await;
        assert_eq!(kind(all), (ErrorKind::Refused, json!("too-costly")));
        let page = asked(&[("filter", "ward 1199"), ("count", "3")]);
        let page = answer(expand::expand(&clinic.app, &doctor, Some(&id), &page).await);
        assert_eq!(codes(&page), ["c1199", "c11199", "c11990"]);
    }
}

//! What pairs of a URL become, and what is refused.

use super::*;
use crate::custom::CustomParams;
use bianque_query::{Bound, DateRange, Direction, Interval, OrderKey, Reference, Test};
use proptest::prelude::*;

fn options() -> SearchOptions<'static> {
    let terminology = Terminology::embedded();
    SearchOptions {
        base: "https://b.example/fhir",
        lenient: false,
        now: Timestamp(0),
        terminology,
        custom: CustomParams::none(),
    }
}

fn read(resource_type: &str, query: &str) -> Result<Search, Vec<Issue>> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let pairs: Vec<_> = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    search(resource_type, &pairs, options())
}

fn one(resource_type: &str, query: &str) -> Predicate {
    match read(resource_type, query).unwrap().filter {
        Predicate::And(mut all) if all.len() == 1 => match all.remove(0) {
            Predicate::Or(mut any) if any.len() == 1 => any.remove(0),
            other => other,
        },
        other => other,
    }
}

fn refused(resource_type: &str, query: &str) -> String {
    let issues = read(resource_type, query).unwrap_err();
    issues.iter().map(|issue| issue.message.clone()).collect::<Vec<_>>().join("; ")
}

fn param(param: &str, test: Test) -> Predicate {
    Predicate::Param { param: param.into(), test }
}

fn token(system: Option<&str>, code: Option<&str>) -> Test {
    Test::Token { system: system.map(Into::into), code: code.map(Into::into) }
}

/// An element is there with a value to be found by, or without one.
fn missing(code: &str, missing: bool) -> Vec<Predicate> {
    [code.to_owned(), format!("{code}:present")].map(|param| Predicate::Missing { param, missing }).into()
}

#[test]
fn tokens() {
    assert_eq!(one("Patient", "identifier=x|1"), param("identifier", token(Some("x"), Some("1"))));
    assert_eq!(one("Patient", "identifier=|1"), param("identifier", token(Some(""), Some("1"))));
    assert_eq!(one("Patient", "identifier=x|"), param("identifier", token(Some("x"), None)));
    assert_eq!(one("Patient", r"identifier=a\|b\,c"), param("identifier", token(None, Some("a|b,c"))));
    let any = Predicate::Or(["male", "female"].map(|code| param("gender", token(None, Some(code)))).to_vec());
    assert_eq!(one("Patient", "gender=male,female"), any.clone());
    assert_eq!(one("Patient", "gender:not=male,female"), Predicate::Not(Box::new(any)));
    assert_eq!(one("Observation", "code:text=Blood"), param("code:text", Test::StartsWith("blood".into())));
    assert_eq!(one("Patient", "gender:missing=true"), Predicate::And(missing("gender", true)));
}

#[test]
fn strings_are_folded() {
    assert_eq!(one("Patient", "name=  José"), param("name", Test::StartsWith("jose".into())));
    assert_eq!(one("Patient", "family:exact=José"), param("family", Test::Exact("José".into())));
    assert_eq!(one("Patient", "family:contains=SE"), param("family", Test::Contains("se".into())));
    for modifier in ["", ":exact", ":contains"] {
        assert!(read("Patient", &format!("family{modifier}={}", "é".repeat(256))).is_ok());
        let why = refused("Patient", &format!("family{modifier}={}", "é".repeat(257)));
        assert!(why.contains("first 256 characters"), "{why}");
    }
}

#[test]
fn references() {
    let to = |name: &str| Test::Refers(Reference { resource_type: name.into(), id: "p1".parse().unwrap() });
    for value in [
        "patient=p1",
        "patient=Patient/p1",
        "patient=https://b.example/fhir/Patient/p1",
        "patient:Patient=p1",
    ] {
        assert_eq!(one("Encounter", value), param("patient", to("Patient")), "{value}");
    }
    assert_eq!(one("Encounter", "subject=p1"), param("subject", Test::RefersToId("p1".parse().unwrap())));
    assert_eq!(one("Encounter", "subject:Group=p1"), param("subject", to("Group")));
    let elsewhere = "https://other.example/fhir/Patient/p1";
    assert_eq!(
        one("Encounter", &format!("subject={elsewhere}")),
        param("subject", Test::Uri(elsewhere.into()))
    );
    assert_eq!(one("Encounter", "subject:identifier=s|v"), param("subject", token(Some("s"), Some("v"))));
    assert!(refused("Encounter", "subject=a b").contains("expected Type/id"));
}

#[test]
fn dates_with_prefixes() {
    let day = DateRange { low: Timestamp(0), high: Timestamp(86_400_000_000) };
    for (value, test) in [
        ("1970-01-01", Test::DateWithin(day)),
        ("eq1970-01-01", Test::DateWithin(day)),
        ("ne1970-01-01", Test::DateNotWithin(day)),
        ("gt1970-01-01", Test::DateAfter(day.high)),
        ("ge1970-01-01", Test::DateAfter(day.low)),
        ("lt1970-01-01", Test::DateBefore(day.low)),
        ("le1970-01-01", Test::DateBefore(day.high)),
        ("sa1970-01-01", Test::DateStartsAtOrAfter(day.high)),
        ("eb1970-01-01", Test::DateEndsBefore(day.low)),
    ] {
        assert_eq!(one("Encounter", &format!("date={value}")), param("date", test), "{value}");
    }
    assert_eq!(
        one("Patient", "_lastUpdated=gt1970-01-01"),
        Predicate::LastUpdated(Test::DateAfter(day.high))
    );
    for bad in ["xx1970", "1970-02-30", "gt", "yesterday", "1970-01-01T"] {
        assert!(refused("Encounter", &format!("date={bad}")).starts_with("date: "), "{bad}");
    }
}

fn quantity(low: f64, high: f64, system: Option<&str>, unit: Option<&str>) -> Test {
    let interval = Interval {
        low: Some(Bound { value: low, included: true }),
        high: Some(Bound { value: high, included: false }),
    };
    let (system, unit) = (system.map(Into::into), unit.map(Into::into));
    Test::Quantity { interval, outside: false, system, unit }
}

#[test]
fn numbers_and_quantities() {
    assert_eq!(
        one("Observation", "value-quantity=5.4"),
        param("value-quantity", quantity(5.35, 5.45, None, None))
    );
    assert_eq!(
        one("Observation", "value-quantity=5||{drops}"),
        param("value-quantity", quantity(4.5, 5.5, None, Some("{drops}")))
    );
    assert_eq!(
        one("Observation", "value-quantity=5|urn:x|drop"),
        param("value-quantity", quantity(4.5, 5.5, Some("urn:x"), Some("drop")))
    );
    assert_eq!(
        one("Observation", "value-quantity=5.0|http://unitsofmeasure.org|kg"),
        param("value-quantity:ucum", quantity(4950.0, 5050.0, None, Some("g")))
    );
    // As many digits as a converted value has: what rounds to the same number is meant.
    for query in
        ["0.433333333333|http://unitsofmeasure.org|s-1", "4120000000000000|http://unitsofmeasure.org|m-3"]
    {
        let Predicate::Param { test: Test::Quantity { interval, .. }, .. } =
            one("Observation", &format!("value-quantity={query}"))
        else {
            panic!("expected a quantity");
        };
        assert!(interval.contains(query.split('|').next().unwrap().parse().unwrap()), "{query}");
    }
    let Predicate::Param { test: Test::NumberOutside(interval), .. } =
        one("ChargeItem", "factor-override=ne2")
    else {
        panic!("expected a number");
    };
    assert!(interval.contains(1.5) && !interval.contains(2.5));
}

#[test]
fn codes_of_a_set_and_of_a_branch() {
    let any = |system: &str, codes: &[&str]| {
        let codes = codes.iter().map(|code| (*code).to_owned()).collect();
        param("gender", Test::TokenAny { system: system.into(), codes })
    };
    let genders = any("http://hl7.org/fhir/administrative-gender", &["male", "female", "other", "unknown"]);
    let set = "http://hl7.org/fhir/ValueSet/administrative-gender";
    assert_eq!(one("Patient", &format!("gender:in={set}")), genders);
    assert_eq!(
        one("Patient", &format!("gender:not-in={set}")),
        Predicate::Not(Box::new(Predicate::Or(vec![genders])))
    );
    let acts = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
    let Predicate::Param { test: Test::TokenAny { codes, .. }, .. } =
        one("Encounter", &format!("class:below={acts}|_ActEncounterCode"))
    else {
        panic!("expected codes");
    };
    assert!(codes.contains(&"VR".into()) && codes.contains(&"_ActEncounterCode".into()), "{codes:?}");
    let Predicate::Param { test: Test::TokenAny { codes, .. }, .. } =
        one("Encounter", &format!("class:above={acts}|VR"))
    else {
        panic!("expected codes");
    };
    assert!(codes.contains(&"_ActEncounterCode".into()) && codes.contains(&"VR".into()), "{codes:?}");
    let asked = |name: &str, value: &str| asked_sets(&[(name.to_owned(), value.to_owned())]);
    assert_eq!(asked("subject:Patient.gender:in", set), [set]);
    assert_eq!(asked("class:below", &format!("{acts}|VR")), [acts]);
    assert!(asked("gender", "male").is_empty());
}

#[test]
fn links_to_other_resources() {
    let chain = |code: &str, target: &str, filter| Predicate::Chain {
        param: code.into(),
        target_type: target.into(),
        filter: Box::new(filter),
    };
    let any = |predicate| Predicate::Or(vec![predicate]);
    let east = || any(param("name", Test::StartsWith("east".into())));
    assert_eq!(one("Patient", "organization.name=East"), chain("organization", "Organization", east()));
    assert_eq!(
        one("Encounter", "subject:Patient.organization.name=East"),
        chain("subject", "Patient", chain("organization", "Organization", east()))
    );
    // A group has no birth date, so only patients count.
    let born = Predicate::And(missing("birthdate", true));
    assert_eq!(one("Encounter", "subject.birthdate:missing=true"), chain("subject", "Patient", born));
    let has = |kind: &str, code: &str, filter| Predicate::ReferredBy {
        resource_type: kind.into(),
        param: code.into(),
        filter: Box::new(filter),
    };
    let planned = any(param("status", token(None, Some("planned"))));
    assert_eq!(one("Patient", "_has:Encounter:subject:status=planned"), has("Encounter", "subject", planned));
    let ids = |id: &str| Predicate::Ids(vec![id.parse().unwrap()]);
    assert_eq!(
        one("Patient", "_has:Encounter:subject:_has:Observation:encounter:_id=o"),
        has("Encounter", "subject", has("Observation", "encounter", ids("o")))
    );
    // An encounter's reason is never a sequence or an answer, so that of the members only observations count.
    let reason = has("Encounter", "reason-reference", ids("e"));
    assert_eq!(
        one("Observation", "has-member._has:Encounter:reason-reference:_id=e"),
        chain("has-member", "Observation", reason)
    );
    assert_eq!(one("Patient", "_list=l1"), has("List", "item", ids("l1")));
    assert_eq!(one("Patient", "_id:not=a"), Predicate::Not(Box::new(ids("a"))));
}

#[test]
fn composites() {
    let code = || param("code", token(Some("l"), Some("bp")));
    let five = || quantity(4.5, 5.5, None, None);
    let alone = Predicate::And(vec![code(), param("value-quantity", five())]);
    assert_eq!(one("Observation", "code-value-quantity=l|bp$5"), Predicate::Or(vec![alone.clone()]));
    let together = Predicate::Together {
        param: "combo-code-value-quantity".into(),
        tests: vec![(0, token(Some("l"), Some("bp"))), (1, five())],
    };
    assert_eq!(
        one("Observation", "component-code-value-quantity=l|bp$5"),
        Predicate::Or(vec![together.clone()])
    );
    assert_eq!(one("Observation", "combo-code-value-quantity=l|bp$5"), Predicate::Or(vec![alone, together]));
}

#[test]
fn what_comes_with_the_matches() {
    let search = read(
        "Encounter",
        "_include=Encounter:subject:Patient&_include:iterate=Patient:organization&_revinclude=Observation:encounter&_include=Encounter:*",
    )
    .unwrap();
    let [subject, organization, observations, all] = search.includes.as_slice() else { panic!("four") };
    assert_eq!((subject.target.as_deref(), subject.iterate), (Some("Patient"), false));
    assert_eq!((organization.source.as_str(), organization.iterate), ("Patient", true));
    assert_eq!(
        (observations.way, observations.params.as_slice()),
        (Way::Reverse, &["encounter".to_owned()][..])
    );
    let has = |code: &str| all.params.iter().any(|param| param == code);
    assert!(has("service-provider") && has("location"));
}

#[test]
fn the_answer_is_steered() {
    let search =
        read("Encounter", "_sort=-date,_id&_count=9999&_total=accurate&_cursor=c&status=finished").unwrap();
    assert_eq!(search.order.len(), 1);
    assert_eq!(search.order[0].key, OrderKey::Param("date".into()));
    assert_eq!(search.order[0].direction, Direction::Descending);
    assert_eq!((search.count, search.total), (500, Total::Accurate));
    assert!(search.understood.iter().all(|(name, _)| name != "_cursor"));
    assert_eq!(read("Patient", "").unwrap().total, Total::Estimate);
    assert_eq!(read("Patient", "_total=estimate").unwrap().total, Total::Estimate);
    assert_eq!(read("Patient", "_summary=count").unwrap().count, 0);
    let Predicate::Ids(ids) = one("Patient", "_id=a,b c,d") else { panic!("expected ids") };
    assert_eq!(ids.len(), 2);
}

#[test]
fn what_is_not_understood_is_refused_and_named() {
    for bad in [
        "colour=red",
        "_include=x",
        "near=1|2",
        "_sort=colour",
        "_count=many",
        "gender:above=x",
        "gender:in=http://nowhere",
        "gender:below=http://hl7.org/fhir/administrative-gender|x",
        "gender=",
        "gender=male,",
        "_elements=id",
        "_format=xml",
        "identifier:of-type=a|b",
        "gender:of-type=a||c",
        "_include=Encounter:subject",
        "_include=Patient:name",
        "_include=Patient:organization:Nobody",
        "_revinclude=Encounter:colour",
        "organization.colour=red",
        "organization:Patient.name=x",
        "name.family=x",
        "_has:Observation:patient=x",
        "_has:Observation:code:code=x",
        "_has:Nothing:patient:code=x",
        "_has:Encounter:location:status=x",
        "_list:not=a",
        "name:fuzzy=x",
        "_nothing=1",
        "_summary=text",
        "gender:missing=maybe",
        "phonetic=x",
    ] {
        let why = refused(if bad.starts_with("subject") { "Encounter" } else { "Patient" }, bad);
        assert!(!why.is_empty(), "{bad}");
    }
    for bad in [
        "value-quantity=5|kg",
        "value-quantity=x",
        "code-value-quantity=a",
        "code-value-quantity=a$",
        "code-value-quantity=a$x",
        "code-value-quantity:not=a$5",
        "code-value-quantity:missing=true",
    ] {
        assert!(!refused("Observation", bad).is_empty(), "{bad}");
    }
    let far = "subject:Patient.link:Patient.link:Patient.link:Patient.link:Patient.link:Patient.link:Patient.link:Patient.link:Patient.name=x";
    assert!(refused("Encounter", far).contains("at most 8 links"));
    assert!(refused("Provenance", "target.name=x").contains("say which"));
}

#[test]
fn a_value_in_another_encoding_is_refused() {
    assert!(refused("Patient", "name=\u{fffd}\u{fffd}").contains("not UTF-8"));
}

#[test]
fn links_to_many_types_do_not_multiply_without_end() {
    let codes = vec!["a"; 200].join(",");
    let chain = |links: usize| format!("{}code={codes}", "part-of.".repeat(links));
    assert!(read("Procedure", &chain(1)).is_ok());
    assert!(refused("Procedure", &chain(8)).contains("at most 4000 conditions"));
    let ids = format!("{}_id={codes}", "part-of.".repeat(8));
    assert!(refused("Procedure", &ids).contains("at most 4000 conditions"));
    let many = vec![format!("code={codes}"); 21].join("&");
    assert!(refused("Procedure", &many).contains("at most 4000 conditions"));
}

#[test]
fn a_lenient_search_says_what_it_left_out() {
    let pairs = [("colour".to_owned(), "red".to_owned()), ("gender".to_owned(), "male".to_owned())];
    let lenient = search("Patient", &pairs, SearchOptions { lenient: true, ..options() }).unwrap();
    assert_eq!(lenient.ignored.len(), 1);
    assert_eq!(lenient.understood, [("gender".to_owned(), "male".to_owned())]);
    let bad = [("birthdate".to_owned(), "soon".to_owned())];
    assert!(search("Patient", &bad, SearchOptions { lenient: true, ..options() }).is_err());
}

proptest! {
    #[test]
    fn any_pair_is_answered(
        name in "(name|date|birthdate|subject|identifier|_sort|_id|_lastUpdated|code|[a-z_]{0,6})(:[a-zA-Z]{0,8})?(\\.[a-z]{0,3})?",
        value in "(\\PC{0,20}|[a-z]{0,2}[0-9T:Z,|\\\\$-]{0,20})",
    ) {
        for resource_type in ["Patient", "Encounter", "Observation", "Nothing"] {
            let pairs = [(name.clone(), value.clone())];
            let _ = search(resource_type, &pairs, options());
            let _ = search(resource_type, &pairs, SearchOptions { lenient: true, ..options() });
        }
    }
}

#[test]
fn a_code_without_a_system_means_that_of_its_binding() {
    let test = |of: &str, query: &str| {
        let search = read(of, query).unwrap();
        let Predicate::And(all) = search.filter else { panic!("all") };
        let [Predicate::Or(any)] = all.as_slice() else { panic!("any") };
        let [Predicate::Param { test, .. }] = any.as_slice() else { panic!("one") };
        test.clone()
    };
    let codes = |codes: &[&str]| Test::TokenAny {
        system: String::new(),
        codes: codes.iter().map(|&code| code.to_owned()).collect(),
    };
    assert_eq!(test("Patient", "gender=http://hl7.org/fhir/administrative-gender|male"), codes(&["male"]));
    let all = codes(&["female", "male", "other", "unknown"]);
    assert_eq!(test("Patient", "gender=http://hl7.org/fhir/administrative-gender|"), all);
    assert_eq!(test("Task", "intent=http://hl7.org/fhir/request-intent|order"), codes(&["order"]));
    for (of, query) in [
        ("Patient", "gender=http://hl7.org/fhir/request-intent|male"),
        ("Patient", "gender=http://hl7.org/fhir/administrative-gender|tall"),
        ("Condition", "clinical-status=http://terminology.hl7.org/CodeSystem/condition-clinical|active"),
    ] {
        assert!(matches!(test(of, query), Test::Token { .. }), "{query}");
    }
}

use bianque_model::Timestamp;
use bianque_query::{DateRange, IndexValue, Predicate, Test};
use serde_json::{Value, json};

use super::*;
use crate::outcome::Issue;
use crate::search::{Search, SearchOptions, search};
use crate::terminology::Terminology;

fn parameter(code: &str, kind: &str, base: &[&str], expression: &str) -> Value {
    json!({
        "resourceType": "SearchParameter", "url": format!("https://clinic.example/{code}"), "name": "Own",
        "status": "active", "description": "ours", "code": code, "base": base, "type": kind,
        "expression": expression,
    })
}

fn own(resource: &Value) -> Definition {
    match define(resource).unwrap() {
        Defined::Own(definition) => definition,
        Defined::Nothing => panic!("nothing is defined"),
    }
}

fn refused(resource: &Value) -> String {
    let issues = define(resource).unwrap_err();
    issues.into_iter().map(|issue| issue.message).collect::<Vec<_>>().join("; ")
}

fn params(all: &[(Value, &[&str])]) -> CustomParams {
    let one = |(resource, ready): &(Value, &[&str])| {
        CustomParam::new(own(resource), ready.iter().map(|&name| name.to_owned()).collect()).unwrap()
    };
    CustomParams::new(all.iter().map(one).collect())
}

fn asked(custom: &CustomParams, of: &str, name: &str, value: &str) -> Result<Search, Vec<Issue>> {
    let terminology = Terminology::embedded();
    let options = SearchOptions { base: "http://b", lenient: false, now: Timestamp(0), terminology, custom };
    search(of, &[(name.to_owned(), value.to_owned())], options)
}

#[test]
fn what_selects_elements_of_its_type_is_taken() {
    for (kind, base, expression) in [
        ("string", "Patient", "Patient.contact.name.family"),
        ("token", "Patient", "Patient.extension('urn:vip').value.ofType(boolean)"),
        ("token", "Patient", "Patient.photo.exists() and Patient.active = true"),
        (
            "token",
            "Observation",
            "Observation.component.where(code.coding.exists(code = 'a')).value.as(CodeableConcept)",
        ),
        ("date", "Patient", "(Patient.extension.where(url = 'urn:seen').value as dateTime)"),
        ("number", "Patient", "Patient.multipleBirth.ofType(integer)"),
        ("quantity", "Observation", "Observation.referenceRange.low | Observation.referenceRange.high"),
        ("reference", "Observation", "Observation.performer.where(resolve() is Practitioner)"),
        ("uri", "Patient", "Patient.meta.source"),
        ("reference", "Encounter", "Encounter.participant.first().individual"),
    ] {
        let definition = own(&parameter("own", kind, &[base], expression));
        assert_eq!(
            (definition.kind.as_str(), definition.types.as_slice()),
            (kind, [base.to_owned()].as_slice())
        );
    }
    let both = own(&parameter("own", "token", &["Patient", "Group"], "Patient.active | Group.active"));
    assert_eq!(both.types, ["Group", "Patient"]);
    let all = own(&parameter("own", "token", &["Resource"], "Resource.language"));
    let most = own(&parameter(
        "own",
        "token",
        &["DomainResource"],
        "DomainResource.extension('urn:x').value.as(code)",
    ));
    assert!(most.types.len() > 100 && !most.types.iter().any(|name| name == "Binary"));
    assert!(all.types.len() > 100 && !all.types.iter().any(|name| name == "AuditEvent"));
}

#[test]
fn what_gives_something_else_or_depends_on_more_than_the_resource_is_refused() {
    for (kind, expression, says) in [
        ("string", "Patient.contact.name.nofamily", "no element nofamily"),
        ("string", "Patient.contact.(name", "expected"),
        ("date", "Patient.contact.name", "may give a HumanName"),
        ("token", "Patient.deceased", "may give a dateTime"),
        ("string", "Patient.active.exists()", "gives true or false"),
        ("string", "Practitioner.name", "gives nothing of Patient"),
        ("date", "today()", "today() is more"),
        ("string", "Patient.name.given.first() & 'x'", "calculation"),
        ("token", "Patient.maritalStatus.memberOf('urn:x')", "memberOf() is more"),
        ("string", "Patient.managingOrganization.resolve().name", "a member of what is no element"),
        ("string", "Patient.name.where(given)", "no condition"),
        ("string", "Patient.contained.name", "may be of any type"),
        ("string", "%resource.name", "%resource is more"),
        ("string", "'x'", "stands in the expression"),
        ("composite", "Patient", "cannot be defined here"),
        ("special", "Patient", "cannot be defined here"),
        ("string", "", "an expression is needed"),
    ] {
        let told = refused(&parameter("own", kind, &["Patient"], expression));
        assert!(told.contains(says), "{expression}: {told}");
    }
    let second = parameter("own", "string", &["Patient", "Observation"], "Patient.contact.name.family");
    assert!(refused(&second).contains("nothing of Observation"));
    for code in ["", "_own", "a b", "a.b", "a:b"] {
        assert!(
            refused(&parameter(code, "token", &["Patient"], "Patient.active")).contains("a code has"),
            "{code}"
        );
    }
    assert!(refused(&parameter("own", "token", &["AuditEvent"], "AuditEvent.action")).contains("no type"));
}

#[test]
fn codes_of_fhir_itself_stay_with_fhir() {
    let mut taken = parameter("birthdate", "date", &["Patient"], "Patient.contact.period");
    assert!(refused(&taken).contains("individual-birthdate"));
    taken["derivedFrom"] = "http://hl7.org/fhir/SearchParameter/individual-birthdate".into();
    assert_eq!(define(&taken).unwrap(), Defined::Nothing, "kept as a description");
    let mut again = parameter("birthdate", "date", &["Patient"], "Patient.birthDate");
    again["url"] = "http://hl7.org/fhir/SearchParameter/individual-birthdate".into();
    assert_eq!(define(&again).unwrap(), Defined::Nothing);
    again["code"] = "born".into();
    assert!(refused(&again).contains("has another code"));
    let mut draft = parameter("own", "composite", &["Patient"], "(");
    draft["status"] = "draft".into();
    assert_eq!(define(&draft).unwrap(), Defined::Nothing, "not in force");
}

#[test]
fn values_become_rows_as_those_of_the_table_do() {
    let custom = params(&[
        (parameter("kin", "string", &["Patient"], "Patient.contact.name"), &["Patient"]),
        (
            parameter("seen", "date", &["Patient"], "Patient.extension('urn:seen').value.ofType(date)"),
            &["Patient"],
        ),
        (parameter("pictured", "token", &["Patient"], "Patient.photo.exists()"), &["Patient"]),
        (
            parameter(
                "doctor",
                "reference",
                &["Patient"],
                "Patient.generalPractitioner.where(resolve() is Practitioner)",
            ),
            &["Patient"],
        ),
    ]);
    let ana = json!({
        "resourceType": "Patient", "id": "ana",
        "contact": [{"name": {"family": "Péron"}}, {"relationship": [{"text": "x"}]}],
        "extension": [{"url": "urn:seen", "valueDate": "2020"}, {"url": "urn:other", "valueDate": "2021"}],
        "generalPractitioner": [
            {"reference": "Organization/o"}, {"reference": "Practitioner/p"},
            {"type": "Practitioner", "identifier": {"system": "s", "value": "7"}},
        ],
    });
    let rows = custom.rows(&ana).unwrap();
    let of = |code: &str| -> Vec<&IndexValue> {
        rows.iter().filter(|row| row.param == code).map(|row| &row.value).collect()
    };
    assert!(matches!(of("kin")[..], [IndexValue::Text { folded, .. }] if folded == "peron"));
    assert!(matches!(of("seen")[..], [IndexValue::Date(DateRange { .. })]));
    assert_eq!(of("pictured"), [&IndexValue::Token { system: String::new(), code: "false".into() }]);
    assert!(
        matches!(of("doctor")[..], [IndexValue::Reference(to), IndexValue::Token { .. }] if to.id.as_str() == "p")
    );
    assert_eq!(custom.references(&ana, "doctor").unwrap().len(), 1);
    assert!(custom.rows(&json!({"resourceType": "Group"})).unwrap().is_empty());
}

#[test]
fn a_search_asks_them_like_others_and_only_where_all_is_indexed() {
    let custom = params(&[
        (
            parameter(
                "kin",
                "string",
                &["Patient", "RelatedPerson"],
                "Patient.contact.name | RelatedPerson.name",
            ),
            &["Patient"],
        ),
        (parameter("doctor", "reference", &["Patient"], "Patient.generalPractitioner"), &["Patient"]),
    ]);
    let found = asked(&custom, "Patient", "kin:exact", "Perón").unwrap();
    let exact = Predicate::Param { param: "kin".into(), test: Test::Exact("Perón".into()) };
    assert_eq!(found.filter, Predicate::And(vec![Predicate::Or(vec![exact])]));
    let told = asked(&custom, "RelatedPerson", "kin", "x").unwrap_err();
    assert!(told[0].message.contains("$reindex"), "{told:?}");
    assert!(asked(&custom, "Patient", "kin:below", "x").is_err(), "no modifier of a string");
    for (of, name, value) in [
        ("Patient", "kin:missing", "true"),
        ("Patient", "doctor:Practitioner.name", "li"),
        ("Practitioner", "_has:Patient:doctor:kin", "x"),
        ("Patient", "_include", "Patient:doctor"),
        ("Practitioner", "_revinclude", "Patient:doctor"),
        ("Patient", "_sort", "kin"),
    ] {
        assert!(asked(&custom, of, name, value).is_ok(), "{of}?{name}={value}");
        assert!(asked(CustomParams::none(), of, name, value).is_err(), "{of}?{name}={value}");
    }
    assert!(asked(&custom, "RelatedPerson", "_sort", "kin").is_err());
    let all = asked(&custom, "Patient", "_include", "Patient:*").unwrap();
    assert!(all.includes[0].params.iter().any(|param| param == "doctor"));
}

//! Who may be the patient that somebody describes.

use bianque_model::Context;
use bianque_store::AuditQuery;
use serde_json::{Value, json};

use super::{answer, kind, posted, program};
use crate::ErrorKind;
use crate::records::operations::match_patient::match_patient;
use crate::testing::Clinic;

async fn asked(
    clinic: &Clinic,
    context: &Context,
    wanted: &Value,
    certain: bool,
) -> Vec<(String, f64, String)> {
    let mut wanted = wanted.clone();
    wanted["resourceType"] = json!("Patient");
    let parameters = posted(&json!([
        {"name": "resource", "resource": wanted}, {"name": "onlyCertainMatches", "valueBoolean": certain},
    ]));
    let bundle = answer(match_patient(&clinic.app, context, &parameters).await);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let entries = bundle["entry"].as_array().into_iter().flatten();
    let told = entries.map(|entry| {
        let search = &entry["search"];
        let grade = text(&search["extension"][0]["valueCode"]);
        (text(&entry["resource"]["id"]), search["score"].as_f64().unwrap(), grade)
    });
    told.collect()
}

fn patient(id: &str, name: &Value, birth_date: &str, number: &str) -> Value {
    json!({
        "resourceType": "Patient", "id": id, "name": [name], "birthDate": birth_date, "gender": "female",
        "identifier": [{"system": "urn:mrn", "value": number}],
        "telecom": [{"system": "phone", "value": "+86 138 0000 1234"}],
    })
}

async fn clinic() -> Clinic {
    let clinic = Clinic::open();
    let context = clinic.server();
    let mut change = crate::Change::new(&clinic.app, &context);
    for (id, name, born, number) in [
        ("ana", json!({"family": "López", "given": ["Ana", "María"]}), "1984-03-07", "1"),
        ("eva", json!({"family": "López", "given": ["Eva"]}), "1990-01-01", "2"),
        ("wei", json!({"text": "张伟"}), "1984-03-07", "3"),
    ] {
        change.create(&patient(id, &name, born, number)).unwrap();
    }
    change.commit().await.unwrap();
    clinic
}

fn told(found: &[(String, f64, String)]) -> Vec<(&str, f64, &str)> {
    found.iter().map(|(id, score, grade)| (id.as_str(), *score, grade.as_str())).collect()
}

#[tokio::test]
async fn an_identifier_is_certain_unless_the_birth_date_is_another() {
    let clinic = clinic().await;
    let all = program(&clinic, &["system/*.rs"]);
    let number = json!([{"system": "urn:mrn", "value": "1"}]);
    let found = asked(&clinic, &all, &json!({"identifier": number}), true).await;
    assert_eq!(told(&found), [("ana", 1.0, "certain")]);
    let other = json!({"identifier": number, "birthDate": "1950-05-05"});
    assert_eq!(told(&asked(&clinic, &all, &other, false).await), [("ana", 0.75, "probable")]);
    assert_eq!(told(&asked(&clinic, &all, &other, true).await), []);
    let both = json!([{"system": "urn:mrn", "value": "1"}, {"system": "urn:mrn", "value": "2"}]);
    assert_eq!(
        told(&asked(&clinic, &all, &json!({"identifier": both}), true).await),
        [],
        "one is certain, or none"
    );
}

#[tokio::test]
async fn names_birth_dates_and_telephones_add_up() {
    let clinic = clinic().await;
    let all = program(&clinic, &["system/*.rs"]);
    let of = async |wanted: Value| asked(&clinic, &all, &wanted, false).await;
    let name = json!([{"family": "Lopez", "given": ["Ana", "Maria"]}]);
    let whole = json!({"name": name, "birthDate": "1984-03-07", "gender": "female"});
    assert_eq!(told(&of(whole).await), [("ana", 0.75, "probable")]);
    let turned = json!({"name": name, "birthDate": "1984-07-03"});
    assert_eq!(told(&of(turned).await), [("ana", 0.55, "possible")]);
    assert_eq!(told(&of(json!({"name": name, "birthDate": "1950-05-05"})).await), [], "0.15 is nobody");
    let typed = json!({"name": [{"text": "zhang wei"}], "birthDate": "1984-03-07"});
    assert_eq!(told(&of(typed).await), [("wei", 0.7, "probable")], "in whatever script it is typed");
    let family =
        json!({"name": [{"family": "López"}], "telecom": [{"system": "phone", "value": "+8613800001234"}]});
    assert_eq!(told(&of(family).await), []);
    let called =
        json!({"birthDate": "1984-03-07", "telecom": [{"system": "phone", "value": "+8613800001234"}]});
    assert_eq!(told(&of(called).await), [("ana", 0.5, "possible"), ("wei", 0.5, "possible")]);
    let elsewhere =
        json!({"name": name, "birthDate": "1984-03-07", "identifier": [{"system": "urn:mrn", "value": "9"}]});
    assert_eq!(
        told(&of(elsewhere).await),
        [("ana", 0.5, "possible")],
        "another number of the same authority"
    );
    assert_eq!(told(&of(json!({"gender": "female"})).await), []);
}

#[tokio::test]
async fn only_who_may_be_seen_is_found_and_finding_is_audited() {
    let clinic = clinic().await;
    let away = clinic.organization("Away").await;
    let stranger = clinic.clinician("wu.ming", &away).await;
    let number = json!({"identifier": [{"system": "urn:mrn", "value": "1"}]});
    assert_eq!(told(&asked(&clinic, &stranger.context, &number, false).await), []);
    let all = program(&clinic, &["system/Patient.rs"]);
    assert_eq!(asked(&clinic, &all, &number, false).await.len(), 1);
    let query = AuditQuery { patient: Some("ana".parse().unwrap()), limit: 9, ..AuditQuery::default() };
    let rows = clinic.app.store.audit(clinic.tenant, query).await.unwrap();
    let row = rows.iter().map(|(_, row)| row).find(|row| row.operation == "fhir.match").unwrap();
    assert!(row.detail.starts_with("identifier=~"), "{}", row.detail);
    let none = program(&clinic, &["system/Patient.r"]);
    let parameters = posted(&json!([{"name": "resource", "resource": {"resourceType": "Patient"}}]));
    assert_eq!(kind(match_patient(&clinic.app, &none, &parameters).await), ErrorKind::Forbidden);
    let without = posted(&json!([{"name": "count", "valueInteger": 1}]));
    assert_eq!(kind(match_patient(&clinic.app, &all, &without).await), ErrorKind::Malformed);
}

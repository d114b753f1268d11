//! What is told of, and what is not.

use bianque_store::AuditQuery;

use super::*;

#[tokio::test]
async fn every_kind_of_condition_is_told_of_when_it_holds_and_never_else() {
    let town = Town::open().await;
    town.puts(json!({"resourceType": "Patient", "name": [{"family": "Li"}], "gender": "female"}), "li").await;
    let mut all = Vec::new();
    for (criteria, expected) in [
        ("Observation", &["calm@1", "fast@1", "fast@2"][..]),
        ("Observation?code=http://loinc.org|8867-4", &["calm@1", "fast@1", "fast@2"]),
        ("Observation?code=http://loinc.org|1975-2", &[]),
        ("Observation?status:not=final", &["fast@1"]),
        ("Observation?status=final", &["calm@1", "fast@2"]),
        ("Observation?value-quantity=gt100", &["fast@1", "fast@2"]),
        ("Observation?value-quantity=gt100&status=final", &["fast@2"]),
        ("Observation?patient=Patient/li", &["calm@1", "fast@1", "fast@2"]),
        ("Observation?patient=li,other&_id=calm", &["calm@1"]),
        ("Observation?patient.name=li&patient.gender=female", &["calm@1", "fast@1", "fast@2"]),
        ("Observation?patient.gender=male", &[]),
        ("Observation?subject:Patient.family:exact=Li&status:not=preliminary", &["calm@1", "fast@2"]),
        ("Observation?date=2026-01-05", &["calm@1", "fast@1", "fast@2"]),
        ("Observation?date=lt2026-01-05", &[]),
        ("Observation?_lastUpdated=ge2026-01-01", &["calm@1", "fast@1", "fast@2"]),
        ("Observation?encounter:missing=true&_id=fast", &["fast@1", "fast@2"]),
        ("Observation?encounter:missing=false", &[]),
        ("Observation?code-value-quantity=http://loinc.org|8867-4$gt100", &["fast@1", "fast@2"]),
        ("Patient?gender=female", &[]),
    ] {
        let id = town.subscribes(&subscription(criteria)).await;
        all.push((criteria, expected, town.runs(&id).await.unwrap()));
    }
    town.puts(pulse("li", 70, "final"), "calm").await;
    town.puts(pulse("li", 130, "preliminary"), "fast").await;
    town.puts(pulse("li", 130, "final"), "fast").await;
    for (criteria, expected, running) in &mut all {
        assert_eq!(town.goes_on(running).await.unwrap(), *expected, "{criteria}");
    }
}

#[tokio::test]
async fn what_was_written_before_the_subscription_is_not_told_of_and_all_after_it_is() {
    let town = Town::open().await;
    town.puts(pulse("li", 70, "final"), "before").await;
    let id = town.subscribes(&subscription("Observation")).await;
    // The server has not looked yet.
    town.puts(pulse("li", 70, "final"), "after").await;
    let mut running = town.runs(&id).await.unwrap();
    assert_eq!(town.status(&id).await, "active");
    assert_eq!(town.goes_on(&mut running).await.unwrap(), ["after@1"]);
    assert!(town.goes_on(&mut running).await.unwrap().is_empty(), "nothing is told twice");
}

#[tokio::test]
async fn a_deletion_is_not_told_of_and_neither_is_what_was_deleted_since() {
    let town = Town::open().await;
    let id = town.subscribes(&subscription("Observation")).await;
    let mut running = town.runs(&id).await.unwrap();
    town.puts(pulse("li", 70, "final"), "gone").await;
    town.puts(pulse("li", 70, "final"), "there").await;
    over_fhir::delete(town.app(), &town.now(), "Observation", &"gone".parse().unwrap(), None).await.unwrap();
    assert_eq!(town.goes_on(&mut running).await.unwrap(), ["there@1"]);
}

#[tokio::test]
async fn another_tenants_resources_are_never_told_of() {
    let town = Town::open().await;
    let id = town.subscribes(&subscription("Observation")).await;
    let mut running = town.runs(&id).await.unwrap();
    let other = town.clinic.beside("other.example").await;
    other.create(pulse("li", 70, "final")).await;
    assert!(town.goes_on(&mut running).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_empty_request_says_nothing_and_a_payload_is_an_update_that_is_audited() {
    let town = Town::open().await;
    let li = town.clinic.create(json!({"resourceType": "Patient", "name": [{"family": "Li"}]})).await;
    let empty = town.subscribes(&subscription("Observation")).await;
    let mut whole = subscription("Observation");
    whole["channel"]["payload"] = "application/fhir+json".into();
    whole["channel"]["endpoint"] = format!("{ENDPOINT}/?key=1").into();
    whole["channel"]["header"] = json!(["Authorization: Bearer abc", "X-Tenant: 7"]);
    let whole = town.subscribes(&whole).await;
    let (mut empty, mut whole) = (town.runs(&empty).await.unwrap(), town.runs(&whole).await.unwrap());
    town.puts(pulse(li.as_str(), 70, "final"), "calm").await;
    let audited = async || {
        let query = AuditQuery { patient: Some(li.clone()), limit: 10, ..AuditQuery::default() };
        let rows = town.app().store.audit(TenantId::FIRST, query).await.unwrap();
        rows.into_iter().filter(|(_, row)| row.operation == "subscription.deliver").count()
    };
    town.goes_on(&mut empty).await.unwrap();
    let request = town.came().pop().unwrap();
    assert_eq!((request.method, request.url.as_str()), (Method::Post, ENDPOINT));
    assert!(request.body.is_empty() && request.headers.is_empty());
    assert_eq!(audited().await, 0);
    town.goes_on(&mut whole).await.unwrap();
    let request = town.came().pop().unwrap();
    let address = "https://night.example/hook/Observation/calm?key=1";
    assert_eq!((request.method, request.url.as_str()), (Method::Put, address));
    let headers: Vec<_> = request.headers.iter().map(|(name, value)| (&**name, value.as_str())).collect();
    let kind = ("content-type", "application/fhir+json; charset=utf-8");
    assert_eq!(headers, [("authorization", "Bearer abc"), ("x-tenant", "7"), kind]);
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!((&body["valueQuantity"]["value"], &body["meta"]["versionId"]), (&json!(70), &json!("1")));
    assert_eq!(audited().await, 1, "who reads of a patient is written down, and about whom");
}

#[tokio::test]
async fn what_is_told_is_what_the_writer_may_see_when_it_is_told() {
    let mut town = Town::open().await;
    town.program = program(&town.clinic, "system/Subscription.cruds system/Observation.rs").await;
    let refused = town.writes(&subscription("Condition?code=x")).await.unwrap_err();
    assert_eq!(refused.code, "forbidden");
    let id = town.subscribes(&subscription("Observation")).await;
    let mut running = town.runs(&id).await.unwrap();
    town.puts(pulse("li", 70, "final"), "calm").await;
    assert_eq!(town.goes_on(&mut running).await.unwrap(), ["calm@1"]);
    // The token ends, and with it what it lets its holder see.
    town.clinic.clock.pass(3600);
    town.puts(pulse("li", 71, "final"), "calm").await;
    let Err(Ended::Off(why)) = town.goes_on(&mut running).await else { panic!("it goes on") };
    assert!(why.contains("may not see"), "{why}");
    super::super::stop(town.app(), &mut running, &Ended::Off(why.clone())).await.unwrap();
    let other = Context { now: town.app().clock.now(), ..program(&town.clinic, "system/*.cruds").await };
    town.program = other;
    let resource = town.reads(&id).await;
    assert_eq!((&resource["status"], &resource["error"]), (&json!("off"), &json!(why)));
    assert_eq!(town.came().len(), 1);
}

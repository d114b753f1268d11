//! What may be asked for, by whom, and what is refused with its reason.

use bianque_model::Role;

use super::*;

#[tokio::test]
async fn criteria_are_refused_as_a_search_refuses_them_and_where_changes_would_go_unnoticed() {
    let town = Town::open().await;
    for (criteria, code) in [
        ("", "subscription.invalid"),
        ("Nothing?name=x", "subscription.invalid"),
        ("/Observation?code=x", "subscription.invalid"),
        ("https://clinic.example/fhir/Observation?code=x", "subscription.invalid"),
        ("AuditEvent", "subscription.invalid"),
        ("Observation?_sort=date", "subscription.invalid"),
        ("Observation?_include=Observation:patient", "subscription.invalid"),
        ("Observation?_count=1", "subscription.invalid"),
        ("Patient?_has:Observation:patient:code=x", "subscription.invalid"),
        ("Observation?patient._has:Group:member:_id=x", "subscription.invalid"),
        ("Observation?colour=red", "fhir.search"),
        ("Observation?code:cold=x", "fhir.search"),
        ("Observation?date=soon", "fhir.search"),
        ("Observation?_text=x", "fhir.search"),
    ] {
        let Err(error) = town.writes(&subscription(criteria)).await else { panic!("{criteria} was taken") };
        // What R4 itself forbids is found first.
        let expected = if criteria.is_empty() { "fhir.invalid" } else { code };
        let allowed = [expected, if criteria.contains("_text") { "subscription.invalid" } else { expected }];
        assert!(allowed.contains(&error.code), "{criteria}: {error}");
        assert_eq!(error.details["resourceType"], "OperationOutcome", "{criteria}");
    }
}

#[tokio::test]
async fn channels_are_rest_hooks_and_sockets() {
    let town = Town::open().await;
    let refused = async |channel: Value| {
        let subscription = json!({
            "resourceType": TYPE, "status": "requested", "reason": "r", "criteria": "Observation", "channel": channel,
        });
        let error = town.writes(&subscription).await.unwrap_err();
        let (code, at) = issue_of(&error);
        assert_eq!(code, "subscription.invalid", "{channel}");
        at
    };
    for kind in ["email", "sms", "message"] {
        let channel = json!({"type": kind, "endpoint": "mailto:a@b.example"});
        assert_eq!(refused(channel).await, "Subscription.channel.type");
    }
    for endpoint in ["http://night.example/hook", "nonsense", "mailto:a@b.example", "https://a.example/#x"] {
        let channel = json!({"type": "rest-hook", "endpoint": endpoint});
        assert_eq!(refused(channel).await, "Subscription.channel.endpoint", "{endpoint}");
    }
    assert_eq!(refused(json!({"type": "rest-hook"})).await, "Subscription.channel.endpoint");
    let xml = json!({"type": "rest-hook", "endpoint": ENDPOINT, "payload": "application/fhir+xml"});
    assert_eq!(refused(xml).await, "Subscription.channel.payload");
    let host = json!({"type": "rest-hook", "endpoint": ENDPOINT, "header": ["Host: inside"]});
    assert_eq!(refused(host).await, "Subscription.channel.header");
    let socket = json!({"type": "websocket", "payload": "application/fhir+json"});
    assert_eq!(refused(socket).await, "Subscription.channel.payload");
}

#[tokio::test]
async fn the_status_is_the_servers_to_say_beyond_asking_and_turning_off() {
    let town = Town::open().await;
    let mut asked = subscription("Observation");
    for (status, stands) in [("requested", "requested"), ("active", "requested"), ("off", "off")] {
        asked["status"] = status.into();
        asked["error"] = "made up".into();
        let id = town.subscribes(&asked).await;
        let resource = town.reads(&id).await;
        assert_eq!((&resource["status"], &resource["error"]), (&json!(stands), &Value::Null));
        assert_eq!(town.runs(&id).await.is_some(), stands == "requested");
    }
    asked["status"] = "error".into();
    assert_eq!(issue_of(&town.writes(&asked).await.unwrap_err()).1, "Subscription.status");
    asked["status"] = "requested".into();
    asked["end"] = "2020-01-01T00:00:00Z".into();
    assert_eq!(issue_of(&town.writes(&asked).await.unwrap_err()).1, "Subscription.end");
}

#[tokio::test]
async fn people_write_no_subscriptions_and_none_is_imported() {
    let town = Town::open().await;
    let home = town.clinic.organization("Riverside").await;
    let body = subscription("Observation").to_string();
    for role in [Role::Clinician, Role::FrontDesk] {
        let login = format!("{role:?}").to_lowercase();
        let somebody = match role {
            Role::Clinician => town.clinic.clinician(&login, &home).await,
            role => town.clinic.staff(&login, role, &home).await,
        };
        let error =
            over_fhir::create(town.app(), &somebody.context, TYPE, body.as_bytes(), None).await.unwrap_err();
        assert_eq!(error.code, "forbidden", "{role:?}");
    }
    assert!(not_taken_in(TYPE).is_err() && not_taken_in("Patient").is_ok());
}

#[tokio::test]
async fn more_than_a_server_follows_are_refused() {
    let town = Town::open().await;
    let context = town.clinic.server();
    let mut change = crate::Change::new(town.app(), &context);
    for number in 0..MOST {
        let terms = terms::Terms {
            id: format!("s{number}").parse().unwrap(),
            writer: writer::Writer::Server,
            headers: None,
            endpoint: String::new(),
            begun: String::new(),
            runs: true,
        };
        change.insert(&terms).unwrap();
    }
    change.commit().await.unwrap();
    let error = town.writes(&subscription("Observation")).await.unwrap_err();
    assert_eq!(error.details["issue"][0]["code"], "too-costly");
}

//! The course of a subscription: stopped, begun again, over; and sockets that are bound to it.

use super::*;

async fn stopped(town: &Town, id: &ResourceId) {
    let mut running = town.runs(id).await.unwrap();
    super::super::stop(town.app(), &mut running, &Ended::Error("nothing answers there".into()))
        .await
        .unwrap();
    let resource = town.reads(id).await;
    assert_eq!((&resource["status"], &resource["error"]), (&json!("error"), &json!("nothing answers there")));
    assert!(town.runs(id).await.is_none(), "what is in error does not run");
}

async fn again(town: &Town, id: &ResourceId) -> Vec<String> {
    town.changes(id, |resource| resource["status"] = "requested".into()).await.unwrap();
    let mut running = town.runs(id).await.unwrap();
    assert_eq!(town.reads(id).await["error"], Value::Null);
    town.goes_on(&mut running).await.unwrap()
}

#[tokio::test]
async fn after_an_outage_it_goes_on_where_it_stopped() {
    let town = Town::open().await;
    let id = town.subscribes(&subscription("Observation")).await;
    let mut running = town.runs(&id).await.unwrap();
    town.puts(pulse("li", 70, "final"), "a").await;
    assert_eq!(town.goes_on(&mut running).await.unwrap(), ["a@1"]);
    *town.hook.answers.lock().unwrap() = Err(Failure::Unreachable);
    town.puts(pulse("li", 71, "final"), "b").await;
    assert_eq!(town.goes_on(&mut running).await, Err(Ended::Error("nothing answers there".into())));
    stopped(&town, &id).await;
    town.puts(pulse("li", 72, "final"), "c").await;
    *town.hook.answers.lock().unwrap() = Ok(200);
    assert_eq!(again(&town, &id).await, ["b@1", "c@1"]);
}

#[tokio::test]
async fn its_place_is_kept_for_a_week() {
    let mut town = Town::open().await;
    let id = town.subscribes(&subscription("Observation")).await;
    stopped(&town, &id).await;
    town.puts(pulse("li", 70, "final"), "missed").await;
    town.clinic.clock.pass(8 * 24 * 3600);
    town.program = program(&town.clinic, "system/*.cruds").await;
    assert!(again(&town, &id).await.is_empty());
}

#[tokio::test]
async fn what_was_turned_off_begins_anew() {
    let town = Town::open().await;
    let id = town.subscribes(&subscription("Observation")).await;
    town.runs(&id).await.unwrap();
    town.changes(&id, |resource| resource["status"] = "off".into()).await.unwrap();
    town.puts(pulse("li", 70, "final"), "missed").await;
    assert!(again(&town, &id).await.is_empty());
    over_fhir::delete(town.app(), &town.now(), TYPE, &id, None).await.unwrap();
    assert!(town.runs(&id).await.is_none());
    assert!(town.app().load::<Progress>(TenantId::FIRST, id.as_str()).await.unwrap().is_none());
}

#[tokio::test]
async fn it_ends_when_its_end_has_come() {
    let town = Town::open().await;
    let mut asked = subscription("Observation");
    asked["end"] = crate::instant::text(town.app().clock.now().plus_seconds(60)).into();
    let id = town.subscribes(&asked).await;
    let running = town.runs(&id).await.unwrap();
    assert_eq!(ended(town.app(), &running), None);
    town.clinic.clock.pass(60);
    assert!(matches!(ended(town.app(), &running), Some(Ended::Off(_))));
}

#[tokio::test]
async fn a_task_that_was_overtaken_by_another_writer_tells_nothing_more() {
    let town = Town::open().await;
    let id = town.subscribes(&subscription("Observation")).await;
    let mut running = town.runs(&id).await.unwrap();
    town.changes(&id, |resource| resource["criteria"] = "Patient".into()).await.unwrap();
    town.puts(pulse("li", 70, "final"), "a").await;
    assert_eq!(town.goes_on(&mut running).await, Err(Ended::Gone));
    super::super::stop(town.app(), &mut running, &Ended::Error("late".into())).await.unwrap();
    assert_eq!(town.status(&id).await, "requested", "what another wrote stands");
}

#[tokio::test]
async fn how_it_does_is_told_to_who_may_read_it() {
    let town = Town::open().await;
    let id = town.subscribes(&subscription("Observation")).await;
    let mut running = town.runs(&id).await.unwrap();
    town.puts(pulse("li", 70, "final"), "a").await;
    town.goes_on(&mut running).await.unwrap();
    running.progress.failed(town.app().clock.now(), "the endpoint answered 503".into());
    running.save(town.app()).await.unwrap();
    let asked = crate::records::Asked::default();
    let told = status(town.app(), &town.now(), &id, &asked).await.unwrap();
    let told: Value = serde_json::from_slice(&told).unwrap();
    let of = |name: &str| {
        let mut all = told["parameter"].as_array().unwrap().iter();
        all.find(|parameter| parameter["name"] == name).cloned().unwrap_or_default()
    };
    assert_eq!(bianque_fhir::validate(&told), []);
    assert_eq!(
        (&of("status")["valueCode"], &of("delivered")["valueUnsignedInt"]),
        (&json!("active"), &json!(1))
    );
    assert_eq!(of("last-failure-reason")["valueString"], "the endpoint answered 503");
    let narrow = program(&town.clinic, "system/Observation.rs").await;
    assert_eq!(status(town.app(), &narrow, &id, &asked).await.unwrap_err().code, "forbidden");
}

#[tokio::test]
async fn a_socket_hears_a_ping_for_each_match_and_a_stranger_is_not_bound() {
    let town = Town::open().await;
    let mut asked = subscription("Observation");
    asked["channel"] = json!({"type": "websocket"});
    let id = town.subscribes(&asked).await;
    let mut running = town.runs(&id).await.unwrap();
    for stranger in
        [program(&town.clinic, "system/*.cruds").await, town.clinic.server(), town.clinic.nobody()]
    {
        assert!(bind(town.app(), &stranger, id.as_str()).await.is_err());
    }
    let hook = town.subscribes(&subscription("Observation")).await;
    assert_eq!(
        bind(town.app(), &town.now(), hook.as_str()).await.unwrap_err().code,
        "subscription.not-bound"
    );
    let ear = Arc::new(Ear::default());
    let bound = bind(town.app(), &town.now(), id.as_str()).await.unwrap();
    town.app().subscriptions.listen(TenantId::FIRST, &bound, &ear);
    town.puts(pulse("li", 70, "final"), "a").await;
    town.puts(pulse("li", 71, "final"), "b").await;
    assert_eq!(town.goes_on(&mut running).await.unwrap().len(), 2);
    assert_eq!(ear.heard().await[&id].pings, 2);
    super::super::stop(town.app(), &mut running, &Ended::Off("over".into())).await.unwrap();
    assert!(ear.heard().await[&id].over);
    assert!(town.came().is_empty());
}

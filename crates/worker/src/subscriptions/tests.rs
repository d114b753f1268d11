//! Subscribers that fail, come back, are slow; and a server that is killed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bianque_app::ports::outbound::{Answer, Failure, Outbound, Request, Sending};
use bianque_app::records::{prepare, read};
use bianque_app::testing::{Clinic, over_fhir};
use bianque_app::{App, Change};
use bianque_model::ResourceId;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::start;
use crate::Pace;

const PACE: Pace = Pace { first: Duration::from_millis(5), longest: Duration::from_millis(20) };

/// Subscribers by their hosts: what came, and how each answers.
#[derive(Default)]
struct Hooks {
    came: Mutex<Vec<(String, String)>>,
    /// How many more times a host fails; none: it never answers at all.
    fails: Mutex<HashMap<String, Option<u32>>>,
}

impl Outbound for Hooks {
    fn send(&self, request: Request) -> Sending<'_> {
        Box::pin(async move {
            let host = request.url.host_str().unwrap_or_default().to_owned();
            let fails = {
                let mut fails = self.fails.lock().unwrap();
                match fails.get_mut(&host) {
                    Some(None) => None,
                    Some(Some(left)) => {
                        *left = left.saturating_sub(1);
                        Some(*left > 0)
                    }
                    None => Some(false),
                }
            };
            let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
            let what = format!("{}@{}", body["id"].as_str().unwrap_or("-"), body["meta"]["versionId"]);
            self.came.lock().unwrap().push((host, what.replace('"', "")));
            let status = match fails {
                None => std::future::pending().await,
                Some(true) => 503,
                Some(false) => 200,
            };
            Ok(Answer { status, media_type: String::new(), max_age_s: None, body: Vec::new().into() })
        })
    }

    fn admits(&self, _: &url::Url) -> Result<(), Failure> {
        Ok(())
    }
}

struct Town {
    clinic: Clinic,
    hooks: Arc<Hooks>,
    telling: JoinHandle<()>,
}

impl Town {
    fn open() -> Self {
        let hooks = Arc::new(Hooks::default());
        Self::of(Clinic::open(), hooks)
    }

    fn of(mut clinic: Clinic, hooks: Arc<Hooks>) -> Self {
        clinic.app.outbound = Arc::clone(&hooks) as Arc<dyn Outbound>;
        let telling = start(clinic.app.clone(), PACE);
        Self { clinic, hooks, telling }
    }

    /// Cuts everything off and begins again on the same data.
    async fn kill(self) -> Self {
        self.telling.abort();
        let _ = self.telling.await;
        // The tasks of the subscriptions hold the store until they are gone.
        tokio::time::sleep(Duration::from_millis(50)).await;
        Self::of(self.clinic.reopened(), self.hooks)
    }

    fn app(&self) -> &App {
        &self.clinic.app
    }

    async fn subscribes(&self, host: &str) -> ResourceId {
        let subscription = json!({
            "resourceType": "Subscription", "status": "requested", "reason": "r", "criteria": "Basic",
            "channel": {
                "type": "rest-hook", "endpoint": format!("https://{host}/"), "payload": "application/fhir+json",
            },
        });
        let body = subscription.to_string();
        let context = self.clinic.server();
        let written = over_fhir::create(self.app(), &context, "Subscription", body.as_bytes(), None).await;
        let id = written.unwrap().record.unwrap().id;
        self.until("it is active", async || self.reads(&id).await["status"] == "active").await;
        id
    }

    async fn reads(&self, id: &ResourceId) -> Value {
        let record = read::read(self.app(), &self.clinic.server(), "Subscription", id).await.unwrap();
        prepare::read(&record.body).unwrap()
    }

    async fn asks_again(&self, id: &ResourceId) {
        let mut resource = self.reads(id).await;
        resource["status"] = "requested".into();
        let body = resource.to_string();
        over_fhir::update(self.app(), &self.clinic.server(), "Subscription", id, body.as_bytes(), None)
            .await
            .unwrap();
    }

    async fn writes(&self, id: &str) {
        let context = self.clinic.server();
        let mut change = Change::new(self.app(), &context);
        change.put(&json!({"resourceType": "Basic", "id": id, "code": {"text": "x"}})).unwrap();
        change.commit().await.unwrap();
    }

    fn fails(&self, host: &str, times: Option<u32>) {
        self.hooks.fails.lock().unwrap().insert(host.to_owned(), times);
    }

    fn answers(&self, host: &str) {
        self.hooks.fails.lock().unwrap().remove(host);
    }

    fn came(&self, host: &str) -> Vec<String> {
        let came = self.hooks.came.lock().unwrap();
        came.iter().filter(|(to, _)| to == host).map(|(_, what)| what.clone()).collect()
    }

    async fn until(&self, what: &str, holds: impl AsyncFn() -> bool) {
        for _ in 0..1_000 {
            if holds().await {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{what} never came; what came is {:?}", self.hooks.came.lock().unwrap());
    }

    /// Waits until a host was told of the last of these, and gives all it was told of.
    async fn told(&self, host: &str, last: &str) -> Vec<String> {
        self.until(last, async || self.came(host).last().is_some_and(|came| came == last)).await;
        self.came(host)
    }
}

#[tokio::test]
async fn everything_comes_once_and_in_the_order_it_was_committed_in() {
    let town = Town::open();
    town.subscribes("a.example").await;
    let mut expected = Vec::new();
    for number in 0..40 {
        town.writes(&format!("r{}", number % 4)).await;
        expected.push(format!("r{}@{}", number % 4, number / 4 + 1));
    }
    assert_eq!(town.told("a.example", "r3@10").await, expected);
}

#[tokio::test]
async fn what_fails_is_tried_again_before_anything_after_it() {
    let town = Town::open();
    let id = town.subscribes("a.example").await;
    town.fails("a.example", Some(4));
    town.writes("one").await;
    town.writes("two").await;
    let expected = ["one@1", "one@1", "one@1", "one@1", "two@1"];
    assert_eq!(town.told("a.example", "two@1").await, expected);
    assert_eq!(town.reads(&id).await["status"], "active");
}

#[tokio::test]
async fn who_never_answers_holds_up_nobody_else() {
    let town = Town::open();
    for number in 0..12 {
        town.subscribes(&format!("dead{number}.example")).await;
        town.fails(&format!("dead{number}.example"), None);
    }
    town.subscribes("alive.example").await;
    town.writes("one").await;
    town.writes("two").await;
    assert_eq!(town.told("alive.example", "two@1").await, ["one@1", "two@1"]);
    assert_eq!(town.came("dead3.example").len(), 1);
}

#[tokio::test]
async fn after_an_outage_of_a_day_it_is_in_error_and_goes_on_when_it_is_asked_to() {
    let town = Town::open();
    let id = town.subscribes("a.example").await;
    town.fails("a.example", Some(u32::MAX));
    town.writes("one").await;
    town.until("a failure", async || !town.came("a.example").is_empty()).await;
    town.clinic.clock.pass(24 * 3600 + 1);
    town.until("the error", async || town.reads(&id).await["status"] == "error").await;
    assert_eq!(town.reads(&id).await["error"], "the endpoint answered 503");
    town.writes("two").await;
    let tries = town.came("a.example").len();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(town.came("a.example").len(), tries, "what is in error is left in peace");
    town.answers("a.example");
    town.asks_again(&id).await;
    let came = town.told("a.example", "two@1").await;
    assert_eq!(came[tries..], ["one@1", "two@1"]);
    assert_eq!(town.reads(&id).await["status"], "active");
}

#[tokio::test]
async fn nothing_is_lost_when_the_server_kill() {
    let town = Town::open();
    town.subscribes("a.example").await;
    town.fails("a.example", Some(u32::MAX));
    for number in 0..5 {
        town.writes(&format!("r{number}")).await;
    }
    town.until("a try", async || !town.came("a.example").is_empty()).await;
    let town = town.kill().await;
    let tried = town.came("a.example").len();
    town.answers("a.example");
    town.writes("r5").await;
    let came = town.told("a.example", "r5@1").await;
    let mut after = came[tried..].to_vec();
    // The first may have been on its way when the server began again.
    after.dedup();
    assert_eq!(after, ["r0@1", "r1@1", "r2@1", "r3@1", "r4@1", "r5@1"]);
}

#[tokio::test]
async fn a_subscription_that_is_deleted_or_turned_off_tells_no_more() {
    let town = Town::open();
    let (gone, off) = (town.subscribes("gone.example").await, town.subscribes("off.example").await);
    town.subscribes("stays.example").await;
    over_fhir::delete(town.app(), &town.clinic.server(), "Subscription", &gone, None).await.unwrap();
    let mut resource = town.reads(&off).await;
    resource["status"] = "off".into();
    let body = resource.to_string();
    over_fhir::update(town.app(), &town.clinic.server(), "Subscription", &off, body.as_bytes(), None)
        .await
        .unwrap();
    // It has been seen once another subscription that was written after it is active.
    town.subscribes("later.example").await;
    town.writes("one").await;
    town.told("stays.example", "one@1").await;
    town.told("later.example", "one@1").await;
    assert!(town.came("gone.example").is_empty() && town.came("off.example").is_empty());
}

//! Endpoints of subscriptions, and the way out itself: none leads into the network.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bianque_app::records::Record;
use bianque_app::records::subscriptions::{Considered, Delivery, Feed, consider, deliver, open};
use bianque_app::testing::{Clinic, over_fhir};
use bianque_app::{Change, Error};
use serde_json::json;

use super::{client, scripted, server};
use crate::Client;

struct Town {
    clinic: Clinic,
}

impl Town {
    fn with(client: Client) -> Self {
        let mut clinic = Clinic::open();
        clinic.app.outbound = Arc::new(client);
        Self { clinic }
    }

    async fn subscribes(&self, endpoint: &str) -> Result<Record, Error> {
        let subscription = json!({
            "resourceType": "Subscription", "status": "requested", "reason": "r", "criteria": "Basic",
            "channel": {
                "type": "rest-hook", "endpoint": endpoint, "payload": "application/fhir+json",
                "header": ["Authorization: Bearer abc"],
            },
        });
        let body = subscription.to_string();
        let (app, context) = (&self.clinic.app, self.clinic.server());
        let written = over_fhir::create(app, &context, "Subscription", body.as_bytes(), None).await?;
        Ok(written.record.unwrap())
    }

    /// Writes something, and tells who subscribed.
    async fn tells(&self, subscription: &Record) -> Delivery {
        let (app, context) = (&self.clinic.app, self.clinic.server());
        let mut running = open(app, self.clinic.tenant, &subscription.id).await.unwrap().unwrap();
        let mut change = Change::new(app, &context);
        change.put(&json!({"resourceType": "Basic", "id": "one", "code": {"text": "x"}})).unwrap();
        change.commit().await.unwrap();
        let following = Arc::new(Feed::default()).follow(running.resource_type());
        let batch = following.after(app, self.clinic.tenant, running.progress.place).await.unwrap();
        let version = batch.versions.first().unwrap();
        let Considered::Matches(context) = consider(app, &mut running, version).await.unwrap() else {
            panic!("it does not match")
        };
        deliver(app, &context, &running, version, true).await.unwrap()
    }
}

#[tokio::test]
async fn ssrf_an_endpoint_inside_a_network_is_refused_when_it_is_written() {
    let town = Town::with(client(&["http://127.0.0.1:9000"], &scripted(&[])));
    for endpoint in [
        "https://127.0.0.1/hook",
        "https://[::ffff:10.0.0.1]/hook",
        "https://[::ffff:a00:1]/hook",
        "https://2130706433/hook",
        "https://0x7f.1/hook",
        "https://0177.0.0.1/hook",
        "https://169.254.169.254/latest/meta-data/",
        "https://[fd00::1]/",
        "https://user:word@8.8.8.8/",
        "http://8.8.8.8/",
        "http://127.0.0.1:9001/",
        "ftp://8.8.8.8/",
    ] {
        let Err(error) = town.subscribes(endpoint).await else { panic!("{endpoint} was taken") };
        assert_eq!(
            error.details["issue"][0]["expression"][0], "Subscription.channel.endpoint",
            "{endpoint}: {error}"
        );
    }
    for endpoint in ["https://8.8.8.8/hook", "https://night.example/hook", "http://127.0.0.1:9000/hook"] {
        assert!(town.subscribes(endpoint).await.is_ok(), "{endpoint}");
    }
}

#[tokio::test]
async fn ssrf_a_name_that_leads_inside_when_it_is_told_stops_the_subscription() {
    for addresses in [&["192.168.0.1"][..], &["8.8.8.8", "10.0.0.1"], &["::ffff:169.254.169.254"]] {
        let town = Town::with(client(&[], &scripted(&[addresses])));
        let id = town.subscribes("https://night.example/hook").await.unwrap();
        let Delivery::Hopeless(why) = town.tells(&id).await else { panic!("{addresses:?}") };
        assert!(why.contains("inside a network"), "{why}");
    }
}

#[tokio::test]
async fn ssrf_a_redirect_is_a_failure_and_the_secret_goes_no_further() {
    let (inside, asked) = server(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_vec()).await;
    let redirect =
        format!("HTTP/1.1 307 Go\r\nlocation: http://127.0.0.1:{inside}/\r\ncontent-length: 0\r\n\r\n");
    let (port, _) = server(redirect.into_bytes()).await;
    let host = format!("http://127.0.0.1:{port}");
    let town = Town::with(client(&[&host], &scripted(&[])));
    let id = town.subscribes(&host).await.unwrap();
    let Delivery::Failed(why) = town.tells(&id).await else { panic!("it was told") };
    assert!(why.contains("307"), "{why}");
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn an_endpoint_that_is_allowed_is_told() {
    let (port, asked) = server(b"HTTP/1.1 204 No Content\r\n\r\n".to_vec()).await;
    let host = format!("http://127.0.0.1:{port}");
    let town = Town::with(client(&[&host], &scripted(&[])));
    let id = town.subscribes(&format!("{host}/hook")).await.unwrap();
    assert_eq!(town.tells(&id).await, Delivery::Told);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

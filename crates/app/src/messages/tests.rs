//! Stories of a hospital's systems that tell what happens there.

mod corpus;
mod identity;
mod results;
mod taking;

use std::net::{IpAddr, Ipv4Addr};

use bianque_hl7v2::{Charset, Message};
use bianque_model::{Actor, Context, UserId};
use serde_json::Value;
use uuid::Uuid;

use super::kept::KeptMessage;
use super::receive::receive;
use super::senders::{self, Line, Rules};
use crate::aggregate::Loaded;
use crate::records::search;
use crate::testing::Clinic;

/// A clinic with a hospital's system that sends to it.
struct Story {
    clinic: Clinic,
}

/// What a sender that calls itself HIS is said to be.
fn rules() -> Rules {
    serde_json::from_value(
        serde_json::json!({"name": "The hospital", "application": "HIS", "zone": "Asia/Shanghai"}),
    )
    .unwrap()
}

impl Story {
    async fn begin() -> Self {
        Self::with(rules()).await
    }

    async fn with(rules: Rules) -> Self {
        let story = Self { clinic: Clinic::open() };
        senders::make(&story.clinic.app, &story.administrator(), rules).await.unwrap();
        story
    }

    fn administrator(&self) -> Context {
        self.clinic.context(Actor::Administrator { user: UserId(Uuid::now_v7()) })
    }

    fn program(&self) -> Context {
        let scopes = vec!["system/*.cruds".to_owned()];
        self.clinic.context(Actor::System { token: "t1".parse().unwrap(), scopes })
    }

    /// Sends a message and gives the answer.
    async fn send(&self, text: &str) -> Message {
        self.send_by(&local(), text).await
    }

    async fn send_by(&self, line: &Line, text: &str) -> Message {
        let raw = text.replace('\n', "\r").into_bytes();
        let mut answers = receive(&self.clinic.app, line, raw).await;
        assert_eq!(answers.len(), 1, "one answer in original mode");
        Message::parse(answers.remove(0), Charset::UTF_8).unwrap()
    }

    /// Sends a message that is to be accepted.
    async fn accepted(&self, text: &str) {
        let answer = self.send(text).await;
        assert_eq!(answer.text("MSA-1"), "AA", "{}", answer.text("MSA-3"));
    }

    /// Sends a message that is not, and gives the code and the words.
    async fn refused(&self, text: &str) -> (String, String) {
        let answer = self.send(text).await;
        (answer.text("MSA-1").into_owned(), answer.text("MSA-3").into_owned())
    }

    /// Resources that a search over FHIR finds.
    async fn found(&self, kind: &str, pairs: &[(&str, &str)]) -> Vec<Value> {
        let pairs: Vec<_> =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let bundle = search::search(&self.clinic.app, &self.program(), kind, &pairs, false).await.unwrap();
        let bundle: Value = serde_json::from_slice(&bundle).unwrap();
        let entries = bundle["entry"].as_array().cloned().unwrap_or_default();
        entries.into_iter().map(|entry| entry["resource"].clone()).collect()
    }

    /// The only resource that a search finds.
    async fn only(&self, kind: &str, pairs: &[(&str, &str)]) -> Value {
        let mut found = self.found(kind, pairs).await;
        assert_eq!(found.len(), 1, "{found:#?}");
        found.remove(0)
    }

    /// Messages that are kept, in the order in which they came.
    async fn kept(&self) -> Vec<KeptMessage> {
        let app = &self.clinic.app;
        let all = app.list::<KeptMessage>(self.clinic.tenant, "at", "".."~", 100).await.unwrap();
        all.into_iter().map(|Loaded { value, .. }| value).collect()
    }
}

fn local() -> Line {
    Line { address: IpAddr::V4(Ipv4Addr::LOCALHOST), secure: false, certificate: None }
}

/// ADT with a number and the time of its event, of a patient of the authority WEST.
fn adt(event: &str, control: &str, at: &str, patient: &str) -> String {
    format!("MSH|^~\\&|HIS|WEST|BQ||{at}||ADT^{event}|{control}|P|2.5.1\nEVN||{at}\nPID|1||{patient}\n")
}

//! A message as it goes out, is kept, and what became of it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bianque_mapping::outgoing::Tells;
use bianque_model::{ResourceId, TenantId, Timestamp};
use bianque_store::StateKey;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::aggregate::{Aggregate, Loaded, shared, unique};
use crate::messages::pages::Kept;
use crate::{App, Error, instant};

/// How long a message is kept that went out or was dropped. One that was refused stays until somebody settles it.
const KEPT_FOR_S: i64 = 90 * 24 * 3600;
/// Messages that are counted.
pub(super) const COUNTED: u32 = 200;

/// A message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutgoingMessage {
    /// Its id.
    pub id: ResourceId,
    /// When it was made.
    pub at: Timestamp,
    /// When what it tells of happened.
    pub happened: Timestamp,
    /// Whom it goes to.
    pub destination: ResourceId,
    /// The kind, for example `ADT^A04`.
    pub kind: String,
    /// MSH-10.
    pub control: String,
    /// The patient whom it is about.
    pub patient: ResourceId,
    /// The visit.
    pub visit: ResourceId,
    /// The resource that it tells of, as `Type/id`, and the version of it.
    pub about: String,
    pub(super) version: u64,
    /// The number of that version among all.
    pub(super) number: u64,
    /// Its place among those that wait.
    pub(super) order: String,
    /// The bytes that go out, in base64; empty where none could be written.
    raw: String,
    /// What became of it.
    pub state: State,
    /// How often it was sent.
    pub tries: u32,
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum State {
    /// It is to go out.
    Waiting {
        /// Why the last try failed.
        error: Option<String>,
    },
    /// The other side has taken it.
    Sent {
        /// When that was known.
        at: Timestamp,
        /// Its acknowledgement, in base64.
        answer: String,
        /// The code of it.
        code: String,
    },
    /// The other side does not want it.
    Refused {
        /// What it says.
        error: String,
        /// Its acknowledgement, in base64.
        answer: String,
        /// The code of it.
        code: String,
    },
    /// It could not be written.
    Unmade {
        /// Why.
        error: String,
    },
    /// Somebody decided that it does not go out.
    Dropped {
        /// Why.
        reason: String,
    },
}

/// What a message is made of.
pub(super) struct Making {
    pub(super) at: Timestamp,
    pub(super) happened: Timestamp,
    pub(super) destination: ResourceId,
    pub(super) tells: Tells,
    pub(super) patient: ResourceId,
    pub(super) visit: ResourceId,
    pub(super) about: String,
    pub(super) version: u64,
    pub(super) number: u64,
}

impl OutgoingMessage {
    pub(super) fn new(making: Making) -> Self {
        let id = Uuid::now_v7();
        let Making { at, happened, destination, tells, patient, visit, about, version, number } = making;
        Self {
            id: id.into(),
            at,
            happened,
            destination,
            kind: tells.kind().join("^"),
            // 20 characters at most, as old versions want it.
            control: id.simple().to_string()[12..].to_owned(),
            patient,
            visit,
            about,
            version,
            number,
            order: format!("{number:020}"),
            raw: String::new(),
            state: State::Waiting { error: None },
            tries: 0,
        }
    }

    /// Puts the bytes, or why there are none.
    pub(super) fn written(&mut self, made: Result<Vec<u8>, String>) {
        match made {
            Ok(bytes) => self.raw = STANDARD.encode(bytes),
            Err(error) => {
                self.raw.clear();
                self.state = State::Unmade { error };
            }
        }
    }

    /// Whether there are bytes that could go out.
    pub(super) fn is_written(&self) -> bool {
        !self.raw.is_empty()
    }

    /// What it tells.
    pub(super) fn tells(&self) -> Option<Tells> {
        Tells::ALL.into_iter().find(|tells| tells.kind().join("^") == self.kind)
    }

    /// The bytes that go out.
    pub fn raw(&self) -> Vec<u8> {
        STANDARD.decode(&self.raw).unwrap_or_default()
    }

    /// The bytes of the answer, where there is one.
    pub(super) fn answer(&self) -> Option<Vec<u8>> {
        match &self.state {
            State::Sent { answer, .. } | State::Refused { answer, .. } => STANDARD.decode(answer).ok(),
            _ => None,
        }
    }

    /// What became of it, in a word.
    pub(super) const fn word(&self) -> &'static str {
        match self.state {
            State::Waiting { .. } => "waiting",
            State::Sent { .. } => "sent",
            State::Refused { .. } => "refused",
            State::Unmade { .. } => "unmade",
            State::Dropped { .. } => "dropped",
        }
    }

    /// A message in a list. It says nothing of the patient.
    pub(super) fn line(&self) -> Value {
        let mut line = json!({
            "id": self.id,
            "at": instant::text(self.at),
            "destination_id": self.destination,
            "kind": self.kind,
            "control": self.control,
            "about": self.about,
            "state": self.word(),
            "tries": self.tries,
        });
        match &self.state {
            State::Waiting { error } => {
                if let Some(error) = error {
                    line["error"] = json!(error);
                }
            }
            State::Sent { at, code, .. } => {
                line["sent_at"] = json!(instant::text(*at));
                line["answer"] = json!(code);
            }
            State::Refused { error, code, .. } => {
                line["error"] = json!(error);
                line["answer"] = json!(code);
            }
            State::Unmade { error } => line["error"] = json!(error),
            State::Dropped { reason } => line["reason"] = json!(reason),
        }
        line
    }

    /// Those that wait for a destination, in their order.
    pub(super) async fn waiting_for(
        app: &App,
        tenant: TenantId,
        destination: &ResourceId,
        most: u32,
    ) -> Result<Vec<Loaded<Self>>, Error> {
        let (from, to) = range(destination);
        app.list::<Self>(tenant, "queue", from.as_str()..to.as_str(), most).await
    }

    /// How many of a destination wait and since when, how many nobody has settled, and when one was taken last.
    pub(super) async fn counts(
        app: &App,
        tenant: TenantId,
        destination: &ResourceId,
    ) -> Result<Value, Error> {
        let (from, to) = range(destination);
        let waiting = app.list::<Counted>(tenant, "queue", from.as_str()..to.as_str(), COUNTED).await?;
        let refused = app.list::<Counted>(tenant, "unsettled", from.as_str()..to.as_str(), COUNTED).await?;
        Ok(json!({
            "waiting": waiting.len(),
            "waiting_many": waiting.len() as u64 >= u64::from(COUNTED),
            "oldest_at": waiting.first().map(|one| instant::text(one.value.at)),
            "refused": refused.len(),
        }))
    }
}

/// What is looked at of a message that is only counted. Its bytes, which may be a document's, are passed over.
#[derive(Debug, Serialize, Deserialize)]
struct Counted {
    id: ResourceId,
    at: Timestamp,
}

impl Aggregate for Counted {
    const KIND: &'static str = OutgoingMessage::KIND;
    const ABOUT_PATIENT: bool = OutgoingMessage::ABOUT_PATIENT;

    fn id(&self) -> String {
        self.id.to_string()
    }
}

/// All keys of a destination: nothing that an id holds comes after `|`.
fn range(destination: &ResourceId) -> (String, String) {
    (format!("{destination}|"), format!("{destination}}}"))
}

impl Kept for OutgoingMessage {
    /// Its place among all, by when it was made.
    fn place(&self) -> String {
        format!("{}|{}", instant::text(self.at), self.id)
    }
}

impl Aggregate for OutgoingMessage {
    const KIND: &'static str = "hl7v2-outgoing";
    const ABOUT_PATIENT: bool = true;

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn keys(&self) -> Vec<StateKey> {
        let (destination, place) = (&self.destination, self.place());
        let mut keys = vec![
            unique("once", format!("{destination}|{}|{}", self.number, self.kind)),
            shared("at", place.clone()),
        ];
        match self.state {
            State::Waiting { .. } => keys.push(shared("queue", format!("{destination}|{}", self.order))),
            State::Refused { .. } | State::Unmade { .. } => {
                keys.push(shared("unsettled", format!("{destination}|{place}")));
            }
            State::Sent { .. } | State::Dropped { .. } => {}
        }
        keys
    }

    fn expires(&self) -> Option<Timestamp> {
        let is_over = matches!(self.state, State::Sent { .. } | State::Dropped { .. });
        is_over.then(|| self.at.plus_seconds(KEPT_FOR_S))
    }
}

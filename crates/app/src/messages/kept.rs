//! A message as it is kept: the bytes as they came, from whom, and what came of them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bianque_hl7v2::{Fault, Message, Severity};
use bianque_model::{ResourceId, Timestamp};
use bianque_store::StateKey;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::pages::Kept;
use crate::aggregate::{Aggregate, shared, unique};
use crate::instant;

/// How long a message is kept that was applied. One that was not stays until somebody settles it.
const KEPT_FOR_S: i64 = 90 * 24 * 3600;

/// A message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptMessage {
    /// Its id here; ids are in the order in which messages came.
    pub id: ResourceId,
    /// When it came.
    pub at: Timestamp,
    /// Whose it is.
    pub sender: ResourceId,
    /// The kind, for example `ADT^A08`.
    pub kind: String,
    /// MSH-10.
    pub control: String,
    /// What it says, without when it was sent: by sender, MSH-10 and this a repeat is known.
    pub digest: String,
    /// The bytes as they came, in base64.
    raw: String,
    /// What came of it.
    pub outcome: Outcome,
    /// Whether another message of this sender had its MSH-10 before, and said something else.
    pub reused_control: bool,
    /// How often it was tried.
    pub tries: u32,
    /// Why it is left as it is, though it could not be applied.
    #[serde(default)]
    pub settled: Option<String>,
}

/// What came of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Outcome {
    /// It was applied.
    Applied {
        /// The patient whom it is about.
        patient: ResourceId,
        /// The resources that were written, as `Type/id`.
        wrote: Vec<String>,
        /// What was left out, and why.
        left: Vec<Left>,
    },
    /// It could not be applied.
    Failed {
        /// Why.
        fault: Left,
    },
}

/// Something of a message that was left out, or is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    /// Where, such as `PID-3[2].4`; empty where it is no one place.
    pub at: String,
    /// Its number in HL7's table 0357.
    pub code: u16,
    /// In words.
    pub text: String,
}

impl From<&Fault> for Left {
    fn from(fault: &Fault) -> Self {
        let at = fault.at.as_ref().map(ToString::to_string).unwrap_or_default();
        Self { at, code: fault.code, text: fault.text.clone() }
    }
}

impl From<&Left> for Fault {
    fn from(left: &Left) -> Self {
        let severity = if left.code == 0 { Severity::Information } else { Severity::Warning };
        Self { at: left.at.parse().ok(), code: left.code, severity, text: left.text.clone() }
    }
}

impl KeptMessage {
    /// One that just came.
    pub(super) fn new(sender: ResourceId, at: Timestamp, message: &Message) -> Self {
        let text = |path: &str| message.text(path).trim().to_owned();
        Self {
            id: Uuid::now_v7().into(),
            at,
            sender,
            kind: format!("{}^{}", text("MSH-9.1"), text("MSH-9.2")),
            control: text("MSH-10"),
            digest: digest(message),
            raw: STANDARD.encode(message.raw()),
            outcome: Outcome::Failed { fault: Left { at: String::new(), code: 207, text: String::new() } },
            reused_control: false,
            tries: 1,
            settled: None,
        }
    }

    /// The same message came before, and could not be applied.
    pub(super) fn tried_as(&mut self, before: &Self) {
        (self.id, self.at) = (before.id.clone(), before.at);
        (self.reused_control, self.tries) = (before.reused_control, before.tries.saturating_add(1));
        self.settled.clone_from(&before.settled);
    }

    /// The bytes as they came.
    pub fn raw(&self) -> Vec<u8> {
        STANDARD.decode(&self.raw).unwrap_or_default()
    }

    /// Whether it was applied.
    pub fn is_applied(&self) -> bool {
        matches!(self.outcome, Outcome::Applied { .. })
    }

    /// What became of it, in a word.
    pub(super) fn state(&self) -> &'static str {
        match (&self.outcome, &self.settled) {
            (Outcome::Applied { .. }, _) => "applied",
            (Outcome::Failed { .. }, None) => "failed",
            (Outcome::Failed { .. }, Some(_)) => "settled",
        }
    }

    /// What is told of it.
    pub(super) fn faults(&self) -> Vec<Fault> {
        match &self.outcome {
            Outcome::Applied { left, .. } => left.iter().map(Fault::from).collect(),
            Outcome::Failed { fault } => vec![fault.into()],
        }
    }

    /// The key by which a repeat is known.
    pub(super) fn same(&self) -> String {
        format!("{}|{}", self.numbered(), self.digest)
    }

    /// The key of those of one sender with one MSH-10.
    pub(super) fn numbered(&self) -> String {
        format!("{}|{}", self.sender, self.control)
    }
}

/// A hash of all that a message says but when it was sent.
fn digest(message: &Message) -> String {
    let mut hash = blake3::Hasher::new();
    let header = message.header();
    for number in (1..=header.last()).filter(|number| *number != 7) {
        hash.update(header.field(number).bytes());
        hash.update(b"\r");
    }
    for segment in message.segments().skip(1) {
        hash.update(segment.raw());
        hash.update(b"\r");
    }
    hash.finalize().to_hex()[..32].to_owned()
}

impl Kept for KeptMessage {
    /// Its place among all, by when it came.
    fn place(&self) -> String {
        format!("{}|{}", instant::text(self.at), self.id)
    }
}

impl Aggregate for KeptMessage {
    const KIND: &'static str = "hl7v2-message";
    const ABOUT_PATIENT: bool = true;

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn keys(&self) -> Vec<StateKey> {
        let at = instant::text(self.at);
        let mut keys = vec![
            unique("same", self.same()),
            shared("numbered", self.numbered()),
            shared("at", self.place()),
        ];
        match &self.outcome {
            Outcome::Applied { patient, .. } => keys.push(shared("patient", format!("{patient}|{at}"))),
            Outcome::Failed { .. } if self.settled.is_none() => keys.push(shared("failed", self.place())),
            Outcome::Failed { .. } => {}
        }
        keys
    }

    fn expires(&self) -> Option<Timestamp> {
        let is_open = self.state() == "failed";
        (!is_open).then(|| Timestamp(self.at.0 + KEPT_FOR_S * 1_000_000))
    }
}

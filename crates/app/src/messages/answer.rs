//! What a sender is told.

use bianque_hl7v2::{Ack, AckCode, AckMode, Fault, Message, Severity, unreadable};
use bianque_model::Timestamp;
use uuid::Uuid;

use crate::Error;

/// Why a message was not applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    /// What is told.
    pub(super) fault: Fault,
    /// Whether it is no message for here, and is not kept. Else it could not be applied, and is.
    pub(super) rejected: bool,
    /// Nothing is known of it: it is to be sent again.
    pub(super) again: bool,
}

impl Refusal {
    /// It is no message for here.
    pub(super) fn rejected(code: u16, at: &str, text: impl Into<String>) -> Self {
        Self { fault: fault(code, at, text), rejected: true, again: false }
    }

    /// It could not be applied.
    pub(super) fn failed(code: u16, at: &str, text: impl Into<String>) -> Self {
        Self { fault: fault(code, at, text), rejected: false, again: false }
    }
}

/// The store does not answer, or a fault of ours.
impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        if let Some(cause) = &error.cause {
            tracing::warn!(code = error.code, %cause, "a message could not be applied");
        }
        let again = error.kind == crate::ErrorKind::Unavailable;
        Self { fault: fault(207, "", told(&error)), rejected: false, again }
    }
}

/// What is wrong, with the places of the resource where they are known.
fn told(error: &Error) -> String {
    let issues = error.details["issue"].as_array().into_iter().flatten();
    let words: Vec<String> = issues
        .filter_map(|issue| {
            let text = issue["diagnostics"].as_str().or_else(|| issue["details"]["text"].as_str())?;
            let place = issue["expression"][0].as_str().unwrap_or_default();
            Some(if place.is_empty() { text.to_owned() } else { format!("{place}: {text}") })
        })
        .take(5)
        .collect();
    if words.is_empty() { error.message.clone() } else { words.join("; ") }
}

fn fault(code: u16, at: &str, text: impl Into<String>) -> Fault {
    Fault { at: at.parse().ok(), code, severity: Severity::Error, text: text.into() }
}

/// What became of a message.
pub(super) enum Fate<'a> {
    /// It was applied, with what was left out of it.
    Applied(&'a [Fault]),
    /// It is kept, and was not applied.
    Failed(&'a Fault),
    /// It is not kept.
    Rejected(&'a Fault),
    /// It could not be kept now.
    Lost(&'a Fault),
}

/// The acknowledgements of a message, as it asks for them, in their order.
pub(super) fn answers(message: &Message, fate: &Fate<'_>, now: Timestamp) -> Vec<Vec<u8>> {
    let (accept, application, faults) = match fate {
        Fate::Applied(faults) => (AckCode::CommitAccepted, AckCode::Accepted, *faults),
        Fate::Failed(fault) => (AckCode::CommitAccepted, AckCode::Error, std::slice::from_ref(*fault)),
        Fate::Rejected(fault) => (AckCode::CommitRejected, AckCode::Rejected, std::slice::from_ref(*fault)),
        Fate::Lost(fault) => (AckCode::CommitError, AckCode::Error, std::slice::from_ref(*fault)),
    };
    let wanted: Vec<AckCode> = match AckMode::of(message) {
        AckMode::Original => vec![application],
        AckMode::Enhanced { accept: accepts, application: applications } => {
            let mut wanted = Vec::new();
            wanted.extend(accepts.wants(accept.is_positive()).then_some(accept));
            // What is not kept is not processed either: the one answer says both.
            let is_kept = accept == AckCode::CommitAccepted;
            wanted.extend((is_kept && applications.wants(application.is_positive())).then_some(application));
            wanted
        }
    };
    let time = written(now);
    let one = |code: AckCode| {
        let faults: &[Fault] = if code == AckCode::CommitAccepted { &[] } else { faults };
        Ack { code, control_id: &control_id(), time: &time, faults }.to(message).ok()
    };
    wanted.into_iter().filter_map(one).collect()
}

/// What is told of bytes that are no message.
pub(super) fn no_message(why: &str, now: Timestamp) -> Vec<Vec<u8>> {
    unreadable(&control_id(), &written(now), why).into_iter().collect()
}

/// 20 characters at most, as old versions want it.
fn control_id() -> String {
    let id = Uuid::now_v7().simple().to_string();
    id[12..].to_owned()
}

/// A moment as HL7 writes it, in UTC.
fn written(at: Timestamp) -> String {
    let at = jiff::Timestamp::from_microsecond(at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    at.strftime("%Y%m%d%H%M%S+0000").to_string()
}

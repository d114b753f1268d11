//! What the server knows of a recording.

use std::collections::{BTreeMap, BTreeSet};

use bianque_model::{BlobId, ResourceId, Timestamp};
use bianque_store::StateKey;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::aggregate::{Aggregate, shared, unique};
use crate::photos::record::subject_of;

/// A recording; its id is its `DocumentReference`'s, once there is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recording {
    /// Its id.
    pub id: ResourceId,
    /// The visit.
    pub visit: ResourceId,
    /// The patient.
    pub patient: ResourceId,
    /// The institution that holds the visit.
    pub organization: ResourceId,
    /// Who asked, as participant.
    pub asked_by: String,
    /// When.
    pub asked_at: Timestamp,
    /// Where it stands.
    pub state: State,
    /// What was answered, in order; the last of each participant counts.
    pub answers: Vec<Answer>,
    /// When something was recorded.
    pub spans: Vec<Span>,
    /// What was written, while it is not composed.
    pub tracks: Vec<Track>,
    /// What it was composed to.
    pub files: Vec<File>,
    /// How it ended.
    pub ended: Option<Ending>,
}

/// Where a recording stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Not all have answered.
    Asked,
    /// What is said and shown is written.
    Running,
    /// Somebody came in who has not answered.
    Paused,
    /// Somebody declined before it began, or it was taken back: there is nothing.
    Declined,
    /// It is over, and is being composed.
    Composing,
    /// It can be played.
    Ready,
    /// It could not be composed; the tracks are kept, and it is tried again.
    Failed,
    /// It ended without anything written.
    Empty,
    /// Its time was over, and it was deleted.
    Deleted,
}

impl State {
    /// The word of the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Declined => "declined",
            Self::Composing => "composing",
            Self::Ready => "ready",
            Self::Failed => "failed",
            Self::Empty => "empty",
            Self::Deleted => "deleted",
        }
    }

    /// Whether people are being asked or recorded.
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Asked | Self::Running | Self::Paused)
    }
}

/// What somebody answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Who, as participant.
    pub participant: String,
    /// Their name.
    pub name: String,
    /// Their role in the visit.
    pub role: String,
    /// Whether they agreed.
    pub agreed: bool,
    /// `self`, or `guardian` for the patient.
    pub by: String,
    /// The version of the text they read.
    pub version: String,
    /// The language they read it in.
    pub language: String,
    /// When.
    pub at: Timestamp,
    /// The Consent of an agreement.
    pub consent: Option<ResourceId>,
}

/// A time in which something was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// From.
    pub from: Timestamp,
    /// To; none: it runs.
    pub to: Option<Timestamp>,
}

/// A track as it is written: a staged, sealed log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Track {
    /// Where it is staged.
    pub stage: Uuid,
    /// Whose it is, as participant.
    pub participant: String,
    /// `microphone`, `camera`, `screen`.
    pub source: String,
}

/// A file that can be played.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// Whose it is, as participant.
    pub participant: String,
    /// Their name.
    pub name: String,
    /// Their role in the visit.
    pub role: String,
    /// `person`: voice and camera; `screen`: what they shared.
    pub shows: String,
    /// The bytes.
    pub blob: BlobId,
    /// Bytes.
    pub size: u64,
    /// How long it is, ms, on the clock of the recording: files that begin together stay together.
    pub length_ms: u64,
    /// It has pictures.
    pub pictures: bool,
}

/// How a recording ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    /// When.
    pub at: Timestamp,
    /// `stopped`, `declined`, `withdrawn`, `visit-ended`, `interrupted`, `storage`.
    pub why: String,
    /// Who, as participant; none: nobody in the visit.
    pub by: Option<String>,
}

impl Aggregate for Recording {
    const KIND: &'static str = "recording";
    const ABOUT_PATIENT: bool = true;

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn keys(&self) -> Vec<StateKey> {
        let mut keys = vec![shared("visit", self.visit.as_str()), shared("patient", self.patient.as_str())];
        // One at a time: whoever asks second finds the first.
        keys.extend(self.state.is_live().then(|| unique("live", self.visit.as_str())));
        let unfinished = self.state.is_live() || matches!(self.state, State::Composing | State::Failed);
        keys.extend(unfinished.then(|| shared("unfinished", "yes")));
        keys.extend(
            (self.state == State::Ready).then(|| shared("kept", crate::instant::text(self.asked_at))),
        );
        keys
    }
}

impl Recording {
    /// The last answer of everybody who answered.
    pub fn latest(&self) -> BTreeMap<&str, &Answer> {
        self.answers.iter().map(|answer| (answer.participant.as_str(), answer)).collect()
    }

    /// Who agrees now.
    pub fn agreed(&self) -> BTreeSet<&str> {
        self.latest().into_iter().filter(|(_, answer)| answer.agreed).map(|(who, _)| who).collect()
    }

    /// Closes the span that runs.
    pub(super) fn close_span(&mut self, at: Timestamp) {
        if let Some(span) = self.spans.last_mut().filter(|span| span.to.is_none()) {
            span.to = Some(at);
        }
    }

    /// The time that was recorded ends with what there is of it: one that was cut off was not going on until somebody looked.
    pub(super) fn end_with_files(&mut self) {
        let Some(began) = self.spans.first().map(|span| span.from) else { return };
        let longest_ms = self.files.iter().map(|file| file.length_ms).max().unwrap_or(0);
        let longest_us = i64::try_from(longest_ms).unwrap_or(i64::MAX).saturating_mul(1_000);
        let end = Timestamp(began.0.saturating_add(longest_us));
        if let Some(last) = self.spans.last_mut() {
            last.to = last.to.map(|to| to.min(end).max(last.from));
        }
    }

    /// The name of the subject whose key seals its bytes.
    pub fn subject(&self) -> String {
        subject_of(&self.patient)
    }
}

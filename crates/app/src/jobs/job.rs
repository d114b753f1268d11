//! What is written down of a job.

use bianque_model::{Actor, Context, Purpose, ResourceId, TenantId, Timestamp};
use bianque_store::{StateKey, agent_of};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::App;
use crate::aggregate::{Aggregate, shared, unique};
use crate::records::export::Export;
use crate::records::reindex::Reindex;

/// Work under way, or done and kept for whoever asked.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Job {
    /// Its id; later jobs have higher ones.
    pub id: ResourceId,
    /// What is to be done, and how far it came.
    pub work: Work,
    /// Who asked.
    pub(crate) by: By,
    /// When it was asked for.
    pub(crate) asked_at: Timestamp,
    /// The instant whose data it is about: that of the commit that wrote it down. None until the first piece is done.
    pub(crate) began: Option<Timestamp>,
    /// Which of the places of its lane it has until it ends.
    pub(crate) slot: String,
    /// How it ended.
    pub(crate) end: Option<End>,
}

/// What is to be done.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "lane", rename_all = "kebab-case")]
pub enum Work {
    /// Resources into files.
    Export(Box<Export>),
    /// Rows of the index, anew.
    Reindex(Reindex),
}

/// Jobs of one lane and tenant are done one after another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lane {
    /// See [`Work::Export`].
    Export,
    /// See [`Work::Reindex`].
    Reindex,
}

/// Who asked for a job.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct By {
    actor: Actor,
    /// As audit rows name them: an application stays the same from one token to the next.
    pub(crate) who: String,
    purpose: Purpose,
    address: String,
}

/// How a job ended.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct End {
    pub(crate) at: Timestamp,
    /// When it is removed, with what it made.
    pub(crate) until: Timestamp,
    /// Why it could not be done.
    pub(crate) failure: Option<String>,
}

impl Lane {
    /// All lanes.
    pub const ALL: [Self; 2] = [Self::Export, Self::Reindex];

    /// As keys name it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Export => "export",
            Self::Reindex => "reindex",
        }
    }
}

impl Work {
    /// The lane it is done in.
    pub const fn lane(&self) -> Lane {
        match self {
            Self::Export(_) => Lane::Export,
            Self::Reindex(_) => Lane::Reindex,
        }
    }
}

impl Job {
    /// A job that somebody asks for now.
    pub(crate) fn new(context: &Context, work: Work, slot: String) -> Self {
        let by = By {
            actor: context.actor.clone(),
            who: agent_of(context).0,
            purpose: context.purpose,
            address: context.address.clone(),
        };
        let (id, asked_at) = (Uuid::now_v7().into(), context.now);
        Self { id, work, by, asked_at, began: None, slot, end: None }
    }

    /// The context in which it is done: as whoever asked, with what they may see now. What they opened in an emergency is
    /// not theirs to take along.
    pub(crate) fn context(&self, app: &App, tenant: TenantId) -> Context {
        Context {
            tenant,
            actor: self.by.actor.clone(),
            emergencies: Vec::new(),
            purpose: self.by.purpose,
            now: app.clock.now(),
            request: Uuid::try_parse(self.id.as_str()).unwrap_or_default(),
            address: self.by.address.clone(),
        }
    }
}

/// An instant as a key: texts of equal length are in the order of time.
pub(super) fn instant_key(at: Timestamp) -> String {
    format!("{:020}", at.0.max(0))
}

impl Aggregate for Job {
    const KIND: &'static str = "job";
    const ABOUT_PATIENT: bool = true;

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn keys(&self) -> Vec<StateKey> {
        let lane = self.work.lane().code();
        let mut keys = vec![shared("kept", lane)];
        match &self.end {
            None => keys.extend([shared("open", lane), unique("slot", self.slot.clone())]),
            Some(end) => keys.push(shared("until", instant_key(end.until))),
        }
        if let Work::Reindex(Reindex { version: Some(version), .. }) = &self.work
            && self.end.as_ref().is_none_or(|end| end.failure.is_some())
        {
            keys.push(shared("version", version.clone()));
        }
        keys
    }
}

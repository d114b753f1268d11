//! The audit on its way off the machine: what has not been sent yet, and how far each destination got.

use bianque_model::{TenantId, Timestamp};
pub use bianque_store::Chain;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::checkpoint::{self, TENANT};
use crate::aggregate::Aggregate;
use crate::records::audit_event;
use crate::secrets::hex;
use crate::{App, Change, Error};

/// Entries of one batch from each chain.
const BATCH: u32 = 500;

/// What goes to a destination.
#[derive(Debug, Clone, PartialEq)]
pub enum Entry {
    /// A row.
    Row {
        /// Whose it is; 0: the server's own.
        tenant: TenantId,
        /// Its chain.
        chain: Chain,
        /// Its sequence.
        sequence: u64,
        /// Its link, in hexadecimal.
        link: String,
        /// When it was written down.
        at: Timestamp,
        /// The AuditEvent.
        event: Value,
    },
    /// A signed checkpoint.
    Checkpoint {
        /// When it was taken.
        at: Timestamp,
        /// The line.
        line: String,
    },
}

/// How far a destination got. A row may be sent twice after a crash, never left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Export {
    /// The destination.
    pub destination: String,
    /// The last sequence of the chain of writes.
    pub writes: u64,
    /// The last sequence of the chain of reads.
    pub reads: u64,
}

impl Aggregate for Export {
    const KIND: &'static str = "audit-export";
    const ABOUT_PATIENT: bool = false;

    fn id(&self) -> String {
        self.destination.clone()
    }
}

/// What a destination has not been sent yet, with how far it is once it was; none: nothing.
pub async fn pending(app: &App, destination: &str) -> Result<Option<(Vec<Entry>, Export)>, Error> {
    let stored = app.load::<Export>(TENANT, destination).await?.map(|loaded| loaded.value);
    let mut reached =
        stored.unwrap_or_else(|| Export { destination: destination.to_owned(), ..Export::default() });
    let mut entries = Vec::new();
    for (chain, position) in [(Chain::Writes, &mut reached.writes), (Chain::Reads, &mut reached.reads)] {
        for found in app.store.audit_after(chain, *position, BATCH).await? {
            *position = found.sequence;
            entries.push(Entry::Row {
                tenant: found.tenant,
                chain,
                sequence: found.sequence,
                link: hex(&found.link),
                at: found.row.at,
                event: audit_event::event(found.sequence, &found.row),
            });
        }
    }
    if entries.is_empty() {
        return Ok(None);
    }
    for checkpoint in checkpoint::take(app).await? {
        entries.push(Entry::Checkpoint { at: Timestamp(checkpoint.at), line: checkpoint.sign(app)? });
    }
    Ok(Some((entries, reached)))
}

/// Remembers how far a destination got.
pub async fn sent(app: &App, reached: &Export) -> Result<(), Error> {
    let context = super::server(app);
    let mut change = Change::new(app, &context).bulk();
    change.save(reached)?;
    change.commit().await?;
    Ok(())
}

//! Queries: Query/Retrieve FIND (PS3.4 annex C) and Modality Worklist (annex K), which differ in their identifiers only.

use super::{Asked, Asking};
use crate::{Association, ContextId, Misuse, Priority, Request, Status, Uid};

/// Most bytes of an identifier, of a query and of a match.
pub const LONGEST_IDENTIFIER: usize = 1 << 20;

/// A query of the peer: its identifier, then matches one by one, then the end.
#[derive(Debug)]
pub struct Query {
    asked: Asked,
    told: u64,
}

impl Query {
    /// Begins with a C-FIND.
    pub fn new(association: &Association, context: ContextId, request: Request, has_data: bool) -> Self {
        Self { asked: Asked::new(association, context, request, has_data, LONGEST_IDENTIFIER), told: 0 }
    }

    /// The request, its identifier, its cancelling.
    pub fn asked(&mut self) -> &mut Asked {
        &mut self.asked
    }

    /// Whether another match is taken now: the peer reads, and has not cancelled.
    pub fn is_ready(&self, association: &Association) -> bool {
        self.asked.is_ready(association) && !self.asked.is_cancelled()
    }

    /// Sends a match, encoded as [`Asked::transfer_syntax`] says. Not before [`Query::is_ready`].
    ///
    /// `all_keys` is false when the query has optional keys that were not looked at.
    pub fn tell(
        &mut self,
        association: &mut Association,
        identifier: Vec<u8>,
        all_keys: bool,
    ) -> Result<(), Misuse> {
        let status = if all_keys { Status::PENDING } else { Status::PENDING_WITHOUT_OPTIONAL_KEYS };
        self.asked.respond(association, &self.asked.response(status), Some(identifier))?;
        self.told += 1;
        Ok(())
    }

    /// Sends the end: that it was cancelled, if it was, else that those were all.
    pub fn finish(&mut self, association: &mut Association) -> Result<(), Misuse> {
        let status = if self.asked.is_cancelled() { Status::CANCEL } else { Status::SUCCESS };
        self.asked.respond(association, &self.asked.response(status), None)
    }

    /// Sends that it cannot be done.
    pub fn fail(
        &mut self,
        association: &mut Association,
        status: Status,
        comment: &str,
    ) -> Result<(), Misuse> {
        let response = self.asked.response(status).with_comment(comment);
        self.asked.respond(association, &response, None)
    }

    /// Matches that were sent.
    pub fn told(&self) -> u64 {
        self.told
    }
}

/// Asks a query; a match is a [`super::Told`] that is pending.
pub fn ask(
    association: &mut Association,
    context: ContextId,
    message_id: u16,
    sop_class: Uid,
    identifier: Vec<u8>,
) -> Result<Asking, Misuse> {
    let request = Request::Find { message_id, sop_class, priority: Priority::Medium };
    Asking::begin(association, context, request, Some(identifier), LONGEST_IDENTIFIER)
}

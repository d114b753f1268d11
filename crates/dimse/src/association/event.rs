//! What an association tells its shell.

use std::fmt;
use std::sync::Arc;

use crate::{
    AbortReason, CommandError, ContextId, Proposal, Rejection, Request, Response, Roles, Uid, UserInformation,
};

/// Something that happened.
#[derive(Debug)]
pub enum Event<'a> {
    /// Somebody wishes to associate. To be answered by `accept` or `reject`.
    Requested(Arc<Proposal>),
    /// Our proposal was accepted.
    Accepted(Arc<Established>),
    /// Our proposal was refused, or we refused one that is none of DICOM. It is over.
    Rejected(Rejection),
    /// Something is asked for. With `has_data`, the pieces of a data set follow.
    Request {
        /// The presentation context.
        context: ContextId,
        /// What is asked for.
        request: Request,
        /// Whether a data set follows.
        has_data: bool,
    },
    /// Something is asked for that cannot be read, or by whom it may not. To be answered by that response, once the
    /// data set is through.
    Unreadable {
        /// The presentation context.
        context: ContextId,
        /// What to answer.
        response: Response,
        /// What is wrong with it; none when the peer has not the role for it.
        error: Option<CommandError>,
        /// Whether a data set follows.
        has_data: bool,
    },
    /// What came of something that we asked for.
    Response {
        /// The presentation context.
        context: ContextId,
        /// What came of it.
        response: Response,
        /// Whether a data set follows.
        has_data: bool,
    },
    /// Bytes of the data set of the message before. They may be none.
    Data {
        /// The presentation context.
        context: ContextId,
        /// A slice of the input.
        bytes: &'a [u8],
        /// Whether the data set is whole with them.
        last: bool,
    },
    /// The peer wishes to end. To be answered by `answer_release`, once all is sent that is to be.
    ReleaseRequested,
    /// Both agreed to end. It is over.
    Released,
    /// It is over before its time.
    Aborted(Abort),
}

/// Why an association is over before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Abort {
    /// Who ended it.
    pub by: AbortedBy,
    /// Source and reason as they went over the line.
    pub reason: AbortReason,
}

impl fmt::Display for Abort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = self.reason;
        match self.by {
            AbortedBy::Peer => write!(f, "the peer aborted: {reason}"),
            AbortedBy::Protocol => write!(f, "aborted because of what the peer sent: {reason}"),
            AbortedBy::Timeout => f.write_str("aborted because nothing moved for too long"),
            AbortedBy::Connection => f.write_str("the connection broke"),
        }
    }
}

/// Who ended an association.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AbortedBy {
    /// The peer.
    Peer,
    /// We did, because of what the peer sent.
    Protocol,
    /// We did, because nothing came, or not enough.
    Timeout,
    /// The connection.
    Connection,
}

/// What was agreed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Established {
    /// The contexts that were accepted, by rising id.
    pub contexts: Vec<Context>,
    /// What the peer said of itself.
    pub peer: UserInformation,
}

/// A presentation context that may be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// Its number.
    pub id: ContextId,
    /// The class, or a group of them.
    pub abstract_syntax: Uid,
    /// How data sets are encoded.
    pub transfer_syntax: Uid,
    /// What we are in it.
    pub roles: Roles,
}

impl Established {
    /// A context by its number.
    pub fn context(&self, id: ContextId) -> Option<&Context> {
        self.contexts.iter().find(|context| context.id == id)
    }

    /// A context by class and encoding, in which we are this.
    pub fn context_for(&self, class: &Uid, transfer_syntax: &Uid, roles: Roles) -> Option<&Context> {
        let fits =
            |context: &&Context| context.is_for(class, roles) && context.transfer_syntax == *transfer_syntax;
        self.contexts.iter().find(fits)
    }

    /// The first context of a class, in which we are this.
    pub fn of_class(&self, class: &Uid, roles: Roles) -> Option<&Context> {
        self.contexts.iter().find(|context| context.is_for(class, roles))
    }
}

impl Context {
    /// Whether it is of a class, and we are this in it.
    pub fn is_for(&self, class: &Uid, roles: Roles) -> bool {
        let ours = self.roles;
        self.abstract_syntax == *class && (ours.scu || !roles.scu) && (ours.scp || !roles.scp)
    }
}

/// Something that may not be done at this point; nothing was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Misuse {
    /// The association is not in a state for it.
    #[error("the association is not in a state for that")]
    State,
    /// There is no such context, or it was not accepted.
    #[error("presentation context {0} is not accepted")]
    Context(ContextId),
    /// We have not the role for it in that context.
    #[error("not in our role in presentation context {0}")]
    Role(ContextId),
    /// A data set is on its way that is not whole, or there is none to be sent.
    #[error("no data set is due, or another is on its way")]
    Data,
    /// So much waits to go out that nothing is taken.
    #[error("too much waits to go out")]
    Full,
    /// A proposal or an answer that could not be written: too many contexts, ids that are even or used twice.
    #[error("a proposal that cannot be written")]
    Proposal,
}

//! DICOM over the network (PS3.7, PS3.8): associations in both roles, the commands over them, the services.
//!
//! # The contract
//!
//! An [`Association`] is driven by bytes and time, and does no IO. Whoever holds its socket, the shell, does this:
//!
//! 1. **In.** Bytes that came go into [`Association::handle_bytes`], in a loop: each call takes some of them and gives at
//!    most one [`Event`]. It takes nothing only when there was nothing, or while too much waits to go out. A fragment of a
//!    data set is a slice of those very bytes: whatever an object's size, nothing of it is held or copied here.
//! 2. **Out.** After every call, [`Association::poll_transmit`] tells what is to be written;
//!    [`Association::handle_transmitted`] is told how much was.
//! 3. **Time.** [`Association::handle_timeout`] is called when [`Association::poll_timeout`] is past.
//! 4. **The end.** [`Association::handle_closed`] when the peer closed the connection or it broke. When
//!    [`Association::is_over`] and nothing is left to be written, the shell closes the connection.
//! 5. **Doing.** `accept`, `reject`, `send_*`, `release` and `abort` change the machine and queue what follows. A data set goes out by
//!    [`Association::send_data`], which takes what there is room for: drain, then go on. What is out of order is a
//!    [`Misuse`] and changes nothing.
//!
//! What is held is bounded: a PDU of control of 1 MiB, a command of 64 KiB, 512 KiB that wait to go out. What a peer does
//! against the protocol is answered by an A-ABORT with its reason, and told as [`Event::Aborted`].
//!
//! Data sets are bytes here. Only command sets are read and written.

mod ae_title;
mod association;
mod command;
mod negotiation;
mod pdu;
mod proposal;
pub mod services;
mod status;
mod uid;

pub use ae_title::{AeTitle, NoAeTitle};
pub use association::{
    Abort, AbortedBy, Association, Context, Established, Event, Misuse, Settings, Timeouts,
};
pub use command::{CommandError, MoveOriginator, Operation, Priority, Request, Response, SubOperations, Tag};
pub use negotiation::{MAX_PDU, Negotiation, Offer, Roles, StoragePolicy};
pub use proposal::{
    AbortReason, Acceptance, CommonExtended, ContextId, ContextRefusal, ContextResult, Credential,
    ExtendedNegotiation, Implementation, Proposal, ProposedContext, RejectReason, Rejection, RoleSelection,
    UserIdentity, UserInformation, Window,
};
pub use status::{Status, StatusKind};
pub use uid::{APPLICATION_CONTEXT, NoUid, Uid, sop_class, transfer_syntax};

//! Work that is asked for by one request and looked after by others: it goes on when nobody waits, and after a restart.
//!
//! A [`Job`] is a state document that says what is to be done and how far it came. It is done in pieces: each is bounded,
//! and ends in one commit that writes the new place and expects the version that was read. So a process that is killed has
//! lost a piece at most, whoever removes the document has cancelled the job, and two who worked on one would not both be
//! believed. See [ADR 30](../../../docs/adr/0030-jobs-are-state-documents-done-in-pieces.md).

mod board;
mod job;
mod keep;
mod run;
mod status;
#[cfg(test)]
mod tests;

pub use board::Board;
pub use job::{Job, Lane, Work};
pub use keep::{cancel, expire, remove_exports};
pub use run::{Named, Step, run, step, work};
pub use status::{Status, status};

pub(crate) use job::End;
pub(crate) use keep::{ask, remove, subject};
pub(crate) use status::own;

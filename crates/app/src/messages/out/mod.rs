//! HL7 v2 out: what other systems are told of the visits that are held here.
//!
//! Versions of resources are read in the order in which they were committed ([`follow`]). What one of them is to other
//! systems is decided in `occasion`; for each destination that wants it a message is written (`compose`) and kept
//! ([`made`]) in one commit, so that it says what was so then, whether the destination can be reached or not. Messages go
//! out one after the other, each until it is answered ([`deliver`]).

mod board;
mod compose;
pub mod deliver;
pub mod desk;
pub mod destinations;
pub mod follow;
pub mod made;
mod occasion;
pub mod resend;
#[cfg(test)]
mod tests;

pub use board::Board;

//! HL7 v2: what other systems of a hospital tell, and what came of it.
//!
//! A message comes by a line ([`receive`]), from a sender that is known here ([`senders`]). It is mapped, its resources
//! find their patient (`whose`) and what stands of them (`known_by`), and the message with its result is one commit
//! with what it changed (`apply`). Whoever is told AA is told after that is durable. A message that could not be applied
//! is kept as well, and can be tried again. What other systems are told from here is in [`out`].

mod answer;
mod apply;
pub(crate) mod checks;
pub mod desk;
pub mod flow;
pub mod kept;
mod known_by;
mod merging;
pub mod out;
mod over;
mod pages;
pub mod receive;
pub mod replay;
pub mod senders;
mod stale;
#[cfg(test)]
mod tests;
mod whose;

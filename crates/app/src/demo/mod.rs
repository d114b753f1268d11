//! The demo: people, histories and a day that are all made up, by the program itself, from a seed.

pub mod cohort;
mod destination;
mod peers;
mod prepare;
mod senders;

pub use cohort::Dice;
pub use destination::told;
pub use prepare::{Links, Notice, prepare};

//! Services over associations (PS3.4): what a request means and what may be answered, each a small machine.
//!
//! They hold no association: it is an argument, and what they do with it is queued in it. Two are of every service:
//! [`Asked`] is a request of the peer, [`Asking`] is one of ours. What one service knows beyond them stands in its file.
//!
//! Whoever drives them hands on the events of the association as they come, and after each drain calls `pump`
//! until all of a data set is queued.

mod asked;
mod asking;
pub mod commitment;
mod data_set;
pub mod echo;
pub mod find;
pub mod performed_step;
pub mod retrieve;
pub mod store;

pub use asked::Asked;
pub use asking::{Asking, Told};
pub use data_set::TooLong;

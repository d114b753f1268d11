//! Voice clips among the messages of a visit: what is said when no call comes through.
//!
//! A clip is sent as a photo is, in pieces that survive a lost line, and is kept as a Communication with its Binary.

pub mod inspect;
mod record;
pub mod view;

pub use record::{Clip, message, shown};

/// The largest clip, bytes: two minutes at a rate that no voice needs.
pub const LARGEST: u64 = 4 << 20;
/// The longest clip, ms: two minutes, and what a recorder takes to stop.
pub const LONGEST_MS: u32 = 125_000;

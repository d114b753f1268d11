//! Recording a visit's call, with the consent of everybody in it.
//!
//! ```text
//! ask ─ everybody answers ─ running ⇄ paused ─ ended ─ composed ─ played
//! ```
//!
//! A clinician asks; whoever is in the visit agrees or declines in words. When all who are here have agreed, the room of
//! the call is tapped ([`bianque_media::Tap`]) and a thread writes what it hears, sealed, track by track (`taker`). A
//! newcomer pauses it until they have answered: the room itself copies nothing while somebody is in it who has not
//! agreed. Whoever declines or takes their consent back ends it at once. Afterwards the tracks are woven into a file for
//! each participant ([`compose`]), without decoding them.
//!
//! [`Recording`] holds who answered what and when, beside a Consent for each agreement; the files are a
//! `DocumentReference` of the record.

pub mod answer;
pub mod ask;
pub mod compose;
pub mod end;
mod keeper;
pub mod play;
mod record;
pub mod resume;
pub mod retention;
mod taker;
mod text;
pub mod view;

#[cfg(test)]
mod tests;

pub use keeper::Recorders;
pub use record::{Answer, Ending, File, Recording, Span, State, Track};

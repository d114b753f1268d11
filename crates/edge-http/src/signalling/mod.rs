//! Sockets: one per participant and visit, one per clinician's queue.

pub(crate) mod frames;
pub(crate) mod queue;
pub(crate) mod sound;
pub(crate) mod test_call;
pub(crate) mod visit;

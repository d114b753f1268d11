//! Subscriptions by criteria (FHIR R4, Subscription): whoever writes one is told when a resource is written that its
//! criteria match.
//!
//! Versions of resources are read in the order they were committed in, and every subscription has its place among them.
//! What is told is decided when it is told: by the criteria, and by what whoever wrote the subscription may see then.

mod asked;
mod bind;
mod course;
mod criteria;
mod deliver;
mod feed;
mod headers;
mod hub;
mod matching;
mod progress;
mod status;
mod terms;
#[cfg(test)]
mod tests;
mod write;
mod writer;

pub use bind::{bind, may_bind};
pub use course::{Ended, Running, ended, open, running, stop};
pub use deliver::{Delivery, deliver};
pub use feed::{Batch, Feed, Following, Version};
pub use hub::{Ear, Heard, Hub};
pub use matching::{Considered, consider};
pub use progress::Progress;
pub use status::status;

pub(super) use write::{not_taken_in, removed, written};

/// The type of resource.
const TYPE: &str = "Subscription";
/// Subscriptions of one tenant that run at a time.
const MOST: u32 = 500;

//! What stands before every handler: who asks from where, where a request may come from, how many, how long, and what every answer says to
//! browsers.

pub(crate) mod cross_origin;
mod forwarded;
pub(crate) mod headers;
pub(crate) mod limits;
pub(crate) mod meter;
pub(crate) mod origin;
pub(crate) mod proxies;
pub(crate) mod size;
pub(crate) mod task;
pub(crate) mod tenant;

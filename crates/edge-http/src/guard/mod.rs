//! What stands before every handler: where a request may come from, how many, how long, and what every answer says to
//! browsers.

pub(crate) mod headers;
pub(crate) mod length;
pub(crate) mod limits;
pub(crate) mod meter;
pub(crate) mod origin;
pub(crate) mod task;

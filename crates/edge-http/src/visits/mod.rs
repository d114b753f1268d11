//! Visits over HTTP: each handler reads its input, calls one use case and writes the answer.

pub(crate) mod course;
pub(crate) mod desk;
pub(crate) mod people;
pub(crate) mod quality;
pub(crate) mod way_in;
pub(crate) mod work;

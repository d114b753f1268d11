//! The whole HTTP surface.

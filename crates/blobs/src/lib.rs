//! Sealed bytes by random id.

//! Consumers of the outbox and housekeeping.

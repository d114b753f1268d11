//! What administrators manage: users, institutions, schedules, prices. None of it is clinical.

pub mod consents;
pub mod identify;
pub mod keys;
pub mod organizations;
pub mod prices;
pub mod schedules;
pub mod users;

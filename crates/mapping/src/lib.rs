//! HL7 v2 messages as FHIR resources, by tables, and resources as messages ([`outgoing`]).
//!
//! [`to_fhir`] makes the resources of a message, which refer to each other by [`Entry::name`]. Which fields go where stands
//! in `tables/`, one file a resource, after the published maps (HL7 v2-to-FHIR); what a datatype becomes, in
//! `datatypes`; which segments belong together, in `groups`; what a kind of message makes, in `messages`. Nothing here
//! knows what is stored: who a patient is and what a message changes is decided by whoever stores it. No clock, no IO.
//!
//! People, places and devices that a message names are references by identifier and display: the sender's doctors have no
//! accounts here, and resources of them would be copies of a register that is kept elsewhere.

mod codes;
mod datatypes;
mod fill;
mod groups;
mod messages;
pub mod outgoing;
mod place;
mod table;

pub use messages::{Entry, Kind, Mapped, NotMapped, to_fhir};

use jiff::tz::TimeZone;

/// What the server knows of a sender.
#[derive(Debug, Clone)]
pub struct Sender {
    /// What times without an offset are in.
    pub zone: TimeZone,
    /// The system of identifiers by their assigning authority, as the sender writes it in CX-4: a namespace, or a universal
    /// id. An authority that is not listed has no system but its own name.
    pub authorities: Vec<(String, String)>,
    /// The system of identifiers that name no authority: the sender's own.
    pub own: Option<String>,
}

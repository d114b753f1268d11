//! FHIR resources as HL7 v2 messages: what other systems are told of visits that are held here.
//!
//! [`to_v2`] writes a message about one resource; what it refers to lies beside it in a [`Record`]. One file writes one
//! family of messages, `person` and `patient` the segments and types that all of them have. What the character set
//! of a destination cannot say is an error, and never a question mark in somebody's name.

mod admission;
mod document;
mod observation;
mod patient;
mod person;
mod referral;
mod result;
mod schedule;
mod text;
mod writer;

use std::collections::HashMap;

use bianque_hl7v2::{Charset, DraftError};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value as Json;

use writer::Writer;

/// Whom a message goes to, and how it is written for them.
#[derive(Debug, Clone)]
pub struct Receiver {
    /// MSH-5 and MSH-6: the application and the facility that it is for.
    pub names: [String; 2],
    /// MSH-3 and MSH-4: what we call ourselves. The application is the authority of our numbers too.
    pub own_names: [String; 2],
    /// MSH-12, for example `2.5.1`.
    pub version: String,
    /// The character set of the message.
    pub charset: Charset,
    /// What times are written in, with their offset.
    pub zone: TimeZone,
    /// How the authority of identifiers is written (CX-4), by their system: name, then system.
    pub authorities: Vec<(String, String)>,
}

/// What a message tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tells {
    /// SIU S12: an Appointment is booked.
    Booked,
    /// SIU S13: it is at another time.
    Moved,
    /// SIU S14: something else of it changed.
    Changed,
    /// SIU S15: it is cancelled.
    Cancelled,
    /// SIU S26: the patient did not come.
    Missed,
    /// ADT A04: the visit of an Encounter has begun.
    Opened,
    /// ADT A03: it has ended.
    Closed,
    /// ADT A11: it was none.
    Undone,
    /// MDM T02: a Composition was signed.
    Document,
    /// MDM T06: one that adds to another.
    Addendum,
    /// ORU R01: a DiagnosticReport with its Observations, or a Composition where documents go as results.
    Result,
    /// REF I12: a ServiceRequest refers the patient.
    Referred,
    /// REF I14: it is taken back.
    ReferralTakenBack,
}

impl Tells {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Booked,
        Self::Moved,
        Self::Changed,
        Self::Cancelled,
        Self::Missed,
        Self::Opened,
        Self::Closed,
        Self::Undone,
        Self::Document,
        Self::Addendum,
        Self::Result,
        Self::Referred,
        Self::ReferralTakenBack,
    ];

    /// The message and its event, MSH-9.1 and MSH-9.2.
    pub const fn kind(self) -> [&'static str; 2] {
        match self {
            Self::Booked => ["SIU", "S12"],
            Self::Moved => ["SIU", "S13"],
            Self::Changed => ["SIU", "S14"],
            Self::Cancelled => ["SIU", "S15"],
            Self::Missed => ["SIU", "S26"],
            Self::Opened => ["ADT", "A04"],
            Self::Closed => ["ADT", "A03"],
            Self::Undone => ["ADT", "A11"],
            Self::Document => ["MDM", "T02"],
            Self::Addendum => ["MDM", "T06"],
            Self::Result => ["ORU", "R01"],
            Self::Referred => ["REF", "I12"],
            Self::ReferralTakenBack => ["REF", "I14"],
        }
    }

    /// The structure of the message, MSH-9.3.
    const fn structure(self) -> &'static str {
        match self {
            Self::Booked | Self::Moved | Self::Changed | Self::Cancelled | Self::Missed => "SIU_S12",
            Self::Opened => "ADT_A01",
            Self::Closed => "ADT_A03",
            Self::Undone => "ADT_A09",
            Self::Document | Self::Addendum => "MDM_T02",
            Self::Result => "ORU_R01",
            Self::Referred | Self::ReferralTakenBack => "REF_I12",
        }
    }
}

/// What a message is about, with all that is said of it.
#[derive(Debug)]
pub struct About<'a> {
    /// What is told.
    pub tells: Tells,
    /// The resource that it is told of.
    pub focus: &'a Json,
    /// The patient as they are known now.
    pub patient: &'a Json,
    /// The Encounter of the visit.
    pub encounter: &'a Json,
    /// What these refer to.
    pub record: &'a Record,
    /// The document on paper, where the message carries one.
    pub pdf: Option<&'a [u8]>,
    /// When it happened.
    pub at: Timestamp,
}

/// Resources by `Type/id`.
#[derive(Debug, Default)]
pub struct Record(HashMap<String, Json>);

impl Record {
    /// Adds a resource.
    pub fn add(&mut self, resource: Json) {
        let part = |name: &str| resource[name].as_str().unwrap_or_default();
        let name = format!("{}/{}", part("resourceType"), part("id"));
        self.0.insert(name, resource);
    }

    /// What a Reference leads to; null where it is not here.
    pub(crate) fn of(&self, reference: &Json) -> &Json {
        let name = reference["reference"].as_str().unwrap_or_default();
        self.0.get(name).unwrap_or(&Json::Null)
    }
}

/// Writes a message under a number (MSH-10), as of now.
///
/// # Errors
/// Something of it cannot be said in the character set of the receiver.
pub fn to_v2(
    about: &About<'_>,
    receiver: &Receiver,
    control: &str,
    now: Timestamp,
) -> Result<Vec<u8>, DraftError> {
    let mut writer = Writer::new(receiver);
    header(&mut writer, about.tells, control, now);
    match about.tells {
        Tells::Booked | Tells::Moved | Tells::Changed | Tells::Cancelled | Tells::Missed => {
            schedule::write(&mut writer, about);
        }
        Tells::Opened | Tells::Closed | Tells::Undone => admission::write(&mut writer, about),
        Tells::Document | Tells::Addendum => document::write(&mut writer, about),
        Tells::Result => result::write(&mut writer, about),
        Tells::Referred | Tells::ReferralTakenBack => referral::write(&mut writer, about),
    }
    writer.finish()
}

/// MSH.
fn header(writer: &mut Writer<'_>, tells: Tells, control: &str, now: Timestamp) {
    let receiver = writer.receiver;
    let [kind, event] = tells.kind();
    let [own_application, own_facility] = &receiver.own_names;
    let [application, facility] = &receiver.names;
    let now = writer.moment(now);
    for (place, text) in [
        ("MSH-3.1", own_application.as_str()),
        ("MSH-4.1", own_facility),
        ("MSH-5.1", application),
        ("MSH-6.1", facility),
        ("MSH-7.1", &now),
        ("MSH-9.1", kind),
        ("MSH-9.2", event),
        ("MSH-9.3", tells.structure()),
        ("MSH-10", control),
        ("MSH-11.1", "P"),
        ("MSH-12.1", &receiver.version),
    ] {
        writer.put(place, text);
    }
}

#[cfg(test)]
mod tests;

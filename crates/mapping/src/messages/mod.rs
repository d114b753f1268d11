//! What a message makes: one file a family of messages.

mod admission;
mod documents;
mod orders;
mod results;
mod schedule;

use bianque_hl7v2::{Fault, Message, Path, Segment};
use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};

use crate::fill::Filled;
use crate::groups::Groups;
use crate::table::{self, Table};
use crate::{Sender, datatypes};

/// What a message is about (MSH-9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// ADT A01, A04, A05: a visit begins, or is to.
    Admit,
    /// ADT A02, A06, A07, A08, A31 and others that tell what is so now.
    Update,
    /// ADT A03: a visit ends.
    Discharge,
    /// ADT A11: a visit was none.
    CancelAdmit,
    /// ADT A13: a visit has not ended.
    CancelDischarge,
    /// ADT A28: a person is known.
    AddPerson,
    /// ADT A34, A40: two records are one patient; MRG names the one that is left.
    Merge,
    /// ADT A37: they are not.
    Unlink,
    /// SIU S12 to S17 and S26.
    Schedule,
    /// ORM O01, OMG O19, OMI O23, OML O21.
    Order,
    /// ORU R01, OUL.
    Result,
    /// MDM T01 and others: a document, with its content from T02 on.
    Document,
    /// REF I12: a referral.
    Referral,
}

impl Kind {
    /// As MSH-9 says; `None` is a message that is not taken.
    pub fn of(message: &Message) -> Option<Self> {
        let event = message.text("MSH-9.2");
        Some(match (message.text("MSH-9.1").as_ref(), event.as_ref()) {
            ("ADT", "A01" | "A04" | "A05" | "A14") => Self::Admit,
            (
                "ADT",
                "A02" | "A06" | "A07" | "A08" | "A09" | "A10" | "A15" | "A16" | "A31" | "A47" | "A60",
            ) => Self::Update,
            ("ADT", "A03") => Self::Discharge,
            ("ADT", "A11" | "A27") => Self::CancelAdmit,
            ("ADT", "A13" | "A25" | "A26") => Self::CancelDischarge,
            ("ADT", "A28") => Self::AddPerson,
            ("ADT", "A34" | "A40") => Self::Merge,
            ("ADT", "A37") => Self::Unlink,
            ("SIU", "S12" | "S13" | "S14" | "S15" | "S16" | "S17" | "S26") => Self::Schedule,
            ("ORM", "O01") | ("OMG", "O19") | ("OMI", "O23") | ("OML", "O21") => Self::Order,
            ("ORU", "R01") | ("OUL", "R22" | "R23" | "R24") => Self::Result,
            ("MDM", "T01" | "T02" | "T05" | "T06" | "T09" | "T10") => Self::Document,
            ("REF", "I12" | "I13" | "I14") => Self::Referral,
            _ => return None,
        })
    }
}

/// A message as resources.
#[derive(Debug, Clone, PartialEq)]
pub struct Mapped {
    /// What it is about.
    pub kind: Kind,
    /// When what it tells of happened, as the sender says: of an event, of a change of an order or a result, else of the
    /// message itself. None where it says no moment.
    pub at: Option<Timestamp>,
    /// The resources, those that others refer to first.
    pub entries: Vec<Entry>,
    /// Identifiers of the record that a merge leaves (MRG-1), and of the one that is parted again (PID-3 of the second PID).
    pub prior: Vec<Json>,
    /// What was left out because it could not be read.
    pub faults: Vec<Fault>,
}

/// A resource of a message.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// What others of the message refer to it by, as `urn:hl7v2:entry:Patient-1`.
    pub name: String,
    /// By what the sender tells it from others of its code in one report (OBX-4); empty where it says nothing.
    pub number: String,
    /// The resource, without an id.
    pub resource: Map<String, Json>,
    /// Members of which the sender says that there is no value, and one that was known is to go.
    pub removed: Vec<String>,
}

/// Why a message has no resources.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotMapped {
    /// Its kind is not taken.
    #[error("{0} is not taken")]
    Kind(String),
    /// It lacks a segment without which it says nothing.
    #[error("the message has no {0}")]
    Segment(&'static str),
    /// Nothing in it identifies the patient.
    #[error("PID-3 identifies nobody")]
    Patient,
}

/// Makes the resources of a message.
pub fn to_fhir(message: &Message, sender: &Sender) -> Result<Mapped, NotMapped> {
    let unknown = || NotMapped::Kind(message.text("MSH-9").into_owned());
    let kind = Kind::of(message).ok_or_else(unknown)?;
    let mut making = Making { sender, groups: Groups::of(message), mapped: Vec::new(), faults: Vec::new() };
    making.patient()?;
    match kind {
        Kind::Schedule => schedule::appointment(&mut making)?,
        Kind::Order => orders::orders(&mut making)?,
        Kind::Result => results::reports(&mut making)?,
        Kind::Document => documents::document(&mut making)?,
        Kind::Referral => orders::referral(&mut making)?,
        _ => admission::visit(&mut making, kind),
    }
    let prior = match kind {
        Kind::Merge => identifiers(message.named("MRG").next(), 1, sender),
        Kind::Unlink => identifiers(message.named("PID").nth(1), 3, sender),
        _ => Vec::new(),
    };
    Ok(Mapped {
        kind,
        at: happened(message, kind, sender),
        entries: making.mapped,
        prior,
        faults: making.faults,
    })
}

/// Identifiers of a patient that stand in a field.
fn identifiers(segment: Option<Segment<'_>>, field: usize, sender: &Sender) -> Vec<Json> {
    let Some(segment) = segment else { return Vec::new() };
    segment.field(field).repetitions().filter_map(|one| datatypes::cx(one, sender)).collect()
}

/// When it happened. The time of the message is when it was sent, which may be again.
fn happened(message: &Message, kind: Kind, sender: &Sender) -> Option<Timestamp> {
    let places: &[&str] = match kind {
        Kind::Order => &["ORC-9", "MSH-7"],
        Kind::Result => &["OBR-22", "MSH-7"],
        Kind::Document => &["TXA-6", "MSH-7"],
        Kind::Schedule | Kind::Referral => &["MSH-7"],
        _ => &["EVN-2", "MSH-7"],
    };
    places.iter().filter_map(|place| place.parse().ok()).find_map(|place: Path| {
        datatypes::moment(message.at(&place), datatypes::Precision::Instant, sender).ok()??.parse().ok()
    })
}

/// A message whose resources are being made.
struct Making<'m> {
    sender: &'m Sender,
    groups: Groups<'m>,
    mapped: Vec<Entry>,
    faults: Vec<Fault>,
}

impl<'m> Making<'m> {
    /// The patient, from PID, PD1 and the like. A merge has one too: the record that stays.
    fn patient(&mut self) -> Result<(), NotMapped> {
        let Some(pid) = self.groups.named("PID").next() else { return Err(NotMapped::Segment("PID")) };
        let filled = self.filled("Patient", &table::PATIENT, &[pid]);
        if !filled.resource.contains_key("identifier") {
            return Err(NotMapped::Patient);
        }
        self.keep("Patient-1", filled);
        Ok(())
    }

    /// Fills a resource of this type.
    fn filled(&self, resource_type: &str, table: &Table, segments: &[Segment<'m>]) -> Filled {
        let mut filled = Filled::default();
        filled.set("resourceType", resource_type);
        filled.fill(table, segments, self.sender);
        filled
    }

    fn keep(&mut self, name: &str, filled: Filled) {
        let Filled { resource, removed, faults } = filled;
        self.faults.extend(faults);
        self.mapped.push(Entry { name: name.to_owned(), number: String::new(), resource, removed });
    }

    /// The encounter, where PV1 tells of one.
    fn encounter(&mut self) -> Option<Json> {
        let pv1 = self.groups.named("PV1").next()?;
        if pv1.field(2).is_empty() && pv1.field(19).is_empty() {
            return None;
        }
        let pv2 = self.groups.named("PV2").next();
        let segments: Vec<Segment<'m>> = [Some(pv1), pv2].into_iter().flatten().collect();
        let mut encounter = self.filled("Encounter", &table::ENCOUNTER, &segments);
        encounter.set("subject", referring("Patient-1"));
        encounter.otherwise("status", if pv1.field(45).is_empty() { "unknown" } else { "finished" });
        let nothing = json!({"system": "http://terminology.hl7.org/CodeSystem/v3-NullFlavor", "code": "UNK"});
        encounter.otherwise("class", nothing);
        self.keep("Encounter-1", encounter);
        Some(referring("Encounter-1"))
    }
}

/// A reference to another resource of the message.
fn referring(name: &str) -> Json {
    json!({"reference": format!("urn:hl7v2:entry:{name}")})
}

/// An element that must be there, of which the message says nothing.
fn absent() -> Json {
    let url = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";
    json!({"extension": [{"url": url, "valueCode": "unknown"}]})
}

/// The text of notes: one line each repetition of NTE-3.
fn noted(notes: &[Segment<'_>]) -> Option<String> {
    let lines: Vec<String> = notes
        .iter()
        .flat_map(|note| note.field(3).repetitions().collect::<Vec<_>>())
        .filter_map(|line| line.given().map(|line| line.trim_end().to_owned()))
        .collect();
    let text = lines.join("\n");
    (!text.trim().is_empty()).then_some(text)
}

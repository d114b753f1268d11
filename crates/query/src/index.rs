//! What a resource is found by.

use bianque_model::{ResourceId, Timestamp};

use crate::Rule;

/// One row of the index: this resource has this value for this search parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct IndexRow {
    /// The search parameter's code, for example `identifier`; what a modifier asks of its own has a row of its own, for
    /// example `identifier:of-type`.
    pub param: String,
    /// The value, in the form its type is compared in.
    pub value: IndexValue,
}

/// What is added to the number of a composite's part for its quantity in base units.
pub const NORMALISED: u8 = 128;

/// An index value by search parameter type (FHIR R4, Search 3.1.1.4).
#[derive(Debug, Clone, PartialEq)]
pub enum IndexValue {
    /// `system|code`. No system is the empty string.
    Token {
        /// The system's URI, or empty.
        system: String,
        /// The code, case kept.
        code: String,
    },
    /// Text, folded for starts-with search, and as written for `:exact`.
    Text {
        /// [`crate::fold`] of the text.
        folded: String,
        /// The text as it was written.
        exact: String,
    },
    /// A date or period as the instants it may mean.
    Date(DateRange),
    /// A number.
    Number(f64),
    /// A quantity with its unit as written.
    Quantity {
        /// The number.
        value: f64,
        /// The unit's system, or empty.
        system: String,
        /// The unit's code or text.
        unit: String,
    },
    /// A reference to a resource of this server.
    Reference(Reference),
    /// A URI, compared whole.
    Uri(String),
    /// A part of a composite. Parts of one element have one group.
    Part {
        /// Which element of the resource, from 0.
        group: u32,
        /// Which part of the composite, from 0. Of a quantity, part [`NORMALISED`]` + n` is the same in base units.
        part: u8,
        /// Its value; never a part or a rule itself.
        value: Box<IndexValue>,
    },
    /// A rule about a patient's record. No search finds by it; policy asks it.
    Rule(Rule),
}

/// All instants that a date of some precision may mean: `[low, high)`, so `2020` is a year long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateRange {
    /// The first instant.
    pub low: Timestamp,
    /// The first instant after it.
    pub high: Timestamp,
}

/// A literal reference, split.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Reference {
    /// `Patient`, `Encounter`, ...
    pub resource_type: String,
    /// The logical id.
    pub id: ResourceId,
}

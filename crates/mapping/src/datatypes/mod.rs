//! What datatypes of HL7 v2 become, after the published datatype maps.

mod attached;
mod coded;
mod identifier;
mod person;
mod quantity;
mod reference;
mod time;

use bianque_hl7v2::{Path, Value};
use serde_json::Value as Json;

use crate::{Sender, codes};

pub(crate) use attached::{attachment, plain};
pub(crate) use identifier::cx;
use identifier::ei;
pub(crate) use reference::provider;
pub(crate) use time::{Precision, moment};

/// What a value cannot be, in words for who reads the sender's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wrong {
    /// Its number in table 0357.
    pub(crate) code: u16,
    pub(crate) text: String,
}

impl Wrong {
    /// 102: a value is not of its datatype.
    fn datatype(text: impl Into<String>) -> Self {
        Self { code: 102, text: text.into() }
    }

    /// 103: a code is not in its table.
    fn table(table: &str, code: &str) -> Self {
        Self { code: 103, text: format!("{code:?} is no code of {table}") }
    }
}

/// How a value is read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Datatype {
    Text,
    Integer,
    Boolean,
    Date,
    DateTime,
    Instant,
    /// A time of birth: only where it is said to the hour.
    BirthTime,
    Time,
    /// A code of FHIR, by a table.
    Code(String),
    /// CWE and those like it; a code without a system is of this one.
    Concept(Option<String>),
    ConceptText,
    /// Coding of the patient's class.
    Class,
    Identifier,
    EntityIdentifier,
    Name,
    NameText,
    Address,
    /// XTN, of this use where it says none.
    Contact(Option<String>),
    /// XCN: a reference to who it is.
    Person,
    /// NDL: the same, as a part of it.
    PersonWithin,
    Organization,
    Location,
    /// DLD: a location by its code.
    LocationCode,
    Device,
    /// NM, with the unit of that field.
    Quantity(Path),
    Range(Path),
    Structured(Path),
    Period,
    /// A duration in the unit of that field.
    Minutes(Path),
}

impl Datatype {
    /// As it stands in a table.
    pub(crate) fn read(name: &str, argument: Option<&str>) -> Option<Self> {
        let unit = || argument?.parse().ok();
        Some(match name {
            "text" => Self::Text,
            "integer" => Self::Integer,
            "boolean" => Self::Boolean,
            "date" => Self::Date,
            "dateTime" => Self::DateTime,
            "instant" => Self::Instant,
            "time-of-day" => Self::BirthTime,
            "time" => Self::Time,
            "code" => Self::Code(argument.filter(|table| codes::is_table(table))?.to_owned()),
            "CWE" => Self::Concept(argument.map(str::to_owned)),
            "CWE-text" => Self::ConceptText,
            "coding" => Self::Class,
            "CX" => Self::Identifier,
            "EI" => Self::EntityIdentifier,
            "EI-device" => Self::Device,
            "XPN" => Self::Name,
            "XPN-text" => Self::NameText,
            "XAD" => Self::Address,
            "XTN" => Self::Contact(argument.map(str::to_owned)),
            "XCN" => Self::Person,
            "NDL" => Self::PersonWithin,
            "XON" => Self::Organization,
            "PL" => Self::Location,
            "DLD" => Self::LocationCode,
            "quantity" => Self::Quantity(unit()?),
            "NR" => Self::Range(unit()?),
            "SN" => Self::Structured(unit()?),
            "DR" => Self::Period,
            "minutes" => Self::Minutes(unit()?),
            _ => return None,
        })
    }

    /// What it becomes; `None` where it says nothing. `at` finds other fields of the same segments.
    pub(crate) fn convert<'m>(
        &self,
        value: Value<'m>,
        at: &dyn Fn(&Path) -> Option<Value<'m>>,
        sender: &Sender,
    ) -> Result<Option<Json>, Wrong> {
        let text = || value.given().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        Ok(match self {
            Self::Text => text().map(Json::from),
            Self::Integer => text().map(|text| quantity::integer(&text)).transpose()?,
            Self::Boolean => text().map(|text| coded::boolean(&text)).transpose()?,
            Self::Date => moment(value, Precision::Day, sender)?.map(Json::from),
            Self::DateTime => moment(value, Precision::Any, sender)?.map(Json::from),
            Self::Instant => moment(value, Precision::Instant, sender)?.map(Json::from),
            Self::BirthTime => moment(value, Precision::Minute, sender)?.map(Json::from),
            Self::Time => text().map(|text| time::time(&text)).transpose()?,
            Self::Code(table) => {
                value.component(1).given().map(|code| coded::code(table, &code)).transpose()?
            }
            Self::Concept(system) => coded::concept(value, system.as_deref()),
            Self::ConceptText => coded::text(value),
            Self::Class => coded::class(value),
            Self::Identifier => cx(value, sender),
            Self::EntityIdentifier => ei(value, sender),
            Self::Name => person::name(value, sender)?,
            Self::NameText => person::name_text(value),
            Self::Address => person::address(value, sender)?,
            Self::Contact(usual) => person::contact(value, usual.as_deref()),
            Self::Person => reference::person(value, sender),
            Self::PersonWithin => reference::person_within(value, sender),
            Self::Organization => reference::organization(value, sender),
            Self::Location => reference::location(value),
            Self::LocationCode => reference::location_code(value),
            Self::Device => reference::device(value, sender),
            Self::Quantity(unit) => quantity::quantity(value, at(unit))?,
            Self::Range(unit) => quantity::range(value, at(unit))?,
            Self::Structured(unit) => quantity::structured(value, at(unit))?,
            Self::Period => time::period(value, [1, 2], sender)?,
            Self::Minutes(unit) => quantity::minutes(value, at(unit))?,
        })
    }
}

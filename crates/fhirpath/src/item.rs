//! Items: elements of the document, borrowed, and values of FHIRPath's own types.

use std::borrow::Cow;
use std::fmt;

use rust_decimal::Decimal;
use serde_json::{Map, Value};
use smallvec::SmallVec;

use crate::model::{Model, Primitive, TypeId};
use crate::value::{Quantity, Temporal, TemporalKind, decimal, integer_of};

/// A collection: mostly of none or one.
pub(crate) type Items<'a> = SmallVec<[Item<'a>; 1]>;

/// One item of a collection.
#[derive(Debug, Clone)]
pub enum Item<'a> {
    /// An element of the document.
    Element(Element<'a>),
    /// A value of FHIRPath's own types.
    System(System<'a>),
    /// What `type()` answers.
    Type {
        /// `FHIR` or `System`.
        namespace: &'static str,
        /// The name of the type.
        name: &'a str,
    },
}

/// An element: its value and, of a primitive, what stands beside it.
#[derive(Debug, Clone, Copy)]
pub struct Element<'a> {
    /// Its JSON; none for a primitive with extensions alone.
    pub value: Option<&'a Value>,
    /// The object with a primitive's id and extensions.
    pub beside: Option<&'a Value>,
    /// Its type, where the model knows it.
    pub type_id: Option<TypeId>,
}

/// A value of FHIRPath's own types.
#[derive(Debug, Clone, PartialEq)]
pub enum System<'a> {
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// An exact number.
    Decimal(Decimal),
    /// A text.
    String(Cow<'a, str>),
    /// A date, a time, or both.
    Temporal(Temporal),
    /// A number with a unit.
    Quantity(Quantity<'a>),
}

impl<'a> Item<'a> {
    /// A resource, of the type that it says.
    pub fn resource(model: &dyn Model, value: &'a Value) -> Self {
        let name = value.get("resourceType").and_then(Value::as_str);
        let type_id = name.and_then(|name| model.type_named(name));
        Self::Element(Element { value: Some(value), beside: None, type_id })
    }

    /// An element of a type.
    pub const fn element(value: &'a Value, beside: Option<&'a Value>, type_id: Option<TypeId>) -> Self {
        Self::Element(Element { value: Some(value), beside, type_id })
    }

    /// A text.
    pub fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Self::System(System::String(text.into()))
    }

    pub(crate) const fn boolean(value: bool) -> Self {
        Self::System(System::Boolean(value))
    }

    pub(crate) const fn integer(value: i64) -> Self {
        Self::System(System::Integer(value))
    }

    pub(crate) const fn decimal(value: Decimal) -> Self {
        Self::System(System::Decimal(value))
    }

    /// The value in FHIRPath's own types: itself, what a primitive holds, or a Quantity of FHIR as one of FHIRPath.
    pub fn system(&self, model: &dyn Model) -> Option<Cow<'_, System<'a>>> {
        match self {
            Self::System(system) => Some(Cow::Borrowed(system)),
            Self::Element(element) => element.system(model).map(Cow::Owned),
            Self::Type { .. } => None,
        }
    }

    /// `true` or `false`, when it is one of them.
    pub fn as_boolean(&self) -> Option<bool> {
        match self {
            Self::System(System::Boolean(value))
            | Self::Element(Element { value: Some(Value::Bool(value)), .. }) => Some(*value),
            _ => None,
        }
    }
}

impl<'a> Element<'a> {
    /// The members of an object; of a primitive those of what stands beside it.
    pub(crate) fn members(&self) -> Option<&'a Map<String, Value>> {
        match self.value {
            Some(Value::Object(members)) => Some(members),
            _ => self.beside.and_then(Value::as_object),
        }
    }

    /// Whether it is a primitive, in the model or by its JSON.
    pub(crate) fn is_primitive(&self, model: &dyn Model) -> bool {
        match self.type_id {
            Some(type_id) => model.primitive(type_id).is_some(),
            None => !matches!(self.value, Some(Value::Object(_))),
        }
    }

    pub(crate) fn system(&self, model: &dyn Model) -> Option<System<'a>> {
        let value = self.value?;
        if let Value::Object(members) = value {
            let quantity = model.type_named("Quantity")?;
            return self
                .type_id
                .filter(|of| model.is_kind_of(*of, quantity))
                .and_then(|_| quantity_of(members));
        }
        let primitive = self.type_id.and_then(|of| model.primitive(of));
        match (primitive, value) {
            (_, Value::Bool(value)) => Some(System::Boolean(*value)),
            (_, Value::Number(number)) => {
                let read = decimal(number.as_str())?;
                let whole = match primitive {
                    Some(Primitive::Decimal) => None,
                    _ if number.as_str().contains('.') => None,
                    _ => integer_of(read),
                };
                Some(whole.map_or(System::Decimal(read), System::Integer))
            }
            (_, Value::String(text)) => Some(of_text(primitive, text)),
            _ => None,
        }
    }
}

/// A text in the type of its primitive; one that does not have that form stays a text.
fn of_text(primitive: Option<Primitive>, text: &str) -> System<'_> {
    let temporal = match primitive {
        Some(Primitive::Date) => Temporal::date(text),
        Some(Primitive::DateTime) => Temporal::date_time(text),
        Some(Primitive::Time) => Temporal::time(text),
        _ => None,
    };
    temporal.map_or(System::String(Cow::Borrowed(text)), System::Temporal)
}

/// A Quantity without comparator.
fn quantity_of(members: &Map<String, Value>) -> Option<System<'_>> {
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    let Some(Value::Number(number)) = members.get("value") else { return None };
    if members.contains_key("comparator") {
        return None;
    }
    let unit = text("code").or_else(|| text("unit")).unwrap_or("1");
    Some(System::Quantity(Quantity::new(decimal(number.as_str())?, Cow::Borrowed(unit))))
}

impl System<'_> {
    /// The name of the type.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Boolean(_) => "Boolean",
            Self::Integer(_) => "Integer",
            Self::Decimal(_) => "Decimal",
            Self::String(_) => "String",
            Self::Quantity(_) => "Quantity",
            Self::Temporal(temporal) => match temporal.kind() {
                TemporalKind::Date => "Date",
                TemporalKind::DateTime => "DateTime",
                TemporalKind::Time => "Time",
            },
        }
    }
}

impl fmt::Display for System<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boolean(value) => value.fmt(f),
            Self::Integer(value) => value.fmt(f),
            Self::Decimal(value) => value.fmt(f),
            Self::String(text) => f.write_str(text),
            Self::Temporal(temporal) => temporal.fmt(f),
            Self::Quantity(quantity) => quantity.fmt(f),
        }
    }
}

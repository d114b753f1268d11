//! Types: `is`, `as`, `ofType()`, `type()` (N1, 6.3; FHIR R4, FHIRPath page).

use super::{Evaluated, Evaluator, one};
use crate::error::EvaluationError;
use crate::item::{Item, Items};
use crate::model::{Primitive, TypeId};
use crate::syntax::TypeName;

/// A name of a type, found: there may be two of the same name.
#[derive(Clone, Copy)]
struct Wanted<'a> {
    system: Option<&'a str>,
    fhir: Option<TypeId>,
}

/// FHIRPath's own types.
pub(crate) const SYSTEM: [&str; 9] =
    ["Boolean", "String", "Integer", "Decimal", "Date", "DateTime", "Time", "Quantity", "Any"];

impl<'a> Evaluator<'_, 'a> {
    fn wanted<'n>(&self, name: &'n TypeName) -> Result<Wanted<'n>, EvaluationError> {
        let namespace = name.namespace.as_deref();
        let system = (namespace != Some("FHIR") && SYSTEM.contains(&&*name.name)).then_some(&*name.name);
        let fhir = if namespace == Some("System") { None } else { self.model.type_named(&name.name) };
        // A name that is not one of FHIRPath's few own types fits nothing; any other has to be one of the model's.
        if system.is_none() && fhir.is_none() && namespace != Some("System") {
            return Err(EvaluationError::UnknownType(name.name.chars().take(64).collect()));
        }
        Ok(Wanted { system, fhir })
    }

    fn fits(&self, item: &Item<'a>, wanted: Wanted<'_>) -> bool {
        match item {
            Item::System(value) => {
                wanted.system.is_some_and(|name| name == "Any" || name == value.type_name())
            }
            Item::Element(element) => {
                let pair = element.type_id.zip(wanted.fhir);
                let own = || {
                    let primitive = element.type_id.and_then(|of| self.model.primitive(of))?;
                    Some(self.environment.lenient && wanted.system == Some(system_name(primitive)))
                };
                pair.is_some_and(|(found, wanted)| self.model.is_kind_of(found, wanted))
                    || own().unwrap_or(false)
            }
            Item::Type { .. } => false,
        }
    }

    pub(super) fn is(&mut self, items: &Items<'a>, name: &TypeName) -> Evaluated<'a> {
        let wanted = self.wanted(name)?;
        match items.as_slice() {
            [] => Ok(Items::new()),
            [item] => Ok(one(Item::boolean(self.fits(item, wanted)))),
            _ => Err(EvaluationError::NotSingle("is")),
        }
    }

    pub(super) fn cast(&mut self, items: Items<'a>, name: &TypeName, what: &'static str) -> Evaluated<'a> {
        if items.len() > 1 && !self.environment.lenient {
            return Err(EvaluationError::NotSingle(what));
        }
        self.of_type(items, name)
    }

    pub(super) fn of_type(&mut self, mut items: Items<'a>, name: &TypeName) -> Evaluated<'a> {
        let wanted = self.wanted(name)?;
        items.retain(|item| self.fits(item, wanted));
        Ok(items)
    }

    /// The types of the items.
    pub(super) fn types(&self, items: &Items<'a>) -> Items<'a> {
        let type_of = |item: &Item<'a>| match item {
            Item::System(value) => Some(Item::Type { namespace: "System", name: value.type_name() }),
            Item::Element(element) => {
                element.type_id.map(|of| Item::Type { namespace: "FHIR", name: self.model.name(of) })
            }
            Item::Type { .. } => None,
        };
        items.iter().filter_map(type_of).collect()
    }
}

const fn system_name(primitive: Primitive) -> &'static str {
    match primitive {
        Primitive::Boolean => "Boolean",
        Primitive::Integer => "Integer",
        Primitive::Decimal => "Decimal",
        Primitive::String => "String",
        Primitive::Date => "Date",
        Primitive::DateTime => "DateTime",
        Primitive::Time => "Time",
    }
}

//! The element tables as FHIRPath asks for them.

use std::collections::HashMap;
use std::sync::OnceLock;

use bianque_fhirpath::{Member, Model, Primitive as Value, TypeId};

use super::elements::{Elements, Field, Kind, elements};
use crate::validate::Primitive;

/// The types of FHIR R4, told to [`bianque_fhirpath`].
#[derive(Debug)]
pub struct R4 {
    types: Vec<Entry>,
    by_name: HashMap<&'static str, u32>,
}

/// One type.
#[derive(Debug)]
struct Entry {
    name: &'static str,
    base: Option<TypeId>,
    primitive: Option<Value>,
    is_resource: bool,
    /// Elements by name, sorted, each with its spellings.
    elements: Vec<(&'static str, Vec<Member<'static>>)>,
    /// Spellings of choices, sorted, each with the place of its element and its place there.
    spellings: Vec<(&'static str, usize, usize)>,
}

/// The model, made at the first call.
pub fn r4() -> &'static R4 {
    static MODEL: OnceLock<R4> = OnceLock::new();
    MODEL.get_or_init(|| {
        let table = elements();
        let by_name = table.by_name.iter().filter_map(|(name, at)| Some((*name, u32::try_from(*at).ok()?)));
        let by_name: HashMap<&'static str, u32> = by_name.collect();
        let mut besides = HashMap::new();
        let types = (0..table.types.len()).map(|at| entry(table, at, &by_name, &mut besides)).collect();
        R4 { types, by_name }
    })
}

impl R4 {
    fn entry(&self, of: TypeId) -> Option<&Entry> {
        self.types.get(of.0 as usize)
    }
}

impl Model for R4 {
    fn type_named(&self, name: &str) -> Option<TypeId> {
        self.by_name.get(name).copied().map(TypeId)
    }

    fn name(&self, of: TypeId) -> &str {
        self.entry(of).map_or("", |entry| entry.name)
    }

    fn base(&self, of: TypeId) -> Option<TypeId> {
        self.entry(of)?.base
    }

    fn primitive(&self, of: TypeId) -> Option<Value> {
        self.entry(of)?.primitive
    }

    fn is_resource(&self, of: TypeId) -> bool {
        self.entry(of).is_some_and(|entry| entry.is_resource)
    }

    fn element(&self, of: TypeId, name: &str) -> &[Member<'_>] {
        let Some(entry) = self.entry(of) else { return &[] };
        let found = entry.elements.binary_search_by(|(element, _)| (*element).cmp(name));
        found.map_or(&[], |at| entry.elements[at].1.as_slice())
    }

    fn member(&self, of: TypeId, json: &str) -> Option<(&str, Member<'_>)> {
        let entry = self.entry(of)?;
        let at = entry.spellings.binary_search_by(|(name, ..)| (*name).cmp(json)).ok()?;
        let (_, element, spelling) = entry.spellings[at];
        let (name, members) = &entry.elements[element];
        Some((name, members[spelling]))
    }
}

fn entry(
    table: &'static Elements,
    at: usize,
    by_name: &HashMap<&'static str, u32>,
    besides: &mut HashMap<&'static str, &'static str>,
) -> Entry {
    let found = &table.types[at];
    let mut fields: Vec<&'static Field> = found.fields.iter().collect();
    fields.sort_by_key(|field| (field.element, field.name));
    let mut elements: Vec<(&'static str, Vec<Member<'static>>)> = Vec::new();
    for field in fields {
        // A few hundred names, made once and kept for good.
        let beside = *besides
            .entry(field.name)
            .or_insert_with(|| Box::leak(format!("_{}", field.name).into_boxed_str()));
        let type_id = TypeId(u32::try_from(field.type_at).unwrap_or(u32::MAX));
        let member = Member { json: field.name, beside, type_id, many: field.many };
        match elements.last_mut() {
            Some((name, members)) if *name == field.element => members.push(member),
            _ => elements.push((field.element, vec![member])),
        }
    }
    let mut spellings: Vec<(&'static str, usize, usize)> = Vec::new();
    for (element, (_, members)) in elements.iter().enumerate() {
        spellings
            .extend(members.iter().enumerate().map(|(spelling, member)| (member.json, element, spelling)));
    }
    spellings.sort_unstable();
    Entry {
        name: found.name,
        base: by_name.get(found.base).copied().map(TypeId),
        primitive: match found.kind {
            Kind::Primitive(primitive) => Some(value_of(primitive)),
            _ => None,
        },
        is_resource: matches!(found.kind, Kind::Resource | Kind::AnyResource | Kind::Abstract),
        elements,
        spellings,
    }
}

const fn value_of(primitive: Primitive) -> Value {
    match primitive {
        Primitive::Boolean => Value::Boolean,
        Primitive::Integer | Primitive::UnsignedInt | Primitive::PositiveInt => Value::Integer,
        Primitive::Decimal => Value::Decimal,
        Primitive::Date => Value::Date,
        Primitive::DateTime | Primitive::Instant => Value::DateTime,
        Primitive::Time => Value::Time,
        _ => Value::String,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_spellings_and_kinds_are_told() {
        let model = r4();
        let of = |name| model.type_named(name).unwrap();
        let deceased = model.element(of("Patient"), "deceased");
        assert_eq!(
            deceased.iter().map(|m| m.json).collect::<Vec<_>>(),
            ["deceasedBoolean", "deceasedDateTime"]
        );
        assert_eq!(deceased[0].beside, "_deceasedBoolean");
        assert!(model.element(of("Patient"), "deceasedBoolean").is_empty());
        assert_eq!(model.member(of("Patient"), "deceasedBoolean").unwrap().0, "deceased");
        assert!(model.is_kind_of(of("Age"), of("Quantity")) && model.is_kind_of(of("code"), of("string")));
        assert!(model.is_kind_of(of("Patient"), of("DomainResource")) && model.is_resource(of("Resource")));
        assert!(!model.is_kind_of(of("Quantity"), of("Age")));
        assert_eq!(model.primitive(of("instant")), Some(Value::DateTime));
        assert_eq!(model.element(of("Patient"), "contained")[0].type_id, of("Resource"));
    }
}

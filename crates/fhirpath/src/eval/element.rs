//! What FHIR adds (FHIR R4, FHIRPath page, "Additional functions").

use serde_json::Value;

use super::{Evaluated, Evaluator, Scope, maybe, one};
use crate::error::EvaluationError;
use crate::item::{Element, Item, Items, System};
use crate::syntax::{Function as F, Node};

/// Where the definitions of FHIR's own types are.
const DEFINITIONS: &str = "http://hl7.org/fhir/StructureDefinition/";

impl<'a> Evaluator<'_, 'a> {
    pub(super) fn of_fhir(
        &mut self,
        function: F,
        input: &Items<'a>,
        arguments: &'a [Node],
        scope: Scope<'_, 'a>,
    ) -> Evaluated<'a> {
        let what = function.name();
        match (function, arguments) {
            (F::Extension, [url]) => {
                let url = self.scoped(url, scope)?;
                match self.string(&url, what)? {
                    Some(url) => self.extensions(input, &url),
                    None => Ok(Items::new()),
                }
            }
            (F::HasValue, _) => Ok(one(Item::boolean(self.value_of(input).is_some()))),
            (F::GetValue, _) => Ok(maybe(self.value_of(input).map(Item::System))),
            (F::Resolve, _) => self.resolve(input),
            (F::MemberOf | F::ConformsTo, [url]) => {
                let url = self.scoped(url, scope)?;
                let Some(url) = self.string(&url, what)? else { return Ok(Items::new()) };
                match input.as_slice() {
                    [] => Ok(Items::new()),
                    [Item::Element(element)] => self.asked(function, element, &url),
                    [_] => Err(EvaluationError::Unanswered(what)),
                    _ => Err(EvaluationError::NotSingle(what)),
                }
            }
            (F::Subsumes | F::SubsumedBy, [other]) => {
                let other = self.scoped(other, scope)?;
                self.subsumes(function, input, &other)
            }
            (F::HtmlChecks, _) => Ok(maybe(match input.as_slice() {
                [Item::Element(Element { value: Some(Value::String(text)), .. })] => {
                    Some(Item::boolean(self.environment.hooks.is_narrative(text)))
                }
                _ => None,
            })),
            _ => Err(EvaluationError::Unanswered(what)),
        }
    }

    fn extensions(&mut self, input: &Items<'a>, url: &str) -> Evaluated<'a> {
        let mut found = self.member(input, "extension")?;
        found.retain(|item| match item {
            Item::Element(Element { value: Some(value), .. }) => {
                value.get("url").and_then(Value::as_str) == Some(url)
            }
            _ => false,
        });
        Ok(found)
    }

    /// The value of the one primitive.
    fn value_of(&self, input: &Items<'a>) -> Option<System<'a>> {
        match input.as_slice() {
            [Item::System(value)] => Some(value.clone()),
            [Item::Element(element)] if element.is_primitive(self.model) => element.system(self.model),
            _ => None,
        }
    }

    /// What references point at, as far as it is at hand: contained resources, and what the caller finds.
    fn resolve(&mut self, input: &Items<'a>) -> Evaluated<'a> {
        let mut out = Items::new();
        for item in input {
            self.step()?;
            let text = match item {
                Item::Element(Element { value: Some(Value::String(text)), .. }) => Some(text.as_str()),
                Item::Element(Element { value: Some(Value::Object(members)), .. }) => {
                    members.get("reference").and_then(Value::as_str)
                }
                Item::System(System::String(text)) => Some(&**text),
                _ => None,
            };
            let by_type = || self.environment.resolver.of_type(stated_type(item)?);
            if let Some(found) = text.and_then(|text| self.resolved(text)).or_else(by_type) {
                out.push(Item::resource(self.model, found));
            }
        }
        Ok(out)
    }

    fn resolved(&self, reference: &str) -> Option<&'a Value> {
        let Some(id) = reference.strip_prefix('#') else {
            return self.environment.resolver.resolve(reference);
        };
        let context = match self.context.as_slice() {
            [Item::Element(Element { value, .. })] => *value,
            _ => None,
        };
        let root = self.environment.root_resource.or(context)?;
        if id.is_empty() {
            return Some(root);
        }
        let contained = root.get("contained").and_then(Value::as_array)?;
        contained.iter().find(|inner| inner.get("id").and_then(Value::as_str) == Some(id))
    }

    fn asked(&self, function: F, element: &Element<'a>, url: &str) -> Evaluated<'a> {
        let Some(value) = element.value else { return Ok(Items::new()) };
        let answer = if function == F::MemberOf {
            self.environment.hooks.member_of(value, url)
        } else {
            let own = url.strip_prefix(DEFINITIONS).and_then(|name| self.model.type_named(name));
            match (own, element.type_id) {
                (Some(wanted), Some(found)) => Some(self.model.is_kind_of(found, wanted)),
                _ => self.environment.hooks.conforms_to(value, url),
            }
        };
        let answer = answer.ok_or(EvaluationError::Unanswered(function.name()))?;
        Ok(one(Item::boolean(answer)))
    }

    fn subsumes(&self, function: F, input: &Items<'a>, other: &Items<'a>) -> Evaluated<'a> {
        let what = function.name();
        let value = |items: &Items<'a>| match items.as_slice() {
            [Item::Element(Element { value: Some(value), .. })] => Ok(*value),
            [_] | [] => Err(EvaluationError::Type(what, "a Coding or a CodeableConcept")),
            _ => Err(EvaluationError::NotSingle(what)),
        };
        if input.is_empty() || other.is_empty() {
            return Ok(Items::new());
        }
        let (one_value, other_value) = (value(input)?, value(other)?);
        let (above, below) =
            if function == F::Subsumes { (one_value, other_value) } else { (other_value, one_value) };
        let answer = self.environment.hooks.subsumes(above, below);
        Ok(one(Item::boolean(answer.ok_or(EvaluationError::Unanswered(what))?)))
    }
}

/// The type that a reference says it is to.
fn stated_type<'a>(item: &Item<'a>) -> Option<&'a str> {
    match item {
        Item::Element(Element { value: Some(Value::Object(members)), .. }) => members.get("type")?.as_str(),
        _ => None,
    }
}

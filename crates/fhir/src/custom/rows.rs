//! Index rows of a tenant's parameters.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use bianque_fhirpath::{Element, Environment, EvaluationError, Item, Model, Resolver, System};
use bianque_query::{IndexRow, IndexValue, Reference};
use serde_json::{Value, json};

use super::{CustomParam, CustomParams};
use crate::index::{Emit, collected, converted};
use crate::tables::{r4, resource_types};

/// A parameter whose expression could not be evaluated: the resource has more in it than may be gone through.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the search parameter {url} cannot be evaluated: {cause}")]
pub struct Unanswered {
    /// The parameter.
    pub url: String,
    /// Why.
    pub cause: EvaluationError,
}

impl CustomParams {
    /// What a resource is found by, beside R4's own parameters.
    pub fn rows(&self, resource: &Value) -> Result<Vec<IndexRow>, Unanswered> {
        let resource_type = resource["resourceType"].as_str().unwrap_or_default();
        let mut rows = Vec::new();
        for param in self.of(resource_type) {
            let mut failed = None;
            collected(param.code(), &mut rows, |emit| match values(param, resource, emit) {
                Ok(there) => there,
                Err(cause) => {
                    failed = Some(cause);
                    false
                }
            });
            if let Some(cause) = failed {
                return Err(Unanswered { url: param.url().to_owned(), cause });
            }
        }
        Ok(rows)
    }

    /// The resources of this server that a resource refers to by one of them; none: there is no such parameter.
    pub(crate) fn references(&self, resource: &Value, code: &str) -> Option<Vec<Reference>> {
        let param = self.param(resource["resourceType"].as_str().unwrap_or_default(), code)?;
        let mut found = Vec::new();
        let evaluated = values(param, resource, &mut |_, value| {
            if let IndexValue::Reference(reference) = value {
                found.push(reference);
            }
        });
        evaluated.is_ok().then_some(found)
    }
}

/// The values of a parameter; whether any element is there.
fn values(param: &CustomParam, resource: &Value, emit: &mut Emit<'_>) -> Result<bool, EvaluationError> {
    let model = r4();
    let environment = Environment::new(model).lenient().resolver(&ByText).within(resource, resource);
    let found = param.expression.evaluate(Item::resource(model, resource), &environment)?;
    for item in &found {
        match item {
            Item::Element(Element { value: Some(value), type_id: Some(of), .. }) => {
                converted(param.kind, model.name(*of), value, emit);
            }
            Item::System(System::Boolean(truth)) => {
                converted(param.kind, "boolean", &Value::Bool(*truth), emit);
            }
            _ => {}
        }
    }
    Ok(!found.is_empty())
}

/// Answers `resolve() is Patient` by what the reference says of itself (FHIR R4, Search 3.1.1.4.12): whether its target is
/// there makes no difference.
struct ByText;

impl<'a> Resolver<'a> for ByText {
    fn resolve(&self, reference: &str) -> Option<&'a Value> {
        let path = reference.split_once("/_history/").map_or(reference, |(path, _)| path);
        stand_in(path.rsplit('/').nth(1)?)
    }

    fn of_type(&self, type_name: &str) -> Option<&'a Value> {
        stand_in(type_name)
    }
}

fn stand_in(type_name: &str) -> Option<&'static Value> {
    static ALL: OnceLock<BTreeMap<&'static str, Value>> = OnceLock::new();
    let all = ALL
        .get_or_init(|| resource_types().iter().map(|&name| (name, json!({"resourceType": name}))).collect());
    all.get(type_name)
}

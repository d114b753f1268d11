//! The interpreter: goes down the tree with what is looked at.

mod call;
mod collection;
mod compare;
mod convert;
mod date;
mod element;
mod kind;
mod math;
mod navigate;
mod operator;
mod sort;
mod text;

use std::borrow::Cow;

pub(crate) use kind::SYSTEM;

use crate::environment::Environment;
use crate::error::EvaluationError;
use crate::item::{Item, Items, System};
use crate::model::Model;
use crate::syntax::{Literal, Node};
use crate::value::{Quantity, decimal_of};

pub(crate) type Evaluated<'a> = Result<Items<'a>, EvaluationError>;

/// Texts that are made may not grow longer, bytes.
const LONGEST_TEXT: usize = 1 << 20;

/// Evaluates a tree on one item.
pub(crate) fn evaluate<'a>(tree: &'a Node, input: Item<'a>, environment: &Environment<'a>) -> Evaluated<'a> {
    let this = one(input);
    let mut evaluator =
        Evaluator { environment, model: environment.model, context: &this, steps: 0, defined: Vec::new() };
    evaluator.node(tree, Scope { this: &this, index: 0, total: None })
}

/// One evaluation.
pub(super) struct Evaluator<'e, 'a> {
    environment: &'e Environment<'a>,
    model: &'a dyn Model,
    /// `%context`
    context: &'e Items<'a>,
    steps: u64,
    /// What `defineVariable()` defined, inner ones last.
    defined: Vec<(String, Items<'a>)>,
}

/// What `$this`, `$index` and `$total` are.
#[derive(Clone, Copy)]
pub(super) struct Scope<'s, 'a> {
    this: &'s Items<'a>,
    index: i64,
    total: Option<&'s Items<'a>>,
}

pub(super) fn one(item: Item<'_>) -> Items<'_> {
    let mut items = Items::new();
    items.push(item);
    items
}

/// One item, or none.
pub(super) fn maybe(item: Option<Item<'_>>) -> Items<'_> {
    item.into_iter().collect()
}

/// A collection as a condition (N1, 4.5): none when empty; one item that is no boolean counts as true.
pub(crate) fn condition(items: &[Item<'_>], what: &'static str) -> Result<Option<bool>, EvaluationError> {
    match items {
        [] => Ok(None),
        [item] => Ok(Some(item.as_boolean().unwrap_or(true))),
        _ => Err(EvaluationError::NotSingle(what)),
    }
}

impl<'a> Evaluator<'_, 'a> {
    /// Counts a step.
    fn step(&mut self) -> Result<(), EvaluationError> {
        self.steps += 1;
        if self.steps > self.environment.budget.steps { Err(EvaluationError::Steps) } else { Ok(()) }
    }

    /// Adds items to others.
    fn extend(&self, out: &mut Items<'a>, more: Items<'a>) -> Result<(), EvaluationError> {
        if out.len() + more.len() > self.environment.budget.items {
            return Err(EvaluationError::Items);
        }
        out.extend(more);
        Ok(())
    }

    fn push(&self, out: &mut Items<'a>, item: Item<'a>) -> Result<(), EvaluationError> {
        if out.len() >= self.environment.budget.items {
            return Err(EvaluationError::Items);
        }
        out.push(item);
        Ok(())
    }

    fn node(&mut self, node: &'a Node, scope: Scope<'_, 'a>) -> Evaluated<'a> {
        self.step()?;
        match node {
            Node::Empty | Node::Type(_) => Ok(Items::new()),
            Node::Literal(literal) => Ok(one(Item::System(value_of(literal)))),
            Node::This => Ok(scope.this.clone()),
            Node::Index => Ok(one(Item::integer(scope.index))),
            Node::Total => Ok(scope.total.cloned().unwrap_or_default()),
            Node::Variable(name) => self.variable(name),
            Node::Member { from: None, name } => self.first_member(scope.this, name),
            Node::Member { from: Some(from), name } => {
                let items = self.node(from, scope)?;
                self.member(&items, name)
            }
            Node::Call { from, function, arguments, pattern } => {
                let input = match from {
                    Some(from) => self.node(from, scope)?,
                    None => scope.this.clone(),
                };
                self.call(*function, input, arguments, pattern.as_deref(), scope)
            }
            Node::At { from, index } => self.at(from, index, scope),
            Node::Negative(of) | Node::Positive(of) => {
                let items = self.node(of, scope)?;
                self.signed(&items, matches!(node, Node::Negative(_)))
            }
            Node::Binary { operator, left, right } => self.binary(*operator, left, right, scope),
            Node::Typed { of, name, cast } => {
                let items = self.node(of, scope)?;
                if *cast { self.cast(items, name, "as") } else { self.is(&items, name) }
            }
        }
    }

    /// A node whose variables are its own.
    fn scoped(&mut self, node: &'a Node, scope: Scope<'_, 'a>) -> Evaluated<'a> {
        let before = self.defined.len();
        let found = self.node(node, scope);
        self.defined.truncate(before);
        found
    }

    /// An argument that is evaluated for one item of the input.
    fn each(&mut self, node: &'a Node, item: &Item<'a>, index: usize, scope: Scope<'_, 'a>) -> Evaluated<'a> {
        let this = one(item.clone());
        let index = i64::try_from(index).unwrap_or(i64::MAX);
        self.scoped(node, Scope { this: &this, index, total: scope.total })
    }

    /// Whether a condition holds for one item of the input.
    fn holds(
        &mut self,
        node: &'a Node,
        item: &Item<'a>,
        index: usize,
        scope: Scope<'_, 'a>,
    ) -> Result<bool, EvaluationError> {
        let found = self.each(node, item, index, scope)?;
        Ok(condition(&found, "a condition")?.unwrap_or(false))
    }

    fn at(&mut self, from: &'a Node, index: &'a Node, scope: Scope<'_, 'a>) -> Evaluated<'a> {
        let items = self.node(from, scope)?;
        let index = self.scoped(index, scope)?;
        let Some(index) = self.integer(&index, "an index")? else { return Ok(Items::new()) };
        Ok(maybe(usize::try_from(index).ok().and_then(|at| items.get(at).cloned())))
    }

    fn variable(&self, name: &'a str) -> Evaluated<'a> {
        let resource = |value| Ok(one(Item::resource(self.model, value)));
        if let Some((_, items)) = self.defined.iter().rev().find(|(defined, _)| defined == name) {
            return Ok(items.clone());
        }
        if let Some((_, items)) = self.environment.variables.iter().find(|(given, _)| *given == name) {
            return Ok(items.iter().cloned().collect());
        }
        let text = |text: Cow<'a, str>| Ok(one(Item::text(text)));
        match name {
            "context" => Ok(self.context.clone()),
            "resource" => self.environment.resource.map_or_else(|| Ok(self.context.clone()), resource),
            "rootResource" => {
                self.environment.root_resource.map_or_else(|| Ok(self.context.clone()), resource)
            }
            "sct" => text("http://snomed.info/sct".into()),
            "loinc" => text("http://loinc.org".into()),
            "ucum" => text("http://unitsofmeasure.org".into()),
            _ => match (name.strip_prefix("vs-"), name.strip_prefix("ext-")) {
                (Some(set), _) => text(format!("http://hl7.org/fhir/ValueSet/{set}").into()),
                (_, Some(extension)) => {
                    text(format!("http://hl7.org/fhir/StructureDefinition/{extension}").into())
                }
                _ => Err(EvaluationError::Variable(name.chars().take(64).collect())),
            },
        }
    }

    /// The one item as a value of FHIRPath's own types; none when there is no item, or it is no such value.
    fn single_system(
        &self,
        items: &[Item<'a>],
        what: &'static str,
    ) -> Result<Option<System<'a>>, EvaluationError> {
        match items {
            [] => Ok(None),
            [item] => Ok(item.system(self.model).map(Cow::into_owned)),
            _ => Err(EvaluationError::NotSingle(what)),
        }
    }

    /// The one text; none when there is no item.
    fn string(
        &self,
        items: &[Item<'a>],
        what: &'static str,
    ) -> Result<Option<Cow<'a, str>>, EvaluationError> {
        match self.single_system(items, what)? {
            Some(System::String(text)) => Ok(Some(text)),
            None if items.is_empty() || has_no_value(items) => Ok(None),
            _ => Err(EvaluationError::Type(what, "a text")),
        }
    }

    /// The one whole number; none when there is no item.
    fn integer(&self, items: &[Item<'a>], what: &'static str) -> Result<Option<i64>, EvaluationError> {
        match self.single_system(items, what)? {
            Some(System::Integer(value)) => Ok(Some(value)),
            None if items.is_empty() => Ok(None),
            _ => Err(EvaluationError::Type(what, "a whole number")),
        }
    }
}

/// A primitive with extensions and without a value.
fn has_no_value(items: &[Item<'_>]) -> bool {
    matches!(items, [Item::Element(element)] if element.value.is_none())
}

fn value_of(literal: &Literal) -> System<'_> {
    match literal {
        Literal::Boolean(value) => System::Boolean(*value),
        Literal::Integer(value) => System::Integer(*value),
        Literal::Decimal(value) => System::Decimal(*value),
        Literal::Text(text) => System::String(Cow::Borrowed(text)),
        Literal::Temporal(value) => System::Temporal(*value),
        Literal::Quantity { value, unit, calendar } => {
            System::Quantity(Quantity { value: *value, unit: Cow::Borrowed(unit), calendar: *calendar })
        }
    }
}

/// A number without a unit as a quantity.
fn without_unit(value: &System<'_>) -> Option<Quantity<'static>> {
    let value = match value {
        System::Integer(value) => decimal_of(*value),
        System::Decimal(value) => *value,
        _ => return None,
    };
    Some(Quantity::new(value, Cow::Borrowed("1")))
}

//! FHIRPath (normative release N1, 2.0.0) as FHIR R4 uses it, over JSON documents.
//!
//! [`Expression::parse`] reads an expression once; it is then evaluated as often as wanted over elements of documents,
//! which are borrowed and never copied. What types there are is told by a [`Model`]; what time it is, what references
//! point at and what terminology says, by the [`Environment`]. Texts, trees, steps and collections are bounded. No
//! clock, no randomness, no IO.

mod check;
mod environment;
mod error;
mod eval;
mod item;
mod model;
mod selection;
mod syntax;
mod value;

pub use check::CheckError;
pub use environment::{Budget, Environment, Hooks, Nothing, Resolver};
pub use error::EvaluationError;
pub use item::{Element, Item, System};
pub use model::{Member, Model, Primitive, TypeId};
pub use selection::{Selection, SelectionError};
pub use syntax::{ParseError, ParseFault};
pub use value::{Quantity, Temporal, TemporalKind};

/// An expression that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    tree: syntax::Node,
}

impl Expression {
    /// Reads an expression: at most 64 KiB, not nested too deeply.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        Ok(Self { tree: syntax::parse(text)? })
    }

    /// Looks whether its paths exist, when it is about values of a type. Evaluation does not ask for it: a path that
    /// leads nowhere is empty there.
    pub fn check(&self, model: &dyn Model, of: TypeId) -> Result<(), CheckError> {
        check::check(&self.tree, model, of)
    }

    /// What it gives of a value of a type, when it selects elements of the document and does nothing else.
    pub fn selection(&self, model: &dyn Model, of: TypeId) -> Result<Selection, SelectionError> {
        selection::selection(&self.tree, model, of)
    }

    /// Evaluates it on one item.
    pub fn evaluate<'a>(
        &'a self,
        input: Item<'a>,
        environment: &Environment<'a>,
    ) -> Result<Vec<Item<'a>>, EvaluationError> {
        eval::evaluate(&self.tree, input, environment).map(smallvec::SmallVec::into_vec)
    }

    /// Evaluates it on one item as a condition: none when the result is empty.
    pub fn test<'a>(
        &'a self,
        input: Item<'a>,
        environment: &Environment<'a>,
    ) -> Result<Option<bool>, EvaluationError> {
        let found = eval::evaluate(&self.tree, input, environment)?;
        eval::condition(&found, "a condition")
    }
}

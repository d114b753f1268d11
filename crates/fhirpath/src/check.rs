//! What can be said of an expression without a document: whether its paths exist in the types that it is about.

use crate::model::{Model, TypeId};
use crate::syntax::{Function as F, Node, Operator, TypeName};

/// A path that no document can have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckError {
    /// None of the types has the element.
    #[error("{0} has no element {1}")]
    Element(String, String),
    /// The path begins at another type than the expression is about.
    #[error("the expression is not about {0}")]
    Context(String),
    /// A name that is no type.
    #[error("there is no type {0}")]
    UnknownType(String),
    /// An item is taken by its place where there is no order.
    #[error("what children() and descendants() answer has no order")]
    Unordered,
}

/// What is known of a result.
#[derive(Debug, Clone)]
enum Known {
    /// Nothing.
    Any,
    /// A value of FHIRPath's own types.
    System,
    /// Elements of one of these types.
    Types(Vec<TypeId>),
}

/// Checks a tree about a type.
pub(crate) fn check(tree: &Node, model: &dyn Model, of: TypeId) -> Result<(), CheckError> {
    Checker { model }.node(tree, &Known::Types(vec![of])).map(drop)
}

struct Checker<'m> {
    model: &'m dyn Model,
}

impl Checker<'_> {
    fn node(&self, node: &Node, this: &Known) -> Result<Known, CheckError> {
        Ok(match node {
            Node::Empty | Node::Total | Node::Variable(_) => Known::Any,
            Node::Literal(_) | Node::Index | Node::Type(_) => Known::System,
            Node::This => this.clone(),
            Node::Member { from: None, name } => self.first_member(this, name)?,
            Node::Member { from: Some(from), name } => self.member(&self.node(from, this)?, name)?,
            Node::Call { from, function, arguments, .. } => {
                let input = match from {
                    Some(from) => self.node(from, this)?,
                    None => this.clone(),
                };
                if is_unordered(from.as_deref()) && takes_by_place(*function) {
                    return Err(CheckError::Unordered);
                }
                self.call(*function, &input, arguments, this)?
            }
            Node::At { from, index } => {
                if is_unordered(Some(from)) {
                    return Err(CheckError::Unordered);
                }
                self.node(index, this)?;
                self.node(from, this)?
            }
            Node::Negative(of) | Node::Positive(of) => {
                self.node(of, this)?;
                Known::System
            }
            Node::Binary { operator, left, right } => {
                let (left, right) = (self.node(left, this)?, self.node(right, this)?);
                if *operator == Operator::Union { joined(left, right) } else { Known::System }
            }
            Node::Typed { of, name, cast } => {
                self.node(of, this)?;
                let wanted = self.named(name)?;
                if *cast { wanted } else { Known::System }
            }
        })
    }

    fn call(
        &self,
        function: F,
        input: &Known,
        arguments: &[Node],
        this: &Known,
    ) -> Result<Known, CheckError> {
        if let [Node::Type(name)] = arguments {
            let wanted = self.named(name)?;
            return Ok(if function == F::Is { Known::System } else { wanted });
        }
        // These look at their arguments item by item, the others from outside.
        let inside = matches!(
            function,
            F::Where
                | F::Select
                | F::Repeat
                | F::All
                | F::Exists
                | F::Aggregate
                | F::Sort
                | F::Iif
                | F::Trace
        );
        let mut found = Vec::with_capacity(arguments.len());
        for argument in arguments {
            found.push(self.node(argument, if inside { input } else { this })?);
        }
        Ok(match function {
            F::Where
            | F::First
            | F::Last
            | F::Tail
            | F::Skip
            | F::Take
            | F::Single
            | F::Distinct
            | F::Trace
            | F::Sort
            | F::DefineVariable
            | F::Exclude
            | F::Intersect => input.clone(),
            F::Select | F::Repeat => found.pop().unwrap_or(Known::Any),
            F::Union | F::Combine => joined(input.clone(), found.pop().unwrap_or(Known::Any)),
            F::Iif => found.into_iter().skip(1).reduce(joined).unwrap_or(Known::Any),
            F::Extension => {
                self.model.type_named("Extension").map_or(Known::Any, |of| Known::Types(vec![of]))
            }
            F::Children
            | F::Descendants
            | F::Resolve
            | F::Aggregate
            | F::Type
            | F::ElementDefinition
            | F::Slice => Known::Any,
            _ => Known::System,
        })
    }

    fn named(&self, name: &TypeName) -> Result<Known, CheckError> {
        let of_model = if name.namespace.as_deref() == Some("System") {
            return Ok(Known::System);
        } else {
            self.model.type_named(&name.name)
        };
        match of_model {
            Some(of) => Ok(Known::Types(vec![of])),
            None if crate::eval::SYSTEM.contains(&&*name.name) => Ok(Known::System),
            None => Err(CheckError::UnknownType(name.name.chars().take(64).collect())),
        }
    }

    fn first_member(&self, this: &Known, name: &str) -> Result<Known, CheckError> {
        let wanted =
            self.model.type_named(name).filter(|_| name.starts_with(|c: char| c.is_ascii_uppercase()));
        let Some(wanted) = wanted else { return self.member(this, name) };
        match this {
            Known::Types(types) => {
                let related =
                    |of: &TypeId| self.model.is_kind_of(*of, wanted) || self.model.is_kind_of(wanted, *of);
                let kept: Vec<TypeId> = types.iter().copied().filter(related).collect();
                if kept.is_empty() {
                    Err(CheckError::Context(name.to_owned()))
                } else {
                    Ok(Known::Types(kept))
                }
            }
            _ => Ok(Known::Types(vec![wanted])),
        }
    }

    fn member(&self, of: &Known, name: &str) -> Result<Known, CheckError> {
        let Known::Types(types) = of else { return Ok(Known::Any) };
        let mut found = Vec::new();
        for of in types {
            let members = self.model.element(*of, name);
            // Any resource may be there, with any of its elements.
            if members.is_empty() && self.is_open(*of) {
                return Ok(Known::Any);
            }
            found.extend(members.iter().map(|member| member.type_id));
        }
        if found.is_empty() {
            let names: Vec<&str> = types.iter().take(3).map(|of| self.model.name(*of)).collect();
            return Err(CheckError::Element(names.join(", "), name.chars().take(64).collect()));
        }
        if found.iter().any(|of| self.is_open(*of)) { Ok(Known::Any) } else { Ok(Known::Types(found)) }
    }

    /// Whether values of the type have a type of their own that is not known here.
    fn is_open(&self, of: TypeId) -> bool {
        matches!(self.model.name(of), "Resource" | "DomainResource")
    }
}

fn joined(a: Known, b: Known) -> Known {
    match (a, b) {
        (Known::Types(mut a), Known::Types(b)) => {
            a.extend(b);
            Known::Types(a)
        }
        (Known::System, Known::System) => Known::System,
        _ => Known::Any,
    }
}

fn is_unordered(from: Option<&Node>) -> bool {
    matches!(from, Some(Node::Call { function: F::Children | F::Descendants, .. }))
}

fn takes_by_place(function: F) -> bool {
    matches!(function, F::First | F::Last | F::Tail | F::Skip | F::Take)
}

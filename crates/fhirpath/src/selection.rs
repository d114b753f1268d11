//! Whether an expression selects elements of a document and does nothing else: what can be indexed.
//!
//! Such an expression goes from member to member, chooses by type, place and condition, and joins. It depends on the
//! document alone - not on the time, on terminology or on other documents - and cannot fail where a collection has
//! another size than was thought of. What it may give is known from the types.

use crate::check::CheckError;
use crate::model::{Model, TypeId};
use crate::syntax::{Function as F, Literal, Node, Operator, TypeName};

/// What an expression gives that selects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// Elements of these types; none: nothing, since it is about another type.
    Elements(Vec<TypeId>),
    /// `true` or `false`.
    Truth,
}

/// Why an expression is none that selects.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SelectionError {
    /// It has a path that no document can have.
    #[error(transparent)]
    Path(#[from] CheckError),
    /// It does more than select.
    #[error("{0} is more than the selection of elements")]
    More(String),
    /// What must be true or false is something else.
    #[error("{0} is asked of what is no condition")]
    Condition(&'static str),
    /// `resolve()` is taken for more than the type of what is referred to.
    #[error("resolve() is only taken in where(resolve() is Type)")]
    Resolved,
    /// Elements of any type may be there.
    #[error("what lies in {0} may be of any type")]
    Open(String),
    /// A value that is written in the expression.
    #[error("a value that stands in the expression is no element")]
    Written,
}

/// What a tree gives of a type.
pub(crate) fn selection(tree: &Node, model: &dyn Model, of: TypeId) -> Result<Selection, SelectionError> {
    match (Selecting { model }).node(tree, &Given::Elements(vec![of]))? {
        Given::Elements(types) => Ok(Selection::Elements(types)),
        Given::Truth => Ok(Selection::Truth),
        Given::Written => Err(SelectionError::Written),
        Given::Target => Err(SelectionError::Resolved),
    }
}

/// What is known of a result.
#[derive(Debug, Clone, PartialEq)]
enum Given {
    Elements(Vec<TypeId>),
    Truth,
    /// A value of the expression itself.
    Written,
    /// What a reference points at.
    Target,
}

type Found = Result<Given, SelectionError>;

struct Selecting<'m> {
    model: &'m dyn Model,
}

impl Selecting<'_> {
    fn node(&self, node: &Node, this: &Given) -> Found {
        match node {
            Node::Empty => Ok(Given::Elements(Vec::new())),
            Node::Literal(_) => Ok(Given::Written),
            Node::This => Ok(this.clone()),
            Node::Member { from: None, name } => self.first_member(this, name),
            Node::Member { from: Some(from), name } => self.member(&self.node(from, this)?, name),
            Node::Call { from, function, arguments, .. } => {
                let input = match from {
                    Some(from) => self.node(from, this)?,
                    None => this.clone(),
                };
                if *function == F::Is {
                    return is_asked(from.as_deref());
                }
                self.call(*function, input, arguments, this)
            }
            Node::At { from, index } => match **index {
                Node::Literal(Literal::Integer(_)) => self.node(from, this),
                _ => Err(more("an index that is no number")),
            },
            Node::Binary { operator, left, right } => {
                binary(*operator, self.node(left, this)?, self.node(right, this)?)
            }
            Node::Typed { of, name, cast: true } => self.of_type(&self.node(of, this)?, name),
            Node::Typed { of, name, cast: false } => {
                self.named(name)?;
                is_asked(Some(of))
            }
            Node::Index | Node::Total => Err(more("$index or $total")),
            Node::Variable(name) => Err(more(&format!("%{name}"))),
            Node::Negative(_) | Node::Positive(_) => Err(more("a sign")),
            Node::Type(_) => Err(more("a type")),
        }
    }

    fn call(&self, function: F, input: Given, arguments: &[Node], this: &Given) -> Found {
        match (function, arguments) {
            (F::OfType | F::As, [Node::Type(name)]) => self.of_type(&input, name),
            (F::First | F::Last | F::Tail | F::Distinct, [])
            | (F::Skip | F::Take, [Node::Literal(Literal::Integer(_))]) => Ok(input),
            (F::Where, [condition]) => {
                self.condition(condition, &input, "where()")?;
                Ok(input)
            }
            (F::Exists, [condition]) => {
                self.condition(condition, &input, "exists()")?;
                Ok(Given::Truth)
            }
            (F::Exists | F::Empty, []) if input != Given::Target => Ok(Given::Truth),
            (F::Not, []) if input == Given::Truth => Ok(Given::Truth),
            (F::Not, []) => Err(SelectionError::Condition("not()")),
            (F::Union | F::Combine, [other]) => joined(input, self.node(other, this)?),
            (F::Select, [projection]) => self.node(projection, &input),
            (F::Extension, [Node::Literal(Literal::Text(_))]) => {
                Ok(Given::Elements(self.model.type_named("Extension").into_iter().collect()))
            }
            (F::Resolve, []) => Ok(Given::Target),
            (other, _) => Err(more(&format!("{}()", other.name()))),
        }
    }

    fn condition(&self, condition: &Node, of: &Given, whose: &'static str) -> Result<(), SelectionError> {
        match self.node(condition, of)? {
            Given::Truth => Ok(()),
            _ => Err(SelectionError::Condition(whose)),
        }
    }

    fn named(&self, name: &TypeName) -> Result<TypeId, SelectionError> {
        let of_model =
            (name.namespace.as_deref() != Some("System")).then(|| self.model.type_named(&name.name));
        of_model.flatten().ok_or_else(|| CheckError::UnknownType(name.name.chars().take(64).collect()).into())
    }

    /// What is left of the types where one is wanted.
    fn of_type(&self, input: &Given, name: &TypeName) -> Found {
        let wanted = self.named(name)?;
        let Given::Elements(types) = input else { return Err(more("a type of what is no element")) };
        let kept: Vec<TypeId> =
            types.iter().copied().filter(|of| self.model.is_kind_of(*of, wanted)).collect();
        if kept.is_empty() && !types.is_empty() {
            return Err(CheckError::Element(self.names(types), format!("of type {}", name.name)).into());
        }
        Ok(Given::Elements(kept))
    }

    /// A name of a type says where the path begins; where that is another type than this, it leads nowhere.
    fn first_member(&self, this: &Given, name: &str) -> Found {
        let of_type =
            self.model.type_named(name).filter(|_| name.starts_with(|c: char| c.is_ascii_uppercase()));
        match (of_type, this) {
            (Some(wanted), Given::Elements(types)) => {
                let kept = types.iter().copied().filter(|of| self.model.is_kind_of(*of, wanted));
                Ok(Given::Elements(kept.collect()))
            }
            _ => self.member(this, name),
        }
    }

    fn member(&self, of: &Given, name: &str) -> Found {
        let Given::Elements(types) = of else { return Err(more("a member of what is no element")) };
        let mut found = Vec::new();
        for of in types {
            let members = self.model.element(*of, name);
            if members.is_empty() && self.is_open(*of) {
                return Err(SelectionError::Open(self.model.name(*of).to_owned()));
            }
            found.extend(members.iter().map(|member| member.type_id));
        }
        if found.is_empty() && !types.is_empty() {
            return Err(CheckError::Element(self.names(types), name.chars().take(64).collect()).into());
        }
        match found.iter().find(|of| self.is_open(**of)) {
            Some(_) => Err(SelectionError::Open(name.to_owned())),
            None => Ok(Given::Elements(found)),
        }
    }

    fn is_open(&self, of: TypeId) -> bool {
        matches!(self.model.name(of), "Resource" | "DomainResource")
    }

    fn names(&self, types: &[TypeId]) -> String {
        let names: Vec<&str> = types.iter().take(3).map(|of| self.model.name(*of)).collect();
        names.join(", ")
    }
}

/// `is` asks one item: what one reference points at.
fn is_asked(of: Option<&Node>) -> Found {
    let one = |from: &Option<Box<Node>>| matches!(from.as_deref(), None | Some(Node::This));
    match of {
        Some(Node::Call { function: F::Resolve, from, .. }) if one(from) => Ok(Given::Truth),
        _ => Err(more("is")),
    }
}

fn binary(operator: Operator, left: Given, right: Given) -> Found {
    use Operator as O;
    match operator {
        O::Union => joined(left, right),
        O::Equal | O::NotEqual | O::Equivalent | O::NotEquivalent => {
            if left == Given::Target || right == Given::Target {
                return Err(SelectionError::Resolved);
            }
            Ok(Given::Truth)
        }
        O::And | O::Or | O::Xor | O::Implies => match (left, right) {
            (Given::Truth, Given::Truth) => Ok(Given::Truth),
            _ => Err(SelectionError::Condition("and, or, xor or implies")),
        },
        _ => Err(more("an operator of calculation or order")),
    }
}

fn joined(one: Given, other: Given) -> Found {
    match (one, other) {
        (Given::Elements(mut one), Given::Elements(other)) => {
            one.extend(other);
            Ok(Given::Elements(one))
        }
        _ => Err(more("a union with what is no element")),
    }
}

fn more(what: &str) -> SelectionError {
    SelectionError::More(what.chars().take(64).collect())
}

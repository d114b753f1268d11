//! What an expression is evaluated in: the model, the moment, the variables, and what only the caller can answer.

use serde_json::Value;

use crate::item::Item;
use crate::model::Model;
use crate::value::Temporal;

/// Finds what references point at.
pub trait Resolver<'a> {
    /// The resource of a reference's text; none when it is not at hand.
    fn resolve(&self, reference: &str) -> Option<&'a Value>;

    /// What stands for a resource of which a reference says the type alone; none: nothing does.
    fn of_type(&self, type_name: &str) -> Option<&'a Value> {
        let _ = type_name;
        None
    }
}

/// Answers that need more than the document. None means that it cannot be said, and is an error of the evaluation.
pub trait Hooks {
    /// Whether a code, a Coding or a CodeableConcept is in the value set of this URL.
    fn member_of(&self, coded: &Value, value_set: &str) -> Option<bool> {
        let _ = (coded, value_set);
        None
    }

    /// Whether the concept of the first Coding or CodeableConcept is the other's or above it.
    fn subsumes(&self, above: &Value, below: &Value) -> Option<bool> {
        let _ = (above, below);
        None
    }

    /// Whether a resource or element fits the profile of this URL.
    fn conforms_to(&self, element: &Value, profile: &str) -> Option<bool> {
        let _ = (element, profile);
        None
    }

    /// Whether a text is XHTML as narratives may be.
    fn is_narrative(&self, xhtml: &str) -> bool {
        let _ = xhtml;
        true
    }

    /// Items that `trace()` shows.
    fn trace(&self, name: &str, items: &[Item<'_>]) {
        let _ = (name, items);
    }
}

/// Answers nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nothing;

impl Resolver<'_> for Nothing {
    fn resolve(&self, _: &str) -> Option<&'static Value> {
        None
    }
}

impl Hooks for Nothing {}

/// How much an evaluation may do before it is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Nodes of the expression and items gone through.
    pub steps: u64,
    /// Items in one collection.
    pub items: usize,
}

impl Default for Budget {
    /// A million steps, some tenths of a second at the most; a hundred thousand items.
    fn default() -> Self {
        Self { steps: 1_000_000, items: 100_000 }
    }
}

/// Everything around an expression.
#[derive(Clone, Copy)]
pub struct Environment<'a> {
    pub(crate) model: &'a dyn Model,
    pub(crate) now: Option<Temporal>,
    pub(crate) resource: Option<&'a Value>,
    pub(crate) root_resource: Option<&'a Value>,
    pub(crate) variables: &'a [(&'a str, Vec<Item<'a>>)],
    pub(crate) resolver: &'a dyn Resolver<'a>,
    pub(crate) hooks: &'a dyn Hooks,
    pub(crate) budget: Budget,
    pub(crate) lenient: bool,
}

impl<'a> Environment<'a> {
    /// With this model and nothing else.
    pub fn new(model: &'a dyn Model) -> Self {
        Self {
            model,
            now: None,
            resource: None,
            root_resource: None,
            variables: &[],
            resolver: &Nothing,
            hooks: &Nothing,
            budget: Budget::default(),
            lenient: false,
        }
    }

    /// The moment that `now()`, `today()` and `timeOfDay()` answer, with a zone; without it they are errors.
    #[must_use]
    pub const fn at(mut self, now: Temporal) -> Self {
        self.now = Some(now);
        self
    }

    /// What `%resource` is, and `%rootResource` (the resource that contains it, or itself). Without them both are what
    /// is evaluated.
    #[must_use]
    pub const fn within(mut self, resource: &'a Value, root_resource: &'a Value) -> Self {
        self.resource = Some(resource);
        self.root_resource = Some(root_resource);
        self
    }

    /// Variables by name, without the mark.
    #[must_use]
    pub const fn variables(mut self, variables: &'a [(&'a str, Vec<Item<'a>>)]) -> Self {
        self.variables = variables;
        self
    }

    /// What `resolve()` asks about references that point out of the resource.
    #[must_use]
    pub const fn resolver(mut self, resolver: &'a dyn Resolver<'a>) -> Self {
        self.resolver = resolver;
        self
    }

    /// What terminology and profiles are asked.
    #[must_use]
    pub const fn hooks(mut self, hooks: &'a dyn Hooks) -> Self {
        self.hooks = hooks;
        self
    }

    /// How much may be done.
    #[must_use]
    pub const fn budget(mut self, budget: Budget) -> Self {
        self.budget = budget;
        self
    }

    /// Takes what invariants of R4 rely upon and FHIRPath does not: `as` chooses among many items, and `String`,
    /// `Boolean` and their kind, FHIRPath's own types, are said of FHIR's primitives too.
    #[must_use]
    pub const fn lenient(mut self) -> Self {
        self.lenient = true;
        self
    }
}

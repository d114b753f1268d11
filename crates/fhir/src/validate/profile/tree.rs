//! What a profile says, as a tree of its elements.

use bianque_fhirpath::Expression;
use serde_json::Value;

/// A profile.
#[derive(Debug, Clone)]
pub(super) struct Profile {
    pub(super) url: String,
    /// The type it constrains.
    pub(super) of: String,
    /// Where it may stand, when it defines an extension.
    pub(super) contexts: Vec<Context>,
    /// Whether it defines an extension that changes what its element means.
    pub(super) is_modifier: bool,
    pub(super) root: Node,
}

/// Where an extension may stand.
#[derive(Debug, Clone)]
pub(super) enum Context {
    /// On this type, or at the end of this path.
    Element(String),
    /// In an extension of this URL.
    Extension(String),
    /// On what this finds in the resource.
    Path(Expression),
}

/// One element, or one slice of it, with what is said of it.
#[derive(Debug, Clone, Default)]
pub(super) struct Node {
    /// As the path ends: `value[x]`.
    pub(super) name: String,
    /// The name of the slice.
    pub(super) slice: Option<String>,
    pub(super) min: Option<u64>,
    /// None: as many as one likes.
    pub(super) max: Option<u64>,
    /// Types it may have; empty: those of R4.
    pub(super) types: Vec<Allowed>,
    pub(super) fixed: Option<Value>,
    pub(super) pattern: Option<Value>,
    /// The least and the greatest value, each with the name of its type.
    pub(super) least: Option<(String, Value)>,
    pub(super) greatest: Option<(String, Value)>,
    pub(super) max_length: Option<u64>,
    /// The value set of a required binding.
    pub(super) required_set: Option<String>,
    pub(super) slicing: Option<Slicing>,
    pub(super) constraints: Vec<Rule>,
    pub(super) children: Vec<Node>,
    pub(super) slices: Vec<Node>,
}

/// A type that an element may have.
#[derive(Debug, Clone, Default)]
pub(super) struct Allowed {
    pub(super) code: String,
    /// Profiles of which the value fits one; empty: any value.
    pub(super) profiles: Vec<String>,
    /// Profiles of which the target of a reference fits one; empty: any target.
    pub(super) targets: Vec<String>,
    /// How the target comes: `contained`, `bundled`, `referenced`; empty: in any way.
    pub(super) aggregation: Vec<String>,
}

/// How the values of an element are told apart.
#[derive(Debug, Clone)]
pub(super) struct Slicing {
    pub(super) discriminators: Vec<Discriminator>,
    pub(super) ordered: bool,
    pub(super) rules: Rules,
}

/// Whether values of no slice may be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rules {
    Open,
    Closed,
    OpenAtEnd,
}

/// What is looked at in a value.
#[derive(Debug, Clone)]
pub(super) struct Discriminator {
    pub(super) kind: Kind,
    /// As written: `code.coding`, `resolve()`.
    pub(super) path: String,
    pub(super) expression: Expression,
}

/// In which way it tells slices apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Value,
    Exists,
    Type,
    Profile,
}

/// An invariant of a profile.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub(super) key: String,
    pub(super) human: String,
    pub(super) is_error: bool,
    pub(super) expression: Expression,
}

impl Node {
    pub(super) fn named(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// The child of this name; `value` finds `value[x]`.
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        let bare = |name: &str| name.trim_end_matches("[x]").to_owned();
        self.children.iter().find(|child| bare(&child.name) == bare(name))
    }

    /// The child of this name, made when it is not there.
    pub(super) fn child_mut(&mut self, name: &str) -> &mut Self {
        let at = self.children.iter().position(|child| child.name == name).unwrap_or_else(|| {
            self.children.push(Self::named(name));
            self.children.len() - 1
        });
        &mut self.children[at]
    }

    /// The slice of this name, made when it is not there.
    pub(super) fn slice_mut(&mut self, slice: &str) -> &mut Self {
        let at =
            self.slices.iter().position(|found| found.slice.as_deref() == Some(slice)).unwrap_or_else(|| {
                let slice = Some(slice.to_owned());
                self.slices.push(Self { name: self.name.clone(), slice, ..Self::default() });
                self.slices.len() - 1
            });
        &mut self.slices[at]
    }

    /// Whether it fixes a value, or something below it does.
    pub(super) fn fixes(&self) -> bool {
        self.fixed.is_some()
            || self.pattern.is_some()
            || self.required_set.is_some()
            || self.children.iter().any(Self::fixes)
    }
}

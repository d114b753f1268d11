//! Where in a document: FHIRPath, written out only when there is something to say.

use std::fmt;

/// An element, by its way from the root.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Path<'p> {
    before: Option<&'p Path<'p>>,
    step: Step<'p>,
}

#[derive(Debug, Clone, Copy)]
enum Step<'p> {
    Member(&'p str),
    Item(usize),
}

impl<'p> Path<'p> {
    /// The resource itself.
    pub(crate) const fn root(name: &'p str) -> Self {
        Self { before: None, step: Step::Member(name) }
    }

    /// A member of this element.
    pub(crate) const fn member(&'p self, name: &'p str) -> Self {
        Self { before: Some(self), step: Step::Member(name) }
    }

    /// An item of this array.
    pub(crate) const fn item(&'p self, at: usize) -> Self {
        Self { before: Some(self), step: Step::Item(at) }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(before) = self.before {
            before.fmt(f)?;
        }
        match self.step {
            Step::Item(at) => write!(f, "[{at}]"),
            Step::Member(name) => {
                if self.before.is_some() {
                    f.write_str(".")?;
                }
                // A name comes from the input when it is unknown: it is cut, and cannot break the line.
                name.chars()
                    .take(64)
                    .try_for_each(|c| fmt::Write::write_char(f, if c.is_control() { '?' } else { c }))
            }
        }
    }
}

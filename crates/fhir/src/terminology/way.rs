//! How far a question may lead: value sets take from others, and whoever wrote them may have been careless, or worse.

use std::cell::Cell;

use super::LISTED;
use super::refusal::Refusal;
use super::set::Set;

/// Value sets that take from others are followed this deep.
const DEPTH: u32 = 16;
/// Includes, excludes and codes looked at for one answer.
const STEPS: usize = 2_000_000;

/// Where a question is on its way, and how many steps are left of all its ways together.
#[derive(Debug, Clone)]
pub(super) struct Way<'w> {
    depth: u32,
    left: Left<'w>,
}

#[derive(Debug, Clone)]
enum Left<'w> {
    Own(Cell<usize>),
    Shared(&'w Cell<usize>),
}

impl Default for Way<'_> {
    fn default() -> Self {
        Self { depth: 0, left: Left::Own(Cell::new(STEPS)) }
    }
}

impl Way<'_> {
    /// One value set further in.
    pub(super) fn deeper(&self) -> Way<'_> {
        Way { depth: self.depth + 1, left: Left::Shared(self.left()) }
    }

    /// Enters a value set, unless it is too far in.
    pub(super) fn enter(&self, set: &Set) -> Result<(), Refusal> {
        if self.depth > DEPTH {
            return Err(Refusal::Nesting(set.url.to_string()));
        }
        self.walk(1)
    }

    /// Looks at so many more, unless that is too many.
    pub(super) fn walk(&self, steps: usize) -> Result<(), Refusal> {
        let left = self.left();
        match left.get().checked_sub(steps) {
            Some(rest) => {
                left.set(rest);
                Ok(())
            }
            None => Err(Refusal::TooCostly { limit: LISTED }),
        }
    }

    fn left(&self) -> &Cell<usize> {
        match &self.left {
            Left::Own(left) => left,
            Left::Shared(left) => left,
        }
    }
}

//! What is open around the next byte.

use super::Encoding;
use super::element::{ITEM_GROUP, SHORTEST, is_vr_like};
use crate::error::ReadError;
use dicom_core::VR;

/// What may be open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Sequence,
    Item,
    Fragments,
}

/// Open sequences and items, the innermost last, on top of the data set itself.
pub(super) struct Stack {
    root: Level,
    levels: Vec<(Kind, Level)>,
    depth: usize,
}

#[derive(Clone, Copy)]
struct Level {
    /// Where it ends, when it says so.
    end: Option<u64>,
    encoding: Encoding,
    /// An element was seen, which told how elements are really written.
    seen: bool,
}

impl Stack {
    pub(super) fn new(encoding: Encoding, depth: usize) -> Self {
        Self { root: Level { end: None, encoding, seen: false }, levels: Vec::new(), depth }
    }

    pub(super) fn root(&self) -> Encoding {
        self.root.encoding
    }

    pub(super) fn kind(&self) -> Option<Kind> {
        self.levels.last().map(|(kind, _)| *kind)
    }

    pub(super) fn end(&self) -> Option<u64> {
        self.top().end
    }

    pub(super) fn encoding(&self) -> Encoding {
        self.top().encoding
    }

    pub(super) fn push(&mut self, kind: Kind, end: Option<u64>, encoding: Encoding) -> Result<(), ReadError> {
        if self.levels.len() >= self.depth {
            return Err(ReadError::TooDeep);
        }
        self.levels.push((kind, Level { end, encoding, seen: false }));
        Ok(())
    }

    pub(super) fn pop(&mut self) -> Option<Kind> {
        self.levels.pop().map(|(kind, _)| kind)
    }

    /// Whether these bytes, where a head is expected, are what follows the end of a data set: nothing.
    pub(super) fn is_over(&self, head: [u8; SHORTEST]) -> bool {
        self.levels.is_empty() && self.root.seen && head == [0; SHORTEST]
    }

    /// Whether they are an item or a delimiter.
    pub(super) fn is_mark(&self, head: [u8; SHORTEST]) -> bool {
        self.encoding().tag(head).group() == ITEM_GROUP
    }

    /// How the element is written that begins with these bytes. The first one of a data set or an item tells it for all of
    /// them, where it is not what the transfer syntax says: no first element is so long that its length looks like letters.
    pub(super) fn encoding_of(&mut self, head: [u8; SHORTEST]) -> Encoding {
        let mark = self.is_mark(head);
        let is_root = self.levels.is_empty();
        let level = self.levels.last_mut().map_or(&mut self.root, |(_, level)| level);
        if !level.seen && !mark {
            level.seen = true;
            let vr = [head[4], head[5]];
            if level.encoding.explicit_vr && !is_vr_like(vr) {
                level.encoding.explicit_vr = false;
            } else if !level.encoding.explicit_vr && is_root && VR::from_binary(vr).is_some() {
                level.encoding.explicit_vr = true;
            }
        }
        level.encoding
    }

    fn top(&self) -> &Level {
        self.levels.last().map_or(&self.root, |(_, level)| level)
    }
}

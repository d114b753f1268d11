//! Data sets that are held whole because they are small: identifiers, lists of attributes.

use crate::{Association, Misuse};

/// A data set has more bytes than its service takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a data set of more than {0} bytes")]
pub struct TooLong(pub usize);

/// One that comes.
#[derive(Debug)]
pub(super) struct Gathered {
    bytes: Vec<u8>,
    most: usize,
    too_long: bool,
    whole: bool,
}

impl Gathered {
    /// Of so many bytes at most. Whole at once when none follows.
    pub(super) fn new(follows: bool, most: usize) -> Self {
        Self { bytes: Vec::new(), most, too_long: false, whole: !follows }
    }

    /// Takes a piece. Of one that is too long nothing is held.
    pub(super) fn push(&mut self, piece: &[u8], last: bool) {
        if self.bytes.len() + piece.len() > self.most {
            self.too_long = true;
            self.bytes = Vec::new();
        }
        if !self.too_long {
            self.bytes.extend_from_slice(piece);
        }
        self.whole |= last;
    }

    pub(super) fn is_whole(&self) -> bool {
        self.whole
    }

    pub(super) fn bytes(&self) -> Result<&[u8], TooLong> {
        if self.too_long { Err(TooLong(self.most)) } else { Ok(&self.bytes) }
    }

    pub(super) fn into_bytes(self) -> Result<Vec<u8>, TooLong> {
        if self.too_long { Err(TooLong(self.most)) } else { Ok(self.bytes) }
    }
}

/// One that goes.
#[derive(Debug, Default)]
pub(super) struct Going {
    bytes: Vec<u8>,
    taken: usize,
    due: bool,
}

impl Going {
    /// To go out behind the command that was just sent.
    pub(super) fn new(bytes: Vec<u8>) -> Self {
        Self { bytes, taken: 0, due: true }
    }

    /// Queues what there is room for, and says whether that was the rest.
    pub(super) fn pump(&mut self, association: &mut Association) -> Result<bool, Misuse> {
        if self.due {
            self.taken += association.send_data(&self.bytes[self.taken..], true)?;
            if self.taken == self.bytes.len() {
                *self = Self::default();
            }
        }
        Ok(!self.due)
    }

    pub(super) fn is_done(&self) -> bool {
        !self.due
    }
}

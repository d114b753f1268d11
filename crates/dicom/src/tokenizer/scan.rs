//! A value of undefined length that is not made of items: it lasts until the delimiter of a sequence.

use super::token::{Sink, Token};
use crate::error::ReadError;

const LITTLE: [u8; 8] = [0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0];
const BIG: [u8; 8] = [0xFF, 0xFE, 0xE0, 0xDD, 0, 0, 0, 0];

/// Looks for the delimiter and passes on what is before it.
pub(super) struct DelimiterScan {
    delimiter: &'static [u8; 8],
    /// Bytes of the delimiter that were seen. Its first byte is nowhere else in it, so a wrong one sets this back to nothing.
    matched: usize,
}

impl DelimiterScan {
    pub(super) fn new(big_endian: bool) -> Self {
        Self { delimiter: if big_endian { &BIG } else { &LITTLE }, matched: 0 }
    }

    /// How many bytes were taken, and whether the value is over.
    pub(super) fn push(&mut self, bytes: &[u8], sink: &mut impl Sink) -> Result<(usize, bool), ReadError> {
        let mut at = 0;
        while at < bytes.len() {
            if self.matched == 0 {
                let next =
                    memchr::memchr(self.delimiter[0], &bytes[at..]).map_or(bytes.len(), |found| at + found);
                if next > at {
                    sink.token(Token::Value(&bytes[at..next]))?;
                }
                at = next;
                if at < bytes.len() {
                    (self.matched, at) = (1, at + 1);
                }
            } else if bytes[at] == self.delimiter[self.matched] {
                (self.matched, at) = (self.matched + 1, at + 1);
                if self.matched == self.delimiter.len() {
                    return Ok((at, true));
                }
            } else {
                sink.token(Token::Value(&self.delimiter[..self.matched]))?;
                self.matched = 0;
            }
        }
        Ok((at, false))
    }

    /// There is no delimiter.
    pub(super) fn finish(self, sink: &mut impl Sink) -> Result<(), ReadError> {
        if self.matched > 0 {
            sink.token(Token::Value(&self.delimiter[..self.matched]))?;
        }
        Ok(())
    }
}

//! A data set as it comes, in pieces of any size, told as tokens.
//!
//! It is read as the programs read that everybody's files were tried with: lengths may be undefined or wrong, delimiters may be
//! missing, value representations may be missing, unknown or wrong for the transfer syntax, `UN` may hide a sequence,
//! zeros may follow. What a value holds is never looked at and never held.

mod cutter;
mod element;
mod inflate;
mod scan;
mod stack;
mod token;

pub use element::Encoding;
pub(crate) use element::{Head, has_long_length, read as read_head};
pub use token::{ElementHeader, Ending, Sink, Token};

use crate::error::{Limits, ReadError};
use crate::transfer_syntax::TransferSyntax;
use cutter::Cutter;
use inflate::Inflate;

/// Cuts a data set into tokens: [`Tokenizer::push`] what comes, then [`Tokenizer::finish`].
pub struct Tokenizer {
    inflate: Option<Inflate>,
    cutter: Cutter,
}

impl Tokenizer {
    /// For a data set of this transfer syntax, which begins with the next byte.
    pub fn new(syntax: TransferSyntax, limits: &Limits) -> Self {
        let encoding = Encoding { explicit_vr: syntax.explicit_vr(), big_endian: syntax.big_endian() };
        Self {
            inflate: syntax.deflated().then(|| Inflate::new(limits.inflated_bytes)),
            cutter: Cutter::new(encoding, limits.depth),
        }
    }

    /// Takes the next bytes.
    pub fn push(&mut self, bytes: &[u8], sink: &mut impl Sink) -> Result<(), ReadError> {
        let Self { inflate, cutter } = self;
        match inflate {
            None => cutter.push(bytes, sink),
            Some(inflate) => inflate.push(bytes, |inflated| cutter.push(inflated, sink)),
        }
    }

    /// There is no more: ends what is open.
    pub fn finish(&mut self, sink: &mut impl Sink) -> Result<Ending, ReadError> {
        let ending = self.cutter.finish(sink)?;
        let cut = self.inflate.as_ref().is_some_and(|inflate| !inflate.is_over()) && self.length() > 0;
        Ok(if cut && ending == Ending::Complete { Ending::Truncated { missing: 1 } } else { ending })
    }

    /// Bytes of the data set so far, inflated ones where it is deflated.
    pub fn length(&self) -> u64 {
        self.cutter.length()
    }

    /// How elements at the top are written, which may be found to be other than the transfer syntax says.
    pub fn encoding(&self) -> Encoding {
        self.cutter.encoding()
    }
}

#[cfg(test)]
mod tests;

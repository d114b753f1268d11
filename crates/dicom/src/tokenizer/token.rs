//! What a tokenizer tells.

use dicom_core::{Tag, VR};

use crate::error::ReadError;

/// The head of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ElementHeader {
    /// Its tag.
    pub tag: Tag,
    /// Its value representation: as it says itself, or as the dictionary knows, or `UN`.
    pub vr: VR,
    /// Whether it says it itself.
    pub explicit_vr: bool,
    /// The length of its value in bytes, none when it is undefined.
    pub length: Option<u32>,
    /// Where it begins, in bytes from the start of the data set.
    pub offset: u64,
    /// Where its value begins.
    pub value_offset: u64,
    /// Whether numbers in its value have their high byte first.
    pub big_endian: bool,
}

/// A piece of a data set. Offsets are in bytes from its start; those of a deflated one, in what it inflates to.
///
/// Tokens nest: every beginning has its end, also where the bytes do not say it. The end of a value may come before its
/// declared length, at the end of a data set that was cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token<'a> {
    /// An element with a plain value begins.
    Element(ElementHeader),
    /// The next bytes of the value, or of the fragment.
    Value(&'a [u8]),
    /// The value ended.
    ElementEnd,
    /// A sequence of items begins.
    Sequence(ElementHeader),
    /// An item begins.
    Item {
        /// Where its head begins.
        offset: u64,
        /// How its elements are written, as far as is known before the first of them.
        big_endian: bool,
    },
    /// The item ended.
    ItemEnd,
    /// The sequence ended.
    SequenceEnd,
    /// Encapsulated data begins; its first fragment is the Basic Offset Table.
    Fragments(ElementHeader),
    /// A fragment begins.
    Fragment {
        /// Where its bytes begin.
        offset: u64,
        /// How many they are.
        length: u32,
    },
    /// The fragment ended.
    FragmentEnd,
    /// The encapsulated data ended.
    FragmentsEnd,
}

/// What takes tokens.
pub trait Sink {
    /// Takes one; an error ends the reading.
    fn token(&mut self, token: Token<'_>) -> Result<(), ReadError>;
}

impl<F: FnMut(Token<'_>) -> Result<(), ReadError>> Sink for F {
    fn token(&mut self, token: Token<'_>) -> Result<(), ReadError> {
        self(token)
    }
}

/// How a data set ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Where it should.
    Complete,
    /// Where it may, but sequences are open that have no delimiter.
    Undelimited,
    /// Too early: at least this many bytes are missing.
    Truncated {
        /// How many, of what declared a length.
        missing: u64,
    },
}

//! An object as it comes: what an archive asks about is kept, where its pixels lie is noted, the rest is counted.

use dicom_core::{Tag, VR};

use crate::data_set::{Builder, DataSet, Fragments, Holding, Value, is_pixel_data};
use crate::error::{Limits, ReadError};
use crate::tokenizer::{Encoding, Ending, Tokenizer};
use crate::transfer_syntax::TransferSyntax;

/// Binary values longer than this are left where they lie.
const LONGEST_BINARY: u32 = 64 << 10;

/// Reads the data set of an object in pieces of any size.
pub struct HeaderReader {
    tokenizer: Tokenizer,
    builder: Builder,
    syntax: TransferSyntax,
}

/// What was kept of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Its elements. Pixel data, and binary values (`OB`, `OW`, `OD`, `OF`, `OL`, `OV`, `UN`) of more than 64 KiB, are
    /// [`Value::Bulk`] or [`Value::Fragments`].
    pub data_set: DataSet,
    /// Bytes of the data set, inflated ones if it was deflated.
    pub length: u64,
    /// How elements were really written.
    pub encoding: Encoding,
    /// What it was said to be written in.
    pub transfer_syntax: TransferSyntax,
    /// Whether it came to its end.
    pub ending: Ending,
    /// Items of Per-Frame Functional Groups Sequence that are not in the data set ([`Limits::per_frame_items`]).
    pub frames_left_out: u64,
}

/// Where the pixels of an object lie. Offsets are in bytes from the start of the data set, inflated if it was deflated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PixelData<'a> {
    /// As they are.
    Native {
        /// Pixel Data, Float Pixel Data or Double Float Pixel Data.
        tag: Tag,
        /// Their representation.
        vr: VR,
        /// Where they begin.
        offset: u64,
        /// How many bytes they are.
        length: u32,
    },
    /// In fragments.
    Encapsulated {
        /// The fragments with the Basic Offset Table.
        fragments: &'a Fragments,
        /// Where the head of the first fragment after the table is: offsets of both tables count from there.
        first_fragment: u64,
    },
}

impl HeaderReader {
    /// For a data set of this transfer syntax, which begins with the next byte.
    pub fn new(syntax: TransferSyntax) -> Self {
        Self::with_limits(syntax, Limits::default())
    }

    /// With other limits.
    pub fn with_limits(syntax: TransferSyntax, limits: Limits) -> Self {
        let holding = Holding { longest_binary: LONGEST_BINARY, pixels: true };
        Self {
            tokenizer: Tokenizer::new(syntax, &limits),
            builder: Builder::new(limits, holding, syntax.big_endian()),
            syntax,
        }
    }

    /// Takes the next bytes. After an error it takes no more.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), ReadError> {
        self.tokenizer.push(bytes, &mut self.builder)
    }

    /// The elements that have come so far, the one under way apart.
    pub fn so_far(&self) -> Option<&DataSet> {
        self.builder.so_far()
    }

    /// There is no more.
    pub fn finish(mut self) -> Result<Header, ReadError> {
        let ending = self.tokenizer.finish(&mut self.builder)?;
        Ok(Header {
            length: self.tokenizer.length(),
            encoding: self.tokenizer.encoding(),
            transfer_syntax: self.syntax,
            ending,
            frames_left_out: self.builder.left_out(),
            data_set: self.builder.finish(),
        })
    }
}

impl Header {
    /// Where the pixels lie; none when there are none.
    pub fn pixel_data(&self) -> Option<PixelData<'_>> {
        let element = self.data_set.elements().iter().rev().find(|element| is_pixel_data(element.tag))?;
        match &element.value {
            Value::Bulk { offset, length } => {
                let (tag, vr) = (element.tag, element.vr);
                Some(PixelData::Native { tag, vr, offset: *offset, length: *length })
            }
            Value::Fragments(fragments) => {
                let head = 8;
                let first_fragment =
                    fragments.list.first().map_or(0, |first| first.offset.saturating_sub(head));
                Some(PixelData::Encapsulated { fragments, first_fragment })
            }
            Value::Bytes(_) | Value::Sequence(_) => None,
        }
    }
}

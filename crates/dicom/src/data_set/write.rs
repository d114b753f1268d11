//! Writing a data set in any transfer syntax.

use dicom_core::{Tag, VR};
use thiserror::Error;

use super::edit::padding;
use super::value::width;
use super::{DataSet, Element, Fragments, Value};
use crate::dictionary::vr_of;
use crate::tokenizer::has_long_length;
use crate::transfer_syntax::TransferSyntax;

/// How the lengths of sequences and items are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lengths {
    /// In bytes.
    #[default]
    Explicit,
    /// Undefined, with delimiters.
    Undefined,
}

/// A piece of a data set that is written. The pieces one after another are the data set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// These bytes.
    Bytes(Vec<u8>),
    /// Bytes of the data set that was read.
    Source {
        /// Where they begin.
        offset: u64,
        /// How many they are.
        length: u32,
        /// Words of so many bytes are to be turned around ([`swap_words`]); 1 for none.
        swapped: usize,
    },
}

/// Why a data set cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum WriteError {
    /// Values lie elsewhere, and it was not said where.
    #[error("values of the data set are not held")]
    NotHeld,
    /// A value lies beyond the end of what was said to hold it.
    #[error("values of the data set lie outside of its source")]
    OutsideSource,
    /// Fragments cannot be written in this transfer syntax.
    #[error("encapsulated data cannot be written in this transfer syntax")]
    Encapsulated,
    /// A value, a sequence or an item is 4 GiB or longer.
    #[error("a value is too long")]
    TooLong,
}

impl DataSet {
    /// The data set in pieces: what is held, and where the rest is. That of a deflated transfer syntax is not deflated yet.
    /// Lengths of groups beyond the file meta group are left out.
    pub fn write(&self, syntax: TransferSyntax, lengths: Lengths) -> Result<Vec<Piece>, WriteError> {
        let mut writer = Writer {
            explicit_vr: syntax.explicit_vr(),
            big_endian: syntax.big_endian(),
            lengths,
            bytes: Vec::new(),
            sources: Vec::new(),
            elsewhere: 0,
        };
        writer.data_set(self)?;
        Ok(writer.pieces())
    }

    /// The data set as bytes; every value has to be held.
    pub fn to_bytes(&self, syntax: TransferSyntax) -> Result<Vec<u8>, WriteError> {
        self.to_bytes_from(syntax, Lengths::Explicit, None)
    }

    /// The data set as bytes, deflated where the transfer syntax says so; `source` is the data set that it was read from
    /// (inflated).
    pub fn to_bytes_from(
        &self,
        syntax: TransferSyntax,
        lengths: Lengths,
        source: Option<&[u8]>,
    ) -> Result<Vec<u8>, WriteError> {
        let mut bytes = Vec::new();
        for piece in self.write(syntax, lengths)? {
            match piece {
                Piece::Bytes(piece) if bytes.is_empty() => bytes = piece,
                Piece::Bytes(piece) => bytes.extend_from_slice(&piece),
                Piece::Source { offset, length, swapped } => {
                    let source = source.ok_or(WriteError::NotHeld)?;
                    let start = usize::try_from(offset).map_err(|_| WriteError::OutsideSource)?;
                    let end = start.checked_add(length as usize).ok_or(WriteError::OutsideSource)?;
                    let at = bytes.len();
                    bytes.extend_from_slice(source.get(start..end).ok_or(WriteError::OutsideSource)?);
                    swap_words(&mut bytes[at..], swapped);
                }
            }
        }
        Ok(if syntax.deflated() { deflated(&bytes) } else { bytes })
    }
}

/// Turns words of so many bytes around; what is left over at the end stays.
pub fn swap_words(bytes: &mut [u8], width: usize) {
    if width > 1 {
        bytes.chunks_exact_mut(width).for_each(<[u8]>::reverse);
    }
}

const UNDEFINED: u32 = u32::MAX;

struct Writer {
    explicit_vr: bool,
    big_endian: bool,
    lengths: Lengths,
    bytes: Vec<u8>,
    /// What lies elsewhere, and before which of the bytes.
    sources: Vec<(usize, Piece)>,
    /// How much lies elsewhere.
    elsewhere: u64,
}

impl Writer {
    fn data_set(&mut self, data_set: &DataSet) -> Result<(), WriteError> {
        for element in data_set {
            // They would be wrong.
            let group_length = element.tag.element() == 0 && element.tag.group() > 2;
            if !group_length {
                self.element(element, data_set.big_endian && element.vr != VR::UN)?;
            }
        }
        Ok(())
    }

    fn element(&mut self, element: &Element, big_endian: bool) -> Result<(), WriteError> {
        let swapped = if big_endian == self.big_endian { 1 } else { width(element.vr) };
        match &element.value {
            Value::Bytes(bytes) => {
                let length = even(u32::try_from(bytes.len()).map_err(|_| WriteError::TooLong)?)?;
                self.head(element.tag, element.vr, length);
                let at = self.bytes.len();
                self.bytes.extend_from_slice(bytes);
                swap_words(&mut self.bytes[at..], swapped);
                if bytes.len() % 2 == 1 {
                    self.bytes.push(padding(element.vr));
                }
                Ok(())
            }
            Value::Bulk { offset, length } => {
                self.head(element.tag, element.vr, even(*length)?);
                self.source(*offset, *length, swapped, padding(element.vr));
                Ok(())
            }
            Value::Sequence(items) => self.sequence(element.tag, items),
            Value::Fragments(fragments) => self.fragments(element, fragments),
        }
    }

    fn sequence(&mut self, tag: Tag, items: &[DataSet]) -> Result<(), WriteError> {
        // Without a representation, only an undefined length lets a reader see that an unknown element is a sequence.
        let unknown = !self.explicit_vr && vr_of(tag) != Some(VR::SQ);
        let undefined = (self.lengths == Lengths::Undefined || unknown) && !items.is_empty();
        self.head(tag, VR::SQ, if undefined { UNDEFINED } else { 0 });
        let sequence = self.mark();
        for item in items {
            self.item_head(0xE000, if undefined { UNDEFINED } else { 0 });
            let start = self.mark();
            self.data_set(item)?;
            if undefined {
                self.item_head(0xE00D, 0);
            } else {
                self.set_length(start)?;
            }
        }
        if undefined {
            self.item_head(0xE0DD, 0);
            return Ok(());
        }
        self.set_length(sequence)
    }

    fn fragments(&mut self, element: &Element, fragments: &Fragments) -> Result<(), WriteError> {
        if !self.explicit_vr || self.big_endian {
            return Err(WriteError::Encapsulated);
        }
        self.head(element.tag, element.vr, UNDEFINED);
        let table = u32::try_from(fragments.offset_table.len() * 4).map_err(|_| WriteError::TooLong)?;
        self.item_head(0xE000, table);
        self.bytes.extend(fragments.offset_table.iter().flat_map(|offset| offset.to_le_bytes()));
        for fragment in &fragments.list {
            self.item_head(0xE000, even(fragment.length)?);
            self.source(fragment.offset, fragment.length, 1, 0);
        }
        self.item_head(0xE0DD, 0);
        Ok(())
    }

    fn head(&mut self, tag: Tag, vr: VR, length: u32) {
        self.u16(tag.group());
        self.u16(tag.element());
        if !self.explicit_vr {
            return self.u32(length);
        }
        match u16::try_from(length) {
            Ok(length) if !has_long_length(vr) => {
                self.bytes.extend_from_slice(&vr.to_bytes());
                self.u16(length);
            }
            _ => {
                // A value that is too long for its representation goes as unknown (PS3.5 section 6.2.2).
                let vr = if has_long_length(vr) { vr } else { VR::UN };
                self.bytes.extend_from_slice(&vr.to_bytes());
                self.u16(0);
                self.u32(length);
            }
        }
    }

    fn item_head(&mut self, element: u16, length: u32) {
        self.u16(0xFFFE);
        self.u16(element);
        self.u32(length);
    }

    fn source(&mut self, offset: u64, length: u32, swapped: usize, padding: u8) {
        self.sources.push((self.bytes.len(), Piece::Source { offset, length, swapped }));
        self.elsewhere += u64::from(length);
        if length % 2 == 1 {
            self.bytes.push(padding);
        }
    }

    /// Where in the bytes the next one is, and in what is written.
    fn mark(&self) -> (usize, u64) {
        (self.bytes.len(), self.bytes.len() as u64 + self.elsewhere)
    }

    /// Writes the length of what came after a mark into the four bytes before it.
    fn set_length(&mut self, (at, start): (usize, u64)) -> Result<(), WriteError> {
        let (_, end) = self.mark();
        let length = u32::try_from(end - start).ok().filter(|length| *length != UNDEFINED);
        let length = length.ok_or(WriteError::TooLong)?;
        let length = if self.big_endian { length.to_be_bytes() } else { length.to_le_bytes() };
        self.bytes[at - 4..at].copy_from_slice(&length);
        Ok(())
    }

    fn u16(&mut self, number: u16) {
        let bytes = if self.big_endian { number.to_be_bytes() } else { number.to_le_bytes() };
        self.bytes.extend_from_slice(&bytes);
    }

    fn u32(&mut self, number: u32) {
        let bytes = if self.big_endian { number.to_be_bytes() } else { number.to_le_bytes() };
        self.bytes.extend_from_slice(&bytes);
    }

    fn pieces(mut self) -> Vec<Piece> {
        let mut pieces = Vec::with_capacity(self.sources.len() * 2 + 1);
        let mut done = 0;
        for (at, source) in self.sources.drain(..) {
            if at > done {
                pieces.push(Piece::Bytes(self.bytes[done..at].to_vec()));
            }
            done = at;
            pieces.push(source);
        }
        if done == 0 {
            pieces.insert(0, Piece::Bytes(self.bytes));
        } else if done < self.bytes.len() {
            pieces.push(Piece::Bytes(self.bytes[done..].to_vec()));
        }
        pieces
    }
}

fn even(length: u32) -> Result<u32, WriteError> {
    length.checked_add(length % 2).filter(|length| *length != UNDEFINED).ok_or(WriteError::TooLong)
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
    // Writing into memory does not fail.
    encoder
        .write_all(bytes)
        .and_then(|()| encoder.finish())
        .map(|bytes| super::edit::padded(bytes, VR::OB))
        .unwrap_or_default()
}

//! From tokens to a data set.

use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;

use super::value::{Fragment, Fragments, is_bulk};
use super::{DataSet, Element, Value};
use crate::charset::Charset;
use crate::dictionary::signed_as_pixels;
use crate::error::{Limits, ReadError};
use crate::tokenizer::{ElementHeader, Sink, Token};

/// What is left where it lies.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Holding {
    /// Values of binary representations that are longer than this are not held.
    pub(crate) longest_binary: u32,
    /// Pixel data at the top is never held, however short it is.
    pub(crate) pixels: bool,
}

/// Takes tokens, and holds what it may.
pub(crate) struct Builder {
    open: Vec<Open>,
    value: Gathering,
    limits: Limits,
    holding: Holding,
    held_bytes: usize,
    elements: usize,
    /// How many items deep it is in one that is passed over.
    passed_over: usize,
    left_out: u64,
}

/// A data set or a sequence that is not over.
enum Open {
    DataSet { data_set: DataSet, signed: bool },
    Sequence { tag: Tag, vr: VR, items: Vec<DataSet> },
    Fragments { tag: Tag, vr: VR, fragments: Fragments, table_seen: bool },
}

/// What becomes of the bytes that come.
enum Gathering {
    Nothing,
    Held { header: ElementHeader, bytes: Vec<u8> },
    Bulk { header: ElementHeader, length: u64 },
    OffsetTable(Vec<u8>),
    Fragment { fragment: Fragment, left: u64, last: [u8; TAIL] },
}

/// An end marker is looked for in so many bytes.
const TAIL: usize = 10;

impl Builder {
    pub(crate) fn new(limits: Limits, holding: Holding, big_endian: bool) -> Self {
        let data_set = DataSet { big_endian, ..DataSet::new() };
        Self {
            open: vec![Open::DataSet { data_set, signed: false }],
            value: Gathering::Nothing,
            limits,
            holding,
            held_bytes: 0,
            elements: 0,
            passed_over: 0,
            left_out: 0,
        }
    }

    /// The data set at the top, as far as it has come.
    pub(crate) fn so_far(&self) -> Option<&DataSet> {
        match self.open.first() {
            Some(Open::DataSet { data_set, .. }) => Some(data_set),
            _ => None,
        }
    }

    /// How many items were passed over.
    pub(crate) fn left_out(&self) -> u64 {
        self.left_out
    }

    /// The data set, once the tokens are over.
    pub(crate) fn finish(mut self) -> DataSet {
        match self.open.drain(..).next() {
            Some(Open::DataSet { mut data_set, .. }) => {
                data_set.sort();
                data_set
            }
            // The first one is pushed at the start, and no token pops it.
            _ => DataSet::new(),
        }
    }

    fn hold(&mut self, bytes: usize) -> Result<(), ReadError> {
        self.held_bytes += bytes;
        if self.held_bytes > self.limits.held_bytes { Err(ReadError::TooLong) } else { Ok(()) }
    }

    fn count(&mut self) -> Result<(), ReadError> {
        self.elements += 1;
        if self.elements > self.limits.elements { Err(ReadError::TooManyElements) } else { self.hold(8) }
    }

    fn begin(&mut self, header: ElementHeader) -> Result<(), ReadError> {
        self.count()?;
        let length = header.length.unwrap_or(u32::MAX);
        let pixels = self.holding.pixels && self.open.len() == 1 && is_pixel_data(header.tag);
        let long = length > self.holding.longest_binary && is_bulk(header.vr) && !is_offset_table(header.tag);
        self.value = if pixels || long {
            Gathering::Bulk { header, length: 0 }
        } else {
            // A length that is only claimed is not believed beyond a page.
            let bytes = Vec::with_capacity(header.length.map_or(0, |length| length.min(4096) as usize));
            Gathering::Held { header, bytes }
        };
        Ok(())
    }

    fn gather(&mut self, piece: &[u8]) -> Result<(), ReadError> {
        match &mut self.value {
            Gathering::Nothing => {}
            Gathering::Held { bytes, .. } | Gathering::OffsetTable(bytes) => {
                self.held_bytes += piece.len();
                if self.held_bytes > self.limits.held_bytes {
                    return Err(ReadError::TooLong);
                }
                bytes.extend_from_slice(piece);
            }
            Gathering::Bulk { length, .. } => *length += piece.len() as u64,
            Gathering::Fragment { left, last, .. } => {
                *left = left.saturating_sub(piece.len() as u64);
                if *left < TAIL as u64 {
                    let kept = &piece[piece.len().saturating_sub(TAIL)..];
                    last.rotate_left(kept.len());
                    last[TAIL - kept.len()..].copy_from_slice(kept);
                }
            }
        }
        Ok(())
    }

    fn end_element(&mut self) {
        match std::mem::replace(&mut self.value, Gathering::Nothing) {
            Gathering::Held { header, bytes } => self.put(header, Value::Bytes(bytes)),
            Gathering::Bulk { header, length } => {
                let length = u32::try_from(length).unwrap_or(u32::MAX);
                self.put(header, Value::Bulk { offset: header.value_offset, length });
            }
            _ => {}
        }
    }

    fn put(&mut self, header: ElementHeader, value: Value) {
        let Some(Open::DataSet { data_set, signed }) = self.open.last_mut() else { return };
        let mut vr = header.vr;
        if header.tag == tags::PIXEL_REPRESENTATION {
            *signed = matches!(&value, Value::Bytes(bytes) if bytes.first().max(bytes.get(1)) == Some(&1));
        } else if vr == VR::US && *signed && !header.explicit_vr && signed_as_pixels(header.tag) {
            vr = VR::SS;
        }
        if header.tag == tags::SPECIFIC_CHARACTER_SET
            && let Value::Bytes(bytes) = &value
        {
            data_set.charset = Charset::from_bytes(bytes);
        }
        data_set.append(Element { tag: header.tag, vr, value });
    }

    /// Whether a token belongs to an item that is not held.
    fn passes_over(&mut self, token: &Token<'_>) -> bool {
        match token {
            Token::Item { .. } if self.passed_over > 0 => self.passed_over += 1,
            Token::Item { .. } if self.has_enough_frames() => {
                (self.passed_over, self.left_out) = (1, self.left_out + 1);
            }
            Token::ItemEnd if self.passed_over > 0 => {
                self.passed_over -= 1;
                return true;
            }
            _ => {}
        }
        self.passed_over > 0
    }

    fn has_enough_frames(&self) -> bool {
        matches!(self.open.as_slice(), [_, Open::Sequence { tag: tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, items, .. }]
            if items.len() >= self.limits.per_frame_items)
    }

    fn begin_item(&mut self, big_endian: bool) -> Result<(), ReadError> {
        self.count()?;
        let around = self.open.iter().rev().find_map(|open| match open {
            Open::DataSet { data_set, signed } => Some((data_set.charset, *signed)),
            _ => None,
        });
        let (charset, signed) = around.unwrap_or_default();
        let data_set = DataSet { charset, big_endian, ..DataSet::new() };
        self.open.push(Open::DataSet { data_set, signed });
        Ok(())
    }

    fn end_item(&mut self) {
        if let Some(Open::DataSet { mut data_set, .. }) = self.open.pop()
            && let Some(Open::Sequence { items, .. }) = self.open.last_mut()
        {
            data_set.sort();
            items.push(data_set);
        }
    }

    fn end_open(&mut self) {
        let element = match self.open.pop() {
            Some(Open::Sequence { tag, vr, items }) => Element { tag, vr, value: Value::Sequence(items) },
            Some(Open::Fragments { tag, vr, fragments, .. }) => {
                Element { tag, vr, value: Value::Fragments(Box::new(fragments)) }
            }
            _ => return,
        };
        if let Some(Open::DataSet { data_set, .. }) = self.open.last_mut() {
            data_set.append(element);
        }
    }

    fn begin_fragment(&mut self, offset: u64, length: u32) -> Result<(), ReadError> {
        let limit = self.limits.fragments;
        let Some(Open::Fragments { fragments, table_seen, .. }) = self.open.last_mut() else { return Ok(()) };
        if !std::mem::replace(table_seen, true) {
            self.value = Gathering::OffsetTable(Vec::new());
            return Ok(());
        }
        if fragments.list.len() >= limit {
            return Err(ReadError::TooManyFragments);
        }
        let fragment = Fragment { offset, length, ends_image: false };
        self.value = Gathering::Fragment { fragment, left: u64::from(length), last: [0; TAIL] };
        Ok(())
    }

    fn end_fragment(&mut self) {
        let Some(Open::Fragments { fragments, .. }) = self.open.last_mut() else { return };
        match std::mem::replace(&mut self.value, Gathering::Nothing) {
            Gathering::OffsetTable(bytes) => fragments.offset_table = offsets(&bytes),
            Gathering::Fragment { mut fragment, left, last } => {
                fragment.length = fragment.length.saturating_sub(u32::try_from(left).unwrap_or(u32::MAX));
                fragment.ends_image = last.windows(2).any(|pair| pair == [0xFF, 0xD9]);
                fragments.list.push(fragment);
            }
            _ => {}
        }
    }
}

impl Sink for Builder {
    fn token(&mut self, token: Token<'_>) -> Result<(), ReadError> {
        if self.passes_over(&token) {
            return Ok(());
        }
        match token {
            Token::Element(header) => return self.begin(header),
            Token::Value(piece) => return self.gather(piece),
            Token::ElementEnd => self.end_element(),
            Token::Sequence(header) => {
                self.count()?;
                self.open.push(Open::Sequence { tag: header.tag, vr: header.vr, items: Vec::new() });
            }
            Token::Item { big_endian, .. } => return self.begin_item(big_endian),
            Token::ItemEnd => self.end_item(),
            Token::SequenceEnd | Token::FragmentsEnd => self.end_open(),
            Token::Fragments(header) => {
                self.count()?;
                let (tag, vr) = (header.tag, header.vr);
                let fragments = Fragments::default();
                self.open.push(Open::Fragments { tag, vr, fragments, table_seen: false });
            }
            Token::Fragment { offset, length } => return self.begin_fragment(offset, length),
            Token::FragmentEnd => self.end_fragment(),
        }
        Ok(())
    }
}

/// Pixel Data, Float Pixel Data, Double Float Pixel Data.
pub(crate) fn is_pixel_data(tag: Tag) -> bool {
    matches!(tag, tags::PIXEL_DATA | tags::FLOAT_PIXEL_DATA | tags::DOUBLE_FLOAT_PIXEL_DATA)
}

fn is_offset_table(tag: Tag) -> bool {
    matches!(tag, tags::EXTENDED_OFFSET_TABLE | tags::EXTENDED_OFFSET_TABLE_LENGTHS)
}

fn offsets(bytes: &[u8]) -> Vec<u32> {
    let (entries, _) = bytes.as_chunks::<4>();
    entries.iter().map(|entry| u32::from_le_bytes(*entry)).collect()
}

//! Data sets: elements in the order of their tags, each with the bytes that came.
//!
//! What is written is what was read, in any other transfer syntax too: only the byte order of numbers changes, odd lengths get
//! their padding, and lengths of groups are left out. Text is decoded when it is asked for.

mod build;
mod edit;
mod numbers;
mod text;
mod value;
mod write;

pub(crate) use build::{Builder, Holding, is_pixel_data};
pub(crate) use edit::padded;
pub(crate) use numbers::signed;
pub use value::{Element, Fragment, Fragments, Value};
pub(crate) use value::{is_multi_valued, is_text, width};
pub use write::{Lengths, Piece, WriteError, swap_words};

use dicom_core::{Tag, VR};

use crate::charset::Charset;
use crate::error::{Limits, ReadError};
use crate::tokenizer::Tokenizer;
use crate::transfer_syntax::TransferSyntax;

/// A data set, or an item of a sequence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataSet {
    elements: Vec<Element>,
    charset: Charset,
    big_endian: bool,
}

impl DataSet {
    /// An empty one, low byte first, in ASCII; it becomes UTF-8 when text needs it.
    pub const fn new() -> Self {
        Self { elements: Vec::new(), charset: Charset::ASCII, big_endian: false }
    }

    /// An empty one with text in this character set, without saying so.
    pub(crate) fn with_charset(charset: Charset) -> Self {
        Self { charset, ..Self::new() }
    }

    /// Of elements in any order; of those with the same tag, the last one stays.
    pub(crate) fn of_elements(elements: Vec<Element>, charset: Charset) -> Self {
        let mut data_set = Self { elements, ..Self::with_charset(charset) };
        data_set.sort();
        data_set
    }

    /// Takes all elements out, so that some may be put back.
    pub(crate) fn take_elements(&mut self) -> Vec<Element> {
        std::mem::take(&mut self.elements)
    }

    /// Reads one that is at hand as a whole. Every value is held, but for the fragments of encapsulated data, which are
    /// referred to by where they lie in `bytes` (or in what it inflates to).
    pub fn read(bytes: &[u8], syntax: TransferSyntax) -> Result<Self, ReadError> {
        let limits = Limits::default();
        let held_bytes = limits.held_bytes.max(bytes.len().saturating_mul(2));
        let limits = Limits { held_bytes, ..limits };
        let holding = Holding { longest_binary: u32::MAX, pixels: false };
        let mut builder = Builder::new(limits, holding, syntax.big_endian());
        let mut tokenizer = Tokenizer::new(syntax, &limits);
        tokenizer.push(bytes, &mut builder)?;
        tokenizer.finish(&mut builder)?;
        Ok(builder.finish())
    }

    /// Its elements, in the order of their tags.
    pub fn elements(&self) -> &[Element] {
        &self.elements
    }

    /// The same, one after another.
    pub fn iter(&self) -> std::slice::Iter<'_, Element> {
        self.elements.iter()
    }

    /// An element.
    pub fn get(&self, tag: Tag) -> Option<&Element> {
        self.position(tag).ok().map(|at| &self.elements[at])
    }

    /// Whether it has an element, with a value or without.
    pub fn contains(&self, tag: Tag) -> bool {
        self.position(tag).is_ok()
    }

    /// Those of its elements that have one of these tags, in the same characters and byte order.
    pub fn subset(&self, wanted: &[Tag]) -> Self {
        let elements = self.elements.iter().filter(|element| wanted.contains(&element.tag)).cloned();
        Self { elements: elements.collect(), charset: self.charset, big_endian: self.big_endian }
    }

    /// How many elements there are.
    pub fn len(&self) -> usize {
        self.elements.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.elements.is_empty()
    }

    /// The items of a sequence; none when it is not there or is no sequence.
    pub fn sequence(&self, tag: Tag) -> &[DataSet] {
        match self.get(tag).map(|element| &element.value) {
            Some(Value::Sequence(items)) => items,
            _ => &[],
        }
    }

    /// The data set at the end of a path through the first items of sequences.
    pub fn item_at(&self, path: &[Tag]) -> Option<&DataSet> {
        path.iter().try_fold(self, |data_set, tag| data_set.sequence(*tag).first())
    }

    /// What its text is written in: what it says itself, or what is around it.
    pub fn charset(&self) -> Charset {
        self.charset
    }

    /// Whether its numbers have their high byte first.
    pub fn big_endian(&self) -> bool {
        self.big_endian
    }

    /// The private creator that reserved the block of a private element (PS3.5 section 7.8).
    pub fn private_creator(&self, tag: Tag) -> Option<String> {
        let block = tag.element() >> 8;
        let private = tag.group() % 2 == 1 && block >= 0x10;
        private.then(|| self.text(Tag(tag.group(), block))).flatten()
    }

    /// Puts an element at its place when that is near the end, else at the end, whatever its tag: [`DataSet::sort`] is to
    /// follow. So elements in the wrong order cannot make a reader move all of them again and again.
    fn append(&mut self, element: Element) {
        let near = self.elements.len().saturating_sub(LATE);
        match self.elements[near..].iter().rposition(|before| before.tag <= element.tag) {
            Some(at) if self.elements[near + at].tag == element.tag => self.elements[near + at] = element,
            Some(at) => self.elements.insert(near + at + 1, element),
            None if near == 0 => self.elements.insert(0, element),
            None => self.elements.push(element),
        }
    }

    /// Brings the elements into order; of those with the same tag, the last one stays.
    fn sort(&mut self) {
        if self.elements.is_sorted_by(|one, next| one.tag < next.tag) {
            return;
        }
        self.elements.reverse();
        self.elements.sort_by_key(|element| element.tag);
        self.elements.dedup_by_key(|element| element.tag);
    }

    fn position(&self, tag: Tag) -> Result<usize, usize> {
        match self.elements.last() {
            None => Err(0),
            Some(last) if last.tag < tag => Err(self.elements.len()),
            Some(_) => self.elements.binary_search_by_key(&tag, |element| element.tag),
        }
    }

    fn bytes_of(&self, tag: Tag) -> Option<(&Element, VR, &[u8])> {
        let element = self.get(tag)?;
        Some((element, element.effective_vr(), element.bytes()?))
    }
}

/// An element may come so many elements late and still be put at its place at once.
const LATE: usize = 16;

impl Default for DataSet {
    fn default() -> Self {
        Self::new()
    }
}

impl<'a> IntoIterator for &'a DataSet {
    type Item = &'a Element;
    type IntoIter = std::slice::Iter<'a, Element>;

    fn into_iter(self) -> Self::IntoIter {
        self.elements.iter()
    }
}

#[cfg(test)]
mod tests;

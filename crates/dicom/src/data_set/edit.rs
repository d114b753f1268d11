//! Changing a data set, and building one.

use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;

use super::value::{is_text_of_charset, width};
use super::{DataSet, Element, Value};
use crate::charset::Charset;
use crate::dictionary::vr_of;

impl DataSet {
    /// Puts an element at its place, instead of the one with its tag. Its bytes are taken as they are; Specific Character
    /// Set tells from then on what text is written in.
    pub fn put(&mut self, element: Element) {
        if element.tag == tags::SPECIFIC_CHARACTER_SET
            && let Some(bytes) = element.bytes()
        {
            self.charset = Charset::from_bytes(bytes);
        }
        match self.position(element.tag) {
            Ok(at) => self.elements[at] = element,
            Err(at) => self.elements.insert(at, element),
        }
    }

    /// Takes an element out.
    pub fn remove(&mut self, tag: Tag) -> Option<Element> {
        self.position(tag).ok().map(|at| self.elements.remove(at))
    }

    /// Keeps the elements for which this holds.
    pub fn retain(&mut self, keep: impl FnMut(&Element) -> bool) {
        self.elements.retain(keep);
    }

    /// The items of a sequence, to change them.
    pub fn sequence_mut(&mut self, tag: Tag) -> Option<&mut Vec<DataSet>> {
        let at = self.position(tag).ok()?;
        match &mut self.elements[at].value {
            Value::Sequence(items) => Some(items),
            _ => None,
        }
    }

    /// Sets a text; backslashes in it separate values. The representation is that of the dictionary, `LO` where it has none.
    /// When the character set of the data set does not have all its characters, the whole becomes UTF-8.
    pub fn set_text(&mut self, tag: Tag, text: &str) {
        let vr = vr_of(tag).unwrap_or(VR::LO);
        self.set_text_as(tag, vr, text);
    }

    /// Sets a text of this representation.
    pub fn set_text_as(&mut self, tag: Tag, vr: VR, text: &str) {
        let bytes =
            if is_text_of_charset(vr) { self.charset.encode(text) } else { Some(text.as_bytes().to_vec()) };
        let bytes = bytes.unwrap_or_else(|| {
            self.to_utf8();
            text.as_bytes().to_vec()
        });
        self.put(Element::new(tag, vr, padded(bytes, vr)));
    }

    /// Sets several texts.
    pub fn set_texts(&mut self, tag: Tag, texts: &[&str]) {
        self.set_text(tag, &texts.join("\\"));
    }

    /// Sets an integer, by the representation of the dictionary: binary, or in text. A number that a binary one cannot hold
    /// is cut to its low bytes.
    pub fn set_int(&mut self, tag: Tag, number: i64) {
        self.set_ints(tag, &[number]);
    }

    /// Sets several integers.
    pub fn set_ints(&mut self, tag: Tag, numbers: &[i64]) {
        let vr = vr_of(tag).unwrap_or(VR::IS);
        match vr {
            VR::US | VR::SS | VR::OW | VR::UL | VR::SL | VR::UV | VR::SV | VR::OB => {
                let words = numbers.iter().flat_map(|number| self.word(number.to_le_bytes(), width(vr)));
                let bytes = words.collect();
                self.put(Element::new(tag, vr, padded(bytes, vr)));
            }
            VR::FL | VR::FD => {
                let numbers: Vec<f64> = numbers.iter().map(|number| *number as f64).collect();
                self.set_decimals(tag, &numbers);
            }
            _ => {
                let texts: Vec<String> = numbers.iter().map(ToString::to_string).collect();
                self.set_text_as(tag, vr, &texts.join("\\"));
            }
        }
    }

    /// Sets numbers that may have fractions, by the representation of the dictionary: `FL`, `FD`, or text of at most 16
    /// characters (`DS`).
    pub fn set_decimals(&mut self, tag: Tag, numbers: &[f64]) {
        let vr = vr_of(tag).unwrap_or(VR::DS);
        match vr {
            VR::FL | VR::OF => {
                #[expect(clippy::cast_possible_truncation, reason = "that is what the representation holds")]
                let words = numbers.iter().map(|number| u64::from((*number as f32).to_bits()));
                let bytes = words.flat_map(|word| self.word(word.to_le_bytes(), 4)).collect();
                self.put(Element::new(tag, vr, bytes));
            }
            VR::FD | VR::OD => {
                let words = numbers.iter().map(|number| number.to_bits());
                let bytes = words.flat_map(|word| self.word(word.to_le_bytes(), 8)).collect();
                self.put(Element::new(tag, vr, bytes));
            }
            _ => {
                let texts: Vec<String> = numbers.iter().map(|number| decimal_string(*number)).collect();
                self.set_text_as(tag, vr, &texts.join("\\"));
            }
        }
    }

    /// Sets an element of tags (`AT`).
    pub fn set_tags(&mut self, tag: Tag, values: &[Tag]) {
        let halves = values.iter().flat_map(|value| [value.group(), value.element()]);
        let bytes = halves.flat_map(|half| self.word(u64::from(half).to_le_bytes(), 2)).collect();
        self.put(Element::new(tag, VR::AT, bytes));
    }

    /// Sets bytes as they are.
    pub fn set_bytes(&mut self, tag: Tag, vr: VR, bytes: Vec<u8>) {
        self.put(Element::new(tag, vr, padded(bytes, vr)));
    }

    /// Sets an element without a value.
    pub fn set_empty(&mut self, tag: Tag) {
        match vr_of(tag).unwrap_or(VR::UN) {
            VR::SQ => self.set_sequence(tag, Vec::new()),
            vr => self.put(Element::new(tag, vr, Vec::new())),
        }
    }

    /// Sets a sequence. Items whose text is written in another character set, and do not say so, come to say it.
    pub fn set_sequence(&mut self, tag: Tag, mut items: Vec<DataSet>) {
        for item in &mut items {
            if item.big_endian != self.big_endian {
                item.set_byte_order(self.big_endian);
            }
            item.move_into(self.charset);
        }
        self.put(Element { tag, vr: VR::SQ, value: Value::Sequence(items) });
    }

    /// Writes all text anew in UTF-8, that of items too, and says so. Bytes that were no characters become U+FFFD.
    pub fn to_utf8(&mut self) {
        self.recode();
        self.put(Element::new(tags::SPECIFIC_CHARACTER_SET, VR::CS, b"ISO_IR 192".to_vec()));
    }

    /// The text is UTF-8: says so where it matters, and is ASCII where it does not.
    pub(crate) fn settle_utf8(&mut self) {
        if self.is_plain() {
            self.adopt(Charset::ASCII);
        } else {
            self.to_utf8();
        }
    }

    fn recode(&mut self) {
        let charset = self.charset;
        for element in &mut self.elements {
            let vr = element.effective_vr();
            match &mut element.value {
                Value::Bytes(bytes) if is_text_of_charset(vr) && !plain(bytes) => {
                    let text = charset.decode(bytes, vr).trim_end_matches([' ', '\0']).to_owned();
                    *bytes = padded(text.into_bytes(), vr);
                }
                Value::Sequence(items) => {
                    for item in items {
                        item.recode();
                        item.remove(tags::SPECIFIC_CHARACTER_SET);
                    }
                }
                _ => {}
            }
        }
        self.charset = Charset::UTF_8;
    }

    /// Becomes an item of a data set with this character set.
    fn move_into(&mut self, charset: Charset) {
        if self.charset == charset || self.contains(tags::SPECIFIC_CHARACTER_SET) {
            return;
        }
        if self.is_plain() {
            self.adopt(charset);
        } else if charset == Charset::UTF_8 {
            self.recode();
        } else {
            self.to_utf8();
        }
    }

    /// Whether all text that does not say itself what it is written in is the same in every character set.
    fn is_plain(&self) -> bool {
        self.elements.iter().all(|element| match &element.value {
            Value::Bytes(bytes) => !is_text_of_charset(element.effective_vr()) || plain(bytes),
            Value::Sequence(items) => {
                items.iter().all(|item| item.contains(tags::SPECIFIC_CHARACTER_SET) || item.is_plain())
            }
            _ => true,
        })
    }

    fn adopt(&mut self, charset: Charset) {
        self.charset = charset;
        for element in &mut self.elements {
            if let Value::Sequence(items) = &mut element.value {
                for item in items.iter_mut().filter(|item| !item.contains(tags::SPECIFIC_CHARACTER_SET)) {
                    item.adopt(charset);
                }
            }
        }
    }

    /// Turns the numbers around.
    fn set_byte_order(&mut self, big_endian: bool) {
        for element in &mut self.elements {
            match &mut element.value {
                Value::Bytes(bytes) if self.big_endian != big_endian => {
                    super::swap_words(bytes, width(element.vr));
                }
                Value::Sequence(items) => items.iter_mut().for_each(|item| item.set_byte_order(big_endian)),
                _ => {}
            }
        }
        self.big_endian = big_endian;
    }

    /// The low bytes of a number, in the order of the data set.
    fn word(&self, little: [u8; 8], width: usize) -> impl Iterator<Item = u8> + use<> {
        let big_endian = self.big_endian;
        (0..width).map(move |at| little[if big_endian { width - 1 - at } else { at }])
    }
}

/// With the byte that makes the length even: NUL where bytes or UIDs are, else a blank.
pub(crate) fn padded(mut bytes: Vec<u8>, vr: VR) -> Vec<u8> {
    if bytes.len() % 2 == 1 {
        bytes.push(padding(vr));
    }
    bytes
}

/// What makes the length of a value even (PS3.5 section 6.2).
pub(crate) fn padding(vr: VR) -> u8 {
    if vr != VR::UI && super::value::is_text(vr) { b' ' } else { 0 }
}

fn plain(bytes: &[u8]) -> bool {
    bytes.is_ascii() && !bytes.contains(&0x1B)
}

/// A number in at most 16 characters (PS3.5 section 6.2, `DS`).
fn decimal_string(number: f64) -> String {
    let text = number.to_string();
    if text.len() <= 16 {
        return text;
    }
    (0..=10).rev().map(|digits| format!("{number:.digits$e}")).find(|text| text.len() <= 16).unwrap_or(text)
}

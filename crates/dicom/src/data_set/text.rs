//! Text of elements, decoded.

use std::borrow::Cow;

use dicom_core::{Tag, VR};

use super::value::{is_multi_valued, is_text, is_text_of_charset};
use super::{DataSet, Element};
use crate::charset::Charset;

impl DataSet {
    /// The first value of an element of text, without its padding; none when it is empty, absent, or holds no text.
    /// Representations that have one value by definition (`ST`, `LT`, `UT`, `UR`) are given whole.
    pub fn text(&self, tag: Tag) -> Option<String> {
        let element = self.get(tag)?;
        let text = self.decoded(element)?;
        let vr = element.effective_vr();
        let first = if is_multi_valued(vr) { text.split('\\').next().unwrap_or("") } else { &text };
        let first = trimmed(first, vr);
        (!first.is_empty()).then(|| first.to_owned())
    }

    /// The values of an element of text, each without its padding, empty ones as such; nothing when it is empty or absent.
    pub fn texts(&self, tag: Tag) -> Vec<String> {
        self.get(tag).map_or_else(Vec::new, |element| self.texts_of(element))
    }

    /// The same, of an element that is at hand.
    pub fn texts_of(&self, element: &Element) -> Vec<String> {
        let Some(text) = self.decoded(element) else { return Vec::new() };
        let vr = element.effective_vr();
        if trimmed(&text, vr).is_empty() {
            return Vec::new();
        }
        if !is_multi_valued(vr) {
            return vec![trimmed(&text, vr).to_owned()];
        }
        text.split('\\').map(|value| trimmed(value, vr).to_owned()).collect()
    }

    /// A UID, without its padding; none when it is empty or absent. It is not looked at whether it is one.
    pub fn uid(&self, tag: Tag) -> Option<String> {
        self.text(tag)
    }

    /// The text of an element with its padding and its backslashes, decoded; none when it holds none.
    pub fn decoded<'a>(&self, element: &'a Element) -> Option<Cow<'a, str>> {
        let vr = element.effective_vr();
        let bytes = element.bytes()?;
        if is_text_of_charset(vr) {
            return Some(self.charset.decode(bytes, vr));
        }
        is_text(vr).then(|| Charset::ASCII.decode(bytes, vr))
    }
}

/// Without padding: blanks at the end never count, those at the start do in long texts only (PS3.5 section 6.2).
fn trimmed(text: &str, vr: VR) -> &str {
    let padding = [' ', '\0'];
    if is_multi_valued(vr) { text.trim_matches(padding) } else { text.trim_end_matches(padding) }
}

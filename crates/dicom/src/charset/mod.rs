//! Specific Character Set (PS3.3 C.12.1.1.2, PS3.5 section 6.1): bytes to text and back.

mod decode;
mod encode;
mod repertoire;

pub use encode::encode;
pub use repertoire::Repertoire;

use std::borrow::Cow;

use dicom_core::VR;

/// What text of a data set is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charset {
    first: Repertoire,
    extended: bool,
    known: bool,
}

impl Charset {
    /// What a data set has that says nothing.
    pub const ASCII: Self = Self { first: Repertoire::Ascii, extended: false, known: true };
    /// `ISO_IR 192`.
    pub const UTF_8: Self = Self { first: Repertoire::Utf8, extended: false, known: true };

    /// From the value of Specific Character Set (0008,0005).
    pub fn from_bytes(value: &[u8]) -> Self {
        let value = String::from_utf8_lossy(value);
        Self::from_terms(value.split('\\'))
    }

    /// From the defined terms. Terms that nobody defined are taken for ASCII, and [`Charset::is_known`] says so; usual
    /// slips of the pen (`ISO-IR 100`, `ISO2022IR87`, `iso-8859-1`) are not minded.
    pub fn from_terms<'a>(terms: impl IntoIterator<Item = &'a str>) -> Self {
        let mut terms = terms.into_iter().map(Repertoire::from_term);
        let first = terms.next().unwrap_or(Some(Repertoire::Ascii));
        let mut rest = terms.filter(|term| *term != Some(Repertoire::Ascii)).peekable();
        let extended = rest.peek().is_some() || first.is_some_and(Repertoire::needs_escapes);
        let known = first.is_some() && rest.all(|term| term.is_some());
        Self { first: first.unwrap_or(Repertoire::Ascii), extended, known }
    }

    /// Whether every term was one that is defined. What is written in another one is decoded as well as can be.
    pub fn is_known(self) -> bool {
        self.known
    }

    /// The repertoire that text begins in.
    pub fn first(self) -> Repertoire {
        self.first
    }

    /// Whether escape sequences may switch to other repertoires.
    pub fn is_extended(self) -> bool {
        self.extended
    }

    /// The text of a value of this representation; `PN` has delimiters of its own. Bytes that are no characters become
    /// U+FFFD, but bytes beyond ASCII where only ASCII was declared are read as UTF-8 if they are that, else as Latin-1.
    pub fn decode(self, bytes: &[u8], vr: VR) -> Cow<'_, str> {
        decode::decode(self, bytes, vr == VR::PN)
    }

    /// The bytes of a text in the first repertoire, without escapes; none when it does not have all characters.
    pub fn encode(self, text: &str) -> Option<Vec<u8>> {
        self.first.encode(text)
    }
}

impl Default for Charset {
    fn default() -> Self {
        Self::ASCII
    }
}

#[cfg(test)]
mod tests;

//! Finding segments and fields.

use memchr::{memchr2, memchr2_iter};

use crate::charset::{Characters, Charset};
use crate::delimiters::Delimiters;

/// Why bytes are no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// There is nothing.
    #[error("there is no message")]
    Empty,
    /// It is longer than places are counted: 4 GiB.
    #[error("the message is too long")]
    Length,
    /// It does not begin with MSH and its separators.
    #[error("the message does not begin with MSH and separators that can separate")]
    Header,
    /// A segment begins with something else than its name and a separator.
    #[error("segment {number} has no name")]
    Segment {
        /// Which, from 1; empty lines do not count.
        number: usize,
    },
    /// MSH-18 names a character set that is not known here.
    #[error("the character set of MSH-18 is not known")]
    Charset,
}

/// Where the segments and fields of a message are. Places are bytes from the beginning.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Places {
    pub(crate) segments: Vec<SegmentPlace>,
    /// Where each field begins, the fields of all segments one after the other. Field 0 is the name.
    pub(crate) fields: Vec<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SegmentPlace {
    /// Its first field in the list of all.
    pub(crate) first: u32,
    /// One after its last byte, without the line end.
    pub(crate) end: u32,
}

/// The separators, and how the header's own line ends: that is how every line ends.
pub(crate) fn header(bytes: &[u8]) -> Result<(Delimiters, u8), ParseError> {
    let rest = bytes.strip_prefix(b"MSH").ok_or(ParseError::Header)?;
    let (field, rest) = rest.split_first().ok_or(ParseError::Header)?;
    let end = rest.iter().position(|byte| byte == field).ok_or(ParseError::Header)?;
    let delimiters = Delimiters::read(*field, &rest[..end]).ok_or(ParseError::Header)?;
    let line_end = memchr2(b'\r', b'\n', rest).map_or(b'\r', |place| rest[place]);
    Ok((delimiters, line_end))
}

/// Finds everything from `from`, where MSH begins.
pub(crate) fn places(
    bytes: &[u8],
    from: usize,
    (field, line_end): (u8, u8),
    charset: Charset,
) -> Result<Places, ParseError> {
    let mut scan = Scan::new(bytes, from, line_end)?;
    if charset.is_plain() {
        for at in memchr2_iter(field, line_end, &bytes[from..]) {
            scan.meets(from + at)?;
        }
    } else {
        for at in Characters::of(charset, &bytes[from..]) {
            if [field, line_end].contains(&bytes[from + at]) {
                scan.meets(from + at)?;
            }
        }
    }
    scan.ends()
}

struct Scan<'a> {
    bytes: &'a [u8],
    line_end: u8,
    /// Where the present segment begins.
    begin: usize,
    places: Places,
    /// Its first field in the list of all.
    first: usize,
}

impl<'a> Scan<'a> {
    fn new(bytes: &'a [u8], from: usize, line_end: u8) -> Result<Self, ParseError> {
        let length = u32::try_from(bytes.len()).map_err(|_| ParseError::Length)?;
        let mut places = Places::default();
        // About what messages have.
        places.fields.reserve(length as usize / 8 + 16);
        places.segments.reserve(length as usize / 128 + 8);
        Ok(Self { bytes, line_end, begin: from, places, first: 0 })
    }

    /// The length was looked at.
    #[expect(clippy::cast_possible_truncation, reason = "places lie within a message, whose length fits")]
    fn place(at: usize) -> u32 {
        at as u32
    }

    /// A delimiter, or the end of a line.
    fn meets(&mut self, at: usize) -> Result<(), ParseError> {
        if self.bytes[at] == self.line_end {
            return self.line(at);
        }
        if self.places.fields.len() == self.first {
            self.places.fields.push(Self::place(self.begin));
        }
        self.places.fields.push(Self::place(at + 1));
        Ok(())
    }

    fn line(&mut self, end: usize) -> Result<(), ParseError> {
        // Of two signs of a line end the second begins the next line.
        let begin =
            if self.bytes[self.begin..end].first() == Some(&b'\n') { self.begin + 1 } else { self.begin };
        self.begin = end + 1;
        if begin == end {
            return Ok(());
        }
        if self.places.fields.len() == self.first {
            self.places.fields.push(Self::place(begin));
        }
        self.places.fields[self.first] = Self::place(begin);
        let named = self.places.fields.get(self.first + 1).map_or(end, |next| *next as usize - 1) - begin;
        let name = &self.bytes[begin..begin + named];
        let [first, rest @ ..] = name else { return Err(self.unnamed()) };
        if named != 3 || !first.is_ascii_uppercase() || !rest.iter().all(u8::is_ascii_alphanumeric) {
            return Err(self.unnamed());
        }
        let segment = SegmentPlace { first: Self::place(self.first), end: Self::place(end) };
        self.places.segments.push(segment);
        self.first = self.places.fields.len();
        Ok(())
    }

    fn unnamed(&self) -> ParseError {
        ParseError::Segment { number: self.places.segments.len() + 1 }
    }

    /// The last line may lack its end.
    fn ends(mut self) -> Result<Places, ParseError> {
        if self.begin < self.bytes.len() {
            let last = &self.bytes[self.begin..];
            if !last.iter().all(u8::is_ascii_whitespace) {
                self.line(self.bytes.len())?;
            }
        }
        Ok(self.places)
    }
}

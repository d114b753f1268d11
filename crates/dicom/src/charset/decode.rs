//! Text with escape sequences (ISO 2022, PS3.5 section 6.1.2.5).

use std::borrow::Cow;

use super::{Charset, Repertoire};

const ESCAPE: u8 = 0x1B;

/// Decodes; `name` says that `^` and `=` are delimiters.
pub(super) fn decode(charset: Charset, bytes: &[u8], name: bool) -> Cow<'_, str> {
    let plain = charset.first != Repertoire::JisX0201 || bytes.is_ascii();
    if plain
        && !bytes.contains(&ESCAPE)
        && (bytes.is_ascii() || charset.first == Repertoire::Utf8)
        && let Ok(text) = std::str::from_utf8(bytes)
    {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 2);
    if bytes.contains(&ESCAPE) && !charset.first.stands_alone() {
        Decoder { start: charset.first, low: Low::Ascii, high: charset.first, name, run: Vec::new() }
            .all(bytes, &mut text);
    } else {
        charset.first.decode_into(bytes, &mut text);
    }
    Cow::Owned(text)
}

/// What bytes below 0x80 mean.
#[derive(Clone, Copy, PartialEq)]
enum Low {
    Ascii,
    /// Pairs of bytes, as if their high bits were set.
    Pairs(Repertoire),
    /// Katakana that somebody put into the lower half.
    Katakana,
}

struct Decoder {
    start: Repertoire,
    low: Low,
    high: Repertoire,
    name: bool,
    run: Vec<u8>,
}

impl Decoder {
    fn all(mut self, bytes: &[u8], text: &mut String) {
        let mut rest = bytes;
        while let [first, after @ ..] = rest {
            if *first == ESCAPE
                && let Some((set, length)) = designated(rest)
            {
                self.flush(text);
                match set {
                    Set::Low(low) => self.low = low,
                    Set::High(high) => self.high = high,
                }
                rest = &rest[length..];
                continue;
            }
            rest = after;
            self.byte(*first, text);
        }
        self.flush(text);
    }

    fn byte(&mut self, byte: u8, text: &mut String) {
        let in_line = matches!(byte, 0x21..=0x7E);
        match self.low {
            Low::Pairs(_) | Low::Katakana if in_line => self.run.push(byte | 0x80),
            _ if byte < 0x80 => {
                self.flush(text);
                text.push(char::from(byte));
                if self.is_delimiter(byte) {
                    self.reset();
                }
            }
            Low::Ascii => self.run.push(byte),
            Low::Pairs(_) | Low::Katakana => {
                self.flush(text);
                self.low = Low::Ascii;
                self.run.push(byte);
            }
        }
    }

    /// After a delimiter, text is as at the start. Writers forget to escape again; where the start has no upper half, theirs
    /// goes on.
    fn reset(&mut self) {
        self.low = Low::Ascii;
        if self.start.has_high_half() {
            self.high = self.start;
        }
    }

    fn is_delimiter(&self, byte: u8) -> bool {
        matches!(byte, b'\\' | b'\n' | b'\r' | b'\t' | 0x0C) || self.name && matches!(byte, b'^' | b'=')
    }

    fn flush(&mut self, text: &mut String) {
        if self.run.is_empty() {
            return;
        }
        match self.low {
            Low::Pairs(set) => set.decode_into(&self.run, text),
            Low::Katakana => Repertoire::JisX0201.decode_into(&self.run, text),
            Low::Ascii => self.high.decode_into(&self.run, text),
        }
        self.run.clear();
    }
}

enum Set {
    Low(Low),
    High(Repertoire),
}

/// The set that an escape sequence designates, and the length of the sequence.
fn designated(bytes: &[u8]) -> Option<(Set, usize)> {
    use Repertoire::{
        Arabic, Cyrillic, Gb2312, Greek, Hebrew, JisX0201, JisX0208, JisX0212, KsX1001, Latin1, Latin2,
        Latin3, Latin4, Latin5, Latin9, Thai,
    };
    let low = |low| Some((Set::Low(low), 3));
    let high = |set| Some((Set::High(set), 3));
    match bytes.get(1..)? {
        [b'(', b'B' | b'J', ..] => low(Low::Ascii),
        [b'(', b'I', ..] => low(Low::Katakana),
        [b')', b'I', ..] => high(JisX0201),
        [b'$', b'@' | b'B', ..] => low(Low::Pairs(JisX0208)),
        [b'$', b'(', b'B', ..] => Some((Set::Low(Low::Pairs(JisX0208)), 4)),
        [b'$', b'(', b'D', ..] => Some((Set::Low(Low::Pairs(JisX0212)), 4)),
        [b'$', b')', b'C', ..] => Some((Set::High(KsX1001), 4)),
        [b'$', b')', b'A', ..] => Some((Set::High(Gb2312), 4)),
        [b'-', b'A', ..] => high(Latin1),
        [b'-', b'B', ..] => high(Latin2),
        [b'-', b'C', ..] => high(Latin3),
        [b'-', b'D', ..] => high(Latin4),
        [b'-', b'F', ..] => high(Greek),
        [b'-', b'G', ..] => high(Arabic),
        [b'-', b'H', ..] => high(Hebrew),
        [b'-', b'L', ..] => high(Cyrillic),
        [b'-', b'M', ..] => high(Latin5),
        [b'-', b'T', ..] => high(Thai),
        [b'-', b'b', ..] => high(Latin9),
        _ => None,
    }
}

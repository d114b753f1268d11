//! Character sets (HL7 table 0211, MSH-18).
//!
//! In GB 18030, Big5, Shift JIS and ISO 2022 the second byte of a character may be that of a delimiter: looking for
//! delimiters goes character by character there, and byte by byte everywhere else.

use std::borrow::Cow;

use encoding_rs::{
    BIG5, EUC_KR, Encoding, GB18030, ISO_2022_JP, ISO_8859_2, ISO_8859_3, ISO_8859_4, ISO_8859_5, ISO_8859_6,
    ISO_8859_7, ISO_8859_8, SHIFT_JIS, UTF_8, WINDOWS_1252, WINDOWS_1254,
};

/// The character set of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charset(&'static Encoding);

impl Charset {
    /// UTF-8, and ASCII with it.
    pub const UTF_8: Self = Self(UTF_8);
    /// GB 18030, and GBK and GB 2312 with it.
    pub const GB_18030: Self = Self(GB18030);

    /// Those in which bytes of a character may look like delimiters.
    pub(crate) const WIDE: [Self; 4] = [Self(GB18030), Self(BIG5), Self(SHIFT_JIS), Self(ISO_2022_JP)];

    /// By its name in table 0211, or by what senders write instead of it; `None` is one that is not known here. 8859/1 is
    /// read as Windows-1252 and 8859/9 as Windows-1254, which give the bytes that ISO leaves to control characters a meaning.
    pub fn named(name: &str) -> Option<Self> {
        let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
        Some(Self(match plain.to_ascii_uppercase().as_str() {
            "ASCII" | "USASCII" | "UNICODE" | "UNICODEUTF8" | "UTF8" | "ISOIR6" | "ISOIR192" => UTF_8,
            "GB180302000" | "GB18030" | "GBK" | "GB2312" | "GB23121980" | "ISOIR58" => GB18030,
            "88591" | "ISO88591" | "ISOIR100" | "WINDOWS1252" | "CP1252" => WINDOWS_1252,
            "88592" | "ISO88592" | "ISOIR101" => ISO_8859_2,
            "88593" | "ISO88593" | "ISOIR109" => ISO_8859_3,
            "88594" | "ISO88594" | "ISOIR110" => ISO_8859_4,
            "88595" | "ISO88595" | "ISOIR144" => ISO_8859_5,
            "88596" | "ISO88596" | "ISOIR127" => ISO_8859_6,
            "88597" | "ISO88597" | "ISOIR126" => ISO_8859_7,
            "88598" | "ISO88598" | "ISOIR138" => ISO_8859_8,
            "88599" | "ISO88599" | "ISOIR148" => WINDOWS_1254,
            "885915" | "ISO885915" | "ISOIR203" => encoding_rs::ISO_8859_15,
            "BIG5" => BIG5,
            "ISOIR14" | "ISOIR87" | "ISOIR159" | "ISO2022JP" => ISO_2022_JP,
            "SHIFTJIS" | "SJIS" | "WINDOWS31J" => SHIFT_JIS,
            "KSX1001" | "ISOIR149" | "EUCKR" => EUC_KR,
            _ => return None,
        }))
    }

    /// Its name in table 0211.
    pub fn name(&self) -> &'static str {
        let names = [
            (UTF_8, "UNICODE UTF-8"),
            (GB18030, "GB 18030-2000"),
            (WINDOWS_1252, "8859/1"),
            (ISO_8859_2, "8859/2"),
            (ISO_8859_3, "8859/3"),
            (ISO_8859_4, "8859/4"),
            (ISO_8859_5, "8859/5"),
            (ISO_8859_6, "8859/6"),
            (ISO_8859_7, "8859/7"),
            (ISO_8859_8, "8859/8"),
            (WINDOWS_1254, "8859/9"),
            (encoding_rs::ISO_8859_15, "8859/15"),
            (BIG5, "BIG-5"),
            (ISO_2022_JP, "ISO IR87"),
            (EUC_KR, "KS X 1001"),
        ];
        // Shift JIS is not in the table.
        names.iter().find(|(encoding, _)| *encoding == self.0).map_or("SHIFT_JIS", |(_, name)| name)
    }

    /// The text; what is no character of the set becomes U+FFFD.
    pub fn decode<'a>(&self, bytes: &'a [u8]) -> Cow<'a, str> {
        self.0.decode_without_bom_handling(bytes).0
    }

    /// Whether all of it are characters of the set.
    pub fn covers(&self, bytes: &[u8]) -> bool {
        self.0.decode_without_bom_handling_and_without_replacement(bytes).is_some()
    }

    /// The bytes; `None` when the set lacks one of the characters.
    pub fn encode<'a>(&self, text: &'a str) -> Option<Cow<'a, [u8]>> {
        let (bytes, _, lacks) = self.0.encode(text);
        (!lacks).then_some(bytes)
    }

    /// No byte of a character of several is that of a delimiter.
    pub(crate) fn is_plain(self) -> bool {
        !Self::WIDE.contains(&self)
    }

    /// Where a delimiter stands first.
    pub(crate) fn find(self, bytes: &[u8], wanted: u8) -> Option<usize> {
        if self.is_plain() {
            return memchr::memchr(wanted, bytes);
        }
        Characters::of(self, bytes).find(|at| bytes[*at] == wanted)
    }
}

/// The places of characters of one byte, in a set where others have several.
pub(crate) struct Characters<'a> {
    charset: Charset,
    bytes: &'a [u8],
    at: usize,
    /// ISO 2022: two bytes are one character until the escape back.
    wide: bool,
}

impl<'a> Characters<'a> {
    pub(crate) fn of(charset: Charset, bytes: &'a [u8]) -> Self {
        Self { charset, bytes, at: 0, wide: false }
    }

    /// How long the character at the place is. What is none is one byte: an end of a line is never swallowed.
    fn length(&mut self) -> usize {
        let first = self.bytes[self.at];
        let [second, third, fourth] = [1, 2, 3].map(|behind| self.bytes.get(self.at + behind).copied());
        let encoding = self.charset.0;
        if encoding == ISO_2022_JP {
            if first == 0x1B && matches!((second, third), (Some(b'$' | b'('), Some(0x40..=0x5A))) {
                // `ESC $ x` begins two bytes, `ESC ( x` ends them.
                self.wide = second == Some(b'$');
                return 3;
            }
            // A segment begins in ASCII, whatever was forgotten before.
            self.wide &= !matches!(first, b'\r' | b'\n');
            return if self.wide && matches!(second, Some(0x21..=0x7E)) { 2 } else { 1 };
        }
        let leads = if encoding == SHIFT_JIS {
            matches!(first, 0x81..=0x9F | 0xE0..=0xFC)
        } else {
            matches!(first, 0x81..=0xFE)
        };
        match second {
            Some(0x30..=0x39) if leads && encoding == GB18030 => match (third, fourth) {
                (Some(0x81..=0xFE), Some(0x30..=0x39)) => 4,
                _ => 1,
            },
            // A sign of ASCII is the second byte of a character that exists, or a sign.
            Some(0x40..=0x7E) if leads && !self.charset.covers(&self.bytes[self.at..self.at + 2]) => 1,
            Some(0x40..=0xFE) if leads => 2,
            _ => 1,
        }
    }
}

impl Iterator for Characters<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        while self.at < self.bytes.len() {
            let (at, length) = (self.at, self.length());
            self.at += length;
            if length == 1 {
                return Some(at);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_table_and_of_senders_are_known() {
        for name in ["UNICODE UTF-8", "utf8", "ASCII", "UNICODE"] {
            assert_eq!(Charset::named(name), Some(Charset::UTF_8), "{name}");
        }
        for name in ["GB 18030-2000", "GB18030", "GBK", "gb2312"] {
            assert_eq!(Charset::named(name), Some(Charset::GB_18030), "{name}");
        }
        for name in ["8859/1", "ISO IR100", "8859/15", "ISO IR87", "BIG-5", "KS X 1001"] {
            assert!(Charset::named(name).is_some(), "{name}");
        }
        assert_eq!(Charset::named("UNICODE UTF-16"), None);
        assert_eq!(Charset::named(""), None);
    }

    #[test]
    fn a_second_byte_is_no_delimiter() {
        // In GBK the second byte of 坁 is that of `^`, that of 倈 is that of `|`.
        let text = "坁倈|坁";
        let bytes = Charset::GB_18030.encode(text).unwrap();
        assert!(bytes[..4].contains(&b'^') && bytes[..4].contains(&b'|'), "{bytes:?}");
        assert_eq!(Charset::GB_18030.find(&bytes, b'|'), Some(4));
        assert_eq!(Charset::GB_18030.find(&bytes, b'^'), None);
        // Four bytes, with digits among them.
        let bytes = Charset::GB_18030.encode("㐀|").unwrap();
        assert_eq!((bytes.len(), Charset::GB_18030.find(&bytes, b'|')), (5, Some(4)));
        let japanese = Charset::named("ISO IR87").unwrap();
        let bytes = japanese.encode("山田^太郎|").unwrap();
        let caret = japanese.find(&bytes, b'^').unwrap();
        assert_eq!(japanese.decode(&bytes[..caret]), "山田");
        // A lead byte at the end, or before what cannot follow it, takes nothing with it.
        assert_eq!(Charset::GB_18030.find(b"\x81", b'|'), None);
        assert_eq!(Charset::GB_18030.find(b"\x81\r|", b'|'), Some(2));
        for set in
            [Charset::GB_18030, japanese, Charset::named("BIG-5").unwrap(), Charset::named("SJIS").unwrap()]
        {
            for broken in [
                &b"\x8a00\r"[..],
                b"\x8a0\x8a\r",
                b"\x1b$\r",
                b"\x1b\r",
                b"\x1b$B\r",
                b"\x1b$B\x21\r",
                b"\xfe\r",
            ] {
                assert_eq!(set.find(broken, b'\r'), Some(broken.len() - 1), "{} {broken:?}", set.name());
            }
        }
    }

    #[test]
    fn what_is_no_character_is_told() {
        assert!(Charset::UTF_8.covers("扁鹊".as_bytes()));
        assert!(!Charset::UTF_8.covers(b"\xB1\xE2"));
        assert_eq!(Charset::UTF_8.decode(b"a\xFF"), "a\u{FFFD}");
        assert_eq!(Charset::named("8859/1").unwrap().encode("扁"), None);
    }
}

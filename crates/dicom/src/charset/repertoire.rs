//! The repertoires that terms name, each by itself.

use encoding_rs::Encoding;

/// A set of characters with one way to write them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Repertoire {
    /// ISO IR 6.
    Ascii,
    /// ISO IR 100, ISO 8859-1.
    Latin1,
    /// ISO IR 101, ISO 8859-2.
    Latin2,
    /// ISO IR 109, ISO 8859-3.
    Latin3,
    /// ISO IR 110, ISO 8859-4.
    Latin4,
    /// ISO IR 148, ISO 8859-9.
    Latin5,
    /// ISO IR 203, ISO 8859-15.
    Latin9,
    /// ISO IR 144, ISO 8859-5.
    Cyrillic,
    /// ISO IR 127, ISO 8859-6.
    Arabic,
    /// ISO IR 126, ISO 8859-7.
    Greek,
    /// ISO IR 138, ISO 8859-8.
    Hebrew,
    /// ISO IR 166, TIS 620.
    Thai,
    /// ISO IR 13 and 14, JIS X 0201: half-width katakana and romaji.
    JisX0201,
    /// ISO IR 87, JIS X 0208: kanji.
    JisX0208,
    /// ISO IR 159, JIS X 0212: more kanji.
    JisX0212,
    /// ISO IR 149, KS X 1001: hangul and hanja.
    KsX1001,
    /// ISO IR 58, GB 2312: simplified Chinese.
    Gb2312,
    /// UTF-8.
    Utf8,
    /// GB 18030.
    Gb18030,
    /// GBK.
    Gbk,
}

impl Repertoire {
    /// From a defined term (PS3.3 tables C.12-2 to C.12-5), or something that was meant to be one.
    pub(super) fn from_term(term: &str) -> Option<Self> {
        let mut plain: String =
            term.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect();
        if let Some(number) = plain.strip_prefix("ISO2022IR").or_else(|| plain.strip_prefix("ISOIR")) {
            plain = number.to_owned();
        }
        Some(match plain.as_str() {
            "" | "6" | "ASCII" | "USASCII" => Self::Ascii,
            "100" | "ISO88591" | "LATIN1" => Self::Latin1,
            "101" | "ISO88592" | "LATIN2" => Self::Latin2,
            "109" | "ISO88593" => Self::Latin3,
            "110" | "ISO88594" => Self::Latin4,
            "148" | "ISO88599" => Self::Latin5,
            "203" | "ISO885915" => Self::Latin9,
            "144" | "ISO88595" => Self::Cyrillic,
            "127" | "ISO88596" => Self::Arabic,
            "126" | "ISO88597" => Self::Greek,
            "138" | "ISO88598" => Self::Hebrew,
            "166" | "TIS620" => Self::Thai,
            "13" | "14" => Self::JisX0201,
            "87" => Self::JisX0208,
            "159" => Self::JisX0212,
            "149" => Self::KsX1001,
            "58" | "ISO202258" | "GB2312" => Self::Gb2312,
            "192" | "UTF8" => Self::Utf8,
            "GB18030" => Self::Gb18030,
            "GBK" | "ISO2022GBK" => Self::Gbk,
            _ => return None,
        })
    }

    /// Whether it is only reached by an escape sequence.
    pub(super) fn needs_escapes(self) -> bool {
        matches!(self, Self::JisX0208 | Self::JisX0212 | Self::KsX1001 | Self::Gb2312)
    }

    /// Whether nothing can be switched to from it (PS3.3 table C.12-5).
    pub(super) fn stands_alone(self) -> bool {
        matches!(self, Self::Utf8 | Self::Gb18030 | Self::Gbk)
    }

    /// Whether bytes beyond ASCII mean something in it from the start.
    pub(super) fn has_high_half(self) -> bool {
        !matches!(self, Self::Ascii | Self::JisX0208 | Self::JisX0212)
    }

    /// Appends what bytes say in it. Bytes of the sets with two bytes for a character have their high bits set.
    pub(super) fn decode_into(self, bytes: &[u8], text: &mut String) {
        match self {
            Self::Ascii => ascii_or_better(bytes, text),
            Self::JisX0201 => text.extend(bytes.iter().map(|byte| katakana(*byte))),
            Self::JisX0212 => {
                let (pairs, odd) = bytes.as_chunks::<2>();
                let written: Vec<u8> =
                    pairs.iter().flat_map(|[a, b]| [0x8F, *a, *b]).chain(odd.iter().copied()).collect();
                text.push_str(&encoding_rs::EUC_JP.decode_without_bom_handling(&written).0);
            }
            _ => text.push_str(&self.encoding().decode_without_bom_handling(bytes).0),
        }
    }

    /// The bytes of a text, without escape sequences; none when it does not have all characters. Of the sets with two bytes
    /// for a character, only that half: ASCII is not in them.
    pub(super) fn encode(self, text: &str) -> Option<Vec<u8>> {
        if self != Self::JisX0208 && self != Self::JisX0212 && text.is_ascii() {
            return Some(text.as_bytes().to_vec());
        }
        match self {
            Self::Ascii => return None,
            Self::JisX0201 => return text.chars().map(katakana_byte).collect(),
            Self::Utf8 => return Some(text.as_bytes().to_vec()),
            Self::JisX0212 => return jis_x_0212(text),
            _ => {}
        }
        let (bytes, _, unmappable) = self.encoding().encode(text);
        let fits = !unmappable && self.is_within(&bytes);
        fits.then(|| bytes.into_owned())
    }

    /// Whether bytes that a wider encoding made are of this repertoire.
    fn is_within(self, bytes: &[u8]) -> bool {
        match self {
            Self::JisX0208 => bytes.iter().all(|byte| *byte >= 0xA1),
            Self::KsX1001 | Self::Gb2312 => is_94_by_94(bytes),
            Self::Utf8 | Self::Gb18030 | Self::Gbk => true,
            // The encodings of the web put printable characters where the standards have control characters.
            _ => !bytes.iter().any(|byte| (0x80..0xA0).contains(byte)),
        }
    }

    /// The encoding of the web that it is, or is a part of.
    fn encoding(self) -> &'static Encoding {
        match self {
            Self::Ascii | Self::Latin1 | Self::JisX0201 => encoding_rs::WINDOWS_1252,
            Self::Latin2 => encoding_rs::ISO_8859_2,
            Self::Latin3 => encoding_rs::ISO_8859_3,
            Self::Latin4 => encoding_rs::ISO_8859_4,
            Self::Latin5 => encoding_rs::WINDOWS_1254,
            Self::Latin9 => encoding_rs::ISO_8859_15,
            Self::Cyrillic => encoding_rs::ISO_8859_5,
            Self::Arabic => encoding_rs::ISO_8859_6,
            Self::Greek => encoding_rs::ISO_8859_7,
            Self::Hebrew => encoding_rs::ISO_8859_8,
            Self::Thai => encoding_rs::WINDOWS_874,
            Self::JisX0208 | Self::JisX0212 => encoding_rs::EUC_JP,
            Self::KsX1001 => encoding_rs::EUC_KR,
            Self::Gb2312 | Self::Gbk => encoding_rs::GBK,
            Self::Utf8 => encoding_rs::UTF_8,
            Self::Gb18030 => encoding_rs::GB18030,
        }
    }
}

/// Bytes beyond ASCII where none were declared: devices are met that write what they like.
fn ascii_or_better(bytes: &[u8], text: &mut String) {
    match std::str::from_utf8(bytes) {
        Ok(bytes) => text.push_str(bytes),
        Err(_) => text.push_str(&encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0),
    }
}

fn katakana(byte: u8) -> char {
    match byte {
        0..=0x7F => char::from(byte),
        0xA1..=0xDF => char::from_u32(0xFF61 + u32::from(byte - 0xA1)).unwrap_or(char::REPLACEMENT_CHARACTER),
        _ => char::REPLACEMENT_CHARACTER,
    }
}

fn katakana_byte(c: char) -> Option<u8> {
    match u32::from(c) {
        point @ 0..=0x7F => u8::try_from(point).ok(),
        point @ 0xFF61..=0xFF9F => u8::try_from(point - 0xFF61 + 0xA1).ok(),
        _ => None,
    }
}

/// No encoder of the web writes JIS X 0212, but the decoder knows it: so its table is turned around, once.
fn jis_x_0212(text: &str) -> Option<Vec<u8>> {
    static TABLE: std::sync::OnceLock<std::collections::HashMap<char, [u8; 2]>> = std::sync::OnceLock::new();
    let table = TABLE.get_or_init(|| {
        let mut table = std::collections::HashMap::new();
        for (a, b) in (0xA1..=0xFE_u8).flat_map(|a| (0xA1..=0xFE_u8).map(move |b| (a, b))) {
            let written = [0x8F, a, b];
            let (text, wrong) = encoding_rs::EUC_JP.decode_without_bom_handling(&written);
            if let (false, Some(c)) = (wrong, text.chars().next()) {
                table.insert(c, [a, b]);
            }
        }
        table
    });
    text.chars().map(|c| table.get(&c).copied()).collect::<Option<Vec<[u8; 2]>>>().map(|pairs| pairs.concat())
}

/// Whether bytes are ASCII and pairs of 94 by 94, which is the part of the wider encodings that ISO 2022 has.
fn is_94_by_94(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    loop {
        rest = match rest {
            [] => return true,
            [0..=0x7F, rest @ ..] | [0xA1..=0xFE, 0xA1..=0xFE, rest @ ..] => rest,
            _ => return false,
        };
    }
}

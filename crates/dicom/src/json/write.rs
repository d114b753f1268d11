//! From a data set to JSON.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;

use crate::data_set::{DataSet, Element, Value, signed, swap_words, width};

/// How bytes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JsonOptions<'a> {
    /// What the URI of a value that is not written begins with; the path of the element follows after a slash. Without it,
    /// a value that is not held is left out.
    pub bulk_data_uri: Option<&'a str>,
    /// Binary values of more bytes than this get a URI, when there may be any.
    pub longest_inline: usize,
}

impl Default for JsonOptions<'_> {
    /// Everything that is held is written.
    fn default() -> Self {
        Self { bulk_data_uri: None, longest_inline: usize::MAX }
    }
}

/// Appends a data set as a JSON object. Text becomes UTF-8, and Specific Character Set says so; numbers in text stay as they
/// were written wherever JSON can write them so. File meta, commands, lengths of groups and what items say of
/// their character set are left out.
pub fn write_json(data_set: &DataSet, options: &JsonOptions<'_>, out: &mut Vec<u8>) {
    let mut writer = Writer { out, options, path: String::new() };
    writer.data_set(data_set);
}

struct Writer<'a> {
    out: &'a mut Vec<u8>,
    options: &'a JsonOptions<'a>,
    path: String,
}

impl Writer<'_> {
    fn data_set(&mut self, data_set: &DataSet) {
        self.out.push(b'{');
        let mut first = true;
        for element in data_set {
            let about_the_text = element.tag == tags::SPECIFIC_CHARACTER_SET && !self.path.is_empty();
            if matches!(element.tag.group(), 0 | 2) || element.tag.element() == 0 || about_the_text {
                continue;
            }
            if !std::mem::take(&mut first) {
                self.out.push(b',');
            }
            self.element(data_set, element);
        }
        self.out.push(b'}');
    }

    fn element(&mut self, data_set: &DataSet, element: &Element) {
        let vr = element.effective_vr();
        let Tag(group, number) = element.tag;
        // Writing into memory does not fail, here and below.
        let _ = write!(self.out, r#""{group:04X}{number:04X}":{{"vr":"{vr}""#);
        match &element.value {
            Value::Sequence(items) => self.items(element.tag, items),
            Value::Bulk { .. } | Value::Fragments(_) => self.uri(element.tag),
            Value::Bytes(bytes) if bytes.is_empty() => {}
            Value::Bytes(bytes) if is_binary(vr) => self.binary(data_set, element, vr, bytes),
            Value::Bytes(_) if element.tag == tags::SPECIFIC_CHARACTER_SET => {
                self.out.extend_from_slice(br#","Value":["ISO_IR 192"]"#);
            }
            Value::Bytes(bytes) if width(vr) > 1 => self.numbers(data_set, element, vr, bytes),
            Value::Bytes(_) => self.texts(vr, &data_set.texts_of(element)),
        }
        self.out.push(b'}');
    }

    fn items(&mut self, tag: Tag, items: &[DataSet]) {
        if items.is_empty() {
            return;
        }
        let length = self.path.len();
        self.values(items.iter().enumerate(), |writer, (number, item)| {
            use std::fmt::Write as _;
            let Tag(group, element) = tag;
            let _ = write!(writer.path, "{group:04X}{element:04X}/{number}/");
            writer.data_set(item);
            writer.path.truncate(length);
        });
    }

    fn uri(&mut self, tag: Tag) {
        if let Some(prefix) = self.options.bulk_data_uri {
            let Tag(group, element) = tag;
            let uri = format!("{prefix}/{}{group:04X}{element:04X}", self.path);
            self.out.extend_from_slice(br#","BulkDataURI":"#);
            string(self.out, &uri);
        }
    }

    /// Bytes, with the low one of a word first.
    fn binary(&mut self, data_set: &DataSet, element: &Element, vr: VR, bytes: &[u8]) {
        if bytes.len() > self.options.longest_inline && self.options.bulk_data_uri.is_some() {
            return self.uri(element.tag);
        }
        self.out.extend_from_slice(br#","InlineBinary":""#);
        let encoded = if data_set.big_endian() && element.vr != VR::UN && width(vr) > 1 {
            let mut bytes = bytes.to_vec();
            swap_words(&mut bytes, width(vr));
            STANDARD.encode(bytes)
        } else {
            STANDARD.encode(bytes)
        };
        self.out.extend_from_slice(encoded.as_bytes());
        self.out.push(b'"');
    }

    fn numbers(&mut self, data_set: &DataSet, element: &Element, vr: VR, bytes: &[u8]) {
        if vr == VR::AT {
            return self.values(data_set.tags(element.tag).into_iter(), |writer, Tag(group, element)| {
                let _ = write!(writer.out, r#""{group:04X}{element:04X}""#);
            });
        }
        let words = data_set.words(element.vr, vr, bytes);
        self.values(words, |writer, word| {
            let out = &mut *writer.out;
            let _ = match vr {
                #[expect(clippy::cast_possible_truncation, reason = "four bytes were read")]
                VR::FL => float(out, f64::from(f32::from_bits(word as u32)), &f32::from_bits(word as u32)),
                VR::FD => float(out, f64::from_bits(word), &f64::from_bits(word)),
                VR::SS | VR::SL | VR::SV => integer(out, i128::from(signed(word, width(vr)))),
                _ => integer(out, i128::from(word)),
            };
        });
    }

    fn texts(&mut self, vr: VR, texts: &[String]) {
        if texts.is_empty() {
            return;
        }
        self.values(texts.iter(), |writer, text| match vr {
            _ if text.is_empty() => writer.out.extend_from_slice(b"null"),
            VR::PN => name(writer.out, text),
            VR::IS | VR::DS => match number(text) {
                Some(number) => writer.out.extend_from_slice(number.as_bytes()),
                None => string(writer.out, text),
            },
            _ => string(writer.out, text),
        });
    }

    fn values<T>(&mut self, values: impl Iterator<Item = T>, mut write: impl FnMut(&mut Self, T)) {
        self.out.extend_from_slice(br#","Value":["#);
        for (number, value) in values.enumerate() {
            if number > 0 {
                self.out.push(b',');
            }
            write(self, value);
        }
        self.out.push(b']');
    }
}

fn is_binary(vr: VR) -> bool {
    matches!(vr, VR::OB | VR::OW | VR::OD | VR::OF | VR::OL | VR::OV | VR::UN)
}

/// A name as its groups (PS3.18 F.2.2); empty ones are left out.
fn name(out: &mut Vec<u8>, text: &str) {
    out.push(b'{');
    let groups = text.split('=').zip(["Alphabetic", "Ideographic", "Phonetic"]);
    for (number, (group, key)) in groups.filter(|(group, _)| !group.is_empty()).enumerate() {
        let comma = if number > 0 { "," } else { "" };
        let _ = write!(out, r#"{comma}"{key}":"#);
        string(out, group.trim_end());
    }
    out.push(b'}');
}

/// A number that JavaScript holds exactly as a number, else as a string.
fn integer(out: &mut Vec<u8>, number: i128) -> std::io::Result<()> {
    if number.unsigned_abs() <= 1 << 53 { write!(out, "{number}") } else { write!(out, r#""{number}""#) }
}

/// As short as reads back the same. What JSON has no number for is a string.
fn float(out: &mut Vec<u8>, number: f64, shortest: &impl std::fmt::Debug) -> std::io::Result<()> {
    if number.is_finite() {
        write!(out, "{shortest:?}")
    } else if number.is_nan() {
        write!(out, r#""NaN""#)
    } else {
        write!(out, r#""{}Infinity""#, if number < 0.0 { "-" } else { "" })
    }
}

/// A number of text as JSON writes one: the same digits, without a plus, without zeros in front, with a digit on both sides
/// of the point; none when it is none.
pub(super) fn number(text: &str) -> Option<String> {
    let (sign, rest) = match text.as_bytes().first()? {
        b'-' => ("-", &text[1..]),
        b'+' => ("", &text[1..]),
        _ => ("", text),
    };
    let (mantissa, exponent) = rest.find(['e', 'E']).map_or((rest, ""), |at| rest.split_at(at));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let power = exponent.get(1..).unwrap_or("");
    let power = power.strip_prefix(['+', '-']).unwrap_or(power);
    let is_number = digits(whole)
        && digits(fraction)
        && digits(power)
        && whole.len() + fraction.len() > 0
        && (exponent.is_empty() || !power.is_empty());
    let significant = whole.trim_start_matches('0');
    let whole = if significant.is_empty() { "0" } else { significant };
    let point = if fraction.is_empty() { "" } else { "." };
    is_number.then(|| format!("{sign}{whole}{point}{fraction}{exponent}"))
}

/// A string with what JSON wants escaped.
fn string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let mut done = 0;
    for (at, byte) in text.bytes().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.extend_from_slice(&text.as_bytes()[done..at]);
        done = at + 1;
        let _ = match byte {
            b'"' | b'\\' => out.write_all(&[b'\\', byte]),
            b'\n' => out.write_all(b"\\n"),
            b'\r' => out.write_all(b"\\r"),
            b'\t' => out.write_all(b"\\t"),
            _ => write!(out, "\\u{byte:04x}"),
        };
    }
    out.extend_from_slice(&text.as_bytes()[done..]);
    out.push(b'"');
}

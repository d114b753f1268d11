//! A message, and walking down it: segment, field, repetition, component, subcomponent.

use std::borrow::Cow;

use crate::charset::Charset;
use crate::delimiters::Delimiters;
use crate::escape;
use crate::path::Path;
use crate::scan::{self, ParseError, Places, SegmentPlace};

/// Where the header stands in its own numbering: MSH-1 is the separator behind the name.
const SEPARATOR: usize = 1;
const ENCODING: usize = 2;
const CHARSET: usize = 18;

/// A message: its bytes as they came, and where its parts are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    raw: Vec<u8>,
    places: Places,
    syntax: Syntax,
    /// CR, or LF.
    line_end: u8,
}

/// What a message is written with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Syntax {
    pub(crate) delimiters: Delimiters,
    pub(crate) charset: Charset,
}

impl Message {
    /// Finds the parts of a message. Lines end with CR, or, where the first does, with LF; the last may lack its end, and a
    /// mark of byte order before the first is passed over. `assumed` is the character set where MSH-18 states none.
    pub fn parse(raw: Vec<u8>, assumed: Charset) -> Result<Self, ParseError> {
        let from = begin(&raw);
        if raw[from..].iter().all(u8::is_ascii_whitespace) {
            return Err(ParseError::Empty);
        }
        let (delimiters, line_end) = scan::header(&raw[from..])?;
        let line = &raw[from..];
        let line = &line[..memchr::memchr(line_end, line).unwrap_or(line.len())];
        let charset = stated(line, delimiters, assumed)?;
        let places = scan::places(&raw, from, (delimiters.field, line_end), charset)?;
        Ok(Self { raw, places, syntax: Syntax { delimiters, charset }, line_end })
    }

    /// The bytes, as they came.
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// The bytes, as they came.
    pub fn into_raw(self) -> Vec<u8> {
        self.raw
    }

    /// What separates.
    pub fn delimiters(&self) -> Delimiters {
        self.syntax.delimiters
    }

    /// What MSH-18 states, or what was assumed.
    pub fn charset(&self) -> Charset {
        self.syntax.charset
    }

    pub(crate) fn syntax(&self) -> &Syntax {
        &self.syntax
    }

    pub(crate) fn line_end(&self) -> u8 {
        self.line_end
    }

    /// MSH.
    pub fn header(&self) -> Segment<'_> {
        Segment { message: self, place: self.places.segments[0] }
    }

    /// All segments, in their order.
    pub fn segments(&self) -> impl ExactSizeIterator<Item = Segment<'_>> + DoubleEndedIterator {
        self.places.segments.iter().map(|place| Segment { message: self, place: *place })
    }

    /// Those of a name.
    pub fn named<'m>(&'m self, name: &str) -> impl Iterator<Item = Segment<'m>> {
        self.segments().filter(move |segment| segment.name() == name)
    }

    /// The first of a name.
    pub fn segment(&self, name: &str) -> Option<Segment<'_>> {
        self.named(name).next()
    }

    /// What is at a path; nothing is there as an empty value.
    pub fn at(&self, path: &Path) -> Value<'_> {
        let segment = self.named(path.segment.as_str()).nth(path.occurrence - 1);
        segment.map_or(Value::nothing(self), |segment| segment.at(path))
    }

    /// The text at a path such as `PID-5.1`; empty when nothing is there or the path is none.
    pub fn text(&self, path: &str) -> Cow<'_, str> {
        path.parse().map_or(Cow::Borrowed(""), |path: Path| self.at(&path).text())
    }

    /// Where the first bytes are that are no text of the character set; `None` where all are.
    pub fn damage(&self) -> Option<Path> {
        if self.syntax.charset.covers(&self.raw) {
            return None;
        }
        let mut seen: Vec<&str> = Vec::new();
        for segment in self.segments() {
            seen.push(segment.name());
            let damaged = |field: &usize| !self.syntax.charset.covers(segment.field(*field).bytes());
            if let Some(field) = (1..=segment.last()).find(damaged) {
                let occurrence = seen.iter().filter(|name| **name == segment.name()).count();
                return Some(Path::of_field(segment.name(), occurrence, field));
            }
        }
        None
    }
}

/// The character set that MSH-18 states; of several the first, the others are for escapes.
///
/// To find MSH-18 the set has to be known, where names before it hold bytes that look like delimiters: a set that says of
/// itself that it is meant is taken.
fn stated(line: &[u8], delimiters: Delimiters, assumed: Charset) -> Result<Charset, ParseError> {
    let by = |read: Charset| {
        let mut rest = line;
        for _ in 1..CHARSET {
            rest = &rest[read.find(rest, delimiters.field)? + 1..];
        }
        let ends = [delimiters.field, delimiters.repetition, delimiters.component];
        let end = rest.iter().position(|byte| ends.contains(byte)).unwrap_or(rest.len());
        Some(&rest[..end]).filter(|name| !name.is_empty())
    };
    let named = |name: &[u8]| std::str::from_utf8(name).ok().and_then(Charset::named);
    let own = by(assumed);
    if let Some(charset) = own.and_then(named)
        && by(charset) == own
    {
        return Ok(charset);
    }
    let meant = Charset::WIDE.into_iter().find(|wide| by(*wide).and_then(named) == Some(*wide));
    match (meant, own) {
        (Some(charset), _) => Ok(charset),
        (None, None) => Ok(assumed),
        (None, Some(_)) => Err(ParseError::Charset),
    }
}

/// Where the message begins: behind a mark of byte order and empty lines.
fn begin(raw: &[u8]) -> usize {
    let marked = if raw.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    marked + raw[marked..].iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

/// One line of a message.
#[derive(Debug, Clone, Copy)]
pub struct Segment<'m> {
    message: &'m Message,
    place: SegmentPlace,
}

impl<'m> Segment<'m> {
    /// Its three characters.
    pub fn name(&self) -> &'m str {
        let begin = self.places()[0] as usize;
        std::str::from_utf8(&self.message.raw[begin..begin + 3]).unwrap_or("")
    }

    /// The line, without its end.
    pub fn raw(&self) -> &'m [u8] {
        &self.message.raw[self.places()[0] as usize..self.place.end as usize]
    }

    /// Where each of its fields begins, the name first.
    fn places(&self) -> &'m [u32] {
        let all = &self.message.places;
        let first = self.place.first as usize;
        let until = all.segments.partition_point(|segment| segment.first <= self.place.first);
        let until = all.segments.get(until).map_or(all.fields.len(), |next| next.first as usize);
        &all.fields[first..until]
    }

    /// The number of its last field.
    pub fn last(&self) -> usize {
        self.places().len() - 1 + usize::from(self.is_header())
    }

    /// MSH, and the headers of files and batches: field 1 is the separator behind the name.
    fn is_header(&self) -> bool {
        ["MSH", "FHS", "BHS"].contains(&self.name())
    }

    /// A field by its number in the standard, from 1.
    pub fn field(&self, number: usize) -> Value<'m> {
        let (places, header) = (self.places(), self.is_header());
        let value = |bytes, is_text| Value { message: self.message, bytes, is_text };
        if header && number == SEPARATOR {
            let behind = places[0] as usize + 3;
            return value(&self.message.raw[behind..=behind], true);
        }
        let place = if header { number.saturating_sub(1) } else { number };
        let Some(begin) = places.get(place).filter(|_| place > 0) else {
            return Value::nothing(self.message);
        };
        let end = places.get(place + 1).map_or(self.place.end, |next| next - 1);
        value(&self.message.raw[*begin as usize..end as usize], header && number == ENCODING)
    }

    /// All fields, from 1.
    pub fn fields(&self) -> impl Iterator<Item = Value<'m>> + use<'m> {
        let segment = *self;
        (1..=self.last()).map(move |number| segment.field(number))
    }

    /// What is at a path, whose segment this is.
    pub fn at(&self, path: &Path) -> Value<'m> {
        let mut value = self.field(path.field);
        if path.is_of_repetition() {
            value = value.repetition(path.repetition);
        }
        if let Some(component) = path.component {
            value = value.component(component);
        }
        if let Some(subcomponent) = path.subcomponent {
            value = value.subcomponent(subcomponent);
        }
        value
    }
}

/// A field or a part of one.
///
/// What has no parts is its own first part: a message of a version in which a component was a plain text reads the same.
#[derive(Debug, Clone, Copy)]
pub struct Value<'m> {
    message: &'m Message,
    bytes: &'m [u8],
    /// Delimiters are taken as they are: MSH-1 and MSH-2.
    is_text: bool,
}

impl<'m> Value<'m> {
    pub(crate) fn nothing(message: &'m Message) -> Self {
        Self { message, bytes: &[], is_text: true }
    }

    /// As it is written.
    pub fn bytes(&self) -> &'m [u8] {
        self.bytes
    }

    /// As it is written, with a space, which never separates, for bytes that are no characters of the message's set.
    pub(crate) fn sound_bytes(&self) -> Cow<'m, [u8]> {
        let charset = self.message.syntax.charset;
        if charset.covers(self.bytes) {
            return Cow::Borrowed(self.bytes);
        }
        let text = charset.decode(self.bytes).replace(char::REPLACEMENT_CHARACTER, " ");
        Cow::Owned(charset.encode(&text).map(Cow::into_owned).unwrap_or_default())
    }

    /// There is nothing, or only separators: the sender says nothing of it.
    pub fn is_empty(&self) -> bool {
        let Delimiters { component, repetition, subcomponent, .. } = self.message.syntax.delimiters;
        !self.is_text
            && self
                .bytes
                .iter()
                .all(|byte| [component, repetition].contains(byte) || subcomponent == Some(*byte))
            || self.bytes.is_empty()
    }

    /// It is `""`: the sender says that there is no value, and one that was known is to be deleted.
    pub fn is_null(&self) -> bool {
        self.bytes == b"\"\""
    }

    /// The text, decoded and unescaped. Of what has parts, the delimiters stay between them.
    pub fn text(&self) -> Cow<'m, str> {
        if self.is_text {
            return self.message.syntax.charset.decode(self.bytes);
        }
        escape::text(self.bytes, &self.message.syntax)
    }

    /// The text, unless there is none: empty, or `""`.
    pub fn given(&self) -> Option<Cow<'m, str>> {
        (!self.is_empty() && !self.is_null()).then(|| self.text())
    }

    /// The parts between repetition separators; one where there are none.
    pub fn repetitions(&self) -> impl Iterator<Item = Value<'m>> + use<'m> {
        self.split(Some(self.message.syntax.delimiters.repetition))
    }

    /// The first repetition.
    pub fn first(&self) -> Value<'m> {
        self.repetition(1)
    }

    /// A repetition by its number, from 1.
    pub fn repetition(&self, number: usize) -> Value<'m> {
        self.part(Some(self.message.syntax.delimiters.repetition), number)
    }

    /// All components.
    pub fn components(&self) -> impl Iterator<Item = Value<'m>> + use<'m> {
        self.split(Some(self.message.syntax.delimiters.component))
    }

    /// A component by its number, from 1, of a field the one of its first repetition.
    pub fn component(&self, number: usize) -> Value<'m> {
        self.first().part(Some(self.message.syntax.delimiters.component), number)
    }

    /// All subcomponents.
    pub fn subcomponents(&self) -> impl Iterator<Item = Value<'m>> + use<'m> {
        self.split(self.message.syntax.delimiters.subcomponent)
    }

    /// A subcomponent by its number, from 1.
    pub fn subcomponent(&self, number: usize) -> Value<'m> {
        self.part(self.message.syntax.delimiters.subcomponent, number)
    }

    fn part(&self, delimiter: Option<u8>, number: usize) -> Value<'m> {
        number
            .checked_sub(1)
            .and_then(|place| self.split(delimiter).nth(place))
            .unwrap_or(Self { bytes: &[], ..*self })
    }

    fn split(&self, delimiter: Option<u8>) -> impl Iterator<Item = Value<'m>> + use<'m> {
        let (whole, charset) = (*self, self.message.syntax.charset);
        let delimiter = delimiter.filter(|_| !whole.is_text);
        let mut rest = Some(whole.bytes);
        std::iter::from_fn(move || {
            let bytes = rest?;
            let end = delimiter.and_then(|delimiter| charset.find(bytes, delimiter));
            rest = end.map(|end| &bytes[end + 1..]);
            Some(Value { bytes: &bytes[..end.unwrap_or(bytes.len())], ..whole })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Message {
        Message::parse(text.as_bytes().to_vec(), Charset::UTF_8).unwrap()
    }

    const ADT: &str = "MSH|^~\\&|HIS|WEST|BIANQUE||20260101||ADT^A08|7|P|2.5.1\rPID|1||12^^^WEST&1.2.3&ISO^MR~34^^^ID^NI||Zhāng^San^\"\"||\"\"|M\rNK1|1|Li\\T\\Co\rNK1|2|\r";

    #[test]
    fn parts_are_numbered_as_in_the_standard() {
        let message = read(ADT);
        for (path, text) in [
            ("MSH-1", "|"),
            ("MSH-2", "^~\\&"),
            ("MSH-3", "HIS"),
            ("MSH-9.2", "A08"),
            ("MSH-10", "7"),
            ("PID-3", "12^^^WEST&1.2.3&ISO^MR~34^^^ID^NI"),
            ("PID-3.1", "12"),
            ("PID-3.4.2", "1.2.3"),
            ("PID-3[2].5", "NI"),
            ("PID-5.1.1", "Zhāng"),
            ("PID-8.1", "M"),
            ("PID-8.2", ""),
            ("PID-99", ""),
            ("NK1[2]-1", "2"),
            ("NK1-2", "Li&Co"),
            ("ZZZ-1", ""),
        ] {
            assert_eq!(message.text(path), text, "{path}");
        }
        assert_eq!(message.header().last(), 12);
        let names: Vec<&str> = message.segments().map(|segment| segment.name()).collect();
        assert_eq!(names, ["MSH", "PID", "NK1", "NK1"]);
        assert_eq!(message.segment("PID").unwrap().fields().count(), 8);
    }

    #[test]
    fn nothing_and_null_are_two_things() {
        let message = read(ADT);
        let birth_date = message.at(&"PID-7".parse().unwrap());
        assert!(birth_date.is_null() && !birth_date.is_empty() && birth_date.given().is_none());
        let absent = message.at(&"PID-6".parse().unwrap());
        assert!(absent.is_empty() && !absent.is_null());
        assert!(read("MSH|^~\\&|a\rPID|^^&~|\r").text("PID-1").len() == 4);
        assert!(read("MSH|^~\\&|a\rPID|^^&~|\r").segment("PID").unwrap().field(1).is_empty());
    }

    #[test]
    fn lines_end_in_every_way_and_bytes_stay() {
        for text in [
            "MSH|^~\\&|a\rPID|1\r",
            "MSH|^~\\&|a\rPID|1",
            "MSH|^~\\&|a\nPID|1\n",
            "MSH|^~\\&|a\r\nPID|1\r\n",
            "\u{FEFF}MSH|^~\\&|a\r\r\nPID|1\r\n\r\n ",
            "\r\nMSH|^~\\&|a\r\nPID|1",
        ] {
            let message = read(text);
            assert_eq!(message.text("PID-1"), "1", "{text:?}");
            assert_eq!(message.segments().len(), 2, "{text:?}");
            assert_eq!(message.raw(), text.as_bytes());
        }
        // Where lines end with CR, LF is text.
        assert_eq!(read("MSH|^~\\&|a\rNTE|1||one\ntwo\r").text("NTE-3"), "one\ntwo");
    }

    #[test]
    fn other_delimiters_and_character_sets() {
        let message = read("MSH#$%@!#HIS\rPID###1$$$A!B%2##X@T@Y\r");
        assert_eq!((message.text("PID-3.4.2"), message.text("PID-3[2]")), ("B".into(), "2".into()));
        let text = "MSH|^~\\&|HIS|东倈医院|||2026||ADT^A01|1|P|2.4||||||GB 18030-2000\rPID|1||1||坁^三|\r";
        let raw = Charset::GB_18030.encode(text).unwrap().into_owned();
        for assumed in [Charset::UTF_8, Charset::GB_18030, Charset::named("8859/1").unwrap()] {
            let message = Message::parse(raw.clone(), assumed).unwrap();
            assert_eq!(message.charset(), Charset::GB_18030);
            assert_eq!(message.text("MSH-4"), "东倈医院");
            assert_eq!((message.text("PID-5.1"), message.text("PID-5.2")), ("坁".into(), "三".into()));
            assert_eq!(message.damage(), None);
        }
    }

    #[test]
    fn bytes_of_another_set_are_found() {
        let raw = [b"MSH|^~\\&|a\rOBX|1\rOBX|2|".to_vec(), vec![0xB1, 0xE2], b"\r".to_vec()].concat();
        let message = Message::parse(raw, Charset::UTF_8).unwrap();
        assert_eq!(message.damage().unwrap().to_string(), "OBX[2]-2");
    }

    #[test]
    fn what_is_no_message_is_refused_by_name() {
        for (text, error) in [
            ("", ParseError::Empty),
            (" \r\n", ParseError::Empty),
            ("PID|1", ParseError::Header),
            ("MSH", ParseError::Header),
            ("MSH|^~\\&", ParseError::Header),
            ("MSHA^~\\&|a", ParseError::Header),
            ("MSH|^~\\&|a\rPI|1\r", ParseError::Segment { number: 2 }),
            ("MSH|^~\\&|a\rPID1|1\r", ParseError::Segment { number: 2 }),
            ("MSH|^~\\&|a\rpid|1\r", ParseError::Segment { number: 2 }),
            ("MSH|^~\\&|a\rPID|1\r|x\r", ParseError::Segment { number: 3 }),
            ("MSH|^~\\&||||||||||||||||KLINGON\r", ParseError::Charset),
        ] {
            assert_eq!(Message::parse(text.as_bytes().to_vec(), Charset::UTF_8), Err(error), "{text:?}");
        }
    }
}

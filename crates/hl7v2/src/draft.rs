//! Building a message, and changing one: only what is set is written anew.

use crate::charset::Charset;
use crate::delimiters::Delimiters;
use crate::escape;
use crate::message::{Message, Syntax};
use crate::path::{Path, PathError};

/// A message that is being written. Its lines end with CR, or as those of the message that is changed.
///
/// ```
/// use bianque_hl7v2::{Charset, Draft};
///
/// let mut draft = Draft::new(Charset::UTF_8);
/// draft.set("MSH-9.1", "ADT")?.set("MSH-9.2", "A04")?;
/// draft.add("PID")?.set("PID-5.1", "Smith & Sons")?;
/// assert!(draft.to_bytes().ends_with(b"PID|||||Smith \\T\\ Sons\r"));
/// # Ok::<(), bianque_hl7v2::DraftError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    syntax: Syntax,
    line_end: u8,
    /// Fields as they are written, the name first.
    segments: Vec<Vec<Vec<u8>>>,
}

/// Why something cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DraftError {
    /// The place is named wrongly.
    #[error(transparent)]
    Path(#[from] PathError),
    /// A segment is named wrongly.
    #[error("{0:?} is no name of a segment")]
    Segment(String),
    /// There is no such segment.
    #[error("there is no segment for {0}")]
    Absent(Path),
    /// The character set lacks one of the characters, or the message has no escape for one.
    #[error("what stands in {0} cannot be written in the character set of the message")]
    Characters(Path),
    /// MSH-1 and MSH-2 are what the message is written with.
    #[error("the delimiters of a message cannot be set")]
    Delimiters,
}

impl Draft {
    /// A header with the usual delimiters, which states the character set if it is not ASCII.
    pub fn new(charset: Charset) -> Self {
        let syntax = Syntax { delimiters: Delimiters::default(), charset };
        let mut header = vec![b"MSH".to_vec(), syntax.delimiters.encoding()];
        header.resize(18, Vec::new());
        header[17] = charset.name().as_bytes().to_vec();
        Self { syntax, line_end: b'\r', segments: vec![header] }
    }

    /// A header alone, written as a message is.
    pub(crate) fn like(message: &Message) -> Self {
        let syntax = *message.syntax();
        let encoding = message.header().field(2).bytes().to_vec();
        Self { syntax, line_end: b'\r', segments: vec![vec![b"MSH".to_vec(), encoding]] }
    }

    /// All of a message, to be changed.
    pub fn of(message: &Message) -> Self {
        let delimiter = message.delimiters().field;
        let fields = |line: &[u8]| {
            let mut fields = Vec::new();
            let mut rest = line;
            while let Some(end) = message.charset().find(rest, delimiter) {
                fields.push(rest[..end].to_vec());
                rest = &rest[end + 1..];
            }
            fields.push(rest.to_vec());
            fields
        };
        let segments = message.segments().map(|segment| fields(segment.raw())).collect();
        Self { syntax: *message.syntax(), line_end: message.line_end(), segments }
    }

    /// Adds a segment at the end.
    pub fn add(&mut self, name: &str) -> Result<&mut Self, DraftError> {
        let path: Path = format!("{name}-1").parse().map_err(|_| DraftError::Segment(name.to_owned()))?;
        self.segments.push(vec![path.segment.as_str().as_bytes().to_vec()]);
        Ok(self)
    }

    /// Sets a text. A path of a segment alone, without a number, is the last of that name.
    pub fn set(&mut self, path: &str, text: &str) -> Result<&mut Self, DraftError> {
        let numbered = path.split('-').next().is_some_and(|segment| segment.contains('['));
        let path: Path = path.parse()?;
        let written =
            escape::written(text, &self.syntax).ok_or_else(|| DraftError::Characters(path.clone()))?;
        self.write(&path, numbered, &written)?;
        Ok(self)
    }

    /// Sets what is already written in the delimiters of this message, such as a field that is taken over whole.
    pub fn set_raw(&mut self, path: &str, written: &[u8]) -> Result<&mut Self, DraftError> {
        let numbered = path.split('-').next().is_some_and(|segment| segment.contains('['));
        let path: Path = path.parse()?;
        let clean = [b'\r', b'\n', self.syntax.delimiters.field]
            .into_iter()
            .all(|byte| self.syntax.charset.find(written, byte).is_none());
        if !clean {
            return Err(DraftError::Characters(path));
        }
        self.write(&path, numbered, written)?;
        Ok(self)
    }

    /// Sets words for people, with `?` for what the message cannot say.
    pub(crate) fn tell(&mut self, path: &str, words: &str) -> Result<(), DraftError> {
        let sayable = |character: char| {
            let mut bytes = [0; 4];
            escape::written(character.encode_utf8(&mut bytes), &self.syntax).is_some()
        };
        let words: String = words.chars().map(|it| if sayable(it) { it } else { '?' }).collect();
        self.set(path, &words).map(|_| ())
    }

    fn write(&mut self, path: &Path, numbered: bool, written: &[u8]) -> Result<(), DraftError> {
        let name = path.segment.as_str().as_bytes();
        let is_header = name == b"MSH";
        if is_header && path.field <= 2 {
            return Err(DraftError::Delimiters);
        }
        let (syntax, field) = (self.syntax, if is_header { path.field - 1 } else { path.field });
        let mut named = self.segments.iter_mut().filter(|segment| segment[0] == name);
        let segment = if numbered { named.nth(path.occurrence - 1) } else { named.next_back() };
        let segment = segment.ok_or_else(|| DraftError::Absent(path.clone()))?;
        if segment.len() <= field {
            segment.resize(field + 1, Vec::new());
        }
        let Delimiters { repetition, component, subcomponent, .. } = syntax.delimiters;
        let subcomponent = match (path.subcomponent, subcomponent) {
            (Some(number), Some(delimiter)) => Some((delimiter, number)),
            // Without a delimiter there is only the first.
            (Some(2..), None) => return Err(DraftError::Characters(path.clone())),
            _ => None,
        };
        let levels = [
            path.is_of_repetition().then_some((repetition, path.repetition)),
            path.component.map(|number| (component, number)),
            subcomponent,
        ];
        let levels: Vec<(u8, usize)> = levels.into_iter().flatten().collect();
        segment[field] = replaced(&segment[field], &levels, written, syntax.charset);
        Ok(())
    }

    /// The message.
    pub fn to_bytes(&self) -> Vec<u8> {
        let delimiter = self.syntax.delimiters.field;
        let mut bytes = Vec::new();
        for segment in &self.segments {
            let filled = segment.iter().rposition(|field| !field.is_empty()).map_or(1, |last| last + 1);
            for (place, field) in segment[..filled].iter().enumerate() {
                if place > 0 {
                    bytes.push(delimiter);
                }
                bytes.extend_from_slice(field);
            }
            // Without a field the separator would not be told.
            if segment[0] == b"MSH" && filled <= 2 {
                bytes.push(delimiter);
            }
            bytes.push(self.line_end);
        }
        bytes
    }
}

/// A value with one part of it replaced; what lacks before it is filled up with nothing.
fn replaced(value: &[u8], levels: &[(u8, usize)], written: &[u8], charset: Charset) -> Vec<u8> {
    let Some(((delimiter, number), deeper)) = levels.split_first() else { return written.to_vec() };
    let mut parts = Vec::new();
    let mut rest = value;
    while let Some(end) = charset.find(rest, *delimiter) {
        parts.push(rest[..end].to_vec());
        rest = &rest[end + 1..];
    }
    parts.push(rest.to_vec());
    if parts.len() < *number {
        parts.resize(*number, Vec::new());
    }
    parts[number - 1] = replaced(&parts[number - 1], deeper, written, charset);
    parts.join(delimiter)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELD: &str = "MSH|^~\\&|HIS||||2026||ADT^A01|1|P|2.5\rPID|1||1^^^A~2||Li^San\rOBX|1\rOBX|2\r";

    fn held() -> Draft {
        Draft::of(&Message::parse(HELD.into(), Charset::UTF_8).unwrap())
    }

    #[test]
    fn only_what_is_set_changes() {
        assert_eq!(held().to_bytes(), HELD.as_bytes());
        let unix = "MSH|^~\\&|HIS||||2026||ADT^A01|1|P|2.5\nNTE|1||a\rb\n";
        let draft = Draft::of(&Message::parse(unix.into(), Charset::UTF_8).unwrap());
        assert_eq!(draft.to_bytes(), unix.as_bytes(), "where lines end with LF, CR is text");
        for (path, text, line) in [
            ("PID-3[2].4.2", "x", "PID|1||1^^^A~2^^^&x||Li^San\r"),
            ("PID-3.1", "a^b", "PID|1||a\\S\\b^^^A~2||Li^San\r"),
            ("PID-5", "", "PID|1||1^^^A~2\r"),
            ("PID-8", "M", "PID|1||1^^^A~2||Li^San|||M\r"),
            ("PID-5[2]", "Wang", "PID|1||1^^^A~2||Li^San~Wang\r"),
            ("OBX-2", "last", "OBX|1\rOBX|2|last\r"),
            ("OBX[1]-2", "first", "OBX|1|first\rOBX|2\r"),
            ("MSH-4", "东", "MSH|^~\\&|HIS|东|||2026||ADT^A01|1|P|2.5\r"),
        ] {
            let mut draft = held();
            draft.set(path, text).unwrap();
            let written = String::from_utf8(draft.to_bytes()).unwrap();
            assert!(written.contains(line), "{path}: {written:?}");
            let read = Message::parse(written.into_bytes(), Charset::UTF_8).unwrap();
            if !path.starts_with("OBX-") && !text.is_empty() {
                assert_eq!(read.text(path), text);
            }
        }
    }

    #[test]
    fn what_cannot_be_written_is_refused() {
        assert_eq!(held().set("ZZZ-1", "x").unwrap_err(), DraftError::Absent("ZZZ-1".parse().unwrap()));
        assert_eq!(held().set("MSH-2", "x").unwrap_err(), DraftError::Delimiters);
        assert!(matches!(held().set("PID", "x"), Err(DraftError::Path(_))));
        assert!(matches!(held().add("pid"), Err(DraftError::Segment(_))));
        assert!(matches!(held().set_raw("PID-5", b"a|b"), Err(DraftError::Characters(_))));
        let mut latin = Draft::new(Charset::named("8859/1").unwrap());
        assert!(matches!(latin.set("MSH-3", "扁"), Err(DraftError::Characters(_))));
    }

    #[test]
    fn a_new_one_states_its_character_set_and_reads_back() {
        for charset in [Charset::UTF_8, Charset::GB_18030] {
            let mut draft = Draft::new(charset);
            draft.set("MSH-3", "扁鹊").unwrap().add("PID").unwrap().set("PID-5.1", "坁|倈").unwrap();
            let message = Message::parse(draft.to_bytes(), Charset::named("8859/1").unwrap()).unwrap();
            assert_eq!(message.charset(), charset);
            assert_eq!((message.text("MSH-3"), message.text("PID-5.1")), ("扁鹊".into(), "坁|倈".into()));
        }
    }
}

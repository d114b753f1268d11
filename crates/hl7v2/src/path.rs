//! Places in a message as people and ERR segments name them: `PID-5.1`, `OBX[3]-5`, `PID-3[2].4.2`.

use std::fmt;
use std::str::FromStr;

/// A place in a message; all numbers from 1.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Path {
    /// Name of the segment.
    pub segment: SegmentName,
    /// Which of the segments of that name.
    pub occurrence: usize,
    /// Number of the field.
    pub field: usize,
    /// Number of the repetition, of what goes deeper than the field.
    pub repetition: usize,
    /// Number of the component; `None` is the whole field or repetition.
    pub component: Option<usize>,
    /// Number of the subcomponent; `None` is the whole component.
    pub subcomponent: Option<usize>,
    /// A repetition is named, although nothing deeper is.
    whole_repetition: bool,
}

/// The three characters of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SegmentName([u8; 3]);

impl SegmentName {
    /// As text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("")
    }

    fn read(text: &str) -> Option<Self> {
        let name: [u8; 3] = text.as_bytes().try_into().ok()?;
        let [first, rest @ ..] = name;
        let named = first.is_ascii_uppercase()
            && rest.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        named.then_some(Self(name))
    }
}

/// A text is no path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no path such as PID-3[2].4.1")]
pub struct PathError(pub String);

impl Path {
    pub(crate) fn of_field(segment: &str, occurrence: usize, field: usize) -> Self {
        let segment = SegmentName::read(segment).unwrap_or(SegmentName(*b"ZZZ"));
        let (component, subcomponent, whole_repetition) = (None, None, false);
        Self { segment, occurrence, field, repetition: 1, component, subcomponent, whole_repetition }
    }

    /// The same place in another repetition of the field, from 1.
    pub fn of_repetition(self, repetition: usize) -> Self {
        let whole_repetition = self.whole_repetition || repetition > 1;
        Self { repetition, whole_repetition, ..self }
    }

    /// It is about one repetition of the field.
    pub(crate) fn is_of_repetition(&self) -> bool {
        self.whole_repetition || self.component.is_some()
    }
}

impl FromStr for Path {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        read(text).ok_or_else(|| PathError(text.chars().take(100).collect()))
    }
}

fn read(text: &str) -> Option<Path> {
    let (segment, rest) = text.split_once('-')?;
    let (segment, occurrence) = numbered(segment)?;
    let mut parts = rest.split('.');
    let (field, repetition) = numbered(parts.next()?)?;
    let component = parts.next().map(number);
    let subcomponent = parts.next().map(number);
    let known = parts.next().is_none() && component != Some(None) && subcomponent != Some(None);
    known.then_some(Path {
        segment: SegmentName::read(segment)?,
        occurrence: occurrence.unwrap_or(1),
        field: number(field)?,
        repetition: repetition.unwrap_or(1),
        component: component.flatten(),
        subcomponent: subcomponent.flatten(),
        whole_repetition: repetition.is_some(),
    })
}

/// `NAME[2]`, or `NAME` alone.
fn numbered(text: &str) -> Option<(&str, Option<usize>)> {
    match text.split_once('[') {
        Some((name, count)) => Some((name, Some(number(count.strip_suffix(']')?)?))),
        None => Some((text, None)),
    }
}

fn number(text: &str) -> Option<usize> {
    let digits = !text.is_empty() && text.len() <= 5 && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten().filter(|number| *number > 0)
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.segment.as_str())?;
        if self.occurrence > 1 {
            write!(f, "[{}]", self.occurrence)?;
        }
        write!(f, "-{}", self.field)?;
        if self.whole_repetition {
            write!(f, "[{}]", self.repetition)?;
        }
        [self.component, self.subcomponent].into_iter().flatten().try_for_each(|part| write!(f, ".{part}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_as_they_are_written() {
        for text in ["PID-5", "PID-5.1", "OBX[3]-5", "PID-3[2].4.2", "PID-3[1]", "ZA1-1.2"] {
            assert_eq!(text.parse::<Path>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "PID",
            "PID-",
            "PID-0",
            "PID-a",
            "pid-1",
            "PID-1.",
            "PID-1.2.3.4",
            "PID[0]-1",
            "PID-1[x]",
            "PID-123456",
            "扁鹊-1",
        ] {
            assert!(text.parse::<Path>().is_err(), "{text}");
        }
    }
}

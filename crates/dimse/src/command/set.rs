//! Command sets (PS3.7 section 6.3): elements of group 0000, implicit VR, little endian.

use crate::uid::trimmed;
use crate::{AeTitle, Uid};

/// Most bytes of a command set. Those of real ones are some hundred.
pub(crate) const LONGEST: usize = 64 << 10;

/// An element's number in group 0000.
pub(crate) type Element = u16;

/// The elements of commands (PS3.7 annex E).
pub(crate) mod element {
    use super::Element;

    pub(crate) const GROUP_LENGTH: Element = 0x0000;
    pub(crate) const AFFECTED_SOP_CLASS: Element = 0x0002;
    pub(crate) const REQUESTED_SOP_CLASS: Element = 0x0003;
    pub(crate) const COMMAND_FIELD: Element = 0x0100;
    pub(crate) const MESSAGE_ID: Element = 0x0110;
    pub(crate) const MESSAGE_ID_RESPONDED_TO: Element = 0x0120;
    pub(crate) const MOVE_DESTINATION: Element = 0x0600;
    pub(crate) const PRIORITY: Element = 0x0700;
    pub(crate) const DATA_SET_TYPE: Element = 0x0800;
    pub(crate) const STATUS: Element = 0x0900;
    pub(crate) const OFFENDING_ELEMENT: Element = 0x0901;
    pub(crate) const ERROR_COMMENT: Element = 0x0902;
    pub(crate) const ERROR_ID: Element = 0x0903;
    pub(crate) const AFFECTED_SOP_INSTANCE: Element = 0x1000;
    pub(crate) const REQUESTED_SOP_INSTANCE: Element = 0x1001;
    pub(crate) const EVENT_TYPE: Element = 0x1002;
    pub(crate) const ATTRIBUTE_LIST: Element = 0x1005;
    pub(crate) const ACTION_TYPE: Element = 0x1008;
    pub(crate) const REMAINING: Element = 0x1020;
    pub(crate) const COMPLETED: Element = 0x1021;
    pub(crate) const FAILED: Element = 0x1022;
    pub(crate) const WARNING: Element = 0x1023;
    pub(crate) const MOVE_ORIGINATOR: Element = 0x1030;
    pub(crate) const MOVE_ORIGINATOR_MESSAGE: Element = 0x1031;
}

/// No data set follows (0000,0800).
pub(crate) const NO_DATA_SET: u16 = 0x0101;
/// A data set follows; any other value than the one above says so.
const DATA_SET: u16 = 0x0001;

/// A tag: group and element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(pub u16, pub u16);

/// Why a command set is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// An element's length leads beyond the end.
    #[error("a command set that ends within an element")]
    Cut,
    /// An element is of another group than 0000.
    #[error("a command set with an element of group {0:04X}")]
    Group(u16),
    /// An element that must be there is not.
    #[error("a command without (0000,{0:04X})")]
    Missing(u16),
    /// An element's value is not of its kind.
    #[error("a command whose (0000,{0:04X}) cannot be read")]
    Value(u16),
    /// There is no such command.
    #[error("command field {0:04X}")]
    Unknown(u16),
}

impl CommandError {
    /// The element that is to blame.
    pub(crate) fn element(&self) -> Option<Element> {
        match self {
            Self::Missing(element) | Self::Value(element) => Some(*element),
            Self::Unknown(_) => Some(element::COMMAND_FIELD),
            Self::Cut | Self::Group(_) => None,
        }
    }
}

/// A command set as its elements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CommandSet<'a> {
    elements: Vec<(Element, &'a [u8])>,
}

impl<'a> CommandSet<'a> {
    /// Finds the elements. Their order is not insisted on, and of two of one kind the first counts.
    pub(crate) fn parse(mut bytes: &'a [u8]) -> Result<Self, CommandError> {
        let mut elements = Vec::new();
        while !bytes.is_empty() {
            let (header, rest) = bytes.split_first_chunk::<8>().ok_or(CommandError::Cut)?;
            let [g0, g1, e0, e1, l0, l1, l2, l3] = *header;
            let group = u16::from_le_bytes([g0, g1]);
            if group != 0 {
                return Err(CommandError::Group(group));
            }
            let length = u32::from_le_bytes([l0, l1, l2, l3]) as usize;
            let (value, rest) = rest.split_at_checked(length).ok_or(CommandError::Cut)?;
            elements.push((u16::from_le_bytes([e0, e1]), value));
            bytes = rest;
        }
        Ok(Self { elements })
    }

    /// An element's value, when it is there and not empty.
    pub(crate) fn value(&self, element: Element) -> Option<&'a [u8]> {
        let (_, value) = self.elements.iter().find(|(it, _)| *it == element)?;
        (!value.is_empty()).then_some(*value)
    }

    /// A number of two bytes that must be there.
    pub(crate) fn number(&self, element: Element) -> Result<u16, CommandError> {
        self.number_if_any(element)?.ok_or(CommandError::Missing(element))
    }

    /// A number of two bytes.
    pub(crate) fn number_if_any(&self, element: Element) -> Result<Option<u16>, CommandError> {
        let Some(value) = self.value(element) else { return Ok(None) };
        let (number, _) = value.split_first_chunk().ok_or(CommandError::Value(element))?;
        Ok(Some(u16::from_le_bytes(*number)))
    }

    /// A UID that must be there.
    pub(crate) fn uid(&self, element: Element) -> Result<Uid, CommandError> {
        self.uid_if_any(element)?.ok_or(CommandError::Missing(element))
    }

    /// A UID.
    pub(crate) fn uid_if_any(&self, element: Element) -> Result<Option<Uid>, CommandError> {
        let Some(value) = self.text(element) else { return Ok(None) };
        Uid::read(value).map(Some).map_err(|_| CommandError::Value(element))
    }

    /// A title.
    pub(crate) fn title_if_any(&self, element: Element) -> Result<Option<AeTitle>, CommandError> {
        let Some(value) = self.text(element) else { return Ok(None) };
        AeTitle::read(value).map(Some).map_err(|_| CommandError::Value(element))
    }

    /// A text without its padding, when there is anything else.
    pub(crate) fn text(&self, element: Element) -> Option<&'a [u8]> {
        self.value(element).map(trimmed).filter(|text| !text.is_empty())
    }

    /// A list of tags.
    pub(crate) fn tags(&self, element: Element) -> Vec<Tag> {
        let half = |bytes: &[u8]| u16::from_le_bytes([bytes[0], bytes[1]]);
        let value = self.value(element).unwrap_or_default();
        value.chunks_exact(4).map(|tag| Tag(half(tag), half(&tag[2..]))).collect()
    }

    /// Whether a data set follows.
    pub(crate) fn has_data(&self) -> bool {
        !matches!(self.number_if_any(element::DATA_SET_TYPE), Ok(None | Some(NO_DATA_SET)))
    }
}

/// A command set that is being written, its elements in rising order.
#[derive(Debug)]
pub(crate) struct Draft(Vec<u8>);

impl Draft {
    /// With room for the length of the group.
    pub(crate) fn new() -> Self {
        let mut draft = Self(Vec::with_capacity(256));
        draft.put(element::GROUP_LENGTH, &[0; 4], 0);
        draft
    }

    pub(crate) fn number(&mut self, element: Element, number: u16) {
        self.put(element, &number.to_le_bytes(), 0);
    }

    pub(crate) fn number_if_any(&mut self, element: Element, number: Option<u16>) {
        if let Some(number) = number {
            self.number(element, number);
        }
    }

    pub(crate) fn uid(&mut self, element: Element, uid: &Uid) {
        self.put(element, uid.as_str().as_bytes(), 0);
    }

    pub(crate) fn uid_if_any(&mut self, element: Element, uid: Option<&Uid>) {
        if let Some(uid) = uid {
            self.uid(element, uid);
        }
    }

    pub(crate) fn text(&mut self, element: Element, text: &str) {
        self.put(element, text.as_bytes(), b' ');
    }

    pub(crate) fn tags(&mut self, element: Element, tags: &[Tag]) {
        if tags.is_empty() {
            return;
        }
        let value: Vec<u8> =
            tags.iter().flat_map(|tag| [tag.0.to_le_bytes(), tag.1.to_le_bytes()].concat()).collect();
        self.put(element, &value, 0);
    }

    pub(crate) fn data_set(&mut self, follows: bool) {
        self.number(element::DATA_SET_TYPE, if follows { DATA_SET } else { NO_DATA_SET });
    }

    /// The bytes, with the length of the group.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        const HEAD: usize = 12;
        // A command set is of some hundred bytes: its texts and lists are bounded where they are written.
        let length = u32::try_from(self.0.len() - HEAD).unwrap_or(u32::MAX);
        self.0[HEAD - 4..HEAD].copy_from_slice(&length.to_le_bytes());
        self.0
    }

    fn put(&mut self, element: Element, value: &[u8], pad: u8) {
        let even = value.len().next_multiple_of(2);
        self.0.extend_from_slice(&[0, 0]);
        self.0.extend_from_slice(&element.to_le_bytes());
        self.0.extend_from_slice(&u32::try_from(even).unwrap_or(u32::MAX).to_le_bytes());
        self.0.extend_from_slice(value);
        self.0.resize(self.0.len() + even - value.len(), pad);
    }
}

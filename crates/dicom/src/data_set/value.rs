//! What an element holds.

use dicom_core::{Tag, VR};

use super::DataSet;

/// An element of a data set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    /// Its tag.
    pub tag: Tag,
    /// Its value representation, as it came; `UN` when neither the bytes nor the dictionary told it.
    pub vr: VR,
    /// Its value.
    pub value: Value,
}

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// The bytes as they came, padding and all; numbers in the byte order of the data set.
    Bytes(Vec<u8>),
    /// The items of a sequence.
    Sequence(Vec<DataSet>),
    /// A long value that lies where it came from.
    Bulk {
        /// Where it begins, in bytes from the start of the data set that was read (inflated, if it was deflated).
        offset: u64,
        /// Its length in bytes.
        length: u32,
    },
    /// Encapsulated data; the fragments lie where they came from.
    Fragments(Box<Fragments>),
}

/// Encapsulated data (PS3.5 annex A.4).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fragments {
    /// The Basic Offset Table: where the first fragment of each frame begins, in bytes from the head of the first fragment.
    pub offset_table: Vec<u32>,
    /// The fragments after it.
    pub list: Vec<Fragment>,
}

/// A fragment of encapsulated data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fragment {
    /// Where its bytes begin, in bytes from the start of the data set that was read.
    pub offset: u64,
    /// How many they are.
    pub length: u32,
    /// Whether an end marker of JPEG (FF D9) stands in its last ten bytes.
    pub ends_image: bool,
}

impl Element {
    /// With bytes as the value.
    pub fn new(tag: Tag, vr: VR, bytes: Vec<u8>) -> Self {
        Self { tag, vr, value: Value::Bytes(bytes) }
    }

    /// The bytes of the value, when it is held.
    pub fn bytes(&self) -> Option<&[u8]> {
        match &self.value {
            Value::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The value representation that the value is read by: what came as unknown is what the dictionary says it is.
    pub fn effective_vr(&self) -> VR {
        match (self.vr, &self.value) {
            (_, Value::Sequence(_)) => VR::SQ,
            (VR::UN, Value::Bytes(_)) => {
                crate::dictionary::vr_of(self.tag).filter(|vr| *vr != VR::SQ).unwrap_or(VR::UN)
            }
            (vr, _) => vr,
        }
    }

    /// Whether there is a value.
    pub fn is_empty(&self) -> bool {
        match &self.value {
            Value::Bytes(bytes) => bytes.is_empty(),
            Value::Sequence(items) => items.is_empty(),
            Value::Bulk { length, .. } => *length == 0,
            Value::Fragments(fragments) => fragments.list.is_empty(),
        }
    }
}

/// Whether a value representation holds text in the Specific Character Set (PS3.5 section 6.1.2.3).
pub(crate) fn is_text_of_charset(vr: VR) -> bool {
    matches!(vr, VR::SH | VR::LO | VR::ST | VR::LT | VR::UC | VR::UT | VR::PN)
}

/// Whether it holds characters at all.
pub(crate) fn is_text(vr: VR) -> bool {
    use VR::{AE, AS, CS, DA, DS, DT, IS, TM, UI, UR};
    is_text_of_charset(vr) || matches!(vr, AE | AS | CS | DA | DS | DT | IS | TM | UI | UR)
}

/// Whether a backslash stands between values; elsewhere it is a character of the text.
pub(crate) fn is_multi_valued(vr: VR) -> bool {
    !matches!(vr, VR::ST | VR::LT | VR::UT | VR::UR)
}

/// The bytes of one number of a value representation that holds numbers; 1 elsewhere.
pub(crate) fn width(vr: VR) -> usize {
    use VR::{AT, FD, FL, OD, OF, OL, OV, OW, SL, SS, SV, UL, US, UV};
    match vr {
        US | SS | OW | AT => 2,
        UL | SL | FL | OF | OL => 4,
        UV | SV | FD | OD | OV => 8,
        _ => 1,
    }
}

/// Whether long values are left where they came from.
pub(crate) fn is_bulk(vr: VR) -> bool {
    matches!(vr, VR::OB | VR::OW | VR::OD | VR::OF | VR::OL | VR::OV | VR::UN)
}

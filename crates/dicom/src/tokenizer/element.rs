//! The head of an element, an item or a delimiter (PS3.5 section 7.1), as it stands in bytes.

use dicom_core::{Tag, VR};

use crate::dictionary::vr_of;

/// How elements of a data set are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encoding {
    /// Elements say their value representation.
    pub explicit_vr: bool,
    /// Numbers have their high byte first.
    pub big_endian: bool,
}

impl Encoding {
    /// The tag at the start of a head.
    pub(crate) fn tag(self, head: [u8; SHORTEST]) -> Tag {
        let [a, b, c, d, ..] = head;
        Tag(self.u16([a, b]), self.u16([c, d]))
    }

    /// The length in the second half of a head.
    pub(super) fn length(self, head: [u8; SHORTEST]) -> u32 {
        let [.., a, b, c, d] = head;
        self.u32([a, b, c, d])
    }

    fn u16(self, bytes: [u8; 2]) -> u16 {
        if self.big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) }
    }

    fn u32(self, bytes: [u8; 4]) -> u32 {
        if self.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
    }
}

/// What a head says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Head {
    pub(crate) tag: Tag,
    pub(crate) vr: VR,
    /// The head says its value representation itself.
    pub(crate) explicit: bool,
    /// None: undefined.
    pub(crate) length: Option<u32>,
    /// Bytes of the head.
    pub(crate) size: usize,
}

/// The shortest head.
pub(super) const SHORTEST: usize = 8;
/// The longest head.
pub(super) const LONGEST: usize = 12;

/// The group of items and delimiters.
pub(super) const ITEM_GROUP: u16 = 0xFFFE;
pub(super) const ITEM: Tag = Tag(ITEM_GROUP, 0xE000);
pub(super) const ITEM_END: Tag = Tag(ITEM_GROUP, 0xE00D);
pub(super) const SEQUENCE_END: Tag = Tag(ITEM_GROUP, 0xE0DD);

/// Reads the head at the start of `bytes`; or says how many bytes it needs for that.
pub(crate) fn read(bytes: &[u8], encoding: Encoding) -> Result<Head, usize> {
    let Some(&first) = bytes.first_chunk::<SHORTEST>() else { return Err(SHORTEST) };
    let tag = encoding.tag(first);
    let implicit =
        |vr| Head { tag, vr, explicit: false, length: defined(encoding.length(first)), size: SHORTEST };
    if tag.group() == ITEM_GROUP {
        return Ok(implicit(VR::UN));
    }
    let [.., v, r, y, z] = first;
    let (written, rest) = ([v, r], [y, z]);
    // Writers are met that forget themselves in the midst of an explicit data set.
    if !encoding.explicit_vr || !is_vr_like(written) {
        return Ok(implicit(vr_of(tag).unwrap_or(VR::UN)));
    }
    let short = encoding.u16(rest);
    let vr = VR::from_binary(written);
    let long = match vr {
        Some(vr) => has_long_length(vr),
        // What is younger than this program has the long form, whose two bytes in between are zero.
        None => short == 0,
    };
    let vr = vr.unwrap_or(VR::UN);
    if !long {
        let length = Some(u32::from(short));
        return Ok(Head { tag, vr, explicit: true, length, size: SHORTEST });
    }
    let Some(length) = bytes.get(SHORTEST..LONGEST).and_then(|bytes| bytes.first_chunk()) else {
        return Err(LONGEST);
    };
    Ok(Head { tag, vr, explicit: true, length: defined(encoding.u32(*length)), size: LONGEST })
}

/// Whether two bytes look like a value representation: two capitals.
pub(super) fn is_vr_like(bytes: [u8; 2]) -> bool {
    bytes.iter().all(u8::is_ascii_uppercase)
}

/// Whether the length of a value representation takes four bytes, after two that are reserved (PS3.5 table 7.1-1).
pub(crate) fn has_long_length(vr: VR) -> bool {
    use VR::{OB, OD, OF, OL, OV, OW, SQ, SV, UC, UN, UR, UT, UV};
    matches!(vr, OB | OD | OF | OL | OV | OW | SQ | SV | UC | UN | UR | UT | UV)
}

fn defined(length: u32) -> Option<u32> {
    (length != u32::MAX).then_some(length)
}

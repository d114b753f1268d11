//! EBML elements (RFC 8794): an id, a size, and what is inside.

/// Ids of Matroska's elements (RFC 9559, section 5), as they stand in files.
pub(crate) mod id {
    pub(crate) const EBML: u32 = 0x1a45_dfa3;
    pub(crate) const DOC_TYPE: u32 = 0x4282;
    pub(crate) const SEGMENT: u32 = 0x1853_8067;
    pub(crate) const INFO: u32 = 0x1549_a966;
    pub(crate) const TIMESTAMP_SCALE: u32 = 0x2a_d7b1;
    pub(crate) const DURATION: u32 = 0x4489;
    pub(crate) const MUXING_APP: u32 = 0x4d80;
    pub(crate) const WRITING_APP: u32 = 0x5741;
    pub(crate) const TRACKS: u32 = 0x1654_ae6b;
    pub(crate) const TRACK_ENTRY: u32 = 0xae;
    pub(crate) const TRACK_NUMBER: u32 = 0xd7;
    pub(crate) const TRACK_UID: u32 = 0x73c5;
    pub(crate) const TRACK_TYPE: u32 = 0x83;
    pub(crate) const NAME: u32 = 0x536e;
    pub(crate) const CODEC_ID: u32 = 0x86;
    pub(crate) const CODEC_PRIVATE: u32 = 0x63a2;
    pub(crate) const CODEC_DELAY: u32 = 0x56aa;
    pub(crate) const SEEK_PRE_ROLL: u32 = 0x56bb;
    pub(crate) const VIDEO: u32 = 0xe0;
    pub(crate) const PIXEL_WIDTH: u32 = 0xb0;
    pub(crate) const PIXEL_HEIGHT: u32 = 0xba;
    pub(crate) const AUDIO: u32 = 0xe1;
    pub(crate) const SAMPLING_FREQUENCY: u32 = 0xb5;
    pub(crate) const CHANNELS: u32 = 0x9f;
    pub(crate) const CLUSTER: u32 = 0x1f43_b675;
    pub(crate) const TIMESTAMP: u32 = 0xe7;
    pub(crate) const SIMPLE_BLOCK: u32 = 0xa3;
    pub(crate) const CUES: u32 = 0x1c53_bb6b;
    pub(crate) const CUE_POINT: u32 = 0xbb;
    pub(crate) const CUE_TIME: u32 = 0xb3;
    pub(crate) const CUE_TRACK_POSITIONS: u32 = 0xb7;
    pub(crate) const CUE_TRACK: u32 = 0xf7;
    pub(crate) const CUE_CLUSTER_POSITION: u32 = 0xf1;
}

/// A size that is not known: the element goes on to the end of the file.
pub(crate) const UNKNOWN: u64 = u64::MAX;

pub(crate) fn put_id(out: &mut Vec<u8>, id: u32) {
    let bytes = id.to_be_bytes();
    let skip = bytes.iter().take_while(|byte| **byte == 0).count();
    out.extend_from_slice(&bytes[skip..]);
}

/// A size in eight bytes, so that its length does not depend on it.
pub(crate) fn put_size(out: &mut Vec<u8>, size: u64) {
    let size = if size == UNKNOWN { 0x00ff_ffff_ffff_ffff } else { size };
    out.extend_from_slice(&(size | 0x0100_0000_0000_0000).to_be_bytes());
}

/// A size in as few bytes as it needs of one, two or four; for the elements of which there are many.
pub(crate) fn put_short_size(out: &mut Vec<u8>, size: usize) {
    // All ones mean "unknown", and are never written.
    match u32::try_from(size) {
        Ok(size @ 0..=0x7e) => out.extend_from_slice(&(size | 0x80).to_be_bytes()[3..]),
        Ok(size @ 0x7f..=0x3ffe) => out.extend_from_slice(&(size | 0x4000).to_be_bytes()[2..]),
        Ok(size @ 0x3fff..=0x0fff_fffe) => out.extend_from_slice(&(size | 0x1000_0000).to_be_bytes()),
        _ => put_size(out, size as u64),
    }
}

pub(crate) fn put_bytes(out: &mut Vec<u8>, id: u32, bytes: &[u8]) {
    put_id(out, id);
    put_short_size(out, bytes.len());
    out.extend_from_slice(bytes);
}

/// An unsigned number in eight bytes, so that its length does not depend on it.
pub(crate) fn put_uint(out: &mut Vec<u8>, id: u32, value: u64) {
    put_bytes(out, id, &value.to_be_bytes());
}

pub(crate) fn put_float(out: &mut Vec<u8>, id: u32, value: f64) {
    put_bytes(out, id, &value.to_be_bytes());
}

/// An element with others inside.
pub(crate) fn put_master(out: &mut Vec<u8>, id: u32, fill: impl FnOnce(&mut Vec<u8>)) {
    let mut inside = Vec::new();
    fill(&mut inside);
    put_bytes(out, id, &inside);
}

/// The id at the start of `bytes`, and its length.
pub(crate) fn id_at(bytes: &[u8]) -> Option<(u32, usize)> {
    let length = bytes.first()?.leading_zeros() as usize + 1;
    if length > 4 {
        return None;
    }
    let id = bytes.get(..length)?.iter().fold(0, |id, byte| id << 8 | u32::from(*byte));
    Some((id, length))
}

/// The size at the start of `bytes`, and its length; [`UNKNOWN`] where it says so.
pub(crate) fn size_at(bytes: &[u8]) -> Option<(u64, usize)> {
    let first = *bytes.first()?;
    let length = first.leading_zeros() as usize + 1;
    if length > 8 {
        return None;
    }
    let marked = bytes.get(..length)?.iter().fold(0u64, |size, byte| size << 8 | u64::from(*byte));
    let most = (1u64 << (7 * length)) - 1;
    let size = marked & most;
    Some((if size == most { UNKNOWN } else { size }, length))
}

/// An element inside bytes that are here whole.
pub(crate) struct Element<'a> {
    pub(crate) id: u32,
    pub(crate) content: &'a [u8],
}

/// The elements inside bytes that are here whole; ends at the first that is not.
pub(crate) fn elements(mut bytes: &[u8]) -> impl Iterator<Item = Element<'_>> {
    std::iter::from_fn(move || {
        let (id, id_length) = id_at(bytes)?;
        let (size, size_length) = size_at(&bytes[id_length..])?;
        let from = id_length + size_length;
        let to = from.checked_add(usize::try_from(size).ok()?)?;
        let content = bytes.get(from..to)?;
        bytes = &bytes[to..];
        Some(Element { id, content })
    })
}

impl Element<'_> {
    pub(crate) fn uint(&self) -> u64 {
        self.content.iter().take(8).fold(0, |value, byte| value << 8 | u64::from(*byte))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sizes_are_those_of_the_standard() {
        let short = |size: usize| {
            let mut out = Vec::new();
            put_short_size(&mut out, size);
            out
        };
        assert_eq!(short(0), [0x80]);
        assert_eq!(short(2), [0x82]);
        assert_eq!(short(126), [0xfe]);
        assert_eq!(short(127), [0x40, 0x7f]);
        assert_eq!(short(0x3ffe), [0x7f, 0xfe]);
        assert_eq!(short(0x3fff), [0x10, 0x00, 0x3f, 0xff]);
        assert_eq!(size_at(&[0xff]), Some((UNKNOWN, 1)));
        assert_eq!(size_at(&[0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), Some((UNKNOWN, 8)));
        assert_eq!(size_at(&[0x00]), None);
        assert_eq!(id_at(&[0x1a, 0x45, 0xdf, 0xa3]), Some((id::EBML, 4)));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(content in prop::collection::vec(any::<u8>(), 0..20_000), number: u64) {
            let mut out = Vec::new();
            put_bytes(&mut out, id::SIMPLE_BLOCK, &content);
            put_uint(&mut out, id::TIMESTAMP, number);
            let found: Vec<Element<'_>> = elements(&out).collect();
            prop_assert_eq!(found.len(), 2);
            prop_assert_eq!((found[0].id, found[0].content), (id::SIMPLE_BLOCK, &content[..]));
            prop_assert_eq!((found[1].id, found[1].uint()), (id::TIMESTAMP, number));
        }

        #[test]
        fn any_bytes_are_elements_or_an_end(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            prop_assert!(elements(&bytes).count() <= bytes.len());
        }
    }
}

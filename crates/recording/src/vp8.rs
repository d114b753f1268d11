//! Pictures from packets: VP8 over RTP (RFC 7741).

/// What a packet holds of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part<'a> {
    /// The picture begins here.
    pub(crate) begins: bool,
    /// Its bytes.
    pub(crate) data: &'a [u8],
}

/// Takes the descriptor off a packet (section 4.2). `None`: it makes no sense, or nothing is behind it.
pub(crate) fn part(payload: &[u8]) -> Option<Part<'_>> {
    let first = *payload.first()?;
    let mut length = 1;
    if first & 0x80 != 0 {
        let extended = *payload.get(1)?;
        length = 2;
        if extended & 0x80 != 0 {
            length += if payload.get(2)? & 0x80 != 0 { 2 } else { 1 };
        }
        length += usize::from(extended & 0x40 != 0);
        length += usize::from(extended & 0x30 != 0);
    }
    let data = payload.get(length..).filter(|data| !data.is_empty())?;
    Some(Part { begins: first & 0x17 == 0x10, data })
}

/// Width and height of a key frame, px (RFC 6386, section 9.1); `None`: it is none.
pub(crate) fn key_frame(picture: &[u8]) -> Option<(u16, u16)> {
    let [tag, _, _, 0x9d, 0x01, 0x2a, w0, w1, h0, h1, ..] = picture else { return None };
    let side = |low: u8, high: u8| u16::from_le_bytes([low, high]) & 0x3fff;
    let size = (side(*w0, *w1), side(*h0, *h1));
    (tag & 1 == 0 && size.0 > 0 && size.1 > 0).then_some(size)
}

/// Puts a picture together from packets that come in order.
#[derive(Debug, Default)]
pub(crate) struct Picture {
    data: Vec<u8>,
    timestamp: Option<u32>,
    broken: bool,
}

/// The largest picture, bytes.
const LARGEST: usize = 8 << 20;

impl Picture {
    /// A packet is missing before the next one: the picture that is under way is not whole.
    pub(crate) fn gap(&mut self) {
        self.broken |= self.timestamp.is_some();
    }

    /// Takes a packet; answers the picture that it completes, or that something of it is missing.
    pub(crate) fn push(
        &mut self,
        payload: &[u8],
        timestamp: u32,
        ends: bool,
    ) -> Option<Result<Vec<u8>, Missing>> {
        let part = part(payload);
        if self.timestamp != Some(timestamp) {
            let broken = part.is_none_or(|part| !part.begins);
            *self = Self { timestamp: Some(timestamp), broken, ..Self::default() };
        }
        match part {
            Some(part) if self.data.len() + part.data.len() <= LARGEST => {
                self.data.extend_from_slice(part.data);
            }
            _ => self.broken = true,
        }
        if !ends {
            return None;
        }
        let done = std::mem::take(self);
        Some(if done.broken { Err(Missing) } else { Ok(done.data) })
    }
}

/// Something of a picture is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Missing;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const KEY: [u8; 10] = [0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x41];

    #[test]
    fn descriptors_of_every_length_come_off() {
        let cases: [&[u8]; 6] = [
            &[0x10],
            &[0x90, 0x00],
            &[0x90, 0x80, 0x05],
            &[0x90, 0x80, 0x85, 0x01],
            &[0x90, 0xe0, 0x85, 0x01, 0x07, 0x20],
            &[0x90, 0xf0, 0x05, 0x07, 0x20],
        ];
        for descriptor in cases {
            let packet = [descriptor, b"picture"].concat();
            assert_eq!(part(&packet), Some(Part { begins: true, data: b"picture" }), "{descriptor:?}");
            assert_eq!(part(descriptor), None);
        }
        assert_eq!(part(&[0x11, 1]).map(|part| part.begins), Some(false), "another partition");
        assert_eq!(part(&[0x00, 1]).map(|part| part.begins), Some(false), "within a picture");
    }

    #[test]
    fn a_key_frame_tells_its_size() {
        assert_eq!(key_frame(&KEY), Some((640, 480)));
        assert_eq!(key_frame(&KEY[..9]), None);
        assert_eq!(key_frame(&[0x11, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01]), None);
    }

    #[test]
    fn a_picture_is_whole_or_missing() {
        let mut picture = Picture::default();
        assert_eq!(picture.push(&[0x10, 1], 7, false), None);
        assert_eq!(picture.push(&[0x00, 2], 7, true), Some(Ok(vec![1, 2])));
        assert_eq!(picture.push(&[0x10, 3], 8, true), Some(Ok(vec![3])));
        // Its start was lost.
        assert_eq!(picture.push(&[0x00, 2], 9, true), Some(Err(Missing)));
        assert_eq!(picture.push(&[0x10, 4], 10, true), Some(Ok(vec![4])));
        // Something in its middle was lost.
        assert_eq!(picture.push(&[0x10, 1], 11, false), None);
        picture.gap();
        assert_eq!(picture.push(&[0x00, 2], 11, true), Some(Err(Missing)));
        // Its end was lost: it is missing, and the next one is whole.
        assert_eq!(picture.push(&[0x10, 1], 12, false), None);
        picture.gap();
        assert_eq!(picture.push(&[0x10, 5], 13, true), Some(Ok(vec![5])));
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_part_or_none(payload in prop::collection::vec(any::<u8>(), 0..40)) {
            if let Some(part) = part(&payload) {
                prop_assert!(payload.ends_with(part.data));
            }
            key_frame(&payload);
        }
    }
}

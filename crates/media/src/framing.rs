//! Datagrams inside streams: how their borders are found.

/// No datagram of a call is longer: nobody who talks to us sends jumbo frames.
pub const MAX_DATAGRAM: usize = 2048;

/// How frames follow each other in a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// Two bytes of length before each (RFC 4571): ICE over TCP.
    Length,
    /// STUN messages and channel data, which state their length themselves (RFC 8656, section 3.1).
    Turn,
}

/// What the beginning of a stream's unread bytes is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// A frame is not whole yet.
    More,
    /// A frame from `begin` to `end`; the next begins at `next`.
    Frame {
        /// Its first byte.
        begin: usize,
        /// One after its last.
        end: usize,
        /// Where the next begins.
        next: usize,
    },
    /// No frame begins so, or one that is too long: the stream cannot be followed any further.
    Broken,
}

impl Framing {
    /// Looks for the first frame.
    pub fn cut(self, bytes: &[u8]) -> Cut {
        let Some([a, b, c, d]) = bytes.first_chunk::<4>().copied() else {
            // Two bytes alone may be a frame of nothing, which nobody sends; it waits for what follows.
            return Cut::More;
        };
        let (begin, end, next) = match (self, a) {
            (Self::Length, _) => {
                let end = 2 + usize::from(u16::from_be_bytes([a, b]));
                (2, end, end)
            }
            (Self::Turn, 0..0x04) => {
                let end = 20 + usize::from(u16::from_be_bytes([c, d]));
                (0, end, end)
            }
            (Self::Turn, 0x40..0x80) => {
                let end = 4 + usize::from(u16::from_be_bytes([c, d]));
                (0, end, end.next_multiple_of(4))
            }
            (Self::Turn, _) => return Cut::Broken,
        };
        if end - begin > MAX_DATAGRAM {
            Cut::Broken
        } else if bytes.len() < next {
            Cut::More
        } else {
            Cut::Frame { begin, end, next }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn frame(framing: Framing, payload: &[u8]) -> Vec<u8> {
        let length = u16::try_from(payload.len()).unwrap().to_be_bytes();
        match framing {
            Framing::Length => [&length[..], payload].concat(),
            Framing::Turn => {
                let mut bytes = [&[0x40, 1][..], &length, payload].concat();
                bytes.resize(bytes.len().next_multiple_of(4), 0);
                bytes
            }
        }
    }

    proptest! {
        #[test]
        fn frames_come_out_as_they_went_in_however_the_stream_is_cut(
            payloads in prop::collection::vec(prop::collection::vec(any::<u8>(), 2..300), 1..20),
            piece in 1usize..97,
            turn in any::<bool>(),
        ) {
            let framing = if turn { Framing::Turn } else { Framing::Length };
            let stream: Vec<u8> = payloads.iter().flat_map(|payload| frame(framing, payload)).collect();
            let (mut unread, mut found) = (Vec::new(), Vec::new());
            for bytes in stream.chunks(piece) {
                unread.extend(bytes);
                while let Cut::Frame { begin, end, next } = framing.cut(&unread) {
                    let skip = if turn { 4 } else { 0 };
                    found.push(unread[begin + skip..end].to_vec());
                    unread.drain(..next);
                }
            }
            prop_assert!(unread.is_empty());
            prop_assert_eq!(found, payloads);
        }

        #[test]
        fn nothing_makes_a_frame_longer_than_a_datagram(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            for framing in [Framing::Length, Framing::Turn] {
                if let Cut::Frame { begin, end, next } = framing.cut(&bytes) {
                    prop_assert!(end - begin <= MAX_DATAGRAM && end <= next && next <= bytes.len() && next > 0);
                }
            }
        }
    }

    #[test]
    fn what_is_too_long_or_something_else_is_broken() {
        assert_eq!(Framing::Length.cut(&[0xff, 0xff, 0, 0]), Cut::Broken);
        assert_eq!(Framing::Turn.cut(&[0x40, 0, 0xff, 0xff]), Cut::Broken);
        assert_eq!(Framing::Turn.cut(b"GET / HTTP/1.1"), Cut::Broken);
        assert_eq!(Framing::Turn.cut(&[0x16, 3, 1, 0]), Cut::Broken);
    }
}

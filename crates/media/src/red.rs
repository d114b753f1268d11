//! Opus with redundancy (RFC 2198): each packet carries the one before it once more.
//!
//! Between clients that both speak it, packets pass as they are. For all others what is inside is taken out here: the
//! primary block, and the redundant one where the packet that it repeats did not come.

use str0m::media::Pt;

/// More than one block of redundancy is of no use to us, and more than a few are an attack.
const MOST_BLOCKS: usize = 8;
/// RFC 6716, section 3.2.5: no packet holds more than 120 ms; so far back lies what a packet repeats, 48 kHz.
const MOST_TICKS: u32 = 5760;

/// What is inside a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Blocks<'a> {
    /// The payload type that the sender gave what is inside.
    pub(crate) inner: Pt,
    pub(crate) primary: &'a [u8],
    /// The packet before this one, and by how much its timestamp is less.
    pub(crate) before: Option<(&'a [u8], u32)>,
}

/// Takes a payload apart; `None` if it is malformed.
pub(crate) fn split(payload: &[u8]) -> Option<Blocks<'_>> {
    let mut sizes = [(0u8, 0u32, 0usize); MOST_BLOCKS];
    let mut count = 0;
    let mut rest = payload;
    // Section 3: four bytes for each block but the last, which has one.
    let inner = loop {
        let [first, after @ ..] = rest else { return None };
        if first & 0x80 == 0 {
            rest = after;
            break *first;
        }
        let [a, b, c, after @ ..] = after else { return None };
        let offset = u32::from(*a) << 6 | u32::from(*b) >> 2;
        let size = usize::from(*b & 3) << 8 | usize::from(*c);
        *sizes.get_mut(count)? = (*first & 0x7f, offset, size);
        count += 1;
        rest = after;
    };
    let mut before = None;
    for (payload_type, offset, size) in &sizes[..count] {
        let (block, after) = rest.split_at_checked(*size)?;
        // The last one is the nearest.
        let usable = *payload_type == inner && (1..=MOST_TICKS).contains(offset) && !block.is_empty();
        before = usable.then_some((block, *offset));
        rest = after;
    }
    Some(Blocks { inner: Pt::from(inner), primary: rest, before })
}

/// Which of a stream's last packets have come, or were taken from the packet after them.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    highest: Option<u64>,
    /// Bit `n` is `highest - n`.
    recent: u64,
}

impl Heard {
    /// A packet comes, by itself or out of another. Answers whether it was there already, or is too old to be of use.
    pub(crate) fn takes(&mut self, sequence: u64) -> bool {
        let Some(highest) = self.highest else {
            (self.highest, self.recent) = (Some(sequence), 1);
            return false;
        };
        if sequence > highest {
            let ahead = sequence - highest;
            self.recent = if ahead < 64 { self.recent << ahead | 1 } else { 1 };
            self.highest = Some(sequence);
            return false;
        }
        let behind = highest - sequence;
        let bit = if behind < 64 { 1 << behind } else { 0 };
        let known = bit == 0 || self.recent & bit != 0;
        self.recent |= bit;
        known
    }

    /// Whether the packet before the newest is missing, of a stream that had begun.
    pub(crate) fn misses(&self, sequence: u64) -> bool {
        let begun = self.recent.count_ones() > 1;
        begun && self.highest.is_some_and(|highest| highest == sequence + 1) && self.recent & 2 == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use str0m::rtp::{RedDecoder, RedEncoder, RedundantBlock};

    fn redundant(timestamp_offset: u32, payload: &[u8]) -> RedundantBlock {
        RedundantBlock { pt: 111, timestamp_offset, payload: payload.to_vec() }
    }

    #[test]
    fn the_packet_and_the_one_before_it_are_found() {
        let payload = RedEncoder::encode(111, &[7, 8, 9], &[redundant(1920, &[1]), redundant(960, &[4, 5])]);
        let blocks = split(&payload).unwrap();
        assert_eq!((blocks.inner, blocks.primary), (Pt::from(111), &[7, 8, 9][..]));
        assert_eq!(blocks.before, Some((&[4, 5][..], 960)));
        let alone = RedEncoder::encode(111, &[7], &[]);
        assert_eq!(split(&alone).unwrap().before, None);
    }

    #[test]
    fn what_is_malformed_is_nothing() {
        let good = RedEncoder::encode(111, &[7, 8, 9], &[redundant(960, &[4, 5])]);
        for length in 0..7 {
            assert_eq!(split(&good[..length]), None, "{length}");
        }
        assert_eq!(split(&[0xff; 100]), None, "too many blocks");
        let other = RedundantBlock { pt: 0, ..redundant(960, &[4]) };
        assert_eq!(split(&RedEncoder::encode(111, &[7], &[other])).unwrap().before, None, "another codec");
        assert_eq!(split(&RedEncoder::encode(111, &[7], &[redundant(9600, &[4])])).unwrap().before, None);
    }

    #[test]
    fn a_gap_is_seen_once() {
        let mut heard = Heard::default();
        assert!(!heard.takes(10));
        assert!(!heard.misses(9), "before the first there was nothing");
        assert!(!heard.takes(12));
        assert!(heard.misses(11));
        assert!(!heard.takes(11), "taken from the one after it");
        assert!(!heard.misses(11));
        assert!(heard.takes(11), "and then it came late");
        assert!(!heard.takes(300));
        assert!(heard.takes(12), "too old to know");
    }

    proptest! {
        #[test]
        fn it_reads_what_the_decoder_of_str0m_reads(payload in prop::collection::vec(any::<u8>(), 0..60)) {
            if let Some(blocks) = split(&payload) {
                let theirs = RedDecoder::decode(&payload).unwrap();
                prop_assert_eq!(theirs.last().unwrap().payload, blocks.primary);
                if let Some((block, offset)) = blocks.before {
                    let nearest = &theirs[theirs.len() - 2];
                    prop_assert_eq!((nearest.payload, nearest.timestamp_offset), (block, offset));
                }
            }
        }
    }
}

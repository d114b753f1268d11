//! Sequence numbers, timestamps and VP8 picture numbers of one outgoing line, continuous while its source changes.
//!
//! Each source counts from numbers of its own. A receiver must see one stream (RFC 3550, section 5.1): the first packet
//! of a new source follows the last of the old one, with as much media time between them as passed on the clock.

use std::time::Instant;

use str0m::rtp::{Vp8Descriptor, Vp8Patch};

/// The first number given out. Late packets of the first source that precede its first keyframe are dropped, so
/// nothing is ever before it.
const FIRST_SEQUENCE: u64 = 1;

#[derive(Debug, Default)]
pub(crate) struct Rebase {
    source: Option<Offsets>,
    last: Option<Sent>,
}

#[derive(Debug, Clone, Copy)]
struct Offsets {
    first_sequence: u64,
    sequence_base: u64,
    timestamp: u32,
    picture: u16,
    picture_base: u8,
}

#[derive(Debug, Clone, Copy)]
struct Sent {
    sequence: u64,
    timestamp: u32,
    at: Instant,
    picture: Option<u16>,
    picture_base: Option<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rebased {
    pub(crate) sequence: u64,
    pub(crate) timestamp: u32,
    pub(crate) patch: Option<Vp8Patch>,
}

/// What of a packet is renumbered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Numbers {
    pub(crate) sequence: u64,
    pub(crate) timestamp: u32,
    pub(crate) clock_rate_hz: u32,
    pub(crate) vp8: Option<Vp8Descriptor>,
}

impl Rebase {
    /// The next packet comes from another source.
    pub(crate) fn switch(&mut self) {
        self.source = None;
    }

    /// The numbers to send a packet with; `None` if it is older than the first packet of its source.
    pub(crate) fn map(&mut self, now: Instant, numbers: Numbers) -> Option<Rebased> {
        let last = self.last;
        let offsets = *self.source.get_or_insert_with(|| Offsets::after(last, now, numbers));
        let behind = numbers.sequence.checked_sub(offsets.first_sequence)?;
        let sequence = offsets.sequence_base + behind;
        let timestamp = numbers.timestamp.wrapping_add(offsets.timestamp);
        let (picture, picture_base, patch) = offsets.vp8(numbers.vp8.as_ref());
        if last.is_none_or(|last| sequence > last.sequence) {
            self.last = Some(Sent { sequence, timestamp, at: now, picture, picture_base });
        }
        Some(Rebased { sequence, timestamp, patch })
    }
}

impl Offsets {
    fn after(last: Option<Sent>, now: Instant, first: Numbers) -> Self {
        let Some(last) = last else {
            return Self {
                first_sequence: first.sequence,
                sequence_base: FIRST_SEQUENCE,
                timestamp: 0,
                picture: 0,
                picture_base: 0,
            };
        };
        let passed = now.saturating_duration_since(last.at).as_micros();
        let ticks = passed * u128::from(first.clock_rate_hz) / 1_000_000;
        // Wrapping is what timestamps do.
        #[expect(clippy::cast_possible_truncation, reason = "RTP timestamps wrap at 32 bits")]
        let next_timestamp = last.timestamp.wrapping_add((ticks as u32).max(1));
        let picture = first.vp8.and_then(|d| d.picture_id());
        let picture_base = first.vp8.and_then(|d| d.tl0_pic_idx());
        Self {
            first_sequence: first.sequence,
            sequence_base: last.sequence + 1,
            timestamp: next_timestamp.wrapping_sub(first.timestamp),
            picture: difference(last.picture, picture, u16::wrapping_sub, u16::wrapping_add, 1),
            picture_base: difference(last.picture_base, picture_base, u8::wrapping_sub, u8::wrapping_add, 1),
        }
    }

    /// The picture numbers that are sent, and the change that makes them so.
    fn vp8(&self, descriptor: Option<&Vp8Descriptor>) -> (Option<u16>, Option<u8>, Option<Vp8Patch>) {
        let Some(descriptor) = descriptor else { return (None, None, None) };
        // Picture numbers have 15 bits (RFC 7741, section 4.2); a sender that uses seven is left alone.
        let picture = descriptor.picture_id().map(|id| id.wrapping_add(self.picture) & 0x7fff);
        let picture_base = descriptor.tl0_pic_idx().map(|index| index.wrapping_add(self.picture_base));
        if self.picture == 0 && self.picture_base == 0 {
            return (picture, picture_base, None);
        }
        let mut patch = descriptor.patch();
        if let Some(picture) = picture {
            patch = patch.picture_id(picture);
        }
        if let Some(index) = picture_base {
            patch = patch.tl0_pic_idx(index);
        }
        (picture, picture_base, patch.build().ok())
    }
}

fn difference<T: Copy + Default>(
    last: Option<T>,
    first: Option<T>,
    sub: fn(T, T) -> T,
    add: fn(T, T) -> T,
    one: T,
) -> T {
    match (last, first) {
        (Some(last), Some(first)) => sub(add(last, one), first),
        _ => T::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::Duration;

    fn numbers(sequence: u64, timestamp: u32) -> Numbers {
        Numbers { sequence, timestamp, clock_rate_hz: 90_000, vp8: None }
    }

    #[test]
    fn a_new_source_continues_where_the_old_one_stopped() {
        let start = Instant::now();
        let mut line = Rebase::default();
        let first = line.map(start, numbers(700, 5000)).unwrap();
        assert_eq!((first.sequence, first.timestamp), (1, 5000));
        assert_eq!(line.map(start, numbers(702, 8000)).unwrap().sequence, 3);
        assert_eq!(line.map(start, numbers(701, 5000)).unwrap().sequence, 2);
        assert_eq!(line.map(start, numbers(699, 5000)), None);
        line.switch();
        let next = line.map(start + Duration::from_millis(100), numbers(9, u32::MAX)).unwrap();
        assert_eq!((next.sequence, next.timestamp), (4, 8000 + 9000));
        assert_eq!(line.map(start, numbers(8, 0)), None);
    }

    #[test]
    fn picture_numbers_continue_too() {
        let start = Instant::now();
        let mut line = Rebase::default();
        let packet = |id: u16, tl0: u8| {
            let [high, low] = (id | 0x8000).to_be_bytes();
            let bytes = [0x90, 0xe0, high, low, tl0, 0x00, 0x00];
            let vp8 = Some(Vp8Descriptor::parse(&bytes).unwrap());
            Numbers { sequence: 1, timestamp: 0, clock_rate_hz: 90_000, vp8 }
        };
        assert_eq!(line.map(start, packet(0x7fff, 255)).unwrap().patch, None);
        line.switch();
        let expected = packet(77, 9).vp8.unwrap().patch().picture_id(0).tl0_pic_idx(0).build().unwrap();
        assert_eq!(line.map(start, packet(77, 9)).unwrap().patch, Some(expected));
    }

    proptest! {
        #[test]
        fn no_number_is_used_twice(
            sources in prop::collection::vec((0u64..1_000_000, prop::collection::vec(0u64..300, 1..60)), 1..6)
        ) {
            let now = Instant::now();
            let mut line = Rebase::default();
            let mut used = std::collections::HashMap::new();
            for (index, (base, steps)) in sources.iter().enumerate() {
                line.switch();
                for step in steps {
                    let sequence = base + step;
                    if let Some(out) = line.map(now, numbers(sequence, 0)) {
                        let owner = used.entry(out.sequence).or_insert((index, sequence));
                        prop_assert_eq!(*owner, (index, sequence));
                    }
                }
            }
        }
    }
}

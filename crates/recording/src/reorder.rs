//! Packets in order: what was lost and sent again comes late, and is waited for, but not for ever.

use std::collections::BTreeMap;

/// How long a packet waits for those before it, µs: a round trip or two, within which a sender sends again.
const PATIENCE_US: u64 = 400_000;
/// Packets that wait at most: a second of a large picture's.
const MOST: usize = 512;

/// What comes out.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Ordered<T> {
    /// The next packet.
    Packet(T),
    /// Packets are missing here.
    Gap,
}

#[derive(Debug)]
pub(crate) struct Reorder<T> {
    next: Option<u64>,
    waiting: BTreeMap<u64, (u64, T)>,
}

impl<T> Default for Reorder<T> {
    fn default() -> Self {
        Self { next: None, waiting: BTreeMap::new() }
    }
}

impl<T> Reorder<T> {
    /// Takes a packet that came at `at_us`. One that came before, or too late, is dropped.
    pub(crate) fn push(&mut self, sequence: u64, at_us: u64, packet: T) {
        let next = *self.next.get_or_insert(sequence);
        if sequence >= next {
            self.waiting.entry(sequence).or_insert((at_us, packet));
        }
    }

    /// The next packet, if it is there or need not be waited for any longer.
    pub(crate) fn pop(&mut self, now_us: u64) -> Option<Ordered<T>> {
        let (first, (at, _)) = self.waiting.first_key_value()?;
        let (first, at) = (*first, *at);
        if self.next != Some(first) {
            let waited = now_us.saturating_sub(at) >= PATIENCE_US || self.waiting.len() > MOST;
            return waited.then(|| {
                self.next = Some(first);
                Ordered::Gap
            });
        }
        self.next = Some(first + 1);
        self.waiting.pop_first().map(|(_, (_, packet))| Ordered::Packet(packet))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drained(reorder: &mut Reorder<u64>, now_us: u64) -> Vec<Ordered<u64>> {
        std::iter::from_fn(|| reorder.pop(now_us)).collect()
    }

    #[test]
    fn what_comes_late_is_waited_for_and_what_never_comes_is_a_gap() {
        use Ordered::{Gap, Packet};
        let mut reorder = Reorder::default();
        for sequence in [10, 12, 13, 12] {
            reorder.push(sequence, 0, sequence);
        }
        assert_eq!(drained(&mut reorder, 100_000), [Packet(10)]);
        reorder.push(11, 200_000, 11);
        assert_eq!(drained(&mut reorder, 200_000), [Packet(11), Packet(12), Packet(13)]);
        reorder.push(9, 200_000, 9);
        reorder.push(15, 300_000, 15);
        assert_eq!(drained(&mut reorder, 600_000), []);
        assert_eq!(drained(&mut reorder, 700_000), [Gap, Packet(15)]);
        reorder.push(14, 710_000, 14);
        assert_eq!(drained(&mut reorder, 10_000_000), []);
    }

    #[test]
    fn a_burst_does_not_pile_up() {
        let mut reorder = Reorder::default();
        reorder.push(0, 0, 0);
        for sequence in 2..=MOST as u64 + 2 {
            reorder.push(sequence, 0, sequence);
        }
        let out = drained(&mut reorder, 1);
        assert_eq!(out.len(), MOST + 3, "the first, a gap, and all the others");
        assert_eq!(out[1], Ordered::Gap);
    }
}

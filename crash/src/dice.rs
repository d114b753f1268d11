//! Repeatable chance: splitmix64, so that a seed tells the whole story of a round.

use uuid::Uuid;

/// A source of numbers from a seed.
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number.
    pub(crate) const fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, which is not 0.
    pub(crate) const fn below(&mut self, end: u64) -> u64 {
        self.roll() % end
    }

    /// True so many times of a hundred.
    pub(crate) const fn percent(&mut self, share: u64) -> bool {
        self.below(100) < share
    }

    /// A random id (version 4).
    pub(crate) fn uuid(&mut self) -> Uuid {
        let bytes = [self.roll().to_le_bytes(), self.roll().to_le_bytes()].concat();
        uuid::Builder::from_random_bytes(bytes.try_into().unwrap_or_default()).into_uuid()
    }
}

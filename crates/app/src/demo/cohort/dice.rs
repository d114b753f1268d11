//! Chance from a seed: SplitMix64 (Steele, Lea and Flood, 2014). For made-up people, never for secrets.

/// A source of numbers that are the same for the same seed, on every machine.
#[derive(Debug, Clone)]
pub struct Dice {
    state: u64,
}

impl Dice {
    /// Dice of a seed.
    pub const fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// Dice of their own: what is thrown with them changes nothing of what is thrown with these.
    pub(super) fn branch(&mut self) -> Self {
        Self::new(self.next())
    }

    pub(super) fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from `low` up to and without `high`; `low` when there is none.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = u64::try_from(high.saturating_sub(low)).unwrap_or(0).max(1);
        low.saturating_add(i64::try_from(self.next() % span).unwrap_or(0))
    }

    /// A number around `middle`, up to `spread` away, more often near than far.
    pub fn around(&mut self, middle: i64, spread: i64) -> i64 {
        let sum: i64 = (0..4).map(|_| self.between(-spread, spread + 1)).sum();
        middle + sum / 4
    }

    /// True once in `times`.
    pub fn once_in(&mut self, times: i64) -> bool {
        self.between(0, times) == 0
    }

    /// One of a list that is not empty.
    pub(super) fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        let at = self.between(0, i64::try_from(list.len()).unwrap_or(1));
        &list[usize::try_from(at).unwrap_or(0)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_the_published_algorithm() {
        let mut dice = Dice::new(1_234_567);
        let known = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
        assert_eq!(known, [dice.next(), dice.next(), dice.next()]);
    }

    #[test]
    fn numbers_stay_in_their_range() {
        let mut dice = Dice::new(7);
        assert!((0..1000).all(|_| (3..9).contains(&dice.between(3, 9))));
        assert!((0..1000).all(|_| (-10..=30).contains(&dice.around(10, 20))));
        assert_eq!(dice.between(5, 5), 5);
    }
}

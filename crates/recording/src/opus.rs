//! Opus packets: how long they are, and what silence is.

/// Silence of 20 ms: an encoder's own answer to zeros, which every decoder knows (RFC 6716, section 3.1: CELT, full
/// band, 20 ms, one frame).
pub(crate) const SILENCE: &[u8] = &[0xf8, 0xff, 0xfe];
pub(crate) const SILENCE_US: u64 = 20_000;
/// RFC 6716, section 3.2.5: no packet holds more.
const MOST_US: u64 = 120_000;

/// How long a packet sounds, by its first bytes alone (RFC 6716, section 3.1); `None` if it is none.
pub(crate) fn length_us(packet: &[u8]) -> Option<u64> {
    let toc = *packet.first()?;
    let config = usize::from(toc >> 3);
    let of_one = match config {
        0..=11 => [10_000, 20_000, 40_000, 60_000][config & 3],
        12..=15 => [10_000, 20_000][config & 1],
        _ => [2_500, 5_000, 10_000, 20_000][config & 3],
    };
    let count = match toc & 3 {
        0 => 1,
        1 | 2 => 2,
        _ => u64::from(packet.get(1)? & 0x3f),
    };
    let length = of_one * count;
    (1..=MOST_US).contains(&length).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_are_as_long_as_they_say() {
        assert_eq!(length_us(SILENCE), Some(SILENCE_US));
        assert_eq!(length_us(&[0b0101_1000]), Some(60_000));
        assert_eq!(length_us(&[0b0101_1001]), Some(120_000));
        assert_eq!(length_us(&[]), None);
        assert_eq!(length_us(&[0b0101_1011, 63]), None);
    }
}

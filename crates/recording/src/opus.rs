//! Opus packets: how long they are, what silence is, and the first of a redundant packet.

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

/// What a redundant packet carries of its own time, behind the copies of earlier ones (RFC 2198, section 3).
pub(crate) fn primary(payload: &[u8]) -> Option<&[u8]> {
    let (mut rest, mut copies) = (payload, 0);
    while *rest.first()? & 0x80 != 0 {
        let [_, _, high, low, behind @ ..] = rest else { return None };
        copies += usize::from(u16::from_be_bytes([*high, *low]) & 0x03ff);
        rest = behind;
    }
    rest.get(1 + copies..)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn packets_are_as_long_as_they_say() {
        assert_eq!(length_us(SILENCE), Some(SILENCE_US));
        assert_eq!(length_us(&[0b0101_1000]), Some(60_000));
        assert_eq!(length_us(&[0b0101_1001]), Some(120_000));
        assert_eq!(length_us(&[]), None);
        assert_eq!(length_us(&[0b0101_1011, 63]), None);
    }

    #[test]
    fn the_first_of_a_redundant_packet_is_behind_the_copies() {
        let plain = [&[111][..], b"now"].concat();
        assert_eq!(primary(&plain), Some(&b"now"[..]));
        let copies = [&[0xef, 0x0f, 0x00, 6, 0xef, 0x07, 0x80, 4, 0x6f][..], b"oldestlastnow"].concat();
        assert_eq!(primary(&copies), Some(&b"now"[..]));
        assert_eq!(primary(&copies[..12]), None, "cut off inside a copy");
        assert_eq!(primary(&[0x80]), None);
    }

    proptest! {
        #[test]
        fn any_bytes_have_a_first_or_none(payload in prop::collection::vec(any::<u8>(), 0..64)) {
            if let Some(first) = primary(&payload) {
                prop_assert!(payload.ends_with(first));
            }
        }
    }
}

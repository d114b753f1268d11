//! Time-based one-time passwords (RFC 6238 over RFC 4226), as authenticator apps have them: HMAC-SHA-1, six digits,
//! 30 seconds. Pure: time comes in as an argument.

use aws_lc_rs::hmac;
use bianque_model::Timestamp;
use subtle::ConstantTimeEq;

/// Seconds of a step.
pub(super) const STEP_S: i64 = 30;
/// Digits of a code.
pub(super) const DIGITS: usize = 6;
/// Bytes of a key: as many as SHA-1 has (RFC 4226, section 4, R6).
pub(super) const KEY: usize = 20;
/// Steps that a clock may be wrong by, either way (RFC 6238, section 5.2).
const SKEW: i64 = 1;

/// The step of an instant.
pub(super) fn step_of(now: Timestamp) -> i64 {
    now.0.div_euclid(STEP_S * 1_000_000)
}

/// The code of a step.
pub(super) fn code_of(key: &[u8], step: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let tag = tag.as_ref();
    // RFC 4226, section 5.3: the last four bits say where in the digest 31 bits are taken.
    let offset = usize::from(tag[tag.len() - 1] & 0xf);
    let [a, b, c, d] = [tag[offset] & 0x7f, tag[offset + 1], tag[offset + 2], tag[offset + 3]];
    let number = u32::from_be_bytes([a, b, c, d]) % 1_000_000;
    format!("{number:06}")
}

/// The step whose code was given, among those around now and after `used`: a step is never accepted again, nor one before
/// it. Blanks in what was typed do not count.
pub(super) fn step_with(key: &[u8], typed: &str, now: Timestamp, used: Option<i64>) -> Option<i64> {
    let typed: String = typed.chars().filter(|letter| !letter.is_whitespace()).collect();
    let step = step_of(now);
    let mut open = (step - SKEW..=step + SKEW).filter(|step| used.is_none_or(|used| *step > used));
    open.rfind(|step| bool::from(code_of(key, *step).as_bytes().ct_eq(typed.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY_OF_THE_RFC: &[u8] = b"12345678901234567890";

    fn at(seconds: i64) -> Timestamp {
        Timestamp(seconds * 1_000_000)
    }

    /// RFC 6238, appendix B, the rows of SHA-1, of which an app shows the last six digits.
    #[test]
    fn codes_are_those_of_the_rfc() {
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code_of(KEY_OF_THE_RFC, step_of(at(seconds))), code, "at {seconds} s");
        }
    }

    #[test]
    fn a_clock_may_be_wrong_by_one_step_and_no_more() {
        let now = at(1_111_111_111);
        let step = step_of(now);
        for off in -3..=3 {
            let code = code_of(KEY_OF_THE_RFC, step + off);
            let accepted = step_with(KEY_OF_THE_RFC, &code, now, None);
            assert_eq!(accepted, (off.abs() <= 1).then_some(step + off), "{off} steps off");
        }
        assert_eq!(step_with(KEY_OF_THE_RFC, "050 471", now, None), Some(step));
        for wrong in ["", "05047", "0504711", "050472", "０５０４７１"] {
            assert_eq!(step_with(KEY_OF_THE_RFC, wrong, now, None), None, "{wrong:?}");
        }
    }

    #[test]
    fn a_used_step_and_those_before_it_are_over() {
        let now = at(1_111_111_111);
        let step = step_of(now);
        let code = |off| code_of(KEY_OF_THE_RFC, step + off);
        assert_eq!(step_with(KEY_OF_THE_RFC, &code(0), now, Some(step)), None);
        assert_eq!(step_with(KEY_OF_THE_RFC, &code(-1), now, Some(step)), None);
        assert_eq!(step_with(KEY_OF_THE_RFC, &code(1), now, Some(step)), Some(step + 1));
    }
}

//! Numbers with their prefix and precision: `100` means 99.5 up to 100.5, `1.0e2` means 95 up to 105 (FHIR R4, Search
//! 3.1.1.4.6 and 3.1.1.4.10).

use bianque_query::{Bound, Interval};

use super::Refusal;

/// Digits of a number that are taken, without zeros before them: far more than a number is compared by.
const DIGITS: usize = 36;
/// Powers of ten that are taken.
const POWERS: i32 = 300;

/// A wanted number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Wanted {
    /// What is wanted, or with `outside` what is not.
    pub(super) interval: Interval,
    /// `ne`.
    pub(super) outside: bool,
}

/// Reads a number with its prefix.
pub(super) fn wanted(text: &str) -> Result<Wanted, Refusal> {
    let has_prefix = text.get(..2).is_some_and(|prefix| prefix.bytes().all(|b| b.is_ascii_lowercase()));
    let (prefix, number) = if has_prefix { text.split_at(2) } else { ("eq", text) };
    let written =
        Written::read(number).ok_or_else(|| Refusal::Invalid(format!("{number:?} is no number")))?;
    let value = written.value();
    let bound = |value, included| Some(Bound { value, included });
    let interval = match prefix {
        "eq" | "ne" => written.meant(),
        "ap" => written.about(),
        "gt" | "sa" => Interval { low: bound(value, false), high: None },
        "ge" => Interval { low: bound(value, true), high: None },
        "lt" | "eb" => Interval { low: None, high: bound(value, false) },
        "le" => Interval { low: None, high: bound(value, true) },
        _ => return Err(Refusal::Invalid(format!("{prefix:?} is no prefix of a number"))),
    };
    Ok(Wanted { interval, outside: prefix == "ne" })
}

/// A decimal as it was written: `digits * 10^power`.
#[derive(Debug, Clone, Copy)]
struct Written {
    digits: i128,
    power: i32,
}

impl Written {
    fn read(text: &str) -> Option<Self> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse().ok()?),
            None => (text, 0_i32),
        };
        let (sign, plain) = match mantissa.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, mantissa.strip_prefix('+').unwrap_or(mantissa)),
        };
        let (before, after) = plain.split_once('.').unwrap_or((plain, ""));
        let all: String = [before, after].concat();
        let digit = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        let taken = all.trim_start_matches('0');
        if all.is_empty() || taken.len() > DIGITS || !digit(&all) || exponent.abs() > POWERS {
            return None;
        }
        let digits: i128 = if taken.is_empty() { 0 } else { taken.parse().ok()? };
        let power = exponent - i32::try_from(after.len()).ok()?;
        Some(Self { digits: sign * digits, power })
    }

    fn value(self) -> f64 {
        decimal(self.digits, self.power)
    }

    /// All numbers that are a tenth of it away at the most.
    fn about(self) -> Interval {
        let edge = |tenth: i128| decimal(self.digits * 10 + tenth, self.power - 1);
        let bound = |value| Some(Bound { value, included: true });
        Interval { low: bound(edge(-self.digits.abs())), high: bound(edge(self.digits.abs())) }
    }

    /// All numbers that round to it, from half of its last digit below to half of it above. Of more digits than a number
    /// holds, both are the number itself, which is meant.
    fn meant(self) -> Interval {
        let edge = |half: i128| decimal(self.digits * 10 + half, self.power - 1);
        let (low, high) = (edge(-5), edge(5));
        let low = Bound { value: low, included: true };
        let high = Bound { value: high, included: high <= self.value() };
        Interval { low: Some(low), high: Some(high) }
    }
}

/// The nearest number, as any reader of the digits finds it.
fn decimal(digits: i128, power: i32) -> f64 {
    // Digits and a power are always a number.
    format!("{digits}e{power}").parse().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(text: &str) -> (Option<f64>, Option<f64>) {
        let wanted = wanted(text).unwrap();
        (wanted.interval.low.map(|bound| bound.value), wanted.interval.high.map(|bound| bound.value))
    }

    #[test]
    fn a_number_means_what_rounds_to_it() {
        assert_eq!(ends("100"), (Some(99.5), Some(100.5)));
        assert_eq!(ends("100.00"), (Some(99.995), Some(100.005)));
        assert_eq!(ends("1e2"), (Some(50.0), Some(150.0)));
        assert_eq!(ends("5.4"), (Some(5.35), Some(5.45)));
        assert_eq!(ends("-5.4"), (Some(-5.45), Some(-5.35)));
        assert_eq!(ends("0.0"), (Some(-0.05), Some(0.05)));
        assert_eq!(ends("gt5.4"), (Some(5.4), None));
        assert_eq!(ends("le5.4"), (None, Some(5.4)));
        assert_eq!(ends("ap50"), (Some(45.0), Some(55.0)));
        assert_eq!(ends("ap-5.4"), (Some(-5.94), Some(-4.86)));
        assert!(wanted("ne5").unwrap().outside && !wanted("5").unwrap().outside);
    }

    #[test]
    fn a_number_of_more_digits_than_are_kept_means_itself() {
        for text in [
            "66.89999999999999",
            "66.899999999999991",
            "9007199254740993",
            "0.1000000000000000055",
            "0.008067372154196811",
        ] {
            let Interval { low: Some(low), high: Some(high) } = wanted(text).unwrap().interval else {
                panic!("{text}")
            };
            let value: f64 = text.parse().unwrap();
            assert!(low.value <= value && low.included, "{text}");
            assert!(if high.included { value <= high.value } else { value < high.value }, "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for bad in ["", "x", "1.2.3", "--1", "1e", "1e999", "gt", "zz5", "0x10", "1 2", "NaN", "inf", "."] {
            assert!(wanted(bad).is_err(), "{bad}");
        }
        assert!(wanted(&"9".repeat(40)).is_err());
    }
}

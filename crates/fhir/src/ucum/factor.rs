//! The factor of a unit: exact in powers of ten, since most of what is measured differs by these alone.

/// `mantissa` × 10^`tens`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Factor {
    mantissa: f64,
    tens: i32,
}

impl Factor {
    pub(super) const ONE: Self = Self::ten_to(0);

    /// A power of ten.
    pub(super) const fn ten_to(tens: i32) -> Self {
        Self { mantissa: 1.0, tens }
    }

    /// From digits as they are written: `231`, `0.013837`, `1.66053906660e-24`. None for a number that is not positive.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (digits, exponent) = text.split_once('e').unwrap_or((text, "0"));
        let mut tens: i32 = exponent.parse().ok()?;
        let digits = if digits.contains('.') {
            digits
        } else {
            let shorter = digits.trim_end_matches('0');
            tens = tens.checked_add(i32::try_from(digits.len() - shorter.len()).ok()?)?;
            shorter
        };
        let mantissa: f64 = digits.parse().ok()?;
        (mantissa > 0.0 && mantissa.is_finite()).then_some(Self { mantissa, tens })
    }

    pub(super) fn times(self, other: Self) -> Self {
        Self { mantissa: self.mantissa * other.mantissa, tens: self.tens.saturating_add(other.tens) }
    }

    pub(super) fn power(self, exponent: i32) -> Self {
        Self { mantissa: self.mantissa.powi(exponent), tens: self.tens.saturating_mul(exponent) }
    }

    /// The value times this factor; infinite, or zero, where that is out of range.
    pub(super) fn of(self, value: f64) -> f64 {
        let scaled = value * self.mantissa;
        // Dividing by a power of ten is exact to the last digit; multiplying by its inverse is not.
        if self.tens < 0 { scaled / 10_f64.powi(-self.tens) } else { scaled * 10_f64.powi(self.tens) }
    }

    /// Whether the factor can be computed with.
    pub(super) fn is_usable(self) -> bool {
        let one = self.of(1.0);
        one.is_normal() && self.mantissa.is_normal()
    }
}

//! Scales of special units (UCUM, 21 to 22): from a value on the scale to the ratio it stands for.

/// How a special unit is scaled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    Celsius,
    Fahrenheit,
    Reaumur,
    /// A hundred times the tangent.
    PercentSlope,
    Ln,
    Lg,
    TwiceLg,
    NegativeLg,
    Ld,
    Sqrt,
    /// Homeopathic potencies: the negative logarithm to this base.
    Potency(u16),
}

impl Function {
    /// By its name in the table of units.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "celsius" => Self::Celsius,
            "fahrenheit" => Self::Fahrenheit,
            "reaumur" => Self::Reaumur,
            "percent-slope" => Self::PercentSlope,
            "ln" => Self::Ln,
            "lg" => Self::Lg,
            "2lg" => Self::TwiceLg,
            "negative-lg" => Self::NegativeLg,
            "ld" => Self::Ld,
            "sqrt" => Self::Sqrt,
            _ => Self::Potency(name.strip_prefix("potency-")?.parse().ok()?),
        })
    }

    /// The ratio to the unit that the scale is made of.
    pub(super) fn ratio(self, value: f64) -> f64 {
        match self {
            Self::Celsius => value + 273.15,
            Self::Fahrenheit => (value + 459.67) * 5.0 / 9.0,
            Self::Reaumur => value * 1.25 + 273.15,
            Self::PercentSlope => (value / 100.0).atan(),
            Self::Ln => value.exp(),
            Self::Lg => 10_f64.powf(value),
            Self::TwiceLg => 10_f64.powf(value / 2.0),
            Self::NegativeLg => 10_f64.powf(-value),
            Self::Ld => value.exp2(),
            Self::Sqrt => value * value,
            Self::Potency(base) => f64::from(base).powf(-value),
        }
    }
}

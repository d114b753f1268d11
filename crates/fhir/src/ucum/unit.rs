//! A unit that was read: a factor, powers of base units, and a scale.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::factor::Factor;
use super::special::Function;

/// Powers of base units beyond this are no unit of anything.
const HIGHEST_POWER: i32 = 99;

/// A unit in terms of base units.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Unit {
    pub(super) factor: Factor,
    /// By the code of a base unit; none is zero.
    pub(super) powers: BTreeMap<&'static str, i32>,
    pub(super) scale: Scale,
}

/// How a value on the unit relates to base units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Scale {
    /// By the factor alone.
    Ratio,
    /// By a function, of the value times what a prefix says.
    Special { function: Function, prefix: Factor },
    /// A special unit as a part of another: such values cannot be converted.
    Mixed,
}

impl Unit {
    /// A number.
    pub(super) const fn number(factor: Factor) -> Self {
        Self { factor, powers: BTreeMap::new(), scale: Scale::Ratio }
    }

    /// A base unit.
    pub(super) fn base(code: &'static str) -> Self {
        Self { powers: BTreeMap::from([(code, 1)]), ..Self::number(Factor::ONE) }
    }

    /// The unit with a prefix; on a special unit the prefix is of the value.
    pub(super) fn prefixed(self, prefix: Factor) -> Self {
        match self.scale {
            Scale::Ratio => Self { factor: self.factor.times(prefix), ..self },
            Scale::Special { function, .. } => Self { scale: Scale::Special { function, prefix }, ..self },
            Scale::Mixed => self,
        }
    }

    /// The unit to a power; none where that is out of range.
    pub(super) fn power(mut self, exponent: i32) -> Option<Self> {
        if exponent != 1 {
            self.scale = self.scale.mixed();
        }
        for own in self.powers.values_mut() {
            *own = own.checked_mul(exponent).filter(|power| power.abs() <= HIGHEST_POWER)?;
        }
        self.powers.retain(|_, power| *power != 0);
        self.factor = self.factor.power(exponent);
        self.factor.is_usable().then_some(self)
    }

    /// The product; none where a power is out of range.
    pub(super) fn times(mut self, other: Self) -> Option<Self> {
        if other == Self::number(Factor::ONE) {
            return Some(self);
        }
        if self == Self::number(Factor::ONE) {
            return Some(other);
        }
        if self.scale != Scale::Ratio || other.scale != Scale::Ratio {
            self.scale = Scale::Mixed;
        }
        for (code, power) in other.powers {
            let own = self.powers.entry(code).or_default();
            *own += power;
            if own.abs() > HIGHEST_POWER {
                return None;
            }
        }
        self.powers.retain(|_, power| *power != 0);
        self.factor = self.factor.times(other.factor);
        self.factor.is_usable().then_some(self)
    }

    /// The base units as a code.
    pub(super) fn code(&self) -> String {
        let mut out = String::new();
        for (code, power) in &self.powers {
            let dot = if out.is_empty() { "" } else { "." };
            // Writing to a String cannot fail.
            let _ = match power {
                1 => write!(out, "{dot}{code}"),
                _ => write!(out, "{dot}{code}{power}"),
            };
        }
        if out.is_empty() { "1".to_owned() } else { out }
    }
}

impl Scale {
    const fn mixed(self) -> Self {
        match self {
            Self::Ratio => Self::Ratio,
            _ => Self::Mixed,
        }
    }
}

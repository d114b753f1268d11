//! Quantities: a decimal and a unit, UCUM's or the calendar's (N1, 5.5.7, 6.1 and 6.6).

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use rust_decimal::Decimal;

use super::calendar::Calendar;
use super::number::{decimal, equivalent};
use super::ucum::{self, Unit};

/// A measured value.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantity<'a> {
    pub(crate) value: Decimal,
    /// A code of UCUM, or the name of the calendar's unit; `1` when there is none.
    pub(crate) unit: Cow<'a, str>,
    pub(crate) calendar: Option<Calendar>,
}

/// Two values made comparable.
enum Pair {
    /// In one unit.
    Alike(Decimal, Decimal),
    /// A year or a month of the calendar beside one of UCUM: alike in name only.
    Nominal(Decimal, Decimal),
    Apart,
}

impl<'a> Quantity<'a> {
    /// So much of a unit of UCUM.
    pub(crate) const fn new(value: Decimal, unit: Cow<'a, str>) -> Self {
        Self { value, unit, calendar: None }
    }

    /// The number.
    pub const fn value(&self) -> Decimal {
        self.value
    }

    /// The unit: a code of UCUM or a word of the calendar.
    pub fn unit(&self) -> &str {
        &self.unit
    }

    /// A quantity as text: `1.5 'mg'`, `1 day`, `1`.
    pub(crate) fn read(text: &str) -> Option<Quantity<'static>> {
        let text = text.trim();
        let end =
            text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '+' | '-' | '.'))).unwrap_or(text.len());
        let (number, unit) = (&text[..end], text[end..].trim_start());
        let lexeme = number.strip_prefix('+').unwrap_or(number);
        if !is_number(lexeme) {
            return None;
        }
        let value = decimal(lexeme)?;
        if unit.is_empty() {
            return Some(Quantity::new(value, Cow::Borrowed("1")));
        }
        if let Some(code) = unit.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
            return (!code.is_empty()).then(|| Quantity::new(value, Cow::Owned(code.to_owned())));
        }
        let calendar = Calendar::named(unit).filter(|_| text.len() > end + unit.len())?;
        Some(Quantity { value, unit: Cow::Borrowed(calendar.name()), calendar: Some(calendar) })
    }

    fn known(&self) -> Option<Unit> {
        ucum::unit(self.calendar.map_or(&*self.unit, |unit| unit.ucum()))
    }

    /// The unit that dates are moved by.
    pub(crate) fn duration(&self) -> Option<Calendar> {
        self.calendar.or_else(|| Calendar::of_ucum(&self.unit)).or_else(|| Calendar::named(&self.unit))
    }

    /// Whether both measure the same.
    pub(crate) fn comparable(&self, other: &Self) -> bool {
        self.unit == other.unit && self.known().is_some()
            || self.known().zip(other.known()).is_some_and(|(a, b)| a.comparable(&b))
    }

    fn pair(&self, other: &Self) -> Pair {
        if self.unit == other.unit && self.calendar == other.calendar {
            return Pair::Alike(self.value, other.value);
        }
        let months = |q: &Self| match q.calendar {
            Some(Calendar::Year) => q.value.checked_mul(Decimal::from(12)),
            Some(Calendar::Month) => Some(q.value),
            _ => None,
        };
        if let (Some(a), Some(b)) = (months(self), months(other)) {
            return Pair::Alike(a, b);
        }
        let long = |q: &Self| q.calendar.is_some_and(|unit| unit <= Calendar::Month);
        let (Some(a), Some(b)) = (self.known(), other.known()) else { return Pair::Apart };
        if !a.comparable(&b) {
            return Pair::Apart;
        }
        // In the coarser unit, so that the digits that were written still tell how exact it was.
        let unit = if a.coarser(&b) { &a } else { &b };
        let convert = |value, from: &Unit| {
            if from == unit { Some(value) } else { unit.of_base(from.in_base(value)?) }
        };
        match (convert(self.value, &a), convert(other.value, &b)) {
            (Some(a), Some(b)) if long(self) != long(other) => Pair::Nominal(a, b),
            (Some(a), Some(b)) => Pair::Alike(a, b),
            _ => Pair::Apart,
        }
    }

    /// Compares; none when the units do not.
    pub(crate) fn compare(&self, other: &Self) -> Option<Ordering> {
        match self.pair(other) {
            Pair::Alike(a, b) => Some(a.cmp(&b)),
            _ => None,
        }
    }

    /// The same in another unit; none when it measures something else.
    pub(crate) fn in_unit(self, unit: &str) -> Option<Self> {
        if self.unit == unit {
            return Some(self);
        }
        let (from, to) = (self.known()?, ucum::unit(Calendar::named(unit).map_or(unit, |unit| unit.ucum()))?);
        if !from.comparable(&to) {
            return None;
        }
        let value = to.of_base(from.in_base(self.value)?)?.normalize();
        Some(Self { value, unit: Cow::Owned(unit.to_owned()), calendar: Calendar::named(unit) })
    }

    /// `~`
    pub(crate) fn is_equivalent(&self, other: &Self) -> bool {
        match self.pair(other) {
            Pair::Alike(a, b) | Pair::Nominal(a, b) => equivalent(a, b),
            Pair::Apart => false,
        }
    }

    /// Sum, in the unit of the first.
    pub(crate) fn plus(&self, other: &Self, sign: Decimal) -> Option<Quantity<'a>> {
        let other_value = if self.unit == other.unit {
            other.value
        } else {
            let (a, b) = (self.known()?, other.known()?);
            if !a.comparable(&b) {
                return None;
            }
            a.of_base(b.in_base(other.value)?)?.normalize()
        };
        let value = self.value.checked_add(other_value.checked_mul(sign)?)?;
        Some(Quantity { value, ..self.clone() })
    }

    /// Product or quotient, its unit made of both.
    pub(crate) fn times(&self, other: &Self, divide: bool) -> Option<Quantity<'static>> {
        let value = if divide {
            self.value.checked_div(other.value)?
        } else {
            self.value.checked_mul(other.value)?
        };
        let code = |q: &Self| q.calendar.map_or(q.unit.to_string(), |unit| unit.ucum().to_owned());
        let (first, second) = (code(self), code(other));
        let unit = match (first.as_str(), second.as_str(), divide) {
            (_, "1", _) => first,
            ("1", _, false) => second,
            (_, _, true) if first == second => "1".to_owned(),
            ("1", _, true) => format!("/({second})"),
            (_, _, true) => format!("({first})/({second})"),
            (_, _, false) => format!("({first}).({second})"),
        };
        Some(Quantity::new(value, Cow::Owned(unit)))
    }
}

/// Digits, perhaps a sign before and a fraction behind them.
pub(crate) fn is_number(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = text.split_once('.').map_or((text, "0"), |parts| parts);
    [whole, fraction].iter().all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
}

impl fmt::Display for Quantity<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.calendar {
            Some(unit) => write!(f, "{} {}", self.value, unit.name()),
            None => write!(f, "{} '{}'", self.value, self.unit),
        }
    }
}

//! Exact decimals: up to 28 digits, with the scale they were written in.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// Reads a number as JSON or FHIRPath writes it; none when it has more digits than are held.
pub(crate) fn decimal(lexeme: &str) -> Option<Decimal> {
    if lexeme.contains(['e', 'E']) { Decimal::from_scientific(lexeme).ok() } else { lexeme.parse().ok() }
}

/// A whole number as a decimal.
pub(crate) fn decimal_of(value: i64) -> Decimal {
    Decimal::from(value)
}

/// A decimal without fraction as an integer; none when it has one.
pub(crate) fn integer_of(value: Decimal) -> Option<i64> {
    if value.is_integer() { value.to_i64() } else { None }
}

/// `~`: equal when rounded to the digits of the one with fewer.
pub(crate) fn equivalent(a: Decimal, b: Decimal) -> bool {
    let digits = a.normalize().scale().min(b.normalize().scale());
    a.round_dp_with_strategy(digits, rust_decimal::RoundingStrategy::MidpointAwayFromZero)
        == b.round_dp_with_strategy(digits, rust_decimal::RoundingStrategy::MidpointAwayFromZero)
}

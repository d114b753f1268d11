//! The least and the greatest value that a written one may stand for (`lowBoundary()`, `highBoundary()`).

use rust_decimal::{Decimal, RoundingStrategy};

use super::calendar::days_of_month;
use super::temporal::{DAY, HOUR, MINUTE, MONTH, SECOND, Temporal, TemporalKind, YEAR};

/// Which end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Low,
    High,
}

/// Digits that a decimal holds.
const MOST_DIGITS: i64 = 28;

/// The end of what a decimal stands for: half a unit of its last digit away, with so many digits after the point (8 when
/// none are said). Away from zero it is rounded, towards zero it is cut, as the published tests have it.
pub(crate) fn decimal_boundary(value: Decimal, side: Side, digits: Option<i64>) -> Option<Decimal> {
    let digits = digits.unwrap_or(8);
    if !(0..=MOST_DIGITS).contains(&digits) || value.scale() >= 28 {
        return None;
    }
    let digits = u32::try_from(digits).ok()?;
    let half = Decimal::new(5, value.scale() + 1);
    let end = match side {
        Side::Low => value.checked_sub(half)?,
        Side::High => value.checked_add(half)?,
    };
    let outwards = (side == Side::Low) == value.is_sign_negative();
    let strategy = if outwards { RoundingStrategy::MidpointAwayFromZero } else { RoundingStrategy::ToZero };
    let mut rounded = end.round_dp_with_strategy(digits, strategy);
    rounded.rescale(digits);
    if rounded.scale() != digits {
        return None;
    }
    if rounded.is_zero() {
        rounded.set_sign_negative(end.is_sign_negative());
    }
    Some(rounded)
}

/// The first or last moment of what is written, with so many digits (date 8, date and time 17, time 9 when none are said).
pub(crate) fn temporal_boundary(value: &Temporal, side: Side, digits: Option<i64>) -> Option<Temporal> {
    let time = value.kind == TemporalKind::Time;
    let digits = digits.unwrap_or(match value.kind {
        TemporalKind::Date => 8,
        TemporalKind::DateTime => 17,
        TemporalKind::Time => 9,
    });
    let parts = match if time { digits.checked_add(8)? } else { digits } {
        4 if !time => YEAR,
        6 if !time => MONTH,
        8 if !time => DAY,
        10 => HOUR,
        12 => MINUTE,
        14 | 17 => SECOND,
        _ => return None,
    };
    let with_fraction = digits == 17 || (time && digits == 9);
    let low = side == Side::Low;
    let mut end = *value;
    let fill = |from: u8| value.parts < from;
    if fill(MONTH) {
        end.month = if low { 1 } else { 12 };
    }
    if fill(DAY) {
        end.day = if low { 1 } else { days_of_month(end.year, end.month) };
    }
    if fill(HOUR) {
        end.hour = if low { 0 } else { 23 };
    }
    if fill(MINUTE) {
        end.minute = if low { 0 } else { 59 };
    }
    if fill(SECOND) {
        end.second = if low { 0 } else { 59 };
    }
    if value.digits == 0 {
        end.nanos = if low { 0 } else { 999_000_000 };
    }
    end.digits = if with_fraction { value.digits.max(3) } else { 0 };
    end.parts = parts;
    if parts < HOUR {
        end.offset = None;
    } else if !time {
        end.kind = TemporalKind::DateTime;
        // Without a zone it may be any: the first one to see the day, or the last.
        end.offset = value.offset.or(Some(if low { 14 * 60 } else { -12 * 60 }));
    }
    Some(end)
}

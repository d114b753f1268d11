//! Dates, times and both together, of any precision (N1, 6.1.1, 6.2 and 6.6.7).

use std::cmp::Ordering;
use std::fmt;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::calendar::{Calendar, civil, days, days_of_month};

/// Which of the three types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TemporalKind {
    /// `@2015-02-04`
    Date,
    /// `@2015-02-04T14:34:28Z`
    DateTime,
    /// `@T14:34:28`
    Time,
}

/// How many of the parts are written: year, month, day, hour, minute, second. A fraction belongs to the second.
pub(super) const YEAR: u8 = 1;
pub(super) const MONTH: u8 = 2;
pub(super) const DAY: u8 = 3;
pub(super) const HOUR: u8 = 4;
pub(super) const MINUTE: u8 = 5;
pub(super) const SECOND: u8 = 6;

/// A date, a time, or both. Only its first parts are written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Temporal {
    pub(super) kind: TemporalKind,
    pub(super) year: i32,
    pub(super) month: u8,
    pub(super) day: u8,
    pub(super) hour: u8,
    pub(super) minute: u8,
    pub(super) second: u8,
    pub(super) nanos: u32,
    /// Digits of the fraction.
    pub(super) digits: u8,
    /// How many parts are written; a time's begin at the hour.
    pub(super) parts: u8,
    /// Minutes east of Greenwich.
    pub(super) offset: Option<i16>,
}

const MINUTES_OF_DAY: i64 = 1440;
/// Where no zone is written it may be any between these hours from Greenwich.
const FARTHEST_ZONES_SECONDS: i64 = 14 * 3600;

impl Temporal {
    /// Reads what follows `@`.
    pub(crate) fn literal(text: &str) -> Option<Self> {
        if let Some(time) = text.strip_prefix('T') {
            return Self::time(time);
        }
        match text.split_once('T') {
            None => Self::date(text),
            Some((date, time)) => Self::with_time(date, time),
        }
    }

    /// Reads `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    pub fn date(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let year = number(parts.next()?, 4)?;
        let mut read = Self { year: i32::from(year), month: 1, day: 1, parts: YEAR, ..Self::EMPTY };
        if year == 0 {
            return None;
        }
        if let Some(month) = parts.next() {
            read.month = small(month).filter(|month| (1..=12).contains(month))?;
            read.parts = MONTH;
        }
        if let Some(day) = parts.next() {
            read.day = small(day).filter(|day| (1..=days_of_month(read.year, read.month)).contains(day))?;
            read.parts = DAY;
        }
        parts.next().is_none().then_some(read)
    }

    /// Reads a date, or a date with a time and perhaps a zone.
    pub fn date_time(text: &str) -> Option<Self> {
        match text.split_once('T') {
            Some((date, time)) => Self::with_time(date, time),
            None => Some(Self { kind: TemporalKind::DateTime, ..Self::date(text)? }),
        }
    }

    /// Reads `hh`, `hh:mm`, `hh:mm:ss` or that with a fraction.
    pub fn time(text: &str) -> Option<Self> {
        let mut read = Self { kind: TemporalKind::Time, year: 1, month: 1, day: 1, ..Self::EMPTY };
        read.clock(text)?;
        Some(read)
    }

    const EMPTY: Self = Self {
        kind: TemporalKind::Date,
        year: 0,
        month: 0,
        day: 0,
        hour: 0,
        minute: 0,
        second: 0,
        nanos: 0,
        digits: 0,
        parts: 0,
        offset: None,
    };

    fn with_time(date: &str, time: &str) -> Option<Self> {
        let mut read = Self { kind: TemporalKind::DateTime, ..Self::date(date)? };
        if time.is_empty() {
            return Some(read);
        }
        let (clock, zone) = match time.find(['Z', '+', '-']) {
            Some(at) => time.split_at(at),
            None => (time, ""),
        };
        if read.parts != DAY {
            return None;
        }
        read.clock(clock)?;
        read.offset = match zone {
            "" => None,
            "Z" => Some(0),
            _ => Some(offset(zone)?),
        };
        Some(read)
    }

    fn clock(&mut self, text: &str) -> Option<()> {
        let mut parts = text.split(':');
        self.hour = small(parts.next()?).filter(|hour| *hour < 24)?;
        self.parts = HOUR;
        if let Some(minute) = parts.next() {
            self.minute = small(minute).filter(|minute| *minute < 60)?;
            self.parts = MINUTE;
        }
        if let Some(seconds) = parts.next() {
            let (second, fraction) = seconds.split_once('.').map_or((seconds, None), |(s, f)| (s, Some(f)));
            // 60 is a leap second.
            self.second = small(second).filter(|second| *second <= 60)?;
            self.parts = SECOND;
            if let Some(fraction) = fraction {
                let kept = fraction.get(..fraction.len().min(9))?;
                if fraction.is_empty() || !fraction.bytes().all(|b| b.is_ascii_digit()) {
                    return None;
                }
                self.digits = u8::try_from(kept.len()).ok()?;
                self.nanos = kept.parse::<u32>().ok()? * 10_u32.pow(9 - u32::from(self.digits));
            }
        }
        parts.next().is_none().then_some(())
    }

    /// Which type it is of.
    pub const fn kind(&self) -> TemporalKind {
        self.kind
    }

    /// The date of a date and time.
    pub(crate) fn to_date(self) -> Self {
        let parts = self.parts.min(DAY);
        Self {
            kind: TemporalKind::Date,
            year: self.year,
            month: self.month,
            day: self.day,
            parts,
            ..Self::EMPTY
        }
    }

    /// A date as a date and time of the same precision.
    pub(crate) const fn to_date_time(self) -> Self {
        Self { kind: TemporalKind::DateTime, ..self }
    }

    /// The time of a date and time, when it has one.
    pub(crate) fn to_time(self) -> Option<Self> {
        let time = Self { kind: TemporalKind::Time, year: 1, month: 1, day: 1, offset: None, ..self };
        (self.parts >= HOUR).then_some(time)
    }

    /// Year, month, day, hour, minute, second, millisecond: the part of this number counted from 1, when it is written.
    pub(crate) fn part(&self, number: u8) -> Option<i64> {
        Some(match number {
            YEAR if self.kind != TemporalKind::Time => i64::from(self.year),
            MONTH if self.parts >= MONTH && self.kind != TemporalKind::Time => i64::from(self.month),
            DAY if self.parts >= DAY && self.kind != TemporalKind::Time => i64::from(self.day),
            HOUR if self.parts >= HOUR => i64::from(self.hour),
            MINUTE if self.parts >= MINUTE => i64::from(self.minute),
            SECOND if self.parts >= SECOND => i64::from(self.second),
            7 if self.digits > 0 => i64::from(self.nanos / 1_000_000),
            _ => return None,
        })
    }

    /// Minutes east of Greenwich, when a zone is written.
    pub(crate) const fn offset_minutes(&self) -> Option<i16> {
        self.offset
    }

    /// Digits that are written, as `precision()` counts them.
    pub(crate) const fn precision(&self) -> u8 {
        let date = match self.parts {
            YEAR => 4,
            MONTH => 6,
            DAY => 8,
            HOUR => 10,
            MINUTE => 12,
            _ if self.digits > 0 => 17,
            _ => 14,
        };
        if matches!(self.kind, TemporalKind::Time) { date - 8 } else { date }
    }

    /// Compares; none where it cannot be said, because one has less precision or no zone.
    pub(crate) fn compare(&self, other: &Self) -> Option<Ordering> {
        if (self.kind == TemporalKind::Time) != (other.kind == TemporalKind::Time) {
            return None;
        }
        let (timed, other_timed) = (self.parts >= HOUR, other.parts >= HOUR);
        if timed && other_timed && self.offset.is_some() != other.offset.is_some() {
            let apart = self.seconds() - other.seconds();
            return (apart.abs() > FARTHEST_ZONES_SECONDS).then(|| apart.cmp(&0));
        }
        let (a, b) = if timed && other_timed { (self.in_utc()?, other.in_utc()?) } else { (*self, *other) };
        let (first, second) = (a.written(), b.written());
        for (one, two) in first.iter().zip(&second) {
            match (one, two) {
                (Some(one), Some(two)) if one != two => return Some(one.cmp(two)),
                (Some(_), Some(_)) => {}
                (None, None) => return Some(Ordering::Equal),
                _ => return None,
            }
        }
        Some(Ordering::Equal)
    }

    /// `=`: none where it cannot be said.
    pub(crate) fn equals(&self, other: &Self) -> Option<bool> {
        if (self.kind == TemporalKind::Time) != (other.kind == TemporalKind::Time) {
            return Some(false);
        }
        self.compare(other).map(|order| order == Ordering::Equal)
    }

    /// The written parts, the second with its fraction.
    fn written(&self) -> [Option<i64>; 6] {
        let second = i64::from(self.second) * 1_000_000_000 + i64::from(self.nanos);
        let parts = [
            i64::from(self.year),
            i64::from(self.month),
            i64::from(self.day),
            i64::from(self.hour),
            i64::from(self.minute),
            second,
        ];
        let mut written = [None; 6];
        for (place, part) in written.iter_mut().zip(parts).take(usize::from(self.parts)) {
            *place = Some(part);
        }
        written
    }

    /// Seconds since 1970 in UTC; without a zone as if it were UTC.
    fn seconds(&self) -> i64 {
        let minutes =
            i64::from(self.hour) * 60 + i64::from(self.minute) - i64::from(self.offset.unwrap_or(0));
        days(self.year, self.month, self.day) * 86_400 + minutes * 60 + i64::from(self.second)
    }

    fn in_utc(&self) -> Option<Self> {
        match self.offset {
            None | Some(0) => Some(*self),
            Some(offset) => {
                let minutes = i64::from(self.hour) * 60 + i64::from(self.minute) - i64::from(offset);
                self.at_minutes(minutes).map(|moved| Self { offset: Some(0), ..moved })
            }
        }
    }

    /// The same with the clock at so many minutes after midnight of its day, be it on another day.
    fn at_minutes(self, minutes: i64) -> Option<Self> {
        let of_day = minutes.rem_euclid(MINUTES_OF_DAY);
        let (hour, minute) = (u8::try_from(of_day / 60).ok()?, u8::try_from(of_day % 60).ok()?);
        let moved = Self { hour, minute, ..self };
        if self.kind == TemporalKind::Time {
            return Some(moved);
        }
        let day = days(self.year, self.month, self.day) + minutes.div_euclid(MINUTES_OF_DAY);
        let (year, month, day) = civil(day)?;
        Some(Self { year, month, day, ..moved })
    }

    /// Adds a duration; a unit finer than what is written is counted in the finest written one. None when the calendar
    /// ends, or the duration has no meaning here.
    pub(crate) fn plus(&self, value: Decimal, unit: Calendar) -> Option<Self> {
        let whole = value.trunc().to_i64()?;
        let (count, unit) = self.coarsened(whole, unit)?;
        if self.kind == TemporalKind::Time {
            return self.plus_clock(count, unit);
        }
        match unit {
            Calendar::Year => self.plus_months(count.checked_mul(12)?),
            Calendar::Month => self.plus_months(count),
            Calendar::Week => self.plus_days(count.checked_mul(7)?),
            Calendar::Day => self.plus_days(count),
            _ => self.plus_clock(count, unit),
        }
    }

    fn coarsened(&self, count: i64, unit: Calendar) -> Option<(i64, Calendar)> {
        let finest = match self.parts {
            YEAR => Calendar::Year,
            MONTH => Calendar::Month,
            DAY => Calendar::Day,
            HOUR => Calendar::Hour,
            MINUTE => Calendar::Minute,
            _ => Calendar::Millisecond,
        };
        let (mut count, mut unit) = (count, unit);
        while unit > finest {
            (count, unit) = match unit {
                Calendar::Millisecond => (count / 1000, Calendar::Second),
                Calendar::Second => (count / 60, Calendar::Minute),
                Calendar::Minute => (count / 60, Calendar::Hour),
                Calendar::Hour => (count / 24, Calendar::Day),
                Calendar::Week => (count.checked_mul(7)?, Calendar::Day),
                Calendar::Day if finest == Calendar::Year => (count / 365, Calendar::Year),
                Calendar::Day => (count / 30, Calendar::Month),
                Calendar::Month => (count / 12, Calendar::Year),
                Calendar::Year => return Some((count, unit)),
            };
        }
        Some((count, unit))
    }

    fn plus_months(self, count: i64) -> Option<Self> {
        let months = (i64::from(self.year) * 12 + i64::from(self.month) - 1).checked_add(count)?;
        let year = i32::try_from(months.div_euclid(12)).ok().filter(|year| (1..=9999).contains(year))?;
        let month = u8::try_from(months.rem_euclid(12)).ok()? + 1;
        Some(Self { year, month, day: self.day.min(days_of_month(year, month)), ..self })
    }

    fn plus_days(self, count: i64) -> Option<Self> {
        let (year, month, day) = civil(days(self.year, self.month, self.day).checked_add(count)?)?;
        Some(Self { year, month, day, ..self })
    }

    fn plus_clock(self, count: i64, unit: Calendar) -> Option<Self> {
        let nanos_each: i64 = match unit {
            Calendar::Hour => 3_600_000_000_000,
            Calendar::Minute => 60_000_000_000,
            Calendar::Second => 1_000_000_000,
            Calendar::Millisecond => 1_000_000,
            _ => return None,
        };
        let of_minute = i128::from(self.second) * 1_000_000_000 + i128::from(self.nanos);
        let minutes = i128::from(self.hour) * 60 + i128::from(self.minute);
        let nanos = minutes * 60_000_000_000 + of_minute + i128::from(count) * i128::from(nanos_each);
        let minutes = i64::try_from(nanos.div_euclid(60_000_000_000)).ok()?;
        let rest = u64::try_from(nanos.rem_euclid(60_000_000_000)).ok()?;
        let moved = self.at_minutes(minutes)?;
        let digits = if unit == Calendar::Millisecond { self.digits.max(3) } else { self.digits };
        let second = u8::try_from(rest / 1_000_000_000).ok()?;
        Some(Self { second, nanos: u32::try_from(rest % 1_000_000_000).ok()?, digits, ..moved })
    }
}

impl fmt::Display for Temporal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.kind != TemporalKind::Time {
            write!(f, "{:04}", self.year)?;
            if self.parts >= MONTH {
                write!(f, "-{:02}", self.month)?;
            }
            if self.parts >= DAY {
                write!(f, "-{:02}", self.day)?;
            }
            if self.parts >= HOUR {
                f.write_str("T")?;
            }
        }
        if self.parts >= HOUR {
            write!(f, "{:02}", self.hour)?;
        }
        if self.parts >= MINUTE {
            write!(f, ":{:02}", self.minute)?;
        }
        if self.parts >= SECOND {
            write!(f, ":{:02}", self.second)?;
            if self.digits > 0 {
                let fraction = format!("{:09}", self.nanos);
                write!(f, ".{}", &fraction[..usize::from(self.digits)])?;
            }
        }
        match self.offset {
            None => Ok(()),
            Some(0) => f.write_str("Z"),
            Some(offset) => {
                let sign = if offset < 0 { '-' } else { '+' };
                write!(f, "{sign}{:02}:{:02}", offset.abs() / 60, offset.abs() % 60)
            }
        }
    }
}

fn number(text: &str, length: usize) -> Option<u16> {
    if text.len() == length && text.bytes().all(|b| b.is_ascii_digit()) { text.parse().ok() } else { None }
}

fn small(text: &str) -> Option<u8> {
    number(text, 2).and_then(|number| u8::try_from(number).ok())
}

fn offset(text: &str) -> Option<i16> {
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = text.get(1..)?.split_once(':')?;
    let hours = number(hours, 2).filter(|hours| *hours <= 14)?;
    let minutes = number(minutes, 2).filter(|minutes| *minutes < 60)?;
    Some(sign * i16::try_from(hours * 60 + minutes).ok()?)
}

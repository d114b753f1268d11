//! Dates and times of any precision, as the instants they may mean.
//!
//! A date or time without a zone is taken as UTC, in resources and in searches alike, so that both always meet.

use bianque_model::Timestamp;
use bianque_query::DateRange;

/// How much of a date is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Precision {
    Year,
    Month,
    Day,
    Minute,
    Second,
}

/// A date as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) range: DateRange,
    pub(crate) precision: Precision,
    /// Whether it names its zone.
    pub(crate) zoned: bool,
}

/// The instants that a date or time of any precision may mean; none when the text is no date.
pub fn date_range(text: &str) -> Option<DateRange> {
    parse(text).map(|written| written.range)
}

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

/// Reads `YYYY`, `YYYY-MM`, `YYYY-MM-DD` or a date with a time; none when it is none of them, or no real date.
pub(crate) fn parse(text: &str) -> Option<Written> {
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let bytes = date.as_bytes();
    if !matches!(bytes.len(), 4 | 7 | 10)
        || bytes.iter().enumerate().any(|(at, b)| (*b == b'-') != matches!(at, 4 | 7))
    {
        return None;
    }
    let year = digits(date.get(0..4)?)?;
    let month = date.get(5..7).map(digits);
    let day = date.get(8..10).map(digits);
    if year == 0 {
        return None;
    }
    match (month, day, time) {
        (None, _, None) => whole(midnight(year, 1, 1)?, midnight(year + 1, 1, 1)?, Precision::Year),
        (Some(month), None, None) => {
            let month = month?;
            let after = if month == 12 { midnight(year + 1, 1, 1)? } else { midnight(year, month + 1, 1)? };
            whole(midnight(year, month, 1)?, after, Precision::Month)
        }
        (Some(month), Some(day), None) => {
            let low = midnight(year, month?, day?)?;
            whole(low, low + DAY, Precision::Day)
        }
        (Some(month), Some(day), Some(time)) => with_time(midnight(year, month?, day?)?, time),
        (None, _, Some(_)) | (Some(_), None, Some(_)) => None,
    }
}

/// Whether the text is a time of day, `hh:mm:ss` with any fraction.
pub(crate) fn is_time(text: &str) -> bool {
    clock(text).is_some_and(|(_, precision)| precision.0 == Precision::Second)
}

#[expect(clippy::unnecessary_wraps, reason = "it ends the arms of a function that answers an option")]
fn whole(low: i64, high: i64, precision: Precision) -> Option<Written> {
    Some(Written { range: range(low, high), precision, zoned: false })
}

fn range(low: i64, high: i64) -> DateRange {
    DateRange { low: Timestamp(low), high: Timestamp(high) }
}

fn with_time(midnight: i64, time: &str) -> Option<Written> {
    let (clock_text, offset) = match time.find(['Z', '+', '-']) {
        Some(at) => (&time[..at], Some(zone(&time[at..])?)),
        None => (time, None),
    };
    let (since_midnight, (precision, step)) = clock(clock_text)?;
    let low = midnight + since_midnight - offset.unwrap_or(0);
    Some(Written { range: range(low, low + step), precision, zoned: offset.is_some() })
}

/// Microseconds since midnight, what is written of it, and how long that is.
fn clock(text: &str) -> Option<(i64, (Precision, i64))> {
    let hour = digits(text.get(0..2)?).filter(|hour| *hour < 24)?;
    let minute = digits(text.get(3..5)?).filter(|minute| *minute < 60)?;
    let colons = text.as_bytes();
    if colons[2] != b':' {
        return None;
    }
    let base = (hour * 3600 + minute * 60) * SECOND;
    if text.len() == 5 {
        return Some((base, (Precision::Minute, 60 * SECOND)));
    }
    // 60 is a leap second.
    let second = digits(text.get(6..8)?).filter(|second| *second <= 60)?;
    if colons[5] != b':' {
        return None;
    }
    let (micros, step) = match text.get(8..)? {
        "" => (0, SECOND),
        fraction => micros(fraction.strip_prefix('.')?)?,
    };
    Some((base + second * SECOND + micros, (Precision::Second, step)))
}

/// A fraction of a second, cut to microseconds, and how long its last digit is.
fn micros(fraction: &str) -> Option<(i64, i64)> {
    if fraction.is_empty() || fraction.len() > 12 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let kept = &fraction[..fraction.len().min(6)];
    let step = 10_i64.pow(6 - u32::try_from(kept.len()).ok()?);
    Some((digits(kept)? * step, step))
}

/// A zone's offset in microseconds.
fn zone(text: &str) -> Option<i64> {
    if text == "Z" {
        return Some(0);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    if text.len() != 6 || text.as_bytes()[3] != b':' {
        return None;
    }
    let hours = digits(text.get(1..3)?).filter(|hours| *hours <= 14)?;
    let minutes = digits(text.get(4..6)?).filter(|minutes| *minutes < 60)?;
    Some(sign * (hours * 3600 + minutes * 60) * SECOND)
}

fn digits(text: &str) -> Option<i64> {
    if text.bytes().all(|b| b.is_ascii_digit()) { text.parse().ok() } else { None }
}

/// Midnight UTC of a civil day; none when the calendar has no such day.
fn midnight(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let length = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return None,
    };
    if !(1..=length).contains(&day) {
        return None;
    }
    // Days since 1970-01-01 with the year counted from March, so that a leap day comes last.
    let shifted = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (shifted.div_euclid(400), shifted.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    Some(days * DAY)
}

/// RFC 3339 in UTC with milliseconds.
pub(crate) fn instant(at: Timestamp) -> String {
    let (days, of_day) = (at.0.div_euclid(DAY), at.0.rem_euclid(DAY));
    let (year, month, day) = civil(days);
    let (second, micros) = (of_day / SECOND, of_day % SECOND);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z", micros / 1000)
}

/// The civil day of a count of days since 1970-01-01.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn span(text: &str) -> (i64, i64) {
        let written = parse(text).unwrap();
        (written.range.low.0, written.range.high.0 - written.range.low.0)
    }

    #[test]
    fn a_date_means_all_instants_of_its_precision() {
        assert_eq!(span("1970"), (0, 365 * DAY));
        assert_eq!(span("2020-02"), (1_580_515_200 * SECOND, 29 * DAY));
        assert_eq!(span("2000-12-31"), (978_220_800 * SECOND, DAY));
        assert_eq!(span("1970-01-01T00:00:01Z"), (SECOND, SECOND));
        assert_eq!(span("1970-01-01T08:00:00.25+08:00"), (250_000, 10_000));
        assert_eq!(span("1969-12-31T23:59:59.999999999Z"), (-1, 1));
        assert_eq!(span("2016-12-31T23:59:60Z").0, 1_483_228_800 * SECOND);
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for bad in [
            "",
            "20",
            "2020-",
            "2020-13",
            "2020-00",
            "2019-02-29",
            "1900-02-29",
            "2020-1-1",
            "2020-01-01T",
            "0000",
            "2020-01-01T24:00:00Z",
            "2020-01-01T10:60:00Z",
            "2020-01-01T10:00:00+15:00",
            "2020T10:00:00Z",
            "２０２０",
            "2020-01-01T10:00:00.Z",
            "2020-01-01 10:00:00",
            "2020-01-01T10:00:00+0800",
            "2020/01/01",
            "+2020",
        ] {
            assert!(parse(bad).is_none(), "{bad}");
        }
        assert!(is_time("08:30:00") && !is_time("08:30") && !is_time("8:30:00"));
    }

    proptest! {
        #[test]
        fn an_instant_is_read_as_it_was_written(millis in -62_135_596_800_000_i64..253_402_300_800_000) {
            let at = Timestamp(millis * 1000);
            prop_assert_eq!(parse(&instant(at)).unwrap().range.low, at);
        }

        #[test]
        fn any_text_is_answered(text in "\\PC{0,30}", dateish in "[0-9T:Z+.-]{0,30}") {
            let _ = (parse(&text), parse(&dateish), is_time(&text), is_time(&dateish));
        }
    }
}

//! Dates and times of any precision as the instants they may mean, in microseconds; without a zone they are UTC.

use jiff::civil::Date;

use crate::world::NOW;

/// From the first instant to the first after the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) low: i128,
    pub(crate) high: i128,
}

/// What a text means; none when it is no date.
pub(crate) fn range(text: &str) -> Option<Range> {
    let Some((date, time)) = text.split_once('T') else { return days(text) };
    let at = time.find(['Z', '+', '-']).unwrap_or(time.len());
    let (clock, zone) = (&time[..at], if at == time.len() { "Z" } else { &time[at..] });
    let (clock, step) = match (clock.len(), clock.split_once('.')) {
        (5, _) => (format!("{clock}:00"), 60_000_000),
        (_, None) => (clock.to_owned(), 1_000_000),
        (_, Some((_, fraction))) => (clock.to_owned(), 10_i128.pow(6 - fraction.len() as u32)),
    };
    let instant: jiff::Timestamp = format!("{date}T{clock}{zone}").parse().ok()?;
    let low = i128::from(instant.as_microsecond());
    Some(Range { low, high: low + step })
}

fn days(text: &str) -> Option<Range> {
    let numbers: Vec<i16> = text.split('-').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let day =
        |year: i16, month: i16, day: i16| Date::new(year, month.try_into().ok()?, day.try_into().ok()?).ok();
    let (first, after) = match numbers.as_slice() {
        [year] => (day(*year, 1, 1)?, day(year + 1, 1, 1)?),
        [year, 12] => (day(*year, 12, 1)?, day(year + 1, 1, 1)?),
        [year, month] => (day(*year, *month, 1)?, day(*year, month + 1, 1)?),
        [year, month, number] => {
            (day(*year, *month, *number)?, day(*year, *month, *number)?.tomorrow().ok()?)
        }
        _ => return None,
    };
    let midnight = |date: Date| {
        let zoned = date.to_zoned(jiff::tz::TimeZone::UTC).unwrap();
        i128::from(zoned.timestamp().as_microsecond())
    };
    Some(Range { low: midnight(first), high: midnight(after) })
}

/// Wider by a tenth of the time between it and now, to both sides.
pub(crate) fn about(range: Range) -> Range {
    let margin = (i128::from(NOW.0) - range.low).abs() / 10;
    Range { low: range.low - margin, high: range.high + margin }
}

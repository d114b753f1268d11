//! Instants and dates as FHIR and the API write them.

use bianque_model::Timestamp;
use jiff::civil::Date;

/// RFC 3339 in UTC with milliseconds.
pub fn text(at: Timestamp) -> String {
    let at = jiff::Timestamp::from_microsecond(at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    format!("{at:.3}")
}

/// An RFC 3339 instant; none when it is not one.
pub fn parse(text: &str) -> Option<Timestamp> {
    text.parse::<jiff::Timestamp>().ok().map(|at| Timestamp(at.as_microsecond()))
}

/// A calendar date `YYYY-MM-DD`, whole and real.
pub fn parse_date(text: &str) -> Option<Date> {
    (text.len() == 10).then(|| text.parse().ok()).flatten()
}

/// The instants of one day in a zone: `[first, last)`.
pub fn day_in_zone(day: &str, zone: &str) -> Option<(Timestamp, Timestamp)> {
    let date = parse_date(day)?;
    let zone = jiff::tz::TimeZone::get(zone).ok()?;
    let start = date.to_zoned(zone.clone()).ok()?.timestamp();
    let end = date.tomorrow().ok()?.to_zoned(zone).ok()?.timestamp();
    Some((Timestamp(start.as_microsecond()), Timestamp(end.as_microsecond())))
}

/// The calendar day of an instant in a zone.
pub fn day_of(at: Timestamp, zone: &str) -> Option<String> {
    let zone = jiff::tz::TimeZone::get(zone).ok()?;
    let at = jiff::Timestamp::from_microsecond(at.0).ok()?;
    Some(at.to_zoned(zone).date().to_string())
}

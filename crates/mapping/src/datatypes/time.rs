//! Dates and times.

use bianque_hl7v2::Value;
use jiff::Zoned;
use jiff::civil::{Date, Time};
use jiff::tz::Offset;
use serde_json::{Map, Value as Json};

use super::Wrong;
use crate::Sender;

/// How exactly a moment is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Precision {
    /// A day at most.
    Day,
    /// As it is said.
    Any,
    /// With hours and minutes, or not at all.
    Minute,
    /// To the second; what is said less exactly begins there.
    Instant,
}

/// DTM, and TS with its degree of precision: what FHIR writes for it. A time without an offset is the sender's.
pub(crate) fn moment(value: Value<'_>, wanted: Precision, sender: &Sender) -> Result<Option<String>, Wrong> {
    let Some(text) = value.component(1).given() else { return Ok(None) };
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = || Wrong::datatype(format!("{text:?} is no date or time"));
    Ok(Said::read(text).ok_or_else(wrong)?.written(wanted, sender))
}

/// A moment as it is said: so many digits of it, and the rest as it begins.
struct Said {
    digits: usize,
    date: Date,
    time: Time,
    fraction: String,
    offset: Option<Offset>,
}

impl Said {
    fn read(text: &str) -> Option<Self> {
        let (digits, offset) = match text.find(['+', '-']) {
            Some(place) => (&text[..place], Some(offset(&text[place..])?)),
            None => (text, None),
        };
        let (digits, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let length = digits.len();
        if !matches!(length, 4 | 6 | 8 | 10 | 12 | 14) || !plain(digits) || !plain(fraction) {
            return None;
        }
        if !fraction.is_empty() && length != 14 {
            return None;
        }
        let part = |from: usize, absent: i8| match digits.get(from..from + 2) {
            Some(digits) => digits.parse().ok(),
            None => Some(absent),
        };
        let date = Date::new(digits[..4].parse().ok()?, part(4, 1)?, part(6, 1)?).ok()?;
        // A minute of 60 seconds is a leap second, which no clock here has.
        let time = Time::new(part(8, 0)?, part(10, 0)?, part(12, 0)?.min(59), 0).ok()?;
        Some(Self { digits: length, date, time, fraction: fraction.chars().take(3).collect(), offset })
    }

    /// As FHIR writes it; `None` where it is not said exactly enough.
    fn written(&self, wanted: Precision, sender: &Sender) -> Option<String> {
        match (self.digits, wanted) {
            (..=8, Precision::Minute) => return None,
            (4, Precision::Day | Precision::Any) => return Some(self.date.strftime("%Y").to_string()),
            (6, Precision::Day | Precision::Any) => return Some(self.date.strftime("%Y-%m").to_string()),
            (_, Precision::Day) | (8, Precision::Any) => return Some(self.date.to_string()),
            _ => {}
        }
        let zoned = self.zoned(sender)?;
        let point = if self.fraction.is_empty() { "" } else { "." };
        let (begin, zone) = (zoned.strftime("%Y-%m-%dT%H:%M:%S"), zoned.strftime("%:z"));
        Some(format!("{begin}{point}{}{zone}", self.fraction))
    }

    fn zoned(&self, sender: &Sender) -> Option<Zoned> {
        let time = self.date.to_datetime(self.time);
        match self.offset {
            Some(offset) => Some(offset.to_timestamp(time).ok()?.to_zoned(offset.to_time_zone())),
            None => time.to_zoned(sender.zone.clone()).ok(),
        }
    }
}

/// `+0215`.
fn offset(text: &str) -> Option<Offset> {
    let (sign, digits) = text.split_at(1);
    let (hours, minutes) = (digits.get(..2)?.parse::<i32>().ok()?, digits.get(2..4)?.parse::<i32>().ok()?);
    let seconds = (hours * 60 + minutes) * 60;
    (digits.len() == 4 && hours <= 14 && minutes < 60)
        .then(|| Offset::from_seconds(if sign == "-" { -seconds } else { seconds }).ok())
        .flatten()
}

/// TM.
pub(super) fn time(text: &str) -> Result<Json, Wrong> {
    let wrong = || Wrong::datatype(format!("{text:?} is no time"));
    let digits = text.split(['+', '-', '.']).next().unwrap_or_default();
    let part = |from: usize| digits.get(from..from + 2).map_or(Ok(0), str::parse::<i8>).map_err(|_| wrong());
    if !matches!(digits.len(), 2 | 4 | 6) {
        return Err(wrong());
    }
    let time = Time::new(part(0)?, part(2)?, part(4)?, 0).map_err(|_| wrong())?;
    Ok(Json::from(time.strftime("%H:%M:%S").to_string()))
}

/// A Period from the components that say its start and its end; those of DR are 1 and 2.
pub(super) fn period(
    value: Value<'_>,
    [start, end]: [usize; 2],
    sender: &Sender,
) -> Result<Option<Json>, Wrong> {
    let mut period = Map::new();
    for (name, component) in [("start", start), ("end", end)] {
        if let Some(moment) = moment(value.component(component), Precision::Any, sender)? {
            period.insert(name.to_owned(), moment.into());
        }
    }
    Ok((!period.is_empty()).then_some(Json::Object(period)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sender() -> Sender {
        let zone = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
        Sender { zone, authorities: Vec::new(), own: None }
    }

    fn written(text: &str, wanted: Precision) -> Option<String> {
        Said::read(text)?.written(wanted, &sender())
    }

    #[test]
    fn moments_keep_their_precision_and_their_zone() {
        for (text, wanted, is) in [
            ("1963", Precision::Any, "1963"),
            ("196308", Precision::Day, "1963-08"),
            ("19630815", Precision::Any, "1963-08-15"),
            ("198808181126+0215", Precision::Day, "1988-08-18"),
            ("198808181126+0215", Precision::Any, "1988-08-18T11:26:00+02:15"),
            ("20260102030405", Precision::Any, "2026-01-02T03:04:05+08:00"),
            ("20210817151943.4567-0330", Precision::Instant, "2021-08-17T15:19:43.456-03:30"),
            ("20260102", Precision::Instant, "2026-01-02T00:00:00+08:00"),
        ] {
            assert_eq!(written(text, wanted).as_deref(), Some(is), "{text}");
        }
        assert_eq!(written("19630815", Precision::Minute), None);
        for text in ["x", "20261301", "20260230", "202601020", "20260102030405+2500", "2026.5", "20260102-"] {
            assert!(Said::read(text).is_none(), "{text}");
        }
    }
}

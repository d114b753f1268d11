//! Dates and times as spans, and ranges of them (PS3.4 section C.2.2.2.5).

use dicom_core::VR;

/// Microseconds: of the day for times, since the start of the year 0 for dates and datetimes (those in UTC).
pub type Moment = i64;

/// What a date or a time covers: an hour, when it says hours only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Its first moment.
    pub start: Moment,
    /// The first moment after it.
    pub end: Moment,
}

/// A range that may be open on either side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interval {
    /// The first moment in it.
    pub from: Option<Moment>,
    /// The first moment after it.
    pub before: Option<Moment>,
}

pub(super) const SECOND: i64 = 1_000_000;
pub(super) const MINUTE: i64 = 60 * SECOND;
pub(super) const HOUR: i64 = 60 * MINUTE;
pub(super) const DAY: i64 = 24 * HOUR;

impl Span {
    /// From the value of a `DA`, `TM` or `DT`. Datetimes without an offset are in the one that is passed, minutes east of UTC.
    pub fn parse(vr: VR, text: &str, offset_minutes: i64) -> Option<Self> {
        match vr {
            VR::DA => date(text),
            VR::TM => time(text),
            VR::DT => datetime(text, offset_minutes),
            _ => None,
        }
    }
}

impl Interval {
    /// From a key: a value, `from-to`, `from-` or `-to`, ends included.
    pub fn parse(vr: VR, text: &str, offset_minutes: i64) -> Option<Self> {
        let text = text.trim();
        let span = |text: &str| Span::parse(vr, text.trim(), offset_minutes);
        if let Some(span) = span(text) {
            return Some(Self { from: Some(span.start), before: Some(span.end) });
        }
        // A hyphen may also begin an offset, so each is tried.
        text.match_indices('-').find_map(|(at, _)| {
            let (from, to) = (text[..at].trim(), text[at + 1..].trim());
            let start = if from.is_empty() { None } else { Some(span(from)?) };
            let end = if to.is_empty() { None } else { Some(span(to)?) };
            (start.is_some() || end.is_some())
                .then(|| Self { from: start.map(|span| span.start), before: end.map(|span| span.end) })
        })
    }

    /// Whether something begins in it.
    pub fn contains(&self, span: Span) -> bool {
        self.from.is_none_or(|from| span.start >= from)
            && self.before.is_none_or(|before| span.start < before)
    }

    /// Whether some of it is in it.
    pub fn overlaps(&self, span: Span) -> bool {
        self.from.is_none_or(|from| span.end > from) && self.before.is_none_or(|before| span.start < before)
    }
}

/// `YYYYMMDD`, or `YYYY.MM.DD` as it once was.
fn date(text: &str) -> Option<Span> {
    let digits: String = match text.len() {
        10 if text.is_char_boundary(5) => {
            let separated = text
                .bytes()
                .enumerate()
                .all(|(at, byte)| (byte == b'.' || byte == b'-') == (at == 4 || at == 7));
            separated.then(|| text.chars().filter(char::is_ascii_digit).collect())?
        }
        8 => text.to_owned(),
        _ => return None,
    };
    let start = day(number(&digits, 0..4)?, number(&digits, 4..6)?, number(&digits, 6..8)?)?;
    Some(Span { start, end: start + DAY })
}

/// `HH[MM[SS[.F{1,6}]]]`, also with colons.
fn time(text: &str) -> Option<Span> {
    let plain: String = text.chars().filter(|c| *c != ':').collect();
    let (whole, fraction) =
        plain.split_once('.').map_or((plain.as_str(), None), |(whole, rest)| (whole, Some(rest)));
    let mut start = 0;
    let mut width = HOUR;
    for (range, unit, limit) in [(0..2, HOUR, 23), (2..4, MINUTE, 59), (4..6, SECOND, 60)] {
        if range.start > 0 && whole.len() <= range.start {
            break;
        }
        start += number(whole, range).filter(|number| *number <= limit)? * unit;
        width = unit;
    }
    if !matches!(whole.len(), 2 | 4 | 6) {
        return None;
    }
    if let Some(fraction) = fraction {
        let length = u32::try_from(fraction.len())
            .ok()
            .filter(|length| whole.len() == 6 && (1..=6).contains(length))?;
        width = 10_i64.pow(6 - length);
        start += number(fraction, 0..fraction.len())? * width;
    }
    Some(Span { start, end: start + width })
}

/// `YYYY[MM[DD[HH[MM[SS[.F{1,6}]]]]]][+-ZZXX]`.
fn datetime(text: &str, offset_minutes: i64) -> Option<Span> {
    let (text, offset) = match text.rfind(['+', '-']) {
        Some(at) => (&text[..at], offset(&text[at..])?),
        None => (text, offset_minutes),
    };
    let year = number(text, 0..4)?;
    let span = match text.len() {
        4 => Span { start: day(year, 1, 1)?, end: day(year + 1, 1, 1)? },
        6 => {
            let month = number(text, 4..6)?;
            let start = day(year, month, 1)?;
            let end = if month == 12 { day(year + 1, 1, 1)? } else { day(year, month + 1, 1)? };
            Span { start, end }
        }
        8 => date(text)?,
        _ => {
            let day = date(text.get(..8)?)?.start;
            let time = time(text.get(8..)?)?;
            Span { start: day + time.start, end: day + time.end }
        }
    };
    Some(Span { start: span.start - offset * MINUTE, end: span.end - offset * MINUTE })
}

/// Minutes east of UTC, from `+HHMM` or `-HHMM`.
pub(super) fn offset(text: &str) -> Option<i64> {
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = (number(text, 1..3)?, number(text, 3..5)?);
    (text.len() == 5 && hours <= 14 && minutes < 60).then_some(sign * (hours * 60 + minutes))
}

fn number(text: &str, range: std::ops::Range<usize>) -> Option<i64> {
    let digits = text.get(range)?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}

/// A date, or the date that a datetime begins with, so many days later; what follows it stays. None when there is none, or none
/// of four digits a year afterwards.
pub(crate) fn shifted(text: &str, days: i64) -> Option<String> {
    let start = date(text.get(..8)?)?.start;
    // Days since the first of March of the year 0, in spans of 400 years, which are all of the same length.
    let days = (start / DAY).checked_add(days)? - 1;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (month, later) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    let year = year + era * 400 + later;
    (0..=9999).contains(&year).then(|| format!("{year:04}{month:02}{day:02}{}", &text[8..]))
}

/// The start of a day of the Gregorian calendar.
fn day(year: i64, month: i64, day: i64) -> Option<Moment> {
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Years begin in March, so that the day that is sometimes there is the last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = year * 365 + year.div_euclid(4) - year.div_euclid(100)
        + year.div_euclid(400)
        + (month * 153 + 2) / 5
        + day;
    Some(days * DAY)
}

//! Dates and times that cannot be misread: the month as a word, and the zone with its offset.

use jiff::Zoned;
use jiff::civil::Date;

use crate::Language;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A date: `2 January 2026`, `2026年1月2日`.
pub(crate) fn date(date: Date, language: Language) -> String {
    let (year, month, day) = (date.year(), date.month(), date.day());
    match language {
        Language::En => {
            let name = usize::try_from(month - 1).ok().and_then(|at| MONTHS.get(at)).unwrap_or(&"");
            format!("{day} {name} {year}")
        }
        Language::ZhCn => format!("{year}年{month}月{day}日"),
    }
}

/// A moment: `2 January 2026, 23:04 (Asia/Shanghai, UTC+08:00)`.
pub(crate) fn moment(at: &Zoned, language: Language) -> String {
    let day = date(at.date(), language);
    let clock = format!("{:02}:{:02}", at.hour(), at.minute());
    let zone = zone(at);
    match language {
        Language::En => format!("{day}, {clock} ({zone})"),
        Language::ZhCn => format!("{day} {clock}（{zone}）"),
    }
}

fn zone(at: &Zoned) -> String {
    let seconds = at.offset().seconds();
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.abs() / 60;
    let offset = format!("UTC{sign}{:02}:{:02}", minutes / 60, minutes % 60);
    match at.time_zone().iana_name() {
        Some("UTC") => "UTC".to_owned(),
        Some(name) => format!("{name}, {offset}"),
        None => offset,
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::{Offset, TimeZone};

    use super::*;

    #[test]
    fn a_moment_says_its_zone() {
        let at: jiff::Timestamp = "2026-01-02T15:04:05Z".parse().unwrap();
        let east = at.to_zoned(TimeZone::fixed(Offset::from_seconds(8 * 3600).unwrap()));
        let west = at.to_zoned(TimeZone::fixed(Offset::from_seconds(-12_600).unwrap()));
        assert_eq!(moment(&east, Language::En), "2 January 2026, 23:04 (UTC+08:00)");
        assert_eq!(moment(&east, Language::ZhCn), "2026年1月2日 23:04（UTC+08:00）");
        assert_eq!(moment(&west, Language::En), "2 January 2026, 11:34 (UTC-03:30)");
        assert_eq!(moment(&at.to_zoned(TimeZone::UTC), Language::En), "2 January 2026, 15:04 (UTC)");
    }
}

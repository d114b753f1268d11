//! Dates and periods as searches that must find them.

use bianque_fhir::{date_range, instant};
use bianque_model::Timestamp;
use bianque_query::DateRange;

/// How much of an instant is written for a year, a month, a day, a minute and a second.
const LENGTHS: [(usize, &str); 5] = [(4, ""), (7, ""), (10, ""), (16, "Z"), (19, "Z")];
/// A period that is open on a side is indexed from and to here.
const OPEN: [i64; 2] = [i64::MIN, i64::MAX];

/// Values, each with its prefix.
pub(crate) fn asks(range: DateRange) -> Vec<String> {
    let mut asks = Vec::new();
    if !OPEN.contains(&range.low.0) {
        let low = instant(range.low);
        asks.push(format!("ge{low}"));
        asks.push(format!("sa{}", instant(Timestamp(range.low.0 - 1))));
        asks.extend(around(range, &low));
    }
    if !OPEN.contains(&range.high.0) {
        asks.push(format!("lt{}", instant(range.high)));
        asks.push(format!("eb{}", instant(range.high)));
    }
    asks
}

/// Dates of every precision that mean all of the range; the last means no more than it.
fn around(range: DateRange, low: &str) -> Vec<String> {
    let shorter = LENGTHS.iter().filter_map(|(length, zone)| Some(format!("{}{zone}", low.get(..*length)?)));
    let all = shorter.chain([low.to_owned()]);
    let contains =
        |text: &String| date_range(text).is_some_and(|wide| wide.low <= range.low && range.high <= wide.high);
    all.filter(contains).collect()
}
